"""Which places the services of this machine give away, and how far: grants, and the rights of who comes by them.

A place is seen under its own path, through bind mounts, and through links that lead to it out of what is given away.
For each of these the deepest grant of a share, module or virtual host holds; it gives a file only where the account
that visitors then are may pass the folders and read it. Folders are worked out once, a file costs its own rights.
"""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from phiscan.expose import names
from phiscan.expose.access import Access, Visitor, file_node, visitor_of
from phiscan.expose.acl import READ
from phiscan.expose.grant import Grant
from phiscan.expose.links import Links
from phiscan.model import Exposure, Level, Place, Reason
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below, display, resolved

_Share = tuple[str, str, tuple[tuple[str, int], ...], str]
_VIEWS = 64  # ways to one folder that are followed


@dataclass(frozen=True, slots=True)
class View:
    """One way to a place: the path as it is seen there, and the folders to be passed, free of links."""

    path: bytes
    passed: tuple[bytes, ...]
    links: tuple[tuple[bytes, bytes], ...] = ()  # the symbolic links on the way and where each leads, the last first


@dataclass(frozen=True, slots=True)
class Way:
    """A grant that holds for one view of a place, and the real folder of the grant."""

    grant: Grant
    top: bytes
    view: View
    visitor: Visitor


@dataclass(frozen=True, slots=True)
class Folder:
    """The open ways into a folder, and the names in it that have grants of their own or links to them."""

    ways: tuple[Way, ...]
    names: frozenset[bytes]


class Grants:
    """The grants of a machine by their folders, free of links, and the links that lead out of them."""

    def __init__(self, grants: Iterable[Grant], links: Links | None = None) -> None:
        self.links = links or Links()
        self.by_path: dict[bytes, list[Grant]] = {}
        for grant in grants:
            self.by_path.setdefault(resolved(grant.path), []).append(grant)
        self.shares: dict[_Share, set[bytes]] = {}
        for path, given in self.by_path.items():
            for grant in given:
                self.shares.setdefault(_share(grant), set()).add(path)
        self.names: dict[bytes, set[bytes]] = {}
        for path in (*self.by_path, *self.links.to):
            self.names.setdefault(os.path.dirname(path), set()).add(os.path.basename(path))

    def __len__(self) -> int:
        return len(self.by_path)

    def holding(self, path: bytes) -> Iterator[tuple[bytes, Grant]]:
        """Yield the grants that hold a path as it is seen, with their real folder: of each share the deepest."""
        met: set[_Share] = set()
        while True:
            here = self.by_path.get(path, ())
            yield from ((path, grant) for grant in here if _share(grant) not in met)
            met |= {_share(grant) for grant in here}
            parent = os.path.dirname(path)
            if parent == path:
                return
            path = parent

    def views(
        self, path: bytes, mounts: Mounts, *, file: bool = False, met: frozenset[bytes] = frozenset()
    ) -> list[View]:
        """Return the ways in which the folder, or file, at a real path is seen. `met`: targets of links on the way."""
        found = [View(seen, (os.path.dirname(seen) if file else seen,)) for seen in (path, *mounts.elsewhere(path))]
        at = path
        while self.links.to and len(found) < _VIEWS:
            if at in self.links.to and at not in met:
                own, rest = os.path.dirname(path) if file else path, below(path, at)
                for link in self.links.to[at]:
                    folder, name = os.path.split(link)
                    for view in self.views(folder, mounts, met=met | {at}):
                        seen = os.path.join(view.path, name, *([rest] if rest else []))
                        found.append(View(seen, (*view.passed, own), ((link, at), *view.links)))
            parent = os.path.dirname(at)
            if parent == at:
                break
            at = parent
        return found[:_VIEWS]


    def follows(self, grant: Grant, links: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether links, each with where it leads, work for the visitors of a grant. Raises OSError."""
        for link, to in links:
            inside = any(below(to, path) is not None for path in self.shares.get(_share(grant), ()))
            if not (grant.links_inside if inside else grant.follows_links):
                return False
            if grant.links_of_owner and not _of_one_owner(link, to):
                return False
        return True


def _of_one_owner(link: bytes, to: bytes) -> bool:
    try:
        return os.lstat(link).st_uid == os.lstat(to).st_uid
    except FileNotFoundError:
        return False  # the link leads there no more


def _share(grant: Grant) -> _Share:
    return grant.service, grant.name, grant.listen, grant.within


@dataclass(slots=True)
class Reached:
    """What the grants come to under the rights of now. Make a new one when rights or mounts may have changed."""

    grants: Grants
    mounts: Mounts
    access: Access = field(default_factory=Access)
    _folders: dict[bytes, Folder] = field(default_factory=dict)

    def exposure(self, path: bytes, status: Place | os.stat_result) -> Exposure | None:
        """Return whom services let read the file at a real path; None where no service lets in anybody.

        UNKNOWN where rights on the way cannot be read. Of SHARED grants whose visitors come as the accounts that they
        are nothing is said here: what all accounts may read, the rights of the file say.
        """
        if not len(self.grants):
            return None
        try:
            open_ = [way for way, _ in self.ways(path, status)]
        except (OSError, ValueError):
            return Exposure(Level.UNKNOWN, (Reason("posix", "rights cannot be read", display(path)),))
        if not open_:
            return None
        level = max(way.grant.level for way in open_)
        reasons = [reason for way in open_ if way.grant.level is level for reason in _evidence(way)]
        return Exposure(level, tuple(dict.fromkeys(reasons)))

    def ways(self, path: bytes, status: Place | os.stat_result) -> list[tuple[Way, bytes]]:
        """Return the ways by which somebody may read the file at a real path, each with the path that it has there.

        Raises OSError or ValueError where rights cannot be read.
        """
        folder, name = os.path.split(path)
        known = self.folder(folder)
        if name in known.names:
            ways = self._open(self.grants.views(path, self.mounts, file=True))
            named = [(way, way.view.path) for way in ways]
        else:
            named = [(way, os.path.join(way.view.path, name)) for way in known.ways]
        return [(way, seen) for way, seen in named if _gives(way, seen, path, status)]

    def folder(self, path: bytes) -> Folder:
        """Return what holds in the folder at a real path. Raises OSError or ValueError."""
        known = self._folders.get(path)
        if known is None:
            views = self.grants.views(path, self.mounts)
            names = frozenset(name for view in views for name in self.grants.names.get(view.path, ()))
            known = self._folders[path] = Folder(self._open(views), names)
        return known

    def _open(self, views: Iterable[View]) -> tuple[Way, ...]:
        """Return the ways by which somebody gets as far as the folder of a place, and may read what is in it."""
        found = []
        for view in views:
            for top, grant in self.grants.holding(view.path):
                visitor = visitor_of(grant)
                if visitor is None or not grant.read or grant.level is Level.RESTRICTED:
                    continue
                passes = all(self._passes(visitor, grant, top, folder) for folder in view.passed)
                if passes and self.grants.follows(grant, view.links):
                    found.append(Way(grant, top, view, visitor))
        return tuple(found)

    def _passes(self, visitor: Visitor, grant: Grant, top: bytes, folder: bytes) -> bool:
        start = top if grant.entered and below(folder, top) is not None else b"/"
        if start == b"/" and below(folder, grant.top) is not None:
            start = grant.top
        return self.access.passes(visitor, folder, start)


def _gives(way: Way, seen: bytes, path: bytes, status: Place | os.stat_result) -> bool:
    """Whether the visitors of a way may read a file."""
    mode = status.mode if isinstance(status, Place) else status.st_mode
    if way.grant.world_readable_only and not mode & stat.S_IROTH:
        return False
    node = file_node(path, status)
    if way.grant.withholds_own and way.visitor.identity is not None and node.owner == way.visitor.identity.uid:
        return False
    rest = below(seen, way.top) or b""
    handed = names.given(way.grant.names, way.grant.seen, rest) and not _refused(way.grant, rest)
    return handed and way.visitor.may(node, READ)


def _refused(grant: Grant, rest: bytes) -> bool:
    """Whether a service does not hand out a name: a pattern fits a part of the path below the grant, or all of it."""
    if not grant.refused:
        return False
    whole = os.fsdecode(rest)
    names = [whole, *whole.split("/")] if grant.refuses_folders else [os.path.basename(whole)]
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in grant.refused for name in names)


def _evidence(way: Way) -> Iterator[Reason]:
    zone = display(way.grant.path)
    for reason in way.grant.evidence:
        yield reason if reason.zone else Reason(reason.service, reason.setting, reason.source, zone)
    for link, _ in way.view.links[:1]:
        yield Reason("link", "symbolic link", display(link), zone)
