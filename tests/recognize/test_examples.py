"""Examples: how they are written, and that one which does not hold is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from phiscan.recognize.examples import Checker, parse_example
from tests.recognize.small import loaded, of, recognizer


@pytest.mark.parametrize(
    ("written", "text", "spans"),
    [
        ("rien", "rien", []),
        ("[VIH]", "VIH", [(0, 3, None)]),
        ("pas de [VIH]{negated} ni [VHC]{history}", "pas de VIH ni VHC", [(7, 10, "negated"), (14, 17, "history")]),
        (r"a \[b\] [c]", "a [b] c", [(6, 7, None)]),
        ("[é à]{family}.", "é à.", [(0, 3, "family")]),
        ("[VIH]{Oups}", "VIH{Oups}", [(0, 3, None)]),
        ("", "", []),
    ],
)
def test_how_examples_are_written(written: str, text: str, spans: list[tuple[int, int, str | None]]) -> None:
    assert parse_example(written) == (text, spans)


def failures(folder: Path, examples: str, body: str = "terms: [vih]\n") -> list[str]:
    """Return what does not hold of a recognizer for HIV with these examples."""
    text = recognizer("test.one", "genetic", body).replace("examples: {match: [a, b, c], no_match: [a, b, c]}\n", "")
    ruleset = loaded(folder, {"health/one.yaml": text + f"examples:{examples}"})
    return [str(one).replace(str(folder), "") for one in Checker(ruleset).check(of(ruleset, "test.one"))]


GOOD_MATCH = "\n  match: ['le [VIH] positif', 'pas de [VIH]{negated}', '[VIH], puis [VIH]{affirmed}']"
GOOD_NO_MATCH = "\n  no_match: [rien, 'ni cela', avihb]"


def test_examples_that_hold(tmp_path: Path) -> None:
    table = '\n  table: ["NOM;NOTE\\nDUPONT;[VIH positif]\\nMARTIN;[pas de VIH]{negated}\\nPETIT;rien\\n"]'
    assert failures(tmp_path, GOOD_MATCH + GOOD_NO_MATCH + table + "\n") == []


@pytest.mark.parametrize(
    ("examples", "told"),
    [
        (
            "\n  match: ['le [VIH]', 'le VI[H]', '[VIH]']" + GOOD_NO_MATCH,
            ["/health/one.yaml: examples.match: 'le VI[H]': found 'VIH' (affirmed)"],
        ),
        (
            "\n  match: ['le [VIH]', 'le [VHC]', '[VIH]']" + GOOD_NO_MATCH,
            ["/health/one.yaml: examples.match: 'le [VHC]': found nothing"],
        ),
        (
            "\n  match: ['le [VIH]', 'le [VIH]{family}', '[VIH]']" + GOOD_NO_MATCH,
            ["/health/one.yaml: examples.match: 'le [VIH]{family}': found 'VIH' (affirmed)"],
        ),
        (
            GOOD_MATCH + "\n  no_match: [rien, 'pas de vih', non]",
            ["/health/one.yaml: examples.no_match: 'pas de vih': found 'vih' (negated)"],
        ),
        (
            GOOD_MATCH + GOOD_NO_MATCH + '\n  table: ["NOM;NOTE\\nDUPONT;VIH\\nMARTIN;[rien]\\n"]',
            [
                "/health/one.yaml: examples.table: 'NOM;NOTE\\nDUPONT;VIH\\nMARTIN;[rien]\\n':"
                " found row 1 column 2 affirmed"
            ],
        ),
        (
            GOOD_MATCH + GOOD_NO_MATCH + '\n  table: ["NOM;NOTE\\nDUPONT;[non]\\n"]',
            ["/health/one.yaml: examples.table: 'NOM;NOTE\\nDUPONT;[non]\\n': found nothing"],
        ),
    ],
)
def test_examples_that_do_not(tmp_path: Path, examples: str, told: list[str]) -> None:
    assert failures(tmp_path, examples + "\n") == told


def test_known_misses_that_are_found_by_now(tmp_path: Path) -> None:
    text = recognizer("test.one", "genetic", "terms: [vih]\n")
    text = text.replace("no_match: [a, b, c]", "no_match: [a, b, c], known_miss: ['le [VIH]', 'le [V.I.H.]']")
    ruleset = loaded(tmp_path, {"health/one.yaml": text})
    assert list(Checker(ruleset).known_misses(of(ruleset, "test.one"))) == ["le [VIH]"]


def test_all_examples_of_a_ruleset(tmp_path: Path) -> None:
    ruleset = loaded(tmp_path, {"health/one.yaml": recognizer("test.one", "genetic", "terms: [b]\n")})
    assert [(one.key, one.example) for one in Checker(ruleset).check(of(ruleset, "test.one"))] == [
        ("match", "b"),
        ("no_match", "b"),
    ]
