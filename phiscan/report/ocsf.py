"""The report for a SIEM: OCSF 1.5 Data Security Finding events (class 2006), one a file and one a gap.

Fields and numbers are those of the public schema, `events/findings/data_security_finding.json` and
`objects/data_security.json` of github.com/ocsf/ocsf-schema. `pattern_match` and the `value` of discovery
details stay empty: they would hold what was found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from phiscan import __version__
from phiscan.messages import Language
from phiscan.model import Severity
from phiscan.report import show
from phiscan.report.model import FileReport, GapReport, Json, Report

OCSF = "1.5.0"
_NEW, _SUPPRESSED = 1, 3  # status_id
_PERSONAL = 1  # category_id: personal data, electronic health data among them
_AT_REST = 1  # data_lifecycle_state_id
_DISCOVERY = 4  # detection_system_id: data discovery and classification
_REGULAR_FILE = 1  # file.type_id


def write_ocsf(report: Report, lang: Language) -> Iterator[str]:
    """Yield a JSON array of events."""
    yield "["
    for position, event in enumerate(events(report, lang)):
        yield ",\n" if position else "\n"
        yield json.dumps(event, ensure_ascii=False)
    yield "\n]\n"


def events(report: Report, lang: Language) -> Iterator[Json]:
    """Yield an event for every file on which a rule fired, worst first, then one for every gap."""
    for found in show.worst_first(one for one in report.files if one.rules):
        yield _finding(report, found, lang)
    for gap in report.gaps:
        yield _gap(report, gap, lang)


def _event(report: Report, severity: Severity, path: str) -> Json:
    """Return what all events share. Our severities have OCSF's numbers: 1 informational to 5 critical."""
    return {
        "activity_id": 1,
        "category_uid": 2,
        "class_uid": 2006,
        "type_uid": 200_601,
        "severity_id": int(severity),
        "time": int(report.ended.timestamp() * 1000),
        "metadata": {"version": OCSF, "product": {"name": "phiscan", "version": __version__}},
        "file": {"name": path.rpartition("/")[2] or path, "type_id": _REGULAR_FILE, "path": path},
    }


def _finding(report: Report, found: FileReport, lang: Language) -> Json:
    rule = show.worst_rule(found)
    assert rule is not None
    policy = {"uid": rule.id, "version": str(rule.version), "name": show.title(rule, lang)}
    details = [{"type": name, "count": its.hits} for name, its in found.categories.items()]
    event = _event(report, rule.severity, found.path)
    event["file"] |= {"size": found.size} | ({"mime_type": found.type} if found.type else {})
    return event | {
        "status_id": _SUPPRESSED if rule.accepted else _NEW,
        "is_alert": found.open_severity >= Severity.LOW,
        "confidence_id": 3 if found.persons.exact else 2,
        "finding_info": {"uid": f"{rule.id}:{found.content or ''}:{found.path}", "title": show.title(rule, lang)},
        "data_security": {
            "category_id": _PERSONAL,
            "data_lifecycle_state_id": _AT_REST,
            "detection_system_id": _DISCOVERY,
            "policy": policy,
            "discovery_details": details,
        },
        "unmapped": {
            "exposure": found.to_dict()["exposure"],
            "persons": found.persons.to_dict(),
            "identified_health_persons": found.identified_health_persons.to_dict(),
            "rules": [one.to_dict() for one in found.rules],
        },
    }


def _gap(report: Report, gap: GapReport, lang: Language) -> Json:
    """A SIEM must know too what was not read."""
    title = show.gap(gap.reason, gap.detail, lang)
    return _event(report, Severity.INFO, gap.path) | {
        "status_id": _NEW,
        "is_alert": False,
        "finding_info": {"uid": f"gap:{gap.reason}:{gap.path}", "title": title},
        "data_security": {"data_lifecycle_state_id": _AT_REST, "detection_system_id": _DISCOVERY},
        "unmapped": {"gap": gap.to_dict()},
    }
