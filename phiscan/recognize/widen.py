"""Tables with columns added to them: what is told of a row elsewhere than in a column of its own.

A name and a birth date packed into one cell, or a person named once above a block of rows, become columns like any
others, computed from batch to batch. A header names them, whether or not the table has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from phiscan.model import Table

if TYPE_CHECKING:
    import pyarrow as pa

    # Makes of a batch the columns that replace those given by their index, and those that are added at the end.
    Filler = Callable[[pa.RecordBatch], tuple[dict[int, pa.StringArray], list[pa.StringArray]]]

NAME, BIRTH = "Nom et prenom du patient", "Date de naissance"


def widened(table: Table, first: int, labels: Sequence[str], filler: Callable[[], Filler]) -> Table:
    """Return the table with more columns, under those labels.

    `first`: the number of rows before its data, its header among them; `filler` is made anew for each reading.
    """
    names = table.names
    if names is not None or not first:
        names = (*(names or ("",) * table.columns), *labels)
    header = first - 1 if names is None else -1

    def wide(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        fill, start = filler(), 0
        for batch in batches:
            size = batch.num_rows
            changed, added = fill(batch)
            columns = [changed.get(at, column) for at, column in enumerate(batch.columns)]
            titled = [_with(column, header - start, label) for column, label in zip(added, labels, strict=True)]
            yield _batch([*columns, *titled])
            start += size

    batches = table.batches
    sample = next(wide([table.sample()]))
    return replace(
        table,
        columns=table.columns + len(labels),
        names=names,
        batches=lambda: wide(batches()),
        sample=lambda: sample,
        share=lambda number, shares: None,
    )


def _batch(columns: list[pa.StringArray]) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.record_batch(columns, [f"c{at}" for at in range(len(columns))])


def _with(values: pa.StringArray, at: int, label: str) -> pa.StringArray:
    """Return the values with a label at a place, if it lies among them."""
    import pyarrow as pa

    if not 0 <= at < len(values):
        return values
    return pa.concat_arrays([values.slice(0, at), pa.array([label], pa.string()), values.slice(at + 1)])
