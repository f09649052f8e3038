"""Incidents, what happened to them, dismissals and the fingerprints of persons: rows of the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, insert, literal, or_, select, update

from phiscan.incidents.incident import Dismissal, Event, EventKind, Incident, Qualification, Scope, exposure_from
from phiscan.model import Level, Severity
from phiscan.report.model import exposure_dict
from phiscan.store.facts import read_facts, write_facts
from phiscan.store.paths import inside
from phiscan.store.schema import decisions, events, fingerprints, incidents, meta

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from sqlalchemy import Connection

    Persons = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]

_AT_ONCE: Final = 500  # parameters of a question: databases take some thousands


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A dismissal: what it hides, until when, and who said so why. `subject` is that of the incident."""

    incident: int
    kind: Dismissal
    scope: Scope
    rule: str
    path: bytes
    content: str | None
    persons: int
    categories: tuple[str, ...]
    until: float | None
    reason: str
    author: str
    at: float
    id: int = 0
    ended: float | None = None
    subject: str = ""

    def covers(self, incident: Incident) -> bool:
        """Whether it hides an incident: of its rule, and of its file, folder or zone.

        A file's goes with its content wherever that lies; at its own path with what is in it by now, as long as that
        is no more than was decided upon. An account's, of the scope `file`, with that account.
        """
        if incident.rule != self.rule or self.ended is not None:
            return False
        if incident.subject:
            here = self.path in (incident.path, b"/") or incident.path.startswith(self.path.rstrip(b"/") + b"/")
            return here and (self.scope != "file" or self.subject == incident.subject)
        if self.scope == "file":
            if incident.content is not None and incident.content == self.content:
                return True
            found = {name for name, its in incident.facts.categories.items() if its.hits}
            return (
                incident.path == self.path and incident.facts.persons <= self.persons and found <= set(self.categories)
            )
        return incident.path.startswith(self.path.rstrip(b"/") + b"/")


# Asked of each file that was read: built once.
_AT = select(incidents).where(incidents.c.path == bindparam("at_path")).order_by(incidents.c.rule)


def store_id(connection: Connection) -> str:
    """Return the store's own id, which makes the numbers of its incidents unique."""
    return str(connection.scalar(select(meta.c.value).where(meta.c.name == "id")))


def get(connection: Connection, number: int) -> Incident | None:
    """Return an incident by its number."""
    found = connection.execute(select(incidents).where(incidents.c.id == number)).one_or_none()
    return None if found is None else incident_of(found)


def at(connection: Connection, path: bytes) -> list[Incident]:
    """Return the incidents of a place, by rule."""
    found = connection.execute(_AT, {"at_path": path})
    return [incident_of(row) for row in found]


def paths(connection: Connection, root: int) -> set[bytes]:
    """Return every place of a root with an incident that is not resolved."""
    wanted = select(incidents.c.path).where(incidents.c.root == root, incidents.c.state != "resolved")
    return set(connection.scalars(wanted.distinct()))


def below(connection: Connection, root: int, folder: bytes) -> list[Incident]:
    """Return the incidents of a root below a folder, whatever has become of them, by number."""
    mine = incidents.c.root == root, inside(incidents.c.path, folder)
    return [incident_of(row) for row in connection.execute(select(incidents).where(*mine).order_by(incidents.c.id))]


def resolved_by_hand(connection: Connection, root: int, before: float) -> list[Incident]:
    """Return what a person had resolved in a root before a time."""
    mine = incidents.c.root == root, incidents.c.resolution == "person", incidents.c.closed < before
    return [incident_of(row) for row in connection.execute(select(incidents).where(*mine).order_by(incidents.c.id))]


def on_accounts(connection: Connection) -> list[Incident]:
    """Return the incidents that are about accounts, whatever has become of them, by number."""
    wanted = select(incidents).where(incidents.c.subject != "").order_by(incidents.c.id)
    return [incident_of(row) for row in connection.execute(wanted)]


def with_content(connection: Connection, rule: str, content: str) -> list[Incident]:
    """Return the incidents of a rule with this content, the latest first."""
    wanted = select(incidents).where(incidents.c.rule == rule, incidents.c.content == content)
    return [incident_of(row) for row in connection.execute(wanted.order_by(incidents.c.last_seen.desc()))]


def listed(
    connection: Connection, states: Sequence[str] = (), least: Severity = Severity.NONE, count: int | None = None
) -> list[Incident]:
    """Return incidents, worst first, then the latest."""
    wanted = select(incidents).where(incidents.c.severity >= int(least))
    if states:
        wanted = wanted.where(incidents.c.state.in_(states))
    order = incidents.c.severity.desc(), incidents.c.last_seen.desc(), incidents.c.id
    return [incident_of(row) for row in connection.execute(wanted.order_by(*order).limit(count))]


def open_by(connection: Connection, rules: Iterable[str]) -> list[Incident]:
    """Return the open incidents of some rules, by number."""
    mine = incidents.c.rule.in_(list(rules)), incidents.c.state.in_(("new", "acknowledged"))
    return [incident_of(row) for row in connection.execute(select(incidents).where(*mine).order_by(incidents.c.id))]


def qualified_as(connection: Connection, qualification: Qualification) -> list[Incident]:
    """Return the incidents that somebody has qualified so, whatever has become of them, by number."""
    wanted = select(incidents).where(incidents.c.qualification == qualification).order_by(incidents.c.id)
    return [incident_of(row) for row in connection.execute(wanted)]


def put(connection: Connection, incident: Incident) -> Incident:
    """Write an incident; return it with its number."""
    values = _values(incident)
    if incident.id:
        connection.execute(update(incidents).where(incidents.c.id == incident.id).values(**values))
        return incident
    made: Any = connection.execute(insert(incidents).values(**values)).inserted_primary_key
    found = get(connection, int(made[0]))
    assert found is not None
    return found


def happened(connection: Connection, number: int, at_: float, kind: EventKind, author: str, **data: Any) -> int:
    """Write down what happened to an incident; return its place in the order of all that happened."""
    values = {"incident": number, "at": at_, "kind": kind, "author": author, "data": json.dumps(data)}
    made: Any = connection.execute(insert(events).values(**values)).inserted_primary_key
    return int(made[0])


def last_event(connection: Connection) -> int:
    """Return the number of the latest event, also where the purge has taken it."""
    known = connection.scalar(select(meta.c.value).where(meta.c.name == "last_event"))
    return max(connection.scalar(select(func.max(events.c.seq))) or 0, int(known or 0))


def history(connection: Connection, number: int) -> list[Event]:
    """Return what happened to an incident, in order."""
    return [
        _event(row) for row in connection.execute(select(events).where(events.c.incident == number).order_by("seq"))
    ]


def since(connection: Connection, cursor: int, count: int) -> list[tuple[Event, Incident]]:
    """Return what happened after `cursor`, in order, each with its incident as it is now."""
    found = connection.execute(select(events).where(events.c.seq > cursor).order_by(events.c.seq).limit(count)).all()
    numbers = {row.incident for row in found}
    rows = connection.execute(select(incidents).where(incidents.c.id.in_(numbers)))
    known = {row.id: incident_of(row) for row in rows}
    return [(_event(row), known[row.incident]) for row in found]


def decide(connection: Connection, decision: Decision) -> int:
    """Write a dismissal."""
    values = {
        name: getattr(decision, name)
        for name in (
            "incident",
            "kind",
            "scope",
            "rule",
            "path",
            "subject",
            "content",
            "persons",
            "until",
            "reason",
            "author",
            "at",
        )
    }
    made: Any = connection.execute(
        insert(decisions).values(**values, categories=json.dumps(decision.categories))
    ).inserted_primary_key
    return int(made[0])


def decided(connection: Connection, rule: str, at_: float) -> list[Decision]:
    """Return the dismissals of a rule that hold at that time."""
    holds = decisions.c.ended.is_(None) & or_(decisions.c.until.is_(None), decisions.c.until > at_)
    return [_decision(row) for row in connection.execute(select(decisions).where(decisions.c.rule == rule, holds))]


def run_out(connection: Connection, at_: float) -> list[Decision]:
    """End the dismissals whose time is over and return them."""
    over = select(decisions).where(decisions.c.ended.is_(None), decisions.c.until <= at_)
    found = [_decision(row) for row in connection.execute(over)]
    ends = update(decisions).where(decisions.c.id.in_([one.id for one in found]))
    if found:
        connection.execute(ends.values(ended=at_))
    return found


def end_decisions(connection: Connection, number: int, at_: float) -> None:
    """End the dismissals that came from an incident."""
    mine = update(decisions).where(decisions.c.incident == number, decisions.c.ended.is_(None))
    connection.execute(mine.values(ended=at_))


def hidden_by(connection: Connection, decision: Decision) -> list[Incident]:
    """Return the incidents that a dismissal hides or would hide and that are not resolved, by number."""
    wanted = select(incidents).where(incidents.c.rule == decision.rule, incidents.c.state != "resolved")
    found = (incident_of(row) for row in connection.execute(wanted.order_by(incidents.c.id)))
    return [incident for incident in found if decision.covers(incident)]


def keep_persons(connection: Connection, content: str, persons: Persons) -> None:
    """Keep who is in a content. Once is enough for all its copies."""
    keys, masks = persons
    known = connection.scalar(select(literal(1)).where(fingerprints.c.content == content))
    if not known:
        values = {"content": content, "keys": keys.tobytes(), "masks": masks.tobytes()}
        connection.execute(insert(fingerprints).values(**values))


def persons_of(connection: Connection, contents: Iterable[str]) -> list[Persons]:
    """Return who is in each of some contents, as far as it is kept."""
    import numpy as np

    wanted, contents = select(fingerprints.c["keys"], fingerprints.c.masks), list(contents)
    return [
        (np.frombuffer(keys, np.uint64), np.frombuffer(masks, np.uint64))
        for begin in range(0, len(contents), _AT_ONCE)
        for keys, masks in connection.execute(
            wanted.where(fingerprints.c.content.in_(contents[begin : begin + _AT_ONCE]))
        )
    ]


def counts(connection: Connection) -> dict[str, int]:
    """Return how many incidents are in which state."""
    return dict(connection.execute(select(incidents.c.state, func.count()).group_by(incidents.c.state)).all())


_COLUMNS = (
    "rule", "version", "root", "path", "subject", "shown", "masked", "zone", "content", "state", "resolution",
    "qualification", "first_seen", "last_seen", "closed", "alerts",
)  # fmt: skip


def _values(incident: Incident) -> dict[str, Any]:
    return {name: getattr(incident, name) for name in _COLUMNS} | {
        "severity": int(incident.severity),
        "level": int(incident.level),
        "exposure": json.dumps(exposure_dict(incident.exposure)),
        "facts": write_facts(incident.facts),
        "complete": int(incident.complete),
    }


def incident_of(row: Any) -> Incident:
    """Return a row of the table as an incident."""
    return Incident(
        **{name: getattr(row, name) for name in _COLUMNS},
        id=row.id,
        severity=Severity(row.severity),
        exposure=exposure_from(json.loads(row.exposure)),
        facts=read_facts(row.facts, Level(row.level)),
        complete=bool(row.complete),
    )


def _event(row: Any) -> Event:
    return Event(
        seq=row.seq, incident=row.incident, at=row.at, kind=row.kind, author=row.author, data=json.loads(row.data)
    )


def _decision(row: Any) -> Decision:
    return Decision(**{**row._mapping, "categories": tuple(json.loads(row.categories))})
