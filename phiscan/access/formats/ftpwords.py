"""An FTP command with the server's answer, as ProFTPD logs them."""

from __future__ import annotations

from typing import Final

from phiscan.access.model import Access, Action

_ACTIONS: Final[dict[bytes, Action]] = {
    b"RETR": "read",
    b"STOR": "write",
    b"APPE": "write",
    b"STOU": "write",
    b"DELE": "delete",
    b"RNFR": "rename",
    b"RNTO": "rename",
    b"LIST": "list",
    b"NLST": "list",
    b"MLSD": "list",
    b"PASS": "login",
}
_CUT: Final = {b"426", b"451", b"452", b"552"}  # begun, and not ended


def access(
    verb: bytes,
    path: bytes,
    status: bytes,
    size: int | None,
    *,
    at: float,
    address: str,
    account: str,
    zoned: bool,
    format_: str,
    full: bytes = b"",
) -> Access | None:
    """Return what a command was, None where it came to nothing. `full` is the path on the disk, where it is logged."""
    action = _ACTIONS.get(verb)
    done = status[:1] in (b"2", b"3")
    if action is None or not (done or (status in _CUT and size and action in ("read", "write"))):
        return None
    first, second = verb == b"RNFR", verb == b"RNTO"
    name = full or path
    return Access(
        at=at,
        action=action,
        address=address,
        account=account if account != "-" else "",
        path=b"" if second or action == "login" else name,
        to=name if second else b"",
        size=size,
        complete=done if action in ("read", "write") else None,
        zoned=zoned,
        services=("proftpd",),
        format=format_,
        writing="raw",
        session=f"proftpd {address} {account}",
        passive=first,
    )
