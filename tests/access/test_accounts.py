"""Accounts that several people use, by what logs say; what watches staff is off unless it is switched on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from phiscan.access.accounts import Accounts
from phiscan.access.search import Part
from phiscan.config import Accounts as Settings
from phiscan.config import Config
from phiscan.doctor import Grade, readers
from phiscan.store import Store, access

XFER = "Sat Nov 21 {clock} 2026 1 {address} 20 /a.csv b _ o {mode} {who} ftp 0 * c\n"


def look(
    folder: Path, *lines: tuple[str, str, str], exposed: frozenset[str] = frozenset(), **settings: Any
) -> list[tuple[str, str, int]]:
    """Return account, kind and addresses found in lines of time, address and account."""
    log = folder / "vsftpd-xferlog"
    text = "".join(
        XFER.format(clock=clock, address=address, who=who, mode="a" if who == "?" else "r")
        for clock, address, who in lines
    )
    log.write_text(text, "utf-8")
    found = Accounts(Settings(**settings)).look([Part(file=bytes(log))], exposed)
    return sorted((one.account, one.kind, one.addresses) for one in found)


def test_generic_names(tmp_path: Path) -> None:
    lines = [("10:00:00", "10.0.0.1", "labo"), ("10:00:00", "10.0.0.1", "mdupont"), ("10:00:00", "10.0.0.1", "Admin")]
    assert look(tmp_path, *lines) == [("Admin", "generic", 1), ("labo", "generic", 1)]
    assert look(tmp_path, *lines, generic=["mdupont"]) == [("mdupont", "generic", 1)]


def test_one_account_from_many_addresses_at_once(tmp_path: Path) -> None:
    three = [(f"10:{at}0:00", f"10.0.0.{at}", "mdupont") for at in range(3)]
    assert look(tmp_path, *three) == [("mdupont", "addresses", 3)]
    assert look(tmp_path, *three, addresses=4) == []
    assert look(tmp_path, *three, within=900) == []


def test_anonymous_visitors_matter_where_health_data_is_exposed(tmp_path: Path) -> None:
    line = ("10:00:00", "10.0.0.1", "?")
    assert look(tmp_path, line) == []
    assert look(tmp_path, line, exposed=frozenset({"nginx"})) == []
    assert look(tmp_path, line, exposed=frozenset({"vsftpd"})) == [("anonymous", "anonymous", 1)]
    assert look(tmp_path, line, exposed=frozenset({"zone"})) == [("anonymous", "anonymous", 1)]


def test_staff_is_watched_only_where_that_is_switched_on(tmp_path: Path) -> None:
    lines = [("10:00:00", "10.0.0.1", "mdupont"), ("23:30:00", "10.0.0.2", "mdupont")]
    assert look(tmp_path, *lines) == []
    assert look(tmp_path, *lines, new_address=True) == [("mdupont", "address", 1)]
    assert look(tmp_path, *lines, hours=(7, 20)) == [("mdupont", "hour", 1)]


def test_the_doctor_names_logs_and_accounts(tmp_path: Path) -> None:
    log, other = tmp_path / "vsftpd.log", tmp_path / "other.log"
    other.write_text("nothing of the kind\n", "utf-8")
    log.write_text(XFER.format(clock="10:00:00", address="::1", who="labo", mode="r"), "utf-8")
    store = Store.open(f"sqlite:///{tmp_path}/phiscan.db", create=True)
    found = Accounts(Settings()).look([Part(file=bytes(log))], frozenset())
    with store.write() as connection:
        assert [access.set_account(connection, one) for one in (*found, *found)] == [True, False]
    store.close()
    config = Config(store=f"sqlite:///{tmp_path}/phiscan.db", logs=(log, other, tmp_path / "gone"))
    assert [(one.grade, one.key) for one in readers.examine(config, ())] == [
        (Grade.WARNING, "doctor.access.missing"),
        (Grade.WARNING, "doctor.access.unknown"),
        (Grade.GOOD, "doctor.access.log"),
        (Grade.WARNING, "doctor.access.account"),
    ]
    assert [one.key for one in readers.examine(Config(store="sqlite:////nowhere/x"), ())] == ["doctor.access.none"]


@pytest.mark.parametrize(
    "wrong", [{"addresses": 1}, {"within": 0}, {"hours": [7]}, {"hours": [7, 25]}, {"night": True}]
)
def test_settings_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Settings.model_validate(wrong)
