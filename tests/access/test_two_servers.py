"""Two vsftpd servers whose visitors both see "/": which of them a line is of is known by the log that it stands in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from phiscan.access import files
from phiscan.access.model import Mapping, Target
from phiscan.access.places import logs_of, mappings_of
from phiscan.access.search import Part, look_up
from phiscan.expose.discover import discover
from phiscan.expose.grant import Grant
from tests.access import serving
from tests.access.clients import PLAIN, SMALL, Client, settled


class Two:
    """Two servers with the same files, a client of each, and what is known of them."""

    def __init__(self, stack: ExitStack, tmp_path: Path, forms: tuple[str, str], *, shared: bool) -> None:
        self.servers = [
            stack.enter_context(serving.vsftpd(tmp_path / name, form))
            for name, form in zip(("un", "deux"), forms, strict=True)
        ]
        self.clients = []
        for server in self.servers:
            home = tmp_path / f"client-{server.root.parent.name}"
            home.mkdir()
            self.clients.append(Client(server, home))
        if shared:  # vsftpd reads its file anew for each session, as discovery does
            first, second = self.servers
            config = second.root.parent / "vsftpd.conf"
            config.write_text(config.read_text().replace(str(second.logs[0]), str(first.logs[0])))
        own = os.fsencode(tmp_path) + b"/"
        self.grants: list[Grant] = [one for one in discover().grants if one.path.startswith(own)]

    def reads(self, mappings: tuple[Mapping, ...], logs: list[Path]) -> list[tuple[int, bool]]:
        """Return of which server's file a read is told, and whether it is certain."""
        targets = [Target(key=key, path=one.path(PLAIN), size=SMALL) for key, one in enumerate(self.clients, 1)]
        parts = [Part(file=log.path, modified=log.modified) for log in files.found(logs, ())]
        looked = look_up(parts, targets, mappings)
        return sorted((one.key, one.sure) for one in looked.gathered.lines if one.access.action == "read")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as one:
        yield one


@pytest.mark.parametrize("forms", [("own", "own"), ("xferlog", "own"), ("both", "xferlog")])
def test_each_with_a_log_of_its_own_is_certain(tmp_path: Path, stack: ExitStack, forms: tuple[str, str]) -> None:
    two = Two(stack, tmp_path, forms, shared=False)
    two.clients[0].fetch(PLAIN)
    logs = [log for server in two.servers for log in server.logs]
    assert logs_of(two.grants) == tuple(sorted(map(str, logs)))
    settled(two.servers[0].logs)
    assert two.reads(mappings_of(two.grants), logs) == [(1, True)]
    two.clients[1].fetch(PLAIN)
    settled(two.servers[1].logs)
    assert two.reads(mappings_of(two.grants), logs) == [(1, True), (2, True)]
    for log in two.servers[1].logs:
        log.rename(f"{log}.1")  # rotated
    assert two.reads(mappings_of(two.grants), [*logs, *(Path(f"{log}.1") for log in logs)]) == [(1, True), (2, True)]
    anywhere = tuple(Mapping(service="vsftpd", path=one.path) for one in mappings_of(two.grants))
    found = two.reads(anywhere, [*logs, *(Path(f"{log}.1") for log in logs)])
    assert set(found) == {(1, False), (2, False)}  # where it is not known who writes what


def test_a_log_that_both_write_is_probable(tmp_path: Path, stack: ExitStack) -> None:
    two = Two(stack, tmp_path, ("own", "own"), shared=True)
    assert logs_of(two.grants) == (str(two.servers[0].logs[0]),)
    two.clients[0].fetch(PLAIN)
    settled(two.servers[0].logs)
    assert two.reads(mappings_of(two.grants), [two.servers[0].logs[0]]) == [(1, False), (2, False)]


def test_a_log_that_nobody_writes_any_more_is_probable(tmp_path: Path, stack: ExitStack) -> None:
    """Of before a configuration was changed: it may be of any of them."""
    two = Two(stack, tmp_path, ("own", "own"), shared=False)
    two.clients[0].fetch(PLAIN)
    settled(two.servers[0].logs)
    old = two.servers[0].logs[0].rename(tmp_path / "autrefois.log")
    assert two.reads(mappings_of(two.grants), [old]) == [(1, False), (2, False)]
