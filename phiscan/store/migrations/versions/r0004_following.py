"""Incidents on accounts, exposure as intervals, when a daemon was at work, and two indexes of the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up INTEGER keys only
_BEFORE = (
    "id", "rule", "version", "root", "path", "shown", "masked", "zone", "content", "state", "resolution",
    "qualification", "severity", "level", "exposure", "facts", "complete", "first_seen", "last_seen", "closed",
    "alerts",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, and intervals of what is known of each incident."""
    if op.get_bind().dialect.name == "sqlite":
        _incidents_anew()
    else:
        op.add_column("incidents", sa.Column("subject", sa.Text(), nullable=False, server_default=""))
        found = sa.inspect(op.get_bind()).get_unique_constraints("incidents")
        for one in found:
            if one["column_names"] == ["rule", "path"]:
                op.drop_constraint(str(one["name"]), "incidents")
        op.execute("ALTER TABLE incidents ADD UNIQUE (rule, path, subject)")
    op.add_column("decisions", sa.Column("subject", sa.Text(), nullable=False, server_default=""))
    _tables()
    for name, columns, where in (
        ("ledger_backlog", ["level", "root", "size", "pending"], "pending IS NOT NULL"),
        ("ledger_found", ["root", "path"], "severity > 0"),
    ):
        op.create_index(name, "ledger", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    _intervals()


def _incidents_anew() -> None:
    """Make the table anew: SQLite takes no constraint away. Numbers that were used are not used again."""
    connection = op.get_bind()
    last = connection.scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'incidents'"))
    op.create_table(
        "incidents_anew",
        sa.Column("id", _ID, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("root", _ID, nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, server_default=""),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("masked", sa.Text(), nullable=False),
        sa.Column("zone", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text()),
        sa.Column("qualification", sa.Text(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("exposure", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("complete", sa.SmallInteger(), nullable=False),
        sa.Column("first_seen", sa.Float(), nullable=False),
        sa.Column("last_seen", sa.Float(), nullable=False),
        sa.Column("closed", sa.Float()),
        sa.Column("alerts", _ID),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("rule", "path", "subject"),
        sa.ForeignKeyConstraint(["root"], ["roots.id"]),
        sqlite_autoincrement=True,
    )
    names = ", ".join(_BEFORE)
    op.execute(f"INSERT INTO incidents_anew ({names}) SELECT {names} FROM incidents")  # noqa: S608  names of our own
    op.drop_table("incidents")
    op.rename_table("incidents_anew", "incidents")
    for column in ("alerts", "content", "path"):
        op.create_index(f"incidents_{column}", "incidents", [column])
    if last is not None:
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = 'incidents'"))
        connection.execute(sa.text("INSERT INTO sqlite_sequence VALUES ('incidents', :last)"), {"last": last})


def _tables() -> None:
    op.create_table(
        "exposures",
        sa.Column("id", _ID, nullable=False),
        sa.Column("incident", _ID, nullable=False),
        sa.Column("opened", sa.Float(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_detail", sa.Text(), nullable=False),
        sa.Column("opened_exposure", sa.Text()),
        sa.Column("closed", sa.Float()),
        sa.Column("closed_by", sa.Text()),
        sa.Column("closed_detail", sa.Text()),
        sa.Column("closed_exposure", sa.Text()),
        sa.Column("why", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"]),
        sqlite_autoincrement=True,
    )
    op.create_index("exposures_incident", "exposures", ["incident"])
    op.create_table(
        "lives",
        sa.Column("id", _ID, nullable=False),
        sa.Column("began", sa.Float(), nullable=False),
        sa.Column("alive", sa.Float(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "account_places",
        sa.Column("id", _ID, nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("addresses", sa.Integer(), nullable=False),
        sa.Column("first", sa.Float(), nullable=False),
        sa.Column("last", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("service", "account", "kind", "place"),
        sqlite_autoincrement=True,
    )


def _intervals() -> None:
    """Make intervals of what has happened to each incident.

    A file that was renamed was taken for gone in between: then its interval had not ended.
    """
    connection = op.get_bind()
    known = connection.execute(
        sa.text("SELECT id, exposure, state, closed, first_seen, resolution FROM incidents ORDER BY id")
    ).all()
    asked = sa.text(
        "SELECT seq, at, kind, data FROM events WHERE incident = :id "
        "AND kind IN ('opened', 'reopened', 'resolved', 'moved') ORDER BY seq"
    )
    rows: list[dict[str, Any]] = []
    for incident in known:
        found: list[dict[str, Any]] = []
        for seq, at, kind, written in connection.execute(asked, {"id": incident.id}):
            data = json.loads(written)
            if kind == "resolved":
                if found:
                    found[-1] |= {"closed": at, "closed_by": "incident", "closed_detail": str(seq)}
                    found[-1]["why"] = data.get("why")
            elif kind == "moved" or data.get("why") == "still there":
                if found:
                    found[-1] |= dict.fromkeys(("closed", "closed_by", "closed_detail", "why"))
            else:
                found.append(_opened(incident.id, at, str(seq), data))
        if not found:  # what happened long ago was purged
            found = [_opened(incident.id, incident.first_seen, "", {})]
        if incident.state == "resolved" and found[-1]["closed"] is None:
            closed = found[-1]["opened"] if incident.closed is None else incident.closed
            found[-1] |= {"closed": closed, "closed_by": "incident", "closed_detail": "", "why": incident.resolution}
        found[-1]["opened_exposure"] = incident.exposure
        rows += found
    if rows:
        connection.execute(sa.table("exposures", *map(sa.column, rows[0])).insert(), rows)


def _opened(incident: int, at: float, detail: str, data: Mapping[str, Any]) -> dict[str, Any]:
    proved = data.get("exposed", {"at": at, "proof": "incident", "detail": detail})
    return {
        "incident": incident,
        "opened": proved["at"],
        "opened_by": proved["proof"],
        "opened_detail": proved["detail"],
        "opened_exposure": None,
        "closed": None,
        "closed_by": None,
        "closed_detail": None,
        "why": None,
    }
