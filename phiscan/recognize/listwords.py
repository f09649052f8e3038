"""Words of lists of people, from text files beside the recognizers: does a title speak of patients, or of others?"""

from __future__ import annotations

import re
from functools import cache

from phiscan.recognize.terms import words_pattern


def of_patients(words: bytes) -> bool | None:
    """Whether the words of a title (in normal form) speak of patients: None, of nobody; False, of others.

    >>> of_patients(b"patients vih"), of_patients(b"formation vih"), of_patients(b"vih")
    (True, False, None)
    """
    if list_words("of_others").search(words):
        return False
    return True if list_words("of_patients").search(words) else None


LISTS = ("of_patients", "of_others", "of_staff", "states", "subjects")


@cache
def list_words(name: str) -> re.Pattern[bytes]:
    """Return what finds the words of `recognizers/identity/lists_….txt`."""
    from phiscan.content import recognizers_folder

    lines = (recognizers_folder() / "identity" / f"lists_{name}.txt").read_text(encoding="ascii").splitlines()
    pattern = words_pattern([line for line in lines if line and not line.startswith("#")])
    assert pattern is not None
    return pattern
