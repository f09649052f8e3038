"""The deadlines that a person's qualification has started, and when people are reminded of them.

A duty's file says within which time it is due and how long before people are reminded. Only `to_notify` starts a
deadline, and only another qualification ends it: a file that is gone does not. Quiet hours hold no reminder back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phiscan.incidents.duties import Duty, of_rule
from phiscan.incidents.incident import OURSELVES, Event, Incident
from phiscan.store import incidents, outbox

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.alert.grouping import Telling
    from phiscan.alert.message import Context


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when a duty that an incident brings is to be done; seconds since the epoch."""

    incident: int
    duty: Duty
    until: float


def deadlines(connection: Connection, incident: Incident, context: Context) -> list[Deadline]:
    """Return the deadlines of an incident, the next first."""
    if incident.qualification != "to_notify":
        return []
    return _deadlines(incident, incidents.history(connection, incident.id), context)


def remind(connection: Connection, telling: Telling, context: Context, at: float) -> None:
    """Tell every channel of the deadlines that come near, once for each time that a duty names."""
    for incident in incidents.qualified_as(connection, "to_notify"):
        history = incidents.history(connection, incident.id)
        known = _reminded(history)
        due = {
            one.duty.id: min(near)
            for one in _deadlines(incident, history, context)
            if (near := [before for before in one.duty.remind if at >= one.until - before])
        }
        news = {duty: before for duty, before in due.items() if duty not in known or before < known[duty]}
        if news:
            group = telling.group_of(connection, incident, "live", incident.folder, at)
            incidents.happened(connection, incident.id, at, "reminded", OURSELVES, before=news)
            outbox.tell_once(connection, group.id, telling.channels, "deadline", at)


def _deadlines(incident: Incident, history: list[Event], context: Context) -> list[Deadline]:
    qualified = [event for event in history if event.kind == "qualified"]
    aware = qualified[-1].data.get("aware") if qualified else None  # a copy has inherited it: the original reminds
    if aware is None:
        return []
    duties = of_rule(context.rules.get(incident.rule), context.duties, context.role)
    found = [Deadline(incident.id, duty, aware + duty.within) for duty in duties if duty.within is not None]
    return sorted(found, key=lambda one: one.until)


def _reminded(history: list[Event]) -> Mapping[str, float]:
    """Return how long before its end people were last reminded of each duty, since the latest qualification."""
    known: dict[str, float] = {}
    for event in history:
        if event.kind == "qualified":
            known.clear()
        elif event.kind == "reminded":
            known |= event.data["before"]
    return known
