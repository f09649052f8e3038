"""Which channels hear of an incident, from which severity on, and when that has to wait: the configured routes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from phiscan.config.quiet import quiet_until
from phiscan.model import Level, Severity
from phiscan.source.paths import below

if TYPE_CHECKING:
    from phiscan.config import Zone
    from phiscan.config.alerts import Alerts, Match, Route
    from phiscan.incidents.incident import Incident

CHANNELS: Final = ("file", "webhook", "email", "slack", "syslog", "apprise")


def configured(alerts: Alerts) -> list[str]:
    """Return the channels that are configured."""
    return [name for name in CHANNELS if getattr(alerts, name)]


class Routing:
    """The routes. The first that matches an incident decides; where none does, every channel hears of it."""

    def __init__(self, alerts: Alerts, zones: Iterable[Zone] = ()) -> None:
        """`zones` are the declared ones: they say who owns a place."""
        self._alerts = alerts
        self.channels = configured(alerts)
        self._owners = {os.fsencode(os.path.normpath(zone.path)): zone.owner for zone in zones if zone.owner}

    def wanted(self, incident: Incident) -> bool:
        """Whether an incident is grave enough to be told: for its route, else for all."""
        route = self._route(incident)
        minimum = self._alerts.minimum if route is None or route.minimum is None else route.minimum
        return incident.severity >= Severity[minimum.upper()]

    def heard_by(self, incident: Incident) -> list[str]:
        """Return the channels that an incident goes to."""
        route = self._route(incident)
        return self.channels if route is None else [channel for channel in route.to if channel in self.channels]

    def hears(self, channel: str, incident: Incident) -> bool:
        """Whether a channel is to be told of an incident."""
        return self.wanted(incident) and channel in self.heard_by(incident)

    def escalate_after(self, incident: Incident) -> float | None:
        """Return after how many seconds without an answer every channel hears of it; None: never."""
        route = self._route(incident)
        return None if route is None else route.escalate_after

    def quiet_until(self, incident: Incident, at: float) -> float | None:
        """Return until when an incident is held back, None where it is told at once, as what is public always is."""
        route = self._route(incident)
        return None if route is None or incident.level is Level.PUBLIC else quiet_until(route.quiet, at)

    def of_place(self, path: bytes) -> Route | None:
        """Return the first route for all that is told of a place, of any severity or rule; None: every channel."""
        return next((one for one in self._alerts.routes if _any(one.match) and self._at(one.match, path, path)), None)

    def _route(self, incident: Incident) -> Route | None:
        return next((route for route in self._alerts.routes if self._matches(route.match, incident)), None)

    def _matches(self, match: Match, incident: Incident) -> bool:
        return (
            self._at(match, incident.path, incident.zone)
            and (match.severity is None or incident.severity >= Severity[match.severity.upper()])
            and (match.exposure is None or incident.level >= Level[match.exposure.upper()])
            and (match.rule is None or match.rule == incident.rule)
        )

    def _at(self, match: Match, path: bytes, zone: bytes) -> bool:
        return (match.zone is None or below(path, os.fsencode(match.zone)) is not None) and (
            match.owner is None or match.owner == self._owner(path, zone)
        )

    def _owner(self, path: bytes, zone: bytes) -> str | None:
        """Return who owns a place: the owner of the innermost declared zone that names one."""
        holding = (one for one in self._owners if below(path, one) is not None or below(zone, one) is not None)
        return self._owners.get(max(holding, key=len, default=b""))


def _any(match: Match) -> bool:
    """Whether a route is for whatever is told of its place."""
    return match.severity is None and match.exposure is None and match.rule is None
