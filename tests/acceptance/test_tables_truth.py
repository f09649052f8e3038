"""Eight 20,000-row tables in eight notations: what the scan counts is what the generator wrote, and nothing leaks out.

Records are exact. Persons, and persons per category, lie within 0.5 % of the truth (and between its bounds where a
careful reader may think either way).
"""

from __future__ import annotations

import json
import math
import re
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.acceptance.conftest import Scan
from tests.generate.layouts import LAYOUTS
from tests.generate.people import fold
from tests.generate.tables import Written, write_all

NAMES = [layout.name for layout in LAYOUTS]
CATEGORIES = ("hiv", "cancer", "blood_group", "pregnancy", "genetic", "infection")
TOLERANCE = 0.005


class Tables(NamedTuple):
    """The generated folder and what its files hold."""

    folder: Path
    written: dict[str, Written]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Write the tables once."""
    folder = tmp_path_factory.mktemp("tables")
    return Tables(folder, write_all(folder))


@pytest.fixture(scope="module")
def report(tables: Tables, scan: Scan) -> dict[str, Any]:
    """Scan them all once; the truth files beside them are not among the paths."""
    loaded: dict[str, Any] = json.loads(scan(tables.folder, *NAMES).stdout)
    return loaded


def _found(report: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [element for element in report["files"] if element["path"] == name]
    return dict(found)


def _within(found: int, least: int, most: int) -> bool:
    return math.floor(least * (1 - TOLERANCE)) <= found <= math.ceil(most * (1 + TOLERANCE))


def test_every_file_is_read_whole(report: dict[str, Any]) -> None:
    assert [(element["path"], element["status"]) for element in report["files"]] == [
        (n, "scanned") for n in sorted(NAMES)
    ]
    assert report["gaps"] == []


@pytest.mark.parametrize("name", NAMES)
def test_records_are_exact(report: dict[str, Any], tables: Tables, name: str) -> None:
    assert _found(report, name)["records"] == tables.written[name].truth["records"]


@pytest.mark.parametrize("name", NAMES)
def test_persons(report: dict[str, Any], tables: Tables, name: str) -> None:
    truth: Any = tables.written[name].truth
    found = _found(report, name)["persons"]["count"]
    assert _within(found, truth["persons"], truth["persons"]), f"{found} persons, {truth['persons']} in truth"


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("name", NAMES)
def test_persons_of_a_category(report: dict[str, Any], tables: Tables, name: str, category: str) -> None:
    truth: Any = tables.written[name].truth
    bounds = truth["categories"][category]
    found = _found(report, name)["categories"].get(category, {}).get("persons", 0)
    least, most = bounds["persons"], bounds["persons_at_most"]
    assert _within(found, least, most), f"{found} persons, {least} to {most} in truth"


@pytest.mark.parametrize("name", NAMES)
def test_a_public_patient_file_is_critical_or_high(report: dict[str, Any], name: str) -> None:
    assert _found(report, name)["severity"] in {"high", "critical"}


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_no_value_of_a_file_is_ever_written(tables: Tables, scan: Scan, form: str) -> None:
    done = scan(tables.folder, *NAMES, form=form)
    said = fold((done.stdout + b"\n" + done.stderr).decode("utf-8", "replace"))
    canaries = reduce(frozenset.union, (written.canaries for written in tables.written.values()))
    assert len(canaries) > 10_000
    assert [canary for canary in canaries if _says(said, canary)] == []


def _says(said: str, canary: str) -> bool:
    """Whether `said` repeats the value as a word of its own, whatever the case, accents or spacing."""
    return _word(said, fold(" ".join(canary.split())))


def _word(said: str, value: str) -> bool:
    return value in said and re.search(rf"(?<![0-9A-Z]){re.escape(value)}(?![0-9A-Z])", said) is not None
