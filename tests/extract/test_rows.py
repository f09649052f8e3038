"""Rows of Python values as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.errors import Unreadable
from phiscan.extract.rows import cell_text, fit, table_from_rows
from phiscan.fold import compose, fold_str
from phiscan.model import Gap
from tests.extract.tabling import rows, sampled


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("é", "é"),
        (None, ""),
        (True, "1"),
        (False, "0"),
        (12, "12"),
        (12.0, "12"),
        (12.5, "12.5"),
        (-0.0, "0"),
        (279035151898851.0, "279035151898851"),
        (2.79035e14, "279035000000000"),
        (1e25, "1e+25"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (datetime(2020, 1, 2), "2020-01-02"),
        (datetime(2020, 1, 2, 3, 4), "2020-01-02 03:04:00"),
        (datetime(2020, 1, 2, 3, 4, tzinfo=UTC), "2020-01-02 03:04:00+00:00"),
        (date(2020, 1, 2), "2020-01-02"),
        (time(3, 4), "03:04:00"),
        (timedelta(hours=30, seconds=5), "30:00:05"),
        (timedelta(hours=-1), "-01:00:00"),
        (b"a\xc3\xa9", "aé"),
    ],
)
def test_cell_text(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_fit() -> None:
    assert fit(["a"], 3) == ["a", "", ""]
    assert fit(["a", "b", 3.0], 2, ";") == ["a", "b;3"]


def test_table() -> None:
    content: list[list[object]] = [["Hélène", 1.0, None], ["e\u0301t\u00e9\n", True], ["a", "b", "c", "d"], []]
    table = table_from_rows(("PRÉNOM", "n", "x"), lambda: iter(content), 3, "json")
    expected = [["Helene", "1", ""], ["ete ", "1", ""], ["a", "b", "c d"], ["", "", ""]]
    assert rows(table) == expected
    assert rows(table) == expected
    assert sampled(table) == expected
    assert (table.names, table.columns, table.kind, table.gaps) == (("PRENOM", "n", "x"), 3, "json", [])


def test_no_rows() -> None:
    table = table_from_rows(None, lambda: iter(()), 2, "json")
    assert rows(table) == []
    assert sampled(table) == []
    assert table.sample().schema.names == ["c0", "c1"]


def test_batches_are_bounded() -> None:
    table = table_from_rows(None, lambda: (["x" * 1_000_000, "y"] for _ in range(30)), 2, "json")
    sizes = [batch.nbytes for batch in table.batches()]
    assert len(sizes) > 1
    assert max(sizes) < 8 << 20
    table = table_from_rows(None, lambda: (["x"] * 5_000 for _ in range(1_000)), 5_000, "json")
    assert [batch.num_rows for batch in table.batches()] == [120] * 8 + [40]


@pytest.mark.parametrize(
    ("error", "gap"),
    [
        (Unreadable("bomb", "too much"), Gap("extract", "bomb", "too much")),
        (MemoryError(), Gap("extract", "memory", "the rows need too much memory")),
        (ValueError("DUPONT"), Gap("extract", "malformed", "the rows could not be read to their end")),
    ],
)
def test_rows_that_fail_leave_a_gap(error: Exception, gap: Gap) -> None:
    def failing() -> Iterator[Sequence[object]]:
        yield ["a", "b"]
        raise error

    table = table_from_rows(None, failing, 2, "json")
    assert rows(table) == [["a", "b"]]
    assert sampled(table) == [["a", "b"]]
    assert table.gaps == [gap]


@given(st.lists(st.lists(st.text(max_size=8), min_size=3, max_size=3), max_size=10))
def test_every_value_comes_back_folded(content: list[list[str]]) -> None:
    table = table_from_rows(None, lambda: iter(content), 3, "json")
    assert rows(table) == [[fold_str(compose(value)).replace("\n", " ") for value in row] for row in content]
