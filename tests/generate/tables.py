"""Writes the tables of `tests.generate.layouts`, each of 20,000 rows by default, with their truth.

    python -m tests.generate.tables FOLDER [--rows N] [--seed S]

In every file some 6 % of the rows are a person met before, spelled the same but for case and accents; some people
have no NIR; children stand under a parent's. A few rows have a null identity (INCONNU, NON RENSEIGNE, blank; NIR
blank or zeros, no birth date; no address, telephone, mail or patient number): **they are records
and nobody**, whatever their comment says. FILE.truth.json holds the counts, see `tests.generate.truth`.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.generate.comments import TABLE_RATES, Comment, Commenter, Fact
from tests.generate.layouts import LAYOUTS, Layout
from tests.generate.people import Person, Population, fold, spaced_nir, spaced_phone, spell
from tests.generate.truth import Census

ROWS = 20_000
_REPEATS = 0.06
_NOBODIES = 0.003
_NULL_NAMES = (("INCONNU", "INCONNU"), ("", ""), ("NON RENSEIGNE", ""), ("INCONNUE", "X"), ("Inconnu", ""))
_NULL_NUMBERS = ("", "", "0000000000000")
_NOTE_RATES = {"innocent": 0.1, "infection": 0.01, "genetic": 0.01}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: who, what was typed, and codes in columns of their own. `nobody` has (NIR, name, given name)."""

    serial: int
    person: Person
    comment: Comment
    note: Comment
    hiv_code: str
    pregnancy_code: str
    visit: str
    doctor: str
    nobody: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a written file holds: the truth as JSON goes, and values that must never be repeated anywhere."""

    truth: dict[str, object]
    canaries: frozenset[str]


class Clerk:
    """Makes the rows of one file, the same for the same seed."""

    def __init__(self, seed: int, *, wide: bool) -> None:
        self._rng = random.Random(seed)
        self._people = iter(Population(seed + 1, wide=wide, without_nir=0.02))
        self._comments = Commenter(seed + 2, TABLE_RATES)
        self._notes = Commenter(seed + 3, _NOTE_RATES)
        self._doctors = Population(seed + 4).people(80)
        self._seen: list[Person] = []

    def rows(self, count: int) -> Iterator[Row]:
        """Yield `count` rows."""
        for serial in range(1, count + 1):
            yield self._row(serial)

    def _row(self, serial: int) -> Row:
        random_ = self._rng.random
        nobody = random_() < _NOBODIES
        person = self._person()
        woman = person.sex == "F"
        doctor = self._doctors[int(random_() * len(self._doctors))]
        name, given = _NULL_NAMES[int(random_() * len(_NULL_NAMES))]
        coded = random_()
        return Row(
            serial=serial,
            person=person,
            comment=self._comments.draw(woman=woman),
            note=self._notes.draw(woman=woman),
            hiv_code=("POS" if coded < 0.01 else "NEG") if coded < 0.05 else "",
            pregnancy_code=("O" if coded < 0.55 else "N") if woman and 0.5 < coded < 0.6 else "",
            visit=f"{1 + int(random_() * 28):02d}/{1 + int(random_() * 12):02d}/{2016 + int(random_() * 5)}",
            doctor=f"Dr {doctor.given[0]} {doctor.used_name}" if random_() < 0.7 else "",
            nobody=(_NULL_NUMBERS[int(random_() * 3)], name, given) if nobody else None,
        )

    def _person(self) -> Person:
        """Somebody new, or somebody met before in another spelling."""
        if self._seen and self._rng.random() < _REPEATS:
            known = self._seen[int(self._rng.random() * len(self._seen))]
            respell = fold if self._rng.random() < 0.7 else str.upper
            return replace(
                known,
                birth_name=respell(known.birth_name),
                used_name=respell(known.used_name),
                given=tuple(map(respell, known.given)),
            )
        person = next(self._people)
        self._seen.append(person)
        return person


def _birth_name(person: Person) -> str:
    return person.birth_name if person.birth_name != person.used_name else ""


_CELLS: dict[str, Callable[[Row, Person], str]] = {
    "serial": lambda row, _: f"{100_000 + row.serial}",
    "nir13": lambda _, person: person.nir,
    "key": lambda _, person: person.nir_key,
    "nir15": lambda _, person: person.nir + person.nir_key,
    "nir15_spaced": lambda _, person: spaced_nir(person.nir, person.nir_key) if person.nir else "",
    "nir13_spaced": lambda _, person: spaced_nir(person.nir) if person.nir else "",
    "title": lambda _, person: person.title,
    "used": lambda _, person: person.used_name,
    "used_if_other": lambda _, person: person.used_name if _birth_name(person) else "",
    "birth_name": lambda _, person: _birth_name(person),
    "birth_name_always": lambda _, person: person.birth_name,
    "given": lambda _, person: person.given[0],
    "all_given": lambda _, person: ", ".join(person.given),
    "sex": lambda _, person: person.sex,
    "street": lambda _, person: person.street,
    "postcode": lambda _, person: person.postcode,
    "town": lambda _, person: person.town,
    "phone": lambda _, person: person.phone,
    "mobile": lambda _, person: person.mobile,
    "phone_spaced": lambda _, person: spaced_phone(person.phone),
    "phone_dotted": lambda _, person: spaced_phone(person.phone, "."),
    "mobile_spaced": lambda _, person: spaced_phone(person.mobile),
    "email": lambda _, person: person.email,
    "abo": lambda _, person: person.abo,
    "rhesus": lambda _, person: person.rhesus,
    "rhesus_word": lambda _, person: {"+": "POS", "-": "NEG", "": ""}[person.rhesus],
    "blood": lambda _, person: person.abo + person.rhesus,
    "blood_word": lambda _, person: f"{person.abo} {'POS' if person.rhesus == '+' else 'NEG'}" if person.abo else "",
    "hiv_code": lambda row, _: row.hiv_code,
    "pregnancy_code": lambda row, _: row.pregnancy_code,
    "visit": lambda row, _: row.visit,
    "doctor": lambda row, _: row.doctor,
    "comment": lambda row, _: row.comment.text,
    "note": lambda row, _: row.note.text,
    "office": lambda _, person: person.postcode[:2] + "1",
    "flag": lambda _row, _person: "",
}


class TableWriter:
    """Writes one layout and counts its truth."""

    def __init__(self, layout: Layout, rows: int = ROWS, seed: int = 1) -> None:
        self.layout = layout
        self._roles = {role for _, role in layout.columns}
        self._rows = rows
        self._clerk = Clerk(seed * 1_000 + 10 * LAYOUTS.index(layout), wide=layout.wide)
        self._rng = random.Random(seed)
        self._census = Census()
        self._canaries: set[str] = set()

    def write(self, out: Path) -> Written:
        """Write the file and FILE.truth.json."""
        lines = [self._line(tuple(label for label, _ in self.layout.columns))] if self.layout.header else []
        for row in self._clerk.rows(self._rows):
            self._census.row(*self._meaning(row))
            cells = self._cells(row)
            if row.serial % 20 == 0 and row.nobody is None:
                self._canaries |= self._identity_cells(cells)
            if len(row.comment.text) >= 20:
                self._canaries.add(cells[self._column("comment")])
            lines.append(self._line(cells))
        out.write_bytes("".join(lines).encode(self.layout.encoding))
        truth = {"encoding": self.layout.encoding, "header": self.layout.header, **self._census.as_dict()}
        out.with_name(out.name + ".truth.json").write_text(json.dumps(truth, indent=1), "utf-8")
        return Written(truth, frozenset(self._canaries))

    def _column(self, role: str) -> int:
        return next(i for i, (_, known) in enumerate(self.layout.columns) if known == role)

    def _meaning(self, row: Row) -> tuple[tuple[object, ...] | None, tuple[Fact, ...]]:
        """Who this row is about, or None, and the facts it states in the columns that this layout has."""
        facts = row.comment.facts
        if "note" in self._roles:
            facts += row.note.facts
        if "hiv_code" in self._roles and row.hiv_code:
            facts += (Fact("hiv", "affirmed" if row.hiv_code == "POS" else "negated"),)
        if "pregnancy_code" in self._roles and row.pregnancy_code:
            facts += (Fact("pregnancy", "affirmed" if row.pregnancy_code == "O" else "negated"),)
        if row.person.abo and row.nobody is None:
            facts += (Fact("blood_group"),)
        return (None if row.nobody else row.person.identity, facts)

    def _cells(self, row: Row) -> tuple[str, ...]:
        if row.nobody is None:
            cells = [self._cell(role, row) for _, role in self.layout.columns]
        else:
            cells = [self._null_cell(role, row, row.nobody) for _, role in self.layout.columns]
        if self.layout.quoting == csv.QUOTE_NONE:
            cells = [cell.replace(self.layout.delimiter or "\n", ",") for cell in cells]
        elif row.serial % 50 == 0:  # a remark of two lines
            where = self._column("comment")
            cells[where] = cells[where].replace(" - ", "\n", 1)
        return tuple(spell(cell, self.layout.encoding) for cell in cells)

    def _cell(self, role: str, row: Row) -> str:
        if role == "birth":
            return row.person.birth.strftime(self.layout.birth)
        return _CELLS[role](row, row.person)

    @staticmethod
    def _null_cell(role: str, row: Row, nobody: tuple[str, str, str]) -> str:
        number, name, given = nobody
        match role:
            case "nir13" | "nir15" | "nir13_spaced" | "nir15_spaced":
                return number
            case "used" | "birth_name_always":
                return name
            case "given" | "all_given":
                return given
            case "visit" | "doctor" | "comment" | "note" | "sex" | "hiv_code" | "pregnancy_code":
                return _CELLS[role](row, row.person)
            case _:
                return ""

    def _line(self, cells: tuple[str, ...]) -> str:
        if self.layout.widths:
            return self._fixed(cells)
        if self.layout.quoting == csv.QUOTE_NONE:
            return self.layout.delimiter.join(self._frayed(list(cells))) + self.layout.newline
        stream = io.StringIO()
        writer = csv.writer(
            stream, delimiter=self.layout.delimiter, quoting=self.layout.quoting, lineterminator=self.layout.newline
        )
        writer.writerow(cells)
        return stream.getvalue()

    def _fixed(self, cells: tuple[str, ...]) -> str:
        padded = [
            cell.replace("\n", " ")[: width - 1].ljust(width) if width else cell
            for cell, width in zip(cells, self.layout.widths, strict=True)
        ]
        return "".join(padded).rstrip() + self.layout.newline

    def _frayed(self, cells: list[str]) -> list[str]:
        """Return the cells of a ragged file: empty ones at the end left out, a stray quote, a cell too many."""
        draw = self._rng.random()
        if not self.layout.ragged or draw > 0.08:
            return cells
        if draw < 0.04:
            while not cells[-1]:
                cells.pop()
        elif draw < 0.06:
            cells[self._column("comment")] += ' tube 5" '
        else:
            cells.append("#")
        return cells

    def _identity_cells(self, cells: tuple[str, ...]) -> set[str]:
        """The values of a row that would name its person: names, numbers, addresses, dates, as written."""
        plain = {"used", "used_if_other", "birth_name", "birth_name_always", "given", "street", "email"}
        numbers = {"nir13", "nir15", "nir13_spaced", "nir15_spaced", "phone", "mobile", "birth", "phone_spaced"}
        kept = {
            cell.strip() for cell, (_, role) in zip(cells, self.layout.columns, strict=True) if role in plain | numbers
        }
        return {cell for cell in kept if len(cell) >= 5}


def write_all(folder: Path, rows: int = ROWS, seed: int = 1) -> dict[str, Written]:
    """Write every layout into `folder` and return what each holds, by file name."""
    return {layout.name: TableWriter(layout, rows, seed).write(folder / layout.name) for layout in LAYOUTS}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.generate.tables", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, written in write_all(given.folder, given.rows, given.seed).items():
        print(name, json.dumps({key: written.truth[key] for key in ("records", "persons", "records_of_nobody")}))


if __name__ == "__main__":
    main()
