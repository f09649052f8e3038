"""Lists of patients by bed, civility or age: who is in them, and which lists are of others."""

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


def persons(ruleset: Ruleset, text: str, *, prose: bool = True) -> list[list[str]]:
    """Return the categories of each person named in a text, sorted."""
    tally = Tally()
    linker = TextLinker(ruleset, Sealer(b"the key of the tests"), tally)
    linker.add(TextPath(ruleset).find(fold(text), prose=prose), Text(text))
    linker.close()
    masks = np.asarray(tally.masks)
    return sorted([name for bit, name in enumerate(CATEGORIES) if int(mask) >> bit & 1] for mask in masks)


DIETS = """\
EHPAD Les Mimosas - régimes et textures - semaine 12
Ch 1   Mme ALBERTINI Rose      diabétique, mixé lisse
Ch 2   M. CASTELLI Dominique   sans sel (insuffisance cardiaque)
Ch 3   Mme COLONNA Antoinette  allergie arachide
Ch 5   M. SIMEONI Paul         normal
"""


def test_each_line_of_a_ward_s_list_is_a_patient(ruleset: Ruleset) -> None:
    assert persons(ruleset, DIETS) == [["person_name"], *[["person_name", "diagnosis"]] * 3]


def test_notes_of_a_night(ruleset: Ruleset) -> None:
    text = "# Astreinte\n- **HUET Patrick** (né 1958) : AVC sylvien\n- **Mme Roche Denise**, 91a : OAP, Lasilix 80\n"
    assert persons(ruleset, text) == [["person_name", "diagnosis"], ["person_name", "treatment", "diagnosis"]]


def test_a_civility_alone_needs_words_of_care(ruleset: Ruleset) -> None:
    told = "101 Mme GARREC Louise  agitée, Risperdal donné 22h\n103 Mme PRAT Yvette  chute, sous Kardégic\n"
    assert persons(ruleset, f"{told}104 M. ABIVEN Guy RAS\n") == [
        ["person_name"],
        ["person_name", "treatment"],
        ["person_name", "treatment", "diagnosis"],
    ]


def test_one_line_is_no_list(ruleset: Ruleset) -> None:
    assert persons(ruleset, "Ch 1   Mme ALBERTINI Rose      diabétique\nCh 2\n") == []


def test_a_program_s_lines_are_no_list(ruleset: Ruleset) -> None:
    assert persons(ruleset, DIETS, prose=False) == []


@pytest.mark.parametrize(
    "text",
    [
        "Programme du congrès\n14h M. Paul KERVELLA : cancer du sein\n15h Mme Anne PETIT : diabète de l'enfant\n",
        "M. Paul KERVELLA présente l'étude sur le diabète\nMme Anne PETIT rappelle les cas d'asthme\n",
        "M. Paul KERVELLA diabète p.kervella@example.org\nMme Anne PETIT asthme a.petit@example.org\n",
        "Paul KERVELLA : diabète\nAnne PETIT : asthme\n",
        "M. Paul KERVELLA, le cancer du sein\nMme Anne PETIT, diabète gestationnel\nM. Ali BEN SALEM, VIH et société\n",
        "Mme Anne PETIT, psychiatrie adulte\nM. Ali BEN SALEM, VIH et infectiologie\nM. Luc MOREL, diabète\n",
        "Membres du bureau\nM. Paul KERVELLA, diabète\nMme Anne PETIT, asthme\n",
    ],
)
def test_speakers_and_members_are_no_patients(ruleset: Ruleset, text: str) -> None:
    assert persons(ruleset, text) == []
