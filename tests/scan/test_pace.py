"""Files are begun and read no faster than was granted, and in the hours that were granted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from phiscan.config.quiet import hours_a_week, opens, parse_hours
from phiscan.scan.counting import Counting
from phiscan.scan.pace import Pace
from phiscan.scan.paced import PacedFile
from tests.running import CLEAN, PATIENTS, Inside, environment, scan, statuses

MIB = 1 << 20


class Clock:
    """Seconds that pass only when somebody says so."""

    def __init__(self, at: float = 0.0) -> None:
        self.at = at
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def test_beginnings_are_spaced_by_what_files_weigh() -> None:
    clock = Clock(100.0)
    pace = Pace(bandwidth=1000, now=clock)
    assert pace.wait() == 0
    pace.begun(500)
    assert pace.wait() == 0.5
    pace.begun(2000)  # of what cannot wait: the rest waits for longer
    assert pace.wait() == 2.5
    clock.at = 110.0
    assert pace.wait() == 0
    pace.begun(1000)  # what was not used before is not made up for
    assert pace.wait() == 1.0
    assert (Pace(now=clock).wait(), Pace(now=clock).paused_until()) == (0, None)


def at(written: str) -> float:
    """Return a moment of this machine's clock: 21 November 2026 is a Saturday."""
    return time.mktime(time.strptime(f"2026-11-{written}", "%Y-%m-%d %H:%M"))


@pytest.mark.parametrize(
    ("hours", "now", "begins"),
    [
        (["20:00-07:00"], "21 12:00", "21 20:00"),
        (["20:00-07:00"], "21 23:00", "21 23:00"),
        (["20:00-07:00"], "22 06:59", "22 06:59"),
        (["20:00-07:00"], "22 07:00", "22 20:00"),
        (["mon 00:00-24:00"], "21 12:00", "23 00:00"),
        (["fri 18:00-20:00"], "21 12:00", "27 18:00"),
        (["fri 18:00-20:00", "12:30-13:00"], "21 12:00", "21 12:30"),
        (["00:00-24:00"], "21 12:00", "21 12:00"),
    ],
)
def test_when_hours_begin(hours: list[str], now: str, begins: str) -> None:
    windows = parse_hours(hours)
    assert opens(windows, at(now)) == at(begins)
    pace = Pace(windows=windows, wall=lambda: at(now))
    assert pace.wait() == at(begins) - at(now)
    assert pace.paused_until() == (None if begins == now else at(begins))


def test_how_many_hours_a_week() -> None:
    assert hours_a_week(parse_hours(["20:00-07:00"])) == 77.0
    assert hours_a_week(parse_hours(["sat-sun 00:00-24:00", "sat 10:00-12:00"])) == 48.0
    assert hours_a_week(()) == 168.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("phiscan.scan.paced.time", SimpleNamespace(monotonic=clock, sleep=clock.sleep))
    return clock


@pytest.fixture
def file(tmp_path: Path, clock: Clock) -> Iterator[PacedFile]:
    (tmp_path / "a").write_bytes(bytes(range(256)) * 4096 * 10 + b"end")  # 10 MiB and 3 bytes
    with PacedFile(os.open(tmp_path / "a", os.O_RDONLY), pace=2 * MIB) as found:
        yield found


def test_a_file_is_met_no_faster_than_granted(file: PacedFile, clock: Clock) -> None:
    assert (len(file.read(3 * MIB)), clock.at) == (3 * MIB, 1.5)
    file.seek(0)
    assert (len(file.read(3 * MIB)), clock.at) == (3 * MIB, 1.5)  # it comes from memory
    file.seek(9 * MIB)
    buffer = bytearray(100)
    assert (file.readinto(buffer), clock.at) == (100, 2.0)  # the block around it is read ahead
    assert buffer == bytes(range(100))
    file.seek(0)
    assert len(file.readall()) == 10 * MIB + 3
    assert clock.at == pytest.approx((10 * MIB + 3) / (2 * MIB))
    assert file.read(1) == b""


def test_what_takes_long_anyway_waits_for_nothing(file: PacedFile, clock: Clock) -> None:
    clock.at = 60.0
    assert len(file.read()) == 10 * MIB + 3
    assert clock.slept == []


def test_a_scan_takes_as_long_as_it_has_to(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text(CLEAN * 1000)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    began = time.monotonic()
    status, report = scan("--bandwidth", f"{size // 3}B/s", ".", cwd=tmp_path)
    assert time.monotonic() - began > 2.2  # three of four before the last one begins
    assert (status, report["totals"]["files"], report["complete"]) == (0, 4, True)


def test_a_large_file_has_the_time_that_it_is_slowed_down_by(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(PATIENTS + PATIENTS.partition("\n")[2] * 8000)
    pace = (tmp_path / "a.csv").stat().st_size // 3
    began = time.monotonic()
    _, report = scan("--timeout", "2", "--bandwidth", f"{pace}B/s", "a.csv", cwd=tmp_path)
    assert time.monotonic() - began > 2.5
    assert (statuses(report), report["gaps"]) == ({"a.csv": "scanned"}, [])


def test_a_scan_waits_for_its_hours_and_ends_when_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(PATIENTS)
    never = time.strftime("%a", time.localtime(time.time() - 3 * 86_400)).lower()
    process = subprocess.Popen(
        [sys.executable, "-m", "phiscan", "scan", "-f", "json", "--window", f"{never} 00:00-00:01", "a.csv"],
        cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE,
    )  # fmt: skip
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(4)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 143
    assert b'"files": []' in said


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--bandwidth", "fast"], "--bandwidth"),
        (["--bandwidth", "0"], "--bandwidth"),
        (["--window", "nachts"], "--window"),
    ],
)
def test_flags_that_say_nothing_sensible(
    flags: list[str],
    said: str,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    status, _, errors = Inside(tmp_path, capfdbinary, monkeypatch)("scan", *flags, "/")
    assert (status, said in errors.decode()) == (2, True)


def test_a_scan_is_counted_beside(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}.txt").write_text("x" * number)
    (tmp_path / "left.iso").write_text("x")
    with Counting([bytes(tmp_path)], ["*.iso"], ["29.txt"]) as counting:
        end = time.monotonic() + 60
        while counting.totals() is None and time.monotonic() < end:
            time.sleep(0.01)
        assert counting.totals() == (29, sum(range(29)))
        assert counting.totals() == (29, sum(range(29)))
    with Counting([bytes(tmp_path)], [], []) as counting:
        pid = counting._pid
    assert not os.path.exists(f"/proc/{pid}")  # ended with the block, finished or not
