"""What the walk leaves out, by whose word: gitignore patterns of the operator and of the folders, snapshot folders.

Exclusions are reported, so that what was not read is never taken for clean.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phiscan.errors import UsageError
from phiscan.source.open import FILE, open_path
from phiscan.source.paths import below

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = b".phiscanignore"
QUARANTINE = b".phiscan-quarantine"  # where `phiscan incidents respond` moves files to, at the top of their file system
_LARGEST = 1 << 20  # bytes of an ignore file

# Copies that a storage system or a recycle bin keeps: read where they came from, or meant to be gone.
_SNAPSHOTS = frozenset(
    {
        b".snapshot",
        b".snapshots",
        b".zfs",
        b".ckpt",
        b"~snapshot",
        b"#snapshot",
        b"#recycle",
        b"@Recycle",
        b"@Recently-Snapshot",
        b"$RECYCLE.BIN",
        b"System Volume Information",
        b"lost+found",
    }
)
_SNAPSHOT_PREFIX = b"@GMT-"  # Samba's shadow copies


def quarantine(folder: bytes) -> str | None:
    """Return the default pattern that excludes a folder of that path, if it is a quarantine: one that is shut.

    A folder that only has the name, and into which others may look, is walked like any other.
    """
    if os.path.basename(folder) != QUARANTINE:
        return None
    try:
        status = os.lstat(folder)
    except OSError:
        return None
    shut = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
    return QUARANTINE.decode() + "/" if shut and status.st_uid in (0, os.geteuid()) else None


def snapshot(name: bytes) -> str | None:
    """Return the default pattern that excludes a folder of this name, if any.

    >>> snapshot(b".zfs"), snapshot(b"@GMT-2021.02.14-08.00.00"), snapshot(b"data")
    ('.zfs/', '@GMT-*/', None)
    """
    if name in _SNAPSHOTS:
        return name.decode() + "/"
    return "@GMT-*/" if name.startswith(_SNAPSHOT_PREFIX) else None


@dataclass(frozen=True, slots=True)
class Patterns:
    """Gitignore patterns that hold below `folder`. `by` says whose they are: "--exclude", "config", a file's name."""

    folder: bytes
    by: str
    lines: tuple[str, ...]
    spec: GitIgnoreSpec

    def match(self, path: bytes, *, is_folder: bool) -> tuple[bool, str] | None:
        """Return whether the last pattern that matches excludes `path` and that pattern; None where none matches."""
        rest = below(path, self.folder)
        if not rest:
            return None
        name = rest.lstrip(b"/").decode("utf-8", "surrogateescape")
        found = self.spec.check_file(name + "/" if is_folder else name)
        if found.include is None or found.index is None:
            return None
        return found.include, self.lines[found.index]


def compile_patterns(lines: Sequence[str], folder: bytes, by: str) -> Patterns | None:
    """Compile the operator's patterns for the walk of `folder`; None where there are none. Raises UsageError.

    A pattern that begins with the folder's own path is meant from the root of the file system.
    """
    lines = [line for line in lines if line]
    if not lines:
        return None
    spec = _spec([_within(line, folder) for line in lines])
    if isinstance(spec, int):
        raise UsageError(f"{by}: not a gitignore pattern: {lines[spec]!r}")
    return Patterns(folder, by, tuple(lines), spec)


def _within(line: str, folder: bytes) -> str:
    mark, pattern = ("!", line[1:]) if line.startswith("!") else ("", line)
    prefix = folder.decode("utf-8", "surrogateescape").rstrip("/")
    return mark + pattern[len(prefix) :] if prefix and pattern.startswith(prefix + "/") else line


def _spec(lines: Sequence[str]) -> GitIgnoreSpec | int:
    """Return the compiled patterns, or the index of the one that is none."""
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines, backend="simple")  # others cannot take names that are not UTF-8
    except ValueError:
        for index, line in enumerate(lines):
            try:
                GitIgnoreSpec.from_lines([line], backend="simple")
            except ValueError:
                return index
        raise


def read_ignore_file(folder_fd: int, folder: bytes, owners: frozenset[int]) -> Patterns | None:
    """Return what the folder's `.phiscanignore` asks for; None where it does not count.

    Whoever may put files on a share must not be able to hide them: it counts only where one of `owners` owns it and
    not everybody may write it. Lines that are no patterns are left out, which excludes less.
    """
    try:
        fd = open_path(IGNORE_FILE, FILE, folder_fd)
        try:
            if not _counts(os.fstat(fd), owners):
                return None
            text = os.read(fd, _LARGEST).decode("utf-8", "surrogateescape")
        finally:
            os.close(fd)
    except OSError:
        return None  # the walk meets it as a file too, and will say so
    lines = [line for line in text.splitlines() if line]
    spec = _spec(lines)
    while isinstance(spec, int):
        del lines[spec]
        spec = _spec(lines)
    return Patterns(folder, IGNORE_FILE.decode(), tuple(lines), spec)


def _counts(status: os.stat_result, owners: frozenset[int]) -> bool:
    trusted = status.st_uid in owners and not status.st_mode & stat.S_IWOTH
    return trusted and stat.S_ISREG(status.st_mode) and status.st_size <= _LARGEST
