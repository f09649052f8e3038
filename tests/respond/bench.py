"""A file with an incident, what is configured about it, and the helper as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from phiscan.respond.asking import Asking
from phiscan.store import Store, incidents, ledger, responses
from phiscan.store.responses import Response
from tests.alert.book import Desk, masks
from tests.running import PATIENTS, ROOT, Done, environment

RULE = "public.identified-health"


class Bench:
    """A share below `home`, its store, and one incident a file."""

    def __init__(self, home: Path, action: str = "quarantine", **config: Any) -> None:
        self.home, self.srv = home, home / "srv"
        (self.srv / "depot").mkdir(parents=True)
        self.config = home / "phiscan.yaml"
        state = home / "state"
        data = {
            "watch": [str(self.srv)],
            "store": f"sqlite:///{state}/phiscan.db",
            "key_file": str(state / "key"),
            "response": {RULE: action},
            **config,
        }
        self.config.write_text(yaml.safe_dump(data), "utf-8")
        self.store = Store.open(str(data["store"]), create=True)
        self.sealer = self.store.key(state / "key")
        self.desk = Desk(self.store, config.get("alerts") or {"file": {"path": "/nowhere/alerts.jsonl"}})
        with self.store.write() as connection:
            self.desk.root = ledger.root_of(connection, os.fsencode(self.srv)).id
        actions: Any = {RULE: action}
        self.desk.book._asking = Asking(actions, self.desk.telling)
        assert masks()

    def put(self, name: str = "depot/export.csv", content: str = PATIENTS, mode: int = 0o644) -> Path:
        """Write a file, and judge it."""
        place = self.srv / name
        place.write_text(content, "utf-8")
        place.chmod(mode)
        self.judge(place)
        return place

    def judge(self, place: Path) -> None:
        """Have the book told of a file as it is."""
        status = place.stat()
        device, inode = ledger.identity(status.st_dev, status.st_ino)
        with place.open("rb") as file:
            content = self.sealer.content(file.fileno())
        file_: Any = (device, inode, status.st_size, status.st_mtime_ns)
        self.desk.found(str(place), content=content, file=file_, zone=os.fsencode(self.srv))

    def run(self, *command: str, die: str = "-") -> Done:
        """Run a command of phiscan, to its end or to a step."""
        return subprocess.run(
            [sys.executable, "-m", "tests.respond", str(self.home), die, *command],
            cwd=ROOT,
            env=environment(self.home) | {"PHISCAN_CONFIG": str(self.config)},
            capture_output=True,
            timeout=120,
            check=False,
        )

    def respond(self, *flags: str, die: str = "-") -> Done:
        """Run the helper once."""
        done = self.run("incidents", "respond", "--once", *flags, die=die)
        assert done.returncode == (-9 if die != "-" else 0), done.stderr
        return done

    def restore(self, number: int = 1, die: str = "-") -> Done:
        """Put a file back."""
        return self.run("incidents", "restore", str(number), "--reason", "erreur", die=die)

    def responses(self) -> list[Response]:
        """Return all that was asked for, by number."""
        with self.store.read() as connection:
            return responses.in_state(connection, "wanted", "doing", "done", "refused", "undoing", "restored")

    def states(self) -> list[tuple[str, str, str | None]]:
        """Return action, state and why of all that was asked for."""
        return [(one.action, one.state, one.why) for one in self.responses()]

    def said(self, number: int = 1) -> list[str]:
        """Return what the incident's history says of responses."""
        with self.store.read() as connection:
            history = incidents.history(connection, number)
        return [event.data["state"] for event in history if event.kind == "responded"]

    @property
    def quarantine(self) -> Path:
        """Where files are moved to."""
        return self.home / ".phiscan-quarantine"

    def kept(self) -> list[Path]:
        """Return the files in quarantine."""
        return sorted(self.quarantine.glob("*/file"))

    def manifest(self) -> dict[str, Any]:
        """Return what the only manifest says."""
        (file,) = self.quarantine.glob("*/manifest.json")
        said: dict[str, Any] = json.loads(file.read_text("ascii"))
        return said
