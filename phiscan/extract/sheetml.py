"""Workbooks in one XML file (SpreadsheetML of Excel 2003), as many programs write them and call them `.xls`.

Each sheet is a table, its rows streamed, without a tree: read as lines of XML, a row would be a row no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from phiscan.errors import Unreadable
from phiscan.extract.budget import BLOCK
from phiscan.extract.rows import MAX_COLUMNS, table_from_rows
from phiscan.extract.xmltext import Lines
from phiscan.fold import compose, fold_str
from phiscan.model import Chunk, Gap, Table

_NAMESPACE: Final = "{urn:schemas-microsoft-com:office:spreadsheet}"
_HEAD: Final = 1 << 16
_SHEETS: Final = 30  # of a workbook too large to be kept, whose sheets are each read from the file's beginning
_KEPT: Final = 32 << 20  # bytes of rows kept in memory, about
_OUTSIDE: Final = 16 << 20  # characters outside the cells
_CELL: Final = 64  # bytes that a cell takes beside its characters
_LOOKS: Final = frozenset("Style Font Alignment Border Interior NumberFormat Protection Table Column Row Data".split())
_OFFICE: Final = ("{urn:schemas-microsoft-com:office:", "{http://www.w3.org/TR/REC-html40}")

Row = list[str]


def sheet_chunks(stream: BinaryIO) -> list[Chunk | Gap] | None:
    """Return the sheets of a workbook and what stands outside their cells, None where the document is none, or broken.

    None too where it is too much to be read sheet by sheet.
    """
    stream.seek(0)
    if _NAMESPACE[1:-1].encode() not in stream.read(_HEAD):
        return None
    outline = _Target(Lines())
    kept: dict[int, list[Row]] = {}
    size = 0
    try:
        for sheet, row in _fed(stream, outline):
            size += sum(map(len, row)) + _CELL * len(row)
            if size <= _KEPT:
                kept.setdefault(sheet, []).append(row)
            else:
                kept.clear()
    except Unreadable:
        return None
    sheets = outline.sheets
    if not sheets or (size > _KEPT and len(sheets) > _SHEETS):
        return None
    tables = [
        _table(stream, number, *sheet, kept.get(number, []) if size <= _KEPT else None)
        for number, sheet in enumerate(sheets, 1)
        if sheet[1]
    ]
    return [*outline.outside.take(0), *tables]


def _table(stream: BinaryIO, number: int, name: str, width: int, kept: list[Row] | None) -> Table:
    def rows() -> Iterator[Row]:
        if kept is not None:
            yield from kept
            return
        for sheet, row in _fed(stream, _Target(Lines())):
            if sheet == number:
                yield row
            elif sheet > number:
                return

    table = table_from_rows(None, rows, width, "sheet")
    table.sheet, table.sheet_name = number, fold_str(compose(name))
    return table


def _fed(stream: BinaryIO, target: _Target) -> Iterator[tuple[int, Row]]:
    """Yield the rows of all sheets with the sheet's number, whoever else moves the stream's position meanwhile."""
    from lxml import etree

    parser: Any = etree.XMLParser(
        target=target, resolve_entities=False, huge_tree=False, no_network=True, load_dtd=False
    )
    at = 0
    try:
        while True:
            stream.seek(at)
            block = stream.read(BLOCK)
            if not block:
                break
            at += len(block)
            parser.feed(block)
            if target.root != _NAMESPACE + "Workbook" and target.root:
                raise Unreadable("malformed", "no spreadsheet")
            if target.outside.size > _OUTSIDE:
                raise Unreadable("too_big", "too much text outside the cells of a spreadsheet")
            rows, target.rows = target.rows, []
            yield from rows
        parser.close()
    except etree.XMLSyntaxError:
        raise Unreadable("malformed", "damaged spreadsheet") from None
    yield from target.rows


class _Target:
    """What the parser tells its events: rows as they are complete, names and widths of the sheets, and all else."""

    def __init__(self, outside: Lines) -> None:
        self.root = ""
        self.rows: list[tuple[int, Row]] = []
        self.sheets: list[tuple[str, int]] = []  # name and columns
        self.outside = outside
        self._row: Row | None = None  # the open one
        self._merged = 0  # columns that the open cell also takes
        self._text: list[str] = []  # of the open cell
        self._depth = 0  # of elements
        self._row_depth = self._cell_depth = 0  # where the open ones are, 0 for none

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.root = self.root or tag
        self._depth += 1
        if self._cell_depth:
            self._beside(tag, attributes)
        elif tag == _NAMESPACE + "Cell" and self._row is not None and self._depth == self._row_depth + 1:
            self._cell_depth = self._depth
            self._fill(_count(attributes, "Index") - 1 - len(self._row))
            self._merged = _count(attributes, "MergeAcross")
            self._text = []
            self._beside(tag, attributes)
        elif tag == _NAMESPACE + "Row" and self.sheets and self._row is None:
            self._row, self._row_depth = [], self._depth
            self.outside.start(tag, _told(tag, attributes))
        else:
            if tag == _NAMESPACE + "Worksheet":
                self.sheets.append((attributes.get(_NAMESPACE + "Name", ""), 0))
            self.outside.start(tag, _told(tag, attributes))

    def data(self, data: str) -> None:
        if self._cell_depth:
            self._text.append(data)
        else:
            self.outside.data(data)

    def comment(self, text: str) -> None:
        self.outside.comment(text)

    def end(self, tag: str) -> None:
        if self._cell_depth and self._row is not None:
            if self._depth == self._cell_depth:
                self._row.append(" ".join("".join(self._text).split()))
                self._fill(self._merged)
                self._cell_depth = 0
            elif tag == _NAMESPACE + "Data" and self._text:
                self._text.append(" ")
        else:
            self.outside.end(tag)
            if self._depth == self._row_depth:
                self._end_row()
        self._depth -= 1

    def _end_row(self) -> None:
        row, self._row, self._row_depth = self._row or [], None, 0
        sheet, width = self.sheets[-1]
        self.sheets[-1] = sheet, max(width, len(row))
        if any(row):
            self.rows.append((len(self.sheets), row))

    def _beside(self, tag: str, attributes: dict[str, str]) -> None:
        """Take what the attributes of a cell, and of what is in it, tell."""
        told = _told(tag, attributes)
        if told:
            self.outside.start(tag, told)
            self.outside.end(tag)

    def _fill(self, columns: int) -> None:
        if self._row is not None:
            self._row += [""] * min(columns, MAX_COLUMNS - len(self._row))

    def close(self) -> None:
        """Nothing is left open: what was not closed is no sheet."""


def _told(tag: str, attributes: dict[str, str]) -> dict[str, str]:
    """Return the attributes that say more than how something looks or where it stands."""
    name = tag.rpartition("}")[2]
    if name == "Cell":
        return {key: value for key, value in attributes.items() if "}HRef" in key or not key.startswith(_OFFICE)}
    if tag == _NAMESPACE + "Worksheet":  # the table has its name
        return {key: value for key, value in attributes.items() if key != _NAMESPACE + "Name"}
    if name in _LOOKS and tag.startswith(_OFFICE):
        return {key: value for key, value in attributes.items() if not key.startswith(_OFFICE)}
    return attributes


def _count(attributes: dict[str, str], name: str) -> int:
    """Return a number that an attribute gives, 0 where it gives none."""
    value = attributes.get(_NAMESPACE + name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0
