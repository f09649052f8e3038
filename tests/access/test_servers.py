"""What real clients did on real servers against what the logs say they did: everything found, nothing invented."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from phiscan.access import files
from phiscan.access.model import Mapping, Target
from phiscan.access.readers import Gathered
from phiscan.access.search import Looked, Part, look_up
from tests.access import serving
from tests.access.clients import (
    BIG,
    LARGE,
    NAMES,
    PLAIN,
    SIGNS,
    SMALL,
    SPACED,
    Client,
    SmbClient,
    Truth,
    settled,
)

# Names that contain nothing that the server writes with losses.
CERTAIN = {PLAIN, LARGE, SIGNS}


def told(client: Client, looked: Looked, targets: dict[int, bytes]) -> Truth:
    """Return what was found, counted as the client counts."""
    found: Truth = Counter()
    for evidence in looked.gathered.lines:
        if evidence.access.action in ("read", "write"):
            found[targets[evidence.key], evidence.access.action, evidence.extent] += 1
    return found


def search(client: Client, *more: bytes, mapped: bool = True) -> tuple[Looked, dict[int, bytes]]:
    """Look every file of the client up."""
    settled(client.serving.logs)
    sizes = {LARGE: BIG}
    targets = dict(enumerate((*NAMES, LARGE, *more), 1))
    logs = files.found(client.serving.logs, ())
    assert {log.path for log in logs} == {str(path).encode() for path in client.serving.logs}
    looked = look_up(
        [Part(file=log.path, modified=log.modified) for log in logs],
        [Target(key=key, path=client.path(name), size=sizes.get(name, SMALL)) for key, name in targets.items()],
        [client.serving.mapping] if mapped else [],
    )
    assert looked.unread == {}
    return looked, targets


def readers(gathered: Gathered) -> dict[tuple[int, str, str], tuple[int, int, bool]]:
    return {(one.key, one.address, one.account): (one.reads, one.size, one.sure) for one in gathered.readers.values()}


def everything(client: Client) -> None:
    """Do all that can be done over FTP."""
    for name in NAMES:
        client.fetch(name)
    client.fetch(PLAIN)
    client.look()
    client.resume()
    client.fetch(LARGE)
    client.lftp(SPACED)
    client.leave("envoyé 1.csv".encode())


@pytest.mark.parametrize("form", ["own", "xferlog", "both"])
@pytest.mark.parametrize("mapped", [True, False])
def test_vsftpd(tmp_path: Path, form: str, *, mapped: bool) -> None:
    with serving.vsftpd(tmp_path / "server", form) as server:
        client = Client(server, tmp_path)
        everything(client)
        client.cut()
        client.truth[LARGE, "read", "partial"] += 1
        looked, targets = search(client, "envoyé 1.csv".encode(), mapped=mapped)
    assert told(client, looked, targets) == client.truth
    account = "anonymous" if form == "xferlog" else "ftp"
    sure = {targets[key] for (key, *who), (_, _, sure) in readers(looked.gathered).items() if sure}
    assert sure == (CERTAIN if mapped else set())
    assert {(address, name) for _, address, name in readers(looked.gathered)} == {("127.0.0.1", account)}


def test_proftpd_writes_three_logs_and_each_transfer_counts_once(tmp_path: Path) -> None:
    with serving.proftpd(tmp_path / "server") as server:
        client = Client(server, tmp_path)
        everything(client)
        client.cut()
        client.truth[LARGE, "read", "partial"] += 1
        looked, targets = search(client, "envoyé 1.csv".encode())
    assert told(client, looked, targets) == client.truth
    assert {account for _, _, account in readers(looked.gathered)} == {"labo"}


@pytest.mark.parametrize("form", ["clf", "stats", "w3c", "xferlog"])
def test_pure_ftpd(tmp_path: Path, form: str) -> None:
    with serving.pureftpd(tmp_path / "server", form) as server:
        client = Client(server, tmp_path)
        everything(client)
        client.cut()
        client.truth[LARGE, "read", "partial"] += 1
        looked, targets = search(client, "envoyé 1.csv".encode())
    assert told(client, looked, targets) == client.truth


def test_samba(tmp_path: Path) -> None:
    with serving.samba(tmp_path / "server") as server:
        client = SmbClient(server, tmp_path)
        client.look()
        for name in (PLAIN, SPACED, PLAIN, LARGE):
            client.fetch(name)
        client.leave("envoyé 1.csv".encode())
        client.look()
        looked, targets = search(client, "envoyé 1.csv".encode())
    assert told(client, looked, targets) == client.truth
    assert {(address, name) for _, address, name in readers(looked.gathered)} == {("127.0.0.1", "nobody")}
    assert all(sure for _, _, sure in readers(looked.gathered).values())


def test_samba_that_logs_what_it_is_asked_for(tmp_path: Path) -> None:
    with serving.samba(tmp_path / "server", "strict_lock_check") as server:
        client = SmbClient(server, tmp_path)
        client.look()
        for name in (PLAIN, SPACED, PLAIN, LARGE):
            client.fetch(name)
        client.leave("envoyé 1.csv".encode())
        looked, targets = search(client, "envoyé 1.csv".encode())
    sizes = {PLAIN: SMALL, SPACED: SMALL, LARGE: BIG}
    found = {
        targets[one.key]: (one.reads, one.known, one.extent(sizes[targets[one.key]]))
        for one in looked.gathered.readers.values()
    }
    assert found == {
        PLAIN: (2, 2 * SMALL, "complete"),
        SPACED: (1, SMALL, "complete"),
        LARGE: (1, BIG, "parts"),  # asked for in pieces
    }


@pytest.mark.parametrize("name", ["nginx", "apache"])
def test_web(tmp_path: Path, name: str) -> None:
    with getattr(serving, name)(tmp_path / "server") as server:
        client = Client(server, tmp_path)
        for each in NAMES:
            client.fetch(each)
        client.look()
        client.resume()
        client.fetch(LARGE)
        client.cut()
        client.truth[LARGE, "read", "short"] += 1
        looked, targets = search(client)
    assert told(client, looked, targets) == client.truth
    assert all(sure for _, _, sure in readers(looked.gathered).values())


@pytest.mark.parametrize("name", ["vsftpd", "proftpd", "samba"])
def test_a_rename_is_followed(tmp_path: Path, name: str) -> None:
    """A file left under one name, read, renamed, read again: both reads are of the file that is there now."""
    old, new = "dépôt 1.csv".encode(), b"renomme-2.csv"
    with getattr(serving, name)(tmp_path / "server") as server:
        client = (SmbClient if name == "samba" else Client)(server, tmp_path)
        client.leave(old)
        client.fetch(old)
        client.fetch(PLAIN)
        client.rename(old, new)
        client.fetch(new)
        settled(server.logs)
        looked = look_up(
            [Part(file=str(log).encode()) for log in server.logs],
            [Target(key=7, path=client.path(new), size=SMALL)],
            [server.mapping],
        )
    found = Counter((one.access.action, one.key) for one in looked.gathered.lines)
    assert found == {("write", 7): 1, ("read", 7): 2, ("rename", 7): found["rename", 7]}
    assert {name.path: name.sure for name in looked.names}.keys() >= {client.path(new)}


def test_another_folders_file_of_the_same_name_is_not_taken_for_it(tmp_path: Path) -> None:
    with serving.nginx(tmp_path / "server") as server:
        client = Client(server, tmp_path)
        client.fetch(PLAIN)
        settled(server.logs)
        other = Target(key=1, path=str(server.root).encode() + b"/autre/" + PLAIN, size=SMALL)
        elsewhere = Mapping(service="nginx", path=b"/srv", seen=b"/fichiers")
        parts = [Part(file=str(log).encode()) for log in server.logs]
        assert look_up(parts, [other], [server.mapping]).gathered.lines == []
        wanted = Target(key=2, path=client.path(PLAIN), size=SMALL)
        (found,) = look_up(parts, [wanted], [server.mapping, elsewhere]).gathered.lines
        assert not found.sure  # two folders are seen as one: either may be meant
