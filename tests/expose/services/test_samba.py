"""What is read of smb.conf: exactly which grants, and as Samba's own `testparm` reads it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Machine, Process, Trouble
from phiscan.expose.services import samba
from phiscan.expose.services.samba import conf as smbconf
from phiscan.model import Level, Reason
from tests.expose.machines import brief, evidence, machine
from tests.running import need

CONF = "/etc/samba/smb.conf"
LISTEN = (("", 445), ("", 139))


def read(root: Path, text: str, more: dict[str, str] | None = None) -> list[Grant]:
    return samba.grants(machine(root, {CONF: text, **(more or {})}))


def test_a_public_share(tmp_path: Path) -> None:
    text = "[global]\nmap to guest = Bad User\n[commun]\npath = /srv/commun/\npublic = yes\nwriteable = yes\n"
    assert read(tmp_path, text) == [
        Grant(
            service="samba",
            path=b"/srv/commun",
            level=Level.PUBLIC,
            evidence=(
                Reason("samba", "public = yes", f"{CONF}:5", "/srv/commun"),
                Reason("samba", "map to guest = Bad User", f"{CONF}:2", "/srv/commun"),
                Reason("samba", "writeable = yes", f"{CONF}:6", "/srv/commun"),
            ),
            identity=Identity("nobody", 65534, frozenset({65534})),
            write=True,
            listen=LISTEN,
            name="commun",
            follows_links=False,
        )
    ]


def test_whom_shares_let_in(tmp_path: Path) -> None:
    shares = {
        "closed": "",
        "guests": "guest ok = yes",
        "guests only": "guest only = yes",
        "named": "valid users = bio @labo\nread only = no",
        "named guest": "guest ok = yes\nvalid users = nobody",
        "not the guest": "guest ok = yes\nvalid users = bio",
        "refused": "guest ok = yes\ninvalid users = nobody",
        "encrypted": "guest ok = yes\nsmb encrypt = mandatory",
        "whole domain": r'valid users = @"CHU\Domain Users"',
        "off": "guest ok = yes\navailable = no",
        "printer": "guest ok = yes\nprintable = yes",
        "one host": "guest ok = yes\nhosts allow = 10.1.2.3",
        "network": "guest ok = yes\nhosts allow = 10.1.",
        "no host": "guest ok = yes\nhosts deny = ALL",
    }
    text = "".join(f"[{name}]\npath = /srv/{name}\n{settings}\n" for name, settings in shares.items())
    found = read(tmp_path, text)
    assert [(one.name, one.level, one.reach) for one in found] == [
        ("closed", Level.SHARED, Reach.EVERYWHERE),
        ("guests", Level.PUBLIC, Reach.EVERYWHERE),
        ("guests only", Level.PUBLIC, Reach.EVERYWHERE),
        ("named", Level.RESTRICTED, Reach.EVERYWHERE),
        ("named guest", Level.PUBLIC, Reach.EVERYWHERE),
        ("not the guest", Level.RESTRICTED, Reach.EVERYWHERE),
        ("refused", Level.SHARED, Reach.EVERYWHERE),
        ("encrypted", Level.SHARED, Reach.EVERYWHERE),
        ("whole domain", Level.SHARED, Reach.EVERYWHERE),
        ("one host", Level.SHARED, Reach.PRIVATE),
        ("network", Level.PUBLIC, Reach.PRIVATE),
        ("no host", Level.RESTRICTED, Reach.LOOPBACK),
    ]
    assert evidence(found[0]) == [("guest ok (default no)", CONF)]
    assert [one.identity for one in found if one.level is Level.SHARED and one.reach is Reach.EVERYWHERE] == [None] * 4


def test_a_global_setting_counts_from_where_it_stands(tmp_path: Path) -> None:
    text = "[avant]\npath = /a\n[global]\nguest ok = yes\n[apres]\npath = /b\n[non]\npath = /c\nguest ok = no\n"
    assert brief(read(tmp_path, text)) == [
        ("avant", "/a", Level.SHARED, "r-l"),
        ("apres", "/b", Level.PUBLIC, "r-l"),
        ("non", "/c", Level.SHARED, "r-l"),
    ]


def test_as_whom(tmp_path: Path) -> None:
    text = (
        "[a]\npath=/a\nguest ok=yes\nforce user=bio\nforce group=root\n[b]\npath=/b\nguest ok=yes\nadmin users=nobody\n"
    )
    found = read(tmp_path, f"{text}[c]\npath=/c\nguest ok=yes\nforce user=absent\n[d]\npath=/d\nforce user=bio\n")
    assert [(one.level, one.identity) for one in found] == [
        (Level.PUBLIC, Identity("bio", 1001, frozenset({0, 900, 1001, 65534}))),
        (Level.PUBLIC, Identity("root", 0, frozenset({0}))),
        (Level.PUBLIC, None),
        (Level.SHARED, Identity("bio", 1001, frozenset({900, 1001}))),
    ]
    assert evidence(found[2])[1] == ("force user = absent", f"{CONF}:13")


def test_folders_that_differ_by_account(tmp_path: Path) -> None:
    text = (
        "[profils]\npath = /srv/profils/%U\n[ouvert]\npath = /srv/%S/x\nguest ok = yes\n"
        "[guests]\npath = /srv/g/%u\nguest ok = yes\n[machine]\npath = /srv/m/%m\nguest ok = yes\n[all]\npath = %H\n"
    )
    host = machine(tmp_path, {CONF: text})
    assert brief(samba.grants(host)) == [
        ("profils", "/srv/profils", Level.RESTRICTED, "r-l"),
        ("ouvert", "/srv/ouvert/x", Level.PUBLIC, "r-l"),
        ("guests", "/srv/g/nobody", Level.PUBLIC, "r-l"),
        ("machine", "/srv/m", Level.PUBLIC, "r-l"),
    ]
    assert host.troubles == [
        Trouble("samba", f"{CONF}:13", "a folder that differs by client or account is not followed")
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("valid users = %S\nread only = no", [("bio", "/home/bio", Level.RESTRICTED, "rwl")]),
        (
            "guest ok = yes",
            [
                ("root", "/root", Level.PUBLIC, "r-l"),
                ("www-data", "/var/www", Level.PUBLIC, "r-l"),
                ("bio", "/home/bio", Level.PUBLIC, "r-l"),
            ],
        ),
        (
            "path = /srv/%S",
            [
                ("root", "/srv/root", Level.SHARED, "r-l"),
                ("www-data", "/srv/www-data", Level.SHARED, "r-l"),
                ("bio", "/srv/bio", Level.SHARED, "r-l"),
                ("nobody", "/srv/nobody", Level.SHARED, "r-l"),
            ],
        ),
    ],
)
def test_home_folders(settings: str, expected: list[tuple[str, str, Level, str]], tmp_path: Path) -> None:
    assert brief(read(tmp_path, f"[homes]\n{settings}\n")) == expected


def test_what_users_share(tmp_path: Path) -> None:
    def share(acl: str, guest: str = "y", path: str = "/srv/u") -> str:
        return f"#VERSION 2\npath={path}\ncomment=\nusershare_acl={acl}\nguest_ok={guest}\nsharename=x\n"

    folder = "/var/lib/samba/usershares"
    files = {
        "a": share("S-1-1-0:F,"),
        "b": share("S-1-1-0:R"),
        "c": share("S-1-5-21-1-2-3-1001:F"),
        "d": share("S-1-1-0:F", "n"),
        "e": share("S-1-1-0:F", path="relative"),
        "f": share("Everyone:F"),  # Samba knows them by number only
        "g": share("S-1-1-0:R,S-1-5-32-546:D"),
        "h": "#VERSION 1\npath=/srv/u\ncomment=\nusershare_acl=S-1-5-11:F\n",
        "k": share(""),
    }
    text = "[global]\nusershare allow guests = yes\n"
    found = read(tmp_path, text, {f"{folder}/{name}": content for name, content in files.items()})
    assert brief(found) == [
        ("a", "/srv/u", Level.PUBLIC, "rwl"),
        ("b", "/srv/u", Level.PUBLIC, "r-l"),
        ("c", "/srv/u", Level.RESTRICTED, "r-l"),
        ("d", "/srv/u", Level.SHARED, "rwl"),
        ("g", "/srv/u", Level.SHARED, "r-l"),
        ("h", "/srv/u", Level.SHARED, "rwl"),
        ("k", "/srv/u", Level.PUBLIC, "r-l"),
    ]
    assert evidence(found[0]) == [
        ("guest_ok=y", f"{folder}/a:5"),
        ("usershare_acl=S-1-1-0:F,", f"{folder}/a:4"),
        ("usershare allow guests = yes", f"{CONF}:2"),
    ]
    assert [one.level for one in read(tmp_path / "other", "", {f"{folder}/a": files["a"]})] == [Level.SHARED]


def test_included_and_copied(tmp_path: Path) -> None:
    text = "[a]\npath=/a\ninclude = /etc/samba/more.conf\npublic = no\n[c]\ncopy = b\npath = /c\n"
    found = read(tmp_path, text, {"/etc/samba/more.conf": "public = yes\n[b]\npath = /b\nread only = no\n"})
    assert [(*brief([one])[0], evidence(one)[0][1]) for one in found] == [
        ("a", "/a", Level.PUBLIC, "r-l", "/etc/samba/more.conf:1"),
        ("b", "/b", Level.SHARED, "rwl", f"{CONF}:4"),
        ("c", "/c", Level.SHARED, "rwl", f"{CONF}:4"),
    ]


def test_what_is_not_followed_is_said(tmp_path: Path) -> None:
    text = "[global]\ninclude = registry\ninclude = /etc/samba/%m.conf\nguest ok = maybe\n[a]\npath = /a\ncopy = z\n"
    host = machine(tmp_path, {CONF: text, "/etc/samba/poste1.conf": ""})
    assert brief(samba.grants(host)) == [("a", "/a", Level.SHARED, "r-l")]
    assert [(one.source, one.detail) for one in host.troubles] == [
        (f"{CONF}:2", "the registry of Samba is not read"),
        (f"{CONF}:3", "includes another file for each client"),
        (f"{CONF}:4", "neither yes nor no: Samba does not load this"),
        (f"{CONF}:7", "copies a share that is not there"),
    ]
    assert {CONF, "/etc/samba", "/var/lib/samba/usershares"} <= host.files


def test_another_file_takes_its_place(tmp_path: Path) -> None:
    text = "[global]\nconfig file = /etc/samba/other.conf\n[a]\npath = /a\n"
    assert brief(read(tmp_path, text, {"/etc/samba/other.conf": "[b]\npath = /b\n"})) == [
        ("b", "/b", Level.SHARED, "r-l")
    ]


def test_links_vetoes_and_addresses(tmp_path: Path) -> None:
    text = (
        "[global]\nunix extensions = no\nbind interfaces only = yes\ninterfaces = lo 192.168.1.2/24\nsmb ports = 1445\n"
        "[a]\npath = /a\nguest ok = yes\nwide links = yes\nveto files = /*.Bak/x[1]/\n"
    )
    (found,) = read(tmp_path, text)
    assert found.follows_links
    assert found.refused == ("*.[bB][aA][kK]", "[xX][[]1]")
    assert (found.listen, found.reach) == ((("127.0.0.1", 1445), ("192.168.1.2", 1445)), Reach.PRIVATE)


def test_how_it_was_started(tmp_path: Path) -> None:
    files = {CONF: "[usual]\npath = /usual\n", "/opt/smb.conf": "[here]\npath = /here\n"}
    option = "--option=guest ok=yes"
    process = Process(("/usr/sbin/smbd", "-F", "-s", "smb.conf", option, "-p", "4450"), "/opt")
    children = Process(("smbd: client [10.0.0.1]",))
    (found,) = samba.grants(machine(tmp_path, files, (process, children)))
    assert (found.name, found.level, found.listen) == ("here", Level.PUBLIC, (("", 4450),))
    missing = Machine(root=str(tmp_path), given={"samba": ["/opt/absent.conf"]}, processes=(process,))
    assert [one.name for one in samba.grants(missing)] == ["here"]
    assert missing.troubles == [Trouble("samba", "/opt/absent.conf", "is missing")]


TESTPARM = [
    "[a]\npath = /tmp\nguest ok = yes\n",
    "[a]\npath = /tmp\npublic = Yes\nwritable = true\n",
    "[a]\npath = /tmp\nwrite ok = no\nread only = no\n",
    "[a]\npath=/tmp\n[global]\nguest ok = yes\nread only = no\n[b]\npath = /tmp\n",
    "guest ok = yes\n[a]\npath = /tmp\n",
    "[a]\npath = /tmp\nonly guest = 1\n[A]\navailable = off\nguest  OK = oN\n",
    "[a]\npath = /tmp\nguest ok = yes\nread only = no\n[b]\ncopy = a\nguest ok = no\n[c]\nread only = yes\ncopy = a\n",
    "[a]\npath = /tmp\n guest \\\nok = yes\n# guest ok = no\n; guest ok = no\n",
    "[global]\nguest ok = yes\n[a]\npath = /tmp\ninclude = MORE\n",
    "[homes]\nguest ok = yes\n[print$]\npath = /tmp\nprint ok = yes\n",
    "[a]\npath = /tmp\nfollow symlinks = no\nwide links = yes\nGUEST OK = TRUE\n[global]\nwide links = 1\n[b]\npath=/",
    "[globals]\nread only = no\n[a b]\npath = /tmp\nguest only = yes\nguest only = no\n",
]


@pytest.mark.parametrize("text", TESTPARM)
def test_as_testparm_reads_it(text: str, tmp_path: Path) -> None:
    need(shutil.which("testparm") is not None, "testparm (samba)")
    more, conf = tmp_path / "more.conf", tmp_path / "smb.conf"
    more.write_text("read only = no\n[z]\npath = /tmp\n", "utf-8")
    conf.write_text(text.replace("MORE", str(more)), "utf-8")
    host = Machine(root="/")
    ours = smbconf.read(host, str(conf))
    assert ours is not None
    assert host.troubles == []
    command = ["testparm", "-s", "-v", str(conf)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    theirs = _sections(told)
    common = theirs.pop("global")
    assert sorted(ours.shares) == sorted(theirs)
    flags = {"guest ok", "guest only", "read only", "available", "printable", "follow symlinks", "wide links"}
    for name, share in ours.shares.items():
        expected = {key: (theirs[name].get(key) or common[key]).lower() for key in flags}
        found = {key: "yes" if share.says(key.replace(" ", "")) else "no" for key in flags}
        assert found == expected, name


def _sections(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        head = re.fullmatch(r"\[(.+)\]", line.strip())
        if head:
            section = found.setdefault(head[1].lower(), {})
        elif " = " in line:
            key, _, value = line.strip().partition(" = ")
            section[key] = value
    return found
