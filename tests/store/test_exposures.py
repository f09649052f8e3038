"""When a file lay open: intervals with their proofs, on both databases, and what the logs add to them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from phiscan.access.lying_open import intervals
from phiscan.access.view import view
from phiscan.incidents import deciding
from phiscan.model import Exposure, Level, Reason
from phiscan.store import Store, exposures, incidents
from phiscan.store import migrate as migration
from phiscan.store.exposures import Interval
from tests.alert.book import Desk
from tests.store import older

PATH = "/srv/a.csv"


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def kept(desk: Desk, number: int = 1) -> list[Interval]:
    with desk.store.read() as connection:
        return exposures.of(connection, number)


def spans(desk: Desk, number: int = 1) -> list[tuple[float, float | None, str | None]]:
    """Return opening, end and reason of each interval."""
    return [
        (one.opened.at, None if one.closed is None else one.closed.at, one.why) for one in kept(desk, number)
    ]


def test_each_closing_and_reopening_is_an_interval_with_its_proofs(desk: Desk) -> None:
    desk.found(PATH)
    desk.at += 100
    desk.found(PATH, level=Level.RESTRICTED)
    desk.at += 100
    desk.found(PATH)
    desk.at += 100
    desk.gone(PATH)
    desk.at += 1000
    desk.found(PATH)
    t = 1_000_000.0
    assert spans(desk) == [(t, t + 100, "unexposed"), (t + 200, t + 300, "gone"), (t + 1300, None, None)]
    first, second, third = kept(desk)
    with desk.store.read() as connection:
        seqs = {event.kind: event.seq for event in incidents.history(connection, 1)}
        history = [(event.seq, event.kind) for event in incidents.history(connection, 1)]
    assert [kind for _, kind in history] == ["opened", "resolved", "reopened", "resolved", "reopened"]
    assert (first.opened.proof, first.opened.detail) == ("incident", str(history[0][0]))
    assert first.closed is not None
    assert (first.closed.proof, first.closed.detail) == ("incident", str(history[1][0]))
    assert (second.opened.detail, third.opened.detail) == (str(history[2][0]), str(history[4][0]))
    assert seqs["opened"] == history[0][0]
    public = Exposure(Level.PUBLIC, (Reason("zone", "exposure: public", "phiscan.yaml:7", "/srv"),))
    shut = Exposure(Level.RESTRICTED, (Reason("zone", "exposure: restricted", "phiscan.yaml:7", "/srv"),))
    assert (first.exposure, first.after, second.exposure, second.after) == (public, shut, public, None)


def test_what_a_person_declares_resolved_and_is_still_there_had_never_ended(desk: Desk) -> None:
    desk.found(PATH)
    desk.at += 100
    with desk.writing() as connection:
        deciding.resolve(connection, desk.telling, 1, "anne", desk.at, "")
    assert spans(desk) == [(desk.at - 100, desk.at, "person")]
    desk.at += 100
    with desk.writing() as connection:
        incident = incidents.get(connection, 1)
        assert incident is not None
        desk.book.bring_back(connection, incident, desk.at)
    assert spans(desk) == [(desk.at - 200, None, None)]


def test_a_renamed_file_goes_on_lying_open(desk: Desk) -> None:
    desk.found(PATH, content="k1:same")
    desk.at += 10
    desk.gone(PATH)  # the end of its old name is seen first
    assert len(spans(desk)) == 1
    desk.found("/srv/b.csv", content="k1:same")
    assert spans(desk) == [(desk.at - 10, None, None)]


def test_a_clock_that_steps_back_gives_no_interval_that_ends_before_it_begins(desk: Desk) -> None:
    desk.found(PATH)
    desk.at -= 500
    desk.gone(PATH)
    assert spans(desk) == [(1_000_000.0, 1_000_000.0, "gone")]


def test_the_configuration_that_opens_it_again_proves_since_when(desk: Desk, tmp_path: Path) -> None:
    config = tmp_path / "vsftpd.conf"
    config.write_text("anonymous_enable=YES\n")
    desk.found(PATH)
    desk.at += 100
    desk.gone(PATH)
    desk.at += 1000
    os.utime(config, (desk.at - 300, desk.at - 300))
    reasons = (Reason("vsftpd", "anonymous_enable=YES", f"{config}:1", "/srv"),)
    with desk.writing() as connection:
        before = incidents.get(connection, 1)
        assert before is not None
        there = {"root": desk.root, "path": PATH.encode(), "device": 1, "inode": 1, "size": 1, "mtime_ns": 1}
        _file(connection, there | {"ctime_ns": int((desk.at - 5000) * 1e9)})
        desk.book.reopen(connection, replace(before, exposure=Exposure(Level.PUBLIC, reasons)), desk.at, "returned")
    *_, last = kept(desk)
    assert (last.opened.at, last.opened.proof, last.opened.detail) == (desk.at - 300, "config", f"{config}:1")
    desk.at += 10
    desk.gone(PATH)
    os.utime(config, (1000, 1000))  # older than the end of the interval before: no proof of anything in between
    with desk.writing() as connection:
        before = incidents.get(connection, 1)
        assert before is not None
        desk.book.reopen(connection, replace(before, exposure=Exposure(Level.PUBLIC, reasons)), desk.at + 5, "returned")
    *_, last = kept(desk)
    assert (last.opened.at, last.opened.proof) == (desk.at + 5, "incident")


def _file(connection: sa.Connection, values: dict[str, object]) -> None:
    from phiscan.store.schema import ledger

    connection.execute(sa.insert(ledger).values(level=3, **values))


def test_the_purge_takes_them_along(desk: Desk) -> None:
    desk.found(PATH)
    with desk.writing() as connection:
        exposures.drop(connection, 1)
    assert kept(desk) == []
    with desk.store.read() as connection:  # where none was kept, the incident itself tells
        incident = incidents.get(connection, 1)
        assert incident is not None
        (one,) = intervals(connection, incident, incidents.history(connection, 1))
        seen = view(connection, incident, incidents.history(connection, 1))
    assert (one.opened.at, one.closed, seen.since, seen.until) == (desk.at, None, one.opened, None)


def test_an_older_store_gets_its_intervals_from_what_happened(url: str) -> None:
    older.make(url)
    engine = sa.create_engine(url)
    seen = '{"exposed": {"at": 0.5, "proof": "config", "detail": "/etc/vsftpd.conf:12"}}'
    happened = [
        ("resolved", 10.0, '{"why": "unexposed"}'),
        ("reopened", 20.0, '{"why": "returned"}'),
        ("resolved", 30.0, '{"why": "person"}'),
        ("reopened", 35.0, '{"why": "still there"}'),
        ("resolved", 40.0, '{"why": "gone"}'),
        ("moved", 41.0, "{}"),
        ("resolved", 50.0, '{"why": "gone"}'),
    ]
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE events SET data = :data"), {"data": seen})
        for kind, at, data in happened:
            values = {"incident": 1, "at": at, "kind": kind, "author": "phiscan", "data": data}
            table = sa.Table("events", sa.MetaData(), *(sa.Column(name) for name in values))
            connection.execute(sa.insert(table).values(**values))
        connection.execute(sa.text("UPDATE incidents SET state = 'resolved', resolution = 'gone', closed = 50.0"))
    engine.dispose()
    store = Store.open(url, create=True)
    with store.read() as connection:
        found = exposures.of(connection, 1)
        again = incidents.get(connection, 1)
    store.close()
    assert again is not None
    assert [(one.opened.at, one.opened.proof, one.closed and one.closed.at, one.why) for one in found] == [
        (0.5, "config", 10.0, "unexposed"),
        (20.0, "incident", 50.0, "gone"),
    ]
    assert [one.exposure for one in found] == [None, again.exposure]
    assert migration.SCRIPTS.exists()


def test_numbers_of_incidents_are_not_used_again_after_the_migration(url: str) -> None:
    older.make(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(sa.text("UPDATE sqlite_sequence SET seq = 41 WHERE name = 'incidents'"))
        else:
            connection.execute(sa.text("SELECT setval('incidents_id_seq', 41)"))
    engine.dispose()
    store = Store.open(url, create=True)
    desk = Desk(store)
    desk.found("/srv/b.csv")
    assert spans(desk, 42) == [(desk.at, None, None)]
    store.close()


def test_what_is_written_down_is_json(desk: Desk) -> None:
    desk.found(PATH)
    with desk.store.read() as connection:
        incident = incidents.get(connection, 1)
        assert incident is not None
        said = view(connection, incident, incidents.history(connection, 1)).to_dict()["exposed"]
    assert json.loads(json.dumps(said)) == {
        "since": {"at": "1970-01-12T13:46:40Z", "proof": "incident", "detail": "1"},
        "until": None,
        "intervals": [
            {
                "opened": {
                    "at": "1970-01-12T13:46:40Z",
                    "proof": "incident",
                    "detail": "1",
                    "exposure": {
                        "level": "public",
                        "reasons": [
                            {
                                "service": "zone",
                                "setting": "exposure: public",
                                "source": "phiscan.yaml:7",
                                "zone": "/srv",
                            }
                        ],
                    },
                },
                "closed": None,
            }
        ],
    }
