"""The folders to watch: are they there, can they be read, does the kernel tell of them and allow enough watches."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from phiscan.doctor.finding import Finding, Machine, error, good, note, refused, warning
from phiscan.errors import UsageError
from phiscan.expose.nt.mounted import Mounted
from phiscan.expose.nt.rights import rights_of
from phiscan.expose.permissions import Cache, posix_exposure
from phiscan.expose.zones import Zones, exposure_of
from phiscan.messages import Told
from phiscan.model import Level
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below, display
from phiscan.source.scope import Scope
from phiscan.source.watch import told_by_kernel

if TYPE_CHECKING:
    from phiscan.config import Config
    from phiscan.expose.discover import Discovery

_PATIENCE: Final = 60.0  # seconds spent counting folders, all roots together
_LEAST: Final = 524_288  # the limit advised where fewer would do


@dataclass(slots=True)
class Count:
    """What was met below one root. `shut` are folders that cannot be listed, the first of them by name."""

    folders: int = 0
    shut: int = 0
    first: bytes = b""
    whole: bool = True


@dataclass(slots=True)
class _Look:
    """What holds for all roots."""

    config: Config
    zones: Zones
    end: float
    mounts: Mounts
    cache: Cache


def examine(config: Config, machine: Machine) -> Iterator[Finding]:
    """Look at every root, then at the zones and at what the kernel allows."""
    from phiscan.daemon.watching import roots_of
    from phiscan.scan.run import zone_of_config

    if not config.watch:
        yield error("doctor.watch.none")
        return
    try:
        roots = roots_of(config)
    except Told as told:
        yield refused(told)
        return
    services = _discovered(config)
    rights = rights_of(config.smb)
    zones, mounts = Zones(zone_of_config(zone) for zone in config.zones), Mounts.read()
    look = _Look(config, zones, time.monotonic() + _PATIENCE, mounts, Cache(mounts, services, Mounted(rights)))
    if services is not None:
        yield from _servers(services)
    needed, whole = 0, True
    for root in roots:
        count, found = _root(root, look)
        yield from found
        if count is not None:
            needed, whole = needed + count.folders, whole and count.whole
    rights.close()
    yield from _zones(look, roots)
    yield from _watches(needed, machine, whole=whole)


def _discovered(config: Config) -> Discovery | None:
    from phiscan.expose.discover import discover

    return discover(config.servers) if config.discover else None


def _servers(found: Discovery) -> Iterator[Finding]:
    """Say what keeps us from knowing what the servers of this machine give away."""
    for trouble in {(one.service, one.source, one.detail): one for one in found.troubles}.values():  # each once
        yield warning(
            "doctor.servers", path=display(os.fsencode(trouble.source or trouble.service)), why=trouble.detail
        )


def _root(root: bytes, look: _Look) -> tuple[Count | None, list[Finding]]:
    """Return how many watches a root needs (None: none, it is walked), and what is to be said of it."""
    shown = display(root)
    try:
        status = os.stat(root)
        with os.scandir(root):
            pass
    except FileNotFoundError:
        return None, [error("doctor.root.missing", path=shown)]
    except PermissionError:
        return None, [error("doctor.root.denied", path=shown)]
    except OSError as wrong:
        return None, [error("doctor.root.broken", path=shown, why=wrong.strerror or "")]
    found = _rights(root, status, look)
    mount = look.mounts.of(status.st_dev, root)
    if mount is not None and not told_by_kernel(mount.type):
        return None, [*found, note("doctor.root.silent", path=shown, type=mount.type)]
    found += [
        note("doctor.root.silent", path=display(one.point), type=one.type)
        for one in look.mounts
        if below(one.point, root) and not told_by_kernel(one.type)
    ]
    try:
        count = _count(root, Scope(root, look.config.exclude), look.end)
    except UsageError as wrong:
        return None, [*found, refused(wrong)] if isinstance(wrong, Told) else found
    if count.shut:
        found.append(warning("doctor.root.shut", path=shown, n=count.shut, first=display(count.first)))
    if not found:
        found.append(good("doctor.root", path=shown, n=count.folders))
    return count, found


def _rights(root: bytes, status: os.stat_result, look: _Look) -> list[Finding]:
    """Say where rights prove nothing and nobody has declared who can read."""
    if exposure_of(root, status, look.zones, None, cache=look.cache).level is not Level.UNKNOWN:
        return []
    reason = posix_exposure(root, status, cache=look.cache).reasons[0]
    return [warning("doctor.root.unknown", path=display(root), why=reason.setting)]


def _count(root: bytes, scope: Scope, end: float) -> Count:
    """Count the folders that a walk would enter."""
    count, left = Count(), [root]
    while left:
        folder = left.pop()
        count.folders += 1
        if count.folders % 256 == 0 and time.monotonic() > end:
            count.whole = False
            break
        try:
            with os.scandir(folder) as scan:
                inner = [entry.path for entry in scan if entry.is_dir(follow_symlinks=False)]
        except FileNotFoundError:
            continue
        except OSError:
            count.shut, count.first = count.shut + 1, min(count.first or folder, folder)
            continue
        left += [path for path in inner if scope.holds(path, folder=True)]
    return count


def _zones(look: _Look, roots: list[bytes]) -> Iterator[Finding]:
    for zone in look.zones:
        shown, real = display(zone.path), os.path.realpath(zone.path)
        if not os.path.isdir(real):
            yield warning("doctor.zone.missing", source=zone.source, path=shown)
        elif all(below(real, root) is None and below(root, real) is None for root in roots):
            yield warning("doctor.zone.outside", source=zone.source, path=shown)


def _watches(needed: int, machine: Machine, *, whole: bool) -> Iterator[Finding]:
    """Compare what the roots need with what the kernel allows one account."""
    allowed, key = _allowed(machine)
    if allowed is not None and needed:
        advised = _LEAST
        while advised < 2 * needed:
            advised *= 2
        if needed > allowed:
            yield warning("doctor.watches.few", needed=needed, allowed=allowed, key=key, advised=str(advised))
        elif not whole:
            yield note("doctor.watches.uncounted", needed=needed, allowed=allowed, seconds=int(_PATIENCE))
        else:
            yield good("doctor.watches", needed=needed, allowed=allowed)
    if needed and not _instance():
        yield warning("doctor.instances", allowed=_number(machine, "max_user_instances") or 0)


def _allowed(machine: Machine) -> tuple[int | None, str]:
    """Return how many watches there may be, and which key says so: a container has a limit of its own besides."""
    limits = {
        "fs.inotify.max_user_watches": _number(machine, "max_user_watches"),
        "user.max_inotify_watches": _number(machine, "max_inotify_watches", "user"),
    }
    known = {key: limit for key, limit in limits.items() if limit is not None}
    key = min(known, key=lambda one: known[one], default="")
    return known.get(key), key


def _number(machine: Machine, name: str, folder: str = "fs/inotify") -> int | None:
    try:
        return int((machine.proc / "sys" / folder / name).read_text("ascii"))
    except (OSError, ValueError):
        return None


def _instance() -> bool:
    """Whether the kernel gives this account one more queue of events."""
    import ctypes

    fd = ctypes.CDLL(None, use_errno=True).inotify_init1(os.O_CLOEXEC)
    if fd < 0:
        return False
    os.close(fd)
    return True
