"""The daemon: from a file's arrival to the incident, and nothing lost.

    hints (inotify) ─┐
    reconciling walk ┴▶ look: ledger and exposure ─▶ intake ─▶ workers ─▶ judge ─▶ ledger + incident + outbox

One loop, one thread, one transaction a turn: what was read, what became of its incident and whom to tell are written
together or not at all. What is not written is found again by the next walk, so the daemon may be killed at any time.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from phiscan.alert.deadlines import remind
from phiscan.daemon.examine import OUT_OF_REACH, Examiner, Told
from phiscan.daemon.fetching import Fetching
from phiscan.daemon.hands import Hands, Task, look_at, status
from phiscan.daemon.intake import Intake, Times
from phiscan.daemon.judging import Judging
from phiscan.daemon.sparing import Parts, Sparing, spared
from phiscan.daemon.summing import NONSENSE, summed
from phiscan.daemon.walking import Walking
from phiscan.daemon.watched import Watched
from phiscan.errors import PhiscanError, Unreadable
from phiscan.isolate import Pool, Result
from phiscan.messages import Broken
from phiscan.model import Gap, Limits, Place
from phiscan.scan.pace import Pace
from phiscan.scan.reading import Local, Reader, Reading, answer, complete, differs
from phiscan.source.open import folder_gone, gone
from phiscan.source.paths import below
from phiscan.source.scope import Scope
from phiscan.source.watch import MOST, Hint, Watcher
from phiscan.store import Store, backlog, incidents, ledger, outbox, set_flag
from phiscan.store import now as clock
from phiscan.store.ledger import Entry, Root

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.alert.grouping import Telling
    from phiscan.alert.message import Context
    from phiscan.daemon.keeping import Keeper
    from phiscan.daemon.selftest import SelfTest
    from phiscan.daemon.status import Status
    from phiscan.daemon.surroundings import Surroundings
    from phiscan.incidents.book import Book

_BATCH: Final = 400  # hints looked at in one turn
_KEPT: Final = 10_000  # files that wait in memory, in the order in which they came; more of them wait in the ledger
_TURN: Final = 0.5  # seconds a turn waits for something to happen
_SETTLE: Final = 0.1  # seconds between two looks whether files have held still
_BROKEN: Final = 5.0  # seconds until a store that fails is tried again
_PATIENCE: Final = 0.5  # seconds that a turn waits for another writer; meanwhile nobody looks after the workers


@dataclass
class Daemon:
    """One daemon at work. `run` returns when `stop` says so."""

    store: Store
    pool: Pool
    watcher: Watcher
    examiner: Examiner
    book: Book
    telling: Telling
    keeper: Keeper
    context: Context
    roots: list[bytes]
    exclude: tuple[str, ...]
    limits: Limits
    workers: int
    status: Status
    times: Times = field(default_factory=Times)
    committed: Callable[[int], None] = lambda last: None  # with the last row of the outbox
    pace: Pace = field(default_factory=Pace)  # of what can wait
    self_test: SelfTest | None = None
    around: Surroundings | None = None  # what services give away; None: they are not looked at

    def __post_init__(self) -> None:
        self.intake = Intake(self.times)
        self._local = Local(self.roots)
        reader = Reader(self.limits, self.workers, self.roots)
        self.hands = Hands(
            self.pool, self.intake, reader, self._local, self._late, self.status.bug, self._known, self.pace
        )
        self.sparing = Sparing(self.examiner, self.status.bug, self.root_of).file
        self._parts = Parts(self.status.bug)
        self.judging = Judging(self, self._parts)
        self._hints: dict[bytes, Hint] = {}
        self._results: list[Result] = []
        self._next_settle = self._next_chores = self._broken_until = 0.0
        self._lost = False  # what could not be written has to be asked of the store again
        zones = tuple(real for _, real in self.examiner.declared.places())
        self.watched = [Watched(path, Scope(path, self.exclude), self.times, zones) for path in self.roots]
        self.walking = Walking(self, self.sparing, self._parts)
        self.fetching = Fetching(self)

    def run(self, stop: Callable[[], bool]) -> None:
        """Work until told to stop. Raises PhiscanError where no worker can be started."""
        with self.store.write() as connection:
            for one in self.watched:
                one.meet(connection, self.watcher)
            self.judging.begin(connection)
            roots = [one.root.id for one in self.watched]
            self.status.rate = backlog.rate(connection)
            if ledger.stale(connection, self.examiner.detect, roots) or self.judging.otherwise:
                set_flag(connection, "digest")
        self.status.ready()
        while not stop():
            self.turn()

    def turn(self) -> None:
        """One turn: hear, look, write, hand out. A bug of ours costs what the turn held, which a walk finds again."""
        now = time.monotonic()
        try:
            self._turn()
        except PhiscanError:
            raise
        except Exception as error:
            self.status.bug(error)
            self._forget(now, _BROKEN)

    def _turn(self) -> None:
        self._results += self.pool.turn(self._wait(), self.watcher.hints.fd)
        now = time.monotonic()
        self._hear()
        if now < self._broken_until:
            return
        working = False
        try:
            if self._anything(now):
                if self._lost:
                    self.store.enter()
                with self.store.write(_PATIENCE) as connection:
                    working = True
                    self._work(connection, now)
                    last = outbox.last_id(connection)
                working = False
                self._results.clear()
                self.status.last_well = time.monotonic()
                self.status.committed()
                self.committed(last)
            self.hands.give()
            self._results += self.hands.failed
            self._hints |= dict.fromkeys(self.hands.vanished, Hint.GONE)
            self.hands.failed.clear()
            self.hands.vanished.clear()
        except Broken as error:
            self._fail(error, now, working=working)
        self.status.turn(self, now)

    def _wait(self) -> float:
        pause = self._broken_until - time.monotonic()
        if pause > 0:
            return min(pause, _TURN)
        if self._results or self._hints or self.walking.under_way or self.judging.waiting():
            return 0.0
        begin = self.hands.wait() if self.pool.free() else None
        return min(_SETTLE if len(self.intake) else _TURN, _TURN if begin is None else begin)

    def _hear(self) -> None:
        hints, lost = self.watcher.hints.take()
        for path, hint in hints.items():
            self.judging.services.appeared(path)
            self._hints[path] = max(hint, self._hints.get(path, hint))
        if len(self._hints) > MOST:  # nobody has looked for long: the store fails
            self._hints.clear()
            lost = True
        if lost:
            self.status.overflowed()
            for one in self.watched:
                one.wanted = True

    def _anything(self, now: float) -> bool:
        idle = self.pool.free() and self.hands.idle
        due = now >= self._next_settle and len(self.intake)
        roots = any(one.due(now) for one in self.watched)
        waiting = self._results or self._hints or self.judging.waiting()
        return bool(waiting or due or roots or idle or now >= self._next_chores)

    def _fail(self, error: Broken, now: float, *, working: bool) -> None:
        """The store fails. Where nothing had been begun nothing is lost: the turn is taken again.

        Else, or where it may have been another daemon's meanwhile, forget what could not be written: a walk finds it.
        """
        self.status.broken(error)
        pause = _SETTLE if error.key in {"store.locked", "store.lock_lost"} else _BROKEN
        if working or error.key == "store.lock_lost":
            self._forget(now, pause)
        else:
            self._broken_until = now + pause

    def _forget(self, now: float, pause: float) -> None:
        """Forget what could not be written, and go on after `pause` seconds."""
        self._broken_until, self._lost, self.fetching.news = now + pause, True, True
        self.hands.lost(self._results)
        self._results.clear()
        self.status.undone()
        self.keeper.lost()
        self.judging.lost()
        for one in self.watched:
            one.walk, one.wanted = None, True

    # One transaction

    def _work(self, connection: Connection, now: float) -> None:
        self.judging.services.hear()
        self.examiner.refresh()
        if self._lost:
            for one in self.watched:
                one.root = ledger.root_of(connection, one.path)
            self._lost = False
        for result in self._results:
            self._take(connection, result, now)
        # What is gone comes last: a file that was renamed takes along what is known of it.
        batch = sorted(itertools.islice(self._hints, _BATCH), key=lambda path: self._hints[path] is Hint.GONE)
        for path in batch:
            with self.sparing(connection, path):
                self._look(connection, path, self._hints.pop(path), now)
        if now >= self._next_settle:
            self._next_settle = now + _SETTLE
            for path in self.intake.due(now):
                with self.sparing(connection, path):
                    self._look_again(connection, path, now)
        self.judging.turn(connection)
        self.walking.go_on(connection, now)
        if now >= self._next_chores:
            self._next_chores = now + self.times.chores
            self._chores(connection)
        if self.hands.idle:
            self._parts.do(connection, "fetching", lambda: self.fetching.fetch(connection))
            busy = self.hands.tasks or self._hints or self.walking.under_way or self.judging.waiting()
            if self.hands.idle and not busy:
                self._parts.do(connection, "keeping", lambda: self.keeper.turn(connection, clock()))
        elif self.fetching.news and not self.hands.news:
            self._parts.do(connection, "fetching", lambda: self.fetching.fetch_news(connection))

    def _chores(self, connection: Connection) -> None:
        at = clock()
        for name, chore in (
            ("watches", lambda: self.watcher.tidy(self.times.tree)),
            ("dismissals", lambda: self.book.expire(connection, at)),
            ("repeating", lambda: self.telling.again(connection, at)),
            ("deadlines", lambda: remind(connection, self.telling, self.context, at)),
            ("endings", lambda: None if self.context.endings is None else self.context.endings.remind(connection, at)),
            ("covering", lambda: self.status.cover(connection, self)),
            ("self-test", lambda: None if self.self_test is None else self.self_test.chores(connection, at)),
            ("measuring", lambda: self.status.chores(connection, self)),
        ):
            self._parts.do(connection, name, chore)

    def root_of(self, path: bytes) -> Watched | None:
        """Return the root in which a path lies."""
        return next((one for one in self.watched if below(path, one.path) is not None), None)

    def _look(self, connection: Connection, path: bytes, hint: Hint, now: float) -> None:
        one = self.root_of(path)
        if one is None or not one.available:
            return
        place, is_folder, here = look_at(path)
        if place is None:
            self.judging.services.linked(path)
        if is_folder or hint is Hint.TREE:
            one.look_below(path, exists=is_folder)
        entry = None if is_folder else ledger.get(connection, one.root.id, path)
        if place is not None and not here:
            self.hands.forget(path)
            self.status.left(path)
            if entry is not None:
                told = Told("live", os.path.dirname(path))
                self.examiner.elsewhere(connection, one.root, place, entry, told)
        elif place is None:
            self.hands.forget(path)
            self.status.left(path)
            hidden = not is_folder and gone(path) and one.inner.hidden([path])
            if not is_folder and not hidden and folder_gone(folder := os.path.dirname(path)):
                one.look_below(folder, exists=False)  # it may have been moved with its folder, and not been met there
            elif not is_folder and not hidden and gone(path):
                self.examiner.gone(connection, path, entry)
            elif entry is not None and entry.pending is not None:
                self.examiner.out_of_reach(connection, entry, OUT_OF_REACH)
        elif one.scope.holds(path):
            told = Told("live", one.dropped(path, self.watcher.hints.arrived, self.examiner.zone(one.root, path)))
            if not self.examiner.look(connection, one.root, place, entry, hint, told):
                return
            if self.room(path):
                self.want(one.root, place, told, hint, now)
            else:
                self.fetching.news = True
                ledger.put_off(connection, one.root.id, place, self.examiner.exposure(one.root, place).level, entry)

    def room(self, path: bytes) -> bool:
        """Whether a file may wait in memory to be read; else it waits in the ledger."""
        return path in self.hands.tasks or len(self.hands.tasks) < _KEPT

    def want(self, root: Root, place: Place, told: Told, hint: Hint, now: float) -> None:
        """Something happened to a file and it has to be read."""
        self.status.arrived(place.path)
        if place.path not in self.hands.tasks:
            self.hands.tasks[place.path] = Task(root, told)
        if hint is Hint.WRITTEN:
            self.intake.at_once(place.path)
        else:
            self.intake.later(place, now)

    def _look_again(self, connection: Connection, path: bytes, now: float) -> None:
        place, _ = status(path)
        if place is None:
            self._look(connection, path, Hint.GONE, now)
        elif path in self.hands.tasks:
            self.intake.settled(place, now)
        else:  # it has been read meanwhile, as it was: the ledger knows whether it is something else by now
            self.intake.forget(path)
            self._look(connection, path, Hint.FOUND, now)

    # Reading

    def _late(self, entry: Entry) -> tuple[Root, Told]:
        """Return whose a file is that waited in the ledger, and with what it is told."""
        one = self.root_of(entry.path)
        assert one is not None  # others are not fetched
        zone = self.examiner.zone(one.root, entry.path)
        return one.root, one.told_late(entry, self.watcher.hints.arrived, zone)

    def _known(self, path: bytes) -> bool:
        with suppress(Broken), self.store.read() as connection:
            return bool(incidents.at(connection, path))
        return True

    def _take_head(self, connection: Connection, reading: Reading) -> None:
        """What stands in the first lines is enough for a first word; what does not is for the whole to tell."""
        task = self.hands.tasks.get(reading.place.path)
        with spared(connection, self.status.bug), suppress(Unreadable):
            read = summed(*answer(reading), settled=True)
            if task is not None:
                self.examiner.head(connection, task.root, reading.place, read, task.told)

    def _take(self, connection: Connection, result: Result, now: float) -> None:
        """Take what a worker says of a file."""
        reading = complete(result)
        if reading is None or reading.tag == "head":
            if reading is not None:
                self._take_head(connection, reading)
            return
        path = reading.place.path
        task = self.hands.done(reading)
        if task is None:
            return  # given up meanwhile
        self.status.cost(reading)
        again = self.intake.end(path)
        settled = not differs(reading, self._local)
        with self.sparing(connection, path, reading.place):
            before = ledger.get(connection, task.root.id, path)
            if before is not None or not (task.row and gone(path)):  # else it is known to be gone, or where it is
                self._answered(connection, task, reading, before, settled=settled)
        if again or not settled or gone(path):
            place, _ = status(path)
            if place is None:
                self._hints[path] = Hint.GONE
            elif not settled:
                # What it was is said with the rest; for what an upload becomes in the end nothing else waits.
                told = task.told if task.told.kind == "live" else Told("live", os.path.dirname(path))
                self.want(task.root, place, told, Hint.FOUND, now)
            else:
                self._hints.setdefault(path, Hint.WRITTEN)

    def _answered(
        self, connection: Connection, task: Task, reading: Reading, before: Entry | None, *, settled: bool
    ) -> None:
        try:
            read = summed(*answer(reading), settled=settled)
        except Unreadable as error:
            self._unread(connection, task.root, reading, before, Gap(reading.tag, error.reason, error.detail))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            self._unread(connection, task.root, reading, before, NONSENSE)
        else:
            news = self.examiner.read(connection, task.root, reading.place, before, read, task.told)
            self.status.read(reading.place, read.status, news)

    def _unread(self, connection: Connection, root: Root, reading: Reading, before: Entry | None, gap: Gap) -> None:
        if gap.reason == "vanished" and gone(reading.place.path):
            return  # it is looked at once more, and then is gone, or has moved
        self.examiner.unread(connection, root, reading.place, before, gap)
        self.status.read(reading.place, "gap", [])
