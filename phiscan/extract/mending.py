"""Text that somebody has spoilt before: UTF-8 read as Windows-1252 and saved again, and HTML's entities outside HTML.

Both are letters still, and no word that holds them is known. Only what can be nothing else is mended, in its line: what
ASCII has (`&lt;`, `&quot;`) stays as it is written, or it would mean something to a table or to markup.
"""

from __future__ import annotations

import re
from html.entities import name2codepoint
from itertools import islice
from typing import Final

__all__ = ["is_spoilt", "mend", "mended"]


def _images() -> dict[str, int]:
    """The bytes 80 to BF of UTF-8 by the characters they become as Windows-1252."""
    images = {bytes([byte]).decode("cp1252", "replace"): byte for byte in range(0x80, 0xC0)}
    del images["\ufffd"]  # what Windows-1252 has not
    return images


_IMAGES: Final = _images()
_BYTES: Final = {**_IMAGES, "Â": 0xC2, "Ã": 0xC3, "Å": 0xC5, "â": 0xE2}  # the first bytes of NBSP, é, œ and ’
_AFTER: Final = f"[{re.escape(''.join(_IMAGES))}]"
_PAIR: Final = re.compile(f"[ÂÃÅ]{_AFTER}|â{_AFTER}{{2}}")
_ENTITY: Final = re.compile(r"&(?:(?P<name>[A-Za-z]{2,8})|#(?P<number>[0-9]{2,5})|#[xX](?P<hex>[0-9A-Fa-f]{2,4}));")
# In bytes: Ã in UTF-8 with another half behind it, in a word. One such pair may be what it says.
_SPOILT: Final = re.compile(
    rb"[a-z]\xc3\x83\xc2[\xa0\xa2\xa7-\xab\xae\xaf\xb4\xb9\xbb\xbc]"
    rb"|\xc3\x83(?:\xc2[\xa0\xa2\xa7-\xab\xae\xaf\xb4\xb9\xbb\xbc]|\xe2\x80.|\xc5.|\xcb.)[a-z]"
)
_PAIRS: Final = 2
_WRITTEN: Final = re.compile(rb"&(?:[A-Za-z]{2,8}|#[0-9]{2,5}|#[xX][0-9A-Fa-f]{2,4});")
_APOSTROPHE: Final = 39


def is_spoilt(raw: bytes, pairs: int = _PAIRS) -> bool:
    """Whether a block of 8-bit text holds what is to be mended: quickly told where it does not."""
    if b"&" in raw and _WRITTEN.search(raw):
        return True
    return b"\xc3\x83" in raw and sum(1 for _ in islice(_SPOILT.finditer(raw), pairs)) == pairs


def mended(text: str) -> str:
    """Return one value of a document, or a text that was no 8-bit one, as it was meant."""
    suspect = "&" in text or "Ã" in text
    return mend(text) if suspect and is_spoilt(text.encode("utf-8", "replace"), 1) else text


def mend(text: str) -> str:
    """Return a spoilt text with the letters that were meant. Lines stay lines."""
    if "Ã" in text or "â€" in text:
        text = _PAIR.sub(_letter, text)
    return _ENTITY.sub(_character, text) if "&" in text else text


def _letter(match: re.Match[str]) -> str:
    try:
        return bytes(map(_BYTES.__getitem__, match[0])).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _character(match: re.Match[str]) -> str:
    name, number, hexadecimal = match.groups()
    code = name2codepoint.get(name, 0) if name else int(number) if number else int(hexadecimal, 16)
    if code == _APOSTROPHE or name == "apos":
        return "’"  # the straight one may quote
    # Controls and surrogates are no letters, and U+2028 would end a line.
    return chr(code) if 0xA0 <= code < 0xD800 and code not in (0x2028, 0x2029) else match[0]
