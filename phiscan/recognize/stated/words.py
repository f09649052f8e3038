"""Patterns of whole words, and masking what they find."""

from __future__ import annotations

import re
from collections.abc import Iterable

from phiscan.recognize.triggers import beginnings

FACT = b"F"  # stands for the letters of another fact
_SHORTEST = 4  # bytes: nothing shorter holds words that could be masked
_MASK = b"~"  # stands for words that are no cue after all


def words(*alternatives: str) -> re.Pattern[bytes]:
    """Return a pattern that finds any of the alternatives as whole words."""
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(alternatives)})(?![a-z0-9])".encode())


def masked(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    """Return the text with everything that the pattern finds made unreadable, as long as it was."""
    return pattern.sub(_as_mask, text) if len(text) > _SHORTEST else text


def _as_mask(found: re.Match[bytes]) -> bytes:
    return _MASK * len(found.group())


def begun(patterns: Iterable[re.Pattern[bytes]]) -> re.Pattern[bytes]:
    """Return what matches wherever one of the patterns of whole words may begin, and is far cheaper than they are."""
    texts = sorted({text for pattern in patterns for text in beginnings(pattern.pattern.decode(), 8)})
    by_letter: dict[str, list[str]] = {}
    for text in texts:
        by_letter.setdefault(text[0], []).append(re.escape(text[1:]))
    alternatives = "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in by_letter.items())
    return re.compile(rf"(?<![a-z0-9])(?:{alternatives})".encode())
