"""What ProFTPD gives away: the grants of its configurations, exactly."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Process, Trouble
from phiscan.expose.services import proftpd
from phiscan.model import Level, Reason
from tests.expose.services.collected import machine

CONF = "/etc/proftpd/proftpd.conf"
FTP = Identity("ftp", 103, frozenset({111}))


def zone(*lines: str, path: str = "/srv/ftp") -> str:
    """Return an anonymous zone that its account may enter."""
    return "\n".join((f"<Anonymous {path}>", "User ftp", "RequireValidShell off", *lines, "</Anonymous>")) + "\n"


def grants(folder: Path, text: str, **files: str) -> list[Grant]:
    """Return the grants of one configuration and further files: `etc_users` is /etc/users."""
    more = {"/" + name.replace("_", "/"): content for name, content in files.items()}
    return proftpd.grants(machine(folder, {CONF: text, **more}))


def rights(found: list[Grant]) -> list[tuple[bytes, str, bool, bool, bool]]:
    """Return path, level, read, write and list of each grant."""
    return [(one.path, one.level.name.lower(), one.read, one.write, one.list) for one in found]


def why(grant: Grant) -> list[str]:
    """Return the evidence as one line each; all of it is about the grant's own folder."""
    assert {reason.zone for reason in grant.evidence} == {grant.path.decode()}
    return [f"{reason.source} {reason.setting}" for reason in grant.evidence]


def test_a_zone(tmp_path: Path) -> None:
    text = "Port 2121\nDefaultAddress 192.168.1.2\n" + zone("UserAlias anonymous ftp", path='"~ftp/pub"')
    assert grants(tmp_path, text) == [
        Grant(
            service="proftpd",
            path=b"/srv/ftp/pub",
            level=Level.PUBLIC,
            evidence=tuple(
                Reason("proftpd", setting, f"{CONF}:{line}", "/srv/ftp/pub")
                for line, setting in (
                    (3, "<Anonymous ~ftp/pub>"),
                    (4, "User ftp"),
                    (6, "UserAlias anonymous ftp"),
                    (2, "DefaultAddress 192.168.1.2"),
                )
            ),
            identity=FTP,
            write=True,
            reach=Reach.PRIVATE,
            listen=(("192.168.1.2", 2121),),
            name="ftp",
            follows_links=False,
        )
    ]


def test_folders_with_rules_of_their_own(tmp_path: Path) -> None:
    found = grants(
        tmp_path,
        zone(
            "<Limit WRITE>",
            "DenyAll",
            "</Limit>",
            "<Directory incoming>",
            "<Limit STOR>",
            "AllowAll",
            "</Limit>",
            "<Limit READ>",
            "DenyAll",
            "</Limit>",
            "</Directory>",
            "<Directory /srv/ftp/secret>",
            "<Limit ALL>",
            "DenyAll",
            "</Limit>",
            "</Directory>",
            "<Directory plain>",
            "Umask 022",
            "</Directory>",
        ),
    )
    assert rights(found) == [
        (b"/srv/ftp", "public", True, False, True),
        (b"/srv/ftp/incoming", "public", False, True, True),
        (b"/srv/ftp/secret", "restricted", False, False, False),
    ]
    assert why(found[2])[-2:] == [f"{CONF}:17 DenyAll", f"{CONF}:5 DenyAll"]  # a group counts before ALL
    assert [one.seen for one in found] == [b"/", b"/incoming", b"/secret"]


LOGIN = [
    ("DenyAll", []),
    ("Order deny,allow", []),
    ("Order deny,allow\nAllowUser ftp", ["EVERYWHERE"]),
    ("Order deny,allow\nAllowUser !ftp", []),
    ("Order deny,allow\nAllowGroup ftp", ["EVERYWHERE"]),
    ("Order deny,allow\nAllowGroup ftp,depot", []),
    ("Order deny,allow\nAllowGroup OR ftp,depot", ["EVERYWHERE"]),
    ("Order deny,allow\nAllowUser regex ^f", ["EVERYWHERE"]),
    ("Order deny,allow\nAllow from 10.0.0.0/8", ["PRIVATE"]),
    ("Allow from 10.0.0.0/8\nDenyAll", ["PRIVATE"]),
    ("Allow from 10.0.0.0/8", ["EVERYWHERE"]),
    ("Deny from all", []),
    ("Deny from 10.0.0.0/8", ["EVERYWHERE"]),
    ("Order deny,allow\nDeny from all\nAllow from all", []),
    ("DenyGroup ftp", []),
    ("DenyUser ftp\nAllowAll", ["EVERYWHERE"]),
]


@pytest.mark.parametrize(("lines", "reaches"), LOGIN)
def test_who_may_log_in(tmp_path: Path, lines: str, reaches: list[str]) -> None:
    found = grants(tmp_path, zone("<Limit LOGIN>", lines, "</Limit>"))
    assert [one.reach.name for one in found] == reaches
    assert [one.level for one in found] == [Level.PUBLIC] * len(reaches)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        (zone().replace("RequireValidShell off\n", ""), []),
        ("RequireValidShell off\n" + zone().replace("RequireValidShell off\n", ""), [Level.PUBLIC]),
        (zone().replace("User ftp", "User labo").replace("RequireValidShell off\n", ""), [Level.PUBLIC]),
        (zone().replace("User ftp", "User root"), []),
        (zone("RootLogin on").replace("User ftp", "User root"), [Level.PUBLIC]),
        (zone().replace("User ftp", "User personne"), []),
        ("AuthUserFile /etc/ftpd.passwd\n" + zone().replace("User ftp", "User personne"), [Level.PUBLIC]),
        ("User ftp\n" + zone().replace("User ftp\n", ""), [Level.PUBLIC]),
        (zone("UseFtpUsers on").replace("User ftp", "User bio"), []),
        (zone("UseFtpUsers off").replace("User ftp", "User bio"), [Level.PUBLIC]),
        (zone("AnonRequirePassword on"), [Level.RESTRICTED]),
        (zone("AnonRequirePassword on", "AuthUsingAlias on"), [Level.SHARED]),
        (zone("AuthAliasOnly on"), []),
        (zone("AuthAliasOnly on", "UserAlias anonymous ftp"), [Level.PUBLIC]),
        (zone("AnonRejectPasswords .*"), []),
        ("<VirtualHost 127.0.0.1>\nPort 0\n" + zone() + "</VirtualHost>\n", []),
        ("Port 0\n" + zone(), []),
        ("<IfModule mod_ldap.c>\n" + zone() + "</IfModule>\n", []),
        ("LoadModule mod_ldap.c\n<IfModule mod_ldap.c>\n" + zone() + "</IfModule>\n", [Level.PUBLIC]),
        ("<IfModule !mod_ldap.c>\n" + zone() + "</IfModule>\n", [Level.PUBLIC]),
        ("<IfDefine X>\n<IfDefine Y>\n" + zone() + "</IfDefine>\n</IfDefine>\n", []),
    ],
)
def test_whether_there_is_a_zone(tmp_path: Path, text: str, levels: list[Level]) -> None:
    assert [one.level for one in grants(tmp_path, text, etc_ftpusers="# nobody else\nbio\n")] == levels


def test_virtual_hosts_and_what_is_global(tmp_path: Path) -> None:
    text = (
        "Port 0\n<Global>\n<Limit WRITE>\nDenyAll\n</Limit>\n" + zone(path="/srv/commun") + "</Global>\n"
        "<VirtualHost 10.0.0.1 10.0.0.2>\n" + zone(path="/srv/hote") + "</VirtualHost>\n"
    )
    found = grants(tmp_path, text)
    assert rights(found) == [
        (b"/srv/hote", "public", True, False, True),
        (b"/srv/commun", "public", True, False, True),
    ]
    assert {(one.name, one.listen, one.reach) for one in found} == {
        ("10.0.0.1 10.0.0.2 ftp", (("10.0.0.1", 21), ("10.0.0.2", 21)), Reach.PRIVATE)
    }


def test_included_files_and_definitions(tmp_path: Path) -> None:
    files = {
        "/opt/p.conf": "Include /opt/d\nInclude /opt/g/*.conf\nInclude /opt/absent.conf\n",
        "/opt/d/a": "<IfDefine ANON>\n" + zone(path="/srv/a") + "</IfDefine>\n",
        "/opt/g/b.conf": zone(path="/srv/b"),
        "/opt/g/c.txt": zone(path="/srv/c"),
    }
    running = [
        Process(("proftpd: (accepting connections)",)),
        Process(("/usr/sbin/proftpd", "-c", "p.conf", "-DANON"), "/opt"),
    ]
    found = proftpd.grants(machine(tmp_path, files, running))
    assert [(one.path, one.evidence[0].source) for one in found] == [
        (b"/srv/a", "/opt/d/a:2"),
        (b"/srv/b", "/opt/g/b.conf:1"),
    ]


def test_access_files(tmp_path: Path) -> None:
    files = {
        CONF: zone(),
        "/srv/ftp/pub/.ftpaccess": "<Limit READ DIRS>\nDenyAll\n</Limit>\n",
        "/srv/ftp/pub/deep/.ftpaccess": "<Limit ALL>\nDenyAll\n</Limit>\n",
    }
    found = proftpd.grants(machine(tmp_path, files))
    assert rights(found) == [(b"/srv/ftp", "public", True, True, True), (b"/srv/ftp/pub", "public", False, True, False)]
    files[CONF] = zone("AllowOverride off")
    assert rights(proftpd.grants(machine(tmp_path, files))) == [(b"/srv/ftp", "public", True, True, True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DefaultRoot ~\n", []),
        ("DefaultRoot /srv/echange\n", [(b"/srv/echange", "shared", True, True, True)]),
        ("DefaultRoot /srv/%u\n", []),
        (
            "DefaultRoot /srv/labo labo,!bio\nDefaultRoot /srv/echange\nDefaultRoot /srv/jamais\n",
            [(b"/srv/labo", "restricted", True, True, True), (b"/srv/echange", "shared", True, True, True)],
        ),
        ("DefaultRoot /srv/echange\n<Limit LOGIN>\nDenyAll\n</Limit>\n", []),
        (
            "DefaultRoot /srv/echange\n<Limit LOGIN>\nAllowGroup depot\nDenyAll\n</Limit>\n",
            [(b"/srv/echange", "restricted", True, True, True)],
        ),
        (
            "DefaultRoot /srv/echange\n<Directory /srv>\n<Limit WRITE>\nDenyAll\n</Limit>\n</Directory>\n",
            [(b"/srv/echange", "shared", True, False, True)],
        ),
    ],
)
def test_accounts(tmp_path: Path, text: str, expected: list[tuple[bytes, str, bool, bool, bool]]) -> None:
    assert rights(grants(tmp_path, text)) == expected


def test_what_is_not_followed_is_a_trouble(tmp_path: Path) -> None:
    seen = machine(
        tmp_path,
        {CONF: zone("UserDirRoot on") + "<IfUser labo>\n<Limit ALL>\nDenyAll\n</Limit>\n</IfUser>\n<Global>\n"},
    )
    assert [one.path for one in proftpd.grants(seen)] == [b"/srv/ftp"]
    assert seen.troubles == [
        Trouble("proftpd", f"{CONF}:4", "a directive that is not followed"),
        Trouble("proftpd", f"{CONF}:11", "block without an end"),
        Trouble("proftpd", f"{CONF}:6", "a block that is not followed"),
    ]


WORDS = st.sampled_from(
    "<Anonymous </Anonymous> /srv/ftp> ~ftp> <Limit </Limit> LOGIN> ALL> READ DenyAll AllowAll Order deny,allow Allow"
    " from all AllowUser regex ( User ftp <Directory *> [a- /srv/ftp/[z-a]> </Directory>"
    " Include /etc/proftpd/proftpd.conf <Global>"
    ' DefaultRoot Port Group <VirtualHost RequireValidShell off UserAlias " \\ # \n \n \n'.split(" ")
)


@settings(max_examples=150)
@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)))
def test_junk_never_raises(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for grant in grants(Path(folder), text.encode("utf-8", "replace").decode("utf-8")):
            assert grant.path.startswith(b"/")
