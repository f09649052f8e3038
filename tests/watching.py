"""A daemon at work on a folder of its own, as a process, and what its store says meanwhile.

Nothing is slept for: a test waits until a condition holds, for as long as a busy machine may need.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml

from phiscan.incidents.incident import Incident
from phiscan.messages import Broken, Told
from phiscan.store import Store, incidents, ledger, outbox
from tests.generate.people import nir_key
from tests.running import PATIENTS, ROOT, environment

Value = TypeVar("Value")
PATIENCE = float(os.environ.get("TEST_PATIENCE", "120"))  # seconds that a loaded machine may need for anything
FAST = {"settle": 0.2, "walk": 3600.0, "pace": 1.0, "roots": 0.1, "chores": 0.2}


def until(what: Callable[[], Value], told: Callable[[], object] = lambda: "it did not come about") -> Value:
    """Return what `what` returns once that is true."""
    end = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(Told, Broken, FileNotFoundError):  # the store may not be there yet
            if found := what():
                return found
        assert time.monotonic() < end, told()
        time.sleep(0.02)


class Watch:
    """A configuration, its store, and the daemon that works on them."""

    def __init__(self, home: Path, **config: Any) -> None:
        self.home, self.srv = home, home / "srv"
        self.srv.mkdir(exist_ok=True)
        self.srv.chmod(0o755)
        self.alerts = home / "alerts.jsonl"
        self.config: dict[str, Any] = {
            "watch": ["srv"],
            "store": f"sqlite:///{home}/state/phiscan.db",
            "key_file": "state/key",
            "zones": [{"path": "srv/pub", "exposure": "public"}, {"path": "srv/prive", "exposure": "restricted"}],
            "alerts": {"file": {"path": "alerts.jsonl"}, "group_wait": 0.5},
            "metrics": None,
            **config,
        }
        self.times = dict(FAST)
        self.env: dict[str, str] = {}
        self.bug: list[str] = []  # see `tests.daemon`
        self.process: subprocess.Popen[bytes] | None = None
        self.log = home / "log"

    def write(self) -> Path:
        """Write the configuration."""
        file = self.home / "phiscan.yaml"
        file.write_text(yaml.safe_dump(self.config, allow_unicode=True), "utf-8")
        return file

    def start(self, first: Callable[[], None] | None = None) -> None:
        """Start the daemon and wait until it watches. `first` runs in the new process before it."""
        begun = self.events("started")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.daemon", str(self.write()), json.dumps(self.times), *self.bug],
                cwd=ROOT,
                env=environment(self.home) | {"PHISCAN_CONFIG": ""} | self.env,
                stdout=log,
                stderr=log,
                preexec_fn=first,  # noqa: PLW1509  no thread is at work here
            )
        until(lambda: self.events("started") > begun or self.process.poll() is not None)  # type: ignore[union-attr]
        assert self.process.poll() is None, self.log.read_text()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """End the daemon; return its status and how many seconds it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(how)
        status = self.process.wait(PATIENCE)
        self.process = None
        return status, time.monotonic() - began

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def events(self, name: str) -> int:
        """Return how often the log has an event."""
        return sum(one.get("event") == name for one in self.logged())

    def logged(self) -> list[dict[str, Any]]:
        """Return the log."""
        lines = self.log.read_text("utf-8").splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        """Open the store beside the daemon."""
        store = Store.open(self.config["store"])
        try:
            yield store
        finally:
            store.close()

    def incidents(self) -> list[Incident]:
        """Return all incidents, by number."""
        with self.store() as store, store.read() as connection:
            return sorted(incidents.listed(connection), key=lambda one: one.id)

    def states(self) -> dict[str, list[tuple[str, str]]]:
        """Return rule and state of each incident by its place below `srv`, by rule."""
        found: dict[str, list[tuple[str, str]]] = {}
        for one in self.incidents():
            found.setdefault(one.shown.removeprefix(f"{self.srv}/"), []).append((one.rule, one.state))
        return {place: sorted(rules) for place, rules in found.items()}

    def ledger(self) -> dict[str, str | None]:
        """Return the status of every file that the daemon knows, by its place below `srv`."""
        with self.store() as store, store.read() as connection:
            root = ledger.root_of(connection, os.fsencode(self.srv)).id
            rows = ledger.below(connection, root, os.fsencode(self.srv), b"", ledger.last_id(connection), 1_000_000)
            shown = os.fsencode(self.srv) + b"/"
            return {os.fsdecode(row.path.removeprefix(shown)): row.status for row in rows}

    def kinds(self, number: int) -> list[str]:
        """Return what has happened to an incident."""
        with self.store() as store, store.read() as connection:
            return [event.kind for event in incidents.history(connection, number)]

    def messages(self) -> list[dict[str, Any]]:
        """Return the alerts in the file."""
        lines = self.alerts.read_text("utf-8").splitlines() if self.alerts.exists() else []
        return [json.loads(line) for line in lines]

    def unsent(self) -> int:
        """Return how much waits in the outbox."""
        with self.store() as store, store.read() as connection:
            return sum(count for count, _ in outbox.queued(connection).values())

    def idle(self) -> bool:
        """Whether a walk has ended and nothing is left to be read."""
        with self.store() as store, store.read() as connection:
            return self.events("walked") > 0 and not ledger.waiting(connection)


def table(seed: int, rows: int = 3) -> str:
    """Return a table of patients with a fact each, none of them in a table of another seed (below 10,000)."""
    lines = ["NIR;NOM;PRENOM;DATE_NAISSANCE;VIH"]
    for row in range(rows):
        order = seed * rows + row
        nir = f"2{50 + order % 40:02d}05{45001 + order // 40 % 300:05d}{order // 12000 + 1:03d}"
        lines.append(f"{nir}{nir_key(nir)};{NAMES[order % len(NAMES)]};Lucie;12/05/19{50 + order % 40:02d};positif")
    return "\n".join(lines) + "\n"


NAMES = ("GARNIER", "LEBRETON", "MORVAN", "PETIT", "ROUSSEL", "FAURE", "BLANCHARD")
__all__ = ["PATIENTS", "Watch", "table", "until"]
