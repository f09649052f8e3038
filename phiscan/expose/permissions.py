"""Who can read a file by the rights of this machine: mode bits and POSIX ACLs, of the file and of every parent.

"Everybody" is any account that is neither owner, nor in the group, nor named: `other` decides, for reading the file
and for passing each folder above it. What a named user or group gains stays restricted. Whether we, often root, can
read is no evidence. Where a file system makes the mode bits up, the answer is unknown, never restricted; behind
a CIFS mount the server's own rights say it, see `phiscan.expose.nt`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phiscan.expose import acl
from phiscan.expose.nt.mounted import Mounted
from phiscan.expose.nt.names import asks_nt
from phiscan.expose.reached import Reached
from phiscan.model import Exposure, Level, Place, Reason
from phiscan.source.mounts import Mount, Mounts
from phiscan.source.paths import absolute, below, display

if TYPE_CHECKING:
    from phiscan.expose.discover import Discovery

# File systems whose mode bits are an option of the mount or the word of another program.
_MADE_UP = frozenset(
    {"9p", "adfs", "affs", "exfat", "fuseblk", "hfs", "msdos", "ncpfs", "ntfs", "ntfs3", "umsdos", "vboxsf", "vfat"}
)


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder and all above it let everybody do."""

    real: bytes
    modes: int  # of all of them, combined by AND
    shut: bytes = b""  # the topmost that everybody cannot pass
    shut_mode: int = 0
    unknown: Reason | None = None


@dataclass(slots=True)
class Cache:
    """What one walk has learnt about folders. Make a new one when rights, mounts or services may have changed."""

    mounts: Mounts = field(default_factory=Mounts.read)
    discovery: Discovery | None = None  # None: services are not looked at
    nt: Mounted = field(default_factory=Mounted)  # what the servers of CIFS mounts say
    folders: dict[bytes, Folder] = field(default_factory=dict)
    levels: dict[tuple[bytes, int, int], Level] = field(default_factory=dict)  # by folder, mode and device of files
    apart: dict[bytes, frozenset[bytes] | None] = field(default_factory=dict)  # by folder: what has rights of its own
    reached: tuple[Reached, ...] = field(init=False)

    def __post_init__(self) -> None:
        indexes = () if self.discovery is None else self.discovery.indexes
        self.reached = tuple(Reached(index, self.mounts) for index in indexes)

    def folder(self, path: bytes) -> Folder:
        """Return what is known of the folder at the absolute `path`; links are resolved. Raises OSError."""
        missing = []
        while path not in self.folders:
            missing.append(path)
            path = os.path.dirname(path)
            if path == missing[-1]:
                break
        for path in reversed(missing):
            self.folders[path] = _look(path, self)
        return self.folders[path]


def posix_exposure(path: bytes, status: os.stat_result | Place, *, cache: Cache, real: bytes | None = None) -> Exposure:
    """Return who can read the file at `path` by the rights of this machine: SHARED, RESTRICTED or UNKNOWN.

    `real` is its path without links, where it has been worked out.

    The reasons name what decides: the file, or the topmost folder that does not let everybody pass.
    """
    mode, device = _mode_and_device(status)
    try:
        path = real_path(path, cache) if real is None else real
        if (mount := _with_nt(device, path, cache)) is not None:  # what is shut here is open there
            return cache.nt.exposure(mount, path, status)
        folder = cache.folder(os.path.dirname(path))
        if folder.shut:
            return _restricted(f"mode {_octal(folder.shut_mode)}", folder.shut)
        unknown = _unknown(cache.mounts.of(device, path), path)
        if unknown is None and not mode & stat.S_IROTH:
            return _restricted(f"mode {_octal(mode)}", path, _named(path, mode))
        unknown = folder.unknown or unknown
    except (OSError, ValueError) as error:
        return Exposure(Level.UNKNOWN, (Reason("posix", _why(error), display(path)),))
    if unknown is not None:
        return Exposure(Level.UNKNOWN, (unknown,))
    setting = f"mode {_octal(mode)}, parents {_octal(folder.modes)}"
    return Exposure(Level.SHARED, (Reason("posix", setting, display(path)),))


def may_read(path: bytes, uid: int, gids: Collection[int]) -> bool:
    """Whether an account without privileges, such as the one a service runs as, can read the file at `path`.

    `gids` are all its groups. Raises OSError or ValueError where the rights cannot be established.
    """
    path = os.path.realpath(path)
    status = os.lstat(path)
    if not acl.allows(acl.read(path, status.st_mode), status.st_uid, status.st_gid, uid, gids, acl.READ):
        return False
    while (parent := os.path.dirname(path)) != path:
        path, status = parent, os.lstat(parent)
        if not acl.allows(acl.read(path, status.st_mode), status.st_uid, status.st_gid, uid, gids, acl.SEARCH):
            return False
    return True


def _mode_and_device(status: os.stat_result | Place) -> tuple[int, int]:
    return (status.mode, status.device) if isinstance(status, Place) else (status.st_mode, status.st_dev)


def real_path(path: bytes, cache: Cache) -> bytes:
    """Return the path without links in its folders: their rights count, not those of the way around. Raises OSError."""
    path = absolute(path)
    if os.path.islink(path):
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    return os.path.join(cache.folder(folder).real, name)


def _with_nt(device: int, path: bytes, cache: Cache) -> Mount | None:
    """Return the CIFS mount on which a real path lies, where the server's own rights are behind it."""
    mount = cache.mounts.of(device, path)
    if mount is not None and below(path, mount.point) is None:  # one share is mounted in several places
        mount = cache.mounts.holding(path)
    return mount if asks_nt(mount) else None


def _look(path: bytes, cache: Cache) -> Folder:
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return cache.folder(os.path.realpath(path))
    parent = os.path.dirname(path)
    above = None if parent == path else cache.folder(parent)
    real = path if above is None else os.path.join(above.real, os.path.basename(path))
    modes = status.st_mode & 0o777 & (0o777 if above is None else above.modes)
    if above is not None and above.shut:
        return Folder(real, modes, above.shut, above.shut_mode)
    unknown = _unknown(cache.mounts.of(status.st_dev, real), real)
    if unknown is None and not status.st_mode & stat.S_IXOTH:
        return Folder(real, modes, real, status.st_mode)
    return Folder(real, modes, unknown=(above.unknown if above else None) or unknown)


def _unknown(mount: Mount | None, path: bytes) -> Reason | None:
    """Return why the mode bits below a mount prove nothing; None where they do."""
    if mount is None:
        return Reason("posix", "file system unknown", display(path))
    if asks_nt(mount):
        return Reason("posix", f"{mount.type} without Unix rights", display(mount.point))
    if mount.type in _MADE_UP or mount.type == "fuse" or mount.type.startswith("fuse."):
        return Reason("posix", f"{mount.type}: rights are not its own", display(mount.point))
    return None


def _named(path: bytes, mode: int) -> tuple[Reason, ...]:
    """Return the named users and groups an ACL lets read: restricted, and worth knowing."""
    if not mode & stat.S_IRGRP:  # where there is a list, these bits are its mask
        return ()
    entries = acl.read(path, mode)
    mask = next((entry.permissions for entry in entries if entry.tag == acl.Tag.MASK), 7)
    named = (entry for entry in entries if entry.tag in (acl.Tag.USER, acl.Tag.GROUP))
    return tuple(Reason("acl", str(entry), display(path)) for entry in named if entry.permissions & mask & acl.READ)


def _restricted(setting: str, path: bytes, more: tuple[Reason, ...] = ()) -> Exposure:
    return Exposure(Level.RESTRICTED, (Reason("posix", setting, display(path)), *more))


def _octal(mode: int) -> str:
    return f"{stat.S_IMODE(mode):04o}"


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no longer there"
    return "rights cannot be read"
