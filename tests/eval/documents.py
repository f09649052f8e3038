"""Labelled documents made from families: slots filled with fictitious people, marks turned into spans.

The notation is that of README.md. A document knows its text, its marks by position, and whose record it is.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from phiscan.model import CATEGORIES, Assertion, Kind
from tests.generate import names
from tests.generate.people import Person, Population, fold, spaced_nir, spaced_phone

FAMILIES = Path(__file__).parent / "families"
HEALTH = frozenset(name for name, kind in CATEGORIES.items() if kind is Kind.HEALTH)
KINDS = ("letter", "report", "prescription", "result", "message", "note", "form")

_MARK = re.compile(r"\[\[(~?)([a-z_+]+)(?::([a-z]+))?\|(.*?)\]\]", re.DOTALL)
_SLOT = re.compile(r"\{([a-zA-Z0-9_]+)(?::([^{}/]*)/([^{}/]*))?\}")
_TODAY = date(2026, 11, 21)
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_HOSPITALS = ("CHU de Villeneuve", "Centre hospitalier du Val d'Aure", "Hôpital des Trois Rivières", "Clinique du Lac")
_LABS = ("Laboratoire des Trois Rivières", "BioVal", "Laboratoire du Marché", "Labo Armor")
_PLACES = ("Villeneuve", "Saint-Aubin", "Kerlaz", "Montfort", "Beaulieu")


class Malformed(ValueError):
    """A family that is not written as README.md says: where, and what."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands at [start, end): categories, how it is stated, and whether finding it is neither right nor wrong."""

    start: int
    end: int
    categories: tuple[str, ...]
    assertion: Assertion = Assertion.AFFIRMED
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One labelled document about one patient."""

    family: str
    variant: int
    kind: str
    path: str
    text: str
    marks: tuple[Mark, ...]
    noise: str = "plain"

    @property
    def facts(self) -> frozenset[str]:
        """The health categories of the patient's record."""
        return frozenset(c for mark in self.marks if not mark.optional for c in mark.categories) & HEALTH

    @property
    def debatable(self) -> frozenset[str]:
        """Health categories that may stand in the record or not."""
        return frozenset(c for mark in self.marks if mark.optional for c in mark.categories) & HEALTH


@dataclass(frozen=True, slots=True)
class Family:
    """One file of templates."""

    name: str
    kind: str
    path: str
    variants: tuple[str, ...]


@cache
def families(split: str) -> tuple[Family, ...]:
    """Return the families of a split, `dev` or `held`. Raises Malformed."""
    return tuple(read_family(path) for path in sorted((FAMILIES / split).glob("*.txt")))


def read_family(path: Path) -> Family:
    """Return the family in a file. Raises Malformed."""
    lines = path.read_text("utf-8").split("\n")
    headers: dict[str, str] = {}
    while lines and (lines[0].startswith("#") or not lines[0].strip()):
        name, _, value = lines.pop(0).lstrip("# ").partition(":")
        if value:
            headers[name.strip()] = value.strip()
    variants = tuple(part.strip("\n") for part in re.split(r"(?m)^---\s*$", "\n".join(lines)) if part.strip())
    family = Family(path.stem, headers.get("kind", ""), headers.get("file", f"{path.stem}.txt"), variants)
    if family.kind not in KINDS or not variants:
        raise Malformed(f"{path.name}: kind {family.kind!r}, {len(variants)} variants")
    for number, variant in enumerate(variants):
        try:
            _document(family, number, _Filler(random.Random(0), next(iter(Population(0)))))
        except (Malformed, KeyError) as error:
            raise Malformed(f"{path.name}, variant {number + 1}: {error}") from None
        if "[[" in _MARK.sub("", variant) or "]]" in _MARK.sub("", variant):
            raise Malformed(f"{path.name}, variant {number + 1}: a mark that is not closed, or in another")
    return family


def documents(split: str, each: int, seed: int = 1) -> Iterator[Document]:
    """Yield every variant of every family of a split `each` times, each time about somebody else."""
    people = iter(Population(seed, without_nir=0.0))
    chance = random.Random(seed)
    for family in families(split):
        for number in range(len(family.variants)):
            for _ in range(each):
                yield _document(family, number, _Filler(chance, next(people)))


def _document(family: Family, variant: int, filler: _Filler) -> Document:
    source = family.variants[variant]
    out: list[str] = []
    marks: list[Mark] = []
    size = at = 0
    for match in _MARK.finditer(source):
        plain = filler.fill(source[at : match.start()])
        inside = filler.fill(match[4])
        start = size + len(plain)
        categories = tuple(match[2].split("+"))
        if unknown := set(categories) - CATEGORIES.keys():
            raise Malformed(f"no category {sorted(unknown)}")
        assertion = Assertion[(match[3] or "affirmed").upper()]
        marks.append(Mark(start, start + len(inside), categories, assertion, bool(match[1])))
        out += [plain, inside]
        size, at = start + len(inside), match.end()
    out.append(filler.fill(source[at:]))
    path = re.sub(r"[^\w./-]", "_", filler.fill(family.path))
    return Document(family.name, variant, family.kind, path, "".join(out), tuple(marks))


class _Filler:
    """Fills the slots of one document, the same slot always with the same thing."""

    def __init__(self, chance: random.Random, person: Person) -> None:
        self._chance, self._person = chance, person
        self._made: dict[str, str] = {}

    def fill(self, text: str) -> str:
        return _SLOT.sub(self._slot, text)

    def _slot(self, match: re.Match[str]) -> str:
        name, man, woman = match.groups()
        if man is not None:
            return str(woman if self._person.sex == "F" else man)
        if not self._made:
            self._made = {**_of_patient(self._person, self._chance), **_of_others(self._chance)}
        if name not in self._made:
            raise Malformed(f"no slot {{{name}}}")
        return self._made[name]


def _of_patient(person: Person, chance: random.Random) -> Mapping[str, str]:
    woman, birth = person.sex == "F", person.birth
    title = {"M.": "Monsieur", "Mlle": "Mademoiselle"}.get(person.title, "Madame" if woman else "Monsieur")
    mark = chance.choice("////-.")
    digits = "".join(str(chance.randrange(10)) for _ in range(20))
    nir = person.nir or "2690549588157"
    key = person.nir_key or "80"
    return {
        "civ": {"Monsieur": "M.", "Mademoiselle": "Mlle"}.get(title, "Mme"), "Civ": title,
        "Nom": person.used_name, "NOM": person.used_name.upper(),
        "Naissance": person.birth_name, "NAISSANCE": person.birth_name.upper(),
        "Prenom": person.given[0], "PRENOM": person.given[0].upper(), "p": person.given[0][0],
        "e": "e" if woman else "", "ne": "née" if woman else "né", "il": "elle" if woman else "il",
        "Il": "Elle" if woman else "Il", "patient": "patiente" if woman else "patient",
        "ddn": birth.strftime(f"%d{mark}%m{mark}%Y"), "ddn_iso": birth.isoformat(),
        "ddn_mots": f"{birth.day} {_MONTHS[birth.month - 1]} {birth.year}", "ddn_8": birth.strftime("%d%m%Y"),
        "age": str((_TODAY - birth).days // 365),
        "nir": spaced_nir(nir, key), "nir_plat": nir + key, "nir13": nir, "cle": key,
        "ipp": "8" + digits[:7], "nda": "2" + digits[7:15], "dossier": f"B26-{digits[15:20]}",
        "rue": person.street, "cp": person.postcode, "ville": person.town,
        "tel": spaced_phone(person.phone or "0199001234"), "mobile": spaced_phone(person.mobile or "0639981234"),
        "email": person.email or f"{fold(person.given[0]).lower()}.{fold(person.used_name[:3]).lower()}@example.org",
    }  # fmt: skip


def _of_others(chance: random.Random) -> Mapping[str, str]:
    doctor, other = chance.sample(names.SURNAMES, 2)
    given = chance.choice(names.FEMALE + names.MALE), chance.choice(names.FEMALE + names.MALE)
    day, before = (_TODAY - timedelta(days=chance.randrange(3, 300)) for _ in range(2))
    return {
        "dr": doctor, "DR": doctor.upper(), "drp": given[0], "dr2": other, "drp2": given[1],
        "rpps": luhn(f"1000{chance.randrange(10**6):06d}"), "finess": luhn(f"5600{chance.randrange(10**4):04d}"),
        "adeli": f"5610{chance.randrange(10**5):05d}",
        "date": day.strftime("%d/%m/%Y"), "date2": before.strftime("%d/%m/%Y"),
        "date_mots": f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
        "an": str(chance.randrange(1998, 2026)), "an2": str(chance.randrange(1975, 1998)),
        "n": str(chance.randrange(2, 10)), "nn": str(chance.randrange(12, 99)), "nnn": str(chance.randrange(110, 990)),
        "hopital": chance.choice(_HOSPITALS), "labo": chance.choice(_LABS), "lieu": chance.choice(_PLACES),
    }  # fmt: skip


def luhn(digits: str) -> str:
    """Return the digits with the check digit that makes them pass Luhn's rule."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if at % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return digits + str(-total % 10)


def with_text(document: Document, text: str, moved: list[int], noise: str) -> Document:
    """Return the document with another text, its marks moved: `moved[i]` is where character i now begins."""
    marks = tuple(replace(mark, start=moved[mark.start], end=moved[mark.end]) for mark in document.marks)
    return replace(document, text=text, marks=marks, noise=noise)
