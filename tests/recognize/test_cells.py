"""Whole columns: what arrays say is what the scalar checks and canonical forms say of each value."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from phiscan.fold import fold_str
from phiscan.link import canonical
from phiscan.model import Assertion
from phiscan.recognize import cells, validators
from phiscan.recognize.assertion import coded
from phiscan.recognize.names import canonical as family
from phiscan.recognize.names import first_given, parse_name
from phiscan.recognize.recognizer import SHAPE, VALID
from tests.recognize.small import of, small

CORSE = "191092B03300571"


def array(*values: str) -> pa.StringArray:
    return pa.array([fold_str(value) for value in values], pa.string())


def judged(answer: cells.Judged) -> list[tuple[int, str]]:
    """Return evidence and canonical form of each value, "" where it is none."""
    assert answer.canon is not None
    return [(e, c if e else "") for e, c in zip(answer.evidence.tolist(), answer.canon().to_pylist(), strict=True)]


def check(recognizer: str, part: str, *values: str) -> cells.Judged:
    return cells.checker(of(small(), recognizer), part)(array(*values))


# ---- NIR ----

digit = st.sampled_from("0123456789")
nir_like = st.builds(
    lambda sex, year, month, place, rest: sex + year + month + place + rest,
    st.sampled_from("12345678"),
    st.text("0123456789", min_size=2, max_size=2),
    st.sampled_from(["01", "12", "20", "31", "42", "50", "99", "00", "13", "19", "45"]),
    st.sampled_from(["01", "56", "75", "95", "2A", "2B", "97", "98", "99", "00", "2C", "2a"]),
    st.text("0123456789", min_size=6, max_size=8),
)
spacing = st.sampled_from(["", " ", ".", "-", "/"])


def keyed(number: str) -> str:
    """Return a number of thirteen characters with its key behind it."""
    plain = number.upper().replace("2A", "19").replace("2B", "18")
    return number + f"{97 - int(plain) % 97:02d}" if plain.isdigit() and len(plain) == 13 else number


def no_commune(number: str) -> bool:
    """Whether the place of birth has a number that no commune or country has."""
    overseas = number[5:7] in ("97", "98")
    return number[8:10] == "00" or number[8] == "9" if overseas else number[7:10] == "000" or number[7:9] == "99"


@pytest.mark.parametrize("number", ["1000197091001", "1000175995001", "1000198091001"])
def test_communes_that_are_none(number: str) -> None:
    assert not validators.nir(keyed(number))
    assert cells.judge_nir(array(keyed(number))).evidence.tolist() == [0]


@settings(max_examples=300)
@given(nir_like, spacing, st.booleans())
def test_nir_columns_are_judged_as_the_validator_judges(number: str, sign: str, with_key: bool) -> None:
    number = keyed(number[:13]) if with_key else number
    assume(not no_commune(number))
    written = sign.join([number[:1], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13], number[13:]])
    ((evidence, form),) = judged(cells.judge_nir(array(written)))
    assert bool(evidence & VALID) == validators.nir(written)
    if validators.nir13(number[:13]) and len(number) != 14:
        assert evidence & SHAPE
        assert form == canonical.nir(written)


@pytest.mark.parametrize(
    ("value", "evidence", "form"),
    [
        ("2 95 10 99 126 111 93", SHAPE | VALID, "2951099126111"),
        ("295109912611193", SHAPE | VALID, "2951099126111"),
        ("295109912611192", SHAPE, "2951099126111"),
        ("2951099126111", SHAPE, "2951099126111"),
        (CORSE, SHAPE | VALID, "191092B033005"),
        (CORSE.lower(), SHAPE | VALID, "191092B033005"),
        ("2,95109912611E+14", SHAPE, ""),
        ("2.95E+14", SHAPE, ""),
        ("", 0, ""),
        ("NR", 0, ""),
        ("000000000000000", 0, ""),
        ("29510991261119", 0, ""),
        ("995109912611193", 0, ""),
        ("295009912611193", 0, ""),
        ("VIH positif", 0, ""),
    ],
)
def test_nir_cells(value: str, evidence: int, form: str) -> None:
    assert judged(cells.judge_nir(array(value))) == [(evidence, form)]


def test_nir_and_their_keys() -> None:
    numbers, keys = (
        array("2951099126111", "2 95 10 99 126 111", "2951099126111", "295109912611193", ""),
        array("93", "93", " 9 ", "12", "93"),
    )
    assert cells.with_key(numbers, keys).to_pylist() == [
        "295109912611193",
        "295109912611193",
        "295109912611109",
        "295109912611193",
        "",
    ]
    assert cells.with_key(array("2951099126111"), array("cle")).to_pylist() == ["2951099126111"]


# ---- the others, as text is read ----

words = ["DUPONT", "Le Goff", "d'Ornano", "Marie", "Jean-Paul", "Zoé", "née", "MARTIN", "Mme", "ép."]
name_like = st.lists(st.sampled_from([*words, ",", "inconnu", "12"]), min_size=1, max_size=4).map(" ".join)


@given(st.lists(name_like, min_size=1, max_size=5))
def test_surnames_are_read_as_in_text(values: list[str]) -> None:
    forms = [form for _, form in judged(check("fr.person_name", "last_name", *values))]
    assert forms == [family(fold_str(value)) for value in values]


@given(
    st.lists(
        st.sampled_from(["Marie", "Marie, Anne", "Jean-Paul Luc", " Zoé", "", "NR", "X", "Léa;Ana", "12"]), max_size=5
    )
)
def test_given_names_are_read_as_in_text(values: list[str]) -> None:
    forms = [form for _, form in judged(check("fr.person_name", "first_name", *values))]
    assert forms == [first_given(fold_str(value)) for value in values]


@given(st.lists(name_like, min_size=1, max_size=5))
def test_full_names_are_read_as_in_text(values: list[str]) -> None:
    forms = [form for _, form in judged(check("fr.person_name", "", *values))]
    for value, form in zip(values, forms, strict=True):
        name = parse_name(fold_str(value))
        assert form in ("", f"{name.birth or name.last}/{name.first}")
        assert form or not name.key


dates = st.dates().map(lambda date: date.strftime("%d/%m/%Y")) | st.sampled_from(
    [
        "29/02/1964",
        "12/13/1965",
        "01/01/1900",
        "12/03/65",
        "1965-03-12",
        "19650312",
        "12.03.1965",
        "12 mars 1965",
        " 12/03/1965 ",
        "12/03/1965 10:30",
        "",
        "NR",
        "hier",
        "12/03",
        "00/00/0000",
    ]
)


@given(st.lists(dates, max_size=8))
def test_births_are_read_as_in_text(values: list[str]) -> None:
    forms = [form for _, form in judged(check("fr.birth_date", "", *values))]
    assert forms == [canonical.birth_date(value) for value in values]


def test_days_that_no_month_has_are_dates_in_columns_only() -> None:
    """The usual notation is looked at as bytes, a whole column at once: a wrong day names its person as well."""
    assert [form for _, form in judged(check("fr.birth_date", "", "31/02/1965", "32/01/1965"))] == ["19650231", ""]
    assert canonical.birth_date("31/02/1965") == ""


@pytest.mark.parametrize(
    "value",
    [
        "06 12 34 56 78",
        "0612345678",
        "+33612345678",
        "+33 (0)6 12 34 56 78",
        "0033612345678",
        "02.97.12.34.56",
        "",
        "NR",
        "0000000000",
        "1111111111",
        "12345",
        "VIH",
    ],
)
def test_phones_are_read_as_in_text(value: str) -> None:
    assert judged(check("fr.phone", "", value))[0][1] == canonical.phone(value)


@pytest.mark.parametrize("value", ["+262 692 12 34 56", "00262692123456", "+32 2 123 45 67"])
def test_foreign_phones_are_read_as_in_text(value: str) -> None:
    assert judged(check("fr.phone", "", value))[0][1] == canonical.phone(value)


@pytest.mark.parametrize(
    "value",
    ["Ana@Exemple.fr", " ana@exemple.fr ", "<ana@exemple.fr>", "ana.b-c@mail.exemple.org", "ana", "a@b", "", "NR"],
)
def test_mails_are_read_as_in_text(value: str) -> None:
    evidence, form = judged(check("fr.email", "", value))[0]
    assert form == (canonical.email(value) if evidence else "")
    assert bool(evidence) == ("@exemple" in value.lower() or "@mail" in value)


@pytest.mark.parametrize(
    "value",
    ["800123", "80-01-23", "A 12/34", "a12", "P_0012", "0000", "111", "9999", "XXX", "", "NR", "PATIENT", "1 2 3"],
)
def test_patient_numbers_are_read_as_in_text(value: str) -> None:
    assert judged(check("fr.patient_id", "", value))[0][1] == canonical.number(value)


def test_rows_of_one_digit_are_nobody() -> None:
    assert judged(check("fr.patient_id", "", "2222"))[0][1] == canonical.number("2222") == ""


@pytest.mark.parametrize("value", ["3 rue de l'Église", "22300 Lannion", "", "NR", "inconnue", "-"])
def test_addresses_are_read_as_in_text(value: str) -> None:
    assert judged(check("fr.address", "", value))[0][1] == canonical.address(fold_str(value))


# ---- facts ----

CODES = [
    "POS",
    "neg",
    "+",
    "-",
    "?",
    "N",
    "O",
    "1",
    "0",
    "en cours",
    "",
    "NF",
    "non fait",
    "négatif (contrôlé)",
    "800 copies",
    "douteux",
    ".",
]


@given(st.lists(st.sampled_from(CODES), max_size=9))
def test_coded_cells_say_what_coded_says(values: list[str]) -> None:
    answer = check("health.hiv", "", *values)
    assert answer.assertion is not None
    for value, evidence, stated in zip(values, answer.evidence.tolist(), answer.assertion.tolist(), strict=True):
        expected = coded(value)
        assert bool(evidence) == (expected is not None)
        assert expected is None or Assertion(stated) is expected


def test_filled_cells_of_text_columns() -> None:
    answer = check("health.diagnosis", "", "asthme", "", "NR", "néant", "E11", "-", "?", "RAS", "+", "0")
    assert answer.evidence.tolist() == [SHAPE, 0, 0, 0, SHAPE, 0, 0, 0, 0, 0]


def test_patterns_match_whole_cells() -> None:
    answer = check("health.blood_group", "", "A+", "AB NEG", "A+ ?", "A", "", "x A+", " O- ")
    assert answer.evidence.tolist() == [SHAPE, SHAPE, 0, 0, 0, 0, SHAPE]
    assert cells.shape_of(of(small(), "health.blood_group"), "A+")
    assert not cells.shape_of(of(small(), "health.blood_group"), "A+ B")


def test_parts_of_a_fact() -> None:
    assert check("health.blood_group", "rh", "+", "NEG", "", "nr", "1").evidence.tolist() == [SHAPE, SHAPE, 0, 0, SHAPE]


def test_validated_cells() -> None:
    answer = check("fr.rpps", "", "10003123451", "10003123450", "", "100031234")
    assert answer.evidence.tolist() == [SHAPE | VALID, SHAPE, 0, 0]


def test_memory_forgets_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_REMEMBERED", 3)
    asked: list[str] = []

    def ask(value: str) -> tuple[int, str, int]:
        asked.append(value)
        return SHAPE, value.upper(), 0

    memory = cells.Memory(ask)
    for values in (["a", "b", "a"], ["a", "c", "d"], ["a"]):
        assert judged(memory.judge(array(*values))) == [(SHAPE, value.upper()) for value in values]
    assert asked == ["a", "b", "c", "d", "a"]


@given(
    st.sampled_from(
        [
            "fr.nir",
            "fr.person_name",
            "fr.birth_date",
            "fr.phone",
            "fr.email",
            "fr.patient_id",
            "fr.address",
            "fr.rpps",
            "health.hiv",
            "health.diagnosis",
            "health.blood_group",
            "health.exam_date",
            "fr.practitioner",
        ]
    ),
    st.lists(st.text(max_size=30).map(lambda text: fold_str(text).replace("\n", " ")), max_size=8),
)
def test_any_column_is_judged(name: str, values: list[str]) -> None:
    answer = check(name, "", *values)
    assert len(answer.evidence) == len(values)
    assert answer.canon is None or len(answer.canon()) == len(values)
    assert set(answer.evidence.tolist()) <= {0, SHAPE, SHAPE | VALID}


@given(
    st.lists(st.sampled_from(["", "DUPONT", "2951099126111", "12/03/1965", "06 12 34 56 78"]), min_size=1, max_size=9),
    st.integers(0, 8),
)
def test_slices_are_judged_as_copies(values: list[str], cut: int) -> None:
    for name in ("fr.nir", "fr.person_name", "fr.birth_date", "fr.phone", "fr.patient_id", "fr.email", "fr.address"):
        part = "last_name" if name == "fr.person_name" else ""
        ask = cells.checker(of(small(), name), part)
        whole, copy = ask(array(*values).slice(min(cut, len(values)))), ask(array(*values[cut:]))
        assert judged(whole) == judged(copy)
