"""What a line of an access log says, whatever server wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from phiscan.expose.names import Names

Action = Literal["read", "write", "delete", "rename", "list", "login"]
# complete: the whole file. parts: in several pieces that together are as large as it. partial: cut short, or a range.
# short: fewer bytes than the file over HTTP, cut short or compressed on the way. unknown: the log does not tell.
Extent = Literal["complete", "parts", "partial", "short", "unknown"]
# How a server writes what it cannot write: `raw` bytes as they are, `question` unprintable bytes become "?",
# `underscore` spaces and control characters become "_", `both`, `url` escaped by %XX, already taken back here.
Writing = Literal["raw", "question", "underscore", "both", "url"]

FTP: Final = ("vsftpd", "proftpd", "pure-ftpd")
WEB: Final = ("nginx", "apache")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access. `path` is as the server names it, `to` the new name of a rename; both are bytes as they were.

    `at` is seconds since the epoch; where the log names no time zone (`zoned` is False) it was taken for this
    machine's local time. `size` are the bytes that went over the line, None where the log does not tell. `complete`
    is what the server says of the transfer: False where it was cut short or a range, None where it does not say.
    """

    at: float
    action: Action
    address: str
    account: str
    path: bytes = b""
    to: bytes = b""
    size: int | None = None
    complete: bool | None = None
    zoned: bool = True
    writing: Writing = "raw"
    services: tuple[str, ...]  # that write such lines
    format: str
    session: str = ""  # of the same client's commands that belong together
    passive: bool = False  # it only tells what later lines of the session mean
    opening: bool = False  # a file was opened so that it can be read or written
    span: tuple[int, int] | None = None  # the bytes of the file that it is about, as far as the log tells: from, to
    piece: bool = False  # more of an access that was told before: `size` are the bytes that are new


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a log as it stands there: its file, where it begins (bytes, in the unpacked text), and itself."""

    file: bytes
    offset: int
    text: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A folder that a service gives away: where it lies, and as what its visitors and logs name it."""

    service: str
    path: bytes
    seen: bytes = b"/"
    logs: frozenset[bytes] | None = None  # the logs, not rotated, that this server writes; None: it may be any
    names: tuple[Names, ...] = ()  # of which names: others with this address may lie elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A file that is looked up. `size` in bytes where it is known; `names` are earlier paths, each until when."""

    key: int
    path: bytes
    size: int | None = None
    names: tuple[tuple[bytes, float], ...] = ()
