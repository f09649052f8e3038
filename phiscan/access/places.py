"""What services are known to give away, as far as their logs need it to be known; and where an account was used."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from phiscan.access.matching import Matcher, normal
from phiscan.access.model import Access, Mapping
from phiscan.source.paths import below, resolved

if TYPE_CHECKING:
    from phiscan.expose.grant import Grant

# They log the path on the disk, whatever a visitor calls it; ProFTPD in one of its logs.
_DISK: Final = ("proftpd", "pure-ftpd", "samba")
_ALWAYS: Final = ("pure-ftpd", "samba")
_MODULES: Final = "rsync"  # its paths begin with the name of a module, see `formats.rsync`


def mappings_of(grants: Iterable[Grant], *, real: bool = True) -> tuple[Mapping, ...]:
    """Return where what visitors call a path lies, by service. Without `real` the grants are another machine's."""
    found: dict[Mapping, None] = {}
    for grant in _served(tuple(grants)):
        logs = None if grant.logs is None else frozenset(_places(grant.logs, real=real))
        seen = [] if grant.service in _ALWAYS else [_address(grant) or b"/"]
        seen += [grant.path] if grant.service in _DISK else []
        for each in seen:
            made = Mapping(service=grant.service, path=grant.path, seen=each, logs=logs, names=grant.names)
            found[made] = None
    return tuple(found)


def _served(grants: Sequence[Grant]) -> Iterator[Grant]:
    """Yield the grants by which a path that visitors name is found.

    A shut place whose address leads elsewhere is none: nginx's `location /a/ { alias … }` leaves the folder `a` of its
    root without an address.
    """
    opened = {(one.service, _address(one)) for one in grants if one.read or one.list or one.write}
    for one in grants:
        if one.read or one.list or one.write or (one.service, _address(one)) not in opened:
            yield one


def _address(grant: Grant) -> bytes:
    """Return what the service's log calls the grant's folder, empty for the top."""
    module = b"/" + os.fsencode(grant.name) if grant.service == _MODULES else b""
    return module + grant.seen.rstrip(b"/")


def logs_of(grants: Iterable[Grant]) -> tuple[str, ...]:
    """Return the logs that services are known to write, sorted."""
    return tuple(sorted({log for grant in grants for log in grant.logs or ()}))


def _places(logs: Iterable[str], *, real: bool) -> Iterator[bytes]:
    """Yield the paths under which a log may be met: as it is written, and free of links."""
    for log in logs:
        yield os.fsencode(log)
        if real:
            yield resolved(os.fsencode(log))


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of which an account can be told: a declared zone in a watched root, or that root."""

    root: bytes
    folder: bytes  # where it really lies
    zone: bytes  # as it is declared; the root where none is


class Spots:
    """The places of this machine of which accounts can be told."""

    def __init__(self, roots: Sequence[bytes], zones: Iterable[bytes] = ()) -> None:
        """`roots` are real paths; `zones` as they are declared, absolute."""
        self._roots = tuple(roots)
        self._zones = {os.path.realpath(zone): zone for zone in zones}

    def at(self, path: bytes) -> Spot | None:
        """Return the place of a path on the disk, None outside of what is watched."""
        root = next((one for one in self._roots if below(path, one) is not None), None)
        if root is None:
            return None
        zone = max((one for one in self._zones if below(path, one) is not None), key=len, default=root)
        inside = below(zone, root) is not None
        return Spot(root, zone if inside else root, self._zones.get(zone, root))

    def of(self, access: Access, mappings: Sequence[Mapping]) -> frozenset[bytes]:
        """Return the folders of the places where an account was used, none outside of what is watched.

        By where its path lies; a login, or a path of which that is not known, is told of every place that the service
        gives away, and where nobody knows what it does, of every root.
        """
        mine = [one for one in mappings if one.service in access.services]
        path = normal(access.path)
        if path.startswith(b"/"):
            on_disk, _ = Matcher((), mine).placed(path, access.services, form=access.format)
            if on_disk:
                return self._all(on_disk)
            if self.at(path) is not None:
                return self._all([path])
            there = [root + path for root in self._roots if os.path.lexists(root + path)]
            if there and not mine:
                return self._all(there)
        given = [one.path if below(one.path, root) is not None else root for one in mine for root in self._roots
                 if below(one.path, root) is not None or below(root, one.path) is not None]  # fmt: skip
        return self._all(given if mine else self._roots)

    def _all(self, paths: Iterable[bytes]) -> frozenset[bytes]:
        return frozenset(spot.folder for path in paths if (spot := self.at(path)) is not None)
