"""An incident: a verdict over time. Its types, its two axes, and what programs are told of it.

The state is technical, and a file that is gone resolves it. The qualification is legal, and only a person sets it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from phiscan.facts import AccountFacts, Facts
from phiscan.incidents.words import OPEN, Dismissal, EventKind, Qualification, Resolution, Scope, State
from phiscan.model import Exposure, Kind, Level, Reason, Severity
from phiscan.report.model import Json, exposure_dict, stamp

__all__ = ["Dismissal", "Event", "EventKind", "Incident", "Qualification", "Resolution", "Scope", "State"]

SCHEMA: Final = "phiscan.incidents.incident/1"
OURSELVES: Final = "phiscan"  # the author of what happens by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One rule at one place."""

    rule: str
    version: int
    root: int
    path: bytes
    shown: str
    masked: str
    zone: bytes
    content: str | None
    state: State
    severity: Severity
    exposure: Exposure
    facts: Facts
    complete: bool  # False while the count is that of a part of the file
    first_seen: float  # seconds since the epoch
    last_seen: float
    id: int = 0
    subject: str = ""  # what it is about: "" the file at `path`, else an account, which is used in that folder
    qualification: Qualification = "to_qualify"
    resolution: Resolution | None = None
    closed: float | None = None
    alerts: int | None = None  # the group it is told in

    @property
    def level(self) -> Level:
        """Who can read the place."""
        return self.exposure.level

    @property
    def account(self) -> AccountFacts | None:
        """The account that it is about, if it is about one."""
        return self.facts.account

    @property
    def folder(self) -> bytes:
        """The folder with which it is told: that of its file."""
        return self.path if self.subject else os.path.dirname(self.path)

    @property
    def open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.state in OPEN

    def to_dict(self, *, masked: bool = False, store: str = "") -> Json:
        """Return the JSON of an incident. `masked`: for everybody but the people of this machine.

        `store` is the store's own id; together with the number it names the incident wherever it is told.
        """
        facts = self.facts
        return {
            "schema": SCHEMA,
            "id": self.id,
            "uid": f"{store}-{self.id}",
            "rule": {"id": self.rule, "version": self.version},
            "severity": self.severity.name.lower(),
            "path": self.masked if masked else self.shown,
            "state": self.state,
            "resolution": self.resolution,
            "qualification": self.qualification,
            "exposure": {"level": self.level.name.lower()} if masked else exposure_dict(self.exposure),
            "persons": _count(facts.persons, masked=masked, exact=facts.exact and self.complete),
            "identified_health_persons": _count(
                facts.identified_health, masked=masked, exact=facts.identified_health_exact and self.complete
            ),
            "categories": {
                name: {"kind": its.kind.value} | ({} if masked else {"hits": its.hits, "persons": its.persons})
                for name, its in facts.categories.items()
            },
            "account": None if self.account is None else account_dict(self.account, masked=masked),
            "complete": self.complete,
            "first_seen": moment(self.first_seen),
            "last_seen": moment(self.last_seen),
            "closed": None if self.closed is None else moment(self.closed),
        } | ({} if masked else {"content": self.content})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to an incident. `seq` is the replay cursor."""

    seq: int
    incident: int
    at: float
    kind: EventKind
    author: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> Json:
        """Return the JSON of an event."""
        return {
            "cursor": self.seq,
            "event": self.kind,
            "at": moment(self.at),
            "by": self.author,
            "data": dict(self.data),
        }


def account_dict(account: AccountFacts, *, masked: bool) -> Json:
    """Return the JSON of how an account is used. `masked`: a name that may be somebody's is left out."""
    return {
        "service": account.service,
        "name": account.name if account.nameable or not masked else None,
        "kinds": list(account.kinds),
        "addresses": account.addresses,
    }


def few(count: int, exact: object = True) -> int | str:
    """Return a number of persons as it may leave the machine: those under five could be told apart.

    >>> few(0), few(3), few(5)
    (0, '< 5', 5)
    """
    return "< 5" if 0 < count < 5 else count


def _count(count: int, *, masked: bool, exact: bool) -> Json:
    return {"count": few(count) if masked else count, "exact": exact}


def moment(at: float) -> str:
    """Return seconds since the epoch as `2026-11-21T17:00:04Z`."""
    return stamp(datetime.fromtimestamp(at, UTC))


def exposure_from(data: Mapping[str, Any]) -> Exposure:
    """Return what `exposure_dict` made JSON of."""
    reasons = tuple(
        Reason(one["service"], one["setting"], one["source"], one.get("zone", "")) for one in data["reasons"]
    )
    return Exposure(Level[data["level"].upper()], reasons)


def grown(before: Incident, facts: Facts, level: Level) -> bool:
    """Whether there is more to an incident than there was: that is worth telling again."""
    if facts.account is not None and before.account is not None:  # what lies there is told of by itself
        return bool(set(facts.account.kinds) - set(before.account.kinds)) or level > before.level
    known = {name for name, its in before.facts.categories.items() if its.hits}
    added = {name for name, its in facts.categories.items() if its.hits and its.kind is not Kind.PROFESSIONAL} - known
    return bool(added) or facts.persons > before.facts.persons or level > before.level
