"""Bare codes in columns: B24 is a disease among words, under a header, in a table of care; else a cellar or a road."""

from __future__ import annotations

import pytest

from phiscan.fold import fold
from phiscan.recognize import bare
from phiscan.recognize.examples import find_cells
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath

BORN = ["14/03/1975", "28/09/1968", "21/06/1988", "02/02/1952", "17/03/1944"]
NAMES = ["AUBRY Luc", "GOMES Paulo", "BERGER Anne", "VIAL Simone", "KACI Samir"]
ROOMS = "B24 C50 E11 F20 A12 G03 B22 D07 H14 C18 J45 A02 K50 B23 E10 M06 N18 L40".split()
CODES = "B24 C50 I10 E11 K70 Z21 F32 J45 N18 I48 G40 C18 M81".split()


def told(shipped: Ruleset, header: str, values: list[str], **others: list[str]) -> list[str]:
    """Return the values in which HIV is found, in a table of names, births, others and this column."""
    columns = {
        "Nom": [NAMES[n % 5] for n in range(len(values))],
        "Né(e) le": [BORN[n % 5] for n in range(len(values))],
        **others,
        header: values,
    }
    rows = [list(columns), *(list(row) for row in zip(*columns.values(), strict=True))]
    indices = [one.index for one in shipped.recognizers if one.category == "hiv"]
    found = {cell for index in indices for cell in find_cells(shipped, rows, index)}
    return [rows[row][column] for row, column in sorted(found)]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Cave", ["B24", "B21", "C50"]),
        ("Cave", ["B24"]),
        ("Cave", ["B24", "aucune", "B21"]),
        ("ECO", ["B24", "C50", "B20"]),
        ("Code", ["B24", "C50", "E11", "B20"]),
        ("Concession", ["C50", "B24", "E11"]),
        ("Itinéraire", ["D12 puis E11", "D12, D37", "C50, B24"]),
        ("Tronçon", ["C50, B24", "D12, D37"]),
        ("Couchette", ["B24", "B21", "B24"]),
        ("Catégorie", ["B20", "B22", "C20"]),
        ("Appartement", ["B203", "C101", "B24", "A112", "D204"]),
        ("Amarrage", ["B203", "C101", "B24", "A112", "D204"]),
        ("Filière", ["PREP", "BTS", "PREP"]),
        ("Commande", ["PREP", "LIV", "EXP"]),
        ("Commune", ["B24", "B21", "C50"]),
        ("Localisation", ROOMS),
        ("Borne d'accès", ROOMS),
        ("Jeton", ROOMS),
    ],
)
def test_places_are_no_diseases(shipped: Ruleset, header: str, values: list[str]) -> None:
    assert told(shipped, header, values) == []


@pytest.mark.parametrize(
    "header",
    [*"CIM DP DIAG_PPAL Commentaire Motif Maladie Pathologie ALD DAS2 Remarque Infos F12".split(), ""],
)
def test_under_a_header_that_says_so_they_are(shipped: Ruleset, header: str) -> None:
    assert told(shipped, header, ["B24", "C50", "E11"]) == ["B24"]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Suite", ["B24", "RAS", "à jeun"]),
        ("Suite", ["B24", "RAS", "RAS"]),
        ("Suite", ["B24", "C50.9"]),
        ("XPAL", CODES),
        ("MORB", ["B24", "C509", "J45"]),
    ],
)
def test_so_are_those_among_words_or_diseases(shipped: Ruleset, header: str, values: list[str]) -> None:
    assert [value for value in told(shipped, header, values) if value != "Z21"] == ["B24"]


@pytest.mark.parametrize(
    ("header", "other", "values"),
    [
        ("Code", "IPP", ["800123456", "800123457"]),
        ("Code", "Service", ["Médecine A", "Pneumologie"]),
        ("Code", "Actes", ["DEQP003", "HHQE002"]),
        ("Suite", "IPP", ["800123456", "800123457"]),
        ("Suite", "Allergies", ["pénicilline", ""]),
        ("Suite", "Infos", ["sous insuline", "tamoxifène"]),
    ],
)
def test_so_are_those_in_a_table_of_care(shipped: Ruleset, header: str, other: str, values: list[str]) -> None:
    assert told(shipped, header, ["B24", "C50"], **{other: values}) == ["B24"]


def test_a_prophylaxis_among_its_like_is_one(shipped: Ruleset) -> None:
    assert told(shipped, "Suivi", ["PREP", "IST", "PREP"]) == ["PREP", "PREP"]
    assert told(shipped, "Acte", ["PREP", "VIH", "BTS"]) == ["PREP", "VIH"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Concession :\nB24\nAllée :\nB21", []),
        ("Parking : D12 / B24", []),
        ("Commentaire :\nB24", ["B24"]),
        ("Suivi en consultation\nB24", ["B24"]),
        ("Diagnostic :\nB24", ["B24"]),
    ],
)
def test_in_a_form_the_label_says_what_they_are(shipped: Ruleset, text: str, codes: list[str]) -> None:
    written = f"Nom : AUBRY\nPrénom : Luc\nNé le : 14/03/1975\n{text}\n"
    found = TextPath(shipped).find(fold(written))
    hiv = [span for span in found.spans if shipped.recognizers[span.recognizer].category == "hiv"]
    assert [written[span.start : span.end] for span in hiv] == codes


def test_a_room_in_a_table_of_care_is_one_still(shipped: Ruleset) -> None:
    numbers = ["800123456", "800123457"]
    assert told(shipped, "Localisation", ["B24", "C50"], IPP=numbers) == []
    assert told(shipped, "Caveau", ["B24", "C50"], IPP=numbers) == []


def test_what_the_code_system_has(shipped: Ruleset) -> None:
    file = shipped.systems["cim10"].file
    assert bare.could_be("XYZ", ["B24", "C509", "E11.9"], file)
    assert not bare.could_be("XYZ", ["A12", "B11", "C509"], file)
    assert not bare.could_be("Étage", ["B24", "C509"], file)
    assert bare.could_be("Diagnostic, étage", ["B24", "C509"], file)
