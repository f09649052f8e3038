"""Folding: one ASCII byte for one character, so that one pattern database serves every encoding.

Accents go, case stays, every white space but newline becomes one space, and offsets stay character
offsets. Single-byte encodings fold by `bytes.translate` at memory speed; the others are decoded and
encoded to cp1252 with an error handler that gives one character for one.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import cache, lru_cache

_COMBINING = re.compile("[\u0300-\u036f]")

# What decomposition does not give. Keys are single characters, values single ASCII characters.
_SPECIAL = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4\u0060", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\u2022\u2023\u25cf\u25aa\u00b7", "-"),
    **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u200b\u200c\u200d\ufeff\u2060", " "),
    "œ": "o", "Œ": "O", "æ": "a", "Æ": "A", "ß": "s", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ı": "i", "ð": "d", "Ð": "D", "þ": "t", "Þ": "T", "ħ": "h", "Ħ": "H",
    "α": "a", "β": "b", "γ": "g", "δ": "d", "ε": "e", "κ": "k", "λ": "l", "µ": "u", "μ": "u",
    "\u2028": "\n", "\u2029": "\n", "\x85": "\n", "…": ".", "€": "E", "×": "x", "²": "2", "³": "3",
    "≤": "<", "≥": ">", "⁺": "+", "⁻": "-", "﹢": "+", "＋": "+", "№": "N", "º": "o", "°": "o", "ª": "a",
}


@lru_cache(maxsize=1 << 16)
def fold_char(char: str) -> str:
    """Return the one ASCII character that stands for `char`; "?" where nothing does."""
    if char in _SPECIAL:
        return _SPECIAL[char]
    code = ord(char)
    if code < 128:
        return char if char == "\n" or 32 <= code < 127 else " "
    base = unicodedata.normalize("NFKD", char)[0]
    if ord(base) < 128:
        return " " if base.isspace() else base
    return " " if char.isspace() else "?"


def _handler(error: UnicodeError) -> tuple[str | bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "".join(map(fold_char, error.object[error.start : error.end])), error.end


codecs.register_error("phiscan.fold", _handler)


@cache
def fold_table(encoding: str) -> bytes:
    """Return the 256-byte table that folds a single-byte `encoding` by `bytes.translate`."""
    table = bytearray(256)
    for value in range(256):
        try:
            char = bytes([value]).decode(encoding)
        except UnicodeDecodeError:
            char = "?"
        table[value] = ord(fold_char(char))
    return bytes(table)


def compose(text: str) -> str:
    """Return `text` with combining marks joined to their letters (NFC), unchanged where there are none."""
    return unicodedata.normalize("NFC", text) if _COMBINING.search(text) else text


def fold(text: str) -> bytes:
    """Return one ASCII byte per character of `text`: `len(fold(t)) == len(t)` always.

    >>> fold("Né à Évry\u202f: β-hCG −3")
    b'Ne a Evry : b-hCG -3'
    """
    # Surrogates (undecodable bytes) are not cp1252 either: the handler makes them "?".
    return text.encode("cp1252", "phiscan.fold").translate(fold_table("cp1252"))


def fold_str(text: str) -> str:
    """Return `fold(text)` as a string."""
    return fold(text).decode("ascii")
