"""The xferlog of wu-ftpd, which vsftpd, ProFTPD and Pure-FTPd write too: transfers and deletions, local time, no zone.

Spaces and control characters in names became `_`; vsftpd wrote `?` for all that is not ASCII besides.
Pure-FTPd labels anonymous visitors `r`, as if they had an account: the account is what counts.
"""

from __future__ import annotations

import re
from typing import Final

from phiscan.access import clock
from phiscan.access.formats.words import address, shown
from phiscan.access.model import FTP, Access, Action

_LINE: Final = re.compile(
    rb"(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}) (\d+) (\S+) (\d+) (.+?) ([ab]) (\S+) ([oid]) ([agr]) "
    rb"(.*?) (\S+) ([01]) (\S+) ([ci])\s*\Z",
    re.DOTALL,
)
_ACTIONS: Final[dict[bytes, Action]] = {b"o": "read", b"i": "write", b"d": "delete"}


def parse(line: bytes) -> Access | None:
    """Return what a line says.

    >>> found = parse(b"Sat Nov 21 17:54:59 2026 1 127.0.0.1 30 /in/r??s_1.csv b _ o a me@example.fr ftp 0 * i")
    >>> found.action, found.path, found.size, found.complete, found.account
    ('read', b'/in/r??s_1.csv', 30, False, 'anonymous')
    """
    found = _LINE.match(line)
    if found is None:
        return None
    when, _, host, size, path, _, _, way, mode, user, service, _, _, status = found.groups()
    at = clock.ctime(when)
    if at is None:
        return None
    return Access(
        at=at,
        action=_ACTIONS[way],
        address=address(host),
        account="anonymous" if mode == b"a" else shown(user),
        path=path,
        size=int(size),
        complete=status == b"c",
        zoned=False,
        writing="both",
        services=FTP,
        format="xferlog",
        session=f"xferlog {service.decode('latin-1')}",
    )
