"""What lies behind an address: the files that an HTTP or FTP server hands to anybody who asks.

Only whoever names an address makes phiscan reach for the network, and no account is ever used: what is read here is
what a stranger can read. Over FTP folders are walked; over HTTP the pages are, on which Apache, nginx and their like
list a folder. The content of a file goes into sealed memory, never to a disk. What a server says is as little trusted
as a file: listings are bounded, nothing leads out of the address given, and answers are read in small steps, so that
the supervisor can see to its workers between them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Generator, Iterator, Sequence

from phiscan.errors import Unreadable
from phiscan.model import Gap, Place
from phiscan.source import exclude as excluding
from phiscan.source.ftp import FtpServer
from phiscan.source.paths import below
from phiscan.source.server import Entry, Server
from phiscan.source.walk import Excluded, Missed, Step
from phiscan.source.web import WebServer

_DEEPEST = 60  # folders within folders
_MOST = 1_000_000  # files and folders below one address


class Remote:
    """What lies behind one address. It may hold a connection: to be closed."""

    def __init__(self, address: bytes, exclude: Sequence[str] = (), config: Sequence[str] = ()) -> None:
        self.address = address
        text = address.decode("utf-8", "replace")
        self._root = address.rstrip(b"/")
        self._server: Server = WebServer(text) if text[:4].lower() == "http" else FtpServer(text)
        self._patterns = [
            patterns
            for lines, by in ((exclude, "--exclude"), (config, "config"))
            if (patterns := excluding.compile_patterns(lines, self._root, by)) is not None
        ]
        self._seen = 0

    def close(self) -> None:
        """Hang up."""
        self._server.close()

    def walk(self) -> Iterator[Step]:
        """Yield every file behind the address, each folder sorted by the bytes of its names."""
        try:
            entries = self._server.entries(b"")
        except Unreadable as error:
            yield Missed(self.address, Gap("walk", error.reason, error.detail))
            return
        if entries is None:
            yield _place(self.address, 0)
        else:
            yield from self._folder(b"", entries, 1)

    def _folder(self, folder: bytes, entries: list[Entry], depth: int) -> Iterator[Step]:
        for entry in sorted(entries, key=lambda entry: entry.name):
            path = folder + b"/" + entry.name if folder else entry.name
            shown = self._root + b"/" + path
            self._seen += 1
            if self._seen > _MOST or depth > _DEEPEST:
                yield Missed(shown, Gap("walk", "too_big", "more files or folders than phiscan follows"))
                return
            excluded = self._excluded(entry, shown)
            if excluded is not None:
                yield excluded
            elif not entry.folder:
                yield _place(shown, entry.size)
            else:
                try:
                    inner = self._server.entries(path) or []
                except Unreadable as error:
                    yield Missed(shown, Gap("walk", error.reason, error.detail))
                    continue
                yield from self._folder(path, inner, depth + 1)

    def _excluded(self, entry: Entry, shown: bytes) -> Excluded | None:
        for patterns in self._patterns:
            found = patterns.match(shown, is_folder=entry.folder)
            if found is not None:
                return Excluded(shown, found[1], patterns.by) if found[0] else None
        default = excluding.snapshot(entry.name) if entry.folder else None
        return Excluded(shown, default, "default") if default else None

    def open(self, path: bytes, most: int, timeout: float) -> Generator[None, None, tuple[int, os.stat_result]]:
        """Fetch a file into memory; yield between the pieces, return a descriptor to read it, and its status.

        Raises Unreadable: larger than `most` bytes, longer than `timeout` seconds, or whatever the server answers.
        """
        rest = below(path, self._root)
        end = time.monotonic() + timeout
        pieces = self._server.pieces(b"" if rest is None or path == self.address else rest)
        with (
            open(os.memfd_create("remote", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "wb") as memory,
            contextlib.closing(pieces),
        ):
            size = 0
            for piece in pieces:
                size += len(piece)
                if size > most:
                    raise Unreadable("too_big", "larger than what is kept in memory of a file behind an address")
                if time.monotonic() > end:
                    raise Unreadable("timeout", f"not fetched after {timeout:g} s")
                memory.write(piece)
                yield
            memory.flush()
            fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
            descriptor = again(memory.fileno())
        return descriptor, os.fstat(descriptor)


def again(descriptor: int) -> int:
    """Return another descriptor of the same memory, to be read only, with a position of its own."""
    return os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)


def _place(path: bytes, size: int) -> Place:
    return Place(path, 0, 0, size, 0, 0, stat.S_IFREG, 0, 0)
