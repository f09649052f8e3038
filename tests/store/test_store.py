"""Opening a store, its key, its one daemon, and one line for whatever is wrong with it."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from phiscan.errors import PhiscanError
from phiscan.messages import Broken, Told
from phiscan.seal import Sealer
from phiscan.store import Store, set_flag
from phiscan.store.schema import meta
from tests.running import ROOT
from tests.watching import until


def told(error: pytest.ExceptionInfo[Told]) -> tuple[str, int]:
    return error.value.key, error.value.status


def test_it_is_made_once_and_found_again(url: str) -> None:
    with pytest.raises((Told, Broken)) as error:
        Store.open(url)
    assert told(error) == ("store.missing", 2)
    store = Store.open(url, create=True)
    with store.read() as connection:
        first: dict[str, str] = dict(connection.execute(meta.select()).all())
    store.close()
    assert {name: len(value) for name, value in first.items()} == {"id": 8}
    again = Store.open(url)
    with again.read() as connection:
        assert dict(connection.execute(meta.select()).all()) == first
    again.close()


def test_sqlite_is_for_its_owner_alone_and_syncs_as_it_should(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/neuf/phiscan.db", create=True)
    with store.write() as connection:
        modes = [connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert modes == ["wal", 1, 1]
    assert {name: stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in ("neuf", "neuf/phiscan.db")} == {
        "neuf": 0o700,
        "neuf/phiscan.db": 0o600,
    }
    store.close()


def test_what_fails_inside_is_not_written(store: Store) -> None:
    with pytest.raises(Broken), store.write() as connection:
        connection.execute(meta.insert(), [{"name": "a", "value": "b"}, {"name": "a", "value": "c"}])
    with store.read() as connection:
        assert connection.execute(meta.select().where(meta.c.name == "a")).all() == []


def test_the_key_is_made_with_the_store_and_never_again(store: Store, url: str, tmp_path: Path) -> None:
    file = tmp_path / "cle" / "key"
    sealer = store.key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert store.key(file).check == sealer.check
    kept = file.read_text()
    file.unlink()
    with pytest.raises(Told) as error:
        store.key(file)
    assert told(error) == ("key.lost", 2)
    assert not file.exists()
    Sealer.make(file)
    with pytest.raises(Told) as error:
        store.key(file)
    assert told(error) == ("key.other", 2)
    file.write_text(kept.replace("k1:", "k2:"))
    with pytest.raises(Told) as error:
        store.key(file)
    assert told(error) == ("key.other", 2)
    file.write_text(kept)
    assert store.key(file).check == sealer.check


def test_a_key_that_was_there_is_taken(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"k7:{'ab' * 32}\n")
    assert store.key(file).key_id == "k7"
    with store.read() as connection:
        held = " ".join(value for _, value in connection.execute(meta.select()))
    assert "ab" * 32 not in held


def test_one_daemon_a_store(url: str) -> None:
    first, second = Store.open(url, create=True), Store.open(url)
    first.enter()
    with pytest.raises(Told) as error:
        second.enter()
    assert told(error) == ("store.running", 2)
    with second.write() as connection:  # people may still decide
        connection.execute(meta.insert().values(name="a", value="b"))
    first.close()
    second.enter()
    second.close()


def test_a_damaged_store(tmp_path: Path) -> None:
    file = tmp_path / "phiscan.db"
    file.write_bytes(b"not a database" * 1000)
    with pytest.raises(Broken) as error:
        Store.open(f"sqlite:///{file}", create=True)
    assert told(error) == ("store.corrupt", 1)


def test_a_locked_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phiscan.store._BUSY", 0.1)
    store = Store.open(f"sqlite:///{tmp_path}/phiscan.db", create=True)
    other = sqlite3.connect(tmp_path / "phiscan.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Broken) as error, store.write():
        pass
    assert told(error) == ("store.locked", 1)
    other.close()
    with store.write():
        pass
    store.close()


def test_threads_that_write_take_turns(store: Store) -> None:
    order: list[int] = []
    inside = threading.Event()

    def write(number: int) -> None:
        with store.write() as connection:
            inside.set()
            order.append(number)
            connection.execute(meta.insert().values(name=str(number), value="x"))
            until(lambda: number > 0 or len(store._writers._waiting) == 4)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(5)]
    for number, thread in enumerate(threads):
        thread.start()
        inside.wait(60)
        until(lambda number=number: len(store._writers._waiting) == number or len(order) > 1)  # type: ignore[misc]
    for thread in threads:
        thread.join(60)
    assert order == [0, 1, 2, 3, 4]


def test_who_waits_too_long_for_another_thread_has_begun_nothing(store: Store) -> None:
    ran = []
    with store.write(), ThreadPoolExecutor(1) as other:

        def write() -> str:
            try:
                with store.write(0.05):
                    ran.append(1)
            except Broken as error:
                return error.key
            return ""

        assert other.submit(write).result(60) == "store.locked"
    assert ran == []
    with store.write(0.05):
        ran.append(2)
    assert ran == [2]


def test_a_writer_of_another_process_is_waited_for_no_longer(url: str) -> None:
    store, other = Store.open(url, create=True), Store.open(url)
    with other.write(), pytest.raises(Broken) as error, store.write(0.2):
        pass
    assert told(error) == ("store.locked", 1)
    with store.write(0.2):
        pass
    store.close()
    other.close()


FULL = """
import resource, signal, sys
from phiscan.messages import Broken
from phiscan.store import Store
from phiscan.store.schema import meta
store = Store.open(f"sqlite:///{sys.argv[1]}", create=True)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
try:
    with store.write() as connection:
        for number in range(1000):
            connection.execute(meta.insert().values(name=str(number), value="x" * 1000))
except Broken as error:
    print(error.key, error.status)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with store.write() as connection:
    print(len(connection.execute(meta.select()).all()))
"""


def test_a_disk_that_is_full_loses_the_transaction_and_nothing_else(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "phiscan.db")],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == ([b"store.io", b"1", b"1"], b"")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(Broken) as error:
        Store.open("postgresql+psycopg://phiscan:secret@127.0.0.1:9/x", create=True)
    assert told(error) == ("store.unreachable", 1)
    assert "secret" not in str(error.value)


def test_addresses_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(Told) as error:
        Store.open("no address")
    assert told(error) == ("store.address", 2)
    with pytest.raises(PhiscanError) as denied:
        Store.open("sqlite:////proc/phiscan.db", create=True)
    assert denied.value.status == 1


def test_a_store_that_is_opened_twice_in_one_process_keeps_its_log(tmp_path: Path) -> None:
    """To close any file of a database ends the process's locks on it, and the next to leave would take its log away."""
    url = f"sqlite:///{tmp_path}/state/phiscan.db"
    first = Store.open(url, create=True)
    with first.write() as connection:
        set_flag(connection, "digest")
    Store.open(url, create=True).close()
    code = f"""
from phiscan.store import Store, flag
store = Store.open({url!r})
with store.read() as connection: print(flag(connection, "digest"))
store.close()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, (tmp_path / "state/phiscan.db-wal").exists()) == ("True\n", True)
    first.close()
