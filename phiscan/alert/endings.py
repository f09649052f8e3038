"""Reminders before the last day of a zone in which files still lie: which are due, to whom, and what they say.

Each is told once, also across restarts: what was told stands in the store. After the last day the rules on zones go on.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time
from typing import TYPE_CHECKING

from phiscan.alert.message import Ends, Message, of_no_incident
from phiscan.config.quiet import quiet_until
from phiscan.model import Severity
from phiscan.source.paths import below, display
from phiscan.store import incidents, ledger, ledger_sums, outbox
from phiscan.store.notes import note, set_note

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.alert.routing import Routing
    from phiscan.config import Zone


class Endings:
    """The declared zones that end."""

    def __init__(self, zones: Iterable[Zone], routing: Routing) -> None:
        self._routing = routing
        self._zones = {os.path.abspath(os.fsencode(zone.path)): zone for zone in zones if zone.until is not None}

    def remind(self, connection: Connection, at: float) -> None:
        """Tell of the zones whose last day comes near, once for each time before it that they name."""
        for path, zone in self._zones.items():
            before = _due(zone, at)
            if before is None or self._told(connection, path, zone, before) or not self._files(connection, path, 1):
                continue
            set_note(connection, _name(path), {"until": str(zone.until), "before": before})
            route = self._routing.of_place(path)
            channels = self._routing.channels if route is None else [*route.to]
            due = None if route is None else quiet_until(route.quiet, at)
            group = outbox.group_of(connection, "ending", path, path, display(path), at)
            outbox.tell_once(connection, group.id, channels, "ending", at, due)

    def message(self, connection: Connection, item: outbox.Item, at: float) -> Message | None:
        """Return what is to be said of a zone; None where it is over, says otherwise by now, or holds nothing more."""
        zone = self._zones.get(item.group.zone)
        files = 0 if zone is None else self._files(connection, item.group.zone)
        if zone is None or zone.until is None or not files or (days := _left(zone, at)) < 0:
            return None
        store = incidents.store_id(connection)
        return replace(
            of_no_incident("ending", f"{store}-{item.id}", f"{store}-g{item.group.id}", at),
            sequence=incidents.last_event(connection),
            zone=display(item.group.zone),
            place=item.group.masked,
            severity=Severity.LOW,
            files=files,
            ends=Ends(until=zone.until, days=days, owner=zone.owner or ""),
        )

    def _told(self, connection: Connection, path: bytes, zone: Zone, before: float) -> bool:
        known = note(connection, _name(path))
        return known is not None and known["until"] == str(zone.until) and known["before"] <= before

    def _files(self, connection: Connection, path: bytes, enough: int | None = None) -> int:
        """Return how many files lie in a zone, at most `enough`, but for those of zones in it with an end of their own.

        What is known is by where it really lies.
        """
        here, inner = os.path.realpath(path), [os.path.realpath(other) for other in self._zones if other != path]
        inner = [other for other in inner if other != here and below(other, here) is not None]
        count = 0
        for root in ledger.all_roots(connection):
            folder = here if below(here, root.path) is not None else root.path
            if below(folder, here) is not None:
                count += ledger_sums.count_beside(connection, root.id, folder, inner, enough)
        return count


def _left(zone: Zone, at: float) -> int:
    """Return how many days are left, the last one counted as 0."""
    assert zone.until is not None
    return (zone.until - datetime.fromtimestamp(at).date()).days  # noqa: DTZ006  the day on the wall


def _due(zone: Zone, at: float) -> float | None:
    """Return the reminder that is due, in seconds before the last day begins; None where none is."""
    assert zone.until is not None
    begins = datetime.combine(zone.until, time()).astimezone().timestamp()
    near = [before for before in zone.remind if at >= begins - before]
    return min(near) if near and _left(zone, at) >= 0 else None


def _name(path: bytes) -> str:
    return f"ending.{path.hex()}"
