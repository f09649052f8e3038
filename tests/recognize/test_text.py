"""The text path: what a passage holds, under which evidence, and how it is stated."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.fold import fold
from phiscan.model import Role
from phiscan.recognize.examples import Checker
from phiscan.recognize.recognizer import FIELD
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import SHORT, TextPath
from tests.recognize.small import find, found, of, small


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Nom : DUPONT", [("fr.person_name", "DUPONT")]),
        ("Nom : INCONNU", []),
        ("Nom : DUPONT Prénom : Marie", [("fr.person_name", "DUPONT"), ("fr.person_name", "Marie")]),
        (
            "Nom :\nDUPONT\nDate de naissance :\n12/03/1965",
            [("fr.person_name", "DUPONT"), ("fr.birth_date", "12/03/1965")],
        ),
        ("Date de naissance : 12 mars 1965", [("fr.birth_date", "12 mars 1965")]),
        ("Date de naissance : 31/02/1965", []),
        ("Patiente : Mme DUPONT Marie", [("fr.person_name.civility", "DUPONT Marie")]),
        (
            "Patient : DUPONT Marie née le 12/03/1965",
            [("fr.person_name", "DUPONT Marie"), ("fr.birth_date", "12/03/1965")],
        ),
        ("RPPS : 10003123451", [("fr.rpps", "10003123451")]),
        ("Le 10003123451", []),
        ("NIR : 2951099126111", [("fr.nir", "2951099126111")]),
        ("Médecin : MARTIN Paul", [("fr.practitioner", "MARTIN Paul")]),
        ("Motif : asthme", [("health.diagnosis", "asthme")]),
        ("Motif : fatigue", [("health.diagnosis", "fatigue")]),
        ("Motif : néant", []),
        ("CIM10 : B20", [("health.hiv", "B20")]),
        ("CIM10;E11.9", [("health.diagnosis", "E11.9")]),
        ("ATC=J05AR10", [("health.hiv", "J05AR10")]),
        ("VIH : négatif", [("health.hiv", "VIH")]),
        ("Hiv : NEG", [("health.hiv", "NEG")]),
        ("Hiv : non fait", []),
        ("GS : A+", [("health.blood_group", "A+")]),
        ("Date d'accueil : 12/03/2024", []),
        ("Date de prélèvement : 12/03/2024", [("health.exam_date", "12/03/2024")]),
        ("rien", []),
        ("", []),
    ],
)
def test_what_a_passage_holds(text: str, spans: list[tuple[str, str]]) -> None:
    assert found(text) == spans


@pytest.mark.parametrize(
    ("text", "assertion"),
    [
        ("Hiv : NEG", "NEGATED"),
        ("Hiv : POS", "AFFIRMED"),
        ("Hiv : en cours", "HYPOTHETICAL"),
        ("VIH : négatif", "NEGATED"),
        ("VIH : positif", "AFFIRMED"),
        ("Motif : absence d'asthme", "NEGATED"),
        ("NIR : 2951099126111", "AFFIRMED"),
        ("Sérologie VIH : -", "NEGATED"),
        ("Sérologie VIH;+", "AFFIRMED"),
        ("Sérologie VIH : ?", "HYPOTHETICAL"),
        ("Sérologie VIH ; négative", "NEGATED"),
        ("Sérologie VIH = N", "NEGATED"),
    ],
)
def test_how_it_is_stated(text: str, assertion: str) -> None:
    assert [one.name for one in find(text).assertions] == [assertion]


def test_which_assertions_are_codes() -> None:
    assert find("Hiv : NEG").coded == [True]
    assert find("pas de VIH").coded == [False]
    assert find("Motif : asthme").coded == [False]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Tel : 06 12 34 56 78", None),
        ("Tel mère : 06 12 34 56 78", Role.RELATIVE),
        ("Tel médecin : 06 12 34 56 78", Role.PROFESSIONAL),
    ],
)
def test_whose_value_it_is(text: str, role: Role | None) -> None:
    (span,) = find(text).spans
    assert (small().recognizers[span.recognizer].id, span.role) == ("fr.phone", role)
    assert span.evidence & FIELD


def test_a_long_text_without_anything_is_not_looked_at_closely() -> None:
    noise = "Aucune remarque sur ce dossier de maintenance. " * (SHORT // 40)
    assert found(noise) == []
    assert found(noise + "Nom : DUPONT") == [("fr.person_name", "DUPONT")]
    assert found(noise + "MARTIN Sophie") == []


def test_examples_look_beside_others_of_the_category() -> None:
    text, only = "Patient : Mme DUPONT Marie", of(small(), "fr.person_name.civility")
    assert found(text) == [("fr.person_name", "DUPONT Marie")]
    hits = TextPath(small()).find(fold(text), everything=True, only=only)
    assert [(small().recognizers[span.recognizer].id, span.start) for span in hits.spans] == [(only.id, 14)]


def test_nothing_found_tells_nothing() -> None:
    hits = find("Nom : DUPONT")
    assert repr(hits) == "<1 hits>"
    assert "DUPONT" not in repr(hits.spans)


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_any_text_is_searched(ruleset: Ruleset, text: str) -> None:
    hits = TextPath(ruleset).find(fold(text), everything=True)
    for span in hits.spans:
        assert 0 <= span.start < span.end <= len(text)
        assert span.score >= 0.5
    assert len(hits.spans) == len(hits.assertions) == len(hits.coded)


def test_shipped_examples_hold(shipped: Ruleset) -> None:
    """What `phiscan check` runs; a failure names file and example."""
    checker = Checker(shipped)
    wrong = [str(one) for recognizer in shipped.recognizers for one in checker.check(recognizer)]
    assert wrong == []


def test_whom_a_doctor_certifies_to_follow_below_is_the_patient(shipped: Ruleset) -> None:
    text = "Je soussigné, Docteur LEBRUN, certifie suivre depuis 2000 :\n\n   Madame GUEYE Léa\n   née le 07/08/1975\n"
    found = TextPath(shipped).find(fold(text))
    names = [
        (shipped.recognizers[span.recognizer].category, found.folded[span.start : span.end], span.role)
        for span in found.spans
    ]
    assert ("person_name", b"GUEYE Lea", None) in names


def test_a_doctor_who_certifies_does_not_make_his_patient_one(shipped: Ruleset) -> None:
    text = "Le médecin traitant qui suit depuis 2004 :\n\n   Monsieur DUPONT Paul\n   né le 12/03/1965, IPP 80123456\n"
    hits = TextPath(shipped).find(fold(text), everything=True)
    named = {
        shipped.recognizers[span.recognizer].category: hits.folded[span.start : span.end]
        for span in hits.spans
        if shipped.recognizers[span.recognizer].file.trim
    }
    assert named == {"person_name": b"DUPONT Paul"}


def test_whom_a_doctor_writes_to_under_his_own_function_is_the_patient(shipped: Ruleset) -> None:
    text = (
        "Dr Paul Simon\nCardiologue\n                    Monsieur Simon Paul\n"
        "                    né le 02/02/1950\nEliquis"
    )
    found = TextPath(shipped).find(fold(text))
    spans = found.spans
    named = {(shipped.recognizers[s.recognizer].category, found.folded[s.start : s.end], s.role) for s in spans}
    assert ("person_name", b"Simon Paul", None) in named
    assert ("practitioner", b"Simon Paul", None) not in named
