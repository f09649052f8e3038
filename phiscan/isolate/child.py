"""One worker process as the supervisor sees it: its socket, its job, its memory, its end."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from phiscan.errors import GapReason
from phiscan.isolate import priority, wire, worker
from phiscan.model import Limits

if TYPE_CHECKING:
    from phiscan.isolate.pool import Job

Failure = tuple[GapReason, str]

_PAGE = resource.getpagesize()
_HELD_BACK = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LAST_WORDS = 0.2  # seconds to wait for the status of a process that has hung up


class Child:
    """A worker process. Sizes are bytes, times `time.monotonic()` seconds."""

    def __init__(self, pid: int, sock: socket.socket) -> None:
        self.pid, self.sock = pid, sock
        self.inbox = wire.Inbox()
        self.job: Job | None = None
        self.deadline: float | None = None
        self.ready = self.reaped = self.answering = False
        self.files = 0  # read to the end
        self.attempt = 1
        self.begun = 0.0  # when it was given its last job
        self._idle = False
        try:
            # Opened before the child hides itself; stays readable afterwards, also where /proc has hidepid.
            self._statm = os.open(f"/proc/{pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._statm = -1  # then RLIMIT_AS alone guards
        self.base = self._fresh = self._resident()

    @classmethod
    def start(cls, task: worker.Task, limits: Limits, readable: Sequence[str]) -> Self:
        """Fork a worker. Signals wait meanwhile: the parent's handlers must not run in the child. Raises OSError."""
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        held = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
        try:
            pid = os.fork()
            if pid == 0:
                worker.run(theirs, task, limits, readable, parent)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
        child = cls(pid, ours)
        with contextlib.suppress(OSError):
            ours.send(b"\0")  # go: its memory is watched
        ours.setblocking(False)
        return child

    def take(self, job: Job, data: bytes, attempt: int) -> bool:
        """Send a job; false where the worker is dead or has not emptied its socket, as an honest one has."""
        try:
            sent = socket.send_fds(self.sock, [data], [job.fd])
        except OSError:
            return False
        if sent != len(data):
            return False
        if job.idle != self._idle:
            self._idle = job.idle
            priority.set_idle(self.pid, idle=job.idle)
        self.job, self.attempt, self.answering = job, attempt, False
        self.begun = time.monotonic()
        self.deadline = self.begun + job.timeout
        return True

    def begin_answer(self, within: float) -> None:
        """Once the answer has begun the file is read: what remains is up to the socket and us."""
        if not self.answering:
            self.answering, self.deadline = True, time.monotonic() + within

    def finish(self, *, loaded: bool, most: int) -> None:
        """The job is done. Libraries loaded meanwhile are there to stay and weigh on no file, up to `most` bytes."""
        self.job = self.deadline = None
        self.files += 1
        if loaded:
            self.base = min(self._resident(), self._fresh + most)

    def growth(self) -> int:
        """Return by how much the resident size has grown since the worker was fresh."""
        return self._resident() - self.base

    def weight(self) -> int:
        """Return what the current file has cost so far: resident memory, and memfds where we may look."""
        return self.growth() + self._memfds()

    def _resident(self) -> int:
        try:
            return int(os.pread(self._statm, 128, 0).split()[1]) * _PAGE
        except (OSError, IndexError, ValueError):
            return 0  # gone, or not to be seen

    def _memfds(self) -> int:
        """Return the bytes in memfds, which no resident size counts. Only root may look: else RLIMIT_FSIZE guards."""
        total = 0
        folder = f"/proc/{self.pid}/fd"
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):
                if os.readlink(f"{folder}/{name}").startswith("/memfd:"):
                    total += os.stat(f"{folder}/{name}").st_blocks * 512
        return total

    def last_words(self) -> Failure:
        """Return how a process that hung up has ended."""
        end = time.monotonic() + _LAST_WORDS
        while time.monotonic() < end:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                break
            if pid:
                self.reaped = True
                return "crash", _ending(os.waitstatus_to_exitcode(status))
            time.sleep(0.001)
        return "crash", "the worker hung up"

    def kill(self) -> None:
        """Kill the process and close everything; reaping is left to the pool."""
        if not self.reaped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.sock.close()
        if self._statm >= 0:
            os.close(self._statm)
            self._statm = -1


def _ending(code: int) -> str:
    if code >= 0:
        return f"the worker ended with status {code}"
    try:
        return f"the worker was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"the worker was ended by signal {-code}"
