"""Whether configuration files are whole: one that somebody is writing says nothing yet.

A file is believed once nobody has it open for writing and it has held still for a moment; one that has lost all that
was in it, once it has held still for longer: it is being written anew more often than it is meant to be empty.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterable, Mapping

State = tuple[int, int, int, int]  # inode, size, mtime, ctime


def states(paths: Iterable[str]) -> dict[str, State | None]:
    """Return how files and folders are; None for one that is not there."""
    return {path: _state(path) for path in paths}


def _state(path: str) -> State | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def changed(before: Mapping[str, State | None], now: Mapping[str, State | None]) -> list[str]:
    """Return what is not as it was."""
    return [path for path, state in now.items() if before.get(path) != state]


def emptied(before: Mapping[str, State | None], now: Mapping[str, State | None]) -> bool:
    """Whether a file has lost all that was in it."""
    return any(
        state is not None and state[1] == 0 and (known := before.get(path)) is not None and known[1] > 0
        for path, state in now.items()
    )


def prepare() -> None:
    """Let `written` be asked: the kernel tells of a lease that somebody waits for by a signal that would end us."""
    with contextlib.suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGIO, signal.SIG_IGN)


def written(paths: Iterable[str]) -> bool:
    """Whether somebody has one of some files open for writing. Needs `prepare`. What cannot be told is False.

    The kernel gives a lease for reading only on a file that nobody writes to; it is given back at once.
    """
    return signal.getsignal(signal.SIGIO) is signal.SIG_IGN and any(map(_written, paths))


def _written(path: str) -> bool:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:  # a folder, another's file, a file system without leases
        return False
    finally:
        with contextlib.suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        os.close(fd)
    return False
