"""Bare codes: whether B24 in a column is a disease, or a cellar, a road, an opening of chess.

A code of three characters says nothing by itself, and many programs write such codes. So it counts among words, which
is how somebody remarks it; where the header, a decimal, or the other columns say that diseases are meant; and in a
column without a name if its codes are ones that CIM-10 has. `recognizers/codes.yaml` has the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from phiscan.model import Kind
from phiscan.recognize.cells import shape_of
from phiscan.recognize.contents import share
from phiscan.recognize.freetext import FreeText
from phiscan.recognize.guess import ROUND
from phiscan.recognize.headers import tokens
from phiscan.recognize.places import any_of, of_place
from phiscan.recognize.plan import Column, Plan, Sample
from phiscan.recognize.recognizer import CodeSystemFile
from phiscan.recognize.ruleset import Ruleset

_CODE = re.compile(r"[A-Za-z]{1,2}[0-9]{1,4}[A-Za-z]?")
_SIGLE = re.compile(r"[A-Z]{2,5}")  # PREP is a class, an order on its way, and a prophylaxis
_PART = re.compile(r"[A-Za-z0-9.]+")
_DECIMAL = re.compile(r"(?i)(?<![a-z0-9])[a-z][0-9]{2}[.][0-9]{1,3}(?![a-z0-9])")
_CATEGORY = re.compile(r"(?<![A-Z0-9])[A-Z][0-9]{2}(?![0-9]{2})")
_CODES = frozenset("code codes cod cd".split())
_VALID = 0.9  # of the codes of a column without a name
_PROVEN, _CHAPTERS, _ALL = 12, 6, 0.95  # codes so various and so valid are diseases whatever the header says


def find_bare(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Tell of each column without a role whether bare codes in it may be diseases."""
    system = ruleset.systems.get("cim10")
    if system is None:
        return
    for column in plan.columns:
        if column.free and _of_codes(sample, column.index):
            column.bare = _diseases(column, plan, sample, ruleset, system.file)


def could_be(header: str, values: list[str], file: CodeSystemFile) -> bool:
    """Whether values that look like codes of a system can be: their header names no places, and the system has them."""
    words = tokens(header)
    return any_of(words, file.told) or not (of_place(header, file) or _valid(values, file) < _VALID)


def _of_codes(sample: Sample, at: int) -> bool:
    """Whether half of the filled cells or more are letters and digits and no words, or capitals, PREP among them."""
    filled = [row[at].strip() for row in sample.rows if at < len(row) and row[at].strip()]
    told = [value for value in filled if any(char.isalnum() for char in value)]
    return bool(told) and (share(told, _of_code) >= 0.5 or ("PREP" in told and share(told, _SIGLE.fullmatch) >= 0.5))


def _of_code(value: str) -> bool:
    parts = _PART.findall(value)
    return sum(1 for part in parts if _CODE.fullmatch(part)) * 2 > len(parts)


def _diseases(column: Column, plan: Plan, sample: Sample, ruleset: Ruleset, file: CodeSystemFile) -> bool:
    values = sample.values[column.index]
    words = tokens(column.header)
    if any_of(words, file.told):
        return True
    if any_of(words, file.elsewhere):
        return False
    if any(_DECIMAL.search(value) for value in values) or _proven(values, file):
        return True
    if _of_nothing(words) and _CODES.isdisjoint(words):
        return _valid(values, file) >= _VALID
    column.bare = False
    if _tells(column, values, ruleset):
        return True
    others = [other for other in plan.columns if other is not column]
    if not _CODES.isdisjoint(words) and any(any_of(tokens(other.header), file.care) for other in others):
        return True
    return any(_medical(other, sample.values[other.index], ruleset) for other in others)


def _of_nothing(words: Iterable[str]) -> bool:
    """Whether a header says nothing: none, `F12`, `C_7`, `VALEUR`."""
    return all(word in ROUND or len(word) <= 1 or any(char.isdigit() for char in word) for word in words)


def _medical(column: Column, values: list[str], ruleset: Ruleset) -> bool:
    """Whether a column is of patients' care: numbers of patients, facts by its header or in its words."""
    if column.system or column.recognizer < 0:
        return bool(column.system) or (column.free and not column.work and _tells(column, _words(values), ruleset))
    recognizer = ruleset.recognizers[column.recognizer]
    if recognizer.kind is not Kind.HEALTH:
        return recognizer.category in ("patient_id", "ins")
    if recognizer.category == "exam_date":
        return False
    return recognizer.file.fields.values != "pattern" or share(values, lambda value: shape_of(recognizer, value)) >= 0.5


def _tells(column: Column, values: list[str], ruleset: Ruleset) -> bool:
    """Whether values tell a fact."""
    import pyarrow as pa

    for _, hits in FreeText(ruleset).hits(column, pa.array(values, pa.string())):
        found = (ruleset.recognizers[hit.recognizer] for hit in hits)
        if any(one.kind is Kind.HEALTH and one.category != "exam_date" for one in found):
            return True
    return False


def _words(values: list[str]) -> list[str]:
    """Return the values that are no codes: these do not vouch for one another."""
    return [value for value in values if not _CODE.fullmatch(value)]


def _proven(values: list[str], file: CodeSystemFile) -> bool:
    categories = _categories(values)
    various = len(categories) >= _PROVEN and len({category[0] for category in categories}) >= _CHAPTERS
    return various and bool(file.categories) and _valid(values, file) >= _ALL


def _valid(values: list[str], file: CodeSystemFile) -> float:
    """Return the share of the codes of a column that the system has."""
    known = _known(file.categories)
    codes = {part.upper() for value in values for part in _PART.findall(value) if _CODE.fullmatch(part)}
    return sum(code[:3] in known for code in codes) / len(codes) if known and codes else 1.0


def _categories(values: list[str]) -> set[str]:
    return {category for value in values for category in _CATEGORY.findall(value.upper())}


@lru_cache(maxsize=8)
def _known(ranges: tuple[str, ...]) -> frozenset[str]:
    """Return the categories of ranges such as A00-A09."""
    pairs = (written.partition("-") for written in ranges)
    return frozenset(
        f"{first[0]}{number:02}"
        for first, _, last in pairs
        for number in range(int(first[1:]), int((last or first)[1:]) + 1)
    )
