"""Samba, rsync, nginx and Apache, each with many configurations: what strangers can do is as stated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.expose import filefuzz, netfiles, netfuzz, netmatrix, netweb
from tests.expose.netmatrix import Row

# By service: configurations, and cells of them all.
SIZES = {"samba": (51, 969), "rsync": (22, 417), "nginx": (47, 893), "apache": (66, 1254)}


@pytest.fixture
def scratch() -> Iterator[Path]:
    yield from netmatrix.scratch()


@pytest.mark.parametrize("run", [netfiles.samba, netfiles.rsync, netweb.nginx, netweb.apache])
def test_stated_as_it_is(run: Callable[[Path], list[Row]], scratch: Path) -> None:
    rows = run(scratch)
    assert {row.name: row.wrong() for row in rows if row.wrong()} == {}
    # Each service in all four ways: read, written, and neither, as it looks or in spite of that.
    assert {(row.public()[1], row.public()[2]) for row in rows} >= {(True, False), (True, True), (False, False)}
    service = rows[0].service
    assert (len(rows), sum(len(row.truth) for row in rows)) == SIZES[service]


@pytest.mark.parametrize(("service", "count"), [("samba", 25), ("vsftpd", 6), ("proftpd", 6)])
def test_nothing_of_a_file_server_that_is_open_is_stated_as_closed(service: str, count: int) -> None:
    tried, given, _, missed = filefuzz.run(service, count, 1)
    assert missed == []
    assert 0 < given < tried


@pytest.mark.parametrize("service", ["nginx", "apache"])
def test_nothing_open_is_stated_as_closed(service: str) -> None:
    found = netfuzz.rows(service, 25, 1)
    assert [(text, netfuzz.missed(row)) for text, row in found if netfuzz.missed(row)] == []
    assert any(true for _, row in found for true in row.truth.values())
