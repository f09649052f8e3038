"""Zones that say what they are for, through the daemon: what lies outside, past its date, or where it may not."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pyzipper

from tests.watching import PATIENTS, Watch, until

TODAY = date.today()  # the clock on the wall reminds people; what is over, a calendar in a file says
SOON = TODAY + timedelta(days=1)
HEALTH = "restricted.identified-health"


def declared(made: Callable[..., Watch], home: Path, **zone: object) -> Watch:
    """Return a daemon that is not started, on a share with one declared zone, in which only its owner may read."""
    mine = {"path": "srv/labo", "owner": "Exploitation", "contact": "ops@example.org", **zone}
    watch = made(zones=[mine, {"path": "srv/ailleurs", "exposure": "restricted"}])
    for folder in ("labo", "ailleurs"):
        (watch.srv / folder).mkdir()
        (watch.srv / folder).chmod(0o700)
    (home / "today").write_text(TODAY.isoformat())
    watch.times["calendar"] = str(home / "today")  # type: ignore[assignment]  # a path, read in the daemon
    return watch


def put(place: Path, content: str = PATIENTS) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.parent.chmod(0o700)
    place.write_text(content, "utf-8")
    place.chmod(0o600)
    return place


def test_health_data_outside_every_zone(made: Callable[..., Watch], home: Path) -> None:
    watch = declared(made, home, purpose="résultats du labo")
    put(watch.srv / "labo/a.csv")
    put(watch.srv / "nouveau/b.csv")
    put(watch.srv / "nouveau/c.txt", "La sauvegarde de la nuit s'est bien passée.\n")
    watch.start()
    until(lambda: watch.states() == {"nouveau/b.csv": [("zone.undeclared", "new")]}, watch.states)
    until(lambda: [one["rules"] for one in watch.messages()] == [[{"id": "zone.undeclared", "version": 1}]])
    # Declared by now: judged again, without reading.
    watch.config["zones"].append({"path": "srv/nouveau", "purpose": "résultats d'un autre labo"})
    watch.stop()
    read = watch.log.read_text().count('"event": "incident"')
    watch.start()
    until(lambda: watch.states() == {"nouveau/b.csv": [("zone.undeclared", "resolved")]}, watch.states)
    assert watch.log.read_text().count('"event": "incident"') == read


def test_without_declarations_nothing_is_undeclared(made: Callable[..., Watch]) -> None:
    watch = made(zones=[{"path": "srv/prive", "exposure": "restricted"}])
    put(watch.srv / "nouveau/b.csv")
    watch.start()
    until(lambda: watch.ledger() == {"nouveau/b.csv": "scanned"}, watch.ledger)
    assert watch.states() == {}


def test_more_than_a_zone_is_meant_for(made: Callable[..., Watch], home: Path) -> None:
    watch = declared(made, home, purpose="rendez-vous", allow=["person_name", "birth_date", "phone"])
    put(watch.srv / "labo/trop.csv")
    put(watch.srv / "labo/bien.csv", "NOM;PRENOM;DATE_NAISSANCE\nGARNIER;Lucie;12/03/1985\nLEBRETON;Yann;04/11/1972\n")
    watch.start()
    until(lambda: watch.states() == {"labo/trop.csv": [("zone.not-allowed-sensitive", "new")]}, watch.states)


def test_the_day_comes_while_the_daemon_watches(made: Callable[..., Watch], home: Path) -> None:
    """No file changes: it is the date that does."""
    watch = declared(made, home, purpose="Migration Labo X", until=SOON.isoformat())
    put(watch.srv / "labo/a.csv")
    put(watch.srv / "labo/lisez-moi.txt", "La sauvegarde de la nuit s'est bien passée.\n")
    put(watch.srv / "ailleurs/c.csv")
    unread = watch.srv / "labo/base.sqlite"
    unread.write_bytes(b"SQLite format 3\x00" + bytes(600))
    unread.chmod(0o600)
    watch.start()
    read = {"labo/a.csv": "scanned", "labo/lisez-moi.txt": "scanned", "ailleurs/c.csv": "scanned"}
    until(lambda: watch.ledger() == {**read, "labo/base.sqlite": "gap"}, watch.ledger)
    assert watch.states() == {}
    (home / "today").write_text((SOON + timedelta(days=1)).isoformat())
    left = ("migration.leftover", "new")
    wanted = {
        "labo/a.csv": [left, ("zone.past-until", "new")],
        "labo/base.sqlite": [left],
        "labo/lisez-moi.txt": [left],
    }
    until(lambda: watch.states() == wanted, watch.states)
    # One message for the zone that its last day is here, then one of the rule that is grave enough; the others are
    # below the minimum.
    told = [("ending", 0), ("alert", 1)]
    until(lambda: [(one["kind"], one["open"]) for one in watch.messages()] == told, watch.messages)
    assert watch.messages()[0]["place"].endswith("/labo")
    # What is taken away is over; what stays, stays.
    (watch.srv / "labo/a.csv").unlink()
    unread.unlink()
    wanted["labo/a.csv"] = [("migration.leftover", "resolved"), ("zone.past-until", "resolved")]
    wanted["labo/base.sqlite"] = [("migration.leftover", "resolved")]
    until(lambda: watch.states() == wanted, watch.states)


def test_the_day_came_while_no_daemon_watched(made: Callable[..., Watch], home: Path) -> None:
    watch = declared(made, home, purpose="Migration Labo X", until=TODAY.isoformat())
    put(watch.srv / "labo/a.csv")
    watch.start()
    until(lambda: watch.ledger() == {"labo/a.csv": "scanned"}, watch.ledger)
    watch.stop()
    (home / "today").write_text((TODAY + timedelta(days=9)).isoformat())
    watch.start()
    wanted = [("migration.leftover", "new"), ("zone.past-until", "new")]
    until(lambda: watch.states() == {"labo/a.csv": wanted}, watch.states)
    # The date is put off: nothing is wrong any more.
    watch.stop()
    watch.config["zones"][0]["until"] = (TODAY + timedelta(days=30)).isoformat()
    watch.start()
    until(lambda: {state for _, state in watch.states()["labo/a.csv"]} == {"resolved"}, watch.states)


def sealed(place: Path, content: bytes) -> Path:
    """Write an archive with AES, all at once."""
    with pyzipper.AESZipFile(f"{place}.part", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"x")
        archive.writestr("export.csv", content)
    os.rename(f"{place}.part", place)
    return place


def test_a_clear_copy_beside_its_encrypted_twin(made: Callable[..., Watch]) -> None:
    """Whichever comes first, and whichever goes."""
    watch = made()
    open_ = watch.srv / "depot"
    open_.mkdir()
    watch.start()
    (open_ / "autre.csv").write_text(PATIENTS, "utf-8")
    (open_ / "export.csv").write_text(PATIENTS, "utf-8")

    def twin(name: str) -> str | None:
        return dict(watch.states().get(f"depot/{name}", [])).get("clear.twin")

    until(lambda: len(watch.states()) == 2, watch.states)
    assert (twin("export.csv"), twin("autre.csv")) == (None, None)
    sealed(open_ / "export.zip", PATIENTS.encode())
    until(lambda: twin("export.csv") == "new", watch.states)
    (open_ / "export.zip").unlink()
    until(lambda: twin("export.csv") == "resolved", watch.states)
    sealed(open_ / "autre_chiffre.zip", PATIENTS.encode())
    until(lambda: twin("autre.csv") == "new", watch.states)
    os.rename(open_ / "autre_chiffre.zip", open_ / "rien.zip")
    until(lambda: twin("autre.csv") == "resolved", watch.states)
