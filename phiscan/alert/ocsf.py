"""Alerts as OCSF 1.5 Data Security Findings (class 2006), one an incident. See also `phiscan.report.ocsf`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from phiscan import __version__
from phiscan.alert.wording import said, title
from phiscan.model import Severity
from phiscan.report.model import Json
from phiscan.report.ocsf import OCSF

if TYPE_CHECKING:
    from phiscan.alert.message import Message
    from phiscan.messages import Language

_STATUS: Final = {"new": 1, "acknowledged": 2, "dismissed": 3, "resolved": 4}
_CREATE, _UPDATE, _CLOSE = 1, 2, 3
_FILE, _FOLDER = 1, 2


def findings(message: Message, lang: Language) -> list[Json]:
    """Return one event an incident, its `finding_info.uid` the same from create to close; one of a zone that ends."""
    if message.ends is not None:
        return [_ending(message, lang)]
    return [_finding(message, one, lang) for one in message.incidents]


def _finding(message: Message, one: Json, lang: Language) -> Json:
    rule = next((rule for rule in message.rules if rule.id == one["rule"]["id"]), None)
    title = one["rule"]["id"] if rule is None else said(rule.title.model_dump(), lang)
    activity = _CLOSE if one["state"] == "resolved" else _CREATE if one["id"] in message.fresh else _UPDATE
    name = str(one["path"]).rpartition("/")[2]
    return {
        "activity_id": activity,
        "category_uid": 2,
        "class_uid": 2006,
        "type_uid": 200_600 + activity,
        "severity_id": int(Severity[str(one["severity"]).upper()]),
        "status_id": _STATUS[str(one["state"])],
        "time": int(message.at * 1000),
        "is_alert": one["state"] != "resolved",
        "confidence_id": 3 if one["persons"]["exact"] else 2,
        "metadata": {
            "version": OCSF,
            "sequence": message.sequence,
            "correlation_uid": message.thread,
            "product": {"name": "phiscan", "version": __version__},
        },
        "device": {"hostname": message.host, "type_id": 1},
        "file": {
            "name": name or one["path"],
            "type_id": _FILE if one["account"] is None else _FOLDER,
            "path": one["path"],
        },
        "finding_info": {"uid": one["uid"], "title": title},
        "data_security": {
            "category_id": 1,
            "data_lifecycle_state_id": 1,
            "detection_system_id": 4,
            "policy": {"uid": one["rule"]["id"], "version": str(one["rule"]["version"]), "name": title},
            "discovery_details": [{"type": category} for category in one["categories"]],
        },
        "unmapped": {
            "exposure": one["exposure"],
            "persons": one["persons"],
            "identified_health_persons": one["identified_health_persons"],
            "account": one["account"],
            "message": message.key,
        },
    }


def _ending(message: Message, lang: Language) -> Json:
    """Return the event of a zone in which files still lie though its last day comes near."""
    what = title(message, lang)
    return {
        "activity_id": _CREATE,
        "category_uid": 2,
        "class_uid": 2006,
        "type_uid": 200_600 + _CREATE,
        "severity_id": int(message.severity),
        "status_id": _STATUS["new"],
        "time": int(message.at * 1000),
        "is_alert": True,
        "metadata": {
            "version": OCSF,
            "sequence": message.sequence,
            "correlation_uid": message.thread,
            "product": {"name": "phiscan", "version": __version__},
        },
        "device": {"hostname": message.host, "type_id": 1},
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
