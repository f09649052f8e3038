"""The evidence `clinical`: what counts where a patient is named among facts, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from phiscan.fold import fold
from phiscan.model import Limits, Text
from phiscan.recognize.examples import find_cells
from phiscan.recognize.recognizer import CLINICAL
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath
from phiscan.scan.scanner import Scanner
from phiscan.seal import Sealer
from phiscan.tally import Tally
from tests.recognize.small import found, loaded, of, recognizer

FILES = {
    "health/mood_record.yaml": recognizer(
        "health.mood_record", "psychiatric", "cells: false\nweak: [depression, fugue]\nscore: {weak+clinical: 0.55}\n"
    ),
    "health/date_record.yaml": recognizer(
        "health.date_record",
        "exam_date",
        """
anchor: false
cells: false
patterns:
  date: |
    (?<![0-9]) [0-9]{2}/[0-9]{2}/[0-9]{4} (?![0-9])
not_after: ["fait le", rdv]
score: {shape+clinical: 0.55}
""",
    ),
}
FILES["health/mood.yaml"] = recognizer(
    "health.mood", "psychiatric", 'terms: [melancolie]\nexclude: ["grande depression"]\n'
)
PATIENT = "Mme DUPONT Marie, née le 12/03/1965. "
FACTS = "VIH, diabète. "
WEAK = [("health.mood_record", "Dépression")]


@pytest.fixture(scope="module")
def ruleset(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    return loaded(tmp_path_factory.mktemp("clinical"), FILES)


def weak(text: str, ruleset: Ruleset) -> list[tuple[str, str]]:
    return [hit for hit in found(text, ruleset) if hit[0].endswith("_record")]


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        (f"{PATIENT}{FACTS}Dépression", WEAK),
        (f"IPP 800123. {FACTS}Dépression", WEAK),
        (f"{PATIENT}Dépression", []),  # no fact that counts without it
        (f"{PATIENT}VIH. Dépression", []),  # one fact and one word: not enough
        (f"{PATIENT}VIH, fugue. Dépression", [("health.mood_record", "fugue"), *WEAK]),
        (f"{PATIENT}VIH, VIH, VIH. Dépression", []),  # the same fact again is one
        (f"{PATIENT}{FACTS}La Grande Dépression", []),  # another recognizer of the category excludes it
        (f"{FACTS}Dépression", []),  # nobody
        (f"Dr DUPONT Marie. {FACTS}Dépression", []),  # a doctor is no patient
        (f"DUPONT Marie. {FACTS}Dépression", []),  # a name that stands anywhere
        (f"{PATIENT}138 mmol/L, 4,2 mmol/L, 101 mmol/L. Dépression", []),  # what counts from three is no fact by itself
    ],
)
def test_a_word_counts_where_a_patient_is_named_among_facts(
    ruleset: Ruleset, text: str, hits: list[tuple[str, str]]
) -> None:
    assert weak(text, ruleset) == hits


def test_a_date_counts_but_not_after_what_says_otherwise(ruleset: Ruleset) -> None:
    text = f"{PATIENT}{FACTS}IRM 01/02/2026, fait le 02/02/2026, RDV : 03/02/2026, refait le 04/02/2026"
    assert weak(text, ruleset) == [("health.date_record", "01/02/2026"), ("health.date_record", "04/02/2026")]


def test_what_had_enough_evidence_gets_no_more(ruleset: Ruleset) -> None:
    hits = TextPath(ruleset).find(fold(f"{PATIENT}{FACTS}Dépression 138 mmol/L"))
    given = {ruleset.recognizers[span.recognizer].id for span in hits.spans if span.evidence & CLINICAL}
    assert given == {"health.mood_record", "health.lab"}  # the second counts from three, but here at once


def test_somebody_named_on_an_earlier_page_counts(ruleset: Ruleset) -> None:
    path, page = TextPath(ruleset), fold(f"{FACTS}Dépression")
    recognizers = [
        [ruleset.recognizers[span.recognizer].id for span in path.find(page, patient=patient).spans]
        for patient in (False, True)
    ]
    assert recognizers == [
        ["health.hiv", "health.diagnosis"],
        ["health.hiv", "health.diagnosis", "health.mood_record"],
    ]


@pytest.mark.parametrize(("prose", "psychiatric"), [(True, 1), (False, 0)])
def test_source_code_and_dumps_are_no_clinical_documents(ruleset: Ruleset, prose: bool, psychiatric: int) -> None:
    from phiscan.link.text import TextLinker

    sealer, tally = Sealer.ephemeral(), Tally()
    linker = TextLinker(ruleset, sealer, tally)
    chunk = Text(f"{PATIENT}{FACTS}Dépression", prose=prose)
    Scanner(ruleset, sealer, Limits())._text(chunk, TextPath(ruleset), linker)
    linker.close()
    assert sum(tally.hits.get("psychiatric", [0])) == psychiatric


def test_words_of_clinical_documents_are_no_reason_to_look_closer(ruleset: Ruleset) -> None:
    assert found("Dépression, fugue. DUPONT Marie", ruleset) == []


def test_no_such_word_counts_in_a_table(ruleset: Ruleset) -> None:
    rows = [["NOM", "PRENOM", "REMARQUE"], ["DUPONT", "Marie", "VIH, asthme, depression"]]
    assert find_cells(ruleset, rows, of(ruleset, "health.mood_record").index) == {}


def test_three_are_not_asked_for_in_a_clinical_document(tmp_path: Path, ruleset: Ruleset) -> None:
    from phiscan.link.text import TextLinker

    counted = []
    for text in (f"{PATIENT}{FACTS}138 mmol/L", f"{PATIENT}VIH 138 mmol/L"):
        tally = Tally()
        linker = TextLinker(ruleset, Sealer.ephemeral(), tally)
        linker.add(TextPath(ruleset).find(fold(text)), Text(text))
        linker.close()
        counted.append(sum(tally.hits.get("lab_result", [0])))
    assert counted == [1, 0]
