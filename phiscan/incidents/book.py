"""The book of incidents: what becomes of them when a place was judged, is gone, or a person decides.

One incident a rule and place. It resolves by itself when the file is gone, encrypted or no longer what the rule
says, and reopens when that returns. A renamed file takes its incident along, a copy inherits what was decided.
Everything works inside the transaction of whoever calls, so that what is told can never differ from what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from phiscan.access.lying_open import opening, proved_open
from phiscan.incidents.incident import OURSELVES, Incident, Resolution, grown
from phiscan.judge import Facts, Fired
from phiscan.model import Exposure, Severity
from phiscan.source.open import gone
from phiscan.store import access, exposures, incidents, responses
from phiscan.store.exposures import Interval, Moment

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.alert.grouping import Telling
    from phiscan.incidents.masking import Masks
    from phiscan.respond.asking import Asking
    from phiscan.store.incidents import Decision, Persons
    from phiscan.store.outbox import GroupKind

_RENAMED_WITHIN = 600.0  # seconds between the end of a file's old name and the look at its new one
LEAST = Severity.LOW  # below, what a rule says is counted and no incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A place as it was judged just now, or with a `subject` an account that is used there."""

    root: int
    folder: bytes  # the root's path, or the zone's: what lies above it may be shown to everybody
    path: bytes
    shown: str
    zone: bytes
    content: str | None
    status: str
    exposure: Exposure
    facts: Facts
    fired: tuple[Fired, ...]
    complete: bool  # False where part of the file was not read, or it kept changing
    at: float
    persons: Persons | None = None
    told_in: GroupKind = "live"
    group: bytes = b""  # the folder that is told as one
    was: bytes = b""  # the path that the file had before, where that is known
    subject: str = ""
    file: tuple[int, int, int, int] | None = None  # device, inode, size, mtime_ns as the ledger has them


class Book:
    """What becomes of incidents."""

    def __init__(
        self,
        telling: Telling,
        masks: Masks,
        *,
        keep_persons: bool = True,
        there: Callable[[bytes], bool] = lambda path: not gone(path),
        asking: Asking | None = None,
    ) -> None:
        """`there` says whether a path is still taken: a file that left it has moved, else there is a copy.

        `asking`: what is to be done about incidents, nothing without.
        """
        self._telling, self._masks, self._keep, self._there = telling, masks, keep_persons, there
        self._asking = asking

    def judged(self, connection: Connection, found: Finding) -> list[Incident]:
        """Write down what was found at a place; return the incidents that are new there or back."""
        here = incidents.at(connection, found.path)
        known = {incident.rule: incident for incident in here if incident.subject == found.subject}
        fired = {one.rule.id: one for one in found.fired if one.severity >= LEAST}
        news = []
        for rule, one in fired.items():
            before = known.get(rule) or self._moved(connection, rule, found)
            now_ = (
                self._opened(connection, one, found) if before is None else self._seen(connection, before, one, found)
            )
            news += [now_] if now_ is not None else []
        if fired and self._keep and found.content is not None and found.persons is not None:
            incidents.keep_persons(connection, found.content, found.persons)
        for rule, incident in known.items():
            why = _why(incident, found)
            # What was not read is not clean, but what is as it was and shut away is shut away.
            sure = why != "changed" or (found.complete and found.status != "gap")
            if rule not in fired and incident.state != "resolved" and sure:
                worse = any(one.severity >= max(LEAST, incident.severity) for one in found.fired)
                # Not over where it is something else by now.
                self.resolve(connection, incident, found.at, why, after=found.exposure, tell=not worse)
        if self._asking is not None and not self._asking.actions.keys().isdisjoint(fired):
            for incident in incidents.at(connection, found.path):
                if incident.rule in fired:
                    self._asking.ask(connection, incident, found)
        return news

    def gone(self, connection: Connection, path: bytes, at: float, why: Resolution = "gone") -> None:
        """A file is no longer there."""
        for incident in incidents.at(connection, path):
            if incident.state != "resolved" and not incident.subject:
                taken = why == "gone" and responses.took(connection, incident)
                self.resolve(connection, incident, at, "quarantined" if taken else why)

    def resolve(
        self,
        connection: Connection,
        incident: Incident,
        at: float,
        why: Resolution,
        after: Exposure | None = None,
        *,
        tell: bool = True,
    ) -> Incident:
        """Resolve an incident. It ends no duty: the qualification stays as it is. `after`: who can read it now."""
        done = replace(incident, state="resolved", resolution=why, closed=at)
        incidents.put(connection, done)
        seq = incidents.happened(connection, done.id, at, "resolved", OURSELVES, why=why, was=incident.state)
        end = Moment(at=at, proof="incident", detail=str(seq))
        exposures.close(connection, done.id, end, why, after if why == "unexposed" else None)
        if incident.state != "dismissed" and tell:
            self._telling.resolved(connection, done, at)
        return done

    def reopen(self, connection: Connection, incident: Incident, at: float, why: str) -> Incident:
        """What was resolved is there again."""
        back = replace(incident, state="new", resolution=None, closed=None, last_seen=at)
        decision = self._decision(connection, back, at)
        if decision is not None:
            back = replace(back, state="dismissed")
        incidents.put(connection, back)
        seq = incidents.happened(connection, back.id, at, "reopened", OURSELVES, why=why, state=back.state)
        if why == "still there":
            exposures.go_on(connection, back.id)
        else:
            proved = proved_open(connection, back, at, incident.closed)
            self._lies_open(connection, back, proved or Moment(at=at, proof="incident", detail=str(seq)))
        return back

    def _lies_open(self, connection: Connection, incident: Incident, since: Moment) -> None:
        if not incident.subject:
            exposures.open_(connection, Interval(incident=incident.id, opened=since, exposure=incident.exposure))

    def bring_back(self, connection: Connection, incident: Incident, at: float) -> None:
        """What a person had resolved is still there."""
        back = self.reopen(connection, incident, at, "still there")
        self._telling.tell(connection, back, "live", back.folder, at)

    def expire(self, connection: Connection, at: float) -> None:
        """Dismissals whose time is over hide nothing any more."""
        for decision in incidents.run_out(connection, at):
            ended = replace(decision, ended=None)
            for incident in incidents.hidden_by(connection, ended):
                if incident.state == "dismissed" and self._decision(connection, incident, at) is None:
                    self._undismiss(connection, incident, at)

    def _undismiss(self, connection: Connection, incident: Incident, at: float) -> None:
        back = replace(incident, state="new")
        incidents.put(connection, back)
        incidents.happened(connection, back.id, at, "undismissed", OURSELVES, why="until")
        self._telling.tell(connection, back, "live", back.folder, at)

    def _opened(self, connection: Connection, one: Fired, found: Finding) -> Incident | None:
        incident = self._incident(one, found)
        decision = self._decision(connection, incident, found.at)
        twin = self._twin(connection, incident) if decision is None else None
        if decision is not None:
            incident = replace(incident, state="dismissed")
        elif twin is not None:
            state = twin.state if twin.state == "acknowledged" else "new"
            incident = replace(incident, state=state, qualification=twin.qualification)
        incident = incidents.put(connection, incident)
        facts = {"persons": found.facts.persons, "severity": one.severity.name.lower(), "state": incident.state}
        proved = proved_open(connection, incident, found.at)
        seq = incidents.happened(connection, incident.id, found.at, "opened", OURSELVES, **facts, **opening(proved))
        since = proved or Moment(at=found.at, proof="incident", detail=str(seq))
        self._lies_open(connection, incident, since)
        inherited: Mapping[str, object] = {}
        if decision is not None:
            inherited = {"decision": decision.id, "from": decision.incident}
        elif twin is not None and (incident.state, incident.qualification) != ("new", "to_qualify"):
            inherited = {"from": twin.id, "state": incident.state, "qualification": incident.qualification}
        if inherited:
            incidents.happened(connection, incident.id, found.at, "inherited", OURSELVES, **inherited)
        self._telling.tell(connection, incident, found.told_in, found.group or incident.folder, found.at)
        return incident

    def _incident(self, one: Fired, found: Finding) -> Incident:
        return Incident(
            rule=one.rule.id,
            version=one.rule.version,
            root=found.root,
            path=found.path,
            subject=found.subject,
            shown=found.shown,
            masked=self._masks.masked(found.path, found.folder),
            zone=found.zone,
            content=found.content,
            state="new",
            severity=one.severity,
            exposure=found.exposure,
            facts=found.facts,
            complete=found.complete,
            first_seen=found.at,
            last_seen=found.at,
        )

    def _seen(self, connection: Connection, before: Incident, one: Fired, found: Finding) -> Incident | None:
        """An incident that is known was found again; return it where that is news."""
        fresh = self._incident(one, found)
        less = not found.complete and found.content != before.content and before.complete and before.open
        facts = before.facts if less and found.facts.persons < before.facts.persons else found.facts
        incident = replace(
            fresh,
            id=before.id,
            facts=facts,
            state=before.state,
            resolution=before.resolution,
            qualification=before.qualification,
            first_seen=before.first_seen,
            closed=before.closed,
            alerts=before.alerts,
        )
        more = grown(before, incident.facts, incident.level)
        if before.state == "resolved":
            # Of an account whoever has found it has asked already whether it came since.
            same = before.content == found.content and not more and not found.subject
            if before.resolution == "person" and same:
                return None  # somebody has seen to exactly this; the next whole walk asks again
            incidents.put(connection, incident)
            incident = self.reopen(connection, incident, found.at, "returned")
        elif before.state == "dismissed" and self._decision(connection, incident, found.at) is None:
            incident = replace(incident, state="new")
            incidents.put(connection, incident)
            incidents.happened(connection, incident.id, found.at, "undismissed", OURSELVES, why="changed")
        elif before.state == "new" and (decision := self._decision(connection, incident, found.at)) is not None:
            # Its content is known only now, and was decided upon.
            incident = incidents.put(connection, replace(incident, state="dismissed"))
            told = {"decision": decision.id, "from": decision.incident}
            incidents.happened(connection, incident.id, found.at, "inherited", OURSELVES, **told)
            return None
        else:
            incidents.put(connection, incident)
            if not more and (before.complete or not incident.complete):
                return None
            persons = {"persons": incident.facts.persons, "complete": incident.complete}
            incidents.happened(connection, incident.id, found.at, "grown", OURSELVES, **persons)
        self._telling.tell(connection, incident, found.told_in, found.group or incident.folder, found.at)
        return incident

    def _moved(self, connection: Connection, rule: str, found: Finding) -> Incident | None:
        """Return the incident of this rule that the file has brought along from where it lay before."""
        if found.content is None:
            return None
        same = incidents.with_content(connection, rule, found.content)
        for other in sorted(same, key=lambda one: one.path != found.was):  # others may be copies that have gone too
            just_now = other.resolution == "gone" and found.at - (other.closed or 0.0) < _RENAMED_WITHIN
            if (other.state != "resolved" or just_now) and not self._there(other.path):
                moved = replace(other, path=found.path, shown=found.shown, zone=found.zone, root=found.root)
                ended = incidents.history(connection, other.id)[-1] if just_now else None
                if ended is not None and not self._telling.said(connection, other, ended):
                    # The old name's end was seen first, and nobody has heard of it: as if it had not been.
                    moved = replace(moved, state=ended.data.get("was", "new"), resolution=None, closed=None)
                    exposures.go_on(connection, other.id)
                incidents.put(connection, moved)
                access.named(connection, moved.id, other.path, found.at)
                where = {"masked": other.masked}
                incidents.happened(connection, moved.id, found.at, "moved", OURSELVES, **where)
                return moved
        return None

    def _twin(self, connection: Connection, incident: Incident) -> Incident | None:
        """Return another incident of the same rule and content: what was decided of it holds for a copy."""
        if incident.content is None:
            return None
        same = incidents.with_content(connection, incident.rule, incident.content)
        return next((one for one in same if one.path != incident.path and one.open), None)

    def _decision(self, connection: Connection, incident: Incident, at: float) -> Decision | None:
        holding = incidents.decided(connection, incident.rule, at)
        return next((one for one in holding if one.covers(incident)), None)


def _why(incident: Incident, found: Finding) -> Resolution:
    if found.facts.account is not None:
        return "changed" if found.facts.account.kinds else "unseen"
    if found.status == "encrypted":
        return "encrypted"
    return "unexposed" if found.exposure.level < incident.level and found.content == incident.content else "changed"
