"""Landlock: a process gives up the file system except for reading a few places, and TCP altogether.

Works without privilege from Linux 5.13 on; newer kernels can deny more, and what they can is asked first.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Sequence

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
_PATH_BENEATH = 1

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}  # ABI: rights it can deny
_NET = 0b11  # bind and connect of TCP, ABI 4
_SCOPED = 0b11  # abstract UNIX sockets and signals, ABI 6


def version(libc: ctypes.CDLL) -> int:
    """Return the ABI version of the kernel, 0 where it has no Landlock or does not use it."""
    return max(0, int(libc.syscall(_CREATE, None, 0, _VERSION)))


def _attributes(abi: int) -> bytes:
    """Return struct landlock_ruleset_attr, as long as this ABI knows it: everything it can deny is denied."""
    files = _FILES[max(known for known in _FILES if known <= abi)]
    if abi < 4:
        return struct.pack("<Q", files)
    return struct.pack("<QQ", files, _NET) if abi < 6 else struct.pack("<QQQ", files, _NET, _SCOPED)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, files: int) -> None:
    """Allow reading `path` and what is below; a character device (/dev/null) may be written too."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what does not exist needs no permission
    try:
        mode = os.fstat(place).st_mode
        rights = _READ_FILE | (_READ_DIR if stat.S_ISDIR(mode) else 0)
        rights |= (_WRITE_FILE | _TRUNCATE) & files if stat.S_ISCHR(mode) else 0
        rule = ctypes.create_string_buffer(struct.pack("<Qi", rights, place))
        libc.syscall(_ADD, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(place)


def restrict(libc: ctypes.CDLL, readable: Sequence[str]) -> int:
    """Restrict this thread for good to reading `readable`; return the ABI version in force, 0 if none.

    no_new_privs must be set.
    """
    abi = version(libc)
    if not abi:
        return 0
    attributes = _attributes(abi)
    ruleset = int(libc.syscall(_CREATE, ctypes.create_string_buffer(attributes), len(attributes), 0))
    if ruleset < 0:
        return 0
    try:
        for path in readable:
            _allow(libc, ruleset, path, struct.unpack_from("<Q", attributes)[0])
        return abi if libc.syscall(_RESTRICT, ruleset, 0) == 0 else 0
    finally:
        os.close(ruleset)
