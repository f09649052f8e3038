"""What of phiscan's own data is too old to be kept, deleted a little at a time.

Nothing goes that a duty still needs: an incident that is to be notified, or that nobody has qualified although its
rule proposes duties, stays with its history and its persons however old it is. So does what is still open, what is
still to be said, what a dismissal in force rests on, and what says how a file in quarantine is put back.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, exists, func, insert, or_, select, update

from phiscan.model import Level
from phiscan.store.facts import read_facts, write_facts
from phiscan.store.incidents import last_event
from phiscan.store.responses import HELD
from phiscan.store.schema import (
    decisions,
    events,
    exposures,
    fingerprints,
    groups,
    incidents,
    ledger,
    lives,
    meta,
    outbox,
    responses,
    roots,
    walks,
)
from phiscan.store.schema_readers import accesses, account_places, accounts, logs, names, readers, searched

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Table

BATCH: Final = 1000  # rows deleted in one transaction, a few more where an incident takes its history along
_NOBODY: Final = "-"  # the beginning of the subject of an incident on an account whose name was purged
_INCIDENTS: Final = 100  # incidents looked at in one transaction
_STAYS: Final = ("opened", "qualified")  # events that stay as long as their incident: its beginning, what it is in law


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """For how many seconds what is kept."""

    closed_incidents: float  # from the last that happened to one
    fingerprints: float | None  # from the end of the last incident with that content; None: none are kept at all
    reader_addresses: float  # from the last time that a reader was seen
    audit: float
    no_duty: tuple[str, ...]  # rules that propose no duty: nobody has to qualify what they found
    watched: tuple[bytes, ...]  # roots


class Purge:
    """One purge, as of a time. `step` until it returns False, each in a transaction of its own."""

    def __init__(self, policy: Policy, at: float) -> None:
        self._policy, self._at = policy, at
        self._left = deque(_STEPS)
        self.deleted: Counter[str] = Counter()  # rows, by table

    def step(self, connection: Connection) -> bool:
        """Delete some of what is too old; return whether there may be more."""
        while self._left:
            found = self._left[0](connection, self._policy, self._at)
            if found:
                self.deleted.update(found)
                return True
            self._left.popleft()
        _set(connection, "purged", repr(self._at))
        return False


def last_purge(connection: Connection) -> float | None:
    """Return as of when the last purge was that came to its end."""
    value = connection.scalar(select(meta.c.value).where(meta.c.name == "purged"))
    return None if value is None else float(value)


def kept(connection: Connection, policy: Policy, at: float) -> int:
    """Return how many incidents are old enough to go, and stay because a duty may need them."""
    wanted = select(func.count()).select_from(incidents).where(_closed(at - policy.closed_incidents), _owed(policy))
    return connection.scalar(wanted) or 0


# What each step deletes: rows by table, nothing once nothing is left.

_Step = Callable[["Connection", Policy, float], Counter[str]]


def _deliveries(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """What was said long ago, but for the last word to each channel on a group: the next one goes on from there."""
    last = select(func.max(outbox.c.id)).where(outbox.c.sent.isnot(None)).group_by(outbox.c.alerts, outbox.c.channel)
    return _drop(connection, outbox, outbox.c.sent < at - policy.audit, outbox.c.id.notin_(last))


def _decisions(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    return _drop(connection, decisions, decisions.c.ended < at - policy.audit)


def _history(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """What happened long ago to incidents that stay."""
    old = events.c.at < at - policy.audit, events.c.kind.notin_(_STAYS)
    needed = select(incidents.c.id).where(or_(incidents.c.alerts.in_(_unsaid()), _owed(policy)))
    return _drop(connection, events, *old, events.c.incident.notin_(needed))


def _incidents(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """Incidents that ended long ago, with all that happened to them."""
    told = incidents.c.alerts.isnot(None) & incidents.c.alerts.in_(_unsaid())
    before = at - policy.closed_incidents
    in_force = or_(decisions.c.ended.is_(None), decisions.c.ended >= before)
    holds = exists().where(decisions.c.incident == incidents.c.id, in_force)
    put_back = exists().where(responses.c.incident == incidents.c.id, responses.c.state.in_(("wanted", *HELD)))
    old = select(incidents.c.id).where(_closed(before), ~_owed(policy), ~told, ~holds, ~put_back)
    over = list(connection.scalars(old.order_by(incidents.c.id).limit(_INCIDENTS)))
    found = _drop(connection, events, events.c.incident.in_(over))
    for table in (accesses, readers, names, searched, exposures):
        found += _drop(connection, table, table.c.incident.in_(over))
    if max(found.values(), default=0) < BATCH:  # else the rest of them goes first, in the next transaction
        found += _drop(connection, decisions, decisions.c.incident.in_(over))
        found += _drop(connection, responses, responses.c.incident.in_(over))
        found += _drop(connection, incidents, incidents.c.id.in_(over))
    return found


def _lines(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """Log lines, which name who read and when."""
    old = accesses.c.at < at - policy.reader_addresses
    return _drop(connection, accesses, old, accesses.c.incident.notin_(_needed(policy)))


def _addresses(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """Who the readers were. That somebody read, when and how much, stays as long as the incident."""
    old = readers.c.last < at - policy.reader_addresses, or_(readers.c.address != "", readers.c.account != "")
    wanted = select(readers.c.id).where(*old, readers.c.incident.notin_(_needed(policy))).limit(BATCH)
    nameless = update(readers).where(readers.c.id.in_(wanted)).values(address="", account="")
    count = connection.execute(nameless).rowcount
    return Counter({"readers": count} if count else {})


def _accounts(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """Accounts that several people seemed to use, and who they were in what is over; it stays that there was one."""
    before = at - policy.reader_addresses
    found = _drop(connection, accounts, accounts.c.last < before)
    places = _drop(connection, account_places, account_places.c.last < before)
    found.update({"accounts": places["account_places"]} if places else {})
    return found + _nameless(connection, policy, before)


def _nameless(connection: Connection, policy: Policy, before: float) -> Counter[str]:
    named = incidents.c.subject != "", incidents.c.subject.notlike(f"{_NOBODY} %")
    over = (incidents.c.state == "resolved") & (incidents.c.last_seen < before), ~_owed(policy)
    count = 0
    for row in connection.execute(select(incidents).where(*named, *over).limit(BATCH)).all():
        facts = read_facts(row.facts, Level(row.level))
        account = None if facts.account is None else replace(facts.account, name="")
        values = {"subject": f"{_NOBODY} {row.id}", "facts": write_facts(replace(facts, account=account))}
        connection.execute(update(incidents).where(incidents.c.id == row.id).values(**values))
        count += 1
    return Counter({"accounts": count} if count else {})


def _logs(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """How far logs were read that are no longer there."""
    return _drop(connection, logs, logs.c.read < at - policy.audit)


def _needed(policy: Policy) -> Any:
    return select(incidents.c.id).where(_owed(policy))


def _groups(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """Groups of which no incident is left, with what was said of them."""
    used = select(incidents.c.alerts).where(incidents.c.alerts.isnot(None))
    old = select(groups.c.id).where(groups.c.id.notin_(used), groups.c.id.notin_(_unsaid()))
    over = list(connection.scalars(old.order_by(groups.c.id).limit(_INCIDENTS)))
    found = _drop(connection, outbox, outbox.c.alerts.in_(over))
    return found if found["outbox"] >= BATCH else found + _drop(connection, groups, groups.c.id.in_(over))


def _fingerprints(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """Persons of contents that no incident has, or none that has not ended long ago."""
    if policy.fingerprints is None:
        return _drop(connection, fingerprints)
    needed = or_(incidents.c.state != "resolved", incidents.c.closed >= at - policy.fingerprints, _owed(policy))
    used = select(incidents.c.content).where(incidents.c.content.isnot(None), needed)
    return _drop(connection, fingerprints, fingerprints.c.content.notin_(used))


def _walks(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """Records of walks, but for the last one of each root that is watched."""
    last = select(func.max(walks.c.id)).where(walks.c.root.notin_(_unwatched(policy))).group_by(walks.c.root)
    return _drop(connection, walks, walks.c.ended < at - policy.audit, walks.c.id.notin_(last))


def _lives(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """When daemons were at work, but for the one that is."""
    last = select(func.max(lives.c.id)).scalar_subquery()
    return _drop(connection, lives, lives.c.alive < at - policy.audit, lives.c.id < last)


def _ledger(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    """Files of roots that are no longer watched: a walk drops what has gone from the others."""
    before = at - policy.audit
    lately = select(walks.c.root).where(walks.c.ended >= before)
    left = ledger.c.root.in_(_unwatched(policy)), ledger.c.root.notin_(lately)
    return _drop(connection, ledger, *left, or_(ledger.c.read.is_(None), ledger.c.read < before))


def _roots(connection: Connection, policy: Policy, at: float) -> Counter[str]:
    used = (~exists().where(table.c.root == roots.c.id) for table in (ledger, incidents, walks))
    return _drop(connection, roots, roots.c.id.in_(_unwatched(policy)), *used)


_STEPS: tuple[_Step, ...] = (
    _deliveries, _decisions, _history, _lines, _addresses, _accounts, _logs, _incidents, _groups, _fingerprints,
    _walks, _lives, _ledger, _roots,
)  # fmt: skip


def _closed(before: float) -> ColumnElement[bool]:
    """Incidents that had ended by then and to which nothing has happened since."""
    since = exists().where(events.c.incident == incidents.c.id, events.c.at >= before)
    return (incidents.c.state == "resolved") & (incidents.c.closed < before) & ~since


def _owed(policy: Policy) -> ColumnElement[bool]:
    """Incidents of which something is still to be done or to be decided in law, whatever has become of the file."""
    unqualified = (incidents.c.qualification == "to_qualify") & incidents.c.rule.notin_(policy.no_duty)
    return or_(incidents.c.qualification == "to_notify", unqualified)


def _unsaid() -> Any:
    """Return the groups of which something is still to be said."""
    return select(outbox.c.alerts).where(outbox.c.sent.is_(None))


def _unwatched(policy: Policy) -> Any:
    return select(roots.c.id).where(roots.c.path.notin_(policy.watched))


def _drop(connection: Connection, table: Table, *which: ColumnElement[bool]) -> Counter[str]:
    """Delete at most `BATCH` rows of a table, the oldest first; return how many."""
    (key,) = table.primary_key.columns
    if table is events:  # messages are numbered by them: a number that was used is not used again
        _set(connection, "last_event", str(last_event(connection)))
    old = select(key).where(*which).order_by(key).limit(BATCH)
    count = connection.execute(delete(table).where(key.in_(old))).rowcount
    return Counter({table.name: count} if count else {})


def _set(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(meta).where(meta.c.name == name))
    connection.execute(insert(meta).values(name=name, value=value))
