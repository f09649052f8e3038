"""Looks some files up in logs: what was rotated, what is packed, what is there, each line once.

A pass over the lines counts and keeps at once, so that memory does not grow with them. Where it meets a rename from or
to one of the files, their earlier or later names are looked for too, and the pass is made anew.
"""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from phiscan.access import clock
from phiscan.access.doubled import Twins
from phiscan.access.files import base, blocks, is_packed
from phiscan.access.formats import Parser
from phiscan.access.matching import Matcher, Name, renamed
from phiscan.access.model import WEB, Access, Line, Mapping, Target
from phiscan.access.readers import Evidence, Gathered, extent_of
from phiscan.access.sessions import Sessions
from phiscan.access.wanted import EVERY, wanted_for
from phiscan.errors import Unreadable

_SLACK: Final = 2.5  # seconds
_ROUNDS: Final = 20  # names that a file may have had one after the other
_SMALL: Final = 1 << 18  # bytes of which each line is parsed: an automaton would take longer to be made
_NAMED: Final = ("vsftpd", "proftpd", "pure-ftpd", "samba", "nginx", "apache")  # in paths of logs
_TAIL: Final = 1 << 16  # bytes at the end of a log by which its clock is set


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a log, offsets in its unpacked text. `modified`: when the log was last written to."""

    file: bytes
    start: int = 0
    end: int | None = None
    modified: float | None = None


@dataclass(slots=True)
class Looked:
    """What a search came to."""

    gathered: Gathered
    names: list[Name]
    unread: dict[bytes, str] = field(default_factory=dict)  # why, by log
    lines: int = 0  # that were parsed


@dataclass(frozen=True, slots=True)
class _Renamed:
    at: float
    source: bytes  # on the disk, as far as that is known
    to: bytes
    sure: bool


def look_up(
    parts: Sequence[Part],
    targets: Iterable[Target],
    mappings: Sequence[Mapping] = (),
    twins: Twins | None = None,
    sessions: dict[bytes, Sessions] | None = None,
) -> Looked:
    """Return what parts of logs, oldest first, say of some files.

    `twins` and `sessions` (by the log's path) are what was remembered at the end of earlier parts, and are brought up
    to the end of these.
    """
    wanted = list(targets)
    if not wanted or not parts:
        return Looked(Gathered(), [])
    names = [name for target in wanted for name in _names(target, [])]
    large = any(part.end is None for part in parts) or sum((part.end or 0) - part.start for part in parts) > _SMALL
    for _ in range(_ROUNDS):
        going = copy.deepcopy(sessions or {})
        sizes = {target.key: target.size for target in wanted}
        work = _Pass(sizes, names, mappings, twins or Twins(), going, large=large)
        for part in parts:
            work.read(part)
        more = [name for target in wanted for name in _names(target, work.renames)]
        if {(name.key, name.path) for name in more} == {(name.key, name.path) for name in names}:
            break
        names = more
    if sessions is not None:
        sessions.update(going)
    return Looked(work.gathered, names, work.unread, work.lines)


class _Pass:
    """One pass with the names that are known."""

    def __init__(
        self,
        sizes: dict[int, int | None],
        names: list[Name],
        mappings: Sequence[Mapping],
        twins: Twins,
        sessions: dict[bytes, Sessions],
        *,
        large: bool,
    ) -> None:
        self._sizes, self._twins, self._sessions = sizes, twins, sessions
        self._wanted = wanted_for(frozenset(os.path.basename(name.path) for name in names) if large else EVERY)
        self._matcher = Matcher(names, mappings)
        self._mapped = {mapping.service for mapping in mappings}
        self.gathered = Gathered()
        self.renames: list[_Renamed] = []
        self.unread: dict[bytes, str] = {}
        self.lines = 0

    def read(self, part: Part) -> None:
        """Read a part of a log. What cannot be read is noted."""
        parse, ahead = Parser(), _ahead(part)
        sessions = self._sessions.setdefault(base(part.file), Sessions())
        try:
            for offset, block in blocks(part.file, part.start, part.end):
                for at, text in self._wanted.lines(block):
                    self.lines += 1
                    access = parse(text)
                    access = sessions.whole(access) if access is not None else None
                    if access is None:
                        continue
                    if ahead and not access.zoned:
                        access = replace(access, at=access.at + ahead)
                    self._take(access, Line(file=part.file, offset=offset + at, text=text))
        except Unreadable as error:
            self.unread[part.file] = error.reason

    def _take(self, access: Access, line: Line) -> None:
        services = services_of(access, line.file)
        services = tuple(one for one in services if one in self._mapped) or services
        access = replace(access, services=services) if services != access.services else access
        if access.action == "rename":
            self._rename(access, line, services)
            return
        if access.action not in ("read", "write", "delete"):
            return
        for match in self._matcher.of(access, access.path, services, line.file):
            key = match.name.key
            if access.action == "read" and access.size == 0 and self._sizes.get(key):
                continue  # opened, and nothing of it fetched
            if not self._twins.again(key, access, line.file):
                one = _within(access, self._sizes.get(key))
                extent = extent_of(one, self._sizes.get(key))
                self.gathered.take(Evidence(key=key, access=one, line=line, extent=extent, sure=match.sure))

    def _rename(self, access: Access, line: Line, services: Sequence[str]) -> None:
        for source, to in renamed(access):
            for path, other in ((source, to), (to, source)):
                for match in self._matcher.of(access, path, services, line.file):
                    key = match.name.key
                    self.gathered.take(Evidence(key=key, access=access, line=line, extent="unknown", sure=match.sure))
                    place = self._place(access, other, services, (path, match.name.path), line.file)
                    pair = (match.name.path, place) if path == source else (place, match.name.path)
                    self.renames.append(_Renamed(access.at, *pair, match.sure and access.writing == "raw"))

    def _place(
        self, access: Access, path: bytes, services: Sequence[str], known: tuple[bytes, bytes], log: bytes
    ) -> bytes:
        """Return where one name of a rename lies. `known`: the other one as it is written, and its place."""
        other, its_place = known
        places, _ = self._matcher.placed(path, services, log, form=access.format)
        if len(places) == 1:
            return places[0]
        rest = other.lstrip(b"/")
        if its_place != other and its_place.endswith(rest):  # it was written from some folder on
            return os.path.join(its_place[: -len(rest)], path.lstrip(b"/"))
        return path


def _within(access: Access, whole: int | None) -> Access:
    """Return an access without the bytes behind the end of the file: clients ask for more than there is."""
    if access.span is None or whole is None or access.size is None or access.span[1] <= whole:
        return access
    return replace(access, size=max(0, access.size - (access.span[1] - max(whole, access.span[0]))))


def services_of(access: Access, file: bytes) -> tuple[str, ...]:
    """Return the services that may have written a line, by the log's own path where that names one."""
    shown = file.lower()
    named = tuple(one for one in access.services if one.encode() in shown)
    if not named and access.services == WEB and b"httpd" in shown:
        return ("apache",)
    return named or access.services


def _names(target: Target, renames: list[_Renamed]) -> list[Name]:
    """Return the names that a file had, and when: from its last one backwards, and onwards where it left that.

    Logs note whole seconds, some the beginning and some the end: around a rename both names count.
    """
    found, path, until, sure = list[Name](), target.path, math.inf, True
    seen = {path}
    while True:
        into = [one for one in renames if one.to == path and one.at < until and one.source not in seen]
        before = max(into, key=lambda one: (one.at, one.source.startswith(b"/")), default=None)
        if before is None:
            break
        found.append(Name(key=target.key, path=path, since=before.at - _SLACK, until=until + _SLACK, sure=sure))
        path, until, sure = before.source, before.at, sure and before.sure
        seen.add(path)
    found.append(Name(key=target.key, path=path, until=until + _SLACK, sure=sure))
    for one in renames:
        if one.source == target.path and one.to not in seen:
            found.append(Name(key=target.key, path=one.to, since=one.at - _SLACK, sure=one.sure))
            seen.add(one.to)
    found += [Name(key=target.key, path=old, until=end + _SLACK) for old, end in target.names if old not in seen]
    return found


def _ahead(part: Part) -> float:
    """Return how many seconds the times of a log without zones are off, see `clock.shift`."""
    if part.modified is None or is_packed(part.file):
        return 0.0
    try:
        size = os.stat(part.file).st_size
        with open(part.file, "rb") as file:
            file.seek(max(0, size - _TAIL))
            lines = file.read(_TAIL).split(b"\n")
    except OSError:
        return 0.0
    parse = Parser()
    for text in reversed(lines):
        access = parse(text.rstrip(b"\r"))
        if access is not None:
            return 0.0 if access.zoned else clock.shift(access.at, part.modified)
    return 0.0
