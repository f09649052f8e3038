"""Since when and until when a file is known to have lain open, by what proves it, and which reads fall within.

A reader proves it. So does the line of a file's arrival, or that nothing about it has changed since (its ctime, which
nobody can set), from when the configuration that opens the place stood as it stands. Else it is phiscan's finding.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from phiscan.source.paths import display
from phiscan.store import access, exposures, incidents
from phiscan.store.exposures import Interval, Moment

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.access.readers import Reader
    from phiscan.incidents.incident import Event, Incident
    from phiscan.store.access import Kept

_DELETED: Final = 60.0  # seconds after phiscan's notice in which a deletion may still be written to a log
_SLACK: Final = 2.5  # seconds: a line is written when a transfer has ended


def proved_open(connection: Connection, incident: Incident, at: float, after: float | None = None) -> Moment | None:
    """Return what proves that a file lay open before it was found so, at `at`, and after it last was not.

    To be kept: once the configuration is repaired, or the file changed, nothing on the disk proves it any more.
    """
    unchanged, config = access.unchanged_since(connection, incident.id), _configured(incident)
    if unchanged is None or config is None:
        return None
    proved = max(Moment(at=unchanged, proof="file"), config, key=lambda one: one.at)
    return proved if proved.at < at and (after is None or proved.at > after) else None


def opening(proved: Moment | None) -> dict[str, Any]:
    """Return a proof as data of the event that opens an incident."""
    return {} if proved is None else {"exposed": {"at": proved.at, "proof": proved.proof, "detail": proved.detail}}


def intervals(connection: Connection, incident: Incident, history: Sequence[Event]) -> tuple[Interval, ...]:
    """Return when the file of an incident lay open, with what the logs and the disk say of it by now."""
    known = exposures.of(connection, incident.id) or [_of_incident(incident, history)]
    lines = access.lines_of(connection, incident.id)
    return refined(incident, known, lines, access.unchanged_since(connection, incident.id))


def learn(connection: Connection, number: int) -> None:
    """Keep what the logs tell of when a file lay open: lines go one day."""
    incident, known = incidents.get(connection, number), exposures.of(connection, number)
    if incident is not None and known:
        now_ = refined(incident, known, access.lines_of(connection, number), None)
        exposures.put(connection, [one for one, before in zip(now_, known, strict=True) if one != before])


def refined(
    incident: Incident, known: Sequence[Interval], lines: Sequence[Kept], unchanged: float | None
) -> tuple[Interval, ...]:
    """Return intervals with better proofs. `unchanged`: since when the file is as it is, None where that is no proof.

    No proof reaches back beyond the end of the interval before. A read does so for the first only: once a place was
    shut, its own people may have read there.
    """
    config, floor, found = _configured(incident), float("-inf"), list[Interval]()
    for one in known:
        there = [_line(line) for line in lines if line.action == "write" and line.at > floor][:1]
        if unchanged is not None and one.closed is None:
            there.append(Moment(at=unchanged, proof="file"))
        proofs = [max(moment, config, key=lambda it: it.at) for moment in there] if config is not None else []
        if not found:
            proofs += [_line(line) for line in lines if line.action == "read"]
        opened = min((one.opened, *(proof for proof in proofs if proof.at > floor)), key=lambda it: it.at)
        closed = one.closed
        if closed is not None:
            gone = [
                _line(line)
                for line in lines
                if line.action == "delete" and opened.at <= line.at <= closed.at + _DELETED
            ]
            closed = gone[-1] if gone and one.why == "gone" else closed
            floor = closed.at
        found.append(replace(one, opened=opened, closed=closed))
    return tuple(found)


def during(reader: Reader, lines: Iterable[Kept], known: Sequence[Interval]) -> bool | None:
    """Whether somebody has read a file while it lay open; None where some of his reads are known by number only."""
    times = [
        line.at
        for line in lines
        if line.action == "read" and (line.address, line.account) == (reader.address, reader.account)
    ]
    if any(one.holds(at, _SLACK) for one in known for at in (reader.first, reader.last, *times)):
        return True
    beside = not any(one.overlaps(reader.first, reader.last) for one in known)
    return False if beside or len(times) >= reader.reads else None


def _of_incident(incident: Incident, history: Sequence[Event]) -> Interval:
    """Return the one interval of an incident of which none was kept."""
    first = str(history[0].seq) if history else ""
    ended = [event for event in history if event.kind == "resolved"]
    last = str(ended[-1].seq) if ended else ""
    at = incident.last_seen if incident.closed is None else incident.closed
    over = incident.state == "resolved"
    return Interval(
        incident=incident.id,
        opened=Moment(at=incident.first_seen, proof="incident", detail=first),
        exposure=incident.exposure,
        closed=Moment(at=at, proof="incident", detail=last) if over else None,
        why=incident.resolution,
    )


def _configured(incident: Incident) -> Moment | None:
    """Return since when the configuration that opens a place is as it is: the latest of its files."""
    times: list[tuple[float, str]] = []
    for reason in incident.exposure.reasons:
        file = reason.source.rpartition(":")[0]
        if not file.startswith("/"):
            continue
        try:
            times.append((os.stat(file).st_mtime, reason.source))
        except (OSError, ValueError):
            continue
    return None if not times else Moment(at=max(times)[0], proof="config", detail=max(times)[1])


def _line(one: Kept) -> Moment:
    return Moment(at=one.at, proof="log", detail=f"{display(one.file)}@{one.place}")
