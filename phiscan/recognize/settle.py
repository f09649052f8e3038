"""Overlapping hits: which of them stand."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from operator import attrgetter

from phiscan.model import Kind
from phiscan.recognize.recognizer import COUNTS_FROM, FIELD, Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span

OVERLAPS = "overlaps a better hit"
_BESIDE = frozenset({"treatment", "exam_date", "lab_result"})  # what may stand in the value of any label
_NAMED = frozenset(
    {"hiv", "cancer", "infection", "psychiatric", "addiction", "genetic", "pregnancy", "disability", "ald"}
)
_POSITION = attrgetter("start", "end")


def settle(spans: list[Span], ruleset: Ruleset) -> list[Span]:
    """Return the spans that count, overlaps resolved, in order of position.

    The better one stands: within a category, between identities (a phone number inside an IBAN is none),
    and between an identity and a fact ("M. Sida" is a name, "par ELISA" is none). Health categories may
    share a span: Triumeq is HIV and a treatment. The value of a label that only the label tells of gives way to
    the facts in it: "Antecedents : HTA, zona" are two.
    """
    for span in spans:  # settled before, with less evidence
        span.why = "" if span.why == OVERLAPS else span.why
    live = [span for span in spans if span.score >= COUNTS_FROM and not span.why]
    live.sort(key=_POSITION)
    kept: list[Span] = []
    for cluster in _clusters(live):
        kept += cluster if len(cluster) == 1 else _settle(cluster, ruleset.recognizers)
    return kept


def _clusters(spans: list[Span]) -> Iterator[list[Span]]:
    """Yield the groups of spans, in order of position, of which each overlaps another; most are alone."""
    cluster: list[Span] = []
    reach = 0
    for span in spans:
        if cluster and span.start >= reach:
            yield cluster
            cluster = []
        cluster.append(span)
        reach = max(reach, span.end)
    if cluster:
        yield cluster


def _settle(live: list[Span], recognizers: Sequence[Recognizer]) -> list[Span]:
    facts = {span.recognizer for span in live if recognizers[span.recognizer].kind is Kind.HEALTH}
    live = [span for span in live if not _is_whole(span, live, facts, recognizers)]
    live.sort(key=lambda span: (-span.score, span.recognizer not in facts, span.start - span.end, span.start))
    identities, all_facts = _Taken(), _Taken()
    taken: dict[str, _Taken] = defaultdict(_Taken)
    kept = []
    for span in live:
        fact, category = span.recognizer in facts, recognizers[span.recognizer].category
        others = taken[category] if fact else all_facts
        if identities.overlaps(span) or others.overlaps(span):
            span.why = OVERLAPS
            continue
        if fact:
            taken[category].add(span)
            all_facts.add(span)
        else:
            identities.add(span)
        kept.append(span)
    kept.sort(key=_POSITION)
    named = [span for span in kept if recognizers[span.recognizer].category in _NAMED]
    if named:
        kept = [span for span in kept if not _named_otherwise(span, named, recognizers)]
    return kept


def _named_otherwise(span: Span, named: list[Span], recognizers: Sequence[Recognizer]) -> bool:
    """Whether what was taken for a diagnosis like any other is wholly one that a category of its own names."""
    if recognizers[span.recognizer].category != "diagnosis":
        return False
    if any(other.start <= span.start and span.end <= other.end for other in named):
        span.why = OVERLAPS
        return True
    return False


def _is_whole(span: Span, others: list[Span], facts: set[int], recognizers: Sequence[Recognizer]) -> bool:
    """Whether a span is the value of a label in which other facts stand."""
    if span.evidence != FIELD or span.recognizer not in facts:
        return False
    own = recognizers[span.recognizer].category
    for other in others:
        inside = span.start <= other.start and other.end <= span.end
        if inside and other.evidence & ~FIELD and other.recognizer in facts:
            category = recognizers[other.recognizer].category
            if category == own or category not in _BESIDE:
                span.why = OVERLAPS
                return True
    return False


class _Taken:
    """Disjoint intervals in order; what overlaps is joined."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def overlaps(self, span: Span) -> bool:
        at = bisect_left(self._ends, span.start + 1)
        return at < len(self._starts) and self._starts[at] < span.end

    def add(self, span: Span) -> None:
        start, end = span.start, span.end
        first = bisect_left(self._ends, start + 1)
        last = bisect_left(self._starts, end)
        if first < last:
            start, end = min(start, self._starts[first]), max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]
