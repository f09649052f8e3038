"""How a fact is stated in prose: EDS-NLP's French qualifiers on the sentences round our hits.

Loaded when the first health fact of an identified person stands in prose, and not before: it costs
seconds. What medical shorthand decides (VIH-, "?", "ne permet pas d'exclure") stays with
`phiscan.recognize.assertion`.
"""

from __future__ import annotations

import re
import warnings
from functools import cache
from typing import Any

from phiscan.model import Assertion
from phiscan.recognize.assertion import pseudo_negated, qualify
from phiscan.recognize.spans import Span

_PARAGRAPH = re.compile(r"\n[ \t]*\n|\f")
_GROUP = "phiscan"  # the group of spans that the qualifiers look at: unlike entities they may overlap
_MAX = 4000  # characters of one piece that is parsed: a hit far inside a wall of text gets its surroundings


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
        for name in ("negation", "family", "hypothesis", "history"):
            sections = {"use_sections": False} if name in ("family", "history") else {}
            nlp.add_pipe(f"eds.{name}", config={"span_getter": {_GROUP: True}, **sections})
    return nlp


def qualify_prose(text: str, folded: bytes, normal: bytes, spans: list[Span]) -> list[Assertion]:
    """Return the assertion of each span of a text (spans in order of position)."""
    stated: list[Assertion] = []
    for start, end, group in paragraphs(text, spans):
        parsed = _parse(text[start:end], [(span.start - start, span.end - start) for span in group])
        for span, by_eds in zip(group, parsed, strict=True):
            by_cues = qualify(normal, span.start, span.end, folded)
            if pseudo_negated(normal, span.start, span.end, folded):
                stated.append(by_cues)
            else:
                stated.append(max(by_cues, by_eds))
    return stated


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


def _parse(text: str, offsets: list[tuple[int, int]]) -> list[Assertion]:
    nlp = _pipeline()
    doc = nlp.make_doc(text)
    spans = [doc.char_span(start, end, label="fact", alignment_mode="expand") for start, end in offsets]
    doc.spans[_GROUP] = [span for span in spans if span is not None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _, pipe in nlp.pipeline:
            doc = pipe(doc)
    return [_stated(span) for span in spans]


def _stated(span: Any) -> Assertion:
    if span is None:
        return Assertion.AFFIRMED
    order = (
        ("family", Assertion.FAMILY),
        ("negation", Assertion.NEGATED),
        ("hypothesis", Assertion.HYPOTHETICAL),
        ("history", Assertion.HISTORY),
    )
    return next((assertion for name, assertion in order if getattr(span._, name)), Assertion.AFFIRMED)
