"""How a fact is stated in prose, weighed by two models: a net sees signs round it, an encoder reads the passage.

In table cells, where a few words stand, the cues of `phiscan.recognize.stated` decide (`phiscan.recognize.assertion`).
In prose their order and reach would have to be written out for every manner of writing, and each author writes in his
own. `tests/eval/README.md` tells how right each is on the facts of authors it has not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from phiscan.model import Assertion
from phiscan.recognize.recognizer import CODE, FIELD, SHAPE, TERM, WEAK
from phiscan.recognize.spans import Span
from phiscan.recognize.stated import encoder
from phiscan.recognize.stated.features import Fact, features
from phiscan.recognize.stated.layout import Layout
from phiscan.recognize.stated.model import decide, sums
from phiscan.recognize.stated.reasons import Reasons, reasons
from phiscan.recognize.stated.sections import Sections
from phiscan.recognize.stated.sentences import sentence
from phiscan.recognize.stated.turns import turn
from phiscan.recognize.stated.verdict import minus
from phiscan.recognize.stated.windows import Asked
from phiscan.recognize.stated.words import FACT

_READ = 2.0  # what the encoder's say counts beside the net's: measured on authors that neither has learnt from
_BOX_SAYS = 60.0  # what a ticked box says for or against a denial: more than everything else
_BEFORE, _AFTER = 220, 160  # bytes of a sentence looked at on either side of a fact
_BOXES = re.compile(
    rb"[^\n\[\]]{0,90}?(?P<one>\[ ?[x*]? ?\]|(?<= )x) ?(?P<first>oui|non)[ /|]{1,12}"
    rb"(?P<other>\[ ?[x*]? ?\]|(?<= )x) ?(?P<second>oui|non)(?![a-z])"
)
_TICK = re.compile(rb"[x*]")
_YEAR = re.compile(rb"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_DATED = re.compile(
    rb"(?<![0-9])[0-9]{1,2}(?:[ .][0-9]{1,2}[ .](?:(?:19|20)?[0-9]{2})|(?:er)? (?:janv|fev|mars|avr|mai|juin|juil"
    rb"|aout|sept"
    rb"|oct|nov|dec)[a-z]{0,6}[. ] ?(?:19|20)[0-9]{2})(?![0-9])|(?<![0-9])(?:19|20)[0-9]{2} [0-9]{2} [0-9]{2}(?![0-9])"
)
# Facts that tell how others are stated are read, not masked.
_VALUED = re.compile(rb"(?<![a-z])(?:neg|pos|non|absen|indetect|reacti|g ?[0-9]{1,2} ?,? ?p ?[0-9])")


_DENYING = re.compile(rb"sero ?negati")  # a fact whose own word denies it
_EMPTY, _TICKED = "☐□◻❏❑⬜▢", "☒☑✓✔✗✘⊠■☓🗹🗷"


def qualify_prose(
    text: str, folded: bytes, normal: bytes, spans: list[Span], categories: Sequence[str]
) -> list[Assertion]:
    """Return the assertion of each span of a text (spans in order of position), with the category of each."""
    return Page(text, folded, normal, spans, categories).stated()


def reasons_of(
    text: str, folded: bytes, normal: bytes, spans: list[Span], categories: Sequence[str]
) -> list[Reasons]:
    """Return for each span why `qualify_prose` says what it says."""
    return Page(text, folded, normal, spans, categories).reasons()


class Page:
    """One passage: its two forms, with the facts masked, and its headings."""

    def __init__(self, text: str, folded: bytes, normal: bytes, spans: list[Span], categories: Sequence[str]) -> None:
        self.text = text
        self._folded, self._normal = _without_odd_questions(text, folded, normal)
        self._spans = spans
        self._whole = _joined(spans)
        drugs = {self._whole[at] for at, category in enumerate(categories) if category == "treatment"}
        # a drug that also tells the disease is over, planned or stopped as a drug is
        self.categories = ["treatment" if self._whole[at] in drugs else name for at, name in enumerate(categories)]
        masked = bytearray(_without_this_year(self._normal))
        for span in spans:
            if not _is_value(span) and not _VALUED.search(self._normal, span.start, span.end):
                masked[span.start : span.end] = FACT * (span.end - span.start)
        self._masked = bytes(masked)
        self._lines: dict[int, bool] = {}
        self._sections = Sections(self._folded, self._normal, self._masked)
        self._layout = Layout(self._folded, self._masked)
        self.latest = self._layout.latest  # year

    def seen(self, at: int) -> list[str]:
        """Return what the model goes by for a fact."""
        start, end = self._whole[at]
        low, high = sentence(self._folded, self._normal, start, end, _BEFORE, _AFTER, self._lines)
        fact = Fact(
            start,
            end,
            low,
            high,
            self._normal[start:end].decode("ascii"),
            self.categories[at],
            self._sections.under(start),
            value=_is_value(self._spans[at]),
            minus=minus(self._folded, end),
            ticked=self._ticked(end),
        )
        return features(self._layout, fact)

    def asked(self) -> list[Asked]:
        """Return the facts as the encoder is asked about them."""
        return [
            Asked(start, end, category, self._sections.under(start))
            for (start, end), category in zip(self._whole, self.categories, strict=True)
        ]

    def stated(self) -> list[Assertion]:
        """Return how each fact is stated."""
        return [said for said, _, _ in self._judged()]

    def reasons(self) -> list[Reasons]:
        """Return why each fact is stated as it is."""
        return [
            reasons(seen, weighed) if said is decide(weighed) else Reasons(("turn:",), 1.0, said.name.lower())
            for said, seen, weighed in self._judged()
        ]

    def _judged(self) -> Iterator[tuple[Assertion, list[str], list[float]]]:
        """Yield of each fact how it is stated, what is seen of it, and what speaks for each assertion.

        The net goes by signs near a fact, the encoder by all that stands round it: what they say is added up.
        """
        for at, own in enumerate(encoder.read(self.text, self.asked(), self.latest)):
            seen = self.seen(at)
            weighed = [one + _READ * other for one, other in zip(sums(seen), own, strict=True)]
            ticked = self._ticked(self._whole[at][1])
            if ticked and "BK:NO" not in seen:  # "absence de fièvre [x] oui" is a matter of reading
                weighed[Assertion.NEGATED] += _BOX_SAYS if ticked == "non" else -_BOX_SAYS
            said = self.turn(at)
            if said is None:
                said = decide(weighed)
                if said is Assertion.AFFIRMED and _DENYING.search(self._normal, *self._whole[at]):
                    said = Assertion.NEGATED
            yield said, seen, weighed

    def turn(self, at: int) -> Assertion | None:
        """Return what a turn right before a fact says of it."""
        start, _ = self._whole[at]
        before = self._masked[max(0, start - _BEFORE) : start]
        return turn(before[max(before.rfind(b"\n\n"), before.rfind(b". ")) + 1 :].replace(b"\n", b" "))

    def _ticked(self, end: int) -> str:
        """Return what the boxes of a form's row say of a fact that ends at `end`: "diabète ?   [ ] OUI   [X] NON"."""
        row = _BOXES.match(self._masked, end)
        if row is None:
            return ""
        ticked = [said for box, said in (("one", "first"), ("other", "second")) if _TICK.search(row[box])]
        return row[ticked[0]].decode("ascii") if len(ticked) == 1 else ""


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
