"""A daemon at work: a shared account in front of health data, a zone that ends, an incident that comes back, a day."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from phiscan.incidents.incident import moment
from phiscan.store import access, ledger
from tests.running import PATIENTS, phiscan
from tests.watching import Watch, until


@pytest.fixture
def watch(home: Path) -> Iterator[Watch]:
    log = home / "vsftpd.log"
    log.touch()
    watch = Watch(home, logs=["vsftpd.log"])
    watch.config["alerts"]["minimum"] = "low"
    yield watch
    watch.close()


def come(watch: Watch, account: str, address: str = "10.0.0.1", path: str = "/prive/a.csv") -> None:
    """Have the log say that somebody has fetched a file."""
    said = f'[{account}] OK DOWNLOAD: Client "{address}", "{path}", 20 bytes'
    with (watch.home / "vsftpd.log").open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now():%a %b %d %H:%M:%S %Y} [pid 2] {said}\n")


def kinds(watch: Watch) -> list[tuple[str, list[str]]]:
    return [(one["kind"], [rule["id"] for rule in one["rules"]]) for one in watch.messages()]


def test_a_shared_account_in_front_of_health_data_is_told_once(watch: Watch) -> None:
    (watch.srv / "prive").mkdir()
    (watch.srv / "prive/a.csv").write_text(PATIENTS)
    watch.start()
    until(lambda: watch.idle() and watch.ledger() == {"prive/a.csv": "scanned"})
    come(watch, "labo")
    until(lambda: kinds(watch) == [("alert", ["account.shared-health"])], lambda: kinds(watch))
    (message,) = watch.messages()
    assert (message["place"], message["severity"], message["files"]) == (str(watch.srv / "prive"), "high", 0)
    assert [(one["name"], one["service"]) for one in message["accounts"]] == [("labo", "vsftpd")]
    come(watch, "labo", "10.0.0.2")
    until(lambda: _last(watch) == 1)
    watch.stop()
    watch.start()  # another life says nothing of it again
    until(watch.idle)
    assert [one.rule for one in watch.incidents() if one.subject] == ["account.shared-health"]
    assert watch.unsent() == 0
    assert len(watch.messages()) == 1
    number = str(watch.incidents()[0].id)
    shown = phiscan("incidents", "show", number, "-c", str(watch.write()), cwd=watch.home).stdout.decode()
    assert "labo · vsftpd · nom générique" in shown
    assert "Qui l'a lu" not in shown
    as_json = phiscan("incidents", "show", number, "-f", "json", "-c", str(watch.write()), cwd=watch.home).stdout
    data = json.loads(as_json)
    assert (data["account"]["name"], data["readers"]) == ("labo", None)


def _calm(watch: Watch) -> bool:
    """Return whether no file waits to be read, or to be read again because its rights have changed."""
    with watch.store() as store, store.read() as connection:
        return not ledger.pending(connection, 1)


def _last(watch: Watch) -> int:
    """Return how many places of accounts are known once the second line was taken in."""
    with watch.store() as store, store.read() as connection:
        log = watch.home / "vsftpd.log"
        read = {one.path: one.place for one in access.log_states(connection)}  # also those of the machine
        return len(access.account_places(connection)) if read.get(bytes(log)) == log.stat().st_size else 0


def test_a_zone_that_ends_is_told_of_and_not_again_by_another_life(watch: Watch) -> None:
    last = date.today() + timedelta(days=3)
    watch.config["zones"].append({"path": "srv/labo", "owner": "Laboratoire", "until": last.isoformat()})
    (watch.srv / "labo").mkdir()
    (watch.srv / "labo/note.txt").write_text("Rien de particulier.\n")
    watch.start()
    until(lambda: [one["kind"] for one in watch.messages()] == ["ending"])
    (message,) = watch.messages()
    assert (message["files"], message["ends"]["until"], message["place"]) == (
        1, last.isoformat(), str(watch.srv / "labo"),
    )  # fmt: skip
    watch.stop()
    watch.start()
    until(watch.idle)
    assert (watch.unsent(), [one["kind"] for one in watch.messages()]) == (0, ["ending"])


def test_a_day_and_its_stops(watch: Watch) -> None:
    (watch.srv / "pub").mkdir()
    (watch.srv / "pub/a.txt").write_text("Rien de particulier.\n")
    # At noon of the day before, so that it is the same day however long this takes.
    noon = datetime.combine(date.today() - timedelta(days=1), datetime.min.time().replace(hour=12))
    (watch.home / "clock").write_text(str(int(noon.timestamp() - time.time())))
    watch.bug = [f"clock:{watch.home}/clock"]
    watch.start()
    until(lambda: watch.events("covered") == 1)
    watch.stop()
    watch.start()
    until(lambda: watch.events("covered") == 2)
    watch.stop()
    asked = noon.date().isoformat()
    done = phiscan("coverage", "--at", asked, "-f", "json", "-c", str(watch.write()), cwd=watch.home)
    day = json.loads(done.stdout)
    assert done.returncode == 3  # nobody watched before the first daemon, nor after the second
    assert [(one["valid"], one["that_day"], one["files"]) for one in day["walks"]] == [(True, True, 1)] * 2
    assert [one["valid"] for one in day["watched"]] == [True, True]
    assert day["watched_known"] is False
    (first, second), end = day["watched"], moment((noon + timedelta(hours=12)).timestamp())
    assert [(one["from"], one["to"]) for one in day["down"]] == [(first["to"], second["from"]), (second["to"], end)]


def test_what_is_shut_and_opened_again_is_reopened_with_two_intervals(watch: Watch) -> None:
    watch.config["zones"] = [{"path": "srv", "owner": "x"}]
    file = watch.srv / "a.csv"
    file.write_text(PATIENTS)
    file.chmod(0o644)
    watch.start()
    until(lambda: watch.states().get("a.csv", [("", "")])[0][1] == "new")
    until(lambda: watch.unsent() == 0 and watch.messages() and _calm(watch))
    number = watch.incidents()[0].id
    file.chmod(0o600)
    until(lambda: watch.incidents()[0].state == "resolved" and _calm(watch))  # what is being read is as it was then
    file.chmod(0o644)
    until(lambda: watch.incidents()[0].state == "new")
    until(lambda: watch.messages()[-1]["reopened"] == 1, lambda: (watch.messages(), watch.kinds(number)))
    assert watch.messages()[-1]["new"] == 0
    data = json.loads(
        phiscan("incidents", "show", str(number), "-f", "json", "-c", str(watch.write()), cwd=watch.home).stdout
    )
    one, two = data["readers"]["exposed"]["intervals"]
    assert (one["opened"]["exposure"]["level"], one["closed"]["exposure"]["level"]) == ("shared", "restricted")
    assert (one["closed"]["why"], two["closed"], two["opened"]["exposure"]["level"]) == ("unexposed", None, "shared")
    said = phiscan("incidents", "show", str(number), "-c", str(watch.write()), cwd=watch.home).stdout.decode()
    for line in ("1. du ", "2. du ", "ouvert\u202f: partagé, tous les comptes", "toujours exposé"):
        assert line in said
