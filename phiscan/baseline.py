"""An earlier JSON report whose findings are accepted, so that only what is new counts.

Accepted is a rule on a file where the content is the same, wherever it lies, and no graver than before;
or where path and rule are the same with no new category and no more persons. A gap is accepted only
where a person wrote `"accepted": "why"` into its element: it then moves to `excluded` and is never
reported as read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from phiscan.config.yamlfile import Key, dotted, parse
from phiscan.messages import Told, Wrong
from phiscan.model import Severity
from phiscan.report.model import SCHEMA, SEVERITIES, ExcludedReport, FileReport, Report, RuleReport

_LINES_UP_TO = 2_000_000  # bytes: above, finding the line of a mistake would take minutes


@dataclass(frozen=True, slots=True)
class Known:
    """What a baseline says of one path."""

    rules: frozenset[str]
    categories: frozenset[str]
    persons: int
    identified_health: int

    def covers(self, found: FileReport) -> bool:
        """Return whether `found` has no new category and no more persons."""
        return (
            self.categories.issuperset(found.categories)
            and found.persons.count <= self.persons
            and found.identified_health_persons.count <= self.identified_health
        )


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is accepted."""

    contents: Mapping[str, Severity]  # keyed content hash with its key id: what it was accepted as
    places: Mapping[str, Known]  # by path
    gaps: Mapping[tuple[str, str], str]  # (path, reason of the gap): why it is accepted

    def accepts(self, found: FileReport, rule: RuleReport) -> bool:
        """Return whether `rule` on `found` is accepted."""
        # Another key gives another hash, so that equal strings are equal content under one key.
        if found.content is not None and rule.severity <= self.contents.get(found.content, Severity.NONE):
            return True
        known = self.places.get(found.path)
        return known is not None and rule.id in known.rules and known.covers(found)


def apply(report: Report, baseline: Baseline) -> Report:
    """Return `report` with its accepted rules marked and its accepted gaps moved to `excluded`."""
    files = tuple(_mark(found, baseline) for found in report.files)
    gaps = tuple(gap for gap in report.gaps if (gap.path, gap.reason) not in baseline.gaps)
    left = tuple(
        ExcludedReport(gap.path, "baseline", None, gap, baseline.gaps[gap.path, gap.reason])
        for gap in report.gaps
        if (gap.path, gap.reason) in baseline.gaps
    )
    totals = replace(report.totals, gaps=report.totals.gaps - len(left))
    return replace(report, files=files, gaps=gaps, excluded=report.excluded + left, totals=totals)


def _mark(found: FileReport, baseline: Baseline) -> FileReport:
    if not found.rules:
        return found
    return replace(found, rules=tuple(replace(rule, accepted=baseline.accepts(found, rule)) for rule in found.rules))


def load(path: str) -> Baseline:
    """Return the baseline in a JSON report. Raises `Told`, one line naming file, line and key, where it is none."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise Told("file.unreadable", path=path, why=error.strerror or "") from None
    try:
        return _Reader(json.loads(content)).baseline()
    except json.JSONDecodeError as error:
        raise Told("json.broken", file=path, line=error.lineno) from None
    except (UnicodeDecodeError, RecursionError):
        raise Told("json.broken", file=path, line=1) from None
    except _Mistake as mistake:
        place = f"{path}:{_line(content, path, mistake.at)}"
        if not mistake.at:
            raise Told("file.wrong", place=place, wrong=mistake.wrong) from None
        raise Told("key.wrong", place=place, key=dotted(mistake.at), wrong=mistake.wrong) from None


class _Mistake(Exception):
    def __init__(self, at: Key, wrong: str, **params: str) -> None:
        super().__init__(dotted(at))
        self.at, self.wrong = at, Wrong(wrong, **params)


def _line(content: bytes, name: str, at: Key) -> int:
    """Return the line of a key: JSON is YAML too, and that parser knows lines."""
    if len(content) > _LINES_UP_TO:
        return 1
    try:
        return parse(content, name).line(at)
    except Told:
        return 1


class _Reader:
    """Takes from a report's JSON what a baseline needs, and checks just that."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def baseline(self) -> Baseline:
        """Return the baseline. Raises `_Mistake`."""
        if self._get(self.data, (), "schema", str) != SCHEMA:
            raise _Mistake(("schema",), "wrong.choice", choices=SCHEMA)
        contents: dict[str, Severity] = {}
        places: dict[str, Known] = {}
        for position, found in enumerate(self._get(self.data, (), "files", list)):
            at: Key = ("files", position)
            path = self._get(found, at, "path", str)
            places[path] = self._known(found, at)
            if content := self._get(found, at, "content", str, None):
                contents[content] = max(self._severity(found, at), contents.get(content, Severity.NONE))
        return Baseline(contents, places, dict([*self._gaps("gaps", "path"), *self._gaps("excluded", "pattern")]))

    def _known(self, found: Any, at: Key) -> Known:
        rules = self._get(found, at, "rules", list)
        return Known(
            frozenset(self._get(rule, (*at, "rules", n), "id", str) for n, rule in enumerate(rules)),
            frozenset(self._get(found, at, "categories", dict)),
            self._count(found, at, "persons"),
            self._count(found, at, "identified_health_persons"),
        )

    def _count(self, found: Any, at: Key, key: str) -> int:
        count: int = self._get(self._get(found, at, key, dict), (*at, key), "count", int)
        return count

    def _severity(self, found: Any, at: Key) -> Severity:
        name = self._get(found, at, "severity", str)
        if name not in SEVERITIES:
            raise _Mistake((*at, "severity"), "wrong.choice", choices=", ".join(SEVERITIES))
        return SEVERITIES[name]

    def _gaps(self, where: str, path: str) -> list[tuple[tuple[str, str], str]]:
        """Return the accepted gaps: those of `gaps` that say why, and those an earlier baseline accepted."""
        found = []
        for position, gap in enumerate(self._get(self.data, (), where, list)):
            at: Key = (where, position)
            if why := self._get(gap, at, "accepted", str, "").strip():
                found.append(((self._get(gap, at, path, str), self._get(gap, at, "reason", str)), why))
        return found

    def _get(self, data: Any, at: Key, key: str, kind: type, default: Any = ...) -> Any:
        if not isinstance(data, dict):
            raise _Mistake(at, "wrong.mapping")
        if key not in data and default is ...:
            raise _Mistake((*at, key), "wrong.missing")
        value = data.get(key, default)
        if value is default or (isinstance(value, kind) and not isinstance(value, bool)):
            return value
        raise _Mistake((*at, key), _WRONG[kind])


_WRONG: dict[type, str] = {str: "wrong.text", int: "wrong.integer", list: "wrong.list", dict: "wrong.mapping"}
