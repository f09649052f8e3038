"""At which priority a worker reads: what can wait makes way for everybody, on the disk and on the processor.

Each layer stands alone. The disk's is always given back; the processor's is only taken where the kernel would let us
give it back (CAP_SYS_NICE, or a limit `LimitNICE=` of the unit): a worker has to be fit for what cannot wait too.
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import resource
from contextlib import suppress
from typing import Final

_IOPRIO_SET: Final = {"x86_64": 251, "aarch64": 30, "riscv64": 30, "ppc64le": 273, "s390x": 282}
_PROCESS: Final = 1  # IOPRIO_WHO_PROCESS
_NONE, _IDLE = 0, 3 << 13  # IOPRIO_CLASS_NONE: as the niceness says; IOPRIO_CLASS_IDLE
_SYS_NICE: Final = 1 << 23
# A quarter of what another process gets that wants the processor too. SCHED_IDLE would get nothing on a busy machine:
# a first walk would never end, and files would be taken for hanging.
_NICER: Final = 5
_NICEST: Final = 19


def set_idle(pid: int, *, idle: bool) -> None:
    """Have a process of ours make way for everybody, or not. Where that cannot be, it stays as it is."""
    number = _IOPRIO_SET.get(platform.machine())
    if number is not None:
        _libc().syscall(number, _PROCESS, pid, _IDLE if idle else _NONE)
    if reversible():
        ours = os.getpriority(os.PRIO_PROCESS, 0)
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, min(_NICEST, ours + _NICER) if idle else ours)


@functools.cache
def reversible() -> bool:
    """Whether we may raise the priority of a process on the processor again, once it was lowered."""
    allowed = resource.getrlimit(resource.RLIMIT_NICE)[0]
    if allowed == resource.RLIM_INFINITY or allowed >= 20 - os.getpriority(os.PRIO_PROCESS, 0):
        return True
    with suppress(OSError, ValueError, IndexError), open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("CapEff:"))
        return bool(int(line.split()[1], 16) & _SYS_NICE)
    return False


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
