"""What every server of files has in common: how it is asked, and what its failures are called."""

from __future__ import annotations

import ssl
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from phiscan.errors import Unreadable

PATIENCE: Final = 10.0  # seconds a server may be silent
PIECE: Final = 1 << 20  # bytes taken at once
LISTING: Final = 16 << 20  # bytes a listing may have
LISTING_WITHIN: Final = 60.0  # seconds it may take


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a listing. `size` is bytes, 0 where the server does not say."""

    name: bytes
    folder: bool
    size: int = 0


class Server(Protocol):
    """How one protocol lists and reads. Paths are bytes below the address, "" for the address itself."""

    def entries(self, path: bytes) -> list[Entry] | None:
        """Return what a folder holds, None where `path` is a file. Raises Unreadable."""

    def pieces(self, path: bytes) -> Generator[bytes, None, None]:
        """Yield the content of a file as it comes in. Raises Unreadable."""

    def close(self) -> None:
        """Hang up."""


def gathered(pieces: Iterable[bytes]) -> bytes:
    """Return a listing put together. Raises Unreadable where it is too long or takes too long."""
    listing, end = bytearray(), time.monotonic() + LISTING_WITHIN
    for piece in pieces:
        listing += piece
        if len(listing) > LISTING:
            raise Unreadable("too_big", "the listing is too long")
        if time.monotonic() > end:
            raise Unreadable("timeout", f"the listing took more than {LISTING_WITHIN:g} s")
    return bytes(listing)


def unreached(error: object) -> Unreadable:
    """Return what a failure to reach a server, or to hear its answer, means for the file."""
    if isinstance(error, TimeoutError):
        return Unreadable("timeout", f"the server was silent for {PATIENCE:g} s")
    if isinstance(error, ssl.SSLError):
        return Unreadable("denied", "no trusted encrypted connection: check the server's certificate")
    return Unreadable("vanished", "the server cannot be reached")
