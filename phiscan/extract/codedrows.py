"""Records of XML or JSON whose fields say nothing: `<row><f1>…`, `{"data": [{"a": …`. They are rows of a table.

Read as lines "f1: …" nothing tells what stands behind such a label; as columns their values do. Only records that are
alike, flat and lie side by side are taken, and only where nearly all of their fields are called by a letter or two or
by a number; whatever lies around them in JSON is read as lines still. Everything else is left to the usual readers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO, NamedTuple

from phiscan.extract.budget import BLOCK
from phiscan.fold import fold_str
from phiscan.model import Table

MIN_ROWS = 3
MAX_COLUMNS = 1000
LIKE = 0.5  # share of all fields that a row has at least, on average
_CODED = re.compile(r"[A-Za-z]{1,2}|[A-Za-z]{0,6}[_.\-]?[0-9]{1,3}")
_SAYS_NOTHING = 0.8  # share of fields
_DEEPEST = 3  # objects around the rows of JSON

Event = tuple[str, Any]
Path = tuple[str, ...]


class Found(NamedTuple):
    """Where rows lie (the keys around them, of JSON) and what their fields are called."""

    path: Path
    names: tuple[str, ...]


def coded(names: Iterable[str]) -> bool:
    """Whether fields are called so that nothing can be told of them.

    >>> coded(["f1", "f2", "c_7"]), coded(["a", "b", "d.x"]), coded(["nom", "f2", "f3"]), coded([])
    (True, True, False, False)
    """
    parts = [part for name in names for part in name.split(".")]
    return bool(parts) and sum(_CODED.fullmatch(part) is not None for part in parts) >= _SAYS_NOTHING * len(parts)


class _Names:
    """The fields of rows seen so far; false where they are no table of coded fields."""

    def __init__(self) -> None:
        self.keys: dict[str, None] = {}
        self.rows = self.cells = 0

    def add(self, row: dict[str, str]) -> bool:
        """Take a row; return whether it is worth going on."""
        self.rows += 1
        self.cells += len(row)
        self.keys.update(dict.fromkeys(row))
        return len(self.keys) <= MAX_COLUMNS and (self.rows > MIN_ROWS or coded(self.keys))

    @property
    def names(self) -> tuple[str, ...]:
        alike = self.rows >= MIN_ROWS and self.cells >= LIKE * self.rows * len(self.keys)
        return tuple(self.keys) if alike and len(self.keys) > 1 and coded(self.keys) else ()


# --- XML


def xml_table(stream: BinaryIO) -> Table | None:
    """Return the table that the children of an XML document's root are, None where they are none."""
    found = _Names()
    with suppress(Exception):  # whatever is wrong with it, the usual reader tells
        if all(found.add(row) for row in _xml_rows(stream)) and found.names:
            return _table(found.names, lambda: _xml_rows(stream), "xml")
    return None


class _NotFlat(Exception):
    """There is more than rows of leaves."""


def _xml_rows(stream: BinaryIO) -> Iterator[dict[str, str]]:
    from lxml import etree

    stream.seek(0)
    depth, tag = 0, None
    for event, element in etree.iterparse(
        stream, events=("start", "end", "comment", "pi"), resolve_entities=False, no_network=True, load_dtd=False
    ):
        if event == "start":
            depth += 1
            if depth > 3 or (depth == 1 and element.attrib):
                raise _NotFlat
            continue
        if event != "end":
            raise _NotFlat
        depth -= 1
        if depth == 1:
            tag = tag or element.tag
            if element.tag != tag or _loose(element.text) or _loose(element.tail) or not len(element):
                raise _NotFlat
            yield _xml_row(element)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        elif depth == 0 and _loose(element.text):
            raise _NotFlat


def _xml_row(element: Any) -> dict[str, str]:
    row: dict[str, str] = dict(element.attrib)
    for leaf in element:
        if leaf.attrib or _loose(leaf.tail) or not isinstance(leaf.tag, str):
            raise _NotFlat
        name = leaf.tag.rpartition("}")[2]
        text = leaf.text or ""
        row[name] = f"{row[name]}; {text}" if name in row else text
    return row


def _loose(text: str | None) -> bool:
    return bool(text and text.strip())


# --- JSON


def json_rows(stream: BinaryIO, start: int) -> Found | None:
    """Return where the first array of like, flat objects below the outermost object lies; None for none."""
    with suppress(Exception):
        stream.seek(start)
        path = _first_array(_events(stream))
        if path is None:
            return None
        found, within = _Names(), _within(again(stream, start), path)
        if all(found.add(row) for row in _flat(within)) and found.names:
            return Found(path, found.names)
    return None


def json_table(stream: BinaryIO, start: int, found: Found) -> Table:
    """Return the table of the rows that were found; its relation is what the array is called."""
    table = _table(found.names, lambda: _flat(_within(again(stream, start), found.path)), "json")
    table.relation = fold_str(found.path[-1]) if found.path else ""
    return table


def without(events: Iterable[Event], paths: Collection[Path]) -> Iterator[Event]:
    """Yield the events of a document but for those of the arrays at `paths`, which are read as tables."""
    for path, event in placed(events):
        if path is None or path not in paths:
            yield event


def _events(stream: BinaryIO) -> Iterator[Event]:
    import ijson

    yield from ijson.basic_parse(stream, buf_size=BLOCK)


def again(stream: BinaryIO, start: int) -> Iterator[Event]:
    """Yield the events of a document from its beginning."""
    stream.seek(start)
    yield from _events(stream)


def _first_array(events: Iterable[Event]) -> Path | None:
    """Return the keys around the first array that begins with an object."""
    keys: list[str] = []
    before = ""
    for event, value in events:
        if event == "start_map":
            if before == "start_array":
                return tuple(keys)
            if len(keys) >= _DEEPEST:
                return None
            keys.append("")
        elif event == "end_map":
            keys.pop()
        elif event == "map_key":
            keys[-1] = str(value)
        elif event == "start_array" and not keys:
            return None
        before = event
    return None


def placed(events: Iterable[Event]) -> Iterator[tuple[Path | None, Event]]:
    """Say of each event in which array it stands: the keys around it; None of what stands in none."""
    keys: list[str] = []
    arrays = 0
    path: Path = ()
    for event, value in events:
        if arrays:
            arrays += (event == "start_array") - (event == "end_array")
            yield path if arrays else None, (event, value)
            continue
        if event == "start_array":
            arrays, path = 1, tuple(keys)
        elif event == "start_map":
            keys.append("")
        elif event == "end_map":
            keys.pop()
        elif event == "map_key":
            keys[-1] = str(value)
        yield None, (event, value)


def _within(events: Iterable[Event], path: Path) -> Iterator[Event]:
    yield from (event for where, event in placed(events) if where == path)


def _flat(events: Iterable[Event]) -> Iterator[dict[str, str]]:
    from phiscan.extract.jsontext import Rows

    rows = Rows(array=False)
    for event, value in events:
        if row := rows.take(event, value):
            yield row


def _table(names: tuple[str, ...], rows: Any, kind: str) -> Table:
    from phiscan.extract.rows import table_from_rows

    def cells() -> Iterator[list[str]]:
        for row in rows():
            yield [row.get(name, "") for name in names]

    return table_from_rows(names, cells, len(names), kind)
