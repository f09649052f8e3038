"""The first version: the tables of phiscan 0.1.0."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up INTEGER keys only


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "fingerprints",
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("masks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("content"),
    )
    op.create_table(
        "groups",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("zone", sa.LargeBinary(), nullable=False),
        sa.Column("folder", sa.LargeBinary(), nullable=False),
        sa.Column("masked", sa.Text(), nullable=False),
        sa.Column("opened", sa.Float(), nullable=False),
        sa.Column("told", sa.Float()),
        sa.Column("pause", sa.Float(), nullable=False),
        sa.Column("repeat", sa.Float()),
        sa.Column("escalate", sa.Float()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "zone", "folder"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "roots",
        sa.Column("id", _ID, nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.BigInteger()),
        sa.Column("inode", sa.BigInteger()),
        sa.Column("walked", sa.Float()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("path"),
    )
    op.create_table(
        "incidents",
        sa.Column("id", _ID, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("root", _ID, nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
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
        sa.UniqueConstraint("rule", "path"),
        sa.ForeignKeyConstraint(["root"], ["roots.id"]),
        sqlite_autoincrement=True,
    )
    op.create_index("incidents_alerts", "incidents", ["alerts"])
    op.create_index("incidents_content", "incidents", ["content"])
    op.create_index("incidents_path", "incidents", ["path"])
    op.create_table(
        "ledger",
        sa.Column("id", _ID, nullable=False),
        sa.Column("root", _ID, nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("ctime_ns", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("status", sa.Text()),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("facts", sa.Text()),
        sa.Column("gaps", sa.Text()),
        sa.Column("severity", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("detect", sa.Text()),
        sa.Column("rules", sa.Text()),
        sa.Column("read", sa.Float()),
        sa.Column("pending", sa.SmallInteger()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("root", "path"),
        sa.ForeignKeyConstraint(["root"], ["roots.id"]),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ledger_gaps",
        "ledger",
        ["root"],
        sqlite_where=sa.text("gaps IS NOT NULL"),
        postgresql_where=sa.text("gaps IS NOT NULL"),
    )
    op.create_index("ledger_inode", "ledger", ["inode"])
    op.create_index(
        "ledger_pending",
        "ledger",
        ["pending", "level", "mtime_ns"],
        sqlite_where=sa.text("pending IS NOT NULL"),
        postgresql_where=sa.text("pending IS NOT NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", _ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("alerts", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("upto", _ID),
        sa.Column("due", sa.Float(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("claimed", sa.Float()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("sent", sa.Float()),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["alerts"], ["groups.id"]),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_alerts", "outbox", ["alerts", "channel"])
    op.create_index(
        "outbox_open",
        "outbox",
        ["channel", "due"],
        sqlite_where=sa.text("sent IS NULL"),
        postgresql_where=sa.text("sent IS NULL"),
    )
    op.create_table(
        "walks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("root", _ID, nullable=False),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("ended", sa.Float(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["root"], ["roots.id"]),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "decisions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("incident", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("persons", sa.BigInteger(), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("until", sa.Float()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("ended", sa.Float()),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"]),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "events",
        sa.Column("seq", _ID, nullable=False),
        sa.Column("incident", _ID, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"]),
        sqlite_autoincrement=True,
    )
    op.create_index("events_incident", "events", ["incident"])
