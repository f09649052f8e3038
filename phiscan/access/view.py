"""What is known of an incident's readers, for people and programs: who, how much, since when, and what logs tell.

Nobody seen is not nobody: a service that writes no log, and logs that begin too late, are said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from phiscan.access.lying_open import during, intervals
from phiscan.access.model import FTP, WEB
from phiscan.incidents.incident import Event, Incident, moment
from phiscan.report.model import exposure_dict
from phiscan.source.paths import display
from phiscan.store import access

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.access.readers import Reader
    from phiscan.report.model import Json
    from phiscan.store.access import Kept, LogState
    from phiscan.store.exposures import Interval, Moment

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
class View:
    """What is known of an incident's readers. `intervals`: when the file lay open, as far as it is proved."""

    state: State
    readers: tuple[Reader, ...]
    lines: tuple[Kept, ...]
    services: tuple[Logged, ...]
    searched: float | None
    size: int | None
    intervals: tuple[Interval, ...]  # the earliest first, one at least

    @property
    def since(self) -> Moment:
        """When it first lay open."""
        return self.intervals[0].opened

    @property
    def until(self) -> Moment | None:
        """When it last did; None: it lies open still."""
        return self.intervals[-1].closed

    def during(self, one: Reader) -> bool | None:
        """Whether somebody has read it while it lay open; None where that is not known."""
        return during(one, self.lines, self.intervals)

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
            "exposed": {
                "since": _moment(self.since),
                "until": None if self.until is None else _moment(self.until),
                "intervals": [interval_dict(one) for one in self.intervals],
            },
        }

    def _reader(self, one: Reader) -> Json:
        return reader_dict(one) | {"extent": one.extent(self.size), "during_exposure": self.during(one)}


def reader_dict(one: Reader) -> Json:
    """Return the JSON of a reader, of whatever it has read."""
    return {
        "address": one.address or None,
        "account": one.account or None,
        "service": one.service,
        "first": moment(one.first),
        "last": moment(one.last),
        "reads": one.reads,
        "bytes": one.known,
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
        intervals=intervals(connection, incident, history),
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


def interval_dict(one: Interval) -> Json:
    """Return the JSON of a time during which a file lay open, with what proves both its ends."""
    return {
        "opened": _moment(one.opened) | {"exposure": None if one.exposure is None else exposure_dict(one.exposure)},
        "closed": None
        if one.closed is None
        else _moment(one.closed)
        | {"why": one.why, "exposure": None if one.after is None else exposure_dict(one.after)},
    }


def _moment(one: Moment) -> dict[str, Any]:
    return {"at": moment(one.at), "proof": one.proof, "detail": one.detail}
