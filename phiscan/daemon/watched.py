"""One watched root: whether it is there, which walks it needs, and with what its findings are told."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from phiscan.daemon.examine import Told
from phiscan.daemon.inner import Inner
from phiscan.daemon.intake import Times
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below
from phiscan.source.reconcile import Reconcile
from phiscan.source.scope import Scope
from phiscan.source.watch import Watcher, told_by_kernel
from phiscan.store import ledger, ledger_sums, now
from phiscan.store.ledger import Entry, Pending, Root

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TREES: Final = 1000  # folders to be walked for themselves; with more the whole root is


@dataclass
class Watched:
    """A root as the daemon has it. Times are `time.monotonic()`."""

    path: bytes
    scope: Scope
    times: Times
    zones: tuple[bytes, ...] = ()  # whose files are counted apart
    available: bool = False
    wanted: bool = True  # a whole walk is to begin
    first_walk_done: bool = False
    lost: bool = False  # it has gone since somebody last asked
    back: bool = False  # it has come back since
    silent: bool = False  # the kernel tells nothing of it, or not of all its folders
    short: bool = False  # the kernel allows too few watches, since somebody last asked
    walk: Reconcile | None = None
    met: bool = False  # it has met all there is, and is to say what is gone
    covered: Reconcile | None = None  # a whole walk that has ended, of which something may still be unread
    unread: set[bytes] = field(default_factory=set)  # files that it met, and that wait in memory
    root: Root = field(init=False)
    inner: Inner = field(init=False)  # what is mounted below
    inner_news: bool = False  # others of it are missing than when somebody last asked
    trees: dict[bytes, bool] = field(default_factory=dict)  # to be walked for themselves; whether they were there
    last_walk: float | None = None
    _next_walk: float = 0.0
    _next_look: float = 0.0
    _rights: tuple[int, ...] = ()
    _missing: bool = False
    _few: bool = False
    _inner: frozenset[tuple[bytes, int]] = frozenset()  # what is mounted below: points and devices
    _next_mounts: float = 0.0

    def meet(self, connection: Connection, watcher: Watcher) -> None:
        """See the root for the first time in this daemon's life."""
        self.root = ledger.root_of(connection, self.path)
        self.inner = Inner(self.root, self.scope)
        self._look(connection, watcher)

    def due(self, now_: float) -> bool:
        """Whether there is something to see to."""
        return (
            self.walk is not None or now_ >= self._next_look or (self.available and (self.wanted or bool(self.trees)))
        )

    def see_to(self, connection: Connection, watcher: Watcher, now_: float) -> None:
        """Look whether the root is there, and begin the walk that is needed."""
        if now_ >= self._next_look:
            self._next_look = now_ + self.times.roots
            self._look(connection, watcher)
        if not self.available or self.walk is not None:
            return
        if self.wanted or now_ >= self._next_walk:
            self.wanted = False
            self.trees.clear()
            self._begin(Reconcile(self.root, self.scope.config, zones=self.zones, hidden=self.inner.hidden))
        elif self.trees:
            # What is gone comes last: a folder that was renamed takes along what is known of it.
            tree = min(self.trees, key=lambda path: (not self.trees[path], len(path)))
            self.trees = {other: there for other, there in self.trees.items() if below(other, tree) is None}
            if tree == self.path or self.scope.holds(tree, folder=True):
                self._begin(Reconcile(self.root, self.scope.config, tree, hidden=self.inner.hidden))

    def _begin(self, walk: Reconcile) -> None:
        self.walk, self.met = walk, False

    @property
    def may_meet(self) -> bool:
        """Whether a walk that is under way, or about to begin, may still meet what has left another root."""
        return self.available and (not self.met if self.walk is not None else self.wanted or any(self.trees.values()))

    def look_below(self, folder: bytes, *, exists: bool) -> None:
        """Something happened to a folder: walk it."""
        self.trees[folder] = exists
        if len(self.trees) > _TREES:
            self.wanted = True

    def walked(self, now_: float) -> None:
        """The walk under way is done."""
        walk, self.walk = self.walk, None
        if walk is None or not walk.whole:
            return
        if walk.lost:
            self.available = False
            return
        self.covered = walk
        self.first_walk_done, self.last_walk = True, time.time()
        self._next_walk = now_ + (self.times.pace if self.silent else self.times.walk)

    def begun(self, connection: Connection) -> None:
        """Everything that lay here at the beginning has been read."""
        ledger.set_root(connection, self.root.id, walked=now())
        self.root = ledger.root_of(connection, self.path)

    def _look(self, connection: Connection, watcher: Watcher) -> None:
        """Learn whether the root is there, and whether it is the one that it was."""
        try:
            status = os.stat(self.path)
            identity = ledger.identity(status.st_dev, status.st_ino)
            is_folder = stat.S_ISDIR(status.st_mode)
        except OSError:
            self._lose(watcher)
            return
        known = (self.root.device, self.root.inode)
        another = known not in {(None, None), identity}
        if not is_folder or (another and _empty(self.path) and ledger_sums.totals(connection, self.root.id)["files"]):
            self._lose(watcher)  # the mount point is there, what was mounted is not
            return
        mounts = Mounts.read()
        self.inner_news |= self.inner.look(connection, mounts)
        if another or not self.available:
            self._watch(watcher)
            self.available = self.wanted = True
            self.back, self._missing = self._missing, False
            if known != identity:
                ledger.set_root(connection, self.root.id, device=identity[0], inode=identity[1])
                self.root = ledger.root_of(connection, self.path)
        elif time.monotonic() >= self._next_mounts and self._below(mounts) != self._inner:
            # Of what was mounted since, the folders are not watched; what it hides still is.
            self._next_mounts = time.monotonic() + self.times.pace
            self._watch(watcher)
            self.wanted = True
        rights = _rights(self.path)
        self.wanted, self._rights = self.wanted or bool(self._rights and rights != self._rights), rights
        if self.path in watcher.partial():
            self._next_walk = (
                self._next_walk if self.silent else min(self._next_walk, time.monotonic() + self.times.pace)
            )
            self.silent = True
            self.short = self.short or not self._few
            self._few = True

    def _watch(self, watcher: Watcher) -> None:
        mounts = Mounts.read()
        status = os.stat(self.path)
        mount, self._inner = mounts.of(status.st_dev, self.path), self._below(mounts)
        inner = [one for one in mounts if below(one.point, self.path) and not told_by_kernel(one.type)]
        self.silent = bool(inner) or (mount is not None and not told_by_kernel(mount.type))
        if mount is not None and not told_by_kernel(mount.type):
            return
        try:
            watcher.watch(self.path)
        except OSError:
            self.silent = True

    def _below(self, mounts: Mounts) -> frozenset[tuple[bytes, int]]:
        return frozenset((one.point, one.device) for one in mounts if below(one.point, self.path))

    def _lose(self, watcher: Watcher) -> None:
        """The root is not there. What lay in it is not taken for gone: it may only be unmounted."""
        if not self._missing:
            watcher.unwatch(self.path)
            self.lost = self._missing = True
        self.available, self.walk, self.wanted = False, None, True

    # With what a finding is told

    def dropped(self, path: bytes, arrived: dict[bytes, float], zone: bytes) -> bytes:
        """Return the folder with which a file arrived: the topmost new one above it in its zone, else its own."""
        parent = os.path.dirname(path)
        top = zone if below(path, zone) is not None else self.path
        since, found, folder = time.monotonic() - self.times.tree, parent, parent
        while below(folder, top) and folder != top:
            if arrived.get(folder, 0.0) > since:
                found = folder
            folder = os.path.dirname(folder)
        return found

    def told_by_walk(self, path: bytes, arrived: dict[bytes, float], zone: bytes) -> Told:
        """Return with what is told what a walk has found."""
        if self.root.walked is None:
            return Told("initial")
        folder = self.dropped(path, arrived, zone)
        whole = self.walk is None or self.walk.whole
        return Told("live", self._top(path, zone) if whole and folder == os.path.dirname(path) else folder)

    def told_late(self, entry: Entry, arrived: dict[bytes, float], zone: bytes) -> Told:
        """Return with what is told what was waiting in the ledger."""
        if entry.pending is Pending.AGAIN:
            return Told("digest")
        if entry.pending is Pending.CHECK:
            return Told("live", self.dropped(entry.path, arrived, zone))
        return self.told_by_walk(entry.path, arrived, zone)

    def _top(self, path: bytes, zone: bytes) -> bytes:
        """Return the folder of a zone in which a file lies, the zone itself for one directly in it."""
        top = zone if below(path, zone) is not None else self.path
        rest = below(path, top) or b""
        return os.path.join(top, rest.split(b"/")[0]) if b"/" in rest else top


def _empty(path: bytes) -> bool:
    with os.scandir(path) as scan:
        return next(scan, None) is None


def _rights(path: bytes) -> tuple[int, ...]:
    """Return the rights of a root and of all above it: a change there exposes everything below at once."""
    found = []
    while True:
        try:
            status = os.lstat(path)
        except OSError:
            return ()
        found += [status.st_mode, status.st_uid, status.st_gid]
        parent = os.path.dirname(path)
        if parent == path:
            return tuple(found)
        path = parent
