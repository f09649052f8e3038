"""Regular expressions as shell patterns: what is given fits exactly where the expression is found."""

from __future__ import annotations

import fnmatch
import re

from hypothesis import given
from hypothesis import strategies as st

from phiscan.expose import patterns

_ATOMS = st.sampled_from(
    ["a", "b", "/", r"\.", r"\-", ".", ".*", ".+?", "[ab]", "[^a]", r"[\d.-]", r"\d", r"\w", "a?", "(a|/b)", "(?:a|)",
     "(?i:A)", "(.*)", "^", "$", "(^|/)", "($|/)", "(?<n>ba)", "~"]
)  # fmt: skip
_EXPRESSIONS = st.lists(st.lists(_ATOMS, max_size=4).map("".join), min_size=1, max_size=2).map("|".join)
_TEXTS = st.text("abAB/.-1~", max_size=8)


def _found(expression: str, text: str, *, any_case: bool) -> bool:
    named = expression.replace("(?<n>", "(?:")
    return re.search(named, text, re.IGNORECASE if any_case else 0) is not None


@given(_EXPRESSIONS, _TEXTS, st.booleans())
def test_patterns_fit_where_an_expression_is_found(expression: str, text: str, any_case: bool) -> None:
    address, name = "/" + text, text.replace("/", "")
    found = patterns.of_address(expression, any_case=any_case)
    if found is not None:
        assert any(fnmatch.fnmatchcase(address, one) for one in found) is _found(expression, address, any_case=any_case)
        assert all(one.startswith("/") for one in found)
    found = patterns.of_name(expression, any_case=any_case)
    if found is not None:
        assert any(fnmatch.fnmatchcase(name, one) for one in found) is _found(expression, name, any_case=any_case)


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_text_is_read_or_not(expression: str) -> None:
    for found in (patterns.of_address(expression), patterns.of_name(expression)):
        assert found is None or isinstance(found, tuple)


@given(_EXPRESSIONS, _TEXTS, _TEXTS)
def test_what_fits_below_a_folder(expression: str, folder: str, rest: str) -> None:
    folder = f"/{folder}/"
    for one in patterns.of_address(expression) or ():
        fits = fnmatch.fnmatchcase(folder + rest, one)
        assert fits or not patterns.fits_below(one, folder)
        assert not fits or patterns.may_fit_below(one, folder)


def test_what_has_no_patterns() -> None:
    for expression in ("a+", "[^/]+x", "(?=a)", r"\bx", "a{2}", "*", "a**", "[", "[^]", "(a", "a)", "x" * 2000,
                       "(" * 30 + ")" * 30, "|".join(map(str, range(100))), "[[:alpha:]]", "a^b", r"\x41"):  # fmt: skip
        assert patterns.of_address(expression) is None, expression
