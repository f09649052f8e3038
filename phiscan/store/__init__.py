"""The store: what phiscan remembers, in SQLite by default or in PostgreSQL, through SQLAlchemy Core.

One daemon writes; commands read, and write what a person decides. Whatever is wrong with the database becomes one
line. The key of the fingerprints is not in here, but its id and a check are: another key would count everybody twice.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, delete, event, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InvalidRequestError, NoSuchModuleError, SQLAlchemyError

from phiscan.messages import Broken, Told
from phiscan.store.alone import HELPING, LOCK, RUNNING, WRITING, FileLock, ServerLock, is_held, is_locked
from phiscan.store.migrate import is_numbered, is_older, upgrade, version
from phiscan.store.queue import Queue
from phiscan.store.schema import SCHEMA, meta

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from phiscan.seal import Sealer

_BUSY: Final = 30.0  # seconds to wait for another writer
# How long a server may be silent before it is taken for gone: seconds, `tcp_user_timeout` milliseconds.
_SERVER: Final = {
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}

# SQLITE_… by the beginning of its name, or SQLSTATE by its: which line of the catalogue says it.
_WRONG = {
    "SQLITE_FULL": "store.full",
    "SQLITE_BUSY": "store.locked",
    "SQLITE_LOCKED": "store.locked",
    "SQLITE_CORRUPT": "store.corrupt",
    "SQLITE_NOTADB": "store.corrupt",
    "SQLITE_CANTOPEN": "store.denied",
    "SQLITE_READONLY": "store.denied",
    "SQLITE_PERM": "store.denied",
    "SQLITE_IOERR": "store.io",
    "53100": "store.full",
    "55P03": "store.locked",
    "28": "store.refused",
    "3D000": "store.refused",
    "42501": "store.refused",
    "XX001": "store.corrupt",
}


class Store:
    """A database that is open. `read` and `write` give a transaction each; neither is shared between threads."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self.name = engine, name
        self._running: FileLock | ServerLock | None = None
        self._writers = Queue()
        self.postgresql = engine.dialect.name == "postgresql"

    @classmethod
    def open(cls, url: str, *, create: bool = False) -> Store:
        """Open the store at `url`. Without `create` it must have been made before. Raises `Told` or `Broken`."""
        try:
            address = make_url(url)
            store = cls(_engine(url), address.render_as_string(hide_password=True))
        except (NoSuchModuleError, ModuleNotFoundError):
            raise Told("store.driver") from None
        except SQLAlchemyError:
            raise Told("store.address") from None
        if not store.postgresql:
            path = Path(address.database or "")
            store.name = str(path)
            if create:
                _make_folder(path)
            elif not path.exists():
                raise Told("store.missing", path=store.name)
        try:
            store._prepare(create=create)
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Close every connection; the next daemon may run."""
        self.leave()
        self._engine.dispose()

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a transaction that sees one state of the store and changes nothing. Raises `Broken`."""
        with self._told(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def write(self, patience: float | None = None, *, migrating: bool = False) -> Iterator[Connection]:
        """Yield a transaction that is committed at the end of the block, or not at all. Writers wait for each other.

        So events are numbered in the order in which they can be seen. Raises `Broken`, also where another writer does
        not end within `patience` seconds, or the lock of the only daemon was lost: then nothing of the block has run,
        and after the latter nothing can be written before `enter` succeeds. `migrating`: SQLite heeds no foreign keys.
        """
        patience = _BUSY if patience is None else patience
        began = time.monotonic()
        with self._told(), self._writers.turn(patience) as mine:
            left = patience - (time.monotonic() - began)
            if not mine:
                raise Broken("store.locked", path=self.name)
            writing = self._engine.execution_options(
                phiscan_write=max(1, int(left * 1000)), phiscan_migrating=migrating
            )
            with writing.connect() as connection, connection.begin():
                if self.postgresql:
                    connection.execute(text(f"SET LOCAL lock_timeout = {max(1, int(left * 1000))}"))
                    connection.execute(text("SELECT pg_advisory_xact_lock(:a, :b)"), {"a": LOCK, "b": WRITING})
                if self._running is not None and not self._running.held(connection):
                    raise Broken("store.lock_lost", path=self.name)
                yield connection

    def overwrite(self) -> None:
        """Have what was deleted overwritten on the disk too: SQLite's log still holds it. PostgreSQL sees to its own.

        As far as it goes: whoever is still reading keeps the log.
        """
        if not self.postgresql:
            with self._told(), contextlib.closing(self._engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise Broken(_wrong(error), path=self.name) from None
        except InvalidRequestError:
            raise Broken("store.io", path=self.name) from None

    def _prepare(self, *, create: bool) -> None:
        """Make the tables where there are none, and those of this version of older ones; refuse newer ones."""
        with self.read() as connection:
            found = version(connection)
            known = found == SCHEMA and (is_numbered(connection) or not create)
        if known:
            return
        if not create and found is None:
            raise Told("store.missing", path=self.name)
        if found not in {None, SCHEMA} and not is_older(str(found)):
            raise Told("store.version", path=self.name, found=found, known=SCHEMA)
        if not create:
            raise Told("store.older", path=self.name, found=found, known=SCHEMA)
        if found is not None:
            self.enter()  # no daemon of the older version may be at work
        with self.write(migrating=True) as connection:
            upgrade(connection)
            if connection.scalar(select(meta.c.value).where(meta.c.name == "id")) is None:
                connection.execute(insert(meta).values(name="id", value=secrets.token_hex(4)))
        self._engine.dispose()  # connections that enforce no foreign keys

    def key(self, key_file: Path) -> Sealer:
        """Return the key that this store's fingerprints were made with; make one where both are new.

        Raises `Told` (status 2) where the file is missing or holds another key: never a silent new one.
        """
        from phiscan.seal import Sealer

        with self.read() as connection:
            known = dict(connection.execute(select(meta.c.name, meta.c.value).where(meta.c.name.like("key%"))).all())
        if not known and not key_file.exists():
            Sealer.make(key_file)
        elif not key_file.exists():
            raise Told("key.lost", path=str(key_file), id=known.get("key", ""))
        sealer = Sealer.from_file(key_file)
        if not known:
            with self.write() as connection:
                values = {"key": sealer.key_id, "key_check": sealer.check}
                connection.execute(insert(meta), [{"name": name, "value": value} for name, value in values.items()])
        elif known != {"key": sealer.key_id, "key_check": sealer.check}:
            raise Told("key.other", path=str(key_file), id=known.get("key", ""))
        return sealer

    def enter(self, *, helper: bool = False) -> None:
        """Be the only daemon of this store until `close`, or its only helper, again where that was lost.

        Raises `Told` where another one runs.
        """
        before = self._running
        if before is not None:
            with self.read() as connection:
                if before.held(connection):
                    return
        with self._told():
            name, number = (".respond.lock", HELPING) if helper else (".lock", RUNNING)
            lock = ServerLock(self._engine, number) if self.postgresql else FileLock(self.name + name)
            try:
                taken = lock.take()
            except SQLAlchemyError:
                lock.release()
                raise
        if not taken:
            lock.release()
            raise Told("store.responding" if helper else "store.running", path=self.name)
        self._running = lock
        if before is not None:
            before.release()

    def helped(self) -> bool:
        """Return whether a helper is at work on this store; nothing is made or held for the answer."""
        if self.postgresql:
            with self.read() as connection:
                return is_held(connection, HELPING)
        return is_locked(self.name + ".respond.lock")

    def leave(self) -> None:
        """Let another daemon run."""
        if self._running is not None:
            self._running.release()
        self._running = None


def now() -> float:
    """Return the time as the store writes it."""
    return time.time()


def flag(connection: Connection, name: str) -> bool:
    """Return whether something is still to be done, whoever began it."""
    return connection.scalar(select(meta.c.value).where(meta.c.name == f"flag.{name}")) is not None


def set_flag(connection: Connection, name: str, *, on: bool = True) -> None:
    """Remember that something is still to be done, or that it is done."""
    connection.execute(delete(meta).where(meta.c.name == f"flag.{name}"))
    if on:
        connection.execute(insert(meta).values(name=f"flag.{name}", value="1"))


def _make_folder(path: Path) -> None:
    """Make an empty file, for our account alone, where there is none.

    One that is there is not opened: to close it again would end every lock that this process holds on it, and whoever
    closes the store next would take the log of a daemon at work away.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if path.is_file() and not os.access(path, os.R_OK | os.W_OK):
            raise Broken("store.made", path=str(path), why=os.strerror(errno.EACCES)) from None
    except OSError as error:
        raise Broken("store.made", path=str(path), why=error.strerror or "") from None


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _BUSY})
        event.listen(engine, "connect", _sqlite)
        event.listen(engine, "begin", _begin)
        return engine
    return create_engine(url, pool_pre_ping=True, connect_args=_SERVER)


def _sqlite(connection: Any, record: object) -> None:
    """Set a new connection up. Transactions are begun by us: the driver would begin them too late."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    patience = options.get("phiscan_write")
    if options.get("phiscan_migrating"):
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    if patience:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if patience else "BEGIN")


def _wrong(error: DBAPIError) -> str:
    """Return the key of what is wrong. The driver's own words may quote what was to be written."""
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
    found = next((key for start, key in _WRONG.items() if code.startswith(start)), None)
    return found or ("store.unreachable" if error.connection_invalidated or not code else "store.io")
