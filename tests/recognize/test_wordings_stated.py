"""How facts are stated in `stated.txt`: wordings of letters, results, notes and headings, one a line."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from phiscan.fold import fold
from phiscan.isolate.libraries import prepare
from phiscan.recognize.prose import qualify_prose
from phiscan.recognize.spans import Span, normal_form
from tests.eval.documents import Document
from tests.eval.reading import read as scan

_MARK = re.compile(r"\[([^\[\]]+)\]\{(\w+)(?: (\w+))?\}")
LINES = [
    line
    for line in (Path(__file__).parent / "stated.txt").read_text("utf-8").split("\n")
    if line and not line.startswith("#")
]


@pytest.fixture(scope="module", autouse=True)
def eds() -> None:
    """Load EDS-NLP once, as a worker does."""
    prepare()


def read(line: str) -> tuple[str, list[Span], list[str], list[str]]:
    """Return the text of a line, its facts, how each is stated, and their categories."""
    line = line.replace("\\n", "\n")
    text, at = "", 0
    spans: list[Span] = []
    stated: list[str] = []
    categories: list[str] = []
    for mark in _MARK.finditer(line):
        text += line[at : mark.start()].replace("\\[", "[").replace("\\]", "]")
        spans.append(Span(0, len(text), len(text) + len(mark[1]), 0))
        text, at = text + mark[1], mark.end()
        stated.append(mark[2].upper())
        categories.append(mark[3] or "")
    return text + line[at:].replace("\\[", "[").replace("\\]", "]"), spans, stated, categories


@pytest.mark.parametrize("line", LINES)
def test_wording(line: str) -> None:
    text, spans, expected, categories = read(line)
    folded = fold(text)
    found = qualify_prose(text, folded, normal_form(folded, cells=False), spans, categories)
    assert [one.name for one in found] == expected


def test_there_are_wordings_of_every_kind() -> None:
    facts = Counter(name for line in LINES for name in read(line)[2])
    assert facts == {"AFFIRMED": 188, "HISTORY": 218, "NEGATED": 247, "HYPOTHETICAL": 207, "FAMILY": 76}


def test_a_box_is_read_and_asks_nothing() -> None:
    text = "Cancer ☐ oui ☑ non, tabac Ø"
    folded = fold(text)
    spans = [Span(0, 0, 6, 0), Span(0, text.index("tabac"), text.index("tabac") + 5, 0)]
    found = qualify_prose(text, folded, normal_form(folded, cells=False), spans, ["cancer", "addiction"])
    assert [one.name for one in found] == ["NEGATED", "NEGATED"]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Pas de métastase au scanner du 04/05/2024.", [("métastase", "NEGATED"), ("04/05/2024", "AFFIRMED")]),
        (
            "ATCD MÉDICAUX\n   Psy     : dépression\n   Infect. : VIH nég\n\nTRAITEMENT\n  sertraline",
            [("Psy", "HISTORY"), ("dépression", "HISTORY"), ("VIH", "NEGATED"), ("sertraline", "AFFIRMED")],
        ),
    ],
)
def test_days_are_not_denied_and_headings_rule_the_values_of_labels(text: str, facts: list[tuple[str, str]]) -> None:
    text = f"Mme DUPONT Marie née le 12/03/1965\n\n{text}\n"
    hits = scan(Document("letter", 0, "letter", "letter.txt", text, ())).hits
    assert [(text[hit.start : hit.end], hit.assertion.name) for hit in hits[2:]] == facts
