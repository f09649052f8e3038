"""The model of how facts are stated: its weights, what it sees, and wordings that it was not written for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.fold import fold
from phiscan.model import Assertion
from phiscan.recognize.stated.layout import Layout, stem
from phiscan.recognize.stated.model import decide, sums, weights
from tests.eval.wordings import Wording, read_wording
from tests.generate import names


def seen(line: str) -> list[list[str]]:
    """Return what is seen of each fact of a wording."""
    one = read_wording(line)
    return [one.page().seen(at) for at in range(len(one.spans))]


def test_weights_are_those_of_features_and_assertions() -> None:
    assert {len(values) for values in weights().values()} == {len(Assertion)}
    assert [name for name, values in weights().items() if name and max(map(abs, values)) < 4] == []


def test_no_feature_is_a_persons_name() -> None:
    persons = {stem(fold(name).decode("ascii").lower()) for name in (*names.SURNAMES, *names.FEMALE, *names.MALE)}
    words = {word for name in weights() for word in "".join(c if c.isalpha() else " " for c in name).split()}
    assert words & persons == set()


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


def test_nothing_seen_is_affirmed_and_sums_add_up() -> None:
    assert decide([]) is Assertion.AFFIRMED
    base, one = sums([]), sums(["BK:NO"])
    assert [round(100 * (b - a)) for a, b in zip(base, one, strict=True)] == list(weights()["BK:NO"])
    assert sums(["BK:NO", "BK:NO", "no such feature"]) == one


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
    assert [decide(one.page().seen(at)) for at in range(len(one.spans))] == one.stated


@settings(max_examples=100, deadline=None)
@given(
    st.text(st.characters(exclude_characters="[]{}\\"), max_size=60),
    st.text(st.characters(exclude_characters="[]{}\\"), max_size=60),
)
def test_anything_may_stand_round_a_fact(before: str, after: str) -> None:
    one = read_wording(f"{before}[VIH]{{affirmed hiv}}{after}")
    assert isinstance(one, Wording)
    (found,) = [one.page().seen(at) for at in range(len(one.spans))]
    assert decide(found) in Assertion
