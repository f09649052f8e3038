"""What Pure-FTPd gives away: the grants of its configurations, exactly."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Process, Trouble
from phiscan.expose.services import pureftpd
from phiscan.model import Level, Reason
from tests.expose.services.collected import machine

CONF = "/etc/pure-ftpd/pure-ftpd.conf"
FTP = Identity("ftp", 103, frozenset({111}))


def why(grant: Grant) -> list[str]:
    """Return the evidence as one line each; all of it is about the grant's own folder."""
    assert {reason.zone for reason in grant.evidence} == {grant.path.decode()}
    return [f"{reason.source} {reason.setting}" for reason in grant.evidence]


def test_an_empty_file_lets_strangers_in(tmp_path: Path) -> None:
    assert pureftpd.grants(machine(tmp_path, {CONF: ""})) == [
        Grant(
            service="pure-ftpd",
            path=b"/srv/ftp",
            level=Level.PUBLIC,
            evidence=(
                Reason("pure-ftpd", "NoAnonymous (default no)", CONF, "/srv/ftp"),
                Reason("pure-ftpd", "AnonymousCantUpload (default no)", CONF, "/srv/ftp"),
            ),
            identity=FTP,
            write=True,
            listen=(("", 21),),
            follows_links=False,
            refused=(".*",),
            entered=True,
        )
    ]


def test_debian_has_a_file_for_each_setting(tmp_path: Path) -> None:
    folder = "/etc/pure-ftpd/conf"
    files = {
        f"{folder}/NoAnonymous": "# strangers\n\n  no \nyes\n",
        f"{folder}/AnonymousCantUpload": "ON\n",
        f"{folder}/Bind": "127.0.0.1,2121\n",
        f"{folder}/AllowDotFiles": "yes\n",
        f"{folder}/FSCharset": "UTF-8\n",
        CONF: "NoAnonymous yes\n",  # comes with the package, and nothing reads it
    }
    (grant,) = pureftpd.grants(machine(tmp_path, files))
    assert why(grant) == [
        f"{folder} NoAnonymous (default no)",
        f"{folder}/AnonymousCantUpload:1 AnonymousCantUpload ON",
        f"{folder}/AllowDotFiles:1 AllowDotFiles yes",
        f"{folder}/Bind:1 Bind 127.0.0.1,2121",
    ]
    assert (grant.write, grant.refused, grant.reach, grant.listen) == (
        False,
        (),
        Reach.LOOPBACK,
        (("127.0.0.1", 2121),),
    )


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("NoAnonymous yes\n", False),
        ("  noanonymous : TRUE\n", False),
        ("NoAnonymous=1\nNoAnonymous no\n", False),
        ("#NoAnonymous yes\nNoAnonymous off\n", True),
        ("Include /etc/more.conf\n", False),
        ("AnonymousOnly yes\n", True),
    ],
)
def test_the_configuration_file(tmp_path: Path, text: str, *, public: bool) -> None:
    seen = machine(tmp_path, {CONF: text, "/etc/more.conf": "NoAnonymous on\nInclude /etc/more.conf\n"})
    assert [one.level for one in pureftpd.grants(seen)] == [Level.PUBLIC] * public


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [(True, (".*",), False)]),
        (["-E"], []),
        (["-iz"], [(False, (), False)]),
        (["-c", "-E", "-s"], [(True, (".*",), True)]),  # -E is the value of -c
        (["-c5", "-Ei"], []),
        (["--noanonymous"], []),
        (["--anonymouscantupload", "--bind", "127.0.0.1,21"], [(False, (".*",), False)]),
        (["-p", "1:2", "-lunix", "-u1"], [(True, (".*",), False)]),
    ],
)
def test_arguments(tmp_path: Path, arguments: list[str], expected: list[tuple[bool, tuple[str, ...], bool]]) -> None:
    running = [Process(("/usr/sbin/pure-ftpd", *arguments))]
    found = pureftpd.grants(machine(tmp_path, {}, running))
    assert [(one.write, one.refused, one.withholds_own) for one in found] == expected
    assert {one.evidence[0].source for one in found} <= {"command line"}


def test_a_file_as_the_argument(tmp_path: Path) -> None:
    running = [Process(("/usr/sbin/pure-ftpd", "pf.conf"), "/opt")]
    found = pureftpd.grants(machine(tmp_path, {"/opt/pf.conf": "NoAnonymous yes\n"}, running))
    assert found == []


def test_a_title_hides_the_arguments(tmp_path: Path) -> None:
    seen = machine(tmp_path, {}, [Process(("pure-ftpd (SERVER)",))])
    assert [why(one)[0] for one in pureftpd.grants(seen)] == ["command line NoAnonymous (default no)"]
    assert seen.troubles == [Trouble("pure-ftpd", "pure-ftpd", "the arguments of the server are not shown")]
    known = machine(tmp_path, {CONF: "NoAnonymous yes\n"}, [Process(("pure-ftpd (SERVER)",))])
    assert (pureftpd.grants(known), known.troubles) == ([], [])


def test_addresses_with_a_zone_of_their_own(tmp_path: Path) -> None:
    files = {CONF: "", "/etc/pure-ftpd/pure-ftpd/10.0.0.7/x": ""}
    found = pureftpd.grants(machine(tmp_path, files))
    assert [(one.path, one.listen, one.reach) for one in found] == [
        (b"/srv/ftp", (("", 21),), Reach.EVERYWHERE),
        (b"/etc/pure-ftpd/pure-ftpd/10.0.0.7", (("10.0.0.7", 21),), Reach.PRIVATE),
    ]


def test_virtual_users(tmp_path: Path) -> None:
    users = "labo:$2a$x:1001:1001:Labo:/srv/labo/./::::::::::::\nbroken:x:a:b::/srv/x\n"
    seen = machine(tmp_path, {CONF: "NoAnonymous yes\n", "/etc/pure-ftpd/pureftpd.passwd": users})
    (grant,) = pureftpd.grants(seen)
    assert (grant.path, grant.level, grant.name) == (b"/srv/labo", Level.RESTRICTED, "labo")
    assert grant.identity == Identity("labo", 1001, frozenset({1001}))
    assert why(grant) == ["/etc/pure-ftpd/pureftpd.passwd:1 account labo"]


def test_without_the_account_nobody_comes(tmp_path: Path) -> None:
    seen = machine(tmp_path, {CONF: ""})
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n", "utf-8")
    assert pureftpd.grants(seen) == []


def test_neither_yes_nor_no_is_a_trouble(tmp_path: Path) -> None:
    seen = machine(tmp_path, {CONF: "NoAnonymous perhaps\n"})
    assert [one.level for one in pureftpd.grants(seen)] == [Level.PUBLIC]
    assert seen.troubles == [Trouble("pure-ftpd", f"{CONF}:1", "neither yes nor no: the server does not start")]


@settings(max_examples=100)
@given(st.text(), st.lists(st.one_of(st.text(), st.sampled_from(["-E", "-S", "--bind", "-", "--", "x"]))))
def test_junk_never_raises(text: str, arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = text.encode("utf-8", "replace").decode("utf-8")
        files = {CONF: plain, "/etc/pure-ftpd/pureftpd.passwd": plain, "/etc/pure-ftpd/conf/Bind": plain}
        words = [word.encode("utf-8", "replace").decode("utf-8") for word in arguments]
        for grant in pureftpd.grants(machine(Path(folder), files, [Process(("pure-ftpd", *words))])):
            assert grant.path.startswith(b"/")
