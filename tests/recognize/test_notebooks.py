"""Notebooks of practices: a name over dated notes, and who else stands over such."""

from __future__ import annotations

import numpy as np
import pytest

from phiscan.content import recognizers_folder
from phiscan.fold import fold
from phiscan.link.text import TextLinker
from phiscan.model import CATEGORIES, Text
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath
from phiscan.seal import Sealer
from phiscan.tally import Tally


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return load_ruleset([recognizers_folder()])


def persons(ruleset: Ruleset, text: str) -> list[list[str]]:
    """Return the categories of each person named in a text, sorted, but for days."""
    tally = Tally()
    linker = TextLinker(ruleset, Sealer(b"the key of the tests"), tally)
    linker.add(TextPath(ruleset).find(fold(text)), Text(text))
    linker.close()
    masks = np.asarray(tally.masks)
    names = [[name for bit, name in enumerate(CATEGORIES) if int(mask) >> bit & 1] for mask in masks]
    return sorted([name for name in person if name != "exam_date"] for person in names)


NOTES = """\
Paul Morvan - tel 06 65 13 48 26
s1 3/9  orienté par MT. Reviviscences, cauchemars.
s2 17/9 vomissements provoqués ++

Anne Kervella - tel 06 36 85 40 56
s1 5/9 boit une bouteille par jour depuis le divorce
s2 19/9 a arrêté le Tercian d'elle-même, entend des voix
"""


def test_each_name_over_dated_notes_is_a_patient(ruleset: Ruleset) -> None:
    assert persons(ruleset, NOTES) == [
        ["person_name", "phone", "psychiatric"],
        ["person_name", "phone", "treatment", "psychiatric", "addiction"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        NOTES.partition("\n\n")[0] + "\n",  # one alone
        NOTES.replace("s1 ", "").replace("3/9", "").replace("5/9", ""),  # no days
        "Paul Morvan - tel 06 65 13 48 26\n3/9 rappelé, devis envoyé\n"
        "Anne Kervella - tel 06 65 13 48 27\n5/9 visite de la maison, diabète de la vendeuse\n",
        "Planning des soutenances\n" + NOTES,
        NOTES.replace("orienté par MT", "devis envoyé"),
        "Paul Morvan - Dr en pharmacie\n3/9 exposé sur le Tercian\nAnne Kervella - interne\n5/9 exposé : diabète\n",
    ],
)
def test_other_names_are_not(ruleset: Ruleset, text: str) -> None:
    assert persons(ruleset, text) == []
