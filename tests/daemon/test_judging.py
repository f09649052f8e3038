"""What is judged again without reading: a part of it that brings out a bug rests, and begins anew."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from phiscan.daemon.judging import Judging
from phiscan.daemon.sparing import Parts
from phiscan.judge import Facts
from phiscan.model import Level
from phiscan.source.walk import place_of
from phiscan.store import Store, ledger
from phiscan.store.ledger import entry_of

if TYPE_CHECKING:
    from sqlalchemy import Connection


@pytest.mark.parametrize("part", ["rules", "ends", "services"])
def test_what_rests_is_not_waited_for(store: Store, tmp_path: Path, part: str) -> None:
    clock, errors, judged = [0.0], list[Exception](), list[str]()
    folder = bytes(tmp_path)

    def sparing(connection: Connection, path: bytes) -> AbstractContextManager[None]:
        if clock[0] < 50 and path.endswith(b"b"):
            raise ValueError
        return nullcontext()

    def judge(connection: Connection, root: Any, entry: ledger.Entry, *rest: Any) -> None:
        judged.append(entry.path.decode()[-1])
        ledger.put(connection, replace(entry, rules="new"))

    with store.write() as connection:
        root = ledger.root_of(connection, folder)
        for name in "ab":
            (tmp_path / name).touch()
            entry = entry_of(root.id, place_of(bytes(tmp_path / name), (tmp_path / name).stat()), Level.RESTRICTED)
            rules = "old" if part == "rules" else "new"
            ledger.put(connection, replace(entry, rules=rules, facts=Facts(Level.RESTRICTED), read=1.0))
    one = SimpleNamespace(path=folder, root=root)
    daemon: Any = SimpleNamespace(
        around=None,
        watched=[one],
        sparing=sparing,
        root_of=lambda path: one,
        examiner=SimpleNamespace(
            judging="new",
            exposure=lambda root, place: SimpleNamespace(level=Level.PUBLIC),
            judge_again=judge,
            left_over=judge,
            declared=SimpleNamespace(
                today=lambda: date(2026, 11, 26), ended=lambda: [folder] if part == "ends" else []
            ),
        ),
    )
    judging = Judging(daemon, Parts(errors.append, lambda: clock[0]))
    with store.write() as connection:
        judging.begin(connection)
        if part == "services":
            judging.services._add([folder])
        waited = []
        for clock[0] in (0.0, 1.0, 59.0, 60.0, 61.0):
            waited.append(judging.waiting())
            judging.turn(connection)
    first = part != "ends"  # nobody knows of a day before it is looked at
    assert waited[0] is first
    assert waited[1:3] == [False, False]
    assert waited[3] is True
    assert judging.waiting() is False
    assert judged == ["a", "a", "b"]  # what had been judged before the bug was undone
    assert [type(error) for error in errors] == [ValueError]
