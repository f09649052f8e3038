"""How a fact is stated in prose: our cues, the headings it stands under, and EDS-NLP where both are silent.

Measured on the labelled letters of `tests/eval` (30 families): asked about whole sentences, EDS-NLP's four qualifiers
were right 3 times and wrong 139 times where our cues were silent ("non compliqué", "la famille bénéficie de l'ALD",
"si douleur"); where both spoke, ours were right more often. So our cues come first, then the headings, and of EDS-NLP
the negation alone is asked, within its clause and where nothing in that only looks like a denial: it was right 8 times
and wrong never.

EDS-NLP is loaded when the first clause about an identified person needs it, and not before: it costs seconds.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

from phiscan.model import Assertion
from phiscan.recognize.recognizer import CODE, FIELD, SHAPE, TERM, WEAK
from phiscan.recognize.spans import Span
from phiscan.recognize.stated.negation import explained
from phiscan.recognize.stated.past import still
from phiscan.recognize.stated.sections import Sections, Under
from phiscan.recognize.stated.sentences import sentence
from phiscan.recognize.stated.verdict import judged, minus
from phiscan.recognize.stated.words import FACT

_PARAGRAPH = re.compile(r"\n[ \t]*\n|\f")
_MAX = 4000  # characters of one piece that is parsed: a hit far inside a wall of text gets its surroundings
_GROUP = "phiscan"  # the group of spans that the qualifiers look at: unlike entities they may overlap
_BEFORE, _AFTER = 220, 160  # bytes of a sentence looked at on either side of a fact
_BOXES = re.compile(
    rb"[^\n\[\]]{0,90}?(?P<one>\[ ?[x*]? ?\]|(?<= )x) ?(?P<first>oui|non)[ /|]{1,12}"
    rb"(?P<other>\[ ?[x*]? ?\]|(?<= )x) ?(?P<second>oui|non)(?![a-z])"
)
_TICK = re.compile(rb"[x*]")
_TESTED = frozenset({"hiv", "infection", "genetic"})  # what a test that is to be done is about
_KNOWN = re.compile(rb"charge virale|cv|cd4|arn|adn")  # tests that follow a known infection
_YEAR = re.compile(rb"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_DATED = re.compile(
    rb"(?<![0-9])[0-9]{1,2}(?:[ .][0-9]{1,2}[ .](?:(?:19|20)?[0-9]{2})|(?:er)? (?:janv|fev|mars|avr|mai|juin|juil"
    rb"|aout|sept"
    rb"|oct|nov|dec)[a-z]{0,6}[. ] ?(?:19|20)[0-9]{2})(?![0-9])|(?<![0-9])(?:19|20)[0-9]{2} [0-9]{2} [0-9]{2}(?![0-9])"
)
_CLAUSE = re.compile(rb"[,;:()>]|[ ](?i:et|ou|mais)(?=[ \n])")
_MAY_DENY = re.compile(  # the beginnings of all that EDS-NLP takes for a denial: without one it need not be asked
    rb"(?<![a-z])(?:absen|aucun|declin|depourvu|dispar|elimin|exclu|impossib|incompat|infirm|jamais|neg|n |ne |ni|nul"
    rb"|nier|improb"
    rb"|pas|permet|peu|plus|sans|sympt|immunis|ecart|interd|refut|rejet|a la place|0)"
)
# Facts that tell how others are stated are read, not masked.
_VALUED = re.compile(rb"(?<![a-z])(?:neg|pos|non|absen|indetect|reacti|g ?[0-9]{1,2} ?,? ?p ?[0-9])")


_EMPTY, _TICKED = "☐□◻❏❑⬜▢", "☒☑✓✔✗✘⊠■☓🗹🗷"


@cache
def _pipeline() -> Any:
    """EDS-NLP's sentence splitter and qualifiers on a blank French pipeline; nothing is downloaded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import edsnlp
        from loguru import logger

        logger.remove()  # it writes to standard error, and its lines can hold text
        nlp = edsnlp.blank("eds")
        nlp.add_pipe("eds.sentences")
        nlp.add_pipe("eds.negation", config={"span_getter": {_GROUP: True}})
    return nlp


def qualify_prose(
    text: str, folded: bytes, normal: bytes, spans: list[Span], categories: Sequence[str] = ()
) -> list[Assertion]:
    """Return the assertion of each span of a text (spans in order of position), with the category of each."""
    page = _Page(text, folded, normal, spans, categories or [""] * len(spans))
    ours = [page.stated(at) for at in range(len(spans))]
    return [page.by_eds(at) if stated is None else stated for at, stated in enumerate(ours)]


class _Page:
    """One passage: its two forms, with the facts masked, and its headings."""

    def __init__(self, text: str, folded: bytes, normal: bytes, spans: list[Span], categories: Sequence[str]) -> None:
        self._folded, self._normal = _without_odd_questions(text, folded, normal)
        self._text, self._spans = text, spans
        self._whole = _joined(spans)
        drugs = {self._whole[at] for at, category in enumerate(categories) if category == "treatment"}
        # a drug that also tells the disease is over, planned or stopped as a drug is
        self._categories = ["treatment" if self._whole[at] in drugs else name for at, name in enumerate(categories)]
        masked = bytearray(_without_this_year(self._normal))
        for span in spans:
            if not _is_value(span) and not _VALUED.search(self._normal, span.start, span.end):
                masked[span.start : span.end] = FACT * (span.end - span.start)
        self._masked = bytes(masked)
        self._lines: dict[int, bool] = {}
        self._sections = Sections(self._folded, self._normal, self._masked)

    def stated(self, at: int) -> Assertion | None:
        """Return how a fact is stated by our cues and the headings; None where none of them reaches it."""
        (start, end), category = self._whole[at], self._categories[at]
        low, high = sentence(self._folded, self._normal, start, end, _BEFORE, _AFTER, self._lines)
        before, after = self._masked[low:start], self._masked[end:high]
        if _is_value(self._spans[at]):
            after = b""  # the value of a label ends what is said
        fact = self._normal[start:end]
        stated = judged(before, fact, after, category)
        if stated is Assertion.FAMILY:
            return stated
        under = self._sections.under(start)
        if under is Under.FAMILY and category != "lab_result":
            return Assertion.FAMILY
        if minus(self._folded, end) and category not in ("lab_result", "blood_group"):
            return Assertion.NEGATED
        ticked = self._ticked(end)
        if ticked is not None:
            return ticked
        if stated is not None:
            return stated
        if under is Under.PAST and not still(before, fact, after, category):
            return Assertion.HISTORY
        if under is Under.DOUBT:
            return Assertion.HYPOTHETICAL
        if under is Under.TO_DO and category in _TESTED and not _KNOWN.match(fact):
            return Assertion.HYPOTHETICAL
        return None

    def _ticked(self, end: int) -> Assertion | None:
        """Return what the boxes of a form's row say of a fact that ends at `end`: "diabète ?   [ ] OUI   [X] NON"."""
        row = _BOXES.match(self._masked, end)
        if row is None:
            return None
        ticked = [said for box, said in (("one", "first"), ("other", "second")) if _TICK.search(row[box])]
        if len(ticked) != 1:
            return None
        return Assertion.NEGATED if row[ticked[0]] == b"non" else Assertion.AFFIRMED

    def by_eds(self, at: int) -> Assertion:
        """Return how EDS-NLP's negation finds a fact stated on which our cues are silent, within its clause."""
        span = self._spans[at]
        if self._categories[at] in ("lab_result", "blood_group"):
            return Assertion.AFFIRMED
        low, high = sentence(self._folded, self._normal, span.start, span.end, _BEFORE, _AFTER, self._lines)
        for cut in _CLAUSE.finditer(self._folded, low, span.start):
            low = cut.end()
        cut_after = _CLAUSE.search(self._folded, span.end, high)
        high = cut_after.start() if cut_after else high
        clause = self._normal[low:high]
        if not _MAY_DENY.search(clause) or explained(clause):
            return Assertion.AFFIRMED
        denied = _eds_denies(self._text[low:high], span.start - low, span.end - low)
        return Assertion.NEGATED if denied else Assertion.AFFIRMED


def _is_value(span: Span) -> bool:
    """Whether only a label tells that something is a fact: all that stands behind "Antécédents :", or a code."""
    return bool(span.evidence & FIELD) and not span.evidence & (TERM | SHAPE | CODE | WEAK)


def _joined(spans: list[Span]) -> list[tuple[int, int]]:
    """Return for each span where it and those that overlap it begin and end; the values of labels stay as they are."""
    runs: list[list[int]] = []
    run_of: dict[int, list[int]] = {}
    for span in spans:
        if _is_value(span):
            run_of[id(span)] = [span.start, span.end]
            continue
        if not runs or span.start >= runs[-1][1]:
            runs.append([span.start, span.end])
        runs[-1][1] = max(runs[-1][1], span.end)
        run_of[id(span)] = runs[-1]
    return [(run_of[id(span)][0], run_of[id(span)][1]) for span in spans]


def _without_this_year(normal: bytes) -> bytes:
    """Mask the latest year of a passage that is dated: what happened then is not over."""
    years = _YEAR.findall(normal)
    return normal.replace(max(years), b"~~~~") if years and _DATED.search(normal) else normal


def _without_odd_questions(text: str, folded: bytes, normal: bytes) -> tuple[bytes, bytes]:
    """Blank the question marks that stand for signs that ASCII does not have: a box in a form asks nothing.

    An empty set ("tabac Ø") is a nought, boxes are written as brackets and crosses.
    """
    if folded.count(b"?") == text.count("?") and "Ø" not in text:
        return folded, normal
    one, other = bytearray(folded), bytearray(normal)
    for at, char in enumerate(text):
        if char in "Ø∅⌀":
            one[at] = other[at] = 48
        elif char in _TICKED:
            one[at] = other[at] = 120
        elif char in _EMPTY and folded[at + 1 : at + 2] == b" ":
            one[at : at + 2] = other[at : at + 2] = b"[]"
        elif one[at] == 63 and char != "?":
            one[at] = other[at] = 32
    return bytes(one), bytes(other)


def paragraphs(text: str, spans: list[Span]) -> list[tuple[int, int, list[Span]]]:
    """Cut a text into the paragraphs that hold spans, each short enough to parse."""
    cuts = [0, *(match.end() for match in _PARAGRAPH.finditer(text)), len(text)]
    pieces: list[tuple[int, int, list[Span]]] = []
    at = 0
    for span in spans:
        while at + 2 < len(cuts) and cuts[at + 1] <= span.start:
            at += 1
        start, end = max(cuts[at], span.start - _MAX // 2), min(cuts[at + 1], span.end + _MAX // 2)
        end = max(end, span.end)
        if pieces and pieces[-1][0] <= span.start and span.end <= pieces[-1][1]:
            pieces[-1][2].append(span)
        else:
            pieces.append((start, end, [span]))
    return pieces


def _eds_denies(text: str, start: int, end: int) -> bool:
    """Whether EDS-NLP's qualifier says that the fact at [start, end) of a clause is denied."""
    nlp = _pipeline()
    doc = nlp.make_doc(text)
    span = doc.char_span(start, end, label="fact", alignment_mode="expand")
    if span is None:
        return False
    doc.spans[_GROUP] = [span]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _, pipe in nlp.pipeline:
            doc = pipe(doc)
    return bool(span._.negation)
