"""How facts are stated in `stated.txt`: wordings of letters, results, notes and headings, one a line."""

from __future__ import annotations

from collections import Counter

import pytest

from phiscan.fold import fold
from phiscan.recognize.prose import qualify_prose
from phiscan.recognize.spans import Span, normal_form
from tests.eval.documents import Document
from tests.eval.reading import read as scan
from tests.eval.wordings import STATED, lines, read_wording

LINES = lines(STATED)


@pytest.mark.parametrize("line", LINES)
def test_wording(line: str) -> None:
    one = read_wording(line)
    assert qualify_prose(*one.passage(), one.spans, one.categories) == one.stated


def test_there_are_wordings_of_every_kind() -> None:
    facts = Counter(stated.name for line in LINES for stated in read_wording(line).stated)
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
