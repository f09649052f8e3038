"""Folders that are renamed or moved between roots, and uploads that take longer than anybody waits for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from phiscan.content import recognizers_folder
from phiscan.daemon.examine import Examiner, Told
from phiscan.expose.zones import Zones
from phiscan.model import Level
from phiscan.recognize.load import load_ruleset
from phiscan.source.walk import place_of
from phiscan.source.watch import Hint
from phiscan.store import Store, incidents, ledger
from phiscan.store.ledger import entry_of
from tests.alert.book import Desk, facts, rules
from tests.watching import Watch, table, until

Make = Callable[..., Watch]


def settled(watch: Watch, name: str) -> bool:
    """Whether all that lies in the folder `name`, and nothing else, has an open incident, and all has been said."""
    found = [one for one in watch.incidents() if one.open]
    return len(found) == 6 and all(f"/{name}/" in one.shown for one in found) and watch.idle() and not watch.unsent()


def test_a_renamed_folder_is_not_told_as_over(made: Make) -> None:
    watch = made(watch=["srv", "autre"], alerts={"file": {"path": "alerts.jsonl"}, "group_wait": 10})
    (watch.home / "autre").mkdir()
    (watch.home / "autre").chmod(0o755)
    watch.start()
    folder = watch.home / "neuf"
    for number in range(6):
        (folder / f"{number}/fond").mkdir(parents=True)
        (folder / f"{number}/fond/a.csv").write_text(table(number // 2))  # each has a copy
    folder.rename(watch.srv / "neuf")
    until(lambda: settled(watch, "neuf"), watch.states)
    first = {one.id: one.shown for one in watch.incidents()}
    (watch.srv / "neuf").rename(watch.srv / "z")
    until(lambda: settled(watch, "z"), watch.states)
    (watch.srv / "z").rename(watch.home / "autre/y")  # the root that is walked first has lost it
    until(lambda: settled(watch, "y"), watch.states)
    moved = {one.id: one.shown for one in watch.incidents()}
    assert moved == {id_: shown.replace("/srv/neuf/", "/autre/y/") for id_, shown in first.items()}
    (watch.home / "autre/y/0/fond/a.csv").unlink()
    until(lambda: [one.state for one in watch.incidents()].count("resolved") == 1)
    until(lambda: not watch.unsent())
    last = [(one["kind"], one["resolved"]) for one in watch.messages()][-1]
    assert [one["kind"] for one in watch.messages()[:-1]].count("resolved") == 0
    assert last == ("resolved", 1)
    assert watch.events("internal error") == 0


def test_who_could_read_a_file_that_has_gone_since_is_not_asked(store: Store, tmp_path: Path) -> None:
    desk = Desk(store)
    examiner = Examiner(load_ruleset([recognizers_folder()]), rules(), Zones(()), desk.book)
    tmp_path.chmod(0o755)
    (tmp_path / "a").mkdir()
    (tmp_path / "a/a.csv").write_text("x")
    place = place_of(bytes(tmp_path / "a/a.csv"), (tmp_path / "a/a.csv").lstat())
    with store.write() as connection:
        root = ledger.root_of(connection, bytes(tmp_path))
        entry = replace(entry_of(root.id, place, Level.SHARED), status="scanned", facts=facts(Level.SHARED, 3, "hiv"))
        entry = replace(entry, content="k1:a", read=place.mtime_ns / 1e9 + 10)
        entry = replace(entry, id=ledger.put(connection, entry))
        (tmp_path / "a").rename(tmp_path / "b")
        later = replace(place, ctime_ns=place.ctime_ns + 1)
        assert not examiner.look(connection, root, later, entry, Hint.RIGHTS, Told())
        exposure = examiner.exposure(root, later)
        assert exposure.level is Level.UNKNOWN
        assert examiner.judge_again(connection, root, entry, exposure, Told()) == []
        assert ledger.get(connection, root.id, place.path) == entry  # and neither has it an incident
        assert incidents.listed(connection) == []
    assert examiner.unknown == {}  # the folder is no gap either


def test_an_upload_that_outlasts_all_patience(made: Make) -> None:
    watch = made()
    watch.times |= {"partial": 0.5}
    watch.start()
    lines = table(1, rows=60).splitlines(keepends=True)
    with (watch.srv / "long.csv").open("w") as file:
        file.writelines(lines[:4])
        file.flush()
        until(lambda: watch.states())
        for line in lines[4:]:
            file.write(line)
            file.flush()
            time.sleep(0.07)  # never still for long enough
    until(lambda: [one.facts.persons for one in watch.incidents()] == [60])
    assert watch.events("internal error") == 0
