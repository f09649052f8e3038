"""Samba's `vfs_full_audit`, in a file of its own or through syslog: `prefix|operation|ok|…|path`.

The prefix is the site's: the account is its first word that is neither a time nor an address. An open file is no file
read, and listing a folder opens what is in it: only what moves data (`pread` and the like, `sendfile`) is a read. The
log never tells how many bytes went over the line.
"""

from __future__ import annotations

import ipaddress
import re
import time
from typing import Final

from phiscan.access import clock
from phiscan.access.formats.words import address, shown
from phiscan.access.model import Access, Action

_OPERATION: Final = re.compile(rb"\|([a-z_]+)\|(ok|fail \([^|]*\))(?:\||\Z)")
_ACTIONS: Final[dict[bytes, Action]] = {
    b"pread": "read", b"pread_send": "read", b"pread_recv": "read", b"read": "read", b"sendfile": "read",
    b"pwrite": "write", b"pwrite_send": "write", b"pwrite_recv": "write", b"write": "write", b"recvfile": "write",
    b"unlink": "delete", b"unlinkat": "delete",
    b"rename": "rename", b"renameat": "rename",
    b"connect": "login",
    b"create_file": "list", b"openat": "list", b"open": "list", b"close": "list",
}  # fmt: skip
_PASSIVE: Final = {b"create_file", b"openat", b"open", b"close"}
_DATA: Final = 0x7  # FILE_READ_DATA, FILE_WRITE_DATA, FILE_APPEND_DATA
_HEADER: Final = re.compile(
    rb"(?:<\d+>)?(?:(\w{3} [ \d]\d \d\d:\d\d:\d\d)|(\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)?)) \S+ [^:|]*?: "
)


def parse(line: bytes) -> Access | None:
    """Return what a line says.

    >>> found = parse(b"2026/11/21 17:56:29|nobody|127.0.0.1|vm|pub|/srv/pub|pread_recv|ok|/srv/pub/a|b.txt")
    >>> found.action, found.path, found.account, found.address
    ('read', b'/srv/pub/a|b.txt', 'nobody', '127.0.0.1')

    Below the head that Samba writes before each of its lines in a file, the line itself is set in.

    >>> parse(b"  2026/11/21 17:56:29|nobody|127.0.0.1|pub|pread_recv|ok|/srv/pub/a.txt").path
    b'/srv/pub/a.txt'
    """
    line = line.lstrip(b" \t")
    found = _OPERATION.search(line)
    if found is None or found[2] != b"ok" or found[1] not in _ACTIONS:
        return None
    header = _HEADER.match(line)
    prefix = line[header.end() if header else 0 : found.start()].split(b"|")
    when = _when(line, header, prefix)
    where = next((word for word in prefix if _is_address(word)), None)
    if when is None or where is None:
        return None
    others = [word for word in prefix if word != where and clock.iso(word) is None]
    account = shown(others[0]) if others else ""
    action, rest = _ACTIONS[found[1]], line[found.end() :].rstrip(b"\r\n")
    path, to = _names(found[1], rest)
    return Access(
        at=when[0],
        action=action,
        address=address(where),
        account=account,
        path=path,
        to=to,
        zoned=when[1],
        services=("samba",),
        format="samba full_audit",
        session="|".join(["samba", address(where), *map(shown, others)]),
        passive=found[1] in _PASSIVE,
        opening=_opens(found[1], rest),
    )


def _when(line: bytes, header: re.Match[bytes] | None, prefix: list[bytes]) -> tuple[float, bool] | None:
    for word in prefix:
        if (told := clock.iso(word)) is not None:
            return told
    if header is None:
        return None
    if header[2] is not None:
        return clock.iso(header[2])
    at = clock.syslog(header[1], time.time())
    return None if at is None else (at, False)


def _names(operation: bytes, rest: bytes) -> tuple[bytes, bytes]:
    """Return the path, and the new one of a rename. A name may hold the sign between them: both begin alike then."""
    if operation in (b"rename", b"renameat"):
        cuts = [cut.start() for cut in re.finditer(rb"\|", rest)]
        if len(cuts) > 1 and rest.startswith(b"/"):
            cuts = [cut for cut in cuts if rest[cut + 1 : cut + 2] == b"/"] or cuts
        return (rest[: cuts[0]], rest[cuts[0] + 1 :]) if cuts else (rest, b"")
    if operation == b"create_file":  # access mask|file or dir|disposition|path
        return rest.split(b"|", 3)[-1], b""
    if operation in (b"openat", b"open"):  # r or w|path
        return rest.split(b"|", 1)[-1], b""
    if operation == b"connect":
        return b"", b""
    return rest, b""


def _opens(operation: bytes, rest: bytes) -> bool:
    """Whether a file was opened for its data: a look at its properties opens it too."""
    if operation != b"create_file":
        return False
    mask, kind, *_ = rest.split(b"|")
    try:
        return kind == b"file" and bool(int(mask, 16) & _DATA)
    except ValueError:
        return False


def _is_address(word: bytes) -> bool:
    try:
        ipaddress.ip_address(word.decode("ascii"))
    except ValueError:
        return False
    return True
