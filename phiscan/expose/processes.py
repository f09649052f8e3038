"""What runs and what listens on a machine, from its /proc: a process list and the TCP sockets that take connections.

Read from the files, not asked of a library, because what was collected from another machine is read the same way.
A process in a root of its own (a container, a chroot with its own programs) belongs to another `Inner` machine.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from phiscan.expose.machine import Process

_LISTEN = "0A"


@dataclass(frozen=True, slots=True, order=True)
class Listener:
    """A TCP socket that takes connections. `address` is numeric; every address is "0.0.0.0" or "::"."""

    address: str
    port: int
    inode: int = 0


@dataclass(frozen=True, slots=True)
class Inner:
    """Processes that see another root than we do. `root` is where that lies for us, through one of them."""

    root: str
    pid: int
    processes: tuple[Process, ...]


def processes(proc: str = "/proc") -> tuple[tuple[Process, ...], tuple[Inner, ...]]:
    """Return the processes that see our root, and those of each other root.

    A server's child that has shut itself into a folder without programs is no machine of its own. Roots that may not
    be looked at, those of other accounts where we are not root, count as ours.
    """
    ours: list[Process] = []
    others: dict[tuple[int, int], list[Process]] = {}
    own = _identity(f"{proc}/self/root")
    for pid in _numbers(proc):
        with contextlib.suppress(OSError):
            with open(f"{proc}/{pid}/cmdline", "rb") as file:
                data = file.read().rstrip(b"\0")
            if not data:
                continue  # a thread of the kernel, or already over
            argv = tuple(os.fsdecode(word) for word in data.split(b"\0"))
            one = Process(argv, _link(f"{proc}/{pid}/cwd") or "/", pid)
            root = _identity(f"{proc}/{pid}/root")
            if root is None or own is None or root == own:
                ours.append(one)
            elif _has_its_program(proc, pid):
                others.setdefault(root, []).append(one)
    inner = (Inner(f"{proc}/{group[0].pid}/root", group[0].pid, tuple(group)) for group in others.values())
    return tuple(ours), tuple(inner)


def listeners(proc: str = "/proc") -> tuple[Listener, ...]:
    """Return what takes connections, sorted."""
    found = set()
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError), open(f"{proc}/net/{name}", encoding="ascii", errors="replace") as file:
            next(file, None)
            found |= set(_listening(file))
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


def _has_its_program(proc: str, pid: int) -> bool:
    program = _link(f"{proc}/{pid}/exe")
    return program is not None and os.path.lexists(f"{proc}/{pid}/root{program}")
