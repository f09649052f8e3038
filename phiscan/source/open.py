"""Opening files that somebody else may be swapping, filling or guarding at this moment.

Nothing blocks (a FIFO), nothing is followed (a symbolic link), nothing is touched (the access time is evidence), and
only regular files of real file systems come out: `/proc/kmsg` says it is one too.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import stat
import struct
from collections.abc import Sequence

from phiscan.errors import GapReason, Unreadable
from phiscan.source.paths import below

FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC | os.O_NOATIME
FOLDER = FILE | os.O_DIRECTORY

_OPENAT2 = 437  # on every architecture
_NO_MAGIC_LINKS, _NO_SYMLINKS, _BENEATH = 0x02, 0x04, 0x08  # RESOLVE_*
_NO_OPENAT2 = (errno.ENOSYS, errno.EPERM, errno.ENAMETOOLONG, errno.EAGAIN)  # EPERM: an old container's filter
_PIECE = 2000  # bytes of a path opened at once where it is longer than the kernel takes
_REASONS: dict[int, tuple[GapReason, str]] = {
    errno.EACCES: ("denied", "permission denied"),
    errno.EPERM: ("denied", "operation not permitted"),
    errno.ENOENT: ("vanished", "no longer there"),
    errno.ENOTDIR: ("vanished", "no longer there"),
    errno.ESTALE: ("vanished", "no longer there"),
    errno.ELOOP: ("vanished", "replaced by a symbolic link"),
    errno.EXDEV: ("vanished", "replaced by a symbolic link"),
    errno.ENXIO: ("vanished", "no longer a regular file"),
}
# statfs(2): file systems that hold no files of anybody, only the kernel's face.
_PSEUDO = {
    0x9FA0: "proc",
    0x62656572: "sysfs",
    0x27E0EB: "cgroup",
    0x63677270: "cgroup2",
    0x64626720: "debugfs",
    0x74726163: "tracefs",
    0x73636673: "securityfs",
    0xCAFE4A11: "bpf",
    0x6165676C: "pstore",
    0xDE5E81E4: "efivarfs",
    0x62656570: "configfs",
    0x1CD1: "devpts",
    0x19800202: "mqueue",
    0x42494E4D: "binfmt_misc",
    0xF97CFF8C: "selinuxfs",
    0x43415D53: "smackfs",
    0x6E736673: "nsfs",
    0x67596969: "rpc_pipefs",
    0x65735543: "fusectl",
    0x958458F6: "hugetlbfs",
}


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def gone(path: bytes) -> bool:
    """Whether there is no file at a path any more. One that is out of reach (rights, a sick disk) is not gone."""
    try:
        return not stat.S_ISREG(os.lstat(path).st_mode)
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.ENOTDIR)


def folder_gone(path: bytes) -> bool:
    """Whether there is no folder at a path any more. One that is out of reach is not gone."""
    try:
        return not stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.ENOTDIR)


def unreadable(error: OSError) -> Unreadable:
    """Return what a system error means for the file: a reason and a fixed phrase, the path is not in it."""
    number = error.errno or 0
    reason, detail = _REASONS.get(number, ("denied", os.strerror(number).lower()))
    return Unreadable(reason, detail)


def pseudo(fd: int) -> str:
    """Return the name of the pseudo file system `fd` lies on, "" where it is a real one."""
    answer = ctypes.create_string_buffer(256)
    if _libc().fstatfs(fd, answer) != 0:
        return ""
    return _PSEUDO.get(struct.unpack_from("@l", answer.raw)[0] & 0xFFFFFFFF, "")


def open_path(path: bytes, flags: int, folder: int | None = None) -> int:
    """Open `path` (relative to the open `folder`, if given), without O_NOATIME where only the owner may ask for it.

    A path longer than PATH_MAX is opened piece by piece. Raises OSError.
    """
    try:
        return os.open(path, flags, dir_fd=folder)
    except PermissionError:
        if not flags & os.O_NOATIME:
            raise
        return os.open(path, flags & ~os.O_NOATIME, dir_fd=folder)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG or len(path) < _PIECE:
            raise
    return _open_long(path, flags, folder)


def _open_long(path: bytes, flags: int, folder: int | None) -> int:
    """Open a path longer than the kernel takes, keeping one piece open at a time."""
    held = -1
    try:
        while len(path) > _PIECE and (cut := path.rfind(b"/", 1, _PIECE)) > 0:
            through = folder if held < 0 else held
            piece = os.open(path[:cut], os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=through)
            if held >= 0:
                os.close(held)
            held, path = piece, path[cut:].lstrip(b"/")
        if len(path) > _PIECE:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        return open_path(path, flags, folder if held < 0 else held)
    finally:
        if held >= 0:
            os.close(held)


def open_beneath(root: bytes, rest: bytes, flags: int) -> int:
    """Open `rest` below `root`, following symbolic links in `root` only. Raises OSError.

    With openat2 (Linux 5.6) no link swapped in meanwhile leads out; an older kernel guards the last name only.
    """
    folder = open_path(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for tried in (flags, flags & ~os.O_NOATIME):
            how = struct.pack("<QQQ", tried, 0, _NO_MAGIC_LINKS | _NO_SYMLINKS | _BENEATH)
            fd = int(_libc().syscall(_OPENAT2, folder, ctypes.c_char_p(rest), ctypes.c_char_p(how), len(how)))
            if fd >= 0:
                return fd
            number = ctypes.get_errno()
            if number != errno.EPERM:
                break
        if number in _NO_OPENAT2:
            return open_path(rest, flags, folder)
        raise OSError(number, os.strerror(number))
    finally:
        os.close(folder)


def open_regular(path: bytes, roots: Sequence[bytes] = ()) -> tuple[int, os.stat_result]:
    """Open a regular file for reading, without blocking or touching it; return its descriptor and status.

    Of `roots`, the paths given by hand, symbolic links are followed; below them none is, wherever it stands in the
    path. Without roots only the last name is guarded. Raises Unreadable: denied, vanished, unsupported.
    """
    try:
        fd = _open(path, roots)
    except OSError as error:
        raise unreadable(error) from None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("vanished", "no longer a regular file")
        if pseudo(fd):
            raise Unreadable("unsupported", "not a file but the kernel's")
    except BaseException:
        os.close(fd)
        raise
    return fd, status


def _open(path: bytes, roots: Sequence[bytes]) -> int:
    for root in sorted(roots, key=len, reverse=True):
        rest = below(path, root)
        if rest == b"":
            return open_path(path, FILE & ~os.O_NOFOLLOW)
        if rest is not None:
            return open_beneath(root, rest.lstrip(b"/"), FILE)
    return open_path(path, FILE)
