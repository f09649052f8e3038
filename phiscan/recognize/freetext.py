"""Cells without a role, searched as text: each distinct value once, remembered from batch to batch.

All values of a column are searched in one buffer, joined by newlines. Fillers are looked for only in
the values in which something already counts.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from phiscan.model import Assertion, Kind
from phiscan.recognize.assertion import Qualifier, by_code
from phiscan.recognize.bytewise import joined
from phiscan.recognize.directory import WORK
from phiscan.recognize.places import BARE, PLACE
from phiscan.recognize.plan import Column
from phiscan.recognize.recognizer import CLINICAL, CODE, FIELD, SHAPE, VALID
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.settle import settle
from phiscan.recognize.spans import Finder, Seen, Span, normal_form
from phiscan.recognize.terms import normal
from phiscan.recognize.text import Found

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

_BETWEEN = " ,;/|+-&"  # codes of one cell
_REMEMBERED = 300_000  # values, over all columns of a table


class Hit(NamedTuple):
    """One thing found in a value."""

    recognizer: int
    assertion: Assertion
    score: float


Hits = tuple[Hit, ...]


class FreeText:
    """Searches the free text of one table. Holds values only while the table is read."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self.proven: Counter[tuple[int, int]] = Counter()  # (column, recognizer) → valid values
        self._finder = Finder(ruleset)
        self._known: dict[int, dict[str, Hits]] = {}
        self._qualifier = Qualifier()
        self._least = [recognizer.file.at_least for recognizer in ruleset.recognizers]

    def hits(self, column: Column, values: pa.StringArray) -> list[tuple[int, Hits]]:
        """Return (index of the value, its hits) for every distinct value in which something counts."""
        import pyarrow as pa

        if sum(map(len, self._known.values())) > _REMEMBERED:
            self._known.clear()
        known = self._known.setdefault(column.index, {})
        strings = values.to_pylist()
        answers = list(map(known.get, strings))
        fresh = [at for at, hits in enumerate(answers) if hits is None]
        if fresh:
            known.update(dict.fromkeys((strings[at] for at in fresh), ()))
            for at, found in self._search(column, values.take(pa.array(fresh))).items():
                answers[fresh[at]] = known[strings[fresh[at]]] = tuple(found)
        return [(at, hits) for at, hits in enumerate(answers) if hits]

    def explained(self, column: Column, values: pa.StringArray) -> tuple[Found, list[int]]:
        """Return all that was found in the values, and what was dropped; and where in that text each value begins."""
        offsets, folded = joined(values)
        return self._found(column, values, offsets, folded), offsets.tolist()

    def _search(self, column: Column, values: pa.StringArray) -> dict[int, list[Hit]]:
        import numpy as np

        offsets, folded = joined(values)
        read = self._found(column, values, offsets, folded)
        where = np.searchsorted(offsets, [span.start for span in read.spans], "right") - 1
        found: dict[int, list[Hit]] = {}
        for value, span, stated in zip(where.tolist(), read.spans, read.assertions, strict=True):
            found.setdefault(value, []).append(Hit(span.recognizer, stated, span.score))
        return {value: enough for value, hits in found.items() if (enough := self._enough(hits))}

    def _found(
        self, column: Column, values: pa.StringArray, offsets: npt.NDArray[np.int32], folded: bytes
    ) -> Found:
        import numpy as np

        lowered = normal_form(folded, cells=True)
        header = normal(column.header).encode()
        seen = self._finder.look(folded, lowered, cells=True)
        later = seen.later if column.clinical else []
        for span in later:  # without it they would count for nothing, and be weighed again
            span.evidence |= CLINICAL
        spans = seen.spans + later
        if column.system:
            spans += self._codes(column, values, offsets)
        if self.ruleset.external:
            spans += self._finder.external(folded, lowered, cells=True, header=header)
        if not spans and not seen.systems:
            return Found([], [], [], [], folded, lowered)

        def weigh(spans: list[Span]) -> list[Span]:
            self._finder.weigh(spans, folded, lowered, seen.excluded, cells=True, header=header)
            if column.clinical:
                self._finder.weigh_again(spans, folded, lowered, CLINICAL, cells=True, header=header)
            return spans

        weigh(spans)
        self._prove(column, spans, offsets)
        counted = [*(span.start for span in spans if not span.why), *(start for start, _, _ in seen.systems)]
        if counted:
            owners = np.unique(np.searchsorted(offsets, counted, "right") - 1)
            spans += weigh(self._fillers(values, offsets, owners, seen))
        if not column.bare:
            for span in spans:
                self._displace(span, folded)
        kept = settle(spans, self.ruleset)
        if column.work:
            kept = [span for span in kept if not self._of_health(span)]
        stated = self._stated(kept, folded, lowered, family=column.family)
        dropped = [span for span in spans if self._at_work(span, column)]
        return Found(kept, stated, [], dropped, folded, lowered)

    def _displace(self, span: Span, folded: bytes) -> None:
        """Drop what is a code and nothing else, where such codes are no diseases."""
        if span.evidence == SHAPE and self._of_health(span) and BARE.fullmatch(folded, span.start, span.end):
            span.why = span.why or PLACE

    def _of_health(self, span: Span) -> bool:
        return self.ruleset.recognizers[span.recognizer].kind is Kind.HEALTH

    def _at_work(self, span: Span, column: Column) -> bool:
        """Whether a span was dropped, as a fact is that somebody deals with at work."""
        if column.work and self._of_health(span):
            span.why = span.why or WORK
        return bool(span.why)

    def _codes(self, column: Column, values: pa.StringArray, offsets: npt.NDArray[np.int32]) -> list[Span]:
        """The codes that cells of a code system's column begin with, and those that follow with nothing between."""
        spans = []
        system, pattern = self.ruleset.systems[column.system], self.ruleset.system_patterns[column.system].regex
        for value, start in zip(values.to_pylist(), offsets.tolist(), strict=False):
            end = -1
            for match in pattern.finditer(value.upper().encode()):
                between = value[max(end, 0) : match.start()]
                if between.strip(_BETWEEN) or (end >= 0 and not between):
                    break
                end = match.end()
                spans += [
                    Span(index, start + match.start(), start + end, CODE | FIELD, pattern=column.system)
                    for index in system.claimants(match.group().decode())
                ]
        return spans

    def _fillers(
        self, values: pa.StringArray, offsets: npt.NDArray[np.int32], owners: npt.NDArray[np.int64], seen: Seen
    ) -> list[Span]:
        """Search the fillers in the values that hold an anchor, and give their spans the offsets of the whole."""
        import numpy as np
        import pyarrow as pa

        part_offsets, part = joined(values.take(pa.array(owners)))
        spans = self._finder.fillers(part, _moved(seen, offsets, owners, part_offsets), cells=True)
        which = np.searchsorted(part_offsets, [span.start for span in spans], "right") - 1
        for span, value in zip(spans, which.tolist(), strict=True):
            shift = int(offsets[owners[value]]) - int(part_offsets[value])
            span.start, span.end = span.start + shift, span.end + shift
            span.groups = {name: (start + shift, end + shift) for name, (start, end) in span.groups.items()}
        return spans

    def _prove(self, column: Column, spans: list[Span], offsets: npt.NDArray[np.int32]) -> None:
        """Count the cells that are an identifier and little more: sentences that hold one make no column of them."""
        import numpy as np

        valid = [span for span in spans if span.evidence & VALID and span.evidence & SHAPE]
        cells = np.searchsorted(offsets, [span.start for span in valid], "right") - 1
        for span, cell in zip(valid, cells.tolist(), strict=True):
            if (span.end - span.start) * 2 > int(offsets[cell + 1]) - int(offsets[cell]):
                self.proven[column.index, span.recognizer] += 1

    def _stated(self, kept: list[Span], folded: bytes, lowered: bytes, *, family: bool) -> list[Assertion]:
        """Return how each span is stated; whatever is no fact is affirmed."""
        found = [Assertion.AFFIRMED] * len(kept)
        facts = []
        for at, span in enumerate(kept):
            if not self._of_health(span):
                continue
            said = by_code(folded[span.start : span.end].decode()) if span.pattern == "cim10" else None
            if said is None:
                facts.append(at)
            else:
                found[at] = said
        places = ((kept[at].start, kept[at].end) for at in facts)
        for at, stated in zip(facts, self._qualifier.each(lowered, places, folded), strict=True):
            found[at] = stated
        if family:
            own = (Assertion.AFFIRMED, Assertion.HISTORY)
            found = [
                Assertion.FAMILY if stated in own and self._of_health(span) else stated
                for span, stated in zip(kept, found, strict=True)
            ]
        return found

    def _enough(self, hits: list[Hit]) -> list[Hit]:
        """Drop what stands in its value less often than its recognizer asks."""
        if all(self._least[hit.recognizer] == 1 for hit in hits):
            return hits
        counts = Counter(hit.recognizer for hit in hits)
        return [hit for hit in hits if counts[hit.recognizer] >= self._least[hit.recognizer]]


def _moved(
    seen: Seen, offsets: npt.NDArray[np.int32], owners: npt.NDArray[np.int64], part_offsets: npt.NDArray[np.int32]
) -> Seen:
    """Return what was seen of some values (`owners`, ascending) where they stand when only they are joined."""
    import numpy as np

    shifts = np.full(len(offsets), -1, np.int64)
    shifts[owners] = part_offsets[:-1] - offsets[owners]
    inside = np.zeros(len(offsets), bool)
    inside[owners] = True

    def moved(places: list[int]) -> list[int]:
        value = np.searchsorted(offsets, places, "right") - 1
        return [place + shift for place, shift, held in zip(places, shifts[value], inside[value], strict=True) if held]

    triggers = {pattern: there for pattern, places in seen.triggers.items() if (there := moved(places))}
    starts = moved([start for start, _, _ in seen.systems])  # every word for a system has an owner
    sizes = [(end - start, name) for start, end, name in seen.systems]
    systems = [(start, start + size, name) for start, (size, name) in zip(starts, sizes, strict=True)]
    return Seen([], [], systems, triggers)
