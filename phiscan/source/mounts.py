"""Which file system a file lies on, from /proc/self/mountinfo: not all of them know who may read what."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from phiscan.source.paths import below

_ESCAPE = re.compile(rb"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """One mount: its point, the type of its file system ("ext4", "cifs", "fuse.sshfs"), its own options."""

    point: bytes
    device: int
    type: str
    options: frozenset[str]
    root: bytes = b"/"  # the folder of the file system that is seen at the point
    source: bytes = b""  # what is mounted, as the mount says: "/dev/sda1", "//nas/export"

    def layers(self) -> list[bytes]:
        """Return the folders of which an overlay is made, the one first into which is written."""
        if self.type != "overlay":
            return []
        upper, lower = list[bytes](), list[bytes]()
        for option in self.options:
            key, _, value = option.partition("=")
            if key == "upperdir":
                upper.append(_plain(os.fsencode(value)))
            elif key in ("lowerdir", "lowerdir+"):
                lower += [_plain(os.fsencode(one)) for one in re.split(r"(?<!\\):", value) if one]
        return [one for one in (*upper, *lower) if one.startswith(b"/")]


def parse(text: bytes) -> list[Mount]:
    """Return the mounts of a mountinfo file (proc(5)), in its order: a later one hides an earlier at its point."""
    mounts = []
    for line in text.splitlines():
        left, _, right = line.partition(b" - ")
        fields, rest = left.split(b" "), right.split(b" ")
        if len(fields) < 6 or len(rest) < 3:
            continue
        major, _, minor = fields[2].partition(b":")
        options = frozenset(os.fsdecode(rest[2]).split(","))
        device, kind = os.makedev(int(major), int(minor)), rest[0].decode("ascii", "replace")
        mounts.append(Mount(_plain(fields[4]), device, kind, options, _plain(fields[3]), _plain(rest[1])))
    return mounts


def _plain(field: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: bytes([int(match[1], 8) & 0xFF]), field)


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

    @classmethod
    def of_process(cls, pid: int, proc: str = "/proc") -> Mounts:
        """Read the mounts of another process, at their points below its root. Raises OSError."""
        with open(f"{proc}/{pid}/mountinfo", "rb") as file:
            return cls(parse(file.read()))

    def differing(self, other: Mounts) -> list[bytes]:
        """Return the points at which these and other mounts show something else."""
        points = {*self._by_point, *other._by_point}
        return sorted(point for point in points if self._shown_at(point) != other._shown_at(point))

    def _shown_at(self, point: bytes) -> tuple[int, bytes] | None:
        mount = self._by_point.get(point)
        return None if mount is None else (mount.device, mount.root)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mounts) and self._by_point == other._by_point

    __hash__ = None  # type: ignore[assignment]

    def elsewhere(self, path: bytes) -> list[bytes]:
        """Return the other paths at which the mounts show the folder at a real path: bind mounts.

        Of a path under a mount point that another mount has hidden there is none.
        """
        mount = self.holding(path)
        if mount is None:
            return []
        return [seen for seen in self.showing(mount.device, self.within(mount, path)) if seen != path]

    def showing(self, device: int, path: bytes) -> list[bytes]:
        """Return the paths at which what lies at `path` of a file system is to be seen."""
        found = []
        for mount in self._by_point.values():
            rest = below(path, mount.root) if mount.device == device else None
            if rest is not None:
                seen = os.path.join(mount.point, rest) if rest else mount.point
                if self.holding(seen) == mount:
                    found.append(seen)
        return found

    @staticmethod
    def within(mount: Mount, path: bytes) -> bytes:
        """Return where in its file system a real path of a mount lies."""
        rest = below(path, mount.point) or b""
        return os.path.join(mount.root, rest) if rest else mount.root

    def __iter__(self) -> Iterator[Mount]:
        return iter(self._by_point.values())

    def of(self, device: int, path: bytes) -> Mount | None:
        """Return the mount of a file by its device; by its real path where a subvolume has a device of its own."""
        return self._by_device[device] if device in self._by_device else self.holding(path)

    def holding(self, path: bytes) -> Mount | None:
        """Return the mount that holds a real path."""
        while path not in self._by_point:
            parent = os.path.dirname(path)
            if parent == path:
                return None
            path = parent
        return self._by_point[path]
