"""Real file and web servers on loopback, with the configuration that a test gives them: smbd, rsync, nginx, Apache.

Each runs on a free port with all its state in a folder of the test, and is stopped by its own process number.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.running import need
from tests.servers import end_samba, free_port, wait_for

_STOPS_WITHIN = 10.0  # seconds


@dataclass(frozen=True)
class Running:
    """A server that runs: the file it was started with, and its port."""

    config: Path
    port: int


@contextlib.contextmanager
def smbd(scratch: Path, text: str) -> Iterator[Running]:
    """Run Samba with `text` behind the settings of where it listens and keeps its state."""
    program = _program("smbd")
    need(shutil.which("smbclient") is not None, "smbclient")
    port = free_port()
    state = scratch / "samba"
    state.mkdir(mode=0o755, exist_ok=True)
    folders = ("lock directory", "state directory", "cache directory", "private dir", "pid directory", "ncalrpc dir")
    lines = [
        "[global]",
        f"smb ports = {port}",
        "interfaces = 127.0.0.1",
        "bind interfaces only = yes",
        "server role = standalone",
        "disable spoolss = yes",
        "load printers = no",
        f"log file = {state}/log",
        *(f"{name} = {state}" for name in folders),
        text,
    ]
    config = scratch / "smb.conf"
    config.write_text("\n".join(lines) + "\n", "utf-8")
    # With --no-process-group it ends whatever is in its group when it ends: it gets a session of its own.
    command = [program, "--foreground", "--no-process-group", "--debug-stdout", "-s", str(config)]
    try:
        yield from _run(command, config, port)
    finally:
        end_samba(config)


@contextlib.contextmanager
def rsyncd(scratch: Path, text: str) -> Iterator[Running]:
    """Run an rsync daemon."""
    program = _program("rsync")
    port = free_port()
    config = scratch / "rsyncd.conf"
    log = f"log file = {scratch}/rsync.log"
    config.write_text(f"port = {port}\naddress = 127.0.0.1\n{log}\n{text}\n", "utf-8")
    yield from _run([program, "--daemon", "--no-detach", f"--config={config}"], config, port)


@contextlib.contextmanager
def nginx(scratch: Path, text: str, main: str = "") -> Iterator[Running]:
    """Run nginx with `text` in its http block; `PORT` in it is the port."""
    program = _program("nginx")
    port = free_port()
    state = scratch / "nginx"
    state.mkdir(mode=0o755)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    lines = [
        "daemon off; worker_processes 1; user www-data;",
        f"pid {state}/pid; error_log {state}/error.log;",
        main,
        "events { worker_connections 64; }",
        "http {",
        *(f"{kind}_temp_path {state}/{kind};" for kind in kinds),
        "access_log off;",
        text.replace("PORT", str(port)),
        "}",
    ]
    config = scratch / "nginx.conf"
    config.write_text("\n".join(lines) + "\n", "utf-8")
    yield from _run([program, "-c", str(config)], config, port)


@contextlib.contextmanager
def apache(scratch: Path, text: str, modules: tuple[str, ...] = ()) -> Iterator[Running]:
    """Run Apache with the modules that serve files and ask for passwords, and `modules`; `PORT` is the port."""
    program = _program("apache2")
    port = free_port()
    state = scratch / "apache"
    state.mkdir(mode=0o755)
    usual = (
        "mpm_event",
        "authn_core",
        "authn_file",
        "authz_core",
        "authz_host",
        "authz_user",
        "auth_basic",
        "access_compat",
        "alias",
        "autoindex",
        "dir",
        "env",
        "mime",
    )
    folder = "/usr/lib/apache2/modules"
    lines = [
        f"ServerRoot {state}",
        f"PidFile {state}/pid",
        f"ErrorLog {state}/error.log",
        "ServerName localhost",
        "TypesConfig /dev/null",
        f"DefaultRuntimeDir {state}",
        *(f"LoadModule {name}_module {folder}/mod_{name}.so" for name in (*usual, *modules)),
        "User www-data",
        "Group www-data",
        f"Listen 127.0.0.1:{port}",
        text.replace("PORT", str(port)),
    ]
    config = scratch / "apache2.conf"
    config.write_text("\n".join(lines) + "\n", "utf-8")
    yield from _run([program, "-D", "FOREGROUND", "-f", str(config)], config, port)


def _program(name: str) -> str:
    program = shutil.which(name, path="/usr/sbin:/usr/bin")
    need(program is not None and os.geteuid() == 0, f"{name}, started by root,")
    return str(program)


def _run(command: list[str], config: Path, port: int) -> Iterator[Running]:
    said = config.with_suffix(".said")
    with (
        said.open("wb") as out,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True) as server,
    ):
        try:
            try:
                wait_for(port)
            except AssertionError as error:
                raise AssertionError(f"{command[0]}: {said.read_text('utf-8', 'replace')}") from error
            yield Running(config, port)
        finally:
            server.terminate()
            try:
                server.wait(_STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
