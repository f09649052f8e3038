"""What the store keeps of readers, on both databases: counted once, told when it is news, taken back in time."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from phiscan.access.model import Access, Line
from phiscan.access.readers import Evidence, Gathered, extent_of
from phiscan.access.view import view
from phiscan.alert.wording import plain
from phiscan.model import Exposure, Level, Place, Reason
from phiscan.seal import Sealer
from phiscan.store import Store, access, incidents, ledger
from phiscan.store.access import Account, LogState
from phiscan.store.schema_readers import accesses, readers
from tests.alert.book import Desk
from tests.store.test_retention import DAY, READERS, closed, count, purge, qualify

SEALER = Sealer(b"0" * 32, "k1")


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def evidence(
    number: int,
    at: float,
    size: int = 20,
    *,
    address: str = "203.0.113.7",
    whole: int | None = 20,
    action: str = "read",
) -> Evidence:
    one = Access(
        at=at, action=action, address=address, account="labo", path=b"/a", size=size, complete=True,  # type: ignore[arg-type]
        services=("vsftpd",), format="vsftpd",
    )  # fmt: skip
    line = Line(file=b"/var/log/vsftpd.log", offset=int(at), text=b"line %d" % at)
    return Evidence(key=number, access=one, line=line, extent=extent_of(one, whole), sure=True)


def add(desk: Desk, *found: Evidence, whole: int | None = 20) -> dict[int, int]:
    """Add what was found; return how many new readers there are, by incident."""
    gathered = Gathered()
    for one in found:
        gathered.take(one)
    with desk.store.write() as connection:
        news = access.add(connection, gathered, SEALER, {one.key: whole for one in found})
    return {number: len(what.readers) for number, what in news.items()}


def seen(desk: Desk, number: int) -> list[tuple[str, int, int, str]]:
    with desk.store.read() as connection:
        return [(one.address, one.reads, one.size, one.extent(20)) for one in access.readers_of(connection, number)]


def test_readers_are_added_up_and_told_where_they_are_news(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    assert add(desk, evidence(1, 10.0, 5), evidence(1, 11.0, 5)) == {1: 1}
    assert add(desk, evidence(1, 12.0, 5)) == {}  # no more of it than before
    assert seen(desk, 1) == [("203.0.113.7", 3, 15, "partial")]
    assert add(desk, evidence(1, 13.0, 5)) == {1: 1}  # all of it by now, in parts
    assert add(desk, evidence(1, 14.0)) == {}
    assert add(desk, evidence(1, 9.0, address="198.51.100.2")) == {1: 1}
    assert seen(desk, 1) == [("203.0.113.7", 5, 40, "complete"), ("198.51.100.2", 1, 20, "complete")]
    with desk.store.read() as connection:
        kept = access.lines_of(connection, 1)
    assert [(one.at, one.line, one.place) for one in kept][:2] == [(9.0, b"line 9", 9), (10.0, b"line 10", 10)]
    assert {one.seal == SEALER.line(one.file, one.place, one.line) for one in kept} == {True}
    assert SEALER.line(b"/f", 1, b"x") != SEALER.line(b"/f", 2, b"x")


def test_lines_kept_of_one_reader_are_bounded(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    for start in (0, 40, 80):
        add(desk, *(evidence(1, float(start + at)) for at in range(40)))
    with desk.store.read() as connection:
        assert len(access.lines_of(connection, 1)) == 50
    assert seen(desk, 1) == [("203.0.113.7", 120, 2400, "complete")]


def test_somebody_who_reads_is_told_and_ends_an_acknowledgement(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    assert desk.said() == [("alert", "/srv", 1, 1, 0)]
    desk.at += 3600
    add(desk, evidence(1, desk.at, address="203.0.113.7"))
    with desk.writing() as connection:
        incident = incidents.get(connection, 1)
        assert incident is not None
        incidents.happened(connection, 1, desk.at, "read", "phiscan", readers=1, complete=1, live=True)
        desk.telling.read(connection, incident, desk.at)
    message = desk.message()
    desk.at += 1  # its group has just been told
    with desk.writing() as connection:
        incidents.happened(connection, 1, desk.at, "read", "phiscan", readers=1, complete=1, live=True)
        desk.telling.read(connection, incident, desk.at)
    assert desk.waits("file")
    message = desk.message()
    assert (message.kind, message.new, message.open, message.readers) == ("alert", 0, 1, 1)
    assert message.to_dict()["readers"]["latest"][0]["address"] == "203.0.113.7"
    assert "labo" not in str(message.to_dict()) + plain(message, "fr")  # accounts may name people
    for lang, wanted in (("fr", "lu par"), ("en", "read by")):
        (line,) = (one for one in plain(message, lang).splitlines() if one.startswith(wanted))  # type: ignore[arg-type]
        assert line.split()[2] == "203.0.113.7,"
    assert desk.said() == []


def test_nobody_seen_is_told_apart_from_nothing_logged(desk: Desk) -> None:
    desk.found("/srv/a.csv")

    def state() -> str:
        with desk.store.read() as connection:
            incident = incidents.get(connection, 1)
            assert incident is not None
            return view(connection, incident, incidents.history(connection, 1)).state

    assert state() == "not_searched"
    with desk.writing() as connection:
        access.set_searched(connection, [1], desk.at)
    assert state() == "not_logged"
    log = LogState(
        path=b"/var/log/vsftpd.log", device=1, inode=2, place=3, head="0:", services=("vsftpd",), first=5.0, read=6.0
    )
    with desk.writing() as connection:
        access.set_log(connection, log)
        access.set_log(connection, log)
        assert access.log_states(connection) == [log]
    assert state() == "no_evidence"
    add(desk, evidence(1, 10.0))
    assert state() == "read"


def test_exposure_is_proved_by_the_first_reader_and_ends_with_the_file(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    add(desk, evidence(1, desk.at - 500), evidence(1, desk.at - 900, action="write"))
    desk.at += 1000
    desk.gone("/srv/a.csv")
    add(desk, evidence(1, desk.at - 5, action="delete"))
    with desk.store.read() as connection:
        incident = incidents.get(connection, 1)
        assert incident is not None
        found = view(connection, incident, incidents.history(connection, 1))
    assert (found.since.at, found.since.proof) == (desk.at - 1500, "log")
    assert found.until is not None
    assert (found.until.at, found.until.proof) == (desk.at - 5, "log")


def test_a_renamed_files_earlier_name_is_remembered(desk: Desk) -> None:
    desk.found("/srv/a.csv", content="k1:x")
    desk.there.discard(b"/srv/a.csv")
    desk.at += 10
    desk.found("/srv/b.csv", content="k1:x")
    with desk.store.read() as connection:
        assert access.names_of(connection, [1]) == {1: ((b"/srv/a.csv", desk.at),)}


@pytest.mark.parametrize("qualification", ["not_a_breach", "to_notify"])
def test_addresses_go_and_counts_stay_unless_a_duty_needs_them(desk: Desk, qualification: str) -> None:
    desk.found("/srv/a.csv")
    desk.said()
    add(desk, evidence(1, desk.at))
    with desk.writing() as connection:
        access.set_account(
            connection, Account(service="vsftpd", account="labo", kind="generic", addresses=1, first=1, last=desk.at)
        )
    qualify(desk, 1, qualification)
    early, late = purge(desk.store, desk.at + READERS - 1), purge(desk.store, desk.at + READERS + 1)
    assert {"readers", "accesses", "accounts"} & set(early) == set()
    kept = qualification == "to_notify"
    assert (late.get("readers"), late.get("accesses"), late["accounts"]) == ((None, None, 1) if kept else (1, 1, 1))
    assert seen(desk, 1) == [("203.0.113.7" if kept else "", 1, 20, "complete")]


def test_an_incident_goes_with_its_readers(desk: Desk) -> None:
    number = closed(desk, "/srv/a.csv")
    add(desk, evidence(number, desk.at))
    with desk.writing() as connection:
        access.set_searched(connection, [number], desk.at)
        access.named(connection, number, b"/srv/z.csv", desk.at)
    assert purge(desk.store, desk.at + 400 * DAY)["incidents"] == 1
    assert (count(desk.store, accesses), count(desk.store, readers)) == (0, 0)


def test_sizes_are_the_ledgers(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    with desk.store.read() as connection:
        assert access.sizes_of(connection, [1]) == {1: None}
        assert access.unsearched(connection, 9) == [1]


def test_exposure_is_proved_by_the_file_and_the_configuration(desk: Desk, tmp_path: Path) -> None:
    config = tmp_path / "vsftpd.conf"
    config.touch()
    os.utime(config, (900_000.0, 900_000.0))
    desk.found("/srv/a.csv")

    def since() -> tuple[float, str]:
        with desk.store.read() as connection:
            incident = incidents.get(connection, 1)
            assert incident is not None
            reason = Reason("vsftpd", "anonymous_enable=YES", f"{config}:12", "/srv")
            incident = replace(incident, exposure=Exposure(Level.PUBLIC, (reason,)))
            found = view(connection, incident, incidents.history(connection, 1)).since
        return found.at, found.proof

    assert since() == (1_000_000.0, "incident")
    place = Place(
        path=b"/srv/a.csv", device=1, inode=2, size=20, mtime_ns=1, ctime_ns=800_000 * 10**9, mode=0, uid=0, gid=0
    )
    with desk.writing() as connection:
        ledger.put_new(connection, [ledger.entry_of(desk.root, place, Level.PUBLIC)])
    assert since() == (900_000.0, "config")
    os.utime(config, (700_000.0, 700_000.0))
    assert since() == (800_000.0, "file")
    add(desk, evidence(1, 750_000.0, action="write"))
    assert since() == (750_000.0, "log")
