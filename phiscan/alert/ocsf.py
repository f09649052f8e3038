"""Alerts as OCSF 1.5 Data Security Findings (class 2006), one an incident. See also `phiscan.report.ocsf`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from phiscan import __version__
from phiscan.alert.wording import headline, said, title
from phiscan.incidents.incident import moment
from phiscan.model import Severity
from phiscan.report.model import Json
from phiscan.report.ocsf import OCSF

if TYPE_CHECKING:
    from phiscan.alert.message import Message
    from phiscan.messages import Language

_STATUS: Final = {"new": 1, "acknowledged": 2, "dismissed": 3, "resolved": 4}
_CREATE, _UPDATE, _CLOSE, _OTHER = 1, 2, 3, 99
_TEST: Final = {"uid": "test", "name": "test"}
_FILE, _FOLDER = 1, 2


def findings(message: Message, lang: Language) -> list[Json]:
    """Return one event an incident, its `finding_info.uid` the same from create to close; one of a zone that ends.

    A test is an event too: whoever tries the way to a SIEM wants to see something arrive there.
    """
    if message.kind == "test":
        return [_test(message, lang)]
    if message.ends is not None:
        return [_ending(message, lang)]
    return [_finding(message, one, lang) for one in message.incidents]


def _test(message: Message, lang: Language) -> Json:
    return _event(message, _OTHER, lang) | {
        "activity_name": "Test",
        "severity_id": int(Severity.INFO),
        "status_id": _OTHER,
        "status": "Test",
        "is_alert": False,
        "finding_info": {"uid": message.key, "title": title(message, lang)},
        "data_security": {"category_id": 0, "data_lifecycle_state_id": 0, "detection_system_id": 4, "policy": _TEST},
    }


def _event(message: Message, activity: int, lang: Language) -> Json:
    return {
        "activity_id": activity,
        "category_uid": 2,
        "class_uid": 2006,
        "type_uid": 200_600 + activity,
        "time": int(message.at * 1000),
        "message": headline(message, lang),
        "metadata": {
            "version": OCSF,
            "sequence": message.sequence,
            "correlation_uid": message.thread,
            "product": {"name": "phiscan", "version": __version__},
        },
        "device": {"hostname": message.host, "type_id": 1},
    }


def _finding(message: Message, one: Json, lang: Language) -> Json:
    rule = next((rule for rule in message.rules if rule.id == one["rule"]["id"]), None)
    name = one["rule"]["id"] if rule is None else said(rule.title.model_dump(), lang)
    activity = _CLOSE if one["state"] == "resolved" else _CREATE if one["id"] in message.fresh else _UPDATE
    path = str(one["path"])
    return _event(message, activity, lang) | {
        "severity_id": int(Severity[str(one["severity"]).upper()]),
        "status_id": _STATUS[str(one["state"])],
        "is_alert": one["state"] != "resolved",
        "confidence_id": 3 if one["persons"]["exact"] else 2,
        "file": {
            "name": path.rpartition("/")[2] or path,
            "type_id": _FILE if one["account"] is None else _FOLDER,
            "path": path,
        },
        "finding_info": {
            "uid": one["uid"],
            "title": name,
            "first_seen_time": _milliseconds(one["first_seen"]),
            "last_seen_time": _milliseconds(one["last_seen"]),
        },
        "data_security": {
            "category_id": 1,
            "data_lifecycle_state_id": 1,
            "detection_system_id": 4,
            "policy": {"uid": one["rule"]["id"], "version": str(one["rule"]["version"]), "name": name},
            "discovery_details": [{"type": category} for category in one["categories"]],
        },
        "unmapped": {
            "exposure": one["exposure"],
            "persons": one["persons"],
            "identified_health_persons": one["identified_health_persons"],
            "account": one["account"],
            "message": message.key,
            "kind": message.kind,
            "zone": message.zone,
            "deadline": moment(message.deadlines[0].until) if message.deadlines else None,
        },
    }


def _milliseconds(written: str) -> int:
    return int(datetime.fromisoformat(written).timestamp() * 1000)


def _ending(message: Message, lang: Language) -> Json:
    """Return the event of a zone in which files still lie though its last day comes near."""
    what = title(message, lang)
    return _event(message, _CREATE, lang) | {
        "severity_id": int(message.severity),
        "status_id": _STATUS["new"],
        "is_alert": True,
        "file": {"name": message.place.rpartition("/")[2] or message.place, "type_id": _FOLDER, "path": message.place},
        "finding_info": {"uid": message.thread, "title": what},
        "data_security": {
            "category_id": 1,
            "data_lifecycle_state_id": 1,
            "detection_system_id": 4,
            "policy": {"uid": "zone.ending", "name": what},
        },
        "unmapped": {"ends": message.to_dict()["ends"], "files": message.files, "message": message.key},
    }
