"""What the values of a column say by themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.recognize import contents
from phiscan.recognize.contents import BY_CONTENT

STREETS = ["12 rue des Lilas", "3 bis place Foch", "118 av. de la Gare", "7 impasse du Puits"]


@pytest.mark.parametrize(
    ("category", "values", "part"),
    [
        ("address", STREETS, "street"),
        ("address", [f"{street} 56000 VANNES" for street in STREETS], ""),
        ("address", ["rue", "place", "cours de yoga"], None),
        ("address", STREETS[:2], None),
        ("practitioner", ["Dr LE GOFF", "DR MARTIN Paul", "Pr. KERVELLA"], ""),
        ("practitioner", ["Drame", "PROFIL", "DRON"], None),
        ("person_name", ["Mme", "M.", "Mlle", "Enf."], None),
        ("person_name", ["LE GOFF Mari", "KERVELLA Yann", "DA SILVA Ma", "MARTIN Sophie", "DUPONT Paul"], ""),
        ("rpps", ["10003123451", "99700218896", "1", "2", "3"], None),
    ],
)
def test_a_column_by_its_content(category: str, values: list[str], part: str | None) -> None:
    assert BY_CONTENT[category](values) == part


def test_finess_by_its_key_and_its_third_digit() -> None:
    numbers = [n for n in map(str, range(560000000, 560000100)) if contents.sanitary(n)]
    assert BY_CONTENT["finess"](numbers) == ""
    companies = [n for n in map(str, range(562000000, 562000100)) if contents.sanitary(n)]
    assert companies == []


@pytest.mark.parametrize(
    ("values", "system"),
    [
        (["C50.9", "E11.9", "I10", "J45.0", "C18.7"], "cim10"),
        (["A12", "B24", "C50", "D12", "E01"], ""),  # rooms
        (["L01XC03", "N02BE01", "C10AA05", "A10BA02", "H03AA01"], "atc"),
        (["7918-6", "2345-7", "718-7", "2160-0", "3016-3"], "loinc"),
        (["7918-1", "2345-2", "718-3", "2160-4", "3016-5"], ""),
        (["HHFA001", "DZQM006", "ZBQK002", "YYYY033", "QZRB001"], "ccam"),
        (["C50.9", "E11.9"], ""),
    ],
)
def test_codes(values: list[str], system: str) -> None:
    assert contents.system(values) == system


def test_births_spread_and_visits_do_not() -> None:
    births = [f"01/02/{year}" for year in range(1930, 2010, 8)]
    visits = [f"{day:02}/03/202{day % 5}" for day in range(1, 11)]
    assert (contents.births(births), contents.recent(births)) == (True, False)
    assert (contents.births(visits), contents.recent(visits)) == (False, True)


def test_towns_by_the_list_and_by_their_words() -> None:
    assert contents.settled(["Vannes", "BREST", "Saint-Jean-Brevelay", "La Trinité sur Mer"])
    assert not contents.settled(["DUPONT", "MARTIN", "LE GOFF", "Brest"])


def test_codes_that_say_yes_or_no() -> None:
    assert contents.coded(["POS", "NEG", "NR"])
    assert contents.coded(["0", "1"])
    assert not contents.coded(["rappeler", "POS", "demain"])
    assert not contents.coded([])


def test_measures() -> None:
    assert contents.numbers(["1,05", "<20", "45 200", "0.9 g/L"])
    assert contents.numbers(["120", "indetectable", "NEG"])
    assert not contents.numbers(["a", "b", "1"])


@given(st.lists(st.text(max_size=30), max_size=20))
def test_no_test_ever_raises(values: list[str]) -> None:
    parts = [test(values) for test in BY_CONTENT.values()]
    assert all(part is None or isinstance(part, str) for part in parts)
    assert contents.system(values) in ("", "atc", "ccam", "cim10", "cip13", "loinc")


def test_rooms_are_no_codes_of_diseases() -> None:
    rooms = [f"{letter}{number}" for letter in "ABC" for number in (2, 22, 24, 61, 123)]
    codes = [f"{letter}{number}" for letter in "BCE" for number in (10, 22, 24, 61, 78)]
    assert contents.places(rooms)
    assert contents.places([*rooms, "B22 B24", "D"])
    assert contents.places([f"{letter}{number:02}" for letter in "ABC" for number in range(1, 30)])
    assert not contents.places(codes)
    assert not contents.places(rooms[:14])
    assert not contents.places([*rooms, "VIH connu", "sous Triumeq"])
