"""Grants of services that see other files than we do, in a container or a chroot, under the paths that we see.

A path there is a place of some file system, which our own mounts show elsewhere; of an overlay also its layers, where
what the container writes lies too. One that we see nowhere is no place of ours, which is said. Evidence is told by our
paths. Accounts of a user namespace are translated to the numbers that they have here; a network namespace is told,
since what it lets out is known to the container's own tools only.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from phiscan.expose import inside
from phiscan.expose.grant import Grant, Identity
from phiscan.expose.machine import Machine, Trouble
from phiscan.expose.processes import Inner
from phiscan.model import Level, Reason
from phiscan.source.mounts import Mount, Mounts
from phiscan.source.paths import below, display

_CONTAINER: Final = re.compile(r"([0-9a-f]{12})[0-9a-f]{52}|lxc(?:\.payload)?[./]([\w.-]+)|machine-([\w.-]+?)\.scope")
_SOURCE: Final = re.compile(r"(/.*?)((?::\d+)?)", re.DOTALL)
_NAMES: Final = 20_000  # looked at for links below one folder
_SECONDS: Final = 2.0
_EVERY: Final = (0, 0, 4294967295)  # a user namespace whose numbers are ours


class Outside:
    """One container or chroot as it is seen from here. Make a new one when mounts or processes may have changed."""

    def __init__(self, inner: Inner, ours: Mounts) -> None:
        self.inner, self._ours = inner, ours
        self._link = _link(inner.root) or "/"
        self._theirs = Mounts([])
        self._here = _link(f"/proc/{inner.pid}/ns/mnt") == _link("/proc/self/ns/mnt")
        if not self._here:
            try:
                self._theirs = Mounts.of_process(inner.pid)
            except OSError:  # it has ended
                self._link = ""
        self._known: dict[str, tuple[bytes, ...]] = {}
        self._users, self._groups = _map(inner.pid, "uid_map"), _map(inner.pid, "gid_map")
        self._same_root = _same(inner.root, "/")
        self.label = self._label()

    def machine(self) -> Machine:
        """Return the machine that the services there are of."""
        plain = self._users == [_EVERY] and self._groups == [_EVERY]
        accounts = ("/etc/passwd", "/etc/group", "/etc/nsswitch.conf")
        ours = plain and self._same_root and all(_same(self.inner.root + file, file) for file in accounts)
        return Machine(self.inner.root, {}, self.inner.processes, live=plain, ours=ours)

    def grants(self, given: Iterable[Grant], machine: Machine) -> list[Grant]:
        """Return the grants as they are here. What is given away where we see nothing is a trouble of `machine`."""
        found: list[Grant] = []
        for grant in given:
            places = self.places(os.fsdecode(grant.path))
            for place in places:
                found.append(self._grant(grant, place))
                if grant.read and grant.level > Level.RESTRICTED:
                    found += self._linked(grant, found[-1], machine)
            if not places and grant.read and grant.level > Level.RESTRICTED and not self._is_memory(grant.path):
                source = grant.evidence[0].source if grant.evidence else ""
                detail = "gives away a folder that is not seen from here"
                machine.troubles.append(Trouble(grant.service, source, detail))
        return list(dict.fromkeys(found))

    def troubles(self, of: Iterable[Trouble]) -> Iterator[Trouble]:
        """Yield troubles as they are here: what they are about lies where the container's folders do."""
        for one in of:
            places = self.places(one.folder)
            apart = [here for here in places if not any(below(here, other) for other in places)]
            for folder in apart or [os.fsencode(self.inner.root)]:
                yield replace(one, source=self.source(one.source), folder=os.fsdecode(folder))

    def files(self, read: Iterable[str]) -> set[str]:
        """Return files that were read as we reach them."""
        return {path if self._is_ours(path) else self.inner.root + path for path in read}

    def source(self, source: str) -> str:
        """Return where a setting stands, "file:line", by the path that we see; else through the process."""
        parts = _SOURCE.fullmatch(source)
        if parts is None:
            return source
        through = self.inner.root + parts[1]
        there = next((place for place in self.places(parts[1]) if _alike(os.fsencode(through), place)), None)
        return (display(there) if there is not None else through) + parts[2]

    def places(self, path: str) -> tuple[bytes, ...]:
        """Return where a path of theirs lies here, with what is mounted below it; the place that is seen first."""
        if path not in self._known:
            try:
                self._known[path] = tuple(dict.fromkeys(self._places(path)))
            except OSError:
                self._known[path] = ()
        return self._known[path]

    def _places(self, path: str) -> Iterator[bytes]:
        real = inside.at(self.inner.root, path)[len(self.inner.root) :] or "/"
        if self._here:
            yield os.fsencode(os.path.normpath(self._link + "/" + real))
            return
        place = os.fsencode(real)
        mount, found = self._theirs.holding(place), list[bytes]()
        if mount is not None:
            found += self._of(mount, self._theirs.within(mount, place))
        elif self._link and _same(self._link, self.inner.root):  # a chroot in mounts of its own
            found.append(os.fsencode(os.path.normpath(self._link + "/" + real)))
        yield from found
        for other in self._theirs:
            rest = below(other.point, place)
            if rest:  # what we see mounted there too lies below what was found already
                covered = {os.path.join(one, rest) for one in found}
                yield from (one for one in self._of(other, other.root) if one not in covered)

    def _of(self, mount: Mount, path: bytes) -> Iterator[bytes]:
        """Yield where a path of a file system lies: where we see the mount, and in the layers of an overlay."""
        yield from self._ours.showing(mount.device, path)
        for number, layer in enumerate(mount.layers()):
            place = os.path.normpath(layer + path)
            if os.path.lexists(layer if number == 0 else place):  # into the first one it may yet be written
                yield place

    def _is_ours(self, path: str) -> bool:
        """Whether a path is the same file here, and so is every folder above it."""
        if not self._same_root:
            return False
        at = os.path.normpath(path)
        while _same(self.inner.root + at, at) or not (os.path.lexists(self.inner.root + at) or os.path.lexists(at)):
            if at == "/":
                return True
            at = os.path.dirname(at)
        return False

    def _is_memory(self, path: bytes) -> bool:
        mount = self._theirs.holding(path)
        return mount is not None and mount.type in ("tmpfs", "ramfs", "proc", "sysfs")

    def _grant(self, grant: Grant, place: bytes) -> Grant:
        if place == grant.path and self._is_ours(os.fsdecode(place)):  # in all that counts it is a service of ours
            evidence = tuple(replace(one, source=self.source(one.source)) for one in grant.evidence)
            return replace(grant, evidence=evidence, network=self.inner.network, logs=self._logs(grant))
        shown = display(place)
        evidence = tuple(replace(one, source=self.source(one.source), zone=shown) for one in grant.evidence)
        where = Reason(grant.service, self.label, display(grant.path), shown)
        top = self._top(place)
        return replace(
            grant,
            path=place,
            evidence=(*evidence, where),
            identity=grant.identity and self._identity(grant.identity),
            entered=grant.entered or top is None,  # what lies above is others' than ours: it does not count
            top=top or b"/",
            within=self.label + " " + self._link if self.label == "chroot" else self.label,
            network=self.inner.network,
            logs=self._logs(grant),
            follows_links=False,  # links there mean paths there: what they lead to has grants of its own
        )

    def _logs(self, grant: Grant) -> tuple[str, ...] | None:
        """Return the logs of a service as they lie here."""
        if grant.logs is None:
            return None
        return tuple(dict.fromkeys(os.fsdecode(place) for log in grant.logs for place in self.places(log)))

    def _top(self, place: bytes) -> bytes | None:
        """Return where their root lies, if a place lies below it; then the folders in between count."""
        roots = self.places("/")
        return next((root for root in roots if below(place, root) is not None), None)

    def _linked(self, grant: Grant, made: Grant, machine: Machine) -> Iterator[Grant]:
        """Yield what links lead to out of a folder; and inside of it where they are a way around rules on names."""
        around = grant.links_inside and bool(grant.names or grant.refused)
        if not grant.follows_links and not around:
            return
        targets: dict[str, str] = {}
        ended = _links(self.inner.root, os.fsdecode(grant.path), targets, out=grant.follows_links, inside_too=around)
        if not ended:
            detail = "not all of its symbolic links were looked at"
            machine.troubles.append(Trouble("link", os.fsdecode(grant.path), detail, os.fsdecode(grant.path)))
        for target, link in targets.items():
            for place in self.places(target):
                folder, name = os.path.split(link)
                shown = os.path.join(self.source(folder), display(os.fsencode(name)))
                reason = Reason("link", "symbolic link", shown, display(place))
                seen = os.path.join(grant.seen.rstrip(b"/") + b"/", below(os.fsencode(link), grant.path) or b"")
                yield replace(made, path=place, evidence=(*made.evidence, reason), seen=seen, top=b"/",
                              entered=True, name=f"{made.name} {link}".strip())  # fmt: skip

    def _label(self) -> str:
        """Return what people know the container by, as far as its processes tell."""
        try:
            with open(f"/proc/{self.inner.pid}/cgroup", encoding="utf-8", errors="replace") as file:
                known = _CONTAINER.search(file.read(1 << 16))
        except OSError:
            known = None
        if known is not None:
            return f"container {next(filter(None, known.groups()))}"
        if self._same_root:
            return "mount namespace"
        return "chroot" if self._here or self._link not in ("", "/") else "container"

    def _identity(self, identity: Identity) -> Identity:
        return Identity(
            identity.name,
            _mapped(identity.uid, self._users),
            frozenset(_mapped(gid, self._groups) for gid in identity.gids),
        )


def _links(root: str, top: str, targets: dict[str, str], *, out: bool, inside_too: bool) -> bool:
    """Find the links below a folder that lead out of it, as the container sees them; False where it took too long.

    With `inside_too` also those that stay in it, without `out` no others.
    """
    left, looked, end = [top], 0, time.monotonic() + _SECONDS
    while left:
        at = left.pop()
        try:
            with os.scandir(inside.at(root, at)) as scan:
                for entry in scan:
                    looked += 1
                    if looked > _NAMES or time.monotonic() > end:
                        return False
                    path = os.path.join(at, entry.name)
                    if entry.is_symlink():
                        real = inside.at(root, path)[len(root) :] or "/"
                        stays = below(os.fsencode(real), os.fsencode(top)) is not None
                        if inside_too if stays else out:
                            targets.setdefault(real, path)
                    elif entry.is_dir(follow_symlinks=False):
                        left.append(path)
        except OSError:
            continue
    return True


def _link(path: str) -> str | None:
    try:
        return os.readlink(path)
    except OSError:
        return None


def _same(one: str, other: str) -> bool:
    """Whether two paths are one file."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _alike(one: bytes, other: bytes) -> bool:
    """Whether two paths are one file, or look so: that of an overlay and that of its layer have other numbers."""
    try:
        first, second = os.stat(one), os.stat(other)
    except OSError:
        return False
    return (first.st_size, first.st_mtime_ns, first.st_mode) == (second.st_size, second.st_mtime_ns, second.st_mode)


def _map(pid: int, name: str) -> list[tuple[int, int, int]]:
    try:
        with open(f"/proc/{pid}/{name}", encoding="ascii") as file:
            rows = [tuple(int(word) for word in line.split()) for line in file]
    except (OSError, ValueError):
        return []
    return [(row[0], row[1], row[2]) for row in rows if len(row) == 3]


def _mapped(number: int, ranges: list[tuple[int, int, int]]) -> int:
    """Return an account's number here. One that is in no range owns nothing here: it keeps its number.

    >>> _mapped(33, [(0, 100000, 65536)]), _mapped(7, [])
    (100033, 7)
    """
    return next((start + number - first for first, start, count in ranges if first <= number < first + count), number)
