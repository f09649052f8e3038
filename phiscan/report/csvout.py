"""The report for a spreadsheet: one line a file, as French Excel opens it (`;`, UTF-8 with BOM).

Column names are the JSON report's. A file that was not read has its line too, with the reason.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator

from phiscan.report.model import FileReport, GapReport, Report

COLUMNS = (
    "severity",
    "path",
    "exposure",
    "reasons",
    "status",
    "persons",
    "persons_exact",
    "identified_health_persons",
    "identified_health_persons_exact",
    "records",
    "categories",
    "rules",
    "accepted",
    "gaps",
    "size",
    "type",
    "content",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(report: Report) -> Iterator[str]:
    """Yield the lines, worst file first, then what was not read at all."""
    gaps: dict[str, list[GapReport]] = defaultdict(list)
    for gap in report.gaps:
        gaps[gap.path].append(gap)
    yield "\ufeff" + _line(COLUMNS)
    for found in sorted(report.files, key=lambda one: (-one.severity, one.path)):
        yield _line(_file_row(found, gaps.pop(found.path, [])))
    for path, its_gaps in gaps.items():
        row = dict.fromkeys(COLUMNS, "") | {"path": path, "status": "gap", "gaps": _reasons(its_gaps)}
        yield _line(tuple(row.values()))


def _file_row(found: FileReport, gaps: list[GapReport]) -> tuple[str, ...]:
    persons, health = found.persons, found.identified_health_persons
    reasons = (f"{reason.service} {reason.setting} ({reason.source})" for reason in found.exposure.reasons)
    return (
        found.severity.name.lower(),
        found.path,
        found.exposure.level.name.lower(),
        ", ".join(reasons),
        found.status,
        str(persons.count),
        _bool(persons.exact),
        str(health.count),
        _bool(health.exact),
        str(found.records),
        ", ".join(f"{name}={category.hits}/{category.persons}" for name, category in found.categories.items()),
        ", ".join(rule.id for rule in found.rules),
        ", ".join(rule.id for rule in found.rules if rule.accepted),
        _reasons(gaps),
        str(found.size),
        found.type,
        found.content or "",
    )


def _reasons(gaps: list[GapReport]) -> str:
    return ", ".join(f"{gap.reason}: {gap.detail}" if gap.detail else gap.reason for gap in gaps)


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow([neutral(cell) for cell in cells])
    return out.getvalue()


def neutral(cell: str) -> str:
    """Return `cell` so that no spreadsheet takes it for a formula (CWE-1236)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
