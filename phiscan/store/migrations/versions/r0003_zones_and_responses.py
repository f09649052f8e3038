"""What has come to zones and left them; what is done to files because of an incident."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up INTEGER keys only


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "zones",
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("departed", sa.Integer(), nullable=False),
        sa.Column("first_arrival", sa.Float()),
        sa.Column("last_arrival", sa.Float()),
        sa.Column("last_departure", sa.Float()),
        sa.PrimaryKeyConstraint("path"),
    )
    op.create_table(
        "responses",
        sa.Column("id", _ID, nullable=False),
        sa.Column("incident", _ID, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("asked", sa.Float(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.Column("kept", sa.LargeBinary()),
        sa.Column("before", sa.Text()),
        sa.Column("why", sa.Text()),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("responses_incident", "responses", ["incident"])
    op.create_index("responses_state", "responses", ["state"])
