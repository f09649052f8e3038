"""Who has read in the zones of another machine, by the logs that its collector has brought.

The files are not here, so a zone is what is told of: a read counts for each zone of the service that wrote the line
in which its path lies. Where that is not certain (several servers share a log, a name was written with losses, the
folder is not named) it is probable, and counted apart. Nothing found is told apart from nothing logged.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from phiscan.access.brought import Brought, Seen, read
from phiscan.access.doubled import Twins
from phiscan.access.files import base
from phiscan.access.matching import Matcher, loosely, normal
from phiscan.access.model import Access
from phiscan.access.places import logs_of, mappings_of
from phiscan.access.readers import Reader, extent_of
from phiscan.source.paths import below, display

if TYPE_CHECKING:
    from phiscan.expose.discover import Discovery
    from phiscan.expose.grant import Grant
    from phiscan.expose.listing import Row

_APART: Final = 10_000  # readers of one zone that are told apart
_ALL: Final = 200_000  # and of all zones
_LONGEST: Final = 4096  # bytes of a path: no longer one is a file's
_MET: Final = 10_000  # paths of which the zones are remembered
_WORD: Final = 256  # characters of an address or account
# read, no_evidence, not_logged: as of incidents. not_collected: the collector was told to leave logs out.
State = Literal["read", "no_evidence", "not_logged", "not_collected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneReaders:
    """What the logs tell of a zone's readers, the latest first: certain and probable reads are readers of their own.

    `logs` are those that its service may have written, `unread` those that could not be read to their end, and why.
    `unplaced` counts the service's reads of which no zone is known.
    """

    state: State
    by: tuple[Reader, ...] = ()
    logs: tuple[bytes, ...] = ()
    since: float | None = None
    unread: tuple[tuple[bytes, str], ...] = ()
    unplaced: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON, its readers as `incidents show` has them."""
        from phiscan.access.view import reader_dict
        from phiscan.incidents.incident import moment

        return {
            "state": self.state,
            "by": [reader_dict(one) for one in self.by],
            "logs": [display(log) for log in self.logs],
            "since": None if self.since is None else moment(self.since),
            "unread": [{"log": display(log), "reason": why} for log, why in self.unread],
            "unplaced": self.unplaced,
        }


def with_readers(rows: Sequence[Row], found: Discovery, root: str) -> list[Row]:
    """Return the zones of an archive that is unpacked below `root`, with what its logs tell of their readers."""
    counting = _Counting(rows, found.grants)
    brought = read(root, sorted(found.files), logs_of(found.grants), counting.take)
    return [replace(row, readers=counting.of(number, brought)) for number, row in enumerate(rows)]


class _Counting:
    """Counts who has read in which zone. Zones go by their number."""

    def __init__(self, rows: Sequence[Row], grants: Sequence[Grant]) -> None:
        self._rows = rows
        mappings = mappings_of(grants, real=False)
        self._matcher, self._mapped = Matcher((), mappings), {one.service for one in mappings}
        self._known = {os.fsencode(log) for log in logs_of(grants)}
        self._twins = Twins()
        self._of_service: dict[str, list[int]] = defaultdict(list)
        self._at: dict[tuple[str, bytes], list[int]] = defaultdict(list)  # by service and folder, loosely
        for number, row in enumerate(rows):
            self._of_service[row.service].append(number)
            if row.path:
                self._at[row.service, loosely(row.path)].append(number)
        self._deepest = max((row.path.count(b"/") for row in rows), default=0)
        self._readers: dict[int, dict[tuple[str, str, str, bool], Reader]] = defaultdict(dict)
        self._apart = 0
        self._met: dict[tuple[object, ...], tuple[str, list[tuple[int, bool]]]] = {}
        self._unplaced: Counter[str] = Counter()

    def take(self, access: Access, log: bytes) -> None:
        """Count an access that is a read: one of which nothing went over the line is none."""
        if access.action != "read" or access.size == 0:
            return
        # Two logs may name one file differently, one without its folder.
        if self._twins.again(hash(loosely(os.path.basename(access.path[-_LONGEST:]))), access, log):
            return
        services, zones = self._where(access, log)
        for number, sure in zones:
            self._count(number, access, services, sure=sure)
        if not zones:
            self._unplaced.update(services.split("/"))

    def _where(self, access: Access, log: bytes) -> tuple[str, list[tuple[int, bool]]]:
        """Return which services may have written a line, and in which zones it was. The same paths come again often."""
        key = access.path, access.services, access.writing, access.format, log
        found = self._met.get(key)
        if found is None:
            services = tuple(one for one in access.services if one in self._mapped) or access.services
            zones = self._zones(access, services, log)
            alone = len({self._rows[number].service for number, _ in zones}) == 1
            found = "/".join(services), [(number, sure and alone) for number, sure in zones]
            if len(self._met) >= _MET:
                self._met.clear()
            if len(access.path) <= _LONGEST:
                self._met[key] = found
        return found

    def _zones(self, access: Access, services: Sequence[str], log: bytes) -> list[tuple[int, bool]]:
        """Return in which zones a read was, and whether that is certain."""
        if len(access.path) > _LONGEST:
            return []
        if not access.path.startswith(b"/"):  # its folder is not known
            return [(number, False) for service in services for number in self._of_service.get(service, ())]
        places, certain = self._matcher.placed(access.path, services, log, form=access.format)
        found: dict[int, bool] = {}
        for place in places:
            lossy = access.writing not in ("raw", "url")
            for number in self._holding(normal(place), services):
                exact = below(normal(place), self._rows[number].path) is not None
                if exact or lossy:
                    found[number] = found.get(number, False) or (exact and certain)
        return list(found.items())

    def _holding(self, place: bytes, services: Sequence[str]) -> Iterator[int]:
        """Yield the zones in which a place lies, where all that some server writes alike is one."""
        parts = loosely(place).split(b"/")[1 : self._deepest + 1]
        for depth in range(len(parts) + 1):
            folder = b"/" + b"/".join(parts[:depth])
            for service in services:
                yield from self._at.get((service, folder), ())

    def _count(self, number: int, access: Access, service: str, *, sure: bool) -> None:
        readers = self._readers[number]
        who = (_short(access.address), _short(access.account), service, sure)
        if who not in readers:
            if len(readers) >= _APART or self._apart >= _ALL:
                who = ("", "", service, sure)  # the rest together
            self._apart += who not in readers
        at = access.at
        reader = readers.setdefault(
            who, Reader(key=number, address=who[0], account=who[1], service=service, first=at, last=at, sure=sure)
        )
        reader.first, reader.last = min(reader.first, at), max(reader.last, at)
        reader.size += access.size or 0
        reader.extents[extent_of(access, None)] += 1

    def of(self, number: int, brought: Brought) -> ZoneReaders:
        """Return what was counted of a zone."""
        row = self._rows[number]
        by = tuple(
            sorted(self._readers[number].values(), key=lambda one: (-one.last, one.address, one.account, one.sure))
        )
        mine = [log for log in brought.logs if self._writes(row, log)]
        unread = tuple((log.path, log.unread) for log in mine if log.unread)
        mine = [log for log in mine if not log.unread or log.first is not None]  # which could have shown it
        state: State = "read" if by else "no_evidence" if mine else "not_logged" if brought.asked else "not_collected"
        return ZoneReaders(
            state=state,
            by=by,
            logs=tuple(sorted(log.path for log in mine)),
            since=min((log.first for log in mine if log.first is not None), default=None),
            unread=unread,
            unplaced=self._unplaced[row.service],
        )

    def _writes(self, row: Row, log: Seen) -> bool:
        """Whether a zone's server may have written a log, by its lines and by what configurations say of logs."""
        if not log.is_of(row.service):
            return False
        logs = None if row.grant is None else row.grant.logs
        if base(log.path) not in self._known:  # it may be of before a configuration was changed
            return True
        return log.services == {row.service} if logs is None else base(log.path) in map(os.fsencode, logs)


def _short(word: str) -> str:
    return word if len(word) <= _WORD else word[:_WORD] + "…"
