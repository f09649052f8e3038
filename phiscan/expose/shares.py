"""Which folders the servers of this machine give away, as their configuration files say.

One `Share` a folder, with its evidence (`file:line setting`) and the account whose rights a visitor without an account
has. Enough to propose zones to a person; what only a running server knows (host names, modules, passwords) is not
followed. Nothing is started or asked. What is no configuration gives nothing.
"""

from __future__ import annotations

import glob
import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from phiscan.expose import serverfiles
from phiscan.expose.permissions import may_read
from phiscan.expose.serverfiles import Given
from phiscan.model import Level

# Where the files lie on Debian and Red Hat, by service, relative to the root of the machine.
_PLACES = {
    "samba": ("etc/samba/smb.conf", "var/lib/samba/usershares/*"),
    "vsftpd": ("etc/vsftpd.conf", "etc/vsftpd/*.conf"),
    "proftpd": ("etc/proftpd/proftpd.conf", "etc/proftpd.conf", "etc/proftpd/conf.d/*.conf"),
    "nfs": ("etc/exports", "etc/exports.d/*.exports"),
    "rsync": ("etc/rsyncd.conf",),
    "nginx": ("etc/nginx/nginx.conf", "etc/nginx/conf.d/*.conf", "etc/nginx/sites-enabled/*"),
    "apache": (
        "etc/apache2/sites-enabled/*.conf",
        "etc/apache2/conf-enabled/*.conf",
        "etc/httpd/conf/httpd.conf",
        "etc/httpd/conf.d/*.conf",
    ),
}
# By which word in its path a file given by hand is known.
_WORDS = {
    "smb": "samba",
    "usershares": "samba",
    "vsftpd": "vsftpd",
    "proftpd": "proftpd",
    "exports": "nfs",
    "rsyncd": "rsync",
    "nginx": "nginx",
    "apache": "apache",
    "httpd": "apache",
}
_READERS = {
    "samba": serverfiles.samba,
    "vsftpd": serverfiles.vsftpd,
    "proftpd": serverfiles.proftpd,
    "nfs": serverfiles.nfs,
    "rsync": serverfiles.rsync,
    "nginx": serverfiles.nginx,
    "apache": serverfiles.apache,
}


@dataclass(frozen=True, slots=True)
class Share:
    """A folder that a service gives away. `path` is absolute and need not exist."""

    service: str
    path: bytes
    given: Given
    source: str  # "/etc/samba/smb.conf:12"

    def level(self) -> Level | None:
        """Return PUBLIC where nobody needs an account and whoever comes may list the folder; None: rights decide.

        It says nothing of the files below, which may have narrower rights: a person has to confirm the proposal.
        """
        if not self.given.open:
            return None
        if self.given.account is None:  # such as NFS, whose clients say who they are
            return Level.PUBLIC
        try:
            account = pwd.getpwnam(self.given.account)
            groups = os.getgrouplist(account.pw_name, account.pw_gid)
            return Level.PUBLIC if may_read(self.path, account.pw_uid, groups) else None
        except (KeyError, OSError, ValueError):
            return Level.PUBLIC  # cannot be excluded: for a person to say


def usual(root: str = "/") -> list[tuple[str, Path]]:
    """Return the configuration files that are there, with the service of each, none twice."""
    found = {
        os.path.realpath(path): (service, Path(path))
        for service, places in _PLACES.items()
        for place in places
        for path in sorted(glob.glob(os.path.join(root, place)))
        if os.path.isfile(path)
    }
    return list(found.values())


def service_of(path: Path) -> str | None:
    """Return whose configuration a file is, by the words in its path, its name first; None: unknown.

    >>> [service_of(Path(path)) for path in ("/etc/samba/smb.conf", "/srv/apache/vsftpd-labo.conf", "a.conf")]
    ['samba', 'vsftpd', None]
    """
    for part in reversed(path.parts):
        for word, service in _WORDS.items():
            if word in part.lower():
                return service
    return None


def shares(service: str, file: Path) -> Iterator[Share]:
    """Yield what a file gives away. Raises OSError where it cannot be read."""
    lines = file.read_text("utf-8", "surrogateescape").splitlines()
    for given in _READERS[service](lines):
        path = os.fsencode(given.path)
        if path.startswith(b"/") and b"\0" not in path:
            yield Share(service, os.path.normpath(path), given, f"{file}:{given.line}")
