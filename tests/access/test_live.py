"""A daemon, a real server and a real client: who takes a flagged file is told at once, acknowledged or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from phiscan.incidents import deciding
from phiscan.store import access, now
from tests.access import serving
from tests.access.clients import Client
from tests.running import PATIENTS, phiscan
from tests.watching import Watch, until

NAME = b"patients.csv"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[serving.Serving]:
    with serving.vsftpd(tmp_path / "ftp") as one:
        yield one


@pytest.fixture
def watch(tmp_path: Path, server: serving.Serving) -> Iterator[Watch]:
    zones = [{"path": str(server.root), "exposure": "public"}]
    logs = [str(log) for log in server.logs]
    made = Watch(tmp_path, watch=[str(server.root)], zones=zones, logs=logs, language="fr")
    yield made
    made.close()


def show(watch: Watch, number: int, *more: str) -> str:
    done = phiscan("incidents", "show", str(number), *more, "-c", str(watch.home / "phiscan.yaml"), cwd=watch.home)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def searched(watch: Watch, number: int) -> bool:
    with watch.store() as store, store.read() as connection:
        return access.is_searched(connection, number) is not None


def readers(watch: Watch, number: int) -> list[tuple[str, str, int, str]]:
    with watch.store() as store, store.read() as connection:
        size = access.sizes_of(connection, [number])[number]
        return [
            (one.address, one.account, one.reads, one.extent(size)) for one in access.readers_of(connection, number)
        ]


def test_who_takes_a_flagged_file_is_told_at_once(watch: Watch, server: serving.Serving, tmp_path: Path) -> None:
    client = Client(server, tmp_path)
    watch.start()
    (server.root / "depot/patients.csv").write_text(PATIENTS, "utf-8")
    (incident,) = until(watch.incidents)
    until(lambda: [one for one in watch.messages() if one["new"]])
    until(lambda: searched(watch, incident.id))
    data = json.loads(show(watch, incident.id, "-f", "json"))["readers"]
    assert (data["state"], data["by"]) == ("no_evidence", [])
    with watch.store() as store, store.write() as connection:
        deciding.acknowledge(connection, incident.id, "lea", now())

    client.fetch(NAME)
    told = until(lambda: [one for one in watch.messages() if one["readers"]["count"]])
    assert [(one["address"], one["extent"]) for one in told[0]["readers"]["latest"]] == [("127.0.0.1", "complete")]
    assert watch.kinds(incident.id) == ["opened", "acknowledged", "read"]
    assert [one.state for one in watch.incidents() if not one.subject] == ["new"]
    assert readers(watch, incident.id) == [("127.0.0.1", "ftp", 1, "complete")]

    client.fetch(NAME)  # the same reader again is counted, and no news
    until(lambda: readers(watch, incident.id) == [("127.0.0.1", "ftp", 2, "complete")])
    assert watch.kinds(incident.id) == ["opened", "acknowledged", "read"]
    said = show(watch, incident.id)
    assert "127.0.0.1 · ftp · vsftpd · " in said
    assert "2 lectures · " in said
    assert " · complet" in said


def test_what_was_read_before_anybody_watched_is_found(watch: Watch, server: serving.Serving, tmp_path: Path) -> None:
    client = Client(server, tmp_path)
    client.leave(NAME)
    (server.root / "depot/patients.csv").write_text(PATIENTS, "utf-8")
    client.fetch(NAME)
    server.logs[0].rename(f"{server.logs[0]}.1")  # rotated since, the server restarted
    server.logs[0].touch()
    watch.start()
    (incident,) = until(watch.incidents)
    until(lambda: readers(watch, incident.id) == [("127.0.0.1", "ftp", 1, "complete")])
    data: dict[str, Any] = json.loads(show(watch, incident.id, "-f", "json"))["readers"]
    assert data["state"] == "read"
    assert data["exposed"]["since"]["proof"] == "log"
    assert data["exposed"]["until"] is None
    assert data["lines_kept"] == 2  # its arrival and its reading
    until(lambda: [one for one in watch.messages() if one["readers"]["count"] == 1])
