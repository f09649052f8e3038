"""What is judged again from the ledger, without reading: by other rules, in a day that has begun, for changed services.

Each of the three is a part of a turn. One that brings out a bug rests and then begins anew. While it rests it is no
work that waits: else the loop would turn without a pause for as long as the bug is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from phiscan.daemon.ends import Ends
from phiscan.daemon.examine import Told
from phiscan.daemon.hands import status
from phiscan.daemon.rejudging import Rejudging
from phiscan.store import ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.daemon.loop import Daemon
    from phiscan.daemon.sparing import Parts

_BATCH: Final = 400  # files judged by other rules in one turn
_RULES: Final = "judging again"
_ENDS: Final = "ends"
_SERVICES: Final = "rejudging"


class Judging:
    """What one daemon has to judge again."""

    def __init__(self, daemon: Daemon, parts: Parts) -> None:
        self._daemon, self._parts = daemon, parts
        self.services = Rejudging(daemon)
        self._ends = Ends(daemon.examiner)
        self.otherwise = False  # the ledger holds what other rules have judged
        self._after = 0  # the row up to which it was judged

    def begin(self, connection: Connection) -> None:
        """Look whether the rules are others than before."""
        self.otherwise = bool(ledger.judged_otherwise(connection, self._daemon.examiner.judging, 0, 1))

    def waiting(self) -> bool:
        """Whether there is something to do at once: what rests waits, whatever it has left to do."""
        left = (_RULES, self.otherwise), (_ENDS, self._ends.busy), (_SERVICES, self.services.waiting())
        return self.services.news() or any(some and not self._parts.rests(name) for name, some in left)

    def turn(self, connection: Connection) -> None:
        """Judge some of it."""
        if self.otherwise and not self._parts.do(connection, _RULES, lambda: self._by_rules(connection)):
            self._after = 0  # what it had written is undone
        roots = [one.root for one in self._daemon.watched]
        sparing = self._daemon.sparing
        if not self._parts.do(connection, _ENDS, lambda: self._ends.turn(connection, roots, sparing)):
            self._ends.lost()
        if not self._parts.do(connection, _SERVICES, lambda: self.services.turn(connection)):
            self.services.undone()

    def lost(self) -> None:
        """What was judged in the last turn could not be written."""
        self._after = 0
        self._ends.lost()
        self.services.lost()

    def _by_rules(self, connection: Connection) -> None:
        daemon = self._daemon
        entries = ledger.judged_otherwise(connection, daemon.examiner.judging, self._after, _BATCH)
        for entry in entries:
            self._after = entry.id
            one = daemon.root_of(entry.path)
            place, _ = status(entry.path)
            with daemon.sparing(connection, entry.path):
                if one is not None and place is not None:
                    exposure = daemon.examiner.exposure(one.root, place)
                    daemon.examiner.judge_again(connection, one.root, entry, exposure, Told("digest"))
        self.otherwise = bool(entries)
