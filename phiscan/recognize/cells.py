"""Whole columns at once: which cells of a column with a role are what the role says, and their canonical form.

Every check looks at the distinct values of a batch. What can be told by an Arrow expression is; what
needs Python is remembered from batch to batch, in bounded memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from phiscan.link import canonical
from phiscan.model import Assertion
from phiscan.recognize import bytewise
from phiscan.recognize.assertion import coded
from phiscan.recognize.dates import parse_date
from phiscan.recognize.names import is_null, parse_name
from phiscan.recognize.recognizer import SHAPE, VALID, Recognizer
from phiscan.recognize.validators import phone_fr

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

_T = TypeVar("_T", bound="np.generic")
LOSSY_NIR = re.compile(r"\s*[123478][,.][0-9]{2,}E\+?1[24]\s*")  # Excel's 2,79035E+14
_REMEMBERED = 100_000  # distinct values a memory holds before it starts again


@dataclass(slots=True, repr=False)
class Judged:
    """What a check says of the distinct values of a column, arrays of one length.

    `evidence` is 0 where the value is not what the role says, else SHAPE and perhaps VALID.
    `canon` makes the canonical forms, "" for nobody: most rows are named by stronger identities and never ask.
    None where the category identifies no one.
    """

    evidence: npt.NDArray[np.uint8]
    canon: Callable[[], pa.StringArray] | None = None
    assertion: npt.NDArray[np.int8] | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """In which of `size` rows the values stand that were judged: value `which[i]` in row i, or value i in row `at[i]`.

    The other rows are empty. Where neither is given, there is a value for every row.
    """

    size: int
    which: npt.NDArray[np.int32] | None = None
    at: npt.NDArray[np.int64] | None = None

    def flags(self, array: npt.NDArray[_T]) -> npt.NDArray[_T]:
        """Return an array over the values as one over the rows, 0 where a row is empty."""
        import numpy as np

        if self.which is not None:
            return array[self.which]
        if self.at is None:
            return array
        spread = np.zeros(self.size, array.dtype)
        spread[self.at] = array
        return spread

    def strings(self, array: pa.StringArray) -> pa.StringArray:
        """Return strings over the values as strings over the rows, "" where a row is empty."""
        import numpy as np
        import pyarrow as pa

        if self.which is not None:
            return array.take(pa.array(self.which))
        if self.at is None:
            return array
        which = np.full(self.size, len(array))
        which[self.at] = np.arange(len(array))
        return pa.concat_arrays([array, pa.array([""])]).take(pa.array(which))


class Memory:
    """Remembers the answers of a Python check by value; forgets everything when it grows too large."""

    def __init__(self, check: Callable[[str], tuple[int, str, int]]) -> None:
        self._check = check
        self._known: dict[str, tuple[int, str, int]] = {}

    def judge(self, values: pa.StringArray) -> Judged:
        """Return the check's answers (evidence, canonical form, assertion) for an array of values."""
        import numpy as np
        import pyarrow as pa

        if len(self._known) > _REMEMBERED:
            self._known.clear()
        known, check = self._known, self._check
        answers = []
        for value in values.to_pylist():
            answer = known.get(value)
            if answer is None:
                answer = known[value] = check(value.strip())
            answers.append(answer)
        evidence = np.fromiter((a[0] for a in answers), np.uint8, len(answers))
        assertion = np.fromiter((a[2] for a in answers), np.int8, len(answers))
        return Judged(evidence, lambda: pa.array([a[1] for a in answers], pa.string()), assertion)


class Dates(Memory):
    """Dates: the usual notation as a whole, the others one by one."""

    def judge(self, values: pa.StringArray) -> Judged:
        """Return which values are dates, as YYYYMMDD."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        plain = bytewise.cleaned(values, delete=b"\t")  # contiguous, whatever the array was cut from
        rows = np.flatnonzero(bytewise.lengths(plain) == 10)
        good, chars = bytewise.dates(bytewise.matrix(plain, rows, 10))
        rows = rows[good]
        evidence = np.zeros(len(values), np.uint8)
        evidence[rows] = SHAPE | VALID
        usual = evidence > 0
        others = np.flatnonzero(~usual)
        judged = super().judge(values.take(pa.array(others))) if len(others) else None
        if judged is not None:
            evidence[others] = judged.evidence

        def canon() -> pa.StringArray:
            everywhere = np.zeros((len(values), 8), np.uint8)
            everywhere[rows] = chars[good]
            made = _completed(bytewise.fixed(everywhere, usual), others, judged)
            nobody = pc.is_in(made, pa.array(["18000101", "18991231", "19000101", "19010101"]))
            return pc.if_else(nobody, "", made)

        return Judged(evidence, canon)


def _completed(canon: pa.StringArray, others: npt.NDArray[np.int64], judged: Judged | None) -> pa.StringArray:
    """Return `canon` with the forms of the `others`, which were judged apart."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if judged is None or judged.canon is None:
        return canon
    mask = np.zeros(len(canon), bool)
    mask[others] = True
    return pc.replace_with_mask(canon, pa.array(mask), judged.canon())


def shape_of(recognizer: Recognizer, value: str) -> bool:
    """Whether one of a recognizer's patterns matches the whole of a cell."""
    text = value.strip().encode()
    return any(_pattern(source).fullmatch(text) for source in recognizer.file.patterns.values())


_COMPILED: dict[str, re.Pattern[bytes]] = {}


def _pattern(source: str) -> re.Pattern[bytes]:
    if source not in _COMPILED:
        _COMPILED[source] = re.compile(source.encode(), re.VERBOSE)
    return _COMPILED[source]


def checker(recognizer: Recognizer, part: str, values: str = "") -> Callable[[pa.StringArray], Judged]:
    """Return the check for a column of this recognizer (and part of it); `values`: how it is read, if not as usual."""
    category, kind = recognizer.category, values or recognizer.file.fields.values
    if category == "nir" and not part:
        return judge_nir
    if kind == "name":
        return judge_name if part in ("last_name", "birth_name", "first_name") and part != "first_name" else (
            judge_first_name if part == "first_name" else Memory(_full_name).judge
        )
    if kind == "date":
        return Dates(_birth_date if category == "birth_date" else _any_date).judge
    if kind == "coded" and not part:
        return Memory(_coded).judge
    if kind == "measured":
        return Memory(_measured).judge
    if kind == "text" and category not in _VECTOR:
        return judge_filled
    if category in _VECTOR:
        return _VECTOR[category]
    return Memory(lambda value: _by_pattern(recognizer, part, value)).judge


def judge_filled(values: pa.StringArray) -> Judged:
    """Every cell that says something, in words or digits, counts."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    bare = bytewise.cleaned(values)
    filled = (bytewise.lengths(bare) > 0) & ~pc.is_in(bare, pa.array(_NOTHING)).to_numpy(zero_copy_only=False)
    return Judged(filled.astype(np.uint8) * SHAPE, lambda: bare)


def judge_nir(values: pa.StringArray) -> Judged:
    """Thirteen or fifteen characters in the structure of a NIR; VALID where the key agrees.

    The same rule as `validators.nir`, over an array; a test holds the two together.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    bare = bytewise.cleaned(values, delete=bytewise.SEPARATORS)
    sizes = bytewise.lengths(bare)
    evidence = np.zeros(len(values), np.uint8)
    heads = np.zeros((len(values), 13), np.uint8)
    for size in (13, 15):
        rows = np.flatnonzero(sizes == size)
        if len(rows):
            chars = bytewise.matrix(bare, rows, size)
            heads[rows] = chars[:, :13]
            good, numbers = bytewise.nir_numbers(chars)
            keyed = (97 - numbers // 100 % 97 == numbers % 100) & (size == 15)
            evidence[rows] = np.where(good, np.where(keyed, SHAPE | VALID, SHAPE), 0)
    shaped = evidence > 0
    odd = np.flatnonzero((evidence == 0) & (sizes > 4))
    if len(odd):  # Excel's 2,79035E+14: known, but not whole
        lossy = pc.match_substring_regex(values.take(pa.array(odd)), f"^{LOSSY_NIR.pattern}$")
        evidence[odd[lossy.to_numpy(zero_copy_only=False)]] = SHAPE
    return Judged(evidence, lambda: bytewise.fixed(heads, shaped))


def with_key(numbers: pa.StringArray, keys: pa.StringArray) -> pa.StringArray:
    """Join thirteen-digit NIR with the key that stands in a column of its own (one digit means a lost zero)."""
    import pyarrow.compute as pc

    bare = bytewise.cleaned(numbers, bytewise.SAME, bytewise.SEPARATORS)
    key = pc.ascii_lpad(pc.ascii_trim_whitespace(keys), 2, "0")
    short = pc.and_(pc.equal(pc.binary_length(bare), 13), pc.match_substring_regex(key, "^[0-9]{2}$"))
    return pc.if_else(short, pc.binary_join_element_wise(bare, key, ""), numbers)


def judge_name(values: pa.StringArray) -> Judged:
    """Surnames: letters, and not a placeholder."""
    return _judge_letters(bytewise.cleaned(values, delete=bytewise.NOT_LETTERS))


def judge_first_name(values: pa.StringArray) -> Judged:
    """Given names: the first of them names the person."""
    return _judge_letters(bytewise.cleaned(bytewise.first_words(values), delete=bytewise.NOT_LETTERS))


_NOBODY = (
    "INCONNU INCONNUE INCONNUES ANONYME TEST TESTS ESSAI NEANT NULL NONE NAN VIDE AUCUN AUCUNE SANSNOM SOUSX"
    " NA NC NR ND NS"
    " NONRENSEIGNE NONRENSEIGNEE NONCONNU NONCOMMUNIQUE INDETERMINE PATIENT NOM PRENOM"
    " NOMPATIENT PRENOMPATIENT NOMDUPATIENT PRENOMDUPATIENT NOMDEFAMILLE NOMNAISSANCE NOMDENAISSANCE NOMUSUEL NOMTEST"
    " PRENOMTEST NOMPRENOM PATIENTTEST TESTPATIENT SPECIMEN EXEMPLE"
).split()
_ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NOBODY += ["X" * size for size in range(1, 21)]


# What a cell says that says nothing, letters and digits only.
_NOTHING = [*_NOBODY, "RAS", "SANS", "SO", "ACOMPLETER", "0"]
_NOTHING += [char * size for char in _ALNUM for size in range(2, 25)]


def _judge_letters(letters: pa.StringArray) -> Judged:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    named = bytewise.lengths(letters) > 0
    named &= ~pc.is_in(letters, pa.array(_NOBODY)).to_numpy(zero_copy_only=False)
    return Judged(named.astype(np.uint8) * (SHAPE | VALID), lambda: pc.if_else(pa.array(named), letters, ""))


def judge_email(values: pa.StringArray) -> Judged:
    """Something@somewhere.tld."""
    import numpy as np
    import pyarrow.compute as pc

    bare = pc.ascii_lower(pc.utf8_trim_whitespace(values))
    good = pc.match_substring_regex(bare, r"^<?[^@\s<>]{1,64}@[a-z0-9.-]{1,250}\.[a-z]{2,18}>?$")
    evidence = good.to_numpy(zero_copy_only=False).astype(np.uint8) * (SHAPE | VALID)
    return Judged(evidence, lambda: pc.if_else(good, pc.utf8_trim(bare, "<>"), ""))


def judge_phone(values: pa.StringArray) -> Judged:
    """Six to fifteen digits with the usual separators; VALID where they are a French number."""
    import numpy as np
    import pyarrow as pa

    lines = bytewise.joined(values)[1].replace(b"(0)", b"")
    bare = bytewise.split(lines.translate(None, bytewise.SEPARATORS))
    sizes = bytewise.lengths(bare)
    evidence = np.zeros(len(values), np.uint8)
    rows = np.flatnonzero(sizes == 10)
    if len(rows):  # nearly all are written 0X and eight digits
        digits = bytewise.matrix(bare, rows, 10).astype(np.int16) - 48
        real = ((digits >= 0) & (digits <= 9)).all(axis=1) & (digits[:, 2:].min(axis=1) < digits[:, 2:].max(axis=1))
        french = real & (digits[:, 0] == 0) & (digits[:, 1] > 0)
        evidence[rows] = np.where(french, SHAPE | VALID, np.where(real, SHAPE, 0))
    usual = evidence & VALID > 0
    others = np.flatnonzero(~usual & (sizes >= 6))  # numbers from abroad, and what is none
    judged = _FOREIGN.judge(values.take(pa.array(others))) if len(others) else None
    if judged is not None:
        evidence[others] = judged.evidence

    def canon() -> pa.StringArray:
        heads = np.zeros((len(values), 9), np.uint8)
        heads[rows] = bytewise.matrix(bare, rows, 10)[:, 1:]
        return _completed(bytewise.fixed(heads, usual), others, judged)

    return Judged(evidence, canon)


def _phone(value: str) -> tuple[int, str, int]:
    canon = canonical.phone(value) if _NUMBER.fullmatch(value) else ""
    return (SHAPE | (VALID if phone_fr(value) else 0) if canon else 0), canon, 0


_NUMBER = re.compile(r"\+?[0-9 .\-/()_]{6,24}")
_FOREIGN = Memory(_phone)


def judge_patient_id(values: pa.StringArray) -> Judged:
    """A local number: letters and digits, at least one digit, not a row of the same."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    bare = bytewise.cleaned(values)
    sizes = bytewise.lengths(bare)
    digits = bytewise.lengths(bytewise.cleaned(bare, delete=bytewise.NOT_DIGITS))
    good = (digits > 0) & (sizes <= 30)
    good &= ~pc.is_in(bare, pa.array(_NOTHING)).to_numpy(zero_copy_only=False)
    return Judged(good.astype(np.uint8) * (SHAPE | VALID), lambda: pc.if_else(pa.array(good), bare, ""))


_VECTOR: dict[str, Callable[[pa.StringArray], Judged]] = {
    "address": judge_filled,
    "email": judge_email,
    "phone": judge_phone,
    "patient_id": judge_patient_id,
    "insurance": judge_filled,
    "credentials": judge_filled,
}


def _full_name(value: str) -> tuple[int, str, int]:
    name = parse_name(value) if value and not is_null(value) else None
    if not name:
        return 0, "", 0
    return SHAPE | VALID, f"{name.birth or name.last}/{name.first}", 0


def _birth_date(value: str) -> tuple[int, str, int]:
    canon = canonical.birth_date(value) if value else ""
    return (SHAPE | VALID if canon else 0), canon, 0


def _any_date(value: str) -> tuple[int, str, int]:
    return (SHAPE | VALID if value and parse_date(value) is not None else 0), "", 0


def _coded(value: str) -> tuple[int, str, int]:
    stated = coded(value)
    return (0, "", 0) if stated is None else (SHAPE, "", stated)


def _measured(value: str) -> tuple[int, str, int]:
    """A viral load or a count of CD4 cells: who has one has the disease, however low it is."""
    stated = coded(value)
    return (0, "", 0) if stated is None else (SHAPE, "", int(Assertion.AFFIRMED))


def _by_pattern(recognizer: Recognizer, part: str, value: str) -> tuple[int, str, int]:
    """A cell that a pattern matches whole, or that the validator accepts; a part needs only to be filled."""
    if not value or (is_null(value) and value not in "+-"):
        return 0, "", 0
    shaped = shape_of(recognizer, value)
    valid = recognizer.validator is not None and recognizer.validator(value)
    if not (shaped or valid or (part and coded(value) is not None)):
        return 0, "", 0
    evidence = SHAPE | (VALID if valid else 0)
    canon = canonical.nir(value) if recognizer.category == "ins" else ""
    return evidence, canon, int(Assertion.AFFIRMED)
