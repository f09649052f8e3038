"""Tables whose first rows say whom they are about."""

from __future__ import annotations

import pyarrow as pa
import pytest

from phiscan.model import Table, Text
from phiscan.recognize.form import as_text, is_form
from tests.recognize.small import small

FORM = [["Nom", "DUPONT", ""], ["Prénom", "Marie", ""], ["Née le", "12/03/1965", ""], ["Date", "Motif", "Observation"]]


@pytest.mark.parametrize(
    ("rows", "form"),
    [
        (FORM, True),
        ([["Export du 12/03/2026", "", ""], *FORM], True),
        (FORM[:1] + FORM[3:], False),  # one label names nobody
        ([["Nom", "Prénom", ""], ["DUPONT", "Marie", ""], ["MARTIN", "Paul", ""]], False),
        ([["Nom", "DUPONT", "Marie"], ["Née le", "12/03/1965", "x"]], False),
        ([["Nom du médecin", "DUPONT", ""], ["Prénom du médecin", "Marie", ""]], False),
        ([[""] * 3] * 25 + FORM, False),  # too far down
        ([], False),
    ],
)
def test_a_form_begins_with_labels_and_values(rows: list[list[str]], form: bool) -> None:
    assert is_form(rows, small()) is form


def test_rows_are_lines() -> None:
    batch = pa.record_batch([pa.array(column) for column in zip(*FORM, strict=True)], ["c0", "c1", "c2"])
    table = Table(3, lambda: iter([batch, batch]), lambda: batch, sheet=2)
    lines = "Nom;DUPONT\nPrénom;Marie\nNée le;12/03/1965\nDate;Motif;Observation"
    assert list(as_text(table)) == [Text(f"{lines}\n{lines}", line=1, sheet=2)]


def test_passages_are_bounded() -> None:
    batch = pa.record_batch([pa.array(["x" * 20_000] * 10)], ["c0"])
    passages = list(as_text(Table(1, lambda: iter([batch]), lambda: batch)))
    assert [(len(passage.text), passage.line) for passage in passages] == [(80_003, 1), (80_003, 5), (40_001, 9)]
