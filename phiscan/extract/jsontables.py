"""Arrays of one JSON document that refer to each other: `{"usagers": [{"id": …}], "problems": [{"uid": …}]}`.

They are the tables of a small database, and are read as such: as lines, what one array says of somebody whom another
names would stand beside whoever was named last. Only the arrays that name people and those that refer to somebody are
taken; whatever lies around them is read as lines still.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from phiscan.extract.codedrows import LIKE, MAX_COLUMNS, MIN_ROWS, Event, Found, Path, again, placed
from phiscan.fold import fold_str

_DEEPEST: Final = 2  # objects around the arrays
_MOST: Final = 50  # arrays that are looked at
_LAST: Final = re.compile(r"(?i)nom(?!bre|en)|(?:last|family|sur|full)_?name")
_TELLS: Final = re.compile(r"(?i)prenom|(?:first|given|fore)_?name|naiss|nais\b|birth|ddn|dob\b|\bnir\b")
_REFERS: Final = re.compile(
    r"(?:u?uid|guid|ref|ipp|nip|nda|iep|nir|ins)\Z|.*(?:[a-z0-9](?:Id|ID|Uid|Ref|Uuid)|_(?:id|uid|ref|fk|uuid))\Z"
    r"|(?:id|fk|ref|num|no|code)[_A-Z]|(?i:.*(?:patient|usager|personne|benefic|resident))"
)


@dataclass(slots=True)
class _Array:
    """The rows of an array as far as they are seen."""

    keys: dict[str, None] = field(default_factory=dict)
    rows: int = 0
    cells: int = 0
    flat: bool = True

    def add(self, row: dict[str, str]) -> None:
        self.rows += 1
        self.cells += len(row)
        self.keys.update(dict.fromkeys(row))
        self.flat = len(self.keys) <= MAX_COLUMNS and "resourceType" not in row

    @property
    def alike(self) -> bool:
        return self.flat and self.rows >= MIN_ROWS and self.cells >= LIKE * self.rows * len(self.keys)

    @property
    def names_people(self) -> bool:
        names = [fold_str(key) for key in self.keys]
        told = any(map(_TELLS.search, names))
        return told and any(_LAST.search(name) and not _TELLS.search(name) for name in names)

    @property
    def refers(self) -> bool:
        return any(map(_REFERS.match, self.keys))


def related(stream: BinaryIO, start: int) -> tuple[Found, ...]:
    """Return the arrays of a document that names people in one and refers to them in another, none of any other."""
    found: dict[Path, _Array] = {}
    with suppress(Exception):  # whatever is wrong with it, the usual reader tells
        if _look(again(stream, start), found):
            alike = {path: array for path, array in found.items() if array.alike}
            people = [path for path, array in alike.items() if array.names_people]
            about = [path for path, array in alike.items() if path not in people and array.refers]
            taken = [*people, *about] if people and about else []
            return tuple(Found(path, tuple(alike[path].keys)) for path in taken)
    return ()


def _look(events: Iterable[Event], found: dict[Path, _Array]) -> bool:
    """Gather the arrays; return False where somebody is told of outside them: then all is about that one person."""
    from phiscan.extract.jsontext import NotFlat, Rows

    rows: dict[Path, Rows] = {}
    key = ""
    for path, (event, value) in placed(events):
        if path is None:
            key = fold_str(str(value)) if event == "map_key" else key
            if event in ("string", "number") and value and _TELLS.search(key):
                return False
            continue
        if path not in found and len(found) >= _MOST:
            continue
        array = found.setdefault(path, _Array(flat=len(path) <= _DEEPEST and len(found) < _MOST))
        if not array.flat:
            continue
        try:
            row = rows.setdefault(path, Rows(array=False)).take(event, value)
        except NotFlat:
            array.flat = False
            continue
        if row:
            array.add(row)
    return True
