"""What the doctor says of configured responses: the helper, its unit, and each watched root."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from phiscan.config import Config
from phiscan.doctor import Grade, Machine, examine, responding
from phiscan.source.mounts import Mount, Mounts
from phiscan.store import Store
from tests.running import ROOT

GOOD, NOTE, WARNING, ERROR = Grade
Configure = Callable[..., Config]
Said = list[tuple[Grade, str]]
RULE = "public.identified-health"


def said(config: Config, home: Path) -> Said:
    """Return grade and key of what is said of responses."""
    machine = Machine(units=(home / "etc",), systemd=home)
    found = list(responding.examine(config, machine))
    for one in found:
        for lang in ("fr", "en"):
            assert "\n" not in one.said(lang)
    return [(one.grade, one.key.removeprefix("doctor.response.")) for one in found]


@pytest.fixture
def top(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the file system of the watched root end at `home`."""
    monkeypatch.setattr(responding, "top_of", lambda path: os.fsencode(home))
    return home


def unit(home: Path, **settings: str) -> None:
    (home / "etc").mkdir(exist_ok=True)
    lines = "".join(f"{name}={value}\n" for name, value in settings.items())
    (home / "etc/phiscan-respond.service").write_text(f"[Service]\n{lines}", "utf-8")


def test_nothing_is_said_where_nothing_is_configured(home: Path, configure: Configure) -> None:
    assert said(configure(), home) == []
    assert [one for one in examine(configure()) if "response" in one.key] == []


def test_the_helper_is_at_work_or_not(home: Path, top: Path, configure: Configure) -> None:
    config = configure(response={RULE: "quarantine"})
    assert said(config, home) == [(WARNING, "none"), (GOOD, "quarantine")]  # not even a store
    store = Store.open(config.store, create=True)
    assert said(config, home)[0] == (WARNING, "none")
    assert not (home / "state/phiscan.db.respond.lock").exists()  # to ask makes nothing
    store.enter(helper=True)
    assert said(config, home)[0] == (GOOD, "helper")
    store.leave()
    assert said(config, home)[0] == (WARNING, "none")
    store.enter(helper=True)  # asking has held nothing
    store.close()


def test_the_helper_is_known_in_both_databases(store: Store) -> None:
    other = Store.open(str(store._engine.url.render_as_string(hide_password=False)))
    assert other.helped() is False
    store.enter(helper=True)
    assert other.helped() is True
    store.leave()
    assert other.helped() is False
    store.enter()  # a daemon is no helper
    assert other.helped() is False
    other.close()


def test_a_rule_that_there_is_not(home: Path, top: Path, configure: Configure) -> None:
    found = list(responding.examine(configure(response={"no.rule": "chmod"}), Machine(units=())))
    assert (found[0].grade, found[0].key) == (ERROR, "response.rule")


def test_the_folder_of_the_quarantine(home: Path, top: Path, configure: Configure) -> None:
    config = configure(response={RULE: "quarantine"})
    folder = top / ".phiscan-quarantine"
    folder.mkdir(mode=0o700)
    assert said(config, home)[1:] == [(GOOD, "quarantine")]
    folder.chmod(0o750)
    assert said(config, home)[1:] == [(WARNING, "not_ours")]
    folder.rmdir()
    folder.write_text("a file of that name")
    assert said(config, home)[1:] == [(WARNING, "not_ours")]


def test_the_account_of_the_helper_s_unit_counts(home: Path, top: Path, configure: Configure) -> None:
    config = configure(response={RULE: "quarantine"})
    unit(home, User="nobody", ExecStart="/opt/phiscan incidents respond")
    assert said(config, home)[1:] == [(NOTE, "dry"), (WARNING, "folder")]  # nobody may write there
    unit(home, User="nobody", ExecStart="/opt/phiscan incidents respond --apply")
    assert said(config, home)[1:] == [(WARNING, "folder")]
    home.chmod(0o777)
    assert said(config, home)[1:] == [(GOOD, "quarantine")]
    home.chmod(0o755)
    able = {"User": "nobody", "ExecStart": "x --apply", "AmbientCapabilities": "CAP_DAC_OVERRIDE CAP_FOWNER"}
    unit(home, **able)
    assert said(config, home)[1:] == [(GOOD, "quarantine")]
    unit(home, **able, ProtectSystem="strict", ReadWritePaths="/nowhere")
    assert said(config, home)[1:] == [(WARNING, "shut")]
    unit(home, **able, ProtectSystem="strict", ReadWritePaths=f"-/nowhere {home}")
    assert said(config, home)[1:] == [(GOOD, "quarantine")]
    (home / ".phiscan-quarantine").mkdir(mode=0o700)  # ours, and the helper is somebody else
    if os.geteuid() != pwd.getpwnam("nobody").pw_uid:
        assert said(config, home)[1:] == [(WARNING, "not_ours")]


def test_the_unit_that_ships_is_understood(home: Path, top: Path, configure: Configure) -> None:
    (home / "etc").mkdir()
    shipped = (ROOT / "packaging/phiscan-respond.service").read_text("utf-8")
    me = pwd.getpwuid(os.geteuid()).pw_name
    (home / "etc/phiscan-respond.service").write_text(shipped.replace("User=phiscan", f"User={me}"), "utf-8")
    found = said(configure(response={RULE: "quarantine"}), home)
    assert found == [(WARNING, "none"), (NOTE, "dry"), (WARNING, "shut")]  # it writes to /srv only


def test_another_file_system_than_that_of_the_quarantine(
    home: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responding, "top_of", lambda path: b"/proc")
    assert said(configure(response={RULE: "quarantine"}), home)[1:] == [(WARNING, "elsewhere")]
    assert said(configure(response={RULE: "chmod"}), home)[1:] == [(GOOD, "chmod")]


def test_chmod_where_rights_are_made_up(
    home: Path, top: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, point = os.stat(home / "srv").st_dev, os.fsencode(home / "srv")
    for kind, options, expected in (
        ("vfat", (), (WARNING, "modes")),
        ("cifs", (), (WARNING, "modes")),
        ("cifs", ("posix",), (GOOD, "chmod")),
        ("ext4", (), (GOOD, "chmod")),
    ):
        mounts = Mounts([Mount(point, device, kind, frozenset(options))])
        monkeypatch.setattr(Mounts, "read", classmethod(lambda cls, mounts=mounts: mounts))
        assert said(configure(response={RULE: "chmod"}), home)[1:] == [expected]


def test_the_owner_is_written_to(home: Path, configure: Configure) -> None:
    zone = {"path": "srv/a", "contact": "ftp@example.org"}
    mail = {"email": {"host": "smtp.example.org", "from": "phiscan@example.org", "to": ["a@example.org"]}}
    told = {RULE: "notify-owner"}
    assert said(configure(response=told), home)[1:] == [(WARNING, "no_mail")]
    assert said(configure(response=told, alerts=mail), home)[1:] == [(WARNING, "no_contact")]
    assert said(configure(response=told, alerts=mail, zones=[zone]), home)[1:] == [(GOOD, "owners")]
