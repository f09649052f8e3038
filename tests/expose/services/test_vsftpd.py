"""What vsftpd gives away: the grants of its configurations, exactly."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Process, Trouble
from phiscan.expose.services import vsftpd
from phiscan.model import Level, Reason
from tests.expose.services.collected import machine

FTP = Identity("ftp", 103, frozenset({111}))
CONF = "/etc/vsftpd.conf"


def grants(folder: Path, text: str, **files: str) -> list[Grant]:
    """Return the grants of one configuration and further files: `etc_users` is /etc/users."""
    more = {"/" + name.replace("_", "/"): content for name, content in files.items()}
    return vsftpd.grants(machine(folder, {CONF: text, **more}))


def why(grant: Grant) -> list[str]:
    """Return the evidence as one line each; all of it is about the grant's own folder."""
    assert {reason.zone for reason in grant.evidence} == {grant.path.decode()}
    return [f"{reason.source} {reason.setting}" for reason in grant.evidence]


def test_an_empty_file_lets_strangers_in(tmp_path: Path) -> None:
    assert grants(tmp_path, "") == [
        Grant(
            service="vsftpd",
            path=b"/srv/ftp",
            level=Level.PUBLIC,
            evidence=(
                Reason("vsftpd", "anonymous_enable (default YES)", CONF, "/srv/ftp"),
                Reason("vsftpd", "ftp_username (default ftp)", CONF, "/srv/ftp"),
            ),
            identity=FTP,
            follows_links=False,
            world_readable_only=True,
            entered=True,
            logs=(),
        )
    ]


def test_everything_that_is_said_is_evidence(tmp_path: Path) -> None:
    text = (
        "# public\n\nlisten=YES\nlisten_address=127.0.0.1\nlisten_port=2121\nanonymous_enable=NO\n"
        "anon_root=/srv/depot/\nwrite_enable=YES\nanon_upload_enable=YES\nno_anon_password=YES\n"
        "anon_world_readable_only=NO\nanonymous_enable=YES\ndeny_file={*.mdb,.ht*}\n"
    )
    (grant,) = grants(tmp_path, text)
    assert why(grant) == [
        f"{CONF}:12 anonymous_enable=YES",
        f"{CONF}:10 no_anon_password=YES",
        f"{CONF}:7 anon_root=/srv/depot/",
        f"{CONF}:8 write_enable=YES",
        f"{CONF}:9 anon_upload_enable=YES",
        f"{CONF}:4 listen_address=127.0.0.1",
    ]
    assert (grant.path, grant.level, grant.read, grant.write, grant.list) == (
        b"/srv/depot",
        Level.PUBLIC,
        True,
        True,
        True,
    )
    assert (grant.reach, grant.listen) == (Reach.LOOPBACK, (("127.0.0.1", 2121),))
    assert (grant.refused, grant.refuses_folders, grant.world_readable_only) == (("*.mdb", ".ht*"), False, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (True, False, True)),
        ("write_enable=YES", (True, False, True)),
        ("anon_upload_enable=YES", (True, False, True)),
        ("write_enable=YES\nanon_mkdir_write_enable=YES", (True, False, True)),
        ("write_enable=YES\nanon_other_write_enable=YES", (True, True, True)),
        ("write_enable=1\nanon_upload_enable=true\ncmds_denied=STOR,STOU", (True, False, True)),
        ("download_enable=NO", (False, False, True)),
        ("dirlist_enable=NO", (True, False, False)),
        ("cmds_allowed=PASV,RETR,QUIT", (True, False, False)),
        ("pasv_enable=NO\nport_enable=NO", (False, False, True)),  # STAT shows names without a data connection
        ("cmds_denied=LIST,NLST,STAT", (True, False, False)),
    ],
)
def test_read_write_list(tmp_path: Path, text: str, expected: tuple[bool, bool, bool]) -> None:
    (grant,) = grants(tmp_path, text)
    assert (grant.read, grant.write, grant.list) == expected


@pytest.mark.parametrize(
    "text",
    [
        "anonymous_enable=NO",
        "ftp_enable=NO",
        "ftp_username=personne",
        "local_enable=YES\nuserlist_enable=YES\nuserlist_deny=NO\nuserlist_file=/etc/users",
        "local_enable=YES\nuserlist_enable=YES",  # there is no such list: every session ends
        "secure_email_list_enable=YES",  # nor such a one
    ],
)
def test_nobody_comes_without_an_account(tmp_path: Path, text: str) -> None:
    assert grants(tmp_path, text, etc_users="labo\n") == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("local_enable=YES\nuserlist_enable=YES\nuserlist_file=/etc/users", Level.PUBLIC),
        ("userlist_enable=YES\nuserlist_deny=NO\nuserlist_file=/etc/users", Level.PUBLIC),  # not read: no accounts
        ("secure_email_list_enable=YES\nemail_password_file=/etc/users", Level.SHARED),
        ("secure_email_list_enable=YES\nemail_password_file=/etc/none", Level.PUBLIC),  # an empty list
        ("ssl_enable=YES\nforce_anon_logins_ssl=YES\nrequire_cert=YES", Level.PUBLIC),
        ("ssl_enable=YES\nforce_anon_logins_ssl=YES\nrequire_cert=YES\nvalidate_cert=YES", Level.RESTRICTED),
    ],
)
def test_whom_the_anonymous_login_lets_in(tmp_path: Path, text: str, level: Level) -> None:
    assert [one.level for one in grants(tmp_path, text, etc_users="anonymous\nftp\n", etc_none="")] == [level]


def test_accounts(tmp_path: Path) -> None:
    text = (
        "anonymous_enable=NO\nlocal_enable=YES\nlocal_root=/srv/echange\nchroot_local_user=YES\nwrite_enable=YES\n"
        "user_config_dir=/etc/vs\n"
    )
    found = vsftpd.grants(
        machine(tmp_path, {CONF: text, "/etc/vs/labo": "local_root=/srv/labo\n", "/etc/vs/bio": "write_enable=NO\n"})
    )
    everybody, labo = found
    assert (everybody.path, everybody.level, everybody.identity, everybody.write) == (
        b"/srv/echange",
        Level.SHARED,
        None,
        True,
    )
    assert (everybody.follows_links, everybody.entered, everybody.world_readable_only) == (False, False, False)
    assert why(everybody) == [
        f"{CONF}:3 local_root=/srv/echange",
        f"{CONF}:2 local_enable=YES",
        f"{CONF}:5 write_enable=YES",
    ]
    assert (labo.path, labo.level) == (b"/srv/labo", Level.RESTRICTED)
    assert labo.identity == Identity("labo", 1001, frozenset({1001, 50}))
    assert why(labo)[0] == "/etc/vs/labo:1 local_root=/srv/labo"


def test_accounts_that_are_listed(tmp_path: Path) -> None:
    text = (
        "anonymous_enable=NO\nlocal_enable=YES\nlocal_root=/srv/echange\nuserlist_enable=YES\nuserlist_deny=NO\n"
        "userlist_file=/etc/users\n"
    )
    (grant,) = grants(tmp_path, text, etc_users="labo\n")
    assert (grant.level, grant.follows_links) == (Level.RESTRICTED, True)
    assert why(grant)[1:3] == [f"{CONF}:5 userlist_deny=NO", f"{CONF}:6 userlist_file=/etc/users"]


def test_guests_are_bound_as_strangers_are(tmp_path: Path) -> None:
    text = "anonymous_enable=NO\nlocal_enable=YES\nguest_enable=YES\nguest_username=labo\nwrite_enable=YES\n"
    (grant,) = grants(tmp_path, text)
    assert (grant.path, grant.level, grant.write, grant.entered) == (b"/home/labo", Level.SHARED, False, True)
    assert (grant.identity, grant.world_readable_only) == (Identity("labo", 1001, frozenset({1001, 50})), True)
    assert grants(tmp_path, text + "user_sub_token=$USER\nlocal_root=/srv/$USER\n") == []


def test_settings_of_the_anonymous_account(tmp_path: Path) -> None:
    (grant,) = vsftpd.grants(
        machine(
            tmp_path,
            {
                CONF: "write_enable=YES\nuser_config_dir=/etc/vs\n",
                "/etc/vs/ftp": "anon_upload_enable=YES\nanon_root=/srv/autre\n",
            },
        )
    )
    assert (grant.path, grant.write) == (b"/srv/autre", True)


def test_tcp_wrappers(tmp_path: Path) -> None:
    text = "tcp_wrappers=YES\n"
    (everywhere,) = grants(tmp_path, text)
    (near,) = grants(tmp_path, text, **{"etc_hosts.allow": "vsftpd: 10.\n", "etc_hosts.deny": "# x\nALL: ALL\n"})
    (named,) = grants(tmp_path, text, **{"etc_hosts.allow": "vsftpd: ALL EXCEPT 10.\n"})
    assert [one.reach for one in (everywhere, near, named)] == [Reach.EVERYWHERE, Reach.PRIVATE, Reach.EVERYWHERE]
    assert why(near)[-1] == "/etc/hosts.deny:2 ALL : ALL"


def test_tcp_wrappers_bring_another_configuration(tmp_path: Path) -> None:
    files = {
        CONF: "tcp_wrappers=YES\nanonymous_enable=NO\nlocal_enable=YES\n",
        "/etc/hosts.allow": "vsftpd: 10. : setenv VSFTPD_LOAD_CONF /etc/interne.conf\n",
        "/etc/interne.conf": "anonymous_enable=YES\n",
    }
    (grant,) = vsftpd.grants(machine(tmp_path, files))
    assert why(grant)[0] == "/etc/interne.conf:1 anonymous_enable=YES"


def test_the_files_of_running_servers(tmp_path: Path) -> None:
    files = {"/opt/a.conf": "anon_root=/srv/a\n", "/opt/b.conf": "anon_root=/srv/b\n", CONF: "anon_root=/srv/c\n"}
    running = [
        Process(("/usr/sbin/vsftpd", "a.conf", "-oanon_root=/srv/d"), "/opt"),
        Process(("vsftpd: LISTENER",)),
        Process(("/usr/sbin/vsftpd", "/opt/b.conf")),
    ]
    found = vsftpd.grants(machine(tmp_path, files, running))
    assert [(one.path, one.evidence[0].source) for one in found] == [
        (b"/srv/d", "/opt/a.conf"),
        (b"/srv/b", "/opt/b.conf"),
        (b"/srv/c", CONF),
    ]
    assert why(found[0])[1] == "command line anon_root=/srv/d"


@pytest.mark.parametrize(
    ("line", "public"),
    [
        ("anonymous_enable=NO ", False),  # a blank, with which the server does not start: what was meant is kept
        ("anonymous_enable =NO", False),
        ("anonymous_enable=perhaps", True),
        ("anonymous_enable", True),
    ],
)
def test_what_vsftpd_refuses_is_a_trouble(tmp_path: Path, line: str, public: bool) -> None:
    seen = machine(tmp_path, {CONF: line + "\n"})
    assert [one.level for one in vsftpd.grants(seen)] == [Level.PUBLIC] * public
    assert seen.troubles == [Trouble("vsftpd", f"{CONF}:1", "a line that vsftpd refuses")]


def test_without_a_limit_everything_is_public(tmp_path: Path) -> None:
    seen = machine(tmp_path, {CONF: "anon_root=/srv/ftp\nrun_as_launching_user=YES\n"})
    (grant,) = vsftpd.grants(seen)
    assert (grant.path, grant.level, grant.identity, grant.entered, grant.follows_links) == (
        b"/",
        Level.PUBLIC,
        None,
        False,
        True,
    )
    assert why(grant)[-1] == f"{CONF}:2 run_as_launching_user=YES"
    assert [one.source for one in seen.troubles] == [f"{CONF}:2"]


def test_accounts_that_are_not_known_leave_the_zone_public(tmp_path: Path) -> None:
    seen = machine(tmp_path, {CONF: "anon_root=/srv/ftp\n"})
    (tmp_path / "etc/passwd").unlink()
    (grant,) = vsftpd.grants(seen)
    assert (grant.level, grant.identity) == (Level.PUBLIC, None)


LINES = st.lists(
    st.one_of(
        st.text(),
        st.builds(
            "{}{}{}".format,
            st.sampled_from(
                sorted(vsftpd._SWITCHES | set(vsftpd._DEFAULTS) | {"anon_root", "local_root", "deny_file"})
            ),
            st.sampled_from(["=", " = ", ""]),
            st.one_of(st.sampled_from(["YES", "no", "1", "/srv", "{a,*", ""]), st.text()),
        ),
    )
)


@settings(max_examples=150)
@given(LINES)
def test_junk_never_raises(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = "\n".join(lines).encode("utf-8", "replace").decode("utf-8")
        for grant in vsftpd.grants(machine(Path(folder), {CONF: text})):
            assert grant.path.startswith(b"/")


@pytest.mark.parametrize(
    ("settings", "logs"),
    [
        ("", ()),
        ("xferlog_enable=YES\n", ("/var/log/vsftpd.log",)),
        ("xferlog_enable=YES\nxferlog_std_format=YES\n", ("/var/log/xferlog",)),
        ("dual_log_enable=YES\nvsftpd_log_file=/srv//a.log\n", ("/var/log/xferlog", "/srv/a.log")),
        ("xferlog_enable=YES\nsyslog_enable=YES\n", None),
        ("xferlog_enable=YES\nxferlog_std_format=YES\nsyslog_enable=YES\n", ("/var/log/xferlog",)),
    ],
)
def test_the_logs_that_it_writes(tmp_path: Path, settings: str, logs: tuple[str, ...] | None) -> None:
    host = machine(tmp_path, {"/etc/vsftpd.conf": f"anon_root=/srv/ftp\n{settings}"})
    assert [grant.logs for grant in vsftpd.grants(host)] == [logs]
