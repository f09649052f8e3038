"""Terms: which words a written term stands for, and what remains to be confirmed in the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.fold import fold
from phiscan.recognize.terms import NORMAL_CELLS, NORMAL_TEXT, Term, normal, parse_term, words_pattern
from tests.recognize.small import found


@pytest.mark.parametrize(
    ("written", "literals"),
    [
        ("vih", ["vih"]),
        ("Charge Virale", ["charge virale"]),
        ("anti-VHC", ["anti vhc"]),
        ("l'asthme", ["l asthme"]),
        ("séropositif", ["seropositif"]),
        ("cœur", ["coeur", "cour"]),
        ("coeur", ["coeur", "cour"]),
        ("ŒDÈME", ["oedeme", "odeme"]),
        ("cæcum", ["caecum", "cacum"]),
        ("seropositi*", ["seropositi"]),
        ("VIH+", ["vih"]),
        ("β-hCG", ["b hcg"]),
        ("  deux   mots ", ["deux mots"]),
        ("+", []),
        ("", []),
        ("*", []),
    ],
)
def test_the_literals_a_term_stands_for(written: str, literals: list[str]) -> None:
    assert [term.literal for term in parse_term(written)] == literals


def test_what_remains_to_be_confirmed() -> None:
    assert parse_term("=SIDA") == [Term("sida", "SIDA")]
    assert parse_term("=Pr-EP") == [Term("pr ep", "Pr-EP")]
    assert parse_term("=SEP*") == [Term("sep", "SEP", None, open_end=True)]
    (plus,) = parse_term("VIH+")
    assert plus.tail is not None
    assert [bool(plus.tail.match(text)) for text in (b"+", b" +", b"+ ", b"+2", b"-", b"++")] == [True] * 3 + [
        False
    ] * 2 + [True]


@given(st.text(max_size=30))
def test_any_text_is_a_term_or_none(written: str) -> None:
    for term in parse_term(written):
        assert term.literal == normal(term.literal)
        assert term.literal


@given(st.text(max_size=60))
def test_normal_forms_keep_length_and_cells_keep_newlines(text: str) -> None:
    folded = fold(text)
    assert len(folded.translate(NORMAL_TEXT)) == len(folded) == len(folded.translate(NORMAL_CELLS))
    assert b"\n" not in folded.translate(NORMAL_TEXT)
    assert folded.translate(NORMAL_CELLS).count(b"\n") == folded.count(b"\n")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("tel 06", [(0, 3)]),
        ("hotel 06", []),
        ("tele 06", []),
        ("l'assuree, assures", [(2, 9), (11, 18)]),
        ("numero de secu", [(10, 14)]),
        ("carte  vitale", []),
        ("carte vitale", [(0, 12)]),
    ],
)
def test_words_are_found_whole(text: str, places: list[tuple[int, int]]) -> None:
    pattern = words_pattern(["tel", "assuré*", "secu", "carte vitale"])
    assert pattern is not None
    assert [match.span() for match in pattern.finditer(text.encode())] == places


def test_no_words_no_pattern() -> None:
    assert words_pattern([]) is None
    assert words_pattern(["+"]) is None


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("VIH positif", ["VIH"]),
        ("le V.I.H.", []),
        ("vihs", ["vihs"]),
        ("vih2", []),
        ("avih", []),
        ("VIH+", ["VIH+"]),
        ("VIH +, suivi", ["VIH +"]),
        ("SIDA", ["SIDA"]),
        ("sida", []),
        ("Sida", []),
        ("séropositive", ["séropositive"]),
        ("SEROPOSITIVITÉ", ["SEROPOSITIVITÉ"]),
        ("charge\nvirale", ["charge\nvirale"]),
        ("charge-virale", ["charge-virale"]),
        ("charge\u00a0virale", ["charge\u00a0virale"]),
        ("charges virales", []),
        ("charge virales", ["charge virales"]),
        ("sœur de charité", ["sœur de charité"]),
        ("soeur de charite", ["soeur de charite"]),
        ("œdème", []),
    ],
)
def test_terms_in_text(text: str, spans: list[str]) -> None:
    assert [span for name, span in found(text) if name == "health.hiv"] == spans
