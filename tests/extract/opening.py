"""What the tests of extraction share: read bytes to the end, and say what came out."""

from __future__ import annotations

import io
from typing import Any

from phiscan.extract import parts
from phiscan.model import Gap, Limits, Table, Text

LIMITS = Limits()


def rows(table: Table) -> list[list[str]]:
    """Return all rows of a table."""
    return [list(row.values()) for batch in table.batches() for row in batch.to_pylist()]


def read(data: bytes, name: str = "file", limits: Limits = LIMITS) -> list[tuple[str, str, list[Any]]]:
    """Return (member, status, content) of every part: a text as it is, a table as its rows, a gap as its reason."""
    return [
        (part.member, part.decided_by or part.status, [_shown(chunk) for chunk in part.chunks])
        for part in parts(io.BytesIO(data), name, len(data), limits)
    ]


def _shown(chunk: Text | Table | Gap) -> Any:
    if isinstance(chunk, Text):
        return chunk.text
    if isinstance(chunk, Table):
        chunk.sample()
        shown = rows(chunk)
        return [shown, *(f"gap {gap.reason}" for gap in chunk.gaps)] if chunk.gaps else shown
    return f"gap {chunk.reason}: {chunk.detail}"


def types(data: bytes, name: str = "file") -> list[str]:
    """Return the MIME type of every part."""
    found = []
    for part in parts(io.BytesIO(data), name, len(data), LIMITS):
        found.append(part.type)
        list(part.chunks)
    return found


def texts(data: bytes, name: str = "file") -> list[Text]:
    """Return the passages of all parts."""
    found: list[Text] = []
    for part in parts(io.BytesIO(data), name, len(data), LIMITS):
        found.extend(chunk for chunk in part.chunks if isinstance(chunk, Text))
    return found
