"""Streaming the cells of xlsx XML: for sheets too large or too sparse to be laid out in memory.

The XML of cells is regular enough for patterns, which are several times as fast as a parser on tens of millions of
cells. [ECMA-376] part 1, 18.3 (sheets), 18.4 (shared strings), 18.8 (styles), 18.10 (pivot caches).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from html import unescape
from typing import Final

from phiscan.extract.rows import cell_text

_GAP_ROWS: Final = 1_000  # missing rows that are still given as empty ones
_ITEM = re.compile(rb"<(?:\w+:)?si(?:\s[^>]*)?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</(?:\w+:)?t>")
_PHONETIC = re.compile(rb"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh>", re.DOTALL)
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_ROW_END = re.compile(rb"</(?:\w+:)?row>")
# A cell as Excel, LibreOffice and the common libraries write it.
_PLAIN_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]+)")?(?: t="(s|n|b|str|e|inlineStr)")?'
    rb"(?:/>|>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?"
    rb"(?:<v>([^<]*)</v>|<is><t(?: [^>]*)?>([^<]*)</t></is>|<v/>|)</c>)"
)
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]+)")?(?: t="(s|n|b|str|e)")?(?:/>|>(?:<v>([^<]*)</v>|<v/>|)</c>)'
)
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_REFERENCE = re.compile(rb"""\br=["']([A-Za-z]{0,3})(\d*)""")
_TYPE = re.compile(rb"""\bt=["'](\w+)""")
_STYLE = re.compile(rb"""\bs=["'](\d+)""")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>(.*?)</", re.DOTALL)
_FORMAT = re.compile(rb"""<(?:\w+:)?numFmt\s[^>]*?numFmtId=["'](\d+)["'][^>]*?formatCode=["']([^"']*)""")
_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_USED = re.compile(rb"""<(?:\w+:)?xf\s[^>]*?numFmtId=["'](\d+)""")
_DATES: Final = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_PIECE: Final = 64 << 20  # a row longer than this ends the reading


@lru_cache(maxsize=1 << 15)
def column_number(letters: bytes) -> int:
    """Return the number, from 0, of a column: b"A" is 0, b"AA" is 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def _plain(xml: bytes) -> str:
    text = xml.decode("utf-8", "replace")
    return unescape(text) if "&" in text else text


def _pieces(blocks: Iterator[bytes], end: re.Pattern[bytes]) -> Iterator[bytes]:
    """Yield the XML in pieces that end where an element `end` does."""
    rest = b""
    for block in blocks:
        rest += block
        cut = max((found.end() for found in end.finditer(rest, max(0, len(rest) - len(block) - 16))), default=0)
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
        elif len(rest) > _PIECE:
            raise ValueError("an element has no end")
    if rest:
        yield rest


class SharedValues:
    """The shared strings of a workbook, and which of its cell styles are dates."""

    def __init__(self, strings: Iterator[bytes], styles: bytes) -> None:
        self.strings: list[str] = []
        for piece in _pieces(strings, re.compile(rb"</(?:\w+:)?si>")):
            for item in _ITEM.findall(piece):
                runs = _TEXT.findall(_PHONETIC.sub(b"", item) if b"rPh" in item else item)
                self.strings.append("".join(map(_plain, runs)))
        own = {int(number): _plain(code) for number, code in _FORMAT.findall(styles)}
        part = _FORMATS.search(styles)
        used = list(map(int, _USED.findall(part[0] if part else b""))) or [0]
        # For each cell style: 0 a number, 1 a date or time, 2 a length of time.
        self.dates = [_date_kind(number, own.get(number, "")) for number in used]

    def value(self, attributes: bytes, body: bytes) -> str:
        """Return the text of a cell."""
        found = _TYPE.search(attributes)
        kind = found[1] if found else b"n"
        if kind == b"inlineStr":
            return "".join(map(_plain, _TEXT.findall(body)))
        value = _VALUE.search(body)
        if not value or kind == b"e":
            return ""
        text = _plain(value[1])
        if kind == b"s":
            return self.strings[int(text)] if text.isdigit() and int(text) < len(self.strings) else ""
        if kind in (b"str", b"b"):
            return text
        if kind == b"d":
            return text.removesuffix("Z").removesuffix("T00:00:00").replace("T", " ")
        style = _STYLE.search(attributes)
        return self._number(text, int(style[1]) if style else 0)

    def _number(self, text: str, style: int) -> str:
        try:
            number = float(text)
        except ValueError:
            return text
        if style < len(self.dates) and self.dates[style] and 0 <= number < 2_958_466:
            return cell_text(_date(number) if self.dates[style] == 1 else timedelta(days=number))
        return text if text.isdigit() else cell_text(number)


def _date_kind(number: int, code: str) -> int:
    if number == 46 or re.match(r"\[[hms]+\]", code.lower()):
        return 2
    return int(number in _DATES or bool(re.search("[dmyhs]", _LITERAL.sub("", code).lower().replace("general", ""))))


def _date(number: float) -> object:
    """Return the moment of an Excel serial number (1900 system); below one day it is a time."""
    moment = datetime(1899, 12, 30) + timedelta(days=number)  # noqa: DTZ001 sheets have no time zone
    moment = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    return moment.time() if number < 1 else moment


def stream_rows(blocks: Iterator[bytes], columns: Sequence[int], shared: SharedValues) -> Iterator[Sequence[object]]:
    """Yield the rows of a sheet with the given columns; a few missing rows are empty ones, many are left out."""
    places = {number: place for place, number in enumerate(columns)}
    width = len(columns)
    last = 0
    for piece in _pieces(blocks, _ROW_END):
        for element in piece.split(b"</row>") if b"</row>" in piece else _ROW_END.split(piece):
            start = _ROW.search(element)
            if not start:
                continue
            reference = _REFERENCE.search(start[1])
            row = int(reference[2]) if reference and reference[2] else last + 1
            for _ in range(min(row - last - 1, _GAP_ROWS)):
                yield [""] * width
            last = max(row, last)
            yield _row(element[start.end() :], places, width, shared)


def _row(body: bytes, places: dict[int, int], width: int, shared: SharedValues) -> list[str]:
    """Return the values of a row. What stands in a column that is not among `places` joins the last value."""
    values = [""] * width
    plain = _PLAIN_CELL.findall(body)
    if len(plain) != body.count(b"<c ") or b":c " in body:
        return _any_row(body, places, values, shared)
    strings, total, dates = shared.strings, len(shared.strings), shared.dates
    for letters, style, kind, value, inline in plain:
        if inline:
            text = _plain(inline)
        elif not value:
            continue
        elif kind == b"s":
            index = int(value) if value.isdigit() else total
            text = strings[index] if index < total else ""
        elif not kind and value.isdigit() and not (style and dates[int(style) % len(dates)]):
            text = value.decode("ascii")
        else:
            text = shared.value(b' t="%b" s="%b"' % (kind or b"n", style), b"<v>%b</v>" % value)
        place = places.get(column_number(letters), -1)
        values[place] = text if place >= 0 else f"{values[-1]} {text}"
    return values


def _any_row(body: bytes, places: dict[int, int], values: list[str], shared: SharedValues) -> list[str]:
    """Fill in the values of a row whose cells are written in any order and with any prefix."""
    column = -1
    for attributes, cell in _CELL.findall(body):
        reference = _REFERENCE.search(attributes)
        column = column_number(reference[1]) if reference and reference[1] else column + 1
        text = shared.value(attributes, cell) if cell else ""
        place = places.get(column, -1)
        if text:
            values[place] = text if place >= 0 else f"{values[-1]} {text}"
    return values


# ---- pivot caches ----

_FIELD = re.compile(rb"<(?:\w+:)?cacheField\s([^>]*?)(?:/>|>(.*?)</(?:\w+:)?cacheField>)", re.DOTALL)
_NAME = re.compile(rb"""\bname=["']([^"']*)""")
_V = re.compile(rb"""\bv=["']([^"']*)""")
_SHARED_ITEM = re.compile(rb"<(?:\w+:)?[sndbem]\b([^>]*?)/?>")
_RECORD = re.compile(rb"<(?:\w+:)?r>(.*?)</(?:\w+:)?r>", re.DOTALL)
_RECORD_ITEM = re.compile(rb"<(?:\w+:)?([xsndbem])\b([^>]*?)/?>")


def _item(attributes: bytes) -> str:
    found = _V.search(attributes)
    text = _plain(found[1]) if found else ""
    return text.removesuffix("T00:00:00")


def cache_fields(xml: bytes) -> list[tuple[str, list[str]]]:
    """Return the name of each field of a pivot cache, with the values it shares."""
    fields = []
    for attributes, body in _FIELD.findall(xml):
        name = _NAME.search(attributes)
        fields.append((_plain(name[1]) if name else "", list(map(_item, _SHARED_ITEM.findall(body)))))
    return fields


def cache_rows(blocks: Iterator[bytes], fields: list[tuple[str, list[str]]]) -> Iterator[Sequence[object]]:
    """Yield the records of a pivot cache; where there are none, the values its fields share, side by side."""
    none = True
    for piece in _pieces(blocks, re.compile(rb"</(?:\w+:)?r>")):
        for record in _RECORD.findall(piece):
            none = False
            items = _RECORD_ITEM.findall(record)
            yield [_record_value(tag, rest, fields, place) for place, (tag, rest) in enumerate(items)]
    if none:
        depth = max((len(values) for _, values in fields), default=0)
        for place in range(depth):
            yield [values[place] if place < len(values) else "" for _, values in fields]


def _record_value(tag: bytes, attributes: bytes, fields: list[tuple[str, list[str]]], place: int) -> str:
    value = _item(attributes)
    if tag != b"x" or place >= len(fields) or not value.isdigit():
        return value
    shared = fields[place][1]
    return shared[int(value)] if int(value) < len(shared) else ""
