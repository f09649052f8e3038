"""Who is told of an incident, with which others, and when again. Works inside the transaction of the incident."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from phiscan.incident import Incident
from phiscan.model import Level, Severity
from phiscan.source.paths import below
from phiscan.store import incidents, outbox

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.config import Alerts, Match, Route
    from phiscan.masking import Masks


class Telling:
    """The configured channels, routes and intervals."""

    def __init__(self, alerts: Alerts, masks: Masks | None) -> None:
        """`masks` are needed for whatever is new; a person's decision is not."""
        self._alerts, self._masks = alerts, masks
        self.channels = configured(alerts)
        self._least = Severity[alerts.minimum.upper()]

    def tell(
        self, connection: Connection, incident: Incident, kind: outbox.GroupKind, folder: bytes, at: float
    ) -> None:
        """Something is new about an incident: put it in its group and tell that, unless it is below the minimum.

        A first walk and changed recognizers are told once they are done (`conclude`), but for what is public.
        """
        if incident.severity < self._least or not incident.open:
            return
        if incident.level is Level.PUBLIC and kind == "initial":
            kind, folder = "live", os.path.dirname(incident.path)
        if kind != "live":
            folder = incident.zone
        group = self._group(connection, incident, kind, folder, at)
        if incident.alerts != group.id:
            incidents.put(connection, replace(incident, alerts=group.id))
        if kind == "live":
            outbox.tell(connection, group, self._heard_by(incident), "alert", at, self._alerts.group_wait)
            self._plan(connection, group, incident, at)

    def resolved(self, connection: Connection, incident: Incident, at: float) -> None:
        """Say that an incident is over, to those who had heard of it."""
        if incident.alerts is None:
            return
        told = [channel for channel in outbox.was_told(connection, incident.alerts) if channel in self.channels]
        group = outbox.get_group(connection, incident.alerts)
        outbox.tell(connection, group, told, "resolved", at, self._alerts.group_wait)
        self._settle(connection, group.id)

    def conclude(self, connection: Connection, kind: outbox.GroupKind, at: float) -> None:
        """A first walk, or what changed recognizers asked for, is done: tell one thing a zone."""
        for group in outbox.untold(connection, kind):
            found = [incident for incident in outbox.members(connection, group.id) if incident.open]
            channels = sorted({channel for incident in found for channel in self._heard_by(incident)})
            outbox.add(connection, group.id, channels, "initial" if kind == "initial" else "digest", at, at)
            for incident in found:
                self._plan(connection, group, incident, at)

    def again(self, connection: Connection, at: float) -> None:
        """Repeat and escalate what nobody has acknowledged."""
        for group in outbox.due_groups(connection, at):
            new = [one for one in outbox.members(connection, group.id) if one.state == "new"]
            if not new:
                outbox.set_group(connection, group.id, repeat=None, escalate=None)
                continue
            if group.escalate is not None and group.escalate <= at:
                outbox.add(connection, group.id, self.channels, "escalation", at, at)
                outbox.set_group(connection, group.id, escalate=None, repeat=at + self._repeat(new))
            elif group.repeat is not None and group.repeat <= at:
                channels = sorted({channel for incident in new for channel in self._heard_by(incident)})
                outbox.add(connection, group.id, channels, "repeat", at, at)
                outbox.set_group(connection, group.id, repeat=at + self._repeat(new))

    def _group(
        self, connection: Connection, incident: Incident, kind: outbox.GroupKind, folder: bytes, at: float
    ) -> outbox.Group:
        if incident.alerts is not None and kind == "live":
            known = outbox.get_group(connection, incident.alerts)
            if known.kind == "live" and below(incident.path, known.folder) is not None:
                return known
        assert self._masks is not None
        masked = self._masks.masked(folder, incident.zone)
        return outbox.group_of(connection, kind, incident.zone, folder, masked, at)

    def _plan(self, connection: Connection, group: outbox.Group, incident: Incident, at: float) -> None:
        """Note when a group is to be said again, the earliest that any of it asks for."""
        known = outbox.get_group(connection, group.id)
        if incident.state != "new":
            return
        repeat = at + self._repeat([incident])
        route = self._route(incident)
        escalate = None if route is None or route.escalate_after is None else at + route.escalate_after
        outbox.set_group(
            connection,
            group.id,
            repeat=repeat if known.repeat is None else min(known.repeat, repeat),
            escalate=known.escalate if escalate is None or known.escalate is not None else escalate,
        )

    def _settle(self, connection: Connection, group: int) -> None:
        if not outbox.states(connection, group).get("new"):
            outbox.set_group(connection, group, repeat=None, escalate=None)

    def _repeat(self, found: list[Incident]) -> float:
        after = self._alerts.repeat_after
        own = (getattr(after, incident.level.name.lower()) or after.default for incident in found)
        return float(min(own))

    def _heard_by(self, incident: Incident) -> list[str]:
        route = self._route(incident)
        return self.channels if route is None else [channel for channel in route.to if channel in self.channels]

    def _route(self, incident: Incident) -> Route | None:
        return next((route for route in self._alerts.routes if _matches(route.match, incident)), None)


def configured(alerts: Alerts) -> list[str]:
    """Return the channels that are configured."""
    return [name for name in ("file", "webhook", "email", "slack", "syslog") if getattr(alerts, name)]


def _matches(match: Match, incident: Incident) -> bool:
    return (
        (match.zone is None or below(incident.path, os.fsencode(match.zone)) is not None)
        and (match.severity is None or incident.severity >= Severity[match.severity.upper()])
        and (match.exposure is None or incident.level >= Level[match.exposure.upper()])
        and (match.rule is None or match.rule == incident.rule)
    )
