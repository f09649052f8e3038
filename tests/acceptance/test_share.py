"""The small synthetic laboratory of tests/corpus/share, scanned as a public place, against expected.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Scan

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
EXPECTED: dict[str, Any] = json.loads((CORPUS / "expected.json").read_text("utf-8"))
FILES: dict[str, Any] = EXPECTED["files"]
READABLE = [path for path, expected in FILES.items() if expected["status"] == "scanned"]
SEVERITIES = ("none", "info", "low", "medium", "high", "critical")


@pytest.fixture(scope="module")
def report(scan: Scan) -> dict[str, Any]:
    """Scan the share once."""
    loaded: dict[str, Any] = json.loads(scan(CORPUS, "share").stdout)
    return loaded


@pytest.fixture(scope="module")
def found(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the report's elements by path below share/."""
    return {element["path"].removeprefix("share/"): element for element in report["files"]}


def _with(key: str) -> list[str]:
    return [path for path in READABLE if FILES[path][key] is not None]


def test_every_file_is_there(report: dict[str, Any], found: dict[str, dict[str, Any]]) -> None:
    assert report["totals"]["files"] == EXPECTED["on_disk"]
    assert [path for path in READABLE if path not in found] == []


def test_what_is_protected_is_encrypted_and_no_gap(report: dict[str, Any]) -> None:
    encrypted = [element["path"].split("!")[0] for element in report["files"] if element["status"] == "encrypted"]
    assert encrypted == ["share/archives/envoi_securise.zip"]
    assert [gap for gap in report["gaps"] if "envoi_securise" in gap["path"]] == []


def test_what_is_not_read_is_a_gap_and_nothing_else_is(report: dict[str, Any]) -> None:
    gaps = sorted({gap["path"].removeprefix("share/") for gap in report["gaps"]})
    assert gaps == sorted(path for path, expected in FILES.items() if expected["gap"])


@pytest.mark.parametrize("path", _with("records"))
def test_records(found: dict[str, dict[str, Any]], path: str) -> None:
    assert found[path]["records"] == FILES[path]["records"]


@pytest.mark.parametrize("path", _with("persons"))
def test_persons(found: dict[str, dict[str, Any]], path: str) -> None:
    assert found[path]["persons"]["count"] == FILES[path]["persons"]


@pytest.mark.parametrize("path", _with("identified_health_persons"))
def test_identified_health_persons(found: dict[str, dict[str, Any]], path: str) -> None:
    least, most = FILES[path]["identified_health_persons"]
    assert least <= found[path]["identified_health_persons"]["count"] <= most


@pytest.mark.parametrize("path", READABLE)
def test_categories(found: dict[str, dict[str, Any]], path: str) -> None:
    expected = FILES[path]["categories"]
    watched = {*EXPECTED["watched"], *expected}
    persons = {category: found[path]["categories"].get(category, {}).get("persons", 0) for category in watched}
    bounds = {category: expected.get(category, (0, 0)) for category in watched}
    wrong = {
        category: (persons[category], tuple(bounds[category]))
        for category in watched
        if not bounds[category][0] <= persons[category] <= bounds[category][1]
    }
    assert wrong == {}


@pytest.mark.parametrize("path", _with("public"))
def test_severity_in_public(found: dict[str, dict[str, Any]], path: str) -> None:
    rank = SEVERITIES.index(found[path]["severity"])
    public = FILES[path]["public"]
    assert SEVERITIES.index(public.get("at_least", "none")) <= rank
    assert rank <= SEVERITIES.index(public.get("at_most", "critical"))


def test_the_expectations_are_those_of_the_generator() -> None:
    share = pytest.importorskip("tests.generate.share", reason="needs the writers of the office formats")
    pytest.importorskip("libarchive")
    pytest.importorskip("xlwt")
    pytest.importorskip("xlsxwriter")
    assert json.loads(json.dumps(share.expectations(share.entries()))) == EXPECTED
