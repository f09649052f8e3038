"""One scan under way: files handed out as the walk finds them, answers judged as workers give them.

`phiscan.pipeline` is the picture; here is the bookkeeping between its steps.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from phiscan.errors import Unreadable
from phiscan.expose.permissions import Cache
from phiscan.expose.zones import Zone, Zones, assumed, exposure_of
from phiscan.isolate import Job, Result
from phiscan.judge import Rule, judge, severity
from phiscan.model import Exposure, Gap, Kind, Level, Place, Severity
from phiscan.recognize.ruleset import Ruleset
from phiscan.report.model import (
    CategoryReport,
    ExcludedReport,
    FileReport,
    GapReport,
    PersonCount,
    Report,
    Sample,
    Totals,
    show_path,
)
from phiscan.request import Progress, ScanRequest
from phiscan.scanner import Scanner
from phiscan.seal import Sealer
from phiscan.source.open import open_regular
from phiscan.source.paths import below, is_address
from phiscan.source.walk import Excluded, Missed, Step, walk
from phiscan.tally import Tally
from phiscan.verdict import Judged, facts_of, load_test_persons

if TYPE_CHECKING:
    from phiscan.config import Zone as Declared
    from phiscan.source.remote import Remote

_SHARED_FROM = 32 << 20  # bytes: a table this large is read by all workers together
_AGAIN = 1  # times a file that changed while it was read is read once more


@dataclass(slots=True)
class _Opened:
    """What the parent knows of a file that a worker reads."""

    place: Place
    exposure: Exposure
    times: int = 0  # how often it was read before, and had changed meanwhile
    shares: int = 1  # workers that read it together
    results: list[Result] = field(default_factory=list)  # of the shares that answered


@dataclass
class Run:
    """One scan under way."""

    request: ScanRequest
    ruleset: Ruleset
    rules: tuple[Rule, ...]
    sealer: Sealer
    on_progress: Callable[[Progress], None]
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.scanner = Scanner(self.ruleset, self.sealer, self.request.limits)
        self.zones = Zones(_zone(declared) for declared in self.request.config.zones)
        self.looked_at = Cache()
        self.test_persons = load_test_persons(self.request.config.test_persons, self.sealer)
        self.files: list[FileReport] = []
        self.gaps: list[GapReport] = []
        self.excluded: dict[tuple[str, str], int | None] = {}  # files by pattern and whose it is
        self.total = Tally()
        self.worst = Severity.NONE
        self.counted = {"files": 0, "bytes": 0, "scanned": 0, "encrypted": 0}
        self.again: list[_Opened] = []
        self.unknown_roots: set[bytes] = set()
        self.local = tuple(path for path in self.request.paths if not is_address(path))
        self.remote: Remote | None = None  # the server that is being asked
        self.underway: dict[int, int] = {}
        self.waiting = 0  # files at the workers
        self.done_bytes = 0

    def jobs(self) -> Iterator[Job | None]:
        """Walk, open and hand out files; then those again that changed while they were read.

        None says that nothing is to be done until a worker answers.
        """
        yield from self._hand_out(walk(self.local, self.request.exclude, config=self.request.config.exclude))
        for address in self.request.paths:
            if is_address(address):
                yield from self._hand_out(self._ask(address))
        while self.again or self.waiting:
            if self.again:
                yield from self._open(self.again.pop())
            else:
                yield None

    def _hand_out(self, steps: Iterable[Step]) -> Iterator[Job | None]:
        for found in steps:
            if isinstance(found, Missed):
                self._gap(found.path, "", found.gap)
            elif isinstance(found, Excluded):
                self._exclude(found)
            else:
                yield from self._open(_Opened(found, self._exposure(found)))

    def _ask(self, address: bytes) -> Iterator[Step]:
        """Walk what lies behind an address."""
        from phiscan.source.remote import Remote

        self.remote = Remote(address, self.request.exclude, self.request.config.exclude)
        try:
            yield from self.remote.walk()
        finally:
            self.remote.close()
            self.remote = None

    def _exclude(self, found: Excluded) -> None:
        """Note what is left out: files by their pattern, a folder by its path where no operator asked for it."""
        by = found.by
        if by == "config" and self.request.config.file is not None:
            by = self.request.config.file.name
        pattern = found.pattern
        if by == "default":
            pattern = show_path(found.path) + ("/" if pattern.endswith("/") else f" ({pattern})")
        count = self.excluded.get((pattern, by), 0)
        folder = os.path.isdir(found.path) and not os.path.islink(found.path)
        self.excluded[pattern, by] = None if folder or count is None else count + 1

    def _exposure(self, place: Place) -> Exposure:
        if self.remote is None:
            exposure = exposure_of(place.path, place, self.zones, self.request.assume, cache=self.looked_at)
        else:
            exposure = assumed(self.request.assume)
        if exposure.level is Level.UNKNOWN:
            root = next((r for r in self.request.paths if below(place.path, r) is not None), place.path)
            if root not in self.unknown_roots:  # one gap a root
                self.unknown_roots.add(root)
                self._gap(root, "", Gap("expose", "exposure_unknown", "rights cannot be established here"))
        return exposure

    def _open(self, opened: _Opened) -> Iterator[Job | None]:
        place, limit = opened.place, self.request.limits.max_file_size
        if not opened.times:
            self.counted["files"] += 1
            self.counted["bytes"] += place.size
        if limit is not None and place.size > limit:
            self._unread(opened, Gap("open", "too_big", "larger than --max-file-size"))
            return
        try:
            descriptor, status = yield from self._descriptor(place)
        except Unreadable as error:
            self._unread(opened, Gap("open", error.reason, error.detail))
            return
        self.counted["bytes"] += status.st_size - place.size if self.remote is not None else 0
        opened.place = replace(
            place, inode=status.st_ino, size=status.st_size, mtime_ns=status.st_mtime_ns, ctime_ns=status.st_ctime_ns
        )
        meta = {"name": self._below_root(place.path), "size": status.st_size}
        descriptors = [descriptor]
        if status.st_size >= _SHARED_FROM and _rows(descriptor):
            descriptors += self._more(place.path, descriptor, status)
        opened.shares = len(descriptors)
        for number, one in enumerate(descriptors):
            self.waiting += 1
            share = {"share": [number, opened.shares]} if opened.shares > 1 else {}
            yield Job(one, {**meta, **share}, opened, self.request.limits.timeout)

    def _descriptor(self, place: Place) -> Generator[None, None, tuple[int, os.stat_result]]:
        """Return a file opened for reading, and its status. One behind an address comes in piece by piece."""
        if self.remote is None:
            return open_regular(place.path, self.local)
        limits = self.request.limits
        most = min(limits.max_file_size or limits.memory, limits.memory // 2)  # the worker needs the other half
        return (yield from self.remote.open(place.path, most, limits.timeout))

    def _more(self, path: bytes, opened: int, status: os.stat_result) -> list[int]:
        """Return a descriptor for each further share (a duplicate would share the position in the file).

        None where the file has gone or been replaced meanwhile: the one that is open is read alone.
        """
        more: list[int] = []
        try:
            for _ in range(1, self.request.workers):
                descriptor, again = self._once_more(path, opened)
                more.append(descriptor)
                if not os.path.samestat(status, again):
                    raise Unreadable("vanished")
        except Unreadable:
            while more:
                os.close(more.pop())
        return more

    def _once_more(self, path: bytes, opened: int) -> tuple[int, os.stat_result]:
        if self.remote is None:
            return open_regular(path, self.local)
        from phiscan.source.remote import again

        descriptor = again(opened)
        return descriptor, os.fstat(descriptor)

    def _below_root(self, path: bytes) -> str:
        """The part of a path that is searched like content: what lies below the folder given, and the file's name."""
        rests = [rest for root in self.request.paths if (rest := below(path, root))]
        return (min(rests, key=len) if rests else os.path.basename(path)).decode("utf-8", "replace")

    def progressed(self, tag: object, done: int) -> None:
        """A worker tells how far it is in a file."""
        self.underway[id(tag)] = done
        self._tell()

    def _tell(self) -> None:
        read = self.counted["bytes"] if not self.underway else self.done_bytes + sum(self.underway.values())
        self.on_progress(Progress(len(self.files), read, worst=self.worst))

    def take(self, result: Result) -> None:
        """Judge what a worker answered about one file."""
        opened = result.tag
        assert isinstance(opened, _Opened)
        self.waiting -= 1
        opened.results.append(result)
        if len(opened.results) < opened.shares:
            return
        self.underway.pop(id(opened), None)
        self.done_bytes += opened.place.size
        failed = next((one for one in opened.results if one.failure is not None or one.meta is None), None)
        if failed is not None:
            self._unread(opened, Gap("extract", failed.failure or "crash", failed.detail))
        elif self._changed(opened):
            self.again.append(_Opened(opened.place, opened.exposure, opened.times + 1))
        else:
            try:
                self._take_parts(opened)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError):
                self._unread(opened, Gap("extract", "crash", "the worker answered nonsense"))
        self._tell()

    def _changed(self, opened: _Opened) -> bool:
        """Whether the file differs from what was opened, and has not been read again often enough."""
        return opened.times < _AGAIN and self._differs(opened)

    def _differs(self, opened: _Opened) -> bool:
        """Whether the file is no longer what was opened."""
        place = opened.place
        if is_address(place.path):
            return False  # what was fetched stays as it is
        try:
            now = os.stat(place.path) if place.path in self.request.paths else os.lstat(place.path)
        except OSError:
            return False  # gone: what was read was all of it
        return (now.st_ino, now.st_size, now.st_mtime_ns) != (place.inode, place.size, place.mtime_ns)

    def _take_parts(self, opened: _Opened) -> None:
        content, parts = _answer(opened.results)
        settled = not self._differs(opened)
        gaps = [(str(part["member"]), Gap(**gap)) for part, _ in parts for gap in part["gaps"]]
        if not settled:
            gaps.append(("", Gap("extract", "vanished", "kept changing while it was read")))
        listed = [(part, tally) for part, tally in parts if part["listed"]]
        reports = [
            self._file(opened, part, tally, content, exact=settled and not part["gaps"]) for part, tally in listed
        ]
        for _, tally in listed:
            self.total.add(tally)
        for member, gap in gaps:
            self._gap(opened.place.path, member, gap)
        self.files += reports
        states = {report.status for report in reports}
        if states & {"scanned", "partial"}:
            self.counted["scanned"] += 1
        elif "encrypted" in states:
            self.counted["encrypted"] += 1

    def _file(
        self, opened: _Opened, part: Mapping[str, Any], tally: Tally, content: str, *, exact: bool
    ) -> FileReport:
        judged = self._judge(tally, opened.exposure.level, exact=exact)
        member = str(part["member"])
        return FileReport(
            path=_path(opened.place.path, member),
            size=int(part["size"]) if member else opened.place.size,
            type=str(part["type"]),
            status=part["status"] if part["status"] != "scanned" or exact else "partial",
            exposure=opened.exposure,
            severity=judged.severity,
            rules=judged.rules,
            content=content,
            records=tally.records,
            persons=judged.persons,
            identified_health_persons=judged.identified_health,
            categories=judged.categories,
            samples=tuple(
                Sample(s.category, s.entity, s.recognizer, s.score, s.where, s.masked) for s in tally.samples
            ),
        )

    def _judge(self, tally: Tally, level: Level, *, exact: bool) -> Judged:
        facts = facts_of(tally, level, self.ruleset, self.test_persons)
        fired = judge(facts, self.rules)
        self.worst = max(self.worst, severity(fired))
        return Judged(
            severity=severity(fired),
            rules=tuple(one.report() for one in fired),
            persons=PersonCount(facts.persons, facts.exact and exact),
            identified_health=PersonCount(facts.identified_health, facts.identified_health_exact and exact),
            categories={
                name: CategoryReport(
                    found.kind,
                    found.hits,
                    found.persons,
                    dict(found.assertions) if found.kind is Kind.HEALTH else None,
                )
                for name, found in facts.categories.items()
            },
        )

    def _unread(self, opened: _Opened, gap: Gap) -> None:
        """A file of which nothing was read is listed, with its gap."""
        place = opened.place
        self.files.append(
            FileReport(path=_path(place.path, ""), size=place.size, type="", status="gap", exposure=opened.exposure)
        )
        self._gap(place.path, "", gap)

    def _gap(self, path: bytes, member: str, gap: Gap) -> None:
        inner = gap.member or member
        self.gaps.append(GapReport(_path(path, inner), gap.stage, gap.reason, gap.detail))

    def report(self) -> Report:
        """Return the report of what was done so far."""
        facts = facts_of(self.total, Level.RESTRICTED, self.ruleset, self.test_persons)
        order = {name: position for position, name in enumerate(sorted(file.path for file in self.files))}
        return Report(
            ruleset=self.ruleset.digest,
            roots=tuple(show_path(path) for path in self.request.paths),
            started=self.started,
            ended=datetime.now(UTC),
            totals=Totals(
                files=self.counted["files"],
                bytes=self.counted["bytes"],
                scanned=self.counted["scanned"],
                encrypted=self.counted["encrypted"],
                gaps=len(self.gaps),
                excluded=sum(count or 0 for count in self.excluded.values()),
                persons=facts.persons,
            ),
            files=tuple(sorted(self.files, key=lambda file: order[file.path])),
            gaps=tuple(sorted(self.gaps, key=lambda gap: (gap.path, gap.reason))),
            excluded=tuple(ExcludedReport(pattern, by, count) for (pattern, by), count in self.excluded.items()),
            interrupted=self.request.stop(),
        )


def _rows(descriptor: int) -> bool:
    """Whether a large file begins like lines of a table, which several workers may read together."""
    head = os.pread(descriptor, 1 << 14, 0)
    lines = head.split(b"\n")[:-1]
    marks = [max(line.count(mark) for mark in (b";", b",", b"\t", b"|")) for line in lines]
    return b"\0" not in head and len(lines) > 2 and min(marks) > 1


def _answer(results: list[Result]) -> tuple[str, list[tuple[Mapping[str, Any], Tally]]]:
    """Return a file's content hash and its parts; what several workers found in one part is added up.

    Raises KeyError, TypeError, ValueError or IndexError on nonsense.
    """
    content, parts = "", dict[str, tuple[dict[str, Any], Tally]]()
    for result in results:
        answer = result.meta or {}
        content = content or str(answer["content"])
        for at, part in enumerate(answer["parts"]):
            tally = Tally.from_wire(part["tally"], result.arrays[2 * at : 2 * at + 2])
            known = parts.setdefault(str(part["member"]), (part, Tally()))
            if known[0] is not part:
                known[0]["gaps"] += [gap for gap in part["gaps"] if gap not in known[0]["gaps"]]
            known[1].add(tally)
    return content, list(parts.values())


def _zone(declared: Declared) -> Zone:
    """A zone of the configuration as exposure sees it."""
    level = Level[declared.exposure.upper()] if declared.exposure else None
    return Zone(path=os.path.abspath(os.fsencode(declared.path)), level=level, source=declared.source)


def _path(path: bytes, member: str) -> str:
    return show_path(path) + (f"!{member}" if member else "")
