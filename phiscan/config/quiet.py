"""Hours as people write them, "20:00-07:00" or "sat-sun 00:00-24:00", in the local time of this machine.

Quiet hours of alerts, and hours in which what can wait is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from phiscan.messages import Wrong

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = 24 * 60  # minutes
_WRITTEN: Final = re.compile(
    rf"(?:({'|'.join(_DAYS)})(?:-({'|'.join(_DAYS)}))? +)?([0-9]{{2}}):([0-5][0-9])-([0-9]{{2}}):([0-5][0-9])"
)


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of some days. What begins in the evening ends the next morning."""

    days: frozenset[int]  # on which it begins; 0 is Monday
    start: int  # minutes after midnight
    length: int  # minutes, a day at most

    def until(self, at: float) -> float | None:
        """Return when it ends, where `at` lies in it; both seconds since the epoch."""
        local = datetime.fromtimestamp(at)  # noqa: DTZ006  the clock on the wall is what is meant
        fold, wall = local.fold, local.replace(fold=0)
        for day in (local.date(), local.date() - timedelta(days=1)):
            start = _minute(day, self.start)
            end = _minute(day, self.start + self.length)
            if day.weekday() in self.days and start <= wall < end:
                return end.replace(fold=fold).timestamp()
        return None


def parse_windows(value: object) -> tuple[Window, ...]:
    """Return quiet hours from one text or a list of them. Raises `Wrong`, also where no hour of the week is left.

    >>> parse_windows("fri-mon 20:00-07:00") == (Window(frozenset({4, 5, 6, 0}), 1200, 660),)
    True
    """
    windows = parse_hours(value)
    if len(_covered(windows)) == 7 * _DAY:
        raise Wrong("wrong.always_quiet")
    return windows


def parse_hours(value: object) -> tuple[Window, ...]:
    """Return hours from one text or a list of them, the whole week too. Raises `Wrong`.

    >>> parse_hours("00:00-24:00") == (Window(frozenset(range(7)), 0, 1440),)
    True
    """
    return tuple(_window(one) for one in (value if isinstance(value, (list, tuple)) else [value]))


def opens(windows: Iterable[Window], at: float) -> float:
    """Return when the next of the windows begins, `at` itself where it lies in one; seconds since the epoch."""
    windows = tuple(windows)
    if not windows or any(one.until(at) is not None for one in windows):
        return at
    today = datetime.fromtimestamp(at).date()  # noqa: DTZ006  the clock on the wall is what is meant
    days = [today + timedelta(days=later) for later in range(8)]
    begins = (_minute(day, one.start).timestamp() for day in days for one in windows if day.weekday() in one.days)
    return min(begin for begin in begins if begin > at)


def hours_a_week(windows: Iterable[Window]) -> float:
    """Return how many hours of a week lie in any of the windows, all of them where there are none."""
    windows = tuple(windows)
    return len(_covered(windows)) / 60 if windows else 7 * 24.0


def quiet_until(windows: Iterable[Window], at: float) -> float | None:
    """Return when it is no longer quiet, None where it is not quiet at `at`; seconds since the epoch."""
    windows, end = tuple(windows), at
    while later := max((until for one in windows if (until := one.until(end)) is not None and until > end), default=0):
        end = later
    return None if end == at else end


def _covered(windows: Iterable[Window]) -> set[int]:
    """Return the minutes of the week that lie in any of the windows."""
    return {
        (day * _DAY + window.start + minute) % (7 * _DAY)
        for window in windows
        for day in window.days
        for minute in range(window.length)
    }


def _window(value: object) -> Window:
    found = _WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise Wrong("wrong.quiet")
    first, last = found[1], found[2] or found[1]
    days = frozenset(range(7)) if first is None else _days(_DAYS.index(first), _DAYS.index(last))
    start, end = int(found[3]) * 60 + int(found[4]), int(found[5]) * 60 + int(found[6])
    if start >= _DAY or end > _DAY or start == end:
        raise Wrong("wrong.quiet")
    return Window(days, start, end - start if end > start else end + _DAY - start)


def _days(first: int, last: int) -> frozenset[int]:
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))


def _minute(day: date, minutes: int) -> datetime:
    return datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
