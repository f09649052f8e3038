"""The supervisor: hands open files to confined worker processes and survives whatever happens to them.

One file costs one file: a worker that hangs, dies, swells or answers nonsense is killed and replaced by a new fork,
and its job comes back with the reason. Where a worker dies that has read other files before, one of those may have
been the cause: the job gets a second worker, and a second death is its own. The task and all it holds (the compiled
ruleset) are inherited copy-on-write.

A pool belongs to one thread, the one that made it: workers die with it. Make it before other threads start.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, cast

from phiscan.errors import GapReason, PhiscanError
from phiscan.isolate import wire, worker
from phiscan.isolate.child import Child, Failure
from phiscan.isolate.confine import default_readable
from phiscan.isolate.worker import Failed, Task
from phiscan.model import Limits

_RECYCLE_FILES = 500
_RECYCLE_GROWTH = 300 << 20  # bytes resident more than when it was fresh
_POLL = 0.1  # seconds between two looks at the workers' memory
_NOTHING_YET = 0.02  # seconds until a source that had no job is asked again
_ANSWER_WITHIN = 60.0  # seconds an answer may take to come in once it has begun
_START_WITHIN = 60.0  # seconds to confine itself
_START_ATTEMPTS = 5
_REAP_WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """One open file to read. The pool closes `fd`. `tag` comes back with the result and never leaves the parent."""

    fd: int
    meta: dict[str, Any]  # JSON, at most 128 KiB
    tag: object
    timeout: float  # seconds
    idle: bool = False  # it makes way for everybody, on the disk and on the processor


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """What became of a job: an answer (`meta`, `arrays`) or a `failure` with a fixed phrase."""

    tag: object
    meta: dict[str, Any] | None
    arrays: list[bytes] = field(default_factory=list)
    failure: GapReason | None = None
    detail: str = ""

    def __repr__(self) -> str:
        return f"<Result {self.failure or 'answered'}>"


Progress = Callable[[object, int], object]  # the job's tag, bytes done


class Pool:
    """Worker processes for one task: `(fd, meta) -> (meta, arrays)`. A context manager.

    `workers=0` runs the task in this process, without any isolation: for tests and debugging.
    `readable` are the places a worker may still open for reading, see `confine.default_readable`. `stop` is asked
    at every turn: once it is true, `run` ends, whatever the workers are at.
    """

    def __init__(
        self,
        task: Task,
        workers: int,
        limits: Limits | None = None,
        readable: Sequence[str] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._task, self._limits, self._stop = task, limits or Limits(), stop
        self._readable = tuple(default_readable() if readable is None else readable)
        self._wanted = workers
        self._children: list[Child] = []
        self._dying: list[int] = []
        self._done: deque[Result] = deque()
        self._again: deque[Job] = deque()
        self._selector: selectors.BaseSelector | None = None
        self._progress: Progress | None = None
        self._failed_starts = 0
        self._next_look = 0.0
        self._active: dict[str, Any] = {}

    def __enter__(self) -> Self:
        if self._wanted:
            self._selector = selectors.DefaultSelector()
            try:
                self._fill()
            except BaseException:
                self.close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the workers, reap them, close every descriptor. A worker stuck in the kernel is left after 5 s."""
        for child in list(self._children):
            self._drop(child)
        if self._selector is not None:
            self._selector.close()
            self._selector = None
        end = time.monotonic() + _REAP_WITHIN
        while self._dying and time.monotonic() < end:
            self._reap()
            if self._dying:
                time.sleep(0.001)

    def active(self) -> dict[str, Any]:
        """Return the confinement the workers reported (see `confine.active`); waits for the first of them."""
        while self._selector is not None and not self._active:
            self._turn(_POLL)
        return dict(self._active)

    # For an owner with a loop of its own: `free`, `start`, `turn`. `run` is such a loop for those who have none.

    def free(self) -> bool:
        """Whether a worker waits for a job."""
        return not self._again and self._idle() is not None

    def busy(self) -> int:
        """Return how many jobs are under way."""
        return len(self._again) + sum(child.job is not None for child in self._children)

    def tags(self) -> list[object]:
        """Return the tags of the jobs under way, the one begun last at the end."""
        begun = sorted((child for child in self._children if child.job is not None), key=lambda child: child.begun)
        return [job.tag for job in [*(child.job for child in begun), *self._again] if job is not None]

    def cancel(self, tag: object) -> None:
        """Give up every job with this tag; nothing will be said of them."""
        for child in [child for child in self._children if child.job is not None and child.job.tag is tag]:
            self._drop(child)
        for job in [job for job in self._again if job.tag is tag]:
            self._again.remove(job)
            os.close(job.fd)
        self._done = deque(result for result in self._done if result.tag is not tag)
        self._fill()

    def start(self, job: Job) -> None:
        """Give a job to a worker that is free."""
        child = self._idle()
        self._give(child if child is not None else self._wait_idle(), job)

    def turn(self, wait: float, wake: int | None = None) -> list[Result]:
        """Return the results there are, waiting at most `wait` seconds for one, or until `wake` can be read."""
        assert self._selector is not None
        while self._again and (child := self._idle()) is not None:
            self._give(child, self._again.popleft(), attempt=2)
        if wake is not None and wake not in self._selector.get_map():
            self._selector.register(wake, selectors.EVENT_READ, None)
        self._turn(0.0 if self._done else wait)
        done = list(self._done)
        self._done.clear()
        return done

    def run(self, jobs: Iterable[Job | None], progress: Progress | None = None) -> Iterator[Result]:
        """Yield a result for each job, in the order they end. Jobs are pulled as workers come free.

        `jobs` may yield None: nothing to do yet, see to the workers. `progress` gets a job's tag and bytes done.
        Closing the iterator ends the running jobs. Raises PhiscanError where no worker can be started.
        """
        if self._wanted == 0:
            return self._run_inline(jobs, progress)
        return self._run(jobs, progress)

    def _run(self, jobs: Iterable[Job | None], progress: Progress | None) -> Iterator[Result]:
        self._progress = progress
        source: Iterator[Job | None] | None = iter(jobs)
        try:
            while self._done or self._busy(source):
                if self._stop():
                    yield from self._done
                    return
                wait = _POLL
                while (self._again or source is not None) and (child := self._idle()) is not None:
                    if self._again:
                        self._give(child, self._again.popleft(), attempt=2)
                        continue
                    assert source is not None
                    try:
                        job = next(source)
                    except StopIteration:
                        source = None
                        continue
                    if job is None:
                        wait = _NOTHING_YET
                        break
                    self._give(child, job)
                self._turn(0.0 if self._done or not self._busy(source) else wait)
                if self._done:
                    yield self._done.popleft()
        finally:
            self._abandon()

    def _busy(self, source: object) -> bool:
        """Whether there is anything left to wait for."""
        return source is not None or bool(self._again) or any(child.job for child in self._children)

    def _run_inline(self, jobs: Iterable[Job | None], progress: Progress | None) -> Iterator[Result]:
        for job in filter(None, jobs):
            tag = job.tag
            tell = None if progress is None else (lambda done, tag=tag: progress(tag, done))
            with worker.closing(job.fd), worker.reporting(tell):
                outcome = worker.attempt(self._task, job.fd, job.meta)
            if isinstance(outcome, Failed):
                yield Result(tag, None, failure=outcome.reason, detail=outcome.detail)
            else:
                yield Result(tag, outcome[0], [bytes(memoryview(array).cast("B")) for array in outcome[1]])

    # Workers

    def _fill(self) -> None:
        """Start workers until there are as many as wanted."""
        assert self._selector is not None
        while len(self._children) < self._wanted:
            if self._failed_starts >= _START_ATTEMPTS:
                raise PhiscanError("the worker processes die as they start: see `phiscan doctor`, or try --workers 0")
            try:
                child = Child.start(self._task, self._limits, self._readable)
            except OSError as error:
                raise PhiscanError(f"cannot start a worker process: {os.strerror(error.errno or 0)}") from None
            child.deadline = time.monotonic() + _START_WITHIN
            self._children.append(child)
            self._selector.register(child.sock, selectors.EVENT_READ, child)

    def _drop(self, child: Child) -> None:
        """Kill a worker and forget it. It is reaped later: one stuck in the kernel must not stop the others."""
        self._children.remove(child)
        if child.job is not None:
            with contextlib.suppress(OSError):  # an interrupt may have come between
                os.close(child.job.fd)
        if self._selector is not None:
            self._selector.unregister(child.sock)
        child.kill()
        if not child.reaped:
            self._dying.append(child.pid)
        self._reap()

    def _reap(self) -> None:
        for pid in list(self._dying):
            try:
                ended = os.waitpid(pid, os.WNOHANG)[0]
            except ChildProcessError:  # whoever embeds us ignores SIGCHLD
                ended = pid
            if ended:
                self._dying.remove(pid)

    def _idle(self) -> Child | None:
        return next((child for child in self._children if child.ready and child.job is None), None)

    def _give(self, child: Child, job: Job, attempt: int = 1) -> None:
        """Send a job to a worker; where it died meanwhile or does not take it, to the next one."""
        try:
            data = wire.job_bytes(job.meta)
            while not child.take(job, data, attempt):
                self._drop(child)
                child = self._wait_idle()
        except BaseException:
            os.close(job.fd)
            raise

    def _wait_idle(self) -> Child:
        self._fill()
        while (child := self._idle()) is None:
            self._turn(_POLL)
        return child

    # Turns

    def _turn(self, wait: float) -> None:
        """Hear what the workers say, waiting at most `wait` seconds, then see to deadlines and memory."""
        assert self._selector is not None
        now = time.monotonic()
        deadlines = [child.deadline for child in self._children if child.deadline is not None]
        wait = max(0.0, min([wait, *(deadline - now for deadline in deadlines)]))
        for key, _ in self._selector.select(wait):
            if key.data is not None:  # else it is the owner's
                self._hear(key.data)
        self._enforce()
        self._reap()
        self._fill()

    def _hear(self, child: Child) -> None:
        try:
            frames = child.inbox.read(child.sock)
            for frame in frames:
                self._heed(child, frame)
        except wire.Nonsense:
            self._lose(child, ("crash", "the worker answered nonsense"))
        if child in self._children and child.inbox.closed:
            self._lose(child, child.last_words())
        elif child.inbox.answering:
            child.begin_answer(_ANSWER_WITHIN)

    def _heed(self, child: Child, frame: wire.Frame) -> None:
        if frame.kind == wire.READY and not child.ready:
            child.ready, child.deadline = True, None
            self._failed_starts, self._active = 0, frame.body.get("active", {})
        elif frame.kind == wire.PROGRESS and child.job is not None:
            if self._progress is not None:
                self._progress(child.job.tag, frame.number)
        elif frame.kind in (wire.ANSWER, wire.FAILED) and child.job is not None:
            self._finish(child, frame)
        else:
            raise wire.Nonsense

    def _finish(self, child: Child, frame: wire.Frame) -> None:
        """Take an answer, and keep the worker if it is still fit for the next file."""
        assert child.job is not None
        tag = child.job.tag
        if frame.kind == wire.ANSWER:
            self._done.append(Result(tag, frame.body, list(frame.arrays)))
        else:
            reason, detail = _checked(frame.body)
            self._done.append(Result(tag, None, failure=reason, detail=detail))
        os.close(child.job.fd)
        child.finish(loaded=frame.note.get("loaded") is True, most=self._limits.memory)
        exhausted = frame.note.get("spent") is True or frame.body.get("reason") == "memory"
        if exhausted or child.files >= _RECYCLE_FILES or child.growth() > _RECYCLE_GROWTH:
            self._drop(child)

    def _lose(self, child: Child, failure: Failure) -> None:
        """Give up a worker, and the job it had."""
        if child.job is not None and failure[0] == "crash" and child.files and child.attempt == 1:
            os.lseek(child.job.fd, 0, os.SEEK_SET)  # the position is shared with the worker that died
            self._again.append(child.job)
            child.job = None
        elif child.job is not None:
            self._done.append(Result(child.job.tag, None, failure=failure[0], detail=failure[1]))
        elif not child.ready:
            self._failed_starts += 1
        self._drop(child)

    def _enforce(self) -> None:
        """Kill what is over its time or its memory."""
        now = time.monotonic()
        look = now >= self._next_look
        if look:
            self._next_look = now + _POLL
        for child in list(self._children):
            if child.deadline is not None and now >= child.deadline:
                allowed = child.job.timeout if child.job is not None else 0.0
                self._lose(child, ("timeout", f"not finished after {allowed:g} s"))
            elif look and child.job is not None and child.weight() > self._limits.memory:
                self._lose(child, ("memory", "over the memory limit"))

    def _abandon(self) -> None:
        """Leave no trace of an iteration: running jobs end, results nobody asked for are dropped."""
        for child in [child for child in self._children if child.job is not None]:
            self._drop(child)
        for job in self._again:
            os.close(job.fd)
        self._again.clear()
        self._done.clear()
        self._progress = None


def _checked(body: dict[str, Any]) -> tuple[GapReason, str]:
    """Return the failure a worker told. It read a hostile file: the words are ours or they are dropped."""
    reason, detail = body.get("reason"), body.get("detail")
    if reason not in worker.REASONS or not isinstance(detail, str):
        raise wire.Nonsense
    return cast("GapReason", reason), detail[:200] if detail.isascii() and detail.isprintable() else ""
