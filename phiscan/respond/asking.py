"""What is to be done about an incident, written into the store in the incident's own transaction."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, cast

from phiscan.messages import Told
from phiscan.store import incidents, ledger, responses
from phiscan.store.responses import Action, Response

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.alert.grouping import Telling
    from phiscan.config import Config
    from phiscan.incidents.book import Finding
    from phiscan.incidents.incident import Incident
    from phiscan.judge import Rule

OWNER: Final = "owner"  # the channel that writes to whom a place belongs


class Asking:
    """The configured actions, by rule."""

    def __init__(self, actions: Mapping[str, Action], telling: Telling | None = None) -> None:
        """`telling` says in which message the owner of a place is told of an incident that nobody else is."""
        self.actions, self._telling = actions, telling

    def ask(self, connection: Connection, incident: Incident, found: Finding) -> None:
        """Ask for what is configured for an incident's rule, once for each file; where nothing is, nothing."""
        action = self.actions.get(incident.rule)
        if action is None or not incident.open or found.file is None or found.content is None:
            return  # without a content nobody could tell whether it is still the file that was judged
        if action == "notify-owner" and incident.alerts is None and self._telling is not None:
            self._telling.group_of(connection, incident, "live", os.path.dirname(incident.path), found.at)
        device, inode, size, mtime_ns = found.file
        response = Response(
            incident=incident.id,
            action=action,
            path=found.path,
            device=device,
            inode=inode,
            size=size,
            mtime_ns=mtime_ns,
            content=found.content,
            asked=found.at,
            changed=found.at,
        )
        responses.want(connection, response)


def ask_for_open(connection: Connection, actions: Mapping[str, Action], at: float) -> None:
    """Ask for what is configured by now for incidents that are open already, where it never was: as they are known."""
    for incident in incidents.open_by(connection, actions):
        action = actions[incident.rule]
        entry = ledger.get(connection, incident.root, incident.path)
        if entry is None or incident.subject or incident.content is None or entry.content != incident.content:
            continue
        if action == "notify-owner" and incident.alerts is None:
            continue  # nobody was told of it: there is no message that he could be given
        response = Response(
            incident=incident.id,
            action=action,
            path=incident.path,
            device=entry.device,
            inode=entry.inode,
            size=entry.size,
            mtime_ns=entry.mtime_ns,
            content=incident.content,
            asked=at,
            changed=at,
        )
        responses.want(connection, response)


def actions_of(config: Config, rules: Iterable[Rule]) -> Mapping[str, Action]:
    """Return the configured actions. Raises `Told` on one for a rule that there is not."""
    known = {rule.id for rule in rules}
    for rule in config.response:
        if rule not in known:
            raise Told("response.rule", rule=rule)
    return cast("Mapping[str, Action]", config.response)
