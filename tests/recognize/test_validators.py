"""Validators and dates: exact answers on published specimens and near misses, and no exception on any string."""

from __future__ import annotations

import datetime as dt
import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.recognize import dates, validators
from phiscan.recognize.dates import parse_date
from phiscan.recognize.validators import VALIDATORS

# Published specimens (python-stdnum, ANS, INSEE, ISO) or numbers made for these tests with a computed key.
GOOD = {
    "nir": [
        "295109912611193",
        "2 95 10 99 126 111 93",
        "2-69-05-49-588-157-80",
        "2.69.05.49.588.157.80",
        "2690549588157 80",
        "2 6 9 0 5 4 9 5 8 8 1 5 7 8 0",
        "253072B07300470",
        "253072A07300443",
        "2 53 07 2a 073 004 43",
        "185057800608491",
        "279035121518989",
        "785057800608482",
    ],
    "nir13": [
        "2951099126111",
        "2 53 07 2B 073 004",
        "1552059350123",
        "1853459350123",
        "1859997401001",
        "7850578006084",
    ],
    "ins_nir": ["295109912611193", "279035121518989"],
    "ins_c": ["1234567890123456789012"],
    "ins": ["295109912611193", "1234567890123456789012"],
    "local_id": ["8001234567", "12-34567", "PAT0012"],
    "insurance_value": ["HARMONIE MUTUELLE", "01 751 0000", "MGEN"],
    "rpps": ["99700218896", "997 0021 8896"],
    "adeli": ["751234567", "75 1 23456 7", "2A1234567", "97D123456"],
    "finess": ["750712184", "75 071 218 4", "2A0000014", "2B0000020"],
    "siren": ["732829320", "732 829 320"],
    "siret": ["73282932000074", "732 829 320 00074", "35600000000048"],
    "iban": [
        "FR7630006000011234567890189",
        "FR76 3000 6000 0112 3456 7890 189",
        "fr1420041010050500013m02606",
        "BE68 5390 0754 7034",
        "DE89370400440532013000",
        "MC5811222000010123456789030",
        "ES9121000418450200051332",
    ],
    "phone_fr": [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06/12/34/56/78",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "0033612345678",
        "0262 20 30 40",
        "+262 692 12 34 56",
        "+590 690 12 34 56",
        "+594 694 12 34 56",
        "+596 696 12 34 56",
        "+687 28 12 34",
        "+689 87 12 34 56",
        "06 12 34 56\n78",
        "O6 l2 34 56 78",
        "+508 41 12 34",
        "0970 12 34 56",
        "0800 123 456",
    ],
    "email": ["marie.dupont@exemple.fr", "m+tag@sub.example.org", "J_O'Neil@chu-rennes.fr", "a@b.museum"],
    "date": ["31/12/2024", "2024-02-29", "12 mars 1965"],
    "birth_date": [
        "12/03/1965",
        "12.03.1965",
        "12-03-1965",
        "12|03|1965",
        "12 03 1965",
        "12031965",
        "19650312",
        "650312",
        "12/03/65",
        "1965-03-12",
        "1er janvier 1950",
        "deux janvier mille neuf cent soixante-cinq",
    ],
    "cni": ["880692310285", "D2H6862M2", "14AB12345"],
    "first_name": ["Marie", "JEAN-CLAUDE", "jean luc", "Fatoumata", "Gwenaelle", "Yuki"],
    "whole_name": ["Yann Kerbrat", "KERBRAT Enora", "Awa Ndiaye-Kerbrat", "de La Tour Jeanne"],
    "full_name": ["DUPONT Marie", "Enora KERVELLA", "J. LE BIHAN", "DUPONT J.", "J.-P. ROUX"],
    "name_person": ["DUPONT Marie", "Marie DUPONT", "LE GOFF Yann", "BEN ALI Mohamed", "NGUYEN Thi Lan"],
    "person_part": ["DUPONT", "Le Goff", "d'Ornano", "Anne-Marie", "N'Diaye"],
    "password_like": ["Soleil56", "azerty", "P@ssw0rd!", "labo2019"],
    "address": ["12 bis rue des Lilas", "56000 VANNES", "BP 123", "3 place de l'Eglise 22300 LANNION", "75 013 PARIS"],
}
BAD = {
    "nir": [
        "295109912611199",
        "000000000000097",
        "295139912611187",
        "595109912611193",
        "2951099126111",
        "295109912600004",
        "352099001761481",
        "2951099126111933",
        "",
    ],
    "nir13": ["2951399126111", "2951099126000", "2951000126111", "0951099126111", "2951098000111", "2951099999111"],
    "ins_nir": ["295109912611199", "1234"],
    "ins_c": ["0" * 22, "1" * 21, "12345678901234567890AB"],
    "ins": ["295109912611199", "0" * 22],
    "local_id": ["12/03/2026", "12.03.26", "0000000", "12", "DUPONT"],
    "insurance_value": ["voir avec la patiente", "Aucune", "List[str] = []", "X"],
    "rpps": ["99700218897", "00000000000", "9970021889"],
    "adeli": ["001234567", "12345678", "750712184X"],
    "finess": ["750712185", "000000000", "2C0000014", "990712184"],
    "siren": ["732829321", "000000000", "73282932"],
    "siret": ["73282932000075", "35600000000049", "732829320"],
    "iban": ["FR7630006000011234567890188", "FR76", "ZZ68539007547034", "FR7630006000011234567890"],
    "phone_fr": [
        "06\n12\n34\n56\n78",
        "0012345678",
        "0612345",
        "06123456789",
        "0000000000",
        "0123456789",
        "0666666666",
        "+1 202 555 0172",
        "12345",
    ],
    "email": [
        "logo@2x.png",
        "no-reply@exemple.fr",
        "a..b@exemple.fr",
        "a@b",
        "git@github.com",
        "@exemple.fr",
        "a@-x.fr",
    ],
    "date": ["31/11/2024", "32/01/2020", "1/1/1", "abc"],
    "birth_date": ["29/02/1965", "12/03/2165", "01/01/1900", "12/03/1865", "00/00/1965", "12/1965", ""],
    "cni": ["123", "111111111111", "ABCDEFGHI"],
    "first_name": ["Martinez", "12", "", "INCONNU"],
    "whole_name": ["Kerbrat", "INCONNU Marie", "TEST Ana", "Clinique Kerbrat", "rue de la gare", "de La", "A1 B2", ""],
    "full_name": ["DUPONT", "TYMPANS NORMAUX", "Table Content", "TEST Marie", "J.", "prescrit par voie orale"],
    "name_person": ["DUPONT", "Marie", "TEST Marie", "INCONNU Marie", "XXX XXX", "rue de la gare", "Table Content"],
    "person_part": ["INCONNU", "XXX", "12B", "X", "A1", "TEST", "", "os.path", "FilePath", "femme de 40 ans"],
    "password_like": [
        "********",
        "None",
        "os.environ",
        "getpass()",
        "abc",
        "two words",
        "<password>",
        "${PASS}",
        "XXXX",
    ],
    "address": ["rue", "12345", "DUPONT Marie", "version 1.2"],
}


def test_every_validator_is_tested() -> None:
    assert set(GOOD) == set(BAD) == set(VALIDATORS)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_accepts(name: str, value: str) -> None:
    assert VALIDATORS[name](value) is True


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_refuses(name: str, value: str) -> None:
    assert VALIDATORS[name](value) is False


@pytest.mark.parametrize("module", [validators, dates])
def test_docstrings_are_true(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


DATES = {
    "12/03/1965": (1965, 3, 12),
    "1/2/1950": (1950, 2, 1),
    "12 / 03 / 1965": (1965, 3, 12),
    "12.03.65": (1965, 3, 12),
    "12 03 1965": (1965, 3, 12),
    "12\nmars 1965": (1965, 3, 12),
    "1O/03/l965": (1965, 3, 10),
    "12|03|1965": (1965, 3, 12),
    "1965-03-12": (1965, 3, 12),
    "1965-03-12 00:00:00": (1965, 3, 12),
    "1965-03-12T00:00:00.000Z": (1965, 3, 12),
    "19650312": (1965, 3, 12),
    "19650312104500": (1965, 3, 12),
    "12031965": (1965, 3, 12),
    "20121950": (1950, 12, 20),
    "650312": (1965, 3, 12),
    "120365": (1965, 3, 12),
    "12 mars 1965": (1965, 3, 12),
    "Vendredi 12 mars 1965": (1965, 3, 12),
    "1er janvier 1950": (1950, 1, 1),
    "3 août 1999": (1999, 8, 3),
    "12-MAR-65": (1965, 3, 12),
    "deux janvier mille neuf cent quatre-vingt-douze": (1992, 1, 2),
    "trente et un décembre deux mille un": (2001, 12, 31),
    "premier avril mil neuf cent soixante-dix-huit": (1978, 4, 1),
    "29/02/00": (2000, 2, 29),
}


@pytest.mark.parametrize(("value", "expected"), DATES.items())
def test_parse_date(value: str, expected: tuple[int, int, int]) -> None:
    assert parse_date(value) == dt.date(*expected)


@pytest.mark.parametrize(
    "value", ["31/02/1965", "29/02/1900", "12/13/1965", "12/03-1965", "3 foo 1999", "1.2.3", "", "né le"]
)
def test_no_date(value: str) -> None:
    assert parse_date(value) is None


def test_a_two_digit_year_is_never_in_the_future() -> None:
    tomorrow = dt.date.today() + dt.timedelta(days=1)
    assert parse_date(tomorrow.strftime("%d/%m/%y")) == tomorrow.replace(year=tomorrow.year - 100)
    today = dt.date.today()
    assert parse_date(today.strftime("%d/%m/%y")) == today


@given(st.dates(min_value=dt.date(1900, 1, 2), max_value=dt.date(2026, 1, 1)))
def test_every_notation_is_one_date(day: dt.date) -> None:
    forms = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %m %Y", "%d%m%Y", "%Y%m%d", "%Y-%m-%d", "%Y/%m/%d"]
    assert {parse_date(day.strftime(form)) for form in forms} == {day}


@settings(max_examples=200)
@given(st.one_of(st.text(), st.text("0123456789AB /.-+@²٣ \n"), st.from_regex(r"[0-9 ./-]{6,20}")))
def test_junk_never_raises(junk: str) -> None:
    parse_date(junk)
    answers = [check(junk) for check in VALIDATORS.values()]
    assert set(answers) <= {True, False}
    assert all(type(answer) is bool for answer in answers)
