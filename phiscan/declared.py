"""What an operator has declared of a place, as rules see it: what it is for, what may lie there, and until when.

A zone inherits what the zones around it say and it does not. Of exposure, which is also declared there, nothing is
known here: see `phiscan.expose.zones`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from phiscan.expose.zones import Zone, Zones, holding
from phiscan.source.paths import below

if TYPE_CHECKING:
    from phiscan.config import Zone as Declared
    from phiscan.expose.permissions import Cache

_SAYS: Final = ("owner", "purpose", "allow", "until")  # what makes a zone more than a word on exposure
_MIGRATION: Final = re.compile(r"\bmigration", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Zoned:
    """What is declared of the place of a file. Where nothing is, none of it holds."""

    undeclared: bool = False  # zones are declared on this machine, and this watched place lies in none
    past: bool = False  # the day by which the files must be gone is over
    migration: bool = False  # the purpose is a migration
    allow: frozenset[str] | None = None  # categories and kinds that may lie there; None: anything


NOWHERE: Final = Zoned()


class Declarations:
    """The declared zones, as of a day."""

    def __init__(
        self,
        zones: Iterable[Declared] = (),
        today: Callable[[], date] = date.today,
        watched: Iterable[Path] | None = None,
    ) -> None:
        """`today` in this machine's time zone: a zone's last day ends at its midnight.

        `watched`: only below these folders is a place undeclared; None: wherever it is.
        """
        self._watched: set[bytes] | None = None
        if watched is not None:
            given = [os.path.abspath(os.fsencode(folder)) for folder in watched]
            self._watched = {*given, *map(os.path.realpath, given)}
        self._zones = Zones(
            Zone(path=os.path.abspath(os.fsencode(zone.path)), source=zone.source, extra=_said(zone)) for zone in zones
        )
        self._telling = any(zone.extra for zone in self._zones)
        self._today = today

    def today(self) -> date:
        """Return the day that it is."""
        return self._today()

    def of(self, path: bytes, cache: Cache) -> Zoned:
        """Return what is declared of a place."""
        if not self._telling:
            return NOWHERE
        zones = holding(path, self._zones, cache)
        said: dict[str, Any] = {}
        for zone in reversed(zones):  # the nearest last: what it says counts
            said |= zone.extra
        until, allow = said.get("until"), said.get("allow")
        return Zoned(
            undeclared=not zones and self._is_watched(path),
            past=until is not None and until < self._today(),
            migration=_MIGRATION.search(said.get("purpose", "")) is not None,
            allow=None if allow is None else frozenset(allow),
        )

    def _is_watched(self, path: bytes) -> bool:
        given = os.path.abspath(path)
        return self._watched is None or any(below(given, folder) is not None for folder in self._watched)

    def around(self, path: bytes, cache: Cache) -> list[bytes]:
        """Return the zones that hold a place and say what they are for, the nearest first."""
        return [zone.path for zone in holding(path, self._zones, cache) if zone.extra] if self._telling else []

    def places(self) -> list[tuple[bytes, bytes]]:
        """Return the zones that say what they are for: as declared, and where that really is."""
        return [(zone.path, os.path.realpath(zone.path)) for zone in self._zones if zone.extra]

    def ended(self) -> list[bytes]:
        """Return the zones that say until when and whose time is over."""
        return [zone.path for zone in self._zones if zone.extra.get("until", date.max) < self._today()]

    def digest(self, rules: str) -> str:
        """Return the digest of rules and of what they are told of zones: another one, and places are judged again."""
        if not self._telling:
            return rules
        said = sorted(
            (zone.path, sorted((key, str(value)) for key, value in zone.extra.items())) for zone in self._zones
        )
        return f"sha256:{hashlib.sha256(f'{rules} {said}'.encode()).hexdigest()}"


def _said(zone: Declared) -> dict[str, Any]:
    return {name: value for name in _SAYS if (value := getattr(zone, name)) is not None}


def contacts(zones: Iterable[Declared]) -> Callable[[bytes], str | None]:
    """Return what says to whom to write about a place: the contact of the innermost zone that names one."""
    known = {os.path.abspath(os.fsencode(zone.path)): zone.contact for zone in zones if zone.contact}

    def contact(path: bytes) -> str | None:
        return known.get(max((zone for zone in known if below(path, zone) is not None), key=len, default=b""))

    return contact
