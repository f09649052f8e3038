"""Tables that are forms: about one patient, whom their first rows name (`Nom;DUPONT`), whatever stands below.

Exports of practices begin so: label and value row by row, then visits or results under a header of their own. As a
table nobody is named in it; read as the text that it is, its labels are found like any other's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from phiscan.model import Role, Table, Text
from phiscan.recognize.ruleset import Ruleset

LOOKED_AT = 25  # rows
_IDENTITY = frozenset({"person_name", "birth_date", "nir", "ins", "patient_id"})
_FEWEST = 2  # labels of different identities
_MOST = 64 << 10  # characters of a passage


def is_form(rows: Sequence[Sequence[str]], ruleset: Ruleset) -> bool:
    """Whether the first rows of a table tell who it is about, a label and its value each."""
    told = set()
    for row in rows[:LOOKED_AT]:
        filled = [cell.strip() for cell in row if cell.strip()]
        if len(filled) != 2 or not row[0].strip() or ruleset.headers.known(filled[1]):
            continue
        refs, role = ruleset.headers.find(filled[0])
        if role is Role.PATIENT:
            told |= {
                (category, ref.part)
                for ref in refs
                if ref.recognizer >= 0 and (category := ruleset.recognizers[ref.recognizer].category) in _IDENTITY
            }
    return len(told) >= _FEWEST


def as_text(table: Table) -> Iterator[Text]:
    """Yield the rows of a table as passages of text, a row a line, its cells separated by semicolons."""
    lines: list[str] = []
    size, first, row = 0, 1, 0
    for batch in table.batches():
        for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            lines.append(";".join(cells).rstrip(";"))
            size, row = size + len(lines[-1]) + 1, row + 1
            if size >= _MOST:
                yield Text("\n".join(lines), line=first, sheet=table.sheet)
                lines, size, first = [], 0, row + 1
    if lines:
        yield Text("\n".join(lines), line=first, sheet=table.sheet)
