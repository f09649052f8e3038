"""`phiscan purge`, and what the daemon purges by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phiscan.store.schema import meta
from tests.running import phiscan
from tests.servers import database
from tests.watching import Watch, table, until

Make = Callable[..., Watch]


def ended(watch: Watch) -> None:
    """Have a daemon find two tables that go again, one of them qualified by a person, and a third that stays."""
    (watch.srv / "pub").mkdir()
    for seed, name in enumerate(("a", "b", "c")):
        (watch.srv / f"pub/{name}.csv").write_text(table(seed))
    watch.start()
    until(lambda: watch.idle() and len(watch.states()) == 3 and watch.unsent() == 0)
    until(lambda: watch.events("covered") == 1 and watch.events("purged") == 1)
    numbers = {Path(one.shown).name: str(one.id) for one in watch.incidents()}
    assert run(watch, "incidents", "qualify", numbers["a.csv"], "--as", "not_a_breach", "--reason", "r")[::2] == (0, "")
    for name in ("a", "b"):
        (watch.srv / f"pub/{name}.csv").unlink()
    until(lambda: [one.state for one in watch.incidents()].count("resolved") == 2 and watch.unsent() == 0)
    watch.stop()


def run(watch: Watch, *arguments: str, lang: str = "en") -> tuple[int, str, str]:
    done = phiscan(*arguments, "-c", str(watch.write()), cwd=watch.home, PHISCAN_LANGUAGE=lang)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_the_command(made: Make) -> None:
    watch = made()
    ended(watch)
    assert run(watch, "purge") == (0, "Nothing is old enough to be deleted.\n", "")
    database_ = watch.home / "state/phiscan.db"
    held = b"".join(file.read_bytes() for file in database_.parent.glob("phiscan.db*"))
    assert b"pub/a.csv" in held
    watch.config["retention"] = {"closed_incidents": "0s", "fingerprints": "0s"}
    status, out, err = run(watch, "purge", lang="fr")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "1 incident clos effacé",
        "3 événements effacés",
        "empreintes de personnes effacées pour 1 contenu",
        "1 incident clos depuis longtemps reste\u202f: à qualifier ou à notifier (phiscan incidents qualify)",
    ]
    assert watch.states() == {
        "pub/b.csv": [("public.identified-health", "resolved")],
        "pub/c.csv": [("public.identified-health", "new")],
    }
    held = b"".join(file.read_bytes() for file in database_.parent.glob("phiscan.db*"))
    assert b"pub/a.csv" not in held  # on the disk neither
    assert b"pub/b.csv" in held
    status, out, err = run(watch, "purge", "-f", "json")
    data: dict[str, Any] = json.loads(out)
    assert (status, err, data["schema"], data["kept_incidents"]) == (0, "", "phiscan.purge/1", 1)
    assert set(data["deleted"].values()) == {0}


def test_it_needs_a_store_and_a_configuration_that_holds(made: Make) -> None:
    watch = made()
    status, out, err = run(watch, "purge")
    assert (status, out, err.count("\n"), "no phiscan store here" in err) == (2, "", 1, True)
    status, out, err = run(watch, "purge", "-f", "xml")
    assert (status, out, err.count("\n")) == (2, "", 1)
    watch.config["retention"] = {"audit": "soon"}
    status, out, err = run(watch, "purge")
    assert (status, out, err.count("\n"), "retention.audit" in err) == (2, "", 1, True)


def test_help(tmp_path: Path) -> None:
    done = phiscan("purge", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "phiscan purge -c /etc/phiscan/phiscan.yaml -f json" in done.stdout.decode()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_daemon_does_it_by_itself(made: Make, request: pytest.FixtureRequest, kind: str) -> None:
    store = {"store": database(request.getfixturevalue("server"), "purge")} if kind == "postgresql" else {}
    watch = made(**store)
    ended(watch)
    with watch.store() as opened, opened.write() as connection:
        connection.execute(meta.delete().where(meta.c.name == "purged"))  # as if that had been yesterday
    watch.config["retention"] = {"closed_incidents": "0s", "fingerprints": "0s"}
    watch.start()
    until(lambda: watch.events("purged") == 2)
    counts = ("incidents", "events", "fingerprints")
    found = [[one.get(name, 0) for name in counts] for one in watch.logged() if one["event"] == "purged"]
    assert found == [[0, 0, 0], [1, 3, 1]]
    assert sorted(watch.states()) == ["pub/b.csv", "pub/c.csv"]
    (watch.srv / "pub/d.csv").write_text(table(4))
    until(lambda: "pub/d.csv" in watch.states())
