"""Which file a line speaks of: a path as a server wrote it, and the paths of files as they lie on the disk.

Servers that shut visitors into a folder write paths from there on; some write `?` or `_` for what they cannot. Through
a known `Mapping` a path that was written whole is certain: of several servers whose visitors all see "/", the one that
writes this log counts. With losses, where several servers share a log, or where only the end of the path fits because
nobody knows what the server gives away, it is probable.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from phiscan.access.files import base
from phiscan.access.model import Access, Mapping
from phiscan.expose import names
from phiscan.source.paths import below

# Everything that some server writes as "?" or "_", and these two, are one.
_LOSSY: Final = bytes(byte if 0x21 <= byte <= 0x7E and byte not in b"?_" else 0x3F for byte in range(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A path that a file had, and when, seconds since the epoch. `key` says whose file it is."""

    key: int
    path: bytes
    since: float = -math.inf
    until: float = math.inf
    sure: bool = True  # False where it was learnt from a path that was written with losses


@dataclass(frozen=True, slots=True)
class Match:
    """A file that a line speaks of."""

    name: Name
    sure: bool


class Matcher:
    """Knows files by their names."""

    def __init__(self, known: Iterable[Name], mappings: Sequence[Mapping] = ()) -> None:
        self._mappings = mappings
        self._whole: dict[bytes, list[Name]] = {}
        self._last: dict[bytes, list[Name]] = {}
        for name in known:
            self._whole.setdefault(loosely(name.path), []).append(name)
            self._last.setdefault(loosely(os.path.basename(name.path)), []).append(name)

    def of(self, access: Access, path: bytes, services: Sequence[str], log: bytes = b"") -> list[Match]:
        """Return the files that `path` of an access may name at its time, each once. `log`: in which it stands."""
        found: dict[int, Match] = {}
        for name, sure in self._named(path, services, access, log):
            if name.since <= access.at <= name.until:
                before = found.get(name.key)
                if before is None or (sure and not before.sure):
                    found[name.key] = Match(name, sure and name.sure)
        return list(found.values())

    def _named(self, path: bytes, services: Sequence[str], access: Access, log: bytes) -> Iterator[tuple[Name, bool]]:
        path = normal(path)
        if loosely(os.path.basename(path)) not in self._last:
            return
        places, certain = self.placed(path, services, log, form=access.format)
        for place in places:
            for name in self._whole.get(loosely(place), ()):
                if _fits(place, name.path, access.writing):
                    yield name, certain and place == name.path
        if places:
            return
        for name in self._last.get(loosely(os.path.basename(path)), ()):
            if _fits(path, name.path, access.writing) and loosely(path) == loosely(name.path):
                yield name, path == name.path
            elif not any(one.service in services for one in self._mappings) or not path.startswith(b"/"):
                end = b"/" + path.lstrip(b"/")
                if len(name.path) >= len(end) and _fits(end, name.path[-len(end) :], access.writing):
                    yield name, False

    def placed(
        self, path: bytes, services: Sequence[str], log: bytes = b"", *, form: str = ""
    ) -> tuple[list[bytes], bool]:
        """Return where a path of a log may lie on the disk, and whether that is known for certain.

        By the deepest folder that a service is known to give away. `form`: of the log's lines.
        """
        path = normal(path)
        mappings, certain = self._writing(services, log)
        if mappings and tuple(services) == ("proftpd",) and form == "xferlog":
            return [path], True  # it is on the disk
        places = _deepest(path, mappings)
        return places, certain and len(places) == 1

    def _writing(self, services: Sequence[str], log: bytes) -> tuple[list[Mapping], bool]:
        """Return the mappings of the servers that may have written a log, and whether it is known to be theirs.

        Where none is known to write it, it may be of before a configuration was changed, and so of any: also where one
        is there of which nobody knows what it writes.
        """
        of = [one for one in self._mappings if one.service in services]
        name = base(log)
        known = any(name in one.logs for one in of if one.logs is not None)
        if not log or not known:
            return of, not log or all(one.logs is None for one in of)
        return [one for one in of if one.logs is None or name in one.logs], True


def _deepest(path: bytes, mappings: Iterable[Mapping]) -> list[bytes]:
    """Return where a path lies by the deepest mappings that hold it: before all others, those that its name is of.

    A name that none hands out now may have been handed out before.
    """
    found: dict[bytes, tuple[bool, int]] = {}
    for mapping in mappings:
        rest = below(path, mapping.seen) if path.startswith(b"/") else None
        if rest is not None:
            place = os.path.join(mapping.path, rest) if rest else mapping.path
            fit = names.given(mapping.names, mapping.seen, rest), len(mapping.seen)
            found[place] = max(fit, found.get(place, fit))
    best = max(found.values(), default=None)
    return [place for place, fit in found.items() if fit == best]


def loosely(path: bytes) -> bytes:
    """Return a path with all alike that some server writes alike.

    >>> loosely("é 1.csv".encode()) == loosely(b"??_1.csv")
    True
    """
    return path.translate(_LOSSY)


def _fits(written: bytes, name: bytes, writing: str) -> bool:
    """Whether a server may have written a name so: byte by byte itself, or what it writes for such a byte."""
    if written == name:
        return True
    if writing in ("raw", "url") or len(written) != len(name):
        return False
    question, underscore = writing in ("question", "both"), writing in ("underscore", "both")
    for one, other in zip(written, name, strict=True):
        unprintable = other < 0x20 or other > 0x7E
        replaced = (question and one == 0x3F and unprintable) or (
            underscore and one == 0x5F and (other <= 0x20 or other == 0x7F)
        )
        # A name that was learnt from a lossy line has the signs already.
        learnt = other in b"?_" and one in b"?_"
        if one != other and not replaced and not learnt:
            return False
    return True


def normal(path: bytes) -> bytes:
    """Return a path without `//`, `.` and `..`, as the server went it.

    >>> normal(b"/depot/../big.csv"), normal(b"./a"), normal(b"//a/")
    (b'/big.csv', b'a', b'/a')
    """
    found = os.path.normpath(path)
    return found[1:] if found.startswith(b"//") else found


def renamed(access: Access) -> Iterator[tuple[bytes, bytes]]:
    """Yield what a rename may have been: a line of vsftpd's does not tell where one name ends."""
    if access.to:
        yield access.path, access.to
    else:
        for cut in re.finditer(rb" (?=/)", access.path):
            yield access.path[: cut.start()], access.path[cut.end() :]
