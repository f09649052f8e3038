"""Grants of services that see another root than ours, a container or a chroot, under the paths that we see.

A path there is a place of some file system, which our own mounts show elsewhere, or nowhere: then it is no place of
ours. Accounts of a user namespace are translated to the numbers that they have here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace

from phiscan.expose import inside
from phiscan.expose.grant import Grant, Identity
from phiscan.expose.processes import Inner
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below


def outside(grants: Iterable[Grant], inner: Inner, ours: Mounts) -> list[Grant]:
    """Return the grants of another root's services as they are here."""
    found = []
    for grant in grants:
        identity = grant.identity and _identity(grant.identity, inner.pid)
        # Folders above are others than ours: their rights are not known, so that they do not count.
        there = replace(grant, identity=identity, entered=True)
        found += [replace(there, path=path) for path in dict.fromkeys(_paths(os.fsdecode(grant.path), inner, ours))]
    return found


def _paths(path: str, inner: Inner, ours: Mounts) -> Iterator[bytes]:
    try:
        real = inside.at(inner.root, path)[len(inner.root) :] or "/"
        if os.readlink(f"/proc/{inner.pid}/ns/mnt") == os.readlink("/proc/self/ns/mnt"):
            yield os.fsencode(os.path.normpath(os.readlink(inner.root) + "/" + real))
            return
        theirs = Mounts.of_process(inner.pid)
    except OSError:
        return
    place = os.fsencode(real)
    mount = theirs.holding(place)
    if mount is not None:
        yield from ours.showing(mount.device, theirs.within(mount, place))
    for other in theirs:
        if below(other.point, place):
            yield from ours.showing(other.device, other.root)


def _identity(identity: Identity, pid: int) -> Identity:
    users, groups = _map(pid, "uid_map"), _map(pid, "gid_map")
    return Identity(
        identity.name, _mapped(identity.uid, users), frozenset(_mapped(gid, groups) for gid in identity.gids)
    )


def _map(pid: int, name: str) -> list[tuple[int, int, int]]:
    try:
        with open(f"/proc/{pid}/{name}", encoding="ascii") as file:
            rows = [tuple(int(word) for word in line.split()) for line in file]
    except (OSError, ValueError):
        return []
    return [(row[0], row[1], row[2]) for row in rows if len(row) == 3]


def _mapped(number: int, ranges: list[tuple[int, int, int]]) -> int:
    """Return an account's number here. One that is in no range owns nothing here: it keeps its number.

    >>> _mapped(33, [(0, 100000, 65536)]), _mapped(7, [])
    (100033, 7)
    """
    return next((start + number - first for first, start, count in ranges if first <= number < first + count), number)
