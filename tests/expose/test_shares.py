"""What the servers' configuration files give away, line by line, and whom they let in."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.expose import serverfiles, shares
from phiscan.expose.serverfiles import Given
from phiscan.expose.shares import Share
from phiscan.model import Level

Reader = Callable[[list[str]], Iterator[Given]]


def read(reader: Reader, text: str) -> list[tuple[str, int, str, bool]]:
    """Return path, line, setting and openness of each folder."""
    return [(one.path, one.line, one.setting, one.open) for one in reader(text.splitlines())]


SAMBA = """\
[global]
   workgroup = LABO
   ; guest ok = yes
[homes]
   path = /home/%S
[commun]
   Path = "/srv/commun"
   public = Yes
   guest  ok = yes
[labo]
   directory = /srv/labo
   valid users = @labo, \\
      @bio
   guest ok = no
[profils]
   path = /srv/profils/%U
[imprimante]
   path = /var/spool
   printable = yes
[ferme]
   path = /srv/ferme
   guest ok = yes
   available = no
[force]
   path = /srv/force
   guest ok = yes
   force user = biologie
"""


def test_samba() -> None:
    assert read(serverfiles.samba, SAMBA) == [
        ("/srv/commun", 9, "guest ok = yes", True),
        ("/srv/labo", 11, "path = /srv/labo", False),
        ("/srv/profils", 16, "path = /srv/profils", False),
        ("/srv/force", 26, "guest ok = yes", True),
    ]
    found = {one.name: one.account for one in serverfiles.samba(SAMBA.splitlines())}
    assert found == {"commun": "nobody", "labo": None, "profils": None, "force": "biologie"}


def test_samba_shares_inherit_from_global_and_usershares_stand_alone() -> None:
    inherited = "[global]\nguest ok = yes\nguest account = invite\n[a]\npath = /a\n[b]\npath = /b\nguest ok = no\n"
    assert [(one.name, one.open, one.account) for one in serverfiles.samba(inherited.splitlines())] == [
        ("a", True, "invite"),
        ("b", False, None),
    ]
    usershare = "#VERSION 2\npath=/srv/u\ncomment=\nusershare_acl=S-1-1-0:R\nguest_ok=y\nsharename=u\n"
    assert read(serverfiles.samba, usershare) == [("/srv/u", 5, "guest ok = yes", True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anon_root=/srv/ftp\nanonymous_enable=YES\n", [("/srv/ftp", 2, "anonymous_enable=YES", True)]),
        ("anon_root=/srv/ftp\n", [("/srv/ftp", 1, "anonymous_enable=NO", True)]),  # the compiled default lets in
        ("anon_root=/srv/ftp\nanonymous_enable=YES\nanonymous_enable=NO\n", []),
        ("#anonymous_enable=NO\nanon_root=/a\n", [("/a", 1, "anonymous_enable=NO", True)]),
        (
            "anonymous_enable=NO\nlocal_enable=YES\nlocal_root=/srv/depot\n",
            [("/srv/depot", 3, "local_root=/srv/depot", False)],
        ),
        ("anonymous_enable=NO\nlocal_root=/srv/depot\n", []),
        ("anonymous_enable=NO\nlocal_enable=YES\nlocal_root=/home/$USER\n", []),
    ],
)
def test_vsftpd(text: str, expected: list[tuple[str, int, str, bool]]) -> None:
    assert read(serverfiles.vsftpd, text) == expected


def test_vsftpd_without_a_folder_takes_the_home_of_its_account() -> None:
    (found,) = serverfiles.vsftpd(["ftp_username=daemon"])
    assert (found.path, found.account, found.absent) == (pwd.getpwnam("daemon").pw_dir, "daemon", True)


PROFTPD = """\
DefaultRoot ~
DefaultRoot /srv/comptes staff
<Anonymous /srv/pub>  # for all
  User daemon
  UserAlias anonymous ftp
  <Limit WRITE>
    DenyAll
  </Limit>
</Anonymous>
<Anonymous ~daemon/x>
  <Limit LOGIN>
    DenyAll
  </Limit>
</Anonymous>
"""


def test_proftpd() -> None:
    home = pwd.getpwnam("daemon").pw_dir
    assert read(serverfiles.proftpd, PROFTPD) == [
        ("/srv/comptes", 2, "DefaultRoot /srv/comptes", False),
        ("/srv/pub", 3, "<Anonymous /srv/pub>", True),
        (f"{home}/x", 12, "<Limit LOGIN> DenyAll", False),
    ]
    assert [one.account for one in serverfiles.proftpd(PROFTPD.splitlines())] == [None, "daemon", None]


@pytest.mark.parametrize(
    ("line", "path", "setting", "open_"),
    [
        ("/srv/a", "/srv/a", "client", True),  # no client is the world
        ("/srv/a *(ro)", "/srv/a", "*(ro)", True),
        ("/srv/a (rw)", "/srv/a", "(rw)", True),  # the blank before the bracket: for everybody
        ("/srv/a 10.0.0.0/8(rw) *(ro)", "/srv/a", "*(ro)", True),
        ("/srv/a 10.0.0.0/8(rw)", "/srv/a", "10.0.0.0/8(rw)", False),
        ("/srv/a *(rw,sec=krb5p)", "/srv/a", "*(rw,sec=krb5p)", False),
        ("/srv/a *(rw,sec=krb5:sys)", "/srv/a", "*(rw,sec=krb5:sys)", True),
        ("/srv/a -sec=krb5i *", "/srv/a", "-sec=krb5i *", False),
        ('"/srv/a b" labo(rw)', "/srv/a b", "labo(rw)", False),
        (r"/srv/r\303\251sultats labo", "/srv/résultats", "labo", False),
        ("/srv/a \\\n 0.0.0.0/0(ro)", "/srv/a", "0.0.0.0/0(ro)", True),
    ],
)
def test_nfs(line: str, path: str, setting: str, open_: bool) -> None:
    assert read(serverfiles.nfs, f"# exports\n{line}\n") == [(path, 2, setting, open_)]


def test_rsync() -> None:
    text = "uid = daemon\n[a]\npath = /a\n[b]\npath = /b\nauth users = labo\n[c]\ncomment = no path\n"
    assert read(serverfiles.rsync, text) == [
        ("/a", 3, "auth users", True),
        ("/b", 5, "auth users = labo", False),
    ]
    assert [one.account for one in serverfiles.rsync(text.splitlines())] == ["daemon", "daemon"]


def test_nginx() -> None:
    text = 'server {\n  root "/srv/web"; # root /no;\n  location /x { alias /srv/x/; }\n  root $base/y;\n}\n'
    assert read(serverfiles.nginx, text) == [
        ("/srv/web", 2, "root /srv/web", True),
        ("/srv/x/", 3, "alias /srv/x/", True),
    ]
    assert [one.open for one in serverfiles.nginx([*text.splitlines(), 'auth_basic "labo";'])] == [False, False]
    assert [one.open for one in serverfiles.nginx([*text.splitlines(), "auth_basic off;"])] == [True, True]
    assert list(serverfiles.nginx(["fastcgi_root /a;", "my-root /b;"])) == []


def test_apache() -> None:
    text = 'DocumentRoot "/srv/web"\n# DocumentRoot /no\n  Alias /f "/srv/f d"\nDocumentRoot ${BASE}/x\n'
    assert read(serverfiles.apache, text) == [
        ("/srv/web", 1, 'DocumentRoot "/srv/web"', True),
        ("/srv/f d", 3, 'Alias /f "/srv/f d"', True),
    ]
    for line, opened in (("Require all granted", True), ("Require valid-user", False), ("AuthType Basic", False)):
        assert [one.open for one in serverfiles.apache([*text.splitlines(), line])] == [opened, opened]


@pytest.mark.parametrize("service", sorted(shares._READERS))
@given(
    text=st.text(st.characters(codec="utf-8"), max_size=200) | st.sampled_from([SAMBA, PROFTPD]).map(lambda t: t[:97])
)
@settings(max_examples=60, deadline=None)
def test_junk_gives_nothing_worse_than_a_folder(service: str, text: str) -> None:
    lines = text.splitlines()
    assert all(1 <= one.line <= max(1, len(lines)) for one in shares._READERS[service](lines))


# Files and shares.


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder into which everybody may look."""
    with tempfile.TemporaryDirectory(prefix="phiscan-shares-") as made:
        os.chmod(made, 0o755)
        yield Path(made)


def test_files_in_their_usual_places(folder: Path) -> None:
    places = ("etc/samba/smb.conf", "etc/vsftpd.conf", "etc/exports", "etc/nginx/sites-available/a", "etc/rsyncd.conf")
    for place in places:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text("")
    (folder / "etc/nginx/sites-enabled").mkdir()
    (folder / "etc/nginx/sites-enabled/a").symlink_to("../sites-available/a")
    (folder / "etc/nginx/sites-enabled/b").symlink_to("../sites-available/a")  # the same once more
    (folder / "etc/nginx/conf.d").mkdir()
    (folder / "etc/nginx/conf.d/x.conf").mkdir()  # no file
    found = shares.usual(str(folder))
    assert sorted((service, str(path.relative_to(folder))) for service, path in found) == [
        ("nfs", "etc/exports"),
        ("nginx", "etc/nginx/sites-enabled/b"),
        ("rsync", "etc/rsyncd.conf"),
        ("samba", "etc/samba/smb.conf"),
        ("vsftpd", "etc/vsftpd.conf"),
    ]


def test_shares_of_a_file(folder: Path) -> None:
    file = folder / "exports"
    file.write_bytes(b"/srv//a/../b\nsrv/c\n/srv/r\xe9s labo\n")
    found = [(one.service, one.path, one.source) for one in shares.shares("nfs", file)]
    assert found == [("nfs", b"/srv/b", f"{file}:1"), ("nfs", b"/srv/r\xe9s", f"{file}:3")]


@pytest.mark.parametrize(
    ("mode", "opened", "account", "expected"),
    [
        (0o755, True, "nobody", Level.PUBLIC),
        (0o750, True, "nobody", None),  # the configuration lets in, the folder does not
        (0o750, True, None, Level.PUBLIC),  # NFS: whoever mounts says who they are
        (0o755, False, None, None),
        (0o750, True, "nobody-of-this-name", Level.PUBLIC),  # cannot be excluded
    ],
)
def test_level(mode: int, opened: bool, account: str | None, expected: Level | None, folder: Path) -> None:
    place = folder / "pub"
    place.mkdir(mode=mode)
    os.chmod(place, mode)
    share = Share("samba", os.fsencode(place), Given(str(place), 1, "", open=opened, account=account), "a:1")
    assert share.level() == expected
