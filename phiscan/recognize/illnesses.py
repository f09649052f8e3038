"""Columns and sentences that are illnesses and drugs and nothing else.

What people deal with is told with a word of what they do there ("Dossier diabète", "Unité Alzheimer"); an illness by
itself is somebody's. So no header, and no title of a paper of work, makes subjects of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from phiscan.model import Kind
from phiscan.recognize.freetext import FreeText
from phiscan.recognize.listwords import list_words
from phiscan.recognize.plan import Column
from phiscan.recognize.recognizer import Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span

DRUGS = "treatment"
_DIFFERENT = 3  # of a subject people have one or two
_MOST = 0.5
_OTHERS = frozenset({"exam_date", "lab_result"})  # facts that are no illness and no drug
_LETTER = re.compile(rb"[a-z]")


def is_illness(recognizer: Recognizer) -> bool:
    """Whether a recognizer finds illnesses or drugs."""
    return recognizer.kind is Kind.HEALTH and recognizer.category not in _OTHERS


def nothing_but(facts: Iterable[Span], start: int, end: int, normal: bytes) -> bool:
    """Whether what stands from `start` to `end` is some of the facts, and no word but of how and since when."""
    left, held = bytearray(normal[start:end]), False
    for fact in facts:
        if start <= fact.start and fact.end <= end:
            left[fact.start - start : fact.end - start] = b" " * (fact.end - fact.start)
            held = True
    return held and not _LETTER.search(list_words("illness_qualifiers").sub(b"", bytes(left)))


def of_illnesses(column: Column, values: list[str], ruleset: Ruleset, *, drugs: bool = True) -> bool:
    """Whether most of the different values of a column are an illness (or, `drugs`, a drug), and several differ."""
    import pyarrow as pa

    if len(values) < _DIFFERENT:
        return False
    found, starts = FreeText(ruleset).explained(column, pa.array(values, pa.string()))
    facts = [span for span in found.spans if is_illness(ruleset.recognizers[span.recognizer])]
    taken = {(span.start, span.end) for span in facts if ruleset.recognizers[span.recognizer].category == DRUGS}
    facts = [span for span in facts if drugs or (span.start, span.end) not in taken]
    bare = {
        found.normal[start:end].strip()
        for start, end in zip(starts, [*starts[1:], len(found.normal)], strict=False)
        if nothing_but(facts, start, end, found.normal)
    }
    return len(bare) >= max(_DIFFERENT, _MOST * len(values))
