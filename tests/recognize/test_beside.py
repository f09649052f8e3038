"""What a column is because of those beside it, with the recognizers that ship."""

from __future__ import annotations

import pytest

from phiscan.fold import fold_str
from phiscan.model import Assertion, Role
from phiscan.recognize.columns import make_plan
from phiscan.recognize.examples import find_cells
from phiscan.recognize.headerline import aligned
from phiscan.recognize.plan import Plan
from phiscan.recognize.ruleset import Ruleset

NIRS = ("295109912611193", "269054958815780", "185057800608491", "191092B03300571")
FIRSTS = ("Marie", "Paul", "Sophie", "Yann", "Anne", "Lucie", "Pierre", "Julie", "Marc", "Louise")
LASTS = ("DUPONT", "LE GOFF", "MARTIN", "KERVELLA", "MOREAU", "PETIT", "ROUX", "FAURE", "BLANC", "GIRARD")
BIRTHS = tuple(f"0{n % 9 + 1}/0{n % 8 + 1}/{1931 + 8 * n}" for n in range(10))
VISITS = tuple(f"{n + 10}/03/202{n % 5}" for n in range(10))
STREETS = tuple(f"{n + 1} rue des Lilas" for n in range(10))
TOWNS = ("Vannes", "Lorient", "Brest", "Quimper", "Rennes", "Nantes", "Auray", "Pontivy", "Redon", "Dinan")


def plan_of(header: str, *columns: tuple[str, ...], ruleset: Ruleset) -> Plan:
    rows = [header.split(";"), *(list(row) for row in zip(*columns, strict=True))]
    return make_plan([[fold_str(cell) for cell in row] for row in rows], None, ruleset)


def shown(plan: Plan, ruleset: Ruleset) -> list[str]:
    """Return for each column its category and part, a code system, "skip" or "text"."""
    names = []
    for column in plan.columns:
        if column.recognizer >= 0:
            category = ruleset.recognizers[column.recognizer].category
            names.append(category + (f"/{column.part}" if column.part else ""))
        else:
            names.append(column.system or ("skip" if column.skip else "text"))
    return names


def test_names_set_apart_by_a_civility(shipped: Ruleset) -> None:
    civilities = ("M.", "Mme") * 5
    plan = plan_of("F1;F2;F3;F4", LASTS, civilities, FIRSTS, BIRTHS, ruleset=shipped)
    assert shown(plan, shipped) == ["person_name/last_name", "skip", "person_name/first_name", "birth_date"]


def test_headers_of_names_the_wrong_way_round(shipped: Ruleset) -> None:
    plan = plan_of("NOM;PRENOM", FIRSTS, LASTS, ruleset=shipped)
    assert shown(plan, shipped) == ["person_name/first_name", "person_name/last_name"]


@pytest.mark.parametrize("order", ["{1} {0}", "{0} {1}", "Mme {1} {0}", "{1} {0}, 1957"])
def test_whole_names_under_the_header_of_surnames(order: str, shipped: Ruleset) -> None:
    names = tuple(order.format(first, last) for first, last in zip(FIRSTS, LASTS, strict=True))
    motifs = ("diabete de type 2", "epilepsie") * 5
    plan = plan_of("NOM;MOTIF", names, motifs, ruleset=shipped)
    assert shown(plan, shipped) == ["person_name", "text"]
    assert plan.columns[0].role is Role.PATIENT
    rows = [["NOM", "MOTIF"], *(list(row) for row in zip(names, motifs, strict=True))]
    found = find_cells(shipped, rows, plan.columns[0].recognizer)
    assert found == {(row, 0): Assertion.AFFIRMED for row in range(1, 11)}


def test_surnames_stay_surnames(shipped: Ruleset) -> None:
    """Where given names stand beside them, where they are single words, and where the things of a shop are named."""
    whole = tuple(f"{last} {first}" for first, last in zip(FIRSTS, LASTS, strict=True))
    assert shown(plan_of("NOM;PRENOM", whole, FIRSTS, ruleset=shipped), shipped)[0] == "person_name/last_name"
    assert shown(plan_of("NOM;MOTIF", LASTS, BIRTHS, ruleset=shipped), shipped)[0] == "person_name/last_name"
    roses = plan_of("NOM;PRIX;DESCRIPTION", whole, ("12",) * 10, ("sans",) * 10, ruleset=shipped)
    assert shown(roses, shipped)[0] == "person_name/last_name"


@pytest.mark.parametrize(
    ("header", "work"), [("Service", True), ("Titre", True), ("Referent", True), ("Motif", False)]
)
def test_what_colleagues_deal_with_is_nobodys_health(header: str, work: bool, shipped: Ruleset) -> None:
    whole = tuple(f"{last} {first}" for first, last in zip(FIRSTS, LASTS, strict=True))
    wards = ("Maladies infectieuses VIH", "Cancer du sein") * 5
    assert plan_of(f"NOM;{header}", whole, wards, ruleset=shipped).columns[1].work is work
    beside = plan_of(f"NOM;DDN;{header}", whole, BIRTHS, wards, ruleset=shipped)  # of patients it is where they lie
    assert not beside.columns[2].work


def test_names_at_birth_are_the_sparser_ones(shipped: Ruleset) -> None:
    sparse = ("BRIAND", "", "", "KERBRAT", "", "", "MORVAN", "", "", "")
    plan = plan_of("NOM;X2;PRENOM", LASTS, sparse, FIRSTS, ruleset=shipped)
    assert shown(plan, shipped)[1] == "person_name/birth_name"


def test_a_name_column_full_of_towns_or_doctors(shipped: Ruleset) -> None:
    assert shown(plan_of("NOM;Q", TOWNS, STREETS, ruleset=shipped), shipped)[0] == "address/city"
    doctors = tuple(f"Dr {name}" for name in LASTS)
    column = plan_of("NOM;Q", doctors, STREETS, ruleset=shipped).columns[0]
    assert column.role is Role.PROFESSIONAL


def test_postcodes_beside_towns(shipped: Ruleset) -> None:
    codes = tuple(f"56{n}00" for n in range(10))
    assert shown(plan_of("A1;A2", codes, TOWNS, ruleset=shipped), shipped) == ["address/postcode", "address/city"]
    units = ("Cardiologie", "Urgences", "Accueil", "Bloc", "Paie") * 2
    assert shown(plan_of("A1;A2", codes, units, ruleset=shipped), shipped) == ["skip", "text"]


def test_births_and_visits_exchanged(shipped: Ruleset) -> None:
    plan = plan_of("NOM;DATE_NAISSANCE;DATE_PRELEVEMENT", LASTS, VISITS, BIRTHS, ruleset=shipped)
    assert shown(plan, shipped)[1:] == ["exam_date", "birth_date"]


def test_codes_and_symbols_count_beside_patients_only(shipped: Ruleset) -> None:
    codes = ("C50.9", "E11.9", "I10.0", "J45.0", "C18.7") * 2
    numbers = ("4,1", "3,9", "4,4", "4,0", "5,1") * 2
    beside = plan_of("NOM;DDN;X1;K;NA", LASTS, BIRTHS, codes, numbers, numbers, ruleset=shipped)
    assert shown(beside, shipped)[2:] == ["cim10", "lab_result", "lab_result"]
    alone = plan_of("A1;X1;K;NA", TOWNS, codes, numbers, numbers, ruleset=shipped)
    assert shown(alone, shipped)[1:] == ["text", "skip", "skip"]


def test_results_of_analyses_named_beside_them(shipped: Ruleset) -> None:
    names = ("Glycemie", "TSH", "Ferritine", "Potassium", "CRP") * 2
    numbers = ("0,95", "2,1", "85", "4,2", "<5") * 2
    plan = plan_of("NOM;DDN;ANALYSE;RESULTAT;PRIX", LASTS, BIRTHS, names, numbers, numbers, ruleset=shipped)
    assert shown(plan, shipped)[2:] == ["lab_result", "lab_result", "skip"]


def test_a_choice_of_words_most_of_one_category(shipped: Ruleset) -> None:
    words = ("alcoolisme", "toxicomanie", "OH", "", "") * 4
    names, births = LASTS * 2, BIRTHS * 2
    plan = plan_of("NOM;DDN;HABITUDES", names, births, words, ruleset=shipped)
    assert shown(plan, shipped)[2] == "addiction"


def test_a_choice_of_facts_of_several_categories_is_read_value_by_value(shipped: Ruleset) -> None:
    words = ("VIH POS", "VIH NEG", "VHC NEG", "", "") * 4
    plan = plan_of("NOM;DDN;SEROLOGIE", LASTS * 2, BIRTHS * 2, words, ruleset=shipped)
    assert shown(plan, shipped)[2] == "text"


def test_a_garage_has_no_patients(shipped: Ruleset) -> None:
    groups = ("A", "B", "C", "A", "B") * 2
    plan = plan_of("NOM;NAISSANCE;DERNIERE_REVISION;GROUPE_TARIF", LASTS, BIRTHS, VISITS, groups, ruleset=shipped)
    assert shown(plan, shipped)[2:] == ["text", "text"]


def test_pr_over_given_names_is_no_professor(shipped: Ruleset) -> None:
    plan = plan_of("NOM;PR", LASTS, FIRSTS, ruleset=shipped)
    assert [column.role for column in plan.columns] == [Role.PATIENT, Role.PATIENT]


def test_a_header_moved_by_an_index_column() -> None:
    def fit(name: str, at: int) -> int:
        kinds = ["", "nir", "birth", "mail"]
        return 1 if name == kinds[at] else -1

    assert aligned(["nir", "birth", "mail"], 4, fit) == ["", "nir", "birth", "mail"]
    assert aligned(["", "nir", "birth", "mail"], 4, fit) == ["", "nir", "birth", "mail"]
    assert aligned(["x", "nir", "birth", "mail"], 4, fit) == ["x", "nir", "birth", "mail"]


def test_facts_of_a_relatives_column_are_the_familys(shipped: Ruleset) -> None:
    index = {recognizer.id: recognizer.index for recognizer in shipped.recognizers}
    rows = [["NOM", "VIH_MERE"], ["DUPONT", "POS"], ["MARTIN", "NEG"]]
    assert find_cells(shipped, rows, index["health.hiv"]) == {(1, 1): Assertion.FAMILY, (2, 1): Assertion.NEGATED}


def test_a_viral_load_is_the_diseases_however_low(shipped: Ruleset) -> None:
    index = {recognizer.id: recognizer.index for recognizer in shipped.recognizers}
    rows = [["NOM", "CHARGE_VIRALE"], ["DUPONT", "45200"], ["MARTIN", "<20"], ["PETIT", "indétectable"], ["ROUX", ""]]
    found = find_cells(shipped, rows, index["health.hiv"])
    assert found == {(row, 1): Assertion.AFFIRMED for row in (1, 2, 3)}


@pytest.mark.parametrize(
    ("header", "recognizer"),
    [
        ("Résultat sérologie VIH", "health.hiv"),
        ("Résultat du test VIH", "health.hiv"),
        ("Résultat Ag HBs", "health.infection"),
        ("Résultat PCR Covid", "health.infection"),
        ("Résultat", "health.lab_column_result"),
    ],
)
def test_the_result_of_a_named_test_is_that_of_its_disease(shipped: Ruleset, header: str, recognizer: str) -> None:
    rows = [["Nom", header], ["DUPONT", "NEG"], ["MARTIN", "POS"], ["GARNIER", "NEG"], ["PETIT", ""]]
    index = {one.id: one.index for one in shipped.recognizers}
    found = find_cells(shipped, rows, index[recognizer])
    assert set(found) == {(1, 1), (2, 1), (3, 1)}
    if recognizer != "health.lab_column_result":
        assert list(found.values()) == [Assertion.NEGATED, Assertion.AFFIRMED, Assertion.NEGATED]
