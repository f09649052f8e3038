"""Accounts that several people seem to use, as incidents: one an account, service and place, told like any other.

What the logs have shown stands in the store; rules judge it together with what lies at the place. An account that is
no longer used so for a while, or of which the configuration says otherwise by now, is over. Nothing else of what
people do is looked at: see `phiscan.access.accounts` for what counts.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from phiscan.facts import AccountFacts
from phiscan.incidents.book import LEAST, Finding
from phiscan.judge import Facts, judge
from phiscan.model import Exposure, Level, Reason
from phiscan.report.model import show_path
from phiscan.store import Store, access, incidents, ledger, ledger_sums

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.access.places import Spots
    from phiscan.config import Accounts as Settings
    from phiscan.daemon.logs import Log
    from phiscan.incidents.book import Book
    from phiscan.incidents.incident import Incident
    from phiscan.judge import Rule
    from phiscan.store.access import Account

_EVERY: Final = 60.0  # seconds between two looks at what has become of accounts and their places
_SETTING: Final = "account used by several"

_Key = tuple[str, bytes]  # subject, place


def subject_of(account: Account) -> str:
    """Return what an incident on an account is about: the service and the account, whose case does not count."""
    return f"{account.service} {account.account.lower()}"


class Sharing:
    """Keeps the incidents on accounts."""

    def __init__(self, settings: Settings, book: Book, rules: Iterable[Rule], spots: Spots, log: Log) -> None:
        self._settings, self._book, self._log = settings, book, log
        self._rules = tuple(rule for rule in rules if any(condition.account for condition in rule.when))
        self.spots = spots
        self._generic = {name.lower() for name in settings.generic}
        self._next = 0.0

    def due(self) -> bool:
        """Whether it is time to look again."""
        return time.monotonic() >= self._next

    def turn(self, store: Store, at: float, patience: float | None = None) -> bool:
        """Look what has become of accounts; return whether somebody may have to be told."""
        with store.read() as connection:
            found = self.found(connection, at)
        if found:
            with store.write(patience) as connection:
                for one in found:
                    for incident in self._book.judged(connection, one):
                        self._say(incident)
        self._next = time.monotonic() + _EVERY
        return bool(found)

    def _say(self, incident: Incident) -> None:
        severity = incident.severity.name.lower()
        told = {"rule": incident.rule, "severity": severity, "state": incident.state, "place": incident.masked}
        self._log("warning", "incident", id=incident.id, **told)

    def found(self, connection: Connection, at: float) -> list[Finding]:
        """Return the accounts of which something is otherwise than their incidents say."""
        used: dict[_Key, list[Account]] = {}
        for row in access.account_places(connection):
            used.setdefault((subject_of(row), row.place), []).append(row)
        known: dict[_Key, list[Incident]] = {}
        for incident in incidents.on_accounts(connection):
            known.setdefault((incident.subject, incident.path), []).append(incident)
        roots = {root.path: root.id for root in ledger.all_roots(connection)}
        places: dict[bytes, Facts] = {}
        found = []
        for key in sorted({*used, *known}):
            of, before = used.get(key, []), known.get(key, [])
            one = self._judged(connection, key, of, before, at, roots, places)
            found += [] if one is None else [one]
        return found

    def _judged(
        self,
        connection: Connection,
        key: _Key,
        used: Sequence[Account],
        before: Sequence[Incident],
        at: float,
        roots: Mapping[bytes, int],
        places: dict[bytes, Facts],
    ) -> Finding | None:
        subject, place = key
        spot = self.spots.at(place)
        holding = [row for row in used if self._holds(row, at)]
        if spot is None or spot.root not in roots:  # no longer watched
            holding = []
        account = _account(holding, used, before)
        if account is None:
            return None
        facts = Facts(Level.PUBLIC if "anonymous" in account.kinds else Level.RESTRICTED, exact=False)
        if holding and spot is not None:
            if place not in places:
                places[place] = ledger_sums.found_below(connection, roots[spot.root], spot.folder)
            facts = replace(places[place], level=facts.level)
        facts = replace(facts, account=account)
        last = max((row.last for row in holding), default=0.0)
        over = {one.rule for one in before if one.resolution == "person" and last <= (one.closed or 0.0)}
        fired = [one for one in judge(facts, self._rules) if one.rule.id not in over and one.severity >= LEAST]
        standing = {one.rule: one for one in before if one.state != "resolved"}
        if {one.rule.id for one in fired} == set(standing) and all(one.account == account for one in standing.values()):
            return None
        return Finding(
            root=before[0].root if spot is None or spot.root not in roots else roots[spot.root],
            folder=before[0].zone if spot is None else spot.zone,
            path=place,
            shown=show_path(place),
            zone=before[0].zone if spot is None else spot.zone,
            content=None,
            status="scanned",
            exposure=Exposure(facts.level, (Reason(account.service, _SETTING, "access log"),)),
            facts=facts,
            fired=tuple(fired),
            complete=True,
            at=at,
            group=place,
            subject=subject,
        )

    def _holds(self, row: Account, at: float) -> bool:
        """Whether an account is used so still, and the configuration asks for it."""
        settings = self._settings
        asked = {
            "generic": row.account.lower() in self._generic,
            "addresses": row.addresses >= settings.addresses,
            "anonymous": True,
            "address": settings.new_address,
            "hour": settings.hours is not None,
        }
        return asked.get(row.kind, False) and at - row.last < settings.resolve_after


def _account(holding: Sequence[Account], used: Sequence[Account], before: Sequence[Incident]) -> AccountFacts | None:
    """Return how an account is used; None where there is nothing to say of it, nor was."""
    if holding:
        kinds = tuple(sorted({row.kind for row in holding}))
        latest = max(holding, key=lambda row: row.last)
        return AccountFacts(latest.service, latest.account, kinds, max(row.addresses for row in holding))
    standing = [one.account for one in before if one.state != "resolved" and one.account is not None]
    return replace(standing[0], kinds=()) if standing else None
