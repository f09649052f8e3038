"""What this machine gives away: its processes, what listens, the grants of every service, and what stays unknown.

A `Discovery` is taken once for a scan; the daemon takes a new one when a configuration, a mount or a server changes.
Services in containers and chroots are read from their own files, and what they give away is translated to our paths.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from phiscan.expose import services
from phiscan.expose.access import visitor_of
from phiscan.expose.grant import Grant, Reach
from phiscan.expose.inner import Outside
from phiscan.expose.links import Links, leading_out
from phiscan.expose.machine import Machine, Process, Trouble
from phiscan.expose.processes import Listener, listeners, processes
from phiscan.expose.reached import Grants
from phiscan.model import Level, Reason
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below, resolved

_ACCOUNTS: Final = ("/etc/passwd", "/etc/group", "/etc/nsswitch.conf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What was found. `files` are configuration files and folders that were read or looked for, as we reach them."""

    grants: tuple[Grant, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    files: frozenset[str] = frozenset()
    # Files that change the rules of the folder they lie in, wherever they appear: below which folder, and their names.
    appearing: frozenset[tuple[bytes, bytes]] = frozenset()
    listeners: tuple[Listener, ...] = ()
    links: Mapping[bytes, Links] = field(default_factory=dict)  # by the folder that was searched
    before: tuple[Grant, ...] = ()  # what was given away before, and may still be: the wider of both counts
    here: bool = True  # of this machine: its folders are at hand
    indexes: tuple[Grants, ...] = field(init=False)

    def __post_init__(self) -> None:
        links = Links().join(self.links.values())
        indexes = (Grants(grants, links) for grants in (self.grants, self.before) if grants and self.here)
        object.__setattr__(self, "indexes", tuple(indexes))

    def wider(self, path: bytes) -> Reason | None:
        """Return why a place may be open wider than is known; None where nothing says so."""
        for trouble in self.troubles:
            if below(path, os.fsencode(trouble.folder)) is not None:
                return Reason(trouble.service, trouble.detail, trouble.source)
        return None

    def reach(self, grant: Grant) -> Reach | None:
        """Return from where a grant can be talked to, by what really listens; None where nobody does."""
        ports = {port for _, port in grant.listen}
        if not ports:
            return grant.reach
        heard = [one.address for one in self.listeners if one.port in ports and one.network == grant.network]
        if not heard:
            return None
        return Reach.LOOPBACK if all(map(_is_loopback, heard)) else grant.reach


def _is_loopback(address: str) -> bool:
    return address == "::1" or address.startswith("127.")


def discover(
    servers: Iterable[Path] = (), known: Mapping[bytes, Links] | None = None, *, search: bool = True
) -> Discovery:
    """Look at this machine. `servers` are configuration files that the operator names.

    `known` are links that were searched before and need not be searched again; without `search` none are.
    """
    ours, inner = processes()
    found = machine_at("/", ours, servers)
    grants, troubles = services.grants(found), list(found.troubles)
    files = {*found.files, *_ACCOUNTS}
    appearing = {(resolved(os.fsencode(top)), os.fsencode(name)) for top, name in found.appearing}
    mounts = Mounts.read()
    heard = {one.network: listeners(f"/proc/{one.pid}", one.network) for one in inner}
    for other in inner:
        outside = Outside(other, mounts)
        machine = outside.machine()
        grants += outside.grants(services.grants(machine), machine)
        troubles += outside.troubles(machine.troubles)
        files |= outside.files(machine.files)
        appearing |= {(place, os.fsencode(name)) for top, name in machine.appearing for place in outside.places(top)}
    links = _links(grants, known or {}, search=search)
    complete = completed(grants, troubles, files, sum({**heard, 0: listeners()}.values(), ()), links)
    return replace(complete, appearing=frozenset(appearing))


def completed(
    grants: Iterable[Grant],
    troubles: Iterable[Trouble],
    files: Iterable[str],
    heard: tuple[Listener, ...],
    links: Mapping[bytes, Links],
    *,
    here: bool = True,
) -> Discovery:
    """Return a discovery, with a trouble for every folder whose links were not all looked at."""
    more = [
        Trouble("link", os.fsdecode(folder), "not all of its symbolic links were looked at")
        for found in links.values()
        for folder in found.cut
    ]
    return Discovery(
        grants=tuple(sorted(set(grants), key=lambda grant: (grant.path, grant.service, grant.name))),
        troubles=tuple(dict.fromkeys([*troubles, *more])),
        files=frozenset(files),
        listeners=heard,
        links=links,
        here=here,
    )


def machine_at(root: str, running: Iterable[Process], servers: Iterable[Path] = ()) -> Machine:
    """Return a machine with the configuration files that the operator names, each given to its service."""
    machine = Machine(root, {}, tuple(running))
    for file in (Path(os.path.abspath(file)) for file in servers):
        name = services.service_of(file)
        if name is None:
            machine.troubles.append(Trouble("servers", str(file), "of no service that is known"))
        else:
            machine.given.setdefault(name, []).append(str(file))
    return machine


def _links(grants: Iterable[Grant], known: Mapping[bytes, Links], *, search: bool) -> dict[bytes, Links]:
    """Search the folders whose visitors can follow links out of them, or around rules on names."""
    paths: set[bytes] = set()
    tops: dict[bytes, bool] = {}  # and whether those that stay inside matter
    for grant in grants:
        top = resolved(grant.path)
        paths.add(top)
        around = bool(grant.names or grant.refused) and grant.links_inside
        open_ = grant.level > Level.RESTRICTED and grant.read and visitor_of(grant) is not None
        if open_ and (grant.follows_links or around) and top != b"/":
            tops[top] = tops.get(top, False) or around
    found: dict[bytes, Links] = {}
    for top, every in tops.items():
        if top in known:
            found[top] = known[top]
        elif search:
            inner = [path for path in paths if path != top and below(path, top)]
            found[top] = leading_out(top, inner, every=every)
    return found
