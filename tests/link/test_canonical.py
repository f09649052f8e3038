"""Canonical forms: one spelling for one identity, "" for nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.fold import fold_str
from phiscan.link import canonical


@pytest.mark.parametrize(
    ("check", "spellings", "form"),
    [
        (canonical.number, ["12 34-56", "12.34.56", "123456", "12/34/56", "12_34_56"], "123456"),
        (canonical.number, ["ab 12", "AB12", "a-b-1-2"], "AB12"),
        (canonical.number, ["", "000000", "9999", "N/A", "XXXX", "inconnu", "-", "1"], ""),
        (
            canonical.nir,
            ["2 95 10 99 126 111 93", "295109912611193", "2951099126111", "2.95.10.99.126.111.93"],
            "2951099126111",
        ),
        (canonical.nir, ["1 91 09 2b 033 005 71", "191092B03300571"], "191092B033005"),
        (canonical.nir, ["", "0" * 15, "NR"], ""),
        (
            canonical.birth_date,
            ["12/03/1965", "12-03-1965", "19650312", "1965-03-12", "12 mars 1965", "12.03.65"],
            "19650312",
        ),
        (canonical.birth_date, ["", "01/01/1900", "01/01/1800", "31/02/1965", "hier", "00/00/0000"], ""),
        (canonical.address, ["3 rue de l'Église", "3, RUE DE L EGLISE"], "3RUEDELEGLISE"),
        (canonical.address, ["", "NR", "-"], ""),
        (canonical.email, ["Ana@Exemple.FR", " <ana@exemple.fr> ", "ana@exemple.fr"], "ana@exemple.fr"),
        (
            canonical.phone,
            ["06 12 34 56 78", "+33 6 12 34 56 78", "0033612345678", "+33 (0)6.12.34.56.78"],
            "612345678",
        ),
        (canonical.phone, ["+262 692 12 34 56", "00262692123456"], "262692123456"),
        (canonical.phone, ["", "12", "00 00 00 00 00", "0000000000", "1111111111"], ""),
        (canonical.name, ["Le Goff", "LE GOFF", "le-goff", "LeGoff"], "LEGOFF"),
        (canonical.first_given, ["Marie, Anne", "MARIE ANNE", "marie"], "MARIE"),
    ],
)
def test_spellings_of_one_identity(check: Callable[[str], str], spellings: list[str], form: str) -> None:
    assert [check(fold_str(one)) for one in spellings] == [form] * len(spellings)


checks = st.sampled_from(
    [
        canonical.number,
        canonical.nir,
        canonical.birth_date,
        canonical.address,
        canonical.email,
        canonical.phone,
        canonical.name,
        canonical.first_given,
    ]
)


@given(checks, st.text(max_size=60).map(fold_str))
def test_any_text_has_a_form(check: Callable[[str], str], value: str) -> None:
    assert check(value).isascii()


@given(checks, st.text("0123456789ABDEFGH /.-", max_size=30))
def test_a_form_is_its_own_form(check: Callable[[str], str], value: str) -> None:
    once = check(value)
    assert check(once) == once or not check(once)
