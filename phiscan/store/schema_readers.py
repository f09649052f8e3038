"""The tables of who has read what: readers of incidents' files, log lines that prove it, logs, shared accounts.

They belong to those of `phiscan.store.schema`, and are as they are. A line of a log holds a path and who asked for it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from phiscan.store.schema import Id, tables

# Who has read the files of incidents, see `phiscan.access`. Counts are of everything; an address goes after a time.
readers = Table(
    "readers",
    tables,
    Column("id", Id, primary_key=True),
    Column("incident", Id, ForeignKey("incidents.id"), nullable=False),
    Column("address", Text, nullable=False),  # "" once it was purged, or of the many beyond those told apart
    Column("account", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("first", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes, of all reads together
    Column("extents", Text, nullable=False),  # JSON: how many reads were complete, partial, …
    Column("sure", SmallInteger, nullable=False),  # 0: the path was written with losses, every time
    sqlite_autoincrement=True,
)
Index("readers_incident", readers.c.incident)

# Log lines that prove it, kept before a rotation takes them: a bounded number of each reader.
accesses = Table(
    "accesses",
    tables,
    Column("id", Id, primary_key=True),
    Column("incident", Id, ForeignKey("incidents.id"), nullable=False),
    Column("at", Float, nullable=False),
    Column("action", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("size", BigInteger),
    Column("extent", Text, nullable=False),
    Column("sure", SmallInteger, nullable=False),
    Column("file", LargeBinary, nullable=False),
    Column("place", BigInteger, nullable=False),  # offset of the line in the unpacked log
    Column("line", LargeBinary, nullable=False),
    Column("seal", Text, nullable=False),  # keyed hash of file, offset and line
    sqlite_autoincrement=True,
)
Index("accesses_incident", accesses.c.incident)

# For which incidents everything that lay in the logs when they began was searched.
searched = Table(
    "searched",
    tables,
    Column("incident", Id, ForeignKey("incidents.id"), primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
)

# What the file of an incident was called before.
names = Table(
    "names",
    tables,
    Column("id", Id, primary_key=True),
    Column("incident", Id, ForeignKey("incidents.id"), nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("until", Float, nullable=False),
    sqlite_autoincrement=True,
)
Index("names_incident", names.c.incident)

# The access logs, and how far each was read.
logs = Table(
    "logs",
    tables,
    Column("id", Id, primary_key=True),
    Column("path", LargeBinary, nullable=False, unique=True),
    Column("device", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
    Column("place", BigInteger, nullable=False),  # offset up to which it was read
    Column("head", Text, nullable=False),  # hash of its first bytes, by which it is known again once rotated
    Column("services", Text, nullable=False),  # that write such lines, "" where nothing in it is understood
    Column("first", Float),  # the time of its first line
    Column("read", Float, nullable=False),  # when it was last looked at
    Column("unread", Text),  # why it cannot be read
    sqlite_autoincrement=True,
)

# Accounts that several people seem to use, by what the logs say.
accounts = Table(
    "accounts",
    tables,
    Column("id", Id, primary_key=True),
    Column("service", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),  # see `phiscan.access.accounts`
    Column("addresses", Integer, nullable=False),
    Column("first", Float, nullable=False),
    Column("last", Float, nullable=False),
    UniqueConstraint("service", "account", "kind"),
    sqlite_autoincrement=True,
)

# Where they are used so: what incidents on accounts are judged from. `place` is a zone, or a root.
account_places = Table(
    "account_places",
    tables,
    Column("id", Id, primary_key=True),
    Column("service", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("place", LargeBinary, nullable=False),
    Column("addresses", Integer, nullable=False),
    Column("first", Float, nullable=False),
    Column("last", Float, nullable=False),
    UniqueConstraint("service", "account", "kind", "place"),
    sqlite_autoincrement=True,
)
