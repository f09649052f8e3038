"""What was collected on another machine is read there and nowhere else, whatever its files name.

Each service's configuration names files by their whole paths that lie on this machine too, with something else in
them: a trap. Whatever is opened, listed or looked at outside of the archive's own folder is written down.
"""

from __future__ import annotations

import grp
import io
import os
import pwd
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from phiscan.access.zonereaders import with_readers
from phiscan.expose import collected as bringing
from phiscan.expose import listing

ACCOUNTS = (
    "root:x:0:0:root:/root:/bin/sh\nftp:x:912:912::/srv/ftp:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
    "www-data:x:933:933::/var/www:/bin/sh\nlabo:x:1001:1001::/home/labo:/bin/sh\n"
)
GROUPS = "root:x:0:\nftp:x:912:\nnogroup:x:65534:\nwww-data:x:933:\nlabo:x:1001:\n"
# By service: its files, what runs, what is planted on this machine below HERE, and what may be found there.
CASES: dict[str, tuple[Mapping[str, str], str, Mapping[str, str], set[str]]] = {
    "vsftpd": (
        {
            "/etc/vsftpd.conf": "anonymous_enable=YES\nanon_root=/srv/ftp\nlocal_enable=YES\nuserlist_enable=YES\n"
            "userlist_file=HERE/list\nuser_config_dir=HERE/users\nemail_password_file=HERE/mails\n"
            "chroot_list_file=HERE/list\ntcp_wrappers=YES\nxferlog_enable=YES\nvsftpd_log_file=HERE/piege.log\n"
        },
        "/usr/sbin/vsftpd HERE/vsftpd.conf",
        {"list": "ftp\n", "users/labo": "local_root=/piege\n", "vsftpd.conf": "anon_root=/piege\n", "mails": "x\n",
         "piege.log": "x\n"},
        set(),  # the list of accounts is missing there: nobody is let in
    ),
    "proftpd": (
        {
            "/etc/proftpd/proftpd.conf": "Include HERE/more.conf\nInclude HERE/conf.d/*.conf\n"
            "AuthUserFile HERE/accounts\n<Anonymous /srv/ftp>\nUser ftp\nRequireValidShell off\n</Anonymous>\n"
        },
        "/usr/sbin/proftpd -c HERE/proftpd.conf",
        {
            "more.conf": "<Anonymous /piege>\nUser ftp\n</Anonymous>\n",
            "conf.d/a.conf": "<Anonymous /piege>\nUser ftp\n</Anonymous>\n",
            "proftpd.conf": "<Anonymous /piege>\nUser ftp\n</Anonymous>\n",
            "accounts": "x:x:1:1::/piege:/bin/sh\n",
        },
        {"/srv/ftp"},
    ),
    "pure-ftpd": (
        {"/etc/pure-ftpd/pure-ftpd.conf": "NoAnonymous no\n"},
        "/usr/sbin/pure-ftpd HERE/pure.conf",
        {"pure.conf": "NoAnonymous no\nBind 127.0.0.1,4242\n"},
        {"/srv/ftp"},
    ),
    "samba": (
        {
            "/etc/samba/smb.conf": "[global]\ninclude = HERE/more.conf\ninclude = HERE/%m.conf\n"
            "usershare path = HERE/us\nusershare allow guests = yes\n[pub]\npath = /srv/ftp\nguest ok = yes\n"
            "[homes]\nguest ok = yes\n"
        },
        "/usr/sbin/smbd -s HERE/smb.conf",
        {
            "more.conf": "[piege]\npath = /piege\nguest ok = yes\n",
            "smb.conf": "[piege]\npath = /piege\nguest ok = yes\n",
            "pc1.conf": "",
            "us/piege": "#VERSION 2\npath=/piege\ncomment=\nusershare_acl=S-1-1-0:R\nguest_ok=y\n",
        },
        {"/srv/ftp", "/root", "/var/www", "/home/labo"},
    ),
    "nfs": (
        {"/etc/exports": "/srv/ftp *(ro)\n"},
        "",
        {"exports": "/piege *(ro)\n"},
        {"/srv/ftp"},
    ),
    "rsync": (
        {"/etc/rsyncd.conf": "&include HERE/rsyncd.d\n&merge HERE/more.inc\n[pub]\npath = /srv/ftp\n"},
        "/usr/bin/rsync --daemon --config=HERE/rsyncd.conf",
        {
            "rsyncd.d/a.conf": "[piege]\npath = /piege\n",
            "more.inc": "[piege]\npath = /piege\n",
            "rsyncd.conf": "[piege]\npath = /piege\n",
        },
        {"/srv/ftp"},
    ),
    "sshd": (
        {
            "/etc/ssh/sshd_config": "Include HERE/sshd.d/*.conf\nMatch User labo\nChrootDirectory /srv/ftp\n"
            "ForceCommand internal-sftp\n"
        },
        "/usr/sbin/sshd -f HERE/sshd_config",
        {"sshd.d/a.conf": "ChrootDirectory /piege\n", "sshd_config": "ChrootDirectory /piege\n"},
        {"/srv/ftp"},
    ),
    "nginx": (
        {
            "/etc/nginx/nginx.conf": "user www-data; events {} http { include HERE/conf.d/*.conf;\n"
            "access_log HERE/piege.log;\n"
            "include HERE/more.conf;\nserver { root /srv/ftp;\n"
            "location /x { auth_basic x; auth_basic_user_file HERE/users; } } }\n"
        },
        "nginx: master process /usr/sbin/nginx -c HERE/nginx.conf -g include HERE/more.conf;",
        {
            "conf.d/a.conf": "server { root /piege; }",
            "piege.log": '192.0.2.1 - - [21/Nov/2026:18:03:43 +0000] "GET /a HTTP/1.1" 200 9\n',
            "more.conf": "server { root /piege; }",
            "nginx.conf": "http { server { root /piege; } }",
            "users": "a:b\n",
        },
        {"/srv/ftp", "/srv/ftp/x"},
    ),
    "apache": (
        {
            "/etc/apache2/apache2.conf": "Listen 80\nServerRoot HERE\nInclude HERE/more.conf\n"
            "IncludeOptional HERE/sites/*.conf\n"
            "<IfFile HERE/more.conf>\nAlias /p /piege\n</IfFile>\nUser www-data\nDocumentRoot HERE/www\n"
            "<Directory HERE/www>\nAllowOverride All\nRequire all granted\n</Directory>\n"
        },
        "/usr/sbin/apache2 -f HERE/apache.conf",
        {
            "more.conf": "DocumentRoot /piege\n",
            "sites/a.conf": "<VirtualHost *:80>\nDocumentRoot /piege\n</VirtualHost>\n",
            "apache.conf": "DocumentRoot /piege\n",
            "www/.htaccess": "Require all denied\n",
            "www/sous/.htaccess": "Options +Indexes\n",
        },
        {"HERE/www"},
    ),
}  # fmt: skip


def archive(path: Path, files: Mapping[str, str], line: str) -> str:
    """Write what a collector brings of one server."""
    words = line.split(" ") if not line.startswith("nginx:") else [line]
    everything = {
        "/etc/passwd": ACCOUNTS, "/etc/group": GROUPS, "/etc/shells": "/bin/sh\n", **files,
        **({"/proc/4242/cmdline": "\0".join(words) + "\0"} if line else {}),
        "/var/log/nginx/access.log": '192.0.2.1 - - [21/Nov/2026:18:03:43 +0000] "GET /a HTTP/1.1" 404 9\n',
        "/proc/net/tcp": "  sl  local_address rem_address   st\n",
    }  # fmt: skip
    with tarfile.open(path, "w") as tar:
        for name, text in everything.items():
            info = tarfile.TarInfo("machine" + name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return str(path)


class Watched:
    """What is touched outside of the folder of the archive while it is on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.touched: set[str] = set()
        self.on = False
        sys.addaudithook(self._heard)
        for name in ("stat", "lstat", "readlink", "getxattr", "access", "statvfs"):
            patch.setattr(os, name, self._noting(getattr(os, name)))
        patch.setattr(os.path, "lexists", self._noting(os.path.lexists))
        for module, name in (
            (pwd, "getpwnam"),
            (pwd, "getpwall"),
            (grp, "getgrnam"),
            (grp, "getgrgid"),
            (grp, "getgrall"),
        ):
            patch.setattr(module, name, self._noting(getattr(module, name)))
        patch.setattr(os, "getgrouplist", self._noting(os.getgrouplist))
        patch.setattr(subprocess, "Popen", self._noting(subprocess.Popen))

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("open", "os.listdir", "os.scandir", "glob.glob", "subprocess.Popen", "os.getxattr"):
            self._note(arguments[0])

    def _noting(self, function: Any) -> Any:
        def noted(first: Any = None, *more: Any, **named: Any) -> Any:
            self._note(first)
            return function(first, *more, **named)

        return noted

    def _note(self, path: Any) -> None:
        if self.on and isinstance(path, str | bytes | os.PathLike):
            self.touched.add(os.fsdecode(path))


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with pytest.MonkeyPatch.context() as patch:
        found = Watched(patch)
        yield found
        found.on = False


def told(path: str) -> tuple[bringing.Collected, list[listing.Row]]:
    """Return all that an archive tells."""
    with bringing.unpacked(path) as found:
        return found, with_readers(listing.rows(found.discovery, (), found.access), found.discovery, found.root)


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("service", CASES)
def test_nothing_of_this_machine_is_looked_at(service: str, running: bool, tmp_path: Path, watched: Watched) -> None:
    """Where a server runs, the file that it was started with is missing there and lies here."""
    files, line, traps, expected = CASES[service]
    line = line if running else ""
    here = str(tmp_path)
    for name, text in traps.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    said = {name: text.replace("HERE", here) for name, text in files.items()}
    path = archive(tmp_path / "server.tar", said, line.replace("HERE", here))
    told(path)  # whatever is imported is imported now
    watched.touched.clear()
    watched.on = True
    try:
        found, rows = told(path)
    finally:
        watched.on = False
    places = {os.fsdecode(row.path).replace(here, "HERE") for row in rows if row.service == service}
    troubles = {one.detail for one in found.discovery.troubles if one.service == service}
    assert ("its .htaccess files were not collected" in troubles) is (service == "apache" and not line)
    assert places == expected or (running and line and places < expected)
    assert {row.readers.state for row in rows if row.readers is not None} <= {"not_logged", "no_evidence"}
    own = os.path.join(tempfile.gettempdir(), "phiscan-collected-")
    outside = {one for one in watched.touched if one.startswith("/") and not one.startswith(own) and one != path}
    assert outside == set()
