"""The sender: threads for each channel, so that a dead or slow one delays no other and loses nothing."""

from __future__ import annotations

import io
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from phiscan.alert.channel import Undelivered, make
from phiscan.alert.message import Message, message_of
from phiscan.alert.sender import Sender
from phiscan.config import Config
from phiscan.daemon.logs import Log
from phiscan.model import Level
from phiscan.store import Store, now, outbox
from tests.alert.book import Desk, context
from tests.hooks import Hook, hook
from tests.watching import until

if TYPE_CHECKING:
    from sqlalchemy import Connection


@pytest.fixture
def endpoint() -> Iterator[Hook]:
    with hook() as one:
        yield one


def lines(file: Path) -> list[int]:
    return [json.loads(line)["open"] for line in file.read_text().splitlines()] if file.exists() else []


def waiting(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return {name: count for name, (count, _) in outbox.queued(connection).items()}


def test_a_dead_channel_delays_no_other(store: Store, endpoint: Hook, tmp_path: Path) -> None:
    alerts = {"file": {"path": str(tmp_path / "a.jsonl")}, "webhook": {"url": endpoint.url}, "group_wait": 0}
    config = Config.model_validate({"alerts": alerts})
    desk, log = Desk(store, alerts), io.StringIO()
    desk.at = now()
    endpoint.answer = lambda number: {1: (500, {}), 2: (429, {"Retry-After": "1"})}.get(number, (200, {}))
    channels = {name: make(name, config, "fr") for name in ("file", "webhook")}
    sender = Sender(store, channels, context(), Log("debug", log))
    sender.start()
    try:
        desk.found("/srv/a/1.csv")
        sender.wake()
        until(lambda: lines(tmp_path / "a.jsonl") == [1])
        assert endpoint.bodies == []
        desk.found("/srv/b/2.csv")
        sender.wake()
        until(lambda: lines(tmp_path / "a.jsonl") == [1, 1])
        until(lambda: waiting(store) == {})
        assert sorted(body["place"] for body in endpoint.bodies) == ["/srv/a", "/srv/b"]
        assert len({headers["Idempotency-Key"] for headers in endpoint.headers}) == 2
    finally:
        sender.close()
    said = [json.loads(line) for line in log.getvalue().splitlines()]
    refused = [(one["channel"], one["why"]) for one in said if one["event"] == "alert not accepted"]
    assert refused == [("webhook", "HTTP 500"), ("webhook", "HTTP 429")]
    assert (sender.sent, sender.failed) == ({"file": 2, "webhook": 2}, {"webhook": 2})


def test_the_store_is_asked_only_when_there_is_news(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts = {"file": {"path": str(tmp_path / "a.jsonl")}}
    desk, asked = Desk(store, alerts), list[str]()
    desk.at = now()
    plain = outbox.next_due

    def counted(connection: Connection, name: str) -> float | None:
        asked.append(name)
        return plain(connection, name)

    monkeypatch.setattr(outbox, "next_due", counted)
    config = Config.model_validate({"alerts": alerts})
    sender = Sender(store, {"file": make("file", config, "fr")}, context(), Log("debug", io.StringIO()))
    sender.start()
    try:
        sender.news(0)
        until(lambda: len(asked) >= 2)  # at its start, and as it learns where the outbox ends
        before = len(asked)
        for _ in range(20):  # files that are nothing to be told
            sender.news(0)
            time.sleep(0.01)
        assert len(asked) == before
        desk.found("/srv/a/1.csv")
        with store.read() as connection:
            last = outbox.last_id(connection)
        assert last > 0
        sender.news(last)
        until(lambda: lines(tmp_path / "a.jsonl") == [1])
    finally:
        sender.close()


def test_several_groups_are_on_their_way_together_and_one_in_order(store: Store, endpoint: Hook) -> None:
    config = Config.model_validate({"alerts": {"webhook": {"url": endpoint.url}, "group_wait": 0}})
    desk = Desk(store, {"webhook": {"url": endpoint.url}, "group_wait": 0})
    desk.at = now()
    let = threading.Event()
    endpoint.hold = let.wait
    sender = Sender(store, {"webhook": make("webhook", config, "fr")}, context(), Log("debug", io.StringIO()))
    for folder in "abc":
        desk.found(f"/srv/{folder}/1.csv")
    sender.start()
    try:
        until(lambda: sorted(body["place"] for body in endpoint.bodies) == ["/srv/a", "/srv/b", "/srv/c"])
        desk.found("/srv/a/2.csv")
        desk.found("/srv/d/1.csv")
        sender.wake()
        until(lambda: sorted(body["place"] for body in endpoint.bodies)[3:] == ["/srv/d"])
        let.set()
        until(lambda: waiting(store) == {})
    finally:
        let.set()
        sender.close()
    said = [(body["new"], body["open"]) for body in endpoint.bodies if body["place"] == "/srv/a"]
    assert said == [(1, 1), (1, 2)]


def test_what_a_dead_daemon_had_claimed_is_said_again(store: Store, tmp_path: Path) -> None:
    alerts = {"file": {"path": str(tmp_path / "a.jsonl")}}
    desk, log = Desk(store, alerts), io.StringIO()
    desk.at = now()
    desk.found("/srv/a.csv")
    with store.write() as connection:
        assert outbox.claim(connection, "file", now()) is not None
    channel = make("file", Config.model_validate({"alerts": alerts}), "fr")
    sender = Sender(store, {"file": channel}, context(), Log("debug", log))
    sender.start()
    until(lambda: lines(tmp_path / "a.jsonl") == [1])
    sender.close()
    assert json.loads(log.getvalue().splitlines()[0]) | {"at": ""} == {
        "at": "",
        "level": "warning",
        "event": "deliveries unknown, said again",
        "count": 1,
    }


def test_what_became_of_a_delivery_is_written_down_once_the_store_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a row would stay claimed: refused, and never said again."""
    monkeypatch.setattr("phiscan.store._BUSY", 0.05)
    monkeypatch.setattr("phiscan.alert.sender._BROKEN", 0.05)
    store = Store.open(f"sqlite:///{tmp_path}/phiscan.db", create=True)
    other = sqlite3.connect(tmp_path / "phiscan.db", isolation_level=None, check_same_thread=False)
    said: list[str] = []

    class Locks:
        def send(self, message: Message) -> None:
            other.execute("BEGIN IMMEDIATE")
            said.append(message.key)
            if len(said) == 1:
                raise Undelivered("HTTP 503", 1.0)

    desk, log = Desk(store), io.StringIO()
    desk.at = now()
    desk.found("/srv/a.csv")
    sender = Sender(store, {"file": Locks()}, context(), Log("debug", log))
    sender.start()
    for number in (1, 2):
        until(lambda: log.getvalue().count("store failed") >= number, log.getvalue)  # noqa: B023
        assert waiting(store) == {"file": 1}
        other.execute("ROLLBACK")
        until(lambda: len(said) == 2, log.getvalue)
        log.seek(0)
        log.truncate()
    until(lambda: waiting(store) == {})
    sender.close()
    assert (len(said), len(set(said))) == (2, 1)
    other.close()
    store.close()


def test_a_message_that_cannot_be_made_silences_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*arguments: Any) -> Message | None:
        message = message_of(*arguments)
        if message is not None and message.place == "/srv/a":
            raise ValueError("DUPONT Marie")
        return message

    monkeypatch.setattr("phiscan.alert.sender.message_of", failing)
    alerts = {"file": {"path": str(tmp_path / "a.jsonl")}}
    desk, log = Desk(store, alerts), io.StringIO()
    desk.at = now()
    desk.found("/srv/a/1.csv")
    desk.found("/srv/b/2.csv")
    channel = make("file", Config.model_validate({"alerts": alerts}), "fr")
    sender = Sender(store, {"file": channel}, context(), Log("debug", log))
    sender.start()
    until(lambda: lines(tmp_path / "a.jsonl") == [1])
    monkeypatch.setattr("phiscan.alert.sender.message_of", message_of)
    until(lambda: lines(tmp_path / "a.jsonl") == [1, 1])
    sender.close()
    assert "ValueError" in log.getvalue()
    assert "DUPONT" not in log.getvalue()


def test_what_quiet_hours_held_back_is_one_delivery(store: Store, endpoint: Hook) -> None:
    began, ended = (datetime.fromtimestamp(now() - before) for before in (7200, 120))
    route = {"to": ["webhook"], "quiet": f"{began:%H:%M}-{ended:%H:%M}"}
    alerts = {"webhook": {"url": endpoint.url}, "routes": [route]}
    desk, log = Desk(store, alerts), io.StringIO()
    desk.at = now() - 3600
    for folder in "abc":
        desk.found(f"/srv/{folder}/1.csv", level=Level.SHARED)
    endpoint.answer = lambda number: (429, {"Retry-After": "1"}) if number == 1 else (200, {})
    channel = make("webhook", Config.model_validate({"alerts": alerts}), "fr")
    sender = Sender(store, {"webhook": channel}, context(), Log("debug", log))
    sender.start()
    try:
        until(lambda: waiting(store) == {})
    finally:
        sender.close()
    assert [(body["kind"], body["new"], body["files"], body["place"]) for body in endpoint.bodies] == [
        ("quiet", 3, 3, "/srv")
    ]
    assert (sender.sent, sender.failed, endpoint.asked) == ({"webhook": 1}, {"webhook": 1}, 2)
    assert sender.latency["webhook"] < 3600  # counted from the end of the quiet hours
