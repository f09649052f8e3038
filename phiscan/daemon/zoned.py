"""What a walk says of the zones in its root: part of its signed record, and what proves that a zone is empty."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from phiscan.model import Gap
from phiscan.source.exclude import QUARANTINE
from phiscan.source.paths import below, display
from phiscan.store import ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.declared import Declarations
    from phiscan.source.reconcile import Reconcile
    from phiscan.store.ledger import Root

_PAGE: Final = 1000  # rows of the ledger at once


def zones_record(
    connection: Connection, declared: Declarations, root: Root, walk: Reconcile, gaps: list[tuple[bytes, Gap]]
) -> dict[str, Any]:
    """Return what is known of each zone of a root that says what it is for, under "zones"; nothing where there is none.

    `gaps` are those of the walk and of the ledger.
    """
    mine = [(path, real) for path, real in declared.places() if below(real, root.path) is not None]
    return {"zones": [_zone(connection, path, real, root, walk, gaps) for path, real in mine]} if mine else {}


def _zone(
    connection: Connection, path: bytes, real: bytes, root: Root, walk: Reconcile, gaps: list[tuple[bytes, Gap]]
) -> dict[str, Any]:
    # More than are listed: nobody knows where the others are, so they may be here.
    unlisted = walk.left_out["gap"] - len(walk.gaps), walk.left_out["excluded"] - len(walk.left_out_paths)
    left_out = [one for one in walk.left_out_paths if os.path.basename(one) != QUARANTINE]  # counted by itself
    try:
        device: int | None = os.lstat(real).st_dev
    except OSError:
        device = None
    return {
        "path": display(path),
        "present": device is not None,
        "device": device,
        "files": walk.met[real],
        "gaps": sum(_touches(one, real) for one, _ in gaps) + unlisted[0],
        "excluded": sum(_touches(one, real) for one in left_out) + unlisted[1],
        **_known(connection, root, real),
    }


def _touches(path: bytes, zone: bytes) -> bool:
    """Whether what lies at a path is of the zone, or holds it."""
    return below(path, zone) is not None or below(zone, path) is not None


def _known(connection: Connection, root: Root, zone: bytes) -> dict[str, Any]:
    """Return what the ledger says of the files in a zone. Persons of several files may be the same: "at most"."""
    status: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    size = persons = health = after = 0
    categories: set[str] = set()
    last = ledger.last_id(connection)
    while page := ledger.below(connection, root.id, zone, after, last, _PAGE):
        after = page[-1].id
        for entry in page:
            status[entry.status or "unread"] += 1
            size += entry.size
            levels[entry.level.name.lower()] += 1
            if entry.facts is not None:
                persons += entry.facts.persons
                health += entry.facts.identified_health
                categories |= {name for name, its in entry.facts.categories.items() if its.hits}
    return {
        "by_status": dict(sorted(status.items())),
        "bytes": size,
        "exposures": dict(sorted(levels.items())),
        "persons_at_most": persons,
        "identified_health_persons_at_most": health,
        "categories": sorted(categories),
    }
