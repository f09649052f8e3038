"""A file in clear beside the encrypted one that was made of it: which names are of one pair.

Only the ends of names differ: `export.csv` and `export.csv.gpg`, `export.zip`, `export_chiffré.7z`. That one of two
files is encrypted is known from what they hold, never from their names.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final

_WRAPPED: Final = re.compile(
    rb"\.(?:gpg|pgp|asc|age|aes|enc|crypt|p7m|cms|luks|img|zip|7z|rar|tar|gz|tgz|bz2|tbz2?|xz|txz|zst|lz4|z)$",
    re.IGNORECASE,
)
_FORMAT: Final = re.compile(rb"\.[A-Za-z0-9]{1,5}$")
_SAID: Final = re.compile(  # é as UTF-8, Latin-1 or without its accent
    rb"[ ._(-]+(?:(?:de|d(?:\xc3\xa9|\xe9))?(?:chiffr|crypt)(?:\xc3\xa9|\xe9|e)e?s?|(?:en|de)crypted|encrypt|enc"
    rb"|prot(?:\xc3\xa9|\xe9|e)g(?:\xc3\xa9|\xe9|e)e?s?|s(?:\xc3\xa9|\xe9|e)curis(?:\xc3\xa9|\xe9|e)e?s?|clair|clear|plain)\)?$",
    re.IGNORECASE,
)
_PACKED: Final = 200  # times smaller: no archive packs text better
_LARGER: Final = 1.5  # times larger: base64
_HEADS: Final = 1 << 20  # bytes that a container adds


@dataclass(frozen=True, slots=True)
class Copy:
    """One file of a possible pair. `size` in bytes."""

    path: bytes
    size: int


def stem(path: bytes) -> bytes:
    """Return what the names of a pair begin with, b"" where nothing is left.

    >>> stem(b"/srv/export.csv"), stem(b"export.csv.gpg"), stem(b"export_chiffre.7z"), stem(b".csv")
    (b'export', b'export', b'export', b'')
    """
    name = os.path.basename(path)
    while found := _WRAPPED.search(name):
        name = name[: found.start()]
    name = _FORMAT.sub(b"", name)
    return _SAID.sub(b"", name)


def are_twins(encrypted: Copy, clear: Copy) -> bool:
    """Say whether an encrypted file may be what was made of a file in clear: its name, its folder, and its size."""
    if os.path.dirname(encrypted.path) != os.path.dirname(clear.path) or encrypted.path == clear.path:
        return False
    begin = stem(clear.path)
    if not begin or stem(encrypted.path) != begin:
        return False
    return clear.size / _PACKED <= encrypted.size <= clear.size * _LARGER + _HEADS
