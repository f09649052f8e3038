"""Draws French free comments as a laboratory's staff types them, with the truth about what each one states.

A comment is one wording of `tests.generate.wordings` (two or three run together for a third of them), its slots
filled, in the typist's manner: capitals, no accents, or as it should be written.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import TypeVar

from tests.generate import names, wordings
from tests.generate.people import fold

T = TypeVar("T")

# How many of all rows state such a fact in a comment; half of the rows have an innocent comment.
LEAK_RATES: Mapping[str, float] = {
    "hiv": 0.035, "cancer": 0.025, "pregnancy": 0.03, "genetic": 0.006, "infection": 0.016, "treatment": 0.02,
    "blood_group": 0.002, "innocent": 0.42,
}  # fmt: skip
TABLE_RATES: Mapping[str, float] = {
    "hiv": 0.05, "cancer": 0.05, "pregnancy": 0.05, "genetic": 0.05, "infection": 0.05, "treatment": 0.02,
    "blood_group": 0.005, "innocent": 0.5,
}  # fmt: skip
_JOINTS = (" - ", ". ", ", ", " / ", "  ")
_MONTHS = ("janv.", "fév.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


@dataclass(frozen=True, slots=True)
class Fact:
    """A category and how it is stated. `sure` is false where a careful reader may count it or not."""

    category: str
    assertion: str = "affirmed"
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Wording:
    """One template: literal text and slot letters in turn, and what it states."""

    source: str
    facts: tuple[Fact, ...]
    parts: tuple[tuple[str, str], ...]  # (literal, slot letter or "")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as typed and the facts it states."""

    text: str
    facts: tuple[Fact, ...]


NO_COMMENT = Comment("", ())


def parse(block: str) -> tuple[Wording, ...]:
    """Return the wordings of a block of `facts | wording` lines."""
    found = []
    for line in filter(None, map(str.strip, block.splitlines())):
        marks, _, source = (" " + line).partition("| ")
        facts = tuple(_fact(mark) for mark in marks.split())
        parts = tuple((literal, slot or "") for literal, slot, _, _ in Formatter().parse(source))
        found.append(Wording(source, facts, parts))
    return tuple(found)


def _fact(mark: str) -> Fact:
    category, _, assertion = mark.lstrip("?").partition(":")
    return Fact(category, assertion or "affirmed", not mark.startswith("?"))


@cache
def catalogue() -> dict[str, tuple[Wording, ...]]:
    """Return all wordings by the kind of comment they make."""
    kinds = {kind: parse(block) for kind, block in wordings.FACTS.items()}
    return {**kinds, "blood_group": parse(wordings.BLOOD), "innocent": parse(wordings.INNOCENT)}


class Commenter:
    """A seeded source of comments."""

    def __init__(self, seed: int, rates: Mapping[str, float] = TABLE_RATES) -> None:
        self._rng = random.Random(seed)
        self._ladder: list[tuple[float, str]] = []
        reached = 0.0
        for kind, rate in rates.items():
            reached += rate
            self._ladder.append((reached, kind))

    def draw(self, *, woman: bool = True) -> Comment:
        """Return the comment of one row, often none; only women are pregnant."""
        draw = self._rng.random()
        for reached, kind in self._ladder:
            if draw < reached:
                return self.comment("innocent" if kind == "pregnancy" and not woman else kind)
        return NO_COMMENT

    def comment(self, kind: str) -> Comment:
        """Return one comment of `kind`, a key of `catalogue()`, with innocent remarks beside it at times."""
        pools = catalogue()
        chosen = [self._pick(pools[kind])]
        while len(chosen) < 3 and self._rng.random() < 0.3:
            chosen.insert(int(self._rng.random() * 2), self._pick(pools["innocent"]))
        joint = self._pick(_JOINTS)
        text = self._manner(joint.join(self.fill(wording) for wording in chosen))
        return Comment(text, tuple(fact for wording in chosen for fact in wording.facts))

    def fill(self, wording: Wording) -> str:
        """Return the wording with its slots filled."""
        return "".join(literal + (self._slot(slot) if slot else "") for literal, slot in wording.parts)

    def _pick(self, items: tuple[T, ...]) -> T:
        return items[int(self._rng.random() * len(items))]

    def _manner(self, text: str) -> str:
        draw = self._rng.random()
        if draw < 0.45:
            return text
        if draw < 0.8:
            return fold(text) if draw < 0.72 else text.upper()
        return fold_keep(text) if draw < 0.95 else text.lower()

    def _slot(self, slot: str) -> str:
        number = self._rng.random()
        match slot:
            case "d":
                return self._date(number)
            case "y":
                return str(1986 + int(number * 35))
            case "m":
                return f"{_MONTHS[int(number * 12)]} {2008 + int(self._rng.random() * 13)}"
            case "h":
                return f"{6 + int(number * 13)}h{('', '15', '30', '45', '10', '20')[int(self._rng.random() * 6)]}"
            case "n":
                return str(20 + int(number * 1980))
            case "k":
                return str(2 + int(number * 7))
            case "w":
                return str(5 + int(number * 36))
            case "e":
                return f"{3 + int(number * 190)},{int(self._rng.random() * 100):02d}"
            case "x":
                return f"{100000 + int(number * 900000)}"
            case "l":
                return f"{int(4e12 + number * 5e12)}"
            case _:
                return names.SURNAMES[int(number * len(names.SURNAMES))]

    def _date(self, number: float) -> str:
        day, month, year = 1 + int(number * 28), 1 + int(self._rng.random() * 12), 2015 + int(self._rng.random() * 6)
        if number * 1000 % 1 < 0.6:
            return f"{day:02d}/{month:02d}/{year}"
        return (
            f"{day:02d}/{month:02d}/{year % 100}" if number * 1000 % 1 < 0.9 else f"{day:02d}.{month:02d}.{year % 100}"
        )


def fold_keep(text: str) -> str:
    """Return `text` without accents, its case kept."""
    folded = fold(text)
    if len(folded) != len(text):  # an opened ligature: nothing to align
        return folded
    return "".join(upper if char.isupper() else upper.lower() for char, upper in zip(text, folded, strict=True))
