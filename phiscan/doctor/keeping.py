"""What phiscan keeps: the key of the fingerprints, the store, and room on the disk below it."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from phiscan.doctor.finding import Bytes, Finding, error, good, note, refused, warning
from phiscan.messages import Told

if TYPE_CHECKING:
    from phiscan.config import Config
    from phiscan.doctor.service import Unit
    from phiscan.store import Store

_SCARCE: Final = 1 << 30  # bytes free below which it is time to act
_FULL: Final = 64 << 20  # and below which the daemon is about to write nothing
_PATIENCE: Final = 2.0  # seconds to wait for whoever writes
_LATE: Final = 300.0  # seconds that a message may be on its way: nobody is silent that long who answers at all
_SILENT: Final = 120.0  # seconds without a sign of life: the daemon gives one every few seconds


def examine(config: Config, unit: Unit | None) -> Iterator[Finding]:
    """Look at the store, then at the key, which must be the one that the store was filled with."""
    from phiscan.store import Store

    try:
        address = config.store
    except Told as told:
        yield refused(told)
        yield from _key_alone(config.key_file)
        return
    file = _database(address)
    yield from _disk(file)
    if file is not None and not file.exists():
        yield from _to_be_made(file)
        yield from _key_alone(config.key_file)
        return
    try:
        store = Store.open(address)
    except Told as told:
        if told.key == "store.missing":  # PostgreSQL answers, and holds nothing yet
            yield good("doctor.store.empty", path=told.params["path"])
        elif told.key == "store.older":  # the daemon sees to it
            yield note(told.key, **told.params)
        else:
            yield refused(told)
        yield from _key_alone(config.key_file)
        return
    try:
        yield from _store(store)
        yield from _refused(store, config)
        yield from _key(store, config.key_file)
    finally:
        store.close()
    if file is not None:
        yield from _owner(file, unit)


def _database(url: str) -> Path | None:
    """Return the file of a store on this machine, None where a server has it."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    try:
        address = make_url(url)
    except SQLAlchemyError:
        return None
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def _to_be_made(file: Path) -> Iterator[Finding]:
    folder = _nearest(file.parent)
    if os.access(folder, os.W_OK | os.X_OK):
        yield good("doctor.store.new", path=str(file))
    else:
        yield error("doctor.store.folder", path=str(file), folder=str(folder))


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _store(store: Store) -> Iterator[Finding]:
    """Whether it can be written, and what it knows of the daemon."""
    from phiscan.store import coverage, now

    try:
        with store.write(_PATIENCE):
            pass
        with store.read() as connection:
            alive = coverage.last_alive(connection)
    except Told as told:
        yield refused(told)
        return
    yield good("doctor.store", path=store.name)
    if alive is None:
        yield note("doctor.daemon.never")
    elif (age := now() - alive) < -_PATIENCE:
        yield warning("doctor.clock.back", seconds=round(-age))
    elif age > _SILENT:
        yield warning("doctor.daemon.silent", minutes=round(age / 60))
    else:
        yield good("doctor.daemon")


def _refused(store: Store, config: Config) -> Iterator[Finding]:
    """Say which channels do not take what the daemon has to say."""
    from phiscan.alert.routing import configured
    from phiscan.store import now, outbox

    try:
        with store.read() as connection:
            refused_, queued = outbox.refused(connection), outbox.queued(connection)
            partly = outbox.partly(connection)
    except Told:
        return  # of a store that fails enough is said
    for channel in configured(config.alerts):
        count, since, why = refused_.get(channel) or (*queued.get(channel, (0, now())), "no answer in time")
        age = now() - since
        if channel in refused_ or age > _LATE:
            yield warning("doctor.channel.refusing", channel=channel, n=count, minutes=max(0, round(age / 60)), why=why)
        elif channel in partly:
            yield warning("doctor.channel.partly", channel=channel, why=partly[channel])


def _key(store: Store, file: Path) -> Iterator[Finding]:
    """Look at the key of a store. A store that was never filled is not asked: it would have one made."""
    from sqlalchemy import select

    from phiscan.store.schema import meta

    try:
        with store.read() as connection:
            filled = connection.scalar(select(meta.c.value).where(meta.c.name == "key")) is not None
        if not filled:
            yield from _key_alone(file)
            return
        store.key(file)
    except Told as told:
        yield refused(told)
        return
    yield from _key_rights(file)


def _key_alone(file: Path) -> Iterator[Finding]:
    """Look at a key for which there is no filled store. It is made where there is none, never here."""
    from phiscan.seal import Sealer

    if not os.path.lexists(file):
        folder = _nearest(file.parent)
        writable = os.access(folder, os.W_OK | os.X_OK)
        yield (
            good("doctor.key.new", path=str(file))
            if writable
            else error("doctor.key.folder", path=str(file), folder=str(folder))
        )
        return
    try:
        Sealer.from_file(file)
    except Told as told:
        yield refused(told)
        return
    yield from _key_rights(file)


def _key_rights(file: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        yield warning("doctor.key.rights", path=str(file), mode=f"{mode:04o}")
    else:
        yield good("doctor.key", path=str(file), mode=f"{mode:04o}")


def _owner(file: Path, unit: Unit | None) -> Iterator[Finding]:
    """Say where the service may not write what another account, often root by hand, has made."""
    try:
        wanted = pwd.getpwnam(unit.user if unit else "").pw_uid
        owner = file.stat().st_uid
    except (KeyError, OSError):
        return
    if unit is not None and wanted not in (owner, 0):
        yield error("doctor.store.owner", path=str(file), owner=_name(owner), user=unit.user)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _disk(file: Path | None) -> Iterator[Finding]:
    if file is None:
        return
    folder = _nearest(file.parent)
    try:
        room = os.statvfs(folder)
    except OSError:
        return
    free = room.f_bavail * room.f_frsize
    if room.f_files and not room.f_favail:
        yield error("doctor.disk.inodes", path=str(folder))
    elif free < _FULL:
        yield error("doctor.disk.full", path=str(folder), free=Bytes(free))
    elif free < _SCARCE:
        yield warning("doctor.disk.scarce", path=str(folder), free=Bytes(free))
    else:
        yield good("doctor.disk", path=str(folder), free=Bytes(free))
