"""What stands in a column of a labelled table: the cell's text and what is true of it.

A role is written `name argument…`; `name?` makes its marks optional (where nothing but the person who wrote the file
could tell). `pick` draws from a list of its own: `pick hiv>POS|9 hiv:negated>NEG|>` is a coded column, a number before
a choice its weight, `pick women …` leaves men's cells empty. `number lab_result 0.6 1.4 2` draws a number with two
decimals, with a comma; `~` before a category makes it optional.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from phiscan.model import CATEGORIES, Assertion
from tests.eval.documents import luhn
from tests.generate import names
from tests.generate.comments import Commenter, Wording
from tests.generate.people import Person, fold, spaced_nir, spaced_phone

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_TODAY = date(2026, 11, 21)
_JOINTS = (" - ", ". ", ", ", " / ")
_FACT, _REMARK = 0.35, 0.7  # of all comments: with a fact, and up to here with an innocent remark


@dataclass(frozen=True, slots=True)
class Mark:
    """A category that a cell holds. `upto`: how much of the text says so; what is cut shorter says it no longer."""

    category: str
    assertion: Assertion = Assertion.AFFIRMED
    optional: bool = False
    upto: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell and what is true of it."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What the cells of one row are made of."""

    serial: int
    person: Person
    doctor: Person
    chance: random.Random
    birth: str  # how birth dates are written: strftime's notation, or "words"
    wordings: Callable[[str], tuple[Wording, ...]]


def _stable(person: Person, salt: str, below: int) -> int:
    """Return a number that is the same for every row about one person, however it spells them."""
    spelled = f"{salt}{person.nir}{fold(person.birth_name)}{fold(person.given[0])}{person.birth}"
    return zlib.crc32(spelled.encode()) % below


def _born(subject: Subject) -> str:
    birth = subject.person.birth
    return _in_words(birth) if subject.birth == "words" else birth.strftime(subject.birth)


def _in_words(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _visit(subject: Subject) -> str:
    return (_TODAY - timedelta(days=subject.chance.randrange(3, 900))).strftime("%d/%m/%Y")


def _group(person: Person) -> tuple[str, str]:
    abo = person.abo or ("A", "A", "O", "O", "B", "AB")[_stable(person, "abo", 6)]
    return abo, person.rhesus or ("+", "+", "+", "-")[_stable(person, "rh", 4)]


def _mangled(person: Person) -> str:
    return f"{float(person.nir + person.nir_key):.5E}".replace(".", ",") if person.nir.isdigit() else ""


def _iban(person: Person) -> str:
    account = f"{_stable(person, 'bank', 10**9):011d}{_stable(person, 'acc', 10**9):012d}"
    return f"FR{98 - int(account + '152700') % 97:02d}{account}"


def _full(person: Person, *, born: bool = False) -> str:
    maiden = f" née {person.birth_name}" if born and person.birth_name != person.used_name else ""
    return f"{person.used_name.upper()}{maiden} {person.given[0]}"


def _insurer(person: Person) -> str:
    return names.INSURERS[person.insurer][0] if person.insurer >= 0 else ""


def _login(person: Person) -> str:
    return f"{fold(person.given[0])[:1]}{fold(person.used_name)[:8]}".lower().replace(" ", "").replace("'", "")


_Made = Callable[[Subject], str]
# name → category ("" for none), what it tells people apart by ("nir", "name", "birth", "other" or ""), the text
_SIMPLE: dict[str, tuple[str, str, _Made]] = {
    "serial": ("", "", lambda s: str(s.serial)),
    "random15": ("", "", lambda s: str(s.chance.randrange(10**14, 10**15))),
    "random13": ("", "", lambda s: str(s.chance.randrange(10**12, 10**13))),
    "nir15": ("nir", "nir", lambda s: s.person.nir + s.person.nir_key),
    "nir13": ("nir", "nir", lambda s: s.person.nir),
    "key": ("~nir", "", lambda s: s.person.nir_key),
    "nir_spaced": ("nir", "nir", lambda s: spaced_nir(s.person.nir, s.person.nir_key) if s.person.nir else ""),
    "nir13_spaced": ("nir", "nir", lambda s: spaced_nir(s.person.nir) if s.person.nir else ""),
    "nir_mangled": ("nir", "", lambda s: _mangled(s.person)),
    "ins": ("ins", "nir", lambda s: s.person.nir + s.person.nir_key),
    "ipp": ("patient_id", "other", lambda s: f"8{_stable(s.person, 'ipp', 10**7):07d}"),
    "stay": ("patient_id", "", lambda s: f"2{s.chance.randrange(10**8):08d}"),
    "title": ("", "", lambda s: s.person.title),
    "last": ("person_name", "name", lambda s: s.person.used_name),
    "last_capitals": ("person_name", "name", lambda s: s.person.used_name.upper()),
    "birth_name": ("person_name", "name", lambda s: s.person.birth_name),
    "birth_name_other": (
        "person_name", "name", lambda s: s.person.birth_name if s.person.birth_name != s.person.used_name else ""
    ),
    "first": ("person_name", "name", lambda s: s.person.given[0]),
    "firsts": ("person_name", "name", lambda s: " ".join(s.person.given)),
    "full": ("person_name", "name", lambda s: _full(s.person)),
    "full_title": ("person_name", "name", lambda s: f"{s.person.title} {_full(s.person)}"),
    "full_born": ("person_name", "name", lambda s: _full(s.person, born=True)),
    "full_comma": ("person_name", "name", lambda s: f"{s.person.used_name}, {s.person.given[0]}"),
    "birth": ("birth_date", "birth", _born),
    "age": ("", "", lambda s: str((_TODAY - s.person.birth).days // 365)),
    "sex": ("", "", lambda s: s.person.sex),
    "sex_code": ("", "", lambda s: "2" if s.person.sex == "F" else "1"),
    "street": ("address", "", lambda s: s.person.street),
    "postcode": ("~address", "", lambda s: s.person.postcode),
    "town": ("~address", "", lambda s: s.person.town),
    "address": ("address", "", lambda s: f"{s.person.street} {s.person.postcode} {s.person.town.upper()}"),
    "phone": ("phone", "", lambda s: s.person.phone),
    "phone_spaced": ("phone", "", lambda s: spaced_phone(s.person.phone)),
    "phone_dotted": ("phone", "", lambda s: spaced_phone(s.person.phone, ".")),
    "mobile": ("phone", "other", lambda s: s.person.mobile),
    "mobile_plus": ("phone", "other", lambda s: f"+33{s.person.mobile[1:]}" if s.person.mobile else ""),
    "email": ("email", "other", lambda s: s.person.email),
    "iban": ("iban", "", lambda s: _iban(s.person)),
    "insurer": ("insurance", "", lambda s: _insurer(s.person)),
    "member": ("insurance", "", lambda s: s.person.member),
    "login": ("~credentials", "", lambda s: _login(s.person)),
    "password": ("credentials", "", lambda s: f"{fold(s.person.given[0]).lower()}{s.person.birth.year % 100:02d}"),
    "abo": ("blood_group", "", lambda s: _group(s.person)[0]),
    "rh": ("blood_group", "", lambda s: _group(s.person)[1]),
    "rh_word": ("blood_group", "", lambda s: {"+": "POS", "-": "NEG"}[_group(s.person)[1]]),
    "blood": ("blood_group", "", lambda s: "".join(_group(s.person))),
    "blood_word": (
        "blood_group", "", lambda s: f"{_group(s.person)[0]} {'POS' if _group(s.person)[1] == '+' else 'NEG'}"
    ),
    "visit": ("exam_date", "", _visit),
    "date": ("", "", _visit),
    "doctor": ("practitioner", "", lambda s: f"Dr {s.doctor.given[0]} {s.doctor.used_name.upper()}"),
    "doctor_last": ("practitioner", "", lambda s: s.doctor.used_name.upper()),
    "doctor_first": ("practitioner", "", lambda s: s.doctor.given[0]),
    "doctor_rpps": ("rpps", "", lambda s: luhn(f"1000{_stable(s.doctor, 'rpps', 10**6):06d}")),
    "doctor_finess": ("finess", "", lambda s: luhn(f"5600{_stable(s.doctor, 'finess', 10**4):04d}")),
    "doctor_phone": ("", "", lambda s: s.doctor.phone or "0199000000"),
    "doctor_email": ("", "", lambda s: f"cabinet.{_login(s.doctor)}@example.fr"),
    "doctor_street": ("", "", lambda s: s.doctor.street),
    "relative": ("", "", lambda s: f"{s.doctor.given[0]} {s.person.used_name.upper()}"),
    "relative_phone": ("", "", lambda s: "0639981" + f"{_stable(s.person, 'relative', 1000):03d}"),
}  # fmt: skip
_CUTS = {
    "person_name": 14, "address": 20, "practitioner": 16, "~address": 20, "insurance": 12,
}  # fmt: skip
_COMMENT_CUT, _PICK_CUT = 34, 22
_KEPT = {"password", "login", "email", "nir_mangled"}


@dataclass(frozen=True, slots=True)
class Role:
    """What stands in a column, and how it is treated."""

    name: str
    make: Callable[[Subject], Cell]
    identifies: str = ""
    category: str = ""

    @property
    def kept(self) -> bool:
        """Whether letters stay as they are whatever the noise."""
        return self.name in _KEPT

    def cell(self, subject: Subject) -> Cell:
        """Return the cell of one row."""
        return self.make(subject)

    def blank(self, subject: Subject) -> Cell:
        """Return the cell of a row about nobody: everything that identifies is empty, the rest as it is."""
        if self.category and CATEGORIES[self.category.lstrip("~")].value == "identifier":
            return Cell("INCONNU" if self.identifies == "name" and subject.serial % 2 else "")
        return self.make(subject)

    def cut(self, cell: Cell) -> Cell:
        """Return the cell as a narrow column keeps it."""
        size = {"comment": _COMMENT_CUT, "pick": _PICK_CUT}.get(self.name) or _CUTS.get(self.category, 0)
        if not size or len(cell.text) <= size:
            return cell
        whole = self.name not in ("comment", "pick")  # half a name is a name
        marks = tuple(
            mark if whole or mark.upto <= size else replace(mark, optional=True) for mark in cell.marks
        )
        return Cell(cell.text[:size].rstrip(), marks)


def parse(written: str) -> Role:
    """Return the role that is written so. Raises KeyError or ValueError on anything else."""
    name, _, rest = written.partition(" ")
    optional = name.endswith("?")
    name = name.rstrip("?")
    if name == "comment":
        return Role(name, _commented)
    if name == "pick":
        return Role(name, _Pick(rest, optional=optional).cell)
    if name == "number":
        return Role(name, _Number(rest).cell)
    category, identifies, made = _SIMPLE[name]

    def simple(subject: Subject) -> Cell:
        text = made(subject)
        return Cell(text, _marks(category, text, optional=optional) if text else ())

    return Role(name, simple, identifies, category)


_MARKED = re.compile(r"(~?)([a-z_]+)(?::([a-z]+))?")


def _marks(written: str, text: str, *, optional: bool = False) -> tuple[Mark, ...]:
    """Return the marks written `hiv:negated+~lab_result`. Raises ValueError."""
    found = []
    for part in filter(None, written.split("+")):
        match = _MARKED.fullmatch(part)
        if match is None or match[2] not in CATEGORIES:
            raise ValueError(f"no mark: {part!r}")
        stated = Assertion[(match[3] or "affirmed").upper()]
        found.append(Mark(match[2], stated, optional or bool(match[1]), len(text)))
    return tuple(found)


class _Pick:
    """A column of one's own choices."""

    def __init__(self, written: str, *, optional: bool) -> None:
        self._women = written.startswith("women ")
        self._cells: list[Cell] = []
        self._weights: list[int] = []
        for choice in written.removeprefix("women ").split("|"):
            head, arrow, text = choice.partition(">")
            if not arrow:
                raise ValueError(f"no choice: {choice!r}")
            weight, _, marks = head.strip().rpartition(" ") if " " in head.strip() else ("", "", head.strip())
            if marks.isdigit():
                weight, marks = marks, ""
            self._weights.append(int(weight or 1))
            self._cells.append(Cell(text.strip(), _marks(marks, text.strip(), optional=optional)))

    def cell(self, subject: Subject) -> Cell:
        if self._women and subject.person.sex != "F":
            return Cell("")
        return subject.chance.choices(self._cells, self._weights)[0]


class _Number:
    """A column of numbers: category or `-`, lowest, highest, decimals, and the share of filled cells."""

    def __init__(self, written: str) -> None:
        category, low, high, decimals, *filled = written.split()
        self._category = category.strip("-")
        self._low, self._high, self._decimals = float(low), float(high), int(decimals)
        self._filled = float(filled[0]) if filled else 1.0
        _marks(self._category, "")

    def cell(self, subject: Subject) -> Cell:
        if subject.chance.random() >= self._filled:
            return Cell("")
        text = f"{subject.chance.uniform(self._low, self._high):.{self._decimals}f}".replace(".", ",")
        return Cell(text, _marks(self._category, text))


def _commented(subject: Subject) -> Cell:
    """A free comment: a fact, an innocent remark, both, or nothing."""
    chance = subject.chance
    draw = chance.random()
    if draw >= _REMARK:
        return Cell("")
    remark = chance.choice(subject.wordings(""))
    if draw >= _FACT:
        return _typed([remark], subject)
    kind = chance.choice(_KINDS)
    if kind == "pregnancy" and subject.person.sex != "F":
        kind = "cancer"
    stated = chance.choice(subject.wordings(kind))
    if chance.random() < 0.3:
        return _typed([stated, remark] if chance.random() < 0.5 else [remark, stated], subject)
    return _typed([stated], subject)


_KINDS = ("hiv", "cancer", "pregnancy", "genetic", "infection", "treatment")
# What may stand in any comment beside what its wordings state.
_BESIDE = tuple(Mark(category, optional=True) for category in ("practitioner", "person_name", "exam_date"))


def _typed(wordings: list[Wording], subject: Subject) -> Cell:
    filler = Commenter(subject.chance.randrange(1 << 30))
    joint = subject.chance.choice(_JOINTS)
    text, marks = "", list[Mark]()
    for wording in wordings:
        text += (joint if text else "") + filler.fill(wording)
        marks += [
            Mark(fact.category, Assertion[fact.assertion.upper()], not fact.sure, len(text)) for fact in wording.facts
        ]
    return Cell(text, (*marks, *_BESIDE))
