"""A migration from its declaration to the proof that nothing is left, through the daemon and the command."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.running import Done, phiscan
from tests.watching import PATIENTS, Watch, until

YESTERDAY, TOMORROW = (date.today() + timedelta(days=days) for days in (-1, 1))


def told(watch: Watch, *arguments: str) -> Done:
    return phiscan(*arguments, cwd=watch.home, PHISCAN_CONFIG="phiscan.yaml")


def report(watch: Watch) -> tuple[int, dict[str, Any]]:
    done = told(watch, "coverage", "--zone", "srv/labo", "-f", "json")
    assert done.stderr == b""
    return done.returncode, json.loads(done.stdout)


def proof(watch: Watch) -> tuple[int, list[str]]:
    status, said = report(watch)
    assert said["erasure"]["verified"] == (status == 0)
    return status, said["erasure"]["why_not"]


def made_for(made: Callable[..., Watch], **zone: object) -> Watch:
    mine = {"path": "srv/labo", "owner": "Exploitation", "purpose": "migration labo X", "allow": ["nir"], **zone}
    watch = made(zones=[mine])
    watch.times |= {"walk": 0.5, "chores": 0.1}
    (watch.srv / "labo").mkdir()
    return watch


def test_from_the_declaration_to_the_proof(made: Callable[..., Watch]) -> None:
    watch = made_for(made, until=YESTERDAY.isoformat())
    labo = watch.srv / "labo"
    watch.start()
    (labo / "a.csv").write_text(PATIENTS, "utf-8")
    (labo / "b.txt").write_text("La sauvegarde de la nuit s'est bien passée.\n", "utf-8")
    until(lambda: len(watch.states().get("labo/a.csv", ())) == 5 and "labo/b.txt" in watch.states(), watch.states)
    until(lambda: proof(watch) == (3, ["files"]), lambda: proof(watch))
    number = watch.incidents()[0].id
    assert told(watch, "incidents", "ack", str(number)).returncode == 0
    for file in labo.iterdir():
        file.unlink()
    until(lambda: proof(watch) == (0, []), lambda: proof(watch))
    _, said = report(watch)
    assert said["declared"]["purpose"] == "migration labo X"
    assert {name: said["traffic"][name] for name in ("arrived", "departed")} == {"arrived": 2, "departed": 2}
    assert None not in said["traffic"].values()
    assert said["erasure"]["walk"]["started"] >= said["traffic"]["last_departure"]
    # The last walk that met them may have been written down when they were gone: then its persons are of that moment.
    full = [one for one in said["walks"] if one["files"] == 2]
    assert full[0]["persons_at_most"] == full[0]["identified_health_persons_at_most"] == 2
    assert full[0]["exposures"] == {"shared": 2}
    assert (said["walks"][-1]["files"], said["walks"][-1]["valid"]) == (0, True)
    assert {one["resolution"] for one in said["incidents"]} == {"gone"}
    assert [e["event"] for one in said["incidents"] if one["id"] == number for e in one["history"]][1] == "acknowledged"
    spoken = told(watch, "coverage", "--zone", "srv/labo")
    assert "Effacement prouvé" in spoken.stdout.decode()
    # A record that somebody has altered proves nothing.
    watch.stop()
    with sqlite3.connect(watch.home / "state/phiscan.db") as store:
        store.execute("UPDATE walks SET record = replace(record, '\"files\": 0', '\"files\":  0')")
    assert proof(watch) == (3, ["forged"])


def test_what_proves_nothing(made: Callable[..., Watch]) -> None:
    """No walk since the end; an exclusion; a date that has not come; another file system."""
    watch = made_for(made, until=TOMORROW.isoformat())
    watch.start()
    until(lambda: proof(watch)[1] == ["not_over", "no_walk"], lambda: proof(watch))
    watch.stop()
    watch.config["zones"][0]["until"] = YESTERDAY.isoformat()
    watch.config["exclude"] = ["*.iso"]
    (watch.srv / "labo/disque.iso").write_bytes(b"x")
    watch.start()
    until(lambda: proof(watch) == (3, ["excluded"]), lambda: proof(watch))
    (watch.srv / "labo/disque.iso").unlink()
    until(lambda: proof(watch) == (0, []), lambda: proof(watch))
    (watch.srv / "labo/a.csv").write_text(PATIENTS, "utf-8")
    until(lambda: "files" in proof(watch)[1], lambda: proof(watch))
    shutil.rmtree(watch.srv / "labo")
    until(lambda: proof(watch) == (0, []), lambda: proof(watch))  # the folder itself is gone
    with sqlite3.connect(watch.home / "state/phiscan.db") as store:
        device = os.stat(watch.srv).st_dev
        assert store.execute("SELECT count(*) FROM walks WHERE record LIKE ?", (f'%"device": {device}%',)).fetchone()[0]


def test_a_zone_that_nobody_declared_or_watches(made: Callable[..., Watch]) -> None:
    watch = made(zones=[{"path": "ailleurs", "purpose": "migration"}])
    watch.start()
    until(watch.idle)
    for zone, said in (("srv/labo", "aucune zone déclarée ici"), ("ailleurs", "hors des dossiers surveillés")):
        done = told(watch, "coverage", "--zone", zone)
        assert done.returncode == 2
        assert said in done.stderr.decode()
