"""The file that was judged, and no other: opened folder by folder from its root, without following a link.

Between two looks somebody may swap a folder for a link, or the file for another one. So names are resolved once, from
descriptors; what is behind the last name is compared with what was judged, content included.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import errno
import functools
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from phiscan.source.open import FILE, open_path
from phiscan.source.paths import below
from phiscan.store.ledger import identity

if TYPE_CHECKING:
    from phiscan.seal import Sealer
    from phiscan.store.responses import Response

ACL: Final = "system.posix_acl_access"
_STEP: Final = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PARENT: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NOREPLACE: Final = 1
_NO_ACL: Final = (errno.ENODATA, errno.ENOTSUP)


class Refused(Exception):
    """Nothing was done. `why` is a word of the catalogue, `response.why.…`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Held:
    """An open file, and the open folder in which it has a name."""

    folder: int
    name: bytes
    file: int

    def status(self) -> os.stat_result:
        """Return what the open file is."""
        return os.fstat(self.file)

    def still_named(self) -> bool:
        """Whether the name in the folder is still that of the open file."""
        return names(self.folder, self.name, self.file)


def names(folder: int, name: bytes, file: int) -> bool:
    """Whether a name in an open folder is that of an open file."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return os.path.samestat(found, os.fstat(file))


@contextlib.contextmanager
def parent(root: bytes, path: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the open folder of a path below a root, and the name in it. Raises `Refused`."""
    rest = below(path, root)
    if not rest:
        raise Refused("outside")
    *folders, name = rest.strip(b"/").split(b"/")
    fd = -1
    try:
        fd = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        for one in folders:
            inner = os.open(one, _STEP, dir_fd=fd)
            os.close(fd)
            fd = inner
        opened = os.open(b".", _PARENT, dir_fd=fd)
        os.close(fd)
        fd = opened
    except OSError as error:
        if fd >= 0:
            os.close(fd)
        raise Refused(_why(error)) from None
    try:
        yield fd, name
    finally:
        os.close(fd)


@contextlib.contextmanager
def held(root: bytes, response: Response) -> Iterator[Held]:
    """Yield the file that an action is for, open for reading: a regular one with the inode that was judged.

    Raises `Refused`.
    """
    with parent(root, response.path) as (folder, name):
        try:
            file = open_path(name, FILE, folder)
        except OSError as error:
            raise Refused(_why(error)) from None
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode) or not same_inode(status, response):
                raise Refused("changed")
            yield Held(folder, name, file)
        finally:
            os.close(file)


def same_inode(status: os.stat_result, response: Response) -> bool:
    """Whether a file is the one that was judged, whatever was written to it since."""
    return identity(status.st_dev, status.st_ino) == (response.device, response.inode)


def check(one: Held, response: Response, sealer: Sealer) -> None:
    """Look whether the content is still what was judged. Raises `Refused`."""
    if _written(one.status(), response):
        raise Refused("changed")
    try:
        content = sealer.content(one.file)
    except OSError as error:
        raise Refused(_why(error)) from None
    if content != response.content or _written(one.status(), response):
        raise Refused("changed")


def _written(status: os.stat_result, response: Response) -> bool:
    return (status.st_size, status.st_mtime_ns) != (response.size, response.mtime_ns)


def before(file: int) -> dict[str, Any]:
    """Return the rights and times of an open file, as JSON can hold them: what it takes to put them back by hand."""
    status = os.fstat(file)
    acl = acl_of(file)
    return {
        "mode": stat.S_IMODE(status.st_mode),
        "uid": status.st_uid,
        "gid": status.st_gid,
        "links": status.st_nlink,
        "atime_ns": status.st_atime_ns,
        "mtime_ns": status.st_mtime_ns,
        "acl": None if acl is None else base64.b64encode(acl).decode("ascii"),
    }


def acl_of(file: int) -> bytes | None:
    """Return the access list of an open file as the kernel has it; None where there is none. Raises OSError."""
    try:
        return os.getxattr(file, ACL)
    except OSError as error:
        if error.errno in _NO_ACL:
            return None
        raise


def move(folder: int, name: bytes, to: int, new: bytes) -> None:
    """Move a name within its file system, never over another. Raises `Refused`."""
    if _renameat2()(folder, ctypes.c_char_p(name), to, ctypes.c_char_p(new), _NOREPLACE) == 0:
        return
    number = ctypes.get_errno()
    if number == errno.EEXIST:
        raise Refused("taken")
    if number in (errno.EINVAL, errno.ENOSYS):  # the file system cannot do so, and another way could lose a file
        raise Refused("no_noreplace")
    raise Refused(_why(OSError(number, "")))


@functools.cache
def _renameat2() -> Any:
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.renameat2  # glibc 2.28, musl 1.2.6


def _why(error: OSError) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR | errno.ESTALE | errno.ENXIO:
            return "vanished"
        case errno.ELOOP:
            return "link"
        case errno.EXDEV:
            return "another_device"
        case errno.EROFS:
            return "read_only"
        case errno.ENOSPC | errno.EDQUOT:
            return "full"
        case _:
            return "denied"


def refused(error: OSError) -> Refused:
    """Return what a system error means, without its words."""
    return Refused(_why(error))
