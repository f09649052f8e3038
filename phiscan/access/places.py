"""What services are known to give away, as far as their logs need it to be known."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from phiscan.access.model import Mapping

if TYPE_CHECKING:
    from phiscan.expose.grant import Grant

# They log the path on the disk, whatever a visitor calls it.
_DISK: Final = ("proftpd", "pure-ftpd", "samba")


def mappings_of(grants: Iterable[Grant]) -> tuple[Mapping, ...]:
    """Return where what visitors call a path lies, by service."""
    found: dict[Mapping, None] = {}
    for grant in grants:
        logs = None if grant.logs is None else frozenset(_places(grant.logs))
        found[Mapping(service=grant.service, path=grant.path, seen=grant.seen.rstrip(b"/") or b"/", logs=logs)] = None
        if grant.service in _DISK:
            found[Mapping(service=grant.service, path=grant.path, seen=grant.path, logs=logs)] = None
    return tuple(found)


def logs_of(grants: Iterable[Grant]) -> tuple[str, ...]:
    """Return the logs that services are known to write, sorted."""
    return tuple(sorted({log for grant in grants for log in grant.logs or ()}))


def _places(logs: Iterable[str]) -> Iterator[bytes]:
    """Yield the paths under which a log may be met: as it is written, and free of links."""
    for log in logs:
        yield os.fsencode(log)
        yield os.fsencode(os.path.realpath(log))
