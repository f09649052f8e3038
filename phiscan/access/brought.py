"""The access logs that a collector has brought from another machine: which there are, and what their lines say.

Whoever made them may want to hurt whoever reads them. Lines are read one by one, in blocks: however much a packed log
unpacks to, however long a line is and whatever makes a parser slow, there is an end to it, and it is said. Nothing is
read but what lies in the archive's own folder; times that name no zone are those of the other machine.
"""

from __future__ import annotations

import glob
import io
import os
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from phiscan.access import clock
from phiscan.access.files import BLOCK, USUAL, base, blocks, is_packed
from phiscan.access.formats import Parser, common, rsync, vsftpd
from phiscan.access.model import FTP, WEB, Access
from phiscan.access.named import named
from phiscan.access.search import services_of
from phiscan.access.sessions import Sessions
from phiscan.errors import Unreadable
from phiscan.expose import inside

_LONG: Final = 8 << 10  # bytes of a line that every parser may see: on longer ones some would take their time
_LONGEST: Final = 1 << 20  # bytes that a block may lack at the end of a log, for a line that is not ended
_UNPACKED: Final = 512 << 20  # bytes of one log
_FIRST_SECONDS: Final = 60.0  # of the processor, for all logs
_BYTES_A_SECOND: Final = 1 << 20  # and so much more time for what was read: several times what it takes
_TAIL: Final = 64 << 10  # bytes at the end of a log by which its clock is set
_ZONE: Final = 64 << 10  # bytes of a time zone
_TIMES: Final = (0.0, 32_503_680_000.0)  # 1970 to 3000: what is beside is no time of an access
_OFTEN: Final = 64  # lines after which the clock is looked at
_LEFT: Final = 1000  # logs that were left out, told one by one
_NAMED: Final = (*FTP, *WEB, "samba", "rsync")


@dataclass(slots=True, kw_only=True)
class Seen:
    """A log of the archive: its path on the other machine, who writes such lines, since when they are there."""

    path: bytes
    services: set[str] = field(default_factory=set)
    first: float | None = None
    unread: str = ""  # why it was not read, or not to its end: a reason as gaps have it

    def is_of(self, service: str) -> bool:
        """Whether a service may have written it."""
        return service in (self.services or set(_NAMED))


@dataclass(frozen=True, slots=True)
class Brought:
    """What is known of the logs of an archive. `asked` is False where the collector was told to leave logs out."""

    logs: tuple[Seen, ...]
    asked: bool = True


@dataclass(frozen=True, slots=True)
class _Log:
    """A log: its path there, its place here. `meant`: somebody has named it, or its name says that it is one."""

    path: bytes
    place: str
    size: int
    modified: float
    meant: bool


Take = Callable[[Access, bytes], None]


def read(root: str, configured: Iterable[str], known: Iterable[str], take: Take) -> Brought:
    """Read all logs below `root`, the oldest first, and hand each access over, completed, with its log's path.

    `configured` are the configuration files of the other machine, `known` the logs that its services write.
    """
    asked, left = _collector(root)
    zone = _zone(root)
    reading, found = _Reading(take, zone), []
    for log in _logs(root, configured, known):
        seen = reading.log(log)
        if seen is not None:
            found.append(seen)
    found += [Seen(path=path, services=_by_name(path), unread="too_big") for path in left]
    return Brought(tuple(found), asked)


class _Reading:
    """One pass over the logs."""

    def __init__(self, take: Take, zone: tzinfo | None) -> None:
        self._take, self._zone = take, zone
        self._sessions: dict[bytes, Sessions] = {}
        self._until = time.process_time() + _FIRST_SECONDS

    def log(self, log: _Log) -> Seen | None:
        """Read a log; None where it is none of accesses."""
        seen, at = Seen(path=log.path), 0
        sessions = self._sessions.setdefault(base(log.path), Sessions())
        parse, ahead = Parser(), self._ahead(log)
        try:
            for offset, block in blocks(os.fsencode(log.place), 0, _UNPACKED):
                if offset != at:
                    seen.unread = "malformed"  # a line as no server writes it was left out
                at = offset + len(block)
                self._until += len(block) / _BYTES_A_SECOND
                if not self._lines(block, seen, parse, sessions, ahead, meant=log.meant):
                    seen.unread = "timeout"
                    break
            if at > _UNPACKED - BLOCK:
                seen.unread = seen.unread or "too_big"
            if log.size - at > _LONGEST and not is_packed(log.path):
                seen.unread = seen.unread or "malformed"  # one line without an end
        except Unreadable as error:
            seen.unread = error.reason
        except MemoryError:  # of what a packed log claims to need
            seen.unread = "memory"
        if seen.services:
            return seen
        seen.services = _by_name(log.path)
        if log.meant and log.size and not seen.unread:
            seen.unread = "unsupported"
        return seen if log.meant or seen.unread else None

    def _lines(self, block: bytes, seen: Seen, parse: Parser, sessions: Sessions, ahead: float, *, meant: bool) -> bool:
        """Read some lines. Return whether there is time for more."""
        for number, line in enumerate(block.split(b"\n")):
            if number % _OFTEN == 0 and time.process_time() > self._until:
                return False
            line = line.rstrip(b"\r")
            if len(line) > _LONG:
                try:
                    access = common.parse(line)  # which takes as long as the line is: a request may be long
                except ValueError:
                    access = None
                if access is None and common.began(line) is None:
                    seen.unread = seen.unread or "malformed"
            else:
                access = parse(line)
            if access is None:
                self._begun(line, seen, ahead, meant=meant)
                continue
            at = access.at if access.zoned else self._there(access.at) + ahead
            if not _TIMES[0] <= at <= _TIMES[1]:
                continue
            services = services_of(access, seen.path)
            if at != access.at or services != access.services:
                access = replace(access, at=at, services=services)
            seen.services.update(services)
            seen.first = at if seen.first is None else min(seen.first, at)
            whole = sessions.whole(access)
            if whole is not None:
                self._take(whole, seen.path)
        return True

    def _begun(self, line: bytes, seen: Seen, ahead: float, *, meant: bool) -> None:
        """Learn from a line of visitors who have taken nothing that the log is there, and since when.

        Of rsync's only in a log that is known to have its transfers: it writes such lines in any.
        """
        if seen.first is not None or len(line) > _LONG:
            return
        services, began = {"vsftpd"}, vsftpd.began(line)
        if began is None and meant:
            services, began = {"rsync"}, rsync.began(line)
        if began is not None:
            began = self._there(began) + ahead
        else:
            services, began = _by_name(seen.path) & set(WEB) or set(WEB), common.began(line)
        if began is not None and _TIMES[0] <= began <= _TIMES[1]:
            seen.first = began
            seen.services.update(services)

    def _there(self, local: float) -> float:
        try:
            return clock.there(local, self._zone)
        except (ValueError, OverflowError, OSError):
            return -1.0  # no time of an access

    def _ahead(self, log: _Log) -> float:
        """Return how many seconds the times of a log without zones are off, see `clock.shift`."""
        if is_packed(log.path):
            return 0.0
        with Path(log.place).open("rb") as file:
            file.seek(max(0, log.size - _TAIL))
            lines = file.read(_TAIL).split(b"\n")
        parse = Parser()
        for text in reversed(lines):
            access = parse(text.rstrip(b"\r")) if len(text) <= _LONG else None
            if access is not None:
                return 0.0 if access.zoned else self._shift(access.at, log.modified)
            if time.process_time() > self._until:
                break
        return 0.0

    def _shift(self, last: float, modified: float) -> float:
        try:
            return clock.shift(self._there(last), modified, self._zone)
        except (ValueError, OverflowError, OSError):
            return 0.0


def _logs(root: str, configured: Iterable[str], known: Iterable[str]) -> list[_Log]:
    """Return the logs of the archive, the oldest first."""
    places = sorted({*named(inside.at(root, file) for file in configured), *known})
    patterns = [*USUAL, *(glob.escape(place) + ending for place in places for ending in ("", ".*", "-*"))]
    meant = {os.fsencode(place) for place in places}
    found: dict[str, _Log] = {}
    for at, pattern in enumerate(patterns):
        for path in inside.matching(root, pattern):
            name, place = os.fsencode(path), inside.at(root, path)
            status = os.lstat(place)
            if stat.S_ISREG(status.st_mode) and (at < len(USUAL) or base(name) in meant):
                said = base(name) in meant or _is_meant(name)
                found[place] = _Log(name, place, status.st_size, status.st_mtime, said)
    return sorted(found.values(), key=lambda log: (log.modified, base(log.path) == log.path, log.path))


def _collector(root: str) -> tuple[bool, list[bytes]]:
    """Return whether logs were asked for, and which the collector has left out as too many."""
    try:
        lines = Path(root, ".collector").read_bytes().split(b"\n")
    except OSError:
        return True, []  # a collector of before, or none that says
    left = [line[5:] for line in lines if line.startswith(b"left /")]
    return lines[0] != b"no", left[:_LEFT]


def _zone(root: str) -> tzinfo | None:
    """Return the zone of the other machine's clock; None where it was not brought: then ours has to do."""
    try:
        with Path(root, "etc/localtime").open("rb") as file:
            return ZoneInfo.from_file(io.BytesIO(file.read(_ZONE)))
    except FileNotFoundError:
        return UTC if Path(root, ".collector").exists() else None  # a machine without is in UTC
    except Exception:  # whatever stands there, and whatever the library makes of it
        return None


def _by_name(path: bytes) -> set[str]:
    shown = path.lower()
    found = {one for one in _NAMED if one.encode() in shown} | ({"apache"} if b"httpd" in shown else set())
    return found or (set(FTP) if b"xferlog" in shown else set())


def _is_meant(path: bytes) -> bool:
    """Whether a log is one of accesses by its name: beside those of some servers lie others."""
    name = os.path.basename(path).lower()
    return any(word in name for word in (b"access", b"xferlog", b"transfer", b"vsftpd.log"))
