"""A mount through the kernel whose xattr `system.cifs_ntsd` is what a real smbd answers, as the one of CIFS has it.

The kernel of a test machine may know no CIFS. Here a file system of FUSE shows the names and the status of a folder of
the server's, and answers the question for the xattr with the descriptor that it fetches over SMB at that moment. What
stands in is the client in the kernel; the system call, the bytes and the server are real. Needs root and /dev/fuse.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.running import need

_LOOKUP, _FORGET, _GETATTR, _GETXATTR, _INIT, _DESTROY, _INTERRUPT, _BATCH_FORGET = 1, 2, 3, 22, 26, 38, 36, 42
_SILENT: Final = (_FORGET, _BATCH_FORGET, _INTERRUPT)
_MINOR: Final = 19  # of the protocol: the last whose answers are short
_MNT_DETACH: Final = 2

Answer = Callable[[str, str], bytes | int]  # by xattr and path below the top: a value, or an error's number


@contextlib.contextmanager
def mounted(shown: Path, point: Path, answer: Answer) -> Iterator[Path]:
    """Show the folder `shown` at `point`, with `answer` for its xattrs."""
    need(os.geteuid() == 0 and Path("/dev/fuse").exists(), "FUSE, as root,")
    libc = ctypes.CDLL(None, use_errno=True)
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
    point.mkdir()
    need(libc.mount(b"nas", os.fsencode(point), b"fuse", 0, options.encode()) == 0, "FUSE in this kernel")
    serving = threading.Thread(target=_Served(device, shown, answer).run, daemon=True)
    serving.start()
    try:
        yield point
    finally:
        libc.umount2(os.fsencode(point), _MNT_DETACH)
        serving.join(10)
        os.close(device)


class _Served:
    """The file system: what the kernel asks is read from the device, and answered there."""

    def __init__(self, device: int, shown: Path, answer: Answer) -> None:
        self._device, self._shown, self._answer = device, shown, answer
        self._paths = {1: ""}  # below the top, by the number of the node

    def run(self) -> None:
        """Answer until it is unmounted."""
        with contextlib.suppress(OSError):
            while True:
                message = os.read(self._device, 1 << 17)
                operation, unique, node = struct.unpack_from("<IQQ", message, 4)
                if operation in _SILENT:
                    continue
                found = self._do(operation, node, message[40:])
                error, data = (-found, b"") if isinstance(found, int) else (0, found)
                os.write(self._device, struct.pack("<IiQ", 16 + len(data), error, unique) + data)
                if operation == _DESTROY:
                    return

    def _do(self, operation: int, node: int, body: bytes) -> bytes | int:
        try:
            if operation == _INIT:
                return struct.pack("<IIIIHHI", 7, _MINOR, 0, 0, 0, 0, 1 << 16)
            if operation == _DESTROY:
                return b""
            if operation == _LOOKUP:
                path = os.path.join(self._paths[node], os.fsdecode(body.rstrip(b"\0")))
                status = os.lstat(self._shown / path)
                self._paths[status.st_ino] = path
                return struct.pack("<QQQQII", status.st_ino, 0, 0, 0, 0, 0) + _attributes(status)
            if operation == _GETATTR:
                return struct.pack("<QII", 0, 0, 0) + _attributes(os.lstat(self._shown / self._paths[node]))
            if operation == _GETXATTR:
                return self._xattr(node, body)
        except OSError as error:
            return error.errno or errno.EIO
        return errno.ENOSYS

    def _xattr(self, node: int, body: bytes) -> bytes | int:
        size = int.from_bytes(body[:4], "little")
        found = self._answer(os.fsdecode(body[8:].rstrip(b"\0")), self._paths[node])
        if isinstance(found, int):
            return found
        if not size:
            return struct.pack("<II", len(found), 0)
        return found if len(found) <= size else errno.ERANGE


def _attributes(status: os.stat_result) -> bytes:
    times = (status.st_atime_ns, status.st_mtime_ns, status.st_ctime_ns)
    return struct.pack(
        "<6Q10I", status.st_ino, status.st_size, status.st_blocks, *(time // 10**9 for time in times),
        *(time % 10**9 for time in times), status.st_mode, status.st_nlink, status.st_uid, status.st_gid, 0, 4096, 0,
    )  # fmt: skip
