"""Every phrase a gap can bear is known in French: found in the source, so that none is forgotten."""

from __future__ import annotations

import ast
import typing
from pathlib import Path

import pytest

import phiscan
from phiscan.errors import GapReason
from phiscan.report.details import FRENCH, in_french
from phiscan.source.open import _REASONS

PACKAGE = Path(phiscan.__file__).parent
REASONS = set(typing.get_args(GapReason))
TELLERS = {"as_unreadable", "_cannot"}  # their second argument is a phrase


def _phrases() -> set[str]:
    found: set[str] = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found |= _of_call(node)
    return found


def _of_call(call: ast.Call) -> set[str]:
    strings = [argument.value if isinstance(argument, ast.Constant) else None for argument in call.args]
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    after = next((at + 1 for at, value in enumerate(strings) if value in REASONS), len(strings))
    if name in TELLERS:
        after = 1
    return {value for value in strings[after:] if isinstance(value, str) and value}


def test_every_phrase_is_known_in_french() -> None:
    assert sorted(_phrases() - FRENCH.keys()) == []
    assert sorted({phrase for _, phrase in _REASONS.values()} - FRENCH.keys()) == []


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("no text layer on 1 of 3 pages, OCR needed", "1 page(s) sur 3 sans texte : numérisation à reconnaître"),
        ("the server answers 503", "le serveur répond 503"),
        ("not fetched after 120 s", "pas reçu après 120 s"),
        ("not finished after 120 s", "pas fini après 120 s"),
        ("damaged PDF", "PDF abîmé"),
        ("unexpected ValueError in phiscan.x:1", "unexpected ValueError in phiscan.x:1"),
    ],
)
def test_phrases(english: str, french: str) -> None:
    assert in_french(english) == french
