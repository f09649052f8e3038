"""Which encoding a text is in, and whether bytes are text at all.

General detectors get short French texts wrong, so the order is: byte order mark, NUL bytes, strict UTF-8, then
the one of cp1252, cp850 and mac-roman whose letters make French.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Final

HEAD: Final = 1 << 18  # bytes `detect` is meant to see
SINGLE: Final = ("cp1252", "cp850", "mac-roman")
_HIGH = re.compile(rb"[\x80-\xff]")
_CONTROLS = bytes([*range(1, 9), *range(14, 27), 28, 29, 127])
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

for _name in (*SINGLE, "latin-1", *(name for _, name in _BOMS)):  # a confined worker can load no codec later on
    codecs.lookup(_name)


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding as Python names it. `single` is what bytes that are no UTF-8 are read as."""

    name: str = "utf-8"
    bom: int = 0  # bytes of the byte order mark
    single: str = "cp1252"

    @property
    def unit(self) -> int:
        """Bytes of a code unit: 1, 2 or 4."""
        return 4 if self.name.startswith("utf-32") else 2 if self.name.startswith("utf-16") else 1


def detect(head: bytes, *, tail: bytes = b"", whole: bool) -> Encoding:
    """Return the encoding of a text file that begins with `head` (and is nothing else where `whole`).

    `tail`, bytes from further inside, decides where the head is plain ASCII.
    """
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name, len(bom))
    wide = _wide(head)
    if wide:
        return Encoding(wide)
    if is_utf8(head, whole=whole):
        other = head.isascii() and not is_utf8(tail.lstrip(bytes(range(0x80, 0xC0))), whole=False)
        return Encoding("utf-8", single=guess_single(tail) if other else "cp1252")
    single = guess_single(head)
    return Encoding(single, single=single)


def _wide(head: bytes) -> str:
    """Return the UTF-16 or UTF-32 that the NUL bytes of `head` tell, or ""."""
    head = head[: 1 << 16]
    name = _lanes(head) if len(head) >= 4 and 0 in head else ""
    if name:  # small integers look the same, but not as characters
        text = head[: min(len(head), 4096) // 4 * 4].decode(name, "replace")
        odd = sum((char < " " and char not in "\t\n\r\f\0") or char == "\ufffd" for char in text)
        return name if odd * 50 <= len(text) else ""
    return ""


def _lanes(head: bytes) -> str:
    quarter = len(head) // 4
    nuls = [head[lane : quarter * 4 : 4].count(0) / quarter for lane in range(4)]
    if min(nuls[2:]) > 0.98 and nuls[0] < 0.2:
        return "utf-32-le"
    if min(nuls[:2]) > 0.98 and nuls[3] < 0.2:
        return "utf-32-be"
    even, odd = (nuls[0] + nuls[2]) / 2, (nuls[1] + nuls[3]) / 2
    if odd > 0.3 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.3 and odd < 0.05 else ""


def is_utf8(head: bytes, *, whole: bool) -> bool:
    """Return whether `head` is UTF-8, its last character possibly cut unless it is the `whole`."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, whole)
    except UnicodeDecodeError:
        return False
    return True


def is_text(head: bytes) -> bool:
    """Return whether `head` begins a text rather than a binary format. NUL padding is allowed for."""
    if not head or head.startswith(tuple(bom for bom, _ in _BOMS)) or _wide(head):
        return True
    nuls = head.count(0)
    rest = len(head) - nuls
    controls = rest - len(head.translate(None, _CONTROLS)) + nuls
    if nuls:  # records padded with NULs are lines of text else; programs are not
        return nuls <= rest and controls <= rest // 500 and (nuls * 20 <= rest or b"\n" in head)
    return controls * 50 <= rest


_FRENCH = "éèêëàâäçîïôöùûüÿœæ"
_WEIGHT = {"é": 4, "è": 3, "à": 3, "ê": 2, "ç": 2, "ô": 2, "î": 2, "û": 2, "â": 2, "ù": 1, "ï": 1, "œ": 1, "ë": 1}
_PARTING = "§¤¦"  # parts the columns of old exports, so that it stands between anything
_APART = "«»°’–—…€\u00a0“”²³½§·•"


@cache
def _weights(encoding: str) -> dict[tuple[str, int], float]:
    """Return what a byte is worth as `encoding` by its neighbours (see `_context`)."""
    weights: dict[tuple[str, int], float] = {}
    for byte in range(0x80, 0x100):
        try:
            char = bytes([byte]).decode(encoding)
        except UnicodeDecodeError:
            char = "\x80"
        lower, small = char.lower(), char.islower()
        french = _WEIGHT.get(lower, 0.5) if lower in _FRENCH else -0.5 if char.isalpha() else -2
        weights["l", byte] = french if small or french < 0 else -2.0
        weights["t", byte] = weights["u", byte] = french if not small else min(french, 0.5)
        weights["t", byte] = weights["m", byte] = french
        weights["", byte] = 0.5 if char in _APART else french / 4 if char.isalpha() else -2 if char < "\xa0" else -0.5
        if char in _PARTING:
            for context in "tum":
                weights[context, byte] = 0.0
            weights["", byte] = 0.0
        elif char == "’":
            weights["l", byte] = weights["t", byte] = weights["u", byte] = weights["m", byte] = 3.0
        elif char in "“”":
            weights["l", byte], weights["t", byte], weights["u", byte], weights["m", byte] = 0.0, 0.5, 0.0, 0.0
        elif char in _APART:
            apart = 0.5 if char in "\u00a0…«»°" else -1.0
            weights["l", byte] = weights["t", byte] = weights["u", byte] = weights["m", byte] = apart
    return weights


def _context(before: int, after: int) -> str:
    """Return the letters around a byte.

    "l" a small one before, "t" a small one after only, "u" a capital after, "m" a capital before only (Né), "" none.
    """
    if 97 <= before <= 122:
        return "l"
    if 65 <= before <= 90:
        return "l" if 97 <= after <= 122 else "u" if 65 <= after <= 90 else "m"
    if 97 <= after <= 122:
        return "t"
    return "u" if 65 <= after <= 90 else ""


def guess_single(data: bytes, prior: str = "cp1252", window: int = 1 << 14) -> str:
    """Return which of `SINGLE` makes `data` French, looking at `window` bytes from the first accent on.

    `prior` is returned unless another one is clearly better.
    """
    first = _HIGH.search(data)
    if not first:
        return prior
    start = max(0, first.start() - 1)
    part = b" " * (first.start() == 0) + data[start : start + window] + b" "
    seen = Counter((part[m.start() - 1], part[m.start()], part[m.start() + 1]) for m in _HIGH.finditer(part))
    scores = {
        name: sum(
            count * _weights(name)[_context(before, after), byte] for (before, byte, after), count in seen.items()
        )
        for name in SINGLE
    }
    best = max(scores, key=lambda name: (scores[name], name == prior))
    return best if scores[best] > scores[prior] + 1 else prior
