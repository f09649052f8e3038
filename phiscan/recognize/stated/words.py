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


class Beginnings:
    """What the cues of several kinds begin with: tells, far cheaper than they, which kinds may stand in a text."""

    def __init__(self, *kinds: Iterable[re.Pattern[bytes]]) -> None:
        """`kinds`: for each kind its patterns of whole words."""
        self._bits: dict[bytes, int] = {}
        for number, patterns in enumerate(kinds):
            for text in {text for pattern in patterns for text in beginnings(pattern.pattern.decode(), 8)}:
                begun = text.encode()
                self._bits[begun] = self._bits.get(begun, 0) | 1 << number
        for begun in sorted(self._bits, key=len):  # where a long one stands, so do those that it begins with
            for size in range(1, len(begun)):
                self._bits[begun] |= self._bits.get(begun[:size], 0)
        by_letter: dict[str, list[str]] = {}
        for begun in sorted(self._bits, key=lambda begun: (-len(begun), begun)):
            text = begun.decode()
            by_letter.setdefault(re.escape(text[0]), []).append(re.escape(text[1:]))
        letters = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in sorted(by_letter.items()))
        self._find = re.compile(rf"(?<![a-z0-9])(?=({letters}))".encode()).findall  # cues may overlap

    def kinds(self, text: bytes) -> int:
        """Return the kinds that may stand in a text, as bits: 1 for the first."""
        bits = 0
        for begun in self._find(text):
            bits |= self._bits[begun]
        return bits
