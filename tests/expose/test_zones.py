"""The nearest declared zone decides, then what is assumed, then the rights; what services give away counts anyway."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from phiscan.expose.discover import Discovery
from phiscan.expose.grant import Grant, Identity
from phiscan.expose.machine import Trouble
from phiscan.expose.permissions import Cache
from phiscan.expose.zones import Zone, Zones, exposure_of, gap_of, level_of, zone_of
from phiscan.model import Exposure, Gap, Level, Reason
from phiscan.source.walk import place_of

FTP = Zone(path=b"/srv/ftp", level=Level.PUBLIC, source="phiscan.yaml:7", extra={"owner": "Exploitation"})
INNER = Zone(path=b"/srv/ftp/migration", level=None, source="phiscan.yaml:9", extra={"purpose": "migration"})
OTHER = Identity("somebody", 65_533, frozenset({65_533}))
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


def given(folder: Path, level: Level = Level.PUBLIC, **more: Any) -> Discovery:
    """What a service gives to anybody, whose account is the owner of the files."""
    who = Identity("me", os.geteuid(), frozenset({os.getegid()}))
    evidence = (Reason("vsftpd", "anonymous_enable=YES", "vsftpd.conf:1"),)
    grant = Grant(service="vsftpd", path=os.fsencode(folder), level=level, evidence=evidence, identity=who)
    return Discovery(grants=(grant,), **more)


@pytest.mark.parametrize(
    ("discovered", "declared", "assume", "expected", "services"),
    [
        (Level.PUBLIC, None, None, Level.PUBLIC, ["vsftpd"]),
        (Level.PUBLIC, Level.RESTRICTED, None, Level.PUBLIC, ["vsftpd", "zone"]),  # a word does not close what is open
        (Level.PUBLIC, None, Level.RESTRICTED, Level.PUBLIC, ["vsftpd", "assumed"]),
        (Level.SHARED, Level.PUBLIC, None, Level.PUBLIC, ["zone"]),  # it may know more
        (Level.SHARED, Level.RESTRICTED, None, Level.SHARED, ["vsftpd", "zone"]),
        (Level.RESTRICTED, None, None, Level.RESTRICTED, ["posix"]),
        (Level.RESTRICTED, None, Level.SHARED, Level.SHARED, ["assumed"]),
    ],
)
def test_services_and_what_people_say(
    file: Path, discovered: Level, declared: Level | None, assume: Level | None, expected: Level, services: list[str]
) -> None:
    zones = [] if declared is None else [Zone(path=os.fsencode(file.parent), level=declared, source="phiscan.yaml:7")]
    cache = Cache(discovery=given(file.parent, discovered))
    found = exposure_of(os.fsencode(file), file.stat(), Zones(zones), assume, cache=cache)
    assert (found.level, [reason.service for reason in found.reasons]) == (expected, services)


def test_where_a_configuration_is_not_understood_nothing_is_called_restricted(file: Path) -> None:
    trouble = Trouble("samba", "/etc/samba/smb.conf", "cannot be read")

    def level(folder: str, zones: list[Zone], assume: Level | None = None) -> tuple[Level, Gap | None]:
        cache = Cache(discovery=Discovery(troubles=(replace(trouble, folder=folder),)))
        found = exposure_of(os.fsencode(file), file.stat(), Zones(zones), assume, cache=cache)
        return found.level, gap_of(found) if found.level is Level.UNKNOWN else None

    gap = Gap("expose", "exposure_unknown", "what a server gives away could not be established")
    assert level("/", []) == (Level.UNKNOWN, gap)
    assert level(str(file.parent), []) == (Level.UNKNOWN, gap)
    assert level("/elsewhere", []) == (Level.RESTRICTED, None)
    said = Zone(path=os.fsencode(file.parent), level=Level.RESTRICTED)
    assert level("/", [said]) == (Level.RESTRICTED, None)
    assert level("/", [], Level.RESTRICTED) == (Level.RESTRICTED, None)
    file.chmod(0o644)
    assert level("/", []) == (Level.SHARED, None)


def test_what_was_given_before_counts_until_it_is_settled(file: Path) -> None:
    before = given(file.parent)
    for discovery, expected in [
        (Discovery(before=before.grants), Level.PUBLIC),
        (replace(given(file.parent, Level.RESTRICTED), before=before.grants), Level.PUBLIC),
        (given(file.parent, Level.RESTRICTED), Level.RESTRICTED),
    ]:
        cache = Cache(discovery=discovery)
        assert exposure_of(os.fsencode(file), file.stat(), Zones(), None, cache=cache).level is expected


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


@pytest.mark.parametrize("seed", range(40))
def test_the_level_alone_is_that_of_the_exposure(reachable: Path, seed: int) -> None:
    dice = random.Random(seed)
    folders = [reachable / name for name in ("a", "b", "a/c", "a/c/d", "b/e")]
    for folder in folders:
        folder.mkdir()
    files = [folder / f"f{number}" for folder in folders for number in range(8)]
    for path in files:
        path.write_text("")
        path.chmod(dice.choice([0o600, 0o640, 0o644, 0o604]))
    for folder in folders:
        folder.chmod(dice.choice([0o755, 0o755, 0o711, 0o750]))
    (reachable / "link").symlink_to(folders[3])
    seen = [*files, *(reachable / "link" / path.name for path in files[:8])]
    everything = [*folders, *files, reachable / "link"]
    zones = Zones(
        Zone(path=os.fsencode(dice.choice(everything)), level=dice.choice([None, *Level]))
        for _ in range(dice.randrange(4))
    )
    grants = [
        grant
        for _ in range(dice.randrange(3))
        for grant in given(dice.choice([*folders, *files]), dice.choice([Level.PUBLIC, Level.SHARED])).grants
    ]
    trouble = Trouble("samba", "/etc/samba/smb.conf", "cannot be read", folder=str(dice.choice(folders)))
    troubles = (trouble,) if dice.random() < 0.2 else ()
    discovery = Discovery(grants=tuple(replace(one, identity=OTHER) for one in grants), troubles=troubles)
    one, each = Cache(discovery=discovery), Cache(discovery=discovery)
    places = [place_of(os.fsencode(path), path.lstat()) for path in seen]
    found = [level_of(place.path, place, zones, cache=one) for place in places]
    assert found == [exposure_of(place.path, place, zones, None, cache=each).level for place in places]
    assert bool(troubles) or len(one.levels) < len(places)
