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

_START_WITHIN = 10.0  # seconds
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


@contextlib.contextmanager
def vsftpd(root: Path, scratch: Path) -> Iterator[int]:
    """Run vsftpd with `root` as its anonymous zone, read only; yield its port. Skips where it is not installed."""
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
        "write_enable": "NO",
        "secure_chroot_dir": scratch / "empty",
        "seccomp_sandbox": "NO",  # needs more of the kernel than a container gives
        "vsftpd_log_file": scratch / "vsftpd.log",
    }
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
