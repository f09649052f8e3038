"""All cues of a sentence together."""

from __future__ import annotations

import re
from functools import cache

from phiscan.model import Assertion
from phiscan.recognize.stated import doubt, negation, past, relatives
from phiscan.recognize.stated.words import Beginnings

_RELATIVE, _DENIAL, _END = 1, 2, 4  # the kinds of cues in `_beginnings`; from `_DOUBTS` on those of doubt, one by one
_DOUBTS = 3
_COLUMN = re.compile(rb"^.*[^ :.][ .]{4,}(?=[^ .])", re.DOTALL)  # what stands in the columns before
_WIDE = re.compile(rb"[ ._]{3,}")
_ASKED_BEFORE = re.compile(rb"[?][ ._]{3,}$")  # a question mark in the column before
_BRACKETS = re.compile(rb"\([^()]*\)")
_MINUS = re.compile(
    rb"(?:[ ]?(?:1|2|1 ?[+/et]{1,2} ?2))?(?:\(-\)|-)(?=[ ,.;)\n]|$)"  # VIH-, VIH 1/2-
    rb"|(?:[ ]?(?:1|2|1 ?[+/et]{1,2} ?2))?[ ](?:\(-\)|-)"
    rb"(?=[,.;)\n]|$|[ ]{1,3}(?:[-(/\n]|$))"  # "VIH -", but "VIH - RDV lundi" is a dash
    rb"|[ ]?[:=;|][ ]?(?:\(-\)|-)(?=[ ]*(?:[,.;|)\n]|$))"  # the value of a label
)


def judged(before: bytes, fact: bytes, after: bytes) -> Assertion | None:
    """Return how a sentence states a fact; None where no cue reaches it. `before` and `after` are in normal form.

    Family wins over negation, negation over hypothesis, hypothesis over history.
    """
    kinds = _beginnings().kinds(before + b"\n" + after)
    if kinds & _RELATIVE and relatives.row_of_relative(before):
        return Assertion.FAMILY
    whole = before, after
    if b"   " in before or b"..." in before or b"(" in before:
        before = _WIDE.sub(b"  ", _COLUMN.sub(b"", _ASKED_BEFORE.sub(b"", before)))
        before = _BRACKETS.sub(b"", before)
    if b"   " in after or b"..." in after:
        after = _WIDE.sub(b"  ", after)
    if not kinds:  # nothing but a sign can say that the fact is not plainly stated
        if negation.by_signs(fact, after):
            return Assertion.NEGATED
        return Assertion.HYPOTHETICAL if doubt.by_signs(before, after) else None
    if kinds & _RELATIVE and relatives.of_relative(before, after):
        return Assertion.FAMILY
    if (kinds & _DENIAL or negation.by_signs(fact, after)) and negation.negated(before, fact, after):
        return Assertion.NEGATED
    doubts = kinds >> _DOUBTS
    if doubts or doubt.by_signs(before, after):
        if (before, after) != whole:  # what was parted by brackets may be a cue now
            doubts |= _beginnings().kinds(before + b"\n" + after) >> _DOUBTS
        if doubt.open_to_doubt(before, fact, after, doubts):
            return Assertion.HYPOTHETICAL
    return Assertion.HISTORY if kinds & _END and past.past(before, fact, after) else None


@cache
def _beginnings() -> Beginnings:
    return Beginnings(*(module.CUES for module in (relatives, negation, past)), *((cue,) for cue in doubt.CUES))


def minus(folded: bytes, end: int) -> bool:
    """Whether a minus sign on a fact says that it is not there: "VIH-"."""
    return _MINUS.match(folded, end) is not None
