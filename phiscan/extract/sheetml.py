"""Workbooks in one XML file (SpreadsheetML of Excel 2003), as many programs write them and call them `.xls`.

Each sheet is a table, its rows streamed, without a tree: read as lines of XML, a row would be a row no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from phiscan.errors import Unreadable
from phiscan.extract.budget import BLOCK, texts
from phiscan.extract.rows import MAX_COLUMNS, table_from_rows
from phiscan.fold import compose, fold_str
from phiscan.model import Chunk, Gap, Table

_NAMESPACE: Final = "{urn:schemas-microsoft-com:office:spreadsheet}"
_HEAD: Final = 1 << 16
_SHEETS: Final = 256  # of one workbook: each is read from the file's beginning
_TOLD: Final = frozenset(("Title", "Subject", "Author", "Keywords", "Description", "Category"))
_PRINTED: Final = frozenset(("Header", "Footer"))

Row = list[str]


def sheet_chunks(stream: BinaryIO) -> list[Chunk | Gap] | None:
    """Return the sheets of a workbook and what is printed around them, None where the document is none, or broken."""
    stream.seek(0)
    if _NAMESPACE[1:-1].encode() not in stream.read(_HEAD):
        return None
    outline = _Target()
    try:
        for _ in _fed(stream, outline):
            pass
    except Unreadable:
        return None
    if not outline.sheets or len(outline.sheets) > _SHEETS:
        return None
    tables = [_table(stream, number, *sheet) for number, sheet in enumerate(outline.sheets, 1) if sheet[1]]
    return [*texts(outline.around), *tables]


def _table(stream: BinaryIO, number: int, name: str, width: int) -> Table:
    def rows() -> Iterator[Row]:
        for sheet, row in _fed(stream, _Target()):
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
            rows, target.rows = target.rows, []
            yield from rows
        parser.close()
    except etree.XMLSyntaxError:
        raise Unreadable("malformed", "damaged spreadsheet") from None
    yield from target.rows


class _Target:
    """What the parser tells its events: rows as they are complete, names and widths of the sheets."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, Row]] = []
        self.sheets: list[tuple[str, int]] = []  # name and columns
        self.around: list[str] = []  # what the workbook says of itself
        self._row: Row = []
        self._merged = 0  # columns that the open cell also takes
        self._text: list[str] | None = None  # of the open cell, or of what the workbook says

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if tag == _NAMESPACE + "Worksheet":
            self.sheets.append((attributes.get(_NAMESPACE + "Name", ""), 0))
        elif tag == _NAMESPACE + "Row":
            self._row = []
        elif tag == _NAMESPACE + "Cell":
            if _NAMESPACE + "Index" in attributes:
                self._fill(_count(attributes, "Index") - 1 - len(self._row))
            self._merged = _count(attributes, "MergeAcross")
            self._text = []
        elif name in _TOLD:
            self._text = []
        elif name in _PRINTED:
            self.around += [value for key, value in attributes.items() if key.endswith("}Data")]

    def data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if tag == _NAMESPACE + "Cell" and self._text is not None:
            self._row.append(" ".join("".join(self._text).split()))
            self._text = None
            self._fill(self._merged)
        elif tag == _NAMESPACE + "Row" and self.sheets:
            sheet, width = self.sheets[-1]
            self.sheets[-1] = sheet, max(width, len(self._row))
            if any(self._row):
                self.rows.append((len(self.sheets), self._row))
        elif name in _TOLD and self._text is not None:
            self.around.append(f"{name}: {''.join(self._text).strip()}")
            self._text = None
        elif tag == _NAMESPACE + "Data" and self._text:
            self._text.append(" ")

    def _fill(self, columns: int) -> None:
        self._row += [""] * min(columns, MAX_COLUMNS - len(self._row))

    def close(self) -> None:
        """Nothing is left open: what was not closed is no sheet."""


def _count(attributes: dict[str, str], name: str) -> int:
    """Return a number that an attribute gives, 0 where it gives none."""
    value = attributes.get(_NAMESPACE + name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0
