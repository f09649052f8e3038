"""The facts of a message as names and texts: what syslog and CEF carry. `docs/alerts.md` explains each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from phiscan.incidents.incident import moment

if TYPE_CHECKING:
    from phiscan.alert.message import Message
    from phiscan.report.model import Json

_LISTED: Final = 20  # incidents that an event names


def fields(message: Message) -> dict[str, str]:
    """Return the same names for every kind of message, in the same order; "" is what there is none of."""
    return {
        "id": message.key,
        "thread": message.thread,
        "kind": message.kind,
        "sequence": str(message.sequence),
        "severity": message.severity.name.lower(),
        "exposure": message.level.name.lower(),
        "zone": message.zone,
        "place": message.place,
        "open": str(message.open),
        "new": str(message.new),
        "resolved": str(message.resolved),
        "persons": str(message.to_dict()["persons"]["count"]),
        "categories": ",".join(message.categories),
        "rules": ",".join(rule.id for rule in message.rules),
        "deadline": moment(message.deadlines[0].until) if message.deadlines else "",
        "incidents": ",".join(str(one["uid"]) for one in message.incidents[:_LISTED]),
        "readers": ",".join(f"{one.address} {one.extent}" for one in message.read_by),
        # Below what a decoder of an earlier version knows: it goes by the order.
        "accounts": ",".join(_account(one) for one in message.accounts),
        "reopened": str(message.reopened),
        "until": "" if message.ends is None else message.ends.until.isoformat(),
    }


def _account(one: Json) -> str:
    return f"{one['service']} {one['name'] or '?'} {'/'.join(one['kinds'])}"
