"""The report for programs: one JSON document, or one file a line and a last line with the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from phiscan.report.model import Report


def write_json(report: Report) -> Iterator[str]:
    """Yield the report as indented JSON, piece by piece: a share may have millions of files."""
    head = _dump(report.head(), 2)
    yield head.removesuffix("\n}")
    lists: tuple[tuple[str, Any], ...] = (("files", report.files), ("gaps", report.gaps), ("excluded", report.excluded))
    for name, elements in lists:
        yield f',\n  "{name}": ['
        for position, element in enumerate(elements):
            yield ",\n    " if position else "\n    "
            yield _dump(element.to_dict())
        yield "\n  ]" if elements else "]"
    yield "\n}\n"


def write_jsonl(report: Report) -> Iterator[str]:
    """Yield one `files` element a line, then `{"summary", "gaps", "excluded"}`."""
    for found in report.files:
        yield _dump(found.to_dict()) + "\n"
    rest = {
        "summary": report.head(),
        "gaps": [gap.to_dict() for gap in report.gaps],
        "excluded": [left.to_dict() for left in report.excluded],
    }
    yield _dump(rest) + "\n"


def _dump(data: object, indent: int | None = None) -> str:
    return json.dumps(data, ensure_ascii=False, indent=indent, allow_nan=False)
