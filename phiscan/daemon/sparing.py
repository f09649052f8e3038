"""A bug of ours costs the file that brings it out, or the part of a turn that it lies in, not the daemon.

Else it would end the daemon, which would be begun anew, meet the same and end again.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from phiscan.daemon.hands import status
from phiscan.errors import PhiscanError
from phiscan.store import ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.daemon.examine import Examiner
    from phiscan.daemon.watched import Watched
    from phiscan.model import Place

_REST: Final = 60.0  # seconds for which a part that has failed is let alone


@contextlib.contextmanager
def spared(connection: Connection, failed: Callable[[Exception], None]) -> Iterator[None]:
    """Undo what the block has written where it raises, and say so to `failed`. What the store raises is passed on."""
    try:
        with connection.begin_nested():
            yield
    except Exception as error:
        if of_the_store(error):
            raise
        failed(error)


class Sparing:
    """What becomes of files that bring out a bug. `bug` is told of it, `root_of` knows the watched root of a path."""

    def __init__(
        self, examiner: Examiner, bug: Callable[[Exception], None], root_of: Callable[[bytes], Watched | None]
    ) -> None:
        self._examiner, self._bug, self._root_of = examiner, bug, root_of

    def file(
        self, connection: Connection, path: bytes, place: Place | None = None
    ) -> contextlib.AbstractContextManager[None]:
        """Have a bug that a file brings out within the block become its gap. `place`: as it was read, if it was."""
        return spared(connection, lambda error: self._spoilt(connection, path, place, error))

    def _spoilt(self, connection: Connection, path: bytes, place: Place | None, error: Exception) -> None:
        self._bug(error)
        one = self._root_of(path)
        if one is not None:
            with spared(connection, self._bug):
                there, before = place or status(path)[0], ledger.get(connection, one.root.id, path)
                self._examiner.spoilt(connection, one.root, there, before)


class Parts:
    """The parts of a turn that are no file's. One that brings out a bug is let alone for a while, the others go on."""

    def __init__(self, bug: Callable[[Exception], None], now: Callable[[], float] = time.monotonic) -> None:
        self._bug, self._now = bug, now
        self._resting: dict[str, float] = {}

    def rests(self, name: str) -> bool:
        """Whether a part has failed a short while ago."""
        return self._now() < self._resting.get(name, 0.0)

    def do(self, connection: Connection, name: str, part: Callable[[], object]) -> bool:
        """Do a part, unless it rests; false where it has just failed: what it had written is undone."""
        if self.rests(name):
            return True
        wrong: list[Exception] = []
        with spared(connection, wrong.append):
            part()
        for error in wrong:
            self._bug(error)
            self._resting[name] = self._now() + _REST
        return not wrong


def of_the_store(error: Exception) -> bool:
    """Whether it is the store that fails, or the machine: another file would fare no better."""
    from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError, StatementError

    if isinstance(error, IntegrityError):  # no trigger is ours
        return getattr(error.orig, "sqlite_errorname", None) == "SQLITE_CONSTRAINT_TRIGGER"
    refused = isinstance(error, DataError) or type(error) is StatementError  # what was to be written is no value
    return isinstance(error, (PhiscanError, SQLAlchemyError, MemoryError)) and not refused
