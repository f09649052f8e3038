"""Files of an FTP server, entered as anonymous: names stay the bytes that the server sends."""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Callable, Generator, Iterator
from ftplib import FTP, FTP_TLS, all_errors, error_perm
from typing import TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

from phiscan.errors import Unreadable
from phiscan.source.server import PATIENCE, PIECE, Entry, gathered, unreached

_LINE_UNIX = re.compile(rb"([-dlbcpsD])[-rwxsStT]{9}\S*[ ]+\d+[ ]+\S+[ ]+\S+[ ]+(\d+)[ ]+\S+[ ]+\d+[ ]+[\d:]+[ ](.+)")
_LINE_DOS = re.compile(rb"[\d-]{8,10}[ ]+\d\d:\d\d(?:[AP]M)?[ ]+(<DIR>|\d+)[ ]+(.+)")
_ERRORS: tuple[type[Exception], ...] = (*all_errors, ValueError)
_T = TypeVar("_T")


class _Gone(Exception):
    """The connection has gone."""

    def __init__(self, why: Exception) -> None:
        super().__init__()
        self.why = why


class FtpServer:
    """An FTP server (or FTPS: TLS asked for on the usual port), entered anonymously."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._secure = parts.hostname or "", parts.scheme.lower() == "ftps"
        self._port = parts.port or 0
        self._root = unquote_to_bytes(parts.path).rstrip(b"/")
        self._client: FTP | None = None

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def entries(self, path: bytes) -> list[Entry] | None:
        """Return what a folder holds, None where `path` is a file. Raises Unreadable."""
        with _told_ftp():
            try:
                lines = self._ask(lambda client: _listing(client, self._full(path) or "/"))
            except error_perm:
                if not path and self._root:
                    return None  # a file, or nothing at all: fetching it will tell
                raise
        return [entry for line in lines if (entry := parse_line(line)) is not None]

    def pieces(self, path: bytes) -> Generator[bytes, None, None]:
        """Yield the content of a file as it comes in. Raises Unreadable."""
        with _told_ftp():
            data = self._ask(lambda client: client.transfercmd(f"RETR {self._full(path)}"))
            try:
                with data:
                    while piece := data.recv(PIECE):
                        yield piece
                if self._client is not None:
                    self._client.voidresp()
            except BaseException:
                self.close()  # what the server says next would be about this file
                raise

    def _full(self, path: bytes) -> str:
        """Return a path as ftplib sends it, byte by byte as the server gave it."""
        full = self._root + (b"/" + path if path else b"")
        if b"\r" in full or b"\n" in full:
            raise Unreadable("unsupported", "a line end in a name")
        return full.decode("latin-1")

    def _ask(self, question: Callable[[FTP], _T]) -> _T:
        """Ask the server, over a new connection where the old one has gone."""
        if self._client is not None:
            with contextlib.suppress(_Gone):
                return self._put(question, self._client)
        self._client = self._connect()
        try:
            return self._put(question, self._client)
        except _Gone as gone:
            raise gone.why from None

    def _put(self, question: Callable[[FTP], _T], client: FTP) -> _T:
        """Put a question. A connection on which it was not answered to the end is no good for the next one."""
        try:
            return question(client)
        except error_perm:
            raise
        except all_errors as error:
            self.close()
            raise _Gone(error) from None
        except BaseException:
            self.close()
            raise

    def _connect(self) -> FTP:
        client = FTP_TLS(context=ssl.create_default_context()) if self._secure else FTP()  # noqa: S321
        client.encoding = "latin-1"
        try:
            client.connect(self._host, self._port, timeout=PATIENCE)
            client.login()  # anonymous
            if isinstance(client, FTP_TLS):
                client.prot_p()
            client.voidcmd("TYPE I")
        except BaseException:
            client.close()
            raise
        return client


def _listing(client: FTP, folder: str) -> list[bytes]:
    """Return the lines of the listing of a folder, hidden files too where the server shows them."""
    client.cwd(folder)
    try:
        lines = _lines(client, "LIST -a")
    except error_perm:
        lines = []
    return lines or _lines(client, "LIST")


def _lines(client: FTP, command: str) -> list[bytes]:
    with client.transfercmd(command) as data:
        listing = gathered(iter(lambda: data.recv(PIECE), b""))
    client.voidresp()
    return [line for line in listing.replace(b"\r", b"").split(b"\n") if line]


def parse_line(line: bytes) -> Entry | None:
    """Return what a line of a listing tells of, None for links, devices and the folder itself.

    Raises Unreadable on a line that no server known to us writes.
    """
    if unix := _LINE_UNIX.fullmatch(line):
        kind, size, name = unix.groups()
    elif dos := _LINE_DOS.fullmatch(line):
        size, name = dos.groups()
        kind, size = (b"d", b"0") if size == b"<DIR>" else (b"-", size)
    elif line.startswith(b"total "):
        return None
    else:
        raise Unreadable("unsupported", "a listing that is neither of Unix nor of Windows")
    if kind not in b"-d" or name in (b".", b"..") or b"/" in name:
        return None
    return Entry(name, kind == b"d", int(size))


@contextlib.contextmanager
def _told_ftp() -> Iterator[None]:
    """Turn what ftplib raises into Unreadable, with a fixed phrase."""
    try:
        yield
    except error_perm as error:
        if str(error)[:3] == "530":
            raise Unreadable("denied", "the server asks for an account") from None
        raise Unreadable("denied", "cannot be read without an account, or is no longer there") from None
    except _ERRORS as error:
        raise unreached(error) from None
