"""SQL dumps: the rows of INSERT, COPY and UPDATE statements as tables with their columns' names, the rest as text.

Values stand in no line of their own, so a dump read as text says only that somebody is named in it. One pass, bounded
memory: rows of one table that follow each other are given in pieces. A few rows are an example in a text, but data in
a script: there they are set aside until others of the same table join them. A statement that cannot be read stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from phiscan.extract.plain import text_pieces
from phiscan.extract.rows import table_from_rows
from phiscan.fold import fold_str
from phiscan.model import Table, Text

PIECE_ROWS: Final = 20_000
PIECE_CHARS: Final = 4 << 20
LONGEST: Final = 1 << 20  # characters that one value may have
_FEW = 3  # rows: fewer are an example in a text, and too few in a script to be a table of their own yet
_KEPT = 1 << 15  # characters at the end of a buffer in which a statement may have begun

_NAME = r"[\w.`\"\[\]$\-]{1,200}"
_QUOTED = r"'(?:[^'\\]|\\.|'')*+'"
_CALL = rf"\w{{1,40}}\((?:[^()']|{_QUOTED})*+\)"
_LITERAL = rf"(?:(?:[NEB]|_\w{{2,12}}\s?)?{_QUOTED}|{_CALL}|[\w.+-]{{1,80}}+)(?:::\w++)?"
_SET = rf"{_NAME}\s*+=\s*+{_LITERAL}"
_HEAD = re.compile(
    rf"(?ims)^[ \t]*(?:INSERT(?:[ \t]+(?:IGNORE|OR[ \t]+\w+|LOW_PRIORITY|DELAYED))?(?:[ \t]+INTO)?"
    rf"|REPLACE[ \t]+INTO)[ \t]+(?P<name>{_NAME})"
    r"[ \t]*(?P<columns>\([^()']{1,20000}\))?\s*(?:OVERRIDING[ \t]+\w+[ \t]+VALUE\s*)?VALUES?\s*(?=\()"
    rf"|^COPY[ \t]+(?P<copied>{_NAME})[ \t]*(?P<copied_columns>\([^()']{{1,20000}}\))?"
    r"[ \t]+FROM[ \t]+stdin[^;\n]*;[ \t]*\n"
    rf"|^[ \t]*UPDATE[ \t]+(?P<updated>{_NAME})\s+SET\s+(?P<set>{_SET}(?:\s*+,\s*+{_SET})*+)"
    rf"(?:\s+WHERE\s(?P<where>(?:[^;']|{_QUOTED}){{1,4000}}?))?(?:;[ \t]*\n?|\n(?=[ \t]*(?:GO|UPDATE)\b))"
)
_ASSIGNED = re.compile(rf"({_NAME})\s*+=\s*+({_LITERAL})", re.DOTALL)
_VALUE = re.compile(
    rf"\s*+(?:(?:[NEB]|_\w{{2,12}}\s?)?({_QUOTED})|({_CALL})|([^'(),;]*+))\s*+(?:::\s*+\w++\s*+)?([,)])", re.DOTALL
)
_BETWEEN = re.compile(r"\s*+,\s*+(?=\()")
_END = re.compile(r"[^;'\n]{0,400}?;[ \t]*\n?|\s*$")
_CREATE = re.compile(
    rf"(?is)CREATE\s+(?:TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{_NAME})"
    r"\s*\((?P<body>.{1,60000}?)(?:\n\s*\)|\)[^();']{0,400};)"
)
_COLUMN = re.compile(r"(?m)(?:^|,)\s*[`\"\[]?([A-Za-z_][\w$ ]{0,80}?)[`\"\]]?\s+[A-Za-z]")
# Sizes, values, what a key is made of, and remarks: their commas part no columns.
_WITHIN = re.compile(rf"{_QUOTED}|--[^\n]*+|/\*.*?\*/|\([^()]*+\)", re.DOTALL)
_NO_COLUMN = {"primary", "unique", "key", "index", "constraint", "foreign", "check", "fulltext", "spatial", "create"}
_ESCAPES = {"n": " ", "r": " ", "t": " ", "0": "", "Z": ""}


_INSIDE = re.compile(  # what is no part of a statement's own words
    rf"{_QUOTED}|--[^\n]*+|/\*.*?\*/"
    r"|^COPY[ \t]+[^;\n]*?\sFROM[ \t]+stdin[^;\n]*+(?P<copied>;)[ \t]*+\n(?:(?!\\\.)[^\n]*+\n)*+(?:\\\.|[^\n]*+\Z)",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
_VERB = re.compile(
    r"(?i)\s*+(?:GO\s++)*+(?:\Z|\\|(?:INSERT|REPLACE|COPY|UPDATE|DELETE|MERGE|CREATE|ALTER|DROP|TRUNCATE|RENAME"
    r"|SET|USE|BEGIN|START|COMMIT|ROLLBACK|LOCK|UNLOCK|GRANT|REVOKE|PRAGMA|ANALYZE|VACUUM|COMMENT|DO|CALL|EXEC|DECLARE"
    r"|IF|ELSE|END|PRINT|GO|DELIMITER)\b|SELECT\s+[\w.]{1,80}\()"  # a function; who asks for rows fills none
)


def is_script(text: str) -> bool:
    """Whether a text is nothing but SQL statements that say what stands in the rows of a table."""
    if _HEAD.search(text) is None:
        return False
    bare = _INSIDE.sub(lambda inside: "COPY;" if inside["copied"] else " ", text)
    return all(map(_VERB.match, bare.split(";")))


def read_dump(texts: Iterator[str], *, script: bool = False) -> Iterator[Text | Table]:
    """Yield what a dump holds, given as text in pieces that end at line ends.

    `script` says that it is nothing but statements: then even a single row is data.
    """
    return _Dump(texts, script=script).chunks()


class _Dump:
    """Reads on as far as the statement at hand asks for. Values live only in the piece being read."""

    def __init__(self, texts: Iterator[str], *, script: bool) -> None:
        self._texts = texts
        self._script = script
        self._aside: dict[tuple[str, tuple[str, ...]], _Run] = {}  # few rows each, of a script
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
        """Yield all there is."""
        yield from self._read()
        yield from self._joined()

    def _read(self) -> Iterator[Text | Table]:
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
            if run is not None and (head is None or before.strip() or run.key != self._key(head)):
                yield from self._given(run)
                run = None
            if run is None or before.strip():
                yield from self._text(before)
            if head is None:
                return
            self._line += before.count("\n") * (run is not None)
            run = run or _Run(*self._key(head))
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
        elif self._script and run.rows:
            self._aside.setdefault(run.key, _Run(*run.key)).take(run)
            if sum(other.size for other in self._aside.values()) >= PIECE_CHARS:
                yield from self._joined()
        else:
            yield from self._text("".join(run.raw))

    def _joined(self) -> Iterator[Table]:
        """Yield the rows set aside, as one table for each table they fill."""
        runs, self._aside = self._aside, {}
        for run in runs.values():
            yield from run.table()

    def _text(self, text: str) -> Iterator[Text]:
        for match in _CREATE.finditer(text):
            names = _COLUMN.findall(_WITHIN.sub("", match["body"]))
            names = [name for name in names if name.split()[0].lower() not in _NO_COLUMN]
            self._columns[_bare(match["name"])] = tuple(names)
        for piece in text_pieces(iter([text])):
            yield replace(piece, line=piece.line + self._line - 1)
        self._line += text.count("\n")

    def _key(self, head: re.Match[str]) -> tuple[str, tuple[str, ...]]:
        """Return the table that a statement fills, and the columns' names that it gives, or the table's creation."""
        return _table_name(head), self._names(head)

    def _names(self, head: re.Match[str]) -> tuple[str, ...]:
        if head["updated"]:
            return tuple(_assigned(head))
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
        if head["updated"]:
            run.add(list(_assigned(head).values()))
        self._over = head["updated"] is not None
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
        self.key = name, names
        self.rows: list[list[str]] = []
        self.raw: list[str] = []
        self.given = False
        self._chars = 0

    @property
    def size(self) -> int:
        """About how many characters the rows take, and what a cell costs beside its own."""
        return self._chars + 64 * sum(map(len, self.rows))

    def take(self, other: _Run) -> None:
        """Add the rows of another run of the same table."""
        for row in other.rows:
            self.add(row)

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
            names = self.key[1] if len(self.key[1]) == width else None
            made = table_from_rows(names, lambda: iter(rows), width, "sql")
            made.relation = fold_str(self.key[0])
            yield made
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


def _assigned(head: re.Match[str]) -> dict[str, str]:
    """Return what an UPDATE sets, and what the row is known by: the name of each column and its value."""
    parts = [*_ASSIGNED.findall(head["set"]), *_ASSIGNED.findall(head["where"] or "")]
    return {_bare(name, lower=False): _literal(value) for name, value in reversed(parts)}


def _literal(value: str) -> str:
    return _called(value) if "'" in value else _plain(value)


def _plain(value: str) -> str:
    value = value.strip()
    return "" if value.upper() in ("NULL", "DEFAULT") else value


def _bare(name: str, *, lower: bool = True) -> str:
    bare = re.sub(r"[`\"\[\]]", "", name).rpartition(".")[2]
    return bare.lower() if lower else bare


def _table_name(head: re.Match[str]) -> str:
    return _bare(head["name"] or head["copied"] or head["updated"])
