"""A block is parsed in pieces: its rows are those of the whole, wherever it is cut."""

from __future__ import annotations

import pytest

from phiscan.extract import delimited
from phiscan.extract.delimited import Parser
from phiscan.extract.dialect import sniff

PLAIN = [f"{number};un;deux" for number in range(600)]
ROWS = [*PLAIN, "x;y", *PLAIN, "a;b;c;d"]
LONG = [*ROWS[:50], f"{'z' * 5000};b;c", *ROWS[50:]]


@pytest.mark.parametrize("rows", [pytest.param(ROWS, id="ragged"), pytest.param(LONG, id="longer-than-a-piece")])
def test_rows_are_the_same_in_pieces(monkeypatch: pytest.MonkeyPatch, rows: list[str]) -> None:
    data = ("\n".join(rows) + "\n").encode()
    dialect = sniff("\n".join(PLAIN) + "\n", whole=True)
    assert dialect is not None
    read = []
    for piece in (1 << 20, 1 << 10):
        monkeypatch.setattr(delimited, "_PIECE", piece)
        parser = Parser(dialect)
        batches = list(parser.batches(iter([data])))
        read.append([list(row.values()) for batch in batches for row in batch.to_pylist()])
        assert not parser.lost
    assert read[0] == read[1]
    assert len(read[0]) == len(rows)
