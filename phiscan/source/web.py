"""Files of a web server, as far as its pages list them: Apache, nginx and their like show what a folder holds."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator, Iterator
from html.parser import HTMLParser
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO
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
from phiscan.source.server import PATIENCE, PIECE, Entry, gathered, unreached

_HEAD = 4096  # bytes at the beginning of a page in which its title stands
# The title of a page on which a server lists a folder: Apache, nginx, lighttpd, IIS, Python, Jetty, Tomcat.
_INDEX = re.compile(rb"<(?:title|h1)>\s*(?:index (?:of|de)|contenu de|directory[ :]|listing of)", re.IGNORECASE)


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


class WebServer:
    """A web server, and what it lists below one address."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._base = address  # the folder's address, once a server has told it by sending us on
        self._opener = OpenerDirector()  # of HTTP and nothing else
        for handler in (
            ProxyHandler,
            HTTPHandler,
            HTTPSHandler,
            _SameHost,
            HTTPErrorProcessor,
            HTTPDefaultErrorHandler,
        ):
            self._opener.add_handler(handler())
        self._opener.addheaders = [("User-Agent", f"phiscan/{__version__}"), ("Accept-Encoding", "identity")]

    def close(self) -> None:
        """Hang up: no connection is held."""

    def entries(self, path: bytes) -> list[Entry] | None:
        """Return what a folder holds, None where `path` is a file. Raises Unreadable."""
        with self._get(path, folder=bool(path)) as answer:
            head = b""
            if answer.headers.get_content_type() == "text/html":
                while len(head) < _HEAD and (piece := _read(answer)):
                    head += piece
            if not _INDEX.search(head):
                if path:
                    raise Unreadable("unsupported", "the server shows a page where it could list the folder")
                return None
            page = head + gathered(iter(lambda: _read(answer), b""))
            at = answer.geturl()
            if not path:
                self._base = at if at.endswith("/") else at + "/"
            return linked(page, at if at.endswith("/") else at + "/")

    def pieces(self, path: bytes) -> Generator[bytes, None, None]:
        """Yield the content of a file as it comes in. Raises Unreadable."""
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
            answer: HTTPResponse = self._opener.open(Request(address), timeout=PATIENCE)  # noqa: S310
            return answer


def _read(answer: HTTPResponse) -> bytes:
    with _told_http():
        return answer.read1(PIECE)


def linked(page: bytes, address: str) -> list[Entry]:
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
        raise unreached(error.reason if isinstance(error, URLError) else error) from None
