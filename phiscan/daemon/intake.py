"""What is to be looked at and read next: hints in, files out, in the order that matters and once each.

A file that was closed or moved here is read at once, and again if it differs afterwards. One that was merely found,
or is still being written, settles first; after ten minutes it is looked at anyway. Knows no ledger and no worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from phiscan.model import Place


@dataclass(frozen=True, slots=True)
class Times:
    """How patient the daemon is. Seconds."""

    settle: float = 2.0  # a file is taken for whole after so long without a change
    partial: float = 600.0  # one that keeps changing is read as it is after so long
    walk: float = 3600.0  # between two whole walks of a root
    pace: float = 60.0  # between two walks where the kernel tells nothing
    roots: float = 2.0  # between two looks whether a root is still there
    count: float = 60.0  # between two counts of what is left to read
    chores: float = 5.0  # between two looks at what is to be repeated, has run out, or is to be measured
    tree: float = 600.0  # a folder that came so long ago is new, and what comes in it belongs together


State = tuple[int, int, int, int]


@dataclass(slots=True)
class _Settling:
    state: State
    first: float
    again: float


@dataclass
class Intake:
    """Paths on their way to a worker. All times are `time.monotonic()`."""

    times: Times
    ready: dict[bytes, None] = field(default_factory=dict)  # to be read now, in this order
    under_way: dict[bytes, bool] = field(default_factory=dict)  # being read; True where it changed meanwhile
    _settling: dict[bytes, _Settling] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ready) + len(self._settling)

    def at_once(self, path: bytes) -> None:
        """Read a file now."""
        if path in self.under_way:
            self.under_way[path] = True
        else:
            self._settling.pop(path, None)
            self.ready.setdefault(path)

    def later(self, place: Place, now: float) -> None:
        """Read a file once it has held still."""
        if place.path in self.under_way:
            self.under_way[place.path] = True
        elif place.path not in self.ready:
            known = self._settling.get(place.path)
            state = _state(place)
            if known is None:
                self._settling[place.path] = _Settling(state, now, now + self.times.settle)
            elif known.state != state:
                known.state, known.again = state, now + self.times.settle

    def forget(self, path: bytes) -> None:
        """A file is gone, or need not be read."""
        self.ready.pop(path, None)
        self._settling.pop(path, None)

    def due(self, now: float) -> Iterator[bytes]:
        """Yield what has to be looked at by now, to learn whether it has held still."""
        yield from [path for path, known in self._settling.items() if known.again <= now]

    def settled(self, place: Place, now: float) -> None:
        """Take another look at a file that was due: read it if it has not changed, or will not stop changing."""
        known = self._settling.get(place.path)
        if known is None:
            return
        if known.state == _state(place):
            self.at_once(place.path)
        elif now - known.first >= self.times.partial:
            self.ready.setdefault(place.path)
            known.state, known.first, known.again = _state(place), now, now + self.times.settle
        else:
            known.state, known.again = _state(place), now + self.times.settle

    def take(self) -> bytes | None:
        """Return the next file to be read."""
        path = next(iter(self.ready), None)
        if path is not None:
            del self.ready[path]
        return path

    def begin(self, path: bytes) -> None:
        """A file goes to a worker."""
        self.ready.pop(path, None)
        self.under_way[path] = False

    def end(self, path: bytes) -> bool:
        """A file has been read; return whether something happened to it meanwhile."""
        return self.under_way.pop(path, False)


def _state(place: Place) -> State:
    return place.inode, place.size, place.mtime_ns, place.ctime_ns
