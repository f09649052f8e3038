"""A probe is no reader: what it leaves in the logs of real servers is no access to the file that it had opened."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from phiscan.access.model import Mapping, Target
from phiscan.access.search import Part, look_up
from phiscan.expose import titles
from phiscan.expose.machine import Machine
from phiscan.expose.processes import heard_by, processes
from phiscan.expose.services import proftpd as reading
from tests.access.serving import program, running
from tests.expose import netservers
from tests.running import phiscan
from tests.servers import free_port
from tests.watching import until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
SIZE = 5000


@contextlib.contextmanager
def vsftpd(home: Path, pub: Path) -> Iterator[tuple[str, bytes]]:
    """Run vsftpd without listings."""
    port = free_port()
    (home / "empty").mkdir()
    lines = [
        "listen=YES", "listen_address=127.0.0.1", f"listen_port={port}", "background=NO", "seccomp_sandbox=NO",
        "anonymous_enable=YES", f"anon_root={pub}", "dirlist_enable=NO", f"secure_chroot_dir={home}/empty",
        "xferlog_enable=YES", f"vsftpd_log_file={home}/log", "",
    ]  # fmt: skip
    (home / "vsftpd.conf").write_text("\n".join(lines))
    with running([program("vsftpd"), str(home / "vsftpd.conf")], port, home):
        yield f"ftp://127.0.0.1:{port}", b"/"


@contextlib.contextmanager
def proftpd(home: Path, pub: Path) -> Iterator[tuple[str, bytes]]:
    """Run ProFTPD without listings."""
    port = free_port()
    lines = [
        f"Port {port}", "DefaultAddress 127.0.0.1", "SocketBindTight on", "UseIPv6 off", "User nobody", "Group nogroup",
        "AuthOrder mod_auth_unix.c", "WtmpLog off", f"ScoreboardFile {home}/scoreboard", f"PidFile {home}/pid",
        f"TransferLog {home}/log", "RequireValidShell off", f"<Anonymous {pub}>", "User ftp", "UserAlias anonymous ftp",
        "AllowRetrieveRestart on", "<Limit DIRS>", "DenyAll", "</Limit>", "</Anonymous>", "",
    ]  # fmt: skip
    (home / "proftpd.conf").write_text("\n".join(lines))
    with running([program("proftpd"), "-n", "-c", str(home / "proftpd.conf")], port, home):
        yield f"ftp://127.0.0.1:{port}", bytes(pub)


@contextlib.contextmanager
def nginx(home: Path, pub: Path) -> Iterator[tuple[str, bytes]]:
    """Run nginx without listings."""
    text = f"server {{ listen 127.0.0.1:PORT; access_log {home}/log; location /pub/ {{ alias {pub}/; }} }}"
    with contextlib.contextmanager(netservers.nginx.__wrapped__)(home, text) as one:  # type: ignore[attr-defined]
        yield f"http://127.0.0.1:{one.port}/pub", b"/pub"


@pytest.mark.parametrize("serve", [vsftpd, proftpd, nginx])
def test_a_probe_is_no_reader(
    tmp_path: Path, serve: Callable[[Path, Path], contextlib.AbstractContextManager[tuple[str, bytes]]]
) -> None:
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    pub, log = tmp_path / "pub", tmp_path / "log"
    pub.mkdir()
    (pub / "a.csv").write_text("x" * SIZE)
    with serve(tmp_path, pub) as (address, seen):
        # ProFTPD shows a title instead of its arguments.
        known = [str(file) for file in tmp_path.glob("proftpd.conf")]
        (tmp_path / "phiscan.yaml").write_text(json.dumps({"servers": known}))
        done = phiscan("zones", "-f", "json", "--probe", str(pub), "-c", "phiscan.yaml", cwd=tmp_path)
        mine = [zone for zone in json.loads(done.stdout)["zones"] if zone["path"] == str(pub)]
        assert [(zone["service"], zone["read"], zone["list"], zone["state"]) for zone in mine] == [
            (serve.__name__, True, False, "proved")
        ]
        probed = log.read_text("utf-8")
        assert "a.csv" in probed  # it was asked for
        assert reads(log, pub, serve.__name__, seen) == []
        subprocess.run(["curl", "-sS", "-o", "/dev/null", f"{address}/a.csv"], check=True)
        until(lambda: log.read_text("utf-8").count("a.csv") > probed.count("a.csv"))
        assert reads(log, pub, serve.__name__, seen) == [{"complete": 1}]


def test_a_server_with_a_configuration_that_nobody_finds_is_said(tmp_path: Path) -> None:
    """Where it is met at a port of which no known file speaks."""
    pub = tmp_path / "pub"
    pub.mkdir()
    with proftpd(tmp_path, pub) as (address, _):
        port = int(address.rpartition(":")[2])
        (mine,) = (one for one in processes()[0] if port in {heard.port for heard in heard_by(one.pid)})
        assert mine.argv[0].startswith("proftpd: ")
        other = tmp_path / "other.conf"
        other.write_text(f"Port {free_port()}\n")
        for given, troubles in (([], 1), ([str(other)], 1), ([str(other), str(tmp_path / "proftpd.conf")], 0)):
            machine = Machine("/", {"proftpd": given}, (mine,))
            reading.grants(machine)
            assert [one.detail for one in machine.troubles] == [titles.NOT_SHOWN] * troubles


def reads(log: Path, pub: Path, service: str, seen: bytes) -> list[dict[str, int]]:
    """Return the readers of the file, by the log."""
    target = Target(key=1, path=bytes(pub / "a.csv"), size=SIZE)
    looked = look_up([Part(file=bytes(log))], [target], [Mapping(service=service, path=bytes(pub), seen=seen)])
    return [dict(one.extents) for one in looked.gathered.readers.values()]
