"""Medical headers of other trades: DIAGNOSTIC over injectors, SODIUM over wells, VACCIN over dogs.

A column of diagnoses takes any text and one of analyses any number, so nothing in it contradicts its header. What does
is the rest of the table: the other headers, and what all the cells together are about. Wherever something medical
stands beside, or the cells read so, the header is believed. The words are those of `recognizers/trades.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from phiscan.model import Kind, Role
from phiscan.recognize import contents
from phiscan.recognize.care import symbol
from phiscan.recognize.cells import judge_filled, shape_of
from phiscan.recognize.contents import share
from phiscan.recognize.freetext import FreeText, Hits
from phiscan.recognize.guess import ROUND
from phiscan.recognize.headers import tokens
from phiscan.recognize.plan import Column, Plan, Sample
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.terms import normal, words_pattern

_JOINED = 3  # words of a header that are compared as one
_VARIOUS = 10  # distinct cells of which one at least would read medically
_FEW_OF_FREE = 20  # one fact in so many cells of another column is somebody's
_NUMBERS = frozenset({"nir", "ins", "patient_id"})
_LEADING = re.compile(r"[<>*= ]{0,4}(\d{1,7}(?:[ ]\d{3})*(?:[.,]\d{1,4})?)")


def find_trades(plan: Plan, sample: Sample, ruleset: Ruleset) -> list[Column]:
    """Take from a plan what is another trade's; return the columns whose headers say nothing any more."""
    if _of_animals(plan, sample, ruleset):
        for column in plan.columns:
            column.role = Role.PROFESSIONAL  # the names are those of owners
        return []
    return [*_texts(plan, sample, ruleset), *_analyses(plan, sample, ruleset)]


def _of_animals(plan: Plan, sample: Sample, ruleset: Ruleset) -> bool:
    """Whether the rows are animals: a column names them, or two tell of them.

    Somebody with a birth date may have a dog, and a nurse's list says where one is: then it takes both.
    """
    words = ruleset.trades.animals
    named = [column for column in plan.columns if _names_animals(column, sample, words.named)]
    told = [column for column in plan.columns if column not in named and _has(column.header, words.told)]
    if _numbered(plan, ruleset):
        return False
    if len(told) >= 2 or (named and told):
        return True
    return bool(named) and not plan.of(ruleset, "birth_date") and not _cared_for(plan.columns, ruleset)


def _names_animals(column: Column, sample: Sample, words: tuple[str, ...]) -> bool:
    """Whether nearly every row has an animal under a header that means nothing else."""
    kept = [word for word in tokens(column.header) if word not in ROUND and word != "nom"]
    values = sample.values[column.index]
    return (
        len(kept) == 1
        and _has(kept[0], words)
        and not contents.coded(values)
        and sample.filled(column.index) * 5 >= len(sample.rows) * 4
    )


def _texts(plan: Plan, sample: Sample, ruleset: Ruleset) -> list[Column]:
    """Take away the columns of texts whose headers other trades have too, where nothing tells of patients."""
    doubtful = [column for column in plan.columns if _doubtful(column, ruleset)]
    others = [column for column in plan.columns if column not in doubtful]
    if not doubtful or _patients(plan, others, sample, ruleset) or _facts_in(others, sample, ruleset):
        return []
    against = any(_has(column.header, ruleset.trades.beside) for column in others)
    wards = any(_has(column.header, ruleset.trades.wards) for column in others)
    if any(_stands(sample.values[column.index], ruleset, against=against, wards=wards) for column in doubtful):
        return []
    return [_taken(column) for column in doubtful]


def _doubtful(column: Column, ruleset: Ruleset) -> bool:
    if column.recognizer < 0:
        return False
    recognizer = ruleset.recognizers[column.recognizer]
    text = recognizer.kind is Kind.HEALTH and (column.values or recognizer.file.fields.values) == "text"
    return text and _is("".join(tokens(column.header)), ruleset.trades.doubtful)


def _stands(cells: list[str], ruleset: Ruleset, *, against: bool, wards: bool) -> bool:
    """Whether a doubtful column tells of patients by its cells: how many have to depends on the other headers."""
    values = _filled(cells)
    if not values:
        return False
    foreign = _pattern(ruleset.trades.values)
    rest = [value for value in values if foreign is None or not foreign.search(normal(value).encode())]
    medical = _medical(rest, ruleset)
    if against:
        return medical * 4 > len(values) and medical >= len(values) - len(rest)
    if medical * 20 >= len(values):
        return True
    return wards or (len(values) < _VARIOUS and (len(values) - len(rest)) * 2 < len(values))


def _filled(values: list[str]) -> list[str]:
    """The values that say something: neither RAS nor néant."""
    import pyarrow as pa

    said = judge_filled(pa.array(values, pa.string())).evidence
    return [value for value, filled in zip(values, said.tolist(), strict=True) if filled]


def _medical(values: list[str], ruleset: Ruleset) -> int:
    """Return how many values read medically, as people jot down what somebody has."""
    import pyarrow as pa

    jotted = _pattern(ruleset.trades.medical)
    remark = Column(0, "", "", clinical=True)
    read = {at for at, hits in FreeText(ruleset).hits(remark, pa.array(values, pa.string())) if _tells(hits, ruleset)}
    if jotted is not None:
        read |= {at for at, value in enumerate(values) if jotted.search(normal(value).encode())}
    return len(read)


def _facts_in(columns: Iterable[Column], sample: Sample, ruleset: Ruleset) -> bool:
    """Whether facts stand in columns of which nothing is known."""
    import pyarrow as pa

    for column in columns:
        values = sample.values[column.index]
        if column.free and values:
            found = FreeText(ruleset).hits(column, pa.array(values, pa.string()))
            if sum(_tells(hits, ruleset) for _, hits in found) * _FEW_OF_FREE >= len(values):
                return True
    return False


def _tells(hits: Hits, ruleset: Ruleset) -> bool:
    return any(ruleset.recognizers[hit.recognizer].kind is Kind.HEALTH for hit in hits)


def _patients(plan: Plan, others: list[Column], sample: Sample, ruleset: Ruleset) -> bool:
    """Whether the other columns say that the rows are patients: a number of theirs, a word of care, a sure fact."""
    return (
        _numbered(plan, ruleset)
        or _cared_for(others, ruleset)
        or any(_sure(column, sample.values[column.index], ruleset) for column in others)
    )


def _numbered(plan: Plan, ruleset: Ruleset) -> bool:
    return any(column.role is Role.PATIENT for name in _NUMBERS for column in plan.of(ruleset, name))


def _cared_for(columns: Iterable[Column], ruleset: Ruleset) -> bool:
    return any(_has(column.header, ruleset.trades.care) for column in columns)


def _sure(column: Column, values: list[str], ruleset: Ruleset) -> bool:
    """Whether a column holds facts of care and nothing else: a RESULTAT of games is none."""
    if column.system:
        return bool(values)
    if column.recognizer < 0:
        return False
    recognizer = ruleset.recognizers[column.recognizer]
    if recognizer.kind is not Kind.HEALTH or recognizer.category == "exam_date":
        return False
    pattern = (column.values or recognizer.file.fields.values) == "pattern"
    return share(values, lambda value: shape_of(recognizer, value)) >= 0.3 if pattern else bool(values)


def _analyses(plan: Plan, sample: Sample, ruleset: Ruleset) -> list[Column]:
    """Take away analyses of water, soil and milk, and numbers of brochures."""
    words = ruleset.trades.analyses
    reader = next((r.index for r in ruleset.recognizers if r.id == "health.lab_column"), -1)
    measured = [column for column in plan.columns if _element(column, sample.values[column.index], ruleset)]
    others = [column for column in plan.columns if column not in measured]
    if not measured or reader < 0:
        return []
    patients = _patients(plan, others, sample, ruleset)
    beside = any(_has(column.header, words.beside) for column in plan.columns)
    human = [_human(column, sample.values[column.index], ruleset) for column in measured]
    told = plan.of_patient(ruleset) and True in human and False not in human  # born, and of what people have
    if not patients and ((beside and not told) or (False in human and True not in human)):
        return [_taken(column) for column in measured]
    for column, fits in zip(measured, human, strict=True):
        if fits and column.recognizer != reader:  # a level, and no dose of the drug of that name
            column.give(reader, evidence=column.evidence)
    return []


def _element(column: Column, values: list[str], ruleset: Ruleset) -> str:
    """Return the analysis that a column of numbers holds, where waters and soils have it too; else ""."""
    if column.recognizer < 0 or not contents.numbers(values):
        return ""
    if ruleset.recognizers[column.recognizer].category not in ("lab_result", "treatment"):
        return ""
    name = next((word for word in tokens(column.header) if word not in ROUND), "")
    if name not in ruleset.trades.analyses.ranges and symbol(column.header):
        name = tokens(column.header)[0]
    return name if name in ruleset.trades.analyses.ranges else ""


def _human(column: Column, values: list[str], ruleset: Ruleset) -> bool | None:
    """Whether most of the numbers of a column are what people have; None where that cannot be told."""
    words = ruleset.trades.analyses
    name = _element(column, values, ruleset)
    numbers = [float(m[1].replace(" ", "").replace(",", ".")) for v in values if (m := _LEADING.match(v))]
    whole = [word for word in tokens(column.header) if word not in ROUND]
    ranges = words.ranges[name]
    if not numbers or not ranges or len(whole) > 1:
        return None
    step = words.round.get(name)
    if step and len(numbers) >= 3 and all(number < 2000 and number % step == 0 for number in numbers):
        return False
    inside = sum(any(low <= number <= high for low, high in ranges) for number in numbers)
    return inside * 2 >= len(numbers)


def _taken(column: Column) -> Column:
    column.recognizer, column.part, column.evidence, column.values = -1, "", 0, ""
    return column


@lru_cache(maxsize=64)
def _forms(words: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Words as headers are compared: whole ones, and beginnings."""
    forms = ["".join(tokens(word)) for word in words]
    whole = frozenset(form for form in forms if not form.endswith("*"))
    return whole, tuple(form[:-1] for form in forms if form.endswith("*"))


def _is(form: str, words: tuple[str, ...]) -> bool:
    whole, beginnings = _forms(words)
    return form in whole or form.startswith(beginnings)


def _has(header: str, words: tuple[str, ...]) -> bool:
    """Whether a header has one of these words, or is made of some of them."""
    parts = tokens(header)
    return any(
        _is("".join(parts[i:j]), words)
        for i in range(len(parts))
        for j in range(i + 1, min(i + _JOINED, len(parts)) + 1)
    )


@lru_cache(maxsize=8)
def _pattern(words: tuple[str, ...]) -> re.Pattern[bytes] | None:
    return words_pattern([*words])
