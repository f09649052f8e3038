"""A walk is told of as covered once its record is in the store, and not before."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from phiscan.config import Zone
from phiscan.daemon.inner import Inner
from phiscan.daemon.intake import Times
from phiscan.daemon.logs import Log
from phiscan.daemon.status import Status
from phiscan.daemon.watched import Watched
from phiscan.daemon.zoned import zones_record
from phiscan.declared import Declarations
from phiscan.model import Level, Place
from phiscan.seal import Sealer
from phiscan.source.reconcile import Reconcile
from phiscan.source.scope import Scope
from phiscan.store import Store, coverage, ledger, now
from phiscan.store.ledger import entry_of


class Roots:
    """Two roots that have been walked, and what of a daemon leaves the records of their walks."""

    def __init__(self, home: Path, store: Store) -> None:
        self.said, self.store = io.StringIO(), store
        self.status = Status(Log("info", self.said), Sealer(b"k" * 32), ("sha256:a", "sha256:b"))
        self.watched = [Watched(bytes(home / name), Scope(bytes(home / name), ()), Times()) for name in ("un", "deux")]
        with store.write() as connection:
            for one in self.watched:
                one.root = ledger.root_of(connection, one.path)
                one.inner = Inner(one.root, one.scope)
                one.covered = Reconcile(one.root, ())
        examiner = SimpleNamespace(unknown={}, declared=Declarations())
        self.daemon: Any = SimpleNamespace(watched=self.watched, hands=SimpleNamespace(tasks={}), examiner=examiner)

    def events(self) -> list[tuple[str, str]]:
        """Return what the log says, and of which root."""
        lines = [json.loads(line) for line in self.said.getvalue().splitlines()]
        return [(line["event"], Path(line["root"]).name) for line in lines]

    def records(self) -> int:
        """Return how many walks are on record."""
        with self.store.read() as connection:
            return len(coverage.at(connection, now()))


@pytest.fixture
def roots(tmp_path: Path, store: Store) -> Roots:
    return Roots(tmp_path, store)


def test_it_is_said_after_the_commit(roots: Roots) -> None:
    with roots.store.write() as connection:
        roots.status.cover(connection, roots.daemon)
        assert roots.events() == []
    assert roots.records() == 2
    roots.status.committed()
    assert roots.events() == [("covered", "un"), ("covered", "deux")]
    assert [one.covered for one in roots.watched] == [None, None]
    with roots.store.write() as connection:
        roots.status.cover(connection, roots.daemon)
    roots.status.committed()
    assert (roots.records(), len(roots.events())) == (2, 2)


def test_what_was_not_written_is_written_another_time(roots: Roots) -> None:
    def fail() -> None:
        with roots.store.write() as connection:
            roots.status.cover(connection, roots.daemon)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    roots.status.undone()
    roots.status.committed()
    assert (roots.records(), roots.events()) == (0, [])
    with roots.store.write() as connection:
        roots.status.cover(connection, roots.daemon)
    roots.status.committed()
    assert (roots.records(), roots.events()) == (2, [("covered", "un"), ("covered", "deux")])


def test_a_record_that_cannot_be_made_takes_the_others_of_its_turn_along(
    roots: Roots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are undone together, so none of them is told of."""
    put, left = coverage.put, [1]

    def once(*values: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise ZeroDivisionError
        put(*values)

    monkeypatch.setattr(coverage, "put", once)
    with roots.store.write() as connection, pytest.raises(ZeroDivisionError), connection.begin_nested():
        roots.status.cover(connection, roots.daemon)
    roots.status.committed()
    assert (roots.records(), roots.events()) == (0, [])
    assert [one.covered is not None for one in roots.watched] == [True, True]


def test_files_that_went_before_the_record_was_written_are_told(tmp_path: Path, store: Store) -> None:
    """Their persons are not known any more: "0 people at most" would be said of files that held some."""
    folder = tmp_path / "labo"
    folder.mkdir()
    declared = Declarations([Zone(path=folder, purpose="migration")])
    with store.write() as connection:
        root = ledger.root_of(connection, bytes(tmp_path))
        walk = Reconcile(root, (), zones=(bytes(folder),))
        walk.met[bytes(folder)] = 2
        place = Place(bytes(folder / "a.csv"), 1, 1, 1, 1, 1, 0o600, 0, 0)
        row = ledger.put(connection, entry_of(root.id, place, Level.SHARED))
        (said,) = zones_record(connection, declared, root, walk, [])["zones"]
        assert (said["files"], said["went"], said["by_status"]) == (2, 1, {"unread": 1})
        ledger.drop(connection, row)
        (said,) = zones_record(connection, declared, root, walk, [])["zones"]
        assert (said["files"], said["went"], said["persons_at_most"]) == (2, 2, 0)
        walk.met[bytes(folder)] = 0
        (said,) = zones_record(connection, declared, root, walk, [])["zones"]
        assert (said["files"], said["went"]) == (0, 0)
