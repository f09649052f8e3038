"""The report of a zone's life, as of a migration: from its declaration to the proof that nothing is left of it.

That nothing is known to be there proves nothing. What does is a signed record of a whole walk that began after the end
and after the last file had left, went into the zone without a gap or an exclusion, and met no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from phiscan.incidents.incident import Event, Incident, moment
from phiscan.source.paths import display

if TYPE_CHECKING:
    from phiscan.config import Zone
    from phiscan.report.model import Json
    from phiscan.store.coverage import Walk
    from phiscan.store.places import Traffic

_COMPARED = ("files", "by_status", "exposures", "persons_at_most", "identified_health_persons_at_most", "categories")


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """All that is known of a zone."""

    zone: Zone
    path: bytes
    traffic: Traffic
    walks: Sequence[tuple[Walk, bool]]  # of its root, the oldest first, each with whether its signature is valid
    incidents: Sequence[tuple[Incident, Sequence[Event]]]
    quarantined: int  # files from here that lie in quarantine
    known: int  # files that the ledger has here now
    today: date

    @property
    def end(self) -> float | None:
        """When the zone's last day is over; None where it has none."""
        if self.zone.until is None:
            return None
        return datetime.combine(self.zone.until + timedelta(days=1), time()).astimezone().timestamp()

    def of_walk(self, walk: Walk) -> Mapping[str, Any] | None:
        """Return what a walk says of this zone; None where it says nothing, as before the zone was declared."""
        zones: list[dict[str, Any]] = walk.said().get("zones", [])
        return next((one for one in zones if one["path"] == display(self.path)), None)


@dataclass(frozen=True, slots=True)
class Erasure:
    """Whether it is proved that nothing is left, by which walk; else why not, in words of `migration.not.…`."""

    walk: Walk | None
    why_not: tuple[str, ...]

    @property
    def verified(self) -> bool:
        """Whether it is."""
        return self.walk is not None and not self.why_not


def erasure(life: Life) -> Erasure:
    """Judge the last walk."""
    why = []
    if life.end is None:
        why.append("no_end")
    elif life.zone.until is not None and life.today <= life.zone.until:
        why.append("not_over")
    if life.quarantined:
        why.append("quarantined")
    walk, valid = life.walks[-1] if life.walks else (None, False)
    said = None if walk is None else life.of_walk(walk)
    if walk is None or said is None:
        return Erasure(None, (*why, "no_walk"))
    after = max(life.end or 0.0, life.traffic.last_departure or 0.0, life.traffic.last_arrival or 0.0)
    found = {
        "forged": not valid,
        "no_walk": walk.started <= after,
        "files": bool(said["files"] or said["by_status"] or life.known),
        "gaps": bool(said["gaps"]),
        "excluded": bool(said["excluded"]),
        "another_device": said["device"] not in (None, _device(life)),
    }
    return Erasure(walk, (*why, *(name for name, is_ in found.items() if is_)))


def _device(life: Life) -> int | None:
    """Return the file system on which the zone's files last lay, that of the last walk where none ever did.

    An empty mount point is no proof: what was mounted there may be full.
    """
    seen = [said for walk, _ in life.walks if (said := life.of_walk(walk)) is not None and said["device"] is not None]
    full = [said for said in seen if said["files"]] or seen
    device: int | None = full[-1]["device"] if full else None
    return device


def course(life: Life) -> list[tuple[Walk, bool, Mapping[str, Any]]]:
    """Return the walks at which something of the zone was otherwise than at the one before, and the last."""
    found: list[tuple[Walk, bool, Mapping[str, Any]]] = []
    for walk, valid in life.walks:
        said = life.of_walk(walk)
        if said is None:
            continue
        same = bool(found) and all(found[-1][2][name] == said[name] for name in _COMPARED)
        if same and len(found) > 1 and all(found[-2][2][name] == said[name] for name in _COMPARED):
            found.pop()
        found.append((walk, valid, said))
    return found


def to_dict(life: Life, store: str) -> Json:
    """Return the report as JSON: the schema `phiscan.migration/1`."""
    proof, zone, traffic = erasure(life), life.zone, life.traffic
    until = None if zone.until is None else zone.until.isoformat()
    return {
        "schema": "phiscan.migration/1",
        "zone": display(life.path),
        "declared": {
            "source": zone.source,
            "purpose": zone.purpose,
            "owner": zone.owner,
            "contact": zone.contact,
            "controller": zone.controller,
            "allow": None if zone.allow is None else list(zone.allow),
            "until": until,
        },
        "traffic": {
            "arrived": traffic.arrived,
            "departed": traffic.departed,
            "first_arrival": _at(traffic.first_arrival),
            "last_arrival": _at(traffic.last_arrival),
            "last_departure": _at(traffic.last_departure),
        },
        "walks": [
            {"started": moment(walk.started), "ended": moment(walk.ended), "valid": valid}
            | {name: said[name] for name in (*_COMPARED, "gaps", "excluded")}
            for walk, valid, said in course(life)
        ],
        "incidents": [
            one.to_dict(store=store) | {"history": [event.to_dict() for event in history]}
            for one, history in life.incidents
        ],
        "files_now": life.known,
        "quarantined": life.quarantined,
        "erasure": {
            "verified": proof.verified,
            "walk": None
            if proof.walk is None
            else {
                "started": moment(proof.walk.started),
                "ended": moment(proof.walk.ended),
                "signature": proof.walk.signature,
            },
            "why_not": list(proof.why_not),
        },
    }


def _at(when: float | None) -> str | None:
    return None if when is None else moment(when)
