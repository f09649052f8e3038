"""Folding: one ASCII byte for one character, whatever the encoding it came in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.fold import compose, fold, fold_char, fold_str, fold_table

any_text = st.text(st.characters(codec=None), max_size=200)


@given(any_text)
def test_one_byte_for_one_character(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert all(byte == 10 or 32 <= byte < 127 for byte in folded)


@given(any_text)
def test_folding_is_done_once(text: str) -> None:
    assert fold(fold_str(text)) == fold(text)


@given(any_text, any_text)
def test_characters_fold_alone(one: str, other: str) -> None:
    assert fold(one + other) == fold(one) + fold(other)
    assert fold_str(one) == "".join(map(fold_char, one))


def test_every_character_folds() -> None:
    for code in range(0x110000):
        char = chr(code)
        assert len(fold_char(char)) == 1, hex(code)
        assert fold_char(char).isascii(), hex(code)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=50))
def test_ascii_stays(text: str) -> None:
    assert fold_str(text) == text.replace("\u0060", "'")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("àâäéèêëîïôöùûüÿç", "aaaeeeeiioouuuyc"),
        ("ÀÉÇÑ", "AECN"),
        ("œuf ŒUF æ Æ ß", "ouf OUF a A s"),
        ("l’été ‘a’ ´", "l'ete 'a' '"),
        ("« mot » “mot”", '" mot " "mot"'),
        ("a–b—c−d‑e\u00adf", "a-b-c-d-e-f"),
        ("a\u00a0b\u202fc\td\re\x0bf\x0cg", "a b c d e f g"),
        ("a\u200bb\ufeffc", "a b c"),
        ("a\nb\u2028c\x85d", "a\nb\nc\nd"),
        ("β-hCG α1 µg μg", "b-hCG a1 ug ug"),
        ("n° 2 № 3 1ᵉʳ 10²", "no 2 N 3 1er 102"),
        ("ﬁn Ａ １", "fin A 1"[:1] + "n A 1"),
        ("VIH⁺ VIH＋ VIH⁻", "VIH+ VIH+ VIH-"),
        ("漢字 😀", "?? ?"),
        ("\x00\x01\x7f", "   "),
        ("\ud800", "?"),
        ("≤ ≥ × … €", "< > x . E"),
        ("", ""),
    ],
)
def test_what_folds_to_what(text: str, folded: str) -> None:
    assert fold_str(text) == folded


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp850", "iso8859_15", "mac_roman", "cp437"])
def test_tables_fold_as_decoding_does(encoding: str) -> None:
    table = fold_table(encoding)
    assert len(table) == 256
    for value in range(256):
        try:
            char = bytes([value]).decode(encoding)
        except UnicodeDecodeError:
            char = "?"
        assert chr(table[value]) == fold_char(char), hex(value)


def test_marks_are_joined_to_their_letters() -> None:
    apart = unicodedata.normalize("NFD", "séropositif à Évry")
    assert fold_str(compose(apart)) == "seropositif a Evry"
    assert compose("plain é") == "plain é"


@given(any_text)
def test_composing_changes_no_composed_text(text: str) -> None:
    composed = compose(text)
    assert compose(composed) == composed
