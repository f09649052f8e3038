"""Folders below a zone in which its visitors may leave or change files, though not in the zone's own folder.

A server that lets strangers write is mostly given one folder for it: "/srv/ftp" belongs to root, "/srv/ftp/incoming"
to the account `ftp`. The configuration names the first only, and whoever looks for places where data can be dropped
needs the second. Found by a search of the rights, of as many folders and seconds as it is allowed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from phiscan.expose import acl
from phiscan.expose.access import Access, Visitor
from phiscan.source.exclude import QUARANTINE
from phiscan.source.paths import below

_FOLDERS: Final = 200_000  # looked at below one folder
_SECONDS: Final = 10.0
_TOLD: Final = 50  # folders told below one


@dataclass(frozen=True, slots=True)
class Writable:
    """The uppermost folders, sorted. `cut`: the search did not end, or there are more."""

    folders: tuple[bytes, ...]
    cut: bool = False


def writable_below(
    top: bytes, visitor: Visitor, access: Access, *, folders: int = _FOLDERS, seconds: float = _SECONDS
) -> Writable:
    """Return the folders below one (free of links, one that the visitor passes) in which a visitor may write.

    What lies below one of them is not told apart: it is written to as well, or not, as its rights say.
    """
    found: list[bytes] = []
    left, looked, end = [top], 0, time.monotonic() + seconds
    while left:
        at = left.pop()
        for folder in _inside(at, access):
            looked += 1
            if looked > folders or time.monotonic() > end or len(found) > _TOLD:
                return Writable(tuple(sorted(found)[:_TOLD]), cut=True)
            try:
                node = access.node(folder)
            except (OSError, ValueError):
                continue
            if visitor.may(node, acl.WRITE | acl.SEARCH):
                found.append(folder)
            elif visitor.may(node, acl.SEARCH):
                left.append(folder)
    return Writable(tuple(sorted(found)))


def _inside(folder: bytes, access: Access) -> Iterator[bytes]:
    """Yield the folders directly in one, no links. Of another machine, those whose rights were collected, at any depth.

    Their parents were collected too, so that each is met on its own way down.
    """
    if access.given is not None:
        yield from (path for path in access.given if os.path.dirname(path) == folder and below(path, folder))
        return
    try:
        with os.scandir(folder) as scan:
            there = [one.path for one in scan if one.name != QUARANTINE and one.is_dir(follow_symlinks=False)]
    except OSError:
        return
    yield from there
