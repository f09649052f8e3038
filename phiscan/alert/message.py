"""One message: what a channel is to say of a group of incidents, made at the moment it is sent.

So that it says what is known then, however long the channel was away. Nothing in it names a person or a file that
names one: places are masked, counts under five are "< 5". Configurations of servers are named, as zones are.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import numpy as np

from phiscan.alert.deadlines import Deadline, deadlines
from phiscan.incidents.duties import Duty, of_rule
from phiscan.incidents.incident import Incident, account_dict, few, moment
from phiscan.judge import Rule
from phiscan.model import CATEGORIES, Kind, Level, Reason, Severity
from phiscan.report.model import Json
from phiscan.source.paths import below, display
from phiscan.store import access, incidents, outbox
from phiscan.tally import union

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.access.readers import Reader
    from phiscan.alert.endings import Endings

SCHEMA: Final = "phiscan.alert/1"
LISTED: Final = 50  # incidents that a message names
_PLACES: Final = ("zone", "posix", "acl", "cifs", "link", "assumed")  # evidence of a place, of no configuration
_READERS: Final = 5  # readers that a message names
_UNITED: Final = 1_000_000  # persons whose fingerprints are counted together exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBy:
    """Somebody who has read a file: from which address, how much of it, and when last."""

    address: str
    extent: str  # see `phiscan.access.model.Extent`
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """A zone in which files still lie though its last day comes near."""

    until: date
    days: int  # that are left, that one included
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is to be said."""

    key: str  # the same at every attempt to say this
    thread: str  # the same for all that is said of one group
    kind: str
    sequence: int  # grows with everything that happens in the store
    at: float
    host: str
    zone: str  # "" where it is of several, as after quiet hours
    place: str
    severity: Severity
    level: Level
    why: tuple[str, ...]  # of the exposure
    files: int  # with an open incident, or where all are resolved with one of those
    new: int  # incidents of which this is the first word
    open: int
    resolved: int
    persons: int
    persons_exact: bool
    health: int
    categories: tuple[str, ...]
    rules: tuple[Rule, ...]  # that fired, the gravest first
    duties: tuple[Duty, ...]
    deadlines: tuple[Deadline, ...]  # that a person's qualification has started, the next first
    first_seen: float
    fresh: frozenset[int]  # incidents of which the channel has never heard
    incidents: tuple[Json, ...]
    reopened: int = 0  # incidents that were over and are back
    accounts: tuple[Json, ...] = ()  # that several people seem to use, see `account_dict`; each with its incident
    ends: Ends | None = None  # of a zone whose last day comes near
    readers: int = 0  # who the access logs say have read one of the files
    read_by: tuple[ReadBy, ...] = ()  # the latest of them

    @property
    def pressing(self) -> bool:
        """Whether somebody has something to do."""
        return bool(self.open) or self.kind in ("deadline", "ending")

    def to_dict(self) -> Json:
        """Return the JSON of a message."""
        return {
            "schema": SCHEMA,
            "id": self.key,
            "thread": self.thread,
            "kind": self.kind,
            "sequence": self.sequence,
            "at": moment(self.at),
            "host": self.host,
            "zone": self.zone,
            "place": self.place,
            "severity": self.severity.name.lower(),
            "exposure": {"level": self.level.name.lower(), "why": list(self.why)},
            "files": self.files,
            "new": self.new,
            "reopened": self.reopened,
            "open": self.open,
            "resolved": self.resolved,
            "persons": {"count": few(self.persons), "exact": self.persons_exact},
            "identified_health_persons": {"count": few(self.health), "exact": self.persons_exact},
            "categories": list(self.categories),
            "rules": [{"id": rule.id, "version": rule.version} for rule in self.rules],
            "duties": [{"id": duty.id, "version": duty.version, "within": duty.within} for duty in self.duties],
            "deadlines": [
                {"incident": one.incident, "duty": one.duty.id, "until": moment(one.until)} for one in self.deadlines
            ],
            "first_seen": moment(self.first_seen),
            "accounts": list(self.accounts),
            "ends": None if self.ends is None else {"until": self.ends.until.isoformat(), "days": self.ends.days},
            "incidents": list(self.incidents),
            "readers": {
                "count": self.readers,
                "latest": [
                    {"address": one.address, "extent": one.extent, "at": moment(one.at)} for one in self.read_by
                ],
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What messages are made with."""

    rules: Mapping[str, Rule]
    duties: Mapping[str, Duty]
    role: str
    host: str = ""
    hears: Callable[[str, Incident], bool] = lambda channel, incident: True  # whether a channel is told of it
    endings: Endings | None = None  # the zones that end


def host() -> str:
    """Return the name of this machine."""
    return socket.gethostname()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """Of what a message is."""

    kind: str
    open: list[Incident]
    news: list[Incident]  # of the open ones, those of which this is the first word
    over: list[Incident]
    changed: Mapping[int, str]  # see `outbox.changed`


def message_of(connection: Connection, item: outbox.Item, context: Context, at: float) -> Message | None:
    """Return what is to be said, None where there is nothing left to say."""
    if item.kind == "test":  # of no incident
        return replace(test_message(at, item.channel), key=f"{incidents.store_id(connection)}-{item.id}")
    if item.kind == "ending":  # of none either
        return None if context.endings is None else context.endings.message(connection, item, at)
    said = _digest(connection, item, context) if item.kind in outbox.HELD else _of_group(connection, item, context)
    told = said.open or said.over
    if said.kind == "deadline":
        told = [one for one in outbox.members(connection, item.group.id) if one.qualification == "to_notify"]
    if not told:
        return None
    worst = max(told, key=lambda one: (one.severity, one.level))
    persons, exact, health = _persons(connection, [one for one in told if not one.subject] or told)
    rules = _rules(told, context)
    store = incidents.store_id(connection)
    listed = sorted(told, key=lambda one: (one.id not in said.changed, -one.severity, one.id))[:LISTED]
    who = access.readers_among(connection, [one.id for one in told])
    sizes = access.sizes_of(connection, {one.key for one in who})
    zone, place = _where([one.group for one in (item, *item.also)])
    return Message(
        key=f"{store}-{item.id}",
        thread=f"{store}-q{item.id}" if said.kind == "quiet" else f"{store}-g{item.group.id}",
        kind=said.kind,
        sequence=incidents.last_event(connection),
        at=at,
        host=context.host or host(),
        zone=zone,
        place=place,
        severity=worst.severity,
        level=worst.level,
        why=evidence(worst.exposure.reasons),
        files=len({one.path for one in told if not one.subject}),
        new=sum(said.changed.get(one.id) != "reopened" for one in said.news),
        reopened=sum(said.changed.get(one.id) == "reopened" for one in said.news),
        accounts=tuple(
            {"incident": one.id, **account_dict(one.account, masked=True)} for one in listed if one.account is not None
        ),
        open=len(said.open),
        resolved=len(said.over),
        persons=persons,
        persons_exact=exact,
        health=health,
        categories=_categories(told),
        rules=tuple(rules),
        duties=tuple(
            {duty.id: duty for rule in rules for duty in of_rule(rule, context.duties, context.role)}.values()
        ),
        deadlines=tuple(
            sorted((due for one in told for due in deadlines(connection, one, context)), key=lambda due: due.until)
        ),
        first_seen=min(one.first_seen for one in told),
        fresh=frozenset(number for number, kind in said.changed.items() if kind == "opened"),
        incidents=tuple(one.to_dict(masked=True, store=store) for one in listed),
        readers=len({(one.address, one.account) for one in who}),
        read_by=_read_by(who, sizes),
    )


def _read_by(who: list[Reader], sizes: Mapping[int, int | None]) -> tuple[ReadBy, ...]:
    """Return the latest readers, each address once, with the most that it has got of a file."""
    found: dict[str, ReadBy] = {}
    for one in who:
        extent, known = one.extent(sizes.get(one.key)), found.get(one.address)
        if known is None:
            found[one.address] = ReadBy(address=one.address, extent=extent, at=one.last)
        elif extent == "complete":
            found[one.address] = replace(known, extent=extent)
    return tuple(found.values())[:_READERS]


def _of_group(connection: Connection, item: outbox.Item, context: Context) -> _Told:
    changed = outbox.changed(connection, item.group.id, item.since, item.channel)
    members = outbox.members(connection, item.group.id)
    open_ = [one for one in members if one.open]
    over = [one for one in members if one.state == "resolved" and changed.get(one.id) == "resolved"]
    kind = item.kind
    if kind == "dismissal":
        open_, over = [one for one in members if one.state == "dismissed" and changed.get(one.id) == "dismissed"], []
    elif kind in ("repeat", "escalation", "held_repeat", "held_escalation"):
        open_ = [one for one in open_ if one.state == "new"]
    if kind not in ("dismissal", "escalation", "held_escalation"):  # which every channel hears
        open_ = [one for one in open_ if context.hears(item.channel, one)]
    news = [one for one in open_ if changed.get(one.id) in outbox.FIRST]
    more = news or [one for one in open_ if changed.get(one.id) in outbox.MORE]
    if kind in ("alert", "resolved"):
        kind = "alert" if more else "resolved"
        open_ = open_ if more or over else []
    return _Told(kind=kind, open=open_, news=news, over=over, changed=changed)


def _digest(connection: Connection, item: outbox.Item, context: Context) -> _Told:
    """Return what was held back, all of it: what is new, changed or over, and what nobody has answered."""
    parts = [_of_group(connection, one, context) for one in (item, *item.also)]
    changed = {number: kind for part in parts for number, kind in part.changed.items()}
    unanswered = {one.id for part in parts if part.kind != "held_alert" for one in part.open}
    return _Told(
        kind="quiet",
        open=_once(one for part in parts for one in part.open if one.id in changed or one.id in unanswered),
        news=_once(one for part in parts for one in part.news),
        over=_once(one for part in parts for one in part.over),
        changed=changed,
    )


def _once(found: Iterable[Incident]) -> list[Incident]:
    return list({one.id: one for one in found}.values())


def _where(told: list[outbox.Group]) -> tuple[str, str]:
    """Return the zone and the folder that all groups share; a zone for the folder, or nothing, where there is none."""
    zones, folders = {display(one.zone) for one in told}, {one.masked for one in told}
    zone = zones.pop() if len(zones) == 1 else ""
    return zone, folders.pop() if len(folders) == 1 else zone


def test_message(at: float, channel: str) -> Message:
    """Return a message that says that it is a test."""
    return of_no_incident("test", f"test-{channel}-{at:.0f}", f"test-{at:.0f}", at)


def of_no_incident(kind: str, key: str, thread: str, at: float) -> Message:
    """Return a message that counts nothing and is of no place, for what is said of no incident."""
    return Message(
        key=key,
        thread=thread,
        kind=kind,
        sequence=0,
        at=at,
        host=host(),
        zone="",
        place="",
        severity=Severity.INFO,
        level=Level.RESTRICTED,
        why=(),
        files=0,
        new=0,
        open=0,
        resolved=0,
        persons=0,
        persons_exact=True,
        health=0,
        categories=(),
        rules=(),
        duties=(),
        deadlines=(),
        first_seen=at,
        fresh=frozenset(),
        incidents=(),
    )


def _rules(told: list[Incident], context: Context) -> list[Rule]:
    ranked = sorted(told, key=lambda one: (-one.severity, one.rule))
    names = dict.fromkeys(one.rule for one in ranked)
    return [context.rules[name] for name in names if name in context.rules]


def evidence(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Return the evidence of the exposure, with the file and line of a server's configuration: operators named it.

    What lies in the folders that are given away, as `.htaccess` does, is not named: its path is content.
    """
    return tuple(dict.fromkeys(f"{one.service}: {_source(one)}{one.setting}" for one in reasons))


def _source(reason: Reason) -> str:
    file, colon, line = reason.source.rpartition(":")
    if not (colon and line.isdigit() and file.startswith("/")) or os.path.basename(file).startswith("."):
        return ""
    inside = reason.zone and below(os.fsencode(file), os.fsencode(reason.zone)) is not None
    return "" if inside or reason.service in _PLACES else f"{reason.source} "


def _categories(told: list[Incident]) -> tuple[str, ...]:
    found: dict[str, Kind] = {}
    for incident in told:
        found |= {name: its.kind for name, its in incident.facts.categories.items() if its.hits}
    order = list(CATEGORIES)
    return tuple(
        sorted(
            found, key=lambda name: (found[name] is not Kind.HEALTH, order.index(name) if name in order else 99, name)
        )
    )


def _persons(connection: Connection, told: list[Incident]) -> tuple[int, bool, int]:
    """Return how many persons there are at least in all of them, whether that is all, and those with a health fact.

    Copies add nobody: fingerprints are united, as far as they are kept and not too many.
    """
    most = max(told, key=lambda one: one.facts.persons)
    contents = {one.content: one.facts.persons for one in told if one.content is not None}
    exact = all(one.complete and one.facts.exact and one.content is not None for one in told)
    health = max(one.facts.identified_health for one in told)
    if len(contents) == 1 and all(one.content is not None for one in told):
        return most.facts.persons, exact, health
    sums = accumulate(sorted(contents.values(), reverse=True))
    united = sorted(contents, key=lambda content: -contents[content])[: sum(one <= _UNITED for one in sums)]
    kept = incidents.persons_of(connection, united)
    if not kept:
        return most.facts.persons, False, health
    keys, masks = union(np.concatenate([one[0] for one in kept]), np.concatenate([one[1] for one in kept]))
    bits = np.uint64(sum(1 << at for at, kind in enumerate(CATEGORIES.values()) if kind is Kind.HEALTH))
    both = int(np.count_nonzero(masks & bits))
    return max(len(keys), most.facts.persons), exact and len(kept) == len(contents), max(both, health)
