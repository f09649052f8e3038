"""What is still to be said: groups of incidents, and one row for each channel that is to hear of one.

A row is written in the transaction that made it necessary. Handing it to a channel claims it; it is done once the
channel has accepted it. A row that is claimed and not sent when a daemon starts is one whose fate nobody knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import case, delete, func, insert, select, update

from phiscan.incidents.words import OPEN
from phiscan.store.incidents import incident_of, last_event
from phiscan.store.schema import events, groups, incidents, meta, outbox

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from phiscan.incidents.incident import Incident

# What is held back by quiet hours is "held_…": whatever is due of it is one message a channel.
Kind = Literal[
    "alert", "repeat", "escalation", "resolved", "initial", "digest", "dismissal", "deadline",
    "ending", "held_alert", "held_repeat", "held_escalation", "test",
]  # fmt: skip
HELD: Final = ("held_alert", "held_repeat", "held_escalation")
_ASIDE: Final = ("dismissal", "deadline")  # they say nothing of what else has happened
GroupKind = Literal["live", "initial", "digest", "test", "ending"]
FIRST: Final = ("opened", "reopened", "undismissed")  # what makes an incident one that is new or back
MORE: Final = ("grown", "read")  # what makes it worse
_NEWS: Final = (*FIRST, *MORE)  # what happens to an incident and is worth telling
_LONGEST_PAUSE: Final = 300.0  # seconds between two updates of a group that keeps changing
_CALM: Final = 600.0  # seconds after which a group that changes again is news
_BACK: Final = 30.0  # seconds that what is back, when all of a group was over, waits at most
_LAST: Final = select(func.max(outbox.c.id))  # asked in every turn: building a statement costs more than running it


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Incidents that are told together."""

    id: int
    kind: GroupKind
    zone: bytes
    folder: bytes
    masked: str
    opened: float
    told: float | None
    pause: float
    repeat: float | None
    escalate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row of the outbox that a channel has claimed. `since`: the last event it had been told of before.

    `also`: the other rows that are said in the same message, each of another group or kind.
    """

    id: int
    channel: str
    group: Group
    kind: Kind
    since: int
    created: float  # of what was held back: when it no longer was
    attempts: int
    also: tuple[Item, ...] = ()


def group_of(connection: Connection, kind: GroupKind, zone: bytes, folder: bytes, masked: str, at: float) -> Group:
    """Return the group of a folder, made where there is none."""
    key = groups.c.kind == kind, groups.c.zone == zone, groups.c.folder == folder
    found = connection.execute(select(groups).where(*key)).one_or_none()
    if found is None:
        values = {"kind": kind, "zone": zone, "folder": folder, "masked": masked, "opened": at, "pause": 0.0}
        connection.execute(insert(groups).values(**values))
        found = connection.execute(select(groups).where(*key)).one()
    return Group(**found._mapping)


def get_group(connection: Connection, number: int) -> Group:
    """Return a group by its number."""
    return Group(**connection.execute(select(groups).where(groups.c.id == number)).one()._mapping)


def set_group(connection: Connection, number: int, **values: float | None) -> None:
    """Change when a group is said again or escalates."""
    connection.execute(update(groups).where(groups.c.id == number).values(**values))


def tell(
    connection: Connection, group: Group, channels: Sequence[str], kind: Kind, at: float, wait: float, hold: float = 0.0
) -> None:
    """Write down that channels are to hear of a group.

    What a channel has not heard yet is said together with this. The first word goes at once, or after `hold` seconds,
    the next after `wait` seconds, then less and less often while the group keeps changing.
    """
    open_ = select(outbox.c.channel).where(
        outbox.c.alerts == group.id, outbox.c.claimed.is_(None), outbox.c.sent.is_(None), outbox.c.kind.notin_(HELD)
    )
    wanted = sorted(set(channels) - set(connection.scalars(open_)))
    if not wanted:
        return
    calm = group.told is None or at - group.told >= max(_CALM, 2 * group.pause) or at < group.told - _CALM
    due, pause = at, wait
    if not calm and group.told is not None:
        due, pause = max(at, group.told + group.pause), min(2 * group.pause, max(wait, _LONGEST_PAUSE))
    connection.execute(update(groups).where(groups.c.id == group.id).values(told=due, pause=pause))
    add(connection, group.id, wanted, kind, at, max(due, at + hold))


def back(connection: Connection, group: Group, incident: int, at: float) -> Group:
    """An incident opens. Where all others of its group are over that is news again, though the group has changed a lot.

    An owner who opens a share once more hears of it soon; what comes and goes all the time, every half minute.
    """
    if group.pause <= _BACK and (group.told is None or group.told <= at):
        return group
    others = select(incidents.c.id).where(
        incidents.c.alerts == group.id, incidents.c.state.in_(OPEN), incidents.c.id != incident
    )
    if connection.execute(others.limit(1)).first() is not None:
        return group
    waiting = outbox.c.alerts == group.id, outbox.c.claimed.is_(None), outbox.c.sent.is_(None), outbox.c.attempts == 0
    late = *waiting, outbox.c.kind.notin_(HELD), outbox.c.due > at + _BACK
    connection.execute(update(outbox).where(*late).values(due=at + _BACK))
    told = None if group.told is None else min(group.told, at + _BACK)
    set_group(connection, group.id, pause=min(group.pause, _BACK), told=told)
    return get_group(connection, group.id)


def hasten(connection: Connection, group: int, at: float) -> None:
    """Have what waits because a group keeps changing said now. What quiet hours hold back stays."""
    waiting = outbox.c.alerts == group, outbox.c.claimed.is_(None), outbox.c.sent.is_(None), outbox.c.due > at
    connection.execute(update(outbox).where(*waiting, outbox.c.kind == "alert", outbox.c.attempts == 0).values(due=at))


def add(connection: Connection, group: int, channels: Sequence[str], kind: Kind, at: float, due: float) -> None:
    """Write one row a channel, whatever else is waiting."""
    rows = [
        {"channel": channel, "alerts": group, "kind": kind, "due": due, "created": at, "attempts": 0}
        for channel in channels
    ]
    if rows:
        connection.execute(insert(outbox), rows)


def tell_once(
    connection: Connection, group: int, channels: Sequence[str], kind: Kind, at: float, due: float | None = None
) -> None:
    """Write one row a channel, due now or at `due`, unless one of this kind waits already."""
    waiting = outbox.c.alerts == group, outbox.c.kind == kind, outbox.c.claimed.is_(None), outbox.c.sent.is_(None)
    known = set(connection.scalars(select(outbox.c.channel).where(*waiting)))
    add(connection, group, [channel for channel in channels if channel not in known], kind, at, due or at)


def claim(connection: Connection, channel: str, at: float) -> Item | None:
    """Return the next row that is due for a channel, claimed; None where nothing is due.

    Nothing of a group of which something is on its way: what is said of one group is said in order, and once.
    With a row that was held back go all the others that were.
    """
    due = select(outbox).where(*_waiting(channel), outbox.c.due <= at).order_by(outbox.c.due, outbox.c.id)
    found = connection.execute(due.limit(1)).one_or_none()
    if found is None:
        return None
    others = connection.execute(due.where(outbox.c.kind.in_(HELD))).all() if found.kind in HELD else []
    also = tuple(_claimed(connection, row, at) for row in others if row.id != found.id)
    return replace(_claimed(connection, found, at), also=also)


def _claimed(connection: Connection, row: Any, at: float) -> Item:
    mine = update(outbox).where(outbox.c.id == row.id)
    connection.execute(mine.values(claimed=at, attempts=row.attempts + 1))
    told = select(func.max(outbox.c.upto)).where(
        outbox.c.channel == row.channel, outbox.c.alerts == row.alerts, outbox.c.sent.isnot(None)
    )
    if row.kind not in _ASIDE:
        told = told.where(outbox.c.kind.notin_(_ASIDE))
    return Item(
        id=row.id,
        channel=row.channel,
        group=get_group(connection, row.alerts),
        kind=row.kind,
        since=connection.scalar(told) or 0,
        created=row.due if row.kind in HELD else row.created,
        attempts=row.attempts + 1,
    )


def sent(connection: Connection, item: Item, at: float, upto: int, partly: str | None = None) -> None:
    """The channel has accepted it. `upto` is the last event it told of, 0 where there was nothing left to tell.

    `partly`: why it has not done so for everybody.
    """
    for one in (item, *item.also):
        mine = update(outbox).where(outbox.c.id == one.id)
        connection.execute(mine.values(sent=at, upto=max(upto, one.since), error=partly))


def failed(connection: Connection, item: Item, why: str, again: float) -> None:
    """The channel has not accepted it: it is due again at `again`."""
    mine = update(outbox).where(outbox.c.id.in_([item.id, *(one.id for one in item.also)]))
    connection.execute(mine.values(claimed=None, due=again, error=why))


def unclaim(connection: Connection, channels: Sequence[str]) -> int:
    """Give back what was claimed by a daemon that is no more. It may have been delivered: it is said again.

    What waits for a channel that is no longer configured is ended. Return how many rows nobody knows the fate of.
    """
    unsure = outbox.c.claimed.isnot(None) & outbox.c.sent.is_(None)
    connection.execute(
        update(outbox).where(outbox.c.sent.is_(None), outbox.c.channel.notin_(channels)).values(sent=0.0, error="gone")
    )
    return connection.execute(update(outbox).where(unsure).values(claimed=None)).rowcount


def last_id(connection: Connection) -> int:
    """Return the number of the last row there is; 0 where there is none."""
    return connection.scalar(_LAST) or 0


def next_due(connection: Connection, channel: str) -> float | None:
    """Return when something can be claimed for a channel, None where nothing waits."""
    due: float | None = connection.scalar(select(func.min(outbox.c.due)).where(*_waiting(channel)))
    return due


def _waiting(channel: str) -> tuple[ColumnElement[bool], ...]:
    other = outbox.alias()
    under_way = select(other.c.alerts).where(
        other.c.channel == channel, other.c.sent.is_(None), other.c.claimed.isnot(None)
    )
    free = outbox.c.alerts.notin_(under_way)
    return outbox.c.channel == channel, outbox.c.sent.is_(None), outbox.c.claimed.is_(None), free


def queued(connection: Connection) -> dict[str, tuple[int, float]]:
    """Return how much waits for each channel, and since when the oldest could have been said.

    What quiet hours hold back, or what waits because a group keeps changing, is not late before it is due. A channel
    that refuses puts off what is due, so that what was tried waits since it was written.
    """
    late = case((outbox.c.attempts > 0, outbox.c.created), else_=outbox.c.due)
    since = case((outbox.c.kind.in_(HELD), outbox.c.due), else_=late)
    waiting = select(outbox.c.channel, func.count(), func.min(since)).where(outbox.c.sent.is_(None))
    return {row[0]: (row[1], row[2]) for row in connection.execute(waiting.group_by(outbox.c.channel))}


def refused(connection: Connection) -> dict[str, tuple[int, float, str]]:
    """Return for each channel that has refused what waits for it: how much, since when, and why it last did."""
    tried = outbox.c.sent.is_(None), outbox.c.error.isnot(None)
    numbers = func.count(), func.min(outbox.c.created), func.max(outbox.c.due).label("due")
    rows = select(outbox.c.channel, outbox.c.error, *numbers).where(*tried).group_by(outbox.c.channel, outbox.c.error)
    found: dict[str, tuple[int, float, str]] = {}
    for channel, why, count, since, _ in connection.execute(rows.order_by("due")):
        before, oldest, _ = found.get(channel, (0, since, ""))
        found[channel] = before + count, min(oldest, since), why
    return found


def partly(connection: Connection) -> dict[str, str]:
    """Return the channels that did not take the last message they accepted for everybody, and why."""
    last = select(func.max(outbox.c.id)).where(outbox.c.sent > 0, outbox.c.upto > 0).group_by(outbox.c.channel)
    rows = select(outbox.c.channel, outbox.c.error).where(outbox.c.id.in_(last), outbox.c.error.isnot(None))
    return dict(connection.execute(rows).all())


def last_heard(connection: Connection, group: int) -> dict[str, float | None]:
    """Return when each channel has last accepted what is open in a group; None where something of it waits still."""
    told = outbox.c.alerts == group, outbox.c.kind.notin_((*_ASIDE, "resolved")), outbox.c.kind.notin_(HELD)
    pending = func.sum(case((outbox.c.sent.is_(None), 1), else_=0))
    rows = select(outbox.c.channel, pending, func.max(outbox.c.sent)).where(*told).group_by(outbox.c.channel)
    return {channel: None if waits else sent for channel, waits, sent in connection.execute(rows)}


def deliveries(connection: Connection, group: int, kind: Kind, since: float) -> dict[str, float | None]:
    """Return when each channel has accepted what was written of a kind for a group at `since` or later."""
    wanted = outbox.c.alerts == group, outbox.c.kind == kind, outbox.c.created >= since
    return {row.channel: row.sent for row in connection.execute(select(outbox).where(*wanted))}


def give_up(connection: Connection, group: int, kind: Kind) -> None:
    """End what waits of a kind for a group: nobody needs it any more."""
    waiting = outbox.c.alerts == group, outbox.c.kind == kind, outbox.c.sent.is_(None), outbox.c.claimed.is_(None)
    connection.execute(update(outbox).where(*waiting).values(sent=0.0, error="given up"))


def has_heard(connection: Connection, group: int, event: int) -> bool:
    """Whether a channel has heard, or is just being told, of what happened in a group up to an event."""
    under_way = outbox.c.claimed.isnot(None) & outbox.c.sent.is_(None)
    wanted = outbox.c.alerts == group, outbox.c.kind.notin_(_ASIDE), (outbox.c.upto >= event) | under_way
    return connection.execute(select(outbox.c.id).where(*wanted).limit(1)).first() is not None


def was_told(connection: Connection, group: int) -> list[str]:
    """Return the channels that have heard, or are about to hear, of a group."""
    return list(connection.scalars(select(outbox.c.channel).where(outbox.c.alerts == group).distinct()))


def due_groups(connection: Connection, at: float) -> list[Group]:
    """Return the groups that are to be said again or that escalate."""
    wanted = select(groups).where((groups.c.repeat <= at) | (groups.c.escalate <= at))
    return [Group(**row._mapping) for row in connection.execute(wanted)]


def untold(connection: Connection, kind: GroupKind) -> list[Group]:
    """Return the groups of a kind to which something happened since this was last asked."""
    name = f"told.{kind}"
    since = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    news = (
        select(groups)
        .join(incidents, incidents.c.alerts == groups.c.id)
        .join(events, events.c.incident == incidents.c.id)
        .where(
            groups.c.kind == kind,
            events.c.seq > int(since or 0),  # no time: a clock may step back
            events.c.kind.in_(_NEWS),
            incidents.c.state.in_(("new", "acknowledged")),
        )
        .distinct()
    )
    found = [Group(**row._mapping) for row in connection.execute(news)]
    connection.execute(delete(meta).where(meta.c.name == name))
    connection.execute(insert(meta).values(name=name, value=str(last_event(connection))))
    return found


def members(connection: Connection, group: int, count: int | None = None) -> list[Incident]:
    """Return the incidents of a group, what is open first, then the gravest, then the latest."""
    rank = case((incidents.c.state == "new", 0), (incidents.c.state == "acknowledged", 1), else_=2)
    order = rank, incidents.c.severity.desc(), incidents.c.level.desc(), incidents.c.last_seen.desc(), incidents.c.id
    wanted = select(incidents).where(incidents.c.alerts == group).order_by(*order).limit(count)
    return [incident_of(row) for row in connection.execute(wanted)]


def states(connection: Connection, group: int) -> dict[str, int]:
    """Return how many incidents of a group are in which state."""
    wanted = select(incidents.c.state, func.count()).where(incidents.c.alerts == group).group_by(incidents.c.state)
    return dict(connection.execute(wanted).all())


def changed(connection: Connection, group: int, since: int) -> dict[int, str]:
    """Return the incidents of a group to which something worth telling happened after an event, with the last of it.

    What is new and has grown since is new. So is what was opened, over and reopened before anybody heard of it.
    """
    told = *_NEWS, "resolved", "dismissed"
    wanted = (
        select(events.c.incident, events.c.kind)
        .join(incidents, incidents.c.id == events.c.incident)
        .where(incidents.c.alerts == group, events.c.seq > since, events.c.kind.in_(told))
    )
    found: dict[int, str] = {}
    opened: set[int] = set()
    for number, kind in connection.execute(wanted.order_by(events.c.seq)):
        opened |= {number} if kind == "opened" else set()
        if kind in FIRST and number in opened:
            found[number] = "opened"
        elif kind not in MORE or found.get(number) not in FIRST:
            found[number] = kind
    return found


def sendings(connection: Connection) -> list[Any]:
    """Return every row, for people and tests."""
    return list(connection.execute(select(outbox).order_by(outbox.c.id)))
