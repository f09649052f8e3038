"""`phiscan watch` as an operator runs it, under a bench: patient, with metrics, and asked little while it works."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from phiscan.store.ledger import root_of as ledger_of
from phiscan.store.schema import incidents, ledger
from tests.bench.measure import high_water, tree
from tests.running import ROOT, command, environment
from tests.watching import Watch


class Operated(Watch):
    """A daemon with the times that it has by default."""

    def __init__(self, home: Path, **config: Any) -> None:
        super().__init__(home, **config)
        self.peaks: dict[str, int] = {"daemon": 0, "worker": 0}  # resident bytes at most, of any process so far

    def spawn(self) -> None:
        """Start the daemon and wait for nothing."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command("watch", "-c", str(self.write())),
                cwd=ROOT,
                env=environment(self.home) | {"PHISCAN_CONFIG": ""},
                stdout=log,
                stderr=log,
            )

    def begin(self, patience: float = 120.0) -> float:
        """Start the daemon and wait until it says that it has; return how many seconds that took."""
        began, before = time.monotonic(), self.log.stat().st_size if self.log.exists() else 0
        self.spawn()
        while b'"event": "started"' not in self.said(before):
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text("utf-8")[-2000:]
            assert time.monotonic() < began + patience, "it does not start"
            time.sleep(0.01)
        return time.monotonic() - began

    def said(self, since: int) -> bytes:
        """Return what it has logged from a byte on."""
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read()

    def kill(self) -> None:
        """End it as the kernel's killer of processes would."""
        self.look()
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def look(self) -> None:
        """Note how much memory it and its workers have taken."""
        if self.process is None:
            return
        for pid in tree(self.process.pid):
            kind = "daemon" if pid == self.process.pid else "worker"
            self.peaks[kind] = max(self.peaks[kind], high_water(pid))

    def counts(self) -> tuple[int, int, int]:
        """Return how many files the ledger knows, how many of those are to be read, how many incidents are open."""
        with self.store() as store, store.read() as connection:
            known = connection.scalar(select(func.count()).select_from(ledger)) or 0
            waiting = connection.scalar(select(func.count()).where(ledger.c.pending.isnot(None))) or 0
            open_ = connection.scalar(select(func.count()).where(incidents.c.state == "new")) or 0
            return known, waiting, open_

    def begun(self) -> bool:
        """Whether what lay there at the beginning has been told: from now on each file is told of as it comes."""
        with self.store() as store, store.read() as connection:
            return ledger_of(connection, os.fsencode(self.srv)).walked is not None
