"""A planted file is told of as a test and leaves nothing behind; whoever does not register one cannot hide in it."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable

import pytest

from phiscan.daemon import selftest
from phiscan.recognize.validators import nir
from phiscan.store.notes import note
from tests.daemon.test_operation import metrics
from tests.running import phiscan
from tests.servers import database, free_port
from tests.watching import Watch, until

Make = Callable[..., Watch]


@pytest.fixture
def scratch(made: Make) -> Watch:
    """Return a daemon, not started yet, with a public folder for self-tests."""
    watch = made(self_test={"folder": "srv/pub/essais", "within": "100s"})
    (watch.srv / "pub/essais").mkdir(parents=True)
    return watch


def doctor(watch: Watch, language: str = "en") -> tuple[int, list[str]]:
    done = phiscan("doctor", "--self-test", "-c", str(watch.write()), cwd=watch.home, PHISCAN_LANGUAGE=language)
    return done.returncode, (done.stdout + done.stderr).decode().replace("\u202f", " ").splitlines()


def nothing_left(watch: Watch) -> None:
    """Whatever the test has written is gone, and nothing was counted."""
    assert os.listdir(watch.srv / "pub/essais") == []
    assert watch.incidents() == []
    until(lambda: watch.ledger() == {})
    with watch.store() as store, store.read() as connection:
        assert note(connection, selftest.PLAN) is None


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_command(scratch: Watch, request: pytest.FixtureRequest, kind: str) -> None:
    if kind == "postgresql":
        scratch.config["store"] = database(request.getfixturevalue("server"), "selftest")
    scratch.start()
    status, said = doctor(scratch)
    assert (status, len(said)) == (0, 3), said
    assert said[0].startswith("read and judged ")
    assert said[1].startswith("file: accepted after ")
    assert said[2].startswith("self-test passed: ")
    (message,) = scratch.messages()
    assert (message["kind"], message["severity"], message["incidents"], message["place"]) == ("test", "info", [], "")
    nothing_left(scratch)


def test_the_daemon_by_itself(scratch: Watch) -> None:
    port = free_port()
    scratch.config |= {"metrics": f"127.0.0.1:{port}", "self_test": scratch.config["self_test"] | {"every": "6h"}}
    scratch.start()
    until(lambda: scratch.events("self-test") == 1)
    (told,) = [one for one in scratch.logged() if one["event"] == "self-test"]
    assert (told["level"], told["ok"]) == ("info", True)
    until(lambda: metrics(port).get("phiscan_self_test_ok") == 1.0)
    found = metrics(port)
    assert found["phiscan_self_test_seconds"] == told["seconds"]
    assert 0 < time.time() - found["phiscan_self_test_timestamp_seconds"] < 600
    assert found['phiscan_alerts_sent_total{channel="file"}'] == 1.0
    nothing_left(scratch)
    scratch.stop()
    scratch.start()  # it is not time yet
    until(lambda: scratch.events("walked") == 2)
    assert scratch.events("self-test") == 1


def test_a_channel_that_does_not_accept(scratch: Watch) -> None:
    scratch.config["alerts"] |= {"webhook": {"url": f"http://127.0.0.1:{free_port()}/", "format": "json"}}
    scratch.config["self_test"] = {"folder": "srv/pub/essais", "within": "3s"}
    scratch.start()
    status, said = doctor(scratch)
    assert status == 10
    assert len(said) == 4
    assert said[1].startswith("file: accepted after ")
    assert said[2:] == [
        "webhook: not accepted in time",
        "self-test failed: a channel has not accepted the alert within 3 s",
    ]
    nothing_left(scratch)
    again, more = doctor(scratch)
    assert (again, more[2:]) == (status, said[2:])
    until(lambda: scratch.unsent() < 2)  # a channel that comes back does not hear of every test that it missed


def test_a_place_where_nothing_alerts_and_a_daemon_that_is_not_there(scratch: Watch) -> None:
    scratch.config["zones"] = [{"path": "srv/pub", "exposure": "restricted"}]
    scratch.start()
    status, said = doctor(scratch, "fr")
    assert status == 10
    assert said[1:] == ["essai manqué : aucune règle n'alerte à cet endroit ; est-il exposé ?"]
    nothing_left(scratch)
    scratch.stop()
    scratch.config["self_test"] = {"folder": "srv/pub/essais", "within": "0.2s"}
    status, said = doctor(scratch)
    assert (status, said) == (10, ["self-test failed: the daemon has not read the file within 0.2 s; is it running?"])
    assert os.listdir(scratch.srv / "pub/essais") == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "self_test.folder: no folder where the test file can be planted"),
        ({"folder": "elsewhere"}, "elsewhere: this folder is not watched (watch, exclude)"),
        ({"folder": "srv/pub/absent"}, "srv/pub/absent: no such folder"),
    ],
)
def test_what_is_wrong_is_said_first(scratch: Watch, settings: dict[str, str], said: str) -> None:
    scratch.config["self_test"] = settings
    status, lines = doctor(scratch)
    assert (status, len(lines)) == (2, 1)
    assert lines[0].endswith(said)


def test_nobody_hides_a_file_behind_the_name(scratch: Watch) -> None:
    scratch.start()
    content = selftest.synthetic(random.Random(7))
    (scratch.srv / "pub/essais/phiscan-essai-0123456789abcdef.csv").write_bytes(content)
    until(lambda: [one.rule for one in scratch.incidents()] == ["public.identified-health"])


def test_the_people_are_well_formed_and_nobody() -> None:
    rows = [line.split(";") for line in selftest.synthetic(random.Random(3)).decode().splitlines()[1:]]
    assert len({row[0] for row in rows}) == 6
    assert all(nir(row[0]) and 900 <= int(row[0][7:10]) <= 989 and row[0][5:7] == "75" for row in rows)
    assert json.dumps(rows).count("ESSAI") == 6
