"""How facts are stated in prose: the sentences that cells are held to as well, and texts of any kind."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.model import Assertion
from phiscan.recognize.prose import qualify_prose
from tests.eval.wordings import read_sentence, read_wording
from tests.recognize.sentences import CUES_ONLY, SENTENCES


def stated(sentence: str) -> list[str]:
    """Return how each bracketed fact of a sentence is stated."""
    one = read_sentence(sentence, "")
    return [found.name for found in qualify_prose(*one.passage(), one.spans, one.categories)]


@pytest.mark.parametrize(("sentence", "expected"), [*SENTENCES, *CUES_ONLY])
def test_sentences(sentence: str, expected: str) -> None:
    assert stated(sentence) == expected.split()


def test_paragraphs_are_judged_each_for_itself() -> None:
    text = "Pas de [VIH].\n\nUn [asthme] connu.\n \nSa mère : [diabète].\fLa patiente a un [cancer] du sein."
    assert stated(text) == ["NEGATED", "AFFIRMED", "FAMILY", "AFFIRMED"]


def test_facts_far_inside_a_wall_of_text() -> None:
    wall = "Le patient va bien. " * 500
    assert stated(f"{wall}Pas de [VIH]. {wall}Un [asthme]. {wall}Pas de [diabète].") == [
        "NEGATED",
        "AFFIRMED",
        "NEGATED",
    ]


def test_no_facts_no_answers() -> None:
    assert stated("rien") == []


def test_accents_and_odd_spaces_keep_their_places() -> None:
    assert stated("Élève âgée\u00a0: pas\u202fd’[asthme] — « ni » [VIH].") == ["NEGATED", "NEGATED"]


@settings(max_examples=25)
@given(
    st.text(st.characters(exclude_characters="[]"), max_size=80),
    st.text(st.characters(exclude_characters="[]"), max_size=80),
)
def test_any_prose_is_qualified(before: str, after: str) -> None:
    assert set(stated(f"{before}[VIH]{after}")) <= {one.name for one in Assertion}


@pytest.mark.parametrize("between", [" : ", " ? ", "   ", " ........ ", " "])
@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("☒ oui ☐ non", "☐ oui ☒ non"),
        ("[x] oui [ ] non", "[ ] oui [x] non"),
        ("[X] Oui   [ ] Non", "[ ] Oui   [X] Non"),
        ("☑ OUI / ☐ NON", "☐ OUI / ☑ NON"),
        ("☐ non ☒ oui", "☒ non ☐ oui"),
    ],
)
def test_a_ticked_box_says_whether_it_is_denied(between: str, yes: str, no: str) -> None:
    def told(fact: str, boxes: str) -> str:
        one = read_wording(f"[{fact}]{{affirmed}}{between}" + boxes.replace("[", "\\["))
        return one.page().stated()[0].name

    assert "NEGATED" not in [told(fact, yes) for fact in ("VIH", "diabète", "hépatite C")]
    assert [told(fact, no) for fact in ("VIH", "diabète", "hépatite C")] == ["NEGATED"] * 3
