"""Why a span does not count, in words of the recognizers alone: for `phiscan explain`, never of the file."""

from __future__ import annotations

from collections.abc import Iterable

from phiscan.recognize.recognizer import COUNTS_FROM, Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.schema import EVIDENCE, RecognizerFile
from phiscan.recognize.spans import Span, stands_near
from phiscan.recognize.terms import words_pattern

_SHOWN = 3
_BEFORE = 40  # characters in which a word of `not_after` is looked for


def evidence_names(bits: int) -> tuple[str, ...]:
    """Return evidence as the YAML names it."""
    return tuple(name for at, name in enumerate(EVIDENCE) if bits >> at & 1)


def needs(recognizer: Recognizer, evidence: int, *, model: bool) -> tuple[str, ...]:
    """Return what would make a span count beside the evidence it has, as keys of `score`: the least first.

    Only what may stand beside it: a label, a word, a passed check, a clinical document, a site's model.
    """
    there = set(evidence_names(evidence))
    beside = {"field", "context", "valid", "clinical", *(("model",) if model else ())}
    missing = {
        tuple(name for name in key.split("+") if name not in there)
        for key, score in recognizer.file.score.items()
        if score >= COUNTS_FROM
    }
    missing = {one for one in missing if one and beside.issuperset(one)}
    least = (one for one in missing if not any(set(other) < set(one) for other in missing))
    return tuple("+".join(one) for one in sorted(least, key=lambda one: (len(one), one)))[:_SHOWN]


def nearby(words: Iterable[str], window: int, span: Span, folded: bytes, normal: bytes) -> tuple[str, ...]:
    """Return those of a recognizer's words that stand near a span, as its file writes them."""
    patterns = ((word, words_pattern([word])) for word in words)
    return tuple(
        word
        for word, pattern in patterns
        if pattern is not None and stands_near(pattern, window, span, folded, normal, False)
    )


def rejecting(file: RecognizerFile, span: Span, folded: bytes, normal: bytes) -> tuple[str, ...]:
    """Return the words of `reject_near` that stand near a span, else those of `not_after` that stand before it."""
    near = file.reject_near
    found = () if near is None else nearby(near.words, near.window, span, folded, normal)
    return found or nearby(file.not_after, _BEFORE, span, folded, normal)


def excluding(ruleset: Ruleset, span: Span, normal: bytes) -> tuple[str, ...]:
    """Return the excluding phrases of a span's recognizer in which it lies, in their normal form."""
    found = []
    for literal in ruleset.literals:
        if any(use.recognizer == span.recognizer and not use.evidence for use in literal.uses):
            at = normal.find(literal.text.encode(), max(0, span.end - literal.size - 40), span.start + literal.size + 1)
            if at >= 0 and at <= span.start:
                found.append(literal.text)
    return tuple(sorted(found, key=len, reverse=True)[:1])
