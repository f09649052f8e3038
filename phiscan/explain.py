"""What `phiscan explain` shows: each hit of one file with its evidence, its score and its link, values masked.

The file is read in a confined worker like any other; what comes back is masked there already.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from phiscan.errors import Unreadable
from phiscan.isolate import Job, Pool
from phiscan.model import Assertion, Kind, Part, Role, Table, Text, Where
from phiscan.recognize.ruleset import CONTEXT, COUNTS_FROM, SHAPE, VALID
from phiscan.recognize.schema import EVIDENCE
from phiscan.recognize.terms import words_pattern
from phiscan.recognize.text import Found
from phiscan.report.model import ExplainedHit, ExplainedTotals, GapReport, show_path
from phiscan.request import ScanRequest
from phiscan.scanner import Observer, Scanner
from phiscan.seal import mask
from phiscan.source.open import open_regular
from phiscan.tally import Tally

if TYPE_CHECKING:
    from phiscan.link_text import TextLinker
    from phiscan.recognize.plan import Plan
    from phiscan.recognize.ruleset import Recognizer, Ruleset
    from phiscan.recognize.spans import Span
    from phiscan.scanner import Scanned

MOST = 2000  # hits shown of one file
_WHY = {
    "score": "score",
    "invalid": "invalid",
    "excluded": "excluded",
    "rejected by a word nearby": "rejected",
    "code out of place": "place",
    "overlaps a better hit": "overlap",
}

Explained = ExplainedHit | GapReport | ExplainedTotals


def explain(request: ScanRequest) -> Iterator[Explained]:
    """Yield each hit of the one file in `request`, then what could not be read, then the totals."""
    from phiscan.pipeline import prepare

    ruleset, _, sealer = prepare(request.config)
    path = request.paths[0]

    def task(descriptor: int, meta: dict[str, Any]) -> tuple[dict[str, Any], Sequence[bytes]]:
        observer = Explainer(ruleset)
        scanner = Scanner(ruleset, sealer, request.limits, observer)
        return observer.answer(scanner.scan(descriptor, meta["name"], meta["size"])), []

    try:
        descriptor, status = open_regular(path, [path])
    except Unreadable as error:
        yield GapReport(show_path(path), "open", error.reason, error.detail)
        return
    name = os.path.basename(path).decode("utf-8", "replace")
    job = Job(descriptor, {"name": name, "size": status.st_size}, None, request.limits.timeout)
    with Pool(task, 1, request.limits) as pool:
        for result in pool.run([job]):
            if result.meta is None:
                yield GapReport(show_path(path), "extract", result.failure or "crash", result.detail)
            else:
                yield from _answered(show_path(path), result.meta)


def _answered(path: str, answer: dict[str, Any]) -> Iterator[Explained]:
    yield from (_hit(entry) for entry in answer["hits"])
    for gap in answer["gaps"]:
        inner = f"!{gap['member']}" if gap["member"] else ""
        yield GapReport(path + inner, gap["stage"], gap["reason"], gap["detail"])
    totals = answer["totals"]
    encrypted = tuple(path + (f"!{member}" if member else "") for member in totals.pop("encrypted"))
    yield ExplainedTotals(**totals, encrypted=encrypted)


def _hit(entry: dict[str, Any]) -> ExplainedHit:
    lists = {name: tuple(entry[name]) for name in ("evidence", "context")}
    return ExplainedHit(**{**entry, **lists, "where": Where(**entry["where"])})


@dataclass
class Explainer(Observer):
    """Notes every hit of a file, counted or not."""

    ruleset: Ruleset
    everything = True
    hits: list[ExplainedHit] = field(default_factory=list)
    _member: str = ""

    def answer(self, scanned: Sequence[Scanned]) -> dict[str, Any]:
        """Return what a worker tells of a file: hits that count before those that do not, gaps, totals."""
        total = Tally()
        for _, tally, _ in scanned:
            total.add(tally)
        hits = sorted(self.hits, key=lambda hit: not hit.counted)
        counted = sum(hit.counted for hit in hits)
        gaps = [
            {"member": gap.member or part.member, "stage": gap.stage, "reason": gap.reason, "detail": gap.detail}
            for part, _, found in scanned
            for gap in found
        ]
        totals = {
            "counted": counted,
            "dropped": len(hits) - counted,
            "persons": len(total.keys),
            "more": max(0, len(hits) - MOST),
            "encrypted": [part.member for part, _, _ in scanned if part.status == "encrypted"],
        }
        return {"hits": [asdict(hit) for hit in hits[:MOST]], "gaps": gaps, "totals": totals}

    def part(self, part: Part) -> None:
        """Remember which document the hits are in."""
        self._member = part.member

    def path(self, found: Found, linker: TextLinker) -> None:
        """Note what the path itself says."""
        for hit in self._counted(found, Text(""), linker):
            self.hits.append(replace(hit, in_path=True, where=Where()))

    def text(self, found: Found, chunk: Text, linker: TextLinker) -> None:
        """Note the hits of a passage and those that were dropped, but no second reading of what one counts for."""
        self.hits += self._counted(found, chunk, linker)
        for span in found.dropped:
            if not self._read_again(span, found.spans):
                self.hits.append(self._explained(span, found, chunk, None, None, None))

    def _counted(self, found: Found, chunk: Text, linker: TextLinker) -> Iterator[ExplainedHit]:
        for span, assertion in zip(found.spans, found.assertions, strict=True):
            record, person = linker.links.get(id(span), (None, None))
            yield self._explained(span, found, chunk, assertion, record, person)

    def _read_again(self, span: Span, kept: Sequence[Span]) -> bool:
        category = self.ruleset.recognizers[span.recognizer].category
        return any(
            other.start < span.end
            and span.start < other.end
            and self.ruleset.recognizers[other.recognizer].category == category
            for other in kept
        )

    def _explained(
        self,
        span: Span,
        found: Found,
        chunk: Text,
        assertion: Assertion | None,
        record: int | None,
        person: int | None,
    ) -> ExplainedHit:
        recognizer = self.ruleset.recognizers[span.recognizer]
        asked = recognizer.validator is not None and bool(span.evidence & SHAPE)
        line = chunk.line + found.folded.count(b"\n", 0, span.start)
        role = span.role or recognizer.role or Role.PATIENT
        value = found.folded[span.start : span.end].decode("ascii")
        counted = assertion is not None
        return ExplainedHit(
            category=recognizer.category,
            entity=recognizer.file.entity,
            recognizer=recognizer.id,
            pattern=span.pattern or span.part or _source(span) or "Presidio",
            validator=recognizer.file.validator or "",
            valid=bool(span.evidence & VALID) if asked else None,
            evidence=_evidence(span.evidence),
            context=self._context(span, recognizer, found),
            score=round(span.score, 2),
            counted=counted,
            why="" if counted else _WHY.get(span.why, "score"),
            assertion=assertion.name.lower() if assertion is not None and recognizer.kind is Kind.HEALTH else "",
            role=role.name.lower(),
            record=record,
            person=person,
            member=self._member,
            where=Where(page=chunk.page, line=line if chunk.page is None else None),
            masked=mask(recognizer.category, value),
        )

    @staticmethod
    def _context(span: Span, recognizer: Recognizer, found: Found) -> tuple[str, ...]:
        """Return the words of the recognizer's list that stand near: as the list writes them, not as the file does."""
        near = recognizer.file.context
        if near is None or not span.evidence & CONTEXT:
            return ()
        low, high = max(0, span.start - near.window), span.end + near.window
        around = (found.normal[low : span.start], found.normal[span.end : high])
        patterns = ((word, words_pattern([word])) for word in near.words)
        return tuple(word for word, pattern in patterns if pattern and any(map(pattern.search, around)))

    def table(self, table: Table, plan: Plan, tally: Tally) -> None:
        """Note what each column was taken for, with the first hits of each category."""
        columns = {column.label: column for column in plan.columns}
        told: set[str] = set()
        for sample in tally.samples:
            column = columns.get(sample.where.column or "")
            recognizer = self._by_id(sample.recognizer)
            found = column is not None and column.recognizer == recognizer.index
            self.hits.append(
                ExplainedHit(
                    category=sample.category,
                    entity=sample.entity,
                    recognizer=sample.recognizer,
                    pattern="headers" if found else "cells",
                    evidence=_evidence(column.evidence) if found and column is not None else (),
                    score=sample.score,
                    counted=sample.score >= COUNTS_FROM,
                    role=column.role.name.lower() if column is not None else "",
                    record=sample.where.row,
                    member=self._member,
                    where=sample.where,
                    masked=sample.masked,
                    total=None if sample.category in told else sum(tally.hits.get(sample.category, ())),
                )
            )
            told.add(sample.category)

    def _by_id(self, identifier: str) -> Recognizer:
        return next(recognizer for recognizer in self.ruleset.recognizers if recognizer.id == identifier)


def _evidence(bits: int) -> tuple[str, ...]:
    return tuple(name for at, name in enumerate(EVIDENCE) if bits >> at & 1)


def _source(span: Span) -> str:
    return next((name for name in _evidence(span.evidence) if name in ("term", "weak", "code", "field")), "")
