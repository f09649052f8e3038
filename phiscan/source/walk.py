"""The walk: every regular file below the given roots once, in a fixed order, and a word for what was left out.

It trusts nothing it finds. Folders are opened relative to their parent's descriptor and symbolic links are not
followed, so nobody can lead it elsewhere meanwhile; only a link given by hand is. FIFOs, sockets and devices are
neither files nor gaps. A folder that cannot be read is a gap, an excluded one is told once.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from phiscan.errors import Unreadable
from phiscan.model import Gap, Place
from phiscan.source import exclude, offline
from phiscan.source.exclude import Patterns
from phiscan.source.open import FOLDER, open_path, pseudo, unreadable
from phiscan.source.paths import below, display

__all__ = ["Excluded", "Found", "Missed", "display", "walk"]

_OPEN_LEVELS = 100  # folders kept open on the way down; deeper ones are opened by their path again

Found = Place


@dataclass(frozen=True, slots=True)
class Missed:
    """A file or folder that could not be looked at."""

    path: bytes
    gap: Gap


@dataclass(frozen=True, slots=True)
class Excluded:
    """A file or folder left out on purpose, with what is below.

    `by` is "--exclude", "config", ".phiscanignore", "default" for snapshot folders and pseudo file systems, or
    "offline" for a file whose content is elsewhere; `place` is that file, whose content may be known from before.
    """

    path: bytes
    pattern: str
    by: str
    place: Place | None = None


Step = Found | Missed | Excluded
_Entry = os.DirEntry[str] | OSError


@dataclass(slots=True)
class _Folder:
    """An open folder on the way down, with what is left to visit in it."""

    path: bytes
    real: bytes
    fd: int
    device: int
    patterns: list[Patterns]  # of ignore files, the nearest last
    entries: Iterator[tuple[bytes, _Entry]] = field(default_factory=lambda: iter(()))


def walk(
    roots: Sequence[bytes], exclude: Sequence[str] = (), *, config: Sequence[str] = (), only: bytes | None = None
) -> Iterator[Step]:
    """Walk `roots` (files or folders) in the order given, each folder sorted by the bytes of its names.

    `exclude` and `config` are gitignore patterns of the command line and of the configuration. Roots themselves are
    never excluded: whoever names a path means it. Where one root lies in another, each file is met once.
    `only`, a path below a root, is the part of it to walk: what is left out on the way there is left out here too.
    Raises UsageError on a pattern that is none; nothing else.
    """
    return _Walk(list(roots), list(exclude), list(config), only).run()


class _Walk:
    def __init__(self, roots: list[bytes], exclude: list[str], config: list[str], only: bytes | None = None) -> None:
        self._roots, self._exclude, self._config, self._only = roots, exclude, config, only
        self._reals = {root: os.path.realpath(root) for root in roots}
        self._apart = frozenset(self._reals.values()) if len(roots) > 1 else frozenset()
        self._met: set[bytes] = set()  # real paths of roots that are done, wherever they were met
        self._owners: frozenset[int] = frozenset()
        self._operator: list[Patterns] = []
        for root in roots:
            self._compile(root)  # a bad pattern is told before anything is read

    def run(self) -> Iterator[Step]:
        for root in self._roots:
            if self._reals[root] not in self._met:
                self._met.add(self._reals[root])
                yield from self._root(root)

    def _compile(self, root: bytes) -> list[Patterns]:
        compiled = (
            exclude.compile_patterns(self._exclude, root, "--exclude"),
            exclude.compile_patterns(self._config, root, "config"),
        )
        return [patterns for patterns in compiled if patterns is not None]

    def _root(self, root: bytes) -> Iterator[Step]:
        try:
            status = os.stat(root)
            if stat.S_ISREG(status.st_mode):
                yield _file(root, root, status)
            elif stat.S_ISDIR(status.st_mode):
                fd = open_path(root, FOLDER & ~os.O_NOFOLLOW)
                path = root.rstrip(b"/") or b"/"
                self._operator = self._compile(path)
                self._owners = frozenset({0, os.geteuid(), status.st_uid})
                yield from self._tree(path, fd)
        except OSError as error:
            yield _missed(root, error)

    def _tree(self, root: bytes, fd: int) -> Iterator[Step]:
        """Walk the open folder `fd`, which it closes."""
        stack: list[_Folder] = []
        first = _Folder(root, os.path.realpath(root), fd, -1, [])
        try:
            yield from self._enter(first, stack)
            while stack:
                top = stack[-1]
                name_entry = next(top.entries, None)
                if name_entry is None:
                    _close(stack.pop())
                else:
                    yield from self._visit(top, *name_entry, stack)
        finally:
            for folder in stack:
                _close(folder)

    def _enter(self, folder: _Folder, stack: list[_Folder]) -> Iterator[Step]:
        """Read an open folder and put it on the stack; refuse pseudo file systems where the device changes."""
        try:
            device = os.fstat(folder.fd).st_dev
            if device != folder.device and (kind := pseudo(folder.fd)):
                _close(folder)
                yield Excluded(folder.path, f"{kind} file system", "default")
                return
            folder.device = device
            with os.scandir(folder.fd) as scan:
                entries = sorted((os.fsencode(entry.name), entry) for entry in scan)
        except OSError as error:
            _close(folder)
            yield _missed(folder.path, error)
            return
        if any(name == exclude.IGNORE_FILE for name, _ in entries):
            patterns = exclude.read_ignore_file(folder.fd, folder.path, self._owners)
            folder.patterns = folder.patterns + ([patterns] if patterns is not None else [])
        folder.entries = iter(entries)
        stack.append(folder)

    def _visit(self, folder: _Folder, name: bytes, entry: _Entry, stack: list[_Folder]) -> Iterator[Step]:
        path = _join(folder.path, name)
        if self._only is not None and below(path, self._only) is None and below(self._only, path) is None:
            return
        try:
            if isinstance(entry, OSError):
                raise entry
            if entry.is_symlink():
                return
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and not entry.is_file(follow_symlinks=False):
                return
            excluded = self._excluded(folder, name, path, is_folder=is_folder)
            if self._apart and (real := _join(folder.real, name)) in self._apart:
                if real in self._met or excluded is not None:
                    return  # it has had, or will have, its own turn
                self._met.add(real)
            if excluded is not None:
                yield excluded
            elif is_folder:
                yield from self._descend(folder, name, path, stack)
            else:
                at = path if folder.fd < 0 else b"/proc/self/fd/%d/%s" % (folder.fd, name)
                yield _file(path, at, entry.stat(follow_symlinks=False))
        except OSError as error:
            yield _missed(path, error)

    def _descend(self, folder: _Folder, name: bytes, path: bytes, stack: list[_Folder]) -> Iterator[Step]:
        fd = _open_folder(folder, name, path)
        if len(stack) >= _OPEN_LEVELS and folder.fd >= 0:
            # What is left in it needs its descriptor only for files, whose status is taken now.
            folder.entries = iter([(left, _seen(entry)) for left, entry in folder.entries])
            _close(folder)
        inner = _Folder(path, _join(folder.real, name), fd, folder.device, folder.patterns)
        yield from self._enter(inner, stack)

    def _excluded(self, folder: _Folder, name: bytes, path: bytes, *, is_folder: bool) -> Excluded | None:
        """Return by which word `path` is left out. The operator's come first, then the nearest ignore file's."""
        for patterns in (*self._operator, *reversed(folder.patterns)):
            found = patterns.match(path, is_folder=is_folder)
            if found is not None:
                return Excluded(path, found[1], patterns.by) if found[0] else None
        default = exclude.snapshot(name) if is_folder else None
        return Excluded(path, default, "default") if default else None


def _file(path: bytes, at: bytes, status: os.stat_result) -> Found | Excluded:
    """Return a file, which can be asked for more at `at`; one whose content is elsewhere is left out."""
    place = place_of(path, status)
    return Excluded(path, offline.BY, offline.BY, place) if offline.is_stub(at, status) else place


def _open_folder(folder: _Folder, name: bytes, path: bytes) -> int:
    return open_path(name, FOLDER, folder.fd) if folder.fd >= 0 else open_path(path, FOLDER)


def _seen(entry: _Entry) -> _Entry:
    """Make the entry remember its status: without its folder's descriptor it can no longer ask."""
    try:
        if not isinstance(entry, OSError):
            entry.stat(follow_symlinks=False)
    except OSError as error:
        return error
    return entry


def _close(folder: _Folder) -> None:
    if folder.fd >= 0:
        os.close(folder.fd)
        folder.fd = -1


def _join(folder: bytes, name: bytes) -> bytes:
    return folder + name if folder.endswith(b"/") else folder + b"/" + name


def _missed(path: bytes, error: OSError) -> Missed:
    reason: Unreadable = unreadable(error)
    return Missed(path, Gap("walk", reason.reason, reason.detail))


def place_of(path: bytes, status: os.stat_result) -> Place:
    """Return a file as the walk sees it."""
    return Place(
        path,
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_mode,
        status.st_uid,
        status.st_gid,
    )
