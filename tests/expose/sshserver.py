"""A real OpenSSH server with many configurations: what it gives by SFTP, beside what is stated."""

from __future__ import annotations

import dataclasses
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from phiscan.expose.grant import Grant
from phiscan.expose.machine import Machine
from phiscan.expose.services import sshd
from phiscan.model import Level
from tests import servers
from tests.expose.ftpservers import LINK, Cell, plant, questions, stated
from tests.running import need

OPEN = "invite"  # an account without a password, which the server's own /etc/shadow has
ACCOUNT = "www-data"  # comes with a key


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """A configuration, what is done to the tree before, and who comes."""

    name: str
    settings: str
    user: str = ACCOUNT
    prepare: Callable[[Path], None] = lambda _: None

    def __str__(self) -> str:
        return f"sshd: {self.name}"


def cells(case: Case) -> list[Cell]:
    """Run the server with one configuration and return what is stated of every place beside what is true."""
    program = servers.program("sshd")
    need(program is not None and shutil.which("sftp") is not None and os.geteuid() == 0, "OpenSSH, server and client,")
    # Below a folder that only root may write to: elsewhere the server shuts nobody in.
    scratch = Path(tempfile.mkdtemp(prefix="phiscan-sftp-", dir="/var/lib"))
    try:
        root = plant(scratch)
        case.prepare(root)
        return _cells(case, str(program), root, scratch)
    finally:
        shutil.rmtree(scratch)


def _cells(case: Case, program: str, root: Path, scratch: Path) -> list[Cell]:
    port = servers.free_port()
    config = _configure(case, root, scratch, port)
    Path("/run/sshd").mkdir(exist_ok=True)
    binds = " && ".join(
        f"mount --bind {shlex.quote(f'{scratch}/etc/{name}')} /etc/{name}" for name in ("passwd", "group", "shadow")
    )
    run = f"{binds} && exec {shlex.join([program, '-D', '-f', str(config)])}"
    with subprocess.Popen(["unshare", "--mount", "sh", "-c", run], stderr=subprocess.DEVNULL) as server:
        try:
            assert servers.comes_up(port, server), "sshd did not start"
            # The account without a password stands in the server's own files, which are those of a collected machine.
            root_of = str(scratch) if case.user == OPEN else "/"
            machine = Machine(root=root_of, given={"sshd": [str(config).removeprefix(root_of.rstrip("/"))]})
            grants = [one for grant in sshd.grants(machine) for one in _as_visitor(grant, case.user, machine)]
            said = {one: stated(grants, root, *one) for one in questions()}
            true = _visit(case.user, port, scratch, root)
            return [Cell(*one, said[one], true[one]) for one in said]
        finally:
            server.terminate()


def _configure(case: Case, root: Path, scratch: Path, port: int) -> Path:
    etc = scratch / "etc"
    etc.mkdir()
    for name, line in (("passwd", f"{OPEN}:x:21001:21001::/:/bin/sh"), ("group", f"{OPEN}:x:21001:")):
        (etc / name).write_text(Path(f"/etc/{name}").read_text("utf-8") + line + "\n", "utf-8")
    (etc / "shadow").write_text(f"{OPEN}::19000::::::\n{ACCOUNT}:*:19000::::::\n", "utf-8")
    for name in ("host", "key"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(scratch / name)]
        subprocess.run(made, check=True, stdin=subprocess.DEVNULL)
    config = etc / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {scratch}/host\nPidFile none\nUsePAM no\nStrictModes no\n"
        f"AuthorizedKeysFile {scratch}/key.pub\nSubsystem sftp internal-sftp\nLogLevel QUIET\n"
        + case.settings.replace("ROOT", str(root)).replace("SCRATCH", str(scratch)),
        "utf-8",
    )
    return config


def _as_visitor(grant: Grant, user: str, machine: Machine) -> list[Grant]:
    """Return a grant as what it is for one visitor: a stranger, who knows a name, or an account."""
    own = grant.identity is None or grant.identity.name == user
    if not own or (user == OPEN and grant.level is not Level.PUBLIC):
        return []
    return [dataclasses.replace(grant, level=Level.PUBLIC, identity=grant.identity or machine.account(user))]


def _visit(user: str, port: int, scratch: Path, root: Path) -> dict[tuple[str, str], bool]:
    """Return what one SFTP session can do."""
    taken = scratch / "taken"
    taken.mkdir()
    (scratch / "laisse.csv").write_text("x", "utf-8")
    asked = dict(enumerate(questions()))
    commands = {
        "read": lambda number, place: f"-get /{place} {taken}/{number}",
        "write": lambda number, place: f"-put {scratch}/laisse.csv /{place}/laisse-{number}.csv",
        "list": lambda number, place: f"-ls -1 /{place}",
    }
    batch = "\n".join(commands[action](number, place) for number, (action, place) in asked.items())
    way = ["-o", "PreferredAuthentications=none"] if user == OPEN else ["-i", str(scratch / "key")]
    quiet = ["-q", "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    command = ["sftp", *quiet, *way, "-P", str(port), "-b", "-", f"{user}@127.0.0.1"]
    done = subprocess.run(command, input=batch, capture_output=True, text=True, check=False, timeout=60)
    shown = set(done.stdout.splitlines())
    found = {}
    for number, (action, place) in asked.items():
        if action == "read":
            found[action, place] = (taken / str(number)).exists()
        elif action == "write":
            found[action, place] = (root / place / f"laisse-{number}.csv").exists()
        else:
            name = f"/{place}/open.csv" if place else "/open.csv"
            found[action, place] = name in shown
    return found


__all__ = ["ACCOUNT", "LINK", "OPEN", "Case", "cells"]
