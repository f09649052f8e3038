"""What people decide about incidents, each inside one transaction: acknowledge, resolve, dismiss, qualify."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from typing import TYPE_CHECKING

from phiscan.incidents.incident import Dismissal, Incident, Qualification, Scope
from phiscan.messages import Told
from phiscan.model import Severity
from phiscan.store import exposures, incidents, outbox
from phiscan.store.exposures import Moment
from phiscan.store.incidents import Decision

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.alert.grouping import Telling


def author() -> str:
    """Return who is deciding: the account of this session, also behind sudo."""
    name = os.environ.get("SUDO_USER")
    if name:
        return name
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def found(connection: Connection, number: int) -> Incident:
    """Return an incident by its number. Raises `Told`."""
    incident = incidents.get(connection, number)
    if incident is None:
        raise Told("incident.unknown", id=number)
    return incident


def acknowledge(connection: Connection, number: int, by: str, at: float) -> Incident:
    """Somebody has seen it: nothing is repeated any more. Raises `Told` where it is over or dismissed."""
    incident = found(connection, number)
    if not incident.open:
        raise Told("incident.not_open", id=number)
    if incident.state == "acknowledged":
        return incident
    seen = incidents.put(connection, replace(incident, state="acknowledged"))
    incidents.happened(connection, number, at, "acknowledged", by)
    _settle(connection, seen)
    return seen


def resolve(connection: Connection, telling: Telling, number: int, by: str, at: float, reason: str) -> Incident:
    """Somebody has seen to it. If it still stands, the next whole walk reopens it."""
    incident = found(connection, number)
    if incident.state == "resolved":
        return incident
    done = incidents.put(connection, replace(incident, state="resolved", resolution="person", closed=at))
    given = {"reason": reason} if reason else {}
    seq = incidents.happened(connection, number, at, "resolved", by, why="person", was=incident.state, **given)
    exposures.close(connection, number, Moment(at=at, proof="incident", detail=str(seq)), "person")
    telling.resolved(connection, done, at)
    return done


def dismissal(
    incident: Incident, kind: Dismissal, scope: Scope, until: float | None, reason: str, by: str, at: float
) -> Decision:
    """Return the decision that a dismissal of an incident would be; nothing is written."""
    folder = incident.folder if scope == "folder" else incident.zone
    return Decision(
        incident=incident.id,
        kind=kind,
        scope=scope,
        rule=incident.rule,
        path=incident.path if scope == "file" else folder,
        content=incident.content if scope == "file" else None,
        persons=incident.facts.persons,
        categories=tuple(name for name, its in incident.facts.categories.items() if its.hits),
        until=until,
        reason=reason,
        author=by,
        at=at,
        subject=incident.subject if scope == "file" else "",
    )


def dismiss(connection: Connection, telling: Telling, decision: Decision) -> list[Incident]:
    """Write a dismissal down; return what it hides by now. At `high` or above those who answer for it are told."""
    found(connection, decision.incident)
    incidents.decide(connection, decision)
    hidden = []
    for incident in incidents.hidden_by(connection, decision):
        if incident.state == "dismissed":
            continue
        gone = incidents.put(connection, replace(incident, state="dismissed"))
        until = {} if decision.until is None else {"until": decision.until}
        why = {"as": decision.kind, "scope": decision.scope, "reason": decision.reason, **until}
        incidents.happened(connection, gone.id, decision.at, "dismissed", decision.author, **why)
        _settle(connection, gone)
        hidden.append(gone)
        if gone.severity >= Severity.HIGH:
            telling.dismissed(connection, gone, decision.at)
    return hidden


def qualify(
    connection: Connection, number: int, qualification: Qualification, by: str, at: float, reason: str, aware: float
) -> Incident:
    """Somebody says what an incident is in law. `aware`: since when it is known, from which delays count."""
    incident = found(connection, number)
    qualified = incidents.put(connection, replace(incident, qualification=qualification))
    data = {"as": qualification, "was": incident.qualification, "reason": reason, "aware": aware}
    incidents.happened(connection, number, at, "qualified", by, **data)
    return qualified


def _settle(connection: Connection, incident: Incident) -> None:
    """Repeat nothing once everything of a group is seen to."""
    if incident.alerts is not None and not outbox.states(connection, incident.alerts).get("new"):
        outbox.set_group(connection, incident.alerts, repeat=None, escalate=None)
