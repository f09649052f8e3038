"""All cues of a sentence together."""

from __future__ import annotations

import re
from functools import cache

from phiscan.model import Assertion
from phiscan.recognize.stated import doubt, negation, past, relatives
from phiscan.recognize.stated.words import begun

_COLUMN = re.compile(rb"^.*[^ :.][ .]{4,}(?=[^ .])", re.DOTALL)  # what stands in the columns before
_WIDE = re.compile(rb"[ ._]{3,}")
_BRACKETS = re.compile(rb"\([^()]*\)")
_MINUS = re.compile(
    rb"(?:[ ]?(?:1|2|1 ?[+/et]{1,2} ?2))?(?:\(-\)|-)(?=[ ,.;)\n]|$)"  # VIH-, VIH 1/2-
    rb"|(?:[ ]?(?:1|2|1 ?[+/et]{1,2} ?2))?[ ](?:\(-\)|-)"
    rb"(?=[,.;)\n]|$|[ ]{1,3}(?:[-(/\n]|$))"  # "VIH -", but "VIH - RDV lundi" is a dash
    rb"|[ ]?[:=;|][ ]?(?:\(-\)|-)(?=[ ]*(?:[,.;|)\n]|$))"  # the value of a label
)


def judged(before: bytes, fact: bytes, after: bytes, category: str = "") -> Assertion | None:
    """Return how a sentence states a fact; None where no cue reaches it. `before` and `after` are in normal form.

    Family wins over negation, negation over hypothesis, hypothesis over history.
    """
    if b"   " in before or b"..." in before or b"(" in before:
        before = _BRACKETS.sub(b"", _WIDE.sub(b"  ", _COLUMN.sub(b"", before)))
    if b"   " in after or b"..." in after:
        after = _WIDE.sub(b"  ", after)
    around = before + b"\n" + after
    relative, denial, question, end = (cues.search(around) is not None for cues in _filters())
    if relative and relatives.of_relative(before, after):
        return Assertion.FAMILY
    if category == "lab_result":
        return Assertion.AFFIRMED  # a measured value is a fact
    if category == "treatment" and past.stopped(before, after):
        return Assertion.NEGATED
    if (category or denial or negation.by_signs(fact, after)) and negation.negated(before, fact, after, category):
        return Assertion.NEGATED
    if (category or question or doubt.by_signs(before, after)) and doubt.open_to_doubt(before, fact, after, category):
        return Assertion.HYPOTHETICAL
    return Assertion.HISTORY if (category or end) and past.past(before, fact, after, category) else None


@cache
def _filters() -> tuple[re.Pattern[bytes], ...]:
    """What matches wherever a cue of each kind may begin; none begins, none of that kind is there."""
    return tuple(begun(module.CUES) for module in (relatives, negation, doubt, past))


def minus(folded: bytes, end: int) -> bool:
    """Whether a minus sign on a fact says that it is not there: "VIH-"."""
    return _MINUS.match(folded, end) is not None
