"""Whether the walk would meet a path: the same exclusions, asked for one file at a time.

An event names a file; a whole walk to learn that it is excluded would cost more than reading it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Final

from phiscan.source import exclude
from phiscan.source.exclude import Patterns
from phiscan.source.open import FOLDER, open_path, pseudo
from phiscan.source.paths import below

_FRESH: Final = 2.0  # seconds for which an ignore file is believed
_MOST: Final = 50_000  # folders kept in mind


class Scope:
    """What lies in a root as the walk sees it."""

    def __init__(self, root: bytes, config: Sequence[str]) -> None:
        """Raises UsageError on a pattern that is none."""
        self.root, self.config = root.rstrip(b"/") or b"/", tuple(config)
        self._operator = exclude.compile_patterns(list(config), self.root, "config")
        self._ignoring: dict[bytes, tuple[float, Patterns | None]] = {}
        self._seen: dict[bytes, tuple[float, bool]] = {}

    def holds(self, path: bytes, *, folder: bool = False) -> bool:
        """Whether the walk would go as far as `path` and meet it there. Says nothing of what it is now."""
        rest = below(path, self.root)
        if rest is None:
            return False
        at, names = self.root, [name for name in rest.split(b"/") if name]
        for position, name in enumerate(names):
            inner = os.path.join(at, name)
            last = position == len(names) - 1
            if last and not folder:
                return not self._left_out(at, name, is_folder=False)
            if not self._entered(at, name, inner):
                return False
            at = inner
        return True

    def _entered(self, parent: bytes, name: bytes, path: bytes) -> bool:
        """Whether the walk enters a folder."""
        now = time.monotonic()
        known = self._seen.get(path)
        if known is None or now - known[0] > _FRESH:
            if len(self._seen) > _MOST:
                self._seen.clear()
            known = self._seen[path] = now, not self._left_out(parent, name, is_folder=True)
        return known[1]

    def _left_out(self, parent: bytes, name: bytes, *, is_folder: bool) -> bool:
        path = os.path.join(parent, name)
        for patterns in (self._operator, *self._ignore_files(parent)):
            found = None if patterns is None else patterns.match(path, is_folder=is_folder)
            if found is not None:
                return found[0]
        return is_folder and (exclude.snapshot(name) or exclude.quarantine(path) or _kernel(path)) not in (None, False)

    def _ignore_files(self, folder: bytes) -> list[Patterns | None]:
        """Return the ignore files that hold in a folder, the nearest first."""
        found = []
        while below(folder, self.root) is not None:
            found.append(self._ignore_file(folder))
            if folder == self.root:
                break
            folder = os.path.dirname(folder)
        return found

    def _ignore_file(self, folder: bytes) -> Patterns | None:
        now = time.monotonic()
        known = self._ignoring.get(folder)
        if known is None or now - known[0] > _FRESH:
            if len(self._ignoring) > _MOST:
                self._ignoring.clear()
            known = self._ignoring[folder] = now, self._read(folder)
        return known[1]

    def _read(self, folder: bytes) -> Patterns | None:
        if not os.path.lexists(os.path.join(folder, exclude.IGNORE_FILE)):
            return None
        try:
            owners = frozenset({0, os.geteuid(), os.stat(self.root).st_uid})
            fd = open_path(folder, FOLDER)
        except OSError:
            return None
        try:
            return exclude.read_ignore_file(fd, folder, owners)
        finally:
            os.close(fd)


def _kernel(path: bytes) -> bool:
    """Whether a folder is another file system that holds no files of anybody. Raises nothing."""
    try:
        if os.lstat(path).st_dev == os.lstat(os.path.dirname(path)).st_dev:
            return False
        fd = open_path(path, FOLDER)
    except OSError:
        return False
    try:
        return bool(pseudo(fd))
    finally:
        os.close(fd)
