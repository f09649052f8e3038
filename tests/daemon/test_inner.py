"""What is mounted below a root and then is not: its files are out of sight, which is not gone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from phiscan.daemon.inner import Inner
from phiscan.model import Level, Place
from phiscan.source.mounts import Mounts, parse
from phiscan.source.scope import Scope
from phiscan.store import Store, ledger
from phiscan.store.ledger import entry_of
from tests.daemon.test_operation import metrics
from tests.daemon.test_pace import NEVER
from tests.running import need, phiscan
from tests.servers import free_port
from tests.watching import Watch, table, until

Make = Callable[..., Watch]
SHARED = "shared.identified-health"
ROOT = b"/srv"
DISK = "36 35 8:1 / /srv/disque rw - ext4 /dev/sda1 rw"
SYSTEM = "35 1 8:0 / / rw - ext4 /dev/root rw"


class Disk:
    """A file system that is mounted below the share, taken away and mounted again, with what it holds."""

    def __init__(self, home: Path) -> None:
        self.point, self.files, self.empty = home / "srv/disque", home / "files", home / "empty"
        for folder in (self.point, self.files, self.empty):
            folder.mkdir(parents=True, mode=0o755)

    def mount(self) -> None:
        """Mount it. Only what it held by then is to be seen."""
        layers = ["-o", f"lowerdir={self.files}:{self.empty}"]
        done = subprocess.run(["mount", "-t", "overlay", "phiscan-test", *layers, str(self.point)], check=False)
        need(done.returncode == 0, "a kernel that lets us mount")

    def unmount(self) -> None:
        """Take it away."""
        subprocess.run(["umount", "-l", str(self.point)], check=True)


@pytest.fixture
def disk(home: Path) -> Iterator[Disk]:
    need(os.geteuid() == 0 and shutil.which("mount") is not None, "mount, as root")
    one = Disk(home)
    yield one
    while os.path.ismount(one.point):
        one.unmount()


def said(watch: Watch) -> list[tuple[str, int | None]]:
    """Return what the log says of what is mounted."""
    return [(one["event"], one.get("missing")) for one in watch.logged() if one["event"].startswith("file systems ")]


def gaps(watch: Watch) -> list[tuple[str, str, str]]:
    """Return the gaps of the last record."""
    done = phiscan("coverage", "-f", "json", "-c", str(watch.write()), cwd=watch.home)
    (walk,) = json.loads(done.stdout)["walks"]
    return [(one["path"], one["reason"], one["detail"]) for one in walk["gaps"]]


def test_what_is_unmounted_is_not_gone(made: Make, disk: Disk) -> None:
    port = free_port()
    watch = made(metrics=f"127.0.0.1:{port}")
    watch.times |= {"pace": 0.2}
    (disk.files / "labo").mkdir()
    for number, name in enumerate(("a.csv", "labo/b.csv")):
        (disk.files / name).write_text(table(number))
    (watch.srv / "c.csv").write_text(table(3))
    disk.mount()
    watch.start()
    there = {f"disque/{name}": [(SHARED, "new")] for name in ("a.csv", "labo/b.csv")}
    until(lambda: watch.states() == there | {"c.csv": [(SHARED, "new")]}, watch.states)
    until(lambda: watch.events("covered") > 0)
    assert gaps(watch) == []
    disk.unmount()
    until(lambda: said(watch) == [("file systems unavailable", 1)], watch.logged)
    (watch.srv / "c.csv").unlink()  # what is gone is gone
    until(lambda: watch.states() == there | {"c.csv": [(SHARED, "resolved")]}, watch.states)
    missing = [(str(disk.point), "vanished", "what was mounted here is not")]
    until(lambda: gaps(watch) == missing, lambda: gaps(watch))
    until(lambda: metrics(port)["phiscan_mounts_unavailable"] == 1.0)

    # Another life begins without it, and walks.
    watch.stop()
    walks = watch.events("walked")
    watch.start()
    until(lambda: watch.events("walked") > walks)
    until(lambda: said(watch) == [("file systems unavailable", 1)] * 2, watch.logged)
    assert watch.states() == there | {"c.csv": [(SHARED, "resolved")]}

    # It comes back, without one of its files.
    (disk.files / "labo/b.csv").unlink()
    disk.mount()
    there["disque/labo/b.csv"] = [(SHARED, "resolved")]
    until(lambda: watch.states() == there | {"c.csv": [(SHARED, "resolved")]}, watch.states)
    assert said(watch)[2:] == [("file systems available", None)]
    ended = {one.shown.rpartition("/")[2]: one.resolution for one in watch.incidents()}
    assert ended == {"a.csv": None, "b.csv": "gone", "c.csv": "gone"}
    number = next(one.id for one in watch.incidents() if one.shown.endswith("a.csv"))
    assert watch.kinds(number) == ["opened"]
    until(lambda: gaps(watch) == [], lambda: gaps(watch))


def test_what_waits_to_be_read_when_it_is_unmounted_is_a_gap_and_read_later(made: Make, disk: Disk) -> None:
    watch = made(limits={"window": [NEVER]})
    watch.times |= {"pace": 0.2}
    (disk.files / "a.csv").write_text(table(1))
    os.utime(disk.files / "a.csv", (1e9, 1e9))
    disk.mount()
    watch.start()
    until(lambda: watch.ledger() == {"disque/a.csv": None})
    disk.unmount()
    until(lambda: said(watch) == [("file systems unavailable", 1)], watch.logged)
    watch.stop()
    watch.config["limits"] = {"window": ["00:00-24:00"]}
    watch.start()
    until(lambda: watch.ledger() == {"disque/a.csv": "gap"}, watch.ledger)
    disk.mount()
    until(lambda: watch.states() == {"disque/a.csv": [(SHARED, "new")]}, watch.states)


# What is missed, without a kernel


class Below:
    """What is mounted below a root, by tables as the kernel writes them."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch, exclude: tuple[str, ...] = ()) -> None:
        self.store, self.monkeypatch, self.exclude = store, monkeypatch, exclude
        with store.write() as connection:
            self.root = ledger.root_of(connection, ROOT)
        self.inner = self.born()

    def born(self, *exclude: str) -> Inner:
        """Return what another life knows."""
        self.inner = Inner(self.root, Scope(ROOT, exclude or self.exclude))
        return self.inner

    def look(self, *lines: str) -> tuple[bool, list[str]]:
        """Look at a table; return whether there is news, and what is missing."""
        table_ = "\n".join((SYSTEM, *lines)).encode()
        monkey: Any = classmethod(lambda cls: cls(parse(table_)))
        self.monkeypatch.setattr(Mounts, "read", monkey)
        with self.store.write() as connection:
            news = self.inner.look(connection, Mounts.read())
        return news, sorted(os.fsdecode(point) for point in self.inner.missing)

    def hold(self, *paths: str) -> None:
        """Know of files."""
        with self.store.write() as connection:
            places = [Place(path.encode(), 1, n, 1, 1, 1, 0o600, 0, 0) for n, path in enumerate(paths)]
            ledger.put_new(connection, [entry_of(self.root.id, one, Level.SHARED) for one in places])

    def hidden(self, *paths: str) -> list[str]:
        """Return what is out of sight."""
        return sorted(os.fsdecode(path) for path in self.inner.hidden([path.encode() for path in paths]))


@pytest.fixture
def below(store: Store, monkeypatch: pytest.MonkeyPatch) -> Below:
    return Below(store, monkeypatch)


def test_it_is_missed_from_then_on_and_in_another_life(below: Below) -> None:
    below.hold("/srv/disque/a.csv")
    assert below.look(DISK) == (False, [])
    assert below.hidden("/srv/disque/a.csv", "/srv/b.csv") == []
    assert below.look() == (True, ["/srv/disque"])
    assert below.look() == (False, ["/srv/disque"])
    assert below.hidden("/srv/disque/a.csv", "/srv/disque2/a.csv", "/srv/disque", "/srv/b.csv") == ["/srv/disque/a.csv"]
    below.born()
    assert below.look() == (True, ["/srv/disque"])
    assert below.look(DISK) == (True, [])
    assert below.hidden("/srv/disque/a.csv") == []


def test_the_innermost_mount_says_what_is_out_of_sight(below: Below) -> None:
    inner = "37 36 8:2 / /srv/disque/b rw - ext4 /dev/sda2 rw"
    below.hold("/srv/disque/a.csv", "/srv/disque/b/a.csv")
    below.look(DISK, inner)
    assert below.look(DISK) == (True, ["/srv/disque/b"])
    assert below.hidden("/srv/disque/a.csv", "/srv/disque/b/a.csv") == ["/srv/disque/b/a.csv"]
    assert below.look(inner) == (True, ["/srv/disque"])
    assert below.hidden("/srv/disque/a.csv", "/srv/disque/b/a.csv") == ["/srv/disque/a.csv"]


def test_one_of_which_nothing_is_known_is_not_missed(below: Below) -> None:
    below.hold("/srv/disque2/a.csv")
    below.look(DISK)
    assert below.look() == (False, [])


def test_one_that_is_to_be_seen_elsewhere_is_not_missed(below: Below) -> None:
    """To unmount a folder that was bound into a share is how it is closed."""
    below.hold("/srv/disque/a.csv")
    bound = "36 35 8:1 /labo /srv/disque rw - ext4 /dev/sda1 rw"
    below.look("34 1 8:1 / /mnt rw - ext4 /dev/sda1 rw", bound)
    assert below.look("34 1 8:1 / /mnt rw - ext4 /dev/sda1 rw") == (False, [])
    below.look(bound)
    assert below.look("34 1 8:1 /autre /mnt rw - ext4 /dev/sda1 rw") == (True, ["/srv/disque"])
    assert below.look("34 1 8:1 / /mnt rw - xfs /dev/sdb1 rw") == (False, ["/srv/disque"])  # its number was given away


def test_an_excluded_one_is_not_missed(below: Below) -> None:
    below.hold("/srv/disque/a.csv")
    below.look(DISK)
    below.look()
    below.born("/disque/")
    assert below.look() == (False, [])
    assert below.hidden("/srv/disque/a.csv") == []


def test_what_is_mounted_on_demand_is_not_missed_but_its_files_are_not_gone(below: Below) -> None:
    demand = "34 35 0:40 / /srv/auto rw - autofs /etc/auto.srv rw"
    below.hold("/srv/auto/labo/a.csv")
    below.look(demand, "36 34 0:50 / /srv/auto/labo rw - nfs4 nas:/labo rw")
    assert below.look(demand) == (False, [])
    assert below.hidden("/srv/auto/labo/a.csv") == ["/srv/auto/labo/a.csv"]


def test_a_container_takes_its_layers_along(below: Below) -> None:
    below.hold("/srv/conteneur/a.csv")
    below.look("36 35 0:50 / /srv/conteneur rw - overlay overlay rw,lowerdir=/a:/b")
    assert below.look() == (False, [])  # there is no such folder
