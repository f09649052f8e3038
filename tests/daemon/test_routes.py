"""Quiet hours in the real daemon: what is public is told, the rest waits for their end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from phiscan.incidents import deciding
from phiscan.incidents.incident import moment
from phiscan.store import now as clock
from phiscan.store import outbox
from tests.watching import Watch, table, until


def test_only_what_is_public_is_told_in_quiet_hours(made: Callable[..., Watch]) -> None:
    now = datetime.now()
    start, end = (now - timedelta(hours=2)).strftime("%H:%M"), now + timedelta(hours=3)
    route = {"match": {"owner": "Labo"}, "to": ["file"], "quiet": f"{start}-{end:%H:%M}"}
    watch = made(alerts={"file": {"path": "alerts.jsonl"}, "group_wait": 0, "routes": [route]})
    watch.config["zones"].append({"path": "srv", "owner": "Labo"})
    (watch.srv / "pub").mkdir()
    watch.start()
    until(watch.idle)
    (watch.srv / "nuit").mkdir(mode=0o755)
    (watch.srv / "nuit/a.csv").write_text(table(1))
    until(lambda: len(watch.states()) == 1)
    (watch.srv / "pub/b.csv").write_text(table(2))
    until(lambda: len(watch.messages()) == 1)
    watch.stop()
    assert [(one["kind"], one["place"]) for one in watch.messages()] == [("alert", f"{watch.srv}/pub")]
    with watch.store() as store, store.read() as connection:
        (held,) = [one for one in outbox.sendings(connection) if one.sent is None]
    ends = end.replace(second=0, microsecond=0).timestamp()
    assert (held.channel, held.kind, held.due) == ("file", "held_alert", ends)
    assert held.due > time.time()


def test_people_are_reminded_of_a_deadline(made: Callable[..., Watch]) -> None:
    watch = made()
    (watch.srv / "pub").mkdir()
    (watch.srv / "pub/a.csv").write_text(table(1))
    watch.start()
    until(lambda: len(watch.messages()) == 1)
    with watch.store() as store, store.write() as connection:
        at = clock()
        deciding.qualify(connection, 1, "to_notify", "dpo", at, "lu par un tiers", at - 50 * 3600)
    until(lambda: watch.kinds(1)[-1] == "reminded" and watch.unsent() == 0)
    watch.stop()
    (reminder,) = [one for one in watch.messages() if one["kind"] == "deadline"]
    assert reminder["deadlines"] == [
        {"incident": 1, "duty": duty, "until": moment(at + 22 * 3600)} for duty in ("cnil-72h", "complaint-72h")
    ]
