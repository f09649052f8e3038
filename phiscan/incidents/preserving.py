"""A sealed copy of an incident's file, for the police or the ANSSI: the one thing in which a value leaves on purpose.

The copy is a 7z archive, encrypted with AES-256 under a passphrase, names of files included; whoever gets it needs no
phiscan. In it lie the file as it was read, `manifest.json` (what, who, when, why, SHA-256, the incident with its
history and readers) and `lignes.log`, the log lines that were kept. Its own SHA-256 goes into the incident's history:
what was handed over can be shown to be what was sealed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from phiscan import __version__
from phiscan.access.view import interval_dict
from phiscan.errors import PhiscanError, Unreadable
from phiscan.incidents.incident import moment
from phiscan.messages import Broken, Told
from phiscan.report.model import show_path, stamp
from phiscan.source.open import open_regular
from phiscan.store import access, incidents

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.access.view import View
    from phiscan.incidents.incident import Event, Incident

SCHEMA: Final = "phiscan.preserved/1"
LEAST: Final = 12  # characters of a passphrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What was sealed. `sha256` is of the file, None where it could not be read; `container` of the archive."""

    path: str
    sha256: str | None
    size: int
    container: str
    changed: bool  # the file was written to while it was copied


class _Source(io.BufferedIOBase):
    """The first `length` bytes of a file, hashed as they are read from beginning to end."""

    def __init__(self, descriptor: int, length: int) -> None:
        super().__init__()
        self._descriptor, self._length, self._at = descriptor, length, 0
        self._state, self.size = hashlib.sha256(), 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is, so that its length can be learnt."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move."""
        self._at = offset + (0, self._at, self._length)[whence]
        return self._at

    def read(self, count: int | None = -1, /) -> bytes:
        """Return the next bytes."""
        left = self._length - self._at
        wanted = left if count is None or count < 0 else min(count, left)
        block = os.pread(self._descriptor, min(wanted, 1 << 20), self._at)
        if self._at == self.size:
            self._state.update(block)
            self.size += len(block)
        self._at += len(block)
        return block

    @property
    def sha256(self) -> str:
        """Return the hash of all that was read."""
        return self._state.hexdigest()


def passphrase(file: str) -> str:
    """Return the passphrase that stands in a file, its line end dropped. Raises `Told`."""
    try:
        with open(file, encoding="utf-8") as stream:
            found = stream.read().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Told("file.unreadable", path=file, why=getattr(error, "strerror", None) or "UTF-8") from None
    if len(found) < LEAST:
        raise Told("preserve.weak", path=file, n=LEAST)
    return found


def target(to: str, incident: Incident, at: float) -> str:
    """Return the file to write for `to`, a folder or a file that is not there yet. Raises `Told`."""
    if os.path.isdir(to):
        return os.path.join(to, f"phiscan-{incident.id}-{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}.7z")
    if os.path.lexists(to):
        raise Told("preserve.exists", path=to)
    return to


def seal(
    incident: Incident,
    history: list[Event],
    seen: View,
    to: str,
    secret: str,
    *,
    by: str,
    reason: str,
    at: float,
    store: str,
    kept: bytes | None = None,
) -> Sealed:
    """Write the sealed copy to `to`; nothing is left there where that fails. Raises `Told` or `Broken`.

    `kept`: where the file lies, if it lies in quarantine: another one may have its name by now.
    """
    import py7zr

    about: dict[str, Any] = {
        "schema": SCHEMA,
        "phiscan": __version__,
        "host": socket.gethostname(),
        "sealed": {"at": moment(at), "by": by, "reason": reason},
        "incident": incident.to_dict(store=store) | {"history": [event.to_dict() for event in history]},
        "readers": seen.to_dict(),
        "exposures": [interval_dict(one) for one in seen.intervals],
        "lines": [
            {"file": os.fsdecode(one.file), "offset": one.place, "seal": one.seal, "at": moment(one.at)}
            for one in seen.lines
        ],
    }
    forms = [{"id": py7zr.FILTER_COPY}, {"id": py7zr.FILTER_CRYPTO_AES256_SHA256}]
    try:
        made = os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Broken("preserve.failed", path=to, why=error.strerror or "") from None
    try:
        with os.fdopen(made, "w+b") as stream:
            with py7zr.SevenZipFile(stream, "w", filters=forms, password=secret, header_encryption=True) as archive:
                about["file"] = file = _copy(archive, incident, kept)
                archive.writef(io.BytesIO(_lines(seen)), "lignes.log")
                archive.writestr(json.dumps(about, ensure_ascii=True, indent=2), "manifest.json")
            stream.flush()
            os.fsync(stream.fileno())
            stream.seek(0)
            container = hashlib.file_digest(stream, "sha256").hexdigest()
    except BaseException as error:
        os.unlink(to)
        if isinstance(error, OSError):
            raise Broken("preserve.failed", path=to, why=error.strerror or "") from None
        if isinstance(error, (KeyboardInterrupt, SystemExit, PhiscanError)):
            raise
        raise Broken("preserve.failed", path=to, why=type(error).__name__) from None
    return Sealed(path=to, sha256=file["sha256"], size=file["size"], container=container, changed=bool(file["changed"]))


def _copy(archive: Any, incident: Incident, kept: bytes | None) -> dict[str, Any]:
    """Copy the file into the archive as it is read; return what it was. One that is gone is said to be."""
    try:
        descriptor, before = open_regular(kept or incident.path)
    except Unreadable as error:
        return {"sha256": None, "size": 0, "changed": False, "unread": error.reason}
    try:
        source = _Source(descriptor, before.st_size)
        archive.writef(source, f"fichier/{show_path(os.path.basename(incident.path))}")
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    return {
        "path": show_path(incident.path),
        "quarantine": None if kept is None else show_path(kept),
        "sha256": source.sha256,
        "size": source.size,
        "modified": stamp(datetime.fromtimestamp(before.st_mtime, UTC)),
        "status_changed": stamp(datetime.fromtimestamp(before.st_ctime, UTC)),
        "inode": before.st_ino,
        "owner": [before.st_uid, before.st_gid],
        "mode": f"{before.st_mode & 0o7777:04o}",
        "changed": (before.st_mtime_ns, before.st_ctime_ns, before.st_size)
        != (after.st_mtime_ns, after.st_ctime_ns, source.size),
        "unread": None,
    }


def _lines(seen: View) -> bytes:
    return b"".join(one.line + b"\n" for one in seen.lines)


def note(connection: Connection, incident: Incident, sealed: Sealed, *, by: str, reason: str, at: float) -> None:
    """Write into the incident's history who sealed what, when and why."""
    hashes = {"sha256": sealed.sha256, "container": sealed.container, "bytes": sealed.size}
    lines = len(access.lines_of(connection, incident.id))
    incidents.happened(connection, incident.id, at, "preserved", by, reason=reason, lines=lines, **hashes)
