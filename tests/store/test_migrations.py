"""Stores of other versions, on both databases: older ones are migrated whole or not at all, newer ones are refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from phiscan.messages import Told, text
from phiscan.model import Level, Severity
from phiscan.store import Store, incidents, ledger
from phiscan.store import migrate as migration
from phiscan.store.schema import SCHEMA, meta
from phiscan.store.schema_readers import readers
from tests.alert.book import Desk
from tests.store import older

# A later version, made up: a column with a value for every row, and a change to a table that others refer to, for which
# SQLite has to make it anew.
NEXT = f"{int(SCHEMA) + 1:04d}"
LATER = f"""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{NEXT}", "{SCHEMA}"


def upgrade():
    op.add_column("walks", sa.Column("host", sa.Text(), nullable=False, server_default="here"))
    with op.batch_alter_table("roots") as roots:
        roots.alter_column("path", existing_type=sa.LargeBinary(), nullable=True)
        roots.add_column(sa.Column("note", sa.Text()))
    op.execute("UPDATE roots SET note = 'n' || id")
"""


@pytest.fixture
def before(url: str) -> str:
    """Return the address of a store as the last version without Alembic made it."""
    older.make(url)
    return url


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the next version of phiscan; return its script."""
    scripts = tmp_path / "50%/migrations"
    shutil.copytree(migration.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    script = scripts / f"versions/r{NEXT}_later.py"
    script.write_text(LATER)
    monkeypatch.setattr(migration, "SCRIPTS", scripts)
    monkeypatch.setattr(migration, "SCHEMA", NEXT)
    monkeypatch.setattr("phiscan.store.SCHEMA", NEXT)
    return script


def numbered(url: str) -> tuple[list[str], dict[str, str]]:
    """Return what Alembic's table says, and ours."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        there = sa.inspect(connection).has_table("alembic_version")
        found = list(connection.scalars(sa.text("SELECT version_num FROM alembic_version"))) if there else []
        own: dict[str, str] = dict(connection.execute(meta.select()).all())
    engine.dispose()
    return found, own


def refused(url: str, *, create: bool) -> tuple[str, int, Any]:
    with pytest.raises(Told) as error:
        Store.open(url, create=create)
    for lang in ("fr", "en"):
        assert "\n" not in text(lang, error.value.key, **error.value.params)
    return error.value.key, error.value.status, error.value.params.get("found")


def test_what_the_scripts_make_is_what_the_code_expects(store: Store) -> None:
    with store.write() as connection:
        assert compare_metadata(MigrationContext.configure(connection), readers.metadata) == []
        if not store.postgresql:  # what that comparison does not see
            made: dict[str, str] = dict(
                connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
            )
            other = sa.create_engine("sqlite://")
            with other.begin() as plain:
                readers.metadata.create_all(plain)
                wanted = plain.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
            assert {name: plainly(sql) for name, sql in made.items() if name != "alembic_version"} == {
                name: plainly(sql) for name, sql in wanted
            }


def plainly(sql: str) -> str:
    return " ".join(sql.replace("(", " ( ").replace(")", " ) ").replace('"', "").split())


def test_the_first_version_is_what_was_before(before: str) -> None:
    Store.open(before, create=True).close()
    engine = sa.create_engine(before)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), readers.metadata) == []
    engine.dispose()


def test_the_versions_are_numbered_one_by_one() -> None:
    scripts = ScriptDirectory(str(migration.SCRIPTS))
    found = [script.revision for script in scripts.walk_revisions()][::-1]
    assert found == [f"{number:04d}" for number in range(1, len(found) + 1)]
    assert scripts.get_current_head() == SCHEMA


def test_a_new_store_is_of_this_version(store: Store, url: str) -> None:
    found, own = numbered(url)
    assert (found, list(own)) == ([SCHEMA], ["id"])
    store.close()
    Store.open(url, create=True).close()
    assert numbered(url) == (found, own)


def test_a_store_from_before_alembic_is_taken_over_as_it_is(before: str) -> None:
    assert refused(before, create=False) == ("store.older", 2, "0001")
    assert numbered(before)[0] == []
    store = Store.open(before, create=True)
    assert numbered(before) == ([SCHEMA], {"id": "0badcafe"})
    with store.read() as connection:
        (incident,) = incidents.at(connection, b"/srv/r\xe9.csv")
        assert (incident.qualification, incident.severity, incident.alerts) == ("to_notify", Severity.CRITICAL, 1)
        assert [event.kind for event in incidents.history(connection, 1)] == ["opened"]
        entry = ledger.get(connection, 1, b"/srv/r\xe9.csv")
        assert entry is not None
        assert (entry.status, entry.level) == ("scanned", Level(2))
    store.close()
    again = Store.open(before, create=True)
    again.enter()
    again.close()


@pytest.mark.parametrize("old", [True, False])
def test_an_older_store_is_migrated_by_the_daemon_and_by_nobody_else(before: str, later: Path, *, old: bool) -> None:
    if not old:  # the first version with Alembic
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("phiscan.store.SCHEMA", "0001")
            patch.setattr(migration, "SCHEMA", "0001")
            Store.open(before, create=True).close()
    assert refused(before, create=False) == ("store.older", 2, "0001")
    store = Store.open(before, create=True)
    assert numbered(before) == ([NEXT], {"id": "0badcafe"})
    with store.write() as connection:
        rows = connection.execute(sa.text("SELECT id, path, walked, note FROM roots")).all()
        assert [tuple(row) for row in rows] == [(1, b"/srv", 2.5, "n1")]
        assert connection.scalar(sa.text("SELECT host FROM walks")) == "here"
        assert [event.kind for event in incidents.history(connection, 1)] == ["opened"]
        assert ledger.get(connection, 1, b"/srv/r\xe9.csv") is not None
    if not store.postgresql:
        with store.read() as connection:
            assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1
            assert connection.execute(sa.text("PRAGMA foreign_key_check")).all() == []
    store.close()
    Store.open(before).close()


def test_a_migration_that_fails_changes_nothing(before: str, later: Path) -> None:
    later.write_text(LATER + "    op.execute('SELECT * FROM nowhere')\n")
    engine = sa.create_engine(before)
    with engine.connect() as connection:
        known = set(sa.inspect(connection).get_table_names())
    with pytest.raises(Told) as error:
        Store.open(before, create=True)
    assert error.value.status == 1
    assert numbered(before) == ([], {"schema": "1", "id": "0badcafe"})
    with engine.connect() as connection:
        assert set(sa.inspect(connection).get_table_names()) == known
        assert {column["name"] for column in sa.inspect(connection).get_columns("walks")} == {
            "id", "root", "started", "ended", "record", "signature",
        }  # fmt: skip
    engine.dispose()
    later.write_text(LATER)
    Store.open(before, create=True).close()
    assert numbered(before)[0] == [NEXT]


def test_nobody_migrates_under_a_daemon_at_work(before: str, later: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("phiscan.store.SCHEMA", "0001")
        patch.setattr(migration, "SCHEMA", "0001")
        daemon = Store.open(before, create=True)
        daemon.enter()
    assert refused(before, create=True)[:2] == ("store.running", 2)
    assert numbered(before)[0] == ["0001"]
    daemon.close()
    Store.open(before, create=True).close()
    assert numbered(before)[0] == [NEXT]


@pytest.mark.parametrize("create", [True, False])
def test_a_newer_store_is_refused_and_left_alone(before: str, *, create: bool) -> None:
    Store.open(before, create=True).close()
    engine = sa.create_engine(before)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0099'"))
    engine.dispose()
    assert refused(before, create=create) == ("store.version", 2, "0099")
    assert numbered(before)[0] == ["0099"]


def test_a_newer_store_without_alembic_is_refused(before: str) -> None:
    engine = sa.create_engine(before)
    with engine.begin() as connection:
        connection.execute(meta.update().where(meta.c.name == "schema").values(value="99"))
    engine.dispose()
    assert refused(before, create=True) == ("store.version", 2, "99")


def test_a_migrated_store_works(before: str) -> None:
    store = Store.open(before, create=True)
    desk = Desk(store)
    desk.found("/srv/b.csv")
    assert desk.states() == {"/srv/b.csv": "new", "/srv/r\\xe9.csv": "new"}
    store.close()
