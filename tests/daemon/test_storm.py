"""Storms, lost events and sudden death: nothing is missed, nobody is told twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.hooks import hook
from tests.running import CLEAN
from tests.watching import Watch, table, until

SHARED = "shared.identified-health"
Make = Callable[..., Watch]

# Creates files as fast as it can: written, moved in, renamed, in trees, with clean ones between.
WRITER = """
import os, sys
from pathlib import Path
from tests.watching import table
from tests.running import CLEAN
srv, number, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
aside = srv.parent / f"aside{number}"
aside.mkdir()
for at in range(count):
    seed = number * count + at
    name = f"p{number}_{at}.csv"
    if at % 4 == 0:
        (srv / name).write_text(table(seed))
    elif at % 4 == 1:
        (aside / name).write_text(table(seed))
        (aside / name).rename(srv / name)
    elif at % 4 == 2:
        (srv / f".{name}.tmp").write_text(table(seed))
        (srv / f".{name}.tmp").rename(srv / name)
    else:
        (aside / f"t{at}" / "a" / "b").mkdir(parents=True)
        (aside / f"t{at}" / "a" / "b" / name).write_text(table(seed))
        (aside / f"t{at}").rename(srv / f"t{number}_{at}")
    (srv / f"n{number}_{at}.txt").write_text(CLEAN)
"""


def storm(watch: Watch, processes: int, each: int) -> list[subprocess.Popen[bytes]]:
    return [
        subprocess.Popen([sys.executable, "-c", WRITER, str(watch.srv), str(number), str(each)])
        for number in range(processes)
    ]


def expected(processes: int, each: int) -> set[str]:
    return {
        f"t{number}_{at}/a/b/p{number}_{at}.csv" if at % 4 == 3 else f"p{number}_{at}.csv"
        for number in range(processes)
        for at in range(each)
    }


def test_a_storm(watch: Watch) -> None:
    for writer in storm(watch, 4, 100):
        assert writer.wait() == 0
    until(lambda: set(watch.states()) == expected(4, 100), lambda: len(watch.states()))
    assert Counter(rule for rules in watch.states().values() for rule in rules) == {(SHARED, "new"): 400}
    until(lambda: len(watch.ledger()) == 800)
    until(lambda: watch.unsent() == 0)
    messages = watch.messages()
    assert len(messages) < 120  # not 400: every tree tells once, the folder itself now and then
    last = {one["thread"]: one["open"] for one in messages}
    assert sum(last.values()) == 400


def test_what_is_too_much_for_the_memory_waits_in_the_store(made: Make) -> None:
    watch = made()
    watch.bug = ["kept:10"]
    watch.start()
    until(watch.idle)
    for number in range(300):
        (watch.srv / f"{number}.csv").write_text(table(number) if number % 10 == 0 else CLEAN)
    until(lambda: None in watch.ledger().values())
    until(lambda: watch.ledger() == {f"{number}.csv": "scanned" for number in range(300)})
    until(lambda: set(watch.states()) == {f"{number}.csv" for number in range(0, 300, 10)})
    until(lambda: watch.unsent() == 0)
    assert sum(one["open"] for one in {one["thread"]: one for one in watch.messages()}.values()) == 30


def test_events_that_the_kernel_drops_are_found_by_a_walk(watch: Watch) -> None:
    assert watch.process is not None
    os.kill(watch.process.pid, signal.SIGSTOP)
    status = Path(f"/proc/{watch.process.pid}/task")
    until(lambda: all("State:\tT" in (task / "status").read_text() for task in status.iterdir()))  # no thread reads on
    (watch.srv / "tas").mkdir()
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for _ in range(limit // 2 + 250):  # two by two: events that follow their like are one
        (watch.srv / "un").touch()
        (watch.srv / "deux").touch()
    for number in range(20):
        (watch.srv / f"tas/{number}.csv").write_text(table(number))
    os.kill(watch.process.pid, signal.SIGCONT)
    until(lambda: set(watch.states()) == {f"tas/{number}.csv" for number in range(20)})
    assert watch.events("events lost, walking") >= 1


def test_death_at_any_moment(made: Make) -> None:
    dice = random.Random(7)
    with hook() as slack:
        # Not in turns: with two messages on their way, one of them could always meet the refusal.
        slack.answer = lambda number: (200, {}) if random.Random(number).random() < 0.5 else (503, {"Retry-After": "1"})
        watch = made()
        (watch.home / "slack").write_text(slack.url)
        watch.config["alerts"] |= {"slack": {"webhook_url_file": "slack"}, "repeat_after": {"default": "24h"}}
        watch.start()
        until(lambda: watch.idle())
        writers = storm(watch, 3, 60)
        for _ in range(6):
            time.sleep(dice.random())
            watch.stop(signal.SIGKILL)
            watch.start()
        for writer in writers:
            assert writer.wait() == 0
        until(lambda: set(watch.states()) == expected(3, 60), lambda: len(watch.states()))
        assert Counter(rule for rules in watch.states().values() for rule in rules) == {(SHARED, "new"): 180}
        assert {tuple(watch.kinds(one.id)) for one in watch.incidents()} == {("opened",)}
        until(lambda: watch.unsent() == 0, watch.unsent)
        keys = [next(block for block in body["blocks"] if block["type"] == "context") for body in slack.bodies]
        told = Counter(key["elements"][0]["text"] for key in keys)
        unsure = sum(one.get("count", 0) for one in watch.logged() if one["event"] == "deliveries unknown, said again")
        assert sum(times - 1 for times in told.values()) <= unsure  # twice only where nobody knew
        assert sum(one["open"] for one in {one["thread"]: one for one in watch.messages()}.values()) == 180


def test_clean_files_only(watch: Watch) -> None:
    for number in range(30):
        (watch.srv / f"{number}.txt").write_text(CLEAN)
    until(lambda: watch.ledger() == {f"{number}.txt": "scanned" for number in range(30)})
    assert (watch.states(), watch.messages()) == ({}, [])
