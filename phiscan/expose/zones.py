"""Declared zones: what an operator knows about a place and no configuration file tells."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from phiscan.expose.permissions import Cache, posix_exposure
from phiscan.model import Exposure, Level, Place, Reason
from phiscan.source.paths import display

_KNOWN: Final = 10_000  # folders whose zones are remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One declared place. `source` is where: "phiscan.yaml:7". `extra` holds owner, purpose, allow and the like."""

    path: bytes  # absolute
    level: Level | None = None  # None leaves it to discovery
    source: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class Zones:
    """Zones by their path: the longest that holds a place is its zone."""

    def __init__(self, zones: Iterable[Zone] = ()) -> None:
        """Where two zones have one path, the last counts, with the higher of their levels."""
        self._zones: dict[bytes, Zone] = {}
        self._known: dict[bytes, tuple[Zone, ...]] = {}  # by folder: that and the ones above it, the nearest first
        for zone in zones:
            path = os.path.normpath(zone.path)
            known = self._zones.get(path)
            if known is not None and known.level is not None and (zone.level is None or known.level > zone.level):
                zone = Zone(path=zone.path, level=known.level, source=known.source, extra=zone.extra)
            self._zones[path] = zone

    def __iter__(self) -> Iterator[Zone]:
        return iter(self._zones.values())

    def __len__(self) -> int:
        return len(self._zones)

    def above(self, path: bytes) -> Iterator[Zone]:
        """Yield the zones that hold the absolute `path`, the nearest first."""
        if path in self._zones:
            yield self._zones[path]
        parent = os.path.dirname(path)
        if self._zones and parent != path:
            yield from self._at(parent)

    def _at(self, folder: bytes) -> tuple[Zone, ...]:
        """Return the zones that hold what lies in a folder. A walk asks for each of its files."""
        if len(self._known) > _KNOWN:
            self._known.clear()
        missing = []
        while folder not in self._known:
            missing.append(folder)
            if (parent := os.path.dirname(folder)) == folder:
                break
            folder = parent
        found = self._known.get(folder, ())
        for each in reversed(missing):
            found = (self._zones[each], *found) if each in self._zones else found
            self._known[each] = found
        return found

    def of(self, path: bytes) -> Zone | None:
        """Return the zone of the absolute `path`, None outside any."""
        return next(self.above(path), None)


def zone_of(path: bytes, zones: Zones, cache: Cache) -> Zone | None:
    """Return the zone of a place, by its path as given, else by its real one."""
    return next(iter(_zones_of(path, zones, cache)), None)


def _zones_of(path: bytes, zones: Zones, cache: Cache) -> list[Zone]:
    if not len(zones):
        return []
    path = os.path.abspath(path)
    given = list(zones.above(path))
    if given:
        return given
    try:
        folder = cache.folder(os.path.dirname(path)).real
    except OSError:
        return []
    return list(zones.above(os.path.join(folder, os.path.basename(path))))


def assumed(level: Level | None) -> Exposure:
    """Return the exposure of what lies outside this machine: what the command line says, else unknown."""
    if level is None:
        return Exposure(Level.UNKNOWN)
    return Exposure(level, (Reason("assumed", f"--assume-exposure {level.name.lower()}", "command line"),))


def exposure_of(
    path: bytes, status: os.stat_result | Place, zones: Zones, assume: Level | None, *, cache: Cache
) -> Exposure:
    """Return who can read a place.

    As its nearest zone with a level declares; outside any zone as `assume` says, where it says anything; otherwise
    by the rights of this machine.
    """
    holding = _zones_of(path, zones, cache)
    for zone in holding:
        if zone.level is not None:
            setting = f"exposure: {zone.level.name.lower()}"
            return Exposure(zone.level, (Reason("zone", setting, zone.source, display(zone.path)),))
    if assume is not None and not holding:
        return assumed(assume)
    return posix_exposure(path, status, cache=cache)
