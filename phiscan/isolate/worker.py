"""The child: confines itself, then reads one file after another for as long as the supervisor sends any.

It believes nothing about a file and the supervisor believes nothing about it. It never returns, never prints,
and what goes wrong is told by a fixed phrase: a traceback or a library's message can hold what a file holds.
"""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import gc
import logging
import os
import re
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from phiscan.errors import GapReason, Unreadable
from phiscan.isolate import libraries, wire
from phiscan.isolate.confine import confine
from phiscan.model import Limits

Task = Callable[[int, dict[str, Any]], tuple[dict[str, Any], Sequence[wire.Buffer]]]
REASONS: frozenset[str] = frozenset(get_args(GapReason))

_PROGRESS_EVERY = 0.1  # seconds
_TOO_MANY_FILES = 64
_inherited: list[object] = []
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")


class _Progress:
    """Where `report` goes: nowhere until a worker or an inline run opens it."""

    def __init__(self) -> None:
        self.send: Callable[[int], object] | None = None
        self.next = 0.0

    def report(self, done: int) -> None:
        now = time.monotonic()
        if self.send is not None and now >= self.next:
            self.next = now + _PROGRESS_EVERY
            self.send(max(0, done))


_progress = _Progress()


def report(done: int) -> None:
    """Tell the supervisor that `done` bytes of the current file are done. Cheap: most calls send nothing."""
    _progress.report(done)


@contextlib.contextmanager
def reporting(send: Callable[[int], object] | None) -> Iterator[None]:
    """Send what the task reports to `send` within the block."""
    _progress.send, _progress.next = send, 0.0
    try:
        yield
    finally:
        _progress.send = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that did not answer: why, and a fixed phrase."""

    reason: GapReason
    detail: str


def attempt(task: Task, fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], Sequence[wire.Buffer]] | Failed:
    """Run the task; whatever it raises becomes a `Failed` that quotes nothing."""
    try:
        return task(fd, meta)
    except MemoryError:
        return Failed("memory", "out of memory")
    except Unreadable as error:
        return Failed(error.reason, error.detail)
    except Exception as error:  # junk must cost its own file only
        return Failed("crash", _phrase(error))


def _phrase(error: Exception) -> str:
    """Say where `error` came up: the class, and the innermost line of phiscan. Never its message."""
    name = type(error).__name__
    place, trace = "", error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if isinstance(module, str) and module.startswith("phiscan.") and module != __name__:
            place = f" in {module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"unexpected {name if _IDENTIFIER.fullmatch(name) else 'error'}{place}"


@contextlib.contextmanager
def closing(fd: int) -> Iterator[None]:
    """Close `fd` after the block unless the block did: compared by inode, the number may be another's by then."""
    before = os.fstat(fd)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if os.path.samestat(before, os.fstat(fd)):
                os.close(fd)


def _silence() -> None:
    """Nothing a file can provoke reaches a terminal or a log: not a print, a warning, a traceback."""
    _inherited.extend((sys.stdin, sys.stdout, sys.stderr))  # dropped, they would close a descriptor that is ours now
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    sys.stdin = sys.__stdin__ = os.fdopen(0, encoding="utf-8", closefd=False)  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", encoding="utf-8", closefd=False)  # type: ignore[misc]
    faulthandler.disable()
    logging.raiseExceptions = False
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.excepthook = lambda *_: None
    sys.unraisablehook = lambda _: None
    threading.excepthook = lambda _: None


def _forget_parent(sock: socket.socket) -> None:
    """Let go of what was inherited: handlers, descriptors (other workers, databases, the report)."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)  # the supervisor ends us, and our end ends with its
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    gc.freeze()  # the parent's objects are not ours to collect: their descriptors have other owners here
    keep = sock.fileno()
    os.closerange(3, keep)
    os.closerange(keep + 1, max(os.sysconf("SC_OPEN_MAX"), 1 << 16))


def _leaks() -> bool:
    """Whether descriptors from `_TOO_MANY_FILES` on are in use, which only a leaking parser reaches."""
    free = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, _TOO_MANY_FILES)
    os.close(free)
    return free > _TOO_MANY_FILES


def _answer(
    sock: socket.socket, outcome: tuple[dict[str, Any], Sequence[wire.Buffer]] | Failed, note: dict[str, Any]
) -> None:
    try:
        if not isinstance(outcome, Failed):
            wire.send(sock, wire.ANSWER, outcome[0], outcome[1], note)
            return
    except MemoryError:
        outcome = Failed("memory", "answer too large")
    except (TypeError, ValueError) as error:  # the task answered what JSON cannot hold
        outcome = Failed("crash", _phrase(error))
    wire.send(sock, wire.FAILED, {"reason": outcome.reason, "detail": outcome.detail}, note=note)


def _serve(sock: socket.socket, task: Task) -> None:
    """Read jobs until the supervisor hangs up, and tell it when something has been loaded or leaks."""
    while (job := wire.receive_job(sock)) is not None:
        fd, meta = job
        modules = len(sys.modules)
        with closing(fd), reporting(lambda done: wire.send_progress(sock, done)):
            outcome = attempt(task, fd, meta)
        _answer(sock, outcome, {"loaded": len(sys.modules) > modules, "spent": _leaks()})
        del outcome, meta


def run(sock: socket.socket, task: Task, limits: Limits, readable: Sequence[str], parent: int) -> None:
    """Be a worker, in a fresh child of `parent`; never returns."""
    status = 1
    try:
        _forget_parent(sock)
        _silence()
        libraries.prepare()
        sock.setblocking(True)
        if sock.recv(1):  # the supervisor is watching our memory by now
            wire.send(sock, wire.READY, {"active": confine(limits, readable, parent)})
            _serve(sock, task)
            status = 0
    finally:
        os._exit(status)
