"""Is this text a delimited table, and which one? A choice by the consistency of the columns.

`csv.Sniffer` and its like find a dialect in prose. Here the burden is on the table: the same number of
columns on most lines, and nothing that looks like source code, a log, JSON, markup or a message.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import Final

from phiscan.extract.decode import Structure

LINES: Final = 500  # non-blank lines looked at
PREAMBLE: Final = 50  # lines of titles allowed above the first row
# In the order of preference; what is no ASCII character is found in exports of old laboratory systems.
_DELIMITERS: Final = {
    ";": 1.1, "\t": 1.1, "\x1f": 1.1, "|": 1.05, ",": 1.0, "^": 0.8, "~": 0.8, "§": 0.8, "¤": 0.8, "¦": 0.8, "#": 0.8,
}  # fmt: skip
_LEAST: Final = {"#": 4}  # columns: before a remark, or in a link, stands one


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited table is written. `columns` is the number most rows have, at least 2."""

    delimiter: str
    columns: int
    quote: str = '"'
    cr: bool = False  # lines end with CR alone
    padded: bool = False  # most values have blanks beside them

    @property
    def structure(self) -> Structure:
        """What folding must keep."""
        return Structure(self.delimiter, self.quote, self.cr)


# The names of columns and fields in tables and forms about people, folded.
LABEL = re.compile(
    r"\b(?:nom|prenoms?|nee?|date|ddn|nir|nss|ins|ipp|nip|secu\w*|secu|adresse|rue|tel\w*|portable|e?-?mail|courriel"
    r"|sexe|civilite|cp|code|ville|commune|dossier|no|numero|num|medecin|prescripteur|mutuelle|profession|age|poids"
    r"|taille|groupe|rhesus|diagnostic|motif|service|patient\w*|identifiant|login|password|mot de passe|iban"
    r"|surname|name|first name|birth\w*|address|phone|city|sex|gender|commentaires?|remarques?)\b",
    re.IGNORECASE,
)


def split_lines(head: str, *, whole: bool) -> list[str]:
    """Return the lines of `head` (LF, CR LF or CR), without the last one where it may be cut."""
    lines = head.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not whole and len(lines) > 1:
        lines.pop()
    return lines


def sniff(head: str, *, whole: bool) -> Dialect | None:
    """Return the dialect of the table that begins with `head`, None where it is something else.

    `head` is decoded, not folded; `whole` says that it is the whole file.
    """
    lines = [line for line in split_lines(head, whole=whole) if line.strip(" \0\ufeff\f")][:LINES]
    if len(lines) < 3 or not_a_table(lines):
        return None
    lines = _without_drawing(lines)
    cr = "\r" in head and "\n" not in head
    best: tuple[float, Dialect] | None = None
    for delimiter, prior in _DELIMITERS.items():
        if head.count(delimiter) < 3:
            continue
        found = _judge(lines, delimiter)
        if found and (best is None or found[0] * prior > best[0]):
            best = found[0] * prior, replace(found[1], cr=cr)
    return best[1] if best else None


_RULE = re.compile(r"[-+]*-\+-[-+]*")
_COUNT = re.compile(r"\(\d+ \w+\)")


def _without_drawing(lines: list[str]) -> list[str]:
    """Return what a database client has printed without the rules between the rows, and their number below them."""
    if not any(map(_RULE.fullmatch, lines[:PREAMBLE])):
        return lines
    return [line for line in lines if not (_RULE.fullmatch(line.strip()) or _COUNT.fullmatch(line.strip()))]


def _quote(lines: Sequence[str], delimiter: str) -> str:
    """Return the quote character: ' only where it stands around the values of most lines."""
    mark = re.escape(delimiter)
    double, single = re.compile(rf'(?:^|{mark})"'), re.compile(rf"(?:^|{mark})'[^']*'(?={mark}|$)")
    if any(map(double.search, lines)):
        return '"'
    return "'" if sum(map(bool, map(single.search, lines))) * 2 > len(lines) else '"'


def field_pattern(delimiter: str, quote: str) -> str:
    """Return a pattern that matches, from the start of a row on, all fields that are complete."""
    mark, mute = re.escape(delimiter), re.escape(quote)
    quoted = f"{mute}(?:[^{mute}]++|{mute}{mute})*+{mute}[^{mark}]*+"
    return rf"(?:(?:{quoted}|[^{mute}{mark}][^{mark}]*+|)(?:{mark}|\Z))*+"


def records(lines: Sequence[str], delimiter: str, quote: str) -> Iterator[tuple[str, int]]:
    """Yield each row, its quoted newlines as spaces, with its number of fields."""
    complete = re.compile(field_pattern(delimiter, quote), re.DOTALL)
    quoted = re.compile(f"{quote}(?:[^{quote}]++|{quote}{quote})*+{quote}", re.DOTALL)
    at = 0
    while at < len(lines):
        row, taken = lines[at], 1
        if quote in row:
            while complete.match(row).end() < len(row) and taken < 50 and at + taken < len(lines):  # type: ignore[union-attr]
                row = f"{row} {lines[at + taken]}"
                taken += 1
            if complete.match(row).end() < len(row):  # type: ignore[union-attr]
                row, taken = lines[at], 1  # a stray quote
            else:
                row = quoted.sub(lambda found: found[0].replace(delimiter, " "), row)
        yield row, row.count(delimiter) + 1
        at += taken


def _judge(lines: Sequence[str], delimiter: str) -> tuple[float, Dialect] | None:
    """Return the score and dialect of `lines` as a table with `delimiter`, or None."""
    quote = _quote(lines, delimiter)
    rows = list(records(lines, delimiter, quote))
    tally = Counter(count for _, count in rows if count >= _LEAST.get(delimiter, 2))
    if not tally:
        return None
    columns = max(tally, key=lambda count: (tally[count], count))
    start = next(at for at, (_, count) in enumerate(rows) if count == columns)
    body = rows[start:]
    share = tally[columns] / len(body)
    needed = 0.9 if columns == 2 else 0.8 if columns < 5 else 0.6
    if start > min(PREAMBLE, len(rows) // 2) or tally[columns] < 3 or share < needed:
        return None
    full = [row for row, count in body if count == columns]
    if not _cells_not_sentences(full, delimiter, columns, share):
        return None
    cells = [cell for row in full for cell in row.split(delimiter) if cell.strip()]
    padded = sum(cell != cell.strip() for cell in cells) * 2 > len(cells)
    return share * (1 + log2(columns)), Dialect(delimiter, columns, quote, padded=padded)


_DECIMAL = re.compile(r"\s*[-+]?\d+,\d+\s*")


def _cells_not_sentences(rows: Sequence[str], delimiter: str, columns: int, share: float) -> bool:
    """Return whether the rows hold values rather than sentences, statements or indented lines.

    A column of comments may be as long as it likes, as long as half of the columns are not.
    """
    table = list(zip(*(row.split(delimiter) for row in rows), strict=True))
    filled = [[cell for cell in column if cell.strip()] for column in table]
    words = sorted(sum(len(cell.split()) for cell in cells) / max(1, len(cells)) for cells in filled)
    if columns == 2 and min(map(len, filled)) * 10 < len(rows):  # "x = 3;" and the like: one side is empty
        return False
    if delimiter == "\t" and sum(row.startswith("\t") for row in rows) * 2 > len(rows) and columns < 4:
        return False
    if words[0] > 4 or words[(columns - 1) // 2] > 12:
        return False
    if delimiter not in ",;":
        return True
    if columns == 2 and sum(map(bool, map(_DECIMAL.fullmatch, rows))) * 10 > len(rows) * 9:
        return False
    spaced = sum(row.count(delimiter + " ") for row in rows) * 2 > len(rows) * (columns - 1)
    stops = sum(row.rstrip().endswith((".", "!", "?", ":")) for row in rows) * 2 > len(rows)
    if spaced:
        return columns > 2 and share > 0.95 and sum(words) / columns <= 3 and len(rows) > 4 and not stops
    return delimiter == ";" or columns > 2 or (share > 0.97 and not stops)


# ---- what only looks like a table ----

_STAMP = r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d)?|[A-Z][a-z]{2} [A-Z]?[a-z]{0,2} ?[ \d]\d \d\d:\d\d:\d\d"
_CODE = re.compile(
    r"\s*(?:#include|#define|import |from \S+ import|def |class |function\b|return\b|(?:else )?if ?\(|for ?\(|while ?\("
    r"|else\b|\}|//|/\*|\*/|#!|public |private |protected |static |var |let |const |package |using |namespace |try\b"
    r"|catch\b|fi$|done$|echo |elif |except\b|print\()"
)
# (pattern, share of the lines that makes the text that format)
_MACHINE: Final = (
    (_CODE, 0.3),
    (re.compile(r"\s*(?:[{}\[\]]+,?\s*$|\"[^\"]*\"\s*:)"), 0.6),  # JSON, indented
    (re.compile(r"\s*(?:\{.*\}|\[.*\]),?\s*$"), 0.6),  # JSON lines
    (re.compile(r"\s*</?[A-Za-z!?]"), 0.5),  # XML, HTML
    (re.compile(r"\s*(?:INSERT\s|VALUES\b|\(.*\)[,;]\s*$|CREATE\s|DROP\s|LOCK\s|--)", re.IGNORECASE), 0.5),  # SQL
    (re.compile(r"[A-Za-z_][\w.-]*\s*=[^=]"), 0.6),  # settings
    (re.compile(rf"\[?(?:{_STAMP})(?:[.,]\d{{3,6}})?(?:Z|[-+]\d\d:?\d\d)?\]?(?: [-:])? +\[?\w"), 0.6),  # logs
    (re.compile(r"\d+\.\d+\.\d+\.\d+ \S+ \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:"), 0.5),  # web server logs
)
_HUMAN: Final = (
    (re.compile(r"(?:RES|TEX)\|"), 0.3),  # HPRIM
    (re.compile(r"\s*(?:[-*+]|\d+[.)]) +\w"), 0.6),  # lists
    (re.compile(r"[^\W\d][^,;|\t]{3,60}, n[ée]e? le \d"), 0.6),  # sentences: Mme Anne PETIT, née le 12/03/1965, asthme
)
_MARKDOWN = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)+\|?\s*")
_MESSAGE = re.compile(r"(?:From|To|Subject|Date|Received|Return-Path|MIME-Version|Content-Type|Message-ID):")
_FIRST = ("MSH|", "FHS|", "BHS|", "H|~", "H|^", "BEGIN:V", "$APICRYPT", "%PDF", "{\\rtf", "%!PS", "-----BEGIN")
_SECTION = re.compile(r"\[[^\]]+\]\s*")


def not_a_table(lines: Sequence[str]) -> bool:
    """Return whether non-blank `lines` are source code, a log, JSON, markup, settings, SQL or a message."""
    first = lines[0].lstrip("\ufeff \0\x0b")
    if first.startswith(_FIRST):
        return True
    part = lines[:200]
    if any(sum(map(bool, map(pattern.match, part))) > share * len(part) for pattern, share in _MACHINE + _HUMAN):
        return True
    if any(map(_MARKDOWN.fullmatch, part)) or sum(map(bool, map(_MESSAGE.match, part[:30]))) > 2:
        return True
    settings = sum("=" in line for line in part) * 3 > len(part)
    return settings and any(map(_SECTION.fullmatch, part))


_STATEMENT = re.compile(r".*(?:[{};(\[]|\):|\w\(.*\),?)\s*$|.*\s(?:=|==|!=|\+=|->|=>|:=|&&|\|\|)\s")


def is_machine_text(lines: Sequence[str]) -> bool:
    """Return whether most non-blank `lines` are source code, a log, JSON, markup, settings or SQL: no sentences."""
    matches = (sum(map(bool, map(pattern.match, lines))) for pattern, _ in _MACHINE)
    code = sum(bool(_CODE.match(line) or _STATEMENT.match(line)) for line in lines)
    return code * 2 > len(lines) or any(count * 2 > len(lines) for count in matches)
