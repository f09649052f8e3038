"""Rows of Python values as a `Table`: what sheets, JSON arrays and databases share.

A column of values is folded in one go: the values are joined, folded (one byte for one character), and
the lengths of the values are the offsets of the Arrow column. No loop looks at a cell that is text already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, cast

from phiscan.errors import Unreadable
from phiscan.fold import compose, fold, fold_str
from phiscan.model import Gap, Table

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 10_000
BATCH_CELLS = 600_000  # a batch of wide rows has fewer of them
BATCH_CHARS = 4 << 20
SAMPLE_ROWS = 2_000
MAX_COLUMNS = 16_384  # of any sheet; what lies beyond is joined to the last column
_FLAT = bytes.maketrans(b"\n", b" ")


def cell_text(value: object) -> str:
    """Return `value` the way people read it: 279035151898851.0 is "279035151898851", None is "".

    Dates are ISO, with their time only where it is not midnight; booleans are "1" and "0".
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, datetime):
        midnight = value.time() == time.min
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("seconds")
    if isinstance(value, timedelta):
        return _duration_text(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def _float_text(value: float) -> str:
    # Beyond 2**63 the digits are no longer what was typed; repr says so by its exponent.
    return str(int(value)) if value.is_integer() and abs(value) < 2**63 else repr(value)


def _duration_text(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def arrow_column(values: Sequence[object]) -> pa.Array:
    """Return `values` as a folded string column without nulls; newlines and tabs become spaces."""
    import numpy as np
    import pyarrow as pa

    texts = cast("Sequence[str]", values) if set(map(type, values)) <= {str} else list(map(cell_text, values))
    joined = "".join(texts)
    if compose(joined) != joined:
        texts = list(map(compose, texts))
        joined = "".join(texts)
    offsets = np.zeros(len(texts) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, texts), np.int32, len(texts)), out=offsets[1:])
    data = fold(joined).translate(_FLAT)
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(data))


def column_names(columns: int) -> list[str]:
    """Return the names every table's columns have: c0, c1, ..."""
    return [f"c{number}" for number in range(columns)]


def empty_batch(columns: int) -> pa.RecordBatch:
    """Return a batch of no rows."""
    return rows_batch([], columns)


def rows_batch(rows: Sequence[Sequence[object]], columns: int) -> pa.RecordBatch:
    """Return `rows` as one batch. Short rows are filled up, the overflow of long ones joins the last column."""
    import pyarrow as pa

    if any(len(row) != columns for row in rows):
        rows = [fit(row, columns) for row in rows]
    values = zip(*rows, strict=True) if rows else ([] for _ in range(columns))
    return pa.RecordBatch.from_arrays([arrow_column(column) for column in values], column_names(columns))


def fit(row: Sequence[object], columns: int, separator: str = " ") -> list[object]:
    """Return `row` with exactly `columns` values: filled up with "", or the last values joined to one."""
    if len(row) <= columns:
        return [*row, *[""] * (columns - len(row))]
    return [*row[: columns - 1], separator.join(map(cell_text, row[columns - 1 :]))]


def _groups(rows: Iterable[Sequence[object]], columns: int) -> Iterator[list[Sequence[object]]]:
    """Yield lists of rows, each small enough for a batch."""
    limit = max(1, min(BATCH_ROWS, BATCH_CELLS // max(1, columns)))
    group: list[Sequence[object]] = []
    chars = 0
    for row in rows:
        group.append(row)
        chars += sum(len(value) for value in row if isinstance(value, str))
        if len(group) >= limit or chars >= BATCH_CHARS:
            yield group
            group, chars = [], 0
    if group:
        yield group


def note(gaps: list[Gap], gap: Gap) -> None:
    """Add `gap` unless it is there already: a table may be read several times."""
    if gap not in gaps:
        gaps.append(gap)


def _guarded(rows: Callable[[], Iterator[Sequence[object]]], gaps: list[Gap]) -> Iterator[Sequence[object]]:
    """Yield the rows; where their source fails, note a gap and end."""
    try:
        yield from rows()
    except Unreadable as error:
        note(gaps, Gap("extract", error.reason, error.detail))
    except MemoryError:
        note(gaps, Gap("extract", "memory", "the rows need too much memory"))
    except Exception:  # any parser may be behind the rows
        note(gaps, Gap("extract", "malformed", "the rows could not be read to their end"))


def table_from_rows(
    names: tuple[str, ...] | None, rows: Callable[[], Iterator[Sequence[object]]], columns: int, kind: str
) -> Table:
    """Return a table over `rows`, a function that starts the rows anew at each call.

    `names` are the column names where the format has them (folded here), `columns` the number of columns.
    A row may hold any values (see `cell_text`). The sample is the first rows: they cannot be sought.
    """
    columns = max(1, min(columns, MAX_COLUMNS))
    gaps: list[Gap] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for group in _groups(_guarded(rows, gaps), columns):
            yield rows_batch(group, columns)

    def sample() -> pa.RecordBatch:
        import pyarrow as pa

        head = islice(_guarded(rows, gaps), SAMPLE_ROWS)
        parts = [rows_batch(group, columns) for group in _groups(head, columns)] or [empty_batch(columns)]
        return pa.concat_batches(parts) if len(parts) > 1 else parts[0]

    folded = None if names is None else tuple(fold_str(compose(name)) for name in names[:columns])
    return Table(columns=columns, batches=batches, sample=sample, names=folded, kind=kind, gaps=gaps)
