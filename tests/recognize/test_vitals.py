"""Observation charts: what is measured at a bedside is a fact about whoever the chart names."""

from __future__ import annotations

import pytest

from phiscan.scan.scanner import Observer
from tests.eval.reading import scanned, severity_of

PATIENT = "<div><b>M.</b> <b>KERVRAN</b> <b>Loïc</b> <b>06/11/1990</b> <b>IPP&nbsp;87649961</b></div>"
SIGNS = {"TA": "9/5", "T°": "39,2", "SpO2": "88", "Diurèse": "200", "Conscience (Glasgow)": "13"}


def chart(signs: dict[str, str], patient: str = PATIENT) -> str:
    rows = "".join(f"<tr><th>{sign}</th><td>{value}</td><td>{value}</td></tr>" for sign, value in signs.items())
    return f"<html><body>{patient}<table><tr><th></th><th>08h</th><th>12h</th></tr>{rows}</table></body></html>"


def judged(text: str) -> tuple[str, int, int]:
    facts, _ = scanned("feuille.html", text.encode(), Observer())
    return severity_of(facts).name.lower(), facts.persons, facts.identified_health


def test_a_chart_is_about_whom_it_names() -> None:
    assert judged(chart(SIGNS)) == ("critical", 1, 1)


@pytest.mark.parametrize(
    ("signs", "patient", "expected"),
    [
        ({"TA": "9/5", "SpO2": "88"}, PATIENT, ("low", 1, 0)),
        ({"T°": "21", "Hygrométrie": "50", "Saturation": "40", "Débit": "200"}, PATIENT, ("low", 1, 0)),
        (SIGNS, "", ("info", 0, 0)),
    ],
)
def test_other_charts(signs: dict[str, str], patient: str, expected: tuple[str, int, int]) -> None:
    assert judged(chart(signs, patient)) == expected
