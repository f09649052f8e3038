"""What the machine may do to a daemon: a full disk, a clock that steps, a key that is lost. See docs/daemon.md."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.watching import Watch, table, until

SHARED = "shared.identified-health"
Make = Callable[..., Watch]


@pytest.fixture
def small(home: Path) -> Iterator[Path]:
    """Mount a small file system where the store is to be."""
    folder = home / "state"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(folder)]
    done = subprocess.run(mount, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no right to mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all the room that there is."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            while True:
                try:
                    if not file.write(b"\0" * size):
                        break
                except OSError:
                    break
    return ballast


def test_a_full_disk(made: Make, small: Path) -> None:
    """Nothing is written, nothing is lost, and everything is told once when there is room again."""
    watch = made()
    watch.start()
    (watch.srv / "avant.csv").write_text(table(1))
    until(lambda: watch.states() == {"avant.csv": [(SHARED, "new")]})
    until(lambda: watch.unsent() == 0)
    ballast = fill(small)
    for number in range(2, 120):  # more than what is left in the pages of the store
        folder = watch.srv / f"d{number % 5}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.csv").write_text(table(number))
    until(lambda: any(one.get("why") == "store.full" for one in watch.logged()))
    assert watch.process is not None
    assert watch.process.poll() is None
    assert len(watch.states()) < 119  # what has been written can be read all the while
    (watch.srv / "d0/5.csv").unlink()
    ballast.unlink()
    places = {"avant.csv"} | {f"d{number % 5}/{number}.csv" for number in range(2, 120) if number != 5}
    until(lambda: {place for place, ((_, state),) in watch.states().items() if state == "new"} == places, watch.states)
    until(lambda: watch.unsent() == 0)
    assert {tuple(watch.kinds(one.id)) for one in watch.incidents() if one.state == "new"} == {("opened",)}
    last = {one["thread"]: one["open"] for one in watch.messages()}
    assert sum(last.values()) == 118
    assert "Traceback" not in watch.log.read_text("utf-8")
    assert watch.stop()[0] == 0


def test_a_disk_that_is_full_from_the_beginning(made: Make, small: Path) -> None:
    watch = made()
    watch.start()
    until(watch.idle)
    watch.stop()
    ballast = fill(small)
    (watch.srv / "a.csv").write_text(table(1))
    with pytest.raises(AssertionError):
        watch.start()
    assert watch.process is not None
    assert watch.process.wait() == 1
    last = watch.log.read_text("utf-8").splitlines()[-1]
    assert "phiscan.db" in last
    assert not last.startswith("{")
    watch.process = None
    ballast.unlink()
    watch.start()
    until(lambda: watch.states() == {"a.csv": [(SHARED, "new")]})


def test_a_clock_that_steps_back(made: Make) -> None:
    """Whatever comes after the step is found and told at once; at most what was put off waits for longer."""
    watch = made()
    clock = watch.home / "clock"
    clock.write_text("0")
    watch.bug = [f"clock:{clock}"]
    watch.start()
    until(watch.idle)
    (watch.srv / "d").mkdir()
    (watch.srv / "d/a.csv").write_text(table(1))
    until(lambda: [one["open"] for one in watch.messages()] == [1])
    before = watch.messages()[0]["at"]
    clock.write_text("-7200")
    (watch.srv / "e").mkdir()
    (watch.srv / "e/b.csv").write_text(table(2))
    until(lambda: [one["open"] for one in watch.messages()] == [1, 1])
    assert watch.messages()[1]["at"] < before  # the step has come through
    (watch.srv / "d/c.csv").write_text(table(3))  # to a group that was told “in two hours”
    until(lambda: [one["open"] for one in watch.messages()] == [1, 1, 2])
    (watch.srv / "d/a.csv").write_text(table(1, 5))
    until(lambda: {one.facts.persons for one in watch.incidents()} == {3, 5})
    (watch.srv / "d/c.csv").unlink()
    until(lambda: watch.states()["d/c.csv"] == [(SHARED, "resolved")])
    watch.stop()
    (watch.srv / "f").mkdir()
    (watch.srv / "f/pendant.csv").write_text(table(4))  # two hours from now, for the daemon
    watch.start()
    until(lambda: watch.states().get("f/pendant.csv") == [(SHARED, "new")])
    places = {"d/a.csv", "d/c.csv", "e/b.csv", "f/pendant.csv"}
    assert set(watch.states()) == places
    until(lambda: set(watch.ledger().values()) == {"scanned"})


def test_a_key_that_is_lost_while_the_daemon_runs(made: Make) -> None:
    watch = made()
    watch.start()
    (watch.srv / "a.csv").write_text(table(1))
    until(lambda: watch.states() == {"a.csv": [(SHARED, "new")]})
    key = watch.home / "state/key"
    saved = key.read_bytes()
    key.unlink()
    (watch.srv / "b.csv").write_text(table(2))  # it has what it needs
    until(lambda: watch.states() == {"a.csv": [(SHARED, "new")], "b.csv": [(SHARED, "new")]})
    assert watch.stop()[0] == 0
    with pytest.raises(AssertionError):
        watch.start()
    assert watch.process is not None
    assert watch.process.wait() == 2
    assert not key.exists()  # another key would count everybody twice
    watch.process = None
    key.write_bytes(saved)
    os.chmod(key, 0o600)
    read = len([one for one in watch.logged() if one["event"] == "incident"])
    walked = watch.events("walked")
    watch.start()
    until(lambda: watch.events("walked") > walked and watch.idle())
    assert len([one for one in watch.logged() if one["event"] == "incident"]) == read
    assert json.dumps(watch.states()) == json.dumps({"a.csv": [(SHARED, "new")], "b.csv": [(SHARED, "new")]})
