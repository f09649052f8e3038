"""JSON and NDJSON: an array of like, flat objects is a table, anything else lines "key: value".

Read as a stream of events, whatever the size. What is no JSON after all is read as plain text from there on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from phiscan.errors import Unreadable
from phiscan.extract.budget import BLOCK, CHUNK, Doc, texts
from phiscan.extract.codedrows import Found, Path, json_rows, json_table, without
from phiscan.extract.fhir import Patients, Resources
from phiscan.extract.inline import is_document
from phiscan.extract.jsoninner import deepest, inner, unfolded
from phiscan.extract.jsontables import related
from phiscan.extract.mending import mended
from phiscan.extract.xmltext import whose
from phiscan.model import Chunk, Gap

MAX_DEPTH = 200  # of nesting
MAX_COLUMNS = 1000  # distinct keys of a table
FLAT_DEPTH = 3  # of objects within a row: {"adresse": {"cp": …}} is the column "adresse.cp"
MIN_ROWS = 3
LIKE = 0.5  # share of all keys that a row of a table has at least, on average


def chunks(doc: Doc, *, fhir: bool = False) -> Iterator[Chunk | Gap]:
    """Yield the table the document is, or its lines. `fhir`: its objects are resources of FHIR."""
    if fhir:
        yield from _lines(doc.stream, patients=_patients(doc.stream))
        return
    prefix = _prefix(doc.stream)
    names = _columns(doc.stream, prefix) if prefix is not None else None
    if names:
        yield _table(doc.stream, prefix or "", names)
        return
    tables: tuple[Found, ...] = ()
    if prefix == "":
        coded = json_rows(doc.stream, _start(doc.stream))
        tables = (coded,) if coded is not None else related(doc.stream, _start(doc.stream))
    for found in tables:
        yield json_table(doc.stream, _start(doc.stream), found)
    yield from _lines(doc.stream, [found.path for found in tables])


def _prefix(stream: BinaryIO) -> str | None:
    """Return where ijson finds the rows: in the outermost array ("item"), or one a line (""); None for neither."""
    stream.seek(_start(stream))
    head = stream.read(64).lstrip()
    return "item" if head[:1] == b"[" else "" if head[:1] == b"{" else None


def _start(stream: BinaryIO) -> int:
    stream.seek(0)
    return 3 if stream.read(3) == b"\xef\xbb\xbf" else 0


class NotFlat(Exception):
    """The rows are no flat objects."""


def _rows(stream: BinaryIO, prefix: str) -> Iterator[dict[str, str]]:
    """Yield the rows, flattened; raise `NotFlat` where one is no flat object."""
    import ijson

    stream.seek(_start(stream))
    rows = Rows(array=prefix == "item")
    for event, value in ijson.basic_parse(stream, multiple_values=True, buf_size=BLOCK):
        if row := rows.take(event, value):
            yield row


class Rows:
    """Builds flat rows from events, bounded in depth whatever the file holds."""

    def __init__(self, *, array: bool) -> None:
        self.outside = array  # before the outermost array has begun
        self.keys: list[str] = []  # of the objects around the present value
        self.row: dict[str, str] = {}
        self.values: list[str] | None = None  # of an array in a row

    def take(self, event: str, value: Any) -> dict[str, str] | None:
        """Take an event; return the row that it completes. Raises where this is no flat row."""
        if event == "map_key":
            self.keys[-1] = mended(str(value))
        elif event == "start_map":
            if self.outside or self.values is not None or len(self.keys) >= FLAT_DEPTH:
                raise NotFlat
            self.keys.append("")
        elif event == "end_map":
            self.keys.pop()
            if not self.keys:
                row, self.row = self.row, {}
                return row
        elif event in ("start_array", "end_array"):
            self._array(starts=event == "start_array")
        elif (found := inner(event, value)) and self._takes(deepest(found)):
            for part in found:
                self.take(*part)
        else:
            self._value(_scalar(value))
        return None

    def _takes(self, depth: int | None) -> bool:
        """Whether an object in which so many lie within each other would stand flat in the row."""
        return depth is not None and self.values is None and 0 < len(self.keys) <= FLAT_DEPTH - depth

    def _array(self, *, starts: bool) -> None:
        if not self.keys:  # the outermost array: once, and nothing behind it
            if starts != self.outside and starts:
                raise NotFlat
            self.outside = not starts
        elif starts:
            if self.values is not None:
                raise NotFlat
            self.values = []
        else:
            joined, self.values = "; ".join(self.values or ()), None
            self._value(joined)

    def _value(self, text: str) -> None:
        if self.values is not None:
            self.values.append(text)
            return
        if not self.keys:
            raise NotFlat
        key = ".".join(self.keys)
        # A key that comes twice keeps both values: parsers differ in which of them they show.
        self.row[key] = f"{self.row[key]}; {text}" if key in self.row else text


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return mended(str(value))


def _columns(stream: BinaryIO, prefix: str) -> tuple[str, ...] | None:
    """Return the keys of all rows in the order they come, None where this is no table. Reads everything once."""
    keys: dict[str, None] = {}
    rows = cells = 0
    try:
        for row in _rows(stream, prefix):
            if "resourceType" in row:  # FHIR: what a row means depends on the row
                return None
            rows += 1
            cells += len(row)
            keys.update(dict.fromkeys(row))
            if len(keys) > MAX_COLUMNS:
                return None
    except Exception:  # no flat rows, or no JSON: `_lines` reads it
        return None
    return tuple(keys) if rows >= MIN_ROWS and keys and cells >= LIKE * rows * len(keys) else None


def _table(stream: BinaryIO, prefix: str, names: tuple[str, ...]) -> Chunk:
    from phiscan.extract.rows import table_from_rows

    def rows() -> Iterator[list[str]]:
        for row in _rows(stream, prefix):
            yield [row.get(name, "") for name in names]

    return table_from_rows(names, rows, len(names), "json")


def _patients(stream: BinaryIO) -> Patients:
    """Return who the patients of a FHIR document are, as far as it can be read."""
    tree = _Tree(Resources(None))
    with suppress(Exception):  # whatever is wrong with it, `_lines` tells
        for _ in _passages(_Position(stream, _start(stream)), tree, ()):
            pass
    return tree.resources.found if tree.resources else {}


def _lines(
    stream: BinaryIO, besides: Collection[Path] = (), *, patients: Patients | None = None
) -> Iterator[Chunk | Gap]:
    """Yield the document as lines, without the arrays at `besides`. Where its syntax breaks, plain text follows."""
    start = _start(stream)
    tree = _Tree(Resources(patients) if patients else None)
    line = 1
    counted = _Position(stream, start)
    try:
        for text in _passages(counted, tree, besides):
            for passage in texts(text, line=line):
                yield passage
                line += passage.text.count("\n") + 1
    except Unreadable as error:
        yield from texts(tree.lines, line=line)
        yield Gap("extract", error.reason, error.detail)
    except Exception:
        yield from _rest(stream, tree, counted, line)


def _rest(stream: BinaryIO, tree: _Tree, counted: _Position, line: int) -> Iterator[Chunk | Gap]:
    """What the last block gave comes again with the plain text, so only what was complete before it is kept."""
    from phiscan.extract.markup import as_text

    if counted.before > _start(stream):
        yield from texts(tree.lines, line=line)
    yield from as_text(stream, start=counted.before, prose=False)


class _Position:
    """A reader that knows where its last block began."""

    def __init__(self, stream: BinaryIO, start: int) -> None:
        self._stream, self._at = stream, start
        self.before = start

    def read(self, size: int = BLOCK, /) -> bytes:
        if size == 0:
            return b""
        self._stream.seek(self._at)
        data = self._stream.read(min(size, BLOCK) if size > 0 else BLOCK)
        if data:
            self.before = self._at
        self._at += len(data)
        return data


def _passages(reader: _Position, tree: _Tree, besides: Collection[Path]) -> Iterator[list[str]]:
    import ijson

    events = ijson.basic_parse(reader, multiple_values=True, buf_size=BLOCK)
    for event, value in unfolded(without(events, besides) if besides else events):
        tree.take(event, value)
        if tree.size > CHUNK:
            yield tree.drain()
    yield tree.drain()


class _Tree:
    """Turns events into lines: an object's keys indented by its depth, an empty line between objects."""

    def __init__(self, resources: Resources | None = None) -> None:
        self.resources = resources
        self.lines: list[str] = []
        self.size = 0
        self.stack: list[str] = []  # "{" or "["
        self.keys: list[str] = []  # the key being read at each level of objects
        self.values: list[str] = []  # of an array of scalars
        self.whose = ""  # "author " within a FHIR resource about a professional, as in XML
        self.whose_depth = 0

    def drain(self) -> list[str]:
        """Return the lines collected so far, all but those of an array being read."""
        lines, self.lines, self.size = self.lines, [], 0
        if self.resources:
            self.resources.drained(len(lines))
        return lines

    def take(self, event: str, value: Any) -> None:
        """Take one event of the parser; raise `Unreadable` where it nests too deeply."""
        match event:
            case "map_key":
                self.keys[-1] = mended(str(value))
            case "start_map" | "start_array":
                self._open("{" if event == "start_map" else "[")
            case "end_map" | "end_array":
                self._close()
            case _:
                self._value("" if isinstance(value, str) and is_document(value) else _scalar(value))

    def _open(self, bracket: str) -> None:
        self._flush()
        if len(self.stack) >= MAX_DEPTH:
            raise Unreadable("bomb", "JSON nested too deeply")
        if bracket == "{":
            if (self.stack and self.stack[-1] == "{" and self.keys) or self._is_item_of_key():
                self._add(f"{self.keys[-1]}:")
            if self.resources:
                self.resources.open(self.keys, len(self.keys) + 1, len(self.lines))
            self.keys.append("")
        self.stack.append(bracket)

    def _is_item_of_key(self) -> bool:
        return len(self.stack) > 1 and self.stack[-1] == "[" and bool(self.keys)

    def _close(self) -> None:
        self._flush()
        bracket = self.stack.pop()
        if bracket == "{":
            if self.resources:
                self.resources.close(len(self.keys), self.lines)
            self.keys.pop()
            if len(self.keys) < self.whose_depth:
                self.whose, self.whose_depth = "", 0
            # Objects at the top, or in an array at most two objects deep, are records: set them apart.
            if len(self.keys) <= 1 and (not self.stack or self.stack[-1] == "["):
                self._blank()

    def _value(self, text: str) -> None:
        if self.stack and self.stack[-1] == "[":
            self.values.append(text)
            self.size += len(text)
            if len(self.values) > 1000:
                self._flush()
        elif self.keys:
            self._add(f"{self._before()}{self.keys[-1]}: {text}")
            self._tell(text)
            if self.keys[-1] == "resourceType" and not self.whose:
                self.whose, self.whose_depth = whose(text), len(self.keys)
        else:
            self._add(text)

    def _before(self) -> str:
        """Return what stands before a key of somebody else's: of a FHIR patient's contact only the name."""
        of_contact = self.keys[-1] in ("family", "given") and "contact" in self.keys[:-1]
        return self.whose or ("contact " if of_contact else "")

    def _flush(self) -> None:
        if self.values:
            joined = ", ".join(self.values)
            self._add(f"{self._before()}{self.keys[-1]}: {joined}" if self.keys else joined)
            self._tell(joined)
            self.values = []

    def _tell(self, text: str) -> None:
        if self.resources and self.keys:
            self.resources.value(self.keys, text, self.lines[-1])

    def _add(self, line: str) -> None:
        indent = "  " * min(max(0, len(self.keys) - 1), 20)
        self.lines.append(indent + line)
        self.size += len(line) + 1

    def _blank(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")
