"""What a worker cannot do is tried, call by call; what libraries need still works."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import platform
import re
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phiscan.isolate import Job, Pool, active, default_readable, landlock, seccomp
from phiscan.model import Limits

Attempts = dict[str, Callable[[], object]]


def in_worker(attempts: Attempts, *, memory: int = 1 << 30, readable: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Return for each attempt the name of its error, or what it returned."""

    def task(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        return {name: _outcome(attempt) for name, attempt in attempts.items()}, []

    with Pool(task, 1, Limits(memory=memory), readable) as workers:
        (result,) = workers.run([Job(os.open(os.devnull, os.O_RDONLY), {}, None, 60.0)])
    assert result.failure is None, result.detail
    assert result.meta is not None
    return result.meta


def _outcome(attempt: Callable[[], object]) -> object:
    try:
        return attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0]


def _raw(number: int, *arguments: int) -> object:
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(number, *arguments, *[0] * (6 - len(arguments)))
    return errno.errorcode[ctypes.get_errno()] if result == -1 else result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("secret")
    (tmp_path / "sub").mkdir()
    return tmp_path


def test_active() -> None:
    assert active() == {}
    with Pool(lambda fd, meta: ({}, []), 1) as workers:
        layers = workers.active()
    abi = landlock.version(ctypes.CDLL(None))
    assert layers == {"limits": True, "no_new_privs": True, "capabilities": True, "landlock": abi, "seccomp": True}


def test_no_network(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        attempts: Attempts = {
            "inet": lambda: socket.socket(),
            "udp": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
            "unix": lambda: socket.socket(socket.AF_UNIX),
            "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
            "connect": lambda: socket.create_connection(address),
            "resolve": lambda: str(socket.gethostbyname("localhost")),
        }
        found = in_worker(attempts | {"resolve": lambda: None})
    assert found == {
        "inet": "EPERM",
        "udp": "EPERM",
        "unix": "EPERM",
        "netlink": "EPERM",
        "connect": "EPERM",
        "resolve": None,
    }


def test_no_reading_elsewhere(folder: Path) -> None:
    fixture = os.open(folder, os.O_RDONLY)
    attempts: Attempts = {
        "file": lambda: (folder / "file").read_text(),
        "folder": lambda: os.listdir(folder),
        "root": lambda: os.listdir("/"),
        "home": lambda: os.listdir("/root"),
        "passwd": lambda: Path("/etc/passwd").read_text(),
        "environment": lambda: Path(f"/proc/{os.getppid()}/environ").read_text(),
        "own memory": lambda: Path("/proc/self/maps").read_text(),
        "inherited folder": lambda: os.open("file", os.O_RDONLY, dir_fd=fixture),
    }
    found = in_worker(attempts)
    os.close(fixture)
    assert found == {**dict.fromkeys(attempts, "EACCES"), "inherited folder": "EBADF"}


def test_no_writing(folder: Path) -> None:
    file, new = folder / "file", folder / "new"
    attempts: Attempts = {
        "create": lambda: new.write_text("x"),
        "append": lambda: file.open("a"),
        "update": lambda: file.open("r+"),
        "temporary": lambda: os.open(folder, os.O_TMPFILE | os.O_RDWR),
        "shared memory": lambda: os.open("/dev/shm/phiscan-test", os.O_CREAT | os.O_RDWR),
        "package": lambda: os.open(seccomp.__file__, os.O_RDWR),
        "truncate": lambda: os.truncate(file, 0),
        "unlink": lambda: file.unlink(),
        "rmdir": lambda: (folder / "sub").rmdir(),
        "mkdir": lambda: new.mkdir(),
        "rename": lambda: file.rename(new),
        "link": lambda: os.link(file, new),
        "symlink": lambda: new.symlink_to(file),
        "fifo": lambda: os.mkfifo(new),
        "chmod": lambda: file.chmod(0o777),
        "chown": lambda: os.chown(file, 0, 0),
        "utime": lambda: os.utime(file),
        "xattr": lambda: os.setxattr(file, "user.x", b""),
        "chroot": lambda: os.chroot(folder),
    }
    found = in_worker(attempts)
    opened = ("create", "append", "update", "temporary", "shared memory", "package")
    assert found == {name: "EACCES" if name in opened else "EPERM" for name in attempts}
    assert sorted(path.name for path in folder.iterdir()) == ["file", "sub"]
    assert file.read_text() == "secret"


def test_the_file_itself_cannot_be_changed(folder: Path) -> None:
    def task(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        import fcntl
        import struct

        attempts: Attempts = {
            "write": lambda: os.write(fd, b"x"),
            "reopen": lambda: os.open(f"/proc/self/fd/{fd}", os.O_RDWR),
            "truncate": lambda: os.ftruncate(fd, 0),
            "chmod": lambda: os.fchmod(fd, 0o777),
            "chown": lambda: os.fchown(fd, 0, 0),
            "times": lambda: os.utime(fd),
            "flags": lambda: fcntl.ioctl(fd, 0x40086602, struct.pack("l", 0)),  # FS_IOC_SETFLAGS
            "lock": lambda: fcntl.flock(fd, fcntl.LOCK_EX),
            "lease": lambda: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK),
            "owner": lambda: fcntl.fcntl(fd, fcntl.F_SETOWN, os.getppid()),
            "xattr": lambda: os.setxattr(fd, "user.x", b""),
        }
        return {name: _outcome(attempt) for name, attempt in attempts.items()}, []

    path = folder / "file"
    before = path.stat()
    with Pool(task, 1) as workers:
        (result,) = workers.run([Job(os.open(path, os.O_RDONLY), {}, None, 60.0)])
    assert result.meta == {
        "write": "EBADF",
        "reopen": "EACCES",
        "truncate": "EINVAL",
        "chmod": "EPERM",
        "chown": "EPERM",
        "times": "EPERM",
        "flags": "ENOTTY",
        "lock": "EPERM",
        "lease": "EPERM",
        "owner": "EPERM",
        "xattr": "EPERM",
    }
    after = path.stat()
    assert (after.st_mode, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_mode,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )


def test_no_programs_and_no_processes() -> None:
    import subprocess

    true = "/bin/true"
    attempts: Attempts = {
        "fork": os.fork,
        "exec": lambda: os.execv(true, [true]),
        "spawn": lambda: os.posix_spawn(true, [true], {}),
        "subprocess": lambda: subprocess.run([true], check=False),
        "shell": lambda: os.system(true) and "no",
        "kill the supervisor": lambda: os.kill(os.getppid(), signal.SIGKILL),
        "kill the group": lambda: os.kill(0, signal.SIGKILL),
        "kill all": lambda: os.kill(-1, signal.SIGKILL),
        "probe init": lambda: os.kill(1, 0),
        "trace": lambda: _raw(101, 16, os.getppid()),
        "limit the supervisor": lambda: _raw(302, os.getppid(), 7, 0, 0),
        "outlive the supervisor": lambda: _raw(157, 1, 0),
        "show itself": lambda: _raw(157, 4, 1),
    }
    if platform.machine() != "x86_64":
        for name in ("trace", "limit the supervisor", "outlive the supervisor", "show itself"):
            del attempts[name]
    assert in_worker(attempts) == {**dict.fromkeys(attempts, "EPERM"), "shell": "no"}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86_64")
def test_every_denied_call_is_denied() -> None:
    attempts: Attempts = {
        name: functools.partial(_raw, numbers[0]) for name, numbers in seccomp._DENIED.items() if numbers[0] is not None
    }
    attempts["clone3"] = lambda: _raw(435)
    attempts["newer than known"] = lambda: _raw(seccomp._NEWEST + 1)
    attempts["x32"] = lambda: _raw(0x40000000 + 39)
    expected = {**dict.fromkeys(attempts, "EPERM"), "clone3": "ENOSYS", "newer than known": "ENOSYS"}
    assert in_worker(attempts) == expected


def test_what_parsers_need_works() -> None:
    def memfd() -> object:
        fd = os.memfd_create("member")
        os.write(fd, b"0123456789")
        os.ftruncate(fd, 4)
        with open(fd, "rb") as file:
            file.seek(0)
            return file.read().decode()

    def thread() -> object:
        seen: list[int] = []
        started = threading.Thread(target=seen.append, args=(1,))
        started.start()
        started.join()
        return seen

    def null() -> object:
        with open(os.devnull, "w", encoding="ascii") as file:
            return file.write("x")

    attempts: Attempts = {
        "memfd": memfd,
        "thread": thread,
        "null": null,
        "random": lambda: len(os.urandom(8)),
        "zone": lambda: str(__import__("zoneinfo").ZoneInfo("Europe/Paris")),
        "signal": lambda: os.kill(os.getpid(), 0),
        "library": lambda: __import__("ctypes.util").util.find_library("c"),
        "no library": lambda: __import__("ctypes.util").util.find_library("phiscan"),
        "temporary folder": lambda: __import__("tempfile").gettempdir(),
        "spooled": lambda: __import__("tempfile").SpooledTemporaryFile(10).write(b"x"),
        "package": lambda: len(os.listdir(Path(seccomp.__file__).parent)) > 3,
    }
    assert in_worker(attempts) == {
        "memfd": "0123",
        "thread": [1],
        "null": 1,
        "random": 8,
        "zone": "Europe/Paris",
        "signal": None,
        "library": "libc.so.6",
        "no library": None,
        "temporary folder": "/tmp",
        "spooled": 1,
        "package": True,
    }


def test_a_memfd_cannot_outgrow_the_memory_limit() -> None:
    def grow() -> object:
        fd = os.memfd_create("member")
        os.ftruncate(fd, 64 << 20)
        os.ftruncate(fd, (64 << 20) + 1)
        return "grown"

    assert in_worker({"grow": grow}, memory=64 << 20) == {"grow": "EFBIG"}


def test_no_privilege_is_left() -> None:
    fields = ("Name", "CapInh", "CapEff", "CapPrm", "CapAmb", "NoNewPrivs", "Seccomp")

    def task(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        return {"status": os.read(fd, 10_000).decode()}, []

    with Pool(task, 1) as workers:
        workers.active()
        status = os.open(f"/proc/{workers._children[0].pid}/status", os.O_RDONLY)
        (result,) = workers.run([Job(status, {}, None, 60.0)])
    assert result.meta is not None
    lines = dict(line.split(":\t", 1) for line in result.meta["status"].splitlines() if ":\t" in line)
    kept = "0000000000000004" if os.geteuid() == 0 else "0" * 16  # CAP_DAC_READ_SEARCH: a Python in a closed home
    assert {field: lines[field] for field in fields} == {
        "Name": "phiscan-worker",
        "CapInh": "0" * 16,
        "CapEff": kept,
        "CapPrm": kept,
        "CapAmb": "0" * 16,
        "NoNewPrivs": "1",
        "Seccomp": "2",
    }


def test_without_landlock_seccomp_still_denies_writing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda libc: 0)
    attempts: Attempts = {
        "read": lambda: (folder / "file").read_text(),
        "create": lambda: (folder / "new").write_text("x"),
        "append": lambda: (folder / "file").open("a"),
        "unlink": lambda: (folder / "file").unlink(),
        "socket": lambda: socket.socket(),
        "active": active,
    }
    assert in_worker(attempts) == {
        "read": "secret",
        "create": "EACCES",
        "append": "EACCES",
        "unlink": "EPERM",
        "socket": "EPERM",
        "active": {"limits": True, "no_new_privs": True, "capabilities": True, "landlock": 0, "seccomp": True},
    }


@pytest.mark.skipif(not landlock.version(ctypes.CDLL(None)), reason="no Landlock here")
def test_without_seccomp_landlock_still_denies(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phiscan.isolate.seccomp.platform.machine", lambda: "riscv64")
    attempts: Attempts = {
        "read": lambda: (folder / "file").read_text(),
        "create": lambda: (folder / "new").write_text("x"),
        "unlink": lambda: (folder / "file").unlink(),
        "exec": lambda: os.execv("/bin/true", ["/bin/true"]),
        "seccomp": lambda: active()["seccomp"],
    }
    found = in_worker(attempts)
    assert found == {**dict.fromkeys(attempts, "EACCES"), "seccomp": False}


@pytest.mark.skipif(not landlock.version(ctypes.CDLL(None)), reason="no Landlock here")
@pytest.mark.parametrize("abi", [1, 2, 3, 4, 5, 6])
def test_older_landlocks(folder: Path, monkeypatch: pytest.MonkeyPatch, abi: int) -> None:
    real = landlock.version(ctypes.CDLL(None))
    monkeypatch.setattr(landlock, "version", lambda libc: min(abi, real))
    attempts: Attempts = {
        "read": lambda: (folder / "file").read_text(),
        "create": lambda: (folder / "new").write_text("x"),
        "landlock": lambda: active()["landlock"],
    }
    assert in_worker(attempts) == {"read": "EACCES", "create": "EACCES", "landlock": min(abi, real)}


def test_what_is_readable_is_libraries_only() -> None:
    folders = {path for path in default_readable() if os.path.isdir(path)}
    package = str(Path(seccomp.__file__).parents[1])
    assert package in folders
    for path in ("/", "/etc", "/home", "/root", "/tmp", "/usr", "/var", os.getcwd(), str(Path(package).parent)):
        assert path not in folders


def run_filter(program: list[seccomp.Instruction], arch: int, number: int, arguments: tuple[int, ...] = ()) -> int:
    """Interpret a filter as the kernel does."""
    words = {0: number, 4: arch} | {16 + 8 * index: value for index, value in enumerate(arguments)}
    at = accumulator = 0
    while True:
        code, yes, no, operand = program[at]
        at += 1
        if code == 0x20:
            accumulator = words.get(operand, 0)
        elif code == 0x06:
            return operand
        else:
            truth = {0x15: accumulator == operand, 0x35: accumulator >= operand, 0x45: bool(accumulator & operand)}
            at += yes if truth[code] else no


ALLOW, EPERM, EACCES, ENOSYS, KILL = 0x7FFF0000, 0x50001, 0x5000D, 0x50026, 0x80000000


@pytest.mark.parametrize(("machine", "column", "arch"), [("x86_64", 0, 0xC000003E), ("aarch64", 1, 0xC00000B7)])
def test_the_filter_of_each_architecture(machine: str, column: int, arch: int) -> None:
    program = seccomp.program(machine, 4242, read_only=False)
    strict = seccomp.program(machine, 4242, read_only=True)

    def ask(name: str, *arguments: int, filters: list[seccomp.Instruction] = program) -> int:
        number = seccomp._RULED[name][column]
        assert number is not None
        return run_filter(filters, arch, number, arguments)

    denied = {numbers[column] for numbers in seccomp._DENIED.values()} - {None}
    ruled = {numbers[column] for numbers in seccomp._RULED.values()} - {None}
    for number in range(seccomp._NEWEST + 1):
        expected = EPERM if number in denied else ENOSYS if number == 435 else ALLOW
        if number not in ruled:
            assert run_filter(program, arch, number) == expected, number
    assert run_filter(program, arch, 467) == run_filter(program, arch, 5000) == ENOSYS
    assert run_filter(program, 0x40000003, 1) == KILL  # i386
    assert (ask("clone", 0x3D0F00), ask("clone", 0x1200011)) == (ALLOW, EPERM)
    assert (ask("kill", 4242), ask("kill", 1), ask("kill", 0), ask("kill", 0xFFFFFFFF)) == (ALLOW, EPERM, EPERM, EPERM)
    assert (ask("tgkill", 4242), ask("tgkill", 1)) == (ALLOW, EPERM)
    assert (ask("prlimit64", 0), ask("prlimit64", 1)) == (ALLOW, EPERM)
    assert (ask("openat", 0, 0, os.O_RDWR), ask("openat", 0, 0, os.O_RDWR, filters=strict)) == (ALLOW, EACCES)
    assert ask("openat", 0, 0, os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOATIME, filters=strict) == ALLOW
    assert ask("openat", 0, 0, os.O_TMPFILE, filters=strict) == EACCES
    assert run_filter(strict, arch, 437) == ENOSYS


@pytest.mark.parametrize(
    ("column", "header", "pattern"),
    [
        (0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", r"#define __NR_(\w+) (\d+)"),
        (1, "/usr/include/asm-generic/unistd.h", r"#define __NR(?:3264)?_(\w+)\s+(\d+)"),
    ],
)
def test_the_numbers_are_the_kernels(column: int, header: str, pattern: str) -> None:
    if not os.path.exists(header):
        pytest.skip("no kernel headers here")
    known = {name: int(number) for name, number in re.findall(pattern, Path(header).read_text())}
    newer = {"fchmodat2": 452, "setxattrat": 463, "removexattrat": 466}
    for name, numbers in {**seccomp._DENIED, **seccomp._RULED}.items():
        assert known.get(name, newer.get(name)) == numbers[column], name


LIBRARIES = {
    "numpy": "import numpy; numpy.linalg.inv(numpy.eye(50)); numpy.random.default_rng().random(3)",
    "pandas": "import io, pandas; pandas.read_csv(io.StringIO('a,b\\n1,2'))",
    "pyarrow": (
        "import io, pyarrow, pyarrow.compute, pyarrow.csv\n"
        "options = pyarrow.csv.ReadOptions(use_threads=False)\n"
        "pyarrow.csv.read_csv(io.BytesIO(b'a;b\\n' * 100000), read_options=options)"
    ),
    "parquet": (
        "import io, pyarrow, pyarrow.parquet as parquet\nfile = io.BytesIO()\n"
        "parquet.write_table(pyarrow.table({'a': [1]}), file); parquet.read_table(io.BytesIO(file.getvalue()))"
    ),
    "lxml": "from lxml import etree, html; etree.fromstring(b'<a/>'); html.fromstring('<p>x</p>')",
    "pypdfium2": "import pypdfium2; pypdfium2.PdfDocument.new().new_page(9, 9).get_textpage().get_text_range()",
    "python_calamine": "import python_calamine",
    "openpyxl": "import openpyxl; openpyxl.Workbook().active.append([1])",
    "docx": "import io, docx; file = io.BytesIO(); docx.Document().save(file); docx.Document(file)",
    "pptx": "import io, pptx; pptx.Presentation().save(io.BytesIO())",
    "odf": "import odf.opendocument",
    "PIL": "from PIL import Image; Image.new('RGB', (9, 9)).resize((3, 3))",
    "selectolax": "import selectolax.lexbor",
    "ijson": "import io, ijson; list(ijson.items(io.BytesIO(b'[1]'), 'item'))",
    "hyperscan": (
        "import hyperscan; database = hyperscan.Database()\n"
        "database.compile(expressions=[b'a'], ids=[1], elements=1, flags=[0])\n"
        "database.scan(b'a', match_event_handler=lambda *_: None)"
    ),
    "libarchive": "import libarchive",
    "presidio_analyzer": "import presidio_analyzer",
    "email": "import email.policy, mailbox, sqlite3, zipfile, tarfile, lzma, bz2; sqlite3.connect(':memory:')",
    "ssl": "import ssl, asyncio, multiprocessing, mimetypes; mimetypes.guess_type('a.pdf')",
    "spacy": "import spacy; spacy.blank('fr')('Bonjour.')",
    "edsnlp": (
        "import edsnlp\nnlp = edsnlp.blank('eds')\n"
        "nlp.add_pipe('eds.sentences'); nlp.add_pipe('eds.normalizer')\n"
        "nlp.add_pipe('eds.matcher', config={'terms': {'d': ['diabete']}})\n"
        "for pipe in ('negation', 'family', 'hypothesis', 'history'):\n"
        "    nlp.add_pipe('eds.' + pipe)\n"
        'doc = nlp("Le patient n\'a pas de diabete. Pere : diabete.")\n'
        "found = [(bool(span._.negation), bool(span._.family)) for span in doc.ents]\n"
        "assert found == [(True, False), (False, True)], found"
    ),
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_libraries_load_after_lockdown(name: str, tmp_path: Path) -> None:
    """In a fresh interpreter: here other tests may have loaded them already."""
    import importlib.util
    import subprocess
    import sys

    if importlib.util.find_spec("pyarrow" if name == "parquet" else name) is None:
        pytest.skip("not installed")
    script = (
        "import os, sys\nfrom phiscan.isolate import Job, Pool\n"
        "def task(fd, meta):\n    exec(meta['code'], {})\n    return {}, []\n"
        "with Pool(task, 1) as workers:\n"
        "    job = Job(os.open(os.devnull, os.O_RDONLY), {'code': sys.argv[1]}, None, 100.0)\n"
        "    print([(result.failure, result.detail) for result in workers.run([job])])"
    )
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run(
        [sys.executable, "-c", script, LIBRARIES[name]], capture_output=True, text=True, env=environment, check=False
    )
    assert (run.stdout, run.stderr) == ("[(None, '')]\n", "")
    assert list(tmp_path.iterdir()) == []
