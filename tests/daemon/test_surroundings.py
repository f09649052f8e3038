"""A server's configuration changes while the daemon runs: what it opens and closes, when, and what is told."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from phiscan.daemon import settling
from phiscan.daemon.surroundings import CALM, Surroundings, touched
from phiscan.expose.discover import Discovery
from phiscan.expose.grant import Grant
from phiscan.expose.permissions import Cache
from phiscan.expose.zones import Zones, exposure_of
from phiscan.model import Exposure, Level, Reason
from tests.running import PATIENTS, need
from tests.servers import free_port
from tests.watching import Watch, until

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
NOBODY = 65534
OPEN, SHUT = "guest ok = yes", "guest ok = no"


def samba(home: Path, setting: str, folder: str = "labo") -> str:
    lines = (
        "[global]",
        "map to guest = Bad User",
        "guest account = nobody",
        "[labo]",
        f"path = {home}/{folder}",
        setting,
    )
    return "\n".join(lines) + "\n"


class Place:
    """A file that only the guests' account may read, and the configuration of a server above it."""

    def __init__(self, home: Path, around: Surroundings) -> None:
        self.home, self.around = home, around
        self.config, self.file = home / "smb.conf", home / "labo" / "a.csv"
        self.folders: set[bytes] = set()

    def exposure(self, path: Path | None = None) -> Exposure:
        """Return who can read the file now, as the daemon would say."""
        if (news := self.around.take()) is not None:
            self.folders |= set(news[1])
        path = path or self.file
        return exposure_of(os.fsencode(path), path.lstat(), Zones(), None, cache=Cache(discovery=self.around.discovery))

    def told(self, folder: Path) -> bool:
        """Whether it was said that what lies in a folder may differ; that comes a moment after the discovery."""
        self.exposure()
        return os.fsencode(folder) in self.folders

    def level(self) -> Level:
        return self.exposure().level

    def stays(self, level: Level, seconds: float) -> None:
        """Nothing changes for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.level() is level
            time.sleep(0.02)


@pytest.fixture
def place(home: Path) -> Iterator[Place]:
    labo = home / "labo"
    labo.mkdir()
    (labo / "a.csv").write_text(PATIENTS)
    os.chown(labo, NOBODY, NOBODY)
    labo.chmod(0o500)
    (home / "smb.conf").write_text(samba(home, SHUT))
    bugs: list[Exception] = []
    around = Surroundings([home / "smb.conf"], lambda: None, bugs.append)
    around.start()
    yield Place(home, around)
    around.close()
    assert bugs == []


pytestmark = root_only


def test_what_opens_counts_at_once_and_what_closes_when_all_is_calm(place: Place) -> None:
    assert place.level() is Level.RESTRICTED
    place.config.write_text(samba(place.home, OPEN))
    until(lambda: place.level() is Level.PUBLIC)
    reasons = place.exposure().reasons
    assert Reason("samba", OPEN, f"{place.config}:6", str(place.home / "labo")) in reasons
    until(lambda: place.told(place.home / "labo"))
    place.stays(Level.PUBLIC, 1.5 * CALM)
    began = time.monotonic()
    place.config.write_text(samba(place.home, SHUT))
    until(lambda: place.level() is Level.RESTRICTED)
    assert time.monotonic() - began > CALM


def test_a_file_that_is_still_being_written_says_nothing(place: Place) -> None:
    with place.config.open("w") as file:
        file.write(samba(place.home, OPEN))
        file.flush()
        place.stays(Level.RESTRICTED, 2 * CALM)
    until(lambda: place.level() is Level.PUBLIC)
    with place.config.open("w") as file:
        file.write("[global]\n")
        file.flush()
        place.stays(Level.PUBLIC, 2 * CALM)
        file.write(samba(place.home, OPEN))
    place.stays(Level.PUBLIC, 2 * CALM)


def test_a_file_that_is_emptied_and_filled_again_closes_nothing(place: Place) -> None:
    place.config.write_text(samba(place.home, OPEN))
    until(lambda: place.level() is Level.PUBLIC)
    place.stays(Level.PUBLIC, 1.5 * CALM)
    place.config.write_text("")
    place.stays(Level.PUBLIC, 0.5 * CALM)
    place.config.write_text(samba(place.home, OPEN))
    place.stays(Level.PUBLIC, 1.5 * CALM)


def test_vsftpd_whose_file_is_empty_for_a_moment_opens_nothing(home: Path) -> None:
    """Nothing means `anonymous_enable=YES` to vsftpd: an emptied file that is then written opens nothing."""
    ftp = next((one for one in pwd.getpwall() if one.pw_name == "ftp"), None)
    need(ftp is not None, "vsftpd, with its account,")
    assert ftp is not None
    labo, config = home / "labo", home / "vsftpd.conf"
    labo.mkdir()
    (labo / "a.csv").write_text(PATIENTS)
    os.chown(labo, ftp.pw_uid, ftp.pw_gid)
    labo.chmod(0o500)
    rest = f"listen=YES\nanon_root={labo}\n"
    config.write_text(f"anonymous_enable=NO\n{rest}")
    around = Surroundings([config], lambda: None, lambda error: None)
    around.start()
    try:
        place = Place(home, around)
        config.write_text("")
        place.stays(Level.RESTRICTED, 0.5 * CALM)
        config.write_text(f"anonymous_enable=NO\n{rest}")
        place.stays(Level.RESTRICTED, 1.5 * CALM)
        config.write_text(f"anonymous_enable=YES\n{rest}")
        until(lambda: place.level() is Level.PUBLIC)
        assert {reason.service for reason in place.exposure().reasons} == {"vsftpd"}
    finally:
        around.close()


def test_a_configuration_that_cannot_be_understood_closes_nothing_and_makes_the_rest_unknown(place: Place) -> None:
    place.config.write_text(samba(place.home, OPEN))
    until(lambda: place.level() is Level.PUBLIC)
    place.stays(Level.PUBLIC, 1.5 * CALM)
    other = place.home / "other.csv"
    other.write_text("x")
    other.chmod(0o600)
    assert place.exposure(other).level is Level.RESTRICTED
    place.config.write_text("[global]\n  include = registry\n")
    until(lambda: place.exposure(other).level is Level.UNKNOWN)
    assert place.exposure(other).reasons[0].service == "samba"
    place.stays(Level.PUBLIC, 1.5 * CALM)
    place.config.write_text(samba(place.home, SHUT))
    until(lambda: place.level() is Level.RESTRICTED)
    until(lambda: place.exposure(other).level is Level.RESTRICTED)


def test_a_file_that_is_replaced_or_removed(place: Place) -> None:
    new = place.home / "new"
    new.write_text(samba(place.home, OPEN))
    new.rename(place.config)
    until(lambda: place.level() is Level.PUBLIC)
    place.stays(Level.PUBLIC, 1.5 * CALM)
    place.config.unlink()  # of a file that the operator names that is a trouble: what it gave away is still given
    until(lambda: place.around.discovery.troubles)
    place.stays(Level.PUBLIC, 1.5 * CALM)


def test_what_was_opened_a_moment_before_its_configuration_was_removed_is_still_given(place: Place) -> None:
    place.config.write_text(samba(place.home, OPEN))
    until(lambda: place.level() is Level.PUBLIC)
    place.config.unlink()  # before there was calm
    until(lambda: place.around.discovery.troubles)
    place.stays(Level.PUBLIC, 1.5 * CALM)
    place.config.write_text(samba(place.home, SHUT))
    until(lambda: place.level() is Level.RESTRICTED)


def test_a_server_that_starts_and_stops(place: Place) -> None:
    program = shutil.which("rsync", path="/usr/bin")
    need(program is not None, "rsync")
    port, config = free_port(), place.home / "elsewhere.conf"
    config.write_text(
        f"port = {port}\naddress = 127.0.0.1\nuse chroot = no\nuid = nobody\n[labo]\npath = {place.home}/labo\n"
    )
    place.stays(Level.RESTRICTED, 0.5)
    with (
        subprocess.Popen([str(program), "--daemon", "--no-detach", f"--config={config}"]) as server,
        contextlib.ExitStack() as stack,
    ):
        stack.callback(server.terminate)
        until(lambda: place.level() is Level.PUBLIC)
        assert {reason.service for reason in place.exposure().reasons} == {"rsync"}
    until(lambda: place.level() is Level.RESTRICTED)


def test_links_are_followed_once_they_are_known(place: Place) -> None:
    beside = place.home / "beside"
    beside.mkdir()
    secret = beside / "b.csv"
    secret.write_text("x")
    os.chown(beside, NOBODY, NOBODY)
    beside.chmod(0o700)
    wide = samba(place.home, f"{OPEN}\nwide links = yes").replace("[global]\n", "[global]\nunix extensions = no\n")
    place.config.write_text(wide)
    until(lambda: place.level() is Level.PUBLIC)
    assert place.exposure(secret).level is Level.RESTRICTED
    (place.home / "labo" / "l").symlink_to(beside)

    def found() -> bool:
        place.around.links_changed(os.fsencode(place.home / "labo" / "l"))
        return place.exposure(secret).level is Level.PUBLIC

    until(found)
    until(lambda: place.told(beside))


def test_whether_a_file_is_being_written(tmp_path: Path) -> None:
    settling.prepare()
    path = tmp_path / "a.conf"
    path.write_text("x")
    assert not settling.written([str(path), str(tmp_path), str(tmp_path / "none")])
    with path.open("a"):
        assert settling.written([str(path)])
    with path.open():
        assert not settling.written([str(path)])


def test_where_exposure_may_differ(tmp_path: Path) -> None:
    def of(*paths: str) -> Discovery:
        grants = (
            Grant(service="s", path=os.fsencode(tmp_path / path), level=Level.PUBLIC, evidence=()) for path in paths
        )
        return Discovery(grants=tuple(grants))

    (tmp_path / "b").mkdir()
    (tmp_path / "l").symlink_to("b")
    assert touched(of("a"), of("a")) == set()
    assert touched(of("a"), of("a", "l")) == {os.fsencode(tmp_path / "b")}
    assert touched(of("a", "c"), of()) == {os.fsencode(tmp_path / "a"), os.fsencode(tmp_path / "c")}


# The daemon


@pytest.fixture
def guarded(home: Path, made: Callable[..., Watch]) -> Watch:
    """A daemon over a folder that holds patients' data, which only the guests' account may read."""
    config = home / "smb.conf"
    watch = made(servers=[str(config)], zones=[])
    watch.env = {"PHISCAN_DISCOVER": "true"}
    labo = watch.srv / "labo"
    labo.mkdir()
    (labo / "a.csv").write_text(PATIENTS)
    os.chown(labo, NOBODY, NOBODY)
    labo.chmod(0o500)
    config.write_text(samba(watch.srv, SHUT))
    return watch


def test_a_share_that_is_opened_above_health_data_is_told_within_two_seconds(guarded: Watch) -> None:
    guarded.start()
    until(lambda: guarded.idle() and guarded.ledger() == {"labo/a.csv": "scanned"})
    assert guarded.messages() == []
    waits = []
    for _ in range(3):
        told, began = len(guarded.messages()), time.monotonic()
        (guarded.home / "smb.conf").write_text(samba(guarded.srv, OPEN))
        until(lambda: len(guarded.messages()) > told)  # noqa: B023  it is asked at once
        waits.append(time.monotonic() - began)
        (guarded.home / "smb.conf").write_text(samba(guarded.srv, SHUT))
        until(lambda: all(one.state == "resolved" for one in guarded.incidents() if one.severity >= 4))
    assert min(waits) < 2.0
    incident = max(guarded.incidents(), key=lambda one: one.severity)
    assert incident.shown == f"{guarded.srv}/labo/a.csv"


def test_what_was_opened_while_the_daemon_was_down_is_found(guarded: Watch) -> None:
    guarded.start()
    until(lambda: guarded.idle() and guarded.ledger() == {"labo/a.csv": "scanned"})
    guarded.stop()
    (guarded.home / "smb.conf").write_text(samba(guarded.srv, OPEN))
    guarded.start()
    until(guarded.messages)
    assert [one["kind"] for one in guarded.messages()] == ["alert"]
