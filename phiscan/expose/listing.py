"""The zones of a machine as people and programs read them: each grant and declared zone with its evidence.

What a grant comes to is told, not only what the configuration says: a folder that its visitors' account cannot enter
is not readable. Single files may still differ, `phiscan scan` judges each.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from phiscan.expose import acl, names
from phiscan.expose.access import Access, Visitor, visitor_of
from phiscan.expose.discover import Discovery
from phiscan.expose.grant import Grant, Reach
from phiscan.expose.writable import Writable, writable_below
from phiscan.expose.zones import Zone
from phiscan.model import Level, Reason
from phiscan.source.paths import below, display, resolved

if TYPE_CHECKING:
    from phiscan.access.zonereaders import ZoneReaders

SCHEMA = "phiscan.zones/1"
_NOWHERE = "no such folder"


class State(StrEnum):
    """What is known of a zone beyond its configuration."""

    CONFIGURED = "configured"
    PROVED = "proved"  # a login without an account has shown it
    CONTRADICTED = "contradicted"  # a login without an account has shown that it is otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One zone. `rights` is False where the rights of the folder could not be looked at: only the grant is told."""

    path: bytes  # b"" where a server lets in and nobody knows to which folder
    service: str
    name: str
    level: Level
    read: bool
    write: bool
    list: bool
    # "everywhere", "private", "loopback"; "none" where nobody listens, "unknown" where it listens in a network of its
    # own and only the container's tools know what that lets out, "" for a declared zone.
    reach: str
    evidence: tuple[Reason, ...]
    identity: str = ""
    rights: bool = True
    state: State = State.CONFIGURED
    proof: str = ""  # what the probe has met, a phrase of ours
    grant: Grant | None = None
    readers: ZoneReaders | None = None  # of another machine's zones: what its logs tell

    @property
    def open(self) -> bool:
        """Whether anything can be done there."""
        return self.read or self.write or self.list

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of a zone."""
        return {
            "path": display(self.path) or None,
            "service": self.service,
            "name": self.name,
            "level": self.level.name.lower(),
            "read": self.read,
            "write": self.write,
            "list": self.list,
            "reach": self.reach or None,
            "within": (self.grant and self.grant.within) or None,
            "identity": self.identity or None,
            "rights": self.rights,
            "state": self.state.value,
            "proof": self.proof or None,
            "evidence": [
                {"service": one.service, "setting": one.setting, "source": one.source, "zone": one.zone}
                for one in self.evidence
            ],
            "readers": None if self.readers is None else self.readers.to_dict(),
        }


def rows(found: Discovery, declared: Iterable[Zone] = (), access: Access | None = None) -> list[Row]:
    """Return the zones, by path and service. `access`: the rights of another machine, where it is one."""
    access = access or Access()
    given = [
        _bound(_row(grant, found), grant, access) for grant in found.grants if not _of_nothing(grant, found, access)
    ]
    given = [row for row in given if row.open or row.proof != _NOWHERE]  # a shut folder that is not there is none
    inner = _writable(given, access)
    said = [_declared(zone) for zone in declared if zone.level is not None]
    return sorted([*given, *inner, *said], key=lambda row: (row.path, row.service, row.name))


def _of_nothing(grant: Grant, found: Discovery, access: Access) -> bool:
    """Whether a grant is only of names that begin like that of a folder with a grant of its own, and none is there.

    As nginx's `location /pub`, which is of /public too.
    """
    firsts = names.beginnings(grant.names)
    if not firsts:
        return False
    seen = grant.seen.rstrip(b"/") + b"/"
    begin = tuple(first[len(seen) :] for first in firsts if first.startswith(seen))
    if len(begin) < len(firsts) or any(b"/" in one or not one for one in begin):
        return False
    own = {os.path.basename(other.path) for other in found.grants if os.path.dirname(other.path) == grant.path}
    try:
        there = os.listdir(grant.path) if access.given is None else ()
    except OSError:
        there = ()
    return not any(name.startswith(begin) for name in there if name not in own) and own >= {*begin}


def _writable(rows: Iterable[Row], access: Access) -> Iterator[Row]:
    """Yield the folders below zones in which something can be left, where that is not so in all of the zone."""
    met: dict[tuple[bytes, Visitor], Writable] = {}
    for row in rows:
        grant, visitor = row.grant, None if row.grant is None else visitor_of(row.grant)
        if (
            grant is None
            or visitor is None
            or not (grant.write and row.rights)
            or row.write
            or row.level < Level.SHARED
        ):
            continue
        top = resolved(grant.path) if access.given is None else os.path.normpath(grant.path)
        if (top, visitor) not in met:
            met[top, visitor] = writable_below(top, visitor, access)
        for folder in met[top, visitor].folders:
            yield _inner(row, grant, visitor, access, folder, below(folder, top) or b"")
        if met[top, visitor].cut:
            yield replace(row, write=True, grant=None, proof="not all of its folders were looked at")


def _inner(row: Row, grant: Grant, visitor: Visitor, access: Access, folder: bytes, rest: bytes) -> Row:
    node = access.node(folder)
    lists = grant.list and visitor.may(node, acl.READ)
    rights = ",".join(map(str, node.entries))
    why = Reason("posix", f"owner {node.owner}:{node.group}, {rights}", display(folder), display(grant.path))
    inner = replace(grant, path=folder, seen=os.path.join(grant.seen, rest), list=lists)
    return replace(row, path=folder, write=True, list=lists, evidence=(*row.evidence, why), proof="", grant=inner)


def narrowed(all_: Sequence[Row], paths: Sequence[bytes], *, real: bool = True) -> list[Row]:
    """Return the zones that hold one of some paths, or lie below one. Without `real`, links are those of elsewhere."""
    resolve = os.path.realpath if real else os.path.normpath
    wanted = [resolve(path) for path in paths]
    return [row for row in all_ if any(_touches(resolve(row.path), path) for path in wanted)]


def _touches(zone: bytes, path: bytes) -> bool:
    return below(path, zone) is not None or below(zone, path) is not None


def _row(grant: Grant, found: Discovery) -> Row:
    return Row(
        path=grant.path,
        service=grant.service,
        name=grant.name,
        level=grant.level,
        read=grant.read,
        write=grant.write,
        list=grant.list,
        reach=_reach(grant, found),
        evidence=grant.evidence,
        identity="" if grant.identity is None else grant.identity.name,
        rights=False,
        grant=grant,
    )


def _reach(grant: Grant, found: Discovery) -> str:
    """Return from where a grant can be talked to. What listens in another network is let out by what we do not see."""
    reach = found.reach(grant)
    if reach is None:
        return "none"
    return "unknown" if grant.network and reach is not Reach.LOOPBACK else reach.name.lower()


def _bound(row: Row, grant: Grant, access: Access) -> Row:
    """Return what the rights of the folder leave of a zone."""
    visitor = visitor_of(grant)
    if visitor is None:  # everybody comes as himself
        return replace(row, rights=True)
    try:
        if access.given is None:
            top = resolved(grant.path)
            folder = top if os.path.isdir(top) else os.path.dirname(top)
        else:
            top = folder = os.path.normpath(grant.path)
        above = grant.top if below(folder, grant.top) is not None else b"/"
        enters = access.passes(visitor, folder, top if grant.entered and folder == top else above)
        node = access.node(top)
        reads = visitor.may(node, acl.READ)
        writes = visitor.may(node, acl.WRITE)
    except FileNotFoundError:
        return replace(row, proof=_NOWHERE)
    except (OSError, ValueError):
        return row
    is_file = folder != top
    read = row.read and enters and (reads or not is_file)
    lists = row.list and enters and reads and names.given(grant.names, grant.seen.rstrip(b"/") + b"/", b"")
    bound = replace(row, read=read, write=row.write and enters and writes, list=lists)
    return replace(bound, rights=True, level=row.level if bound.open else Level.RESTRICTED)


def _declared(zone: Zone) -> Row:
    level = zone.level or Level.RESTRICTED
    reason = Reason("zone", f"exposure: {level.name.lower()}", zone.source, display(zone.path))
    open_ = level > Level.RESTRICTED
    return Row(
        path=zone.path, service="zone", name="", level=level, read=open_, write=False, list=open_, reach="",
        evidence=(reason,), rights=False,
    )  # fmt: skip


def to_dict(zones: Iterable[Row], found: Discovery, version: str) -> dict[str, Any]:
    """Return the JSON of all."""
    return {
        "schema": SCHEMA,
        "phiscan": version,
        "zones": [row.to_dict() for row in zones],
        "troubles": [
            {"service": one.service, "source": one.source, "detail": one.detail, "folder": one.folder}
            for one in found.troubles
        ],
        "listeners": [{"address": one.address, "port": one.port} for one in _unique(found) if not one.network],
    }


def _unique(found: Discovery) -> Iterator[Any]:
    met: set[tuple[str, int]] = set()
    for one in found.listeners:
        if (one.address, one.port) not in met:
            met.add((one.address, one.port))
            yield one
