"""How far a scan is, in words; shown on a terminal only."""

from __future__ import annotations

from datetime import datetime

import pytest

from phiscan.commands.progress import said, shown
from phiscan.messages import THIN
from phiscan.model import Severity
from phiscan.scan.request import Progress


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(0, 0), "0 files · 0 B"),
        (Progress(1, 1_500, 2_000, 9_000_000), "1 / 2,000 files · 1.5 kB"),
        (Progress(1_200, 10, 2_000, 20, Severity.HIGH), "1,200 / 2,000 files · 10 B · severity high"),
        (Progress(3, 10, None, None, Severity.INFO), "3 files · 10 B"),
    ],
)
def test_said(progress: Progress, words: str) -> None:
    assert said(progress, "en") == words


def test_a_scan_that_waits_says_until_when() -> None:
    at = datetime(2026, 11, 21, 20, 0).astimezone()
    assert said(Progress(0, 0, paused_until=at.timestamp()), "en") == "0 files · 0 B · paused until 2026-11-21 20:00"


def test_said_in_french() -> None:
    assert said(Progress(1_200, 10, worst=Severity.LOW), "fr") == f"1{THIN}200 fichiers · 10{THIN}o · gravité faible"


def test_nothing_is_shown_where_standard_error_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with shown("fr", wanted=True) as on_progress:
        on_progress(Progress(1, 1))
    assert capsys.readouterr() == ("", "")
