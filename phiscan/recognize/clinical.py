"""Whether a passage is a clinical one: a patient is named in it and facts about somebody's health stand there.

In such a passage a word that means other things elsewhere (dépression, cannabis, a date) means what it means in a
hospital: its hits get the evidence `clinical` and are weighed again. That never makes a record of what was none: the
patient and the facts that decide count without it.
"""

from __future__ import annotations

from collections.abc import Iterable

from phiscan.model import Kind, Role
from phiscan.recognize.recognizer import COUNTS_FROM, FIELD, TERM, WEAK, Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span

PLACED = 0.7  # a name scored so high stands in the patient's position
_ENOUGH = 4  # a fact that counts is worth two, a word that could be one is worth one
_BYTES_EACH = 2500  # of a long passage for each of that: a dictionary names anything somewhere
_NAMING = frozenset({"nir", "ins", "patient_id", "birth_date"})


def is_clinical(spans: Iterable[Span], ruleset: Ruleset, normal: bytes, *, patient: bool) -> bool:
    """Whether weighed spans make a passage a clinical one; `patient`: somebody was named before it."""
    named, certain, possible = patient, set[bytes](), set[bytes]()
    for span in spans:
        recognizer = ruleset.recognizers[span.recognizer]
        counts = span.score >= COUNTS_FROM and not span.why
        if recognizer.kind is Kind.HEALTH:
            word = normal[span.start : span.end]
            if counts and recognizer.category != "exam_date" and recognizer.file.at_least == 1:
                certain.add(word)
            elif span.evidence & (TERM | WEAK) and span.why == "score":
                possible.add(word)
        elif counts and not named:
            named = _names_patient(span, recognizer)
    weight = 2 * len(certain) + len(possible - certain)
    return named and bool(certain) and weight >= max(_ENOUGH, len(normal) // _BYTES_EACH)


def _names_patient(span: Span, recognizer: Recognizer) -> bool:
    if (span.role or recognizer.role or Role.PATIENT) is not Role.PATIENT:
        return False
    placed = bool(span.evidence & FIELD) or span.score >= PLACED
    return recognizer.category in _NAMING or (recognizer.category == "person_name" and placed)
