"""Proof of a zone: a login without an account at this machine's own listeners, a listing, a file opened at its end.

Only addresses at which this machine itself listens are talked to. Nothing is written, nothing of a file is fetched (it
would be a reader in the logs), and nothing is kept: a name is compared with the names in the folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from phiscan.expose.discover import Discovery
from phiscan.expose.grant import Grant, Reach
from phiscan.expose.listing import Row, State
from phiscan.expose.probe import ftp as probeftp
from phiscan.expose.probe import http as probehttp
from phiscan.expose.probe.asking import Answer, Target, readable_file
from phiscan.expose.processes import Listener, programs_at
from phiscan.model import Level, Reason

PATIENCE: Final = 5.0  # seconds for an answer
# What the programs of a service are called: inetd and systemd hold ports for others.
_PROGRAMS: Final[Mapping[str, frozenset[str]]] = {
    "vsftpd": frozenset({"vsftpd"}),
    "proftpd": frozenset({"proftpd"}),
    "pure-ftpd": frozenset(f"pure-ftpd{kind}" for kind in ("", "-ldap", "-mysql", "-postgresql")),
    "nginx": frozenset({"nginx"}),
    "apache": frozenset({"apache2", "httpd"}),
    "samba": frozenset({"smbd"}),
    "rsync": frozenset({"rsync"}),
}
_FTP: Final = frozenset({"vsftpd", "proftpd", "pure-ftpd"})
_HTTP: Final = frozenset({"nginx", "apache"})


_FROM_HERE: Final = Answer(None, "let in from this machine, which says nothing of others")


def probed(rows: Iterable[Row], found: Discovery) -> list[Row]:
    """Return the zones with what the servers themselves say of them, and servers that let in and were not known to."""
    programs = programs_at(found.listeners)
    asked = [_probed(row, found, programs) for row in rows]
    return [*asked, *_unknown(found)]


def _probed(row: Row, found: Discovery, programs: Mapping[Listener, frozenset[str]]) -> Row:
    grant = row.grant
    if grant is None or not (grant.read or grant.list):
        return row
    if grant.network:
        return replace(row, proof=row.proof or "not asked: it listens in a network of its own")
    answers = [(target, _ask(grant, target)) for target in targets(grant, found, programs)]
    if grant.level is Level.SHARED and grant.reach < Reach.EVERYWHERE:
        # We may be let in because we ask from this machine: the grant says so, or the server lets it in always (Samba).
        answers = [(target, _FROM_HERE if answer.open else answer) for target, answer in answers]
    said = [(target, answer) for target, answer in answers if answer.open is not None]
    if not said:
        return replace(row, proof=row.proof or next((answer.why for _, answer in answers), ""))
    expected = row.level is Level.PUBLIC
    differing = next(((target, answer) for target, answer in said if answer.open is not expected), None)
    target, answer = differing or said[0]
    state = State.PROVED if differing is None else State.CONTRADICTED
    level = Level.PUBLIC if answer.open else row.level
    return replace(row, state=state, proof=f"{answer.why} ({target.shown})", level=level)


def targets(grant: Grant, found: Discovery, programs: Mapping[Listener, frozenset[str]] | None = None) -> list[Target]:
    """Return where a grant's service can be asked: what this machine listens on among its ports, each address once.

    A port that the program of another service holds, by `programs`, says nothing of this one.
    """
    ports = {port for _, port in grant.listen}
    if grant.service == "samba" and len(ports) > 1:
        ports.discard(139)  # of before 2000, and the same
    own = _PROGRAMS.get(grant.service, frozenset())
    others = frozenset().union(*_PROGRAMS.values()) - own
    ours = [one for one in found.listeners if one.port in ports and not one.network and not grant.network]
    heard = {
        (_reached(one.address), one.port) for one in ours if not ((programs or {}).get(one, frozenset()) & others)
    }
    return [Target(address, port) for address, port in sorted(heard)]


def _reached(address: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104  nothing is bound here


def _ask(grant: Grant, target: Target) -> Answer:
    if grant.service in _FTP:
        return probeftp.ask(grant, target, PATIENCE)
    if grant.service in _HTTP:
        return probehttp.ask(grant, target, PATIENCE)
    if grant.service == "samba":
        return _samba(grant, target)
    if grant.service == "rsync":
        return _rsync(grant, target)
    return Answer(None, "not asked: no way to ask this service")


def _unknown(found: Discovery) -> Iterator[Row]:
    """Yield a row for each FTP server that lets in anybody and whose configuration is not known."""
    known = {port for grant in found.grants if grant.service in _FTP for _, port in grant.listen}
    for address, port in sorted({(_reached(one.address), one.port) for one in found.listeners if not one.network}):
        if port == 21 and port not in known:
            target = Target(address, port)
            if probeftp.lets_in(target, PATIENCE):
                evidence = (Reason("ftp", "anonymous login", target.shown),)
                yield Row(
                    path=b"", service="ftp", name="", level=Level.PUBLIC, read=True, write=False, list=True,
                    reach="everywhere", evidence=evidence, rights=False, state=State.PROVED,
                    proof="an anonymous login is let in",
                )  # fmt: skip


def _samba(grant: Grant, target: Target) -> Answer:
    program = shutil.which("smbclient")
    if program is None:
        return Answer(None, "not asked: smbclient is not installed")
    command = [
        program,
        "-N",
        "-g",
        "-p",
        str(target.port),
        "-t",
        str(int(PATIENCE)),
        f"//{target.address}/{grant.name}",
    ]
    said = _run([*command, "-c", "ls"])
    if said is None:
        return Answer(None, "no answer")
    status, output = said
    if status == 0:
        return Answer(True, "a guest lists it")
    if "NT_STATUS_ACCESS_DENIED listing" in output:  # the share is entered, the folder shut
        return Answer(False, "a guest cannot list it")
    refused = ("ACCESS_DENIED", "LOGON_FAILURE", "BAD_NETWORK_NAME", "ACCOUNT_DISABLED", "NO_SUCH_USER")
    if any(f"NT_STATUS_{word}" in output for word in refused):
        return Answer(False, "a guest is refused")
    return Answer(None, "no answer")


def _rsync(grant: Grant, target: Target) -> Answer:
    program = shutil.which("rsync")
    if program is None:
        return Answer(None, "not asked: rsync is not installed")
    host = f"[{target.address}]" if ":" in target.address else target.address
    inside = os.fsdecode(grant.seen).strip("/")
    file = readable_file(grant) if not grant.list else None
    path = "/".join(part for part in (inside, file[0] if file else "") if part) + ("" if file or not inside else "/")
    address = f"rsync://{host}:{target.port}/{grant.name}/{path}"
    said = _run(
        [program, "--list-only", "--no-motd", f"--timeout={int(PATIENCE)}", f"--contimeout={int(PATIENCE)}", address]
    )
    if said is None:
        return Answer(None, "no answer")
    if said[0] in (0, 23):  # some of it could not be read, and the module was entered
        return Answer(True, "whoever comes lists it")
    refused = "auth failed" in said[1] or "@ERROR" in said[1]
    return Answer(False, "whoever comes is refused") if refused else Answer(None, "no answer")


def _run(command: list[str]) -> tuple[int, str] | None:
    """Run a client without a secret and without input; return its status and what it says, None where it hangs."""
    plain = {"PATH": "/usr/bin:/bin", "LANG": "C", "LC_ALL": "C", "HOME": "/nonexistent", "RSYNC_PASSWORD": ""}
    try:
        done = subprocess.run(
            command, env=plain, stdin=subprocess.DEVNULL, capture_output=True, timeout=3 * PATIENCE, check=False
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    return done.returncode, (done.stdout + done.stderr)[-20_000:].decode("utf-8", "replace")
