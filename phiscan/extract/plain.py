"""Plain text in pieces, and the decision whether a textual file is text or a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from phiscan.extract.anchors import Anchors
from phiscan.extract.decode import HEAD, Encoding, Source, decode_bytes, detect, text_blocks
from phiscan.extract.delimited import read_delimited
from phiscan.extract.dialect import LABEL, Dialect, is_machine_text, records, sniff, split_lines
from phiscan.extract.fixed import read_fixed, sniff_fixed, titles_above
from phiscan.extract.kind import is_code, is_program
from phiscan.extract.logged import unquoted
from phiscan.extract.oddsigns import with_colons
from phiscan.extract.twolined import read_lines, sniff_lines
from phiscan.fold import fold_str
from phiscan.model import Gap, Table, Text

PIECE: Final = 1 << 20  # characters
OVERLAP: Final = 400  # characters given twice where a line is cut
_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")


# ---- text ----


def read_plain(stream: BinaryIO, encoding: Encoding, size: int = 0, name: str = "") -> Iterator[Text | Gap]:
    """Yield the text of `stream` in pieces of at most 1 MiB characters, cut at line ends.

    A longer line is cut at a space, and the next piece repeats 400 characters. A form feed begins a page. A file
    that is shorter than `size` bytes, or cannot be read to its end, leaves a gap. `name` tells programs and logs.
    """
    source = Source(stream)
    program, log = is_program(name, ""), name.lower().endswith(".log")
    anchors = Anchors()
    for text in text_pieces(text_blocks(source, encoding)):
        text.text = text.text if program else unquoted(with_colons(anchors.read(text.text)), log=log)
        yield text
    source.expect(size)
    if source.gap:
        yield source.gap


def text_pieces(texts: Iterator[str]) -> Iterator[Text]:
    """Yield `texts`, a text in blocks of any size, as pieces with their line and page numbers."""
    pages = _Pages()
    line = 1
    for piece, fresh in _cut_pieces(texts):
        yield from pages.split(piece, line)
        line += piece.count("\n", 0, fresh)


def _cut_pieces(texts: Iterator[str]) -> Iterator[tuple[str, int]]:
    """Yield (piece, how much of it the next piece does not repeat)."""
    rest = ""
    for text in texts:
        rest += _BREAKS.sub("\n", text) if any(map(text.__contains__, "\r\x85\u2028\u2029")) else text
        while len(rest) > PIECE:
            cut, overlap = _cut(rest)
            yield rest[:cut], cut - overlap
            rest = rest[cut - overlap :]
    if rest:
        yield rest, len(rest)


def _cut(text: str) -> tuple[int, int]:
    """Return where to cut `text`, and how much of it to repeat: at an empty line, a line end, or a space."""
    cut = text.rfind("\n\n", PIECE * 3 // 4, PIECE) + 2
    if cut > 1:
        return cut, 0
    cut = text.rfind("\n", 0, PIECE) + 1
    if cut:
        return cut, 0
    cut = text.rfind(" ", PIECE - 4096, PIECE) + 1
    return cut or PIECE, OVERLAP


class _Pages:
    """Cuts pieces at form feeds and counts the pages, from the first form feed on."""

    def __init__(self) -> None:
        self.page: int | None = None
        self.starts = False

    def split(self, piece: str, line: int) -> Iterator[Text]:
        if "\f" in piece and self.page is None:
            self.page = 1
        for number, part in enumerate(piece.split("\f")):
            if number:
                self.page = (self.page or 1) + 1
                self.starts = True
            if part.strip():
                yield Text(part, line, self.page, starts=self.starts, prose=is_prose(part))
                self.starts = False
            line += part.count("\n")


def is_prose(text: str) -> bool:
    """Return False where `text` looks like source code, a log, JSON, markup or settings."""
    lines = [line for line in text[: 1 << 14].split("\n") if line.strip()]
    return not lines or not is_machine_text(lines)


# ---- text or table ----


def read_text_or_table(stream: BinaryIO, size: int, name: str) -> Iterator[Text | Table | Gap]:
    """Yield what is in a textual file of `size` bytes: one table, or text. `name` tells source code by its ending."""
    source = Source(stream)
    head = source.read(HEAD)
    if not head:
        source.expect(size)
        if source.gap:
            yield source.gap
        return
    whole = len(head) >= source.size
    tail = b"" if whole else Source(stream, max(0, source.size - (1 << 16)) // 4 * 4).read(1 << 16)
    encoding = detect(head, tail=tail, whole=whole)
    text = decode_bytes(head, encoding)
    script = is_sql(text, name)
    if script or (not is_code(name) and is_dump(text)):
        yield from _read_dump(stream, encoding, size, script=script)
        return
    table = _table(stream, max(size, source.size), encoding, text, name, whole=whole)
    if table is None:
        yield from read_plain(stream, encoding, size, name)
    else:
        yield table


def _read_dump(stream: BinaryIO, encoding: Encoding, size: int, *, script: bool) -> Iterator[Text | Table | Gap]:
    from phiscan.extract.sqldump import read_dump

    source = Source(stream)
    yield from read_dump(text_blocks(source, encoding), script=script)
    source.expect(size)
    if source.gap:
        yield source.gap


_FILLING = re.compile(
    r"(?im)^[ \t]*(?:(?:INSERT|REPLACE)[ \t]+(?:\w+[ \t]+){0,2}[\w.`\"\[\]$\-]{1,200}[^;'\n]{0,4000}\s*VALUES?\s*\("
    r"|COPY[ \t]+[^;\n]{1,4000}FROM[ \t]+stdin)"
)
_STATES = re.compile(r"(?im)^[ \t]*(?:INSERT|REPLACE|COPY|UPDATE)[ \t]+[\w.`\"\[\]$\-]{1,200}")


def is_sql(text: str, name: str) -> bool:
    """Whether a text that fills tables is no more than that, by its name or by what stands in it."""
    if is_code(name) or _STATES.search(text) is None:
        return False
    from phiscan.extract.sqldump import is_script

    return name.lower().endswith(".sql") or is_script(text)


def is_dump(text: str) -> bool:
    """Whether a text holds statements that fill a database's tables."""
    return _FILLING.search(text) is not None


def _table(stream: BinaryIO, size: int, encoding: Encoding, text: str, name: str, *, whole: bool) -> Table | None:
    dialect = sniff(text, whole=whole)
    if dialect and is_code(name) and dialect.columns < 5:
        return None
    if dialect:
        return None if whole and _is_form(text, dialect) else read_delimited(stream, size, encoding, dialect)
    lines = split_lines(text, whole=whole)
    layout = None if is_code(name) else sniff_lines(lines)
    if layout:
        return read_lines(stream, size, encoding, layout, cr="\r" in text and "\n" not in text)
    spans = None if is_code(name) or "\f" in text.rstrip("\f\n\r \0") else sniff_fixed(lines)
    if spans:
        titles = titles_above(lines, spans)
        return read_fixed(stream, size, encoding, spans, cr="\r" in text and "\n" not in text, titles=titles)
    return None


FORM_ROWS: Final = 200


def _is_form(text: str, dialect: Dialect) -> bool:
    """Return whether a small table is a form of labels and values, or has fewer than three rows.

    Labels are recognised better in text.
    """
    lines: Sequence[str] = [line for line in split_lines(text, whole=True) if line.strip()]
    if len(lines) > FORM_ROWS:
        return False
    rows = list(records(lines, dialect.delimiter, dialect.quote))
    if len(rows) < 3:
        return True
    if dialect.columns != 2:
        return False
    labels = [fold_str(row.split(dialect.delimiter)[0]) for row, _ in rows]
    known = sum(bool(LABEL.search(label)) and not any(map(str.isdigit, label)) for label in labels)
    return len(set(labels)) * 10 >= len(labels) * 9 and known > 1 and known * 4 >= len(labels)
