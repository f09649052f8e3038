"""What the tests of tables and plain text share: streams that misbehave, and chunks made comparable."""

from __future__ import annotations

import io
from typing import Any

from phiscan.extract.plain import read_text_or_table
from phiscan.model import Gap, Table, Text

PEOPLE = [
    ["NOM", "PRÉNOM", "NAISSANCE", "COMMENTAIRE"],
    ["LEFÈVRE", "Hélène", "12/03/1985", "prélevée à domicile"],
    ["MARTIN", "François", "01/12/1950", ""],
    ["DUPRÉ", "Zoé", "30/07/2001", "reçu, bilan complété"],
]
FOLDED = [
    ["NOM", "PRENOM", "NAISSANCE", "COMMENTAIRE"],
    ["LEFEVRE", "Helene", "12/03/1985", "prelevee a domicile"],
    ["MARTIN", "Francois", "01/12/1950", ""],
    ["DUPRE", "Zoe", "30/07/2001", "recu, bilan complete"],
]


def rows(table: Table) -> list[list[str]]:
    """Return all rows of a table, after checking that its batches keep the contract."""
    found: list[list[str]] = []
    for batch in table.batches():
        assert batch.schema.names == [f"c{number}" for number in range(table.columns)]
        assert {str(field.type) for field in batch.schema} == {"string"}
        assert all(column.null_count == 0 for column in batch.columns)
        batch.validate(full=True)
        found += [list(row.values()) for row in batch.to_pylist()]
    assert not any("\n" in value or "\t" in value for row in found for value in row)
    assert all(value.isascii() for row in found for value in row)
    return found


def sampled(table: Table) -> list[list[str]]:
    return [list(row.values()) for row in table.sample().to_pylist()]


def read(data: bytes, name: str = "x.txt") -> list[Any]:
    """Return what is in a textual file: a table as its rows, a text as it is, a gap as its reason."""
    return [shown(chunk) for chunk in read_text_or_table(io.BytesIO(data), len(data), name)]


def shown(chunk: Text | Table | Gap) -> Any:
    if isinstance(chunk, Table):
        found = rows(chunk)
        assert not chunk.gaps
        return found
    return chunk.text if isinstance(chunk, Text) else chunk.reason


class Failing(io.BytesIO):
    """A file that fails with EIO when it is read past `good` bytes."""

    good = 0

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= self.good:
            raise OSError(5, "Input/output error")
        return super().read(size)


class Shrinking(io.BytesIO):
    """A file that is cut to `left` bytes once it has been read from twice."""

    left = 0
    reads = 0

    def read(self, size: int | None = -1) -> bytes:
        self.reads += 1
        if self.reads == 2:
            at = self.tell()
            self.truncate(self.left)
            self.seek(at)
        return super().read(size)
