"""What is too old goes, and nothing that somebody may still need: on both databases."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from phiscan.config import Config, Retention
from phiscan.content import rules_folder
from phiscan.daemon.keeping import Keeper, policy_of
from phiscan.daemon.logs import Log
from phiscan.incidents import deciding
from phiscan.incidents.duties import load_duties
from phiscan.model import Level, Place
from phiscan.store import Store, coverage, incidents, ledger, outbox, retention
from phiscan.store.ledger import entry_of
from phiscan.store.retention import Policy, Purge
from phiscan.store.schema import decisions, events, fingerprints, groups, meta, roots, walks
from tests.alert.book import Desk, rules

DAY = 86_400.0
CLOSED, PRINTS, AUDIT, READERS = 300 * DAY, 100 * DAY, 200 * DAY, 50 * DAY
POLICY = Policy(
    closed_incidents=CLOSED,
    fingerprints=PRINTS,
    reader_addresses=READERS,
    audit=AUDIT,
    no_duty=("low",),
    watched=(b"/srv",),
)


def purge(store: Store, at: float, policy: Policy = POLICY) -> dict[str, int]:
    work = Purge(policy, at)
    more = True
    while more:
        with store.write() as connection:
            more = work.step(connection)
    return dict(work.deleted)


def count(store: Store, table: Any) -> int:
    with store.read() as connection:
        return len(connection.execute(select(table)).all())


def qualify(desk: Desk, number: int, what: Any) -> None:
    with desk.writing() as connection:
        deciding.qualify(connection, number, what, "lea", desk.at, "r", desk.at)


def closed(desk: Desk, path: str, qualification: Any = "not_a_breach", **more: Any) -> int:
    """Have an incident opened, told, qualified and ended, all now; return its number."""
    desk.found(path, **more)
    with desk.store.read() as connection:
        (incident,) = incidents.at(connection, path.encode())
    if qualification != "to_qualify":
        qualify(desk, incident.id, qualification)
    desk.said()
    desk.gone(path)
    desk.at += 1000  # whatever waits for its turn is due
    desk.said()
    return incident.id


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_a_closed_incident_goes_with_all_of_it_and_not_a_day_early(desk: Desk) -> None:
    number = closed(desk, "/srv/a.csv")
    early = desk.at - 1001 + CLOSED  # the last that happened to it is as old as may be
    assert purge(desk.store, early) == {"events": 1, "fingerprints": 1, "outbox": 1}
    assert desk.kinds(number) == ["opened", "qualified"]
    assert purge(desk.store, early + 2) == {"events": 2, "exposures": 1, "incidents": 1, "outbox": 1, "groups": 1}
    assert [count(desk.store, table) for table in (events, groups, fingerprints)] == [0, 0, 0]
    with desk.store.read() as connection:
        assert (incidents.listed(connection), outbox.sendings(connection)) == ([], [])
        assert retention.last_purge(connection) == early + 2


def test_what_is_decided_later_begins_the_time_anew(desk: Desk) -> None:
    number = closed(desk, "/srv/a.csv")
    desk.at += 250 * DAY
    qualify(desk, number, "register_only")
    assert "incidents" not in purge(desk.store, desk.at + CLOSED)
    assert purge(desk.store, desk.at + CLOSED + 1)["incidents"] == 1


@pytest.mark.parametrize(
    ("qualification", "kept"),
    [("to_qualify", True), ("to_notify", True), ("not_a_breach", False), ("register_only", False), ("notified", False)],
)
def test_what_a_duty_still_needs_stays(desk: Desk, qualification: str, *, kept: bool) -> None:
    number = closed(desk, "/srv/a.csv", qualification)
    before = desk.kinds(number)
    at = desk.at + 100 * CLOSED
    with desk.store.read() as connection:
        assert retention.kept(connection, POLICY, at) == kept
    purge(desk.store, at)
    assert desk.states() == ({"/srv/a.csv": "resolved"} if kept else {})
    assert desk.kinds(number) == (before if kept else [])
    assert count(desk.store, fingerprints) == kept
    if kept:
        desk.at = at
        qualify(desk, number, "notified")
        assert "incidents" not in purge(desk.store, at + CLOSED)
        assert purge(desk.store, at + CLOSED + 1)["incidents"] == 1


def test_a_rule_without_a_duty_leaves_nothing_to_qualify(desk: Desk) -> None:
    number = closed(desk, "/srv/a.csv", "to_qualify")
    with desk.writing() as connection:
        incident = incidents.get(connection, number)
        assert incident is not None
        incidents.put(connection, replace(incident, rule="low"))
    assert purge(desk.store, desk.at + CLOSED)["incidents"] == 1


def test_what_is_open_or_dismissed_stays_with_its_beginning_and_its_persons(desk: Desk) -> None:
    desk.found("/srv/a.csv", 7)
    desk.found("/srv/a.csv", 9)
    desk.found("/srv/b.csv", 7)
    with desk.writing() as connection:
        (second,) = incidents.at(connection, b"/srv/b.csv")
        decision = deciding.dismissal(second, "test_data", "file", None, "r", "lea", desk.at)
        deciding.dismiss(connection, desk.telling, decision)
    desk.at += 1000
    desk.said()
    assert desk.kinds(second.id) == ["opened", "dismissed"]
    qualify(desk, second.id, "not_a_breach")
    assert purge(desk.store, desk.at + 100 * CLOSED) == {"outbox": 1, "events": 1}
    assert desk.states() == {"/srv/a.csv": "new", "/srv/b.csv": "dismissed"}
    assert desk.kinds(1) == ["opened", "grown"]  # nobody has qualified it
    assert desk.kinds(2) == ["opened", "qualified"]
    assert (count(desk.store, decisions), count(desk.store, fingerprints)) == (1, 2)


def test_a_dismissal_in_force_keeps_what_it_came_from(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    with desk.writing() as connection:
        (incident,) = incidents.at(connection, b"/srv/a.csv")
        decision = deciding.dismissal(incident, "authorised", "folder", None, "r", "lea", desk.at)
        deciding.dismiss(connection, desk.telling, decision)
    qualify(desk, incident.id, "not_a_breach")
    desk.gone("/srv/a.csv")
    desk.at += 1000
    desk.said()
    assert "incidents" not in purge(desk.store, desk.at + CLOSED)
    with desk.writing() as connection:
        incidents.end_decisions(connection, incident.id, desk.at + CLOSED)
    assert "incidents" not in purge(desk.store, desk.at + CLOSED + 1)
    found = purge(desk.store, desk.at + 2 * CLOSED + 1)
    assert (found["incidents"], found["decisions"]) == (1, 1)


def test_what_is_still_to_be_said_stays(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    qualify(desk, 1, "not_a_breach")
    desk.gone("/srv/a.csv")  # the channel has been dead all the while
    purge(desk.store, desk.at + 2 * CLOSED)
    assert desk.states() == {"/srv/a.csv": "resolved"}
    assert desk.kinds(1) == ["opened", "qualified", "resolved"]
    desk.at += 2 * CLOSED
    assert desk.said() == [("resolved", "/srv", 0, 0, 1)]
    assert purge(desk.store, desk.at)["incidents"] == 1


def test_the_next_word_goes_on_from_the_last(desk: Desk) -> None:
    """What a channel was told last is known however long ago that was, and numbers only grow."""
    desk.found("/srv/pub/a.csv")
    desk.said()
    desk.at += 1000
    desk.found("/srv/pub/b.csv")
    assert [one[2:] for one in desk.said()] == [(1, 2, 0)]
    assert len(outbox_rows(desk)) == 2
    desk.at += AUDIT + 1
    assert purge(desk.store, desk.at) == {"outbox": 1}
    assert len(outbox_rows(desk)) == 1
    desk.found("/srv/pub/c.csv")
    assert [one[2:] for one in desk.said()] == [(1, 3, 0)]


def outbox_rows(desk: Desk) -> list[Any]:
    with desk.store.read() as connection:
        return outbox.sendings(connection)


def test_numbers_of_events_and_incidents_are_not_used_twice(desk: Desk) -> None:
    first = closed(desk, "/srv/a.csv")
    with desk.store.read() as connection:
        last = incidents.last_event(connection)
    purge(desk.store, desk.at + CLOSED)
    assert count(desk.store, events) == 0
    with desk.store.read() as connection:
        assert incidents.last_event(connection) == last
    desk.found("/srv/b.csv")
    with desk.store.read() as connection:
        ((event, incident),) = incidents.since(connection, 0, 10)
    assert (event.seq, incident.id) == (last + 1, first + 1)


def test_fingerprints_outlive_their_incidents_by_their_own_time(desk: Desk) -> None:
    closed(desk, "/srv/a.csv", content="k1:same")
    desk.found("/srv/b.csv", content="k1:same")
    desk.found("/srv/c.csv", content="k1:old")
    desk.found("/srv/c.csv", content="k1:new")  # no incident has the old content any more
    assert count(desk.store, fingerprints) == 3
    assert purge(desk.store, desk.at)["fingerprints"] == 1
    qualify(desk, 2, "not_a_breach")
    assert "fingerprints" not in purge(desk.store, desk.at + 100 * CLOSED)
    desk.gone("/srv/b.csv")
    assert "fingerprints" not in purge(desk.store, desk.at + PRINTS)
    assert purge(desk.store, desk.at + PRINTS + 1)["fingerprints"] == 1
    assert purge(desk.store, desk.at, replace(POLICY, fingerprints=None)) == {"fingerprints": 1}


def test_the_last_walk_of_a_watched_root_stays(store: Store) -> None:
    with store.write() as connection:
        here, there = (ledger.root_of(connection, path).id for path in (b"/srv", b"/old"))
        for root in (here, there):
            for day in range(3):
                coverage.put(connection, root, day * DAY, day * DAY + 1, "{}", "s")
    assert purge(store, 2 * DAY + 1 + AUDIT) == {"walks": 4}
    with store.read() as connection:
        assert [(walk.root, walk.started) for walk in coverage.at(connection, 9 * DAY)] == [
            (b"/old", 2 * DAY), (b"/srv", 2 * DAY),
        ]  # fmt: skip
    assert purge(store, 2 * DAY + 2 + AUDIT) == {"walks": 1, "roots": 1}
    assert count(store, walks) == 1


def test_files_of_a_folder_no_longer_watched_are_forgotten(desk: Desk) -> None:
    place = Place(b"/old/a", 1, 2, 3, 4, 5, 0o100644, 0, 0)
    with desk.writing() as connection:
        old = ledger.root_of(connection, b"/old").id
        entries = [entry_of(old, replace(place, path=b"/old/%d" % at), Level.SHARED) for at in range(retention.BATCH)]
        ledger.put_new(connection, entries)
        ledger.put(connection, replace(entry_of(old, place, Level.SHARED), read=desk.at))
        ledger.put(connection, replace(entry_of(desk.root, replace(place, path=b"/srv/a"), Level.SHARED), read=desk.at))
        coverage.put(connection, old, desk.at, desk.at, "{}", "s")
    assert purge(desk.store, desk.at + AUDIT) == {}
    work, steps = Purge(POLICY, desk.at + AUDIT + 1), list[dict[str, int]]()
    for _ in range(20):
        before = Counter(work.deleted)
        with desk.writing() as connection:
            more = work.step(connection)
        steps += [dict(work.deleted - before)] if work.deleted != before else []
        if not more:
            break
    assert steps == [{"walks": 1}, {"ledger": retention.BATCH}, {"ledger": 1}, {"roots": 1}]
    with desk.store.read() as connection:
        assert list(connection.scalars(select(roots.c.path))) == [b"/srv"]
        assert [entry.path for entry in ledger.below(connection, desk.root, b"/", b"", 10_000)] == [b"/srv/a"]


def test_a_long_history_goes_in_several_transactions(desk: Desk) -> None:
    number = closed(desk, "/srv/a.csv")
    with desk.writing() as connection:
        for _ in range(retention.BATCH + 200):
            incidents.happened(connection, number, desk.at, "qualified", "lea")
    found = purge(desk.store, desk.at + CLOSED + 1)
    assert (found["incidents"], found["events"]) == (1, retention.BATCH + 203)


def test_the_policy_of_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "srv")
    config = Config(watch=(tmp_path / "link",), fingerprints="none", retention=Retention(audit=5.0))
    policy = policy_of(config, rules(), load_duties([rules_folder()]))
    assert (policy.closed_incidents, policy.fingerprints, policy.audit) == (3 * 365 * DAY, None, 5.0)
    assert policy.watched == (bytes(tmp_path / "srv"),)
    assert set(policy.no_duty) == {rule.id for rule in rules() if not rule.duties}
    assert policy_of(Config(), (), {}).fingerprints == 365 * DAY


def test_the_daemon_purges_once_a_day(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    closed(desk, "/srv/a.csv")
    keeper = Keeper(POLICY, Log())

    def turns(keeper: Keeper, at: float) -> int:
        """Take turns as of a time; return how many purges came to their end in them."""
        for _ in range(30):
            with desk.writing() as connection:
                keeper.turn(connection, at)
        lines = capsys.readouterr().err.splitlines()
        return sum(json.loads(line)["event"] == "purged" for line in lines)

    at = desk.at + CLOSED + 1
    assert turns(keeper, at) == 1
    assert desk.states() == {}
    assert turns(keeper, at + DAY - 1) == 0
    assert turns(Keeper(POLICY, Log()), at + DAY - 1) == 0  # a daemon that was begun anew
    assert turns(keeper, at + DAY) == 1
    assert turns(keeper, at - 10 * DAY) == 1  # the clock went back
    with desk.writing() as connection:
        keeper.turn(connection, at)
    keeper.lost()  # the store failed
    assert turns(keeper, at) == 1
    with desk.writing() as connection:
        connection.execute(update(meta).where(meta.c.name == "purged").values(value="1e12"))
    assert turns(Keeper(POLICY, Log()), at) == 1
