"""Persons named inside cells of tables whose columns name nobody, and sentences that are no column of identifiers."""

from __future__ import annotations

import pytest

from phiscan.content import recognizers_folder
from phiscan.model import Gap
from phiscan.recognize import cellpersons
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.ruleset import Ruleset
from tests.recognize.test_table import cells_of, hits, persons, table_of, tallied

NIRS = ["2 95 10 99 126 111 93", "2 69 05 49 588 157 80"]


@pytest.fixture(scope="module")
def shipped() -> Ruleset:
    return load_ruleset([recognizers_folder()])


def told(ruleset: Ruleset, text: str) -> list[list[str]]:
    return sorted(persons(tallied(table_of(cells_of(text)), ruleset)).values())


def test_a_cell_that_names_its_patient_is_a_record(shipped: Ruleset) -> None:
    text = (
        "ticket;service;description\n4711;DSI;imprimante en panne\n"
        "4712;DSI;Mme DUPONT Marie née le 12/03/1965, sérologie VIH positive non affichée\n"
        f"4713;DSI;NIR {NIRS[0]} refusé, hépatite B\n"
        "4714;DSI;Mme PETIT Anne suivie pour un cancer du sein, résultat perdu\n"
        "4715;DSI;Mme DUPONT Marie née le 12/03/1965, sérologie VIH positive non affichée\n"
    )
    assert told(shipped, text) == [
        ["nir", "infection", "STRONG"],
        ["person_name", "birth_date", "hiv", "STRONG"],
        ["person_name", "cancer", "INEXACT"],
    ]
    found = hits(tallied(table_of(cells_of(text)), shipped))
    assert {one: found[one] for one in ("hiv", "cancer", "birth_date", "nir")} == {
        "hiv": [2], "cancer": [1], "birth_date": [2], "nir": [1],
    }  # fmt: skip


@pytest.mark.parametrize(
    "cell",
    [
        "module VIH en panne, voir avec Paul KERVELLA",
        "cancer du sein : prospectus",
        "Dr KERVELLA né le 12/03/1965, cours sur le VIH",
        "Mme DUPONT Marie née le 12/03/1965",
        "Mme KERVELLA signale : module VIH en panne",
    ],
)
def test_a_cell_without_a_patient_or_a_fact_is_none(shipped: Ruleset, cell: str) -> None:
    assert told(shipped, f"ticket;service;description\n1;DSI;imprimante\n2;DSI;{cell}\n") == []


def test_who_is_in_a_cell_of_a_patients_row_is_no_further_person(shipped: Ruleset) -> None:
    text = "NOM;PRENOM;DDN;note\nMARTIN;Paul;01/12/1948;mère Mme DUPONT Marie née le 12/03/1925, cancer du sein\n"
    assert told(shipped, text) == [["person_name", "birth_date", "cancer", "STRONG"]]


@pytest.mark.parametrize("form", ["patient M. {} né le {:02}/03/1965, VIH positif", "NIR de {} le {:02} : refus, VIH"])
def test_sentences_are_no_column_of_dates_or_names(shipped: Ruleset, form: str) -> None:
    names = ["Paul KERVELLA", "Anne PETIT", "Yann LE GOFF", "Marie DUPONT", "Lucie MOREAU"]
    rows = [["4711", form.format(name, day)] for day, name in enumerate(names * 5, 1)]
    tally = tallied(table_of([["id", "texte"], *rows]), shipped)
    expected = [["person_name", "birth_date", "hiv", "STRONG"]] * 25 if "né le" in form else []
    assert list(persons(tally).values()) == expected
    assert hits(tally)["hiv"] == [25]


def test_more_cells_than_are_linked_is_said(shipped: Ruleset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cellpersons, "MOST", 1)
    people = ("DUPONT Marie née le 12/03/1965", "PETIT Anne née le 01/02/1970")
    first, second = (f"Mme {who}, VIH positif" for who in people)
    table = table_of([["id", "texte"], ["1", "néant"], ["2", first], ["3", second], ["4", first], ["5", second]])
    assert list(persons(tallied(table, shipped)).values()) == [["person_name", "birth_date", "hiv", "STRONG"]]
    detail = "more than 1 cells may name somebody; the first of them were linked"
    assert table.gaps == [Gap("recognize", "too_big", detail)]


def sent(*messages: str) -> str:
    return "id,numero,texte\n" + "".join(f'{at},3360000{at:04},"{text}"\n' for at, text in enumerate(messages))


MESSAGES = (
    "Bonjour Mme KERVELLA Solange, rappel RDV radiotherapie le 25/11 a 14h.",
    "CSAPA: M. PETIT Lucien votre methadone est disponible.",
    "Mme DUPONT Simone: vos resultats serologie VIH sont prets.",
    "Rappel Mme MOREAU Yamina : hospitalisation de jour chimiotherapie 26/11 8h a jeun",
    "Centre de planification : Mme LE GOFF Lise RDV IVG le 25/11 9h",
)


def test_whom_messages_to_patients_name_is_a_patient(shipped: Ruleset) -> None:
    assert told(shipped, sent(*MESSAGES)) == [
        ["person_name", "cancer", "INEXACT"],
        ["person_name", "cancer", "INEXACT"],
        ["person_name", "hiv", "INEXACT"],
        ["person_name", "pregnancy", "INEXACT"],
        ["person_name", "treatment", "addiction", "INEXACT"],
    ]


@pytest.mark.parametrize(
    "messages",
    [
        MESSAGES[4:] * 5,  # one text, sent again and again
        (
            "Centre de planification : Mme LE GOFF Lise, réunion IVG",
            "M. PETIT Jean (ARS) : plan chimiothérapie",
            "M. DUPONT Paul : module IVG en panne",
            "Votre commande est disponible",
        ),
        (
            "Bonjour Mme KERVELLA Solange, rappel RDV signature du bail le 25/11",
            "Bonjour M. PETIT Jean, votre colis est disponible",
            "Bonjour Mme MOREAU Anne, rappel RDV réunion IVG le 3/12",
            "Bonjour Mme LE GOFF Lise, rappel RDV formation chimiothérapie salle 2",
        ),
    ],
)
def test_other_messages_name_nobody_ill(shipped: Ruleset, messages: tuple[str, ...]) -> None:
    assert told(shipped, sent(*messages)) == []
