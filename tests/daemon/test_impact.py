"""`phiscan check --impact`: what would be read and judged again, from the store alone."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from phiscan.model import Level
from phiscan.store import Store, backlog, ledger
from phiscan.store.backlog import SMALL, Amount, Rate
from phiscan.store.ledger import Pending
from tests.daemon.test_pace import RECOGNIZER
from tests.running import phiscan
from tests.servers import database
from tests.store.test_ledger import FACTS, place
from tests.watching import Watch, table, until

Make = Callable[..., Watch]
RULE = """\
id: site.three
version: 1
severity: medium
title: {fr: Trois, en: Three}
advice: {fr: Voir, en: Look}
when: {persons_at_least: 3}
examples:
  match: [{exposure: public, facts: {persons: 3}}, {exposure: shared, facts: {persons: 4}}]
  no_match: [{exposure: public, facts: {persons: 2}}, {exposure: public, facts: {}}]
"""


def impact(watch: Watch, *more: str, language: str = "fr") -> tuple[int, str]:
    done = phiscan(
        "check", "--impact", "-c", str(watch.write()), *more, cwd=watch.home, PHISCAN_LANGUAGE=language
    )
    assert done.stderr == b""
    return done.returncode, done.stdout.decode().replace("\u202f", " ")


def parsed(watch: Watch, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(impact(watch, "-f", "json", *more)[1])
    return found


NOTHING = {"files": 0, "bytes": 0, "by_exposure": {}}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_changed_recognizers_and_rules(made: Make, request: pytest.FixtureRequest, kind: str) -> None:
    config = {} if kind == "sqlite" else {"store": database(request.getfixturevalue("server"), "impact")}
    watch = made(**config)
    sizes = {}
    for folder, names in (("pub", ["a", "b"]), ("prive", ["c"])):
        (watch.srv / folder).mkdir()
        for name in names:
            (watch.srv / folder / f"{name}.csv").write_text(table(ord(name)))
            sizes[name] = (watch.srv / folder / f"{name}.csv").stat().st_size
    watch.start()
    until(lambda: watch.events("covered") == 1)
    same = "Rien à relire, rien à rejuger : reconnaisseurs et règles sont ceux de la base.\n"
    assert impact(watch) == (0, same)
    before = parsed(watch)
    assert (before["schema"], before["read_again"]) == ("phiscan.impact/1", NOTHING | {"seconds": 0})
    assert before["measured"]["files"] == 3

    (watch.home / "rule.yaml").write_text(RULE)
    said = parsed(watch, "rule.yaml")  # on trial: not configured
    by = {
        "public": {"files": 2, "bytes": sizes["a"] + sizes["b"]},
        "restricted": {"files": 1, "bytes": sizes["c"]},
    }
    everything = {"files": 3, "bytes": sum(sizes.values()), "by_exposure": by}
    assert said["judged_again"] == everything
    assert said["read_again"] == NOTHING | {"seconds": 0}
    assert said["recognizers"] == before["recognizers"]

    (watch.home / "mine").mkdir()
    (watch.home / "mine/zorglub.yaml").write_text(RECOGNIZER)
    on_trial = parsed(watch, "mine/zorglub.yaml", "rule.yaml")
    assert {**on_trial["read_again"], "seconds": None} == everything | {"seconds": None}
    assert on_trial["judged_again"] == NOTHING  # what is read is judged too
    watch.config["recognizers"] = ["mine"]
    assert parsed(watch)["recognizers"] == on_trial["recognizers"] != before["recognizers"]
    watch.config["limits"] = {"window": ["20:00-07:00"]}
    lines = impact(watch)[1].splitlines()
    assert lines[0] == f"à relire : 3 fichiers, {sum(sizes.values())} o"
    assert lines[1] == f"  public, sans aucun compte : 2 fichiers, {sizes['a'] + sizes['b']} o"
    assert lines[2] == f"  restreint, comptes nommés : 1 fichier, {sizes['c']} o"
    assert lines[3].startswith("durée de lecture estimée : ")
    assert lines[3].endswith("(mesurée sur 3 fichiers)")
    assert lines[4:] == [
        "lecture pendant 77 h par semaine (limits.window) : 1 jour environ",
        "Ce qui sera trouvé arrivera en un seul message par zone.",
    ]
    assert watch.stop()[0] == 0


def test_zones_that_say_more_change_nothing_by_themselves(made: Make) -> None:
    watch = made(zones=[{"path": "srv", "exposure": "public", "owner": "Exploitation"}])
    (watch.srv / "a.csv").write_text(table(1))
    watch.start()
    until(lambda: watch.events("covered") == 1)
    same = "Rien à relire, rien à rejuger : reconnaisseurs et règles sont ceux de la base.\n"
    assert impact(watch) == (0, same)
    watch.config["zones"][0]["owner"] = "Autre"
    assert parsed(watch)["judged_again"]["files"] == 1


def test_it_writes_nothing_and_needs_no_key(made: Make) -> None:
    watch = made()
    (watch.srv / "a.csv").write_text(table(1))
    watch.start()
    until(lambda: watch.events("covered") == 1)
    watch.stop()
    (watch.home / "state/key").rename(watch.home / "key-elsewhere")
    database = sqlite3.connect(watch.home / "state/phiscan.db")
    database.execute("UPDATE ledger SET pending = 3, read = NULL, detect = NULL, rules = NULL, facts = NULL")
    database.execute("DELETE FROM meta WHERE name = 'note.rate'")
    database.commit()
    dump = list(database.iterdump())
    size = (watch.srv / "a.csv").stat().st_size
    os.chmod(watch.srv / "a.csv", 0)
    assert impact(watch, language="en") == (
        0,
        f"never read, waiting: 1 file, {size} B\n  shared, every account: 1 file, {size} B\n"
        "Nothing to read again, nothing to judge again: recognizers and rules are those of the store.\n",
    )
    database.execute("UPDATE ledger SET pending = 2, read = 1, detect = 'others'")
    database.commit()
    assert "how long it takes is not known" in impact(watch, language="en")[1]
    assert parsed(watch)["read_again"]["seconds"] is None
    database.execute("UPDATE ledger SET pending = 3, read = NULL, detect = NULL")
    database.commit()
    assert list(database.iterdump()) == dump
    database.close()
    assert not (watch.home / "state/key").exists()


def test_a_folder_that_is_no_longer_watched_costs_nothing(made: Make) -> None:
    watch = made()
    (watch.srv / "a.csv").write_text(table(1))
    watch.start()
    until(lambda: watch.events("covered") == 1)
    watch.stop()
    (watch.home / "mine").mkdir()
    (watch.home / "mine/zorglub.yaml").write_text(RECOGNIZER)
    (watch.home / "other").mkdir()
    watch.config |= {"recognizers": ["mine"], "watch": ["other"]}
    assert parsed(watch)["read_again"] == NOTHING | {"seconds": 0}


def test_flags(made: Make) -> None:
    watch = made()
    watch.write()
    for more, wrong in ((("-f", "json"), b"--format"), (("--impact", "-f", "csv"), b"--format")):
        done = phiscan("check", "-c", "phiscan.yaml", *more, cwd=watch.home)
        assert (done.returncode, done.stdout, wrong in done.stderr) == (2, b"", True)
    assert phiscan("check", "--impact", "-c", "phiscan.yaml", cwd=watch.home).returncode == 2  # no store yet


def test_amounts(store: Store) -> None:
    with store.write() as connection:
        one, other = (ledger.root_of(connection, path).id for path in (b"/srv", b"/other"))
        rows = [
            (b"/srv/small", 10, Level.PUBLIC, Pending.AGAIN, "d1"),
            (b"/srv/large", SMALL, Level.PUBLIC, None, "d1"),
            (b"/srv/new", 30, Level.SHARED, Pending.FOUND, None),
            (b"/srv/known", 40, Level.SHARED, None, "d2"),
            (b"/srv/gap", 50, Level.RESTRICTED, None, "d1"),
            (b"/other/x", 60, Level.PUBLIC, Pending.FOUND, "d1"),
        ]
        for path, size, level, pending, detect in rows:
            entry = ledger.entry_of(other if path.startswith(b"/other") else one, place(path), level, pending)
            read = {"detect": detect, "read": 1.0, "rules": "r1"} if detect else {}
            facts = {"facts": FACTS} if detect and b"gap" not in path else {}
            ledger.put(connection, _with(entry, size=size, **read, **facts))
        assert backlog.waiting(connection, [one]) == Amount(2, 40, 2, 0)
        assert backlog.waiting(connection, [one, other]) == Amount(3, 100, 3, 0)
        assert backlog.read_otherwise(connection, [one], "d2") == {
            Level.PUBLIC: Amount(2, 10 + SMALL, 1, SMALL),
            Level.RESTRICTED: Amount(1, 50, 1, 0),
        }
        assert backlog.judged_otherwise(connection, [one], "d2", "r2") == {Level.SHARED: Amount(1, 40, 1, 0)}
        assert backlog.judged_otherwise(connection, [one], "d2", "r1") == {}
        assert backlog.unread(connection, [one]) == {Level.SHARED: Amount(1, 30, 1, 0)}


def _with(entry: ledger.Entry, **values: Any) -> ledger.Entry:
    from dataclasses import replace

    return replace(entry, **values)


def test_what_reading_costs(store: Store) -> None:
    rate = Rate()
    much = Amount(100 + 1, 100 + 10 * SMALL, 100, 10 * SMALL)
    assert (rate.seconds(much, 2), rate.seconds(Amount(), 2)) == (None, 0.0)
    for _ in range(50):
        rate.read(100, 0.5)
    assert rate.seconds(Amount(100, 1, 100, 0), 2) == pytest.approx(25.0)
    assert rate.seconds(Amount(1, SMALL, 0, SMALL), 1) == pytest.approx(1.0)  # as two small ones
    rate.read(4 * SMALL, 8.0)
    assert rate.seconds(much, 2) == pytest.approx(25.0 + 10.0)
    assert rate.seconds(much, 2, bandwidth=SMALL // 10) == pytest.approx(much.bytes / (SMALL // 10))
    with store.write() as connection:
        assert backlog.rate(connection) == Rate()
        backlog.keep_rate(connection, rate)
        assert backlog.rate(connection) == rate
        assert rate.fresh is False
