"""The daemon on a real tree: whatever happens to files, the incidents come out exactly."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.running import CLEAN, ROOT, bound_by_rights, environment
from tests.watching import Watch, table, until

PUBLIC, SHARED = "public.identified-health", "shared.identified-health"
Make = Callable[..., Watch]


def test_however_a_file_arrives(watch: Watch) -> None:
    srv, outside = watch.srv, watch.home / "outside"
    outside.mkdir()
    (srv / "ecrit.csv").write_text(table(1))
    (outside / "a.csv").write_text(table(2))
    (outside / "a.csv").rename(srv / "deplace.csv")
    (outside / "b.csv").write_text(table(3))
    os.link(outside / "b.csv", srv / "lie.csv")
    (srv / ".tmp.XyZ").write_text(table(4))
    (srv / ".tmp.XyZ").rename(srv / "renomme.csv")
    (srv / b"r\xe9sultats.csv".decode("utf-8", "surrogateescape")).write_text(table(5))
    (outside / "arbre/a/b/c").mkdir(parents=True)
    (outside / "arbre/a/b/c/profond.csv").write_text(table(6))
    (outside / "arbre").rename(srv / "arbre")
    shutil.copytree(srv / "arbre", srv / "copie")
    (srv / "depose").mkdir()
    (srv / "depose/export.csv.part").write_text(table(7))
    (srv / "propre.txt").write_text(CLEAN)
    os.mkfifo(srv / "tube.csv")
    (srv / "vers").symlink_to(outside / "b.csv")
    names = {
        "ecrit.csv", "deplace.csv", "lie.csv", "renomme.csv", "r\\xe9sultats.csv", "arbre/a/b/c/profond.csv",
        "copie/a/b/c/profond.csv", "depose/export.csv.part",
    }  # fmt: skip
    expected = {name: [(SHARED, "new")] for name in names}
    until(lambda: watch.states() == expected, watch.states)
    shown = {name.replace("\\xe9", "\udce9") for name in names} | {"propre.txt"}
    until(lambda: watch.ledger() == dict.fromkeys(shown, "scanned"), watch.ledger)
    assert {one.facts.persons for one in watch.incidents()} == {3}


def test_what_came_while_nobody_watched(made: Make) -> None:
    watch = made()
    (watch.srv / "pub").mkdir()
    (watch.srv / "avant.csv").write_text(table(1))
    watch.start()
    until(lambda: watch.states() == {"avant.csv": [(SHARED, "new")]})
    until(lambda: [one["kind"] for one in watch.messages()] == ["initial"])
    watch.stop()
    (watch.srv / "pub/pendant.csv").write_text(table(2))
    (watch.srv / "avant.csv").unlink()
    watch.start()
    expected = {"avant.csv": [(SHARED, "resolved")], "pub/pendant.csv": [(PUBLIC, "new")]}
    until(lambda: watch.states() == expected)
    until(lambda: {one["kind"] for one in watch.messages()} == {"initial", "alert", "resolved"})


def test_unchanged_content_is_not_read_again(watch: Watch) -> None:
    for number in range(5):
        (watch.srv / f"{number}.csv").write_text(table(number))
    until(lambda: len(watch.states()) == 5)
    first = {one.id: one.last_seen for one in watch.incidents()}
    watch.stop()
    for number in range(5):  # a worker that opened one now would find nobody
        status = os.stat(watch.srv / f"{number}.csv")
        assert status.st_atime_ns <= status.st_mtime_ns + 10**10
    walked = watch.events("walked")
    watch.start()
    (watch.srv / "neuf.csv").write_text(table(9))
    until(lambda: len(watch.states()) == 6 and watch.events("walked") > walked)
    assert {one.id: one.last_seen for one in watch.incidents() if one.id in first} == first


def test_rights_are_judged_again_without_reading(watch: Watch) -> None:
    file = watch.srv / "a.csv"
    (watch.srv / "dossier").mkdir()
    (watch.srv / "dossier/b.csv").write_text(table(2))
    file.write_text(table(1))
    until(lambda: watch.states() == {"a.csv": [(SHARED, "new")], "dossier/b.csv": [(SHARED, "new")]})
    file.chmod(0o600)
    (watch.srv / "dossier").chmod(0o700)
    shut = {"a.csv": [(SHARED, "resolved")], "dossier/b.csv": [(SHARED, "resolved")]}
    until(lambda: watch.states() == shut)
    assert {one.resolution for one in watch.incidents()} == {"unexposed"}
    (watch.srv / "dossier").chmod(0o755)
    until(lambda: watch.states()["dossier/b.csv"] == [(SHARED, "new")])
    watch.srv.chmod(0o750)  # nobody gets in any more, and no event tells it
    until(lambda: watch.states() == shut)
    inner = next(one.id for one in watch.incidents() if one.shown.endswith("b.csv"))
    assert watch.kinds(inner) == ["opened", "resolved", "reopened", "resolved"]


def test_a_renamed_file_takes_its_incident_along_and_a_copy_inherits(watch: Watch) -> None:
    from phiscan.incidents.deciding import acknowledge

    (watch.srv / "pub").mkdir()
    (watch.srv / "pub/a.csv").write_text(table(1))
    until(lambda: watch.states() == {"pub/a.csv": [(PUBLIC, "new")]})
    with watch.store() as store, store.write() as connection:
        acknowledge(connection, 1, "moi", 1.0)
    (watch.srv / "pub/a.csv").rename(watch.srv / "pub/b.csv")
    until(lambda: watch.states() == {"pub/b.csv": [(PUBLIC, "acknowledged")]})
    shutil.copy(watch.srv / "pub/b.csv", watch.srv / "pub/c.csv")
    expected = {"pub/b.csv": [(PUBLIC, "acknowledged")], "pub/c.csv": [(PUBLIC, "acknowledged")]}
    until(lambda: watch.states() == expected)
    assert watch.kinds(2) == ["opened", "inherited"]


def test_moved_between_zones(watch: Watch) -> None:
    for name in ("pub", "prive"):
        (watch.srv / name).mkdir()
    (watch.srv / "prive/a.csv").write_text(table(1))
    until(lambda: watch.ledger() == {"prive/a.csv": "scanned"})
    assert watch.states() == {}
    (watch.srv / "prive/a.csv").rename(watch.srv / "pub/a.csv")
    until(lambda: watch.states() == {"pub/a.csv": [(PUBLIC, "new")]})
    (watch.srv / "pub/a.csv").rename(watch.srv / "prive/a.csv")
    until(lambda: watch.states() == {"pub/a.csv": [(PUBLIC, "resolved")]})
    until(lambda: watch.ledger() == {"prive/a.csv": "scanned"})


def test_a_folder_moved_away_and_one_that_is_deleted(watch: Watch) -> None:
    for name in ("un", "deux/trois"):
        (watch.srv / name).mkdir(parents=True)
        (watch.srv / name / "a.csv").write_text(table(1))
    until(lambda: len(watch.states()) == 2)
    (watch.srv / "un").rename(watch.home / "ailleurs")
    shutil.rmtree(watch.srv / "deux")
    until(lambda: {rules[0][1] for rules in watch.states().values()} == {"resolved"})
    (watch.home / "ailleurs/b.csv").write_text(table(2))  # no longer ours
    (watch.srv / "c.csv").write_text(table(3))
    until(lambda: watch.ledger() == {"c.csv": "scanned"})
    assert set(watch.states()) == {"un/a.csv", "deux/trois/a.csv", "c.csv"}


def test_an_upload_in_progress_is_read_until_it_is_whole(watch: Watch) -> None:
    lines = table(1, rows=40).splitlines(keepends=True)
    (watch.srv / "pub").mkdir()
    for number in range(0, len(lines), 4):
        with (watch.srv / "pub/lent.csv").open("a") as file:
            file.writelines(lines[number : number + 4])
        until(lambda: watch.ledger().get("pub/lent.csv") is not None)
    until(lambda: [(one.facts.persons, one.complete, one.state) for one in watch.incidents()] == [(40, True, "new")])
    with (watch.srv / "pub/ouvert.csv").open("w") as file:
        file.write(table(3))
        file.flush()
        until(lambda: "pub/ouvert.csv" in watch.states())  # not closed yet: it has held still long enough
        file.write(table(4).split("\n", 1)[1])
    until(lambda: [one.facts.persons for one in watch.incidents()] == [40, 6])


def test_a_file_that_changes_is_what_it_is_now(watch: Watch) -> None:
    file = watch.srv / "a.csv"
    file.write_text(table(1))
    until(lambda: watch.states() == {"a.csv": [(SHARED, "new")]})
    file.write_text(CLEAN)
    until(lambda: watch.states() == {"a.csv": [(SHARED, "resolved")]})
    assert [one.resolution for one in watch.incidents()] == ["changed"]
    file.write_text(table(1) + table(2).split("\n", 1)[1])
    until(lambda: [(one.state, one.facts.persons) for one in watch.incidents()] == [("new", 6)])
    assert watch.kinds(1) == ["opened", "resolved", "reopened"]


def test_a_root_that_goes_and_comes_back(watch: Watch) -> None:
    (watch.srv / "a.csv").write_text(table(1))
    until(lambda: watch.states() == {"a.csv": [(SHARED, "new")]})
    watch.srv.rename(watch.home / "demonte")
    watch.srv.mkdir()  # as an unmounted file system leaves its folder
    until(lambda: not watch_available(watch))
    (watch.srv).rmdir()
    (watch.home / "demonte").rename(watch.srv)
    (watch.srv / "b.csv").write_text(table(2))
    until(lambda: watch.states() == {"a.csv": [(SHARED, "new")], "b.csv": [(SHARED, "new")]})
    assert watch.kinds(1) == ["opened"]
    said = [(one["event"], one["root"]) for one in watch.logged() if one["event"].startswith("root ")]
    assert said == [("root unavailable", str(watch.srv)), ("root available", str(watch.srv))]


def watch_available(watch: Watch) -> bool:
    """Whether the daemon has not said yet that the root is gone."""
    return watch.events("root unavailable") == 0


def test_what_is_excluded_is_not_looked_at(made: Make) -> None:
    watch = made(exclude=["*.iso", "/sauve/"])
    watch.start()
    for name in ("sauve", ".snapshot/hier", "tri"):
        (watch.srv / name).mkdir(parents=True)
    (watch.srv / "tri/.phiscanignore").write_text("caché.csv\n")
    for name in ("disque.iso", "sauve/a.csv", ".snapshot/hier/a.csv", "tri/caché.csv", "tri/a.csv"):
        (watch.srv / name).write_text(table(1))
    until(lambda: watch.ledger() == {"tri/a.csv": "scanned", "tri/.phiscanignore": "scanned"})
    assert set(watch.states()) == {"tri/a.csv"}


def test_what_cannot_be_read_is_a_gap_until_it_can(made: Make) -> None:
    watch = made()
    file = watch.srv / "a.csv"
    file.write_text(table(1))
    file.chmod(0o200)
    os.chown(file, 12345, 12345)
    watch.start(first=bound_by_rights)
    until(lambda: watch.ledger() == {"a.csv": "gap"}, watch.ledger)
    file.chmod(0o604)
    until(lambda: watch.ledger() == {"a.csv": "scanned"})
    until(lambda: watch.states() == {"a.csv": [(SHARED, "new")]})


def test_what_is_out_of_reach_is_not_gone(made: Make) -> None:
    watch = made()
    folder = watch.srv / "d"
    folder.mkdir()
    (folder / "a.csv").write_text(table(1))
    os.chown(folder, 12345, 12345)
    watch.start(first=bound_by_rights)
    until(lambda: watch.states() == {"d/a.csv": [(SHARED, "new")]})
    folder.chmod(0o700)
    watch.stop()
    (folder / "b.csv").write_text(table(2))
    walked = watch.events("covered")
    watch.start(first=bound_by_rights)
    until(lambda: watch.events("covered") > walked)
    assert watch.states() == {"d/a.csv": [(SHARED, "new")]}
    folder.chmod(0o755)
    until(lambda: set(watch.states()) == {"d/a.csv", "d/b.csv"})
    assert watch.kinds(1) == ["opened"]


REFUSED = {
    "alerts": {"slack": {"webhook_url_file": "gone"}},
    "test_persons": "gone.csv",
    "key_file": "gone/key",
    "store": "sqlite:////proc/phiscan.db",
    "rules": ["gone"],
}


def test_signals(watch: Watch) -> None:
    (watch.srv / "a.csv").write_text(table(1))
    until(lambda: len(watch.states()) == 1)
    watch.config["zones"] = [{"path": "srv", "exposure": "restricted"}]
    good = dict(watch.config)
    watch.write()
    assert watch.process is not None
    watch.process.send_signal(signal.SIGHUP)
    until(lambda: watch.states() == {"a.csv": [(SHARED, "resolved")]})
    (watch.home / "phiscan.yaml").write_text("watch: 12\n")
    watch.process.send_signal(signal.SIGHUP)
    until(lambda: watch.events("configuration refused") == 1)
    for number, (key, value) in enumerate(REFUSED.items(), 2):  # what a daemon would not begin with ends none
        watch.config |= {key: value}
        watch.write()
        watch.process.send_signal(signal.SIGHUP)
        until(lambda number=number: watch.events("configuration refused") == number)  # type: ignore[misc]
        watch.config = dict(good)
    watch.write()
    (watch.srv / "b.csv").write_text(table(2))
    until(lambda: watch.ledger() == {"a.csv": "scanned", "b.csv": "scanned"}, watch.ledger)
    status, took = watch.stop()
    assert status == 0
    assert took < 5


def test_changed_rules_judge_again_without_reading(made: Make, home: Path) -> None:
    watch = made()
    (watch.srv / "a.csv").write_text(table(1))
    (watch.srv / "b.txt").write_text(CLEAN)
    watch.start()
    until(lambda: watch.idle() and watch.states() == {"a.csv": [(SHARED, "new")]})
    watch.stop()
    (home / "rules").mkdir()
    (home / "rules/mine.yaml").write_text(
        "id: site.three\nversion: 1\nseverity: medium\n"
        "title: {fr: Trois, en: Three}\nadvice: {fr: Voir, en: Look}\n"
        "when: {persons_at_least: 3}\n"
        "examples:\n  match: [{exposure: public, facts: {persons: 3}}, {exposure: shared, facts: {persons: 4}}]\n"
        "  no_match: [{exposure: public, facts: {persons: 2}}, {exposure: public, facts: {}}]\n"
    )
    os.chmod(watch.srv / "a.csv", 0o644)
    watch.config["rules"] = ["rules"]
    watch.start()
    until(lambda: watch.states() == {"a.csv": [(SHARED, "new"), ("site.three", "new")]})
    read = [one for one in watch.logged() if one["event"] == "incident"]
    assert len(read) == 1  # nothing was read for the second


def test_one_daemon_a_store(watch: Watch) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "phiscan", "watch", "-c", str(watch.home / "phiscan.yaml")],
        cwd=ROOT, env=environment(watch.home), capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert b"phiscan watch" in done.stderr


def test_a_large_table_is_told_of_before_it_has_been_counted(watch: Watch) -> None:
    rows = 360_000
    (watch.srv / "pub").mkdir()
    (watch.home / "export.csv").write_text(table(1, rows))
    assert (watch.home / "export.csv").stat().st_size > 16 << 20
    (watch.home / "export.csv").rename(watch.srv / "pub/export.csv")
    until(lambda: [one.complete for one in watch.incidents()] == [True])
    (found,) = watch.incidents()
    assert (found.facts.persons, found.facts.exact, watch.kinds(1)) == (rows, True, ["opened", "grown"])
    until(lambda: [one["persons"]["exact"] for one in watch.messages()] == [False, True])
    first, last = watch.messages()
    assert 0 < first["persons"]["count"] < last["persons"]["count"] == rows
