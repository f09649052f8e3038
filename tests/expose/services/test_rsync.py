"""What is read of rsyncd.conf."""

from __future__ import annotations

from pathlib import Path

import pytest

from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Machine, Process, Trouble
from phiscan.expose.services import rsync
from phiscan.model import Level, Reason
from tests.expose.machines import brief, evidence, machine, rights

CONF = "/etc/rsyncd.conf"


def read(root: Path, text: str, more: dict[str, str] | None = None) -> list[Grant]:
    return rsync.grants(machine(root, {CONF: text, **(more or {})}))


def test_a_public_module(tmp_path: Path) -> None:
    assert read(tmp_path, "port = 8730\n[pub]\npath = /srv/pub/\nread only = no\n") == [
        Grant(
            service="rsync",
            path=b"/srv/pub",
            level=Level.PUBLIC,
            evidence=(
                Reason("rsync", "auth users (default none)", CONF, "/srv/pub"),
                Reason("rsync", "read only = no", f"{CONF}:4", "/srv/pub"),
                Reason("rsync", "uid (default nobody)", CONF, "/srv/pub"),
            ),
            identity=Identity("nobody", 65534, frozenset({65534})),
            write=True,
            listen=(("", 8730),),
            name="pub",
            follows_links=False,
            entered=True,
            logs=(),
        )
    ]


@pytest.mark.parametrize(
    ("settings", "level", "can", "reach"),
    [
        ("", Level.PUBLIC, "r-l", Reach.EVERYWHERE),
        ("write only = true\nread only = 0", Level.PUBLIC, "-w-", Reach.EVERYWHERE),
        ("auth users = labo", Level.RESTRICTED, "r-l", Reach.EVERYWHERE),
        ("auth users = labo:rw", Level.RESTRICTED, "rwl", Reach.EVERYWHERE),
        ("auth users = labo:ro\nread only = no", Level.RESTRICTED, "r-l", Reach.EVERYWHERE),
        ("auth users = @bad:deny *", Level.SHARED, "r-l", Reach.EVERYWHERE),
        ("auth users = , Some One, *:deny", Level.RESTRICTED, "r-l", Reach.EVERYWHERE),
        ("auth users =", Level.PUBLIC, "r-l", Reach.EVERYWHERE),
        ("hosts allow = 10.0.0.0/8", Level.PUBLIC, "r-l", Reach.PRIVATE),
        ("hosts allow = 10.0.0.1 10.0.0.2", Level.SHARED, "r-l", Reach.PRIVATE),
        ("hosts deny = *\nread only = no", Level.RESTRICTED, "---", Reach.LOOPBACK),
        ("hosts allow = 10.0.0.1\nhosts deny = 10.0.0.2", Level.PUBLIC, "r-l", Reach.EVERYWHERE),
        ("address = 192.168.1.1", Level.PUBLIC, "r-l", Reach.EVERYWHERE),  # only the global one counts
    ],
)
def test_whom_modules_let_in(settings: str, level: Level, can: str, reach: Reach, tmp_path: Path) -> None:
    (found,) = read(tmp_path, f"[m]\npath = /srv\n{settings}\n")
    assert (found.level, rights(found), found.reach) == (level, can, reach)


def test_what_is_taken_over(tmp_path: Path) -> None:
    """Flags as they were when the module was named; texts even from below, where nothing is set before."""
    text = "[a]\npath = /a\n[global]\nread only = no\nuid = bio\ngid = *\n[b]\npath = /b\n[A]\nauth users = x\n"
    found = read(tmp_path, text)
    assert brief(found) == [("a", "/a", Level.RESTRICTED, "r-l"), ("b", "/b", Level.PUBLIC, "rwl")]
    assert [one.identity for one in found] == [Identity("bio", 1001, frozenset({900, 1001}))] * 2


def test_included(tmp_path: Path) -> None:
    files = {
        "/etc/rsyncd.d/a.conf": "read only = no\n[a]\npath = /a\n",
        "/etc/rsyncd.d/b.conf": "[b]\npath = /b\n",
        "/etc/rsyncd.d/c.inc": "auth users = labo\n",
        "/etc/one.conf": "[one]\npath = /one\n",
    }
    text = "&merge /etc/rsyncd.d\n&include /etc/rsyncd.d\n&include /etc/one.conf\n[z]\npath = /z\n&include " + CONF
    host = machine(tmp_path, {CONF: text, **files})
    assert brief(rsync.grants(host)) == [
        ("a", "/a", Level.RESTRICTED, "rwl"),
        ("b", "/b", Level.RESTRICTED, "r-l"),
        ("one", "/one", Level.RESTRICTED, "r-l"),
        ("z", "/z", Level.RESTRICTED, "r-l"),
    ]
    assert {one.detail for one in host.troubles} == {"includes itself"}


def test_as_whom(tmp_path: Path) -> None:
    text = "[a]\npath=/a\nuid=0\ngid=labo 7\n[b]\npath=/b\nuid=bio\n[c]\npath=/c\nuid=absent\n[d]\npath=/d\nuid=12"
    assert [one.identity for one in read(tmp_path, text + "\ngid=*\n")] == [
        Identity("0", 0, frozenset({900, 7})),
        Identity("bio", 1001, frozenset({65534})),
        None,
        Identity("12", 12, frozenset()),
    ]


def test_folders(tmp_path: Path) -> None:
    text = (
        "[dot]\npath = /srv/./in\n[each]\npath = /home/%RSYNC_USER_NAME%/x\n[none]\n[any]\npath = %HOME%\n"
        '[off]\npath = /off\nmax connections = -1\n[percent]\npath = /srv/100%%\n[quoted]\npath = "/srv"\n'
    )
    host = machine(tmp_path, {CONF: text})
    assert [(one.name, one.path) for one in rsync.grants(host)] == [
        ("dot", b"/srv/in"),
        ("each", b"/home"),
        ("percent", b"/srv/100%"),
    ]
    assert host.troubles == [Trouble("rsync", f"{CONF}:7", "a folder named by a variable is not followed")]


def test_what_is_hidden(tmp_path: Path) -> None:
    text = "[a]\npath = /a\nexclude = *.bak /secret - old/ /x*y + *.txt *.doc\n"
    found = read(tmp_path, text)
    assert [(one.path, one.level, rights(one), one.refused) for one in found] == [
        (b"/a", Level.PUBLIC, "r-l", ("*.bak", "old/*", "*/old/*")),
        (b"/a/secret", Level.RESTRICTED, "---", ()),
    ]
    assert evidence(found[1]) == [("exclude = *.bak /secret - old/ /x*y + *.txt *.doc", f"{CONF}:3")]
    (unsure,) = read(tmp_path / "other", "[a]\npath = /a\nexclude = *.bak\ninclude = a.bak\n")
    assert unsure.refused == ()


def test_how_it_was_started(tmp_path: Path) -> None:
    files = {CONF: "[usual]\npath = /usual\n", "/opt/r.conf": "port = 1\n[here]\npath = /here\nuse chroot = no\n"}
    daemon = Process(("rsync", "--daemon", "--config=r.conf", "--port", "8731", "--address=127.0.0.1"), "/opt")
    client = Process(("rsync", "--server", "--daemon", "."))
    (found,) = rsync.grants(machine(tmp_path, files, (daemon, client)))
    assert (found.name, found.listen, found.reach) == ("here", (("127.0.0.1", 8731),), Reach.LOOPBACK)
    assert found.follows_links
    missing = Machine(root=str(tmp_path), given={"rsync": ["/opt/absent.conf"]})
    assert [one.name for one in rsync.grants(missing)] == ["usual"]
    assert missing.troubles == [Trouble("rsync", "/opt/absent.conf", "is missing")]


@pytest.mark.parametrize(
    ("settings", "logs"),
    [
        ("log file = /var/log/a.log\n[a]\npath = /a\n", ()),
        ("log file = /var/log/a.log\ntransfer logging = yes\n[a]\npath = /a\n", ("/var/log/a.log",)),
        ("transfer logging = yes\n[a]\npath = /a\nlog file = /var//log/b.log\n", ("/var/log/b.log",)),
        ("transfer logging = yes\n[a]\npath = /a\n", None),  # syslog
        ("transfer logging = yes\nlog file = /var/log/%RSYNC_MODULE%\n[a]\npath = /a\n", None),
        ("transfer logging = yes\nlog file = /l\ndaemon chroot = /c\n[a]\npath = /a\n", None),
        ("transfer logging = yes\nlog file = /l\nlog format = %o %h [%a] %m (%u) %f %l\n[a]\npath = /a\n", ("/l",)),
        ("transfer logging = yes\nlog file = /l\nlog format = %f %l\n[a]\npath = /a\n", None),  # nobody reads that
    ],
)
def test_where_transfers_are_logged(settings: str, logs: tuple[str, ...] | None, tmp_path: Path) -> None:
    (one,) = read(tmp_path, settings)
    assert one.logs == logs
