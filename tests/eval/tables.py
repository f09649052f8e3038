"""Labelled tables: exports as hospitals and laboratories make them, with the truth about every cell, row and file.

An `Export` names its columns as that program's author would have and says for each what stands in it (a role, see
`tests.eval.roles`). What is made of it knows, for each line of data, whose it is, and for each cell which categories
it holds and how they are stated. README.md shows the notation.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from phiscan.model import CATEGORIES, Kind
from tests.eval.noise import NOISES as CHARACTERS
from tests.eval.roles import Cell, Role, Subject, parse
from tests.generate.comments import Wording
from tests.generate.comments import parse as parse_wordings
from tests.generate.people import Person, Population, fold

NOISES = ("plain", "unaccented", "capitals", "truncated")
_HEALTH = frozenset(name for name, kind in CATEGORIES.items() if kind is Kind.HEALTH)
_AGAIN = 0.06  # rows about somebody met before, spelled otherwise
_NOBODY = 0.02  # rows whose identity is blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One file as one program writes it. `columns`: `label = role` lines.

    `form` is a table's ("csv", "fixed", "xlsx") or "text": each row by `template`, in which `{label}` is a cell,
    between `head` and `tail`.
    """

    name: str
    columns: str
    form: Literal["csv", "fixed", "xlsx", "text"] = "csv"
    # identified health data in it; nothing above `info`; or people without a health fact
    verdict: Literal["health", "nobody", "persons"] = "health"
    rows: int = 120
    encoding: str = "utf-8"
    delimiter: str = ";"
    quoting: Literal[0, 1, 3] = csv.QUOTE_MINIMAL
    newline: str = "\r\n"
    titles: tuple[str, ...] = ()  # lines above the header
    header: bool = True
    birth: str = "%d/%m/%Y"
    widths: tuple[int, ...] = ()
    head: str = ""
    template: str = ""
    tail: str = ""
    joint: str = ""  # between rows of a template
    quote: str = ""  # doubled inside cells of a template: SQL's

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(label for label, _ in _pairs(self.columns))

    @property
    def roles(self) -> tuple[Role, ...]:
        """What stands in each column."""
        return tuple(parse(role) for _, role in _pairs(self.columns))


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs = (line.partition(" = ") for line in filter(None, map(str.strip, text.splitlines())))
    return [(label.strip(), role.strip()) for label, _, role in pairs]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of data: its cells, and who it is about (None: nobody)."""

    cells: tuple[Cell, ...]
    person: str | None

    @property
    def facts(self) -> frozenset[str]:
        """The health categories it surely states."""
        return frozenset(m.category for cell in self.cells for m in cell.marks if not m.optional) & _HEALTH

    @property
    def debatable(self) -> frozenset[str]:
        """Those that may be counted or not."""
        return frozenset(m.category for cell in self.cells for m in cell.marks if m.optional) & _HEALTH


@dataclass(frozen=True, slots=True)
class Tabled:
    """A file's content before it is written."""

    export: Export
    noise: str
    labels: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def persons(self) -> int:
        """How many distinct people it is about."""
        return len({line.person for line in self.lines} - {None})


@dataclass(frozen=True)
class Book:
    """A split: its exports, and the comments that stand in them."""

    exports: tuple[Export, ...]
    facts: Mapping[str, str]  # kind → wordings as `tests.generate.wordings` writes them
    innocent: str
    parsed: dict[str, tuple[Wording, ...]] = field(default_factory=dict)

    def wordings(self, kind: str) -> tuple[Wording, ...]:
        """Return the wordings of a kind, "" for the innocent ones."""
        if kind not in self.parsed:
            self.parsed[kind] = parse_wordings(self.facts[kind] if kind else self.innocent)
        return self.parsed[kind]


def book(split: str) -> Book:
    """Return a split, `dev` or `held`."""
    if split == "dev":
        from tests.eval import tables_dev as module
    else:
        from tests.eval import tables_held as module  # type: ignore[no-redef]  # the same names
    return Book(module.EXPORTS, module.FACTS, module.INNOCENT)


def tables(split: str, noises: Sequence[str] = NOISES, seed: int = 1) -> Iterator[Tabled]:
    """Yield every export of a split as each noise leaves it."""
    found = book(split)
    for export in found.exports:
        made = make(export, found, seed)
        for noise in noises:
            yield spoil(made, noise)


def make(export: Export, found: Book, seed: int = 1) -> Tabled:
    """Fill an export with people."""
    chance = random.Random(f"{seed} {export.name}")
    wide = export.encoding.startswith("utf")
    people = iter(Population(chance.randrange(1 << 30), wide=wide, without_nir=0.02))
    doctors = Population(chance.randrange(1 << 30)).people(15)
    roles, met, lines = export.roles, list[Person](), list[Line]()
    for serial in range(1, export.rows + 1):
        person = _person(people, met, chance)
        subject = Subject(serial, person, chance.choice(doctors), chance, export.birth, found.wordings)
        nobody = export.verdict == "health" and chance.random() < _NOBODY
        cells = tuple(role.blank(subject) if nobody else role.cell(subject) for role in roles)
        known = None if nobody or not any(role.identifies for role in roles) else _known(roles, cells, person)
        lines.append(Line(cells, known))
    return Tabled(export, "plain", export.labels, tuple(lines))


def _person(people: Iterator[Person], met: list[Person], chance: random.Random) -> Person:
    """Somebody new, or somebody met before in another spelling."""
    if met and chance.random() < _AGAIN:
        known = chance.choice(met)
        respell: Callable[[str], str] = chance.choice((fold, str.upper))
        return replace(
            known,
            birth_name=respell(known.birth_name),
            used_name=respell(known.used_name),
            given=tuple(map(respell, known.given)),
        )
    met.append(next(people))
    return met[-1]


def _known(roles: Sequence[Role], cells: Sequence[Cell], person: Person) -> str | None:
    """Return what tells this person from the others of the table, in the columns that it has; None: nothing does."""
    kinds = {role.identifies for role, cell in zip(roles, cells, strict=True) if cell.text}
    parts = [person.nir] if "nir" in kinds else []
    if "name" in kinds:
        parts += [fold(person.birth_name), fold(person.given[0])]
    if "birth" in kinds:
        parts.append(person.birth.isoformat())
    if not parts:
        parts = [cell.text for role, cell in zip(roles, cells, strict=True) if role.identifies and cell.text][:1]
    return "|".join(parts) if parts else None


def spoil(tabled: Tabled, noise: str) -> Tabled:
    """Return the table as a noise leaves it. What a cut cell no longer says is no longer marked."""
    if noise == "plain":
        return tabled
    chance = random.Random(f"{noise} {tabled.export.name}")
    roles = tabled.export.roles

    def letters(text: str) -> str:
        return "".join(CHARACTERS[noise](char, chance) for char in text)

    def one(role: Role, cell: Cell) -> Cell:
        if noise == "truncated":
            return role.cut(cell)
        return cell if role.kept else replace(cell, text=letters(cell.text))

    lines = tuple(
        Line(tuple(one(role, cell) for role, cell in zip(roles, line.cells, strict=True)), line.person)
        for line in tabled.lines
    )
    labels = tabled.labels if noise == "truncated" else tuple(map(letters, tabled.labels))
    return replace(tabled, noise=noise, lines=lines, labels=labels)
