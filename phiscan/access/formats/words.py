"""Words of log lines as text."""

from __future__ import annotations

import re
from typing import Final

_ESCAPED: Final = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|([\"\\abfnrtv]))")
_SIGNS: Final = dict(zip(b'"\\abfnrtv', b'"\\\a\b\f\n\r\t\v', strict=True))


def address(text: bytes) -> str:
    """Return an address as it is written everywhere: an IPv4 address inside IPv6 is that IPv4 address.

    >>> address(b"::ffff:203.0.113.7"), address(b"2001:DB8::1")
    ('203.0.113.7', '2001:db8::1')
    """
    return shown(text).lower().removeprefix("::ffff:")


def shown(text: bytes) -> str:
    """Return a word of a log as text; what is no UTF-8 is escaped."""
    return text.decode("utf-8", "backslashreplace")


def plain(text: bytes) -> bytes:
    r"""Return text in which nginx or Apache escaped bytes as they were.

    >>> plain(rb"a\x22b\xC3\xA9\"c")
    b'a"b\xc3\xa9"c'
    """
    if b"\\" not in text:
        return text
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16) if found[1] else _SIGNS[found[2][0]]]), text)
