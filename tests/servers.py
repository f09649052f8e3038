"""Real servers on loopback, started and stopped by the tests that need them."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.running import need

_START_WITHIN = 30.0  # seconds, on a machine that has other things to do
_ENDS_WITHIN = 10.0
# Servers that cannot be installed beside each other are unpacked there, see `.ci/run`.
_UNPACKED = "/opt/test-servers"


def program(name: str) -> str | None:
    """Return the path of a server's program, None where it is not installed."""
    return shutil.which(name, path=f"/usr/sbin:/usr/bin:{_UNPACKED}/usr/sbin:{_UNPACKED}/usr/bin")


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(port: int) -> None:
    """Return once somebody listens on `port`."""
    end = time.monotonic() + _START_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.02)
        else:
            return


def comes_up(port: int, server: subprocess.Popen[bytes]) -> bool:
    """Return once somebody listens on `port`; False where the server has ended instead."""
    end = time.monotonic() + _START_WITHIN
    while server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.02)
        else:
            return True
    return False


def naming(config: Path) -> list[int]:
    """Return the processes whose command line names a configuration: a server and all that it has started.

    Samba's helpers (`samba-dcerpcd`, `rpcd_*`) begin sessions of their own, and nothing else tells whose they are.
    """
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ends while it is looked at
            if os.fsencode(config) in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return sorted(found)


def end_samba(config: Path) -> None:
    """End the smbd of a configuration that no other test uses, with its helpers; return when they are gone."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        end = time.monotonic() + _ENDS_WITHIN
        while (left := naming(config)) and time.monotonic() < end:
            for process in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, how)
            time.sleep(0.05)
    assert not naming(config)


@contextlib.contextmanager
def vsftpd(root: Path, scratch: Path, writable: Path | None = None) -> Iterator[int]:
    """Run vsftpd with `root` as its anonymous zone; yield its port. Skips where it is not installed.

    Read only, but for what lies below `writable`, a folder in it: there everybody may do everything.
    """
    program = shutil.which("vsftpd", path="/usr/sbin:/usr/bin")
    need(program is not None and os.geteuid() == 0, "vsftpd, which only root starts,")
    port = free_port()
    scratch.mkdir()
    (scratch / "empty").mkdir()
    settings = {
        "listen": "YES",
        "listen_address": "127.0.0.1",
        "listen_port": port,
        "background": "NO",
        "anonymous_enable": "YES",
        "anon_root": root,
        "local_enable": "NO",
        "write_enable": "NO" if writable is None else "YES",
        "anon_upload_enable": "YES",
        "anon_mkdir_write_enable": "YES",
        "anon_other_write_enable": "YES",
        "anon_umask": "022",
        "anon_world_readable_only": "NO",
        "secure_chroot_dir": scratch / "empty",
        "seccomp_sandbox": "NO",  # needs more of the kernel than a container gives
        "vsftpd_log_file": scratch / "vsftpd.log",
    }
    if writable is not None:
        shutil.chown(writable, "ftp")
    config = scratch / "vsftpd.conf"
    config.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), "utf-8")
    config.chmod(0o600)
    with subprocess.Popen([str(program), str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            yield port
        finally:
            server.terminate()


@contextlib.contextmanager
def samba(root: Path, scratch: Path, charset: str = "UTF-8") -> Iterator[int]:
    """Run Samba with `root` as the share "depot", in which guests may write; yield its port. Skips where it is missing.

    `charset`: of the names as they lie on the disk.
    """
    program = shutil.which("smbd", path="/usr/sbin:/usr/bin")
    need(program is not None and os.geteuid() == 0, "smbd, which only root starts,")
    port = free_port()
    scratch.mkdir()
    sockets = Path(tempfile.mkdtemp(prefix="phiscan-smb-"))  # a socket's path has 107 bytes at most
    places = ("private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir")
    settings: dict[str, object] = {
        "server role": "standalone server",
        "interfaces": "127.0.0.1",
        "bind interfaces only": "yes",
        "smb ports": port,
        "map to guest": "Bad User",
        "unix charset": charset,
        "load printers": "no",
        "disable spoolss": "yes",
        "log file": scratch / "log",
        **{name: sockets / name.split()[0] for name in places},
    }
    share = {"path": root, "guest ok": "yes", "read only": "no", "create mask": "0644"}
    for name in places:
        (sockets / name.split()[0]).mkdir(mode=0o755)
    config = scratch / "smb.conf"
    sections = {"global": settings, "depot": share}
    lines = [
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in its.items()) for name, its in sections.items()
    ]
    config.write_text("".join(lines), "utf-8")
    shutil.chown(root, "nobody")
    command = [str(program), "--foreground", "--no-process-group", "-s", str(config)]
    null = subprocess.DEVNULL
    # A session of its own: with --no-process-group it ends whatever is in its group when it ends.
    with subprocess.Popen(command, stdin=null, stdout=null, stderr=null, start_new_session=True):
        try:
            wait_for(port)
            yield port
        finally:
            end_samba(config)
            shutil.rmtree(sockets)


@contextlib.contextmanager
def web(handler: type[http.server.BaseHTTPRequestHandler] | None = None, root: Path | None = None) -> Iterator[int]:
    """Run a web server that lists and serves `root`, or answers as `handler` does; yield its port."""
    made = handler or functools.partial(_Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), made) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL server with an empty cluster; yield its address, see `database`. Skips where it is not there."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    need(bool(folders) and shutil.which("setpriv") is not None, "PostgreSQL")
    home = tempfile.mkdtemp(prefix="phiscan-pg-")
    who = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    if who:
        shutil.chown(home, "postgres", "postgres")
    port = free_port()
    options = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
    try:
        initdb = [*who, str(folders[-1] / "initdb"), "-D", f"{home}/data", "-U", "phiscan", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*initdb, "--locale=C.UTF-8", "--no-sync"], cwd=home, capture_output=True, check=True)
        run = [*who, str(folders[-1] / "postgres"), "-D", f"{home}/data"]
        for option in options:
            run += ["-c", option]
        with subprocess.Popen(run, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                wait_for(port)
                yield f"postgresql+psycopg://phiscan@127.0.0.1:{port}/postgres"
            finally:
                server.send_signal(signal.SIGQUIT)  # nobody needs what is in it
    finally:
        shutil.rmtree(home, ignore_errors=True)


def database(server: str, name: str) -> str:
    """Make a place of its own on a PostgreSQL server, a schema, which costs next to nothing; return its address."""
    import psycopg

    for attempt in range(100):  # the port answers before the server does
        try:
            with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute(f'CREATE SCHEMA "{name}"')
                return f"{server}?options=-csearch_path%3D{name}"
        except psycopg.OperationalError:
            assert attempt < 99, "the server does not answer"
            time.sleep(0.1)
    raise AssertionError
