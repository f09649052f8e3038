"""What happens to a document on its way: software without accents, old systems in capitals, scanners, narrow lines."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

from tests.eval.documents import Document, with_text

Spoil = Callable[[str, random.Random], str]

_LIGATURES = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"}
# What a scanner's software takes for something else, letters for letters and signs for signs.
_MISREAD = {
    "l": "1I", "I": "l", "O": "0", "o": "c", "e": "c", "c": "e", "a": "o", "n": "ri", "m": "rn", "h": "li", "u": "ii",
    "é": "e", "è": "e", "ê": "e", "à": "a", ",": ".", ".": ",", "'": "’", "t": "f", "i": "l", "0": "O", "1": "l",
    "5": "S",
}  # fmt: skip
_MISREAD_RATE = 0.004


def _unaccented(char: str, _: random.Random) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", char) if not unicodedata.combining(c))
    return _LIGATURES.get(char, plain)


def _capitals(char: str, chance: random.Random) -> str:
    return _unaccented(char, chance).upper()


def _scanned(char: str, chance: random.Random) -> str:
    if char in _MISREAD and chance.random() < _MISREAD_RATE:
        other = _MISREAD[char]
        return other if char in "nmhu" else chance.choice(other)
    return char


def _narrow(char: str, chance: random.Random) -> str:
    return "\n" if char == " " and chance.random() < 0.06 else char


NOISES: dict[str, Spoil] = {
    "plain": lambda char, _: char,
    "unaccented": _unaccented,
    "capitals": _capitals,
    "scanned": _scanned,
    "narrow": _narrow,
}


def spoil(document: Document, noise: str, seed: int = 1) -> Document:
    """Return the document as `noise` leaves it, marks in their places."""
    chance = random.Random(f"{seed} {document.family} {document.variant} {noise}")
    out: list[str] = []
    moved = [0]
    for char in document.text:
        made = NOISES[noise](char, chance)
        out.append(made)
        moved.append(moved[-1] + len(made))
    return with_text(document, "".join(out), moved, noise)
