"""The daemon asks, the helper acts, the daemon sees what has become of it: three processes and a store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import PATIENTS, ROOT, environment, phiscan
from tests.watching import Watch, until


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Yield a daemon that quarantines what is public, not started yet."""
    with tempfile.TemporaryDirectory(prefix="phiscan-watch-") as folder:
        os.chmod(folder, 0o755)
        one = Watch(Path(folder), response={"public.identified-health": "quarantine"})
        one.times |= {"walk": 0.5}
        (one.srv / "pub").mkdir()
        yield one
        one.close()


def run(watch: Watch, *command: str) -> tuple[int, str]:
    """Run a command of phiscan; the file system ends at the watched folder."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.respond", str(watch.srv), "-", *command],
        cwd=ROOT,
        env=environment(watch.home) | {"PHISCAN_CONFIG": str(watch.home / "phiscan.yaml")},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == b""
    return done.returncode, done.stdout.decode()


def test_from_the_arrival_to_quarantine_and_back(watch: Watch) -> None:
    watch.start()
    place = watch.srv / "pub/a.csv"
    place.write_text(PATIENTS, "utf-8")
    until(lambda: watch.states() == {"pub/a.csv": [("public.identified-health", "new")]}, watch.states)
    assert run(watch, "incidents", "respond", "--once")[0] == 0
    assert place.exists()
    assert run(watch, "incidents", "respond", "--once", "--apply")[0] == 0
    assert not place.exists()
    until(lambda: [one.resolution for one in watch.incidents()] == ["quarantined"], watch.states)
    # It lies in the watched folder, and is neither read nor forgotten: the walk says that it was left out.
    walked = watch.events("covered")
    until(lambda: watch.events("covered") > walked + 1)
    assert watch.ledger() == {}
    done = phiscan("coverage", "-f", "json", cwd=watch.home, PHISCAN_CONFIG="phiscan.yaml")
    (record,) = json.loads(done.stdout)["walks"]
    left_out = {"path": f"{watch.srv}/.phiscan-quarantine", "pattern": ".phiscan-quarantine/", "by": "default"}
    assert (record["excluded"], record["valid"]) == ([left_out], True)
    assert run(watch, "incidents", "restore", "1")[0] == 0
    until(lambda: watch.states() == {"pub/a.csv": [("public.identified-health", "new")]}, watch.states)
    assert "Rien n'attend" in run(watch, "incidents", "respond", "--once", "--apply")[1]
    assert place.read_text("utf-8") == PATIENTS
    kinds = watch.kinds(1)  # which of two processes was first to write is nobody's matter
    assert (kinds[:2], sorted(kinds[-2:])) == (["opened", "responded"], ["reopened", "responded"])
    assert sorted(kinds[2:4]) == ["resolved", "responded"]
    assert len(kinds) == 6
    assert b"GARNIER" not in watch.log.read_bytes()


def test_what_is_open_when_an_action_is_configured(watch: Watch) -> None:
    """An administrator sees the incident first, and decides then."""
    configured = watch.config.pop("response")
    watch.start()
    place = watch.srv / "pub/a.csv"
    place.write_text(PATIENTS, "utf-8")
    until(lambda: watch.states() == {"pub/a.csv": [("public.identified-health", "new")]}, watch.states)
    assert "Rien n'attend" in run(watch, "incidents", "respond", "--once")[1]
    watch.config["response"] = configured
    watch.write()
    assert "#1  quarantaine\u202f: à blanc" in run(watch, "incidents", "respond", "--once")[1]
    assert place.exists()
    assert "#1  quarantaine\u202f: fait" in run(watch, "incidents", "respond", "--once", "--apply")[1]
    assert not place.exists()


def test_a_folder_that_only_has_the_name_hides_nothing(watch: Watch) -> None:
    hiding = watch.srv / "pub/.phiscan-quarantine"
    hiding.mkdir(mode=0o755)
    hiding.chmod(0o755)
    (hiding / "b.csv").write_text(PATIENTS, "utf-8")
    watch.start()
    until(lambda: "pub/.phiscan-quarantine/b.csv" in watch.states(), watch.states)


def test_a_rule_that_there_is_not_stops_the_daemon(watch: Watch) -> None:
    watch.config["response"] = {"public.nothing": "chmod"}
    watch.write()
    done = phiscan("watch", cwd=watch.home, PHISCAN_CONFIG="phiscan.yaml")
    assert (done.returncode, "aucune règle n'a cet identifiant" in done.stderr.decode()) == (2, True)
