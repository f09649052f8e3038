"""The pool survives what a file can do to a worker, tells which, and leaves nothing behind."""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from phiscan.errors import PhiscanError, Unreadable
from phiscan.isolate import Job, Pool, Result, confine, pool, priority, report, wire
from phiscan.model import Limits

MIB = 1 << 20
SECRET = "Dupont VIH positif"


def filled(size: int) -> mmap.mmap:
    """Return so many bytes of memory of their own: the heap may have as many left over from the tests before."""
    memory = mmap.mmap(-1, size)
    for _ in range(size // MIB):
        memory.write(b"x" * MIB)
    return memory


def _socket() -> socket.socket:
    """The worker's end of its socketpair, found as a hostile parser could."""
    for number in range(3, 64):
        try:
            return socket.socket(fileno=os.dup(number))
        except OSError:
            continue
    raise AssertionError


def _segv() -> None:
    ctypes.string_at(0)


def _abort() -> None:
    os.abort()


def _leave() -> None:
    os._exit(7)


def _kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hang() -> None:
    while True:
        pass


def _hang_deaf() -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    _hang()


def _swell() -> None:
    kept = []
    while True:
        kept.append(b"x" * MIB)


def _swell_in_c() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while True:
        libc.memset(ctypes.c_void_p(libc.malloc(16 * MIB)), 1, 16 * MIB)


def _swell_at_once() -> None:
    bytearray(b"x") * (64 << 30)


def _swell_memfds() -> None:
    while True:
        fd = os.memfd_create("member")
        for _ in range(16):
            os.write(fd, bytes(MIB))


def _nonsense() -> None:
    _socket().sendall(b"nonsense and nothing but nonsense")
    _hang()


def _lie_about_size() -> None:
    _socket().sendall(wire.HEAD.pack(wire.ANSWER, 4, 1 << 62))
    _hang()


def _not_json() -> None:
    _socket().sendall(wire.HEAD.pack(wire.ANSWER, 4, 0) + b"\x80\x04K.")
    _hang()


def _deep_json() -> None:
    text = b"[" * 200_000
    _socket().sendall(wire.HEAD.pack(wire.ANSWER, len(text), 0) + text)
    _hang()


def _wrong_arrays() -> None:
    text = json.dumps({"body": {}, "arrays": [-1, 4], "note": {}}).encode()
    _socket().sendall(wire.HEAD.pack(wire.ANSWER, len(text), 3) + text + b"abc")
    _hang()


def _invented_reason() -> None:
    wire.send(_socket(), wire.FAILED, {"reason": SECRET, "detail": SECRET})
    _hang()


def _terminal_detail() -> None:
    wire.send(_socket(), wire.FAILED, {"reason": "malformed", "detail": "\x1b[2Jé"})
    os._exit(0)


def _hang_up() -> None:
    _socket().shutdown(socket.SHUT_RDWR)
    _hang()


def _raise() -> None:
    raise ValueError(SECRET)


def _unreadable() -> None:
    raise Unreadable("malformed", "xref table not found")


DEEDS: dict[str, Callable[[], None]] = {
    deed.__name__: deed
    for deed in (
        *(_segv, _abort, _leave, _kill_itself, _hang, _hang_deaf, _swell, _swell_in_c, _swell_at_once),
        *(_swell_memfds, _nonsense, _lie_about_size, _not_json, _deep_json, _wrong_arrays, _invented_reason),
        *(_terminal_detail, _hang_up, _raise, _unreadable),
    )
}


def task(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[bytes | memoryview]]:
    if deed := meta.get("deed"):
        DEEDS[deed]()
    return {"read": os.read(fd, 100).decode(), "meta": meta, "pid": os.getpid()}, []


@pytest.fixture
def content(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("hello")
    return path


def job(path: Path, tag: object = None, timeout: float = 30.0, **meta: Any) -> Job:
    return Job(os.open(path, os.O_RDONLY), meta, tag, timeout)


def outcome(result: Result) -> tuple[object, str | None, str | None, str]:
    return result.tag, None if result.meta is None else result.meta["read"], result.failure, result.detail


def open_files() -> list[str]:
    return sorted(os.listdir("/proc/self/fd"))


def children() -> str:
    return Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text()


@pytest.mark.parametrize(
    ("deed", "failure", "detail"),
    [
        ("_segv", "crash", "the worker was ended by SIGSEGV"),
        ("_abort", "crash", "the worker was ended by SIGABRT"),
        ("_leave", "crash", "the worker ended with status 7"),
        ("_kill_itself", "crash", "the worker was ended by SIGKILL"),
        ("_swell_at_once", "memory", "out of memory"),
        ("_nonsense", "crash", "the worker answered nonsense"),
        ("_lie_about_size", "crash", "the worker answered nonsense"),
        ("_not_json", "crash", "the worker answered nonsense"),
        ("_deep_json", "crash", "the worker answered nonsense"),
        ("_wrong_arrays", "crash", "the worker answered nonsense"),
        ("_invented_reason", "crash", "the worker answered nonsense"),
        ("_terminal_detail", "malformed", ""),
        ("_hang_up", "crash", "the worker hung up"),
        ("_raise", "crash", "unexpected ValueError"),
        ("_unreadable", "malformed", "xref table not found"),
    ],
)
def test_a_worker_that_fails_costs_its_own_job_only(content: Path, deed: str, failure: str, detail: str) -> None:
    with Pool(task, 1) as workers:
        jobs = [job(content, 0), job(content, 1, deed=deed), job(content, 2)]
        assert list(map(outcome, workers.run(jobs))) == [
            (0, "hello", None, ""),
            (1, None, failure, detail),
            (2, "hello", None, ""),
        ]


@pytest.mark.parametrize("deed", ["_hang", "_hang_deaf"])
def test_a_worker_past_its_time_is_killed(content: Path, deed: str) -> None:
    with Pool(task, 1) as workers:
        start = time.monotonic()
        results = list(workers.run([job(content, 0, 0.3, deed=deed), job(content, 1)]))
        assert [outcome(result) for result in results] == [
            (0, None, "timeout", "not finished after 0.3 s"),
            (1, "hello", None, ""),
        ]
        assert 0.3 <= time.monotonic() - start < 3


@pytest.mark.parametrize("deed", ["_swell", "_swell_in_c", "_swell_memfds"])
def test_a_worker_over_its_memory_is_killed(content: Path, deed: str) -> None:
    if deed == "_swell_memfds" and os.geteuid():
        pytest.skip("only root sees the memfds of a worker")
    with Pool(task, 1, Limits(memory=100 * MIB)) as workers:
        results = list(workers.run([job(content, 0, deed=deed), job(content, 1)]))
    assert [outcome(result) for result in results] == [
        (0, None, "memory", "over the memory limit"),
        (1, "hello", None, ""),
    ]


def test_a_death_that_an_earlier_file_caused_is_not_charged_to_the_next(content: Path) -> None:
    poisoned: list[bool] = []

    def poison(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        read = os.read(fd, 100)
        if poisoned:
            _segv()
        if meta.get("poison"):
            poisoned.append(True)
        return {"read": read.decode()}, []

    before = open_files()
    with Pool(poison, 1) as workers:
        jobs = [job(content, 0, poison=True), job(content, 1), job(content, 2)]
        assert list(map(outcome, workers.run(jobs))) == [(tag, "hello", None, "") for tag in range(3)]
    assert open_files() == before


def test_the_others_go_on_while_one_hangs(content: Path) -> None:
    with Pool(task, 2) as workers:
        jobs = [job(content, "bad", 0.5, deed="_hang"), *(job(content, tag) for tag in range(100))]
        tags = [result.tag for result in workers.run(jobs)]
    assert tags == [*range(100), "bad"]


def test_large_answers_come_whole(content: Path) -> None:
    numpy = pytest.importorskip("numpy")

    def many(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        return {"é": "\udce9"}, [bytes(range(256)) * 80_000, b"", numpy.arange(3, dtype="<u8"), memoryview(b"end")]

    with Pool(many, 2) as workers:
        results = list(workers.run(job(content, tag) for tag in range(6)))
    assert sorted(result.tag for result in results) == list(range(6))  # type: ignore[type-var]
    for result in results:
        assert result.meta == {"é": "\udce9"}
        assert result.arrays == [
            bytes(range(256)) * 80_000,
            b"",
            bytes([0] * 8 + [1] + [0] * 7 + [2] + [0] * 7),
            b"end",
        ]


def test_a_slow_consumer_costs_no_answer(content: Path) -> None:
    def large(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        return {}, [bytes(20 * MIB)]

    with Pool(large, 2) as workers:
        failures = []
        for result in workers.run(job(content, tag, 1.0) for tag in range(4)):
            time.sleep(1.2)
            failures.append(result.failure)
    assert failures == [None] * 4


def test_an_answer_too_large_is_told(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_ANSWER", 1000)
    with Pool(lambda fd, meta: ({}, [bytes(1001)]), 1) as workers:
        (result,) = workers.run([job(content)])
    assert (result.failure, result.detail) == ("memory", "answer too large")


def test_an_answer_that_is_no_json_is_told(content: Path) -> None:
    with Pool(lambda fd, meta: ({"a": object()}, []), 1) as workers:
        (result,) = workers.run([job(content)])
    assert (result.failure, result.detail) == (
        "crash",
        f"unexpected TypeError in phiscan.isolate.wire:{_dumps_line()}",
    )


def _dumps_line() -> int:
    lines = Path(str(wire.__file__)).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if "text = json.dumps(whole" in line)


def test_no_value_in_what_a_result_says(content: Path) -> None:
    with Pool(task, 1) as workers:
        results = list(workers.run([job(content, deed="_raise"), job(content, deed="_invented_reason"), job(content)]))
    assert [repr(result) for result in results] == ["<Result crash>", "<Result crash>", "<Result answered>"]
    assert SECRET not in str([(result.failure, result.detail) for result in results])


def test_nothing_a_task_prints_is_seen(content: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def loud(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        import logging
        import warnings

        print(SECRET, flush=True)
        print(SECRET, file=sys.stderr, flush=True)
        os.write(1, SECRET.encode())
        os.write(2, SECRET.encode())
        logging.getLogger("loud").error(SECRET)
        warnings.warn(SECRET, stacklevel=1)
        thread = threading.Thread(target=_raise)
        thread.start()
        thread.join()
        return {"stdin": sys.stdin.read()}, []

    with Pool(loud, 1) as workers:
        assert [result.meta for result in workers.run([job(content)])] == [{"stdin": ""}]
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_thousands_of_jobs_leak_no_descriptor(content: Path) -> None:
    before, offspring = open_files(), children()
    with Pool(task, 2) as workers:
        busy = set()
        count = 0
        for result in workers.run(job(content, tag) for tag in range(3000)):
            assert result.meta is not None
            count += 1
            busy.add(result.meta["pid"])
        assert count == 3000
        assert len(busy) >= 3000 // pool._RECYCLE_FILES
    assert open_files() == before
    assert children() == offspring


def test_failures_leak_nothing_either(content: Path) -> None:
    before, offspring = open_files(), children()
    with Pool(task, 2) as workers:
        deeds = ["_segv", "_leave", "_raise", "_nonsense", "_hang_up", ""] * 4
        results = list(workers.run(job(content, deed=deed) for deed in deeds))
        assert sum(result.failure is None for result in results) == 4
        assert len(workers._children) == 2
    assert open_files() == before
    assert children() == offspring


def test_a_parser_that_leaks_descriptors_is_replaced(content: Path) -> None:
    def leak(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        for _ in range(30):
            os.dup(fd)
        return {"pid": os.getpid()}, []

    with Pool(leak, 1) as workers:
        pids = [result.meta["pid"] for result in workers.run(job(content) for _ in range(9)) if result.meta]
    assert len(pids) == 9
    assert len(set(pids)) == 5  # the second file takes a worker past 64


def test_a_task_may_close_its_file(content: Path) -> None:
    def close(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        with os.fdopen(fd, "rb") as file:
            return {"read": file.read().decode(), "next": os.open("/dev/null", os.O_RDONLY)}, []

    with Pool(close, 1) as workers:
        results = list(workers.run(job(content) for _ in range(3)))
    assert [result.meta and result.meta["read"] for result in results] == ["hello"] * 3


def test_workers_are_replaced_after_a_number_of_files(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_RECYCLE_FILES", 3)
    with Pool(task, 1) as workers:
        pids = [result.meta["pid"] for result in workers.run(job(content) for _ in range(9)) if result.meta]
    assert [pids.index(pid) for pid in pids] == [0, 0, 0, 3, 3, 3, 6, 6, 6]


def test_workers_are_replaced_when_they_have_grown(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_RECYCLE_GROWTH", 60 * MIB)
    kept: list[mmap.mmap] = []

    def grow(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        kept.append(filled(40 * MIB))
        return {"kept": len(kept)}, []

    with Pool(grow, 1) as workers:
        assert [result.meta for result in workers.run(job(content) for _ in range(4))] == [
            {"kept": 1},
            {"kept": 2},
            {"kept": 1},
            {"kept": 2},
        ]


def test_a_library_loaded_is_no_growth(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_RECYCLE_GROWTH", 60 * MIB)
    sys.modules.pop("phiscan_test_library", None)

    def load(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        import types

        if "phiscan_test_library" not in sys.modules:
            library: Any = types.ModuleType("phiscan_test_library")
            library.data = filled(100 * MIB)
            sys.modules[library.__name__] = library
        return {"pid": os.getpid()}, []

    with Pool(load, 1) as workers:
        assert len({result.meta["pid"] for result in workers.run(job(content) for _ in range(4)) if result.meta}) == 1


def test_progress_is_told(content: Path) -> None:
    def slow(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        for done in range(1, 6):
            report(done * 1000)
            time.sleep(0.11)
        return {}, []

    for count in (0, 1):
        seen: list[tuple[object, int]] = []
        with Pool(slow, count) as workers:
            (result,) = workers.run([job(content, "tag")], progress=lambda *told: seen.append(told))  # noqa: B023
        assert result.failure is None
        assert seen == [("tag", 1000), ("tag", 2000), ("tag", 3000), ("tag", 4000), ("tag", 5000)]


def test_progress_is_thinned_out(content: Path) -> None:
    def fast(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        for done in range(100_000):
            report(done)
        return {}, []

    seen = []
    with Pool(fast, 1) as workers:
        list(workers.run([job(content)], progress=lambda _, done: seen.append(done)))
    assert seen[0] == 0
    assert len(seen) < 100


def test_jobs_are_pulled_as_workers_come_free(content: Path) -> None:
    pulled = []

    def jobs() -> Iterator[Job]:
        for tag in range(20):
            pulled.append(tag)
            yield job(content, tag)

    with Pool(task, 2) as workers:
        iterator = workers.run(jobs())
        next(iterator)
        assert len(pulled) <= 4
        assert len(list(iterator)) == 19
    assert pulled == list(range(20))


def test_a_source_may_have_nothing_yet(content: Path) -> None:
    def jobs() -> Iterator[Job | None]:
        yield None
        yield job(content, 0)
        yield None
        yield None
        yield job(content, 1)
        yield None

    for count in (0, 2):
        with Pool(task, count) as workers:
            assert sorted(result.tag for result in workers.run(jobs())) == [0, 1]  # type: ignore[type-var]


def test_a_source_that_raises_ends_the_running_jobs(content: Path) -> None:
    def jobs() -> Iterator[Job]:
        yield job(content, 0, deed="_hang")
        raise KeyError("walk")

    before = open_files()
    with Pool(task, 2) as workers:
        with pytest.raises(KeyError, match="walk"):
            list(workers.run(jobs()))
        assert list(map(outcome, workers.run([job(content, 1)]))) == [(1, "hello", None, "")]
    assert open_files() == before


def test_an_iterator_closed_early_ends_its_jobs(content: Path) -> None:
    before, offspring = open_files(), children()
    with Pool(task, 2) as workers:
        iterator = workers.run([job(content, 0, deed="_hang"), *(job(content, tag) for tag in range(1, 4))])
        assert next(iterator).tag == 1
        iterator.close()  # type: ignore[attr-defined]
        results = list(workers.run([job(content, 7), job(content, 8)]))
        assert sorted(result.tag for result in results) == [7, 8]  # type: ignore[type-var]
    for number in set(open_files()) - set(before):  # the jobs of the list nobody pulled
        os.close(int(number))
    assert children() == offspring


def test_a_worker_killed_while_idle_costs_nothing(content: Path) -> None:
    with Pool(task, 1) as workers:
        assert [outcome(result) for result in workers.run([job(content, 0)])] == [(0, "hello", None, "")]
        os.kill(workers._children[0].pid, signal.SIGKILL)
        assert [outcome(result) for result in workers.run([job(content, 1)])] == [(1, "hello", None, "")]


def test_the_largest_job_passes_and_a_larger_one_is_refused(content: Path) -> None:
    room = wire.MOST_JOB - wire.JOB.size - len('{"x":""}')
    before = open_files()
    with Pool(task, 1) as workers:
        (result,) = workers.run([job(content, x="a" * room)])
        assert result.meta is not None
        assert len(result.meta["meta"]["x"]) == room
        with pytest.raises(ValueError, match="128 KiB"):
            list(workers.run([job(content, x="a" * (room + 1))]))
    assert open_files() == before


def test_workers_that_cannot_start_end_the_run(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confine, "_limit", lambda memory: 1 / 0)
    before, offspring = open_files(), children()
    with Pool(task, 2) as workers, pytest.raises(PhiscanError, match="die as they start"):
        workers.active()
    assert open_files() == before
    assert children() == offspring


def test_a_fork_refused_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("phiscan.isolate.child.os.fork", refuse)
    before = open_files()
    with pytest.raises(PhiscanError, match="cannot start a worker process: Resource temporarily unavailable"):
        Pool(task, 1).__enter__()
    assert open_files() == before


def test_inline(content: Path) -> None:
    before = open_files()
    with Pool(task, 0) as workers:
        jobs = [job(content, 0), job(content, 1, deed="_raise"), job(content, 2, deed="_unreadable")]
        assert list(map(outcome, workers.run(jobs))) == [
            (0, "hello", None, ""),
            (1, None, "crash", "unexpected ValueError"),
            (2, None, "malformed", "xref table not found"),
        ]
        assert workers.active() == {}
    assert open_files() == before


def test_workers_inherit_what_the_task_holds_and_no_descriptor(content: Path) -> None:
    ruleset = {"compiled": object()}
    secret = os.open(content, os.O_RDONLY)

    def look(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        numbers = []
        for number in range(256):
            try:
                numbers.append((number, os.fstat(number).st_rdev))
            except OSError:
                continue
        null = os.stat("/dev/null").st_rdev
        streams = [number for number, device in numbers if device == null]
        return {"held": list(ruleset), "streams": streams, "others": len(numbers) - len(streams)}, []

    with Pool(look, 2) as workers:
        results = [result.meta for result in workers.run(job(content) for _ in range(4))]
    os.close(secret)
    for meta in results:
        assert meta is not None
        assert meta["held"] == ["compiled"]
        assert meta["streams"][:3] == [0, 1, 2]
        assert meta["others"] == 2  # the file and the socket


SCRIPT = """
import os, signal, sys
from phiscan.isolate import Job, Pool
def task(fd, meta):
    while True:
        pass
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell runs the tests in the background
pool = Pool(task, 2).__enter__()
pool.active()
print(*(child.pid for child in pool._children), flush=True)
try:
    for _ in pool.run(Job(os.open(os.devnull, os.O_RDONLY), {}, None, 60.0) for _ in range(2)):
        pass
except KeyboardInterrupt:
    pool.close()
    print("closed", flush=True)
"""


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [(signal.SIGINT, 0, "closed\n"), (signal.SIGTERM, -signal.SIGTERM, ""), (signal.SIGKILL, -signal.SIGKILL, "")],
)
def test_workers_end_with_their_supervisor(number: signal.Signals, status: int, said: str) -> None:
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2
    for pid in pids:  # a terminal sends it to the whole group, systemd to the whole unit
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)
    time.sleep(0.1)
    assert [Path(f"/proc/{pid}/comm").read_text() for pid in pids] == ["phiscan-worker\n"] * 2
    parent.send_signal(number)
    assert parent.communicate(timeout=10)[0] == said
    assert parent.returncode == status
    for _ in range(200):
        if not any(_alive(pid) for pid in pids):
            break
        time.sleep(0.01)
    assert [pid for pid in pids if _alive(pid)] == []


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] not in "ZX"
    except FileNotFoundError:
        return False


def _scheduled(pid: int) -> tuple[int, int]:
    """Return how a process is scheduled: its class on the disk (3 is idle), and its niceness."""
    number = {"x86_64": 252, "aarch64": 31}[os.uname().machine]
    return ctypes.CDLL(None).syscall(number, 1, pid, 0) >> 13, os.getpriority(os.PRIO_PROCESS, pid)


@pytest.mark.skipif(os.uname().machine not in ("x86_64", "aarch64"), reason="ioprio_get has another number here")
def test_what_makes_way_for_everybody_and_what_does_not(content: Path) -> None:
    def asleep(fd: int, meta: dict[str, Any]) -> tuple[dict[str, Any], list[bytes | memoryview]]:
        time.sleep(0.3)
        return {"pid": os.getpid()}, []

    found = []
    with Pool(asleep, 1) as workers:
        for idle in (False, True, False):
            while not workers.free():
                workers.turn(0.1)
            workers.start(Job(os.open(content, os.O_RDONLY), {}, idle, 30.0, idle=idle))
            (child,) = workers._children
            found.append(_scheduled(child.pid))
            while not workers.turn(0.1):
                pass
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    lowered = min(19, nice + 5) if priority.reversible() else nice
    assert found == [(0, nice), (3, lowered), (0, nice)]


def test_the_processor_is_only_given_up_where_we_get_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    for limit, answer in ((20 - nice, True), (resource.RLIM_INFINITY, True)):
        priority.reversible.cache_clear()
        monkeypatch.setattr(resource, "getrlimit", lambda _, limit=limit: (limit, limit))
        assert priority.reversible() is answer
    priority.reversible.cache_clear()
    monkeypatch.setattr(resource, "getrlimit", lambda _: (0, 0))
    status = Path("/proc/self/status").read_text()
    capable = int(status.partition("CapEff:")[2].split()[0], 16) >> 23 & 1
    assert priority.reversible() is bool(capable)
    priority.reversible.cache_clear()


def test_jobs_that_are_given_up_say_nothing_and_leave_nothing(content: Path) -> None:
    before, offspring, tag = open_files(), children(), object()
    with Pool(task, 2) as workers:
        while not workers.free():
            workers.turn(0.1)
        workers.start(job(content, tag, deed="_hang"))
        workers.start(job(content, "other", deed="_hang"))
        assert workers.tags() == [tag, "other"]
        workers.cancel(tag)
        assert workers.tags() == ["other"]
        workers.start(job(content, "next"))
        results: list[Result] = []
        while not results:
            results = workers.turn(0.1)
        assert list(map(outcome, results)) == [("next", "hello", None, "")]
        workers.cancel("other")
    assert open_files() == before
    assert children() == offspring
