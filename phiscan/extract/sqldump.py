"""SQL dumps: the rows of INSERT and COPY statements as tables with their columns' names, everything else as text.

Values stand in no line of their own, so a dump read as text says only that somebody is named in it. One pass, bounded
memory: rows of one table that follow each other are given in pieces. A statement that cannot be read stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from phiscan.extract.plain import text_pieces
from phiscan.extract.rows import table_from_rows
from phiscan.model import Table, Text

PIECE_ROWS: Final = 20_000
PIECE_CHARS: Final = 4 << 20
LONGEST: Final = 1 << 20  # characters that one value may have
_FEW = 3  # rows: fewer are an example in a text
_KEPT = 1 << 15  # characters at the end of a buffer in which a statement may have begun

_NAME = r"[\w.`\"\[\]$\-]{1,200}"
_HEAD = re.compile(
    rf"(?im)^[ \t]*(?:INSERT(?:[ \t]+(?:IGNORE|OR[ \t]+\w+|LOW_PRIORITY|DELAYED))?(?:[ \t]+INTO)?"
    rf"|REPLACE[ \t]+INTO)[ \t]+(?P<name>{_NAME})"
    r"[ \t]*(?P<columns>\([^()']{1,20000}\))?\s*(?:OVERRIDING[ \t]+\w+[ \t]+VALUE\s*)?VALUES?\s*(?=\()"
    rf"|^COPY[ \t]+(?P<copied>{_NAME})[ \t]*(?P<copied_columns>\([^()']{{1,20000}}\))?"
    r"[ \t]+FROM[ \t]+stdin[^;\n]*;[ \t]*\n"
)
_QUOTED = r"'(?:[^'\\]|\\.|'')*+'"
_CALL = rf"\w{{1,40}}\((?:[^()']|{_QUOTED})*+\)"
_VALUE = re.compile(
    rf"\s*+(?:(?:[NEB]|_\w{{2,12}}\s?)?({_QUOTED})|({_CALL})|([^'(),;]*+))\s*+(?:::\s*+\w++\s*+)?([,)])", re.DOTALL
)
_BETWEEN = re.compile(r"\s*+,\s*+(?=\()")
_END = re.compile(r"[^;'\n]{0,400}?;[ \t]*\n?|\s*$")
_CREATE = re.compile(
    rf"(?is)CREATE\s+(?:TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{_NAME})"
    r"\s*\((?P<body>.{1,60000}?)\n\s*\)"
)
_COLUMN = re.compile(r"(?m)^\s*[`\"\[]?([A-Za-z_][\w$ ]{0,80}?)[`\"\]]?\s+[A-Za-z]")
_NO_COLUMN = {"primary", "unique", "key", "index", "constraint", "foreign", "check", "fulltext", "spatial", "create"}
_ESCAPES = {"n": " ", "r": " ", "t": " ", "0": "", "Z": ""}


def read_dump(texts: Iterator[str]) -> Iterator[Text | Table]:
    """Yield what a dump holds, given as text in pieces that end at line ends."""
    return _Dump(texts).chunks()


class _Dump:
    """Reads on as far as the statement at hand asks for. Values live only in the piece being read."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._over = False  # the statement at hand
        self._columns: dict[str, tuple[str, ...]] = {}  # of the tables created so far

    def _more(self) -> bool:
        """Read on; what lies before the place reached is forgotten."""
        text = next(self._texts, None)
        if text is None:
            self._ended = True
            return False
        self._buffer, self._at = self._buffer[self._at :] + text, 0
        return True

    def chunks(self) -> Iterator[Text | Table]:
        run: _Run | None = None
        while True:
            head = _HEAD.search(self._buffer, self._at)
            if head is None and not self._ended:
                if len(self._buffer) - self._at > _KEPT + LONGEST:
                    yield from self._left(run, len(self._buffer) - _KEPT)
                    run = None
                self._more()
                continue
            before = self._buffer[self._at : head.start() if head else len(self._buffer)]
            if run is not None and (head is None or before.strip() or run.name != _table_name(head)):
                yield from self._given(run)
                run = None
            if run is None or before.strip():
                yield from self._text(before)
            if head is None:
                return
            self._line += before.count("\n") * (run is not None)
            run = run or _Run(_table_name(head), self._names(head))
            self._at = head.start()
            yield from self._statement(run, head)

    def _left(self, run: _Run | None, upto: int) -> Iterator[Text | Table]:
        """Yield a run that ended and the text after it, up to the line end before a place."""
        cut = self._buffer.rfind("\n", self._at, upto) + 1 or upto
        if run is not None:
            yield from self._given(run)
        text, self._at = self._buffer[self._at : cut], cut
        yield from self._text(text)

    def _given(self, run: _Run) -> Iterator[Text | Table]:
        """Yield what a run has gathered: a table, or text where it is but an example."""
        if run.given or len(run.rows) >= _FEW:
            yield from run.table()
        else:
            yield from self._text("".join(run.raw))

    def _text(self, text: str) -> Iterator[Text]:
        for match in _CREATE.finditer(text):
            names = [name for name in _COLUMN.findall(match["body"]) if name.split()[0].lower() not in _NO_COLUMN]
            self._columns[_bare(match["name"])] = tuple(names)
        for piece in text_pieces(iter([text])):
            yield replace(piece, line=piece.line + self._line - 1)
        self._line += text.count("\n")

    def _names(self, head: re.Match[str]) -> tuple[str, ...]:
        """Return the columns' names that the statement gives, or the table's creation."""
        written = head["columns"] or head["copied_columns"]
        if written is None:
            return self._columns.get(_table_name(head), ())
        return tuple(name.strip().strip('`"[]') for name in written[1:-1].split(","))

    def _statement(self, run: _Run, head: re.Match[str]) -> Iterator[Table]:
        """Take the rows of one statement."""
        copied = head["copied"] is not None
        begun = head.group()
        self._at = head.end()
        self._line += begun.count("\n")
        raw = [begun]
        self._over = False
        while not self._over and (row := self._copied_row(raw) if copied else self._row(raw)) is not None:
            run.add(row)
            if run.full:
                yield from run.table()
        run.raw += raw if len(run.rows) < _FEW and not run.given else []

    def _copied_row(self, raw: list[str]) -> list[str] | None:
        """Return the next line of a COPY, None after the last."""
        while (end := self._buffer.find("\n", self._at)) < 0 and self._more():
            if len(self._buffer) - self._at > LONGEST:
                return None
        line = self._buffer[self._at : end if end >= 0 else len(self._buffer)]
        self._at += len(line) + (end >= 0)
        self._line += end >= 0
        raw.append(line + "\n" * (end >= 0))
        if line in ("", "\\."):
            return None
        return ["" if cell == "\\N" else _unescaped(cell) for cell in line.split("\t")]

    def _row(self, raw: list[str]) -> list[str] | None:
        """Return the next row of an INSERT, None where the statement ends or cannot be read further."""
        while True:
            row, end = _parsed(self._buffer, self._at)
            between = None if row is None else _BETWEEN.match(self._buffer, end)
            settled = row is not None and (between is not None or end + 64 < len(self._buffer))
            if settled or self._ended or len(self._buffer) - self._at > LONGEST or not self._more():
                break
        if row is None:
            return None
        stop = between.end() if between else end
        raw.append(self._buffer[self._at : stop])
        self._line += raw[-1].count("\n")
        self._at = stop
        if between is None:
            self._skip(raw)
            self._over = True
        return row

    def _skip(self, raw: list[str]) -> None:
        """Pass over the end of a statement."""
        match = _END.match(self._buffer, self._at)
        if match is not None:
            raw.append(match.group())
            self._line += raw[-1].count("\n")
            self._at = match.end()


class _Run:
    """Rows of one table that follow each other."""

    def __init__(self, name: str, names: tuple[str, ...]) -> None:
        self.name, self.names = name, names
        self.rows: list[list[str]] = []
        self.raw: list[str] = []
        self.given = False
        self._chars = 0

    def add(self, row: list[str]) -> None:
        self.rows.append(row)
        self._chars += sum(map(len, row))

    @property
    def full(self) -> bool:
        return len(self.rows) >= PIECE_ROWS or self._chars >= PIECE_CHARS

    def table(self) -> Iterator[Table]:
        """Yield the rows gathered so far, and begin anew."""
        if self.rows:
            rows, width = self.rows, max(map(len, self.rows))
            names = self.names if len(self.names) == width else None
            yield table_from_rows(names, lambda: iter(rows), width, "sql")
        self.rows, self.given, self._chars, self.raw = [], True, 0, []


def _parsed(text: str, at: int) -> tuple[list[str] | None, int]:
    """Return the row that begins at `at`, and where it ends; None where none does or the text ends inside it."""
    row: list[str] = []
    if text[at : at + 1] != "(":
        return None, at
    at += 1
    while match := _VALUE.match(text, at):
        quoted, call, bare, mark = match.groups()
        row.append(_unquoted(quoted) if quoted else _called(call) if call else _plain(bare))
        at = match.end()
        if mark == ")":
            return row, at
    return None, at


def _unquoted(value: str) -> str:
    return _unescaped(value[1:-1].replace("''", "'"))


def _unescaped(value: str) -> str:
    return (
        re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), value, flags=re.DOTALL)
        if "\\" in value
        else value
    )


def _called(value: str) -> str:
    """The value that a function is called with: CAST(N'1965-03-12' AS Date)."""
    match = re.search(_QUOTED, value, re.DOTALL)
    return _unquoted(match.group()) if match else value


def _plain(value: str) -> str:
    value = value.strip()
    return "" if value.upper() in ("NULL", "DEFAULT") else value


def _bare(name: str) -> str:
    return re.sub(r"[`\"\[\]]", "", name).rpartition(".")[2].lower()


def _table_name(head: re.Match[str]) -> str:
    return _bare(head["name"] or head["copied"])
