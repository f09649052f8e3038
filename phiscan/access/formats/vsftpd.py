"""vsftpd's own log (`vsftpd.log`): paths as the client sees them, whatever is not printable ASCII written as `?`.

A rename has both names in one pair of quotes, with a space between: a name may hold spaces too, so `path` and `to`
are cut at the only space before a `/`, and where there are several `to` is left empty for whoever knows the names.
"""

from __future__ import annotations

import re
from typing import Final

from phiscan.access import clock
from phiscan.access.formats.words import address, shown
from phiscan.access.model import Access, Action

_LINE: Final = re.compile(
    rb"(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}) \[pid (\d+)\] (?:\[(.*?)\] )?(OK|FAIL) ([A-Z]+): "
    rb'Client "([^" ]*)"(.*)',
    re.DOTALL,
)
_OTHER: Final = re.compile(
    rb"(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}) \[pid \d+\] (?:\[.*?\] )?(?:CONNECT|(?:OK|FAIL) [A-Z]+): Client \""
)
_NAME: Final = re.compile(rb', "(.*)"(?:, (\d+) bytes)?(?:, [\d.]+Kbyte/sec)?\Z', re.DOTALL)
_ACTIONS: Final[dict[bytes, Action]] = {
    b"DOWNLOAD": "read",
    b"UPLOAD": "write",
    b"DELETE": "delete",
    b"RENAME": "rename",
    b"LOGIN": "login",
}


def parse(line: bytes) -> Access | None:
    r"""Return what a line says.

    >>> found = parse(b'Sat Nov 21 17:54:59 2026 [pid 2] [ftp] OK DOWNLOAD: Client "::1", "/a b.txt", 20 bytes, 23.17Kbyte/sec')
    >>> found.action, found.path, found.size, found.complete, found.account
    ('read', b'/a b.txt', 20, True, 'ftp')
    """  # noqa: E501  a line of a log
    found = _LINE.match(line)
    if found is None:
        return None
    when, session, account, outcome, word, client, rest = found.groups()
    action, at = _ACTIONS.get(word), clock.ctime(when)
    if action is None or at is None:
        return None
    path, to, size = b"", b"", None
    named = _NAME.match(rest)
    if named is not None and action != "login":
        path = named[1]
        transfer = action in ("read", "write")  # of which no bytes are told where there were none
        size = int(named[2]) if named[2] is not None else 0 if transfer else None
    if outcome == b"FAIL" and not (size and action in ("read", "write")):
        return None  # nothing went over the line
    if action == "rename":
        path, to = _both(path)
    return Access(
        at=at,
        action=action,
        address=address(client),
        account=shown(account or b""),
        path=path,
        to=to,
        size=size,
        complete=outcome == b"OK",
        zoned=False,
        writing="question",
        services=("vsftpd",),
        format="vsftpd",
        session=f"vsftpd {session.decode()}",
    )


def began(line: bytes) -> float | None:
    """Return the time of any line of such a log, also of one that says nothing of a file; None of other logs' lines.

    >>> began(b'Sat Nov 21 17:54:59 2026 [pid 2] CONNECT: Client "::1"') is None
    False
    >>> began(b'Sat Nov 21 17:54:59 2026 [pid 2] a word')
    """
    found = _OTHER.match(line)
    return None if found is None else clock.ctime(found[1])


def _both(names: bytes) -> tuple[bytes, bytes]:
    cuts = [cut.start() for cut in re.finditer(rb" (?=/)", names)]
    return (names[: cuts[0]], names[cuts[0] + 1 :]) if len(cuts) == 1 else (names, b"")
