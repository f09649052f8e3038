"""Alerts in the Common Event Format, CEF:0, one line a message: for a file or a syslog server that a SIEM reads.

Keys are those of the extension dictionary; what has none there is a custom string or number with its label, or, where
those are used up, a key of our own beginning with `phiscan`. `docs/alerts.md` lists them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from phiscan import __version__
from phiscan.alert.fields import fields
from phiscan.alert.wording import headline, title
from phiscan.model import Severity
from phiscan.report import show

if TYPE_CHECKING:
    from phiscan.alert.message import Message
    from phiscan.messages import Language

_GRADES: Final = {Severity.CRITICAL: 10, Severity.HIGH: 8, Severity.MEDIUM: 5, Severity.LOW: 3}  # 0 to 10
_OVER: Final = 1  # nothing is left to be done

# Our fields (see `phiscan.alert.fields`) in CEF's keys; `…Label` goes with the custom ones.
KEYS: Final = {
    "thread": "externalId",
    "kind": "act",
    "severity": "cat",
    "place": "filePath",
    "id": "cs1",
    "zone": "cs2",
    "exposure": "cs3",
    "categories": "cs4",
    "rules": "cs5",
    "incidents": "cs6",
    "sequence": "cn1",
    "open": "cn2",
    "resolved": "cn3",
    "new": "phiscanNew",
    "persons": "phiscanPersons",
    "accounts": "phiscanAccounts",
    "reopened": "phiscanReopened",
    "until": "phiscanUntil",
    "deadline": "phiscanDeadline",
    "readers": "phiscanReaders",
}


def line(message: Message, lang: Language) -> str:
    """Return a message as one line, without its end."""
    grade = _GRADES.get(message.severity, _OVER) if message.pressing else _OVER
    head = "|".join(_header(one) for one in ("phiscan", "phiscan", __version__, message.kind, title(message, lang)))
    pairs = {"rt": str(int(message.at * 1000)), "dvchost": message.host}
    for name, value in fields(message).items():
        key = KEYS[name]
        pairs[key] = value
        if key.startswith(("cs", "cn")):
            pairs[f"{key}Label"] = name
    pairs["msg"] = headline(message, lang)
    return f"CEF:0|{head}|{grade}|" + " ".join(f"{key}={_value(value)}" for key, value in pairs.items() if value)


def _header(value: str) -> str:
    return show.safe(value).replace("\\", "\\\\").replace("|", "\\|")


def _value(value: str) -> str:
    return show.safe(value).replace("\\", "\\\\").replace("=", "\\=")
