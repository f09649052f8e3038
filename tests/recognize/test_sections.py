"""Headings and what stands under them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.fold import fold
from phiscan.recognize.spans import normal_form
from phiscan.recognize.stated.sections import Sections, Under


def under(text: str) -> list[str]:
    """Return what each word in capital X of a text stands under."""
    folded = fold(text)
    normal = normal_form(folded, cells=False)
    sections = Sections(folded, normal, normal)
    return [sections.under(at).name for at, char in enumerate(text) if char == "X"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X\nAntécédents :\nX\nX\nTraitement :\nX", "NOTHING PAST PAST NOTHING"),
        ("ANTECEDENTS\n\n- X\n- X\n\nExamen\nX", "PAST PAST NOTHING"),
        ("Antécédents\n===========\nX\n\nX", "PAST NOTHING"),
        ("Antécédents : X, X. X.\n\nX", "PAST PAST PAST NOTHING"),
        ("Antécédents : X. Actuellement, X", "PAST NOTHING"),
        ("Antécédents familiaux : X.\nX", "FAMILY NOTHING"),
        ("Antécédents familiaux\n- X\n- X\n\nX", "FAMILY FAMILY NOTHING"),
        ("Antécédents familiaux : X. Antécédents personnels : X", "FAMILY PAST"),
        ("ATCD\nX\nFam : X\nX", "PAST FAMILY NOTHING"),
        ("1. Antécédents\n  Médicaux : X\n  Familiaux : X\n  Chir : X\n2. Examen\n  X", "PAST FAMILY PAST NOTHING"),
        ("Antécédents :\n- X\n- Allergies : X\n- X", "PAST NOTHING PAST"),
        ("Bilan à prévoir :\n- X\n\nX", "TO_DO NOTHING"),
        ("Hypothèses diagnostiques :\n- X\n- X\n\nX", "DOUBT DOUBT NOTHING"),
        ("Homme, 60 ans, antécédents :\n- X\n- X\n\nX", "PAST PAST NOTHING"),
        ("Antécédents : X, X,\nX et\nX.\nHistoire : X", "PAST PAST PAST PAST NOTHING"),
        ("Antécédents notables\n\nX.\n\nX.\n\nHISTOIRE DE LA MALADIE\nX", "PAST PAST NOTHING"),
        ("- Antécédents : X\n- Traitement : X", "PAST NOTHING"),
        ("Historique : X\nConclusion : X", "PAST NOTHING"),
        ("Le patient a des antécédents. X", "NOTHING"),
        ("", ""),
    ],
)
def test_headings(text: str, expected: str) -> None:
    assert under(text) == expected.split()


_line = st.sampled_from(
    [
        "Antécédents :", "ATCD fam : X", "- X", "  X", "", "Examen", "X, X.", "Bilan à faire :", "---", "X :", "\t",
        "Père :",
    ]
)


@settings(max_examples=300)
@given(st.lists(st.one_of(_line, st.text(max_size=20)), max_size=12))
def test_any_text_has_sections(lines: list[str]) -> None:
    text = "\n".join(lines)
    folded = fold(text)
    normal = normal_form(folded, cells=False)
    sections = Sections(folded, normal, normal)
    assert {sections.under(at) for at in range(len(text) + 1)} <= set(Under)
    assert sections._places == sorted(sections._places)


_UNITS = ["Antécédents : X. ", "Antécédents :\n", "a ", "\n", " \n ", "- X\n", "X : ", "(", "   "]


@pytest.mark.parametrize("unit", _UNITS)
def test_long_passages_are_read_in_one_walk(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    folded = fold(text)
    normal = normal_form(folded, cells=False)
    assert len(Sections(folded, normal, normal)._places) <= len(text)
