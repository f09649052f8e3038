"""What keeps the daemon alive and its deadlines true: systemd with its watchdog, and the clock."""

from __future__ import annotations

import ctypes
import os
import pwd
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from phiscan.config.units import parse_duration
from phiscan.doctor.finding import Finding, Machine, good, note, warning
from phiscan.messages import Wrong

UNIT: Final = "phiscan.service"
_ALIVE: Final = 10.0  # seconds between two signs of life to systemd, see `phiscan.daemon.status`
_TIME_ERROR = 5  # of adjtimex(2): nobody sets this clock right


@dataclass(frozen=True, slots=True)
class Unit:
    """The installed unit: where it is, and what of it matters here. `watchdog` is seconds, 0 for none."""

    path: Path
    user: str
    type: str
    watchdog: float


def unit_of(machine: Machine) -> Unit | None:
    """Return the installed unit with what was laid over it, None where there is none."""
    found = settings_of(machine, UNIT)
    if found is None:
        return None
    path, settings = found
    return Unit(path, settings.get("User", "root"), settings.get("Type", "simple"), _span(settings.get("WatchdogSec")))


def settings_of(machine: Machine, name: str) -> tuple[Path, dict[str, str]] | None:
    """Return where a unit is and its settings with what was laid over them, the last of each; None: not installed."""
    path = next((folder / name for folder in machine.units if (folder / name).is_file()), None)
    if path is None:
        return None
    over = {file.name: file for folder in reversed(machine.units) for file in (folder / f"{name}.d").glob("*.conf")}
    settings: dict[str, str] = {}
    for file in (path, *(over[one] for one in sorted(over))):
        settings |= _service(file)
    return path, settings


def _service(file: Path) -> dict[str, str]:
    """Return the settings of a unit's section [Service], the last of each."""
    found: dict[str, str] = {}
    section = ""
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return found
    for line in map(str.strip, lines):
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            found[name.strip()] = value.strip()
    return found


def _span(value: str | None) -> float:
    """Return the seconds of a time span as systemd writes it: `300`, `5min`, `1min 30s`."""
    try:
        return sum(parse_duration(part.replace("sec", "s")) for part in (value or "").split())
    except Wrong:
        return 0.0


def examine(unit: Unit | None, machine: Machine) -> Iterator[Finding]:
    """Look at the unit and at the clock."""
    yield from _unit(unit, machine)
    yield from _clock()


def _unit(unit: Unit | None, machine: Machine) -> Iterator[Finding]:
    if unit is None:
        yield note("doctor.unit.none" if machine.systemd.is_dir() else "doctor.systemd.none")
        return
    path = str(unit.path)
    if unit.type != "notify":
        yield warning("doctor.unit.type", path=path, type=unit.type)
    elif not unit.watchdog:
        yield warning("doctor.unit.watchdog", path=path)
    elif unit.watchdog < 3 * _ALIVE:
        yield warning("doctor.unit.short", path=path, seconds=round(unit.watchdog), least=round(3 * _ALIVE))
    else:
        yield good("doctor.unit", path=path, seconds=round(unit.watchdog))
    if unit.user != (me := pwd.getpwuid(os.geteuid()).pw_name):
        yield note("doctor.account", me=me, user=unit.user)


def _clock() -> Iterator[Finding]:
    """Ask the kernel whether something keeps its clock right; nothing is said where it does not answer."""
    buffer = ctypes.create_string_buffer(struct.pack("<q", 0) + bytes(512))  # struct timex; modes 0 changes nothing
    state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    if state == _TIME_ERROR:
        yield warning("doctor.clock.free")
    elif state >= 0:
        yield good("doctor.clock")
