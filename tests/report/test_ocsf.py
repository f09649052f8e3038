"""OCSF events have what the schema requires, and no value."""

from __future__ import annotations

import json
from dataclasses import replace

from phiscan import __version__
from phiscan.report.model import Report
from phiscan.report.ocsf import events, write_ocsf
from tests.schemas import wrong


def test_a_finding(report: Report) -> None:
    found = json.loads("".join(write_ocsf(report, "en")))
    assert [event["severity_id"] for event in found] == [5, 1, 1, 1]
    assert found[0] == {
        "activity_id": 1,
        "category_uid": 2,
        "class_uid": 2006,
        "type_uid": 200601,
        "severity_id": 5,
        "time": 1795280404900,
        "metadata": {"version": "1.5.0", "product": {"name": "phiscan", "version": __version__}},
        "file": {
            "name": "export.csv",
            "type_id": 1,
            "path": "/srv/ftp/pub/export.csv",
            "size": 126827832,
            "mime_type": "text/csv",
        },
        "status_id": 1,
        "is_alert": True,
        "confidence_id": 3,
        "finding_info": {
            "uid": "public.identified-health:k1:9f3c:/srv/ftp/pub/export.csv",
            "title": "Health data can be read by anyone",
        },
        "data_security": {
            "category_id": 1,
            "data_lifecycle_state_id": 1,
            "detection_system_id": 4,
            "policy": {
                "uid": "public.identified-health",
                "version": "1",
                "name": "Health data can be read by anyone",
            },
            "discovery_details": [
                {"type": "nir", "count": 491840},
                {"type": "hiv", "count": 17356},
                {"type": "blood_group", "count": 44210},
            ],
        },
        "unmapped": {
            "exposure": report.files[2].to_dict()["exposure"],
            "persons": {"count": 491840, "exact": True},
            "identified_health_persons": {"count": 61566, "exact": False},
            "rules": [{"id": "public.identified-health", "version": 1, "severity": "critical"}],
        },
    }


def test_what_is_for_information_or_accepted_is_no_alert(report: Report) -> None:
    leak = report.files[2]
    accepted = replace(leak, rules=tuple(replace(rule, accepted=True) for rule in leak.rules))
    found = list(events(replace(report, files=(accepted, report.files[1]), gaps=()), "en"))
    assert [(event["status_id"], event["is_alert"]) for event in found] == [(1, False), (3, False)]


def test_what_was_not_read_is_an_event_too(report: Report) -> None:
    gap = list(events(report, "en"))[2]
    assert gap["finding_info"] == {
        "uid": "gap:malformed:/srv/ftp/pub/scan.pdf",
        "title": "malformed (xref table not found)",
    }
    assert gap["is_alert"] is False


def test_the_released_schema_accepts_every_event(report: Report) -> None:
    for lang in ("fr", "en"):
        assert [wrong(event) for event in json.loads("".join(write_ocsf(report, lang)))] == [[]] * 4


def test_no_events_is_an_empty_array(report: Report) -> None:
    assert json.loads("".join(write_ocsf(replace(report, files=(), gaps=()), "fr"))) == []


def test_no_mask_or_value_is_in_an_event(report: Report) -> None:
    text = "".join(write_ocsf(report, "en"))
    assert "pattern_match" not in text
    assert '"value"' not in text
    assert "•" not in text
