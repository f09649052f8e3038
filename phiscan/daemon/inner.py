"""What is mounted below a root. A mount that is missing takes its files out of sight, not away.

What was mounted is noted in the store, so that one that is missing after a restart of the machine is missed too. It is
over with one when nothing is known of what it holds, when it is excluded, or when what it showed is to be seen at
another place: then this way to it was closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from phiscan.model import Gap
from phiscan.source.mounts import Mount, Mounts
from phiscan.source.open import folder_gone, gone
from phiscan.source.paths import below
from phiscan.store import ledger_sums
from phiscan.store.notes import note, set_note

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.source.scope import Scope
    from phiscan.store.ledger import Root

UNMOUNTED: Final = Gap("walk", "vanished", "what was mounted here is not")
_ON_DEMAND: Final = "autofs"  # mounts what is asked for, and takes it away again


class Inner:
    """What is, or was, mounted below one root."""

    def __init__(self, root: Root, scope: Scope) -> None:
        self._root, self._scope = root, scope
        self._known: dict[bytes, Mount] = {}  # by their points
        self.missing: frozenset[bytes] = frozenset()  # points

    def look(self, connection: Connection, mounts: Mounts) -> bool:
        """Take note of what is mounted by now; return whether others are missing than before."""
        noted = self._noted(connection)
        there = {point: one for point, one in self._mounted(mounts).items() if self._scope.holds(point, folder=True)}
        away = {point: one for point, one in noted.items() if point not in there}
        away = {point: one for point, one in away.items() if self._missed(connection, one, mounts)}
        self._known = there | away
        if self._known != noted:
            self._note(connection)
        before, self.missing = self.missing, frozenset(point for point in away if not _waits(point, mounts))
        return before != self.missing

    def hidden(self, paths: Sequence[bytes]) -> set[bytes]:
        """Return those of some paths at which nothing is that are not gone, but in what is not mounted."""
        points = {path: point for path in paths if (point := self._point(path)) is not None}
        if not points:
            return set()
        mounts = Mounts.read()  # after the paths were asked for: what was unmounted then is missing now
        there = self._mounted(mounts)
        away = {point for point in points.values() if point not in there}
        missed = {point for point in away if _out_of_sight(self._known[point], mounts)}
        return {path for path, point in points.items() if point in missed or (point in there and not gone(path))}

    def _point(self, path: bytes) -> bytes | None:
        """Return the innermost point above a path."""
        return max((point for point in self._known if below(path, point)), key=len, default=None)

    def _mounted(self, mounts: Mounts) -> dict[bytes, Mount]:
        """Return what is mounted below the root, by its points."""
        inner = {one.point: one for one in mounts if below(one.point, self._root.path)}
        return {point: replace(one, options=frozenset()) for point, one in inner.items() if one.type != _ON_DEMAND}

    def _missed(self, connection: Connection, mount: Mount, mounts: Mounts) -> bool:
        """Whether something is known of what a mount that is no more has shown, and cannot be seen anywhere."""
        if not self._scope.holds(mount.point, folder=True) or not _out_of_sight(mount, mounts):
            return False
        return bool(ledger_sums.count_beside(connection, self._root.id, mount.point, (), enough=1))

    def _noted(self, connection: Connection) -> dict[bytes, Mount]:
        known = note(connection, f"mounted.{self._root.id}") or {"mounts": []}
        found = [
            Mount(bytes.fromhex(point), device, kind, frozenset(), bytes.fromhex(shown), bytes.fromhex(source))
            for point, device, kind, shown, source in known["mounts"]
        ]
        return {one.point: one for one in found}

    def _note(self, connection: Connection) -> None:
        mounts = [
            [one.point.hex(), one.device, one.type, one.root.hex(), one.source.hex()] for one in self._known.values()
        ]
        set_note(connection, f"mounted.{self._root.id}", {"mounts": sorted(mounts)} if mounts else None)


def _out_of_sight(mount: Mount, mounts: Mounts) -> bool:
    """Whether what a mount that is no more has shown cannot be seen anywhere.

    The layers of a container go with it, and their point too.
    """
    if mount.type == "overlay" and folder_gone(mount.point):
        return False
    # Numbers of devices are given to others, once a file system is not mounted anywhere.
    here = any((one.device, one.type, one.source) == (mount.device, mount.type, mount.source) for one in mounts)
    return not (here and mounts.showing(mount.device, mount.root))


def _waits(point: bytes, mounts: Mounts) -> bool:
    """Whether something is mounted at a point as soon as somebody asks for it."""
    holding = mounts.holding(point)
    return holding is not None and holding.type == _ON_DEMAND
