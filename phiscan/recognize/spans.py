"""Spans: what the automaton points at, confirmed, with its evidence and score.

The same search serves running text and the distinct values of a column joined by newlines
(`cells=True`: nothing may reach over a newline). Anchors are searched everywhere; fillers (dates,
names, addresses, codes) only where the caller knows of an anchor.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from phiscan.model import Role
from phiscan.recognize.automaton import Database
from phiscan.recognize.matching import ALNUM, MARGIN, confirm, confirm_at, confirm_term, runs
from phiscan.recognize.reach import TRIMS, name_within
from phiscan.recognize.recognizer import (
    CODE,
    CONTEXT,
    COUNTS_FROM,
    FIELD,
    MODEL,
    SHAPE,
    VALID,
    Pattern,
    Recognizer,
)
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.terms import NORMAL_CELLS, NORMAL_TEXT

CODE_WINDOW = 40  # characters between a code and the name of its system
_ASKED = SHAPE | FIELD | MODEL | CODE  # evidence that more than words round it decides about
_BEFORE = 90  # bytes in which words of `not_after` and what may stand between lie


@dataclass(slots=True, repr=False)
class Span:
    """One hit in a buffer of folded bytes: half-open offsets, evidence bits, score."""

    recognizer: int
    start: int
    end: int
    evidence: int
    score: float = 0.0
    part: str = ""
    role: Role | None = None
    groups: dict[str, tuple[int, int]] = field(default_factory=dict)
    pattern: str = ""
    why: str = ""  # for `explain`: why it was dropped

    def __repr__(self) -> str:
        return f"<Span of recognizer {self.recognizer}>"


@dataclass(slots=True, repr=False)
class Seen:
    """What the automaton saw in one buffer."""

    spans: list[Span]  # terms and anchor patterns, to be weighed
    excluded: list[tuple[int, int, int]]  # excluding phrases: recognizer, start, end
    systems: list[tuple[int, int, str]]  # where a word for a code system stands
    triggers: dict[int, list[int]]  # pattern → where a word of it stands
    later: list[Span] = field(default_factory=list)  # terms that count in clinical documents only

    @property
    def anchored(self) -> list[int]:
        """Where anything stands that makes a closer look worth it."""
        return [*(span.start for span in self.spans), *(start for start, _, _ in self.systems)]


class Finder:
    """Finds spans with one ruleset. Holds no text between calls."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._in_header: dict[tuple[re.Pattern[bytes], bytes], bool] = {}  # whether a word stands in a column's header

    def look(self, folded: bytes, normal: bytes, *, cells: bool) -> Seen:
        """Search a buffer for literals and anchors. Fillers are left to `fillers`."""
        seen = self._literals(folded, normal, cells)
        searched = [self.ruleset.cell_anchors, *([] if cells else [self.ruleset.text_anchors])]
        seen.spans += self._patterns(folded, seen, searched, cells, anchors=True)
        return seen

    def fillers(self, folded: bytes, seen: Seen, *, cells: bool) -> list[Span]:
        """Return the confirmed matches of the filler patterns in a buffer that `look` has seen."""
        searched = self.ruleset.cell_fillers if cells else self.ruleset.fillers
        spans = self._patterns(folded, seen, [searched], cells, anchors=False)
        return spans + [span for system in self.ruleset.systems for span in self._codes(system, folded, seen, cells)]

    def _codes(self, system: str, folded: bytes, seen: Seen, cells: bool) -> list[Span]:
        """Codes near a word for their system."""
        places = [(start, end) for start, end, name in seen.systems if name == system]
        if not places:
            return []
        pattern = self.ruleset.system_patterns[system]
        regions = []
        for start, end in sorted(places):
            stop = folded.find(b"\n", end) if cells else -1
            before = end + CODE_WINDOW if stop < 0 else min(end + CODE_WINDOW, stop)
            regions.append((start - CODE_WINDOW, before, before + CODE_WINDOW))
        return self.confirmed(pattern, folded, regions, cells)

    def _literals(self, folded: bytes, normal: bytes, cells: bool) -> Seen:
        """Confirm the literals that the automaton points at: terms, excluding phrases, triggers."""
        seen = Seen([], [], [], defaultdict(list))
        pointing = self.ruleset.cell_pointing if cells else self.ruleset.pointing
        literals, size = self.ruleset.literals, len(normal)
        for number, end in zip(*pointing.worth(*self.ruleset.literal_db.scan(normal), normal), strict=True):
            literal = literals[number]
            start = end - literal.size
            inside = start > 0 and ALNUM[normal[start - 1]] == 1
            if literal.triggers:
                after_letter = inside and normal[start - 1] >= 97
                if cells:
                    triggers: Sequence[int] = literal.cell_inner if after_letter else literal.cell_triggers
                else:
                    triggers = literal.inner if after_letter else literal.triggers
                for pattern in triggers:
                    seen.triggers[pattern].append(start)
            uses = literal.cell_uses if cells else literal.uses
            if not uses or (inside and ALNUM[normal[start]]):
                continue
            inside_word = end < size and ALNUM[normal[end]] == 1
            for use in uses:
                stop = confirm_term(use, folded, normal, start, end, inside_word)
                if not stop:
                    continue
                if use.evidence:
                    (seen.later if use.later else seen.spans).append(Span(use.recognizer, start, stop, use.evidence))
                elif use.recognizer >= 0:
                    seen.excluded.append((use.recognizer, start, stop))
                else:
                    seen.systems.append((start, end, use.system))
        return seen

    def _patterns(
        self, folded: bytes, seen: Seen, searched: Sequence[tuple[Database, list[int]]], cells: bool, *, anchors: bool
    ) -> list[Span]:
        patterns, is_anchor = self.ruleset.patterns, self.ruleset.anchors
        pointed: dict[int, list[int]] = defaultdict(list)
        for database, numbers in searched:
            for at, end in zip(*database.scan(folded), strict=True):
                pointed[numbers[at]].append(end)
        spans: list[Span] = []
        for number, ends in pointed.items():
            width = patterns[number].shape.width
            regions = [(first - width - 1, last, last + MARGIN) for first, last in runs(sorted(ends), folded)]
            spans += self.confirmed(patterns[number], folded, regions, cells)
        for number, starts in seen.triggers.items():
            if is_anchor[number] is anchors and (not cells or self.ruleset.in_cells[number]):
                shape = patterns[number].shape
                if not shape.before:  # a match begins with its trigger
                    matches = confirm_at(patterns[number], folded, sorted(starts), cells=cells)
                    spans += [span for match in matches for span in self._spans_of(patterns[number], match)]
                    continue
                reach = shape.width + MARGIN
                regions = [(start - shape.before, start + 1, start + reach) for start in sorted(starts)]
                spans += self.confirmed(patterns[number], folded, regions, cells)
        return spans

    def confirmed(
        self, pattern: Pattern, folded: bytes, regions: list[tuple[int, int, int]], cells: bool
    ) -> list[Span]:
        """Return the spans of a pattern's matches in regions (see `confirm`)."""
        matches = confirm(pattern, folded, regions, cells=cells)
        return [span for match in matches for span in self._spans_of(pattern, match)]

    def external(self, folded: bytes, normal: bytes, *, cells: bool, header: bytes = b"") -> list[Span]:
        """Return what a site's Presidio recognizers find; they come weighed."""
        found = self.ruleset.external.find(folded, normal, header, cells=cells)
        return [
            Span(index, start, end, 0, score, why="" if score >= COUNTS_FROM else "score")
            for index, start, end, score in found
        ]

    def _spans_of(self, pattern: Pattern, match: re.Match[bytes]) -> list[Span]:
        if pattern.recognizer >= 0:
            return [span_of(pattern, match)]
        code = match.group().decode()
        claimants = self.ruleset.systems[pattern.system].claimants(code)
        return [Span(index, match.start(), match.end(), CODE, pattern=pattern.system) for index in claimants]

    def weigh(
        self, spans: list[Span], folded: bytes, normal: bytes, excluded: list[tuple[int, int, int]], *, cells: bool,
        header: bytes = b"",
    ) -> list[Span]:
        """Complete each span's evidence (validator, context) and score it; what is dropped comes with its `why`."""
        phrases = _Phrases.by_recognizer(excluded)
        for span in spans:
            if not span.evidence:  # weighed by Presidio
                continue
            recognizer = self.ruleset.recognizers[span.recognizer]
            if phrases and any(other in phrases and phrases[other].hold(span) for other in recognizer.excluded_by):
                span.why = "excluded"
                continue
            self._weigh_one(span, recognizer, folded, normal, cells, header)
        return spans

    def weigh_again(
        self, spans: list[Span], folded: bytes, normal: bytes, evidence: int, *, cells: bool = False,
        header: bytes = b"",
    ) -> None:
        """Give spans some more evidence, and weigh again those that had too little."""
        for span in spans:
            recognizer = self.ruleset.recognizers[span.recognizer]
            if span.why == "score" and span.evidence:  # without evidence: weighed by Presidio
                span.why, span.evidence = "", span.evidence | evidence
                self._weigh_one(span, recognizer, folded, normal, cells, header)
            elif recognizer.file.at_least > 1:
                span.evidence |= evidence

    def _weigh_one(
        self, span: Span, recognizer: Recognizer, folded: bytes, normal: bytes, cells: bool, header: bytes
    ) -> None:
        if span.evidence & _ASKED and not self._holds(span, recognizer, folded, normal, cells, header):
            return
        worth = recognizer.weighing(span.evidence)
        if worth.context is not None and self._near(worth.context, worth.near, span, folded, normal, cells, header):
            span.evidence |= CONTEXT
            worth = recognizer.weighing(span.evidence)
        if worth.score < COUNTS_FROM:
            span.score, span.why = worth.score, "score"
            return
        rejected = worth.reject
        if rejected is not None and self._near(rejected, worth.window, span, folded, normal, cells, header):
            span.why = "rejected by a word nearby"
            return
        before = recognizer.not_after if recognizer.file.not_after else None
        if before is not None and before.search(normal, max(0, span.start - _BEFORE), span.start):
            span.why = "rejected by a word nearby"
            return
        span.score = worth.score

    def _holds(
        self, span: Span, recognizer: Recognizer, folded: bytes, normal: bytes, cells: bool, header: bytes
    ) -> bool:
        """Whether a shape holds its name, what must be valid is, and a code stands in its place."""
        if span.evidence & SHAPE and not _reads_as_name(span, recognizer.file.trim, folded):
            span.why = "invalid"
            return False
        if recognizer.validator is not None and span.evidence & (SHAPE | FIELD | MODEL):
            if recognizer.validator(folded[span.start : span.end].decode("ascii")):
                span.evidence |= VALID
            elif recognizer.file.require_valid:
                span.why = "invalid"
                return False
        if span.evidence & CODE and span.pattern:
            self._weigh_code(span, folded, normal, cells, header)
            return bool(span.evidence & CODE)
        return True

    def _near(
        self, pattern: re.Pattern[bytes], window: int, span: Span, folded: bytes, normal: bytes, cells: bool,
        header: bytes,
    ) -> bool:
        """Whether one of the words stands near the span (not inside it), or in the column's header."""
        if header:
            known = self._in_header.get((pattern, header))
            if known is None:
                known = self._in_header[pattern, header] = pattern.search(header) is not None
            if known:
                return True
        return stands_near(pattern, window, span, folded, normal, cells)

    def _weigh_code(self, span: Span, folded: bytes, normal: bytes, cells: bool, header: bytes) -> None:
        """A code counts only in its place: after the name of its system, or labelled so."""
        system = self.ruleset.systems[span.pattern]
        if span.evidence & FIELD:
            return
        near = system.context
        if near is None or not self._near(near, CODE_WINDOW, span, folded, normal, cells, header):
            span.evidence &= ~CODE
            span.why = "code out of place"


def normal_form(folded: bytes, *, cells: bool) -> bytes:
    """Return the buffer that terms are searched in, byte for byte as long as `folded`."""
    return folded.translate(NORMAL_CELLS if cells else NORMAL_TEXT)


def span_of(pattern: Pattern, match: re.Match[bytes]) -> Span:
    """Return the span of a pattern's match: its group `value` if there is one, else the whole."""
    names = {name: match.span(name) for name in match.re.groupindex if match.start(name) >= 0}
    start, end = names.pop("value", match.span())
    return Span(pattern.recognizer, start, end, SHAPE, groups=names, pattern=pattern.name)


def _reads_as_name(span: Span, trim: str | None, folded: bytes) -> bool:
    """Cut a span down to the name in it, where its recognizer asks for that; False where there is none.

    The group `person` of a pattern, which is not the value but stands beside it, must be a name too.
    """
    if "person" in span.groups:
        begun, ended = span.groups["person"]
        start, end = name_within(folded[begun:ended].decode("ascii"))
        if end - start < 2:
            return False
    if trim is None:
        return True
    start, end = TRIMS[trim](folded[span.start : span.end].decode("ascii"))
    span.start, span.end = span.start + start, span.start + end
    return end > start


class _Phrases:
    """The excluding phrases of one recognizer in a buffer."""

    def __init__(self, places: list[tuple[int, int]]) -> None:
        places.sort()
        self._starts = [start for start, _ in places]
        self._reach = list(accumulate((end for _, end in places), max))  # the furthest end so far

    @classmethod
    def by_recognizer(cls, excluded: list[tuple[int, int, int]]) -> dict[int, _Phrases]:
        places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for index, start, end in excluded:
            places[index].append((start, end))
        return {index: cls(found) for index, found in places.items()}

    def hold(self, span: Span) -> bool:
        """Whether the span lies inside one of the phrases."""
        at = bisect_right(self._starts, span.start) - 1
        return at >= 0 and self._reach[at] >= span.end


def _surroundings(span: Span, folded: bytes, window: int, cells: bool) -> tuple[int, int]:
    """Where words still stand near a span: within its cell, in text not beyond a blank line."""
    low, high = max(span.start - window, 0), min(span.end + window, len(folded))
    end = b"\n" if cells else b"\n\n"
    before, after = folded.rfind(end, low, span.start), folded.find(end, span.end, high)
    return (before + 1 if before >= 0 else low), (after if after >= 0 else high)


def stands_near(
    pattern: re.Pattern[bytes], window: int, span: Span, folded: bytes, normal: bytes, cells: bool
) -> bool:
    """Whether one of the words stands near the span (not inside it)."""
    low, high = _surroundings(span, folded, window, cells)
    return pattern.search(normal, low, span.start) is not None or pattern.search(normal, span.end, high) is not None
