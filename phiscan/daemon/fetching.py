"""From the ledger to the hands: what waits to be read, in the order that matters, and a word once nothing is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from phiscan.store import flag, ledger, set_flag
from phiscan.store import now as clock
from phiscan.store.ledger import Entry, Pending

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.daemon.loop import Daemon

_BACKLOG: Final = 64  # files fetched from the ledger at once
_FEW: Final = 8  # for each worker, as long as more may be found


class Fetching:
    """Fetches for one daemon. A first walk and changed recognizers wait for their hours, what has arrived does not."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon, self._hands = daemon, daemon.hands
        self.news = True  # the ledger may have something waiting that may not be kept waiting

    def fetch(self, connection: Connection) -> None:
        """Fetch what the ledger has waiting, and say what was to be said once nothing of it is left."""
        daemon = self._daemon
        if daemon.pace.paused_until() is not None:
            self.fetch_news(connection)
        else:
            # While a walk is under way the next of its files may come before all others: little is taken at once.
            count = _FEW * daemon.workers if daemon.walking.under_way else _BACKLOG
            self._sort(ledger.pending(connection, count, self._busy(), self._roots()))
        if self._hands.idle and not ledger.any_pending(connection, self._roots(), self._busy()):
            self._caught_up(connection)

    def fetch_news(self, connection: Connection) -> None:
        """Fetch what may not be kept waiting: what a walk has met in a root that had been read whole before."""
        walked = [one.root.id for one in self._daemon.watched if one.available and one.root.walked is not None]
        if walked and self.news:
            found = ledger.pending(connection, _BACKLOG, self._busy(), walked, found=True)
            self.news = len(found) == _BACKLOG
            self._sort(found)

    def _sort(self, found: list[Entry]) -> None:
        known = self._hands.tasks.keys() | {entry.path for entry in (*self._hands.news, *self._hands.backlog)}
        for entry in found:
            one = self._daemon.root_of(entry.path)
            if one is not None and entry.path not in known:
                new = entry.pending is Pending.FOUND and one.root.walked is not None
                (self._hands.news if new else self._hands.backlog).append(entry)

    def _busy(self) -> list[int]:
        return [task.row for task in self._hands.tasks.values() if task.row]

    def _roots(self) -> list[int]:
        return [one.root.id for one in self._daemon.watched if one.available]

    def _caught_up(self, connection: Connection) -> None:
        """Nothing waits in the ledger: tell what was to be told in one message."""
        daemon = self._daemon
        kinds = {task.told.kind for task in self._hands.tasks.values()}
        first = [one for one in daemon.watched if one.available and one.root.walked is None and one.first_walk_done]
        if first and "initial" not in kinds:
            for one in first:
                one.begun(connection)
            daemon.telling.conclude(connection, "initial", clock())
        busy = "digest" in kinds or daemon.judging.otherwise or daemon.walking.under_way
        if not busy and flag(connection, "digest"):
            daemon.telling.conclude(connection, "digest", clock())
            set_flag(connection, "digest", on=False)
