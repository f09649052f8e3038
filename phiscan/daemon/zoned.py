"""What a walk says of the zones in its root: part of its signed record, and what proves that a zone is empty."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from phiscan.model import Gap
from phiscan.source.exclude import QUARANTINE
from phiscan.source.paths import below, display
from phiscan.store import ledger_sums

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.declared import Declarations
    from phiscan.source.reconcile import Reconcile
    from phiscan.store.ledger import Root


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
    known = _known(connection, root, real)
    return {
        "path": display(path),
        "present": device is not None,
        "device": device,
        "files": walk.met[real],
        "gaps": sum(_touches(one, real) for one, _ in gaps) + unlisted[0],
        "excluded": sum(_touches(one, real) for one in left_out) + unlisted[1],
        # Of these nothing is known any more: what is counted below is without them.
        "went": max(0, walk.met[real] - sum(known["by_status"].values())),
        **known,
    }


def _touches(path: bytes, zone: bytes) -> bool:
    """Whether what lies at a path is of the zone, or holds it."""
    return below(path, zone) is not None or below(zone, path) is not None


def _known(connection: Connection, root: Root, zone: bytes) -> dict[str, Any]:
    """Return what the ledger says of the files in a zone. Persons of several files may be the same: "at most"."""
    status: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    size = persons = health = 0
    categories: set[str] = set()
    for alike in ledger_sums.alike_below(connection, root.id, zone):
        status[alike.status or "unread"] += alike.files
        size += alike.size
        levels[alike.level.name.lower()] += alike.files
        if alike.facts is not None:
            persons += alike.files * alike.facts.persons
            health += alike.files * alike.facts.identified_health
            categories |= {name for name, its in alike.facts.categories.items() if its.hits}
    return {
        "by_status": dict(sorted(status.items())),
        "bytes": size,
        "exposures": dict(sorted(levels.items())),
        "persons_at_most": persons,
        "identified_health_persons_at_most": health,
        "categories": sorted(categories),
    }
