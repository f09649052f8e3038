"""What is under way, and what is given up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from phiscan.daemon.examine import Told
from phiscan.daemon.hands import Hands, Task
from phiscan.daemon.intake import Intake, Times
from phiscan.isolate import Job, Result
from phiscan.model import Limits
from phiscan.scan.reading import Local, Reader, Reading, complete
from phiscan.store.ledger import Root

ROOT = Root(id=1, path=b"/srv", device=None, inode=None, walked=None)


def test_a_share_of_what_was_given_up_is_nobodys(tmp_path: Path) -> None:
    """The store failed after the first share of a large table had come in; the table is on its way again since."""
    file = bytes(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_text("a;b;c\n1;2;3\n" * 3_000_000)
    jobs: list[Job] = []
    pool: Any = SimpleNamespace(free=lambda: True, start=jobs.append)
    bugs: list[Exception] = []
    local = Local([bytes(tmp_path)])
    intake = Intake(Times())
    reader = Reader(Limits(), 2, [bytes(tmp_path)])
    hands = Hands(pool, intake, reader, local, lambda entry: (ROOT, Told()), bugs.append, bool)

    def begin() -> list[Result]:
        jobs.clear()
        hands.tasks[file] = Task(ROOT, Told())
        intake.at_once(file)
        hands.give()
        return [Result(job.tag, {}) for job in jobs]

    first, second = begin()
    assert complete(first) is None
    hands.lost([first])
    assert (hands.tasks, intake.under_way) == ({}, {})
    again = begin()
    late = complete(second)
    assert isinstance(late, Reading)
    assert hands.done(late) is None
    assert complete(again[0]) is None
    whole = complete(again[1])
    assert isinstance(whole, Reading)
    assert hands.done(whole) is not None
    assert hands.done(whole) is None


def test_a_bug_in_opening_costs_that_file(tmp_path: Path) -> None:
    """The first share of a large table was opened, then something of ours broke: nothing of it is read."""
    bugs: list[Exception] = []
    jobs: list[Job] = []
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("a;b;c\n1;2;3\n" * 3_000_000)
    pool: Any = SimpleNamespace(free=lambda: True, start=jobs.append)
    reader = Reader(Limits(), 2, [bytes(tmp_path)])
    whole = reader.jobs

    def broken(reading: Reading, source: Local) -> Iterator[Job | None]:
        for job in whole(reading, source):
            yield job
            if reading.place.path.endswith(b"a.csv"):
                raise RuntimeError("a value")

    reader.jobs = broken  # type: ignore[method-assign]
    intake = Intake(Times())
    local = Local([bytes(tmp_path)])
    hands = Hands(pool, intake, reader, local, lambda entry: (ROOT, Told()), bugs.append, bool)
    for path in (bytes(tmp_path / "a.csv"), bytes(tmp_path / "b.csv")):
        hands.tasks[path] = Task(ROOT, Told())
        intake.at_once(path)
    before = len(os.listdir("/proc/self/fd"))
    hands.give()
    assert len(os.listdir("/proc/self/fd")) - before == 2  # of the second file only
    assert [job.tag.place.path[-5:] for job in jobs] == [b"b.csv", b"b.csv"]  # type: ignore[attr-defined]
    (failed,) = hands.failed
    assert (failed.failure, failed.detail, [str(bug) for bug in bugs]) == (
        "crash", "internal error, see the log", ["a value"],
    )  # fmt: skip
    reading = complete(failed)
    assert isinstance(reading, Reading)
    assert hands.done(reading) is not None
    for job in jobs:
        os.close(job.fd)
