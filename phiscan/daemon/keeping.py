"""How long phiscan keeps its own data, as configured, and the daemon's daily purge at idle."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from phiscan.store import retention
from phiscan.store.retention import Policy, Purge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from phiscan.config import Config
    from phiscan.daemon.logs import Log
    from phiscan.incidents.duties import Duty
    from phiscan.judge import Rule

_DAY: Final = 86_400.0  # seconds


def policy_of(config: Config, rules: Iterable[Rule], duties: Mapping[str, Duty]) -> Policy:
    """Return how long what is kept. What a rule found that is no longer there counts as unqualified."""
    from phiscan.incidents.duties import of_rule

    role, its = config.organisation.role, config.retention
    return Policy(
        closed_incidents=its.closed_incidents,
        fingerprints=its.fingerprints if config.fingerprints == "keep" else None,
        reader_addresses=its.reader_addresses,
        audit=its.audit,
        no_duty=tuple(sorted(rule.id for rule in rules if not of_rule(rule, duties, role))),
        watched=tuple(sorted({os.path.realpath(os.fsencode(path)) for path in config.watch})),
    )


class Keeper:
    """Purges once a day, a little in each turn in which the daemon has nothing else to do."""

    def __init__(self, policy: Policy, log: Log) -> None:
        self._policy, self._log = policy, log
        self._purge: Purge | None = None
        self._next: float | None = None  # not known before the store was asked

    def turn(self, connection: Connection, at: float) -> None:
        """Go on with today's purge, or begin it. A clock that went back by a day or more asks for it again."""
        if self._next is None:
            last = retention.last_purge(connection)
            self._next = at if last is None or last > at else last + _DAY
        if self._purge is None:
            if self._next - _DAY <= at < self._next:
                return
            self._purge = Purge(self._policy, at)
        if not self._purge.step(connection):
            self._log("info", "purged", **self._purge.deleted)
            self._purge, self._next = None, at + _DAY

    def lost(self) -> None:
        """What was done in the last turn could not be written: begin anew."""
        self._purge = self._next = None
