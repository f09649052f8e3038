"""What an operator sees of the daemon: metrics, heartbeat, systemd, a store that fails for a while."""

from __future__ import annotations

import configparser
import http.server
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from phiscan.config import Config, Heartbeat
from phiscan.daemon import heartbeat, watching
from phiscan.daemon.logs import Log
from phiscan.recognize import compiled
from phiscan.store import outbox
from tests.running import ROOT, need
from tests.servers import database, free_port, web
from tests.store.test_alone import lose
from tests.watching import Watch, table, until

Make = Callable[..., Watch]


def metrics(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        lines = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_metrics(made: Make) -> None:
    port = free_port()
    watch = made(metrics=f"127.0.0.1:{port}")
    watch.start()
    (watch.srv / "a.csv").write_text(table(1))
    (watch.srv / "b.pdf").write_bytes(b"%PDF-1.4 broken")
    expected = {
        'phiscan_files_read_total{outcome="scanned"}': 1.0,
        'phiscan_files_read_total{outcome="gap"}': 1.0,
        'phiscan_alerts_sent_total{channel="file"}': 1.0,
        'phiscan_incidents{of="new"}': 1.0,
        'phiscan_gaps{of="malformed"}': 1.0,
        "phiscan_files_waiting": 0.0,
        "phiscan_folders_watched": 1.0,
        "phiscan_roots_unavailable": 0.0,
        "phiscan_events_lost_total": 0.0,
    }
    until(lambda: {name: metrics(port).get(name) for name in expected} == expected, lambda: metrics(port))
    second = made(metrics=f"127.0.0.1:{port}", store=f"sqlite:///{watch.home}/other/phiscan.db", key_file="other/key")
    second.log = watch.home / "log2"
    second.start()  # without its metrics
    assert second.events("metrics not served: the address is taken or not ours") == 1


def test_metrics_of_a_channel_that_refuses(made: Make) -> None:
    port, refusing = free_port(), free_port()
    watch = made(metrics=f"127.0.0.1:{port}")
    watch.config["alerts"]["webhook"] = {"url": f"http://127.0.0.1:{refusing}/"}
    watch.start()
    none = {f'phiscan_{name}{{of="webhook"}}': 0.0 for name in ("waiting", "waiting_seconds")}
    none |= {f'phiscan_alerts_{name}_total{{channel="webhook"}}': 0.0 for name in ("sent", "refused")}
    until(lambda: {name: metrics(port).get(name) for name in none} == none, lambda: metrics(port))
    (watch.srv / "a.csv").write_text(table(1))
    until(lambda: metrics(port)['phiscan_waiting_seconds{of="webhook"}'] > 1)
    found = metrics(port)
    assert (found['phiscan_waiting{of="webhook"}'], found['phiscan_waiting_seconds{of="file"}']) == (1.0, 0.0)
    with watch.store() as store, store.read() as connection:
        count, _, why = outbox.refused(connection)["webhook"]
    assert (count, why) == (1, "not reached")


def test_no_heartbeat_of_a_daemon_that_can_write_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It turns, so that systemd leaves it alone; but whoever cannot write tells nobody of anything."""
    monkeypatch.setattr(heartbeat, "_STUCK", 0.3)
    calls: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    well = time.monotonic()
    with web(Handler) as port:
        settings = Heartbeat.model_construct(url=SecretStr(f"http://127.0.0.1:{port}/"), url_file=None, every=0.05)
        with heartbeat.beating(settings, lambda: well, Log("error")):
            until(lambda: calls)
            time.sleep(1.0)
            silent = len(calls)
            time.sleep(0.5)
            assert len(calls) == silent
            well = time.monotonic()
            until(lambda: len(calls) > silent)


def test_workers_find_everything_compiled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the account may not write beside the package, as under systemd: the first file would wait for it."""

    class Begun(Exception):
        pass

    def pool(task: Any, *_: object, **__: object) -> Any:
        raise Begun(sorted({"fillers", "cell_fillers", "label_db"} & vars(task.__self__.ruleset).keys()))

    monkeypatch.setattr(compiled, "writable", lambda: False)
    monkeypatch.setattr(watching, "Pool", pool)
    (home / "srv").mkdir()
    config = Config.model_validate(
        {"watch": [str(home / "srv")], "store": f"sqlite:///{home}/state/db", "key_file": str(home / "state/key")}
    )
    with pytest.raises(Begun) as error:
        watching.watch(config, lambda: True, Log("error"))
    assert error.value.args == (["cell_fillers", "fillers", "label_db"],)


def test_heartbeat(made: Make) -> None:
    calls: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with web(Handler) as port:
        watch = made(heartbeat={"url_file": "beat", "every": "1s"})
        (watch.home / "beat").write_text(f"http://127.0.0.1:{port}/t0ken\n")
        watch.start()
        until(lambda: len(calls) >= 3)
        watch.stop()
    assert set(calls) == {"/t0ken"}
    assert "t0ken" not in watch.log.read_text()


def test_systemd_is_told(made: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = made()
    got: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(watch.home / "notify"))
        server.settimeout(60)

        def listen() -> None:
            while not got or got[-1] != "STOPPING=1":
                got.append(server.recv(4096).decode())

        thread = threading.Thread(target=listen)
        thread.start()
        real = __import__("tests.watching", fromlist=["environment"]).environment
        monkeypatch.setattr(
            "tests.watching.environment", lambda home: real(home, NOTIFY_SOCKET=str(watch.home / "notify"))
        )
        watch.start()
        until(lambda: len(got) > 1)  # the end may come before the first turn
        watch.stop()
        thread.join(60)
    assert (got[0], got[1].split("\n")[0], got[-1]) == ("READY=1", "WATCHDOG=1", "STOPPING=1")


def test_a_store_that_is_held_by_somebody_else_for_a_while(made: Make) -> None:
    watch = made()
    watch.start()
    until(watch.idle)
    walked = watch.events("walked")
    other = sqlite3.connect(watch.home / "state/phiscan.db", isolation_level=None, timeout=60)
    other.execute("BEGIN IMMEDIATE")
    (watch.srv / "a.csv").write_text(table(1))
    (watch.srv / "b.csv").write_text(table(2))
    until(lambda: watch.events("store failed") > 0)
    assert watch.incidents() == []
    other.execute("ROLLBACK")
    until(lambda: {one.shown.rsplit("/")[-1] for one in watch.incidents()} == {"a.csv", "b.csv"})
    assert watch.events("walked") == walked  # nothing had been lost
    other.execute("BEGIN IMMEDIATE")
    (watch.srv / "c.csv").write_text(table(3))
    status, took = watch.stop()
    assert status == 0
    assert took < 5
    other.close()


def test_a_store_that_fails_in_the_middle_loses_nothing(made: Make) -> None:
    watch = made()
    watch.start()
    until(watch.idle)
    watch.stop()
    (watch.home / "neuf").mkdir(mode=0o755)
    (watch.home / "neuf/a.csv").write_text(table(1))
    watch.config["watch"] = ["srv", "neuf"]
    other = sqlite3.connect(watch.home / "state/phiscan.db", isolation_level=None, timeout=60)
    other.execute("CREATE TRIGGER no BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END")
    watch.start()
    until(lambda: watch.events("store failed") > 0)
    other.execute("DROP TRIGGER no")
    until(lambda: [one["kind"] for one in watch.messages()] == ["initial"])  # the end of its first walk, not the next
    other.execute("CREATE TRIGGER no BEFORE INSERT ON incidents BEGIN SELECT RAISE(ABORT, 'no'); END")
    failed = watch.events("store failed")
    (watch.srv / "b.csv").write_text(table(2))
    until(lambda: watch.events("store failed") > failed)
    assert [one.shown for one in watch.incidents()] == [f"{watch.home}/neuf/a.csv"]
    other.execute("DROP TRIGGER no")
    other.close()
    until(lambda: [one.shown for one in watch.incidents()][1:] == [f"{watch.srv}/b.csv"])
    until(lambda: [one["kind"] for one in watch.messages()] == ["initial", "alert"])


def test_what_has_gone_before_it_was_read_waits_no_longer(made: Make) -> None:
    port = free_port()
    watch = made(metrics=f"127.0.0.1:{port}")
    watch.times["settle"] = 3600.0
    watch.start()
    with (watch.srv / "a.csv").open("w"):  # open: it would have to settle first
        until(lambda: metrics(port).get("phiscan_oldest_unread_seconds", 0.0) > 0)
        (watch.srv / "a.csv").unlink()
        until(lambda: metrics(port)["phiscan_oldest_unread_seconds"] == 0)


def test_on_postgresql(made: Make, request: pytest.FixtureRequest) -> None:
    watch = made(store=database(request.getfixturevalue("server"), "daemon"))
    watch.start()
    (watch.srv / "pub").mkdir()
    (watch.srv / "pub/a.csv").write_text(table(1))
    until(lambda: watch.states() == {"pub/a.csv": [("public.identified-health", "new")]})
    until(lambda: [one["open"] for one in watch.messages()] == [1])
    assert watch.stop()[0] == 0
    (watch.srv / "pub/a.csv").unlink()
    watch.start()
    until(lambda: watch.states() == {"pub/a.csv": [("public.identified-health", "resolved")]})


def test_the_unit_is_sound_and_hardened() -> None:
    need(shutil.which("systemd-analyze") is not None, "systemd-analyze")
    unit = str(ROOT / "packaging/phiscan.service")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=30", unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-300:]  # an exposure of 3.0 at most, of 10
    checked = configparser.RawConfigParser(strict=False)
    checked.read(unit)
    for name in ("phiscan.service", "phiscan-respond.service"):
        verify = ["systemd-analyze", "verify", str(ROOT / "packaging" / name)]
        said = subprocess.run(verify, capture_output=True, text=True, check=False).stderr.splitlines()
        assert [line for line in said if name in line and "is not executable" not in line] == []
    # A store that the configuration names must not lose to the environment.
    assert "PHISCAN_STORE" not in checked["Service"]["environment"]
    assert checked["Service"]["execstart"].split()[1:] == ["watch", "-c", "/etc/phiscan/phiscan.yaml"]


def test_a_lost_connection_costs_the_daemon_nothing(made: Make, request: pytest.FixtureRequest) -> None:
    """On PostgreSQL the lock of the only daemon goes with its connection."""
    watch = made(store=database(request.getfixturevalue("server"), "lost"))
    watch.start()
    until(watch.idle)
    for name in ("a.csv", "b.csv"):
        with watch.store() as store:
            lose(store)
        (watch.srv / name).write_text(table(ord(name[0])))
        until(lambda name=name: name in watch.states())  # type: ignore[misc]
        assert lost(watch) > 0
    second = made(store=watch.config["store"])
    second.log = watch.home / "log2"
    with pytest.raises(AssertionError):
        second.start()
    assert second.process is not None
    assert second.process.wait() == 2
    assert watch.stop()[0] == 0


def test_a_daemon_whose_store_another_one_has_taken_ends(made: Make, request: pytest.FixtureRequest) -> None:
    watch = made(store=database(request.getfixturevalue("server"), "taken"))
    watch.start()
    until(watch.idle)
    assert watch.process is not None
    with watch.store() as other:
        lose(other)
        other.enter()
        (watch.srv / "a.csv").write_text(table(1))
        assert watch.process.wait() == 2
        assert watch.states() == {}
        last = watch.log.read_text("utf-8").splitlines()[-1].replace("\u202f", " ")
        assert last.endswith("un autre « phiscan watch » tient déjà cette base")
    watch.process = None
    watch.start()
    until(lambda: "a.csv" in watch.states())


def lost(watch: Watch) -> int:
    return sum(one.get("why") == "store.lock_lost" for one in watch.logged())
