"""Declared zones: what an operator knows about a place and no configuration file tells."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from phiscan.expose.nt.names import asks_nt
from phiscan.expose.permissions import Cache, posix_exposure, real_path
from phiscan.model import Exposure, Gap, Level, Place, Reason
from phiscan.source.paths import absolute, display

_BY_RIGHTS: Final = "rights cannot be established here"
_BY_SERVERS: Final = "what a server gives away could not be established"
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
        self.names: dict[bytes, set[bytes]] = {}  # of zones, by the folder that they are in
        for path in self._zones:
            self.names.setdefault(os.path.dirname(path), set()).add(os.path.basename(path))

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


def holding(path: bytes, zones: Zones, cache: Cache) -> list[Zone]:
    """Return the zones that hold a place, the nearest first, by its path as given, else by its real one."""
    return _zones_of(path, zones, cache)


def _zones_of(path: bytes, zones: Zones, cache: Cache) -> list[Zone]:
    if not len(zones):
        return []
    path = absolute(path)
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


def gap_of(exposure: Exposure) -> Gap:
    """Return the gap that an unknown exposure is."""
    own = all(reason.service in ("posix", "acl", "cifs") for reason in exposure.reasons[:1])
    return Gap("expose", "exposure_unknown", _BY_RIGHTS if own else _BY_SERVERS)


def exposure_of(
    path: bytes, status: os.stat_result | Place, zones: Zones, assume: Level | None, *, cache: Cache
) -> Exposure:
    """Return who can read a place.

    As its nearest zone with a level declares; outside any zone as `assume` says, where it says anything; otherwise
    by the rights of this machine. What the services of the machine give away wider than that counts in any case: an
    operator's word is about what no configuration tells, and does not close what one opens. Where a configuration
    could not be read, nothing is called restricted that nobody has declared so.
    """
    try:
        real = real_path(path, cache)
    except OSError:
        real = None  # gone, or not to be reached: that its rights are unknown is said of these
    served = None if real is None else _served(real, status, cache)
    holding = _zones_of(path, zones, cache)
    said = next((_declared(zone, zone.level) for zone in holding if zone.level is not None), None)
    if said is None and assume is not None and not holding:
        said = assumed(assume)
    if said is not None:
        wide = served is not None and served.level is not Level.UNKNOWN and served.level > said.level
        return _both(served, said) if served is not None and wide else said
    by_rights = posix_exposure(path, status, cache=cache, real=real)
    found = by_rights if served is None else max(by_rights, served, key=lambda one: one.level)
    if served is not None and served.level is by_rights.level:
        found = _both(served, by_rights)
    if cache.discovery is not None and found.level is Level.RESTRICTED:
        wider = cache.discovery.wider(path)
        if wider is not None:
            return Exposure(Level.UNKNOWN, (wider, *found.reasons))
    return found


def level_of(path: bytes, place: Place, zones: Zones, *, cache: Cache) -> Level:
    """Return the level of `exposure_of` for a regular file that is no link: a walk asks for every file there is.

    Where no service gives a folder away and no name in it stands out, files of one mode are open to the same people:
    one of them is looked at.
    """
    folder, name = os.path.split(path)
    apart = _apart(folder, zones, cache)
    if apart is None or name in apart:
        return exposure_of(path, place, zones, None, cache=cache).level
    key = folder, place.mode, place.device
    known = cache.levels.get(key)
    if known is None:
        known = cache.levels[key] = exposure_of(path, place, zones, None, cache=cache).level
    return known


def _apart(folder: bytes, zones: Zones, cache: Cache) -> frozenset[bytes] | None:
    """Return the names in a folder that rights of their own may rule; None where they may rule any of them."""
    if folder in cache.apart:
        return cache.apart[folder]
    try:
        real = cache.folder(folder).real
        served = [one.folder(real) for one in cache.reached]
    except (OSError, ValueError):
        served, real = None, folder
    found = None
    if served is not None and not any(one.ways for one in served):
        names = [zones.names.get(folder, ()), zones.names.get(real, ()), *(one.names for one in served)]
        found = frozenset().union(*names)
    if (cache.discovery is not None and cache.discovery.troubles) or asks_nt(cache.mounts.holding(real)):
        found = None
    cache.apart[folder] = found
    return found


def _served(real: bytes, status: os.stat_result | Place, cache: Cache) -> Exposure | None:
    """Return whom the services of this machine let read the file at a real path."""
    found = [exposure for one in cache.reached if (exposure := one.exposure(real, status)) is not None]
    return max(found, key=lambda one: one.level, default=None)


def _declared(zone: Zone, level: Level) -> Exposure:
    return Exposure(level, (Reason("zone", f"exposure: {level.name.lower()}", zone.source, display(zone.path)),))


def _both(first: Exposure, second: Exposure) -> Exposure:
    return Exposure(first.level, (*first.reasons, *second.reasons))
