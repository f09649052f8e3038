"""Our cue patterns, which alone qualify table cells, beside EDS-NLP's qualifiers on the same sentences.

`sentences_eds.tsv` holds the truth and every disagreement with its reason: a new one on either side fails here.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from phiscan.fold import fold
from phiscan.isolate.libraries import prepare
from phiscan.model import Assertion
from phiscan.recognize.assertion import qualify
from phiscan.recognize.examples import parse_example
from phiscan.recognize.spans import normal_form

ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("sentences_eds.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
QUALIFIERS = ("family", "negation", "hypothesis", "history")  # the stronger before the weaker
NAMES = dict(zip(QUALIFIERS, ("FAMILY", "NEGATED", "HYPOTHETICAL", "HISTORY"), strict=True))


def marked(sentence: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a sentence without its brackets, and where they stood."""
    text, spans = parse_example(sentence)
    return text, [(start, end) for start, end, _ in spans]


@pytest.fixture(scope="module")
def eds() -> Any:
    """Return EDS-NLP's own pipeline, built as its documentation does."""
    prepare()
    import edsnlp
    from loguru import logger

    logger.remove()
    nlp = edsnlp.blank("eds")
    nlp.add_pipe("eds.sentences")
    for name in QUALIFIERS:
        sections = {"use_sections": False} if name in ("family", "history") else {}
        nlp.add_pipe(f"eds.{name}", config={"span_getter": {"facts": True}, **sections})
    return nlp


def by_eds(nlp: Any, sentence: str) -> list[str]:
    """Return how EDS-NLP says that each fact is stated."""
    text, spans = marked(sentence)
    doc = nlp.make_doc(text)
    doc.spans["facts"] = [doc.char_span(*span, label="fact", alignment_mode="expand") for span in spans]
    for _, pipe in nlp.pipeline:
        doc = pipe(doc)
    return [
        next((NAMES[name] for name in QUALIFIERS if getattr(span._, name)), "AFFIRMED") for span in doc.spans["facts"]
    ]


def by_cues(sentence: str) -> list[str]:
    """Return how our patterns say that each fact of a cell is stated."""
    text, spans = marked(sentence)
    folded = fold(text)
    normal = normal_form(folded, cells=True)
    return [qualify(normal, start, end, folded).name for start, end in spans]


def test_the_set_is_worth_it() -> None:
    assert len({row[0] for row in ROWS}) == len(ROWS) == 160
    facts = Counter(stated for row in ROWS for stated in row[1].split())
    assert facts == {"AFFIRMED": 41, "NEGATED": 44, "HYPOTHETICAL": 37, "FAMILY": 29, "HISTORY": 16}
    assert set(facts) == {one.name for one in Assertion}
    assert [row[0] for row in ROWS if len(row) not in (2, 4)] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_our_cues_are_right(row: list[str]) -> None:
    assert by_cues(row[0]) == row[1].split()


@pytest.mark.filterwarnings("ignore")
def test_eds_nlp_disagrees_where_we_know_it_to(eds: Any) -> None:
    said = {row[0]: by_eds(eds, row[0]) for row in ROWS}
    assert said == {row[0]: row[2 if len(row) > 2 else 1].split() for row in ROWS}
    assert sum(len(row) > 2 for row in ROWS) == 30
