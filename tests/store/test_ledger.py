"""The ledger: rows come back as they were written, in the order in which files are to be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.event import listen

from phiscan.judge import CategoryFacts, Facts
from phiscan.model import Gap, Kind, Level, Place, Severity
from phiscan.store import Store, ledger, ledger_sums
from phiscan.store.ledger import Entry, Pending, entry_of

FACTS = Facts(
    level=Level.SHARED,
    records=3,
    persons=2,
    exact=False,
    identified_health=1,
    strong_persons=2,
    test_persons=1,
    categories={"hiv": CategoryFacts(Kind.HEALTH, 3, 1, {"affirmed": 2, "negated": 1})},
)


def place(path: bytes, inode: int = 7, mtime: int = 100) -> Place:
    return Place(path, 2065, inode, 12, mtime, mtime + 1, 0o100644, 0, 0)


@pytest.fixture
def root(store: Store) -> int:
    with store.write() as connection:
        return ledger.root_of(connection, b"/srv").id


def test_a_root_is_known_once(store: Store, root: int) -> None:
    with store.write() as connection:
        ledger.set_root(connection, root, device=(1 << 64) - 1, inode=12, walked=1.5)
        assert ledger.root_of(connection, b"/srv") == ledger.Root(
            id=root, path=b"/srv", device=-1, inode=12, walked=1.5
        )


def test_a_row_comes_back_as_it_was(store: Store, root: int) -> None:
    written = replace(
        entry_of(root, place(b"/srv/r\xe9sultats.csv", inode=(1 << 64) - 3), Level.SHARED),
        content="k1:ab",
        status="partial",
        facts=FACTS,
        gaps=(Gap("extract", "malformed", "damaged ZIP member", "a!b.csv"),),
        severity=Severity.HIGH,
        detect="d",
        rules="r",
        read=12.25,
        pending=Pending.CHECK,
    )
    with store.write() as connection:
        row = ledger.put(connection, written)
        assert ledger.put(connection, replace(written, id=row)) == row
    with store.read() as connection:
        found = ledger.get(connection, root, b"/srv/r\xe9sultats.csv")
        assert found == replace(written, id=row)
        assert ledger.get(connection, root, b"/srv/autre") is None
        assert ledger_sums.with_gaps(connection, root) == [(written.path, written.gaps[0])]
        assert found.same(place(written.path, inode=(1 << 64) - 3))
        assert not found.same_content(place(written.path, inode=(1 << 64) - 3, mtime=101))
    with store.write() as connection:
        ledger.drop(connection, row)
        assert ledger.get(connection, root, written.path) is None


def test_what_is_to_be_read_first(store: Store, root: int) -> None:
    def row(name: bytes, level: Level, mtime: int, pending: Pending | None) -> Entry:
        return entry_of(root, place(b"/srv/" + name, mtime=mtime), level, pending)

    with store.write() as connection:
        ledger.put_new(
            connection,
            [
                row(b"done", Level.PUBLIC, 900, None),
                row(b"check", Level.PUBLIC, 900, Pending.CHECK),
                row(b"again", Level.PUBLIC, 900, Pending.AGAIN),
                row(b"old-private", Level.RESTRICTED, 100, Pending.FOUND),
                row(b"old-public", Level.PUBLIC, 100, Pending.FOUND),
                row(b"new-public", Level.PUBLIC, 200, Pending.FOUND),
                row(b"new-private", Level.RESTRICTED, 300, Pending.FOUND),
            ],
        )
        found = ledger.pending(connection, 10)
        order = [b"new-public", b"old-public", b"new-private", b"old-private", b"again", b"check"]
        assert [entry.path.removeprefix(b"/srv/") for entry in found] == order
        assert [entry.path for entry in ledger.pending(connection, 1, [found[0].id])] == [b"/srv/old-public"]
        assert ledger.waiting(connection, root) == 4
        ledger.set_pending(connection, [entry.id for entry in found], None)
        assert (ledger.pending(connection, 10), ledger.waiting(connection)) == ([], 0)


def test_changed_recognizers_and_changed_rules(store: Store, root: int) -> None:
    with store.write() as connection:
        for name, detect, rules, facts in (
            (b"a", "d1", "r1", FACTS),
            (b"b", "d2", "r2", FACTS),
            (b"c", "d1", "r2", None),
            (b"d", None, None, None),
        ):
            blank = entry_of(root, place(b"/srv/" + name), Level.SHARED)
            ledger.put(connection, replace(blank, detect=detect, rules=rules, facts=facts))
        assert ledger.stale(connection, "d2", [root + 1]) == 0
        assert ledger.stale(connection, "d2", [root]) == 2
        assert [entry.path for entry in ledger.pending(connection, 9)] == [b"/srv/a", b"/srv/c"]
        assert [entry.path for entry in ledger.judged_otherwise(connection, "r2", 0, 9)] == [b"/srv/a"]


def test_a_page_of_a_folder_costs_no_more_than_its_rows(tmp_path: Path) -> None:
    """What the database does for one: no sorting, and it begins where the last page ended."""
    store = Store.open(f"sqlite:///{tmp_path / 'phiscan.db'}", create=True)
    asked: list[tuple[str, tuple[object, ...]]] = []
    with store.write() as connection:
        listen(connection, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        ledger.paths_below(connection, 1, b"/srv", b"", 9, 5)
        ledger.below(connection, 1, b"/srv", b"/srv/a", 9, 5)
        statements = list(asked)
        plans = [
            row[3]
            for statement, values in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    store.close()
    index = "INDEX sqlite_autoindex_ledger_1 (root=? AND path"
    assert plans == [
        f"SEARCH ledger USING COVERING {index}=?)",
        f"SEARCH ledger USING COVERING {index}>? AND path<?)",
        f"SEARCH ledger USING {index}>? AND path<?)",
    ]


def test_a_folder_and_what_lies_below_it(store: Store, root: int) -> None:
    names = [b"/srv/a", b"/srv/a/b", b"/srv/a/c/d", b"/srv/a.txt", b"/srv/a0", b"/srv/ab/c", b"/srv/a/\xff"]
    with store.write() as connection:
        ledger.put_new(connection, [entry_of(root, place(name), Level.SHARED) for name in names])
        last = ledger.last_id(connection)
        found = ledger.below(connection, root, b"/srv/a", b"", last, count=3)
        assert [entry.path for entry in found] == [b"/srv/a", b"/srv/a/b", b"/srv/a/c/d"]
        found = ledger.below(connection, root, b"/srv/a", found[-1].path, last)
        assert [entry.path for entry in found] == [b"/srv/a/\xff"]
        assert len(ledger.below(connection, root, b"/srv", b"", last)) == 7
        assert len(ledger.below(connection, root, b"/", b"", last - 1)) == 6
        assert [entry.path for entry in ledger.at_inode(connection, place(b"x"))] == names
        assert set(ledger.get_all(connection, root, [b"/srv/a", b"/srv/zz"])) == {b"/srv/a"}
        assert ledger_sums.totals(connection, root) == {"files": 7, "bytes": 84, "unread": 7}
