"""Sizes and durations: what people write, and what nobody should."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.config.units import parse_duration, parse_size
from phiscan.messages import Wrong


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("0", 0),
        (1024, 1024),
        ("1B", 1),
        ("10k", 10_240),
        ("10kB", 10_000),
        ("10 ko", 10_000),
        ("1.5MB", 1_500_000),
        ("500MB", 500_000_000),
        ("500mib", 524_288_000),
        ("2G", 2 << 30),
        ("1GiB", 1 << 30),
        ("1Gio", 1 << 30),
        ("3TB", 3 * 10**12),
    ],
)
def test_sizes(written: object, size: int) -> None:
    assert parse_size(written) == size


@pytest.mark.parametrize(
    "written", ["", "-1", "1 potato", "1iB", "MB", "1e3", "inf", "٣MB", "9" * 400, None, True, [1], "1,5MB", "1GiBs"]
)
def test_no_sizes(written: object) -> None:
    with pytest.raises(Wrong, match=r"^expected a size such as 500MB or 1GiB$"):
        parse_size(written)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (120, 120.0),
        ("120", 120.0),
        ("1.5", 1.5),
        ("120s", 120.0),
        ("250ms", 0.25),
        ("5m", 300.0),
        ("5 min", 300.0),
        ("2h", 7_200.0),
        ("7d", 604_800.0),
        ("7j", 604_800.0),
        ("2w", 1_209_600.0),
        ("3y", 94_608_000.0),
    ],
)
def test_durations(written: object, seconds: float) -> None:
    assert parse_duration(written) == seconds


@pytest.mark.parametrize("written", ["", "-1s", "2 moons", "s", "1h30", None, False, {}, "9" * 19])
def test_no_durations(written: object) -> None:
    with pytest.raises(Wrong, match=r"^expected a duration such as 120s, 2h or 3y$"):
        parse_duration(written)


@given(st.text() | st.integers() | st.floats() | st.none())
def test_anything_is_a_number_or_wrong(written: object) -> None:
    for parse in (parse_size, parse_duration):
        with suppress(Wrong):
            assert parse(written) >= 0
