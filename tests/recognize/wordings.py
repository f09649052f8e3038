"""Texts made from patterns: strings that a pattern matches, or nearly, for the tests of the funnel."""

from __future__ import annotations

import random
import string
from typing import Any

from phiscan.recognize.triggers import parsed

_PRINTABLE = [chr(code) for code in range(32, 127)]
_CATEGORIES = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_SPACE": " ",
    "CATEGORY_WORD": string.ascii_letters + string.digits + "_",
    "CATEGORY_NOT_DIGIT": "".join(char for char in _PRINTABLE if not char.isdigit()),
    "CATEGORY_NOT_SPACE": "".join(char for char in _PRINTABLE if not char.isspace()),
    "CATEGORY_NOT_WORD": " .,;:-+/",
}


def wording(source: str, chance: random.Random, most: bool = False) -> str:
    """Return a string that a verbose pattern matches, its lookarounds left out. `most`: repeat as often as may be."""
    return _sequence(parsed(source), chance, most)


def _sequence(items: Any, chance: random.Random, most: bool) -> str:
    return "".join(_item(str(name), argument, chance, most) for name, argument in items)


def _item(name: str, argument: Any, chance: random.Random, most: bool) -> str:
    if name == "LITERAL":
        return chr(argument)
    if name in ("ANY", "NOT_LITERAL"):
        return chance.choice([char for char in _PRINTABLE if ord(char) != argument])
    if name == "IN":
        return chance.choice(_class(argument))
    if name == "BRANCH":
        return _sequence(chance.choice(argument[1]), chance, most)
    if name == "SUBPATTERN":
        text = _sequence(argument[3], chance, most)
        ignores_case = argument[1] & 2
        return chance.choice([text, text.upper(), text.lower()]) if ignores_case else text
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        low, high, inner = argument
        times = int(high) if most else chance.randint(int(low), int(high))
        return "".join(_sequence(inner, chance, most) for _ in range(times))
    return _sequence(argument, chance, most) if name == "ATOMIC_GROUP" else ""


def _class(entries: Any) -> list[str]:
    inside: set[str] = set()
    for name, argument in entries:
        if str(name) == "LITERAL":
            inside.add(chr(argument))
        elif str(name) == "RANGE":
            inside |= {chr(code) for code in range(argument[0], argument[1] + 1)}
        elif str(name) == "CATEGORY":
            inside |= set(_CATEGORIES[str(argument)])
    if str(entries[0][0]) == "NEGATE":
        inside = set(_PRINTABLE) - inside
    return sorted(inside)
