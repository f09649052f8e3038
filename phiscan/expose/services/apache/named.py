"""What sections come to that hold for some names of a folder only: `<Files>`, and expressions on addresses and folders.

A file is under some of these sections, and Apache merges them all. So each set of them is a case of its own, with a
rule on names, the larger sets first. A section whose names cannot be told may hold for any file, or not.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from phiscan.expose import names, patterns
from phiscan.expose.blocks import Directive
from phiscan.expose.grant import Reach
from phiscan.expose.names import Names
from phiscan.expose.services.apache import access as apacheaccess
from phiscan.expose.services.apache import host as apachehost
from phiscan.expose.services.apache.access import Place
from phiscan.expose.services.apache.host import Host
from phiscan.model import Level

_SETS: Final = 5  # sections of which every set is looked at
_Key = tuple[Level, Reach]


@dataclass(frozen=True, slots=True)
class Case:
    """Whom some names of a folder are given to. `everybody`: also those names of which no section says anything."""

    level: Level
    reach: Reach
    names: tuple[Names, ...]
    said: tuple[Directive, ...]  # why
    usual: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """Sections that say the same, one after the other, and the names that they hold for."""

    sections: tuple[Directive, ...]
    fits: tuple[str, ...] | None  # None: that cannot be told


def cases(host: Host, folder: str, address: str) -> list[Case]:
    """Return the cases of a folder in which anybody is let in, the usual one first."""
    parts = list(_parts(host, folder, address))
    if len(parts) > _SETS:
        return _widest(host, folder, address, parts)
    known = [part for part in parts if part.fits is not None]
    unknown = [part for part in parts if part.fits is None]
    found: list[tuple[tuple[tuple[str, ...], ...], dict[_Key, tuple[Directive, ...]]]] = []
    for some in _sets(known):
        here: dict[_Key, tuple[Directive, ...]] = {}
        for more in reversed(list(_sets(unknown))):
            also = tuple(one for part in parts if part in some or part in more for one in part.sections)
            place = host.place(folder, address, "GET", also)
            level, reach, opens = place.decided()
            if opens:
                here.setdefault((level, reach), (*also[:1], *place.said) if also else place.said)
        found.append((tuple(part.fits or () for part in some), here))
    usual = found[-1][1]
    keys = dict.fromkeys((*usual, *(key for _, here in reversed(found) for key in here)))
    return [
        Case(
            *key,
            names.simplest([Names(fits, key in here) for fits, here in found]),
            next(here[key] for _, here in reversed(found) if key in here),
            key in usual,
        )
        for key in keys
    ]


def _sets(parts: Sequence[_Part]) -> Iterator[tuple[_Part, ...]]:
    for size in range(len(parts), -1, -1):
        yield from itertools.combinations(parts, size)


def _widest(host: Host, folder: str, address: str, parts: Sequence[_Part]) -> list[Case]:
    """Return the one case of all names where there are too many sections to look at every set of them."""
    said: dict[_Key, tuple[Directive, ...]] = {}
    for also in ((), *(part.sections for part in parts)):
        place: Place = host.place(folder, address, "GET", also)
        level, reach, opens = place.decided()
        if opens:
            said.setdefault((level, reach), (*also[:1], *place.said))
    key = max(said, default=None)
    return [] if key is None else [Case(*key, (), said[key], usual=True)]


def _parts(host: Host, folder: str, address: str) -> Iterator[_Part]:
    deciding = [one for one in host.loose(folder, address) if _decides(one)]
    # Nothing else is merged between them: to be under two that say the same is to be under one.
    plain = all(one.name in ("files", "filesmatch") for one in deciding) and not host.of_every_name(folder)
    for _, alike in itertools.groupby(deciding, key=lambda one: _words(one.inner) if plain else id(one)):
        group = tuple(alike)
        fits = [_names(one, folder) for one in group]
        if any(each is None for each in fits):
            yield from (_Part((one,), each) for one, each in zip(group, fits, strict=True))
        else:
            yield _Part(group, tuple(dict.fromkeys(name for each in fits for name in each or ())))


def _decides(section: Directive) -> bool:
    inner = section.inner or ()
    return apacheaccess.decides(inner) or any(one.name == "sslverifyclient" for one in inner)


def _words(inner: Sequence[Directive] | None) -> tuple[object, ...]:
    return tuple((one.name, one.words, _words(one.inner)) for one in inner or ())


def _names(section: Directive, folder: str) -> tuple[str, ...] | None:
    """Return the patterns of the names that a section holds for; None where that cannot be told."""
    if not section.words:
        return None
    written = apachehost.expression(section)
    match section.name:
        case "files" if not apachehost.is_expression(section):
            return None if "\\" in written or "[^" in written else (written,) if "/" not in written else ()
        case "files" | "filesmatch":
            return patterns.of_name(written)
        case "locationmatch" | "location" if apachehost.is_expression(section):
            return patterns.of_address(written)
        case "directorymatch" | "directory":
            return _of_folders(patterns.of_address(written), folder + "/")
        case _:
            return None


def _of_folders(found: Iterable[str] | None, folder: str) -> tuple[str, ...] | None:
    """Return patterns on paths as such on what lies below a folder; None where it depends on the folder's own path.

    >>> _of_folders(("/*/.git*", "/.git*"), "/srv/"), _of_folders(("/srv/a?",), "/srv/")
    (('./.git*', './*/.git*'), ('./a?',))
    >>> _of_folders(("/*v/a*",), "/srv/")
    """
    kept: list[str] = []
    for one in found or ():
        body, tail = (one[2:-1], "*") if one.endswith("*") else (one[2:], "")
        name = body.strip("/")
        if patterns.literal(one).startswith(folder):
            kept.append("./" + one[len(folder) :])
        elif one.startswith("/*") and name and "/" not in name and patterns.literal(body) == body:
            kept += [f"./{body[1:]}{tail}"] if body.startswith("/") else []
            kept.append(f"./*{body}{tail}")
        elif patterns.may_fit_below(one, folder):
            return None
    return None if found is None else tuple(dict.fromkeys(kept))
