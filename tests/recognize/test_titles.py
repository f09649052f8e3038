"""What titles and names say of everybody in a list, and of which lists they say it of nobody."""

from __future__ import annotations

import os

import numpy as np
import pytest

from phiscan.content import recognizers_folder
from phiscan.model import CATEGORIES, Kind, Limits
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.ruleset import Ruleset
from phiscan.scan.scanner import Scanner
from phiscan.seal import Sealer
from phiscan.tally import Tally


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return load_ruleset([recognizers_folder()])


def facts(ruleset: Ruleset, name: str, text: str) -> list[list[str]]:
    """Return the health categories of each person in a file of that name, sorted."""
    total, descriptor = Tally(), os.memfd_create("list")
    try:
        os.write(descriptor, text.encode())
        for _, tally, gaps in Scanner(ruleset, Sealer(b"the key of the tests"), Limits()).scan(
            descriptor, name, len(text.encode())
        ):
            assert gaps == []
            total.add(tally)
    finally:
        os.close(descriptor)
    masks = np.asarray(total.masks)
    known = [[category for bit, category in enumerate(CATEGORIES) if int(mask) >> bit & 1] for mask in masks]
    return sorted([one for one in person if CATEGORIES[one] is Kind.HEALTH] for person in known)


PEOPLE = """\
Nom;Prénom;DDN;Téléphone
LEBORGNE;Alexandre;04/05/1990;0644000101
MAESTRI;Julien;21/08/1985;0644000102
FERRANDI;Quentin;02/12/1994;0644000103
"""
NUMBERED = PEOPLE.replace("Téléphone", "IPP").replace("0644", "8044")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("share/Liste patients VIH.csv", PEOPLE),
        ("share/VIH_file_active.csv", PEOPLE),
        ("VIH/malades.csv", PEOPLE),
        ("VIH/liste.csv", NUMBERED),
        ("liste.csv", f"Patients VIH suivis au 01/03/2024;;;\n{PEOPLE}"),
    ],
)
def test_a_name_or_title_says_it_of_every_row(ruleset: Ruleset, name: str, text: str) -> None:
    assert facts(ruleset, name, text) == [["hiv"]] * 3


def test_women_who_are_registered_for_a_pregnancy(ruleset: Ruleset) -> None:
    assert facts(ruleset, "grossesse/inscrites.csv", PEOPLE) == [["pregnancy"]] * 3


@pytest.mark.parametrize(
    "name",
    [
        "VIH/liste.csv",
        "Formation VIH - inscrits.csv",
        "Formation VIH/patients experts.csv",
        "Équipe VIH.csv",
        "Commission cancer/membres.csv",
        "Congrès cancer/liste.csv",
        "Donateurs Ligue contre le cancer.csv",
        "Formations/VIH/patients.csv",
        "patients/VIH/2023/2024.csv",
        "Patients non VIH.csv",
    ],
)
def test_other_names_say_it_of_nobody(ruleset: Ruleset, name: str) -> None:
    assert facts(ruleset, name, PEOPLE) == [[], [], []]


def test_a_title_of_a_course_says_it_of_nobody(ruleset: Ruleset) -> None:
    assert facts(ruleset, "liste.csv", f"Formation VIH du 01/03/2024;;;\n{PEOPLE}") == [[], [], []]


TEXT = "MAUGERT Adrien né le 12/04/1985\nZIANI Leila née le 30/01/1973\nHOCHART Paul né le 09/12/1938\n"


def test_a_heading_says_it_of_each_below(ruleset: Ruleset) -> None:
    assert facts(ruleset, "liste.txt", f"Patients VIH - file active 2024\n\n{TEXT}") == [["hiv"]] * 3


def test_rubrics_say_it_of_those_below_each(ruleset: Ruleset) -> None:
    text = "Autisme :\n - Enzo LACOMBE (12/05/1992)\n - Lina OUALID (03/11/1993)\nÉpilepsie :\n"
    text += " - Tom CHARPENTIER (30/09/1992)\n - Ambre VALLET (14/02/1994)\n"
    assert facts(ruleset, "liste.txt", text) == [["diagnosis"], ["diagnosis"], ["psychiatric"], ["psychiatric"]]


@pytest.mark.parametrize(
    "text",
    [
        f"Cancer\n{TEXT}",
        f"Formation VIH :\n{TEXT}",
        "Patients VIH\nMAUGERT Adrien né le 12/04/1985\nvu ce jour\nZIANI Leila née le 30/01/1973\n",
    ],
)
def test_other_lines_say_it_of_no_more_than_before(ruleset: Ruleset, text: str) -> None:
    assert [len(person) for person in facts(ruleset, "liste.txt", text)].count(1) == 1
