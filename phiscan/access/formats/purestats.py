"""Pure-FTPd's `stats` and `w3c` logs: transfers, with the path on the disk."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from phiscan.access import clock
from phiscan.access.formats.words import address, shown
from phiscan.access.model import Access

_STATS: Final = re.compile(rb"(\d{9,11}) ([0-9a-f]+\.[0-9a-f]+) (\S+) (\S+) ([UD]) (\d+) (\d+) (/.*?)\s*\Z", re.DOTALL)
_W3C: Final = re.compile(
    rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (\S+) \[\](sent|created) (/.*?) (\d{3}) (\S+) (\d+)\s*\Z", re.DOTALL
)


def parse(line: bytes) -> Access | None:
    """Return what a line says.

    >>> found = parse(b"1795283754 6b01db2a.5290 ftp 127.0.0.1 D 20 0 /srv/ftp/p b.txt")
    >>> found.action, found.path, found.size, found.account
    ('read', b'/srv/ftp/p b.txt', 20, 'ftp')
    """
    found = _STATS.match(line)
    if found is None:
        return _w3c(line)
    at, session, account, client, way, size, _, path = found.groups()
    return Access(
        at=float(at),
        action="read" if way == b"D" else "write",
        address=address(client),
        account=shown(account),
        path=path,
        size=int(size),
        complete=None,  # it is written whether or not the transfer came to its end
        services=("pure-ftpd",),
        format="pure-ftpd stats",
        session=f"pure-ftpd {session.decode()}",
    )


def _w3c(line: bytes) -> Access | None:
    found = _W3C.match(line)
    when = None if found is None else clock.iso(found[1] + b"Z")  # the form is in UTC
    if found is None or when is None:
        return None
    _, client, way, path, status, account, size = found.groups()
    return Access(
        at=when[0],
        action="read" if way == b"sent" else "write",
        address=address(client),
        account=shown(account),
        path=unquote_to_bytes(path),
        size=int(size),
        complete=None if status.startswith(b"2") else False,
        services=("pure-ftpd",),
        format="pure-ftpd w3c",
    )
