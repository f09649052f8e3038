"""Columns of ticks under the names of diseases, with the recognizers that ship."""

from __future__ import annotations

import pytest

from phiscan.fold import fold_str
from phiscan.model import Assertion
from phiscan.recognize.columns import make_plan
from phiscan.recognize.examples import find_cells
from phiscan.recognize.ruleset import Ruleset
from tests.recognize.test_beside import shown
from tests.recognize.test_table import cells_of

PEOPLE = ("MILLET;Serge", "BENOIT;Chantal", "KEITA;Mariama", "OLLIVIER;Ronan")


def table(header: str, ticks: tuple[str, ...]) -> list[list[str]]:
    rows = [f"{who};{tick}" for who, tick in zip(PEOPLE, ticks, strict=True)]
    return [[fold_str(cell) for cell in row] for row in cells_of("\n".join([header, *rows]))]


@pytest.mark.parametrize(
    ("header", "category"),
    [
        ("Diabète", "diagnosis"),
        ("HTA", "diagnosis"),
        ("Asthme", "diagnosis"),
        ("Epilepsie", "diagnosis"),
        ("Dépression", "psychiatric"),
    ],
)
@pytest.mark.parametrize("tick", ["x", "X"])
def test_a_tick_under_a_disease_is_a_fact(header: str, category: str, tick: str, shipped: Ruleset) -> None:
    rows = table(f"Nom;Prénom;{header}", (tick, "", tick, ""))
    plan = make_plan(rows, None, shipped)
    assert shown(plan, shipped)[2] == category
    found = find_cells(shipped, rows, plan.columns[2].recognizer)
    assert found == {(1, 2): Assertion.AFFIRMED, (3, 2): Assertion.AFFIRMED}


def test_a_matrix_of_several(shipped: Ruleset) -> None:
    rows = table("NOM;PRENOM;Diabète;HTA;Photo;VIH", ("x;x;;", ";x;x;", ";;x;x", "x;;;"))
    categories = ["diagnosis", "diagnosis", "text", "hiv"]
    assert shown(make_plan(rows, None, shipped), shipped)[2:] == categories


@pytest.mark.parametrize(
    ("header", "ticks"),
    [
        ("Nom;Prénom;Incendie;Diabète", ("x;x", "x;", ";x", "x;x")),  # modules of a training
        ("Nom;Prénom;Formation;Diabète", (";x", ";", ";x", ";x")),
        ("Nom;Prénom;Prix diabète", ("x", "", "x", "")),  # says nothing of people
        ("Nom;Prénom;Cotisation;Diabète", (";x", ";", ";x", ";x")),
        ("Module;Titre;Diabète", ("x", "", "x", "")),  # nobody's
        ("Nom;Prénom;Diabète", ("", "", "", "")),
        ("Nom;Prénom;Photo", ("x", "", "x", "")),
    ],
)
def test_other_ticks_are_none(header: str, ticks: tuple[str, ...], shipped: Ruleset) -> None:
    rows = table(header, ticks)
    if header.startswith("Module"):
        rows = [rows[0], *([f"M{at}", f"{at} h", row[2]] for at, row in enumerate(rows[1:]))]
    assert set(shown(make_plan(rows, None, shipped), shipped)[2:]) == {"text"}
