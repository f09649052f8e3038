"""Deadlines that a person's qualification starts: reminders before the 72 hours are over, whatever the file does."""

from __future__ import annotations

import pytest

from phiscan.alert.message import Message
from phiscan.alert.wording import headline, lines
from phiscan.incidents import deciding
from phiscan.model import Level
from phiscan.store import Store
from tests.alert.book import FILE, Desk

HOUR = 3600.0


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def qualify(desk: Desk, how: str, aware: float, number: int = 1) -> None:
    with desk.writing() as connection:
        deciding.qualify(connection, number, how, "dpo", desk.at, "lu par un tiers", aware)  # type: ignore[arg-type]


def reminded(desk: Desk) -> list[Message]:
    desk.again("nobody")
    found = []
    while desk.waits("file"):
        if (one := desk.say()) is not None and one.kind == "deadline":
            found.append(one)
    return found


def acknowledged(desk: Desk, number: int = 1) -> None:
    with desk.writing() as connection:
        deciding.acknowledge(connection, number, "moi", desk.at)


def test_reminded_a_day_and_six_hours_before_and_no_more(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    desk.said()
    acknowledged(desk)
    start = desk.at
    assert reminded(desk) == []
    qualify(desk, "to_notify", start - HOUR)
    told = []
    for hour in range(90):
        desk.at = start + hour * HOUR
        told += [hour for _ in reminded(desk)]
    assert told == [47, 65]
    assert desk.kinds(1) == ["opened", "acknowledged", "qualified", "reminded", "reminded"]


def test_what_a_reminder_says(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    desk.said()
    qualify(desk, "to_notify", desk.at)
    until = desk.at + 72 * HOUR
    desk.at = until - 24 * HOUR
    (message,) = reminded(desk)
    assert message.to_dict()["deadlines"] == [
        {"incident": 1, "duty": "cnil-72h", "until": "1970-01-15T13:46:40Z"},
        {"incident": 1, "duty": "complaint-72h", "until": "1970-01-15T13:46:40Z"},
    ]
    assert headline(message, "fr") == "phiscan · Échéance légale · critique · 1 fichier · /srv"
    assert dict(lines(message, "en"))["deadline"].startswith("Notify the breach to the CNIL: by 1970-01-15 ")
    desk.at = until + 1
    qualify(desk, "to_notify", until - 72 * HOUR)
    (late,) = reminded(desk)
    assert dict(lines(late, "en"))["deadline"].startswith("Notify the breach to the CNIL: overdue since 1970-01-15 ")


def test_a_file_that_is_gone_ends_no_deadline_and_notification_does(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    qualify(desk, "to_notify", desk.at)
    desk.gone("/srv/a.csv")
    desk.at += 50 * HOUR
    (message,) = reminded(desk)
    assert (message.open, message.resolved, message.files, message.pressing) == (0, 0, 1, True)
    qualify(desk, "notified", desk.at)
    desk.at += 20 * HOUR
    assert reminded(desk) == []


def test_another_qualification_starts_it_anew(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    qualify(desk, "to_notify", desk.at)
    desk.at += 50 * HOUR
    assert len(reminded(desk)) == 1
    qualify(desk, "to_notify", desk.at)
    desk.at += 47 * HOUR
    assert reminded(desk) == []
    desk.at += HOUR
    assert len(reminded(desk)) == 1


def test_quiet_hours_and_a_minimum_hold_no_reminder_back(store: Store) -> None:
    routes = [{"to": ["file"], "minimum": "critical", "quiet": ["mon-sat 00:00-24:00", "sun 00:00-23:59"]}]
    desk = Desk(store, FILE | {"routes": routes})
    desk.found("/srv/a.csv", level=Level.SHARED)
    assert desk.said() == []
    qualify(desk, "to_notify", desk.at)
    desk.at += 48 * HOUR
    (message,) = reminded(desk)
    assert (message.place, message.files) == ("/srv", 1)


def test_a_reminder_takes_nothing_away_from_what_is_still_to_be_told(desk: Desk) -> None:
    """The alert of b.csv waits for the group's pause when the reminder of a.csv goes out."""
    desk.found("/srv/a.csv")
    desk.said()
    qualify(desk, "to_notify", desk.at - 48 * HOUR)
    desk.found("/srv/b.csv")
    assert [one.files for one in reminded(desk)] == [1]
    desk.at += 5
    assert desk.said() == [("alert", "/srv", 1, 2, 0)]


def test_a_dismissal_takes_nothing_away_either(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    desk.said()
    desk.found("/srv/b.csv")
    with desk.writing() as connection:
        asked = deciding.found(connection, 1)
        decision = deciding.dismissal(asked, "test_data", "file", None, "essai", "moi", desk.at)
        deciding.dismiss(connection, desk.telling, decision)
    assert desk.said() == [("dismissal", "/srv", 0, 1, 0)]
    desk.at += 5
    assert desk.said() == [("alert", "/srv", 1, 1, 0)]
