"""Right and wrong counted: precision, recall and F1 with Wilson's intervals, at the levels of span, record and file."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from phiscan.model import Assertion, Severity
from tests.eval.documents import HEALTH, Document, Mark

ENOUGH = 0.5  # share of a mark's letters and digits that must be found, of a hit's that must be marked
_Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class Hit:
    """One span that phiscan found, as positions in the document's text."""

    start: int
    end: int
    category: str
    recognizer: str
    assertion: Assertion


@dataclass(frozen=True, slots=True)
class Read:
    """What phiscan says of one document: spans, the categories of each person, the severity in a public place."""

    hits: Sequence[Hit]
    persons: Sequence[frozenset[str]]
    severity: Severity


@dataclass(slots=True)
class Score:
    """Right and wrong of one kind."""

    found: int = 0  # of what is marked
    missed: int = 0
    right: int = 0  # of what was found
    wrong: int = 0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else math.nan

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else math.nan

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else math.nan

    @property
    def rates(self) -> tuple[float, float, float]:
        """Precision, recall and F1; NaN where nothing was counted."""
        return self.precision, self.recall, self.f1

    def as_dict(self) -> dict[str, object]:
        """Return everything as it goes to JSON, rates with four decimals and their 95 % intervals."""
        return {
            "marked": self.found + self.missed,
            "found": self.right + self.wrong,
            "precision": _rounded(self.precision),
            "precision_95": [_rounded(v) for v in wilson(self.right, self.right + self.wrong)],
            "recall": _rounded(self.recall),
            "recall_95": [_rounded(v) for v in wilson(self.found, self.found + self.missed)],
            "f1": _rounded(self.f1),
        }


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def wilson(right: int, of: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a rate; NaN where nothing was counted.

    >>> [round(bound, 3) for bound in wilson(99, 100)]
    [0.946, 0.998]
    """
    if not of:
        return math.nan, math.nan
    rate, z = right / of, _Z * _Z
    middle = (rate + z / (2 * of)) / (1 + z / of)
    half = _Z / (1 + z / of) * math.sqrt(rate * (1 - rate) / of + z / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass
class Board:
    """All scores of one set."""

    spans: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))  # by category
    records: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))  # "this person, this category"
    assertions: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))  # by the assertion marked
    verdicts: Score = field(default_factory=Score)  # files that hold identified health data: high or above
    persons: Score = field(default_factory=Score)  # one patient a document
    alarms: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # false ones, by recognizer
    documents: int = 0

    def add(self, document: Document, read: Read) -> list[str]:
        """Count one document; return what is wrong with it, a line each, without a value."""
        self.documents += 1
        notes = [*self._spans(document, read.hits), *self._record(document, read.persons)]
        if document.facts:
            if read.severity >= Severity.HIGH:
                self.verdicts.found += 1
            else:
                self.verdicts.missed += 1
                notes.append(f"verdict: {read.severity.name.lower()}")
        return notes

    def _spans(self, document: Document, hits: Sequence[Hit]) -> list[str]:
        notes: list[str] = []
        signs = [char.isalnum() for char in document.text]
        for mark in document.marks:
            for category in mark.categories:
                over = [hit for hit in hits if hit.category == category and hit.start < mark.end > mark.start < hit.end]
                if mark.optional:
                    continue
                if _share(mark.start, mark.end, over, signs) >= ENOUGH or (category in HEALTH and over):
                    self.spans[category].found += 1
                    notes += self._stated(mark, category, over)
                else:
                    self.spans[category].missed += 1
                    notes.append(f"missed {category} at {mark.start}")
        for hit in hits:
            marks = [mark for mark in document.marks if hit.category in mark.categories]
            if _share(hit.start, hit.end, marks, signs) >= ENOUGH:
                if not all(mark.optional for mark in marks if mark.start < hit.end and hit.start < mark.end):
                    self.spans[hit.category].right += 1
            else:
                self.spans[hit.category].wrong += 1
                self.alarms[hit.recognizer] += 1
                notes.append(f"false {hit.category} ({hit.recognizer}) at {hit.start}")
        return notes

    def _stated(self, mark: Mark, category: str, hits: Sequence[Hit]) -> list[str]:
        if category not in HEALTH:
            return []
        score = self.assertions[mark.assertion.name.lower()]
        said = max(hits, key=lambda hit: (min(hit.end, mark.end) - max(hit.start, mark.start))).assertion
        if said is mark.assertion:
            score.found += 1
            self.assertions[said.name.lower()].right += 1
            return []
        score.missed += 1
        self.assertions[said.name.lower()].wrong += 1
        return [f"{category} at {mark.start} is {mark.assertion.name.lower()}, not {said.name.lower()}"]

    def _record(self, document: Document, persons: Sequence[frozenset[str]]) -> list[str]:
        patient = max(persons, key=lambda found: len(found & document.facts), default=frozenset[str]())
        notes = []
        if persons:
            self.persons.found += 1
            self.persons.right += 1
        else:
            self.persons.missed += 1
            notes.append("nobody")
        self.persons.wrong += max(0, len(persons) - 1)
        if len(persons) > 1:
            notes.append(f"{len(persons)} persons")
        for category in sorted(document.facts):
            if category in patient:
                self.records[category].found += 1
                self.records[category].right += 1
            else:
                self.records[category].missed += 1
                notes.append(f"record without {category}")
        others = [found for found in persons if found is not patient]
        for category in sorted((patient - document.facts - document.debatable) & HEALTH):
            self.records[category].wrong += 1
            notes.append(f"record with {category}")
        for found in others:
            for category in found & HEALTH:
                self.records[category].wrong += 1
        return notes

    def as_dict(self) -> dict[str, object]:
        """Return the whole board as it goes to JSON."""
        return {
            "documents": self.documents,
            "spans": {name: self.spans[name].as_dict() for name in sorted(self.spans)},
            "records": {name: self.records[name].as_dict() for name in sorted(self.records)},
            "records_all": total(self.records.values()).as_dict(),
            "assertions": {name: self.assertions[name].as_dict() for name in sorted(self.assertions)},
            "assertions_all": total(self.assertions.values()).as_dict(),
            "persons": self.persons.as_dict(),
            "verdicts": self.verdicts.as_dict(),
            "false_alarms": dict(sorted(self.alarms.items(), key=lambda item: -item[1])),
        }


def total(scores: Iterable[Score]) -> Score:
    """Return the sum of scores."""
    added = Score()
    for score in scores:
        added.found += score.found
        added.missed += score.missed
        added.right += score.right
        added.wrong += score.wrong
    return added


def _share(start: int, end: int, others: Iterable[Hit | Mark], signs: Sequence[bool]) -> float:
    """Return the share of the letters and digits in [start, end) that lie in one of the `others`."""
    inside = [any(other.start <= at < other.end for other in others) for at in range(start, end) if signs[at]]
    return sum(inside) / len(inside) if inside else 0.0
