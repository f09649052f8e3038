"""What a file has become since it was last seen, and what its reading says: the daemon's judgement, without its loop.

Works inside a transaction. Content that has not changed is not read again: rules judge what the ledger remembers,
and exposure is asked of the file system each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from phiscan.expose.permissions import Cache
from phiscan.expose.zones import Zones, exposure_of, zone_of
from phiscan.incidents.book import Book, Finding
from phiscan.judge import Facts, Fired, Rule, judge, severity
from phiscan.model import Exposure, Gap, Level, Place
from phiscan.recognize.ruleset import Ruleset
from phiscan.report.model import show_path
from phiscan.scan.reading import Parts
from phiscan.source.mounts import Mounts
from phiscan.source.open import gone
from phiscan.source.paths import below
from phiscan.source.watch import Hint
from phiscan.store import incidents, ledger, now
from phiscan.store.ledger import Entry, Pending, Root, entry_of
from phiscan.tally import Tally
from phiscan.verdict import facts_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from sqlalchemy import Connection

    from phiscan.daemon.selftest import SelfTest
    from phiscan.incidents.incident import Incident
    from phiscan.store.outbox import GroupKind

    Sparing = Callable[[Connection, bytes], AbstractContextManager[None]]


_PASSING = frozenset({"denied", "vanished"})  # gaps that may end without a trace on the file itself
OUT_OF_REACH = Gap("open", "denied", "out of reach")
NONSENSE = Gap("extract", "crash", "the worker answered nonsense")
_BUG = Gap("extract", "crash", "internal error, see the log")
_TICK = 0.05  # seconds: file systems take the time from a clock that moves in steps


@dataclass(frozen=True, slots=True)
class Told:
    """With what an incident is told: alone in its folder, with a dropped tree, or in one message at the end."""

    kind: GroupKind = "live"
    folder: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What the workers say of one file."""

    status: str
    content: str | None
    tally: Tally
    gaps: tuple[Gap, ...]
    settled: bool  # the file is still what was read


class Examiner:
    """Judges places with one set of recognizers, rules and zones."""

    def __init__(
        self,
        ruleset: Ruleset,
        rules: Sequence[Rule],
        zones: Zones,
        book: Book,
        test_persons: npt.NDArray[np.uint64] | None = None,
        digests: tuple[str, str] = ("", ""),
        self_test: SelfTest | None = None,
    ) -> None:
        """`digests`: of the recognizers and all that reads, and of the rules."""
        self._self_test = self_test
        self._ruleset, self._rules, self._zones, self._book = ruleset, tuple(rules), zones, book
        self._test_persons = test_persons
        self.detect, self.judging = digests
        self.cache = Cache()
        self._mounts, self._next_mounts = self.cache.mounts, 0.0
        self.unknown: set[int] = set()  # roots in which rights cannot be established

    def refresh(self) -> None:
        """Rights and mounts may have changed since the last look."""
        now_ = time.monotonic()
        if now_ >= self._next_mounts:
            self._next_mounts, self._mounts = now_ + 1.0, Mounts.read()
        self.cache = Cache(self._mounts)

    def exposure(self, root: Root, place: Place) -> Exposure:
        """Return who can read a place now."""
        found = exposure_of(place.path, place, self._zones, None, cache=self.cache)
        if found.level is Level.UNKNOWN:
            self.unknown.add(root.id)
        return found

    def zone(self, root: Root, path: bytes) -> bytes:
        """Return the zone of a place: the declared one, else its root."""
        zone = zone_of(path, self._zones, self.cache)
        return root.path if zone is None else zone.path

    def look(
        self, connection: Connection, root: Root, place: Place, entry: Entry | None, hint: Hint, told: Told
    ) -> bool:
        """Take note of what a file is now; return whether it has to be read. What only moved or opened is judged."""
        exposure = self.exposure(root, place)
        if entry is None:
            before = self._moved_here(connection, root, place, exposure.level)
            if before is not None:
                moved = replace(before.at(place, exposure.level), root=root.id, pending=Pending.CHECK)
                self.judge_again(connection, root, moved, exposure, told)
                self._book.gone(connection, before.path, now())  # what did not come along is over there
            return before is None
        if entry.read is None or not entry.same_content(place):
            return True
        rights = entry.ctime_ns != place.ctime_ns
        if hint is Hint.WRITTEN and (rights or entry.read - place.mtime_ns / 1e9 < _TICK):
            return True  # written under a forged time, or twice within one tick of the clock
        if entry.status == "gap" and (rights or any(gap.reason in _PASSING for gap in entry.gaps)):
            return True  # it may be readable now
        if rights or entry.level != exposure.level:
            pending = Pending.CHECK if rights and entry.pending is None else entry.pending
            entry = replace(entry.at(place, exposure.level), pending=pending)
            self.judge_again(connection, root, entry, exposure, told)
        return False

    def judge_again(
        self, connection: Connection, root: Root, entry: Entry, exposure: Exposure, told: Told
    ) -> list[Incident]:
        """Judge a file from what the ledger remembers of it."""
        if entry.facts is None:
            ledger.put(connection, replace(entry, rules=self.judging))
            return []
        facts = replace(entry.facts, level=exposure.level)
        return self._judged(connection, root, replace(entry, facts=facts), exposure, told)

    def read(
        self, connection: Connection, root: Root, place: Place, before: Entry | None, read: Read, told: Told
    ) -> list[Incident]:
        """Take note of what was read; return the incidents that are new or back."""
        exposure = self.exposure(root, place)
        base = entry_of(root.id, place, exposure.level)
        facts = facts_of(read.tally, exposure.level, self._ruleset, self._test_persons)
        complete = read.settled and not read.gaps
        facts = replace(
            facts, exact=facts.exact and complete, identified_health_exact=facts.identified_health_exact and complete
        )
        entry = replace(
            base,
            id=0 if before is None else before.id,
            content=read.content,
            status=read.status,
            facts=facts,
            gaps=read.gaps,
            detect=self.detect,
            read=now(),
            pending=None if read.settled else Pending.FOUND,
        )
        persons = (read.tally.keys, read.tally.masks)
        return self._judged(connection, root, entry, exposure, told, persons=persons, settled=read.settled)

    def head(self, connection: Connection, root: Root, place: Place, read: Read, told: Told) -> list[Incident]:
        """Judge the first lines of a large file: enough to raise an alarm, nothing for the ledger."""
        exposure = self.exposure(root, place)
        facts = facts_of(read.tally, exposure.level, self._ruleset, self._test_persons)
        facts = replace(facts, exact=False, identified_health_exact=False)
        entry = replace(entry_of(root.id, place, exposure.level), status="partial", facts=facts)
        return self._tell(connection, root, entry, exposure, tuple(judge(facts, self._rules)), told, complete=False)

    def unread(self, connection: Connection, root: Root, place: Place, before: Entry | None, gap: Gap) -> None:
        """Nothing of a file could be read: a gap, and no word about what it held before."""
        entry = before or entry_of(root.id, place, self.exposure(root, place).level)
        self.out_of_reach(connection, entry.at(place, entry.level), gap)

    def out_of_reach(self, connection: Connection, entry: Entry, gap: Gap) -> None:
        """Write a gap down, also where not even the status of the file could be learnt."""
        entry = replace(entry, status="gap", gaps=(gap,), detect=self.detect, read=now())
        ledger.put(connection, replace(entry, content=None, facts=None, rules=self.judging, pending=None))

    def elsewhere(self, connection: Connection, root: Root, place: Place, entry: Entry, told: Told) -> None:
        """A file's content is no longer here, and is not fetched: it is judged by what is known of it, if it is."""
        if entry.read is None:
            ledger.drop(connection, entry.id)
            return
        if entry.facts is not None and entry.same_content(place):
            exposure = self.exposure(root, place)
            if entry.ctime_ns != place.ctime_ns or entry.level != exposure.level:
                self.judge_again(connection, root, entry.at(place, exposure.level), exposure, told)
        ledger.set_pending(connection, [entry.id], None)

    def spoilt(self, connection: Connection, root: Root, place: Place | None, before: Entry | None) -> None:
        """A bug of ours keeps us from saying anything of a file: it is not read again before it or phiscan changes."""
        if place is not None:
            base = before or entry_of(root.id, place, Level.UNKNOWN)
            self.out_of_reach(connection, base.at(place, base.level), _BUG)
        elif before is not None:
            self.out_of_reach(connection, before, _BUG)

    def gone(self, connection: Connection, path: bytes, entry: Entry | None) -> None:
        """A file is no longer there."""
        if entry is not None:
            ledger.drop(connection, entry.id)
        self._book.gone(connection, path, now())

    def still_there(self, connection: Connection, root: Root, before: float, sparing: Sparing) -> None:
        """Reopen what a person had resolved before a whole walk began and what is still as it was."""
        for incident in incidents.resolved_by_hand(connection, root.id, before):
            with sparing(connection, incident.path):
                entry = ledger.get(connection, root.id, incident.path)
                if entry is None or entry.facts is None:
                    continue
                if any(one.rule.id == incident.rule for one in judge(entry.facts, self._rules)):
                    self._book.bring_back(connection, incident, now())

    def _judged(
        self,
        connection: Connection,
        root: Root,
        entry: Entry,
        exposure: Exposure,
        told: Told,
        *,
        persons: Any = None,
        settled: bool = True,
    ) -> list[Incident]:
        facts = entry.facts or Facts(exposure.level)
        fired = tuple(judge(facts, self._rules))
        ledger.put(connection, replace(entry, severity=severity(fired), rules=self.judging))
        complete = settled and not entry.gaps
        return self._tell(connection, root, entry, exposure, fired, told, complete=complete, persons=persons)

    def _tell(
        self,
        connection: Connection,
        root: Root,
        entry: Entry,
        exposure: Exposure,
        fired: tuple[Fired, ...],
        told: Told,
        *,
        complete: bool,
        persons: Any = None,
    ) -> list[Incident]:
        """Have the verdict written into the book. Of the self-test's file nothing is."""
        if self._self_test is not None and self._self_test.took(connection, entry, fired, now()):
            return []
        zone = self.zone(root, entry.path)
        found = Finding(
            root=root.id,
            folder=zone if below(entry.path, zone) is not None else root.path,
            path=entry.path,
            shown=show_path(entry.path),
            zone=zone,
            content=entry.content,
            status=entry.status or "gap",
            exposure=exposure,
            facts=entry.facts or Facts(exposure.level),
            fired=fired,
            complete=complete,
            at=now(),
            persons=persons,
            told_in=told.kind,
            group=told.folder,
        )
        return self._book.judged(connection, found)

    def _moved_here(self, connection: Connection, root: Root, place: Place, level: Level) -> Entry | None:
        """Return the row of a file that was renamed, as it was; it is carried over to its new place.

        Its old name counted as content and its new one does: it is read again when there is time, but judged now.
        """
        for entry in ledger.at_inode(connection, place):
            if entry.path == place.path or not entry.same_content(place) or entry.read is None:
                continue
            if not gone(entry.path):
                continue  # another name of the same file
            known = ledger.get(connection, root.id, place.path)
            if known is not None:
                ledger.drop(connection, known.id)
            ledger.put(connection, replace(entry.at(place, level), root=root.id, pending=Pending.CHECK))
            return entry
        return None


def summed(content: str, parts: Parts, *, settled: bool) -> Read:
    """Return what the workers say of a file as a whole; a file is one place, whatever is packed in it.

    Raises what nonsense raises: KeyError, TypeError, ValueError.
    """
    tally, gaps, states = Tally(), list[Gap](), set[str]()
    for part, its in parts:
        gaps += [_gap(part, gap) for gap in part["gaps"]]
        if part["listed"]:
            tally.add(its)
            states.add(str(part["status"]))
    if not settled:
        gaps.append(Gap("extract", "vanished", "kept changing while it was read"))
    read = states & {"scanned", "partial"}
    status = ("partial" if gaps or "partial" in states else "scanned") if read else "gap"
    if not read and "encrypted" in states:
        status = "encrypted"
    return Read(status=status, content=content or None, tally=tally, gaps=tuple(gaps), settled=settled)


def _gap(part: Mapping[str, Any], gap: Mapping[str, Any]) -> Gap:
    found = Gap(**gap)
    return found if found.member else replace(found, member=str(part["member"]))
