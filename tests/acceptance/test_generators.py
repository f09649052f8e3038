"""The generators are as they say: numbers with right keys, the same bytes for the same seed, a true truth."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from stdnum.fr import nir

from tests.generate import leak
from tests.generate.comments import LEAK_RATES, Commenter
from tests.generate.layouts import LAYOUTS
from tests.generate.people import Population, fold, nir_key
from tests.generate.tables import TableWriter


def test_keys_are_those_of_insee() -> None:
    people = [person for person in Population(1).people(5_000) if person.nir]
    assert [person for person in people if not nir.is_valid(person.nir + person.nir_key)] == []
    assert {person.nir[5:7] for person in people} >= {"2A", "2B", "97", "99"}
    assert nir_key("253072B073004") == "70"


def test_families_share_a_number_and_are_people_of_their_own() -> None:
    people = [person for person in Population(2).people(20_000) if person.nir]
    children = [person for person in people if person.title in {"enfant", "bébé"}]
    adults = {person.nir for person in people if person.title not in {"enfant", "bébé"}}
    assert {child.nir for child in children} <= adults
    assert len({person.nir for person in people}) == len(people) - len(children)
    assert len({person.identity for person in people}) == len(people)


def test_the_leak_has_more_than_150_000_distinct_comments() -> None:
    commenter = Commenter(2021 + 3, LEAK_RATES)
    texts = {commenter.draw(woman=number % 7 < 4).text for number in range(leak.ROWS)}
    assert 150_000 < len(texts) < 200_000


def test_the_leak_is_the_same_twice_and_has_sixty_columns(tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    truth = leak.write(first, 3_000)
    assert leak.write(second, 3_000) == truth
    assert first.read_bytes() == second.read_bytes()
    rows = list(csv.reader(io.StringIO(first.read_text("cp1252"), newline=""), delimiter=";", quoting=csv.QUOTE_NONE))
    assert {len(row) for row in rows} == {60}
    assert (len(rows) - 1, truth["records"]) == (3_000, 3_000)
    assert (
        len(
            {tuple(row[leak.COLUMNS.index(c)] for c in ("NUM_SECU", "NOM", "PRENOM", "DATE_NAISS")) for row in rows[1:]}
        )
        == 3_000
    )


def test_a_table_s_persons_are_those_of_its_cells(tmp_path: Path) -> None:
    (layout,) = [known for known in LAYOUTS if known.name == "utf8_bom_comma.csv"]
    truth = TableWriter(layout, 5_000).write(tmp_path / layout.name).truth
    rows = list(csv.DictReader(io.StringIO((tmp_path / layout.name).read_text("utf-8-sig"), newline="")))
    keys = [
        (r["numeroSecu"], fold(r["nomJeuneFille"] or r["nomPatient"]), fold(r["prenomPatient"]), r["dateNaissance"])
        for r in rows
    ]
    assert (len(rows), len({key for key in keys if key[3]})) == (truth["records"], truth["persons"])
    assert sum(not key[3] for key in keys) == truth["records_of_nobody"]
