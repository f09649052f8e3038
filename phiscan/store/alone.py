"""The lock that makes a daemon the only one of its store.

Beside SQLite it is a lock on a file. In PostgreSQL it belongs to a connection and goes with it, whatever became of
that: so each transaction of the daemon asks, once nobody else can write, whether its lock is still there. What another
daemon does after it took the lock comes after that transaction, and the next one of this daemon finds its lock gone.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING, Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

LOCK: Final = 0x70686973  # "phis": advisory locks of PostgreSQL that are ours
WRITING, RUNNING, HELPING = 1, 2, 3
_PROOF: Final = LOCK + 1  # with a number that nobody else can have: held by the same connection, for as long
# A connection that only holds a lock is idle; not every version has the setting.
_NEVER_IDLE: Final = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'"
_HELD: Final = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = :a AND objid = :b AND granted"
_HELD_HERE: Final = (
    "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database AND datname = current_database() "
    "WHERE locktype = 'advisory' AND classid = :a AND objid = :b AND granted"
)


class FileLock:
    """A lock on a file beside the store."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self) -> bool:
        """Return whether it is ours now."""
        import fcntl

        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def held(self, connection: Connection) -> bool:
        """Return whether it is still ours: until it is released."""
        return True

    def release(self) -> None:
        """Let another daemon have it."""
        os.close(self._file)


class ServerLock:
    """Advisory locks of a PostgreSQL server, held by a connection of their own."""

    def __init__(self, engine: Engine, what: int = RUNNING) -> None:
        self._what = what
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection.detach()  # one that is returned to the pool keeps what it holds
        self._proof = secrets.randbelow(1 << 31)

    def take(self) -> bool:
        """Return whether it is ours now."""
        self._connection.execute(text(_NEVER_IDLE))
        taken = self._connection.scalar(text("SELECT pg_try_advisory_lock(:a, :b)"), {"a": LOCK, "b": self._what})
        if taken:
            self._connection.execute(text("SELECT pg_advisory_lock(:a, :b)"), {"a": _PROOF, "b": self._proof})
        return bool(taken)

    def held(self, connection: Connection) -> bool:
        """Return whether it is still ours, as another connection sees it."""
        return connection.scalar(text(_HELD), {"a": _PROOF, "b": self._proof}) is not None

    def release(self) -> None:
        """Let another daemon have it."""
        with contextlib.suppress(SQLAlchemyError):  # closed, it would be let go a little later only
            self._connection.execute(text("SELECT pg_advisory_unlock(:a, :b)"), {"a": LOCK, "b": self._what})
        with contextlib.suppress(SQLAlchemyError):
            self._connection.close()


def is_held(connection: Connection, what: int) -> bool:
    """Return whether anybody holds an advisory lock of ours in this database."""
    return connection.scalar(text(_HELD_HERE), {"a": LOCK, "b": what}) is not None


def is_locked(path: str) -> bool:
    """Return whether anybody holds the lock on a file. One that cannot be asked is held by nobody we know of."""
    import fcntl

    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False
