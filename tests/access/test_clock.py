"""Times without a year, as syslog writes them: around midnight, New Year and 29 February."""

from __future__ import annotations

from datetime import datetime

import pytest

from phiscan.access import clock


@pytest.mark.parametrize(
    ("written", "now", "meant"),
    [
        (b"Nov 26 20:50:56", "2026-11-26T20:50:57", "2026-11-26T20:50:56"),
        (b"Nov  7 00:00:00", "2026-11-26T20:50:57", "2026-11-07T00:00:00"),
        (b"Nov 27 00:00:01", "2026-11-26T23:59:59", "2026-11-27T00:00:01"),
        (b"Nov 27 23:59:58", "2026-11-26T23:59:59", "2026-11-27T23:59:58"),
        (b"Nov 28 00:00:00", "2026-11-26T23:59:59", "2025-11-28T00:00:00"),  # later than tomorrow: last year's
        (b"Dec 31 23:59:59", "2027-01-01T00:00:00", "2026-12-31T23:59:59"),
        (b"Jan  1 00:00:05", "2026-12-31T23:59:59", "2027-01-01T00:00:05"),  # a clock that is ahead
        (
            b"Jan  1 02:30:00",
            "2026-12-31T21:30:00",
            "2027-01-01T02:30:00",
        ),  # one in UTC, seen from Cayenne
        (b"Feb 29 12:00:00", "2028-02-29T12:00:01", "2028-02-29T12:00:00"),
        (b"Feb 29 12:00:00", "2029-01-15T08:00:00", "2028-02-29T12:00:00"),
    ],
)
def test_the_latest_such_moment(written: bytes, now: str, meant: str) -> None:
    at, expected = (datetime.fromisoformat(one).timestamp() for one in (now, meant))
    assert clock.syslog(written, at) == expected


@pytest.mark.parametrize(
    "written", [b"", b"Nov", b"Nov 26", b"Nov 31 10:00:00", b"Foo 26 10:00:00", b"Nov 26 25:00:00"]
)
def test_no_time(written: bytes) -> None:
    assert clock.syslog(written, 1_795_000_000.0) is None


def test_a_day_that_none_of_the_years_has() -> None:
    assert clock.syslog(b"Feb 29 12:00:00", datetime(2026, 6, 1).timestamp()) is None
