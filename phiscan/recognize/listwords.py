"""Words from text files beside the recognizers: of lists of people, of people at work, and whom a title speaks of."""

from __future__ import annotations

import re
from functools import cache

from phiscan.recognize.terms import words_pattern


def of_patients(words: bytes) -> bool | None:
    """Whether the words of a title (in normal form) speak of patients: None, of nobody; False, of others.

    >>> of_patients(b"patients vih"), of_patients(b"formation vih"), of_patients(b"vih")
    (True, False, None)
    """
    if list_words("lists_of_others").search(words):
        return False
    return True if list_words("lists_of_patients").search(words) else None


LISTS = (
    "lists_of_patients", "lists_of_others", "lists_of_staff", "lists_states", "lists_subjects", "trades", "work",
    "papers", "own_illness", "invented_marks", "invented_denied", "lesson_papers", "lesson_questions", "lesson_courses",
    "lesson_cases",
)  # fmt: skip


@cache
def list_words(name: str) -> re.Pattern[bytes]:
    """Return what finds the words of a text file in `recognizers/identity`; a comment begins with #."""
    from phiscan.content import recognizers_folder

    lines = (recognizers_folder() / "identity" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    pattern = words_pattern([line for line in lines if line and not line.startswith("#")])
    assert pattern is not None
    return pattern
