"""Whether what says that it is encrypted is: a signature is four bytes that anybody can write before a clear text.

What follows the head of a real container cannot be told from noise, from its first byte to its last. So the start, the
end and places between are looked at: a stretch of readable text there, and the file is read like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

_BLOCK: Final = 1 << 14  # bytes looked at in one place
_PLACES: Final = 16  # between start and end
# So many characters in a row: hardly one in 10^20 blocks of noise has them. UTF-16 has a zero before or behind each.
_READABLE: Final = re.compile(
    rb"(?:[\t\r\n\x20-\x7e]|\xc3[\x80-\xbf]){80}"
    rb"|(?:[\t\r\n\x20-\x7e\xc0-\xff]\x00){40}|(?:\x00[\t\r\n\x20-\x7e\xc0-\xff]){40}"
)
_ARMOR: Final = re.compile(rb"-----(?:BEGIN|END) [A-Z0-9 ]{3,40}-----|(?:Version|Comment|Hash|Charset|MessageID): .*")
_LUKS_HEAD: Final = 1 << 12  # bytes before the keys of LUKS1, and before the JSON of LUKS2
_LUKS_JSON: Final = 1 << 18  # bytes in which the head of LUKS2 says where its segments lie
_SEGMENT: Final = re.compile(rb'"segments":\{"0":\{[^{}]*?"offset":"(\d{1,15})"')
_CODED: Final = re.compile(rb"[A-Za-z0-9+/=]*")
_UNBROKEN: Final = re.compile(rb"[!-:<-~]*")  # an alphabet that nobody has described
_AGE: Final = re.compile(rb"age-encryption\.org/v1\n(?:-> [!-~ ]+\n(?:[A-Za-z0-9+/]{0,64}\n)*)*(?:--- [!-~]+\n)?")

# What is written in letters, by its name in `Part.decided_by`, and what has no text in it at all behind so many bytes.
_LETTERS: Final = frozenset({"ansible-vault", "apicrypt"})
_HEADS: Final = {"pgp": 0, "openssl": 16, "aescrypt": 1 << 8, "keepass": 1 << 10, "cms": 1 << 14, "luks": 1 << 14}


def readable(data: bytes) -> bool:
    """Say whether a stretch of text stands in `data`, which would be noise if it were encrypted."""
    return _READABLE.search(data) is not None


def is_sealed(stream: BinaryIO, name: str) -> bool:
    """Say whether a file whose head is that of the encryption `name` is as unreadable as that makes it."""
    name, head = name.partition(" ")[0], _at(stream, 0)
    if head.startswith(b"-----BEGIN") or name in _LETTERS:
        return _coded(stream, name)
    if name == "luks":
        return _is_luks(head) and not any(map(readable, _places(stream, _luks_head(stream))))
    if name == "age":
        return not any(map(readable, _places(stream, _age_head(head))))
    start = _HEADS.get(name)
    return start is None or not any(map(readable, _places(stream, start)))


def _at(stream: BinaryIO, place: int) -> bytes:
    stream.seek(place)
    return stream.read(_BLOCK)


def _places(stream: BinaryIO, start: int) -> Iterator[bytes]:
    """Yield blocks of what lies behind the head: the first, the last, and some between."""
    end = stream.seek(0, 2)
    if end <= start:
        return
    last = max(start, end - _BLOCK)
    step = max(_BLOCK, (last - start) // _PLACES)
    for place in (*range(start, last, step), last):
        yield _at(stream, place)


def _age_head(head: bytes) -> int:
    """Return where the head ends: recipients and their keys, then a line with its MAC (age-encryption.org/v1)."""
    found = _AGE.match(head)
    return found.end() if found else 0


def _is_luks(head: bytes) -> bool:
    """Version 1 or 2, and a cipher that does something: `cipher_null` encrypts nothing.

    The names in the first 4 KiB are short, with zeros behind them: nothing to read stands there either.
    """
    known = head[6:8] in (b"\x00\x01", b"\x00\x02") and b"cipher_null" not in head
    return known and not readable(head[8:_LUKS_HEAD])


def _luks_head(stream: BinaryIO) -> int:
    """Return where the payload begins: LUKS1 says so in sectors at 104, LUKS2 in the JSON behind its first 4 KiB.

    Where that is not in the file (a head alone, or one that lies), where the keys begin: behind the two heads of LUKS2.
    """
    end = stream.seek(0, 2)
    stream.seek(0)
    head = stream.read(_LUKS_JSON)
    if head[7] == 1:
        start, keys = 512 * int.from_bytes(head[104:108], "big"), _LUKS_HEAD
    else:
        found = _SEGMENT.search(head)
        start, keys = int(found[1]) if found else 8, 2 * int.from_bytes(head[8:16], "big")
    return start if start < end else keys if keys < end else 8


def _coded(stream: BinaryIO, name: str) -> bool:
    """Say whether a file in letters is so to its end: nothing but base64 or hexadecimal, and what frames it."""
    coded = _UNBROKEN if name == "apicrypt" else _CODED
    for number, block in enumerate(_places(stream, 0)):
        lines = block.replace(b"\r", b"").split(b"\n")
        # The first line may be a signature of its own, and a block begins and ends within lines.
        for line in lines[1:] if not number and name in _LETTERS else lines:
            if not coded.fullmatch(line.strip()) and not _ARMOR.fullmatch(line.strip()):
                return False
    return True
