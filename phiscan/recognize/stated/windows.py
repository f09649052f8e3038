"""A passage with its facts between marks, cut into windows that the encoder reads: all facts of a window at once.

A window is asked about the facts of its core; what stands before and behind is there to be read, and so is how the
passage begins: its title says whether it tells of its own visit or of what others did.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from phiscan.recognize.stated.pieces import BEGIN, END, FACT, FACT_END, Pieces
from phiscan.recognize.stated.sections import Under

# In the order of the encoder's table.
CATEGORIES = (
    "hiv", "cancer", "genetic", "pregnancy", "blood_group", "treatment", "diagnosis", "lab_result", "infection",
    "psychiatric", "addiction", "disability", "ald",
)  # fmt: skip
_OTHER = CATEGORIES.index("diagnosis")
_WHOLE = 360  # all facts of a passage of so many pieces are asked about at once
_CORE, _BEFORE, _AFTER = 200, 96, 48  # pieces, of what is longer
_HEAD = 36  # pieces of its beginning that stand before each window; less than the slack: no window begins within it
_SLACK = 40  # what is left of a passage by so many pieces belongs to the window
_FACT = 14  # pieces of a fact that are read


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact of a passage: where it begins and ends, its category, and what its section says."""

    start: int
    end: int
    category: str
    under: Under


@dataclass(frozen=True, slots=True)
class Mark:
    """A fact in a window: its two marks, the lines of its category and section, which facts it is (none: not asked)."""

    begin: int
    end: int
    category: int
    under: int
    facts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """The pieces of a window, and the facts in it, in order."""

    pieces: list[int]
    marks: list[Mark]


def windows(text: str, facts: Sequence[Asked], latest: int, pieces: Pieces) -> Iterator[Window]:
    """Yield windows that ask about each fact once. Of facts that overlap one another each is read in a turn of its own.

    `latest` is the latest year in the text, 0 where there is none.
    """
    own: dict[tuple[int, int], list[int]] = {}
    for at, fact in enumerate(facts):
        own.setdefault((fact.start, fact.end), []).append(at)
    left = sorted(own)
    while left:
        now: list[tuple[int, int]] = []
        later: list[tuple[int, int]] = []
        reached = -1
        for span in left:
            if span[0] >= reached:
                now.append(span)
                reached = span[1]
            else:
                later.append(span)
        yield from _cut(*_marked(text, now, own, facts, latest, pieces), pieces)
        left = later


def _marked(
    text: str,
    spans: Sequence[tuple[int, int]],
    own: dict[tuple[int, int], list[int]],
    facts: Sequence[Asked],
    latest: int,
    pieces: Pieces,
) -> tuple[list[int], list[Mark]]:
    """Return the pieces of the whole text with marks round the facts at `spans`, and where these are."""
    read: list[int] = []
    marks: list[Mark] = []
    reached = 0
    for start, end in spans:
        read += pieces.of(text[reached:start], latest)
        begin = len(read)
        read.append(pieces.number[FACT])
        read += pieces.of(text[start:end], latest)[:_FACT]
        fact = facts[own[start, end][0]]
        category = CATEGORIES.index(fact.category) if fact.category in CATEGORIES else _OTHER
        # 0 is for what is no mark
        marks.append(Mark(begin, len(read), category + 1, fact.under.value + 1, tuple(own[start, end])))
        read.append(pieces.number[FACT_END])
        reached = end
    return read + pieces.of(text[reached:], latest), marks


def _cut(read: list[int], marks: Sequence[Mark], pieces: Pieces) -> Iterator[Window]:
    begins = [mark.begin for mark in marks]
    opening = [mark for mark in marks if mark.begin < _HEAD]
    head = min([_HEAD, *(mark.begin for mark in opening if mark.end >= _HEAD)])
    core = _CORE if len(read) > _WHOLE else _WHOLE
    asked = 0
    while asked < len(marks):
        first = begins[asked]
        stop = asked + 1
        while stop < len(marks) and marks[stop].end < first + core:
            stop += 1
        last = marks[stop - 1].end
        low = 0 if first <= _BEFORE + _SLACK else first - _BEFORE
        high = len(read) if len(read) - last <= _AFTER + _SLACK else last + 1 + _AFTER
        # no fact is cut in two
        left, right = bisect_left(begins, low), bisect_left(begins, high)
        if left and marks[left - 1].end >= low:
            low = marks[left - 1].end + 1
        if marks[right - 1].end >= high:
            right -= 1
            high = begins[right]
        lead = read[:head] if low else []
        seen = [_moved(mark, 1, asked=False) for mark in opening if low and mark.end < head]
        seen += [
            _moved(mark, 1 + len(lead) - low, asked=asked <= at < stop)
            for at, mark in enumerate(marks[left:right], left)
        ]
        yield Window([pieces.number[BEGIN], *lead, *read[low:high], pieces.number[END]], seen)
        asked = stop


def _moved(mark: Mark, by: int, *, asked: bool) -> Mark:
    return Mark(mark.begin + by, mark.end + by, mark.category, mark.under, mark.facts if asked else ())
