"""What a baseline accepts, what it never accepts, and a broken one in one line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan import baseline
from phiscan.errors import UsageError
from phiscan.messages import tell
from phiscan.model import CATEGORIES, Exposure, Level, Severity
from phiscan.report.model import (
    CategoryReport,
    ExcludedReport,
    FileReport,
    GapReport,
    PersonCount,
    Report,
    RuleReport,
    Totals,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)
HIGH = RuleReport("shared.identified-health", 1, Severity.HIGH)
CRITICAL = RuleReport("public.identified-health", 1, Severity.CRITICAL)
INFO = RuleReport("restricted.identified-health", 1, Severity.INFO)


def _file(
    path: str, *rules: RuleReport, content: str | None = "k1:aa", persons: int = 3, also: str = "nir"
) -> FileReport:
    return FileReport(
        path=path,
        size=1,
        type="text/csv",
        status="scanned",
        exposure=Exposure(Level.SHARED),
        severity=max(rule.severity for rule in rules),
        rules=rules,
        content=content,
        persons=PersonCount(persons),
        identified_health_persons=PersonCount(persons),
        categories={name: CategoryReport(CATEGORIES[name], persons, persons) for name in ("hiv", also)},
    )


def _report(*files: FileReport, gaps: tuple[GapReport, ...] = ()) -> Report:
    return Report(
        ruleset="sha256:0",
        roots=("/srv",),
        started=NOW,
        ended=NOW,
        totals=Totals(files=len(files), gaps=len(gaps)),
        files=files,
        gaps=gaps,
    )


def _load(folder: Path, data: Any) -> baseline.Baseline:
    file = folder / "accepted.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data, indent=1))
    return baseline.load(str(file))


def _accepted(now: FileReport, before: FileReport, folder: Path) -> list[bool]:
    found = baseline.apply(_report(now), _load(folder, _report(before).to_dict()))
    return [rule.accepted for rule in found.files[0].rules]


BEFORE = _file("/srv/a.csv", HIGH)


@pytest.mark.parametrize(
    ("now", "accepted"),
    [
        (BEFORE, True),
        (_file("/srv/elsewhere.csv", HIGH), True),
        (_file("/srv/elsewhere.csv", RuleReport("renamed.rule", 2, Severity.HIGH)), True),
        (_file("/srv/elsewhere.csv", CRITICAL), False),
        (_file("/srv/elsewhere.csv", HIGH, content="k2:aa"), False),
        (_file("/srv/elsewhere.csv", HIGH, content=None), False),
        (_file("/srv/a.csv", HIGH, content="k2:bb"), True),
        (_file("/srv/a.csv", HIGH, content=None), True),
        (_file("/srv/a.csv", HIGH, content="k1:bb", persons=2), True),
        (_file("/srv/a.csv", HIGH, content="k1:bb", persons=4), False),
        (_file("/srv/a.csv", HIGH, content="k1:bb", also="ald"), False),
        (_file("/srv/a.csv", CRITICAL, content="k1:bb"), False),
    ],
)
def test_same_content_or_same_place_with_nothing_new(tmp_path: Path, now: FileReport, accepted: bool) -> None:
    assert _accepted(now, BEFORE, tmp_path) == [accepted]


def test_what_was_only_for_information_does_not_excuse_an_open_copy(tmp_path: Path) -> None:
    assert _accepted(_file("/pub/a.csv", CRITICAL), _file("/srv/a.csv", INFO), tmp_path) == [False]


def test_each_rule_is_accepted_for_itself(tmp_path: Path) -> None:
    now = _file("/srv/a.csv", CRITICAL, HIGH, content="k1:bb")
    found = baseline.apply(_report(now), _load(tmp_path, _report(BEFORE).to_dict()))
    assert [rule.accepted for rule in found.files[0].rules] == [False, True]
    assert found.worst == Severity.CRITICAL
    assert found.files[0].to_dict()["rules"][1] == {
        "id": "shared.identified-health",
        "version": 1,
        "severity": "high",
        "accepted": True,
    }


def test_accepted_is_not_gone(tmp_path: Path) -> None:
    found = baseline.apply(_report(BEFORE), _load(tmp_path, _report(BEFORE).to_dict()))
    assert (found.worst, found.files[0].severity) == (Severity.NONE, Severity.HIGH)
    again = baseline.apply(_report(BEFORE), _load(tmp_path, found.to_dict()))
    assert again == found


GAP = GapReport("/srv/b.pdf", "extract", "malformed", "xref table not found")


def test_a_gap_is_accepted_only_with_a_reason(tmp_path: Path) -> None:
    data = _report(gaps=(GAP,)).to_dict()
    kept = baseline.apply(_report(gaps=(GAP,)), _load(tmp_path, data))
    assert (kept.gaps, kept.excluded, kept.complete) == ((GAP,), (), False)

    data["gaps"][0]["accepted"] = "scan of an empty page, checked by hand"
    found = baseline.apply(_report(gaps=(GAP,)), _load(tmp_path, data))
    left = ExcludedReport("/srv/b.pdf", "baseline", None, GAP, "scan of an empty page, checked by hand")
    assert (found.gaps, found.excluded, found.complete, found.totals.gaps) == ((), (left,), True, 0)
    assert left.to_dict() == {
        "pattern": "/srv/b.pdf",
        "by": "baseline",
        "files": None,
        "stage": "extract",
        "reason": "malformed",
        "accepted": "scan of an empty page, checked by hand",
    }
    assert baseline.apply(_report(gaps=(GAP,)), _load(tmp_path, found.to_dict())) == found


def test_another_reason_or_place_is_another_gap(tmp_path: Path) -> None:
    data = _report(gaps=(GAP,)).to_dict()
    data["gaps"][0]["accepted"] = "known"
    others = (replace(GAP, reason="timeout"), replace(GAP, path="/srv/c.pdf"))
    assert baseline.apply(_report(gaps=others), _load(tmp_path, data)).gaps == others


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("{\n\n oops", "3: invalid JSON"),
        ("\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), "1: invalid JSON"),
        ("[" * 100_000, "1: invalid JSON"),
        ("[]", "1: expected a group of keys"),
        ('{"schema": "other/1"}', "1: schema: expected one of: phiscan.report/1"),
        ('{\n"schema": 1}', "2: schema: expected text (quote it if need be)"),
        ('{"schema": "phiscan.report/1"}', "1: files: missing key"),
        ('{"schema": "phiscan.report/1",\n"files": {}}', "2: files: expected a list"),
        ('{"schema": "phiscan.report/1",\n"files": [\n7]}', "3: files[0]: expected a group of keys"),
        ('{"schema": "phiscan.report/1",\n"files": [{\n"path": null}]}', "3: files[0].path: expected text (quote it if need be)"),  # noqa: E501
    ],
)  # fmt: skip
def test_a_broken_baseline_is_a_usage_error(tmp_path: Path, data: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        _load(tmp_path, data)
    assert tell(raised.value, "en") == f"{tmp_path}/accepted.json:{said}"


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (("files", 0, "persons", "count"), True, "files[0].persons.count: expected a whole number"),
        (("files", 0, "severity"), "awful", "files[0].severity: expected one of: none, info, low, medium, high, critical"),  # noqa: E501
        (("files", 0, "rules", 0, "id"), 3, "files[0].rules[0].id: expected text (quote it if need be)"),
        (("gaps", 0, "accepted"), True, "gaps[0].accepted: expected text (quote it if need be)"),
        (("excluded",), None, "excluded: expected a list"),
    ],
)  # fmt: skip
def test_a_broken_element_is_named(tmp_path: Path, at: tuple[Any, ...], value: Any, said: str) -> None:
    data = _report(BEFORE, gaps=(GAP,)).to_dict()
    inner: Any = data
    for part in at[:-1]:
        inner = inner[part]
    inner[at[-1]] = value
    with pytest.raises(UsageError) as raised:
        _load(tmp_path, data)
    assert tell(raised.value, "en").split(": ", 1)[1] == said


def test_a_missing_baseline(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        baseline.load(f"{tmp_path}/none.json")
    assert tell(raised.value, "en") == f"{tmp_path}/none.json: cannot be read (No such file or directory)"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["files", "gaps", "path"]), inner),
    )
)
def test_junk_is_a_usage_error(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    folder = tmp_path_factory.mktemp("junk", numbered=True)
    with pytest.raises(UsageError):
        _load(folder, {"schema": "phiscan.report/1", "files": [data], "gaps": [], "excluded": []})
