"""Names: taken apart as French forms write them, and what is nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.fold import fold_str
from phiscan.recognize.names import Name, canonical, first_given, is_null, parse_name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("DUPONT Marie", Name("DUPONT", "MARIE")),
        ("Marie DUPONT", Name("DUPONT", "MARIE")),
        ("Mme DUPONT Marie", Name("DUPONT", "MARIE")),
        ("Mme Marie DUPONT", Name("DUPONT", "MARIE")),
        ("M. LE GOFF Yann", Name("LEGOFF", "YANN")),
        ("Le Goff Yann", Name("LEGOFF", "YANN")),
        ("Yann Le Goff", Name("LEGOFF", "YANN")),
        ("DUPONT, Marie", Name("DUPONT", "MARIE")),
        ("DUPONT Marie, Anne", Name("DUPONT", "MARIE")),
        ("DUPONT Jean-Paul", Name("DUPONT", "JEANPAUL")),
        ("DUPONT MARIE", Name("DUPONT", "MARIE")),
        ("MARIE DUPONT", Name("DUPONT", "MARIE")),
        ("d'ORNANO Pierre", Name("DORNANO", "PIERRE")),
        ("DE LA TOUR Anne", Name("DELATOUR", "ANNE")),
        ("BEN ALI Fatima", Name("BENALI", "FATIMA")),
        ("DUPONT née MARTIN Marie", Name("DUPONT", "MARIE", "MARTIN")),
        ("DUPONT Marie née MARTIN", Name("DUPONT", "MARIE", "MARTIN")),
        ("Marie DUPONT (née MARTIN)", Name("DUPONT", "MARIE", "MARTIN")),
        ("MARTIN épouse DUPONT", Name("DUPONT", "", "MARTIN")),
        ("MARTIN Marie ép. DUPONT", Name("DUPONT", "MARIE", "MARTIN")),
        ("DUPONT", Name("DUPONT")),
        ("Dr MARTIN", Name("MARTIN")),
        ("M. J. DUPONT", Name("DUPONT", "J")),
        ("", Name()),
        ("12345", Name()),
        ("Mme", Name()),
    ],
)
def test_names_are_taken_apart(written: str, name: Name) -> None:
    assert parse_name(fold_str(written)) == name


def test_the_name_a_person_is_counted_by() -> None:
    assert Name("DUPONT", "MARIE", "MARTIN").key == "MARTIN/MARIE"
    assert Name("DUPONT", "MARIE").key == "DUPONT/MARIE"
    assert [Name("DUPONT").key, Name(first="MARIE").key, Name().key] == ["", "", ""]
    assert [bool(Name("A")), bool(Name(first="A")), bool(Name(birth="A")), bool(Name())] == [True, True, True, False]
    assert repr(Name("DUPONT")) == "<Name>"


@pytest.mark.parametrize(
    "written",
    [
        "INCONNU",
        "inconnue",
        "Anonyme",
        "TEST",
        "XXX",
        "x",
        "N/A",
        "NR",
        "N.C.",
        "n.s",
        "null",
        "-",
        "",
        "???",
        "sous X",
        "Patient",
        "NOMPATIENT",
        "prenom du patient",
        "nom_prenom",
        "PATIENT-TEST 2",
        "Specimen",
    ],
)
def test_nobody(written: str) -> None:
    assert is_null(written)
    assert canonical(written) == ""
    assert first_given(written) == ""


@pytest.mark.parametrize("written", ["DUPONT", "Testard", "Nullet", "Vider", "Sansom", "Xavier", "Nomine", "Nompatin"])
def test_somebody(written: str) -> None:
    assert not is_null(written)
    assert canonical(written) == written.upper()


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("Marie, Anne", "MARIE"),
        ("MARIE ANNE", "MARIE"),
        ("Jean-Paul Marie", "JEANPAUL"),
        ("  Zoé;Lou", "ZOE"),
        (", Marie", "MARIE"),
        ("Ana/Maria", "ANA"),
        ("123", ""),
    ],
)
def test_the_first_given_name(written: str, first: str) -> None:
    assert first_given(fold_str(written)) == first


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_nobody(written: str) -> None:
    name = parse_name(fold_str(written))
    assert all(part == "" or (part.isalpha() and part.isupper()) for part in (name.last, name.first, name.birth))


@given(st.sampled_from(["DUPONT", "LE GOFF", "D'ORNANO", "BEN ALI"]), st.sampled_from(["Marie", "Jean-Paul", "Yann"]))
def test_order_and_civility_change_nobody(last: str, first: str) -> None:
    expected = Name(canonical(last), canonical(first))
    for written in (
        f"{last} {first}",
        f"{first} {last}",
        f"M. {last} {first}",
        f"{last}, {first}",
        f"{last}  {first} ",
    ):
        assert parse_name(written) == expected
