"""Owners of animals in letters of veterinary surgeons: who is named there is not who is ill.

`Oslo, berger allemand mâle castré, né le 14/08/2016, appartenant à M. LEGRAND`: the name is the owner's, the birth date
the dog's, and together they would be a patient. A hospital's letter about a bite names a dog and its owner too: there
must be a veterinary surgery in the passage, and whoever stands there with a birth date of their own stays who they are.
"""

from __future__ import annotations

import re
from functools import lru_cache

from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span
from phiscan.recognize.terms import words_pattern

_WHY = "rejected by a word nearby"
_BEFORE = 80  # bytes before a birth date in which the animal stands
_ENDS = re.compile(rb"[.;!?][ \n]|\n[ ]*\n")
_UP_TO = re.compile(rb"[^a-z0-9]{0,4}(?:(?:mr?|mme|mlle|monsieur|madame|mademoiselle)[^a-z0-9]{1,3})?")
_BORN = re.compile(rb"(?i)[ ,\n(]{1,4}(?:nee?|ne\(e\)|ddn)[ :]")
_WORD = re.compile(r"[a-z]{2,}")


def set_aside(spans: list[Span], ruleset: Ruleset, folded: bytes, normal: bytes) -> None:
    """Drop the names of owners and the birth dates of animals in a letter about an animal."""
    animals = ruleset.trades.animals
    surgery = _pattern(animals.surgery)
    if surgery is None or not surgery.search(normal):
        return
    names, births = (
        [span for span in spans if ruleset.recognizers[span.recognizer].category == category and not span.why]
        for category in ("person_name", "birth_date")
    )
    theirs = [span for span in names if _owned(span, animals.owned, normal) and not _BORN.match(folded, span.end)]
    owners = [_words(span, normal) for span in theirs]
    for span in names:
        named = _words(span, normal)
        if any(named <= owner for owner in owners) and not _BORN.match(folded, span.end):
            span.why = _WHY
    for span in births:
        if _of_animal(span, names, animals.subject, folded, normal):
            span.why = _WHY


def _owned(span: Span, words: tuple[str, ...], normal: bytes) -> bool:
    """Whether a name stands right behind a word for who has an animal."""
    pattern, before = _pattern(words), normal[max(0, span.start - _BEFORE) : span.start]
    return pattern is not None and any(_UP_TO.fullmatch(before, match.end()) for match in pattern.finditer(before))


def _of_animal(span: Span, names: list[Span], words: tuple[str, ...], folded: bytes, normal: bytes) -> bool:
    """Whether an animal stands before a birth date in its sentence, and nobody's name between."""
    pattern = _pattern(words)
    low = max([0, span.start - _BEFORE, *(name.end for name in names if name.end <= span.start)])
    for end in _ENDS.finditer(folded, low, span.start):
        low = end.end()
    return pattern is not None and pattern.search(normal, low, span.start) is not None


def _words(span: Span, normal: bytes) -> frozenset[str]:
    return frozenset(_WORD.findall(normal[span.start : span.end].decode("ascii"))) - _TITLES


_TITLES = frozenset("mr mme mlle monsieur madame mademoiselle".split())


@lru_cache(maxsize=8)
def _pattern(words: tuple[str, ...]) -> re.Pattern[bytes] | None:
    return words_pattern([*words])
