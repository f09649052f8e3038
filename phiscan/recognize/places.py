"""Names that say of what looks like a code that it is a place, or a disease: words of `recognizers/codes.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from phiscan.recognize.headers import tokens
from phiscan.recognize.recognizer import CodeSystemFile

PLACE = "code out of place"
BARE = re.compile(rb"[A-Za-z][0-9]{2}[0-9]?|PREP")
_MOST_OF_LABEL = 60  # characters
_MOST_WORDS = 4  # of a label


def of_place(name: str, file: CodeSystemFile) -> bool:
    """Whether a header or label says that what looks like codes are places."""
    words = tokens(name)
    return any_of(words, file.elsewhere) and not any_of(words, file.told)


def label_of(folded: bytes, start: int) -> str:
    """Return the label before a place in a text, in its line or alone in the line above; "" where there is none."""
    line = folded.rfind(b"\n", 0, start) + 1
    before = folded[max(line, start - _MOST_OF_LABEL) : start]
    label, sign, _ = before.partition(b":")
    if not before.strip():
        above = folded[max(0, line - _MOST_OF_LABEL) : max(0, line - 1)].rpartition(b"\n")[2].rstrip()
        label, sign = above.removesuffix(b":"), above[-1:]
    return label.decode("ascii") if sign == b":" and len(label.split()) <= _MOST_WORDS else ""


def any_of(words: Iterable[str], known: Iterable[str]) -> bool:
    """Whether one of the words is known, whatever number follows it: DAS2."""
    exact, prefixes = _forms(tuple(known))
    return any(word.rstrip("0123456789") in exact or word.startswith(prefixes) for word in words)


@lru_cache(maxsize=16)
def _forms(known: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    exact = frozenset(word for word in known if not word.endswith("*"))
    return exact, tuple(word[:-1] for word in known if word.endswith("*"))
