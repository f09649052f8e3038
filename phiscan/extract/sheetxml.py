"""What calamine does not give of a workbook in a ZIP: headers, footers, comments, pivot caches, and huge sheets.

`Workbook.look` sees every unpacked block once and remembers little: how far a sheet reaches, and the end of its
XML, where headers and footers stand. The rest is read when it is asked for. Nothing here raises on bad content.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from posixpath import dirname, join, normpath
from typing import BinaryIO, Final

from phiscan.errors import Encrypted, Unreadable
from phiscan.extract.encrypted import odf_is_encrypted
from phiscan.extract.rows import MAX_COLUMNS, cell_text, table_from_rows
from phiscan.extract.sheetnotes import (
    Notes,
    ods_comments,
    ods_header,
    xls_notes,
    xlsb_comments,
    xlsb_header,
    xlsb_sheets,
)
from phiscan.extract.sheetvalues import SharedValues, column_number
from phiscan.model import Gap, Table

_BLOCK: Final = 1 << 20
_TAIL: Final = 1 << 18  # of the XML after the cells
_EVERY: Final = 8
_SMALL: Final = 64 << 20  # parts read whole
_FLAW: Final = Gap("extract", "malformed", "damaged part of a spreadsheet")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.(?:xml|bin)$", re.IGNORECASE)
_CELL_AT = re.compile(rb"""\sr=["']([A-Za-z]{1,3})\d""")
_ROW_AT = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br=["'](\d{1,7})""")
_LAST_CELL = re.compile(rb""".*\sr=["'][A-Za-z]{1,3}(\d{1,7})["']""", re.DOTALL)
_HEADER = re.compile(rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)\b[^>]*>([^<]*)</")
_CODES = re.compile(r'&(?:(&)|[LCR]|"[^"]*"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|\d+|[A-Z])')
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</(?:\w+:)?t>")
_COMMENT = re.compile(
    rb"<(?:\w+:)?(?:comment|threadedComment)\s[^>]*>(.*?)</(?:\w+:)?(?:comment|threadedComment)>", re.DOTALL
)
_THREAD = re.compile(rb"<(?:\w+:)?text(?:\s[^>]*)?>(.*?)</(?:\w+:)?text>", re.DOTALL)
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SHEET_TAG = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)")


@dataclass(slots=True)
class Box:
    """How far the cells of a sheet reach."""

    letters: set[bytes] = field(default_factory=set)
    rows: int = 0
    seen: int = 0  # blocks
    tail: bytes = b""
    carry: bytes = b""

    @property
    def columns(self) -> list[int]:
        """The numbers, from 0, of the columns a table of the sheet has: all up to the last, or those in use."""
        used = sorted({column_number(letters) for letters in self.letters})
        last = used[-1] + 1 if used else 0
        sparse = last > 1_000 and len(used) * 4 < last
        return used[:MAX_COLUMNS] if sparse else list(range(min(last, MAX_COLUMNS)))

    @property
    def places(self) -> int:
        """The cells of the rectangle around all cells."""
        return self.rows * max((column_number(letters) + 1 for letters in self.letters), default=0)

    def look(self, block: bytes, *, cells: bool) -> None:
        """Take note of the next block of the sheet, of its `cells` where it is XML."""
        self.tail = (self.tail + block)[-_TAIL:]
        if not cells:
            return
        data = self.carry + block
        self.seen += 1
        if self.seen <= _EVERY or self.seen % _EVERY == 0:  # the columns of a long sheet are known by then
            self.letters.update(_CELL_AT.findall(data))
            self.rows = max([self.rows, *map(int, _ROW_AT.findall(data))])
        if found := _LAST_CELL.match(data[-(1 << 12) :]):
            self.rows = max(self.rows, int(found[1]))
        self.carry = data[-256:]


class Workbook:
    """What a workbook holds beside the cells of its sheets."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.gaps: list[Gap] = []
        self.boxes: dict[str, Box] = {}
        self.archive: zipfile.ZipFile | None = None
        self.own: Notes = {}  # by sheet, of formats that are read at once
        self.sheets: list[str] = []  # the members that hold the sheets, in order
        self._shared: SharedValues | None = None

    def look(self, name: str, block: bytes) -> None:
        """See a block of a member while the whole is unpacked for the first time."""
        if _SHEET.match(name):
            self.boxes.setdefault(name, Box()).look(block, cells=name.endswith(".xml"))

    def open(self) -> None:
        """Find the sheets, once `look` has seen all. Raises `Encrypted`."""
        self.archive = zipfile.ZipFile(self.stream)
        names = self.archive.namelist()
        if "content.xml" in names:
            self._open_document()
        if "xl/workbook.bin" in names:
            targets = self._relations("xl/workbook.bin")
            self.sheets = [targets.get(relation, "") for relation in xlsb_sheets(self._part("xl/workbook.bin"))]
            return
        targets = self._relations("xl/workbook.xml")
        for tag in _SHEET_TAG.findall(self._part("xl/workbook.xml")):
            values = _attributes(tag)
            self.sheets.append(targets.get(next((v for k, v in values.items() if k.endswith(":id")), ""), ""))

    def _open_document(self) -> None:
        """Read the notes of an ods. Raises `Encrypted` where it is."""
        assert self.archive is not None
        if odf_is_encrypted(self._part("META-INF/manifest.xml")):
            raise Encrypted
        header = ods_header(self._part("styles.xml"))
        with self.archive.open("content.xml") as content:
            self._add(ods_comments(content))
        if header:
            self.own[1] = header, self.own.get(1, ("", ""))[1]

    def _add(self, notes: Notes | None) -> None:
        if notes is None:
            self._flaw()
        else:
            self.own |= notes

    def open_legacy(self) -> None:
        """Read the notes of an xls."""
        self._add(xls_notes(self.stream))

    def _part(self, name: str) -> bytes:
        """Return a part, b"" where there is none; a damaged or too large one is a gap."""
        if self.archive is None or name not in self.archive.namelist():
            return b""
        try:
            with self.archive.open(name) as file:
                data = file.read(_SMALL + 1)
        except Exception:  # zipfile raises anything on damaged archives
            self._flaw()
            return b""
        if len(data) > _SMALL:
            self._flaw()
        return data[:_SMALL]

    def _flaw(self) -> None:
        if _FLAW not in self.gaps:
            self.gaps.append(_FLAW)

    def _relations(self, name: str) -> dict[str, str]:
        """Return the members that a part refers to, by the id of the relation."""
        folder = dirname(name)
        found = {}
        for tag in _RELATION.findall(self._part(f"{folder}/_rels/{name.rsplit('/', 1)[-1]}.rels")):
            values = _attributes(tag)
            target = values.get("Target", "")
            found[values.get("Id", "")] = target[1:] if target.startswith("/") else normpath(join(folder, target))
        return found

    def _sheet(self, number: int) -> str:
        return self.sheets[number - 1] if number <= len(self.sheets) else ""

    def box(self, number: int) -> Box | None:
        """Return how far sheet `number` (from 1) reaches, None where it is no XML sheet."""
        return None if self._sheet(number).endswith(".bin") else self.boxes.get(self._sheet(number))

    def notes(self, number: int) -> tuple[str, str]:
        """Return the headers and footers of sheet `number`, and its comments."""
        if number in self.own:
            header, comments = self.own[number]
            return _without_codes(header), comments
        name = self._sheet(number)
        tail = self.boxes[name].tail if name in self.boxes else b""
        binary = name.endswith(".bin")
        headers = xlsb_header(tail) if binary else list(map(_plain, _HEADER.findall(tail)))
        found: list[str] = []
        for target in self._relations(name).values() if name else ():
            if "omments" in target:
                found += xlsb_comments(self._part(target)) if binary else _comments(self._part(target))
        return "\n".join(filter(None, map(_without_codes, headers))), "\n\n".join(filter(None, found))

    def rows(self, number: int) -> Callable[[], Iterator[Sequence[object]]]:
        """Return a function that streams the rows of sheet `number` from its XML."""
        from phiscan.extract.sheetvalues import stream_rows

        name = self._sheet(number)
        columns = self.boxes[name].columns

        def rows() -> Iterator[Sequence[object]]:
            if self._shared is None:
                self._shared = SharedValues(self._part_stream("xl/sharedStrings.xml"), self._part("xl/styles.xml"))
            yield from stream_rows(self._part_stream(name), columns, self._shared)

        return rows

    def _part_stream(self, name: str) -> Iterator[bytes]:
        if self.archive is None or name not in self.archive.namelist():
            return
        try:
            with self.archive.open(name) as file:
                while block := file.read(_BLOCK):
                    yield block
        except Exception:  # zipfile raises anything on damaged archives
            raise Unreadable("malformed", "damaged part of a spreadsheet") from None

    def caches(self) -> Iterator[Table]:
        """Yield the tables that pivot tables keep a copy of, even where the sheet is gone."""
        from phiscan.extract.sheetvalues import cache_fields, cache_rows

        for name in self.archive.namelist() if self.archive else ():
            if not re.match(r"xl/pivotCache/pivotCacheDefinition\d*\.xml$", name):
                continue
            fields = cache_fields(self._part(name))
            records = next((t for t in self._relations(name).values() if "pivotCacheRecords" in t), "")
            if fields:
                yield self._cache(fields, records, cache_rows)

    def _cache(
        self,
        fields: list[tuple[str, list[str]]],
        records: str,
        read: Callable[[Iterator[bytes], list[tuple[str, list[str]]]], Iterator[Sequence[object]]],
    ) -> Table:
        names = tuple(name for name, _ in fields)
        table = table_from_rows(names, lambda: read(self._part_stream(records), fields), len(names), "sheet")
        table.hidden = True
        return table


def _attributes(tag: bytes) -> dict[str, str]:
    return {key.decode("utf-8", "replace"): _plain(one or two) for key, one, two in _ATTRIBUTE.findall(tag)}


def _plain(xml: bytes) -> str:
    return unescape(xml.decode("utf-8", "replace"))


def _without_codes(header: str) -> str:
    """Return a header without what says how it looks; && is an ampersand."""
    return _CODES.sub(lambda found: found[1] or " ", header).strip()


def _comments(xml: bytes) -> list[str]:
    """Return the text of each comment or message of a thread."""
    found = []
    for body in _COMMENT.findall(xml):
        runs = _TEXT.findall(body) or _THREAD.findall(body)
        found.append(cell_text("".join(map(_plain, runs))))
    return found
