"""Reminders before the last day of a zone: to whom, when, once each, and only while files are there."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from phiscan.alert import cef
from phiscan.alert.endings import Endings
from phiscan.alert.fields import fields
from phiscan.alert.mail import Mail
from phiscan.alert.message import Context, Message, message_of
from phiscan.alert.ocsf import findings
from phiscan.alert.routing import Routing
from phiscan.alert.slack import blocks
from phiscan.alert.wording import headline, plain, title
from phiscan.config import Config
from phiscan.config.alerts import Alerts
from phiscan.messages import Told
from phiscan.model import Level, Place
from phiscan.store import Store, ledger, outbox
from phiscan.store.ledger import Pending, entry_of
from tests.hooks import unfit
from tests.schemas import wrong

LAST = date(2026, 12, 31)
DAY = 86_400.0
MAIL = {"host": "smtp.example.org", "from": "phiscan@example.org", "to": ["rssi@example.org"]}
CHANNELS = {"file": {"path": "/nowhere/a.jsonl"}, "slack": {"webhook_url_file": "/nowhere/s"}, "email": MAIL}


def at(day: int, hour: int = 12, month: int = 12) -> float:
    return datetime(2026, month, day, hour).timestamp()


class Zones:
    """Declared zones, channels, and a store."""

    def __init__(self, store: Store, *zones: dict[str, Any], routes: tuple[dict[str, Any], ...] = ()) -> None:
        self.store = store
        self.config = Config.model_validate({"zones": zones, "alerts": {**CHANNELS, "routes": routes}})
        with store.write() as connection:
            self.root = ledger.root_of(connection, b"/srv").id

    def begin(self) -> Endings:
        """Return the reminders as a daemon that starts has them."""
        return Endings(self.config.zones, Routing(self.config.alerts, self.config.zones))

    def put(self, *paths: str) -> None:
        with self.store.write() as connection:
            for path in paths:
                place = Place(path.encode(), 1, hash(path) % 1000, 20, 1, 1, 0o600, 0, 0)
                ledger.put(connection, entry_of(self.root, place, Level.RESTRICTED, Pending.FOUND))

    def clear(self) -> None:
        with self.store.write() as connection:
            for entry in ledger.below(connection, self.root, b"/srv", b"", ledger.last_id(connection)):
                ledger.drop(connection, entry.id)

    def told(self, when: float, channel: str = "file") -> list[Message]:
        """Remind, and return what a channel is told by then."""
        with self.store.write() as connection:
            self.begin().remind(connection, when)
        return self.said(when, channel)

    def said(self, when: float, channel: str = "file") -> list[Message]:
        found = []
        context = Context(rules={}, duties={}, role="controller", endings=self.begin())
        with self.store.write() as connection:
            while (item := outbox.claim(connection, channel, when)) is not None:
                message = message_of(connection, item, context, when)
                outbox.sent(connection, item, when, 0)
                found += [] if message is None else [message]
        return found


ZONE = {"path": "/srv/labo", "owner": "Laboratoire", "until": LAST}


@pytest.fixture
def zones(store: Store) -> Zones:
    made = Zones(store, ZONE)
    made.put("/srv/labo/a.csv", "/srv/labo/in/b.csv", "/srv/other/c.csv")
    return made


def test_each_reminder_once_also_across_restarts(zones: Zones) -> None:
    days = [(month, day) for month, day in ((12, number) for number in range(1, 32))]
    told = [(day, message.ends.days) for month, day in days for message in zones.told(at(day)) if message.ends]
    assert told == [(17, 14), (24, 7), (30, 1)]
    assert zones.told(at(1, month=1) + 365 * DAY) == []  # after the date the rules go on


def test_after_a_pause_only_the_nearest_is_told(zones: Zones) -> None:
    assert [message.ends.days for message in zones.told(at(26)) if message.ends] == [5]
    assert zones.told(at(27)) == []
    assert [message.ends.days for message in zones.told(at(31)) if message.ends] == [0]


def test_an_empty_zone_is_not_told_of_until_it_holds_something(zones: Zones) -> None:
    zones.clear()
    assert zones.told(at(18)) == []
    zones.put("/srv/labo/late.csv")
    assert [message.files for message in zones.told(at(19))] == [1]


def test_what_is_empty_when_it_is_to_be_said_is_not_said(zones: Zones) -> None:
    with zones.store.write() as connection:
        zones.begin().remind(connection, at(18))
    zones.clear()
    assert zones.said(at(18)) == []


def test_a_zone_that_was_extended_is_told_of_again(zones: Zones) -> None:
    assert len(zones.told(at(30))) == 1
    zones.config = Config.model_validate({"zones": [ZONE | {"until": date(2027, 1, 31)}], "alerts": CHANNELS})
    assert zones.told(at(31)) == []
    assert [message.ends.days for message in zones.told(at(20, month=1) + 365 * DAY) if message.ends] == [11]


@pytest.mark.parametrize(
    ("remind", "expected"), [(["30d", "48h"], [1, 29]), ([], []), (["36h"], [30])], ids=["two", "none", "noon"]
)
def test_when_is_configured(store: Store, remind: list[str], expected: list[int]) -> None:
    made = Zones(store, ZONE | {"remind": remind})
    made.put("/srv/labo/a.csv")
    assert [day for day in range(1, 32) for _ in made.told(at(day, 11))] == expected


def test_a_wrong_reminder_is_an_error(tmp_path: Path) -> None:
    from phiscan import config

    file = tmp_path / "phiscan.yaml"
    file.write_text("zones:\n  - path: /srv\n    remind: [soon]\n", "utf-8")
    with pytest.raises(Told) as error:
        config.load(str(file), {})
    assert error.value.status == 2
    assert f"{file}:3" in str(error.value)


def test_the_owner_s_route_decides(store: Store) -> None:
    routes = (
        {"match": {"owner": "Laboratoire", "severity": "critical"}, "to": ["slack"]},  # a reminder is no incident
        {"match": {"owner": "Laboratoire"}, "to": ["email"], "quiet": ["00:00-08:00"]},
    )
    made = Zones(store, ZONE, {"path": "/srv/x", "until": LAST}, routes=routes)
    made.put("/srv/labo/a.csv", "/srv/x/b.csv")
    assert [message.zone for message in made.told(at(17, 1))] == ["/srv/x"]
    assert [message.zone for message in made.said(at(17, 1), "slack")] == ["/srv/x"]
    assert [message.zone for message in made.said(at(17, 1), "email")] == ["/srv/x"]
    assert made.said(at(17, 7), "email") == []  # it is quiet
    assert [message.zone for message in made.said(at(17, 8), "email")] == ["/srv/labo"]


def test_zones_within_that_end_later_count_for_themselves(store: Store) -> None:
    made = Zones(store, ZONE, {"path": "/srv/labo/in", "until": date(2027, 6, 1)})
    made.put("/srv/labo/in/b.csv", "/srv/labo/in/c.csv")
    assert made.told(at(18)) == []
    made.put("/srv/labo/a.csv")
    assert [message.files for message in made.told(at(18))] == [1]


def test_how_it_is_said(zones: Zones) -> None:
    (message,) = zones.told(at(24))
    assert headline(message, "fr") == "phiscan · Fin de zone · 2 fichiers · /srv/labo"
    assert title(message, "fr") == "La zone prend fin le 31/12/2026 (dans 7 jours) et contient encore des fichiers"
    assert title(message, "en") == "The zone ends on 2026-12-31 (in 7 days) and still holds files"
    said = plain(message, "fr")
    for part in ("fin ", "31/12/2026, dans 7 jours", "Laboratoire", "phiscan coverage --zone /srv/labo", "(until)"):
        assert part in said
    assert message.pressing
    data = message.to_dict()
    assert (data["kind"], data["ends"], data["files"]) == ("ending", {"until": "2026-12-31", "days": 7}, 2)
    assert fields(message)["until"] == "2026-12-31"
    assert "phiscanUntil=2026-12-31" in cef.line(message, "fr")
    (event,) = findings(message, "fr")
    assert wrong(event) == []
    assert (event["file"]["path"], event["unmapped"]["ends"]["days"]) == ("/srv/labo", 7)
    assert unfit({"text": headline(message, "fr"), "blocks": blocks(message, "fr")}) == []
    settings = Alerts.model_validate({"email": MAIL | {"starttls": False}}).email
    assert settings is not None
    mail = Mail(settings, "fr").mail(message)
    assert mail["Subject"] == "phiscan · Fin de zone · 2 fichiers · /srv/labo"
