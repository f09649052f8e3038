"""Writes a file shaped like the one that leaked in 2021: 491,840 rows of 60 columns, cp1252, `;`, about 127 MB.

    python -m tests.generate.leak OUT [--rows N] [--seed S]

Streams: memory holds one block of rows and the census. The truth goes to OUT.truth.json. What is known of the
leaked file (fields, fill rates, civilities, 14,997 clear passwords) is in the delibération SAN-2022-009 and in the
press; its column names were never published, these are what such software uses.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.generate import names
from tests.generate.comments import LEAK_RATES, Commenter, Fact
from tests.generate.people import Person, Population, fold
from tests.generate.truth import Census

ROWS = 491_840
_BLOCK = 8_192
_PASSWORDS = 14_997  # of ROWS
_BLOOD = (Fact("blood_group"),)
COLUMNS = (
    "NUM_DOSSIER", "NUM_SECU", "CLE", "RANG", "CIVILITE", "NOM", "PRENOM", "NOMJF", "DATE_NAISS", "RANG_NAISS", "SEXE",
    "ADR1", "ADR2", "ADR3", "CP", "VILLE", "TEL", "TEL_TRAVAIL", "PORTABLE", "FAX", "EMAIL", "DATE_CREATION",
    "DATE_DERN_VISITE", "GROUPE", "RH", "COMMENTAIRE", "COMMENTAIRE2", "CODE_PRESC", "NOM_PRESC", "PRENOM_PRESC",
    "ADR_PRESC", "CP_PRESC", "VILLE_PRESC", "TEL_PRESC", "EMAIL_PRESC", "CODE_PREL", "NOM_PREL", "ADR_PREL", "CP_PREL",
    "VILLE_PREL", "TEL_PREL", "ID_TIERS_PAYANT", "MUTUELLE", "ADR_MUTUELLE", "CP_MUTUELLE", "VILLE_MUTUELLE",
    "TEL_MUTUELLE", "NUM_ADHERENT", "FIN_DROITS", "REGIME", "CAISSE", "CENTRE", "EXO", "LOGIN", "MDP", "SITE",
    "MODE_ENVOI", "NB_DOSSIERS", "DERNIER_DOSSIER", "ACTIF",
)  # fmt: skip


class _Prescriber(NamedTuple):
    cells: tuple[str, ...]  # the eight *_PRESC columns


class _Sampler(NamedTuple):
    cells: tuple[str, ...]  # the six *_PREL columns


class _Clinic:
    """What surrounds the patients: some 2,400 prescribers and 60 samplers, drawn once."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        people = Population(seed + 1)
        doctors = people.people(2_400)
        self.prescribers = [
            _Prescriber(self._doctor(number, person, people, rng)) for number, person in enumerate(doctors)
        ]
        self.samplers = [_Sampler(self._nurse(number, person)) for number, person in enumerate(people.people(60))]

    @staticmethod
    def _doctor(number: int, person: Person, people: Population, rng: random.Random) -> tuple[str, ...]:
        mail = f"cabinet{number}@example.fr" if rng.random() < 0.1 else ""
        name, given = fold(person.used_name), fold(person.given[0])
        if rng.random() < 0.8:  # known by name only
            return (f"M{number:04d}", name, "", "", "", "", "", "")
        phone = people.phone() if rng.random() < 0.7 else ""
        return (f"M{number:04d}", name, given, person.street.upper(), person.postcode, fold(person.town), phone, mail)

    @staticmethod
    def _nurse(number: int, person: Person) -> tuple[str, ...]:
        return (f"P{number}", fold(person.used_name), person.street, person.postcode, fold(person.town), person.phone)


class LeakTable:
    """The rows of the file, one after the other, and what they say."""

    def __init__(self, rows: int = ROWS, seed: int = 2021) -> None:
        self.rows = rows
        self.census = Census()
        self.filled = dict.fromkeys(("nir", "phone", "email", "credentials"), 0)
        self._rng = random.Random(seed)
        self._people = Population(seed + 2)
        self._comments = Commenter(seed + 3, LEAK_RATES)
        self._clinic = _Clinic(seed + 4)
        self._notes = Commenter(seed + 5, {"innocent": 0.09, "hiv": 0.001, "cancer": 0.001, "pregnancy": 0.001})

    def lines(self) -> Iterator[str]:
        """Yield the header line, then one line a row, without line ends."""
        yield ";".join(COLUMNS)
        for serial, person in zip(range(1, self.rows + 1), self._people, strict=False):
            yield self._line(serial, person)

    def truth(self) -> dict[str, object]:
        """Return the truth about the rows yielded so far; `filled` counts rows."""
        return {**self.census.as_dict(), "columns": len(COLUMNS), "filled": self.filled}

    def _line(self, serial: int, person: Person) -> str:
        woman = person.sex == "F"
        comment = self._comments.draw(woman=woman)
        note = self._notes.draw(woman=woman)
        login = self._login(serial, person)
        facts = comment.facts + note.facts + (_BLOOD if person.abo else ())
        self.census.row(person.identity, facts)
        filled = self.filled
        filled["nir"] += bool(person.nir)
        filled["phone"] += bool(person.phone or person.mobile)
        filled["email"] += bool(person.email)
        filled["credentials"] += bool(login[1])
        comments = (comment.text.replace(";", ","), note.text.replace(";", ","))
        cells = (*self._identity(serial, person), *comments, *self._around(), *self._cover(person))
        return ";".join((*cells, *login, *self._tail(serial)))

    def _identity(self, serial: int, person: Person) -> tuple[str, ...]:
        draw = self._rng.random()
        birth_name = fold(person.birth_name) if person.birth_name != person.used_name else ""
        visit = f"{1 + int(draw * 28):02d}/{1 + serial % 12:02d}/{2015 + serial * 7 % 6}"
        return (
            f"{serial:07d}", person.nir, person.nir_key, "1" if person.nir else "", person.title,
            fold(person.used_name),
            " ".join(person.given).upper() if draw < 0.7 else " ".join(person.given), birth_name,
            person.birth.strftime("%d/%m/%Y"), "1", person.sex, person.street.upper(),
            "RESIDENCE DU PARC" if draw < 0.01 else "", "", person.postcode, fold(person.town), person.phone, "",
            person.mobile, "", person.email, "" if draw < 0.8 else visit, visit, person.abo, person.rhesus,
        )  # fmt: skip

    def _around(self) -> tuple[str, ...]:
        """The prescriber's and the sampler's columns."""
        draw = self._rng.random()
        # Few prescribers send most patients.
        prescriber = self._clinic.prescribers[int(draw * draw * len(self._clinic.prescribers))].cells
        sampler = ("",) * 6 if draw * 10 % 1 < 0.9 else self._clinic.samplers[int(draw * 1000) % 60].cells
        return prescriber + sampler

    def _cover(self, person: Person) -> tuple[str, ...]:
        """The insurer's columns and the health insurance office."""
        office = (("01", "561", ""), ("01", "451", ""), ("01", "271", ""), ("02", "", ""))[person.birth.day % 4]
        if person.insurer < 0:
            return ("", "", "", "", "", "", "", "", *office, "0")
        name, postcode, town = names.INSURERS[person.insurer]
        rights = f"31/12/{2019 + person.birth.day % 3}"
        number = f"{99560000 + person.insurer}"
        return (number, name, "", postcode, town, "", person.member, rights, *office, "0")

    def _login(self, serial: int, person: Person) -> tuple[str, str]:
        """Return login and password, for the same share of rows as in the leak, spread evenly."""
        if serial * _PASSWORDS // ROWS == (serial - 1) * _PASSWORDS // ROWS:
            return ("", "")
        word = fold(person.given[0]).lower().replace(" ", "")
        return (f"{word[:1]}{fold(person.used_name).lower()[:9].strip()}", f"{word}{person.birth.year % 100:02d}")

    def _tail(self, serial: int) -> tuple[str, ...]:
        return (f"L{1 + serial % 28:02d}", "PCI"[serial % 3], str(1 + serial * 31 % 17), "", "O")


def write(out: Path, rows: int = ROWS, seed: int = 2021) -> dict[str, object]:
    """Write the file and its `.truth.json`, and return the truth."""
    table = LeakTable(rows, seed)
    block: list[str] = []
    with out.open("wb") as stream:
        for line in table.lines():
            block.append(line)
            if len(block) >= _BLOCK:
                stream.write("\r\n".join(block).encode("cp1252") + b"\r\n")
                block.clear()
        stream.write("".join(f"{line}\r\n" for line in block).encode("cp1252"))
    truth = {**table.truth(), "bytes": out.stat().st_size}
    out.with_name(out.name + ".truth.json").write_text(json.dumps(truth, indent=1), "utf-8")
    return truth


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.generate.leak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--seed", type=int, default=2021)
    given = parser.parse_args()
    print(json.dumps(write(given.out, given.rows, given.seed), indent=1))


if __name__ == "__main__":
    main()
