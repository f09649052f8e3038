"""What is under way, and what is given up."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from phiscan.examine import Told
from phiscan.hands import Hands, Task
from phiscan.intake import Intake, Times
from phiscan.isolate import Job, Result
from phiscan.model import Limits
from phiscan.reading import Local, Reader, Reading, complete
from phiscan.store.ledger import Root

ROOT = Root(id=1, path=b"/srv", device=None, inode=None, walked=None)


def test_a_share_of_what_was_given_up_is_nobodys(tmp_path: Path) -> None:
    """The store failed after the first share of a large table had come in; the table is on its way again since."""
    file = bytes(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_text("a;b;c\n1;2;3\n" * 3_000_000)
    jobs: list[Job] = []
    pool: Any = SimpleNamespace(free=lambda: True, start=jobs.append)
    local = Local([bytes(tmp_path)])
    intake = Intake(Times())
    hands = Hands(pool, intake, Reader(Limits(), 2, [bytes(tmp_path)]), local, lambda entry: (ROOT, Told()), bool)

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
