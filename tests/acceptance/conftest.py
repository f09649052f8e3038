"""Runs the scanner as an operator does: as a process, over generated files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Report written: clean, with gaps, with findings.
REPORTED = (0, 3, 10)

Scan = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="session")
def scan() -> Scan:
    """Return a function that scans `paths` from `cwd` and gives back the finished process; its output is bytes."""

    def run(cwd: Path, *paths: str, form: str = "json", exposure: str = "public") -> subprocess.CompletedProcess[bytes]:
        command = [
            sys.executable,
            "-m",
            "phiscan",
            "scan",
            "-f",
            form,
            "--assume-exposure",
            exposure,
            "--no-ocr",
            *paths,
        ]
        # The checkout under test, wherever the scan runs.
        environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(cwd)}
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, timeout=1_200, check=False)
        assert done.returncode in REPORTED, done.stderr[-2_000:].decode(errors="replace")
        return done

    return run
