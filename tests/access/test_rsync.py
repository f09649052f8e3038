"""What an rsync daemon logs of its transfers: a real one with its own clients, and lines of it wherever they stand."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from phiscan.access import files
from phiscan.access.following import kind_of
from phiscan.access.formats import Parser
from phiscan.access.model import Target
from phiscan.access.places import logs_of, mappings_of
from phiscan.access.search import Part, look_up
from phiscan.expose.discover import discover
from tests.access.test_zonereaders import AT, who, zones
from tests.expose import netservers
from tests.watching import until

NAMES = (b"export.csv", "résultat 1 (2).csv".encode(), b"bad\xff\x01name.csv", b"#001 [x] (y) 7.csv", b"\\#001.csv")
LINE = "2026/11/21 17:{minute:02d}:59 [152] {what}\n"


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that every account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="phiscan-rsync-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def rsync(*arguments: str | bytes) -> None:
    subprocess.run(["rsync", "-q", *arguments], check=True, timeout=60)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_real_one(home: Path) -> None:
    """Two modules that write one log have files of the same names; a third writes none."""
    for folder in ("un", "deux", "trois"):
        (home / folder / "labo").mkdir(parents=True)
        for name in NAMES:
            with open(os.fsencode(home / folder / "labo") + b"/" + name, "wb") as file:
                file.write(b"x" * 1000)
    text = f"uid = root\ngid = root\ntransfer logging = yes\n[un a]\npath = {home}/un\nread only = no\n"
    text += f"[deux]\npath = {home}/deux\n[trois]\npath = {home}/trois\ntransfer logging = no\n"
    text += f"[quatre]\npath = {home}/un\nlog format = %f %a\n"
    with netservers.rsyncd(home, text) as server:
        grants = [one for one in discover().grants if one.path.startswith(os.fsencode(home))]
        at = f"rsync://127.0.0.1:{server.port}"
        rsync("-r", f"{at}/un a/", str(home / "got"))
        rsync("-r", "--size-only", f"{at}/un a/", str(home / "got"))  # there is nothing to be fetched
        rsync(f"{at}/deux/labo/export.csv", str(home / "one.csv"))
        rsync(f"{at}/trois/labo/export.csv", str(home / "one.csv"))
        rsync(f"{at}/deux/labo/")  # a list
        rsync("--ignore-times", str(home / "got/labo/export.csv"), f"{at}/un a/labo/")
        log = home / "rsync.log"
        until(lambda: b" recv " in log.read_bytes())
    assert {one.name: one.logs for one in grants} == {
        "un a": (str(log),),
        "deux": (str(log),),
        "trois": (),
        "quatre": None,
    }
    assert logs_of(grants) == (str(log),)
    assert kind_of(os.fsencode(log))[0] == ("rsync",)
    places = [os.fsencode(home / folder / "labo") + b"/" + name for folder in ("un", "deux", "trois") for name in NAMES]
    targets = [Target(key=key, path=path, size=1000) for key, path in enumerate(places)]
    looked = look_up([Part(file=os.fsencode(log))], targets, mappings_of(grants))
    found = Counter(
        (places[one.key].removeprefix(os.fsencode(home)), one.access.action, one.access.address, one.extent, one.sure)
        for one in looked.gathered.lines
    )
    reads = {(b"/un/labo/" + name, "read", "127.0.0.1", "unknown", True): 1 for name in NAMES}
    assert found == reads | {
        (b"/deux/labo/export.csv", "read", "127.0.0.1", "unknown", True): 1,
        (b"/un/labo/export.csv", "write", "127.0.0.1", "unknown", True): 1,
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            b"2026/11/21 17:54:59 [15254] send labo.example.org [2001:db8::7] labo (jean) sub/a.csv 3000",
            ("read", b"/labo/sub/a.csv", "jean", "2001:db8::7"),
        ),
        (
            b"Nov 21 17:54:59 serveur rsyncd[152]: recv UNDETERMINED [192.0.2.7] labo () a b.csv 3000",
            ("write", b"/labo/a b.csv", "", "192.0.2.7"),
        ),
        (
            b"<30>2026-11-21T17:54:59.5+01:00 serveur rsyncd[152]: del. h [192.0.2.7] un deux () a.csv 0",
            ("delete", b"/un deux/a.csv", "", "192.0.2.7"),
        ),
    ],
)
def test_lines(line: bytes, said: tuple[str, bytes, str, str]) -> None:
    found = Parser()(line)
    assert found is not None
    assert (found.action, found.path, found.account, found.address) == said
    assert (found.services, found.size, found.zoned) == (("rsync",), None, line.startswith(b"<30>"))


@pytest.mark.parametrize(
    "line",
    [
        b"2026/11/21 17:54:59 [152] rsync on labo/a.csv from h (192.0.2.7)",
        b"2026/11/21 17:54:59 [152] sent 113 bytes  received 48 bytes  total size 6",
        b"2026/11/21 17:54:59 [152] send h [192.0.2.7] labo () a.csv",
        b"2026/11/21 17:54:59 [152] send h [192.0.2.7] a.csv 20",
        b"2026/13/21 17:54:59 [152] send h [192.0.2.7] labo () a.csv 20",
        b"Nov 21 17:54:59 serveur rsync[152]: send h [192.0.2.7] labo () a.csv 20",
    ],
)
def test_others(line: bytes) -> None:
    assert Parser()(line) is None


def test_transfers_behind_many_other_lines_tell_what_a_log_is(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    other = LINE.format(minute=1, what="building file list") * 1000
    log.write_text(other)
    assert kind_of(os.fsencode(log)) == ((), None)  # whether it would have transfers nobody knows
    log.write_text(other + LINE.format(minute=2, what="send h [192.0.2.7] labo () a.csv 20"))
    services, first = kind_of(os.fsencode(log))
    assert services == ("rsync",)
    assert first == files_time(log)


def files_time(log: Path) -> float:
    """Return the time of the last line of a log, as its parser has it."""
    found = Parser()(log.read_bytes().splitlines()[-1])
    assert found is not None
    return found.at


def test_where_it_is_usual() -> None:
    assert "/var/log/rsyncd.log*" in files.USUAL


MODULES = "log file = /srv/journaux/rsync.log\n[labo]\npath = /srv/labo\n{more}\n[autre]\npath = /srv/autre\n{more}\n"
OTHER = LINE.format(minute=10, what="connect from h (192.0.2.7)")
READ = LINE.format(minute=54, what="send h [192.0.2.7] labo () sub/a.csv 3000")


@pytest.mark.parametrize(
    ("more", "log", "state", "logs", "unread"),
    [
        ("transfer logging = yes", OTHER + READ, "read", ["/srv/journaux/rsync.log"], []),
        ("transfer logging = yes", OTHER, "no_evidence", ["/srv/journaux/rsync.log"], []),
        ("transfer logging = no", OTHER, "not_logged", [], []),
        ("", OTHER, "not_logged", [], []),
        ("transfer logging = yes\nlog format = %f", OTHER + LINE.format(minute=54, what="a.csv"), "not_logged", [], []),
    ],
)
def test_what_is_told_of_zones_elsewhere(
    more: str, log: str, state: str, logs: list[str], unread: list[str], tmp_path: Path
) -> None:
    found = zones(tmp_path, {"/etc/rsyncd.conf": MODULES.format(more=more), "/srv/journaux/rsync.log": log}, AT)
    labo, other = found["/srv/labo"], found["/srv/autre"]
    assert (labo["state"], labo["logs"], labo["unread"]) == (state, logs, unread)
    assert who(labo) == ([("192.0.2.7", None, 1, None, {"unknown": 1}, True)] if state == "read" else [])
    assert who(other) == []
