"""Loose forms: they match wherever their pattern does, and the automaton takes them."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.fold import fold
from phiscan.recognize.automaton import Database
from phiscan.recognize.loosen import loosen
from phiscan.recognize.ruleset import Ruleset
from tests.recognize.wordings import wording


@pytest.mark.parametrize(
    ("source", "loose"),
    [
        ("abc", "abc"),
        ("(?<![0-9]) [0-9]{2}", "(?:^|[^0-9])[0-9]{2}"),
        ("[0-9]{2} (?![0-9])", "[0-9]{2}(?:[^0-9]|$)"),
        ("(?<!a) b (?!c)", "(?:^|[^a])b(?:[^c]|$)"),
        ("(?<![^0-9]) b", "(?:^|[0-9])b"),
        ("(?<=[.;][ ]) b", "[\\x2e\\x3b] b"),
        ("(?: (?<![^\n]) | (?<=[ ]{2}) | a ) b", "(?:(?:^|\\x0a)| {2}|a)b"),
        ("(?: (?<!a) (?<!b) c | d ) (?<=d) e", "(?:(?:^|[^a])c|d)e"),
        ("(?i: (?<!a) b ) c", "(?i:(?:^|[^a])b)c"),
        ("(?<!ab) c (?!de)", "c"),
        ("a (?=b) b (?<=b)", "ab"),
        (r"\A a \Z", "a"),
        ("a{2} b{2,4} c{2,5} d{0,9} e{1,9} f?", "a{2}b{2,4}c{2,}d*e+f?"),
        ("(?: ab | cd ){0,9}", "(?:ab|cd)*"),
        ("(?: ab ){1,9}", "(?:ab)+"),
        ("(?i: mme ) [ ] (?P<value> x )", "(?i:mme) (?:x)"),
        ("(?i) mme", "(?i:mme)"),
        (r"\d \w \s \.", "[0-9][A-Za-z0-9_][ \\t\\n\\r\\f\\v]\\x2e"),
        ("[^;|] .", "[^\\x3b\\x7c][^\\n]"),
        ("(?: (?=a) ){2} b", "b"),
        ("a*? b+? c{1,7}?", "a*b+c+"),
    ],
)
def test_loose_forms(source: str, loose: str) -> None:
    assert loosen(source) == loose


@pytest.mark.parametrize("source", [r"(a) b \1", "(a)? (?(1) b | c )"])
def test_what_is_not_supported_says_so(source: str) -> None:
    with pytest.raises(re.error):
        loosen(source)


SOURCES = [
    "(?<![0-9]) [0-9]{2,9} (?![0-9])",
    "(?<![a-c]) (?: a{1,6} | b c? ) [ ]? (?! a )",
    "(?: ab | a ){1,7} [^b\n] (?<! aa )",
    "(?i: a b ) c (?= [ ] )",
    r"a (?: [ ] (?: b | c{2,5} ) ){0,6} \Z",
    "(?<! b ) a . c (?! [^c] )",
    "(?: (?<![b]) a | c ) b{0,9}",
    r"(?: (?<![^\n]) | (?<=[ ]{2}) | (?<=[bc][ ]) ) (?i: ab | c ) (?= [ ]* (?: \n | \Z ) )",
    "(?: (?<=b) (?<!ab) a | (?i: (?<![^c]) b ) ) c?",
]


@given(st.sampled_from(SOURCES), st.text("abcABC 019\n", max_size=30))
def test_the_automaton_points_at_every_match(source: str, text: str) -> None:
    database = Database([loosen(source).encode()], [("test", "one")], literal=False)
    _, ends = database.scan(text.encode())
    for match in re.compile(source.encode(), re.VERBOSE).finditer(text.encode()):
        assert {match.end(), match.end() + 1} & set(ends), "an end, or one sign behind it"


def test_shipped_patterns_are_pointed_at(shipped: Ruleset) -> None:
    """Each alone, in strings made from itself: where it matches, its loose form ends there or one sign behind."""
    chance = random.Random(1)
    database = Database(
        [loosen(pattern.source).encode() for pattern in shipped.patterns],
        [("shipped", pattern.name) for pattern in shipped.patterns],
        literal=False,
    )
    for number, pattern in enumerate(shipped.patterns):
        for most in (False, False, True):
            text = fold(wording(pattern.source, chance, most) + chance.choice([" ", ".", "\n", ""]))
            ends = {end for at, end in zip(*database.scan(text), strict=True) if at == number}
            for match in pattern.regex.finditer(text):
                if match.end() > match.start():
                    assert {match.end(), match.end() + 1} & ends, pattern.name


@settings(max_examples=50)
@given(st.sampled_from(SOURCES))
def test_the_edges_change_nothing_but_the_end(source: str) -> None:
    assert re.compile(loosen(source))
