"""Asks a web server of this machine for one file, or for the folder's address, without an account."""

from __future__ import annotations

import http.client
import os
import re
import ssl
import urllib.parse
from dataclasses import dataclass

from phiscan.expose.grant import Grant
from phiscan.expose.probe.asking import Answer, Target, names_in, readable_file
from phiscan.model import Level

_HOST = re.compile(r"[A-Za-z0-9.-]+")
_TLS = frozenset({443, 8443})
_LINK = re.compile(rb"""href=["']?([^"'>\s]+)""", re.IGNORECASE)
_PAGE = 1 << 18  # bytes of a listing that are looked at


def ask(grant: Grant, target: Target, patience: float) -> Answer:
    """Ask for the head of a file that could be readable; where there is none, for the listing of the folder.

    The head tells whether and how large it would be given, and is no read in the server's log.
    """
    address = os.fsdecode(grant.seen)
    if not address.startswith("/"):
        return Answer(None, "not asked: its addresses are a pattern")
    file = readable_file(grant)
    names = names_in(grant) if file is None and grant.list else None
    folder = address.rstrip("/") + "/"
    wanted = folder + file[0] if file is not None else folder if names else address
    try:
        said = _answer(grant, target, urllib.parse.quote(os.fsencode(wanted)), patience, listing=bool(names))
    except (OSError, http.client.HTTPException, ValueError):
        return Answer(None, "no answer")
    status = said.status
    if status in (401, 407) or (status == 403 and file is not None):
        return Answer(False, f"HTTP {status}")
    if status == 200 and file is not None and said.size == file[1]:
        return Answer(True, "a file is read without an account")
    if status == 200 and names and _shows(said.page, names):
        return Answer(True, "a listing is shown without an account")
    if status == 200 and file is None and not names and grant.level is Level.PUBLIC:
        return Answer(True, "its address answers without an account")
    return Answer(None, f"an answer that says nothing of it (HTTP {status})")


def _shows(page: bytes, names: set[str]) -> bool:
    """Whether a page has a link to a name that is in the folder."""
    links = {urllib.parse.unquote_to_bytes(link.rstrip(b"/")) for link in _LINK.findall(page)}
    return any(os.fsencode(name) in links for name in names)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a server has answered: status, the size that it gives a file, and the beginning of a listing."""

    status: int
    size: int | None
    page: bytes


def _answer(grant: Grant, target: Target, wanted: str, patience: float, *, listing: bool) -> _Said:
    """Ask for what stands before a file, or for the whole of a listing."""
    connection: http.client.HTTPConnection
    if target.port in _TLS:
        any_ = ssl._create_unverified_context()  # noqa: S323  our own server: what matters is whether it asks
        connection = http.client.HTTPSConnection(target.address, target.port, timeout=patience, context=any_)
    else:
        connection = http.client.HTTPConnection(target.address, target.port, timeout=patience)
    host = next((word for word in grant.name.split() if _HOST.fullmatch(word)), None) or target.shown
    try:
        connection.request("GET" if listing else "HEAD", wanted, headers={"Host": host, "User-Agent": "phiscan"})
        answer = connection.getresponse()
        page = answer.read(_PAGE) if listing else b""
        said = answer.getheader("Content-Length", "")
        return _Said(answer.status, int(said) if said.isascii() and said.isdigit() else None, page)
    finally:
        connection.close()
