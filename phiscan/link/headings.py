"""Headings over names in running text: "Patients VIH - file active", "Épilepsie :", and below it people, one a line.

What such a line states is true of each of them, up to the next line that names nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from phiscan.model import Assertion
from phiscan.recognize.listwords import of_patients
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span
from phiscan.recognize.text import Found
from phiscan.recognize.titles import is_fact

_MOST = 90  # bytes of a heading


@dataclass(frozen=True, slots=True)
class Heading:
    """A line with facts and nobody in it, and where the lines end that name people below it."""

    start: int
    end: int
    stop: int
    bits: tuple[int, ...]  # of the categories that it states


def headings(found: Found, people: Sequence[int], ruleset: Ruleset) -> list[Heading]:
    """Return the headings of a passage in order; `people`: where it names somebody."""
    stated: dict[int, set[int]] = {}
    for span, assertion in zip(found.spans, found.assertions, strict=True):
        recognizer = ruleset.recognizers[span.recognizer]
        start = found.folded.rfind(b"\n", 0, span.start) + 1
        if is_fact(recognizer) and (assertion is Assertion.AFFIRMED or _rubric(span, start, found.folded)):
            stated.setdefault(start, set()).add(recognizer.bit)
    named = {found.folded.rfind(b"\n", 0, start) + 1 for start in people}
    made = []
    for start, bits in sorted(stated.items()) if len(named) > 1 else ():
        end = _line_end(found.folded, start)
        if start in named or end - start > _MOST or not _heads(found.normal[start:end], found.folded[start:end]):
            continue
        stop = _people_below(found.folded, end + 1, named)
        if stop:
            made.append(Heading(start, end, stop, tuple(sorted(bits))))
    return made


def _heads(words: bytes, line: bytes) -> bool:
    """Whether a line speaks of patients or opens a rubric, and speaks of no others."""
    speaks = of_patients(words)
    return speaks is not False and (speaks is True or line.rstrip().endswith(b":"))


def _rubric(span: Span, start: int, folded: bytes) -> bool:
    """Whether a fact is all that its line says before a colon, so that nothing in it says otherwise."""
    behind = folded[span.end : _line_end(folded, span.end)]
    return not folded[start : span.start].strip(b" -*") and behind.strip() == b":"


def _line_end(folded: bytes, start: int) -> int:
    end = folded.find(b"\n", start)
    return len(folded) if end < 0 else end


def _people_below(folded: bytes, at: int, named: set[int]) -> int:
    """Return where the lines end that each name somebody, below a heading and perhaps an empty line; 0 for one."""
    if at < len(folded) and not folded[at : _line_end(folded, at)].strip():
        at = _line_end(folded, at) + 1
    lines = 0
    while at in named:
        at, lines = _line_end(folded, at) + 1, lines + 1
    return at if lines > 1 else 0
