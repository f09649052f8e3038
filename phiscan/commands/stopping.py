"""SIGINT and SIGTERM ask a scan to stop with the report it has; a second one ends phiscan at once."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any, Self


class Stopping:
    """Takes the two signals while it is open. Workers that were forked meanwhile must ignore or default them."""

    def __init__(self) -> None:
        self._asked: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: int, frame: FrameType | None) -> None:
        self._asked = number
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def asked(self) -> bool:
        """Return whether somebody asked."""
        return self._asked is not None

    @property
    def status(self) -> int | None:
        """The exit status that says so: 130 or 143."""
        return None if self._asked is None else 128 + self._asked
