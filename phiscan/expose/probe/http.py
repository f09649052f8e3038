"""Asks a web server of this machine for one file, or for the folder's address, without an account."""

from __future__ import annotations

import http.client
import os
import re
import ssl
import urllib.parse

from phiscan.expose.grant import Grant
from phiscan.expose.probe.asking import Answer, Target, readable_file
from phiscan.model import Level

_HOST = re.compile(r"[A-Za-z0-9.-]+")
_TLS = frozenset({443, 8443})


def ask(grant: Grant, target: Target, patience: float) -> Answer:
    """Ask for one byte of a file that could be readable; where there is none, for the folder itself."""
    address = os.fsdecode(grant.seen)
    if not address.startswith("/"):
        return Answer(None, "not asked: its addresses are a pattern")
    file = readable_file(grant)
    wanted = address if file is None else address.rstrip("/") + "/" + file[0]
    try:
        status, size = _answer(grant, target, urllib.parse.quote(os.fsencode(wanted)), patience)
    except (OSError, http.client.HTTPException, ValueError):
        return Answer(None, "no answer")
    if status in (401, 407) or (status == 403 and file is not None):
        return Answer(False, f"HTTP {status}")
    if status in (200, 206) and file is not None and size == file[1]:
        return Answer(True, "a file is read without an account")
    if status == 200 and file is None and grant.level is Level.PUBLIC:
        return Answer(True, "its address answers without an account")
    return Answer(None, f"HTTP {status}, which says nothing of it")


def _answer(grant: Grant, target: Target, wanted: str, patience: float) -> tuple[int, int | None]:
    """Return status and size of what an address answers with."""
    connection: http.client.HTTPConnection
    if target.port in _TLS:
        any_ = ssl._create_unverified_context()  # noqa: S323  our own server: what matters is whether it asks
        connection = http.client.HTTPSConnection(target.address, target.port, timeout=patience, context=any_)
    else:
        connection = http.client.HTTPConnection(target.address, target.port, timeout=patience)
    host = next((word for word in grant.name.split() if _HOST.fullmatch(word)), None) or target.shown
    try:
        connection.request("GET", wanted, headers={"Range": "bytes=0-0", "Host": host, "User-Agent": "phiscan"})
        answer = connection.getresponse()
        answer.read(1)
        said = answer.getheader("Content-Range", "").rpartition("/")[2] or answer.getheader("Content-Length", "")
        return answer.status, int(said) if said.isascii() and said.isdigit() else None
    finally:
        connection.close()
