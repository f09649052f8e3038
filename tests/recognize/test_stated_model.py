"""The model of how facts are stated: its weights, what it sees, and wordings that it was not written for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.fold import fold
from phiscan.model import Assertion
from phiscan.recognize.stated.layout import Layout, stem
from phiscan.recognize.stated.model import decide, sums, weights, without
from phiscan.recognize.stated.nature import natures
from phiscan.recognize.stated.reasons import reasons
from tests.eval.net import HIDDEN, SEEDS
from tests.eval.stated import named, words
from tests.eval.wordings import Wording, read_wording
from tests.generate import names


def seen(line: str) -> list[list[str]]:
    """Return what is seen of each fact of a wording."""
    one = read_wording(line)
    return [one.page().seen(at) for at in range(len(one.spans))]


def test_weights_are_those_of_features_and_assertions() -> None:
    net = weights()
    units = len(net.thresholds)
    assert net.rows.shape == (len(net.numbers), len(Assertion) + units)
    assert net.votes.shape == (units, len(Assertion))
    assert (net.numbers[""], units) == (0, HIDDEN * len(SEEDS))


def test_no_feature_is_a_persons_name() -> None:
    called = named()
    assert {"diallo", "nguyen", "lemoin"} <= called
    assert not {"motif", "patien", "petit", "atcd", "vih"} & called
    persons = {stem(fold(name).decode("ascii").lower()) for name in (*names.SURNAMES, *names.FEMALE, *names.MALE)}
    assert {word for name in weights().numbers for word in words(name)} & (persons | called) == set()


def test_what_is_seen() -> None:
    (found,) = seen("ATCD : pas d'[asthme]{negated diagnosis}.")
    assert found[:12] == [
        "c=diagnosis", "f=asthme", "ft=asthme", "b1=d", "a1=.", "b2=pas", "a2=</s>", "b3=:", "a3=</s>", "b21=pas d",
        "b321=: pas d", "a12=. </s>",
    ]  # fmt: skip
    assert [name for name in found if name.startswith(("BK:NO", "h:", "u="))] == [
        "BK:NO", "BK:NO:2:0", "h:atcd", "h:atcd:0", "u=PAST", "u=|PAST|diagnosis",
    ]  # fmt: skip


def test_numbers_are_seen_by_their_length_and_years_by_their_distance() -> None:
    layout = Layout(b"", b"le 12 mai 2019 puis 2026 et 123456")
    assert layout.tokens == ["le", "#2", "mai", "YY", "puis", "Y0", "et", "#"]


def test_nothing_seen_is_affirmed_and_what_is_unknown_or_said_twice_adds_nothing() -> None:
    assert decide(sums([])) is Assertion.AFFIRMED
    assert sums(["BK:NO", "BK:NO", "no such feature", ""]) == sums(["BK:NO"])
    assert sums(["BK:NO"])[Assertion.NEGATED] - sums([])[Assertion.NEGATED] > 0


def test_a_net_adds_units_above_their_threshold_to_the_linear_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "weights.tsv"
    common = ["=step\t0.5", "=thresholds\t-1.0\t0.25"]
    common += [f"={one.name.lower()}\t{int(one)}.0\t-2.0" for one in Assertion]
    file.write_text("\n".join([*common, "\t   10    0    0    0    0\tPP", "x\t    0    0  200   -0    0\tVO"]) + "\n")
    monkeypatch.setattr("phiscan.recognize.stated.model.WEIGHTS", file)
    weights.cache_clear()
    try:
        base = [0.1 - 0.5, -0.5, -0.5, -0.5, -0.5]  # the second unit stands at 0.25, and votes -2 for each
        assert sums([]) == pytest.approx(base)
        assert sums(["x"]) == pytest.approx([0.1, 2.0, 2.0 + 4.0, 6.0, 8.0])  # 3.0 - 1.0 and max(0, -0.5 + 0.25)
        assert without(["x"], [frozenset(["x"]), frozenset(["y"])])[0] == pytest.approx(base)
        assert decide(sums(["x"])) is Assertion.FAMILY
        assert decide([0.0, 1.0, 3.0, 3.0, 2.0]) is Assertion.HYPOTHETICAL  # of equals the weaker
    finally:
        weights.cache_clear()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Pas d'[asthme]{negated diagnosis}.", {"before:pas d", "before:pas", "before_kind:NO"}),
        ("Suspicion de [sarcoïdose]{hypothetical diagnosis}.", {"before:suspic", "before:suspic de"}),
        ("Sa mère a un [glaucome]{family diagnosis}.", {"before:mere", "before_kind:KIN", "opening:sa mere"}),
    ],
)
def test_reasons_are_the_words_that_say_it(line: str, expected: set[str]) -> None:
    one = read_wording(line)
    found = one.page().seen(0)
    told = reasons(found, sums(found))
    assert decide(sums(found)) is one.stated[0]
    assert told.because[0] in expected
    assert 0.5 < told.sure <= 1
    assert told.instead != one.stated[0].name.lower()


def test_the_passage_is_the_reason_where_signs_would_have_it_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    one = read_wording("Suspicion de [sarcoïdose]{negated diagnosis}.")
    monkeypatch.setattr("phiscan.recognize.stated.encoder.read", lambda *_: [[0.0, 0.0, 0.0, 90.0, 0.0]])
    page = one.page()
    assert page.stated() == one.stated
    (told,) = page.reasons()
    assert (told.because[0], round(told.sure, 6), told.instead) == ("passage:", 1.0, "hypothetical")


def test_reasons_hold_no_word_that_was_not_learnt() -> None:
    one = read_wording("Madame Xyzzyva dit ne pas avoir de [diabète]{negated diagnosis}.")
    assert "xyzzyv" not in " ".join(one.page().reasons()[0].because)


@pytest.mark.parametrize(
    "line",
    [  # in no file that the model was trained on
        "Le patient souffre d'une [polyarthrite]{affirmed diagnosis} depuis huit ans.",
        "L'exploration complète n'a révélé aucun [lymphome]{negated cancer}.",
        "On s'interroge sur une possible [sarcoïdose]{hypothetical diagnosis}.",
        "Son grand-père maternel avait un [glaucome]{family diagnosis}.",
        "Il a souffert d'une [pleurésie]{history infection} en 1998.",
        "Nous débuterons l'[azathioprine]{hypothetical treatment} si la fonction hépatique le permet.",
    ],
)
def test_plain_wordings(line: str) -> None:
    one = read_wording(line)
    assert one.page().stated() == one.stated


@settings(max_examples=100)
@given(
    st.text(st.characters(exclude_characters="[]{}\\"), max_size=60),
    st.text(st.characters(exclude_characters="[]{}\\"), max_size=60),
)
def test_anything_may_stand_round_a_fact(before: str, after: str) -> None:
    one = read_wording(f"{before}[VIH]{{affirmed hiv}}{after}")
    assert isinstance(one, Wording)
    (found,) = [one.page().seen(at) for at in range(len(one.spans))]
    assert decide(sums(found)) in Assertion
    assert set(one.page().stated()) <= set(Assertion)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["pneumopathie"], ["PASSING"]),
        (["bpco"], ["LASTING"]),
        (["thyroidectomie"], ["DONE"]),
        (["josacine"], ["COURSE"]),
        (["aah"], ["RIGHT"]),
        (["xyzzyva"], []),
    ],
)
def test_what_facts_are_by_nature(words: list[str], expected: list[str]) -> None:
    assert natures(words) == expected
