"""Who is told of an incident, with which others, and when again. Works inside the transaction of the incident."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from phiscan.alert.routing import Routing
from phiscan.incidents.incident import Event, Incident
from phiscan.model import Level
from phiscan.source.paths import below
from phiscan.store import incidents, outbox

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.config import Zone
    from phiscan.config.alerts import Alerts
    from phiscan.incidents.masking import Masks


class Telling:
    """The configured channels, routes and intervals."""

    def __init__(self, alerts: Alerts, masks: Masks | None, zones: Iterable[Zone] = ()) -> None:
        """`masks` are needed for whatever is new; a person's decision is not. `zones` are the declared ones."""
        self._alerts, self._masks = alerts, masks
        self.routing = Routing(alerts, zones)
        self.channels = self.routing.channels

    def tell(
        self, connection: Connection, incident: Incident, kind: outbox.GroupKind, folder: bytes, at: float
    ) -> None:
        """Something is new about an incident: put it in its group and tell that, unless it is below the minimum.

        A first walk and changed recognizers are told once they are done (`conclude`), but for what is public.
        """
        if not self.routing.wanted(incident) or not incident.open:
            return
        if incident.level is Level.PUBLIC and kind == "initial":
            kind, folder = "live", incident.folder
        if kind != "live":
            folder = incident.zone
        group = self.group_of(connection, incident, kind, folder, at)
        if kind == "live":
            channels, until = self.routing.heard_by(incident), self.routing.quiet_until(incident, at)
            if until is None:
                group = outbox.back(connection, group, incident.id, at)
                outbox.tell(connection, group, channels, "alert", at, self._alerts.group_wait)
            else:
                outbox.tell_once(connection, group.id, channels, "held_alert", at, until)
            self._plan(connection, group, incident, until or at)

    def read(self, connection: Connection, incident: Incident, at: float, *, at_once: bool = True) -> None:
        """Somebody has read the file of an incident. `at_once`: even where its group has just been told."""
        self.tell(connection, incident, "live", incident.folder, at)
        told = incidents.get(connection, incident.id)
        if at_once and told is not None and told.alerts is not None:
            outbox.hasten(connection, told.alerts, at)

    def resolved(self, connection: Connection, incident: Incident, at: float) -> None:
        """Say that an incident is over, to those who had heard of it.

        That a file is gone is said a moment later: its new name may not have been met yet, and then nothing is over.
        """
        if incident.alerts is None:
            return
        told = [channel for channel in outbox.was_told(connection, incident.alerts) if channel in self.channels]
        group, until = outbox.get_group(connection, incident.alerts), self.routing.quiet_until(incident, at)
        if until is None:
            hold = self._alerts.group_wait if incident.resolution == "gone" else 0.0
            outbox.tell(connection, group, told, "resolved", at, self._alerts.group_wait, hold)
        else:
            outbox.tell_once(connection, group.id, told, "held_alert", at, until)
        self._settle(connection, group.id)

    def dismissed(self, connection: Connection, incident: Incident, at: float) -> None:
        """Say that a person has dismissed an incident, on every channel, also where none had heard of it."""
        number = incident.alerts
        if number is None:  # below the minimum
            folder, masked = os.path.dirname(incident.path), os.path.dirname(incident.masked)
            number = outbox.group_of(connection, "live", incident.zone, folder, masked, at).id
            incidents.put(connection, replace(incident, alerts=number))
        outbox.tell_once(connection, number, self.channels, "dismissal", at)

    def said(self, connection: Connection, incident: Incident, event: Event) -> bool:
        """Whether somebody has been told of what happened to an incident."""
        return incident.alerts is not None and outbox.has_heard(connection, incident.alerts, event.seq)

    def conclude(self, connection: Connection, kind: outbox.GroupKind, at: float) -> None:
        """A first walk, or what changed recognizers asked for, is done: tell one thing a zone."""
        for group in outbox.untold(connection, kind):
            found = [incident for incident in outbox.members(connection, group.id) if incident.open]
            self._spread(connection, group, found, "initial" if kind == "initial" else "digest", "held_alert", at)
            for incident in found:
                self._plan(connection, group, incident, self.routing.quiet_until(incident, at) or at)

    def again(self, connection: Connection, at: float) -> None:
        """Repeat and escalate what nobody has acknowledged."""
        for group in outbox.due_groups(connection, at):
            new = [one for one in outbox.members(connection, group.id) if one.state == "new"]
            if not new:
                outbox.set_group(connection, group.id, repeat=None, escalate=None)
                continue
            if group.escalate is not None and group.escalate <= at:
                said = self._spread(connection, group, new, "escalation", "held_escalation", at)
                outbox.set_group(connection, group.id, escalate=None, repeat=said + self._repeat(new))
            elif group.repeat is not None and group.repeat <= at:
                after = self._repeat(new)
                early = self._early(connection, group, after, at)
                said = self._spread(connection, group, new, "repeat", "held_repeat", at, spared=early)
                outbox.set_group(connection, group.id, repeat=min([said + after, *early.values()]))

    def _early(self, connection: Connection, group: outbox.Group, after: float, at: float) -> dict[str, float]:
        """Return the channels that are not to be reminded yet, and when they are to be.

        A channel that was away has heard late, or has still to hear: reminders do not pile up for it.
        """
        heard = outbox.last_heard(connection, group.id)
        when = {name: at + after if last is None else last + after for name, last in heard.items()}
        return {name: due for name, due in when.items() if at < due <= at + after}

    def _spread(
        self,
        connection: Connection,
        group: outbox.Group,
        found: list[Incident],
        kind: outbox.Kind,
        held: outbox.Kind,
        at: float,
        *,
        spared: Collection[str] = (),
    ) -> float:
        """Tell each channel of these incidents now, or once it is no longer quiet for any; return when the first hears.

        An escalation goes to every channel. Those that are `spared` are told nothing.
        """
        due: dict[str, float] = {}
        for incident in found:
            when = self.routing.quiet_until(incident, at) or at
            for channel in self.channels if kind == "escalation" else self.routing.heard_by(incident):
                due[channel] = min(when, due.get(channel, when))
        outbox.add(
            connection, group.id, sorted(one for one in due if due[one] <= at and one not in spared), kind, at, at
        )
        for channel in sorted(one for one in due if due[one] > at):
            outbox.tell_once(connection, group.id, [channel], held, at, due[channel])
        return min(due.values(), default=at)

    def group_of(
        self, connection: Connection, incident: Incident, kind: outbox.GroupKind, folder: bytes, at: float
    ) -> outbox.Group:
        """Return the group that an incident is told in from now on."""
        if incident.alerts is not None and kind == "live":
            known = outbox.get_group(connection, incident.alerts)
            if known.kind == "live" and below(incident.path, known.folder) is not None:
                return known
        assert self._masks is not None
        masked = self._masks.masked(folder, incident.zone)
        group = outbox.group_of(connection, kind, incident.zone, folder, masked, at)
        if incident.alerts != group.id:
            incidents.put(connection, replace(incident, alerts=group.id))
        return group

    def _plan(self, connection: Connection, group: outbox.Group, incident: Incident, at: float) -> None:
        """Note when a group said `at` is to be said again, the earliest that any of it asks for."""
        known = outbox.get_group(connection, group.id)
        if incident.state != "new":
            return
        repeat = at + self._repeat([incident])
        after = self.routing.escalate_after(incident)
        escalate = None if after is None else at + after
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
