"""The seccomp filter of a worker: which system calls it may no longer make. Built by hand, no library.

Linux on x86_64 and aarch64. What is denied answers EPERM (ENOSYS where the C library then falls back by itself),
so a parser that tries gets an exception and not a signal. Whatever came into the kernel after `_NEWEST` is ENOSYS.
Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux 6.18.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable

_ARCHES = {"x86_64": (0xC000003E, 317), "aarch64": (0xC00000B7, 277)}  # AUDIT_ARCH_*, number of seccomp(2)
_NEWEST = 466  # removexattrat, the last call known here that anybody needs
_X32 = 0x40000000  # calls of the x32 ABI carry this bit on x86_64

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCH, _ARGS = 0, 4, 16  # offsets in struct seccomp_data

_CLONE_THREAD = 0x00010000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | (os.O_TMPFILE & ~os.O_DIRECTORY)
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS TIOCGWINSZ FIONREAD FIONBIO FIONCLEX FIOCLEX
_FCNTLS = (8, 10, 15, 1024, 1026)  # F_SETOWN F_SETSIG F_SETOWN_EX F_SETLEASE F_NOTIFY: signals to others, leases
_PRCTLS = (1, 4)  # PR_SET_PDEATHSIG PR_SET_DUMPABLE: both stay as the supervisor wants them

# name: (number on x86_64, number on aarch64); None where the architecture has no such call.
_GENERIC_FROM_424 = {
    "pidfd_send_signal": 424,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_open": 434,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "memfd_secret": 447,
    "process_mrelease": 448,
    "fchmodat2": 452,
    "setxattrat": 463,
    "removexattrat": 466,
}
_DENIED: dict[str, tuple[int | None, int | None]] = {
    # the network, and any other way to talk to a process
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept4": (288, 242),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "flock": (73, 32),
    # programs and processes
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # identity
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setreuid": (113, 145),
    "setregid": (114, 143),
    "setgroups": (116, 159),
    "setresuid": (117, 147),
    "setresgid": (119, 149),
    "setfsuid": (122, 151),
    "setfsgid": (123, 152),
    "capset": (126, 91),
    # the file system; opening for writing is Landlock's, truncating a memfd must work
    "truncate": (76, 45),
    "rename": (82, None),
    "mkdir": (83, None),
    "rmdir": (84, None),
    "creat": (85, None),
    "link": (86, None),
    "unlink": (87, None),
    "symlink": (88, None),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "utime": (132, None),
    "mknod": (133, None),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "utimes": (235, None),
    "mkdirat": (258, 34),
    "mknodat": (259, 33),
    "fchownat": (260, 54),
    "futimesat": (261, None),
    "unlinkat": (263, 35),
    "renameat": (264, 38),
    "linkat": (265, 37),
    "symlinkat": (266, 36),
    "fchmodat": (268, 53),
    "utimensat": (280, 88),
    "renameat2": (316, 276),
    "open_by_handle_at": (304, 265),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "quotactl": (179, 60),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    # the machine and the kernel
    "modify_ldt": (154, None),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "adjtimex": (159, 171),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "uselib": (134, None),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "lookup_dcookie": (212, 18),
    **{name: (number, number) for name, number in _GENERIC_FROM_424.items()},
}
_CLONE3 = 435
_OPENAT2 = 437
_RULED = {  # decided by an argument
    "clone": (56, 220),
    "kill": (62, 129),
    "tgkill": (234, 131),
    "ioctl": (16, 29),
    "fcntl": (72, 25),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "open": (2, None),
    "openat": (257, 56),
}

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand


def _load_argument(index: int) -> Instruction:
    return _LOAD, 0, 0, _ARGS + 8 * index  # the low half: both architectures are little-endian


def _deny(number: int, error: int) -> list[Instruction]:
    return [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | error)]


def _when(number: int, body: list[Instruction]) -> list[Instruction]:
    """Run `body`, which returns on every path, for this call only."""
    return [(_EQUAL, 0, len(body), number), *body]


def _only(argument: int, values: Iterable[int], error: int) -> list[Instruction]:
    """Allow the call where the argument is one of `values`."""
    allow = [step for value in values for step in ((_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW))]
    return [_load_argument(argument), *allow, (_RETURN, 0, 0, _ERRNO | error)]


def _not(argument: int, values: Iterable[int], error: int) -> list[Instruction]:
    """Deny the call where the argument is one of `values`."""
    deny = [step for value in values for step in ((_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ERRNO | error))]
    return [_load_argument(argument), *deny, (_RETURN, 0, 0, _ALLOW)]


def _bits(argument: int, mask: int, if_any: int, if_none: int) -> list[Instruction]:
    return [_load_argument(argument), (_ANY_BIT, 0, 1, mask), (_RETURN, 0, 0, if_any), (_RETURN, 0, 0, if_none)]


def _rules(pid: int, *, read_only: bool) -> dict[str, list[Instruction]]:
    """Return the calls that an argument decides. Signals go to `pid` itself only: abort() must work."""
    denied = _ERRNO | errno.EPERM
    rules = {
        "clone": _bits(0, _CLONE_THREAD, _ALLOW, denied),
        "kill": _only(0, [pid], errno.EPERM),
        "tgkill": _only(0, [pid], errno.EPERM),
        "ioctl": _only(1, _IOCTLS, errno.ENOTTY),
        "fcntl": _not(1, _FCNTLS, errno.EPERM),
        "prctl": _not(0, _PRCTLS, errno.EPERM),
        "prlimit64": _only(0, [0, pid], errno.EPERM),
    }
    if read_only:
        rules["open"] = _bits(1, _WRITING, _ERRNO | errno.EACCES, _ALLOW)
        rules["openat"] = _bits(2, _WRITING, _ERRNO | errno.EACCES, _ALLOW)
    return rules


def program(machine: str, pid: int, *, read_only: bool) -> list[Instruction]:
    """Return the filter for `machine` ("x86_64" or "aarch64"; KeyError for others) and the process `pid`.

    `read_only` also denies opening for writing, where no Landlock does it better (it would spare /dev/null).
    """
    arch, _ = _ARCHES[machine]
    column = 0 if machine == "x86_64" else 1
    steps: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        steps += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]
    steps += [(_AT_LEAST, 0, 1, _NEWEST + 1), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    steps += _deny(_CLONE3, errno.ENOSYS)
    if read_only:
        steps += _deny(_OPENAT2, errno.ENOSYS)
    for name, body in _rules(pid, read_only=read_only).items():
        number = _RULED[name][column]
        steps += [] if number is None else _when(number, body)
    for numbers in _DENIED.values():
        number = numbers[column]
        steps += [] if number is None else _deny(number, errno.EPERM)
    return [*steps, (_RETURN, 0, 0, _ALLOW)]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def install(libc: ctypes.CDLL, *, read_only: bool) -> bool:
    """Install the filter in this process, for good; return whether it is active. no_new_privs must be set."""
    machine = platform.machine()
    if machine not in _ARCHES:
        return False
    steps = program(machine, os.getpid(), read_only=read_only)
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
    whole = _Program(len(steps), ctypes.addressof(code))
    if libc.syscall(_ARCHES[machine][1], 1, 1, ctypes.byref(whole)) == 0:  # SECCOMP_SET_MODE_FILTER, TSYNC
        return True
    return bool(libc.prctl(22, 2, ctypes.byref(whole), 0, 0) == 0)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
