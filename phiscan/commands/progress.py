"""The progress bar on standard error. It has no thread of its own: the scan forks workers."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from phiscan.messages import Language, moment, number, size, text
from phiscan.model import Severity
from phiscan.report import show

if TYPE_CHECKING:
    from phiscan.scan.request import Progress

EVERY = 0.1  # seconds between two looks


@contextlib.contextmanager
def shown(lang: Language, *, wanted: bool) -> Iterator[Callable[[Progress], None]]:
    """Yield what to call with each `Progress`. Shows something only where wanted and stderr is a terminal."""
    if not wanted or not sys.stderr.isatty():
        yield lambda progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn(text(lang, "progress.scan")), BarColumn(), TextColumn("{task.fields[said]}"))
    bar = Bar(
        *columns,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar:
        task = bar.add_task("", total=None, said="")
        last = 0.0

        def show_it(progress: Progress) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last < EVERY:
                return
            last = now
            bar.update(task, completed=progress.bytes, total=progress.total_bytes, said=said(progress, lang))
            bar.refresh()

        yield show_it


def said(progress: Progress, lang: Language) -> str:
    """Return how far the scan is, in words."""
    total = progress.total_files
    parts = [text(lang, "totals.files", n=progress.files if total is None else total)]
    if total is not None:
        parts[0] = f"{number(progress.files, lang)} / {parts[0]}"
    parts.append(size(progress.bytes, lang))
    if progress.paused_until is not None:
        at = moment(datetime.fromtimestamp(progress.paused_until, UTC), lang)
        parts.append(text(lang, "progress.paused", at=at))
    if progress.worst >= Severity.LOW:
        parts.append(text(lang, "progress.worst", worst=show.severity(progress.worst, lang)))
    return " · ".join(parts)
