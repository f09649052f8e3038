"""What a file has become since it was last seen, and what its reading says: the daemon's judgement, without its loop.

Works inside a transaction. Content that has not changed is not read again: rules judge what the ledger remembers,
and exposure is asked of the file system each time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from phiscan.daemon.summing import Read
from phiscan.declared import Declarations
from phiscan.expose.nt.mounted import Mounted
from phiscan.expose.nt.rights import Rights
from phiscan.expose.permissions import Cache
from phiscan.expose.zones import Zones, exposure_of, gap_of, level_of, zone_of
from phiscan.incidents.book import Book, Finding
from phiscan.judge import Facts, Fired, Rule, judge, severity
from phiscan.model import Exposure, Gap, Level, Place
from phiscan.recognize.ruleset import Ruleset
from phiscan.report.model import show_path
from phiscan.source.mounts import Mounts
from phiscan.source.open import gone
from phiscan.source.paths import below
from phiscan.source.walk import place_of
from phiscan.source.watch import Hint
from phiscan.store import incidents, ledger, now, places
from phiscan.store.ledger import Entry, Pending, Root, Seen, entry_of
from phiscan.twins import Copy, are_twins, stem
from phiscan.verdict import facts_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from sqlalchemy import Connection

    from phiscan.daemon.selftest import SelfTest
    from phiscan.expose.discover import Discovery
    from phiscan.incidents.incident import Incident
    from phiscan.store.outbox import GroupKind

    Sparing = Callable[[Connection, bytes], AbstractContextManager[None]]


_PASSING = frozenset({"denied", "vanished"})  # gaps that may end without a trace on the file itself
OUT_OF_REACH = Gap("open", "denied", "out of reach")
_BUG = Gap("extract", "crash", "internal error, see the log")
_IN_CLEAR = ("scanned", "partial")
_TICK = 0.05  # seconds: file systems take the time from a clock that moves in steps


@dataclass(frozen=True, slots=True)
class Told:
    """With what an incident is told: alone in its folder, with a dropped tree, or in one message at the end."""

    kind: GroupKind = "live"
    folder: bytes = b""


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
        declared: Declarations | None = None,
        rights: Rights | None = None,
    ) -> None:
        """`digests`: of the recognizers and all that reads, and of the rules. `declared`: what rules know of zones."""
        self._self_test = self_test
        self._ruleset, self._rules, self._zones, self._book = ruleset, tuple(rules), zones, book
        self._test_persons = test_persons
        self.declared = declared or Declarations()
        self.detect, self.judging = digests[0], self.declared.digest(digests[1])
        self.discovery: Discovery | None = None  # what the services of this machine give away
        self._rights = rights or Rights()  # kept over all looks: what has not changed is not asked again
        self.cache = Cache(nt=Mounted(self._rights))
        self._mounts, self._next_mounts = self.cache.mounts, 0.0
        self.unknown: dict[int, Gap] = {}  # roots in which who can read cannot be established

    def refresh(self) -> None:
        """Rights and mounts may have changed since the last look."""
        now_ = time.monotonic()
        if now_ >= self._next_mounts:
            self._next_mounts, self._mounts = now_ + 1.0, Mounts.read()
        self.cache = Cache(self._mounts, self.discovery, Mounted(self._rights))

    def exposure(self, root: Root, place: Place) -> Exposure:
        """Return who can read a place now."""
        found = exposure_of(place.path, place, self._zones, None, cache=self.cache)
        if found.level is Level.UNKNOWN and not gone(place.path):
            self.unknown.setdefault(root.id, gap_of(found))
        return found

    def zone(self, root: Root, path: bytes) -> bytes:
        """Return the zone of a place: the declared one, else its root."""
        zone = zone_of(path, self._zones, self.cache)
        return root.path if zone is None else zone.path

    def came(self, connection: Connection, path: bytes) -> None:
        """A file is new here: count it in the zones that say what they are for."""
        for zone in self.declared.around(path, self.cache):
            places.came(connection, zone, now())

    def left(self, connection: Connection, path: bytes, to: bytes = b"") -> None:
        """A file is no longer here, but `to`."""
        there = self.declared.around(to, self.cache) if to else []
        for zone in self.declared.around(path, self.cache):
            if zone not in there:
                places.left(connection, zone, now())
        here = self.declared.around(path, self.cache) if to else []
        for zone in there:
            if zone not in here:
                places.came(connection, zone, now())

    def settled(self, root: Root, place: Place, seen: Seen) -> bool:
        """Whether `look` at a file that a walk has met would do nothing."""
        if not seen.settled(place):
            return False
        level = level_of(place.path, place, self._zones, cache=self.cache)
        if level is Level.UNKNOWN and root.id not in self.unknown:
            self.exposure(root, place)  # which takes note of why
        return seen.level == level

    def look(
        self, connection: Connection, root: Root, place: Place, entry: Entry | None, hint: Hint, told: Told
    ) -> bool:
        """Take note of what a file is now; return whether it has to be read. What only moved or opened is judged."""
        exposure = self.exposure(root, place)
        if _left(place.path, exposure):
            return False
        if entry is None:
            before = self._moved_here(connection, root, place, exposure.level)
            if before is not None:
                moved = replace(before.at(place, exposure.level), root=root.id, pending=Pending.CHECK)
                self.judge_again(connection, root, moved, exposure, told, before.path)
                self._book.gone(connection, before.path, now())  # what did not come along is over there
                self._twins_again(connection, root, before)
                self.left(connection, before.path, place.path)
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
        self, connection: Connection, root: Root, entry: Entry, exposure: Exposure, told: Told, was: bytes = b""
    ) -> list[Incident]:
        """Judge a file from what the ledger remembers of it. `was`: the path that it had before."""
        if _left(entry.path, exposure):
            return []
        if entry.facts is None:
            ledger.put(connection, replace(entry, rules=self.judging))
            return []
        facts = replace(entry.facts, level=exposure.level)
        return self._judged(connection, root, replace(entry, facts=facts), exposure, told, was=was)

    def read(
        self, connection: Connection, root: Root, place: Place, before: Entry | None, read: Read, told: Told
    ) -> list[Incident]:
        """Take note of what was read; return the incidents that are new or back."""
        exposure = self.exposure(root, place)
        if _left(place.path, exposure) and (before or self._went(connection, place)):
            return []
        if before is None:
            self.came(connection, place.path)
        base = entry_of(root.id, place, exposure.level)
        facts = facts_of(read.tally, exposure.level, self._ruleset, self._test_persons)
        complete = read.settled and not read.gaps
        facts = replace(
            facts,
            exact=facts.exact and complete,
            identified_health_exact=facts.identified_health_exact and complete,
            weak=read.weak,
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
        news = self._judged(connection, root, entry, exposure, told, persons=persons, settled=read.settled)
        if before is not None and before.status == "encrypted" != entry.status:
            self._twins_again(connection, root, before)
        return news

    def head(self, connection: Connection, root: Root, place: Place, read: Read, told: Told) -> list[Incident]:
        """Judge the first lines of a large file: enough to raise an alarm, nothing for the ledger."""
        exposure = self.exposure(root, place)
        facts = facts_of(read.tally, exposure.level, self._ruleset, self._test_persons)
        zone = self.declared.of(place.path, self.cache)
        facts = replace(facts, exact=False, identified_health_exact=False, zone=zone)
        entry = replace(entry_of(root.id, place, exposure.level), status="partial", facts=facts)
        return self._tell(connection, root, entry, exposure, tuple(judge(facts, self._rules)), told, complete=False)

    def unread(self, connection: Connection, root: Root, place: Place, before: Entry | None, gap: Gap) -> None:
        """Nothing of a file could be read: a gap, and no word about what it held before."""
        if before is None:
            self.came(connection, place.path)
        entry = before or entry_of(root.id, place, self.exposure(root, place).level)
        self.out_of_reach(connection, entry.at(place, entry.level), gap)
        known = ledger.get(connection, root.id, place.path)
        if known is not None and self.declared.of(place.path, self.cache).past:
            self.left_over(connection, root, known, self.exposure(root, place), Told())

    def left_over(
        self, connection: Connection, root: Root, entry: Entry, exposure: Exposure, told: Told
    ) -> list[Incident]:
        """Judge a file by its place alone: nothing is known of what it holds, but it should not be there."""
        if entry.facts is not None:
            return self.judge_again(connection, root, entry, exposure, told)
        facts = Facts(exposure.level, exact=False, zone=self.declared.of(entry.path, self.cache))
        fired = tuple(judge(facts, self._rules))
        return self._tell(connection, root, entry, exposure, fired, told, complete=False) if fired else []

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
            self.left(connection, path)
        self._book.gone(connection, path, now())
        if entry is not None and entry.status == "encrypted":
            root = next(one for one in ledger.all_roots(connection) if one.id == entry.root)
            self._twins_again(connection, root, entry)

    def still_there(self, connection: Connection, root: Root, before: float, sparing: Sparing) -> None:
        """Reopen what a person had resolved before a whole walk began and what is still as it was."""
        for incident in incidents.resolved_by_hand(connection, root.id, before):
            with sparing(connection, incident.path):
                entry = ledger.get(connection, root.id, incident.path)
                if entry is None or entry.facts is None or gone(entry.path):
                    continue
                facts = self._placed(connection, root, entry, entry.facts)
                if any(one.rule.id == incident.rule for one in judge(facts, self._rules)):
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
        was: bytes = b"",
    ) -> list[Incident]:
        facts = self._placed(connection, root, entry, entry.facts or Facts(exposure.level))
        fired = tuple(judge(facts, self._rules))
        ledger.put(connection, replace(entry, severity=severity(fired), rules=self.judging))
        complete = settled and not entry.gaps
        news = self._tell(connection, root, entry, exposure, fired, told, complete=complete, persons=persons, was=was)
        if entry.status == "encrypted":
            self._twins_again(connection, root, entry, told)
        return news

    def _placed(self, connection: Connection, root: Root, entry: Entry, facts: Facts) -> Facts:
        """Return facts with what is known of the place: what its zone is for, and what lies beside it."""
        return replace(
            facts,
            zone=self.declared.of(entry.path, self.cache),
            twin=facts.persons > 0
            and entry.status in _IN_CLEAR
            and any(one.status == "encrypted" for one in self._twins(connection, root, entry)),
        )

    def _twins(self, connection: Connection, root: Root, entry: Entry) -> list[Entry]:
        """Return the files that an encrypted file may have been made of, or that may have been made of a clear one."""
        begin = stem(entry.path)
        if not begin:
            return []
        near = ledger.beginning(connection, root.id, os.path.join(os.path.dirname(entry.path), begin))
        this = Copy(entry.path, entry.size)
        pairs = ((one, Copy(one.path, one.size)) for one in near)
        sealed = entry.status == "encrypted"
        return [one for one, other in pairs if (are_twins(this, other) if sealed else are_twins(other, this))]

    def _twins_again(self, connection: Connection, root: Root, entry: Entry, told: Told | None = None) -> None:
        """An encrypted file has come or gone: the clear ones beside it are something else by now."""
        for one in self._twins(connection, root, entry) if entry.status == "encrypted" else ():
            if one.status in _IN_CLEAR and one.facts is not None and one.facts.persons:
                with suppress(OSError):  # it is gone, and whoever notices says so
                    place = place_of(one.path, os.lstat(one.path))
                    self.judge_again(connection, root, one, self.exposure(root, place), told or Told())

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
        was: bytes = b"",
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
            file=(entry.device, entry.inode, entry.size, entry.mtime_ns),
            was=was,
        )
        return self._book.judged(connection, found)

    def _went(self, connection: Connection, place: Place) -> bool:
        """Whether a file that is no longer here is known where it has come to."""
        same = (entry for entry in ledger.at_inode(connection, place) if entry.path != place.path)
        return any(entry.same_content(place) for entry in same)

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


def _left(path: bytes, exposure: Exposure) -> bool:
    """Whether nobody can say who could read a file because it has gone since: it is judged where it has come to."""
    return exposure.level is Level.UNKNOWN and gone(path)
