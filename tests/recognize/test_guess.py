"""Headers in no vocabulary, with the recognizers that ship."""

from __future__ import annotations

import pytest

from phiscan.recognize import guess
from phiscan.recognize.care import symbol
from phiscan.recognize.headers import FieldRef
from phiscan.recognize.ruleset import Ruleset


def named(refs: list[FieldRef], ruleset: Ruleset) -> list[str]:
    return [f"{ruleset.recognizers[ref.recognizer].id}/{ref.part}".rstrip("/") for ref in refs if ref.recognizer >= 0]


@pytest.mark.parametrize(
    ("header", "first"),
    [
        ("DAT_NA", "fr.birth_date"),
        ("TELEPH", "fr.phone"),
        ("CPOST", "fr.address/postcode"),
        ("NODOSS", "fr.patient_id.file"),
        ("CODE", ""),  # whole, and cut from nothing
        ("LIBELLE", ""),
        ("OBSERVATIONS", ""),
        ("NA", ""),
    ],
)
def test_headers_cut_short(header: str, first: str, shipped: Ruleset) -> None:
    found = named(guess.cut_short(header, shipped), shipped)
    assert (found or [""])[0] == first


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("CREAT_µmol", ["health.lab_column"]),
        ("HB_gdL", ["health.lab_column"]),
        ("VIH_RES_2", ["health.hiv"]),
        ("RES", []),
    ],
)
def test_words_round_the_one_that_tells(header: str, found: list[str], shipped: Ruleset) -> None:
    assert named(guess.without_round(header, shipped), shipped) == found


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("diabete_type2", ["health.diagnosis_field"]),
        ("Dépistage Hépatite C (1er)", ["health.infection"]),
        ("MONTANT", []),
        ("", []),
    ],
)
def test_diseases_in_headers(header: str, found: list[str], shipped: Ruleset) -> None:
    assert named(guess.diseases(header, shipped), shipped) == found


def test_what_is_said_of_somebody() -> None:
    assert [guess.of_fact(name) for name in ("TABAC_STATUT", "PRIX_VIH", "Code cancer")] == [True, False, False]


def test_whose_facts() -> None:
    assert [guess.of_family(name) for name in ("ATCD familiaux", "VIH_MERE", "NOM", "Personne à prévenir")] == [
        True,
        True,
        False,
        False,
    ]


def test_symbols_of_analyses() -> None:
    assert [symbol(name) for name in ("K", "NA_mmol/L", "GB", "K_SEIN", "CODE")] == [True, True, True, False, False]
