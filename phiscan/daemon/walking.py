"""The walks of the watched roots, a slice a turn: what they meet is looked at, and what is no longer there is over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from phiscan.daemon.sparing import spared
from phiscan.model import Place
from phiscan.source.watch import Hint
from phiscan.store import ledger
from phiscan.store.ledger import Entry, Pending, Seen, entry_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.daemon.examine import Sparing
    from phiscan.daemon.loop import Daemon
    from phiscan.daemon.sparing import Parts
    from phiscan.daemon.watched import Watched

_SLICE: Final = 0.05  # seconds of a turn that a walk may take


class Walking:
    """Walks for one daemon."""

    def __init__(self, daemon: Daemon, sparing: Sparing, parts: Parts) -> None:
        self._daemon, self._sparing, self._parts = daemon, sparing, parts

    @property
    def under_way(self) -> bool:
        """Whether any root is being walked."""
        return any(one.walk is not None for one in self._daemon.watched)

    def go_on(self, connection: Connection, now: float) -> None:
        """Walk a little further. A bug of ours ends that walk; another one begins later."""
        end = time.monotonic() + _SLICE
        for one in self._daemon.watched:
            name = f"walk {one.root.id}"
            if not self._parts.do(connection, name, lambda one=one: self._go_on(connection, one, now, end)):  # type: ignore[misc]
                one.walk, one.wanted = None, True

    def _go_on(self, connection: Connection, one: Watched, now: float, end: float) -> None:
        one.see_to(connection, self._daemon.watcher, now)
        if one.short:
            one.short = False
            self._daemon.status.short(one.path)
        if one.inner_news:
            one.inner_news = False
            self._daemon.status.mounted(one.path, len(one.inner.missing))
        if one.lost:
            one.lost = False
            self._daemon.status.unavailable(one.path)
        if one.back:
            one.back = False
            self._daemon.status.available(one.path)
        while one.walk is not None and time.monotonic() < end:
            if one.met and any(other.may_meet for other in self._daemon.watched if other is not one):
                return  # what is not here may have moved there
            met = one.met
            self._slice(connection, one, now)
            if one.met and not met:
                return  # whoever moved something meanwhile has been heard by the next turn

    def _slice(self, connection: Connection, one: Watched, now: float) -> None:
        walk = one.walk
        assert walk is not None
        found, wrong = walk.slice(connection), list[Exception]()
        if found is not None:
            with spared(connection, wrong.append):
                self._meet(connection, one, found, now)
            for each in found if wrong else ():  # which of them is it?
                with self._sparing(connection, each[0].path):
                    self._meet(connection, one, [each], now)
            return
        if not one.met:
            one.met = True
            return
        gone = walk.gone(connection)
        for entry in gone or ():
            self._daemon.hands.forget(entry.path)
            with self._sparing(connection, entry.path):
                self._daemon.examiner.gone(connection, entry.path, entry)
        if walk.done:
            one.walked(now)
            one.unread = {path for path, task in self._daemon.hands.tasks.items() if task.root.id == one.root.id}
            self._daemon.status.walked(walk)
            if walk.whole and not walk.lost:
                self._daemon.examiner.still_there(connection, one.root, walk.started, self._sparing)

    def _meet(self, connection: Connection, one: Watched, found: list[tuple[Place, Seen | None]], now: float) -> None:
        """See to files that a walk has met. To do so again does no harm."""
        daemon, new = self._daemon, list[Entry]()
        examiner, arrived = daemon.examiner, daemon.watcher.hints.arrived
        changed = [place for place, seen in found if seen is None or not examiner.settled(one.root, place, seen)]
        known = ledger.get_all(connection, one.root.id, [place.path for place in changed]) if changed else {}
        for place in changed:
            entry = known.get(place.path)
            if entry is None:
                daemon.judging.services.appeared(place.path)
            told = one.told_by_walk(place.path, arrived, examiner.zone(one.root, place.path))
            if not examiner.look(connection, one.root, place, entry, Hint.FOUND, told):
                continue
            recent = time.time_ns() - max(place.mtime_ns, place.ctime_ns) < daemon.times.settle * 1e9
            if recent and daemon.room(place.path):
                daemon.want(one.root, place, told, Hint.FOUND, now)
            elif place.path not in daemon.hands.tasks:
                level = examiner.exposure(one.root, place).level
                daemon.fetching.news = True
                if entry is None:
                    new.append(entry_of(one.root.id, place, level, Pending.FOUND))
                elif entry.pending is not Pending.FOUND:
                    ledger.set_pending(connection, [entry.id], Pending.FOUND)
        ledger.put_new(connection, new)
        for entry in new:
            examiner.came(connection, entry.path)
