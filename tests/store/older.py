"""A store as the last version without Alembic made it. What it ran stands in `before/`, and is never changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

_BEFORE = Path(__file__).parent / "before"
_CONTENT: dict[str, dict[str, Any]] = {
    "roots": {"path": b"/srv", "walked": 2.5},
    "ledger": {
        "root": 1, "path": b"/srv/r\xe9.csv", "device": 1, "inode": 2, "size": 3, "mtime_ns": 4,
        "ctime_ns": 5, "status": "scanned", "level": 2,
    },
    "groups": {
        "kind": "live", "zone": b"/srv", "folder": b"/srv", "masked": "/srv", "opened": 1.0, "pause": 0.0,
    },
    "incidents": {
        "rule": "public.identified-health", "version": 1, "root": 1, "path": b"/srv/r\xe9.csv",
        "shown": "/srv/r\\xe9.csv", "masked": "/srv/•••", "zone": b"/srv", "content": "k1:aa", "state": "new",
        "qualification": "to_notify", "severity": 5, "level": 2, "complete": 1, "first_seen": 1.0,
        "last_seen": 2.0, "alerts": 1, "exposure": '{"level": "public", "reasons": []}',
        "facts": '{"records":1,"persons":1,"exact":true,"health":1,"health_exact":true,"strong":1,"test":0,'
        '"categories":{"hiv":["health",1,1,{"affirmed":1}]}}',
    },
    "events": {"incident": 1, "at": 1.0, "kind": "opened", "author": "phiscan", "data": "{}"},
    "walks": {"root": 1, "started": 1.0, "ended": 2.0, "record": "{}", "signature": "s"},
}  # fmt: skip

TABLES = ("meta", "roots", "ledger", "fingerprints", "incidents", "events", "decisions", "groups", "outbox", "walks")


def make(url: str) -> None:
    """Make such a store, with an incident and its file."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(mode=0o700, exist_ok=True)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in (_BEFORE / f"{engine.dialect.name}.sql").read_text("utf-8").split(";\n"):
            if statement.strip():
                connection.execute(sa.text(statement))
        for name, values in _CONTENT.items():
            _insert(connection, name, values)
        for name, value in (("schema", "1"), ("id", "0badcafe")):
            _insert(connection, "meta", {"name": name, "value": value})
    engine.dispose()


def _insert(connection: sa.Connection, name: str, values: dict[str, Any]) -> None:
    table = sa.Table(name, sa.MetaData(), *(sa.Column(column) for column in values))
    connection.execute(sa.insert(table).values(**values))
