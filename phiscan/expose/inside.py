"""Paths of another machine's tree that lies below a folder of ours: a container, a chroot, what was collected.

Symbolic links in it mean its own paths. Followed by the kernel they would lead into our files, so they are resolved
here, one component at a time, and never lead out of the folder.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from typing import Final

_LINKS: Final = 40  # as many as the kernel follows
_MAGIC: Final = re.compile(r"[*?\[]")


def at(root: str, path: str) -> str:
    """Return where a path of the tree at `root` lies on this machine. It need not exist.

    Raises OSError where links lead in circles.
    """
    left = [name for name in reversed(path.split("/")) if name not in ("", ".")]
    real: list[str] = []
    links = 0
    while left:
        name = left.pop()
        if name == "..":
            del real[-1:]
            continue
        real.append(name)
        try:
            target = os.readlink(os.path.join(root, *real))
        except OSError:
            continue
        links += 1
        if links > _LINKS:
            raise OSError(40, "links lead in circles")
        real = [] if target.startswith("/") else real[:-1]
        left += [part for part in reversed(target.split("/")) if part not in ("", ".")]
    return os.path.join(root, *real)


def matching(root: str, pattern: str) -> list[str]:
    """Return the paths of the tree that match a shell pattern, sorted."""
    return sorted(_matching(root, "/", [name for name in pattern.split("/") if name]))


def _matching(root: str, folder: str, names: list[str]) -> Iterator[str]:
    if not names:
        yield folder
        return
    first, rest = names[0], names[1:]
    try:
        if not _MAGIC.search(first):
            found = [first] if os.path.lexists(os.path.join(at(root, folder), first)) else []
        else:
            there = os.listdir(at(root, folder))
            found = [name for name in fnmatch.filter(there, first) if first.startswith(".") or not name.startswith(".")]
    except OSError:
        return
    for name in found:
        yield from _matching(root, os.path.join(folder, name), rest)
