"""What the doctor says: one line of the catalogue, and how much it matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from phiscan.messages import THIN, Language, Told, number, size, text
from phiscan.messages.catalogue import TEXTS
from phiscan.messages.ntrights import evidence


class Bytes(int):
    """A number of bytes, written as people of a language write sizes."""


class Grade(IntEnum):
    """How much a finding matters."""

    GOOD = 0  # as it should be
    NOTE = 1  # worth knowing, nothing to do
    WARNING = 2  # something will be missed, or can be read by whoever should not
    ERROR = 3  # the daemon does not begin, watches nothing, or tells nobody


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: where, what, what to do. `key` is a text of the catalogue, `params` fill it in."""

    grade: Grade
    key: str
    params: Mapping[str, object] = field(default_factory=dict)

    def said(self, lang: Language) -> str:
        """Return the line in one language. A line end in the name of a file is shown, never written."""
        params = {name: value if name == "n" else _written(value, lang) for name, value in self.params.items()}
        todo = f"doctor.todo.{self.key}"
        parts = [text(lang, key, **params) for key in (self.key, todo) if key in TEXTS]
        return " ".join((f"{THIN}; " if lang == "fr" else "; ").join(parts).splitlines())


def _written(value: object, lang: Language) -> object:
    if isinstance(value, Bytes):
        return size(value, lang)
    if isinstance(value, str):
        return evidence(value, lang)
    return number(value, lang) if isinstance(value, int) else value


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the machine tells of itself."""

    proc: Path = Path("/proc")
    units: tuple[Path, ...] = (
        Path("/etc/systemd/system"),
        Path("/run/systemd/system"),
        Path("/usr/local/lib/systemd/system"),
        Path("/usr/lib/systemd/system"),
        Path("/lib/systemd/system"),
    )
    systemd: Path = Path("/run/systemd/system")  # exists where systemd is the first process


def good(key: str, /, **params: object) -> Finding:
    """Return a finding that asks for nothing."""
    return Finding(Grade.GOOD, key, params)


def note(key: str, /, **params: object) -> Finding:
    """Return something worth knowing."""
    return Finding(Grade.NOTE, key, params)


def warning(key: str, /, **params: object) -> Finding:
    """Return something that will be missed."""
    return Finding(Grade.WARNING, key, params)


def error(key: str, /, **params: object) -> Finding:
    """Return something that has to be mended first."""
    return Finding(Grade.ERROR, key, params)


def refused(told: Told) -> Finding:
    """Return as a finding what the daemon would say before it gives up; `doctor.todo.…` adds what to do about it."""
    return Finding(Grade.ERROR, told.key, told.params)
