"""OCSF Data Security Findings are valid against the released schema, from create to close under one uid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from phiscan.alert.message import test_message as a_test_message
from phiscan.alert.ocsf import findings
from phiscan.incidents import deciding
from phiscan.model import Level
from phiscan.store import Store
from tests.alert.book import FILE, Desk
from tests.schemas import wrong

CREATE, UPDATE, CLOSE = 1, 2, 3
NEW, IN_PROGRESS, SUPPRESSED, RESOLVED = 1, 2, 3, 4


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    store = Store.open(f"sqlite:///{tmp_path}/state/phiscan.db", create=True)
    yield Desk(store, FILE | {"repeat_after": {"default": "1h"}})
    store.close()


def told(desk: Desk) -> list[tuple[str, int, int, int, bool]]:
    """Say all that is due; return uid, activity, type, status and whether it is an alert of each event, all valid."""
    desk.again("nobody")
    found = []
    while desk.waits("file"):
        message = desk.say()
        for event in findings(message, "fr") if message is not None else []:
            event = json.loads(json.dumps(event))
            assert wrong(event) == []
            found.append(
                (
                    event["finding_info"]["uid"].partition("-")[2],
                    event["activity_id"],
                    event["type_uid"],
                    event["status_id"],
                    event["is_alert"],
                )
            )
    return found


def test_from_create_to_close(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    desk.found("/srv/x/b.csv", level=Level.SHARED)
    assert told(desk) == [("1", CREATE, 200601, NEW, True), ("2", CREATE, 200601, NEW, True)]
    desk.at += 3600
    assert told(desk) == [("1", UPDATE, 200602, NEW, True), ("2", UPDATE, 200602, NEW, True)]
    with desk.writing() as connection:
        deciding.acknowledge(connection, 1, "moi", desk.at)
        deciding.qualify(connection, 1, "to_notify", "dpo", desk.at, "lu", desk.at - 48 * 3600)
    assert told(desk) == [("1", UPDATE, 200602, IN_PROGRESS, True)]
    with desk.writing() as connection:
        decision = deciding.dismissal(deciding.found(connection, 2), "test_data", "file", None, "essai", "moi", desk.at)
        deciding.dismiss(connection, desk.telling, decision)
    assert told(desk) == [("2", UPDATE, 200602, SUPPRESSED, True)]
    desk.at += 600
    desk.gone("/srv/a.csv")
    desk.at += 5
    assert told(desk) == [("1", CLOSE, 200603, RESOLVED, False)]
    desk.at += 1000
    desk.found("/srv/a.csv")
    assert told(desk) == [("1", UPDATE, 200602, NEW, True)]


def test_what_grew_before_the_first_word_is_new(desk: Desk) -> None:
    desk.found("/srv/a.csv", 7, complete=False)
    desk.found("/srv/a.csv", 12)
    message = desk.message()
    assert (message.new, findings(message, "en")[0]["activity_id"]) == (1, CREATE)


def test_a_first_walk_creates(desk: Desk) -> None:
    desk.found("/srv/a.csv", level=Level.SHARED, told_in="initial")
    with desk.writing() as connection:
        desk.telling.conclude(connection, "initial", desk.at)
    assert told(desk) == [("1", CREATE, 200601, NEW, True)]


def test_a_test_is_seen_and_is_no_alert() -> None:
    message = a_test_message(12.0, "webhook")
    (event,) = findings(message, "fr")
    assert wrong(event) == []
    assert (event["type_uid"], event["activity_name"], event["severity_id"]) == (200699, "Test", 1)
    assert event["is_alert"] is False
    assert event["finding_info"] == {
        "uid": message.key,
        "title": "Ceci est un essai de phiscan\u202f: ce canal fonctionne.",
    }


def test_when_and_where(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    (event,) = findings(desk.message(), "fr")
    assert event["message"] == "phiscan · Alerte · critique · 1 fichier · /srv"
    assert (event["finding_info"]["first_seen_time"], event["time"]) == (1_000_000_000, 1_000_000_000)
    assert [event["unmapped"][name] for name in ("kind", "zone", "deadline")] == ["alert", "/srv", None]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"severity_id": 12}, "$.severity_id: 12 is not one of"),
        ({"file": {"path": "/srv"}}, "$.file: 'name' is a required property"),
        ({"persons": 3}, "$: Additional properties are not allowed ('persons' was unexpected)"),
        ({"data_security": {"category_id": 1}}, "$.data_security: {'category_id': 1} is not valid under any"),
    ],
)
def test_the_schema_refuses_what_is_wrong(desk: Desk, change: dict[str, Any], said: str) -> None:
    desk.found("/srv/a.csv")
    message = desk.message()
    found = wrong(findings(message, "fr")[0] | change)
    assert any(one.startswith(said) for one in found), found
