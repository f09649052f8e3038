"""Threads of one process that want to write take turns, in the order in which they came.

Left to SQLite they would poll, and one that writes all the time would let no other in.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator


class Queue:
    """One at a time, first come, first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    @contextlib.contextmanager
    def turn(self, patience: float) -> Iterator[bool]:
        """Yield True once it is one's turn, False where that takes more than `patience` seconds."""
        mine = self._enter(patience)
        try:
            yield mine
        finally:
            if mine:
                self._leave()

    def _enter(self, patience: float) -> bool:
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(patience):
            return True
        with self._lock:
            if called.is_set():  # just now
                return True
            self._waiting.remove(called)
            return False

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
