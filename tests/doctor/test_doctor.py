"""Each finding of the doctor, made to happen."""

from __future__ import annotations

import ctypes
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from phiscan.config import Config
from phiscan.doctor import Finding, Grade, Machine, contents, folders, keeping, service, telling
from phiscan.messages.catalogue import TEXTS
from phiscan.source.mounts import Mount, Mounts
from phiscan.store import Store, coverage, now
from tests.running import ROOT
from tests.servers import free_port

GOOD, NOTE, WARNING, ERROR = Grade
Said = list[tuple[Grade, str]]


def machine(home: Path, *, watches: int = 1000) -> Machine:
    """Return a machine whose kernel allows so many watches, with units below `home`."""
    limits = home / "proc/sys/fs/inotify"
    limits.mkdir(parents=True, exist_ok=True)
    (limits / "max_user_watches").write_text(f"{watches}\n")
    (limits / "max_user_instances").write_text("128\n")
    return Machine(proc=home / "proc", units=(home / "etc", home / "lib"), systemd=home)


def said(found: Iterator[Finding]) -> Said:
    """Return grade and key of what was found."""
    return [(one.grade, one.key.removeprefix("doctor.")) for one in found]


def test_folders_as_they_should_be(home: Path, configure: Callable[..., Config]) -> None:
    (home / "srv/a/b").mkdir(parents=True)
    (home / "srv/.snapshot/c").mkdir(parents=True)  # never walked, so never watched
    (home / "srv/x.iso.d").mkdir()
    found = list(folders.examine(configure(exclude=["*.iso.d"]), machine(home)))
    assert [one.said("fr") for one in found] == [
        f"{home}/srv\u202f: lisible, 3 dossiers à surveiller",
        "inotify\u202f: 3 surveillances nécessaires, 1\u202f000 permises par le noyau",
    ]
    assert [one.grade for one in found] == [GOOD, GOOD]


def test_watch_limit_is_told_with_how_to_raise_it(home: Path, configure: Callable[..., Config]) -> None:
    for number in range(4):
        (home / f"srv/{number}").mkdir()
    found = list(folders.examine(configure(), machine(home, watches=4)))
    assert said(iter(found)) == [(GOOD, "root"), (WARNING, "watches.few")]
    assert "write fs.inotify.max_user_watches=524288 into /etc/sysctl.d/90-phiscan.conf" in found[1].said("en")
    assert "5 folders to watch, but the kernel allows 4 watches" in found[1].said("en")
    assert said(folders.examine(configure(), machine(home, watches=5)))[1] == (GOOD, "watches")
    (home / "proc/sys/user").mkdir()
    (home / "proc/sys/user/max_inotify_watches").write_text("3\n")  # as a container may have it
    inside = list(folders.examine(configure(), machine(home)))[1].said("en")
    assert "write user.max_inotify_watches=524288 into" in inside
    assert "but the kernel allows 3 watches" in inside


def test_a_server_that_cannot_be_understood(home: Path, configure: Callable[..., Config]) -> None:
    (home / "smb.conf").write_text("[global]\ninclude = registry\n")
    found = list(folders.examine(configure(discover=True, servers=["smb.conf"]), machine(home)))
    (trouble,) = [one for one in found if one.params.get("path") == f"{home}/smb.conf:2"]
    assert (trouble.grade, trouble.params["why"]) == (WARNING, "the registry of Samba is not read")


def test_many_folders_are_advised_twice_what_they_need(home: Path) -> None:
    found = list(folders._watches(600_000, machine(home), whole=True))
    assert found[0].params["advised"] == "2097152"


def test_counting_ends_in_time(home: Path, monkeypatch: pytest.MonkeyPatch, configure: Callable[..., Config]) -> None:
    for number in range(300):
        (home / f"srv/{number}").mkdir()
    monkeypatch.setattr(folders, "_PATIENCE", 0.0)
    found = list(folders.examine(configure(), machine(home)))
    assert said(iter(found)) == [(GOOD, "root"), (NOTE, "watches.uncounted")]
    assert found[1].params["needed"] == 256


def test_roots_that_cannot_be_watched(home: Path, configure: Callable[..., Config]) -> None:
    (home / "plain").write_text("")
    assert said(folders.examine(configure(watch=[]), machine(home))) == [(ERROR, "watch.none")]
    assert said(folders.examine(configure(watch=["gone"]), machine(home))) == [(ERROR, "root.missing")]
    assert said(folders.examine(configure(watch=["plain"]), machine(home))) == [(ERROR, "watch.no_folder")]


def test_zones_that_are_nowhere(home: Path, configure: Callable[..., Config]) -> None:
    (home / "else").mkdir()
    zones = [{"path": "srv"}, {"path": "srv/gone"}, {"path": "else"}, {"path": "."}]
    found = list(folders.examine(configure(zones=zones), machine(home)))
    assert said(iter(found)) == [
        (GOOD, "root"),
        (WARNING, "zone.missing"),
        (WARNING, "zone.outside"),
        (GOOD, "watches"),
    ]
    assert found[1].said("en").startswith(f"phiscan.yaml:7: the zone {home}/srv/gone is no folder; ")


def test_network_shares(home: Path, configure: Callable[..., Config], monkeypatch: pytest.MonkeyPatch) -> None:
    inner = home / "srv/nas"
    inner.mkdir()
    here = Mount(os.fsencode(home), os.stat(home).st_dev, "ext4", frozenset())
    nas = Mount(os.fsencode(inner), 1, "nfs4", frozenset())
    monkeypatch.setattr(Mounts, "read", classmethod(lambda cls: cls([here, nas])))
    found = list(folders.examine(configure(), machine(home)))
    assert said(iter(found)) == [(NOTE, "root.silent"), (GOOD, "watches")]
    assert found[0].params == {"path": str(inner), "type": "nfs4"}
    cifs = Mount(os.fsencode(home), os.stat(home).st_dev, "cifs", frozenset())
    monkeypatch.setattr(Mounts, "read", classmethod(lambda cls: cls([cifs])))
    assert said(folders.examine(configure(), machine(home))) == [(WARNING, "root.unknown"), (NOTE, "root.silent")]
    declared = configure(zones=[{"path": ".", "exposure": "shared"}])
    assert said(folders.examine(declared, machine(home))) == [(NOTE, "root.silent")]


def test_configuration_and_rules(home: Path, configure: Callable[..., Config]) -> None:
    config = configure(rules=[str(home / "rules")])
    os.chmod(home / "phiscan.yaml", 0o646)
    (home / "rules").mkdir()
    (home / "rules/bad.yaml").write_text("id: x\n")
    found = list(contents.examine(config))
    assert said(iter(found))[:2] == [(ERROR, "config.writable"), (ERROR, "key.wrong")]
    assert found[1].said("en").startswith(f"{home}/rules/bad.yaml:1: ")
    os.chmod(home / "phiscan.yaml", 0o644)
    assert said(contents.examine(configure(test_persons="gone.csv")))[:2] == [(GOOD, "config"), (ERROR, "tests.file")]
    assert said(contents.examine(Config()))[:2] == [(NOTE, "config.none"), (GOOD, "rules")]


def test_store_and_key_that_are_still_to_be_made(home: Path, configure: Callable[..., Config]) -> None:
    assert said(keeping.examine(configure(), None)) == [
        (GOOD, "disk"),
        (GOOD, "store.new"),
        (GOOD, "key.new"),
    ]
    assert sorted(os.listdir(home)) == ["phiscan.yaml", "srv"]  # nothing was made


def filled(config: Config) -> None:
    """Make a store with its key, as a daemon does."""
    store = Store.open(config.store, create=True)
    store.key(config.key_file)
    with store.write() as connection:
        coverage.alive(connection, now())
    store.close()


WHOLE = [(GOOD, "disk"), (GOOD, "store"), (GOOD, "daemon"), (GOOD, "key")]


def test_store_of_any_kind(url: str, home: Path, configure: Callable[..., Config]) -> None:
    config = configure(store=url)
    if "postgresql" in url:
        assert said(keeping.examine(config, None)) == [(GOOD, "store.empty"), (GOOD, "key.new")]
    filled(config)
    expected = [one for one in WHOLE if "sqlite" in url or one[1] != "disk"]
    assert said(keeping.examine(config, None)) == expected


def test_a_store_without_a_key_gets_none(home: Path, configure: Callable[..., Config]) -> None:
    config = configure()
    Store.open(config.store, create=True).close()
    assert said(keeping.examine(config, None))[1:] == [(GOOD, "store"), (NOTE, "daemon.never"), (GOOD, "key.new")]
    assert not config.key_file.exists()


def test_key_lost_other_broken_or_open(home: Path, configure: Callable[..., Config]) -> None:
    config = configure()
    filled(config)
    os.chmod(config.key_file, 0o640)
    found = list(keeping.examine(config, None))
    assert said(iter(found)) == [*WHOLE[:3], (WARNING, "key.rights")]
    assert found[3].said("fr").endswith(f"(0640)\u202f; chmod 600 {config.key_file}")
    config.key_file.write_text(f"k1:{'0' * 64}\n")
    assert said(keeping.examine(config, None)) == [*WHOLE[:3], (ERROR, "key.other")]
    config.key_file.write_text("k1:short\n")
    assert said(keeping.examine(config, None)) == [*WHOLE[:3], (ERROR, "key.shape")]
    config.key_file.unlink()
    assert said(keeping.examine(config, None)) == [*WHOLE[:3], (ERROR, "key.lost")]
    assert not config.key_file.exists()


def test_store_of_another_version_locked_or_damaged(
    home: Path, configure: Callable[..., Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    config, file = configure(), home / "state/phiscan.db"
    filled(config)
    monkeypatch.setattr(keeping, "_PATIENCE", 0.1)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert said(keeping.examine(config, None)) == [(GOOD, "disk"), (ERROR, "store.locked"), (GOOD, "key")]
    for version, found in (("0000", (NOTE, "store.older")), ("0099", (ERROR, "store.version"))):
        other.execute(f"UPDATE alembic_version SET version_num = '{version}'")
        other.execute("COMMIT")
        assert said(keeping.examine(config, None)) == [(GOOD, "disk"), found, (GOOD, "key")]
        other.execute("BEGIN IMMEDIATE")
    other.close()
    file.write_bytes(b"no database" * 1000)
    assert said(keeping.examine(config, None)) == [(GOOD, "disk"), (ERROR, "store.corrupt"), (GOOD, "key")]


def test_a_server_that_cannot_be_reached(configure: Callable[..., Config]) -> None:
    config = configure(store=f"postgresql+psycopg://phiscan@127.0.0.1:{free_port()}/x")
    found = list(keeping.examine(config, None))
    assert said(iter(found)) == [(ERROR, "store.unreachable"), (GOOD, "key.new")]
    assert (
        found[0]
        .said("fr")
        .endswith(
            "/x\u202f: base injoignable\u202f; vérifiez que le serveur tourne et que l'adresse de store est juste"
        )
    )


def test_daemon_that_is_silent_or_ahead(home: Path, configure: Callable[..., Config]) -> None:
    config = configure()
    filled(config)

    def at(moment: float) -> Finding:
        store = Store.open(config.store)
        with store.write() as connection:
            coverage.alive(connection, moment)
        store.close()
        return list(keeping.examine(config, None))[2]

    silent = at(time.time() - 600)
    assert (silent.grade, silent.key, silent.params) == (WARNING, "doctor.daemon.silent", {"minutes": 10})
    ahead = at(time.time() + 3600)
    assert (ahead.grade, ahead.key) == (WARNING, "doctor.clock.back")


def test_a_store_that_the_service_may_not_write(home: Path, configure: Callable[..., Config]) -> None:
    config = configure()
    filled(config)
    unit = service.Unit(home / "phiscan.service", "nobody", "notify", 300.0)
    assert said(keeping.examine(config, unit)) == [*WHOLE, (ERROR, "store.owner")]
    unknown = service.Unit(home / "phiscan.service", "phiscan-is-not-here", "notify", 300.0)
    assert said(keeping.examine(config, unknown)) == WHOLE


@pytest.mark.parametrize(
    ("free", "inodes", "expected"),
    [
        (1 << 30, 5, (GOOD, "disk")),
        ((1 << 30) - 4096, 5, (WARNING, "disk.scarce")),
        ((64 << 20) - 4096, 5, (ERROR, "disk.full")),
        (1 << 40, 0, (ERROR, "disk.inodes")),
    ],
)
def test_disk(
    free: int,
    inodes: int,
    expected: tuple[Grade, str],
    home: Path,
    configure: Callable[..., Config],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = os.statvfs_result((4096, 4096, 1 << 30, 0, free // 4096, 9, 9, inodes, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda path: room)
    assert said(keeping.examine(configure(), None))[0] == expected


def test_self_test(home: Path, configure: Callable[..., Config], monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(telling._self_test(configure())) == []
    (home / "srv/essais").mkdir()
    for folder, expected in (("srv/essais", (GOOD, "selftest")), ("srv/none", (ERROR, "selftest.folder"))):
        found = said(telling._self_test(configure(self_test={"folder": folder})))
        assert [(grade, key.removeprefix("doctor.")) for grade, key in found] == [expected]
    config = configure(self_test={"folder": "srv/essais", "every": "6h"})
    assert said(telling._self_test(config)) == [(GOOD, "selftest")]
    monkeypatch.setattr(os, "access", lambda *_: False)
    (shut,) = telling._self_test(config)
    assert (shut.grade, shut.said("en")) == (
        WARNING,
        f"self_test.every: this account cannot write into {home}/srv/essais; grant it to the daemon's account "
        "(and ReadWritePaths= in the unit)",
    )


def test_a_store_whose_address_cannot_be_read(home: Path, configure: Callable[..., Config]) -> None:
    assert said(keeping.examine(configure(store_file="address"), None))[0] == (ERROR, "file.unreadable")
    (home / "address").write_text(f"sqlite:///{home}/other/phiscan.db\n")
    assert said(keeping.examine(configure(store_file="address"), None))[1:] == [(GOOD, "store.new"), (GOOD, "key.new")]


def test_channels(home: Path, configure: Callable[..., Config]) -> None:
    free = {"metrics": None, "organisation": {"dpo": "dpo@example.org"}, "heartbeat": {"url_file": "beat"}}
    (home / "beat").write_text("https://example.org/token\n")
    os.chmod(home / "beat", 0o600)
    beating = (GOOD, "heartbeat")
    assert said(telling.examine(configure(**free))) == [(ERROR, "channel.none"), beating]
    slack = free | {"alerts": {"slack": {"webhook_url_file": "slack"}}}
    missing = next(telling.examine(configure(**slack)))
    assert (missing.grade, missing.said("fr")) == (
        ERROR,
        f"alerts.slack\u202f: {home}/slack\u202f: illisible (aucun fichier ou dossier de ce nom)\u202f; créez ce "
        "fichier, ou corrigez son chemin ou ses droits",
    )
    (home / "slack").write_text("https://example.org/hook\n")
    os.chmod(home / "slack", 0o644)
    assert said(telling.examine(configure(**slack))) == [(WARNING, "secret.rights"), (NOTE, "dpo.no_mail"), beating]
    os.chmod(home / "slack", 0o640)
    assert said(telling.examine(configure(**slack))) == [(GOOD, "channel"), (NOTE, "dpo.no_mail"), beating]
    file = free | {"alerts": {"file": {"path": "gone/alerts.jsonl"}}}
    assert said(telling.examine(configure(**file))) == [(ERROR, "channel.file"), (NOTE, "dpo.no_mail"), beating]
    assert said(telling._secrets((home / "slack", home / "gone"))) == []
    os.chmod(home / "slack", 0o604)
    assert said(telling._secrets((home / "slack", home / "gone"))) == [(WARNING, "secret.rights")]
    os.chmod(home / "slack", 0o600)
    (home / "beat").write_text("example.org\n")
    assert said(telling.examine(configure(**slack)))[2] == (ERROR, "heartbeat.address")
    del slack["heartbeat"]
    del slack["organisation"]
    assert said(telling.examine(configure(**slack))) == [
        (GOOD, "channel"),
        (NOTE, "dpo.none"),
        (NOTE, "heartbeat.none"),
    ]


def test_metrics_address_that_is_taken(home: Path) -> None:
    port = free_port()
    assert list(telling._metrics(f"127.0.0.1:{port}")) == []
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert said(telling._metrics(f"127.0.0.1:{port}")) == [(NOTE, "metrics.taken")]
    assert said(telling._metrics("127.0.0.1:70000")) == [(WARNING, "metrics.wrong")]


def test_the_shipped_unit_is_as_it_should_be(home: Path) -> None:
    here = machine(home)
    assert service.unit_of(here) is None
    assert said(service._unit(None, here)) == [(NOTE, "unit.none")]
    (home / "lib").mkdir()
    (home / "lib/phiscan.service").write_bytes((ROOT / "packaging/phiscan.service").read_bytes())
    unit = service.unit_of(here)
    assert unit == service.Unit(home / "lib/phiscan.service", "phiscan", "notify", 300.0)
    assert said(service._unit(unit, here)) == [(GOOD, "unit"), (NOTE, "account")]


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ("Type=simple", (WARNING, "unit.type")),
        ("WatchdogSec=0", (WARNING, "unit.watchdog")),
        ("WatchdogSec=15s", (WARNING, "unit.short")),
        ("WatchdogSec=1min 30s", (GOOD, "unit")),
        ("# WatchdogSec=1\n[Unit]\nWatchdogSec=1", (GOOD, "unit")),
    ],
)
def test_what_is_laid_over_the_unit(home: Path, over: str, expected: tuple[Grade, str]) -> None:
    (home / "lib").mkdir()
    (home / "lib/phiscan.service").write_bytes((ROOT / "packaging/phiscan.service").read_bytes())
    (home / "etc/phiscan.service.d").mkdir(parents=True)
    (home / "etc/phiscan.service.d/10-site.conf").write_text(f"[Service]\n{over}\n")
    here = machine(home)
    assert said(service._unit(service.unit_of(here), here))[0] == expected


@pytest.mark.parametrize(("state", "expected"), [(5, [(WARNING, "clock.free")]), (0, [(GOOD, "clock")]), (-1, [])])
def test_clock(state: int, expected: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    class Libc:
        def __init__(self, *_: object, **__: object) -> None: ...

        def adjtimex(self, buffer: Any) -> int:
            assert buffer.raw[:4] == bytes(4)  # nothing is to be set
            return state

    monkeypatch.setattr(ctypes, "CDLL", Libc)
    assert said(service._clock()) == expected


def test_what_to_do_is_said_of_refusals_that_exist() -> None:
    begin = "doctor.todo."
    assert {key for key in TEXTS if key.startswith(begin) and key.removeprefix(begin) not in TEXTS} == set()


def test_every_line_says_what_to_do() -> None:
    """A finding that asks for something has a part after a semicolon, in both languages."""
    for key, lines in TEXTS.items():
        parts = key.split(".")
        if parts[0] != "doctor" or len(parts) != 3 or parts[1] in ("grade", "count") or parts[2] == "never":
            continue
        assert all(form for line in lines for form in [";" in one for one in line.split("|")]), key
