"""A site's own Presidio recognizers beside phiscan's: same hits, same linking, same report.

Presidio adds 0.35 for a word of the recognizer's context within five words before, and none after.
Here the words count on either side, and in a column's header.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from phiscan.recognize.terms import words_pattern

CONTEXT_SCORE = 0.35  # what Presidio's context enhancer adds
CONTEXT_FLOOR = 0.4
WINDOW = 60

# Presidio's entity names for what phiscan has a category for; any other is a category of the site.
CATEGORY_OF = {
    "PERSON": "person_name",
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "IBAN_CODE": "iban",
    "LOCATION": "address",
    "FR_NIR": "nir",
    "FR_INS": "ins",
    "FR_RPPS": "rpps",
    "FR_FINESS": "finess",
    "FR_ADELI": "adeli",
    "PATIENT_ID": "patient_id",
    "MEDICAL_RECORD": "patient_id",
    "MEDICAL_DISEASE_DISORDER": "diagnosis",
    "MEDICAL_MEDICATION": "treatment",
}


@dataclass(frozen=True, slots=True, repr=False)
class ExternalHit:
    """One hit of an external recognizer: entity, half-open character offsets, Presidio's score."""

    entity: str
    start: int
    end: int
    score: float

    def __repr__(self) -> str:
        return f"<ExternalHit {self.entity}>"


class ExternalRecognizer(Protocol):
    """What phiscan asks of an external recognizer."""

    name: str
    entities: list[str]
    context: list[str]

    def find(self, text: str) -> list[ExternalHit]:
        """Return the hits in a text."""


class External:
    """External recognizers, and which recognizer of the ruleset stands for each of their entities."""

    def __init__(self, recognizers: Sequence[ExternalRecognizer]) -> None:
        self._recognizers = [(one, words_pattern(one.context)) for one in recognizers]
        self.index: dict[tuple[str, str], int] = {}

    def __bool__(self) -> bool:
        return bool(self._recognizers)

    def find(
        self, folded: bytes, normal: bytes, header: bytes, *, cells: bool
    ) -> list[tuple[int, int, int, float]]:
        """Return (recognizer of the ruleset, start, end, score with context) for every hit."""
        text = folded.decode("ascii")
        found = []
        for recognizer, words in self._recognizers:
            for hit in recognizer.find(text):
                if cells and "\n" in text[hit.start : hit.end]:
                    continue
                score = hit.score
                if words is not None and _near(words, normal, header, hit, cells=cells):
                    score = max(min(score + CONTEXT_SCORE, 1.0), CONTEXT_FLOOR)
                found.append((self.index[recognizer.name, hit.entity], hit.start, hit.end, score))
        return found


def _near(words: re.Pattern[bytes], normal: bytes, header: bytes, hit: ExternalHit, *, cells: bool) -> bool:
    low, high = max(0, hit.start - WINDOW), min(len(normal), hit.end + WINDOW)
    if cells:
        low = max(low, normal.rfind(b"\n", low, hit.start) + 1)
        stop = normal.find(b"\n", hit.end, high)
        high = stop if stop >= 0 else high
    return any(words.search(part) for part in (header, normal[low : hit.start], normal[hit.end : high]))
