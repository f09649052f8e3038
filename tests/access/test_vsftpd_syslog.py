"""vsftpd that logs through syslog: a real one, shut in where this test is its syslog."""

from __future__ import annotations

import ftplib
import io
import os
import socket
import time
from pathlib import Path

import pytest

from phiscan.access.formats import Parser
from phiscan.access.model import Mapping, Target
from phiscan.access.search import Part, look_up
from tests.expose import contained
from tests.servers import free_port
from tests.watching import until

SETTINGS = (
    "xferlog_enable=YES\nsyslog_enable=YES\nwrite_enable=YES\nanon_upload_enable=YES\nanon_other_write_enable=YES\n"
    "anon_umask=022\n"
)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_real_one(tmp_path: Path) -> None:
    for above in tmp_path.parents:  # pytest's own folders are closed
        if not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    tmp_path.chmod(0o755)
    port = free_port()
    jail = contained.plant(tmp_path / "j", {"/etc/vsftpd.conf": contained.vsftpd(port, SETTINGS)})
    (jail / "srv/ftp/in").mkdir()
    (jail / "srv/ftp/in").chmod(0o777)
    (jail / "srv/ftp/in/résultat 1.csv").write_text("contenu")
    here = Path.cwd()
    os.chdir(jail)  # the address of a socket is short
    lines: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("dev/log")
        os.chdir(here)
        (jail / "dev/log").chmod(0o666)
        heard.setblocking(False)

        def said() -> bool:
            try:
                lines.append(heard.recv(4096))
            except BlockingIOError:
                return any(b"RENAME" in line for line in lines)
            return False

        with contained.chroot(jail, ["vsftpd", "/etc/vsftpd.conf"], port):
            with ftplib.FTP(timeout=20, encoding="utf-8") as client:
                client.connect("127.0.0.1", port)
                client.login()
                client.retrbinary("RETR in/résultat 1.csv", lambda _: None)
                client.storbinary("STOR in/b c.csv", io.BytesIO(b"xx"))
                client.rename("in/b c.csv", "in/d.csv")
            until(said)
    log = tmp_path / "daemon.log"
    # As rsyslog writes it: without its priority, with the name of the machine.
    log.write_bytes(b"".join(line[4:19] + b" labo" + line[19:] + b"\n" for line in lines))
    top = os.fsencode(jail / "srv/ftp/in")
    targets = [
        Target(key=1, path=top + "/résultat 1.csv".encode(), size=7),
        Target(key=2, path=top + b"/d.csv", size=2),
    ]
    looked = look_up([Part(file=os.fsencode(log))], targets, [Mapping(service="vsftpd", path=os.path.dirname(top))])
    found = {(one.key, one.access.action, one.extent, one.sure) for one in looked.gathered.lines}
    # Before the rename it is known by a name that such a log may not write as it is.
    assert found - {(2, "rename", "unknown", False)} == {
        (1, "read", "complete", True),
        (2, "write", "complete", False),
        (2, "rename", "unknown", True),
    }


@pytest.mark.parametrize(
    ("header", "zoned"),
    [
        (b"Nov 26 20:50:56 labo vsftpd[12]: ", False),
        (b"<94>Nov  6 20:50:56 vsftpd[12]: ", False),
        (b"2026-11-26T20:50:56.5+01:00 labo vsftpd[12]: ", True),
    ],
)
def test_headers(header: bytes, zoned: bool) -> None:
    found = Parser()(header + b'[ftp] OK DOWNLOAD: Client "::ffff:10.0.0.9", "/in/a.csv", 7 bytes, 24.07Kbyte/sec')
    assert found is not None
    assert (found.action, found.address, found.path, found.size, found.zoned) == (
        "read",
        "10.0.0.9",
        b"/in/a.csv",
        7,
        zoned,
    )
    assert found.services == ("vsftpd",)
    assert found.at < time.time() + 400 * 86400


@pytest.mark.parametrize("line", [b'Nov 26 20:50:56 labo sshd[12]: OK DOWNLOAD: Client "::1", "/a", 7 bytes'])
def test_others(line: bytes) -> None:
    assert Parser()(line) is None
