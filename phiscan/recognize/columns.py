"""The plan of a table, made from a sample: where the header is, and what each column holds.

A column whose header is known, and whose values agree, has a role and gets that role's check. Without
a header (or with one that misleads) the statistics of its values decide. What has no role is free
text for the automaton.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile

from phiscan.model import Kind, Role
from phiscan.recognize import validators
from phiscan.recognize.dates import parse_date
from phiscan.recognize.names import is_null
from phiscan.recognize.persons import first_name
from phiscan.recognize.ruleset import COLUMN, FIELD, Recognizer, Ruleset
from phiscan.recognize.terms import normal

_LOOKED_AT = 15  # rows a header may hide under titles
_DISTINCT = 400  # distinct values of the sample that are judged
_TYPED = re.compile(r"^[\d.,/:\- +]+$")


@dataclass(slots=True)
class Column:
    """What one column holds. `recognizer` −1 is free text; `evidence` is FIELD, COLUMN or both."""

    index: int
    header: str  # folded, "" where there is none
    label: str  # what may be shown
    recognizer: int = -1
    part: str = ""
    role: Role = Role.PATIENT
    evidence: int = 0
    system: str = ""  # a code system's column
    skip: bool = False  # holds nothing that could be found: short numbers


@dataclass(slots=True)
class Plan:
    """Fixed for a table and sent with every part of it. `first` is the number of rows before the data."""

    first: int
    columns: list[Column] = field(default_factory=list)

    def of(self, ruleset: Ruleset, category: str, part: str | None = None) -> list[Column]:
        """Return the columns of a category (and part)."""
        return [
            column
            for column in self.columns
            if column.recognizer >= 0
            and ruleset.recognizers[column.recognizer].category == category
            and (part is None or column.part == part)
        ]


def make_plan(rows: Sequence[Sequence[str]], names: Sequence[str] | None, ruleset: Ruleset) -> Plan:
    """Make the plan of a table from sample rows (folded cells; the first ones from its beginning)."""
    width = max((len(row) for row in rows), default=len(names or ()))
    first, header = (0, list(names)) if names else find_header(rows, width, ruleset)
    header += [""] * (width - len(header))
    values = [_distinct([row[i] for row in rows[first:] if i < len(row)]) for i in range(width)]
    plan = Plan(first)
    for index in range(width):
        plan.columns.append(_column(index, header[index].strip(), values[index], ruleset))
    _numbers_and_keys(plan, values, rows[first:], ruleset)
    _neighbours(plan, values, rows[first:], ruleset)
    _blood_in_two(plan, values, ruleset)
    _directory(plan, ruleset)
    return plan


def find_header(rows: Sequence[Sequence[str]], width: int, ruleset: Ruleset) -> tuple[int, list[str]]:
    """Return the number of rows before the data, and the header's cells ([] where there is none)."""
    best, at = 0.0, -1
    for position, row in enumerate(rows[:_LOOKED_AT]):
        filled = [cell.strip() for cell in row if cell.strip()]
        known = sum(1 for cell in filled if ruleset.headers.known(cell) and not _TYPED.match(cell))
        if known > best and known >= min(2, width) and known * 4 >= len(filled) and len(filled) * 2 >= width:
            best, at = known, position
    if at < 0 and _looks_like_header(rows, width):
        at = 0
    return (at + 1, [cell.strip() for cell in rows[at]]) if at >= 0 else (0, [])


def _looks_like_header(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether the first row, in no vocabulary, still differs from what stands below it as names differ from values."""
    if len(rows) < 3:
        return False
    head = [cell.strip() for cell in rows[0]]
    body = rows[1:200]
    if len(set(head)) < len(head) or any(not cell or _TYPED.match(cell) for cell in head):
        return False
    if any(first_name(cell) for cell in head):
        return False
    typed = 0
    for index, _ in enumerate(head):
        cells = [row[index].strip() for row in body if index < len(row) and row[index].strip()]
        typed += bool(cells) and sum(1 for cell in cells if _TYPED.match(cell)) >= 0.8 * len(cells)
    below = {cell.strip() for row in body for cell in row}
    return typed > 0 or not any(cell in below for cell in head)


def _distinct(cells: list[str]) -> list[str]:
    """The filled cells of a column's sample, each distinct value once, placeholders left out."""
    filled = dict.fromkeys(cell.strip() for cell in cells)
    return [cell for cell in filled if cell and (cell in "+-" or not is_null(cell))][:_DISTINCT]


def _column(index: int, header: str, values: list[str], ruleset: Ruleset) -> Column:
    known = bool(header) and ruleset.headers.known(header)
    column = Column(index, header, header if known else f"#{index + 1}")
    if header:
        refs, column.role = ruleset.headers.find(header)
        for ref in sorted(refs, key=lambda ref: _preference(ref.recognizer, column.role, ruleset)):
            if ref.recognizer < 0:
                column.system = ref.part
                return column
            if _agrees(ruleset.recognizers[ref.recognizer], ref.part, values):
                column.recognizer, column.part, column.evidence = ref.recognizer, ref.part, FIELD
                break
    if column.recognizer < 0 or not column.evidence:
        _by_content(column, values, ruleset)
    elif _share(values, _content_check(ruleset.recognizers[column.recognizer])) >= 0.8:
        column.evidence |= COLUMN
    column.skip = column.recognizer < 0 and not column.system and all(_dull(value) for value in values) and bool(values)
    return column


def _preference(index: int, role: Role, ruleset: Ruleset) -> int:
    """A professional's header leads to a professional category first, anybody else's to the others first."""
    professional = index >= 0 and ruleset.recognizers[index].kind is Kind.PROFESSIONAL
    return int(professional is not (role is Role.PROFESSIONAL))


def _dull(value: str) -> bool:
    """Whether a value is too short and too numeric to hold a fact or an identifier."""
    return len(value) < 9 and not any(char.isalpha() for char in value) and "+" not in value


def _share(values: list[str], check: Callable[[str], bool] | None) -> float:
    if check is None or not values:
        return 0.0
    return sum(1 for value in values if check(value)) / len(values)


def _agrees(recognizer: Recognizer, part: str, values: list[str]) -> bool:
    """Whether a column's values can be what its header says."""
    if not values:
        return True
    kind = recognizer.file.fields.values
    if part == "key":
        return _share(values, lambda value: value.isdigit() and len(value) <= 2) >= 0.8
    if kind == "name" or recognizer.category == "address":
        return _share(values, _wordlike) >= (0.6 if kind == "name" else 0.0)
    if kind == "date":
        return _share(values, lambda value: parse_date(value) is not None) >= 0.5
    if kind == "coded" and not part:
        return _share(values, lambda value: len(value) <= 40) >= 0.5
    check = _content_check(recognizer)
    if kind != "pattern" or check is None or part:
        return True
    return _share(values, lambda value: check(value) or _shaped(recognizer, value)) >= 0.3


def _wordlike(value: str) -> bool:
    letters = sum(char.isalpha() for char in value)
    return letters >= 1 and letters * 2 >= len(value) and value.count(" ") <= 6


def _shaped(recognizer: Recognizer, value: str) -> bool:
    from phiscan.recognize.cells import shape_of

    return shape_of(recognizer, value)


def _content_check(recognizer: Recognizer) -> Callable[[str], bool] | None:
    return recognizer.validator


def _by_content(column: Column, values: list[str], ruleset: Ruleset) -> None:
    """Give a column without a trusted header the role that its values prove."""
    if len(values) < 3:
        return
    for recognizer in ruleset.recognizers:
        test = _CONTENT.get(recognizer.category)
        if test is None or recognizer.file.fields == type(recognizer.file.fields)():
            continue
        part = test(values)
        if part is not None:
            column.recognizer, column.part, column.evidence = recognizer.index, part, COLUMN
            return


def _mostly(name: str, least: float, distinct: int) -> Callable[[list[str]], str | None]:
    def test(values: list[str]) -> str | None:
        check = validators.VALIDATORS.get(name)
        return "" if len(values) >= distinct and _share(values, check) >= least else None

    return test


def _first_names(values: list[str]) -> str | None:
    share = _share(values, lambda value: first_name(re.split(r"[ ,]", value)[0]))
    if len(values) < 3 or share < 0.6:
        return None
    several = _share(values, lambda value: len(value.split()) >= 2)
    return "" if several >= 0.8 else "first_name"


_GROUP = re.compile(r"^(?:AB|A|B|O|0) ?(?:RH(?:ESUS)? ?)?D? ?(?:[+-]|(?:POS|NEG)\w{0,5})$", re.IGNORECASE)


def _blood(values: list[str]) -> str | None:
    return "" if len(values) >= 3 and _share(values, lambda value: bool(_GROUP.match(value))) >= 0.8 else None


def _births(values: list[str]) -> str | None:
    """Dates that spread as the births of a population do: over decades, most of them long ago."""
    dates = [date for date in map(parse_date, values) if date is not None]
    if len(values) < 8 or len(dates) < 0.9 * len(values):
        return None
    years = sorted(date.year for date in dates)
    spread = years[len(years) * 9 // 10] - years[len(years) // 10]
    return "" if spread >= 25 and years[len(years) // 2] < 2012 else None


_CONTENT: dict[str, Callable[[list[str]], str | None]] = {
    "nir": _mostly("nir", 0.6, 3),
    "iban": _mostly("iban", 0.8, 3),
    "email": _mostly("email", 0.8, 3),
    "rpps": _mostly("rpps", 0.9, 5),
    "phone": _mostly("phone_fr", 0.8, 5),
    "person_name": _first_names,
    "blood_group": _blood,
    "birth_date": _births,
}


_INSURED = re.compile(r"[12][0-9]{2}(?:0[1-9]|1[0-2])(?:[0-9]{2}|2[AB])[0-9]{6}")


def _numbers_and_keys(
    plan: Plan, values: list[list[str]], rows: Sequence[Sequence[str]], ruleset: Ruleset
) -> None:
    """A column of thirteen digits built like NIR is one, all the more with their keys in a column beside it.

    Half of all thirteen-digit numbers could be a NIR; nearly all of a column that begin with 1 or 2 and go on with
    a year and a month are.
    """
    nir = next((r.index for r in ruleset.recognizers if "key" in r.file.fields.parts), -1)
    if nir < 0 or plan.of(ruleset, "nir"):
        return
    for column in plan.columns:
        bare = [re.sub(r"[ .\-]", "", value) for value in values[column.index]]
        if column.recognizer >= 0 or len(bare) < 20 or _share(bare, _is_insured) < 0.9:
            continue
        _give(column, nir, "")
        for index in (column.index + 1, column.index - 1):
            if 0 <= index < len(plan.columns) and _keys(rows, column.index, index) >= 0.8:
                _give(plan.columns[index], nir, "key")
                break


def _is_insured(value: str) -> bool:
    return _INSURED.fullmatch(value) is not None


def _keys(rows: Sequence[Sequence[str]], number: int, key: int) -> float:
    """The share of rows in which one column's key fits the other's number."""
    pairs = [(row[number].strip(), row[key].strip()) for row in rows if max(number, key) < len(row)]
    pairs = [(a, b) for a, b in pairs if a and b]
    fitting = sum(len(b) <= 2 and validators.nir(a + b.rjust(2, "0")) for a, b in pairs)
    return fitting / len(pairs) if pairs else 0.0


def _give(column: Column, recognizer: int, part: str) -> None:
    column.recognizer, column.part = recognizer, part
    column.evidence, column.skip = COLUMN, False


def _neighbours(
    plan: Plan, values: list[list[str]], rows: Sequence[Sequence[str]], ruleset: Ruleset
) -> None:
    """Columns of single words beside first names hold the surnames: that in use, and the sparser one that of birth."""
    firsts = plan.of(ruleset, "person_name", "first_name")
    if not firsts or plan.of(ruleset, "person_name", "last_name"):
        return
    for first in firsts:
        for near in ((first.index - 1, first.index - 2), (first.index + 1, first.index + 2)):
            found = list(takewhile(lambda at: _surnames(plan, at, values, ruleset), near))
            if found:
                found.sort(key=lambda at: -sum(1 for row in rows if at < len(row) and row[at].strip()))
                for at, part in zip(found, ("last_name", "birth_name"), strict=False):
                    _give(plan.columns[at], first.recognizer, part)
                return


_ABO = {"A", "B", "AB", "O", "0"}
_RHESUS = {"+", "-", "POS", "NEG", "POSITIF", "NEGATIF", "P", "N", "RH+", "RH-", "D+", "D-"}


def _blood_in_two(plan: Plan, values: list[list[str]], ruleset: Ruleset) -> None:
    """A column of A, B, AB and O beside one of + and − is a blood group, whatever the headers say."""
    index = next((r.index for r in ruleset.recognizers if {"abo", "rh"} <= r.file.fields.parts.keys()), -1)
    if index < 0:
        return
    for left, right in pairwise(plan.columns):
        for abo, rhesus in ((left, right), (right, left)):
            groups, signs = ({value.upper() for value in values[column.index]} for column in (abo, rhesus))
            if len(groups) >= 2 and groups <= _ABO and signs and signs <= _RHESUS:
                for column, part in ((abo, "abo"), (rhesus, "rh")):
                    column.recognizer, column.part, column.skip = index, part, False
                    column.evidence = column.evidence or COLUMN


_FIRMS = {
    "siret", "siren", "nsiret", "nsiren", "nosiret", "nosiren", "numsiret", "numsiren", "raisonsociale",
    "formejuridique", "codeape", "codenaf", "tvaintracom", "tvaintracommunautaire", "ntvaintracommunautaire",
}  # fmt: skip
_PATIENT = ("nir", "ins", "birth_date", "patient_id")


def _directory(plan: Plan, ruleset: Ruleset) -> None:
    """A table with the numbers of professionals or firms and nothing of a patient's: the names are theirs."""
    firms = any(re.sub("[^a-z]", "", normal(column.header)) in _FIRMS for column in plan.columns)
    if not firms and not any(plan.of(ruleset, category) for category in ("rpps", "adeli", "finess")):
        return
    if any(column.role is Role.PATIENT for category in _PATIENT for column in plan.of(ruleset, category)):
        return
    for column in plan.columns:
        column.role = Role.PROFESSIONAL


def _surnames(plan: Plan, at: int, values: list[list[str]], ruleset: Ruleset) -> bool:
    """Whether a column can hold surnames: it has no role, or that of a full name, and holds single words."""
    if not 0 <= at < len(plan.columns) or len(values[at]) < 3:
        return False
    column = plan.columns[at]
    whole_name = column.recognizer >= 0 and not column.part and (
        ruleset.recognizers[column.recognizer].category == "person_name"
    )
    if column.recognizer >= 0 and not whole_name:
        return False
    fit = _share(values[at], lambda v: len(v) > 1 and all(c.isalpha() or c in " '-." for c in v))
    return fit >= 0.9 and _share(values[at], lambda value: len(value.split()) <= 3) >= 0.9 and not _coded(values[at])


def _coded(values: list[str]) -> bool:
    """Whether a column holds a few short codes, such as F and M, rather than names."""
    return len(set(values)) <= 6 and _share(values, lambda value: len(value) <= 3) >= 0.8
