"""Letters about animals, and about people who were bitten by one, with the recognizers that ship."""

from __future__ import annotations

import pytest

from phiscan.fold import fold
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath

SURGERY = "Clinique vétérinaire des Ponts\n"


def identities(text: str, ruleset: Ruleset) -> list[str]:
    """Return the names and the birth dates that are found in a text."""
    found = TextPath(ruleset).find(fold(text))
    return [
        found.folded[span.start : span.end].decode()
        for span in found.spans
        if ruleset.recognizers[span.recognizer].category in ("person_name", "birth_date")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Je vous adresse Oslo, berger allemand castré, né le 14/08/2016, appartenant à M. BODIN Patrick. Lymphome.",
        "Propriétaire : Mme BODIN Lucie\nAnimal : Mia, chatte stérilisée, née le 01/06/2012\nInsuffisance rénale.",
        "Rex, labrador né le 12/03/2015, le chien de M. Régis BODIN, a un cancer.\nM. Bodin est averti.",
    ],
)
def test_owners_are_not_ill_and_animals_are_nobody(shipped: Ruleset, text: str) -> None:
    assert identities(SURGERY + text, shipped) == []


def test_without_a_veterinary_surgery_an_owner_is_a_name(shipped: Ruleset) -> None:
    text = "Oslo, berger allemand castré, né le 14/08/2016, appartenant à M. BODIN Patrick. Lymphome."
    assert identities(text, shipped) == ["14/08/2016", "BODIN Patrick"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "M. DURAND Paul, né le 01/02/1950, mordu par un berger allemand appartenant à M. BODIN Luc. Diabète.",
            ["DURAND Paul", "01/02/1950"],
        ),
        ("Mme Sophie MARTIN, née le 12/03/1980, griffée par un chat. Diabète.", ["Sophie MARTIN", "12/03/1980"]),
        ("Morsure du chien de M. DURAND Paul, né le 01/02/1950, diabétique.", ["DURAND Paul", "01/02/1950"]),
        ("A son chien suivi. Née le 12/03/1980, Mme MARTIN Sophie a un diabète.", ["12/03/1980", "MARTIN Sophie"]),
        ("Chien de Mme MARTIN. Diabète de Mme MARTIN Sophie.", ["MARTIN Sophie"]),
    ],
)
def test_who_was_bitten_is_found_beside_a_surgery(shipped: Ruleset, text: str, found: list[str]) -> None:
    assert identities(SURGERY + text, shipped) == found
