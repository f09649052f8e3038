"""Cells that hold who a row is about all in one: "RAZAFY Armand 24/06/1947 (79 a) ch. 300".

Operating lists, lists of beds and labels pasted into a sheet are written so, on several lines of a cell. Name and birth
date become columns of their own, and what is left stays where it stood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

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
# For the regular expressions of Arrow as well: without lookarounds.
_PACKED = (
    rf"^(?P<before>(?:[A-Za-z.]{{0,8}} ?[0-9]{{1,4}}[ :\-]{{1,3}})?)(?P<name>{CIVILITY}{WORDS})"
    rf"[ ,;:(/|\-]{{1,5}}(?P<born>{BORN}?)(?P<birth>{DATE})(?P<rest>(?:[^0-9/].*)?)$"
)
_PYTHON = re.compile(_PACKED)
_AGE = re.compile(r"[ ,;()\-]{0,4}[0-9]{1,3} ?(?:a|ans|mois|m)(?![a-z])")
_LOOKED_AT = 400  # values
_FEWEST = 2
_MOST_OF = 0.6  # of the cells of a column
_GROWN = 2008  # who was born before has a birth date where nothing says that it is one
_NAMING = frozenset({"person_name", "nir", "ins", "patient_id", "birth_date"})


def packed_column(rows: Sequence[Sequence[str]], first: int) -> int:
    """Return the column of a table whose cells hold names and birth dates, −1 where there is none."""
    width = max(map(len, rows), default=0)
    for at in range(width):
        cells = dict.fromkeys(row[at].strip() for row in rows[first:] if at < len(row))
        filled = [cell for cell in cells if cell][:_LOOKED_AT]
        if len(filled) >= _FEWEST and _of_people(filled):
            return at
    return -1


def _of_people(filled: Sequence[str]) -> bool:
    told = [match for cell in filled if "/" in cell or "." in cell or "-" in cell if (match := _PYTHON.match(cell))]
    if len(told) < max(_FEWEST, _MOST_OF * len(filled)):
        return False
    if not contents.whole_names([match["name"] for match in told]):
        return False
    days = [day for match in told if (day := parse_date(match["birth"]))]
    said = sum(bool(match["born"]) or _AGE.match(match["rest"]) is not None for match in told)
    if len(days) < len(told) * _MOST_OF:
        return False
    return said * 2 >= len(told) or sorted(day.year for day in days)[len(days) // 2] < _GROWN


def unpacked(table: Table, first: int, at: int) -> Table:
    """Return the table with the names and birth dates of a column in columns of their own."""

    def filler() -> Filler:
        return lambda batch: _split(batch, at)

    return widened(table, first, (NAME, BIRTH), filler)


def _split(batch: pa.RecordBatch, at: int) -> tuple[dict[int, pa.StringArray], list[pa.StringArray]]:
    import pyarrow.compute as pc

    values = pc.ascii_trim_whitespace(batch.column(at))
    parts = pc.extract_regex(values, _PACKED)

    def part(name: str) -> pa.StringArray:
        return pc.fill_null(pc.struct_field(parts, name), "")

    rest = pc.ascii_trim_whitespace(pc.binary_join_element_wise(part("before"), part("rest"), ""))
    left = pc.if_else(pc.equal(part("name"), ""), values, rest)
    return {at: left}, [part("name"), part("birth")]


def named_beside(plan: Plan, at: int, ruleset: Ruleset) -> bool:
    """Whether another column of a table tells who its rows are about."""
    return any(
        column.recognizer >= 0
        and column.index != at
        and column.role is Role.PATIENT
        and ruleset.recognizers[column.recognizer].category in _NAMING
        for column in plan.columns
    )
