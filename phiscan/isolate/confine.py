"""What a worker gives up before it sees its first file: the network, writing, programs, privileges, memory.

Each layer is independent and degrades: where the kernel lacks one, the others stand, and `active()` tells.
The layers: resource limits, no_new_privs, capabilities, Landlock (`landlock.py`), seccomp (`seccomp.py`).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

from phiscan.isolate import landlock, seccomp
from phiscan.model import Limits

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NAME, _PR_SET_NO_NEW_PRIVS = 1, 4, 15, 38
_CAPABILITY_V3 = 0x20080522
_DAC_READ_SEARCH = 1 << 2
_OPEN_FILES = 256  # enough for nested archives in memfds
_BACKSTOP = 4 << 30  # bytes of address space; pyarrow aborts under 1 GiB

_FILES = (  # read by libraries while they load; none says anything about the machine's data
    "/dev/null",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system/cpu",
    "/sys/kernel/mm/transparent_hugepage/enabled",
)
_FOLDERS = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo")

_active: dict[str, bool | int] = {}


def active() -> dict[str, bool | int]:
    """Return which layers are active in this process: empty where `confine` has not run.

    Keys: "limits", "no_new_privs", "capabilities", "seccomp" (bool) and "landlock" (ABI version, 0 is none).
    """
    return dict(_active)


def default_readable() -> tuple[str, ...]:
    """Return the folders and files that importing libraries needs: Python's, the system's, phiscan's own.

    Of a prefix only `lib*`: a Python in /usr or in a home folder opens neither. Call it before the workers start.
    """
    import mimetypes
    import site
    import sysconfig

    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    libraries = {str(found) for prefix in prefixes for found in Path(prefix).glob("lib*") if found.is_dir()}
    standard = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    user = {site.getusersitepackages()} if site.ENABLE_USER_SITE else set()
    archives = {entry for entry in sys.path if entry.endswith((".zip", "-packages"))}
    package = {str(Path(__file__).resolve().parent.parent)}
    tables = {os.fspath(name) for name in mimetypes.knownfiles}  # mimetypes finds them by stat, then opens unguarded
    return tuple(sorted({*libraries, *standard, *user, *archives, *package, *tables, *_FOLDERS, *_FILES}))


def _limit(memory: int) -> bool:
    """Set the resource limits. A file of a worker is a memfd: none may outgrow the memory limit."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    space = pages * resource.getpagesize() + max(_BACKSTOP, 2 * memory)
    wanted = (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_FSIZE, memory),
        (resource.RLIMIT_AS, space),
    )
    for name, value in wanted:
        hard = resource.getrlimit(name)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (bound, bound))
    return True


def _drop_capabilities(libc: ctypes.CDLL, keep: int) -> bool:
    """Drop every capability but those in the mask `keep` (and held already)."""
    header = ctypes.create_string_buffer(struct.pack("<Ii", _CAPABILITY_V3, 0))
    held = ctypes.create_string_buffer(24)
    if libc.capget(header, held) != 0:
        return False
    effective, permitted, _, *_ = struct.unpack("<6I", held.raw)
    data = ctypes.create_string_buffer(struct.pack("<6I", effective & keep, permitted & keep, 0, 0, 0, 0))
    return bool(libc.capset(header, data) == 0)


def die_with(parent: int) -> None:
    """Have this process die with the one that forked it, also when that died before we could say so."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def confine(limits: Limits, readable: Sequence[str], parent: int) -> dict[str, bool | int]:
    """Confine this process for good, and tell what is active. `parent` is the process to die with.

    What the process holds open stays usable; `readable` are the places it can still open, for reading.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    die_with(parent)
    libc.prctl(_PR_SET_NAME, b"phiscan-worker", 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    _active["limits"] = _limit(limits.memory)
    _active["no_new_privs"] = bool(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
    _active["landlock"] = landlock.restrict(libc, readable)
    # A root worker must read a Python that lies in somebody's closed home; Landlock keeps it to that.
    _active["capabilities"] = _drop_capabilities(libc, _DAC_READ_SEARCH if _active["landlock"] else 0)
    _active["seccomp"] = seccomp.install(libc, read_only=not _active["landlock"])
    return active()
