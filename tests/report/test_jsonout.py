"""The JSON report is the contract's, key by key."""

from __future__ import annotations

import json
from dataclasses import replace

from phiscan import __version__
from phiscan.model import Level
from phiscan.report.jsonout import write_json, write_jsonl
from phiscan.report.model import Report, show_path

LEAK = {
    "path": "/srv/ftp/pub/export.csv",
    "size": 126827832,
    "type": "text/csv",
    "status": "scanned",
    "exposure": {
        "level": "public",
        "reasons": [
            {
                "service": "vsftpd",
                "setting": "anonymous_enable=YES",
                "source": "/etc/vsftpd.conf:12",
                "zone": "/srv/ftp",
            }
        ],
    },
    "severity": "critical",
    "rules": [{"id": "public.identified-health", "version": 1, "severity": "critical"}],
    "content": "k1:9f3c",
    "records": 491840,
    "persons": {"count": 491840, "exact": True},
    "identified_health_persons": {"count": 61566, "exact": False},
    "categories": {
        "nir": {"kind": "identifier", "hits": 491840, "persons": 491840},
        "hiv": {
            "kind": "health",
            "hits": 17356,
            "persons": 17356,
            "assertions": {"affirmed": 16000, "negated": 1356},
        },
        "blood_group": {"kind": "health", "hits": 44210, "persons": 44210, "assertions": {"affirmed": 44210}},
    },
    "samples": [
        {
            "category": "nir",
            "entity": "FR_NIR",
            "recognizer": "fr.nir",
            "score": 0.95,
            "where": {"row": 2, "column": "NUM_SECU"},
            "masked": "2 85 02 •• ••• ••• ••",
        }
    ],
}
GAPS = [
    {"path": "/srv/ftp/pub/scan.pdf", "stage": "extract", "reason": "malformed", "detail": "xref table not found"},
    {"path": "/srv/samba/labo/export.zip!=cmd.csv", "stage": "extract", "reason": "timeout", "detail": ""},
]
EXCLUDED = [
    {"pattern": "/srv/ftp/.snapshot/", "by": "default", "files": None},
    {"pattern": "*.iso", "by": "phiscan.yaml:7", "files": 3},
]
HEAD = {
    "schema": "phiscan.report/1",
    "phiscan": __version__,
    "ruleset": "sha256:ab",
    "roots": ["/srv/ftp", "/srv/samba"],
    "started": "2026-11-21T17:00:00Z",
    "ended": "2026-11-21T17:00:04Z",
    "complete": False,
    "totals": {
        "files": 4,
        "bytes": 126900123,
        "scanned": 2,
        "unchanged": 0,
        "encrypted": 1,
        "gaps": 2,
        "excluded": 0,
        "persons": 491840,
    },
}


def test_json(report: Report) -> None:
    found = json.loads("".join(write_json(report)))
    assert found == report.to_dict()
    assert {key: found[key] for key in HEAD} == HEAD
    assert list(found) == [*HEAD, "files", "gaps", "excluded"]
    assert found["files"][2] == LEAK
    assert found["gaps"] == GAPS
    assert found["excluded"] == EXCLUDED


def test_json_of_nothing(report: Report) -> None:
    empty = replace(report, files=(), gaps=(), excluded=())
    found = json.loads("".join(write_json(empty)))
    assert found == {**HEAD, "complete": True, "files": [], "gaps": [], "excluded": []}


def test_jsonl(report: Report) -> None:
    lines = [json.loads(line) for line in "".join(write_jsonl(report)).splitlines()]
    assert lines == [
        *(found.to_dict() for found in report.files),
        {"summary": HEAD, "gaps": GAPS, "excluded": EXCLUDED},
    ]


def test_an_interrupted_report_is_not_complete(report: Report) -> None:
    assert replace(report, gaps=()).complete
    assert not replace(report, gaps=(), interrupted=True).complete


def test_levels_are_said_in_lower_case(report: Report) -> None:
    assert report.files[0].to_dict()["exposure"] == {"level": Level.UNKNOWN.name.lower(), "reasons": []}


def test_bytes_that_are_no_utf8_are_escaped() -> None:
    assert show_path("/srv/é".encode() + b"\xe9\xff") == "/srv/é\\xe9\\xff"
