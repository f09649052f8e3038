"""How far a name reaches in the words that follow it, and where in them one stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.recognize.reach import name_reach, name_within


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("DUPONT Marie Service de", "DUPONT Marie"),
        ("DUPONT", "DUPONT"),
        ("DUPONT.", "DUPONT"),
        ("LE GOFF Yann", "LE GOFF Yann"),
        ("Le Van", "Le Van"),
        ("de La Tour Jeanne", "de La Tour Jeanne"),
        ("VAN DER MEERSCH Anneke", "VAN DER MEERSCH Anneke"),
        ("d'Ornano Laetitia", "d'Ornano Laetitia"),
        ("J. Le Bihan", "J. Le Bihan"),
        ("KERVELLA P.", "KERVELLA P."),
        ("A.", ""),
        ("DUPONT nee MARTIN Sophie Sexe", "DUPONT nee MARTIN Sophie"),
        ("DUPONT epouse DE LA TOUR", "DUPONT epouse DE LA TOUR"),
        ("MARCHAND Marie ne(e) PETIT", "MARCHAND Marie ne(e) PETIT"),
        ("J. EPOUSE PASSEE", ""),
        # Everything in capitals: common words end it.
        ("LE GOFF ANNE SORTIE CE JOUR", "LE GOFF ANNE"),
        ("SAID ALI APRES PASSAGE AUX URGENCES", "SAID ALI"),
        ("EST SUIVI CHEZ NOUS", ""),
        ("MONTRE UNE BAISSE", ""),
        # Over a line's end only what cannot end, or a given name to its surname.
        ("LE\nGOFF Yann", "LE\nGOFF Yann"),
        ("DUPONT\nJeanne", "DUPONT\nJeanne"),
        ("Jun\nCISSE", "Jun\nCISSE"),
        ("MARTIN\nCardiologue", "MARTIN"),
        ("DUPONT Marie\nJeanne", "DUPONT Marie"),
        ("", ""),
    ],
)
def test_how_far_a_name_reaches(words: str, name: str) -> None:
    assert words[: name_reach(words)] == name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("JE VOIS CE JOUR LE GOFF ANNE", "LE GOFF ANNE"),
        ("Hopital Pasteur", ""),
        ("Le petit Hugo", "Hugo"),
        ("Objet Demande Renseignements", ""),
        ("COMPETENCES DE LA MUCOVISCIDOSE", ""),
        ("Patient LE NY;Yvonne", "LE NY;Yvonne"),
        ("VASSEUR Solange", "VASSEUR Solange"),
        ("VASSEUR SOLANGE", "SOLANGE"),
        ("DIRECTEUR Marie", "Marie"),
    ],
)
def test_where_a_name_stands(words: str, name: str) -> None:
    start, end = name_within(words)
    assert words[start:end] == name


@given(st.text(alphabet="AbcdeEéLlMmnp '.-,(\n;1", max_size=60))
def test_any_words_are_read(words: str) -> None:
    assert 0 <= name_reach(words) <= len(words)
    start, end = name_within(words)
    assert 0 <= start <= end <= len(words)
