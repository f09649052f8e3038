"""`phiscan incidents`, `coverage` and `alert-test`, on what a daemon has left."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from tests.hooks import hook
from tests.running import CLEAN, Inside
from tests.watching import Watch, table, until

Run = Callable[..., tuple[int, str]]
PUBLIC, SHARED = "public.identified-health", "shared.identified-health"


@pytest.fixture
def left(made: Callable[..., Watch]) -> Watch:
    """Return a configuration whose daemon has found three tables and has ended."""
    watch = made()
    (watch.srv / "pub").mkdir()
    (watch.srv / "pub/a.csv").write_text(table(1))
    (watch.srv / "b.csv").write_text(table(2, rows=6))
    (watch.srv / "pub/c.csv").write_text(table(3))
    (watch.srv / "d.txt").write_text(CLEAN)
    (watch.srv / "e.pdf").write_bytes(b"%PDF-1.4 broken")
    watch.start()
    until(lambda: watch.idle() and len(watch.states()) == 3 and watch.unsent() == 0)
    until(lambda: watch.events("covered") == 1)
    watch.stop()
    return watch


@pytest.fixture
def run(left: Watch, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process; return its status and what it says."""
    inside = Inside(left.home, capfdbinary, monkeypatch)
    monkeypatch.setenv("PHISCAN_LANGUAGE", "en")
    monkeypatch.setenv("SUDO_USER", "lea")

    def one(*arguments: str) -> tuple[int, str]:
        status, out, err = inside(*arguments, "-c", str(left.home / "phiscan.yaml"))
        return status, (out + err).decode()

    return one


def number(left: Watch, name: str) -> str:
    return next(str(one.id) for one in left.incidents() if one.shown.endswith(name))


def test_list_and_replay(run: Run, left: Watch) -> None:
    status, out = run("incidents", "list")
    assert status == 0
    places = [line.split("  ")[-1].strip() for line in out.splitlines()]
    assert sorted(places[:2]) == [f"{left.srv}/pub/a.csv", f"{left.srv}/pub/c.csv"]
    assert places[2:] == [f"{left.srv}/b.csv"]
    assert [line.split("  ")[-2].strip() for line in out.splitlines()] == [PUBLIC, PUBLIC, SHARED]
    assert run("incidents") == run("incidents", "list")
    assert run("incidents", "--severity", "critical") == run("incidents", "list", "--severity", "critical")
    assert run("incidents", "list", "--severity", "critical")[1].count("\n") == 2
    status, out = run("incidents", "list", "-f", "json")
    data = json.loads(out)
    assert data["schema"] == "phiscan.incidents/1"
    assert [one["rule"]["id"] for one in data["incidents"]] == [PUBLIC, PUBLIC, SHARED]
    status, out = run("incidents", "list", "--since", "0", "-f", "jsonl")
    events = [json.loads(line) for line in out.splitlines()]
    assert [(one["cursor"], one["event"]) for one in events] == [(1, "opened"), (2, "opened"), (3, "opened")]
    assert run("incidents", "list", "--since", "3", "-f", "jsonl") == (0, "")
    assert run("incidents", "list", "--since", "3")[0] == 2
    assert run("incidents", "list", "--since", "x", "-f", "jsonl")[0] == 2
    assert run("incidents", "list", "--state", "gone")[0] == 2


def test_show_and_qualify(run: Run, left: Watch) -> None:
    which = number(left, "a.csv")
    status, out = run("incidents", "show", which)
    assert status == 0
    assert "Notify the breach to the CNIL · CNIL, breach notification service · 72 h after becoming aware" in out
    assert run("incidents", "qualify", which, "--as", "to_notify")[0] == 2  # no reason
    done = run("incidents", "qualify", which, "--as", "to_notify", "--reason", "open to all", "--aware", "2026-11-21")
    assert done[0] == 0
    told = [line.strip() for line in done[1].splitlines()[1:]]
    assert told[:2] == [
        "qualification  to be notified",
        "Notify the breach to the CNIL · CNIL, breach notification service · by 2026-11-24 00:00",
    ]
    assert [line.rpartition(" · ")[2] for line in told[2:]] == [
        "without undue delay",
        "without undue delay",
        "by 2026-11-24 00:00",
    ]
    status, out = run("incidents", "show", which)
    assert "by 2026-11-24 00:00" in out
    assert "qualified (lea, to be notified, known since 2026-11-21 00:00, open to all)" in out
    data = json.loads(run("incidents", "show", which, "-f", "json")[1])
    assert data["qualification"] == "to_notify"
    assert [event["event"] for event in data["history"]] == ["opened", "qualified"]
    assert [duty["id"] for duty in data["duties"]] == ["cnil-72h", "inform-persons", "report-ans", "complaint-72h"]
    assert run("incidents", "show", "99") == (2, "phiscan: incident 99: unknown\n")


def test_acknowledge_and_resolve(run: Run, left: Watch) -> None:
    first, second = number(left, "a.csv"), number(left, "b.csv")
    assert run("incidents", "ack", first)[0] == 0
    assert run("incidents", "resolve", second, "--reason", "moved away")[0] == 0
    assert run("incidents", "ack", second) == (2, f"phiscan: incident {second}: resolved or dismissed already\n")
    assert {one.id: one.state for one in left.incidents()} | {0: ""} == {
        int(first): "acknowledged",
        int(second): "resolved",
        int(number(left, "c.csv")): "new",
        0: "",
    }
    left.start()  # it is still there: the next whole walk asks again
    until(lambda: {one.id: one.state for one in left.incidents()}[int(second)] == "new")


def test_dismiss_shows_what_it_hides_first(run: Run, left: Watch) -> None:
    which = number(left, "a.csv")
    asked = ("incidents", "dismiss", which, "--as", "test_data", "--scope", "folder", "--reason", "made up")
    status, out = run(*asked)
    assert (status, "and 1 other:" in out, f"{left.srv}/pub/c.csv" in out) == (2, True, True)
    assert {one.state for one in left.incidents()} == {"new"}
    status, out = run(*asked, "--until", "2099-12-31", "--yes")
    assert (status, out.splitlines()[-1]) == (0, "2 incidents dismissed; they stay on record")
    assert run("incidents", "list")[1].count("\n") == 1
    assert run("incidents", "list", "--state", "dismissed")[1].count("\n") == 2
    for wrong in (("--as", "x"), ("--as", "test_data", "--scope", "x"), ("--as", "test_data", "--until", "soon")):
        assert run("incidents", "dismiss", which, *wrong, "--reason", "r", "--yes")[0] == 2
    assert run("incidents", "dismiss", which, "--reason", "r", "--yes")[0] == 2
    assert run(*asked, "--until", "2020-12-31", "--yes") == (2, "phiscan: --until: that day is over\n")


def test_coverage(run: Run, left: Watch) -> None:
    status, out = run("coverage")
    assert status == 3  # a file was not read
    assert "excluded: 0; gaps: 1" in out
    assert f"{left.srv}/e.pdf : malformed (damaged PDF)" in out
    assert "the signature is valid" in out
    walks = json.loads(run("coverage", "-f", "json")[1])["walks"]
    assert [(one["files"], one["valid"], one["root"]) for one in walks] == [(5, True, str(left.srv))]
    assert run("coverage", "--at", "2020-01-01") == (3, "No walk had ended by then: nothing is proved.\n")
    with sqlite3.connect(left.home / "state/phiscan.db") as database:
        database.execute("UPDATE walks SET record = replace(record, '\"files\": 5', '\"files\": 6')")
    database.close()
    assert "wrong signature: this record was altered" in run("coverage")[1]
    with sqlite3.connect(left.home / "state/phiscan.db") as database:
        database.execute("UPDATE walks SET record = replace(record, '\"files\": 6', '\"files\": 5')")
    database.close()
    assert "the signature is valid" in run("coverage")[1]
    with sqlite3.connect(left.home / "state/phiscan.db") as database:  # the proof of one day, laid under another
        database.execute("UPDATE walks SET started = started - 864000, ended = ended - 864000")
    database.close()
    assert "wrong signature: this record was altered" in run("coverage")[1]


def test_alert_test(run: Run, left: Watch) -> None:
    with hook() as slack:
        (left.home / "slack").write_text(slack.url)
        left.config["alerts"]["slack"] = {"webhook_url_file": "slack"}
        left.write()
        assert run("alert-test") == (0, "file     accepted\nslack    accepted\n")
        slack.answer = lambda number: (500, {})
        assert run("alert-test") == (1, "file     accepted\nslack    not accepted: HTTP 500\n")
        assert len(slack.bodies) == 1
    left.config["alerts"] = {}
    left.write()
    assert run("alert-test") == (1, "no channel is configured (alerts)\n")


def test_a_store_that_is_not_there_and_a_key_that_was_lost(run: Run, left: Watch) -> None:
    (left.home / "state/key").unlink()
    status, out = run("coverage")
    assert (status, out.count("\n")) == (2, 1)
    assert "is missing" in out
    process: Any = left.process
    assert process is None
    with pytest.raises(AssertionError):
        left.start()  # status 2, and no new key
    assert not (left.home / "state/key").exists()
    os.rename(left.home / "state/phiscan.db", left.home / "state/away.db")
    status, out = run("incidents", "list")
    assert (status, "no phiscan store here" in out) == (2, True)
