"""What OpenSSH's server gives away: the grants of its configurations, exactly."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Process, Trouble
from phiscan.expose.services import sshd
from phiscan.model import Level, Reason
from tests.expose.services.collected import PASSWD, machine

CONF = "/etc/ssh/sshd_config"
LABO = Identity("labo", 1001, frozenset({1001, 50}))
BIO = Identity("bio", 1002, frozenset({1002, 50}))


def grants(folder: Path, text: str, **files: str) -> list[Grant]:
    """Return the grants of one configuration and further files: `etc_shadow` is /etc/shadow."""
    more = {"/" + name.replace("_", "/"): content for name, content in files.items()}
    return sshd.grants(machine(folder, {CONF: text, **more}))


def why(grant: Grant) -> list[str]:
    """Return the evidence as one line each; all of it is about the grant's own folder."""
    assert {reason.zone for reason in grant.evidence} == {grant.path.decode()}
    return [f"{reason.source} {reason.setting}" for reason in grant.evidence]


def test_accounts_without_a_folder_of_their_own_are_no_grant(tmp_path: Path) -> None:
    assert grants(tmp_path, "PasswordAuthentication yes\nSubsystem sftp internal-sftp\nChrootDirectory none\n") == []


def test_a_group_that_is_shut_in(tmp_path: Path) -> None:
    text = (
        "Port 2222\nListenAddress 127.0.0.1\nmatch group depot # all of them\n\tChrootDirectory=/srv/depot\n"
        "ForceCommand internal-sftp -R\n"
    )
    assert grants(tmp_path, text) == [
        Grant(
            service="sshd",
            path=b"/srv/depot",
            level=Level.RESTRICTED,
            evidence=tuple(
                Reason("sshd", setting, f"{CONF}:{line}", "/srv/depot")
                for line, setting in (
                    (4, "chrootdirectory /srv/depot"),
                    (3, "match group depot"),
                    (5, "forcecommand internal-sftp -R"),
                    (2, "listenaddress 127.0.0.1"),
                )
            ),
            reach=Reach.LOOPBACK,
            listen=(("127.0.0.1", 2222),),
            follows_links=False,
            entered=True,
        )
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ChrootDirectory /srv/a\n", [(b"/srv/a", Level.SHARED, None)]),
        ("ChrootDirectory /srv/a\nChrootDirectory /srv/b\n", [(b"/srv/a", Level.SHARED, None)]),
        ("Match all\nChrootDirectory /srv/a\n", [(b"/srv/a", Level.SHARED, None)]),
        ("Match User labo\nChrootDirectory /srv/a\n", [(b"/srv/a", Level.RESTRICTED, LABO)]),
        ("Match User labo,bio\nChrootDirectory /srv/a\n", [(b"/srv/a", Level.RESTRICTED, None)]),
        ("Match User *\nChrootDirectory /srv/a\n", [(b"/srv/a", Level.SHARED, None)]),
        (
            "Match Group depot\nChrootDirectory /srv/%u\n",
            [(b"/srv/labo", Level.RESTRICTED, LABO), (b"/srv/bio", Level.RESTRICTED, BIO)],
        ),
        ("Match Group depot,!bio\nChrootDirectory %h\n", [(b"/home/labo", Level.RESTRICTED, LABO)]),
        (
            "Match User bio\nChrootDirectory /srv/x\nMatch Group depot\nChrootDirectory /srv/%u\n",
            [(b"/srv/x", Level.RESTRICTED, BIO), (b"/srv/labo", Level.RESTRICTED, LABO)],
        ),
        ("DenyUsers labo\nMatch Group depot\nChrootDirectory /srv/%u\n", [(b"/srv/bio", Level.RESTRICTED, BIO)]),
        ("AllowGroups root\nMatch Group depot\nChrootDirectory /srv/%u\n", []),
        (
            "AllowUsers l*@10.0.0.1\nMatch Group depot\nChrootDirectory /srv/%u\n",
            [(b"/srv/labo", Level.RESTRICTED, LABO)],
        ),
        ("ChrootDirectory /srv/%u\n", []),  # a folder for each
        ("ChrootDirectory /srv/100%%\n", [(b"/srv/100%", Level.SHARED, None)]),
    ],
)
def test_who_is_shut_in_where(tmp_path: Path, text: str, expected: list[tuple[bytes, Level, Identity | None]]) -> None:
    assert [(one.path, one.level, one.identity) for one in grants(tmp_path, text)] == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("internal-sftp", (True, True, True)),
        ("internal-sftp -l INFO -R", (True, False, True)),
        ("internal-sftp -P read,readdir", (False, True, False)),
        ("internal-sftp -p open,close,write", (False, True, False)),
        ("/usr/lib/openssh/sftp-server -R -P opendir", (True, False, False)),
        ("/usr/bin/rrsync /srv", (True, True, True)),
        ('internal-sftp "', (True, True, True)),
    ],
)
def test_what_may_be_done(tmp_path: Path, command: str, expected: tuple[bool, bool, bool]) -> None:
    (grant,) = grants(tmp_path, f"ChrootDirectory /srv/a\nForceCommand {command}\n")
    assert (grant.read, grant.write, grant.list) == expected


SHADOW = "root:!:19000::::::\nlabo::19000::::::\nbio:$6$x:19000::::::\n"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("PermitEmptyPasswords yes\n", [b"/"]),
        ("PermitEmptyPasswords no\n", []),
        ("PermitEmptyPasswords yes\nPasswordAuthentication no\n", []),
        ("Match User labo\nPermitEmptyPasswords yes\nChrootDirectory /srv/a\n", [b"/srv/a"]),
        ("Match User bio\nPermitEmptyPasswords yes\n", []),
        ("PermitEmptyPasswords yes\nDenyGroups depot\n", []),
    ],
)
def test_an_account_without_a_password_is_public(tmp_path: Path, text: str, paths: list[bytes]) -> None:
    public = [one for one in grants(tmp_path, text, etc_shadow=SHADOW) if one.level is Level.PUBLIC]
    assert [(one.path, one.identity, one.entered) for one in public] == [(path, LABO, path != b"/") for path in paths]
    for grant in public:
        assert "/etc/shadow account labo without a password" in why(grant)


def test_passwords_are_looked_up_only_where_they_matter(tmp_path: Path) -> None:
    for text, read in (("ChrootDirectory /srv/a\n", False), ("Match User bio\nPermitEmptyPasswords yes\n", True)):
        seen = machine(tmp_path, {CONF: text, "/etc/shadow": SHADOW})
        sshd.grants(seen)
        assert ("/etc/shadow" in seen.files) == read


def test_from_some_addresses_only(tmp_path: Path) -> None:
    text = "Match Address 10.0.0.0/8\nPermitEmptyPasswords yes\n"
    assert [(one.path, one.reach) for one in grants(tmp_path, text, etc_shadow=SHADOW)] == [(b"/", Reach.PRIVATE)]


def test_a_match_in_an_included_file_ends_with_it(tmp_path: Path) -> None:
    files = {
        CONF: "Include sshd_config.d/*.conf\nChrootDirectory /srv/b\nMatch User labo\nInclude more\n",
        "/etc/ssh/sshd_config.d/a.conf": "Match User bio\nChrootDirectory /srv/a\n",
        "/etc/ssh/more": "ChrootDirectory /srv/c\nMatch Group depot\nForceCommand internal-sftp -R\nInclude more\n",
    }
    seen = machine(tmp_path, files)
    assert [(one.path, one.identity) for one in sshd.grants(seen)] == [
        (b"/srv/b", None),
        (b"/srv/a", BIO),
        (b"/srv/c", LABO),
    ]
    assert seen.troubles == [Trouble("sshd", "/etc/ssh/more", "includes itself")]


def test_running_servers(tmp_path: Path) -> None:
    files = {"/opt/s.conf": "ChrootDirectory /srv/a\n", CONF: "ChrootDirectory /srv/b\n"}
    running = [
        Process(("sshd: /usr/sbin/sshd -D -f /opt/s.conf -p 2222 [listener] 0 of 10-100 startups",)),
        Process(("sshd: labo [priv]",)),
    ]
    found = sshd.grants(machine(tmp_path, files, running))
    assert [(one.path, one.listen) for one in found] == [(b"/srv/a", (("", 2222),)), (b"/srv/b", (("", 22),))]


WORDS = (
    "Match User Group Address all labo,* !bio depot ChrootDirectory /srv/%u %h %% none Include * / ForceCommand -P -R"
    ' internal-sftp " PermitEmptyPasswords yes ListenAddress [::1]:22 a:b:c 1:x Port 22 = # \n \n \n'
).split(" ")


@settings(max_examples=150)
@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS)).map(" ".join)))
def test_junk_never_raises(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = text.encode("utf-8", "replace").decode("utf-8")
        for grant in grants(Path(folder), plain, etc_shadow=plain, etc_passwd=PASSWD + plain):
            assert grant.path.startswith(b"/")
