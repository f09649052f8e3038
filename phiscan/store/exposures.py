"""When the file of an incident lay open: intervals, each with what proves its beginning and its end.

A file that is shut away and opened again has two. What a person declares resolved and the next walk still finds had
never been shut: its interval goes on. Rows of the store; what logs add to them is worked out in `phiscan.access.open`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from sqlalchemy import delete, insert, select, update

from phiscan.incidents.incident import exposure_from
from phiscan.report.model import exposure_dict
from phiscan.store.schema import exposures

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.incidents.words import Resolution
    from phiscan.model import Exposure

# log: a line of an access log. config: the configuration that opens the place, as it stands since. file: nothing
# about the file has changed since (its ctime). incident: phiscan's own finding, an event of the incident.
Proof = Literal["log", "config", "file", "incident"]
PROOFS: Final = get_args(Proof)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment with what proves it; `detail` says where: a file and line or offset, the number of an event."""

    at: float
    proof: Proof
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A time during which a file lay open. `why` is the resolution that ended it.

    `exposure`: who could read it and by what configuration when it opened; `after`: once it had ended, where that is
    what ended it.
    """

    incident: int
    opened: Moment
    exposure: Exposure | None = None
    closed: Moment | None = None  # None: it lies open still
    after: Exposure | None = None
    why: Resolution | None = None
    id: int = 0

    def holds(self, at: float, slack: float = 0.0) -> bool:
        """Whether a moment lies within, up to `slack` seconds after its end."""
        return self.opened.at <= at and (self.closed is None or at <= self.closed.at + slack)

    def overlaps(self, first: float, last: float) -> bool:
        """Whether some time between two moments lies within."""
        return self.opened.at <= last and (self.closed is None or first <= self.closed.at)


def of(connection: Connection, incident: int) -> list[Interval]:
    """Return the intervals of an incident, the earliest first."""
    wanted = select(exposures).where(exposures.c.incident == incident).order_by(exposures.c.id)
    return [_interval(row) for row in connection.execute(wanted)]


def among(connection: Connection, numbers: Iterable[int]) -> dict[int, list[Interval]]:
    """Return the intervals of some incidents."""
    wanted = select(exposures).where(exposures.c.incident.in_(list(numbers))).order_by(exposures.c.id)
    found: dict[int, list[Interval]] = {}
    for row in connection.execute(wanted):
        found.setdefault(row.incident, []).append(_interval(row))
    return found


def open_(connection: Connection, interval: Interval) -> None:
    """A file lies open, again or for the first time. One that lay open goes on."""
    known = of(connection, interval.incident)
    if not known or known[-1].closed is not None:
        connection.execute(insert(exposures).values(**_values(interval)))


def close(
    connection: Connection, incident: int, end: Moment, why: Resolution | None, after: Exposure | None = None
) -> None:
    """A file no longer lies open."""
    known = of(connection, incident)
    if known and known[-1].closed is None:
        end = replace(end, at=max(end.at, known[-1].opened.at))  # a clock may step back
        put(connection, [replace(known[-1], closed=end, why=why, after=after)])


def go_on(connection: Connection, incident: int) -> None:
    """The last interval had not ended, whatever was thought."""
    known = of(connection, incident)
    if known:
        put(connection, [replace(known[-1], closed=None, why=None, after=None)])


def put(connection: Connection, found: Sequence[Interval]) -> None:
    """Write intervals that are known as they are by now."""
    for one in found:
        connection.execute(update(exposures).where(exposures.c.id == one.id).values(**_values(one)))


def drop(connection: Connection, incident: int) -> None:
    """Forget the intervals of an incident."""
    connection.execute(delete(exposures).where(exposures.c.incident == incident))


def _values(one: Interval) -> dict[str, Any]:
    return {
        "incident": one.incident,
        "opened": one.opened.at,
        "opened_by": one.opened.proof,
        "opened_detail": one.opened.detail,
        "opened_exposure": _written(one.exposure),
        "closed": None if one.closed is None else one.closed.at,
        "closed_by": None if one.closed is None else one.closed.proof,
        "closed_detail": None if one.closed is None else one.closed.detail,
        "closed_exposure": _written(one.after),
        "why": one.why,
    }


def _written(exposure: Exposure | None) -> str | None:
    return None if exposure is None else json.dumps(exposure_dict(exposure))


def _read(written: str | None) -> Exposure | None:
    return None if written is None else exposure_from(json.loads(written))


def _interval(row: Any) -> Interval:
    closed = None if row.closed is None else Moment(at=row.closed, proof=row.closed_by, detail=row.closed_detail or "")
    return Interval(
        id=row.id,
        incident=row.incident,
        opened=Moment(at=row.opened, proof=row.opened_by, detail=row.opened_detail),
        exposure=_read(row.opened_exposure),
        closed=closed,
        after=_read(row.closed_exposure),
        why=row.why,
    )
