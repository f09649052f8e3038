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
import re
import ssl
import stat
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from ftplib import FTP, FTP_TLS, all_errors, error_perm
from html.parser import HTMLParser
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Protocol, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from phiscan import __version__
from phiscan.errors import Unreadable
from phiscan.model import Gap, Place
from phiscan.source import exclude as excluding
from phiscan.source.paths import below
from phiscan.source.walk import Excluded, Missed, Step

_PATIENCE = 10.0  # seconds a server may be silent
_PIECE = 1 << 20  # bytes taken at once
_LISTING = 16 << 20  # bytes a listing may have
_DEEPEST = 60  # folders within folders
_MOST = 1_000_000  # files and folders below one address
_LINE_UNIX = re.compile(rb"([-dlbcpsD])[-rwxsStT]{9}\S*[ ]+\d+[ ]+\S+[ ]+\S+[ ]+(\d+)[ ]+\S+[ ]+\d+[ ]+[\d:]+[ ](.+)")
_LINE_DOS = re.compile(rb"[\d-]{8,10}[ ]+\d\d:\d\d(?:[AP]M)?[ ]+(<DIR>|\d+)[ ]+(.+)")
# The title of a page on which a server lists a folder: Apache, nginx, lighttpd, IIS, Python, Jetty, Tomcat.
_INDEX = re.compile(rb"<(?:title|h1)>\s*(?:index (?:of|de)|contenu de|directory[ :]|listing of)", re.IGNORECASE)
_FTP_ERRORS: tuple[type[Exception], ...] = (*all_errors, ValueError)
_T = TypeVar("_T")


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


class Remote:
    """What lies behind one address. A context manager: it may hold a connection."""

    def __init__(self, address: bytes, exclude: Sequence[str] = (), config: Sequence[str] = ()) -> None:
        self.address = address
        text = address.decode("utf-8", "replace")
        self._root = address.rstrip(b"/")
        self._server: Server = _Http(text) if text[:4].lower() == "http" else _Ftp(text)
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


# HTTP


class _Links(HTMLParser):
    """Gathers what a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


class _SameHost(HTTPRedirectHandler):
    """Follows a server to another place of its own, and to no other host."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).hostname != urlsplit(req.full_url).hostname:
            raise Unreadable("denied", "the server sends on to another host: give its address")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Http:
    def __init__(self, address: str) -> None:
        self._address = address
        self._base = address  # the folder's address, once a server has told it by sending us on
        self._opener = OpenerDirector()  # of HTTP and nothing else
        for handler in (
            ProxyHandler, HTTPHandler, HTTPSHandler, _SameHost, HTTPErrorProcessor, HTTPDefaultErrorHandler,
        ):
            self._opener.add_handler(handler())
        self._opener.addheaders = [("User-Agent", f"phiscan/{__version__}"), ("Accept-Encoding", "identity")]

    def close(self) -> None:
        pass

    def entries(self, path: bytes) -> list[Entry] | None:
        with self._get(path, folder=bool(path)) as answer:
            if answer.headers.get_content_type() != "text/html":
                return None
            page = b""
            while len(page) <= _LISTING and (piece := _read(answer)):
                page += piece
                if not path and len(page) > _PIECE and not _INDEX.search(page):
                    return None  # a large page, but no listing: it is a file as any other
            if len(page) > _LISTING:
                raise Unreadable("too_big", "the listing is too long")
            if not _INDEX.search(page):
                return None if not path else []
            at = answer.geturl()
            if not path:
                self._base = at if at.endswith("/") else at + "/"
            return _linked(page, at if at.endswith("/") else at + "/")

    def pieces(self, path: bytes) -> Generator[bytes, None, None]:
        with self._get(path, folder=False) as answer:
            expected = answer.headers.get("Content-Length", "")
            size = 0
            while piece := _read(answer):
                size += len(piece)
                yield piece
            if expected.isdigit() and size < int(expected):
                raise Unreadable("vanished", "the server hung up before the end")

    def _get(self, path: bytes, *, folder: bool) -> HTTPResponse:
        address = self._address if not path else urljoin(self._base, quote(path) + ("/" if folder else ""))
        with _told_http():
            answer: HTTPResponse = self._opener.open(Request(address), timeout=_PATIENCE)  # noqa: S310
            return answer


def _read(answer: HTTPResponse) -> bytes:
    with _told_http():
        return answer.read1(_PIECE)


def _linked(page: bytes, address: str) -> list[Entry]:
    """Return the files and folders that the listing at `address` links to, directly below it."""
    links = _Links()
    links.feed(page.decode("utf-8", "surrogateescape"))
    here = urlsplit(address)
    found: dict[bytes, Entry] = {}
    for link in links.found:
        try:
            there = urlsplit(urljoin(address, link.split("#")[0].strip()))
        except ValueError:
            continue
        rest = there.path[len(here.path) :]
        below_here = there[:2] == here[:2] and there.path.startswith(here.path) and not there.query
        name = unquote_to_bytes(rest.removesuffix("/").encode("utf-8", "surrogateescape"))
        if below_here and name not in (b"", b".", b"..") and b"/" not in name and b"\0" not in name:
            found[name] = Entry(name, rest.endswith("/"))
    return list(found.values())


@contextlib.contextmanager
def _told_http() -> Iterator[None]:
    """Turn what urllib raises into Unreadable, with a fixed phrase."""
    try:
        yield
    except HTTPError as error:
        error.close()
        if error.code in (401, 403, 407):
            raise Unreadable("denied", "the server asks for an account") from None
        if error.code in (404, 410):
            raise Unreadable("vanished", "no longer there") from None
        raise Unreadable("vanished", f"the server answers {int(error.code)}") from None
    except (URLError, OSError, HTTPException, ValueError) as error:
        raise _unreached(error.reason if isinstance(error, URLError) else error) from None


def _unreached(error: object) -> Unreadable:
    if isinstance(error, TimeoutError):
        return Unreadable("timeout", f"the server was silent for {_PATIENCE:g} s")
    if isinstance(error, ssl.SSLError):
        return Unreadable("denied", "no trusted encrypted connection: check the server's certificate")
    return Unreadable("vanished", "the server cannot be reached")


# FTP


class _Ftp:
    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._secure = parts.hostname or "", parts.scheme.lower() == "ftps"
        self._port = parts.port or 0
        self._root = unquote_to_bytes(parts.path).rstrip(b"/")
        self._client: FTP | None = None

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def entries(self, path: bytes) -> list[Entry] | None:
        with _told_ftp():
            try:
                lines = self._ask(lambda client: _listing(client, self._full(path) or "/"))
            except error_perm:
                if not path and self._root:
                    return None  # a file, or nothing at all: fetching it will tell
                raise
        return [entry for line in lines if (entry := _entry(line)) is not None]

    def pieces(self, path: bytes) -> Generator[bytes, None, None]:
        with _told_ftp():
            data = self._ask(lambda client: client.transfercmd(f"RETR {self._full(path)}"))
            try:
                with data:
                    while piece := data.recv(_PIECE):
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
            try:
                return question(self._client)
            except error_perm:
                raise
            except all_errors:
                self.close()
        self._client = self._connect()
        return question(self._client)

    def _connect(self) -> FTP:
        client = FTP_TLS(context=ssl.create_default_context()) if self._secure else FTP()  # noqa: S321
        client.encoding = "latin-1"
        client.connect(self._host, self._port, timeout=_PATIENCE)
        client.login()  # anonymous
        if isinstance(client, FTP_TLS):
            client.prot_p()
        client.voidcmd("TYPE I")
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
    listing = bytearray()
    with client.transfercmd(command) as data:
        while piece := data.recv(_PIECE):
            listing += piece
            if len(listing) > _LISTING:
                raise Unreadable("too_big", "the listing is too long")
    client.voidresp()
    return [line for line in bytes(listing).replace(b"\r", b"").split(b"\n") if line]


def _entry(line: bytes) -> Entry | None:
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
    except _FTP_ERRORS as error:
        raise _unreached(error) from None
