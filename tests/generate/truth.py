"""Counts the truth of a generated file while it is written: records, persons, persons per category.

A person counts for a category when one of their rows states such a fact in whatever assertion. Facts of which a
careful reader may think either way (`Fact.sure` false) raise only the upper bound. A row without an identity is a
record and nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from tests.generate.comments import Fact

# Bits of the sure categories; the same category's bit shifted by 16 means "may be counted".
CATEGORIES = (
    "hiv", "cancer", "genetic", "pregnancy", "blood_group", "treatment", "infection", "lab_result", "psychiatric",
    "addiction", "ald",
)  # fmt: skip
_MAYBE = 16


@dataclass(slots=True)
class Census:
    """Adds up rows; identities are kept as 64-bit hashes only, so that half a million people fit anywhere."""

    records: int = 0
    nobody: int = 0
    _persons: dict[int, int] = field(default_factory=dict)
    _assertions: Counter[tuple[str, str]] = field(default_factory=Counter)

    def row(self, identity: Hashable | None, facts: Iterable[Fact] = ()) -> None:
        """Count one record of `identity` (None: nobody) that states `facts`."""
        self.records += 1
        mask = 0
        for fact in facts:
            mask |= 1 << (CATEGORIES.index(fact.category) + (0 if fact.sure else _MAYBE))
            if fact.sure:
                self._assertions[fact.category, fact.assertion] += 1
        if identity is None:
            self.nobody += 1
            return
        key = hash(identity)
        self._persons[key] = self._persons.get(key, 0) | mask

    def as_dict(self) -> dict[str, object]:
        """Return the truth as it goes to JSON.

        `categories`: per category `persons` and `persons_at_most`, and `assertions`, the statements by assertion
        (one per wording, a rough guide: a wording may well be more than one hit).
        """
        masks = Counter(self._persons.values())
        sure_health = sum(count for mask, count in masks.items() if mask & ((1 << _MAYBE) - 1))
        categories: dict[str, dict[str, object]] = {}
        for bit, category in enumerate(CATEGORIES):
            sure = sum(count for mask, count in masks.items() if mask >> bit & 1)
            either = sum(count for mask, count in masks.items() if (mask >> bit | mask >> bit + _MAYBE) & 1)
            assertions = {a: n for (c, a), n in sorted(self._assertions.items()) if c == category}
            if either:
                categories[category] = {"persons": sure, "persons_at_most": either, "assertions": assertions}
        return {
            "records": self.records,
            "records_of_nobody": self.nobody,
            "persons": len(self._persons),
            "persons_with_a_health_fact": sure_health,
            "categories": categories,
        }
