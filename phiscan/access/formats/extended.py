"""ProFTPD's ExtendedLog in a site's own LogFormat: a time, an address, the command in quotes, its answer and bytes.

`%f`, the path on the disk, is the absolute path in quotes after them, where the site logs it; without, what the client
called the file is all there is. Any order of what stands before the command is understood.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from phiscan.access import clock
from phiscan.access.formats import ftpwords
from phiscan.access.formats.words import address, shown
from phiscan.access.model import Access

_LINE: Final = re.compile(
    rb'([^"]*) ?"([A-Z]{3,4})(?: (.*?))?" (\d{3}) (\d+|-)(?: "?(/.*?)"?)?(?: [a-z]+ \S+)?\s*\Z', re.DOTALL
)
_CLF: Final = re.compile(rb"\[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]")


def parse(line: bytes) -> Access | None:
    """Return what a line says.

    >>> found = parse(b'2026-11-21 17:55:22,607 ::1 ftp a@b.fr "RETR p.txt" 226 20 "/srv/ftp/p.txt" success ftp')
    >>> found.action, found.path, found.size, found.account, found.address
    ('read', b'/srv/ftp/p.txt', 20, 'ftp', '::1')
    """
    found = _LINE.match(line)
    if found is None:
        return None
    before, verb, argument, status, size, full = found.groups()
    moment = _CLF.search(before)
    when = (clock.clf(moment[1]), True) if moment is not None else clock.iso(before)
    if when is None or when[0] is None:
        return None
    words = (before[: moment.start()] + before[moment.end() :] if moment is not None else before).split()
    at = next((number for number, word in enumerate(words) if _is_address(word)), None)
    if at is None:
        return None
    account = next((word for word in words[at + 1 :] if word not in (b"-", b"UNKNOWN")), b"")
    return ftpwords.access(
        verb,
        argument or b"",
        status,
        None if size == b"-" else int(size),
        at=when[0],
        address=address(words[at]),
        account=shown(account),
        zoned=when[1],
        format_="proftpd extended",
        full=full or b"",
    )


def _is_address(word: bytes) -> bool:
    try:
        ipaddress.ip_address(word.decode("ascii"))
    except ValueError:
        return False
    return b"." in word or word.count(b":") > 1
