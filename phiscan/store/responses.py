"""What is to be done to files because of an incident: asked for with the incident, done by the helper, step by step.

    wanted ─▶ doing ─▶ done ─▶ undoing ─▶ restored
       └────────▶ refused (why)

A row says what the file was when it was judged. `doing` and `undoing` are written before anything is touched, with all
that it takes to go on or back: whoever dies there is followed by somebody who looks what has become of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import func, insert, or_, select, update

from phiscan.store.paths import inside
from phiscan.store.schema import incidents, responses

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.incidents.incident import Incident

Action = Literal["quarantine", "chmod", "notify-owner"]
State = Literal["wanted", "doing", "done", "refused", "undoing", "restored"]
HELD: Final = ("doing", "done", "undoing")  # something of the file may be otherwise than its owner left it


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One action on one file."""

    incident: int
    action: Action
    path: bytes
    device: int
    inode: int
    size: int
    mtime_ns: int
    content: str | None
    asked: float
    changed: float
    id: int = 0
    state: State = "wanted"
    kept: bytes | None = None
    before: dict[str, Any] | None = None
    why: str | None = None


def want(connection: Connection, response: Response) -> Response | None:
    """Ask for an action; return it, None where it was asked for this very file already, whatever came of it.

    What a person had put back is not taken away again while its content is the same.
    """
    same = responses.c.incident == response.incident, responses.c.action == response.action
    for known in (_response(row) for row in connection.execute(select(responses).where(*same))):
        if known.state == "wanted":
            return _again(connection, known, response)
        if known.state == "restored" and known.content == response.content:
            return None
        if _file(known) == _file(response) and known.state in ("refused", *HELD):
            return None
    return put(connection, response)


def _again(connection: Connection, known: Response, response: Response) -> Response | None:
    """What waits is done to the file as it is now."""
    if _file(known) != _file(response):
        put(connection, replace(response, id=known.id, asked=known.asked))
    return None


def _file(one: Response) -> tuple[object, ...]:
    return one.path, one.device, one.inode, one.size, one.mtime_ns, one.content


def put(connection: Connection, response: Response) -> Response:
    """Write a row; return it with its number."""
    values = {name: getattr(response, name) for name in _COLUMNS}
    values["before"] = None if response.before is None else json.dumps(response.before)
    if response.id:
        connection.execute(update(responses).where(responses.c.id == response.id).values(**values))
        return response
    made: Any = connection.execute(insert(responses).values(**values)).inserted_primary_key
    return replace(response, id=int(made[0]))


def in_state(connection: Connection, *states: State, after: int = 0, count: int = 100) -> list[Response]:
    """Return rows in some states, the oldest first."""
    wanted = select(responses).where(responses.c.state.in_(states), responses.c.id > after)
    return [_response(row) for row in connection.execute(wanted.order_by(responses.c.id).limit(count))]


def get(connection: Connection, number: int) -> Response:
    """Return a row by its number."""
    return _response(connection.execute(select(responses).where(responses.c.id == number)).one())


def of(connection: Connection, incident: int, states: Sequence[State] = ()) -> list[Response]:
    """Return what was asked for because of an incident, the latest first."""
    wanted = select(responses).where(responses.c.incident == incident)
    if states:
        wanted = wanted.where(responses.c.state.in_(states))
    return [_response(row) for row in connection.execute(wanted.order_by(responses.c.id.desc()))]


def took(connection: Connection, incident: Incident) -> bool:
    """Whether the file of an incident, as it was judged, was moved away by us, or is being; for whichever incident."""
    return _holding(connection, incident, ("doing", "done")) is not None


def keeping(connection: Connection, incident: Incident) -> Response | None:
    """Return what was done to have the file of an incident lie in quarantine, None where it does not."""
    found = _holding(connection, incident, HELD) if incident.resolution == "quarantined" else None
    return found if found is not None and found.kept is not None else None


def _holding(connection: Connection, incident: Incident, states: Sequence[State]) -> Response | None:
    """Return the latest move of an incident's file: one file may have several incidents, and is moved for one."""
    there = select(incidents.c.id).where(incidents.c.path == incident.path, incidents.c.root == incident.root)
    mine = responses.c.incident == incident.id, responses.c.incident.in_(there)
    same = responses.c.action == "quarantine", responses.c.content == incident.content, responses.c.state.in_(states)
    wanted = select(responses).where(or_(*mine), *same).order_by(responses.c.id.desc()).limit(1)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _response(row)


def kept_below(connection: Connection, folder: bytes) -> int:
    """Return how many files from below a folder lie in quarantine."""
    mine = responses.c.action == "quarantine", responses.c.state.in_(HELD), inside(responses.c.path, folder)
    return connection.scalar(select(func.count()).select_from(responses).where(*mine)) or 0


_COLUMNS = (
    "incident", "action", "state", "path", "device", "inode", "size", "mtime_ns", "content", "asked", "changed", "kept",
    "why",
)  # fmt: skip


def _response(row: Any) -> Response:
    found = dict(row._mapping)
    return Response(**found | {"before": None if row.before is None else json.loads(row.before)})
