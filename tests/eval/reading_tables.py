"""phiscan as the evaluation runs it on tables: what it finds in which cell, and whom it names in which row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phiscan.fold import compose, fold_str
from phiscan.link.text import TextLinker
from phiscan.model import Assertion, Kind, Role, Severity, Table, Text
from phiscan.recognize.freetext import Hits
from phiscan.recognize.plan import Column, Plan
from phiscan.recognize.recognizer import Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.table import TablePass
from phiscan.recognize.text import Found
from phiscan.scan.scanner import Observer
from phiscan.seal import Sealer
from phiscan.tally import Tally
from tests.eval.reading import scanned, severity_of, shipped
from tests.eval.tables import Tabled
from tests.eval.writing import Place, Written

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa


class CellHit(NamedTuple):
    """Something found in one cell, both counted from 0; `column` −1: in no cell of the truth."""

    line: int
    column: int
    category: str
    recognizer: str
    assertion: Assertion


class Naming(NamedTuple):
    """Somebody named in one row, and the health categories that stand there. `person` is a key or a record."""

    line: int
    person: object
    categories: frozenset[str]


@dataclass(slots=True)
class TableRead:
    """What phiscan says of one file."""

    cells: list[CellHit] = field(default_factory=list)
    namings: list[Naming] = field(default_factory=list)
    persons: int = 0
    severity: Severity = Severity.NONE


def read_table_file(tabled: Tabled, written: Written) -> TableRead:
    """Scan one labelled table as a file of its own in a public place."""
    watcher = _Watcher(tabled, written)
    facts, persons = scanned(tabled.export.name, written.data, watcher)
    read = watcher.read
    read.persons, read.severity = len(persons), severity_of(facts)
    return read


class _Watcher(Observer):
    """Notes cells and rows, of tables by number, of text by where the hits stand."""

    everything = True  # the links of text are asked for

    def __init__(self, tabled: Tabled, written: Written) -> None:
        self.read = TableRead()
        self._tabled, self._written = tabled, written
        self._ruleset = shipped()[0]
        self._at = self._chunks = 0

    def table(self, table: Table, plan: Plan, tally: Tally) -> None:
        """Read the table once more, with an eye on each cell."""
        batches = list(table.batches())
        rows = sum(batch.num_rows for batch in batches)
        above = rows - len(self._tabled.lines)
        if above < 0:
            return  # a piece of the file: what it lacks counts as missed
        work = _CellPass(plan, self._ruleset, table, above)
        for batch in batches:
            work.add(batch)
        columns = self._columns(batches, above)
        for hit in work.cells:
            if hit.line >= 0:
                self.read.cells += self._placed(hit, columns.get(hit.column, []))
        self.read.namings += work.namings

    def _placed(self, hit: CellHit, columns: list[int]) -> list[CellHit]:
        """Return the hit in the truth's columns: in the one that holds such a thing, where several were read as one."""
        cells = self._tabled.lines[hit.line].cells
        fitting = [at for at in columns if any(mark.category == hit.category for mark in cells[at].marks)]
        return [hit._replace(column=(fitting or columns or [-1])[0])]

    def _columns(self, batches: Sequence[pa.RecordBatch], above: int) -> dict[int, list[int]]:
        """Return which columns of the truth each column read holds: its own, but where columns are told by eye."""
        width = len(self._tabled.export.labels)
        if self._tabled.export.form != "fixed":
            return {at: [at] for at in range(width)}
        rows = [row for batch in batches for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)][above:]
        held: dict[int, Counter[int]] = defaultdict(Counter)
        for row, line in zip(rows, self._tabled.lines, strict=True):
            truth = [fold_str(cell.text).strip()[:20] for cell in line.cells]
            for read, cell in enumerate(row):
                here = cell.strip()
                held[read].update(at for at, text in enumerate(truth) if here and text and (text in here))
        filled = [sum(bool(line.cells[at].text) for line in self._tabled.lines) for at in range(width)]
        return {
            read: [at for at, count in sorted(counts.items()) if 2 * count >= filled[at] > 0]
            for read, counts in held.items()
        }

    def text(self, found: Found, chunk: Text, linker: TextLinker) -> None:
        """Place the hits of a passage in the cells they stand in."""
        passage = compose(chunk.text)
        begun = self._written.text.find(passage, self._at)
        if begun < 0:
            return
        self._at, self._chunks = begun, self._chunks + 1
        named_in = {record: whom is not None for record, whom, _ in linker.records}
        now_named = bool(linker._record.identity.named()[0])  # of the record that is still open
        named: dict[tuple[int, int], set[str]] = defaultdict(set)
        owners: dict[int, set[int]] = defaultdict(set)  # record → lines in which an identity stands
        for span, assertion in zip(found.spans, found.assertions, strict=True):
            recognizer = self._ruleset.recognizers[span.recognizer]
            role = span.role or recognizer.role or Role.PATIENT
            theirs = recognizer.kind is Kind.IDENTIFIER and role is not Role.PATIENT
            places = self._cells(begun + span.start, begun + span.end)
            line = places[0][0] if places else -1
            person = linker.links.get(id(span), 0)
            if line >= 0 and named_in.get(person, now_named):
                if recognizer.kind is Kind.IDENTIFIER and not theirs:
                    owners[person].add(line)
                elif recognizer.kind is Kind.HEALTH:
                    named[line, person].add(recognizer.category)
            if not theirs:
                for at, column in self._fitting(places, recognizer.category):
                    self.read.cells.append(CellHit(at, column, recognizer.category, recognizer.id, assertion))
        everybody = {(line, person) for person, lines in owners.items() for line in lines}
        for line, person in sorted(everybody):
            facts = frozenset(named.get((line, person), ()))
            self.read.namings.append(Naming(line, (self._chunks, person), facts))

    def _fitting(self, places: list[tuple[int, int]], category: str) -> list[tuple[int, int]]:
        """Return those of a span's cells that hold such a thing, else its first, else nowhere."""
        lines = self._tabled.lines
        fit = [(at, col) for at, col in places if any(mark.category == category for mark in lines[at].cells[col].marks)]
        return fit or places[:1] or [(-1, -1)]

    def _cells(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the cells (line, column) that overlap a span; the nearest line where it stands in no cell."""
        return [
            (number, column)
            for number, line in enumerate(self._written.places)
            if line and min(place[0] for place in line) < end and start < max(place[1] for place in line)
            for column, place in enumerate(line)
            if _overlap(place, start, end)
        ]


def _overlap(place: Place, start: int, end: int) -> bool:
    return place[0] < end and start < place[1]


class _CellPass(TablePass):
    """A pass over a table that notes every cell in which something counts, and every row that names somebody."""

    def __init__(self, plan: Plan, ruleset: Ruleset, table: Table, above: int) -> None:
        super().__init__(plan, ruleset, Sealer.ephemeral(), Tally(), table, 0)
        self.cells: list[CellHit] = []
        self.namings: list[Naming] = []
        self._shift = plan.first - above  # a row of data → a line of the truth

    def _count(
        self, work: object, recognizer: Recognizer, role: Role, hit: npt.NDArray[np.bool_],
        assertion: npt.NDArray[np.int8] | None, column: Column | None,
    ) -> None:  # fmt: skip
        super()._count(work, recognizer, role, hit, assertion, column)  # type: ignore[arg-type]  # a private type
        if recognizer.kind is Kind.IDENTIFIER and role is not Role.PATIENT:
            return
        columns = [column] if column is not None else self._parts(recognizer, role)
        for found in columns:
            filled = work.batch.column(found.index).to_pylist()  # type: ignore[attr-defined]
            for row in hit.nonzero()[0].tolist():
                if filled[row]:
                    stated = Assertion.AFFIRMED if assertion is None else Assertion(int(assertion[row]))
                    self._add(row, found.index, recognizer, stated)

    def _parts(self, recognizer: Recognizer, role: Role) -> list[Column]:
        """The columns that make one fact together, a doctor's name in two among them."""
        found = []
        for column in self.plan.columns:
            if column.recognizer < 0 or column.part in ("", "key"):
                continue
            own = self.ruleset.recognizers[column.recognizer]
            doctors = recognizer.category == "practitioner" and own.category == "person_name"
            if (own.role or column.role) is role and (own.index == recognizer.index or doctors):
                found.append(column)
        return found

    def _note(
        self, column: Column, found: list[tuple[int, Hits]], indices: npt.NDArray[np.int32],
        rows: npt.NDArray[np.int64] | None,
    ) -> None:  # fmt: skip
        super()._note(column, found, indices, rows)
        for value, hits in found:
            at = np.flatnonzero(indices == value)
            for row in (at if rows is None else rows[at]).tolist():
                for hit in hits:
                    self._add(row, column.index, self.ruleset.recognizers[hit.recognizer], hit.assertion)

    def _add(self, row: int, column: int, recognizer: Recognizer, stated: Assertion) -> None:
        line = self._row + row + self._shift
        self.cells.append(CellHit(line, column, recognizer.category, recognizer.id, stated))

    def _finish(self, batch: pa.RecordBatch, work: object) -> None:
        names: list[tuple[int, str]] = []
        for rows, named, _ in work.identities.named():  # type: ignore[attr-defined]
            names += zip(rows.tolist(), named.to_pylist(), strict=True)
        health = {n: b for n, b in self.ruleset.bits.items() if self.ruleset.kinds[n] is Kind.HEALTH}
        for row, name in names:
            mask = int(work.masks[row])  # type: ignore[attr-defined]
            held = frozenset(category for category, bit in health.items() if mask >> bit & 1)
            self.namings.append(Naming(self._row + row + self._shift, name, held))
        super()._finish(batch, work)  # type: ignore[arg-type]
