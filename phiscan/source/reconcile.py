"""The reconciling walk: what is there against what the ledger says. It is the truth; events are only faster.

It is taken in slices, so that a tree of a million files delays nothing. What the ledger knows and the walk did not
meet is asked for once more, by name, before it is taken for gone: it may just be out of reach.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from phiscan.model import Gap, Place
from phiscan.source.offline import BY
from phiscan.source.open import gone
from phiscan.source.paths import below, display
from phiscan.source.walk import Excluded, Missed, walk
from phiscan.store import ledger, now
from phiscan.store.ledger import Entry, Root, Seen

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SLICE: Final = 200  # files compared at once
_PAGE: Final = 1000  # rows asked for at once
_LISTED: Final = 1000  # exclusions and gaps that are kept by name


@dataclass
class Reconcile:
    """One walk of a root, or of a part of it, under way."""

    root: Root
    exclude: Sequence[str]
    only: bytes | None = None  # the part, None for the whole
    started: float = field(default_factory=now)
    files: int = 0
    size: int = 0  # bytes
    gaps: list[tuple[bytes, Gap]] = field(default_factory=list)
    excluded: list[tuple[str, str, str]] = field(default_factory=list)  # path, pattern, whose
    left_out_paths: list[bytes] = field(default_factory=list)  # of the same
    left_out: Counter[str] = field(default_factory=Counter)
    done: bool = False
    zones: Sequence[bytes] = ()  # places whose files are counted apart
    met: Counter[bytes] = field(default_factory=Counter)  # files, by zone
    hidden: Callable[[Sequence[bytes]], Collection[bytes]] = lambda paths: ()  # those not gone, but out of sight
    lost: bool = False  # the root itself could not be walked: then nothing is known of what is gone

    def __post_init__(self) -> None:
        only = None if self.only == self.root.path else self.only
        self._steps = walk([self.root.path], config=self.exclude, only=only)
        self._after = b""
        self._met = bytearray()
        self._last = -1
        self._over = False

    @property
    def whole(self) -> bool:
        """Whether it goes over the whole root."""
        return self.only is None or self.only == self.root.path

    def slice(self, connection: Connection) -> list[tuple[Place, Seen | None]] | None:
        """Return the next files, each with the little that tells whether it has changed; None once all were met.

        Of a file whose content is elsewhere only what is known of it counts.
        """
        if self._last < 0:
            self._last = ledger.last_id(connection)
            self._met = bytearray(self._last + 1)
        if self._over:
            return None
        steps = self._next()
        known = ledger.seen(connection, self.root.id, [place.path for place, _ in steps]) if steps else {}
        for seen in known.values():
            if seen.id <= self._last:
                self._met[seen.id] = 1
        return [(place, known.get(place.path)) for place, here in steps if here or _known(known, place)]

    def gone(self, connection: Connection) -> list[Entry] | None:
        """Return more of what the ledger knows and is no longer there; None once that was all."""
        if self.lost:
            self.done = True
            return None
        folder = self.only or self.root.path
        page = ledger.paths_below(connection, self.root.id, folder, self._after, self._last, _PAGE)
        self.done = len(page) < _PAGE
        self._after = page[-1][1] if page else self._after
        away = {path: row for row, path in page if not self._met[row] and gone(path)}
        hidden = self.hidden([*away]) if away else ()
        rows = [row for path, row in away.items() if path not in hidden]
        found = [entry for row in rows if (entry := ledger.by_id(connection, row)) is not None]
        return None if self.done and not found else found

    def _next(self) -> list[tuple[Place, bool]]:
        """Return the next files, and whether their content is here."""
        places: list[tuple[Place, bool]] = []
        steps = list(itertools.islice(self._steps, _SLICE))
        self._over = len(steps) < _SLICE
        for step in steps:
            if isinstance(step, Missed):
                self.lost = self.lost or step.path == self.root.path
                if len(self.gaps) < _LISTED:
                    self.gaps.append((step.path, step.gap))
                self.left_out["gap"] += 1
            elif isinstance(step, Excluded):
                if len(self.excluded) < _LISTED:
                    self.excluded.append((display(step.path), step.pattern, step.by))
                    self.left_out_paths.append(step.path)
                self.left_out["excluded"] += 1
                if step.place is not None:
                    self.left_out[BY] += 1
                    places.append((step.place, False))
            else:
                self.files += 1
                self.size += step.size
                self.met.update(zone for zone in self.zones if below(step.path, zone) is not None)
                places.append((step, True))
        return places


def _known(known: Mapping[bytes, Seen], place: Place) -> bool:
    """Whether the content of a file that is elsewhere is the one that was read: then it can be judged unread."""
    seen = known.get(place.path)
    return seen is not None and seen.facts and seen.same_content(place)
