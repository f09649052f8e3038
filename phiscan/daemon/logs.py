"""The daemon's log: one JSON object a line on standard error, for journald or whoever collects it.

An entry is a fixed phrase with counts and numbers. A path in it is masked, a message of a library never stands in it.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

Grade = Literal["debug", "info", "warning", "error"]
_GRADES: tuple[Grade, ...] = ("debug", "info", "warning", "error")


class Log:
    """Writes entries at or above a grade."""

    def __init__(self, least: Grade = "info", stream: TextIO | None = None) -> None:
        self._least, self._stream = _GRADES.index(least), stream or sys.stderr

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
