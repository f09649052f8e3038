"""`phiscan watch` and the commands on stores of other versions."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from phiscan.store.schema import SCHEMA
from tests.running import ROOT, environment, phiscan
from tests.servers import database
from tests.store import older
from tests.watching import Watch, table, until

Make = Callable[..., Watch]


def execute(watch: Watch, *statements: str) -> list[str]:
    """Change the store behind the daemon's back; return what Alembic's table says then."""
    engine = sa.create_engine(watch.config["store"])
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
        there = sa.inspect(connection).has_table("alembic_version")
        found = list(connection.scalars(sa.text("SELECT version_num FROM alembic_version"))) if there else []
    engine.dispose()
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_older_store_goes_on_and_a_newer_one_is_refused(
    made: Make, request: pytest.FixtureRequest, kind: str
) -> None:
    store = {"store": database(request.getfixturevalue("server"), "versions")} if kind == "postgresql" else {}
    watch = made(**store)
    older.make(watch.config["store"])
    assert execute(watch) == []
    (watch.srv / "a.csv").write_text(table(1))
    watch.start()
    until(lambda: watch.idle() and "a.csv" in watch.states())
    assert sorted(watch.states()) == ["/srv/r\\xe9.csv", "a.csv"]
    assert (watch.kinds(1), watch.kinds(2)) == (["opened"], ["opened"])
    watch.stop()
    assert execute(watch) == [SCHEMA]
    assert execute(watch, "UPDATE alembic_version SET version_num = '0099'") == ["0099"]
    config = str(watch.write())
    for arguments in (["watch"], ["incidents", "list"], ["purge"], ["coverage"]):
        done = phiscan(*arguments, "-c", config, cwd=watch.home)
        said = done.stderr.decode().replace("\u202f", " ").splitlines()
        assert (done.returncode, done.stdout, len(said)) == (2, b"", 1)
        assert f" : base de version 0099, plus récente que ce phiscan (version {SCHEMA}) : mettez" in said[0]


def test_commands_on_a_current_store_do_without_alembic(made: Make) -> None:
    """It takes a while to load, and only a migration needs it."""
    watch = made()
    watch.start()
    until(watch.idle)
    watch.stop()
    code = (
        "import sys; from phiscan.store import Store; Store.open(sys.argv[1], create=True).close(); "
        "print([name for name in sys.modules if name.startswith('alembic')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, watch.config["store"]],
        cwd=ROOT, env=environment(watch.home), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "[]\n"
