"""Labelled tables as the bytes of a file, with the place of each cell where the file is text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.eval.tables import Line, Tabled
from tests.generate.people import spell

_SLOT = re.compile(r"\{([^{}]+)\}")
_DATE = re.compile(r"\d\d/\d\d/\d{4}")
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Written:
    """A file. `text`: its content, lines ended by `\\n`; `places`: each line's cells; both empty for a workbook."""

    data: bytes
    text: str = ""
    places: tuple[tuple[Place, ...], ...] = ()


def write(tabled: Tabled) -> Written:
    """Return the table as its export's program writes it."""
    if tabled.export.form == "xlsx":
        return Written(_workbook(tabled))
    page = _Page(tabled)
    text = page.text()
    return Written(text.replace("\n", tabled.export.newline).encode(tabled.export.encoding), text, tuple(page.places))


class _Page:
    """Text in the making, and where its cells stand."""

    def __init__(self, tabled: Tabled) -> None:
        self._tabled, self._export = tabled, tabled.export
        self._out: list[str] = []
        self._size = 0
        self.places: list[tuple[Place, ...]] = []

    def text(self) -> str:
        export = self._export
        self._add(export.head)
        for title in export.titles:
            self._add(title + "\n")
        if export.header and export.form != "text":
            self._row(self._tabled.labels)
        for number, line in enumerate(self._tabled.lines):
            cells = [spell(cell.text, export.encoding) for cell in line.cells]
            if export.form == "text":
                self._add(export.joint if number else "")
                self.places.append(self._by_template(cells))
            else:
                self.places.append(self._row(cells))
        self._add(export.tail)
        return "".join(self._out)

    def _add(self, text: str) -> Place:
        begun = self._size
        self._out.append(text)
        self._size += len(text)
        return begun, self._size

    def _row(self, cells: Sequence[str]) -> tuple[Place, ...]:
        places = []
        for at, cell in enumerate(cells):
            if self._export.form == "fixed":
                width = self._export.widths[at]
                place = self._add(cell[: width - 1] if width else cell)
                self._add(" " * (width - (place[1] - place[0])))
            else:
                self._add(self._export.delimiter if at else "")
                place = self._add(self._quoted(cell))
            places.append(place)
        self._add("\n")
        return tuple(places)

    def _quoted(self, cell: str) -> str:
        delimiter, quoting = self._export.delimiter, self._export.quoting
        if quoting == csv.QUOTE_NONE:
            return cell.replace(delimiter, ",")
        if quoting == csv.QUOTE_ALL or delimiter in cell or '"' in cell:
            return '"' + cell.replace('"', '""') + '"'
        return cell

    def _by_template(self, cells: Sequence[str]) -> tuple[Place, ...]:
        export = self._export
        places = dict[str, Place]()
        by_label = dict(zip(export.labels, cells, strict=True))
        at = 0
        for slot in _SLOT.finditer(export.template):
            self._add(export.template[at : slot.start()])
            cell = by_label[slot[1]]
            places[slot[1]] = self._add(cell.replace(export.quote, export.quote * 2) if export.quote else cell)
            at = slot.end()
        self._add(export.template[at:])
        return tuple(places[label] for label in export.labels)


def _workbook(tabled: Tabled) -> bytes:
    """Write a workbook as a secretary's spreadsheet: whole numbers are numbers, dates dates."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for title in tabled.export.titles:
        sheet.append([title])
    if tabled.export.header:
        sheet.append(list(tabled.labels))
    for line in tabled.lines:
        sheet.append(_typed(line))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _typed(line: Line) -> list[object]:
    return [_value(cell.text) for cell in line.cells]


def _value(text: str) -> object:
    if text.isdigit() and not (text.startswith("0") and len(text) > 1):
        return int(text)
    if _DATE.fullmatch(text):
        return datetime.strptime(text, "%d/%m/%Y")
    return text or None
