"""One scan under way: files handed out as the walk finds them, answers judged as workers give them.

`phiscan.pipeline` is the picture; here is the bookkeeping between its steps.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from phiscan.declared import NOWHERE, Declarations
from phiscan.errors import Unreadable
from phiscan.expose.nt.mounted import Mounted
from phiscan.expose.nt.rights import rights_of
from phiscan.expose.permissions import Cache
from phiscan.expose.zones import Zone, Zones, assumed, exposure_of, gap_of
from phiscan.isolate import Job, Result
from phiscan.judge import Facts, Rule, judge, severity
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
from phiscan.scan.pairs import Pairs
from phiscan.scan.reading import Local, Opening, Parts, Reader, Reading, answer, complete, differs
from phiscan.scan.request import Progress, ScanRequest
from phiscan.scan.scanner import Scanner
from phiscan.seal import Sealer
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below, is_address
from phiscan.source.walk import Excluded, Missed, Step, walk
from phiscan.tally import Tally
from phiscan.verdict import Judged, facts_of, load_test_persons

if TYPE_CHECKING:
    from phiscan.config import Zone as Declared
    from phiscan.expose.discover import Discovery
    from phiscan.source.remote import Remote

_AGAIN = 1  # times a file that changed while it was read is read once more


@dataclass
class Run:
    """One scan under way."""

    request: ScanRequest
    ruleset: Ruleset
    rules: tuple[Rule, ...]
    sealer: Sealer
    on_progress: Callable[[Progress], None]
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    totals: Callable[[], tuple[int, int] | None] = lambda: None  # files and bytes that there are, once it is known

    def __post_init__(self) -> None:
        self.scanner = Scanner(self.ruleset, self.sealer, self.request.limits)
        self.zones = Zones(zone_of_config(declared) for declared in self.request.config.zones)
        self.declared = Declarations(self.request.config.zones, watched=self.request.config.watch)
        self.pairs = Pairs(self.rules)
        self.test_persons = load_test_persons(self.request.config.test_persons, self.sealer)
        self.files: list[FileReport] = []
        self.gaps: list[GapReport] = []
        self.excluded: dict[tuple[str, str], int | None] = {}  # files by pattern and whose it is
        self.total = Tally()
        self.worst = Severity.NONE
        self.counted = {"files": 0, "bytes": 0, "scanned": 0, "encrypted": 0}
        self.again: list[Reading] = []
        self.unknown_roots: set[bytes] = set()
        self.local = tuple(path for path in self.request.paths if not is_address(path))
        self.rights = rights_of(self.request.config.smb)
        self.looked_at = Cache(Mounts.read(), self._discovered(), Mounted(self.rights))
        self.remote: Remote | None = None  # the server that is being asked
        self.reader = Reader(self.request.limits, self.request.workers, self.request.paths)
        self.underway: dict[int, int] = {}
        self.waiting = 0  # files at the workers
        self.done_bytes = 0

    def _discovered(self) -> Discovery | None:
        """Learn what the servers of this machine give away, where something of this machine is looked at."""
        from phiscan.expose.discover import discover

        config = self.request.config
        return discover(config.servers) if config.discover and self.local else None

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
                yield from self._open(Reading(found, self._exposure(found)))

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
        if found.place is not None:
            pattern = show_path(os.path.join(os.path.dirname(found.path), b""))
        elif by == "default":
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
                self._gap(root, "", gap_of(exposure))
        return exposure

    def _open(self, opened: Reading) -> Iterator[Job | None]:
        pace = self.request.pace
        while pace.wait() > 0:
            self._tell()
            yield None
        place, limit = opened.place, self.request.limits.max_file_size
        if not opened.times:
            self.counted["files"] += 1
            self.counted["bytes"] += place.size
        if limit is not None and place.size > limit:
            self._unread(opened, Gap("open", "too_big", "larger than --max-file-size"))
            return
        pace.begun(place.size)
        opened.pace = None if pace.bandwidth is None else float(pace.bandwidth)
        try:
            for job in self.reader.jobs(opened, self._source()):
                if job is not None:
                    self.counted["bytes"] += opened.place.size - place.size if self.remote is not None else 0
                    place = opened.place
                    self.waiting += 1
                yield job
        except Unreadable as error:
            self._unread(opened, Gap("open", error.reason, error.detail))

    def _source(self) -> Local:
        limits = self.request.limits
        if self.remote is None:
            return Local(self.local)
        most = min(limits.max_file_size or limits.memory, limits.memory // 2)  # the worker needs the other half
        return _Fetched(self.remote, most, limits.timeout)

    def progressed(self, tag: object, done: int) -> None:
        """A worker tells how far it is in a file."""
        self.underway[id(tag)] = done
        self._tell()

    def _tell(self) -> None:
        read = self.counted["bytes"] if not self.underway else self.done_bytes + sum(self.underway.values())
        files, size = self.totals() or (None, None)
        paused = self.request.pace.paused_until()
        self.on_progress(Progress(len(self.files), read, files, size, self.worst, paused))

    def take(self, result: Result) -> None:
        """Judge what a worker answered about one file."""
        self.waiting -= 1
        opened = complete(result)
        if opened is None:
            return
        self.underway.pop(id(opened), None)
        self.done_bytes += opened.place.size
        try:
            content, parts = answer(opened)
            if self._changed(opened):
                self.again.append(Reading(opened.place, opened.tag, opened.times + 1))
            else:
                self._take_parts(opened, content, parts)
        except Unreadable as error:
            self._unread(opened, Gap("extract", error.reason, error.detail))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            self._unread(opened, Gap("extract", "crash", "the worker answered nonsense"))
        self._tell()

    def _changed(self, opened: Reading) -> bool:
        """Whether the file differs from what was opened, and has not been read again often enough."""
        return opened.times < _AGAIN and self._differs(opened)

    def _differs(self, opened: Reading) -> bool:
        """Whether the file is no longer what was opened; what was fetched stays as it is."""
        return not is_address(opened.place.path) and differs(opened, Local(self.request.paths))

    def _take_parts(self, opened: Reading, content: str, parts: Parts) -> None:
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
        self, opened: Reading, part: Mapping[str, Any], tally: Tally, content: str, *, exact: bool
    ) -> FileReport:
        facts = facts_of(tally, opened.tag.level, self.ruleset, self.test_persons)
        zone = NOWHERE if self.remote is not None else self.declared.of(opened.place.path, self.looked_at)
        facts = replace(facts, zone=zone, weak=bool(part["weak"]))
        judged = self._judge(facts, exact=exact)
        member = str(part["member"])
        report = FileReport(
            path=_path(opened.place.path, member),
            size=int(part["size"]) if member else opened.place.size,
            type=str(part["type"]),
            status=part["status"] if part["status"] != "scanned" or exact else "partial",
            exposure=opened.tag,
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
        self.pairs.met(opened.place, report, facts)
        return report

    def _judge(self, facts: Facts, *, exact: bool) -> Judged:
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

    def _unread(self, opened: Reading, gap: Gap) -> None:
        """A file of which nothing was read is listed, with its gap."""
        place = opened.place
        self.files.append(
            FileReport(path=_path(place.path, ""), size=place.size, type="", status="gap", exposure=opened.tag)
        )
        self._gap(place.path, "", gap)

    def _gap(self, path: bytes, member: str, gap: Gap) -> None:
        inner = gap.member or member
        self.gaps.append(GapReport(_path(path, inner), gap.stage, gap.reason, gap.detail))

    def report(self) -> Report:
        """Return the report of what was done so far."""
        files = self.pairs.told(self.files)
        facts = facts_of(self.total, Level.RESTRICTED, self.ruleset, self.test_persons)
        order = {name: position for position, name in enumerate(sorted(file.path for file in files))}
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
            files=tuple(sorted(files, key=lambda file: order[file.path])),
            gaps=tuple(sorted(self.gaps, key=lambda gap: (gap.path, gap.reason))),
            excluded=tuple(ExcludedReport(pattern, by, count) for (pattern, by), count in self.excluded.items()),
            interrupted=self.request.stop(),
        )


class _Fetched(Local):
    """Opens what lies behind an address, piece by piece."""

    def __init__(self, remote: Remote, most: int, timeout: float) -> None:
        super().__init__(())
        self._remote, self._most, self._timeout = remote, most, timeout

    def open(self, place: Place) -> Opening:
        """Return a file once it has come in. Raises Unreadable."""
        return (yield from self._remote.open(place.path, self._most, self._timeout))

    def again(self, path: bytes, opened: int) -> tuple[int, os.stat_result]:
        """Open what has come in once more."""
        from phiscan.source.remote import again

        descriptor = again(opened)
        return descriptor, os.fstat(descriptor)


def zone_of_config(declared: Declared) -> Zone:
    """Return a zone of the configuration as exposure sees it."""
    level = Level[declared.exposure.upper()] if declared.exposure else None
    return Zone(path=os.path.abspath(os.fsencode(declared.path)), level=level, source=declared.source)


def _path(path: bytes, member: str) -> str:
    return show_path(path) + (f"!{member}" if member else "")
