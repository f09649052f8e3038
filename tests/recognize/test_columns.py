"""The plan of a table: where its header is, and what each column holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.fold import fold_str
from phiscan.model import Role
from phiscan.recognize.columns import make_plan
from phiscan.recognize.headerline import find_header
from phiscan.recognize.plan import Column
from phiscan.recognize.recognizer import COLUMN, FIELD
from tests.recognize.small import small

NIRS = ["295109912611193", "269054958815780", "185057800608491", "191092B03300571"]
FIRSTS = ["Marie", "Paul", "Sophie", "Yann", "Anne", "Lucie"]
LASTS = ["DUPONT", "LE GOFF", "MARTIN", "KERVELLA", "MOREAU", "PETIT"]
BIRTHS = [
    "12/03/1945",
    "01/12/1950",
    "30/07/1962",
    "04/05/1971",
    "09/09/1980",
    "17/01/1999",
    "22/11/2003",
    "03/02/2010",
    "08/08/1938",
]


def lines(text: str) -> list[list[str]]:
    return [[fold_str(cell) for cell in line.split(";")] for line in text.strip("\n").split("\n")]


def planned(text: str, names: tuple[str, ...] | None = None) -> tuple[int, list[str]]:
    """Return the rows before the data, and what each column holds: `recognizer/part (evidence) role`."""
    plan = make_plan(lines(text), names, small())
    return plan.first, [shown(column) for column in plan.columns]


def shown(column: Column) -> str:
    if column.system:
        return f"code {column.system}"
    if column.recognizer < 0:
        return "skip" if column.skip else "text"
    kinds = "+".join(name for name, bit in (("field", FIELD), ("column", COLUMN)) if column.evidence & bit)
    name = small().recognizers[column.recognizer].id + (f"/{column.part}" if column.part else "")
    return f"{name} ({kinds})" + (f" {column.role.name.lower()}" if column.role else "")


def test_a_header_tells() -> None:
    assert planned(
        "NOM;Prénom;DDN;N° sécu;CLE;VIH;CIM10;REMARQUE;AGE\n"
        "DUPONT;Marie;12/03/1965;2951099126111;93;POS;B20;rien à dire;59\n"
        "MARTIN;Paul;01/12/1948;1850578006084;91;NEG;E11;autre chose;76\n"
    ) == (
        1,
        [
            "fr.person_name/last_name (field+column)",
            "fr.person_name/first_name (field+column)",
            "fr.birth_date (field+column)",
            "fr.nir (field)",
            "fr.nir/key (field)",
            "health.hiv (field)",
            "code cim10",
            "text",
            "skip",
        ],
    )


def test_titles_may_stand_above_the_header() -> None:
    text = "Extraction du laboratoire;;\n;;\nNOM;PRENOM;VIH\nDUPONT;Marie;POS\nMARTIN;Paul;NEG\n"
    assert planned(text) == (
        3,
        ["fr.person_name/last_name (field+column)", "fr.person_name/first_name (field+column)", "health.hiv (field)"],
    )
    assert find_header(lines(text), 3, small()) == (3, ["NOM", "PRENOM", "VIH"])


def test_without_a_header_the_values_tell() -> None:
    rows = "\n".join(
        f"{a};{b};{c};{d}"
        for a, b, c, d in zip(LASTS, FIRSTS, NIRS * 2, ["A+", "O-", "AB+", "B+", "O+", "A-"], strict=False)
    )
    assert planned(rows) == (
        0,
        [
            "fr.person_name/last_name (column)",
            "fr.person_name/first_name (column)",
            "fr.nir (column)",
            "health.blood_group (column)",
        ],
    )


def test_a_header_in_no_vocabulary_is_one_still() -> None:
    rows = "\n".join(f"{nir};{n}" for n, nir in enumerate(NIRS))
    assert planned("champ_a;champ_b\n" + rows) == (1, ["fr.nir (column)", "skip"])


def test_a_header_that_misleads_gives_way_to_the_values() -> None:
    rows = "\n".join(f"{nir};{first}" for nir, first in zip(NIRS, FIRSTS, strict=False))
    assert planned("NOM;DDN\n" + rows) == (1, ["fr.nir (column)", "fr.person_name/first_name (column)"])


def test_names_that_the_format_gives_are_the_header() -> None:
    first, columns = planned("DUPONT;POS\nMARTIN;NEG\nPETIT;NEG\n", ("NOM", "VIH"))
    assert (first, columns) == (0, ["fr.person_name/last_name (field+column)", "health.hiv (field)"])


def test_whose_values_they_are() -> None:
    _, columns = planned("NOM;TEL_MERE;NOM_MEDECIN;PRESCRIPTEUR;TEL\nDUPONT;0612345678;MARTIN;PETIT Paul;0297123456\n")
    assert columns == [
        "fr.person_name/last_name (field+column)",
        "fr.phone (field+column) relative",
        "fr.practitioner/last_name (field+column) professional",
        "fr.practitioner (field+column) professional",
        "fr.phone (field+column)",
    ]


def test_blood_groups_in_two_columns() -> None:
    rows = "1;A;+\n2;O;-\n3;AB;+\n"
    two = ["health.blood_group/abo", "health.blood_group/rh"]
    assert planned("N;ABO;RH\n" + rows)[1][1:] == [f"{one} (field)" for one in two]
    assert planned("N;GRP;SIGNE\n" + rows)[1][1:] == [f"{one} (column)" for one in two]
    assert planned("N;SIGNE;GRP\n" + "1;+;A\n2;-;O\n")[1][1:] == [f"{one} (column)" for one in reversed(two)]
    assert planned("N;GRP;SIGNE\n1;A;z\n2;O;-\n")[1][1:] == ["text", "text"]
    assert planned("N;GRP;SIGNE\n1;A;+\n2;A;-\n")[1][1:] == ["text", "text"], "one letter is no proof"


@pytest.mark.parametrize(
    ("values", "column"),
    [
        (NIRS, "fr.nir (column)"),
        ([*NIRS[:3], "inconnu", "NR", ""], "fr.nir (column)"),
        ([NIRS[0], "x", "y", "z"], "text"),
        (["ana@exemple.fr", "paul@exemple.fr", "zoe@exemple.org"], "fr.email (column)"),
        (["0612345678", "0297123456", "0145678901", "0698765432", "0233445566"], "fr.phone (column)"),
        (["10003123451"] * 5, "text"),
        (FIRSTS, "fr.person_name/first_name (column)"),
        ([f"{last} {first}" for last, first in zip(LASTS, FIRSTS, strict=True)], "fr.person_name (column)"),
        ([f"{first} {last}" for last, first in zip(LASTS, FIRSTS, strict=True)], "fr.person_name (column)"),
        (BIRTHS, "fr.birth_date (column)"),
        ([f"{day:02d}/03/2024" for day in range(1, 10)], "text"),
        (["A+", "O-", "AB RH POS", "B pos"], "health.blood_group (column)"),
        (["A", "B", "C"], "text"),
        (["12", "13", "14"], "skip"),
        (["12345678", "1", ""], "skip"),
        (["123456789", "1", "2"], "text"),
        (["", "", ""], "text"),
    ],
)
def test_columns_by_their_content(values: list[str], column: str) -> None:
    plan = make_plan([["autre;", value] for value in map(fold_str, values)], ("x", "y"), small())
    assert shown(plan.columns[1]) == column


def test_a_directory_lists_professionals() -> None:
    text = "NOM;PRENOM;RPPS\nDUPONT;Marie;10003123451\nMARTIN;Paul;10003123451\n"
    assert [one.rsplit(" ", 1)[1] for one in planned(text)[1]] == ["professional"] * 3
    with_patients = text.replace("RPPS", "RPPS;IPP").replace("451\n", "451;800123\n")
    assert planned(with_patients)[1][0] == "fr.person_name/last_name (field+column)"


def test_labels_show_vocabulary_only() -> None:
    plan = make_plan(lines("NOM;DUPONT Marie;VIH\nMARTIN;x;POS\nPETIT;y;NEG\n"), None, small())
    assert [column.label for column in plan.columns] == ["NOM", "#2", "VIH"]
    assert [column.header for column in plan.columns] == ["NOM", "DUPONT Marie", "VIH"]


def test_of_finds_columns() -> None:
    plan = make_plan(lines("NOM;PRENOM;VIH\nMARTIN;Paul;POS\n"), None, small())
    assert [column.index for column in plan.of(small(), "person_name")] == [0, 1]
    assert [column.index for column in plan.of(small(), "person_name", "first_name")] == [1]
    assert plan.of(small(), "nir") == []


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("DUPONT;Marie\nMARTIN;Paul\nPETIT;Anne", (0, [])),
        ("NOM;VIH\n", (1, ["NOM", "VIH"])),
        ("1;2\n3;4\n5;6", (0, [])),
        ("a;b\n1;2\n3;4", (1, ["a", "b"])),
        ("a;a\n1;2\n3;4", (0, [])),
        ("a;b\nc;d\na;e", (0, [])),
        ("a;b\nc;d\ne;f", (1, ["a", "b"])),
        ("", (0, [])),
    ],
)
def test_where_the_header_is(text: str, header: tuple[int, list[str]]) -> None:
    rows = lines(text)
    assert find_header(rows, max(map(len, rows)), small()) == header


def test_no_rows_no_columns() -> None:
    assert make_plan([], None, small()).columns == []
    assert [shown(column) for column in make_plan([], ("NOM", "VIH"), small()).columns] == [
        "fr.person_name/last_name (field)",
        "health.hiv (field)",
    ]


cell = st.sampled_from(
    ["", "NOM", "VIH", "POS", "DUPONT", "Marie", "12", "295109912611193", "12/03/1965", "x y z", "A+", "-"]
)


@given(st.lists(st.lists(cell, max_size=5), max_size=12))
def test_any_rows_have_a_plan(rows: list[list[str]]) -> None:
    plan = make_plan(rows, None, small())
    assert [column.index for column in plan.columns] == list(range(max(map(len, rows), default=0)))
    assert 0 <= plan.first <= len(rows)
    assert all(column.label == f"#{column.index + 1}" or small().headers.known(column.label) for column in plan.columns)


@pytest.mark.parametrize("number", ["siret", "raison_sociale", "N° SIREN"])
def test_who_stands_beside_the_number_of_a_firm_is_no_patient(number: str) -> None:
    table = f"{number};nom;telephone\n99952327700013;DUPONT;0199007622\n99952863100016;MARTIN;0199000781"
    plan = make_plan(lines(table), None, small())
    assert {column.role for column in plan.columns if column.recognizer >= 0} == {Role.PROFESSIONAL}


def test_a_firms_number_beside_a_patients_changes_nothing() -> None:
    table = "siret;nom;nir\n99952327700013;DUPONT;295109912611193\n99952863100016;MARTIN;269054958815780"
    plan = make_plan(lines(table), None, small())
    assert {column.role for column in plan.columns if column.recognizer >= 0} == {Role.PATIENT}


def test_few_diagnoses_are_codes_and_no_disease_of_all() -> None:
    rows = "".join(f"{name};{first};{born};{code}\n" for name, first, born, code in zip(
        LASTS * 3, FIRSTS * 3, BIRTHS * 2, ["C509", "B24", "Z21", "I10"] * 5, strict=False
    ))  # fmt: skip
    assert planned("NOM;PRENOM;DDN;DPX\n" + rows)[1][3] == "code cim10"
    rooms = rows.replace("C509", "C50")
    assert planned("NOM;PRENOM;DDN;DPX\n" + rooms)[1][3] == "text"


def test_contacts_of_suppliers_are_no_patients() -> None:
    rows = "Roche;MARTIN Paul;0612345678\nAbbott;PETIT Anne;0612345679\n"
    assert planned("Fournisseur;Contact;Tel\n" + rows)[1][2] == "fr.phone (field+column) professional"
    assert planned("Fournisseur;Patient;Tel\n" + rows)[1][2] == "fr.phone (field+column)"
