"""The common log format and what begins like it: nginx, Apache, ProFTPD's ExtendedLog by default, Pure-FTPd's `clf`.

The verb tells whose line it is. `GET /path HTTP/1.1` is the web's, its path escaped; `GET /srv/path` without a
protocol is Pure-FTPd's, with the path on the disk; `RETR name` is ProFTPD's, with whatever the client called it.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from phiscan.access import clock
from phiscan.access.formats import ftpwords
from phiscan.access.formats.words import address, plain, shown
from phiscan.access.model import WEB, Access, Action

_LINE: Final = re.compile(
    rb'(?:[^\s"]+:\d+ )?(\S+) (\S+) (.*?) \[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "((?:[^"\\]|\\.)*)" '
    rb"(\d{3}|-) (\d+|-)",
    re.DOTALL,
)
_FTP_LINE: Final = re.compile(  # FTP servers escape no quote in a name
    rb'(\S+) (\S+) (.*?) \[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "(.*)" (\d{3}|-) (\d+|-)\s*\Z', re.DOTALL
)
_ACTIONS: Final[dict[bytes, Action]] = {
    b"GET": "read",
    b"POST": "read",  # Apache serves a file so too
    b"PUT": "write",
    b"DELETE": "delete",
    b"PROPFIND": "list",
}


def parse(line: bytes) -> Access | None:
    """Return what a line says.

    >>> found = parse(b'::1 - - [21/Nov/2026:18:03:43 +0000] "GET /p/r%C3%A9s%201.csv?x=1 HTTP/1.1" 206 30 "-" "curl"')
    >>> found.action, found.path.decode(), found.size, found.complete, found.services
    ('read', '/p/rés 1.csv', 30, False, ('nginx', 'apache'))
    """
    found = _LINE.match(line)
    if found is None:
        return None
    if b" HTTP/" not in found[5]:
        found = _FTP_LINE.match(line) or found
    client, _, user, when, request, status, size = found.groups()
    at = clock.clf(when)
    if at is None:
        return None
    count = None if size == b"-" else int(size)
    who = address(client), shown(user) if user != b"-" else ""
    if b" HTTP/" in request:
        return _web(plain(request), int(status) if status != b"-" else 0, count, at, who)
    verb, _, path = request.partition(b" ")
    if verb in (b"GET", b"PUT") and path.startswith(b"/"):
        return Access(
            at=at,
            action="read" if verb == b"GET" else "write",
            address=who[0],
            account=who[1],
            path=unquote_to_bytes(path),
            size=count,
            complete=None if status == b"200" else False,
            services=("pure-ftpd",),
            format="pure-ftpd clf",
            writing="url",
        )
    return ftpwords.access(
        verb, path, status, count, at=at, address=who[0], account=who[1], zoned=True, format_="proftpd"
    )


def began(line: bytes) -> float | None:
    """Return the time of any request of a web server, also of one that fetched nothing; None of other logs' lines.

    >>> began(b'::1 - - [21/Nov/2026:18:03:43 +0000] "HEAD / HTTP/1.1" 404 0 "-" "curl"')
    1795284223.0
    >>> began(b'::1 UNKNOWN ftp [21/Nov/2026:18:03:43 +0000] "USER ftp" 331 -')
    """
    found = _LINE.match(line)
    return None if found is None or b" HTTP/" not in found[5] else clock.clf(found[4])


def _web(request: bytes, status: int, size: int | None, at: float, who: tuple[str, str]) -> Access | None:
    verb, _, rest = request.partition(b" ")
    action = _ACTIONS.get(verb)
    if action is None or not 200 <= status < 300:
        return None
    return Access(
        at=at,
        action="list" if action == "read" and rest.split(b" ")[0].split(b"?")[0].endswith(b"/") else action,
        address=who[0],
        account=who[1],
        path=_path(rest.rpartition(b" HTTP/")[0]),
        size=size,
        complete=False if status == 206 else None,
        services=WEB,
        format="combined",
        writing="url",
    )


def _path(target: bytes) -> bytes:
    """Return the path that a request names, as a server understands it: unescaped, without `//`, `.` and `..`."""
    target = target.partition(b"?")[0].partition(b"#")[0]
    if not target.startswith(b"/"):  # a proxy's form: http://host/path
        target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
    path = unquote_to_bytes(target)
    parts: list[bytes] = []
    for part in path.split(b"/"):
        if part == b"..":
            parts = parts[:-1]
        elif part not in (b"", b"."):
            parts.append(part)
    return b"/" + b"/".join(parts)
