"""Remarks on patients, code columns and columns of work: what counts in their cells, with the recognizers that ship."""

from __future__ import annotations

import os

import pytest

from phiscan.model import Assertion, Kind, Level, Limits
from phiscan.recognize.examples import find_cells
from phiscan.recognize.ruleset import Ruleset
from phiscan.scan.scanner import Observer, Scanner
from phiscan.seal import Sealer
from phiscan.tally import Tally
from phiscan.verdict import facts_of

PEOPLE = [
    ("DURAND", "Paul", "01/02/1950"),
    ("MARTIN", "Sophie", "12/03/1965"),
    ("PETIT", "Luc", "03/04/1971"),
    ("ROUX", "Léa", "05/06/1982"),
    ("BLANC", "Zoé", "07/08/1993"),
    ("LEROY", "Max", "09/09/1944"),
]


def health(ruleset: Ruleset, *columns: tuple[str, list[str]]) -> dict[str, int]:
    """Return the hits of each health category in a table of six people with these columns (header, values)."""
    lines = [["NOM", "PRENOM", "DDN", *(header for header, _ in columns)]]
    lines += [[*person, *(values[at % len(values)] for _, values in columns)] for at, person in enumerate(PEOPLE)]
    data = "\n".join(";".join(line) for line in lines).encode()
    total, descriptor = Tally(), os.memfd_create("table")
    try:
        os.write(descriptor, data)
        for _, tally, gaps in Scanner(ruleset, Sealer.ephemeral(), Limits(), Observer()).scan(
            descriptor, "export.csv", len(data)
        ):
            assert not gaps
            total.add(tally)
    finally:
        os.close(descriptor)
    facts = facts_of(total, Level.PUBLIC, ruleset)
    assert facts.persons == facts.records == 6
    return {name: found.hits for name, found in facts.categories.items() if found.kind is Kind.HEALTH}


REMARKS = ["calculs opérés", "cannabis", "RAS", "rdv lundi", "à jeun", "payé"]


def test_beside_columns_of_facts_remarks_are_read_as_clinical_documents(shipped: Ruleset) -> None:
    found = health(shipped, ("VIH", ["NEG", "POS"]), ("GROUPE_SANGUIN", ["A+", "O-", "B+"]), ("COM", REMARKS))
    assert found == {"hiv": 6, "blood_group": 6, "diagnosis": 1, "addiction": 1}


def test_among_remarks_that_tell_of_facts_the_others_are_read_so_too(shipped: Ruleset) -> None:
    remarks = ["VIH +", "enceinte de 3 mois", "cannabis", "K du sein", "rdv lundi", "calculs opérés"]
    found = health(shipped, ("F7", remarks))
    assert found == {"hiv": 1, "pregnancy": 1, "addiction": 1, "cancer": 1, "diagnosis": 1}


def test_one_fact_makes_no_table_of_care(shipped: Ruleset) -> None:
    remarks = ["diabète", "chute de moto", "joints de culasse", "calculs à refaire", "cigarettes", "rdv lundi"]
    assert health(shipped, ("COMMENTAIRE", remarks)) == {"diagnosis": 1}


@pytest.mark.parametrize("header", ["PROFESSION", "VILLE", "MUTUELLE"])
def test_only_remarks_are_read_so(shipped: Ruleset, header: str) -> None:
    work = ["marchand de cigarettes", "vins et alcool", "calculs de structure"]
    found = health(shipped, ("VIH", ["NEG", "POS"]), ("GROUPE_SANGUIN", ["A+", "O-", "B+"]), (header, work))
    assert found == {"hiv": 6, "blood_group": 6}


def test_what_somebody_works_at_is_not_what_they_have(shipped: Ruleset) -> None:
    courses = ["Prévention du VIH", "Cancer du sein : accompagner", "Grossesse et travail"]
    assert health(shipped, ("FORMATION", courses)) == {}
    assert health(shipped, ("POSTE", ["infirmière VIH", "secrétaire oncologie", "technicien"])) == {}
    assert health(shipped, ("REMARQUE", ["VIH +", "RAS", "RAS"])) == {"hiv": 2}


def test_words_in_a_column_of_codes_are_no_codes(shipped: Ruleset) -> None:
    assert health(shipped, ("DP", ["Consultation", "Cadre", "Chambre", "Dossier"])) == {}
    assert health(shipped, ("DP", ["C509", "I10", "C50.9 - sein", "Consultation"])) == {"cancer": 3, "diagnosis": 2}


def test_several_codes_in_one_cell(shipped: Ruleset) -> None:
    found = health(shipped, ("DAS", ["B24, I10 / O240", "I10"]))
    assert found == {"hiv": 3, "pregnancy": 3, "diagnosis": 6}


def test_a_code_of_family_past_or_search_says_so(shipped: Ruleset) -> None:
    rows = [["IPP", "DP"], ["80012345", "Z80.3"], ["80012346", "Z853"], ["80012347", "Z121"], ["80012348", "C509"]]
    cancer = next(one.index for one in shipped.recognizers if one.id == "health.cancer")
    assert find_cells(shipped, rows, cancer) == {
        (1, 1): Assertion.FAMILY,
        (2, 1): Assertion.HISTORY,
        (3, 1): Assertion.HYPOTHETICAL,
        (4, 1): Assertion.AFFIRMED,
    }


def test_acts_groups_and_drugs_by_their_codes(shipped: Ruleset) -> None:
    acts, groups = ["HFCA003", "NEKA020", "DEQP003"], ["04M053", "14Z14A", "28Z14Z"]
    assert health(shipped, ("CCAM", acts)) == {"diagnosis": 6}
    assert health(shipped, ("GHM", groups)) == {"diagnosis": 6}
    assert health(shipped, ("CODE_UCD", ["9123456", "9234567"]), ("CODE_CIS", ["60234100", "61234100"])) == {
        "treatment": 12
    }


def test_every_chapter_of_cim10_is_somebodys(shipped: Ruleset) -> None:
    codes = ["B690", "V031", "X410", "Z001", "B770", "U82"]
    assert health(shipped, ("DP", codes)) == {"infection": 3, "diagnosis": 3}


def test_codes_of_clients_are_no_acts(shipped: Ruleset) -> None:
    codes = ["DURA001", "MART002", "PETI003", "ROUX004", "BLAN005", "LERO006"]
    assert health(shipped, ("CODE_CLIENT", codes)) == {}


def test_numbers_under_a_diseases_name_say_nothing_of_it(shipped: Ruleset) -> None:
    assert health(shipped, ("VIH", [f"VIH{at:04}-{at}" for at in range(6)])) == {}


@pytest.mark.parametrize("header", ["IND_DIAB", "EPIL", "TOP_ASTHM"])
def test_names_of_diseases_cut_short_over_zeros_and_ones(shipped: Ruleset, header: str) -> None:
    assert health(shipped, (header, ["0", "1"])) == {"diagnosis": 6}


def named(ruleset: Ruleset, *columns: tuple[str, list[str]]) -> int:
    """Return how many of six people in a table of names without births have a health fact."""
    lines = [["ELEVE", "CLASSE", *(header for header, _ in columns)]]
    lines += [
        [f"{last} {first}", "3D", *(values[at] for _, values in columns)] for at, (last, first, _) in enumerate(PEOPLE)
    ]
    data = "\n".join(";".join(line) for line in lines).encode()
    total, descriptor = Tally(), os.memfd_create("table")
    try:
        os.write(descriptor, data)
        for _, tally, _ in Scanner(ruleset, Sealer.ephemeral(), Limits(), Observer()).scan(
            descriptor, "export.csv", len(data)
        ):
            total.add(tally)
    finally:
        os.close(descriptor)
    return facts_of(total, Level.PUBLIC, ruleset).identified_health


VISITS = [
    "crise d'asthme",
    "maux de ventre",
    "crise d'épilepsie",
    "saignement de nez",
    "grossesse",
    "contraception d'urgence",
]


def test_names_beside_what_was_done_for_them_are_of_people_in_care(shipped: Ruleset) -> None:
    assert named(shipped, ("MOTIF", VISITS), ("SOINS", ["repos"] * 6)) == 6


def test_names_alone_are_not(shipped: Ruleset) -> None:
    assert named(shipped, ("MOTIF", VISITS), ("SUITE", ["repos"] * 6)) == 3
