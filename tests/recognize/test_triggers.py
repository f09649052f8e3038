"""Triggers: the words a pattern cannot do without, and how far into a match they stand."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.fold import fold
from phiscan.recognize.recognizer import Pattern
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import normal_form
from phiscan.recognize.triggers import Shape, beginnings, parsed, shape
from tests.recognize.wordings import wording


@pytest.mark.parametrize(
    ("source", "words", "before", "begins"),
    [
        ("(?<![A-Za-z0-9]) Mme [ ] [A-Z]", {"mme"}, 0, True),
        ("(?<![A-Za-z0-9]) (?: M(?:me|lle) | Madame ) [ ] [A-Z]", {"mme", "mlle", "madame"}, 0, True),
        ("Mme [ ] [A-Z]", set(), 0, False),
        ("madame [ ] [A-Z]", {"madame"}, 0, False),
        ("[0-9]{1,3} [ ]? copies", {"copies"}, 4, False),
        ("(?: [0-9] [ ] ){1,3} rue [ ] de [ ] [A-Z]", {"rue de"}, 6, False),
        ("(?i: n[eé]e? ) [ ] le [ ] [0-9]", {"ne le", "nee le", "n\u00e9 le", "n\u00e9e le"}, 0, False),
        ("(?: abcd | [0-9] ) x", set(), 0, False),
        ("(?: abcd | [0-9] efghi ) x", {"abcd", "efghi"}, 1, False),
        ("(?: [0-9] abcdef ){2,3}", {"abcdef"}, 1, False),
        ("(?: abcdef )? [0-9]", set(), 0, False),
        ("(?= abcdef ) [a-z]{6}", set(), 0, False),
        ("[0-9]{3}", set(), 0, False),
        ("charge [ \\-] virale", {"charge virale"}, 0, False),
        ("l'[ ]?asthme", {"l asthme", "l  asthme"}, 0, False),
        ("[ ]? tension", {"tension"}, 1, False),
        ("(?<![A-Za-z0-9]) [ ]? tension", {"tension"}, 1, False),
        ("(?> abcd ) [0-9]", {"abcd"}, 0, False),
    ],
)
def test_the_words_of_a_pattern(source: str, words: set[str], before: int, begins: bool) -> None:
    found = shape(source)
    assert (set(found.words), found.before, found.begins) == (words, before, begins)


@pytest.mark.parametrize(
    ("source", "width"), [("a{2,5}", 5), ("(?: a | bcd ){0,3}", 9), ("(?<! x ) a (?= y )", 1), (r"\A a \Z", 1)]
)
def test_the_width_of_a_pattern(source: str, width: int) -> None:
    assert shape(source).width == width


@pytest.mark.parametrize(
    ("source", "begun"),
    [
        ("abcd", {"abc"}),
        ("ab", {"ab"}),
        ("a?bc", {"abc", "bc"}),
        ("(?:ab|c)d", {"abd", "cd"}),
        ("a+b", {"a"}),
        ("[ab]c[^d]e", {"ac", "bc"}),
        (r"a \d", {"a "}),
        ("(?:a|b )?(?=x)c", {"ac", "b c", "c"}),
        (r"\w+", {""}),
    ],
)
def test_what_matches_begin_with(source: str, begun: set[str]) -> None:
    assert beginnings(source) == begun


def test_what_is_no_pattern_says_so() -> None:
    with pytest.raises(re.error):
        shape("(a")


def test_parsing_is_verbose() -> None:
    assert len(parsed("a b  # c\n [ ]")) == 3


def misses(pattern: Pattern, text: str) -> list[str]:
    """Return the matches of a pattern with triggers that no trigger points at."""
    known = pattern.shape
    folded = fold(text)
    normal = normal_form(folded, cells=False)
    places = [
        start
        for word in known.words
        for start in (match.start() for match in re.finditer(b"(?=" + re.escape(word.encode()) + b")", normal))
        if not (known.begins and start and chr(normal[start - 1]).isalpha())
    ]
    return [
        match.group().decode()
        for match in pattern.regex.finditer(folded)
        if not any(match.start() <= place <= match.start() + known.before for place in places)
    ]


SOURCES = [
    "(?<![A-Za-z0-9]) (?: ab | abc | b )? [ ]{0,2} abcd",
    "(?: a | bc ){1,3} abca [ ]",
    "(?<![A-Za-z0-9]) (?: abc | cab [ ]? c ) [^a]{0,3}",
    "[ ]{0,2} (?: abca | bcab ) (?: x | abcaa )",
    "(?: a{0,3} bbbb c? | c [ ] aaaa ){1,2}",
    "(?<![A-Za-z0-9]) (?i: AbC | b A c ) [ ]? (?: a | b )",
    "(?: [ab] | cc )? (?= a ) abac (?! b )",
]


@given(st.sampled_from(SOURCES), st.text("abcABC x1\n", max_size=40), st.randoms(use_true_random=False))
def test_every_match_holds_a_trigger(source: str, noise: str, chance: random.Random) -> None:
    pattern = Pattern(0, "test", source, shape(source))
    assert pattern.shape.words
    assert misses(pattern, noise + wording(source, chance) + noise) == []


def test_every_match_of_a_shipped_pattern_holds_a_trigger(shipped: Ruleset) -> None:
    chance = random.Random(2)
    for pattern in (one for one in shipped.patterns if one.shape.words):
        for most in (False, False, False, True):
            wanted = wording(pattern.source, chance, most)
            for before in ("", " ", "\n", "(", "x"):
                assert misses(pattern, before + wanted + " suite") == [], pattern.name


def test_a_shape_is_known_by_its_words() -> None:
    assert shape("[0-9]{4}") == Shape(4)
