"""What services are known to give away, as far as their logs need it to be known."""

from __future__ import annotations

from collections.abc import Iterable
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
        found[Mapping(service=grant.service, path=grant.path, seen=grant.seen.rstrip(b"/") or b"/")] = None
        if grant.service in _DISK:
            found[Mapping(service=grant.service, path=grant.path, seen=grant.path)] = None
    return tuple(found)
