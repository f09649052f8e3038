"""What a site's language model names in a passage, as further evidence beside the rules.

A model is slow and knows nothing of patients. So it is asked only about the paragraphs in which something
counts already; a hit that it names too gets the evidence `model`; and an entity that no rule has found is a
candidate, which the recognizer that claims its label weighs like any other. It never takes a hit away. The
labels stand in the recognizers (`entities`), `phiscan.recognize.sitemodel` loads the model.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from phiscan.recognize.ruleset import Ruleset
    from phiscan.recognize.spans import Span

_PARAGRAPH = re.compile(r"\n[ \t]*\n|\f")
_MAX = 4000  # characters of one piece that is parsed: a hit far inside a wall of text gets its surroundings
_PUNCTUATION = " \t\n\r\f,;:.()[]\"'«»-/|"


class Entity(NamedTuple):
    """What a model named: its label, and half-open offsets in characters."""

    label: str
    start: int
    end: int


class EntityModel(Protocol):
    """What phiscan asks of a language model."""

    digest: str
    """Says which model in which version, so that what was read with another is read again."""

    def entities(self, text: str) -> list[Entity]:
        """Return what it names in a passage of at most a few thousand characters."""


class ModelFailed(Exception):
    """The model could not read a passage. Holds nothing of it."""


def apply(model: EntityModel, text: str, spans: Sequence[Span], ruleset: Ruleset) -> tuple[list[Span], list[Span]]:
    """Ask the model about the paragraphs that hold spans that count; return what is to be weighed.

    That is those of `spans` that have the evidence now, and the candidates.

    `text` is the passage that was folded, `spans` are weighed. Raises `ModelFailed`.
    """
    counted = sorted((span for span in spans if span.score and not span.why), key=lambda span: span.start)
    named: list[Entity] = []
    for start, end, _ in paragraphs(text, counted):
        named += _within(model, text, start, end)
    named = _joined(text, dict.fromkeys(named), ruleset)
    return _confirmed(named, spans, ruleset), _candidates(named, counted, ruleset)


def _within(model: EntityModel, text: str, start: int, end: int) -> list[Entity]:
    """The entities of a piece, each within its line and without the marks round it."""
    try:
        found = model.entities(text[start:end])
    except MemoryError:
        raise
    except Exception:  # a model may raise anything; its messages can quote the passage
        raise ModelFailed from None
    trimmed = []
    for label, low, high in found:
        said = text[start + low : start + high].split("\n", maxsplit=1)[0]
        bare = said.strip(_PUNCTUATION)
        if bare:
            at = start + low + said.index(bare)
            trimmed.append(Entity(label.upper(), at, at + len(bare)))
    return trimmed


def _joined(text: str, named: Iterable[Entity], ruleset: Ruleset) -> list[Entity]:
    """Join neighbours that the same recognizers claim: clinical models name surname and given name apart."""
    joined: list[Entity] = []
    for entity in sorted(named, key=lambda one: one.start):
        claimed = ruleset.entities.get(entity.label)
        if not claimed:
            continue
        last = joined[-1] if joined else None
        if last and ruleset.entities[last.label] == claimed and text[last.end : entity.start] in ("", " ", "  "):
            joined[-1] = Entity(last.label, last.start, max(last.end, entity.end))
        else:
            joined.append(entity)
    return joined


def _confirmed(named: Sequence[Entity], spans: Sequence[Span], ruleset: Ruleset) -> list[Span]:
    """Give the evidence to the spans of an entity's category that it overlaps, and make them ready to be weighed."""
    from phiscan.recognize.recognizer import MODEL

    order = sorted((span for span in spans if span.evidence and span.why in ("", "score")), key=lambda s: s.start)
    starts = [span.start for span in order]
    widest = max((span.end - span.start for span in order), default=0)
    changed: dict[int, Span] = {}
    for label, start, end in named:
        categories = {ruleset.recognizers[index].category for index in ruleset.entities[label]}
        for span in order[bisect_left(starts, start - widest) : bisect_left(starts, end)]:
            if span.end > start and ruleset.recognizers[span.recognizer].category in categories:
                span.evidence |= MODEL
                span.score, span.why = 0.0, ""
                changed[id(span)] = span
    return list(changed.values())


def _candidates(named: Sequence[Entity], counted: Sequence[Span], ruleset: Ruleset) -> list[Span]:
    """A span for each entity that touches nothing that counts: what rules have found is theirs."""
    from phiscan.recognize.recognizer import MODEL
    from phiscan.recognize.spans import Span

    free = (one for one in named if not any(span.start < one.end and one.start < span.end for span in counted))
    return [
        Span(index, start, end, MODEL)
        for label, start, end in free
        for index in ruleset.entities[label]
        if ruleset.recognizers[index].takes_entities
    ]


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
