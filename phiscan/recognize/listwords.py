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
    "card_notes",
    "columns_own",
    "columns_roles",
    "columns_scores",
    "columns_staff",
    "columns_subjects",
    "columns_things",
    "columns_things_unborn",
    "first_person",
    "first_person_between",
    "first_person_closings",
    "first_person_editors",
    "first_person_signers",
    "first_person_stock",
    "illness_qualifiers",
    "invented_denied",
    "invented_marks",
    "lesson_cases",
    "lesson_courses",
    "lesson_papers",
    "lesson_questions",
    "lists_of_others",
    "lists_of_patients",
    "lists_of_staff",
    "lists_places",
    "lists_states",
    "lists_subjects",
    "messages_of_work",
    "messages_to_patients",
    "notebooks_of_others",
    "notes_of_others",
    "own_health",
    "own_illness",
    "papers",
    "papers_drugs",
    "papers_medical",
    "papers_medicine",
    "papers_rubrics",
    "papers_sections",
    "papers_titled",
    "remark_labels",
    "trades",
    "work",
)


@cache
def list_words(name: str) -> re.Pattern[bytes]:
    """Return what finds the words of a text file in `recognizers/identity`; a comment begins with #."""
    from phiscan.content import recognizers_folder

    lines = (recognizers_folder() / "identity" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    pattern = words_pattern([line for line in lines if line and not line.startswith("#")])
    assert pattern is not None
    return pattern
