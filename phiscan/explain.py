"""What `phiscan explain` tells: each hit of one file with its evidence, score and link, and the verdict.

The file is read like in any scan, by a confined worker that notes more; what comes back is masked there already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from phiscan.explaincells import Cells
from phiscan.isolate import Pool
from phiscan.model import Assertion, Kind, Part, Role, Table, Text, Where
from phiscan.recognize.directory import WORK
from phiscan.recognize.recognizer import CONTEXT, COUNTS_FROM, FIELD, MODEL, SHAPE, VALID
from phiscan.recognize.settle import OVERLAPS
from phiscan.recognize.text import Found
from phiscan.recognize.why import evidence_names, excluding, nearby, needs, rejecting
from phiscan.report.explanation import ExplainedColumn, ExplainedHit, ExplainedRecord, ExplainedTable, ExplainedTotals
from phiscan.report.model import FileReport, GapReport
from phiscan.scan.request import ScanRequest
from phiscan.scan.run import Run
from phiscan.scan.scanner import Observer
from phiscan.seal import mask
from phiscan.tally import Tally

if TYPE_CHECKING:
    from phiscan.link.text import TextLinker
    from phiscan.recognize.plan import Column, Plan
    from phiscan.recognize.recognizer import Recognizer
    from phiscan.recognize.ruleset import Ruleset
    from phiscan.recognize.spans import Span

MOST = 2000  # hits shown of one file
_WHY = {
    "score": "score",
    "invalid": "invalid",
    "excluded": "excluded",
    "rejected by a word nearby": "rejected",
    "code out of place": "place",
    OVERLAPS: "overlap",
    WORK: "work",
    "nothing else in the passage": "alone",
}

Explained = ExplainedHit | ExplainedTable | ExplainedRecord | GapReport | FileReport | ExplainedTotals


def explain(request: ScanRequest) -> Iterator[Explained]:
    """Yield what was found in the one file of `request`, what was not read, the verdicts, then the totals."""
    from phiscan.pipeline import prepare

    run = Run(request, *prepare(request.config), on_progress=lambda progress: None)
    told: dict[str, Any] = {"hits": [], "tables": [], "records": [], "more": 0}

    def task(descriptor: int, meta: dict[str, Any]) -> tuple[dict[str, Any], Sequence[bytes]]:
        observer = Explainer(run.ruleset)
        answer, arrays = replace(run.scanner, observer=observer).task(descriptor, meta)
        return {**answer, "explained": observer.answer()}, arrays

    with Pool(task, 1, request.limits) as pool:
        for result in pool.run(run.jobs()):
            told = (result.meta or {}).get("explained") or told
            run.take(result)
    report = run.report()
    hits = [_hit(entry) for entry in told["hits"]]
    yield from hits
    yield from (_table(entry) for entry in told["tables"])
    yield from (ExplainedRecord(**{**entry, "known": tuple(entry["known"])}) for entry in told["records"])
    yield from report.gaps
    yield from report.files
    yield ExplainedTotals(
        counted=sum(hit.counted for hit in hits),
        dropped=sum(not hit.counted for hit in hits),
        persons=report.totals.persons,
        more=told["more"],
        encrypted=tuple(one.path for one in report.files if one.status == "encrypted"),
    )


def _hit(entry: dict[str, Any]) -> ExplainedHit:
    lists = {name: tuple(entry[name]) for name in ("evidence", "context", "needs", "by", "because")}
    return ExplainedHit(**{**entry, **lists, "where": Where(**entry["where"])})


def _table(entry: dict[str, Any]) -> ExplainedTable:
    lists = ("evidence", "promised")
    columns = (ExplainedColumn(**{**one, **{name: tuple(one[name]) for name in lists}}) for one in entry["columns"])
    return ExplainedTable(**{**entry, "columns": tuple(columns)})


@dataclass
class Explainer(Observer):
    """Notes every hit of a file, counted or not, each table's columns and each text's records."""

    ruleset: Ruleset
    everything = True
    hits: list[ExplainedHit] = field(default_factory=list)
    tables: list[ExplainedTable] = field(default_factory=list)
    records: list[ExplainedRecord] = field(default_factory=list)
    _member: str = ""
    _first: int = 0  # of the part's hits

    def answer(self) -> dict[str, Any]:
        """Return what a worker tells of a file: hits that count before those that do not, tables, records."""
        hits = sorted(self.hits, key=lambda hit: not hit.counted)
        return {
            "hits": [asdict(hit) for hit in hits[:MOST]],
            "tables": [asdict(table) for table in self.tables],
            "records": [asdict(record) for record in self.records[:MOST]],
            "more": max(0, len(hits) - MOST),
        }

    def part(self, part: Part) -> None:
        """Remember which document the hits are in."""
        self._member, self._first = part.member, len(self.hits)

    def path(self, found: Found, linker: TextLinker) -> None:
        """Note what the path itself says."""
        for hit in self._counted(found, Text(""), linker):
            self.hits.append(replace(hit, in_path=True, where=Where()))

    def text(self, found: Found, chunk: Text, linker: TextLinker) -> None:
        """Note the hits of a passage and those that were dropped, but no second reading of what one counts for."""
        self.hits += self._counted(found, chunk, linker)
        for span in found.dropped:
            if not self._read_again(span, found.spans):
                self.hits.append(self._explained(span, found, chunk, None, None))

    def linked(self, linker: TextLinker) -> None:
        """Note whom each record of the part is about; only now is it known for all of its hits."""
        persons = {record: person for record, person, _ in linker.records}
        if linker.too_few:
            persons = dict.fromkeys(persons)
        rare: dict[tuple[int | None, str], int] = {(at, name): count for at, name, count in linker.too_rare}
        for at in range(self._first, len(self.hits)):
            hit = self.hits[at]
            if hit.record in persons and hit.where.row is None:
                hit = self.hits[at] = replace(hit, person=persons[hit.record])
            nobody = linker.nobodys.get((hit.record or 0, hit.category))
            if nobody:
                self.hits[at] = replace(hit, person=None, nobody=nobody)
            if (hit.record, hit.recognizer) in rare:
                few = str(rare[hit.record, hit.recognizer]), str(self._by_id(hit.recognizer).file.at_least)
                self.hits[at] = replace(hit, counted=False, why="few", by=few)
        held = {hit.record for hit in self.hits[self._first :] if hit.where.row is None}
        self.records += [
            ExplainedRecord(
                record=record, person=persons[record], known=known, too_few=linker.too_few, member=self._member
            )
            for record, _, known in linker.records
            if record in held
        ]

    def _counted(self, found: Found, chunk: Text, linker: TextLinker) -> Iterator[ExplainedHit]:
        for span, assertion in zip(found.spans, found.assertions, strict=True):
            yield self._explained(span, found, chunk, assertion, linker.links.get(id(span)))

    def _read_again(self, span: Span, kept: Sequence[Span]) -> bool:
        category = self.ruleset.recognizers[span.recognizer].category
        return any(
            self.ruleset.recognizers[other.recognizer].category == category for other in _overlapping(span, kept)
        )

    def _explained(
        self, span: Span, found: Found, chunk: Text, assertion: Assertion | None, record: int | None
    ) -> ExplainedHit:
        recognizer = self.ruleset.recognizers[span.recognizer]
        asked = recognizer.validator is not None and bool(span.evidence & (SHAPE | FIELD | MODEL))
        line = chunk.line + found.folded.count(b"\n", 0, span.start)
        role = span.role or recognizer.role or Role.PATIENT
        value = found.folded[span.start : span.end].decode("ascii")
        why = "" if assertion is not None else _WHY.get(span.why, "score")
        told = found.reasons.get(id(span))
        return ExplainedHit(
            category=recognizer.category,
            entity=recognizer.file.entity,
            recognizer=recognizer.id,
            pattern=span.pattern or span.part or _source(span) or "Presidio",
            validator=recognizer.file.validator or "",
            valid=bool(span.evidence & VALID) if asked else None,
            evidence=evidence_names(span.evidence),
            context=_context(span, recognizer, found),
            score=round(span.score, 2),
            counted=not why,
            why=why,
            needs=self._needs(span, recognizer) if why == "score" else (),
            by=self._by(span, recognizer, found, why),
            assertion=assertion.name.lower() if assertion is not None and recognizer.kind is Kind.HEALTH else "",
            because=told.because if told else (),
            sure=round(told.sure, 2) if told else None,
            instead=told.instead if told else "",
            role=role.name.lower(),
            record=record,
            member=self._member,
            where=Where(page=chunk.page, line=line if chunk.page is None else None),
            masked=mask(recognizer.category, value),
        )

    def _needs(self, span: Span, recognizer: Recognizer) -> tuple[str, ...]:
        return needs(recognizer, span.evidence, model=self.ruleset.model is not None) if span.evidence else ()

    def _by(self, span: Span, recognizer: Recognizer, found: Found, why: str) -> tuple[str, ...]:
        """Return what dropped a span, in the recognizers' own words."""
        if why == "overlap":
            better = max(_overlapping(span, found.spans), key=lambda other: other.score, default=None)
            return () if better is None else (self.ruleset.recognizers[better.recognizer].id,)
        if why == "excluded":
            return excluding(self.ruleset, span, found.normal)
        if why == "rejected":
            return rejecting(recognizer.file, span, found.folded, found.normal)
        if why == "place":
            return (span.pattern,)
        return ()

    def table(self, table: Table, plan: Plan, tally: Tally) -> None:
        """Note what each column was taken for, with the first hits of each category."""
        self.tables.append(
            ExplainedTable(
                columns=tuple(self._column(column, values) for column, values in _sampled(table, plan)),
                records=tally.records,
                persons=len(tally.keys),
                member=self._member,
                sheet=table.sheet,
            )
        )
        columns = {column.label: column for column in plan.columns}
        cells = Cells(self.ruleset, self._explained, table, plan, tally.records)
        told: set[str] = set()
        for sample in tally.samples:
            column = columns.get(sample.where.column or "")
            recognizer = self._by_id(sample.recognizer)
            found = column is not None and column.recognizer == recognizer.index
            hit = ExplainedHit(
                category=sample.category,
                entity=sample.entity,
                recognizer=sample.recognizer,
                pattern="headers" if found else "cells",
                evidence=evidence_names(column.evidence) if found and column is not None else (),
                score=sample.score,
                counted=sample.score >= COUNTS_FROM,
                role=column.role.name.lower() if column is not None else "",
                record=sample.where.row,
                member=self._member,
                where=sample.where,
                masked=sample.masked,
                total=None if sample.category in told else sum(tally.hits.get(sample.category, ())),
            )
            self.hits.append(replace(hit, **cells.said(sample)))
            told.add(sample.category)
        self.hits += [replace(hit, member=self._member) for hit in cells.dropped()]

    def _by_id(self, identifier: str) -> Recognizer:
        return next(recognizer for recognizer in self.ruleset.recognizers if recognizer.id == identifier)

    def _column(self, column: Column, values: list[str]) -> ExplainedColumn:
        recognizer = self.ruleset.recognizers[column.recognizer] if column.recognizer >= 0 else None
        fit, valid = _checked(recognizer, column, values) if recognizer is not None else (0, 0)
        return ExplainedColumn(
            label=column.label,
            recognizer=recognizer.id if recognizer is not None else "",
            category=recognizer.category if recognizer is not None else "",
            part=column.part,
            system=column.system,
            role=column.role.name.lower(),
            evidence=evidence_names(column.evidence),
            promised=self._promised(column),
            skipped=column.skip,
            clinical=column.clinical,
            work=column.work,
            values=len(values),
            fit=fit,
            valid=valid,
        )

    def _promised(self, column: Column) -> tuple[str, ...]:
        if not column.header or column.recognizer >= 0 or column.system:
            return ()
        refs, _ = self.ruleset.headers.find(column.header)
        return tuple(dict.fromkeys(self.ruleset.recognizers[ref.recognizer].id for ref in refs if ref.recognizer >= 0))


def _sampled(table: Table, plan: Plan) -> Iterator[tuple[Column, list[str]]]:
    """Yield each column with the distinct filled values of the table's sample."""
    from phiscan.recognize.table import SAMPLE_ROWS, rows_of

    rows = rows_of(table.sample(), SAMPLE_ROWS)[plan.first :]
    for column in plan.columns:
        cells = (row[column.index].strip() for row in rows if column.index < len(row))
        yield column, [cell for cell in dict.fromkeys(cells) if cell]


def _checked(recognizer: Recognizer, column: Column, values: list[str]) -> tuple[int, int]:
    """Return how many of the values can be what the role says, and how many of those pass its check."""
    import numpy as np
    import pyarrow as pa

    from phiscan.recognize.cells import checker

    evidence = checker(recognizer, column.part)(pa.array(values, pa.string())).evidence
    return int(np.count_nonzero(evidence)), int(np.count_nonzero(evidence & VALID))


def _overlapping(span: Span, kept: Sequence[Span]) -> Iterator[Span]:
    return (other for other in kept if other.start < span.end and span.start < other.end)


def _context(span: Span, recognizer: Recognizer, found: Found) -> tuple[str, ...]:
    """Return the words of the recognizer's list that stand near: as the list writes them, not as the file does."""
    near = recognizer.file.context
    if near is None or not span.evidence & CONTEXT:
        return ()
    return nearby((*near.words, *near.vague), near.window, span, found.folded, found.normal)


def _source(span: Span) -> str:
    return next((name for name in evidence_names(span.evidence) if name in _SOURCES), "")


_SOURCES = ("term", "weak", "code", "field", "model")
