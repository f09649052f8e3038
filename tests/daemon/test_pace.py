"""What can wait, waits: for its hours, for the bandwidth, for what has arrived. And what was read is not read again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from phiscan.store import coverage
from phiscan.store.schema import ledger
from tests.running import PATIENTS, Inside, phiscan
from tests.servers import database
from tests.source.test_offline import hole
from tests.watching import Watch, table, until

Make = Callable[..., Watch]
NEVER = f"{time.strftime('%a', time.localtime(time.time() - 3 * 86_400)).lower()} 00:00-00:01"


def times(watch: Watch) -> dict[str, float | None]:
    """Return when each file was read, by name."""
    with watch.store() as store, store.read() as connection:
        rows = connection.execute(select(ledger.c.path, ledger.c.read)).all()
    return {os.path.basename(row.path).decode(): row.read for row in rows}


def old(folder: Path, names: dict[str, int]) -> None:
    """Write tables of patients whose last change lies so many seconds back."""
    folder.mkdir(exist_ok=True)
    for number, (name, age) in enumerate(names.items()):
        (folder / name).write_text(table(hash_of(folder, number)))
        os.utime(folder / name, (time.time() - age, time.time() - age))


def healthy(watch: Watch) -> list[str]:
    """Return the places with identified health data."""
    return sorted(place for place, found in watch.states().items() if ("public.identified-health", "new") in found)


def hash_of(folder: Path, number: int) -> int:
    return 40 * len(folder.name) + number


def test_a_first_walk_reads_the_exposed_then_the_recent_then_the_rest(made: Make) -> None:
    watch = made(limits={"workers": 1})
    old(watch.srv / "prive", {"p-old.csv": 9000, "p-new.csv": 1000})
    old(watch.srv / "libre", {"s-old.csv": 8000, "s-new.csv": 2000})
    old(watch.srv / "pub", {"x-old.csv": 7000, "x-new.csv": 3000})
    watch.start()
    until(lambda: watch.idle() and None not in times(watch).values() and len(times(watch)) == 6)
    order = sorted(times(watch).items(), key=lambda one: one[1] or 0.0)
    wanted = ["x-new.csv", "x-old.csv", "s-new.csv", "s-old.csv", "p-new.csv", "p-old.csv"]
    assert [name for name, _ in order] == wanted


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_first_walk_that_was_killed_goes_on_where_it_was(
    made: Make, request: pytest.FixtureRequest, kind: str
) -> None:
    config = {} if kind == "sqlite" else {"store": database(request.getfixturevalue("server"), "killed")}
    watch = made(limits={"workers": 1, "bandwidth": "100kB/s"}, **config)
    names = {f"{number:03d}.csv": 1000 + number for number in range(60)}
    old(watch.srv / "pub", names)
    for name in names:
        with (watch.srv / "pub" / name).open("a") as file:
            file.write("\n" * 5000)  # one in a twentieth of a second
        os.utime(watch.srv / "pub" / name, (1, 1))
    watch.start()

    def read() -> dict[str, float]:
        return {name: at for name, at in times(watch).items() if at is not None}

    until(lambda: len(read()) >= 10)
    watch.stop(signal.SIGKILL)
    before = read()
    assert 10 <= len(before) < 60
    watch.config["limits"] = {"workers": 1}
    watch.start()
    until(lambda: len(read()) == 60)
    assert {name: read()[name] for name in before} == before  # none of them was read again
    until(lambda: len(watch.states()) == 60)


def test_hours_hold_back_a_first_walk_and_nothing_that_arrives(made: Make) -> None:
    watch = made(limits={"window": [NEVER]})
    watch.times["count"] = 0.2
    old(watch.srv / "pub", {"old.csv": 5000, "older.csv": 6000})
    watch.start()
    until(lambda: watch.events("walked") == 1)
    (watch.srv / "pub/new.csv").write_text(table(77))
    until(lambda: "pub/new.csv" in watch.states())
    until(lambda: watch.events("left to read") > 1)
    assert sorted(watch.states()) == ["pub/new.csv"]
    said = [one for one in watch.logged() if one["event"] == "left to read"][-1]
    assert said["files"] == 2
    assert said["paused_until"].endswith("Z")
    assert watch.events("covered") == 0  # nothing is covered that was not read
    watch.stop()
    watch.config["limits"] = {"window": ["00:00-24:00"]}
    watch.start()
    until(lambda: sorted(watch.states()) == ["pub/new.csv", "pub/old.csv", "pub/older.csv"])


def test_hours_do_not_hold_back_what_came_while_nobody_watched(made: Make) -> None:
    watch = made(limits={"window": [NEVER]})
    watch.start()
    until(lambda: watch.events("covered") == 1)
    watch.stop()
    old(watch.srv / "pub", {"meanwhile.csv": 5000})
    watch.start()
    until(lambda: sorted(watch.states()) == ["pub/meanwhile.csv"])


def test_a_walk_is_covered_once_what_it_met_has_been_read(made: Make) -> None:
    watch = made()
    watch.times |= {"settle": 5.0, "chores": 0.1}  # longer than the daemon takes to begin
    (watch.srv / "pub").mkdir()
    for name in ("a.csv", "b.csv"):
        (watch.srv / "pub" / name).write_text(PATIENTS)
    watch.start()
    until(lambda: watch.events("covered") == 1)
    assert {name: read is not None for name, read in times(watch).items()} == {"a.csv": True, "b.csv": True}


def test_changed_recognizers_wait_for_their_hours_and_come_as_one_digest(made: Make) -> None:
    watch = made()
    (watch.srv / "pub").mkdir()
    for name in ("a", "b"):
        (watch.srv / f"pub/{name}.txt").write_text(f"Lucie GARNIER, née le 12/03/1985 : protocole Zorglub-{name}7.\n")
    watch.start()
    until(lambda: watch.events("covered") == 1)
    first = times(watch)
    assert healthy(watch) == []
    watch.stop()
    (watch.home / "mine").mkdir()
    (watch.home / "mine/zorglub.yaml").write_text(RECOGNIZER, "utf-8")
    watch.config |= {"recognizers": ["mine"], "limits": {"window": [NEVER]}}
    watch.times["count"] = 0.2
    watch.start()
    until(lambda: [one["files"] for one in watch.logged() if one["event"] == "left to read"][-1:] == [2])
    (watch.srv / "pub/live.csv").write_text(PATIENTS)
    until(lambda: healthy(watch) == ["pub/live.csv"])
    assert {name: at for name, at in times(watch).items() if name in first} == first
    until(lambda: len(watch.messages()) == 1 and not watch.unsent())  # else it may be said again
    watch.stop()
    watch.config["limits"] = {}
    watch.start()
    until(lambda: healthy(watch) == ["pub/a.txt", "pub/b.txt", "pub/live.csv"])
    until(lambda: [one["kind"] for one in watch.messages()] == ["alert", "digest"], watch.messages)
    assert len(watch.messages()[1]["incidents"]) == 2


RECOGNIZER = """\
id: site.zorglub
version: 1
category: treatment
entity: SITE_ZORGLUB
title: {fr: Protocole Zorglub, en: Zorglub protocol}
description: A protocol of this site.
sources: [site]
patterns: {shape: 'Zorglub-[a-z][0-9]'}
score: {shape: 0.9}
examples:
  match: ["protocole [Zorglub-a1]", "[Zorglub-b2]", "le [Zorglub-c3]."]
  no_match: ["Zorglub", "Zorglub-", "zorglub a1"]
"""


def test_what_arrives_takes_the_place_of_what_can_wait(made: Make) -> None:
    """The only worker reads a large file slowly; it is given up, read again later, and not given up twice."""
    watch = made(limits={"workers": 1, "bandwidth": "200kB/s", "timeout": "5s"})
    (watch.srv / "pub").mkdir()
    (watch.srv / "pub/large.csv").write_text(table(1, 12_000))  # some seconds at that pace
    os.utime(watch.srv / "pub/large.csv", (1, 1))
    watch.start()
    until(lambda: watch.events("walked") == 1)
    began = time.monotonic()
    (watch.srv / "pub/new.csv").write_text(table(9_000))
    until(lambda: "pub/new.csv" in watch.states())
    took = time.monotonic() - began
    assert times(watch)["large.csv"] is None, took
    until(lambda: times(watch)["large.csv"] is not None)
    (found,) = [one for one in watch.incidents() if one.shown.endswith("large.csv")]
    assert (found.facts.persons, found.facts.exact) == (12_000, True)  # slowed down it has the time it needs


def test_stubs_are_not_fetched_and_what_was_known_of_them_is_judged(made: Make) -> None:
    watch = made()
    (watch.srv / "pub").mkdir()
    hole(watch.srv / "pub/stub.csv", b"0x1020\0")
    (watch.srv / "pub/migrated.csv").write_text(table(1))
    watch.start()
    until(lambda: watch.events("covered") == 1 and sorted(watch.states()) == ["pub/migrated.csv"])
    assert sorted(watch.ledger()) == ["pub/migrated.csv"]
    with watch.store() as store, store.read() as connection:
        (walk,) = coverage.at(connection, time.time() + 1)
    assert (walk.said()["offline_count"], walk.said()["excluded_count"], walk.said()["files"]) == (1, 1, 1)
    said = phiscan("coverage", "-c", str(watch.write()), cwd=watch.home).stdout.decode()
    assert "dont 1 fichier hors ligne (bande, nuage), jamais rappelé" in said
    watch.stop()
    status = os.stat(watch.srv / "pub/migrated.csv")
    content = (watch.srv / "pub/migrated.csv").read_bytes()
    with (watch.srv / "pub/migrated.csv").open("r+b") as file:  # as a migrator does: same inode, size and time
        file.truncate(0)
        file.truncate(status.st_size)
    os.setxattr(watch.srv / "pub/migrated.csv", "user.DOSATTRIB", b"0x1020\0")
    os.utime(watch.srv / "pub/migrated.csv", ns=(status.st_atime_ns, status.st_mtime_ns))
    os.chmod(watch.srv / "pub", 0o700)
    watch.config["zones"] = []
    watch.start()
    until(lambda: watch.states() == {"pub/migrated.csv": [("public.identified-health", "resolved")]}, watch.states)
    os.chmod(watch.srv / "pub", 0o755)
    until(lambda: ("shared.identified-health", "new") in watch.states()["pub/migrated.csv"], watch.states)
    assert watch.ledger() == {"pub/migrated.csv": "scanned"}
    # Recalled by somebody who needs it, and another one that nobody had read.
    os.removexattr(watch.srv / "pub/stub.csv", "user.DOSATTRIB")
    (watch.srv / "pub/stub.csv").write_bytes(content)
    until(lambda: watch.ledger().get("pub/stub.csv") == "scanned")


def test_flags_go_before_the_configuration(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from phiscan.config import Config, Limits
    from phiscan.daemon import watching

    given: list[Limits] = []
    monkeypatch.setattr(watching, "watch", lambda config, *_: given.append(config.limits))
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    (tmp_path / "phiscan.yaml").write_text("limits: {bandwidth: 1MB/s, window: [20:00-07:00], workers: 3}")
    file, run = str(tmp_path / "phiscan.yaml"), Inside(tmp_path, capfdbinary, monkeypatch)
    try:
        assert run("watch", "-c", file)[0] == 0
        hours = ["--window", "sat 08:00-09:00", "--window", "12:00-13:00"]
        assert run("watch", "-c", file, "--bandwidth", "2MB/s", *hours)[0] == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    plain, flags = given
    assert (plain.bandwidth, [one.start for one in plain.window], plain.workers) == (1_000_000, [1200], 3)
    assert (flags.bandwidth, [one.start for one in flags.window], flags.workers) == (2_000_000, [480, 720], 3)
    assert Config().limits.window == ()
