"""The daemon's log: one JSON object a line on standard error, for journald or whoever collects it.

An entry is a fixed phrase with counts and numbers. A path in it is masked, a message of a library never stands in it.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO

Grade = Literal["debug", "info", "warning", "error"]
_GRADES: tuple[Grade, ...] = ("debug", "info", "warning", "error")
_LOCKED: Final = 60.0  # seconds between two words on a store that another writer holds


class Log:
    """Writes entries at or above a grade."""

    def __init__(self, least: Grade = "info", stream: TextIO | None = None) -> None:
        self._least, self._stream = _GRADES.index(least), stream or sys.stderr
        self._turns = threading.Lock()
        self._locked, self._next_locked = 0, -_LOCKED  # how often since the last word

    def __call__(self, grade: Grade, event: str, **facts: Any) -> None:
        """Write one entry. Where nobody can take it any more, the daemon goes on."""
        if _GRADES.index(grade) < self._least:
            return
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        try:
            self._stream.write(json.dumps({"at": at, "level": grade, "event": event, **facts}) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            return

    def store_failed(self, why: str) -> None:
        """Say that the store fails.

        That another writer holds it for a moment costs nothing but the moment, and under load happens every few
        seconds, on several threads: said at once, then once a minute at most, with how often since.
        """
        if why != "store.locked":
            self("error", "store failed", why=why)
            return
        with self._turns:
            self._locked += 1
            if time.monotonic() < self._next_locked:
                return
            times, self._locked, self._next_locked = self._locked, 0, time.monotonic() + _LOCKED
        self("warning", "store failed", why=why, times=times)
