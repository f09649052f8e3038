"""The daemon: from a file's arrival to the incident, and nothing lost.

    hints (inotify) ─┐
    reconciling walk ┴▶ look: ledger and exposure ─▶ intake ─▶ workers ─▶ judge ─▶ ledger + incident + outbox

One loop, one thread, one transaction a turn: what was read, what became of its incident and whom to tell are written
together or not at all. What is not written is found again by the next walk, so the daemon may be killed at any time.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from phiscan.alert.deadlines import remind
from phiscan.daemon.examine import NONSENSE, OUT_OF_REACH, Examiner, Told, summed
from phiscan.daemon.hands import Hands, Task, status
from phiscan.daemon.intake import Intake, Times
from phiscan.daemon.rejudging import Rejudging
from phiscan.daemon.sparing import Sparing, spared
from phiscan.daemon.watched import Watched
from phiscan.errors import Unreadable
from phiscan.isolate import Pool, Result
from phiscan.messages import Broken
from phiscan.model import Gap, Limits, Place
from phiscan.scan.reading import Local, Reader, Reading, answer, complete, differs
from phiscan.source.open import gone
from phiscan.source.paths import below
from phiscan.source.scope import Scope
from phiscan.source.watch import MOST, Hint, Watcher
from phiscan.store import Store, flag, incidents, ledger, set_flag
from phiscan.store import now as clock
from phiscan.store.ledger import Entry, Pending, Root, entry_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.alert.grouping import Telling
    from phiscan.alert.message import Context
    from phiscan.daemon.keeping import Keeper
    from phiscan.daemon.status import Status
    from phiscan.daemon.surroundings import Surroundings
    from phiscan.incidents.book import Book

_BATCH: Final = 400  # hints looked at in one turn
_BACKLOG: Final = 64  # files fetched from the ledger at once
_TURN: Final = 0.5  # seconds a turn waits for something to happen
_SETTLE: Final = 0.1  # seconds between two looks whether files have held still
_SLICE: Final = 0.05  # seconds of a turn that a walk may take
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
    committed: Callable[[], None] = lambda: None  # something may wait in the outbox
    around: Surroundings | None = None  # what services give away; None: they are not looked at

    def __post_init__(self) -> None:
        self._rejudging = Rejudging(self)
        self.intake = Intake(self.times)
        self._local = Local(self.roots)
        reader = Reader(self.limits, self.workers, self.roots)
        self.hands = Hands(self.pool, self.intake, reader, self._local, self._late, self.status.bug, self._known)
        self.sparing = Sparing(self.examiner, self.status.bug, self.root_of).file
        self._hints: dict[bytes, Hint] = {}
        self._results: list[Result] = []
        self._again_after = 0  # the row up to which changed rules have judged again
        self._judging_again = False
        self._next_settle = self._next_chores = self._broken_until = 0.0
        self._lost = False  # what could not be written has to be asked of the store again
        self.watched = [Watched(path, Scope(path, self.exclude), self.times) for path in self.roots]

    def run(self, stop: Callable[[], bool]) -> None:
        """Work until told to stop. Raises PhiscanError where no worker can be started."""
        with self.store.write() as connection:
            for one in self.watched:
                one.meet(connection, self.watcher)
            self._judging_again = bool(ledger.judged_otherwise(connection, self.examiner.judging, 0, 1))
            if ledger.stale(connection, self.examiner.detect) or self._judging_again:
                set_flag(connection, "digest")
        self.status.ready()
        while not stop():
            self.turn()

    def turn(self) -> None:
        """One turn: hear, look, write, hand out."""
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
                working = False
                self._results.clear()
                self.committed()
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
        busy = self._results or self._hints or self._walking() or self._judging_again or self._rejudging.waiting()
        if busy or (self.hands.jobs and self.pool.free()):
            return 0.0
        return _SETTLE if len(self.intake) else _TURN

    def _walking(self) -> bool:
        return any(one.walk is not None for one in self.watched)

    def _hear(self) -> None:
        hints, lost = self.watcher.hints.take()
        for path, hint in hints.items():
            self._hints[path] = max(hint, self._hints.get(path, hint))
        if len(self._hints) > MOST:  # nobody has looked for long: the store fails
            self._hints.clear()
            lost = True
        if lost:
            self.status.overflowed()
            for one in self.watched:
                one.wanted = True

    def _anything(self, now: float) -> bool:
        idle = self.pool.free() and not self.intake.ready and not self.hands.jobs and not self.hands.backlog
        due = now >= self._next_settle and len(self.intake)
        roots = any(one.due(now) for one in self.watched)
        waiting = self._results or self._hints or self._judging_again or self._rejudging.waiting()
        return bool(waiting or due or roots or idle or now >= self._next_chores)

    def _fail(self, error: Broken, now: float, *, working: bool) -> None:
        """The store fails. Where nothing had been begun nothing is lost: the turn is taken again.

        Else, or where it may have been another daemon's meanwhile, forget what could not be written: a walk finds it.
        """
        self.status.broken(error)
        self._broken_until = now + (_SETTLE if error.key in {"store.locked", "store.lock_lost"} else _BROKEN)
        if not working and error.key != "store.lock_lost":
            return
        self._lost = True
        self.hands.lost(self._results)
        self._results.clear()
        self.keeper.lost()
        self._again_after = 0
        self._rejudging.lost()
        for one in self.watched:
            one.walk, one.wanted = None, True

    # One transaction

    def _work(self, connection: Connection, now: float) -> None:
        self._rejudging.hear()
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
        if self._judging_again:
            self._judge_again(connection)
        self._rejudging.turn(connection)
        self._walk(connection, now)
        if now >= self._next_chores:
            self._next_chores = now + self.times.chores
            self._chores(connection)
        if not self.hands.backlog and not self.intake.ready and not self.hands.jobs:
            self._fetch(connection)
            if not (self.hands.backlog or self.hands.tasks or self._hints or self._walking() or self._judging_again):
                self.keeper.turn(connection, clock())

    def _chores(self, connection: Connection) -> None:
        self.watcher.tidy(self.times.tree)
        self.book.expire(connection, clock())
        self.telling.again(connection, clock())
        remind(connection, self.telling, self.context, clock())
        for one in self.watched:
            if one.covered is not None and not ledger.waiting(connection, one.root.id):
                self.status.covered(connection, self, one, one.covered)
                one.covered = None
        self.status.chores(connection, self)

    def root_of(self, path: bytes) -> Watched | None:
        """Return the root in which a path lies."""
        return next((one for one in self.watched if below(path, one.path) is not None), None)

    def _look(self, connection: Connection, path: bytes, hint: Hint, now: float) -> None:
        one = self.root_of(path)
        if one is None or not one.available:
            return
        place, is_folder = status(path)
        if place is None:
            self._rejudging.linked(path)
        if is_folder or hint is Hint.TREE:
            one.look_below(path, exists=is_folder)
        entry = None if is_folder else ledger.get(connection, one.root.id, path)
        if place is None:
            self.hands.forget(path)
            self.status.left(path)
            if not is_folder and gone(path):
                self.examiner.gone(connection, path, entry)
            elif entry is not None and entry.pending is not None:
                self.examiner.out_of_reach(connection, entry, OUT_OF_REACH)
        elif one.scope.holds(path):
            told = Told("live", one.dropped(path, self.watcher.hints.arrived, self.examiner.zone(one.root, path)))
            if self.examiner.look(connection, one.root, place, entry, hint, told):
                self._wanted(one.root, place, told, hint, now)

    def _wanted(self, root: Root, place: Place, told: Told, hint: Hint, now: float) -> None:
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
        else:
            self.intake.settled(place, now)

    def _judge_again(self, connection: Connection) -> None:
        """Other rules judge what the ledger remembers, a few files a turn."""
        entries = ledger.judged_otherwise(connection, self.examiner.judging, self._again_after, _BATCH)
        for entry in entries:
            self._again_after = entry.id
            one = self.root_of(entry.path)
            place, _ = status(entry.path)
            with self.sparing(connection, entry.path):
                if one is not None and place is not None:
                    exposure = self.examiner.exposure(one.root, place)
                    self.examiner.judge_again(connection, one.root, entry, exposure, Told("digest"))
        self._judging_again = bool(entries)

    def _walk(self, connection: Connection, now: float) -> None:
        end = time.monotonic() + _SLICE
        for one in self.watched:
            one.see_to(connection, self.watcher, now)
            if one.lost:
                one.lost = False
                self.status.unavailable()
            while one.walk is not None and time.monotonic() < end:
                self._slice(connection, one, now)

    def _slice(self, connection: Connection, one: Watched, now: float) -> None:
        walk = one.walk
        assert walk is not None
        found, wrong = walk.slice(connection), list[Exception]()
        with spared(connection, wrong.append):
            self._meet(connection, one, found, now)
        for each in found if wrong else ():  # which of them is it?
            with self.sparing(connection, each[0].path):
                self._meet(connection, one, [each], now)
        if found:
            return
        gone = walk.gone(connection)
        for entry in gone or ():
            self.hands.forget(entry.path)
            with self.sparing(connection, entry.path):
                self.examiner.gone(connection, entry.path, entry)
        if walk.done:
            one.walked(now)
            self.status.walked(walk)
            if walk.whole and not walk.lost:
                self.examiner.still_there(connection, one.root, walk.started, self.sparing)

    def _meet(self, connection: Connection, one: Watched, found: list[tuple[Place, Entry | None]], now: float) -> None:
        """See to files that a walk has met. To do so again does no harm."""
        new = []
        for place, entry in found:
            told = one.told_by_walk(place.path, self.watcher.hints.arrived, self.examiner.zone(one.root, place.path))
            if not self.examiner.look(connection, one.root, place, entry, Hint.FOUND, told):
                continue
            if time.time_ns() - max(place.mtime_ns, place.ctime_ns) < self.times.settle * 1e9:
                self._wanted(one.root, place, told, Hint.FOUND, now)
            elif place.path not in self.hands.tasks:
                level = self.examiner.exposure(one.root, place).level
                if entry is None:
                    new.append(entry_of(one.root.id, place, level, Pending.FOUND))
                elif entry.pending is not Pending.FOUND:
                    ledger.set_pending(connection, [entry.id], Pending.FOUND)
        ledger.put_new(connection, new)

    def _fetch(self, connection: Connection) -> None:
        """Fetch what the ledger has waiting, and say what was to be said once nothing of it is left."""
        busy = [task.row for task in self.hands.tasks.values() if task.row]
        for entry in ledger.pending(connection, _BACKLOG, busy):
            if self.root_of(entry.path) is not None and entry.path not in self.hands.tasks:
                self.hands.backlog.append(entry)
        if not self.hands.backlog:
            self._caught_up(connection)

    def _caught_up(self, connection: Connection) -> None:
        """Nothing waits in the ledger: tell what was to be told in one message."""
        kinds = {task.told.kind for task in self.hands.tasks.values()}
        first = [one for one in self.watched if one.root.walked is None and one.first_walk_done]
        if first and "initial" not in kinds:
            for one in first:
                one.begun(connection)
            self.telling.conclude(connection, "initial", clock())
        if "digest" not in kinds and not self._judging_again and not self._walking() and flag(connection, "digest"):
            self.telling.conclude(connection, "digest", clock())
            set_flag(connection, "digest", on=False)

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
        again = self.intake.end(path)
        settled = not differs(reading, self._local)
        with self.sparing(connection, path, reading.place):
            before = ledger.get(connection, task.root.id, path)
            try:
                read = summed(*answer(reading), settled=settled)
            except Unreadable as error:
                self._unread(connection, task.root, reading, before, Gap(reading.tag, error.reason, error.detail))
            except (KeyError, TypeError, ValueError, AttributeError, IndexError):
                self._unread(connection, task.root, reading, before, NONSENSE)
            else:
                news = self.examiner.read(connection, task.root, reading.place, before, read, task.told)
                self.status.read(reading.place, read.status, news)
        if again or not settled or gone(path):
            place, _ = status(path)
            if place is None:
                self._hints[path] = Hint.GONE
            elif not settled:
                self._wanted(task.root, place, task.told, Hint.FOUND, now)
            else:
                self._hints.setdefault(path, Hint.WRITTEN)

    def _unread(self, connection: Connection, root: Root, reading: Reading, before: Entry | None, gap: Gap) -> None:
        if gap.reason == "vanished" and gone(reading.place.path):
            self.examiner.gone(connection, reading.place.path, before)
            self.status.left(reading.place.path)
            return
        self.examiner.unread(connection, root, reading.place, before, gap)
        self.status.read(reading.place, "gap", [])
