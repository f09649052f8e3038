"""YAML: an alias is followed by what tells who it stands for, in its own line."""

from __future__ import annotations

import pytest

from phiscan.extract.anchors import Anchors
from phiscan.scan.scanner import Observer
from tests.eval.reading import scanned, severity_of
from tests.extract.opening import read

PEOPLE = (("KERVRAN", "Loïc", "1977-09-12"), ("PETIT", "Anne", "1951-03-25"), ("MOREL", "Odile", "1940-08-09"))
RECORDS = "patients:\n" + "".join(
    f"  - &p{at}\n    nom: {last}\n    prenom: {first}\n    ddn: {birth}\n    note: vue le 3\n"
    for at, (last, first, birth) in enumerate(PEOPLE)
)
FACTS = ("trouble bipolaire", "infection par le VIH", "cancer du sein")
STAYS = "sejours:\n" + "".join(f"  - patient: *p{at}\n    libelle: {fact}\n" for at, fact in enumerate(FACTS))
TOLD = " | nom: PETIT | prenom: Anne | ddn: 1951-03-25"


def judged(text: str, name: str = "fixtures.yml") -> tuple[str, int, int]:
    facts, _ = scanned(name, text.encode(), Observer())
    return severity_of(facts).name.lower(), facts.persons, facts.identified_health


def test_an_alias_is_followed_by_whom_it_stands_for() -> None:
    ((_, _, (text,)),) = read((RECORDS + STAYS).encode(), "a.yml")
    assert text.split("\n")[16:20] == [
        "sejours:",
        "  - patient: *p0 | nom: KERVRAN | prenom: Loïc | ddn: 1977-09-12",
        "    libelle: trouble bipolaire",
        f"  - patient: *p1{TOLD}",
    ]
    assert judged(RECORDS + STAYS) == ("critical", 3, 3)


@pytest.mark.parametrize(
    "anchor",
    [
        "anne: &a\n  nom: PETIT\n  prenom: Anne\n  ddn: 1951-03-25\n",
        "- &a\n  nom: PETIT\n  prenom: Anne\n  ddn: 1951-03-25\n",
        "x:\n- p: &a\n    nom: PETIT\n    motif: x\n    prenom: Anne\n    ddn: 1951-03-25\n  ddn: 1960-01-01\n",
    ],
)
def test_anchors_of_records(anchor: str) -> None:
    assert Anchors().read(anchor + "- *a\n") == f"{anchor}- *a{TOLD}\n"


def test_an_anchor_is_known_in_later_pieces() -> None:
    anchors = Anchors()
    assert anchors.read(RECORDS) == RECORDS
    assert anchors.read("- a: *p1\n- *p7\n") == f"- a: *p1{TOLD}\n- *p7\n"


@pytest.mark.parametrize(
    "text",
    [
        "x-defaults: &d\n  name: web\n  image: nginx\nweb:\n  <<: *d\n",
        "medecins:\n  - &m\n    nom: PETIT\n    prenom: Anne\nactes:\n  - medecin: *m\n    libelle: VIH\n",
        "a & b\nc: &\n* d\n- *a\n",
        "&a nom: x\n*a\n",
        "- &a\n- nom: PETIT\n  ddn: 1951-03-25\n- *a\n",
        "- &a",
    ],
)
def test_other_files_stay_as_they_are(text: str) -> None:
    assert Anchors().read(text) == text


def test_a_file_that_refers_to_doctors_is_about_nobody() -> None:
    doctors = RECORDS.replace("ddn", "rpps").replace("patients:", "medecins:")
    assert judged(doctors + STAYS.replace("patient:", "medecin:"))[2] == 0


def test_whoever_is_named_further_in_is_somebody_else() -> None:
    anchor = "p: &a\n  nom: PETIT\n  prenom: Anne\n  medecin:\n    nom: LEFEVRE\n    prenom: Odile\n  ddn: 1951-03-25\n"
    assert Anchors().read(anchor + "- *a\n") == f"{anchor}- *a{TOLD}\n"
