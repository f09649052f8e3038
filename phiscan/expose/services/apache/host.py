"""One virtual host of Apache, or the main server: which sections hold where, and how addresses become folders."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from phiscan.expose.blocks import Directive
from phiscan.expose.services.apache import access as apacheaccess
from phiscan.expose.services.apache.access import Place

_DIRECTORIES: Final = frozenset({"directory", "directorymatch"})
_FILES: Final = frozenset({"files", "filesmatch"})
_LOCATIONS: Final = frozenset({"location", "locationmatch"})
_IFS: Final = frozenset({"if", "elseif", "else"})
_AWAY: Final = frozenset({"redirect", "redirectpermanent", "redirecttemp", "proxypass", "scriptalias"})
_WILD: Final = re.compile(r"[*?\[]")
_LITERAL: Final = re.compile(r"\^((?:/(?:[\w.~-]|\\\.)+)+)")  # what an expression begins with, as a path


@dataclass(frozen=True, slots=True)
class Map:
    """Files below `folder` have addresses below `address`. `by` says so."""

    address: str  # without a slash at its end; "" is all
    folder: str
    by: Directive
    vague: bool = False  # the folder is only the known part of one that differs by request


@dataclass(slots=True)
class Host:
    """The directives of a host: those of the main server come first, then its own."""

    common: Sequence[Directive]
    own: Sequence[Directive] = ()
    scripts: bool = True  # what `ScriptAlias` names is run; without a module for that it is handed out
    htaccess: dict[str, tuple[Directive, ...]] = field(default_factory=dict)  # by folder

    def all(self) -> Iterator[Directive]:
        """Yield all directives in the order in which they hold."""
        yield from (one for one in self.common if one.name != "virtualhost")
        yield from self.own

    def last(self, name: str) -> Directive | None:
        """Return the directive that holds of those of a name."""
        return next((one for one in reversed(list(self.all())) if one.name == name and one.words), None)

    def maps(self) -> Iterator[Map]:
        """Yield the mappings, an alias before the document root; the first that fits an address holds it."""
        for one in (*self.own, *self.common):
            if len(one.words) > 1 and (one.name == "alias" or (one.name == "scriptalias" and not self.scripts)):
                yield Map(one.words[0].rstrip("/"), _tidy(one.words[1]), one)
            elif one.name == "aliasmatch" and len(one.words) > 1:
                folder = one.words[1].partition("$")[0].rpartition("/")[0]
                yield Map("", _tidy(folder or "/"), one, vague=True)
            elif one.name == "location" and one.words:
                for inner in one.inner or ():
                    if inner.name == "alias" and len(inner.words) == 1:
                        yield Map(one.words[0].rstrip("/"), _tidy(inner.words[0]), inner)
        root = self.last("documentroot")
        if root is not None:
            yield Map("", _tidy(root.words[0]), root)

    def away(self) -> Iterator[tuple[str, Directive, bool]]:
        """Yield addresses that are answered without files, in their order; False: `ProxyPass /a !`, which are not."""
        for one in (*self.own, *self.common):
            if one.name in _AWAY and (self.scripts or one.name != "scriptalias"):
                words = [word for word in one.words if word.startswith("/") or word == "!"]
                if words:
                    yield words[0].rstrip("/"), one, words[1:2] != ["!"]
            elif one.name == "location" and any(inner.name in _AWAY for inner in one.inner or ()):
                yield one.words[0].rstrip("/") if one.words else "", one, True

    def base(self, method: str) -> Place:
        """Return what holds before any section."""
        return (
            apacheaccess.merged(Place(), self.common, method)
            if not self.own
            else apacheaccess.merged(apacheaccess.merged(Place(), self.common, method), self.own, method)
        )

    def place(self, folder: str, address: str, method: str, also: Sequence[Directive] = ()) -> Place:
        """Return what holds for the files of a folder, whatever their names.

        `also` are sections that hold for some of them, merged where Apache does: folders, files, addresses, the rest.
        """

        def holds(one: Directive) -> bool:
            if one.name in _LOCATIONS and _location_holds(one, address):
                return True
            return _every_name(one) or any(one is each for each in also)

        place = self.base(method)
        for section in self.directories(folder, also):
            place = apacheaccess.merged(place, section, method)
        locations = (one for one in self.all() if one.name in _LOCATIONS)
        ifs = (one for one in also if one.name in _IFS)
        for one in filter(holds, (*self.by_name(folder), *locations, *ifs)):
            place = apacheaccess.merged(place, one.inner or (), method)
        return place

    def folder(self, path: str) -> Place:
        """Return what sections say of a folder by its path: where links may lead is decided before anything else."""
        place = self.base("GET")
        for section in self.directories(path):
            place = apacheaccess.merged(place, section, "GET")
        return place

    def directories(self, folder: str, also: Sequence[Directive] = ()) -> Iterator[Sequence[Directive]]:
        """Yield the sections of a folder: of each folder from the root on, with its .htaccess; then by expression.

        Those of `also` are by expressions that hold for some of its files.
        """
        sections = [one for one in self.all() if one.name in _DIRECTORIES and one.words]
        parts = [part for part in folder.split("/") if part]
        for deep in range(len(parts) + 1):
            at = "/" + "/".join(parts[:deep])
            for one in sections:
                if not is_expression(one) and _is_folder(at, one.words[0]):
                    yield one.inner or ()
            if at in self.htaccess:
                yield self.htaccess[at]
        for one in sorted(filter(is_expression, sections), key=lambda one: expression(one).count("/")):  # as Apache
            if _holds_below(one, folder) or any(one is each for each in also):
                yield one.inner or ()

    def by_name(self, folder: str) -> Iterator[Directive]:
        """Yield the sections by file names that hold in a folder, in the order in which they do."""
        yield from (one for one in self.all() if one.name in _FILES and one.words)
        for section in self.directories(folder):
            yield from (one for one in section if one.name in _FILES and one.words)

    def of_every_name(self, folder: str) -> bool:
        """Whether there are sections by file names that hold for every name in a folder."""
        return any(map(_every_name, self.by_name(folder)))

    def loose(self, folder: str, address: str) -> list[Directive]:
        """Return the sections that hold for some requests or names below a folder, in the order they are merged."""
        found: list[Directive] = []
        for one in self.all():
            below = one.name in _DIRECTORIES and is_expression(one) and not _holds_below(one, folder)
            beyond = one.name in _LOCATIONS and bool(one.words) and _may_reach(one, address)
            if below or beyond or one.name in _IFS:
                found.append(one)
        for section in self.directories(folder):
            found += (one for one in section if one.name in _IFS)
        found += (one for one in self.by_name(folder) if not _every_name(one))
        return sorted(found, key=_stage)


def _every_name(one: Directive) -> bool:
    """Whether a section is by file names and fits every one."""
    return one.name in _FILES and one.words[-1:] in (("*",), (".*",), ("^.*$",), ("",))


def _stage(one: Directive) -> int:
    return next(at for at, names in enumerate((_DIRECTORIES, _FILES, _LOCATIONS, _IFS)) if one.name in names)


def is_expression(one: Directive) -> bool:
    """Whether a section is by a regular expression."""
    return one.name.endswith("match") or one.words[0] == "~"


def expression(one: Directive) -> str:
    """Return the regular expression of a section."""
    return one.words[-1]


def _fits(one: Directive, text: str) -> bool:
    try:
        return re.search(expression(one), text) is not None
    except (re.error, RecursionError):
        return False


def _holds_below(one: Directive, folder: str) -> bool:
    """Whether a section by an expression on paths holds for all files below a folder."""
    return _open_ended(expression(one)) and _fits(one, folder + "/")


def _location_holds(one: Directive, address: str) -> bool:
    """Whether a section holds for all addresses below one."""
    if not one.words:
        return False
    if is_expression(one):
        return _open_ended(expression(one)) and _fits(one, address + "/")
    path = one.words[0]
    if _WILD.search(path):
        return False
    return path == "/" or address == path.rstrip("/") or (address + "/").startswith(path.rstrip("/") + "/")


def _open_ended(text: str) -> bool:
    """Whether an expression that fits a text fits it too with more behind.

    >>> _open_ended("^/a/"), _open_ended("^/a/?$"), _open_ended("^/a/.*$"), _open_ended("/(?!b)")
    (True, False, True, False)
    """
    return "(?" not in text and (not text.endswith("$") or text.endswith(".*$"))


def _may_reach(one: Directive, address: str) -> bool:
    """Whether a section may hold for some addresses below one, though for which cannot be said by their folder."""
    if is_expression(one):
        return not _location_holds(one, address)
    return bool(_WILD.search(one.words[0])) and _beginning(one.words[0]).startswith(address)


def _beginning(path: str) -> str:
    return _WILD.split(path, maxsplit=1)[0].rpartition("/")[0]


def _is_folder(folder: str, pattern: str) -> bool:
    """Whether a `<Directory>` is for exactly this folder; * stands for a part of one name."""
    path = _tidy(pattern)
    if not _WILD.search(path):
        return folder == path
    return folder.count("/") == path.count("/") and all(map(fnmatch.fnmatchcase, folder.split("/"), path.split("/")))


def _tidy(path: str) -> str:
    return os.path.normpath(path).replace("//", "/") if path.startswith("/") else path


def sections(host: Host, names: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Yield the folders that have sections of their own; `names` finds what is there for a pattern."""
    for one in host.all():
        if one.name not in _DIRECTORIES or not one.words:
            continue
        if is_expression(one):
            match = _LITERAL.match(expression(one))
            if match is not None:
                yield _tidy(match[1].replace("\\", ""))
        else:
            path = _tidy(one.words[0])
            yield from names(path) if _WILD.search(path) else (path,)


def locations(host: Host) -> Iterator[str]:
    """Yield the addresses that have sections of their own."""
    for one in host.all():
        if one.name not in _LOCATIONS or not one.words:
            continue
        if is_expression(one):
            match = _LITERAL.match(expression(one))
            if match is not None:
                yield match[1].replace("\\", "")
        elif not _WILD.search(one.words[0]):
            yield one.words[0].rstrip("/")
