"""Hints from the kernel: which files and folders something happened to. The walk is the truth, see `reconcile`.

On top of watchdog 7.1, whose own observer loses most of a burst and livelocks on large trees: it asks for every
opening and reading too, and rebuilds all watches when the kernel's queue overflows. Here the mask is tight, an
overflow only asks for a walk, nothing is queued but into a set, and a watch that the kernel refuses is counted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from watchdog.observers.inotify import InotifyWatchGroup
from watchdog.observers.inotify_c import InotifyConstants as Inotify
from watchdog.observers.inotify_c import InotifyEvent, InotifyFD, Mask

MASK: Final = Mask(
    Inotify.IN_CREATE
    | Inotify.IN_CLOSE_WRITE
    | Inotify.IN_MOVE
    | Inotify.IN_DELETE
    | Inotify.IN_DELETE_SELF
    | Inotify.IN_ATTRIB
    | Inotify.IN_ONLYDIR
)
MOST = 200_000  # hints kept; past that a walk is cheaper
_MOVED_AWAY = 1.0  # seconds until a folder that left without arriving is taken for gone
# File systems whose changes on other machines no kernel tells.
_REMOTE = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "afs", "glusterfs", "lustre", "gpfs", "virtiofs"}
)


class Hint(IntEnum):
    """What may have happened at a path, least urgent first; a path keeps the most urgent."""

    FOUND = 0  # it appeared; whether it is whole nobody knows
    RIGHTS = 1  # its mode, owner or list of rights may have changed
    WRITTEN = 2  # it was closed after writing, or moved here: read it now
    GONE = 3  # it may no longer be there
    TREE = 4  # a folder: look at all below it


def told_by_kernel(kind: str) -> bool:
    """Whether the changes of a file system of this type reach inotify, whoever makes them.

    >>> told_by_kernel("ext4"), told_by_kernel("nfs4"), told_by_kernel("fuse.sshfs")
    (True, False, False)
    """
    return kind not in _REMOTE and kind != "fuse" and not kind.startswith("fuse.")


@dataclass
class Hints:
    """What has been hinted at since somebody last took it. Any thread may add; `fd` can be read when there is news."""

    paths: dict[bytes, Hint] = field(default_factory=dict)
    arrived: dict[bytes, float] = field(default_factory=dict)  # folders that are new, by when they came
    overflows: int = 0
    lost: bool = False  # the kernel dropped events, or there were too many to keep

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.fd, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def add(self, path: bytes, hint: Hint) -> None:
        """Note that something happened at a path."""
        with self._lock:
            if len(self.paths) >= MOST:
                self.paths.clear()
                self.lost = True
            elif not self.lost:
                known = self.paths.get(path, hint)
                # What is gone and written again is written.
                self.paths[path] = hint if {known, hint} == {Hint.GONE, Hint.WRITTEN} else max(known, hint)
        self.wake()

    def overflow(self) -> None:
        """The kernel dropped events."""
        with self._lock:
            self.overflows += 1
            self.lost = True
        self.wake()

    def appeared(self, folder: bytes) -> None:
        """A folder is new here: what comes in it came together."""
        with self._lock:
            self.arrived[folder] = time.monotonic()
        self.add(folder, Hint.TREE)

    def take(self) -> tuple[dict[bytes, Hint], bool]:
        """Return the hints so far, and whether some were lost; begin anew."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.fd, 1 << 16)
        with self._lock:
            taken, lost = self.paths, self.lost
            self.paths, self.lost = {}, False
        return taken, lost

    def forget(self, before: float) -> None:
        """Drop the folders that came before a time of `time.monotonic()`: they are new no more."""
        with self._lock:
            self.arrived = {folder: at for folder, at in self.arrived.items() if at >= before}

    def wake(self) -> None:
        """Make `fd` readable: there is news of another kind."""
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._write, b"\0")

    def close(self) -> None:
        """Give the pipe back."""
        os.close(self.fd)
        os.close(self._write)


class _Group(InotifyWatchGroup):
    """The watches below one root. Callbacks come on watchdog's reading thread."""

    hints: Hints
    wanted: Callable[[bytes], bool]
    refused: int
    _leaving: dict[int, tuple[bytes, float]]

    def __repr__(self) -> str:  # watchdog's would print every watch there is, into warnings that nobody reads
        return f"<watches below {os.path.basename(self.path)!r}>"

    def on_queue_overflow(self) -> None:
        """Ask for a walk and touch no watch: each one removed would be an event more."""

    def on_event(self, event: InotifyEvent) -> None:
        """Keep the watches right, and hint at what happened."""
        with self._lock:
            path = self._build_event_source_path(event) if self.is_active else None
            if path is None:
                return
            if event.is_directory:
                self._folder(event, path)
        if event.is_directory or event.is_delete_self:
            self._hint_folder(event, path)
        elif event.is_delete or event.is_moved_from:
            self.hints.add(path, Hint.GONE)
        elif event.is_close_write or event.is_moved_to:
            self.hints.add(path, Hint.WRITTEN)
        elif event.is_attrib:
            self.hints.add(path, Hint.RIGHTS)
        else:
            self.hints.add(path, Hint.FOUND)

    def _hint_folder(self, event: InotifyEvent, path: bytes) -> None:
        if event.is_create or event.is_moved_to:
            self.hints.appeared(path)
        else:  # gone, or its rights have changed, which are those of everything below
            self.hints.add(path, Hint.TREE)

    def _folder(self, event: InotifyEvent, path: bytes) -> None:
        self._forget_departed(time.monotonic())
        if event.is_moved_from:
            self._leaving[event.cookie] = path, time.monotonic()
        elif event.is_moved_to:
            source = self._leaving.pop(event.cookie, None)
            if (source is None or not self._move_watches(source[0], path)) and self.wanted(path):
                self._add_all_callbacks(path)
        elif event.is_create and self.wanted(path):
            self._add_all_callbacks(path)

    def forget_departed(self) -> None:
        """Drop the watches of folders that were moved away: their events would come under the old path."""
        with self._lock:
            if self.is_active:
                self._forget_departed(time.monotonic())

    def _forget_departed(self, now: float) -> None:
        for cookie in [cookie for cookie, (_, since) in self._leaving.items() if now - since > _MOVED_AWAY]:
            path, _ = self._leaving.pop(cookie)
            below = path + b"/"
            wds = [wd for at, wd in self._active_callbacks_by_path.items() if at == path or at.startswith(below)]
            self._remove_callbacks(wds)

    def _add_all_callbacks(self, path: bytes) -> None:
        for folder in _folders(path, self.wanted):
            if not self._add(folder):
                break

    def _add(self, path: bytes) -> bool:
        """Watch a folder; false where the kernel allows no more."""
        try:
            self._add_callback(path)
        except OSError as error:  # only the root's comes here
            self.refused += error.errno in (errno.ENOSPC, errno.ENOMEM)
            return False
        if path not in self._active_callbacks_by_path:
            self.refused += _full(self._inotify_fd, path)
        return not self.refused

    def deactivate(self) -> None:
        """Remove all watches."""
        with self._lock:
            self._is_active = False
            self._remove_callbacks(list(self._active_callbacks_by_watch))

    @property
    def watches(self) -> int:
        """How many folders are watched."""
        return len(self._active_callbacks_by_path)


class _Reader(InotifyFD):
    """Watchdog's reading thread; it outlives whatever goes wrong with one event."""

    hints: Hints

    def handle_event(self, event: InotifyEvent) -> None:
        """Take one event."""
        if event.is_queue_overflow:
            self.hints.overflow()
            return
        try:
            super().handle_event(event)
        except Exception:  # a watch that is no more: the walk finds what this event would have told
            self.hints.overflow()


class Watcher:
    """Watches folders and hints at what happens below them."""

    def __init__(self) -> None:
        self.hints = Hints()
        # Asked of each folder: what is left out by a walk need not be watched. To be set before `watch`.
        self.wanted: Callable[[bytes], bool] = lambda folder: True
        self._groups: dict[bytes, _Group] = {}
        warnings.filterwarnings("ignore", message="Callback with id", category=RuntimeWarning)
        self._reader = _Reader()
        self._reader.hints = self.hints
        self._reader.daemon = True
        self._reader.start()

    def watch(self, root: bytes) -> None:
        """Watch a folder and all below it, anew where it was watched before. Raises OSError where it cannot be."""
        self.unwatch(root)
        os.close(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        made = _Group.__new__(_Group)
        made.hints, made.wanted, made.refused, made._leaving = self.hints, self.wanted, 0, {}
        made.__init__(self._reader, os.path.realpath(root) if os.path.islink(root) else root, MASK, is_recursive=True)  # type: ignore[misc]
        self._groups[root] = made

    def unwatch(self, root: bytes) -> None:
        """Stop watching a folder."""
        known = self._groups.pop(root, None)
        if known is not None:
            with contextlib.suppress(OSError):
                known.deactivate()

    def tidy(self, age: float) -> None:
        """See to folders that have been moved away, and to those that are new no more: older than `age` seconds.

        To be called now and then.
        """
        self.hints.forget(time.monotonic() - age)
        for group in self._groups.values():
            group.forget_departed()

    @property
    def watches(self) -> int:
        """How many folders are watched."""
        return sum(group.watches for group in self._groups.values())

    def partial(self) -> list[bytes]:
        """Return the roots for which the kernel allows too few watches: they need walks."""
        return [root for root, group in self._groups.items() if group.refused]

    def close(self) -> None:
        """Stop."""
        for root in list(self._groups):
            self.unwatch(root)
        self._reader.stop()
        self._reader.join(2.0)
        self.hints.close()


def _folders(path: bytes, wanted: Callable[[bytes], bool]) -> Iterator[bytes]:
    """Yield a folder and those below it, each before its content is looked at: what comes later is an event."""
    left = [path]
    while left:
        folder = left.pop()
        yield folder
        left += _inner(folder, wanted)


def _inner(folder: bytes, wanted: Callable[[bytes], bool]) -> Iterable[bytes]:
    try:
        with os.scandir(folder) as scan:
            return [entry.path for entry in scan if entry.is_dir(follow_symlinks=False) and wanted(entry.path)]
    except OSError:
        return []


def _full(reader: InotifyFD, path: bytes) -> bool:
    """Whether a folder is not watched because the kernel allows no more (else it is gone, or not ours to watch)."""
    import ctypes

    from watchdog.observers.inotify_c import inotify_add_watch

    wd = inotify_add_watch(reader._inotify_fd, path, MASK | Inotify.IN_DONT_FOLLOW)
    return wd == -1 and ctypes.get_errno() in (errno.ENOSPC, errno.ENOMEM)
