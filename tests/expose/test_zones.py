"""The nearest declared zone decides, then what is assumed, then the rights."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from phiscan.expose.permissions import Cache
from phiscan.expose.zones import Zone, Zones, exposure_of, zone_of
from phiscan.model import Exposure, Level, Reason

FTP = Zone(path=b"/srv/ftp", level=Level.PUBLIC, source="phiscan.yaml:7", extra={"owner": "Exploitation"})
INNER = Zone(path=b"/srv/ftp/migration", level=None, source="phiscan.yaml:9", extra={"purpose": "migration"})
SHUT = Zone(path=b"/srv/ftp/migration/shut", level=Level.RESTRICTED, source="phiscan.yaml:11")


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every account can reach: pytest's own is shut to all but its owner."""
    folder = Path(tempfile.mkdtemp(prefix="phiscan-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("path", "zone"),
    [
        (b"/srv/ftp/a", FTP),
        (b"/srv/ftp", FTP),
        (b"/srv/ftp2/a", None),
        (b"/srv", None),
        (b"/srv/ftp/migration/a/b", INNER),
        (b"/srv/ftp/migration/shut/a", SHUT),
        (b"/srv/ftp/migration2/a", FTP),
    ],
)
def test_the_longest_zone_holds(path: bytes, zone: Zone | None) -> None:
    assert Zones([SHUT, FTP, INNER]).of(path) == zone


def test_zones_paths_are_cleaned() -> None:
    zone = Zone(path=b"/srv//ftp/./x/../", level=Level.PUBLIC)
    assert Zones([zone]).of(b"/srv/ftp/a") == zone
    everything = Zone(path=b"/", level=Level.SHARED)
    assert Zones([everything]).of(b"/a") == everything


@pytest.mark.parametrize(
    ("first", "second", "level", "source"),
    [
        (Level.PUBLIC, Level.SHARED, Level.PUBLIC, "first"),
        (Level.SHARED, Level.PUBLIC, Level.PUBLIC, "second"),
        (Level.RESTRICTED, None, Level.RESTRICTED, "first"),
        (None, Level.RESTRICTED, Level.RESTRICTED, "second"),
        (None, None, None, "second"),
    ],
)
def test_of_two_zones_at_one_path_the_more_exposed_counts(
    first: Level | None, second: Level | None, level: Level | None, source: str
) -> None:
    one = Zone(path=b"/a", level=first, source="first", extra={"owner": 1})
    two = Zone(path=b"/a/", level=second, source="second", extra={"owner": 2})
    zones = Zones([one, two])
    found = zones.of(b"/a/b")
    assert found is not None
    assert (len(zones), found.level, found.source, found.extra) == (1, level, source, {"owner": 2})


@pytest.fixture
def file(reachable: Path) -> Path:
    path = reachable / "zone" / "inner" / "a"
    path.parent.mkdir(parents=True)
    path.write_text("x")
    path.chmod(0o640)
    return path


def exposure(file: Path, zones: list[Zone], assume: Level | None = None) -> Exposure:
    return exposure_of(os.fsencode(file), file.stat(), Zones(zones), assume, cache=Cache())


def test_what_decides(file: Path) -> None:
    outer = Zone(path=os.fsencode(file.parents[1]), level=Level.PUBLIC, source="phiscan.yaml:7")
    inner = Zone(path=os.fsencode(file.parents[0]), source="phiscan.yaml:9")
    declared = Exposure(Level.PUBLIC, (Reason("zone", "exposure: public", "phiscan.yaml:7", str(file.parents[1])),))
    assumed = Exposure(Level.SHARED, (Reason("assumed", "--assume-exposure shared", "command line"),))
    rights = Exposure(Level.RESTRICTED, (Reason("posix", "mode 0640", str(file)),))
    assert exposure(file, []) == rights
    assert exposure(file, [], Level.SHARED) == assumed
    assert exposure(file, [outer]) == exposure(file, [outer, inner], Level.SHARED) == declared
    assert exposure(file, [inner]) == exposure(file, [inner], Level.SHARED) == rights
    elsewhere = Zone(path=b"/elsewhere", level=Level.PUBLIC)
    assert exposure(file, [elsewhere], Level.SHARED) == assumed


def test_a_zone_holds_what_a_link_leads_to(file: Path) -> None:
    zone = Zone(path=os.fsencode(file.parents[1]), level=Level.PUBLIC, source="phiscan.yaml:7")
    link = file.parents[2] / "link"
    link.symlink_to(file.parents[0])
    assert exposure(link / "a", [zone]).level is Level.PUBLIC
    assert zone_of(os.fsencode(link / "a"), Zones([zone]), Cache()) == zone
    assert zone_of(os.fsencode(link / "a"), Zones(), Cache()) is None
    aside = Zone(path=os.fsencode(link), level=Level.RESTRICTED)
    assert zone_of(os.fsencode(link / "a"), Zones([zone, aside]), Cache()) == aside


def test_a_relative_path_has_its_zone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = Zone(path=os.fsencode(file.parents[1]), level=Level.PUBLIC)
    monkeypatch.chdir(file.parent)
    assert zone_of(b"a", Zones([zone]), Cache()) == zone
