"""What `phiscan explain` tells of single cells that were searched as text: what matched in them, and what was dropped.

A table is read column by column and keeps no span; so the cells of its sample are searched once more, for the telling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from phiscan.model import Text, Where
from phiscan.recognize.assertion import coded
from phiscan.recognize.freetext import FreeText

if TYPE_CHECKING:
    from phiscan.model import Assertion, Table
    from phiscan.recognize.plan import Column, Plan
    from phiscan.recognize.ruleset import Ruleset
    from phiscan.recognize.spans import Span
    from phiscan.recognize.text import Found
    from phiscan.report.explanation import ExplainedHit
    from phiscan.tally import Sample

    Explain = Callable[[Span, Found, Text, Assertion | None, int | None], ExplainedHit]

_MOST = 200  # dropped hits of one table
_TOLD = ("pattern", "validator", "valid", "evidence", "context", "assertion")


class _Searched(NamedTuple):
    """A column searched again: what was found in its distinct cells, where each begins, and its first row."""

    column: Column
    found: Found
    starts: list[int]
    rows: list[int]

    def row_of(self, span: Span) -> int:
        at = next(at for at in range(len(self.rows)) if span.start < self.starts[at + 1])
        return self.rows[at]


class Cells:
    """The columns of one table that were searched as text. Lives as long as the table is told of."""

    def __init__(self, ruleset: Ruleset, explain: Explain, table: Table, plan: Plan, records: int) -> None:
        """`records`: how many rows the table has; of those beyond its sample nothing more is told."""
        from phiscan.recognize.table import SAMPLE_ROWS, rows_of

        self._explain, self._above = explain, table.above
        self._rows = rows_of(table.sample(), SAMPLE_ROWS)[plan.first :]
        self._whole = len(self._rows) == records
        self._sheet = None if table.sheet is None else f"#{table.sheet}"
        free = [column for column in plan.columns if column.recognizer < 0 and not column.skip]
        self._searched = {column.label: self._search(column, ruleset) for column in free}
        self._coded = {column.label: column.index for column in plan.columns if _is_coded(column, ruleset)}
        self._category = [recognizer.category for recognizer in ruleset.recognizers]

    def _search(self, column: Column, ruleset: Ruleset) -> _Searched:
        import pyarrow as pa

        first: dict[str, int] = {}
        for at, row in enumerate(self._rows, 1):
            if column.index < len(row) and row[column.index].strip():
                first.setdefault(row[column.index], at)
        found, starts = FreeText(ruleset).explained(column, pa.array(list(first), pa.string()))
        return _Searched(column, found, starts, list(first.values()))

    def said(self, sample: Sample) -> dict[str, Any]:
        """Return by what a hit in a cell was found, as fields of an explained hit; nothing of any other cell."""
        label, row = sample.where.column or "", sample.where.row
        if row is None or not self._whole:
            return {}
        row -= self._above
        if label in self._coded:
            stated = coded(self._rows[row - 1][self._coded[label]])
            return {} if stated is None else {"assertion": stated.name.lower()}
        told = self._searched.get(label)
        if told is None:
            return {}
        cell = self._rows[row - 1][told.column.index]
        for span, assertion in zip(told.found.spans, told.found.assertions, strict=True):
            if self._rows[told.row_of(span) - 1][told.column.index] == cell:
                hit = self._explain(span, told.found, Text(""), assertion, None)
                if hit.recognizer == sample.recognizer:
                    return {name: getattr(hit, name) for name in _TOLD}
        return {}

    def dropped(self) -> Iterator[ExplainedHit]:
        """Yield what was seen in cells and does not count, each distinct cell once."""
        left = _MOST
        for label, told in self._searched.items():
            dropped = [span for span in told.found.dropped if not self._read_again(span, told.found)]
            for span in dropped[:left]:
                hit = self._explain(span, told.found, Text(""), None, None)
                row = self._above + told.row_of(span) if self._whole else None
                yield replace(hit, where=Where(row=row, column=label, sheet=self._sheet))
            left = max(0, left - len(dropped))

    def _read_again(self, span: Span, found: Found) -> bool:
        """Whether something of its category counts at the same place."""
        category = self._category[span.recognizer]
        kept = (other for other in found.spans if other.start < span.end and span.start < other.end)
        return any(self._category[other.recognizer] == category for other in kept)


def _is_coded(column: Column, ruleset: Ruleset) -> bool:
    """Whether the cells of a column say by codes how its fact is stated."""
    if column.recognizer < 0 or column.part or column.family:
        return False
    return (column.values or ruleset.recognizers[column.recognizer].file.fields.values) == "coded"
