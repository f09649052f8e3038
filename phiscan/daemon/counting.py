"""What is left to read, counted beside the loop: over a long ledger that takes longer than a turn may."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from phiscan.messages import Broken
from phiscan.store import backlog

if TYPE_CHECKING:
    from phiscan.store import Store
    from phiscan.store.backlog import Amount

_END_WITHIN: Final = 1.0  # seconds that a count under way may still take when the daemon ends


class Counting:
    """Counts in a thread of its own, one count at a time; while it does, the loop turns."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread: threading.Thread | None = None
        self._found: Amount | None = None
        self.took = 0.0  # seconds, the last count

    def ask(self, roots: Sequence[int]) -> None:
        """Begin to count what is left in some roots, unless a count is under way."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._count, args=(tuple(roots),), name="counting", daemon=True)
            self._thread.start()

    def take(self) -> Amount | None:
        """Return what was counted, once; None while there is nothing new, as where the store failed."""
        if self._thread is None or self._thread.is_alive():
            return None
        self._thread, found, self._found = None, self._found, None
        return found

    @property
    def under_way(self) -> bool:
        """Whether a count was asked for and not taken yet."""
        return self._thread is not None

    def close(self) -> None:
        """End."""
        if self._thread is not None:
            self._thread.join(_END_WITHIN)

    def _count(self, roots: Sequence[int]) -> None:
        began = time.monotonic()
        try:
            with self._store.read() as connection:
                self._found = backlog.waiting(connection, roots)
        except Broken:
            self._found = None  # the loop says so of its own accord
        self.took = time.monotonic() - began
