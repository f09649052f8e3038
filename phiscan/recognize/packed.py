"""Cells that hold who a row is about all in one: "RAZAFY Armand 24/06/1947 (79 a) ch. 300".

Operating lists, lists of beds and labels pasted into a sheet are written so, on several lines of a cell. Name and birth
date, or the number of the patient, become columns of their own, and what is left stays where it stood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from phiscan.model import Role, Table
from phiscan.recognize import contents
from phiscan.recognize.dates import parse_date
from phiscan.recognize.plan import Plan
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.widen import BIRTH, NAME, widened

if TYPE_CHECKING:
    import pyarrow as pa

    from phiscan.recognize.widen import Filler

CIVILITY = r"(?:(?:M|Mr|Mme|MME|MR|Mlle|MLLE|Monsieur|Madame|MONSIEUR|MADAME|Enf|Enfant)\.? )?"
_WORD = r"[A-Z][A-Za-z'.\-]*"
WORDS = rf"{_WORD}(?:,? (?:{_WORD}|d[eu]s?|la|le|nee|ep\.?|d'{_WORD})){{1,6}}?"
BORN = r"(?:(?i:nee?|ne\(e\)|n\.e\.?|ddn|d\.d\.n\.?)(?: ?\(?(?i:e)\)?)?(?: (?i:le))?[ :.]{0,3})"
DATE = r"[0-3]?[0-9][/.\-][01]?[0-9][/.\-](?:(?:18|19|20)[0-9]{2}|[0-9]{2})"
BEFORE = r"(?:[A-Za-z.]{0,8} ?[0-9]{1,4}[ :\-]{1,3})?"  # a room, a number in a row
_NAMED = rf"^(?P<before>{BEFORE})(?P<name>{CIVILITY}{WORDS})[ ,;:(/|\-]{{1,5}}"
# For the regular expressions of Arrow as well: without lookarounds.
_DATED = rf"{_NAMED}(?P<told>{BORN}?)(?P<value>{DATE})(?P<rest>(?:[^0-9/].*)?)$"
DATED = re.compile(_DATED)
_NUMBERED = (
    rf"{_NAMED}(?P<told>(?i:ipp|nip|nda|iep|n[o.]? ?(?:de )?(?:dossier|patient|sejour))[ :.]{{0,3}}(?:n[o.]? ?)?)"
    r"(?P<value>[A-Z]{0,3}[0-9]{5,14})(?P<rest>(?:[^0-9A-Za-z].*)?)$"
)
_AGE = re.compile(r"[ ,;()\-]{0,4}[0-9]{1,3} ?(?:a|ans|mois|m)(?![a-z])")
_DIGITS = re.compile(r"[0-9][/.\-][0-9]|[0-9]{5}")
_LOOKED_AT = 400  # values
_LONGEST = 300  # characters of one
_FEWEST = 2
_MOST_OF = 0.6  # of the cells of a column
_GROWN = 2008  # who was born before has a birth date where nothing says that it is one
_NAMING = frozenset({"person_name", "nir", "ins", "patient_id", "birth_date"})


class Packed(NamedTuple):
    """A column whose cells hold people: where it stands, how they are written, and what is told of them."""

    at: int
    pattern: str
    label: str


def packed_column(rows: Sequence[Sequence[str]], first: int) -> Packed | None:
    """Return the column of a table whose cells hold names with birth dates or numbers, None where there is none."""
    width = max(map(len, rows), default=0)
    for at in range(width):
        cells = dict.fromkeys(row[at].strip() for row in rows[first:] if at < len(row))
        filled = [cell for cell in cells if cell][:_LOOKED_AT]
        short = [cell for cell in filled if len(cell) <= _LONGEST and _DIGITS.search(cell) and " " in cell]
        if len(short) < max(_FEWEST, _MOST_OF * len(filled)):
            continue
        for pattern, label, of_people in ((_DATED, BIRTH, _born), (_NUMBERED, "IPP", _numbered)):
            told = [match for cell in short if (match := re.match(pattern, cell))]
            if len(told) >= max(_FEWEST, _MOST_OF * len(filled)) and of_people(told):
                return Packed(at, pattern, label)
    return None


def _born(told: Sequence[re.Match[str]]) -> bool:
    """Whether names stand beside birth dates, and not beside days on which something is done."""
    days = sorted(day.year for match in told if (day := parse_date(match["value"])))
    if len(days) < len(told) * _MOST_OF or not _numbered(told):
        return False
    said = sum(bool(match["told"]) or _AGE.match(match["rest"]) is not None for match in told)
    return said * 2 >= len(told) or days[len(days) // 2] < _GROWN


def _numbered(told: Sequence[re.Match[str]]) -> bool:
    return contents.whole_names([match["name"] for match in told])


def unpacked(table: Table, first: int, packed: Packed) -> Table:
    """Return the table with the people of a column in columns of their own."""

    def filler() -> Filler:
        return lambda batch: _split(batch, packed)

    return widened(table, first, (NAME, packed.label), filler)


def _split(batch: pa.RecordBatch, packed: Packed) -> tuple[dict[int, pa.StringArray], list[pa.StringArray]]:
    import pyarrow.compute as pc

    values = pc.ascii_trim_whitespace(batch.column(packed.at))
    parts = pc.extract_regex(values, packed.pattern)

    def part(name: str) -> pa.StringArray:
        return pc.fill_null(pc.struct_field(parts, name), "")

    rest = pc.ascii_trim_whitespace(pc.binary_join_element_wise(part("before"), part("rest"), ""))
    left = pc.if_else(pc.equal(part("name"), ""), values, rest)
    return {packed.at: left}, [part("name"), part("value")]


def named_beside(plan: Plan, at: int, ruleset: Ruleset) -> bool:
    """Whether another column of a table tells who its rows are about."""
    return any(
        column.recognizer >= 0
        and column.index != at
        and column.role is Role.PATIENT
        and ruleset.recognizers[column.recognizer].category in _NAMING
        for column in plan.columns
    )
