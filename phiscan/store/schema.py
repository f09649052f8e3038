"""The tables of the store. A path is bytes (a name need not be UTF-8) with a text beside it where people read it.

Nothing here holds a value of a scanned file: counts, places, keyed hashes and fingerprints only. Times are seconds
since the epoch, `…_ns` nanoseconds, sizes bytes. JSON stands in text, written and read by `phiscan.store`'s modules.
The tables of who has read what are in `schema_readers.py`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

# The revision that these tables are: another one with every change, and a script for it in `phiscan.store.migrations`.
SCHEMA: Final = "0004"

tables = MetaData()
Id: Final = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER keys only

meta = Table("meta", tables, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

roots = Table(
    "roots",
    tables,
    Column("id", Id, primary_key=True),
    Column("path", LargeBinary, nullable=False, unique=True),
    Column("device", BigInteger),
    Column("inode", BigInteger),
    Column("walked", Float),  # when the first whole walk ended; NULL before
)

# One row a file that was met. `pending` is not NULL where it is still to be read, and says how urgently.
ledger = Table(
    "ledger",
    tables,
    Column("id", Id, primary_key=True),
    Column("root", Id, ForeignKey("roots.id"), nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("device", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("ctime_ns", BigInteger, nullable=False),
    Column("content", Text),  # keyed hash; NULL where it was never read whole
    Column("status", Text),  # of the contract; NULL where it was never read
    Column("level", SmallInteger, nullable=False),
    Column("facts", Text),  # JSON: what rules may know, without fingerprints
    Column("gaps", Text),  # JSON: what of it was not read
    Column("severity", SmallInteger, nullable=False, server_default="0"),
    Column("detect", Text),  # digest of the recognizers it was read with
    Column("rules", Text),  # digest of the rules it was judged by
    Column("read", Float),
    Column("pending", SmallInteger),
    UniqueConstraint("root", "path"),
    sqlite_autoincrement=True,
)
Index(
    "ledger_pending",
    ledger.c.pending,
    ledger.c.level,
    ledger.c.mtime_ns,
    sqlite_where=ledger.c.pending.isnot(None),
    postgresql_where=ledger.c.pending.isnot(None),
)
# Answers by itself how much is still to be read.
Index(
    "ledger_backlog",
    ledger.c.level,
    ledger.c.root,
    ledger.c.size,
    ledger.c.pending,
    sqlite_where=ledger.c.pending.isnot(None),
    postgresql_where=ledger.c.pending.isnot(None),
)
# What was found below a folder, among very many files in which nothing was.
Index(
    "ledger_found",
    ledger.c.root,
    ledger.c.path,
    sqlite_where=ledger.c.severity > 0,
    postgresql_where=ledger.c.severity > 0,
)
Index("ledger_inode", ledger.c.inode)
Index(
    "ledger_gaps",
    ledger.c.root,
    sqlite_where=ledger.c.gaps.isnot(None),
    postgresql_where=ledger.c.gaps.isnot(None),
)

# Persons of incidents, by content: two sorted arrays of 64-bit numbers, see `phiscan.tally`.
fingerprints = Table(
    "fingerprints",
    tables,
    Column("content", Text, primary_key=True),
    Column("keys", LargeBinary, nullable=False),
    Column("masks", LargeBinary, nullable=False),
)

incidents = Table(
    "incidents",
    tables,
    Column("id", Id, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("root", Id, ForeignKey("roots.id"), nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False, server_default=""),  # what it is about: "" the file, else an account there
    Column("shown", Text, nullable=False),  # the path for the people of this machine
    Column("masked", Text, nullable=False),  # the path for everybody else
    Column("zone", LargeBinary, nullable=False),
    Column("content", Text),
    Column("state", Text, nullable=False),
    Column("resolution", Text),  # why it is resolved: gone, encrypted, unexposed, changed, person
    Column("qualification", Text, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("exposure", Text, nullable=False),  # JSON, as in the report
    Column("facts", Text, nullable=False),
    Column("complete", SmallInteger, nullable=False),  # 0 while the count is that of a part of the file
    Column("first_seen", Float, nullable=False),
    Column("last_seen", Float, nullable=False),
    Column("closed", Float),
    Column("alerts", Id),  # its group, NULL where nobody is told
    UniqueConstraint("rule", "path", "subject"),
    sqlite_autoincrement=True,
)
Index("incidents_path", incidents.c.path)
Index("incidents_content", incidents.c.content)
Index("incidents_alerts", incidents.c.alerts)

# What happened to incidents, in the order in which it was committed: the replay cursor is `seq`.
events = Table(
    "events",
    tables,
    Column("seq", Id, primary_key=True),
    Column("incident", Id, ForeignKey("incidents.id"), nullable=False),
    Column("at", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("data", Text, nullable=False),  # JSON
    sqlite_autoincrement=True,
)
Index("events_incident", events.c.incident)

# When a file lay open: one row from each opening to its end, with what proves the one and the other.
exposures = Table(
    "exposures",
    tables,
    Column("id", Id, primary_key=True),
    Column("incident", Id, ForeignKey("incidents.id"), nullable=False),
    Column("opened", Float, nullable=False),
    Column("opened_by", Text, nullable=False),  # see `phiscan.store.exposures.Proof`
    Column("opened_detail", Text, nullable=False),
    Column("opened_exposure", Text),  # JSON: who could read it then, and why; NULL where that was not kept
    Column("closed", Float),
    Column("closed_by", Text),
    Column("closed_detail", Text),
    Column("closed_exposure", Text),
    Column("why", Text),  # the resolution that ended it
    sqlite_autoincrement=True,
)
Index("exposures_incident", exposures.c.incident)

# Dismissals, for what they hide now and what comes later.
decisions = Table(
    "decisions",
    tables,
    Column("id", Id, primary_key=True),
    Column("incident", Id, ForeignKey("incidents.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("path", LargeBinary, nullable=False),  # the file, folder or zone
    Column("content", Text),
    Column("persons", BigInteger, nullable=False),
    Column("categories", Text, nullable=False),  # JSON: a file with more than was decided upon is a new matter
    Column("until", Float),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("ended", Float),
    Column("subject", Text, nullable=False, server_default=""),  # of the incident, where only that is meant
    sqlite_autoincrement=True,
)

# What is told together: the incidents of one folder of a zone, or of a first walk.
groups = Table(
    "groups",
    tables,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),  # live, initial, digest
    Column("zone", LargeBinary, nullable=False),
    Column("folder", LargeBinary, nullable=False),
    Column("masked", Text, nullable=False),
    Column("opened", Float, nullable=False),
    Column("told", Float),  # when it was last given to the outbox
    Column("pause", Float, nullable=False),  # seconds until the next update
    Column("repeat", Float),  # when it is said again unless somebody acknowledges
    Column("escalate", Float),
    UniqueConstraint("kind", "zone", "folder"),
    sqlite_autoincrement=True,
)

# What is still to be said, by channel. Rendered when it is sent; done only when the channel has accepted it.
outbox = Table(
    "outbox",
    tables,
    Column("id", Id, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("alerts", Id, ForeignKey("groups.id"), nullable=False),
    Column("kind", Text, nullable=False),  # see `phiscan.store.outbox.Kind`
    Column("upto", Id),  # the last event it told of
    Column("due", Float, nullable=False),
    Column("created", Float, nullable=False),
    Column("claimed", Float),  # handed to the channel; what became of it is not known before `sent`
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("sent", Float),
    sqlite_autoincrement=True,
)
Index(
    "outbox_open",
    outbox.c.channel,
    outbox.c.due,
    sqlite_where=outbox.c.sent.is_(None),
    postgresql_where=outbox.c.sent.is_(None),
)
Index("outbox_alerts", outbox.c.alerts, outbox.c.channel)

# What each walk covered. `record` is JSON, `signature` its HMAC by a key derived from the key file.
walks = Table(
    "walks",
    tables,
    Column("id", Id, primary_key=True),
    Column("root", Id, ForeignKey("roots.id"), nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float, nullable=False),
    Column("record", Text, nullable=False),
    Column("signature", Text, nullable=False),
    sqlite_autoincrement=True,
)

# When a daemon was at work, each from its beginning to its last sign of life; `signature` as that of a walk.
lives = Table(
    "lives",
    tables,
    Column("id", Id, primary_key=True),
    Column("began", Float, nullable=False),
    Column("alive", Float, nullable=False),
    Column("signature", Text, nullable=False),
    sqlite_autoincrement=True,
)

# What has come to the zones that say what they are for, and left them, as it was seen.
zones = Table(
    "zones",
    tables,
    Column("path", LargeBinary, primary_key=True),
    Column("arrived", Integer, nullable=False),  # files
    Column("departed", Integer, nullable=False),
    Column("first_arrival", Float),
    Column("last_arrival", Float),
    Column("last_departure", Float),
)

# What is to be done to files because of an incident, by whom, and how far it has got; `phiscan.respond` does it.
responses = Table(
    "responses",
    tables,
    Column("id", Id, primary_key=True),
    Column("incident", Id, ForeignKey("incidents.id"), nullable=False),
    Column("action", Text, nullable=False),  # quarantine, chmod, notify-owner
    Column("state", Text, nullable=False),  # see `phiscan.store.responses.State`
    Column("path", LargeBinary, nullable=False),
    Column("device", BigInteger, nullable=False),  # what the file was when it was judged
    Column("inode", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("content", Text),
    Column("asked", Float, nullable=False),
    Column("changed", Float, nullable=False),
    Column("kept", LargeBinary),  # the folder in quarantine that holds it
    Column("before", Text),  # JSON: mode, owner, ACL and times, to put them back
    Column("why", Text),  # why nothing was done
    sqlite_autoincrement=True,
)
Index("responses_incident", responses.c.incident)
Index("responses_state", responses.c.state)
