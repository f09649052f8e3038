"""What the net sees farther off than a fact's sentence."""

from __future__ import annotations

import pytest

from phiscan.recognize.stated.around import around
from phiscan.recognize.stated.layout import Layout
from tests.eval.wordings import read_wording

FARTHER = ("T:", "P=", "PL=", "PS", "NS", "LY", "NY", "L:")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "Expertise. En 2012 il chuta. Une [fracture]{history}. Il marche.",
            "T:expert T:chuta T:une T:marche P=3 PL=0 PS:chuta PS:il PS:en PSK:PATIENT PSKc:PATIENT:diagnosis PSK:Y0"
            " PSKc:Y0:diagnosis NS:il NS:marche NSK:PATIENT NSKc:PATIENT:diagnosis LY=Y0:1 LY=Y0:1|diagnosis"
            " LYu=Y0:NOTHING NY=- L:expert L:chuta L:une L:marche",
        ),
        ("[HTA]{affirmed}", "P=0 PL=0 LY=- NY=-"),
    ],
)
def test_what_is_seen_farther_off(line: str, expected: str) -> None:
    seen = read_wording(line).page().seen(0)
    assert [name for name in seen if name.startswith(FARTHER)] == expected.split()


def test_among_nothing_but_facts_it_looks_no_farther_than_it_has_to() -> None:
    masked = b"debut. " + b"F, " * 1000 + b"fin."
    layout = Layout(masked, masked)
    at = 7 + 3 * 500
    near = list(around(layout, at, at, at + 1, "hiv", "NOTHING"))
    assert near == ["T:debut", "P=2", "PL=6", "LY=-", "NY=-"]
