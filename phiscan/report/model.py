"""The report of a scan as frozen dataclasses, in the shape of the JSON schema `phiscan.report/1`.

The pipeline builds a `Report`; every format is made from it. Nothing here may hold a value of a
scanned file: counts, places, masks and rule names only. `to_dict` gives exactly what JSON says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Literal

from phiscan import __version__
from phiscan.errors import GapReason
from phiscan.model import Exposure, Kind, Level, Severity, Stage, Status, Where

SCHEMA = "phiscan.report/1"

Json = dict[str, Any]


def show_path(path: bytes) -> str:
    r"""Return `path` as the report shows it: UTF-8, and `\xNN` for every byte that is not.

    >>> show_path(b"/srv/r\xe9sultat.csv")
    '/srv/r\\xe9sultat.csv'
    """
    return path.decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class RuleReport:
    """One rule that fired on a file."""

    id: str
    """The rule's id: `public.identified-health`."""
    version: int
    """The rule's version."""
    severity: Severity
    """The rule's severity here."""
    title: Mapping[str, str] = field(default_factory=dict)
    """What is wrong, by language (`fr`, `en`). For people; not in the JSON."""
    advice: Mapping[str, str] = field(default_factory=dict)
    """What to do now, by language. For people; not in the JSON."""
    accepted: bool = False
    """The baseline holds it: it counts for no exit status. In the JSON only where true."""

    def to_dict(self) -> Json:
        """Return the JSON element."""
        found: Json = {"id": self.id, "version": self.version, "severity": self.severity.name.lower()}
        return {**found, "accepted": True} if self.accepted else found


@dataclass(frozen=True, slots=True)
class PersonCount:
    """A number of distinct persons."""

    count: int = 0
    """Distinct persons over the whole file, whatever they are named by."""
    exact: bool = True
    """False where some are known only by a full name, or where part of the file was not read."""

    def to_dict(self) -> Json:
        """Return the JSON element."""
        return {"count": self.count, "exact": self.exact}


@dataclass(frozen=True, slots=True)
class CategoryReport:
    """What was found of one category in one file."""

    kind: Kind
    """Identifier, professional or health."""
    hits: int
    """Cells, or spans after overlaps are merged."""
    persons: int
    """Patients with the category in one of their records."""
    assertions: Mapping[str, int] | None = None
    """Hits by assertion in lower case (`affirmed`, ...), without zeros. Health categories only, else None."""

    def to_dict(self) -> Json:
        """Return the JSON element."""
        found: Json = {"kind": self.kind.value, "hits": self.hits, "persons": self.persons}
        return found if self.assertions is None else {**found, "assertions": dict(self.assertions)}


@dataclass(frozen=True, slots=True)
class Sample:
    """One masked hit, so that a reader finds the place again."""

    category: str
    """The category, as in `categories`."""
    entity: str
    """The Presidio entity name: `FR_NIR`."""
    recognizer: str
    """The recognizer's id: `fr.nir`."""
    score: float
    """0 to 1."""
    where: Where
    """Position in the document. Its labels are already safe to show."""
    masked: str
    """Made by `phiscan.seal` only: never a name, never more than five characters of an identifier."""

    def to_dict(self) -> Json:
        """Return the JSON element; a position that is not known is left out."""
        return {
            "category": self.category,
            "entity": self.entity,
            "recognizer": self.recognizer,
            "score": self.score,
            "where": where_dict(self.where),
            "masked": self.masked,
        }


def where_dict(where: Where) -> Json:
    """Return the positions of `where` that are known."""
    found = {part.name: getattr(where, part.name) for part in fields(where)}
    return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """One document: a file on disk, or a member of an archive or mail (whose container is then not listed)."""

    path: str
    """As given on the command line and walked from there; `show_path`; a member is `outer.zip!inner/file.csv`."""
    size: int
    """Bytes."""
    type: str
    """MIME type decided by content; "" where the file could not be opened."""
    status: Status
    """How far it was read."""
    exposure: Exposure
    """Who can read it and why (of the container, for a member)."""
    severity: Severity = Severity.NONE
    """The highest severity of `rules`, accepted or not."""
    rules: tuple[RuleReport, ...] = ()
    """All rules that fired."""
    content: str | None = None
    """Keyed content hash, `KEYID:hex`; None where the content was not read."""
    records: int = 0
    """Records seen: rows, messages, passages."""
    persons: PersonCount = PersonCount()
    """Distinct persons over the whole file."""
    identified_health_persons: PersonCount = PersonCount()
    """Those of them who stand in one record with at least one health category."""
    categories: Mapping[str, CategoryReport] = field(default_factory=dict)
    """By category name, in the contract's order, only those found."""
    samples: tuple[Sample, ...] = ()
    """A few masked hits, by position."""

    @property
    def open_severity(self) -> Severity:
        """The highest severity that the baseline does not accept."""
        return max((rule.severity for rule in self.rules if not rule.accepted), default=Severity.NONE)

    def to_dict(self) -> Json:
        """Return the JSON element of `files`."""
        return {
            "path": self.path,
            "size": self.size,
            "type": self.type,
            "status": self.status,
            "exposure": exposure_dict(self.exposure),
            "severity": self.severity.name.lower(),
            "rules": [rule.to_dict() for rule in self.rules],
            "content": self.content,
            "records": self.records,
            "persons": self.persons.to_dict(),
            "identified_health_persons": self.identified_health_persons.to_dict(),
            "categories": {name: found.to_dict() for name, found in self.categories.items()},
            "samples": [sample.to_dict() for sample in self.samples],
        }


def exposure_dict(exposure: Exposure) -> Json:
    """Return the JSON element of an exposure; `zone` only where a reason has one."""
    reasons = []
    for reason in exposure.reasons:
        found = {"service": reason.service, "setting": reason.setting, "source": reason.source}
        reasons.append({**found, "zone": reason.zone} if reason.zone else found)
    return {"level": exposure.level.name.lower(), "reasons": reasons}


@dataclass(frozen=True, slots=True)
class GapReport:
    """Something that was not read."""

    path: str
    """As in `FileReport.path`, a member with its `!`."""
    stage: Stage
    """The step at which it happened."""
    reason: GapReason
    """Why, one word of the contract."""
    detail: str = ""
    """A fixed phrase of ours, never the text of a library's exception."""

    def to_dict(self) -> Json:
        """Return the JSON element of `gaps`."""
        return {"path": self.path, "stage": self.stage, "reason": self.reason, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class ExcludedReport:
    """What was left out on purpose."""

    pattern: str
    """The pattern, or the path where no pattern is at work."""
    by: str
    """Who said so: `default`, `--exclude`, `phiscan.yaml:12`, `.phiscanignore:3`, `baseline`, `offline`."""
    files: int | None = None
    """How many files; None where they were not counted (a folder that was not entered)."""
    gap: GapReport | None = None
    """The gap that the baseline accepts. It makes `by` "baseline" and nobody believes the file was read."""
    accepted: str = ""
    """The reason the baseline gives for accepting the gap."""

    def to_dict(self) -> Json:
        """Return the JSON element of `excluded`."""
        found: Json = {"pattern": self.pattern, "by": self.by, "files": self.files}
        if self.gap is None:
            return found
        return {**found, "stage": self.gap.stage, "reason": self.gap.reason, "accepted": self.accepted}


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over the scan."""

    files: int = 0
    """Files on disk that were looked at (members of archives are not counted)."""
    bytes: int = 0
    """Their size on disk."""
    scanned: int = 0
    """Files read."""
    unchanged: int = 0
    """Files whose content the ledger knows."""
    encrypted: int = 0
    """Files that cannot be read by whoever takes them."""
    gaps: int = 0
    """Elements of `gaps`."""
    excluded: int = 0
    """Files known to have been left out; what was not counted is not in here."""
    persons: int = 0
    """Distinct persons over the whole scan: a copy of a file adds nobody."""

    def to_dict(self) -> Json:
        """Return the JSON element."""
        return {part.name: getattr(self, part.name) for part in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One scan."""

    ruleset: str
    """`sha256:…` over all recognizers and rules that were at work."""
    roots: tuple[str, ...]
    """The paths as given, `show_path`."""
    started: datetime
    """With its time zone."""
    ended: datetime
    """With its time zone."""
    totals: Totals
    """Sums over the scan."""
    files: tuple[FileReport, ...]
    """Every file read, clean ones too."""
    gaps: tuple[GapReport, ...] = ()
    """Everything that was not read."""
    excluded: tuple[ExcludedReport, ...] = ()
    """Everything left out on purpose."""
    interrupted: bool = False
    """The scan was stopped before its end: `complete` is false whatever `gaps` say."""

    @property
    def complete(self) -> bool:
        """True where everything that was asked for was read."""
        return not self.gaps and not self.interrupted

    @property
    def worst(self) -> Severity:
        """The highest severity that the baseline does not accept."""
        return max((found.open_severity for found in self.files), default=Severity.NONE)

    def head(self) -> Json:
        """Return the report without its three lists: what `jsonl` calls the summary."""
        return {
            "schema": SCHEMA,
            "phiscan": __version__,
            "ruleset": self.ruleset,
            "roots": list(self.roots),
            "started": stamp(self.started),
            "ended": stamp(self.ended),
            "complete": self.complete,
            "totals": self.totals.to_dict(),
        }

    def to_dict(self) -> Json:
        """Return the whole JSON report."""
        return {
            **self.head(),
            "files": [found.to_dict() for found in self.files],
            "gaps": [gap.to_dict() for gap in self.gaps],
            "excluded": [left.to_dict() for left in self.excluded],
        }


def stamp(moment: datetime) -> str:
    """Return `moment` (aware) as the report writes time: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


SeverityName = Literal["none", "info", "low", "medium", "high", "critical"]
LEVELS: dict[str, Level] = {level.name.lower(): level for level in Level}
SEVERITIES: dict[str, Severity] = {severity.name.lower(): severity for severity in Severity}
