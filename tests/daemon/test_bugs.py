"""A bug of ours that one file brings out costs that file: a gap that is seen, and a daemon that goes on."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import DataError, IntegrityError, InvalidRequestError, OperationalError, StatementError

from phiscan.daemon.sparing import Parts, of_the_store, spared
from phiscan.messages import Broken
from phiscan.model import Gap
from phiscan.store import Store, ledger
from phiscan.store.schema import meta
from tests.running import phiscan
from tests.watching import Watch, table, until

Make = Callable[..., Watch]
VALUE = "285037800608409"


def rows(watch: Watch) -> dict[str, tuple[str | None, tuple[Gap, ...]]]:
    """Return status and gaps of each file."""
    with watch.store() as store, store.read() as connection:
        root = ledger.root_of(connection, bytes(watch.srv)).id
        found = ledger.below(connection, root, bytes(watch.srv), b"", ledger.last_id(connection))
    return {Path(row.path.decode()).name: (row.status, row.gaps) for row in found}


GAP = ("gap", (Gap("extract", "crash", "internal error, see the log"),))
READ: tuple[str, tuple[Gap, ...]] = ("scanned", ())


@pytest.mark.parametrize("method", ["read", "look", "exposure", "zone"])
def test_the_daemon_goes_on_and_says_so(made: Make, method: str) -> None:
    watch = made()
    for name in ("a.csv", "bug1.csv", "c.csv"):  # found by the first walk
        (watch.srv / name).write_text(table(ord(name[-5])))
    watch.bug = [method]
    watch.start()
    until(lambda: rows(watch) == {"a.csv": READ, "bug1.csv": GAP, "c.csv": READ}, lambda: rows(watch))
    (watch.srv / "bug2.csv").write_text(table(2))  # told by the kernel
    (watch.srv / "d.csv").write_text(table(4))
    wanted = {"a.csv": READ, "bug1.csv": GAP, "bug2.csv": GAP, "c.csv": READ, "d.csv": READ}
    until(lambda: rows(watch) == wanted, lambda: rows(watch))
    until(lambda: sorted(watch.states()) == ["a.csv", "c.csv", "d.csv"])  # nothing half done
    watch.stop()
    watch.start()  # and meets them again
    until(lambda: watch.idle() and watch.events("covered") > 0)
    (watch.srv / "e.csv").write_text(table(5))
    until(lambda: "e.csv" in watch.states())
    assert {name: rows(watch)[name] for name in ("bug1.csv", "bug2.csv")} == {"bug1.csv": GAP, "bug2.csv": GAP}
    assert VALUE not in watch.log.read_text()
    told = [one for one in watch.logged() if one["event"] == "internal error"]
    assert {one["kind"] for one in told} == {"ValueError"}
    assert all(one["at_code"].startswith("phiscan.") for one in told)
    done = phiscan("coverage", "-c", str(watch.write()), cwd=watch.home)
    said = done.stdout.decode().replace("\u202f", " ")
    assert done.returncode == 3
    assert f"{watch.srv}/bug1.csv : " in said
    assert "erreur interne, voir le journal" in said
    watch.stop()
    watch.bug = []  # mended
    for name in ("bug1.csv", "bug2.csv"):
        with (watch.srv / name).open("a") as file:
            file.write(table(20 + int(name[3])).partition("\n")[2])
    watch.start()
    until(lambda: sorted(watch.states()) == ["a.csv", "bug1.csv", "bug2.csv", "c.csv", "d.csv", "e.csv"])


@pytest.mark.parametrize(
    ("bug", "times"),
    [
        ("phiscan.incidents.book:Book.expire", 1),  # a chore
        ("phiscan.daemon.status:Status.chores", 1),
        ("phiscan.source.reconcile:Reconcile.slice", 1),  # a walk
        ("phiscan.daemon.fetching:Fetching.fetch", 1),
        ("phiscan.daemon.keeping:Keeper.turn", 1),
        ("phiscan.daemon.ends:Ends.turn", 1),
        ("phiscan.daemon.rejudging:Rejudging.turn", 1),
        ("phiscan.daemon.loop:Daemon._hear*2", 2),  # whatever else a turn does
        ("phiscan.daemon.loop:Daemon._work*1", 1),
    ],
)
def test_a_bug_outside_files_ends_nothing(made: Make, bug: str, times: int) -> None:
    watch = made()
    watch.bug = [bug]
    watch.start()
    until(lambda: watch.events("internal error") == times)
    (watch.srv / "a.csv").write_text(table(1))
    until(lambda: watch.states() == {"a.csv": [("shared.identified-health", "new")]})
    until(lambda: len(watch.messages()) == 1)
    assert watch.events("internal error") == times  # what fails is let alone for a while
    assert VALUE not in watch.log.read_text()
    assert watch.stop()[0] == 0


def test_what_fails_is_tried_again_after_a_while(store: Store) -> None:
    clock, errors, done = [0.0], list[Exception](), list[float]()

    def part() -> None:
        if clock[0] < 50:
            raise ValueError(VALUE)
        done.append(clock[0])

    parts = Parts(errors.append, lambda: clock[0])
    with store.write() as connection:
        for clock[0] in (0.0, 1.0, 59.0, 60.0, 61.0):
            parts.do(connection, "one", part)
        parts.do(connection, "other", lambda: done.append(-1.0))
    assert (len(errors), done) == (1, [60.0, 61.0, -1.0])


def test_a_bug_at_a_files_end(made: Make) -> None:
    watch = made()
    watch.bug = ["gone"]
    for name in ("a.csv", "bug.csv"):
        (watch.srv / name).write_text(table(ord(name[0])))
    watch.start()
    until(lambda: sorted(watch.states()) == ["a.csv", "bug.csv"])
    for name in ("bug.csv", "a.csv"):
        (watch.srv / name).unlink()
    until(lambda: dict(watch.states())["a.csv"][0][1] == "resolved")
    until(lambda: rows(watch) == {"bug.csv": GAP})  # out of our reach is not gone
    assert watch.states()["bug.csv"] == [("shared.identified-health", "new")]
    assert watch.stop()[0] == 0


def test_a_bug_when_rules_have_changed(made: Make) -> None:
    watch = made()
    for name in ("a.csv", "bug.csv", "c.csv"):
        (watch.srv / name).write_text(table(ord(name[0])))
    watch.start()
    until(lambda: sorted(watch.states()) == ["a.csv", "bug.csv", "c.csv"])
    watch.stop()
    with sqlite3.connect(watch.home / "state/phiscan.db") as database:
        database.execute("UPDATE ledger SET rules = 'others'")
    database.close()
    watch.bug = ["judge_again"]
    watch.start()
    until(lambda: rows(watch) == {"a.csv": READ, "bug.csv": GAP, "c.csv": READ})
    assert watch.stop()[0] == 0


def processor(pid: int) -> float:
    """Return the seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_lasting_bug_keeps_no_processor_busy(made: Make) -> None:
    watch = made()
    (watch.srv / "a.csv").write_text(table(1))
    watch.start()
    until(lambda: sorted(watch.states()) == ["a.csv"])
    watch.stop()
    with sqlite3.connect(watch.home / "state/phiscan.db") as database:
        database.execute("UPDATE ledger SET rules = 'others'")
    database.close()
    watch.bug = ["phiscan.daemon.judging:Judging._by_rules"]
    watch.start()
    assert watch.process is not None
    until(lambda: watch.events("internal error") == 1 and watch.idle())
    time.sleep(1)
    before = processor(watch.process.pid)
    time.sleep(3)
    taken = processor(watch.process.pid) - before
    assert taken < 0.4  # without a pause it takes all it gets
    assert watch.stop()[0] == 0


def test_what_a_broken_file_has_written_is_undone_and_nothing_else(store: Store) -> None:
    errors: list[Exception] = []
    with store.write() as connection:
        connection.execute(meta.insert().values(name="before", value="x"))
        with spared(connection, errors.append):
            connection.execute(meta.insert().values(name="half", value="x"))
            raise RuntimeError(VALUE)
        with spared(connection, errors.append):
            connection.execute(meta.insert().values(name="before", value="again"))
        with spared(connection, errors.append):
            connection.execute(meta.insert().values(name="after", value="x"))
    assert [type(error) for error in errors] == [RuntimeError, IntegrityError]
    with store.read() as connection:
        names = set(connection.scalars(meta.select().with_only_columns(meta.c.name)))
    assert names - {"id"} == {"before", "after"}


def test_a_value_that_the_database_cannot_take_is_the_files(store: Store) -> None:
    errors: list[Exception] = []
    with store.write() as connection:
        for value in ("a\0b", "\udcff"):
            with spared(connection, errors.append):
                connection.execute(meta.insert().values(name=value, value="x"))
        connection.execute(meta.insert().values(name="after", value="x"))
    assert [type(error) for error in errors] == (
        [DataError, UnicodeEncodeError] if store.postgresql else [UnicodeEncodeError]
    )


@pytest.mark.parametrize(
    ("error", "stores"),
    [
        (Broken("store.full", path="x"), True),
        (OperationalError("", {}, Exception()), True),
        (InvalidRequestError(), True),
        (MemoryError(), True),
        (IntegrityError("", {}, Exception()), False),
        (DataError("", {}, Exception()), False),
        (StatementError("", "", {}, None), False),
        (OverflowError(), False),
        (AssertionError(), False),
    ],
)
def test_whose_fault_it_is(error: Exception, *, stores: bool) -> None:
    assert of_the_store(error) is stores
