"""The times of log lines. Some name no zone: they are this machine's local time, or UTC where a server was shut in."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

_MONTHS: Final = {name: at for at, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_FITS, _OFF = 5.0, 60.0  # seconds between the last line of a log and its time of change
_ISO: Final = re.compile(rb"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?")


@lru_cache(maxsize=4096)
def ctime(text: bytes) -> float | None:
    """Return `Sat Nov 21 17:54:59 2026`, local time, as seconds since the epoch; None where it is no time.

    >>> ctime(b"Sat Nov 21 17:54:59 2026") == datetime(2026, 11, 21, 17, 54, 59).timestamp(), ctime(b"x")
    (True, None)
    """
    parts = text.split()
    try:
        hour, minute, second = map(int, parts[3].split(b":"))
        return datetime(int(parts[4]), _MONTHS[parts[1]], int(parts[2]), hour, minute, second).timestamp()  # noqa: DTZ001
    except (IndexError, KeyError, ValueError, OverflowError):
        return None


@lru_cache(maxsize=4096)
def clf(text: bytes) -> float | None:
    """Return `21/Nov/2026:18:03:43 +0100` as seconds since the epoch; None where it is no time.

    >>> clf(b"21/Nov/2026:18:03:43 +0100"), clf(b"21/Nov/2026")
    (1795280623.0, None)
    """
    try:
        day, month, rest = text.split(b"/")
        year, hour, minute, tail = rest.split(b":")
        second, zone = tail.split(b" ")
        when = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=_zone(zone))
        return when.timestamp()
    except (KeyError, ValueError, OverflowError):
        return None


def iso(text: bytes) -> tuple[float, bool] | None:
    """Return `2026-11-21 17:55:22,607` or `2026/11/21T17:55:22+01:00` with whether it names a zone; None for no time.

    >>> iso(b"2026-11-21T17:55:22.5+01:00")
    (1795280122.5, True)
    """
    found = _ISO.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    part = found[7]
    zone = found[8]
    try:
        when = datetime(year, month, day, hour, minute, second, tzinfo=None if zone is None else _zone(zone))
        return when.timestamp() + (int(part) / 10 ** len(part) if part else 0.0), zone is not None
    except (ValueError, OverflowError):
        return None


def syslog(text: bytes, now: float) -> float | None:
    """Return `Nov 21 17:56:29`, local time without a year, as the latest such moment that is not after tomorrow.

    At the turn of the year a server whose clock is ahead, or stands in another zone, is in the next one already.
    """
    parts = text.split()
    try:
        hour, minute, second = map(int, parts[2].split(b":"))
        month, day = _MONTHS[parts[0]], int(parts[1])
        year = datetime.fromtimestamp(now).year  # noqa: DTZ006
    except (IndexError, KeyError, ValueError, OverflowError):
        return None
    for candidate in (year + 1, year, year - 1):
        with suppress(ValueError, OverflowError):  # 29 February
            at = datetime(candidate, month, day, hour, minute, second).timestamp()  # noqa: DTZ001
            if at <= now + 86_400:
                return at
    return None


def shift(last: float, modified: float, zone: tzinfo | None = None) -> float:
    """Return how many seconds to add to the times of a log without zones whose last line says `last`, taken as local.

    `zone` is where the server stands, None: here.

    A server that was shut into a folder without zone files writes UTC. The log's own time of change tells: it is that
    of the last line. Only where the one reading fits to the second and the other is off does it count.
    """
    local = datetime.fromtimestamp(last).astimezone() if zone is None else datetime.fromtimestamp(last, zone)
    offset = local.utcoffset()
    ahead = 0.0 if offset is None else offset.total_seconds()
    if ahead and abs(modified - (last + ahead)) < _FITS and abs(modified - last) > _OFF:
        return ahead
    return 0.0


def there(local: float, zone: tzinfo | None) -> float:
    """Return when it was in another machine's zone what a log without zones says, `local` being that on our clock.

    >>> from zoneinfo import ZoneInfo
    >>> there(datetime(2026, 11, 21, 17, 54, 59).timestamp(), ZoneInfo("Pacific/Noumea"))
    1795244099.0
    """
    return local if zone is None else datetime.fromtimestamp(local).replace(tzinfo=zone).timestamp()  # noqa: DTZ006


def _zone(text: bytes) -> timezone:
    if text == b"Z":
        return UTC
    sign = -1 if text[:1] == b"-" else 1
    digits = text[1:].replace(b":", b"")
    if len(digits) != 4:
        raise ValueError("no zone")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
