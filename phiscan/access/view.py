"""What is known of an incident's readers, for people and programs: who, how much, since when, and what logs tell.

Nobody seen is not nobody: a service that writes no log, and logs that begin too late, are said.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from phiscan.access.model import FTP, WEB
from phiscan.incidents.incident import Event, Incident, moment
from phiscan.source.paths import display
from phiscan.store import access

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.access.readers import Reader
    from phiscan.report.model import Json
    from phiscan.store.access import Kept, LogState

SERVERS: Final = (*FTP, *WEB, "samba", "nfs", "rsync", "sshd", "pyftpdlib", "minio", "s3", "webdav")
# read: somebody has. no_evidence: logs were searched and show nobody. not_logged: no log that could show it.
# not_searched: the daemon has not looked yet.
State = Literal["read", "no_evidence", "not_logged", "not_searched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """Whether a service that gives the file away writes a log, and since when its lines are there."""

    service: str  # "" where no service is named: then all logs that there are
    logs: tuple[str, ...]
    since: float | None
    unread: tuple[str, ...] = ()  # logs that cannot be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment with what proves it: `log`, `config`, `file`, `incident`; `detail` says where."""

    at: float
    proof: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is known of an incident's readers. `since`, `until`: the exposure, as far as it is proved."""

    state: State
    readers: tuple[Reader, ...]
    lines: tuple[Kept, ...]
    services: tuple[Logged, ...]
    searched: float | None
    size: int | None
    since: Moment
    until: Moment | None  # None: it lies open still

    def to_dict(self) -> Json:
        """Return the JSON, for the people of this machine."""
        return {
            "state": self.state,
            "searched": None if self.searched is None else moment(self.searched),
            "by": [self._reader(one) for one in self.readers],
            "lines_kept": len(self.lines),
            "services": [
                {
                    "service": one.service or None,
                    "logged": bool(one.logs),
                    "logs": list(one.logs),
                    "since": None if one.since is None else moment(one.since),
                    "unread": list(one.unread),
                }
                for one in self.services
            ],
            "exposed": {"since": _moment(self.since), "until": None if self.until is None else _moment(self.until)},
        }

    def _reader(self, one: Reader) -> Json:
        return {
            "address": one.address or None,
            "account": one.account or None,
            "service": one.service,
            "first": moment(one.first),
            "last": moment(one.last),
            "reads": one.reads,
            "bytes": one.known,
            "extent": one.extent(self.size),
            "extents": one.by_extent,
            "certain": one.sure,
        }


def view(connection: Connection, incident: Incident, history: list[Event]) -> View:
    """Return what is known of an incident's readers."""
    readers = tuple(access.readers_of(connection, incident.id))
    lines = tuple(access.lines_of(connection, incident.id))
    services = logged(access.log_states(connection), incident)
    searched = access.is_searched(connection, incident.id)
    state: State = "read"
    if not readers:
        named = all(one.logs for one in services)
        state = "not_searched" if searched is None else "no_evidence" if named else "not_logged"
    return View(
        state=state,
        readers=readers,
        lines=lines,
        services=services,
        searched=searched,
        size=access.sizes_of(connection, [incident.id]).get(incident.id),
        since=_since(incident, history, lines, access.unchanged_since(connection, incident.id)),
        until=_until(incident, history, lines),
    )


def logged(states: list[LogState], incident: Incident) -> tuple[Logged, ...]:
    """Return for each service that gives a place away what logs there are; where none is named, for all of them."""
    named = sorted({one.service for one in incident.exposure.reasons} & set(SERVERS))
    return tuple(_logged(states, service) for service in named or [""])


def _logged(states: list[LogState], service: str) -> Logged:
    mine = [one for one in states if one.services and (not service or service in one.services)]
    begun = [one.first for one in mine if one.first is not None]
    unread = [one for one in states if one.unread and (not service or service.encode() in one.path.lower())]
    return Logged(
        service=service,
        logs=tuple(display(one.path) for one in mine),
        since=min(begun, default=None),
        unread=tuple(display(one.path) for one in unread),
    )


def at_opening(connection: Connection, incident: Incident) -> dict[str, Any]:
    """Return the proof, as data of the event that opens an incident, that its file lay open before it was found.

    To be kept: once the configuration is repaired, or the file changed, nothing on the disk proves it any more.
    """
    unchanged, config = access.unchanged_since(connection, incident.id), _configured(incident)
    if unchanged is None or config is None:
        return {}
    proved = max(Moment(at=unchanged, proof="file"), config, key=lambda one: one.at)
    if proved.at >= incident.first_seen:
        return {}
    return {"exposed": {"at": proved.at, "proof": proved.proof, "detail": proved.detail}}


def _since(incident: Incident, history: list[Event], lines: tuple[Kept, ...], unchanged: float | None) -> Moment:
    """Return the first moment at which the file is known to have lain open.

    A reader proves it. So does the line of its arrival, or that nothing about the file has changed since (its ctime,
    which nobody can set), from when the configuration that opens the place stood as it stands. Else it is the moment
    at which phiscan found it.
    """
    found = [Moment(at=incident.first_seen, proof="incident", detail=str(history[0].seq) if history else "")]
    found += [Moment(**event.data["exposed"]) for event in history if "exposed" in event.data]  # see `at_opening`
    found += [_line(one) for one in lines if one.action == "read"]
    there = [_line(one) for one in lines if one.action == "write"][:1]
    if unchanged is not None:
        there.append(Moment(at=unchanged, proof="file"))
    config = _configured(incident)
    if config is not None:
        found += [max(one, config, key=lambda one: one.at) for one in there]
    return min(found, key=lambda one: one.at)


def _until(incident: Incident, history: list[Event], lines: tuple[Kept, ...]) -> Moment | None:
    if incident.state != "resolved":
        return None
    ended = [event for event in history if event.kind == "resolved"]
    at = incident.closed or incident.last_seen
    by_us = Moment(at=at, proof="incident", detail=str(ended[-1].seq) if ended else "")
    gone = [_line(one) for one in lines if one.action == "delete" and one.at <= at + 60]
    return gone[-1] if gone and incident.resolution == "gone" else by_us


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


def _moment(one: Moment) -> dict[str, Any]:
    return {"at": moment(one.at), "proof": one.proof, "detail": one.detail}
