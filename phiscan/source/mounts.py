"""Which file system a file lies on, from /proc/self/mountinfo: not all of them know who may read what."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

_ESCAPE = re.compile(rb"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """One mount: its point, the type of its file system ("ext4", "cifs", "fuse.sshfs"), its own options."""

    point: bytes
    device: int
    type: str
    options: frozenset[str]


def parse(text: bytes) -> list[Mount]:
    """Return the mounts of a mountinfo file (proc(5)), in its order: a later one hides an earlier at its point."""
    mounts = []
    for line in text.splitlines():
        left, _, right = line.partition(b" - ")
        fields, rest = left.split(b" "), right.split(b" ")
        if len(fields) < 6 or len(rest) < 3:
            continue
        major, _, minor = fields[2].partition(b":")
        point = _ESCAPE.sub(lambda match: bytes([int(match[1], 8) & 0xFF]), fields[4])
        options = frozenset(rest[2].decode("utf-8", "replace").split(","))
        mounts.append(Mount(point, os.makedev(int(major), int(minor)), rest[0].decode("ascii", "replace"), options))
    return mounts


class Mounts:
    """The mounts as they were when this was made."""

    def __init__(self, mounts: list[Mount]) -> None:
        self._by_device = {mount.device: mount for mount in mounts}
        self._by_point = {mount.point: mount for mount in mounts}

    @classmethod
    def read(cls) -> Mounts:
        """Read the mounts of this process; none where there is no /proc."""
        try:
            with open("/proc/self/mountinfo", "rb") as file:
                return cls(parse(file.read()))
        except OSError:
            return cls([])

    def __iter__(self) -> Iterator[Mount]:
        return iter(self._by_point.values())

    def of(self, device: int, path: bytes) -> Mount | None:
        """Return the mount of a file by its device; by its real path where a subvolume has a device of its own."""
        if device in self._by_device:
            return self._by_device[device]
        while path not in self._by_point:
            parent = os.path.dirname(path)
            if parent == path:
                return None
            path = parent
        return self._by_point[path]
