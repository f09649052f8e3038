"""The backlog is counted beside the loop, from an index alone."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import event

from phiscan.daemon.counting import Counting
from phiscan.messages import Broken
from phiscan.model import Level, Place
from phiscan.store import Store, backlog, ledger, ledger_sums
from phiscan.store.backlog import Amount
from phiscan.store.ledger import Pending, entry_of
from tests.watching import until

if TYPE_CHECKING:
    import pytest


def fill(store: Store, count: int) -> int:
    """Put files into the ledger that are to be read; return the root."""
    with store.write() as connection:
        root = ledger.root_of(connection, b"/srv").id
        places = (Place(b"/srv/d%d/file-%d.csv" % (n % 97, n), 1, n, n, 1, 1, 0o600, 0, 0) for n in range(count))
        entries = [entry_of(root, one, Level(one.inode % 4), Pending.FOUND) for one in places]
        ledger.put_new(connection, entries)
    return root


def test_what_is_left_is_answered_by_an_index_alone(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/phiscan.db", create=True)
    root = fill(store, 1000)
    asked: list[tuple[str, object]] = []
    event.listen(
        store._engine, "before_cursor_execute", lambda c, cur, statement, values, *_: asked.append((statement, values))
    )
    with store.read() as connection:
        assert backlog.waiting(connection, [root]) == Amount(1000, 499_500, 1000, 0)
        statement, values = next(one for one in asked if "sum" in one[0])
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()  # type: ignore[arg-type]
    steps = [str(row[-1]) for row in plan]
    assert steps == ["SCAN ledger USING COVERING INDEX ledger_backlog"]
    store.close()


def test_what_was_found_is_answered_by_an_index_among_many_files(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/phiscan.db", create=True)
    root = fill(store, 10)
    asked: list[tuple[str, object]] = []
    event.listen(
        store._engine, "before_cursor_execute", lambda c, cur, statement, values, *_: asked.append((statement, values))
    )
    with store.read() as connection:
        assert ledger_sums.found_below(connection, root, b"/srv/d1").identified_health == 0
        statement, values = next(one for one in asked if "severity >" in one[0])
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()  # type: ignore[arg-type]
    assert [str(row[-1]) for row in plan] == ["SEARCH ledger USING INDEX ledger_found (root=? AND path>? AND path<?)"]
    store.close()


def test_asking_does_not_wait_for_the_answer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fill(store, 50)
    go = threading.Event()
    slowly = backlog.waiting

    def wait(connection: sa.Connection, roots: object) -> Amount:
        assert go.wait(60)
        return slowly(connection, roots)  # type: ignore[arg-type]

    monkeypatch.setattr(backlog, "waiting", wait)
    counting = Counting(store)
    began = time.process_time()
    for _ in range(100):
        counting.ask([root])
        assert counting.take() is None
    assert time.process_time() - began < 1.0
    assert sum(thread.name == "counting" for thread in threading.enumerate()) == 1
    go.set()
    assert until(counting.take) == Amount(50, sum(range(50)), 50, 0)
    assert (counting.take(), counting.under_way) == (None, False)
    counting.ask([root])
    assert until(counting.take) == Amount(50, sum(range(50)), 50, 0)
    counting.close()


def test_a_store_that_fails_is_asked_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fill(store, 3)
    counting = Counting(store)
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise Broken("store.io", path="x")

        patch.setattr(backlog, "waiting", fail)
        counting.ask([root])
        thread = counting._thread
        assert thread is not None
        thread.join(60)
        assert (counting.take(), counting.under_way) == (None, False)
    counting.ask([root])
    assert until(counting.take) == Amount(3, 3, 3, 0)
