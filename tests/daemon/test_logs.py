"""The daemon's log: what is said again, and how often."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from phiscan.daemon.logs import Log

if TYPE_CHECKING:
    import pytest


def test_a_store_that_is_held_is_said_once_a_minute_with_how_often(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [10.0]
    monkeypatch.setattr("phiscan.daemon.logs.time.monotonic", lambda: clock[0])
    stream = io.StringIO()
    log = Log("info", stream)
    for at in (10.0, 10.5, 40.0, 69.9, 70.0, 71.0):
        clock[0] = at
        log.store_failed("store.locked")
    log.store_failed("store.full")
    log.store_failed("store.full")
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(one["level"], one["why"], one.get("times")) for one in said] == [
        ("warning", "store.locked", 1),
        ("warning", "store.locked", 4),
        ("error", "store.full", None),
        ("error", "store.full", None),
    ]
    assert {one["event"] for one in said} == {"store failed"}


def test_the_first_word_on_a_held_store_is_never_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phiscan.daemon.logs.time.monotonic", lambda: 0.0)  # the machine has just begun
    stream = io.StringIO()
    Log("info", stream).store_failed("store.locked")
    assert stream.getvalue().count("store failed") == 1
