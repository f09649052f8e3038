"""Routes: by owner, each with its own minimum, and quiet hours, which never hold back what is public."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from phiscan.config import Zone
from phiscan.config.quiet import parse_windows, quiet_until
from phiscan.incidents import deciding
from phiscan.model import Level
from phiscan.store import Store
from tests.alert.book import FILE, Desk

WEBHOOK = {"webhook": {"url": "http://127.0.0.1:9/"}}
SHARED = Level.SHARED


@pytest.fixture(autouse=True)
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(written: str) -> float:
    return datetime.fromisoformat(written).timestamp()


def desk_at(store: Store, written: str, routes: list[dict[str, Any]], **more: Any) -> Desk:
    desk = Desk(store, {**FILE, **WEBHOOK, "routes": routes, **more.pop("alerts", {})}, **more)
    desk.at = at(written)
    return desk


def test_each_route_has_its_own_minimum(store: Store) -> None:
    routes = [
        {"match": {"zone": "/srv/mig"}, "to": ["webhook"], "minimum": "medium"},
        {"match": {"zone": "/srv/labo"}, "to": ["webhook"], "minimum": "critical"},
    ]
    desk = desk_at(store, "2026-11-24T10:00", routes)
    for folder in ("mig", "labo", "x"):
        desk.found(f"/srv/{folder}/medium.csv", level=Level.UNKNOWN)
        desk.found(f"/srv/{folder}/high.csv", level=SHARED)
        desk.found(f"/srv/{folder}/critical.csv")
    assert desk.said("file") == [("alert", "/srv/x", 2, 2, 0)]
    assert sorted(desk.said("webhook")) == [
        ("alert", "/srv/labo", 1, 1, 0),
        ("alert", "/srv/mig", 3, 3, 0),
        ("alert", "/srv/x", 2, 2, 0),
    ]


def test_a_channel_hears_of_a_folder_only_what_is_routed_to_it(store: Store) -> None:
    routes: list[dict[str, Any]] = [
        {"match": {"severity": "critical"}, "to": ["file", "webhook"]},
        {"to": ["webhook"], "minimum": "medium"},
    ]
    desk = desk_at(store, "2026-11-24T10:00", routes)
    desk.found("/srv/a/1.csv", level=Level.UNKNOWN)
    desk.found("/srv/a/2.csv", level=SHARED)
    desk.found("/srv/a/3.csv")
    desk.at += 5  # the group's first word has gone to the other channel
    assert (desk.said("file"), desk.said("webhook")) == (
        [("alert", "/srv/a", 1, 1, 0)],
        [("alert", "/srv/a", 3, 3, 0)],
    )


def test_a_zone_s_owner_is_told(store: Store) -> None:
    zones = (
        Zone(path=Path("/srv/ftp"), owner="Exploitation"),
        Zone(path=Path("/srv/ftp/labo"), owner="Laboratoire"),
        Zone(path=Path("/srv/ftp/labo/sortie")),  # nobody's own: the laboratory's
    )
    routes = [{"match": {"owner": "Laboratoire"}, "to": ["webhook"]}]
    desk = desk_at(store, "2026-11-24T10:00", routes, zones=zones)
    for place in ("ftp/a.csv", "ftp/labo/b.csv", "ftp/labo/sortie/c.csv", "ftp2/d.csv"):
        desk.found(f"/srv/{place}")
    assert desk.said("file") == [("alert", "/srv/ftp", 1, 1, 0), ("alert", "/srv/ftp2", 1, 1, 0)]
    assert sorted(place for _, place, *_ in desk.said("webhook")) == [
        "/srv/ftp", "/srv/ftp/labo", "/srv/ftp/labo/sortie", "/srv/ftp2",
    ]  # fmt: skip


QUIET = [{"match": {"zone": "/srv/mig"}, "to": ["webhook"], "quiet": ["20:00-07:00", "sat-sun 00:00-24:00"]}]


def test_quiet_hours_end_in_one_digest_and_public_never_waits(store: Store) -> None:
    desk = desk_at(store, "2026-11-24T23:00", QUIET)
    desk.found("/srv/mig/a/1.csv", level=SHARED)
    desk.found("/srv/mig/b/2.csv", level=SHARED)
    desk.found("/srv/mig/b/3.csv", level=SHARED)
    desk.found("/srv/mig/c/gone.csv", level=SHARED)
    desk.found("/srv/mig/pub/4.csv")
    desk.found("/srv/x/5.csv", level=SHARED)
    assert desk.said("webhook") == [("alert", "/srv/mig/pub", 1, 1, 0), ("alert", "/srv/x", 1, 1, 0)]
    desk.at = at("2026-11-25T02:00")
    desk.gone("/srv/mig/c/gone.csv")
    desk.found("/srv/mig/b/6.csv", level=SHARED)
    assert desk.said("webhook") == []
    desk.at = at("2026-11-25T07:00") - 1
    assert desk.said("webhook") == []
    desk.at += 1
    assert desk.said("webhook") == [("quiet", "/srv", 4, 4, 1)]
    assert desk.said("webhook") == []
    desk.at = at("2026-11-25T09:00")
    desk.found("/srv/mig/a/7.csv", level=SHARED)
    assert desk.said("webhook") == [("alert", "/srv/mig/a", 1, 2, 0)]
    desk.gone("/srv/mig/a/1.csv")
    desk.at += 600
    assert desk.said("webhook") == [("resolved", "/srv/mig/a", 0, 1, 1)]


def test_a_digest_of_several_zones_names_none(store: Store) -> None:
    from phiscan.alert.wording import headline

    desk = desk_at(store, "2026-11-24T23:00", QUIET)
    desk.found("/srv/mig/a/1.csv", level=SHARED)
    desk.found("/srv/mig/b/2.csv", level=SHARED, zone=b"/srv/mig/b")
    desk.at = at("2026-11-25T07:00")
    message = desk.message("webhook")
    assert (message.zone, message.place, message.kind, message.files) == ("", "", "quiet", 2)
    said = headline(message, "fr")
    assert said == "phiscan · Pendant les heures calmes · haute · 2 fichiers · plusieurs zones"


def test_a_refused_digest_is_said_again_whole(store: Store) -> None:
    from phiscan.store import outbox

    desk = desk_at(store, "2026-11-24T23:00", QUIET)
    desk.found("/srv/mig/a/1.csv", level=SHARED)
    desk.found("/srv/mig/b/2.csv", level=SHARED)
    desk.at = at("2026-11-25T07:00")
    with desk.writing() as connection:
        item = outbox.claim(connection, "webhook", desk.at)
        assert item is not None
        assert (item.attempts, item.created, [one.kind for one in item.also]) == (1, desk.at, ["held_alert"])
        assert outbox.claim(connection, "webhook", desk.at) is None
        outbox.failed(connection, item, "HTTP 500", desk.at + 2)
    assert desk.said("webhook") == []
    desk.at += 2
    assert desk.said("webhook") == [("quiet", "/srv", 2, 2, 0)]


def test_what_became_public_at_night_is_told_at_once(store: Store) -> None:
    desk = desk_at(store, "2026-11-24T23:00", QUIET)
    desk.found("/srv/mig/1.csv", level=SHARED, fired=None)
    assert desk.said("webhook") == []
    desk.at += 60
    desk.found("/srv/mig/1.csv")
    assert ("alert", "/srv/mig", 1, 1, 1) in desk.said("webhook")
    desk.at = at("2026-11-25T07:00")
    assert desk.said("webhook") == []


def test_what_ends_before_it_was_told_is_counted_as_over(store: Store) -> None:
    desk = desk_at(store, "2026-11-24T23:00", QUIET)
    desk.found("/srv/mig/1.csv", level=SHARED)
    desk.gone("/srv/mig/1.csv")
    desk.at = at("2026-11-25T07:00")
    assert desk.said("webhook") == [("quiet", "/srv/mig", 0, 0, 1)]


def test_reminders_and_escalation_wait_too_and_intervals_begin_when_it_was_told(store: Store) -> None:
    routes = [QUIET[0] | {"escalate_after": "2h"}]
    desk = desk_at(store, "2026-11-24T19:00", routes, alerts={"repeat_after": {"default": "1h"}})
    desk.found("/srv/mig/a/1.csv", level=SHARED)
    assert desk.again("webhook") == [("alert", "/srv/mig/a", 1, 1, 0)]
    desk.at = at("2026-11-24T20:00")
    desk.found("/srv/mig/b/2.csv", level=SHARED)
    desk.at = at("2026-11-24T22:00")
    assert (desk.again("webhook"), desk.again("file")) == ([], [])
    desk.at = at("2026-11-25T07:00")
    assert (desk.again("webhook"), desk.again("file")) == (
        [("quiet", "/srv", 1, 2, 0)],
        [("quiet", "/srv/mig/a", 1, 1, 0)],
    )
    with desk.writing() as connection:
        deciding.acknowledge(connection, 1, "moi", desk.at)
    desk.at = at("2026-11-25T08:00") - 1
    assert desk.again("webhook") == []
    desk.at += 1
    assert desk.again("webhook") == [("repeat", "/srv/mig/b", 0, 1, 0)]
    desk.at = at("2026-11-25T09:00")
    assert (desk.again("webhook"), desk.said("file")) == (
        [("escalation", "/srv/mig/b", 0, 1, 0)],
        [("escalation", "/srv/mig/b", 1, 1, 0)],
    )


def test_a_first_walk_at_night_is_told_in_the_morning(store: Store) -> None:
    desk = desk_at(store, "2026-11-28T12:00", QUIET)  # a Saturday
    desk.found("/srv/mig/1.csv", level=SHARED, told_in="initial")
    desk.found("/srv/mig/2.csv", level=SHARED, told_in="initial")
    with desk.writing() as connection:
        desk.telling.conclude(connection, "initial", desk.at)
    assert desk.said("webhook") == []
    desk.at = at("2026-11-30T07:00")
    assert desk.said("webhook") == [("quiet", "/srv", 2, 2, 0)]


@pytest.mark.parametrize(
    ("written", "now", "end"),
    [
        ("20:00-07:00", "2026-11-24T19:59", None),
        ("20:00-07:00", "2026-11-24T20:00", "2026-11-25T07:00"),
        ("20:00-07:00", "2026-11-25T06:59", "2026-11-25T07:00"),
        ("20:00-07:00", "2026-11-25T07:00", None),
        ("12:00-14:00", "2026-11-25T13:00", "2026-11-25T14:00"),
        ("mon-fri 20:00-07:00", "2026-11-28T06:00", "2026-11-28T07:00"),  # Friday's night
        ("mon-fri 20:00-07:00", "2026-11-28T21:00", None),
        ("fri-mon 00:00-24:00", "2026-11-26T12:00", None),
        ("fri-mon 00:00-24:00", "2026-11-27T00:00", "2026-12-01T00:00"),
        ("sun 22:00-06:00", "2026-11-30T05:00", "2026-11-30T06:00"),
        ("20:00-07:00", "2026-10-24T23:00", "2026-10-25T07:00"),  # the clock goes back
        ("20:00-07:00", "2026-03-28T23:00", "2026-03-29T07:00"),  # the clock goes forward
    ],
)
def test_hours(written: str, now: str, end: str | None) -> None:
    assert quiet_until(parse_windows(written), at(now)) == (None if end is None else at(end))


def test_hours_that_meet_are_one() -> None:
    windows = parse_windows(["20:00-07:00", "07:00-08:00", "sat-sun 00:00-24:00"])
    assert quiet_until(windows, at("2026-11-27T21:00")) == at("2026-11-30T08:00")


def test_the_hour_that_comes_twice() -> None:
    """02:30 on the night the clock goes back: the second time is as quiet as the first, and it ends."""
    windows = parse_windows("02:15-02:45")
    first = datetime(2026, 10, 25, 2, 30).timestamp()
    assert quiet_until(windows, first) == first + 900
    assert quiet_until(windows, first + 3600) == first + 4500
