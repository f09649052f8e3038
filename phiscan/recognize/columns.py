"""The plan of a table, made from a sample: where the header is, and what each column holds.

A column whose header is known, and whose values agree, has a role and gets that role's check. Without
a header (or with one that misleads) the statistics of its values decide, then what stands beside it.
What has no role is free text for the automaton.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from phiscan.model import Kind, Role
from phiscan.recognize import contents, guess, validators
from phiscan.recognize.beside import relate
from phiscan.recognize.cells import LOSSY_NIR, shape_of
from phiscan.recognize.contents import BY_CONTENT, PROOFS, share, wordlike
from phiscan.recognize.continued import continues
from phiscan.recognize.dates import parse_date
from phiscan.recognize.headerline import aligned, find_header
from phiscan.recognize.headers import FieldRef, key
from phiscan.recognize.names import is_null
from phiscan.recognize.plan import Column, Plan, Sample
from phiscan.recognize.recognizer import COLUMN, COUNTS_FROM, FIELD, SHAPE, VALID, Recognizer
from phiscan.recognize.ruleset import Ruleset

_NUMBERED = re.compile(r"[A-Za-z]{1,8}[-_/]?[0-9]{3,}(?:[-_/][0-9A-Za-z]+)?")  # VIH0012-3 says nothing of HIV
_DISTINCT = 400  # distinct values of the sample that are judged
_FEW = 60  # of them, for a header that may stand over another column


def make_plan(rows: Sequence[Sequence[str]], names: Sequence[str] | None, ruleset: Ruleset) -> Plan:
    """Make the plan of a table from sample rows (folded cells; the first ones from its beginning)."""
    width = max((len(row) for row in rows), default=len(names or ()))
    first, header = (0, list(names)) if names else find_header(rows, width, ruleset)
    sample = Sample(rows[first:], [_distinct([row[i] for row in rows[first:] if i < len(row)]) for i in range(width)])
    header = aligned(header, width, lambda name, at: _fit(name, sample.values[at][:_FEW], ruleset))
    plan = Plan(first)
    for index in range(width):
        plan.columns.append(_column(index, header[index].strip(), sample, ruleset))
    relate(plan, sample, ruleset)
    plan.continued = continues(sample.rows, plan, ruleset)
    return plan


def _distinct(cells: list[str]) -> list[str]:
    """The filled cells of a column's sample, each distinct value once, placeholders left out."""
    filled = dict.fromkeys(cell.strip() for cell in cells)
    return [cell for cell in filled if cell and (cell in "+-" or not is_null(cell))][:_DISTINCT]


def _fit(name: str, values: list[str], ruleset: Ruleset) -> int:
    """Whether values are what a name says of them: 1 or −1; 0 where the name says little or nothing is there."""
    refs, _ = ruleset.headers.find(name)
    typed = [ref for ref in refs if ref.recognizer >= 0 and _typed(ruleset.recognizers[ref.recognizer], ref.part)]
    if not typed or not values:
        return 0
    return 1 if any(_agrees(ruleset.recognizers[ref.recognizer], ref.part, values) for ref in typed) else -1


def _typed(recognizer: Recognizer, part: str) -> bool:
    """Whether values can contradict a header: any word is a name, any text a diagnosis."""
    return (
        recognizer.category in ("nir", "birth_date", "email", "phone", "iban", "exam_date")
        or part in ("postcode", "key")
    )  # fmt: skip


def _column(index: int, header: str, sample: Sample, ruleset: Ruleset) -> Column:
    values = sample.values[index]
    known = bool(header) and ruleset.headers.known(header)
    column = Column(index, header, header if known else f"#{index + 1}")
    if header:
        refs, column.role = ruleset.headers.find(header)
        column.family, column.work = guess.of_family(header), guess.of_work(header)
        proof = _proof(values, ruleset)
        for ref in sorted(refs, key=lambda ref: _preference(ref.recognizer, column.role, ruleset)):
            if ref.recognizer < 0:
                column.system = ref.part
                return column
            if _agrees(ruleset.recognizers[ref.recognizer], ref.part, values) and not _outdone(ref, proof, ruleset):
                column.recognizer, column.part, column.evidence = ref.recognizer, ref.part, FIELD
                break
    if column.recognizer < 0:
        _unknown(column, sample, ruleset, known=known)
    elif share(values, ruleset.recognizers[column.recognizer].validator) >= 0.8:
        column.evidence |= COLUMN
    if column.recognizer >= 0 and ruleset.recognizers[column.recognizer].category == "person_name":
        _whose(column, values)
    if not known and column.recognizer >= 0:
        _shared(column, sample, ruleset)
    if column.free:
        column.skip = bool(values) and (
            all(map(_dull, values)) or contents.civilities(values) or contents.places(values)
        )
    return column


def _unknown(column: Column, sample: Sample, ruleset: Ruleset, *, known: bool) -> None:
    """A column whose header says nothing that its values could be: they decide, or a guess that they agree with."""
    values = sample.values[column.index]
    if _by_content(column, values, ruleset) or not column.header or not values:
        return
    for ref, needs in () if known else _guesses(column.header, ruleset):
        recognizer = ruleset.recognizers[ref.recognizer]
        if recognizer.score(SHAPE | VALID | FIELD) < COUNTS_FROM and not ref.part:
            continue
        if needs == "coded" and _told(values, sample.filled(column.index)) and guess.of_fact(column.header):
            column.give(ref.recognizer, evidence=FIELD)
            column.values = "coded"
            return
        if needs == "" and _surely(recognizer, ref.part, values, sample.filled(column.index)):
            column.give(ref.recognizer, ref.part, FIELD)
            return


def _guesses(header: str, ruleset: Ruleset) -> Iterator[tuple[FieldRef, str]]:
    """Yield what a header in no vocabulary may mean, and what its values must be ("" what the recognizer asks)."""
    if guess.of_trade(header):
        return
    for ref in guess.without_round(header, ruleset):
        if ref.recognizer >= 0:
            yield ref, ""
    for ref in guess.diseases(header, ruleset):
        yield ref, "coded"
    for name in dict.fromkeys((header, ruleset.headers.rest(header))):
        for ref in guess.cut_short(name, ruleset):
            if ref.recognizer >= 0:
                yield ref, ""


def _surely(recognizer: Recognizer, part: str, values: list[str], filled: int) -> bool:
    """Whether values are what a guessed header says, and not merely could be."""
    kind, category = recognizer.file.fields.values, recognizer.category
    if part == "city":
        return contents.settled(values)
    if part == "postcode":
        return contents.postcodes(values)
    if category == "address":
        return contents.streets(values) is not None
    if kind == "coded" and not part:
        return _told(values, filled)
    if kind == "date":
        least = 0.9 if category == "birth_date" else 0.8
        return share(values, lambda value: parse_date(value) is not None) >= least
    if kind == "name":
        return share(values, _namelike) >= 0.9 and not contents.coded(values) and len(values) * 6 >= filled
    if category == "blood_group":
        return BY_CONTENT["blood_group"](values) is not None  # A, B and C are groups of anything
    if category == "lab_result":
        return contents.numbers(values) and share(values, lambda value: parse_date(value) is not None) < 0.5
    if category == "patient_id":
        return share(values, validators.local_id) >= 0.9 and len(values) * 2 >= min(filled, _DISTINCT)
    if kind == "text":
        return False  # any comment would do
    if category == "credentials":
        return share(values, validators.password_like) >= 0.9 and not contents.coded(values)
    return _agrees(recognizer, part, values) and share(values, lambda v: _is(recognizer, v)) >= 0.6


def _told(values: list[str], filled: int) -> bool:
    """Whether values say something of a fact that the header names: yes or no, a measure, or one of a few words."""
    if contents.coded(values):
        return True
    if contents.numbers(values):
        return share(values, lambda value: parse_date(value) is not None) < 0.5
    return len(values) <= 12 and len(values) * 5 <= filled and share(values, _short) == 1.0


def _short(value: str) -> bool:
    return wordlike(value) and len(value) <= 30


def _namelike(value: str) -> bool:
    return len(value) > 1 and all(char.isalpha() or char in " '-.()," for char in value) and value.count(" ") <= 4


def _is(recognizer: Recognizer, value: str) -> bool:
    valid = recognizer.validator is not None and recognizer.validator(value)
    return valid or shape_of(recognizer, value)


def _proof(values: list[str], ruleset: Ruleset) -> str:
    """Return the category that values prove whatever the header says, "" where none."""
    return next((category for category, test in PROOFS.items() if test(values) is not None), "")


_SAME = {"nir": ("nir", "ins", "insurance"), "email": ("email", "credentials"), "iban": ("iban",)}


def _outdone(ref: FieldRef, proof: str, ruleset: Ruleset) -> bool:
    """Whether the values prove something else than the header says."""
    return bool(proof) and ruleset.recognizers[ref.recognizer].category not in _SAME[proof]


def _whose(column: Column, values: list[str]) -> None:
    """Names that stand behind a doctor's title are no patients'."""
    if contents.doctors(values):
        column.role = Role.PROFESSIONAL
    elif column.part == "first_name" and key(column.header) == "pr":
        column.role = Role.PATIENT  # prénom, no professor


_OWN = ("address", "phone", "email", "iban")
_MANY = 30  # rows from which the same few values are no patients'


def _shared(column: Column, sample: Sample, ruleset: Ruleset) -> None:
    """A few addresses or numbers over and over, under no header that says whose: doctors', insurers', not patients'."""
    filled = sample.filled(column.index)
    category = ruleset.recognizers[column.recognizer].category
    own = category in _OWN or (category == "person_name" and not column.part)
    if own and filled >= _MANY and len(sample.values[column.index]) * 3 <= min(filled, _DISTINCT):
        column.role = Role.PROFESSIONAL


def _preference(index: int, role: Role, ruleset: Ruleset) -> int:
    """A professional's header leads to a professional category first, anybody else's to the others first."""
    professional = index >= 0 and ruleset.recognizers[index].kind is Kind.PROFESSIONAL
    return int(professional is not (role is Role.PROFESSIONAL))


def _dull(value: str) -> bool:
    """Whether a value is too short and too numeric to hold a fact or an identifier."""
    return len(value) < 9 and not any(char.isalpha() for char in value) and "+" not in value


def _agrees(recognizer: Recognizer, part: str, values: list[str]) -> bool:
    """Whether a column's values can be what its header says."""
    if not values:
        return True
    kind = recognizer.file.fields.values
    if part == "key":
        return share(values, lambda value: value.isdigit() and len(value) <= 2) >= 0.8
    if recognizer.category == "address":
        return _address(part, values)
    if kind == "name":
        return share(values, wordlike) >= 0.6 and not contents.civilities(values)
    if kind == "date":
        return share(values, lambda value: parse_date(value) is not None) >= 0.5
    if kind == "coded" and not part:
        return share(values, lambda value: len(value) <= 40) >= 0.5 and share(values, _NUMBERED.fullmatch) < 0.8
    if recognizer.category == "nir" and share(values, LOSSY_NIR.fullmatch) >= 0.3:
        return True
    check = recognizer.validator
    if kind != "pattern" or check is None or part:
        return True
    return share(values, lambda value: check(value) or shape_of(recognizer, value)) >= 0.3


def _address(part: str, values: list[str]) -> bool:
    """Whether values can be part of addresses: not long numbers, addresses of mail, nor dates."""
    if part == "postcode":
        return share(values, lambda value: 2 <= len(value) <= 40 and any(char.isdigit() for char in value)) >= 0.5
    odd = share(values, lambda value: "@" in value or (len(value) >= 6 and not any(char.isalpha() for char in value)))
    return odd < 0.5


def _by_content(column: Column, values: list[str], ruleset: Ruleset) -> bool:
    """Give a column without a trusted header the role that its values prove; return whether they do."""
    if len(values) < 3:
        return False
    for category, test in BY_CONTENT.items():
        if category == "blood_group" and _marks(column.header, values):
            continue
        part = test(values)
        index = _fielded(category, part, ruleset) if part is not None else -1
        if part is not None and index >= 0:
            column.recognizer, column.part, column.evidence = index, part, COLUMN
            return True
    return False


def _marks(header: str, values: list[str]) -> bool:
    """Whether groups are a teacher's marks: the header says so, or says something and none is O or AB."""
    if guess.of_marks(header):
        return not contents.of_zero(values)
    return contents.marks(values) and guess.says_no_blood(header)


def _fielded(category: str, part: str, ruleset: Ruleset) -> int:
    """Return the recognizer of a category that columns may have, −1 where there is none."""
    for recognizer in ruleset.recognizers:
        fields = recognizer.file.fields
        if recognizer.category == category and fields.headers and (not part or part in fields.parts):
            return recognizer.index
    return -1
