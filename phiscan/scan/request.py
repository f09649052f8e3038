"""What a command asks of the pipeline, and what the pipeline tells while it works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phiscan.model import Level, Limits, Severity
from phiscan.scan.pace import Pace

if TYPE_CHECKING:
    from phiscan.config import Config


def never() -> bool:
    """Say that nobody asks to stop."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRequest:
    """One scan to be done. The baseline is no part of it: the command applies that to the report."""

    paths: tuple[bytes, ...]  # as given; each exists, or existed when the command looked
    config: Config
    exclude: tuple[str, ...] = ()  # of --exclude, gitignore syntax, besides config.exclude and .phiscanignore
    assume: Level | None = None  # the exposure of everything, where files lie outside their zone
    workers: int = 2  # local processes; flag, else configuration
    limits: Limits = field(default_factory=Limits)  # --max-file-size, --timeout and --no-ocr applied
    pace: Pace = field(default_factory=Pace)  # --bandwidth and --window
    count: bool = False  # somebody watches: count beforehand, to tell how much is left
    stop: Callable[[], bool] = never  # true once the operator wants the partial report (SIGINT, SIGTERM)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is. Totals are None until the walk has counted."""

    files: int  # read so far
    bytes: int  # of them, on disk
    total_files: int | None = None
    total_bytes: int | None = None
    worst: Severity = Severity.NONE
    paused_until: float | None = None  # seconds since the epoch; None: it is going on
