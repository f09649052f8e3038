"""How a fact is stated, weighed: a linear model over what `features` sees.

`weights.tsv` was trained by `python -m tests.eval.stated` on the labelled texts of this repository. A line is a feature
with what it adds, in hundredths, to each way of stating a fact, in the order of `Assertion`; the highest sum is it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from phiscan.model import Assertion

WEIGHTS = Path(__file__).with_name("weights.tsv")
_SCALE = 100
_KIN = re.compile(r"KIN|FAMILY|[:= ](?:femme|enfant|bebe)")  # a word for a relative, or a section of theirs


@cache
def weights() -> dict[str, tuple[int, ...]]:
    """Return what each feature adds to each assertion; the empty feature is always there."""
    table = {}
    for line in WEIGHTS.read_text("ascii").split("\n"):
        if line and not line.startswith("#"):
            name, *values = line.split("\t")
            table[name] = tuple(map(int, values))
    return table


def sums(seen: Iterable[str]) -> list[float]:
    """Return what speaks for each assertion: logarithms of odds, up to a constant."""
    table = weights()
    found = [table[name] for name in {"", *seen} if name in table]
    return [sum(column) / _SCALE for column in zip(*found, strict=True)] or [0.0] * len(Assertion)


def decide(seen: Iterable[str]) -> Assertion:
    """Return the assertion that the most speaks for; of equals the weakest."""
    seen = list(seen)
    total = sums(seen)
    return max(possible(seen), key=lambda one: (total[one], -one))


def possible(seen: Iterable[str]) -> list[Assertion]:
    """Return how a fact may be stated at all: it is no relative's where none is in sight."""
    kin = any(_KIN.search(name) for name in seen)
    return [one for one in Assertion if kin or one is not Assertion.FAMILY]
