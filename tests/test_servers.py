"""The servers that tests start: nothing of them is left when the test is over."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests import servers
from tests.access import serving
from tests.expose import netservers
from tests.running import need


@contextlib.contextmanager
def _plain(home: Path) -> Iterator[tuple[str, Path]]:
    (home / "root").mkdir()
    with servers.samba(home / "root", home / "server") as port:
        yield str(port), home / "server/smb.conf"


@contextlib.contextmanager
def _audited(home: Path) -> Iterator[tuple[str, Path]]:
    with serving.samba(home / "server") as one:
        yield one.url.split()[-1], home / "server/smb.conf"


@contextlib.contextmanager
def _exposed(home: Path) -> Iterator[tuple[str, Path]]:
    with netservers.smbd(home, "map to guest = Bad User") as one:
        yield str(one.port), one.config


@pytest.mark.parametrize("made", [_plain, _audited, _exposed])
def test_samba_goes_with_its_helpers(
    tmp_path: Path, made: Callable[[Path], AbstractContextManager[tuple[str, Path]]]
) -> None:
    need(shutil.which("smbclient") is not None, "smbclient")
    with made(tmp_path) as (port, config):
        # To list the shares it asks by RPC: smbd starts samba-dcerpcd, and that one a worker for each service.
        listing = ["smbclient", "-N", "-p", port, "-L", "//127.0.0.1", "-s", "/dev/null"]
        subprocess.run(listing, capture_output=True, check=True, stdin=subprocess.DEVNULL, timeout=60)
        names = {Path(f"/proc/{process}/comm").read_text().strip() for process in servers.naming(config)}
        assert {"smbd", "samba-dcerpcd", "rpcd_classic"} <= names
    assert servers.naming(config) == []
