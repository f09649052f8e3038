"""Spans: the funnel finds what the patterns find, no more and no less, and what counts of it."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from phiscan.fold import fold
from phiscan.recognize.examples import parse_example
from phiscan.recognize.matching import confirm
from phiscan.recognize.recognizer import SHAPE, Pattern
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.settle import settle
from phiscan.recognize.spans import Finder, Span, normal_form, span_of
from phiscan.recognize.triggers import shape
from tests.recognize.small import find, found, loaded, of, recognizer, small
from tests.recognize.wordings import wording

Matches = dict[tuple[str, str], list[tuple[int, int]]]


def searched(ruleset: Ruleset) -> list[Pattern]:
    """Return the patterns that are looked for everywhere."""
    recognizers = ruleset.recognizers
    return [
        one
        for one in ruleset.patterns
        if one.recognizer >= 0 and not recognizers[one.recognizer].needs_field and not one.shape.whole
    ]


def plainly(ruleset: Ruleset, folded: bytes, *, cells: bool) -> Matches:
    """Return what `re` finds, in the whole text or in each cell for itself."""
    matches: Matches = defaultdict(list)
    for pattern in searched(ruleset):
        if cells and not ruleset.recognizers[pattern.recognizer].file.cells:
            continue
        at = 0
        for piece in folded.split(b"\n") if cells else [folded]:
            spans = [span_of(pattern, one) for one in pattern.regex.finditer(piece) if one.end() > one.start()]
            matches[ruleset.recognizers[pattern.recognizer].id, pattern.name] += [
                (s.start + at, s.end + at) for s in spans
            ]
            at += len(piece) + 1
    return {key: spans for key, spans in matches.items() if spans}


def through_the_funnel(ruleset: Ruleset, folded: bytes, *, cells: bool) -> Matches:
    """Return what triggers, automaton and confirmation find."""
    finder, normal = Finder(ruleset), normal_form(folded, cells=cells)
    seen = finder.look(folded, normal, cells=cells)
    matches: Matches = defaultdict(list)
    for span in [*seen.spans, *finder.fillers(folded, seen, cells=cells)]:
        if span.evidence & SHAPE:
            matches[ruleset.recognizers[span.recognizer].id, span.pattern].append((span.start, span.end))
    return {key: sorted(spans) for key, spans in matches.items()}


def differences(ruleset: Ruleset, text: str, *, cells: bool) -> dict[tuple[str, str], tuple[object, object]]:
    """Return where the two differ: what `re` finds, and what the funnel does."""
    folded = fold(text)
    plain, funnel = plainly(ruleset, folded, cells=cells), through_the_funnel(ruleset, folded, cells=cells)
    return {
        key: (plain.get(key), funnel.get(key))
        for key in plain.keys() | funnel.keys()
        if plain.get(key) != funnel.get(key)
    }


def example_texts(ruleset: Ruleset) -> list[str]:
    """Return every example of every recognizer, its brackets taken out."""
    texts = []
    for one in ruleset.recognizers:
        examples = one.file.examples
        texts += [*examples.match, *examples.no_match, *examples.known_miss, *examples.table]
    return [parse_example(text)[0] for text in texts]


FUNNEL = settings(
    max_examples=150,
    derandomize=True,
    phases=[Phase.generate],  # what a patchwork is made of is short already
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
GLUE = [" ", "\n", ", ", "; ", ".\n", " - ", "\n\n", "x", ""]


def patchwork(ruleset: Ruleset, chance: random.Random, *, digits: bool) -> str:
    """Return some examples and made-up matches, one behind the other."""
    examples, patterns = example_texts(ruleset), searched(ruleset)
    parts = []
    for _ in range(chance.randint(1, 6)):
        made = wording(chance.choice(patterns).source, chance) if chance.random() < 0.5 else chance.choice(examples)
        parts += [made, chance.choice(GLUE + ["1"] * digits)]
    return "".join(parts)


@pytest.mark.parametrize("cells", [pytest.param(False, id="text"), pytest.param(True, id="cells")])
def test_the_funnel_finds_the_examples_as_re_does(shipped: Ruleset, cells: bool) -> None:
    lone = [text for text in example_texts(shipped) if not (cells and "\n" in text)]
    assert [text for text in lone if differences(shipped, text, cells=cells)] == []


@FUNNEL
@given(st.randoms(use_true_random=False))
def test_the_funnel_finds_in_text_what_re_finds(shipped: Ruleset, chance: random.Random) -> None:
    assert differences(shipped, patchwork(shipped, chance, digits=False), cells=False) == {}


@FUNNEL
@given(st.randoms(use_true_random=False))
def test_the_funnel_finds_in_cells_what_re_finds(shipped: Ruleset, chance: random.Random) -> None:
    assert differences(shipped, patchwork(shipped, chance, digits=False), cells=True) == {}


def test_the_funnel_finds_the_longest_matches(shipped: Ruleset) -> None:
    chance = random.Random(3)
    wrong: set[tuple[str, str]] = set()
    for pattern in searched(shipped):
        for _ in range(3):
            wrong |= differences(shipped, wording(pattern.source, chance, most=True) + " suite", cells=False).keys()
    assert wrong == set()


def test_the_funnel_finds_matches_behind_digits(shipped: Ruleset) -> None:
    chance = random.Random(4)
    wrong: set[tuple[str, str]] = set()
    for pattern in searched(shipped):
        for _ in range(3):
            wrong |= differences(shipped, "1" + wording(pattern.source, chance), cells=False).keys()
    assert wrong == set()


def test_the_funnel_finds_cells_of_any_neighbours(shipped: Ruleset) -> None:
    chance = random.Random(5)
    texts = [text for text in example_texts(shipped) if "\n" not in text]
    chance.shuffle(texts)
    assert differences(shipped, "\n".join(texts), cells=True) == {}


# ---- the causes, each alone ----

CASES = {
    "text/digit before a word": ("patterns: {p: '(?<![A-Za-z]) IPP [ ] [0-9]{5}'}", "2IPP 12345", False),
    "text/long after its first end": ("patterns: {p: '[A-Z]{2} [0-9]{1,80} (?![A-Z])'}", "AB" + "7" * 80, False),
    "text/lookahead at the margin": ("patterns: {p: '[0-9] [a-z]{1,60} (?![0-9])'}", "1" + "a" * 39 + "2", False),
    "cells/short among short": (
        "patterns: {p: '(?<![0-9A-Z]) [0-9]{2} [A-Z]{2,200} (?![A-Z])'}",
        "un\n12AB\ndeux\n13CD",
        True,
    ),
    "cells/behind a long lookback": ("patterns: {p: '[0-9]{2,150} kg'}", "poids\n12 \n12kg\nfin", True),
    "cells/start of a line": (r"patterns: {p: '(?<![^\n]) [0-9]{3} (?![^\n])'}", "123\n456\n1234\n789", True),
    "cells/several in one": ("patterns: {p: '(?<![0-9]) [0-9]{3} (?![0-9])'}", "123 456\n789\n12 345", True),
    "text/side by side": ("patterns: {p: '(?<![0-9]) [0-9]{3} (?![0-9])'}", "123 456\n789,12 345", False),
    "text/word inside the last match": ("patterns: {p: '[a-z]{1,9} [ ] rue [ ] de'}", "rue rue de rue de", False),
}


@pytest.mark.parametrize("case", CASES)
def test_the_funnel_case_by_case(tmp_path_factory: pytest.TempPathFactory, case: str) -> None:
    patterns, text, cells = CASES[case]
    body = f"{patterns}\nscore: {{shape: 0.9}}\n"
    ruleset = loaded(tmp_path_factory.mktemp("case"), {"identity/case.yaml": recognizer("test.case", "iban", body)})
    folded = fold(text)
    expected = plainly(ruleset, folded, cells=cells)
    assert expected["test.case", "p"], "the case itself must hold a match"
    assert differences(ruleset, text, cells=cells) == {}


# ---- confirming ----


def pattern_of(source: str) -> Pattern:
    return Pattern(0, "p", source, shape(source))


def places(
    source: str, text: str, regions: list[tuple[int, int, int]], *, cells: bool = False
) -> list[tuple[int, int]]:
    return [match.span() for match in confirm(pattern_of(source), text.encode(), regions, cells=cells)]


def test_matches_are_confirmed_once_each_and_begin_in_their_region() -> None:
    assert places("[0-9]{2}", "12 34 56", [(0, 3, 8), (0, 4, 8), (3, 9, 9)]) == [(0, 2), (3, 5), (6, 8)]
    assert places("[0-9]{2}", "12 34 56", [(0, 1, 8)]) == [(0, 2)]
    assert places("[0-9]{2}", "12 34 56", [(1, 3, 8)]) == []
    assert places("[0-9]{2}", "12 34 56", []) == []
    assert places("x?", "12", [(0, 3, 3)]) == []


@given(st.lists(st.sampled_from(["12", " ", "3", "\n", "a"]), max_size=20))
def test_one_region_over_all_is_finditer(parts: list[str]) -> None:
    text = "".join(parts)
    found = places("(?<![0-9]) [0-9]{1,3} (?![0-9])", text, [(0, len(text) + 1, len(text) + 1)])
    pattern = pattern_of("(?<![0-9]) [0-9]{1,3} (?![0-9])")
    assert found == [match.span() for match in pattern.regex.finditer(text.encode())]


def test_groups_of_a_match() -> None:
    pattern = pattern_of(
        "Mme [ ] (?P<value> (?P<first> [A-Z][a-z]+ )? [ ]? (?P<last> [A-Z]{2,9} ) )".replace("+", "{1,9}")
    )
    match = pattern.regex.search(b"Mme Anne DUPONT")
    assert match is not None
    span = span_of(pattern, match)
    assert (span.start, span.end, span.groups) == (4, 15, {"first": (4, 8), "last": (9, 15)})
    match = pattern.regex.search(b"Mme DUPONT")
    assert match is not None
    assert span_of(pattern, match).groups == {"last": (4, 10)}


# ---- weighing ----


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("NIR 295109912611193", [("fr.nir", "295109912611193")]),
        ("ref 295109912611193", []),
        (
            "secu : 2 95 10 99 126 111 93 lot 295109912611193",
            [("fr.nir", "2 95 10 99 126 111 93"), ("fr.nir", "295109912611193")],
        ),
        ("2 95 10 99 126 111 93 (NIR)", [("fr.nir", "2 95 10 99 126 111 93")]),
        ("NIR\n\n295109912611193", []),
        ("NIR\n295109912611193", [("fr.nir", "295109912611193")]),
        ("son NIR" + " " * 45 + "295109912611193", []),
        ("tel 06 12 34 56 78", [("fr.phone", "06 12 34 56 78")]),
        ("CV 1200 copies", [("health.hiv", "CV")]),
        ("CV à jour", []),
        ("VIH", [("health.hiv", "VIH")]),
        ("la brochure VIH", []),
        ("la brochure est loin, très loin : VIH", [("health.hiv", "VIH")]),
        ("la lutte contre le VIH. Le VIH", [("health.hiv", "VIH")]),
        ("CIM-10 B20", [("health.hiv", "B20")]),
        ("B20", []),
        ("code CIM : Z21.0, E10 et K00", [("health.hiv", "Z21.0"), ("health.diagnosis", "E10")]),
        ("CIM10 dans le texte, et bien plus loin, à plus de quarante signes, B20", []),
        ("VIH ; Na 138 mmol/L", [("health.hiv", "VIH"), ("health.lab", "138 mmol/L")]),
        ("Na 138 mmol/L", []),
    ],
)
def test_what_counts_in_text(text: str, spans: list[tuple[str, str]]) -> None:
    assert found(text) == spans


def test_fillers_are_looked_for_only_beside_anchors() -> None:
    assert found("MARTIN Sophie, groupe sanguin A+") == []
    assert found("MARTIN Sophie, groupe sanguin A+", everything=True) == [
        ("fr.person_name.bare", "MARTIN Sophie"),
        ("health.blood_group", "A+"),
    ]
    assert found("VIH, MARTIN Sophie, GS A+") == [
        ("health.hiv", "VIH"),
        ("fr.person_name.bare", "MARTIN Sophie"),
        ("health.blood_group", "A+"),
    ]


def test_why_spans_are_dropped() -> None:
    hits = find("lutte contre le VIH, brochure VIH, ref 295109912611193", trace=True)
    assert sorted(span.why for span in hits.dropped) == ["excluded", "rejected by a word nearby", "score"]


# ---- settling ----


def span(name: str, start: int, end: int, score: float) -> Span:
    return Span(of(small(), name).index, start, end, SHAPE, score)


@pytest.mark.parametrize(
    ("spans", "kept"),
    [
        ([("fr.nir", 0, 9, 0.4)], []),
        ([("fr.nir", 0, 9, 0.6), ("fr.phone", 2, 5, 0.9)], [("fr.phone", 2, 5)]),
        ([("fr.nir", 0, 9, 0.9), ("fr.phone", 2, 5, 0.6)], [("fr.nir", 0, 9)]),
        ([("fr.nir", 0, 9, 0.9), ("fr.phone", 9, 15, 0.6)], [("fr.nir", 0, 9), ("fr.phone", 9, 15)]),
        ([("fr.nir", 0, 9, 0.6), ("fr.nir", 5, 15, 0.6)], [("fr.nir", 5, 15)]),
        ([("health.hiv", 0, 9, 0.6), ("health.diagnosis", 3, 9, 0.7)], [("health.hiv", 0, 9)]),  # no other disease
        (
            [("health.hiv", 0, 9, 0.6), ("health.diagnosis", 3, 12, 0.7)],
            [("health.hiv", 0, 9), ("health.diagnosis", 3, 12)],
        ),
        ([("health.hiv", 0, 9, 0.6), ("health.hiv", 3, 9, 0.7)], [("health.hiv", 3, 9)]),
        ([("health.hiv", 4, 9, 0.6), ("fr.person_name", 0, 9, 0.8)], [("fr.person_name", 0, 9)]),
        ([("health.hiv", 4, 9, 0.8), ("fr.person_name", 0, 9, 0.8)], [("health.hiv", 4, 9)]),
        ([("fr.nir", 9, 12, 0.9), ("health.hiv", 0, 3, 0.9)], [("health.hiv", 0, 3), ("fr.nir", 9, 12)]),
    ],
)
def test_the_better_span_stands(spans: list[tuple[str, int, int, float]], kept: list[tuple[str, int, int]]) -> None:
    recognizers = small().recognizers
    settled = settle([span(*one) for one in spans], small())
    assert [(recognizers[one.recognizer].id, one.start, one.end) for one in settled] == kept


names = st.sampled_from(["fr.nir", "fr.phone", "fr.person_name", "health.hiv", "health.diagnosis"])
some = st.builds(
    lambda name, start, size, score: span(name, start, start + size, score),
    names,
    st.integers(0, 30),
    st.integers(1, 9),
    st.sampled_from([0.4, 0.5, 0.7, 0.9]),
)


@given(st.lists(some, max_size=12))
def test_settled_spans_do_not_overlap(spans: list[Span]) -> None:
    recognizers = small().recognizers
    settled = settle(spans, small())
    assert [(one.start, one.end) for one in settled] == sorted((one.start, one.end) for one in settled)
    for at, one in enumerate(settled):
        for other in settled[at + 1 :]:
            a, b = recognizers[one.recognizer], recognizers[other.recognizer]
            both_facts = a.kind == b.kind == "health" and a.category != b.category
            assert both_facts or one.end <= other.start
    for one in spans:
        if one.score >= 0.5 and one not in settled:
            assert one.why == "overlaps a better hit"
