"""What runs and what listens on a machine, from its /proc: a process list and the TCP sockets that take connections.

Read from the files, not asked of a library, because what was collected from another machine is read the same way.
A process that sees other files (a container, a chroot with its own programs, a service that has its own mounts) belongs
to another `Inner` machine.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from phiscan.expose.machine import Process
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below

_LISTEN = "0A"
_DELETED = " (deleted)"  # of a program that was replaced while it runs
# What runs beside our own root in mounts of its own is looked at only where it serves files.
_SERVERS = frozenset(
    {
        *("vsftpd", "proftpd", "pure-ftpd", "pure-ftpd-wrapper", "smbd", "samba", "nginx", "apache2", "httpd"),
        *("rsync", "sshd", "rpc.nfsd", "rpc.mountd", "nfsd", "inetd", "xinetd"),
    }
)
_PSEUDO = (b"/proc", b"/sys", b"/dev", b"/run")  # differ for most services, and hold nothing to be served


@dataclass(frozen=True, slots=True, order=True)
class Listener:
    """A TCP socket that takes connections. `address` is numeric; every address is "0.0.0.0" or "::"."""

    address: str
    port: int
    inode: int = 0
    network: int = 0  # the network namespace it listens in; 0 is ours


@dataclass(frozen=True, slots=True)
class Inner:
    """Processes that see other files than we do. `root` is where their root lies for us, through one of them."""

    root: str
    pid: int
    processes: tuple[Process, ...]
    network: int = 0  # their network namespace; 0 is ours


def processes(proc: str = "/proc") -> tuple[tuple[Process, ...], tuple[Inner, ...]]:
    """Return the processes that see our files, and those that see others, together where they see the same.

    A server's child that has shut itself into a folder without programs is no machine of its own. Roots that may not
    be looked at, those of other accounts where we are not root, count as ours.
    """
    ours: list[Process] = []
    others: dict[tuple[tuple[int, int], str | None], list[Process]] = {}
    own, mounts = _identity(f"{proc}/self/root"), _link(f"{proc}/self/ns/mnt")
    for pid in _numbers(proc):
        with contextlib.suppress(OSError):
            with open(f"{proc}/{pid}/cmdline", "rb") as file:
                data = file.read().rstrip(b"\0")
            if not data:
                continue  # a thread of the kernel, or already over
            argv = tuple(os.fsdecode(word) for word in data.split(b"\0"))
            one = Process(argv, _within(proc, pid, _link(f"{proc}/{pid}/cwd") or "/"), pid)
            root, theirs = _identity(f"{proc}/{pid}/root"), _link(f"{proc}/{pid}/ns/mnt") or mounts
            if root is None or own is None or (root == own and theirs == mounts):
                ours.append(one)
            elif root == own or _has_its_program(proc, pid):
                others.setdefault((root, theirs), []).append(one)
    inner = list(_apart(others, own, ours, proc)) if others else []
    return tuple(sorted(ours, key=lambda one: one.pid)), tuple(inner)


def _apart(
    others: dict[tuple[tuple[int, int], str | None], list[Process]],
    own: tuple[int, int] | None,
    ours: list[Process],
    proc: str,
) -> Iterator[Inner]:
    """Yield the groups that are machines of their own. Those of our root that see what we see are added to `ours`."""
    met, seen = {own}, Mounts.read()
    for (root, _), group in others.items():
        serves = any(one.program in _SERVERS for one in group)
        if root == own and (not serves or _alike(group[0].pid, seen, proc)):
            ours += group
        elif serves or root not in met:
            met.add(root)
            network = _network(f"{proc}/{group[0].pid}")
            yield Inner(
                f"{proc}/{group[0].pid}/root",
                group[0].pid,
                tuple(group),
                0 if network == _network(f"{proc}/self") else network,
            )


def _alike(pid: int, seen: Mounts, proc: str) -> bool:
    """Whether a process with our root has our mounts too, but for those that hold nothing to be served."""
    try:
        theirs = Mounts.of_process(pid, proc)
    except OSError:
        return True
    return not any(
        all(below(point, folder) is None for folder in _PSEUDO) and point not in _PSEUDO
        for point in theirs.differing(seen)
    )


def _network(process: str) -> int:
    """Return the number of a process' network namespace; 0 where it cannot be told."""
    try:
        return os.stat(f"{process}/ns/net").st_ino
    except OSError:
        return 0


def listeners(proc: str = "/proc", network: int = 0) -> tuple[Listener, ...]:
    """Return what takes connections, sorted; `proc` may be the folder of a process in another network namespace."""
    found = set()
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError), open(f"{proc}/net/{name}", encoding="ascii", errors="replace") as file:
            next(file, None)
            found |= {replace(one, network=network) for one in _listening(file)}
    return tuple(sorted(found))


def heard_by(pid: int, proc: str = "/proc") -> tuple[Listener, ...]:
    """Return on what a process takes connections; nothing where its descriptors may not be looked at."""
    inodes = _sockets(pid, proc)
    return tuple(one for one in listeners(f"{proc}/{pid}") if one.inode in inodes) if inodes else ()


def programs_at(heard: Iterable[Listener], proc: str = "/proc") -> dict[Listener, frozenset[str]]:
    """Return which programs hold each listener, as far as their descriptors may be looked at."""
    by_inode = {one.inode: one for one in heard if one.inode}
    found: dict[Listener, set[str]] = {}
    for pid in _numbers(proc):
        for inode in _sockets(pid, proc) & by_inode.keys():
            program = _link(f"{proc}/{pid}/exe")
            if program is not None:
                found.setdefault(by_inode[inode], set()).add(os.path.basename(program.removesuffix(" (deleted)")))
    return {one: frozenset(names) for one, names in found.items()}


def _sockets(pid: int, proc: str) -> set[int]:
    """Return the inodes of the sockets that a process has open."""
    found = set()
    with contextlib.suppress(OSError):
        for name in os.listdir(f"{proc}/{pid}/fd"):
            target = _link(f"{proc}/{pid}/fd/{name}") or ""
            if target.startswith("socket:[") and target[8:-1].isdigit():
                found.add(int(target[8:-1]))
    return found


def _listening(lines: Iterator[str]) -> Iterator[Listener]:
    for line in lines:
        fields = line.split()
        if len(fields) < 10 or fields[3] != _LISTEN:
            continue
        with contextlib.suppress(ValueError):
            address, _, port = fields[1].partition(":")
            yield Listener(_address(address), int(port, 16), int(fields[9]))


def _address(words: str) -> str:
    """Return an address as the kernel writes it: words of 32 bits, each in the machine's own order.

    >>> _address("0100007F"), _address("00000000000000000000000001000000")
    ('127.0.0.1', '::1')
    """
    packed = b"".join(struct.pack("=I", int(words[start : start + 8], 16)) for start in range(0, len(words), 8))
    address = ipaddress.ip_address(packed)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _numbers(proc: str) -> list[int]:
    try:
        return sorted(int(name) for name in os.listdir(proc) if name.isascii() and name.isdigit())
    except OSError:
        return []


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _link(path: str) -> str | None:
    try:
        return os.readlink(path)
    except OSError:
        return None


def _within(proc: str, pid: int, path: str) -> str:
    """Return a path that a link of a process gave as the process itself sees it: from its own root on."""
    root = _link(f"{proc}/{pid}/root")
    if root is None or root == "/" or not (path == root or path.startswith(root + "/")):
        return path
    return path[len(root) :] or "/"


def _has_its_program(proc: str, pid: int) -> bool:
    """Whether the program that a process runs lies in its own root."""
    program = _link(f"{proc}/{pid}/exe")
    if program is None:
        return False
    there = f"{proc}/{pid}/root{_within(proc, pid, program.removesuffix(_DELETED))}"
    if program.endswith(_DELETED):
        return os.path.lexists(there)
    runs = _identity(f"{proc}/{pid}/exe")
    return runs is not None and _identity(there) == runs
