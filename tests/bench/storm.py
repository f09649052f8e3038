"""A storm of files on a real daemon, which may be killed all the while.

    python -m tests.bench.storm --files 100000 --writers 8
    python -m tests.bench.storm --files 20000 --writers 8 --kills 200 --slack-fails 0.5

Eight processes write as fast as they can, in all ways in which files arrive (`writer.py`); Slack's stand-in checks the
limits of Block Kit and refuses, breaks or says nothing as often as asked. With `--kills` the daemon is killed at that
many random moments, its own start among them, while the files come. Afterwards everything is compared exactly:

- every sensitive file that is there has one open incident, with all its persons, and nothing else has one;
- the ledger knows every file that is there and no other, and has read them all;
- each channel has heard of every incident once: the last word of every group counts what is open in it, and what
  messages call new adds up to what was opened;
- a message came twice only where the daemon was killed between its acceptance and the note of it.

Ends with status 1 where one of these does not hold.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from phiscan.store import incidents, outbox
from tests.bench.operated import Operated
from tests.bench.writer import PERSONS, fate
from tests.hooks import Hook, hook
from tests.servers import database, postgresql

_MIB = 1 << 20
_STUCK = 420.0  # seconds without any progress after which nobody waits any longer; a channel is tried after 375
_LIVES = 4.0  # seconds that a daemon, or its start, is given at most before it is killed
_FILES = re.compile(r"([0-9\u202f]+) fichier")


@dataclass
class Storm:
    """What is written, by whom, and what is known of it."""

    watch: Operated
    writers: int
    each: int  # files of one writer
    every: int  # one of so many is sensitive
    kills: list[float] = field(default_factory=list)  # when
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def begin(self) -> None:
        """Start the writers; they wait to be told how much to write."""
        for number in range(self.writers):
            (self.watch.srv / f"w{number}").mkdir()
            told = [str(self.watch.srv), str(number), str(self.each), str(self.every)]
            command = [sys.executable, "-m", "tests.bench.writer", *told]
            self.processes.append(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
            )

    def write(self, count: int) -> None:
        """Have each writer write so many more files."""
        for one in self.processes:
            assert one.stdin is not None
            one.stdin.write(f"{count}\n")

    def end(self) -> None:
        """Wait for the writers."""
        for one in self.processes:
            one.communicate()
            assert one.returncode == 0

    def there(self) -> dict[str, bool]:
        """Return every file that is there in the end, below the root, and whether it is sensitive."""
        fates = [(number, fate(at, self.every)) for number in range(self.writers) for at in range(self.each)]
        return {f"w{number}/{one.place}": one.sensitive for number, one in fates if one.place is not None}

    def survive(self, kills: int, dice: random.Random) -> int:
        """Kill the daemon again and again while the files come; return how many of them had begun to watch.

        Every other one dies at any moment of its start, the others some time after it.
        """
        share, begun = -(-self.each // kills), 0
        for number in range(kills):
            before, end = self.watch.log.stat().st_size, time.monotonic() + dice.uniform(0.1, _LIVES)
            self.watch.spawn()
            self.write(share)
            if number % 2:
                self._wait(before, time.monotonic() + _STUCK)
                end = time.monotonic() + dice.uniform(0.0, _LIVES)
            time.sleep(max(0.0, end - time.monotonic()))
            begun += b'"event": "started"' in self.watch.said(before)
            assert self.watch.process is not None
            assert self.watch.process.poll() is None, self.watch.log.read_text("utf-8")[-2000:]
            self.watch.kill()
            self.kills.append(time.time())
        return begun

    def _wait(self, since: int, until: float) -> bool:
        """Wait until the daemon watches; return whether it does by then."""
        while time.monotonic() < until:
            if b'"event": "started"' in self.watch.said(since):
                return True
            time.sleep(0.02)
        return False

    def settle(self, files: int, sensitive: int) -> tuple[float, float] | None:
        """Wait until everything has been read, then told; return when, None where it does not come about."""
        read, moved = 0.0, time.monotonic()
        last: tuple[int, ...] = ()
        while time.monotonic() < moved + _STUCK:
            time.sleep(1.0)
            self.watch.look()
            counts, unsent = self.watch.counts(), self.watch.unsent()
            if (*counts, unsent) != last:
                last, moved = (*counts, unsent), time.monotonic()
            if counts == (files, 0, sensitive):
                read = read or moved
                if not unsent:
                    return read, moved
        return None


def refusals(fails: float) -> Callable[[int], tuple[int, dict[str, str]]]:
    """Return how Slack answers: of those that fail a third is told to wait, a third breaks, a third hears nothing."""

    def answer(number: int) -> tuple[int, dict[str, str]]:
        dice = random.Random(number)  # not in turns: with two messages on their way one could always meet the refusal
        if dice.random() >= fails:
            return 200, {}
        return dice.choice([(429, {"Retry-After": "1"}), (500, {}), (0, {})])

    return answer


def judge(storm: Storm, slack: Hook, siem: Hook) -> list[str]:
    """Return everything that is not as it has to be, one line each."""
    watch, there = storm.watch, storm.there()
    found = watch.incidents()
    open_ = [one for one in found if one.state == "new"]
    places = Counter(one.shown.removeprefix(f"{watch.srv}/") for one in open_)
    sensitive = {place for place, is_ in there.items() if is_}
    wrong = [f"no incident: {place}" for place in sorted(sensitive - set(places))]
    wrong += [f"an incident too many: {place}" for place in sorted(set(places) - sensitive)]
    wrong += [f"{count} incidents: {place}" for place, count in places.items() if count > 1]
    wrong += [
        f"{one.facts.persons} persons, exact {one.facts.exact}, complete {one.complete}: {one.shown}"
        for one in open_
        if (one.facts.persons, one.facts.exact, one.complete) != (PERSONS, True, True)
    ]
    wrong += [f"{one.state}, {one.resolution}: {one.shown}" for one in found if one.state != "new"]
    known = watch.ledger()
    wrong += [f"not in the ledger: {place}" for place in sorted(set(there) - set(known))]
    wrong += [f"in the ledger and not there: {place}" for place in sorted(set(known) - set(there))]
    wrong += [f"{status}: {place}" for place, status in known.items() if status != "scanned"]
    return wrong + _told(storm, slack, siem, len(open_))


def _told(storm: Storm, slack: Hook, siem: Hook, count: int) -> list[str]:
    watch, wrong = storm.watch, list[str]()
    last = {body["thread"]: body for body in siem.bodies}
    messages = {body["id"]: body for body in siem.bodies}  # one that came twice may have said more the second time
    with watch.store() as store, store.read() as connection:
        name = incidents.store_id(connection)
        groups = {f"{name}-{row.id}": row.alerts for row in outbox.sendings(connection)}
        opened = sum(
            event.kind in outbox.FIRST
            for one in incidents.listed(connection)
            for event in incidents.history(connection, one.id)
        )
    sums = {
        "open, last told by webhook": sum(body["open"] for body in last.values()),
        "open, last told by slack": sum({groups[key_of(body)]: _files(body) for body in slack.bodies}.values()),
    }
    wrong += [f"{what}: {found}, not {count}" for what, found in sums.items() if found != count]
    new = sum(body["new"] for body in messages.values())
    if new != opened:
        wrong.append(f"new, told by webhook: {new}, not {opened}")
    for channel, came in (
        ("slack", [(key_of(body), at) for body, at in zip(slack.bodies, slack.times, strict=True)]),
        ("webhook", [(body["id"], at) for body, at in zip(siem.bodies, siem.times, strict=True)]),
    ):
        its = [one for one in watch.logged() if one["event"] == "alert sent" and one["channel"] == channel]
        noted = Counter(one["id"] for one in its)
        wrong += [f"{channel}: {key} noted as sent {times} times" for key, times in noted.items() if times > 1]
        wrong += [f"{channel}: {key} noted as sent, never came" for key in set(noted) - {key for key, _ in came}]
        before: dict[str, float] = {}
        for key, at in came:
            if key in before and not any(before[key] <= killed <= at for killed in storm.kills):
                wrong.append(f"{channel}: {key} came twice, and nobody died between")
            before[key] = at
    return wrong


def key_of(body: dict[str, object]) -> str:
    """Return the key of a message in Slack's form: its last block holds it."""
    blocks = body["blocks"]
    assert isinstance(blocks, list)
    return str(blocks[-1]["elements"][0]["text"]).rpartition(" · ")[2]


def _files(body: dict[str, str]) -> int:
    found = _FILES.search(body["text"])
    return int(found[1].replace("\u202f", "")) if found else 0


def main() -> None:
    """Print the figures, then what is wrong."""
    flags = argparse.ArgumentParser(prog="python -m tests.bench.storm", description=(__doc__ or "").splitlines()[0])
    flags.add_argument("--files", type=int, default=100_000)
    flags.add_argument("--writers", type=int, default=8)
    flags.add_argument("--every", type=int, default=10, help="one file of so many is sensitive")
    flags.add_argument("--kills", type=int, default=0)
    flags.add_argument("--slack-fails", type=float, default=0.0)
    flags.add_argument("--seed", type=int, default=7)
    flags.add_argument("--postgresql", action="store_true", help="with a server of its own for the store")
    flags.add_argument("--folder", type=Path, help="where to make the tree; default: the temporary folder")
    given = flags.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="phiscan-storm-", dir=given.folder) as folder,
        hook() as slack,
        hook() as siem,
        postgresql() if given.postgresql else contextlib.nullcontext() as server,
    ):
        os.chmod(folder, 0o755)
        slack.answer = refusals(given.slack_fails)
        watch = Operated(Path(folder), **({} if server is None else {"store": database(server, "storm")}))
        (watch.home / "slack").write_text(slack.url)
        watch.config["alerts"] = {"slack": {"webhook_url_file": "slack"}, "webhook": {"url": siem.url}}
        storm = Storm(watch, given.writers, -(-given.files // given.writers), given.every)
        try:
            wrong = _run(storm, slack, siem, given)
            print("as it has to be" if not wrong else f"{len(wrong)} WRONG")
            print("".join(f"  {one}\n" for one in wrong[:40]), end="", flush=True)
        finally:
            watch.close()
            subprocess.run(["rm", "-rf", str(watch.srv)], check=True)  # much faster than Python does it
    sys.exit(bool(wrong))


def _run(storm: Storm, slack: Hook, siem: Hook, given: argparse.Namespace) -> list[str]:
    watch, there = storm.watch, storm.there()
    sensitive = sum(there.values())
    storm.begin()
    print(f"start, nothing there: {watch.begin():.2f} s")
    while not (watch.idle() and watch.begun()):
        time.sleep(0.1)
    began = time.monotonic()
    if given.kills:
        watch.kill()
        begun = storm.survive(given.kills, random.Random(given.seed))
        watch.begin()
        storm.kills.append(time.time())  # ended by us, and begun anew
        print(f"{given.kills} kills, of daemons of which {begun} had begun to watch; {time.monotonic() - began:.0f} s")
    storm.write(storm.each)
    storm.end()
    written = time.monotonic() - began
    print(f"{storm.each * storm.writers} files written within {written:.1f} s, {len(there)} of them stay")
    settled = storm.settle(len(there), sensitive)
    if settled is not None:
        read, told = (at - began for at in settled)
        print(f"all read after {read:.1f} s ({len(there) / read:.0f}/s), all told after {told:.1f} s")
    print(f"events lost by the kernel: noticed {watch.events('events lost, walking')} times")
    print(f"walks: {watch.events('walked')}; store failed: {watch.events('store failed')} times")
    unsure = sum(one.get("count", 0) for one in watch.logged() if one["event"] == "deliveries unknown, said again")
    twice = len(slack.bodies) - len({key_of(body) for body in slack.bodies})
    print(f"Slack: asked {slack.asked} times, took {len(slack.bodies)}, twice {twice}; fate unknown {unsure} times")
    print(f"Block Kit: {len(slack.unfit)} messages that Slack would refuse; incidents expected: {sensitive}")
    peaks = ", ".join(f"{kind} {peak / _MIB:.0f} MiB" for kind, peak in watch.peaks.items())
    print(f"resident at most: {peaks}")
    wrong = judge(storm, slack, siem) + [f"Block Kit: {one}" for one in slack.unfit]
    return wrong if settled is not None else ["not all in", *wrong]


if __name__ == "__main__":
    main()
