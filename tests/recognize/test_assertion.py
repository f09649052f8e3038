"""How facts are stated, by cue words: French as it stands in cells, letters and results."""

from __future__ import annotations

import re
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.fold import fold
from phiscan.model import Assertion
from phiscan.recognize.assertion import coded, qualify
from phiscan.recognize.spans import normal_form
from phiscan.recognize.stated import doubt, negation, past, relatives
from phiscan.recognize.stated.sentences import sentence
from phiscan.recognize.stated.words import Beginnings
from tests.recognize.sentences import CUES_ONLY, SENTENCES

AFFIRMED, HISTORY, HYPOTHETICAL, NEGATED, FAMILY = Assertion


def stated(sentence: str, *, cells: bool = False) -> list[str]:
    """Return how each bracketed fact of a sentence is stated."""
    text, spans = marked(sentence)
    folded = fold(text)
    normal = normal_form(folded, cells=cells)
    return [qualify(normal, start, end, folded).name for start, end in spans]


def marked(sentence: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a sentence without its brackets, and where they stood."""
    spans = [
        (match.start() - 2 * at, match.end() - 2 * at - 2)
        for at, match in enumerate(re.finditer(r"\[[^\]]*\]", sentence))
    ]
    return sentence.replace("[", "").replace("]", ""), spans


@pytest.mark.parametrize(("sentence", "expected"), [*SENTENCES, *CUES_ONLY])
def test_sentences(sentence: str, expected: str) -> None:
    assert stated(sentence) == expected.split()


CUES = (*negation.CUES, *doubt.CUES, *relatives.CUES, *past.CUES)
_said = st.one_of(
    st.sampled_from(["", "de la patiente", "vih", "ag", "toxo", "cv", "?", "-", ".", ";", " ", "et", "dossier"]),
    *(st.from_regex(cue, fullmatch=True).map(lambda said: said.decode("ascii", "ignore")) for cue in CUES),
)


@settings(max_examples=500)
@given(st.lists(_said, max_size=4), st.sampled_from(["vih", "sero neg", "vih ?"]), st.lists(_said, max_size=4))
def test_a_clause_that_holds_no_cue_is_passed_over_rightly(before: list[str], fact: str, after: list[str]) -> None:
    start = len(" ".join([*before, ""]))
    text = " ".join([*before, fact, *after]).encode()
    folded, normal = text, normal_form(text, cells=True)
    end = start + len(fact)
    quick = qualify(normal, start, end, folded)
    with patch.object(Beginnings, "kinds", lambda *_: 0b1111_1111):
        assert qualify(normal, start, end, folded) is quick


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("toxo : ?     [vih]", "AFFIRMED"),  # the question is the column's before
        ("toxo : neg, ? [vih]", "HYPOTHETICAL"),
        ("[vih] ......... ?", "HYPOTHETICAL"),  # the label of what is asked
    ],
)
def test_question_marks_in_rows_of_columns(sentence: str, expected: str) -> None:
    assert stated(sentence, cells=True) == [expected]


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_cells_are_stated_as_sentences_are(sentence: str, expected: str) -> None:
    if "\n" not in sentence:
        assert stated(sentence, cells=True) == expected.split()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (
            [
                "POS",
                "positif",
                "Positive",
                "+",
                "++",
                "+++",
                "O",
                "oui",
                "1",
                "VRAI",
                "true",
                "Y",
                "x",
                "présent",
                "Détecté",
                "(+)",
                "POS.",
                "connue",
            ],
            AFFIRMED,
        ),
        (
            [
                "NEG",
                "négatif",
                "Négative",
                "nég.",
                "-",
                "--",
                "(-)",
                "N",
                "non",
                "0",
                "faux",
                "False",
                "absence",
                "absent",
                "néant",
                "Non détecté",
                "non réactif",
                "indétectable",
                "aucune",
            ],
            NEGATED,
        ),
        (
            [
                "?",
                "douteux",
                "en cours",
                "en attente",
                "indéterminé",
                "à contrôler",
                "à faire",
                "suspect",
                "+/-",
                "suspicion",
            ],
            HYPOTHETICAL,
        ),
        (
            [
                "",
                " ",
                "NR",
                "N.R.",
                "NC",
                "n.a.",
                "N/A",
                "ND",
                "NF",
                "non fait",
                "non renseigné",
                "inconnu",
                "RAS",
                "null",
                "sans objet",
                "/",
                ".",
                "..",
            ],
            None,
        ),
        (["négatif (contrôlé)", "absence d'anticorps", "recherche négative", "pas de trace"], NEGATED),
        (["VIH NEG", "HIV -"], NEGATED),
        (["800 copies/mL", "12", "présence d'anticorps", "positif faible", "VIH POS"], AFFIRMED),
        (["mère positive", "chez le père"], FAMILY),
        (["antécédent", "ancien"], HISTORY),
        (["à confirmer par un second prélèvement", "probable"], HYPOTHETICAL),
    ],
)
def test_codes(values: list[str], says: Assertion | None) -> None:
    assert [coded(value) for value in values] == [says] * len(values)


@pytest.mark.parametrize(
    ("text", "fact", "part"),
    [
        ("Rien. Pas de VIH. Suite", "VIH", " Pas de VIH"),
        ("fumeur, pas de VIH, asthme", "VIH", "fumeur, pas de VIH, asthme"),
        ("VIH : 1.5 copies", "VIH", "VIH : 1.5 copies"),
        ("VIH", "VIH", "VIH"),
        ("Vu par le Dr. Martin pour VIH ? Oui", "VIH", "Vu par le Dr. Martin pour VIH ?"),
        ("pas de\nVIH connu", "VIH", "pas de\nVIH connu"),
        ("traitée par\nBiktarvy pour VIH", "VIH", "traitée par\nBiktarvy pour VIH"),
        ("Fièvre\nVIH nég", "VIH", "VIH nég"),
        ("- toux\n- VIH nég\n- asthme", "VIH", "- VIH nég"),
        ("  toux et fièvre depuis hier soir\n  vih négatif ce matin", "vih", "  vih négatif ce matin"),
        ("VIH .......... négatif", "VIH", "VIH .......... négatif"),
        ("VIH    \n        négatif", "VIH", "VIH    \n        négatif"),
        ("VIH ; négatif ; toux", "VIH", "VIH ; négatif "),
    ],
)
def test_the_sentence_round_a_fact(text: str, fact: str, part: str) -> None:
    folded = fold(text)
    start = text.index(fact)
    low, high = sentence(folded, normal_form(folded, cells=False), start, start + len(fact), 70, 48)
    assert text[low:high] == part


@given(st.text(max_size=200), st.integers(0, 200), st.integers(0, 30))
def test_any_text_is_qualified(text: str, start: int, size: int) -> None:
    folded = fold(text)
    start, end = min(start, len(folded)), min(start + size, len(folded))
    normal = normal_form(folded, cells=False)
    assert qualify(normal, start, max(start, end), folded) in Assertion
    low, high = sentence(folded, normal, start, max(start, end), 70, 48)
    assert 0 <= low <= start <= max(start, end) <= high <= len(folded)


@given(st.text(max_size=60))
def test_any_cell_is_a_code_or_none(value: str) -> None:
    assert coded(value) in {None, *Assertion}
