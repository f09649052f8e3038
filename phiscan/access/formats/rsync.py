r"""What an rsync daemon writes where `transfer logging` is on, in the default `log format`: `%o %h [%a] %m (%u) %f %l`.

To its own file behind a time of this machine's clock, through syslog behind a header of syslog's. A path begins with
the module. Bytes that cannot be shown are written `\#001`. `%l` is how large the file is, not how much went over the
line: what was fetched unchanged or cut short is written alike, so nobody knows how much of it somebody has got.
Lines of other formats give nothing.
"""

from __future__ import annotations

import re
import time
from typing import Final

from phiscan.access import clock
from phiscan.access.formats.words import address, shown
from phiscan.access.model import Access, Action

_HEAD: Final = (
    rb"(?:(?P<own>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[\d+\] "
    rb"|(?:<\d+>)?(?P<sys>\w{3} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)?) "
    rb"(?:\S+ )?rsyncd\[\d+\]: )"
)
_LINE: Final = re.compile(
    _HEAD + rb"(send|recv|del\.) \S+ \[([^\] ]*)\] ([^/\n]+?) \(([^()]*)\) (.+) (\d+)\s*\Z", re.DOTALL
)
_OTHER: Final = re.compile(
    _HEAD + rb"(?:rsyncd version \S+ starting|connect from \S+ \(|rsync (?:on|to|allowed access on module) |"
    rb"building file list|receiving file list|sent \d+ bytes)"
)
_FIRST: Final = re.compile(rb"^" + _HEAD + rb"(?:send|recv|del\.) \S+ \[[^\]\n]*\] [^\n]+ \d+\r?$", re.MULTILINE)
_ESCAPED: Final = re.compile(rb"\\#([0-3][0-7]{2})")
_ACTIONS: Final[dict[bytes, Action]] = {b"send": "read", b"recv": "write", b"del.": "delete"}


def parse(line: bytes) -> Access | None:
    r"""Return what a line says.

    >>> found = parse(b"2026/11/26 23:20:52 [15254] send localhost [127.0.0.1] labo (jean) sub/b\\#0121 (2).csv 3000")
    >>> found.action, found.path, found.size, found.account, found.address
    ('read', b'/labo/sub/b\n1 (2).csv', None, 'jean', '127.0.0.1')
    """
    found = _LINE.match(line)
    if found is None:
        return None
    at, zoned = _time(found)
    if at is None:
        return None
    _, _, word, client, module, account, path, _ = found.groups()
    plain = _ESCAPED.sub(lambda escape: bytes([int(escape[1], 8)]), path)
    return Access(
        at=at,
        action=_ACTIONS[word],
        address=address(client),
        account=shown(account),
        path=b"/" + module + b"/" + plain.lstrip(b"/"),
        zoned=zoned,
        services=("rsync",),
        format="rsync",
    )


def began(line: bytes) -> float | None:
    """Return the time of any line of an rsync daemon, also of one that says nothing of a file; None of other lines.

    Whether transfers are logged at all such a line does not tell.

    >>> began(b"2026/11/26 23:20:52 [15254] building file list") is None
    False
    >>> began(b"2026/11/26 23:20:52 [15254] a word")
    """
    found = _OTHER.match(line)
    return None if found is None else _time(found)[0]


def first(block: bytes) -> Access | None:
    """Return the first transfer in a block of lines: there may be many others before it."""
    found = _FIRST.search(block)
    return None if found is None else parse(found[0])


def _time(found: re.Match[bytes]) -> tuple[float | None, bool]:
    """Return the time of a line, and whether it names a zone."""
    written = found["own"] or found["sys"]
    if written[:4].isdigit():
        return clock.iso(written) or (None, False)
    return clock.syslog(written, time.time()), False
