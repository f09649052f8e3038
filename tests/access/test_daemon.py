"""The daemon's thread, a turn at a time, on both databases: each line counts once, whatever comes between."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import pytest

from phiscan.access.model import Mapping
from phiscan.config import Config
from phiscan.daemon.logs import Log
from phiscan.daemon.readers import Readers
from phiscan.incidents import deciding
from phiscan.messages import Broken
from phiscan.seal import Sealer
from phiscan.store import Store, access, incidents
from tests.alert.book import Desk

AT = Mapping(service="vsftpd", path=b"/srv")


class Following:
    """A desk, a log, and the thread's work without the thread."""

    def __init__(self, desk: Desk, log: Path) -> None:
        self.desk, self.log, self.written = desk, log, 0
        log.touch()
        self.begin()

    def begin(self) -> None:
        """Begin as a daemon that starts does."""
        self.readers = Readers(
            self.desk.store,
            self.desk.telling,
            Sealer(b"0" * 32, "k1"),
            Config(logs=(self.log,)),
            Log("error"),
            mappings=lambda: (AT,),
            usual=(),
        )

    def read(self, path: str, address: str = "203.0.113.7", size: int = 20) -> None:
        """Have somebody read a file."""
        self.written += 1
        moment = datetime.fromtimestamp(1_795_000_000 + self.written)
        line = f'{moment:%a %b %d %H:%M:%S %Y} [pid 2] [labo] OK DOWNLOAD: Client "{address}", "{path}", {size} bytes\n'
        with self.log.open("a", encoding="utf-8") as file:
            file.write(line)

    def turn(self) -> None:
        """Look once; a search need not rest."""
        self.readers._next_search = self.readers._next_places = 0.0
        self.readers.turn()

    def seen(self, number: int) -> dict[str, int]:
        """Return how often each address has read the file of an incident."""
        with self.desk.store.read() as connection:
            return {one.address: one.reads for one in access.readers_of(connection, number)}


@pytest.fixture
def following(store: Store, tmp_path: Path) -> Following:
    return Following(Desk(store), tmp_path / "vsftpd.log")


def test_what_lay_in_the_logs_and_what_comes_count_once(following: Following) -> None:
    following.read("/a.csv")
    with gzip.open(f"{following.log}.2.gz", "wb") as file:
        file.write(following.log.read_bytes() * 3)
    following.desk.found("/srv/a.csv")
    for _ in range(3):
        following.turn()
        assert following.seen(1) == {"203.0.113.7": 4}
    following.read("/a.csv")
    following.turn()
    assert following.seen(1) == {"203.0.113.7": 5}
    following.desk.found("/srv/b.csv")  # a new one is searched for, and changes nothing of the other
    following.read("/b.csv", "10.0.0.1")
    following.read("/a.csv", "10.0.0.1")
    for _ in range(2):
        following.turn()
        assert (following.seen(1), following.seen(2)) == ({"203.0.113.7": 5, "10.0.0.1": 1}, {"10.0.0.1": 1})


def test_over_a_rotation_and_a_new_daemon(following: Following) -> None:
    following.desk.found("/srv/a.csv")
    following.turn()
    following.read("/a.csv")
    following.turn()
    following.read("/a.csv")  # nobody has seen it yet
    following.log.rename(f"{following.log}.1")
    following.log.touch()
    following.read("/a.csv")
    following.begin()
    following.turn()
    following.turn()
    assert following.seen(1) == {"203.0.113.7": 3}


def test_a_store_that_fails_loses_and_doubles_nothing(following: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    following.desk.found("/srv/a.csv")
    following.turn()
    following.read("/a.csv")
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise Broken("store.full", path="x")

        patch.setattr("phiscan.store.access.set_searched", fail)
        with pytest.raises(Broken):
            following.turn()
    assert following.seen(1) == {}
    following.readers._missed = True  # as the thread notes it
    following.turn()
    following.turn()
    assert following.seen(1) == {"203.0.113.7": 1}


@pytest.mark.parametrize(
    ("state", "after", "told"), [("new", "new", 1), ("acknowledged", "new", 1), ("dismissed", "dismissed", 0)]
)
def test_whoever_reads_now_is_told_unless_it_is_dismissed(
    following: Following, state: str, after: str, told: int
) -> None:
    desk = following.desk
    desk.found("/srv/a.csv")
    following.turn()
    desk.said()
    with desk.writing() as connection:
        if state == "acknowledged":
            deciding.acknowledge(connection, 1, "lea", desk.at)
        if state == "dismissed":
            incident = incidents.get(connection, 1)
            assert incident is not None
            decision = deciding.dismissal(incident, "authorised", "file", None, "r", "lea", desk.at)
            deciding.dismiss(connection, desk.telling, decision)
    desk.at = 4_000_000_000.0  # whatever is due by the clock of this machine
    desk.said()
    following.read("/a.csv")
    following.turn()
    assert desk.states() == {"/srv/a.csv": after}
    assert following.seen(1) == {"203.0.113.7": 1}
    assert desk.kinds(1)[-1] == "read"
    said = desk.said()
    assert [(kind, new, open_) for kind, _, new, open_, _ in said] == [("alert", 0, 1)] * told
    following.read("/a.csv")  # the same again is no news
    following.turn()
    assert (following.seen(1), desk.said()) == ({"203.0.113.7": 2}, [])


def test_a_long_read_over_samba_is_one_however_often_one_looks(store: Store, tmp_path: Path) -> None:
    following = Following(Desk(store), tmp_path / "samba-audit.log")
    following.desk.found("/srv/a.csv")
    following.turn()
    for second in range(1, 6):
        operation = "create_file|ok|0x120089|file|open" if second == 1 else "pread_send|ok"
        with following.log.open("a") as file:
            file.write(f"2026/11/21 17:56:{second:02d}|u|10.0.0.9|pc|pub|{operation}|/srv/a.csv\n")
        following.turn()
    assert following.seen(1) == {"10.0.0.9": 1}


def test_shared_accounts_are_kept(following: Following) -> None:
    following.desk.found("/srv/a.csv")
    following.turn()
    following.read("/z.csv")
    following.turn()
    with following.desk.store.read() as connection:
        assert [(one.account, one.kind) for one in access.accounts_of(connection)] == [("labo", "generic")]
