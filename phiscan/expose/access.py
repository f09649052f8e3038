"""What somebody whom a service lets in may do with files and folders: the rights of the account that he then is.

Mode bits and POSIX ACLs, of the file and of every folder that is passed on the way to it. What is learnt of a folder
is kept, for all visitors: a file costs one look at its own list. Security modules and capabilities are not considered.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from phiscan.expose import acl
from phiscan.expose.grant import Grant, Identity
from phiscan.model import Level, Place


@dataclass(frozen=True, slots=True)
class Visitor:
    """As whom the files of a grant are opened."""

    identity: Identity | None  # None: whoever he says that he is
    root_too: bool = True  # and be it root

    def may(self, node: Node, wanted: int) -> bool:
        """Whether he may do what is `wanted`, a sum of READ, WRITE and SEARCH."""
        if self.identity is None:
            return self.root_too or acl.allows_some(node.entries, node.owner, node.group, wanted)
        who = self.identity
        return who.uid == 0 or acl.allows(node.entries, node.owner, node.group, who.uid, who.gids, wanted)


@dataclass(frozen=True, slots=True)
class Node:
    """The rights of one file or folder."""

    entries: tuple[acl.Entry, ...]
    owner: int
    group: int


def visitor_of(grant: Grant) -> Visitor | None:
    """Return as whom the files of a grant are opened; None where everybody comes as the account that he is."""
    if grant.identity is not None or grant.forged or grant.level is Level.PUBLIC:
        return Visitor(grant.identity, not grant.squashes_root)
    return None


@dataclass(slots=True)
class Access:
    """The rights that were looked at. Make a new one when rights may have changed.

    Those of another machine are given: then there are no others, and asking for one raises ValueError.
    """

    given: Mapping[bytes, Node] | None = None
    _nodes: dict[bytes, Node] = field(default_factory=dict)
    _passes: dict[tuple[Visitor, bytes, bytes], bool] = field(default_factory=dict)

    def passes(self, visitor: Visitor, folder: bytes, top: bytes = b"/") -> bool:
        """Whether a visitor may pass a folder and all above it up to `top`, whose own rights count.

        `folder` is absolute and free of links. Raises OSError or ValueError where rights cannot be read.
        """
        missing = []
        at, known = folder, True
        while True:
            found = self._passes.get((visitor, top, at))
            if found is not None:
                known = found
                break
            missing.append(at)
            parent = os.path.dirname(at)
            if at in (top, parent):
                break
            at = parent
        for at in reversed(missing):
            known = known and visitor.may(self.node(at), acl.SEARCH)
            self._passes[visitor, top, at] = known
        return known

    def lists(self, visitor: Visitor, folder: bytes) -> bool:
        """Whether a visitor may see the names in a folder. Raises OSError or ValueError."""
        return visitor.may(self.node(folder), acl.READ)

    def node(self, path: bytes) -> Node:
        """Return the rights of a folder. Raises OSError or ValueError."""
        if self.given is not None:
            if path not in self.given:
                raise ValueError("rights that were not collected")
            return self.given[path]
        known = self._nodes.get(path)
        if known is None:
            status = os.lstat(path)
            known = Node(acl.read(path, status.st_mode), status.st_uid, status.st_gid)
            self._nodes[path] = known
        return known


def file_node(path: bytes, place: Place | os.stat_result) -> Node:
    """Return the rights of a file whose status is known. Raises OSError or ValueError."""
    if isinstance(place, Place):
        return Node(acl.read(path, place.mode), place.uid, place.gid)
    return Node(acl.read(path, place.st_mode), place.st_uid, place.st_gid)
