"""The encoder that reads how facts are stated: words cut into pieces, windows of a passage, and what it says."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.model import Assertion
from phiscan.recognize.stated import encoder
from phiscan.recognize.stated.pieces import BEGIN, END, FACT, FACT_END, UNKNOWN, pieces
from phiscan.recognize.stated.sections import Under
from phiscan.recognize.stated.windows import CATEGORIES, Asked, windows
from tests.eval.wordings import read_wording

NAMES = list(pieces().number)
PLACES = 512  # that the encoder knows
SPANS = st.tuples(st.integers(0, 3000), st.integers(1, 120), st.sampled_from(CATEGORIES))


def cut(text: str, latest: int = 0) -> list[str]:
    """Return the pieces of a text."""
    return [NAMES[number] for number in pieces().of(text, latest)]


def test_text_is_cut_into_pieces_lines_and_columns() -> None:
    assert cut("Pas de diabète.\nHTA    non\n\nfin") == [
        "▁pas", "▁de", "▁di", "ab", "ète", ".", "<nl>", "▁", "hta", "<col>", "▁non", "<par>", "▁fin",
    ]  # fmt: skip


def test_years_are_told_by_their_distance_and_long_numbers_by_nothing() -> None:
    assert cut("en 2011", 2019) == cut("en 2018", 2026)
    assert cut("en 2030", 2019) == cut("en 2019", 2019)
    assert cut("dossier 4711 du 12") == cut("dossier 98712345 du 12") != cut("dossier 4711 du 13")


@given(st.text(max_size=200), st.integers(0, 2100))
def test_pieces_of_a_text_are_its_signs(text: str, latest: int) -> None:
    found = cut(text, latest)
    assert len(found) <= 3 * len(text) + 1
    assert not {BEGIN, END, FACT, FACT_END, "<pad>"} & set(found)


@given(st.text("abcdefghijklmnopqrstuvwxyzéèàç'-", min_size=1, max_size=60))
def test_pieces_of_a_word_spell_it(word: str) -> None:
    found = cut(word)
    assert UNKNOWN not in found
    assert "".join(found) == f"▁{word}"


@given(st.lists(SPANS, min_size=1, max_size=60), st.integers(0, 3000))
def test_every_fact_is_asked_once_between_its_marks(spans: list[tuple[int, int, str]], more: int) -> None:
    text = "mot " * (more // 4) + "diabète, HTA " * 240
    facts = [
        Asked(start, min(start + size, len(text)), category, Under.PAST)
        for start, size, category in spans
        if start < len(text)
    ]
    asked: list[int] = []
    for window in windows(text, facts, 2026, pieces()):
        assert len(window.pieces) < PLACES
        assert (window.pieces[0], window.pieces[-1]) == (pieces().number[BEGIN], pieces().number[END])
        assert [at for at, one in enumerate(window.pieces) if NAMES[one] == FACT] == [m.begin for m in window.marks]
        assert [at for at, one in enumerate(window.pieces) if NAMES[one] == FACT_END] == [m.end for m in window.marks]
        for mark in window.marks:
            for at in mark.facts:
                assert CATEGORIES[mark.category - 1] in {one.category for one in facts}
                assert mark.under == Under.PAST.value + 1
                asked.append(at)
    assert sorted(asked) == list(range(len(facts)))


def test_a_window_far_down_begins_as_the_passage_does() -> None:
    text = "Rapport d'expertise. Diabète connu. " + "Il va bien. " * 300 + "Une HTA."
    facts = [Asked(21, 28, "diagnosis", Under.NOTHING), Asked(len(text) - 4, len(text) - 1, "diagnosis", Under.NOTHING)]
    first, last = windows(text, facts, 0, pieces())
    assert [mark.facts for mark in first.marks] == [(0,)]
    assert [mark.facts for mark in last.marks] == [(), (1,)]  # the diabetes is there to be read
    opening = cut("Rapport d'expertise.")
    assert [NAMES[one] for one in last.pieces[1 : 1 + len(opening)]] == opening
    assert "".join(NAMES[one] for one in last.pieces).count("expertise") == 1


def test_a_fact_across_the_end_of_the_opening_is_no_part_of_it() -> None:
    long = "maladie " * 20
    text = "Le dossier dit : " * 6 + long + "Il va bien. " * 300 + "Une HTA."
    facts = [Asked(102, 102 + len(long) - 1, "diagnosis", Under.NOTHING)]
    facts.append(Asked(len(text) - 4, len(text) - 1, "diagnosis", Under.NOTHING))
    first, *_, last = windows(text, facts, 0, pieces())
    assert [(mark.begin, mark.end) for mark in first.marks] == [(25, 40)]  # the opening has 36 pieces
    assert [NAMES[one] for one in last.pieces[1:25]] == cut("Le dossier dit : " * 6)[:24]
    assert [mark.facts for mark in last.marks] == [(1,)]
    assert [NAMES[one] for one in last.pieces].count(FACT) == 1


def test_what_is_said_of_each_fact_are_shares_of_one() -> None:
    text = "Pas de VIH. " + "Le patient va bien. " * 200 + "Sa mère : diabète."
    facts = [Asked(7, 10, "hiv", Under.NOTHING), Asked(len(text) - 8, len(text) - 1, "diagnosis", Under.NOTHING)]
    said = encoder.read(text, facts, 0)
    assert [math.fsum(map(math.exp, one)) for one in said] == pytest.approx([1, 1], abs=1e-5)
    assert [max(Assertion, key=lambda one: row[one]) for row in said] == [Assertion.NEGATED, Assertion.FAMILY]


def test_nothing_asked_nothing_said() -> None:
    assert encoder.read("rien", [], 0) == []


def test_two_facts_at_one_place_are_told_alike_and_one_within_another_is_read_for_itself() -> None:
    text = "Pas de cancer du sein gauche."
    whole, within = (7, 21), (7, 13)
    facts = [Asked(*span, "cancer", Under.NOTHING) for span in (whole, whole, within)]
    said = encoder.read(text, facts, 0)
    assert said[0] == said[1] != said[2]


@pytest.mark.parametrize(
    "line",
    [  # in no file that the encoder was trained on: nothing but the course tells
        "Il a pris du [lithium]{history treatment} tout l'été, puis plus rien ; vit sans traitement depuis.",
        "La [chimiothérapie]{hypothetical treatment} attendra que la plaie soit refermée.",
        "Chez sa jumelle, on a trouvé un [lupus]{family} l'an dernier.",
    ],
)
def test_what_only_the_course_tells(line: str) -> None:
    one = read_wording(line)
    (said,) = encoder.read(one.text, one.page().asked(), 0)
    assert max(Assertion, key=lambda kind: said[kind]) is one.stated[0]
