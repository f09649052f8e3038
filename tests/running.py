"""Runs phiscan as an operator does, as a process, away from any configuration of the machine."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phiscan import cli

ROOT = Path(__file__).resolve().parents[1]
# Two patients: a table, which needs no sentence to be understood (that takes seconds to load).
PATIENTS = (
    "NIR;NOM;PRENOM;DATE_NAISSANCE;VIH\n"
    "285037800608409;GARNIER;Lucie;12/03/1985;positif\n"
    "172112923211193;LEBRETON;Yann;04/11/1972;négatif\n"
)
CLEAN = "Compte rendu de la réunion du service informatique.\nLa sauvegarde de la nuit s'est bien passée.\n"

Done = subprocess.CompletedProcess[bytes]
Json = dict[str, Any]


def need(found: bool, what: str) -> None:
    """Skip the test where `what` is not installed; fail it where `.ci/run` says that it must be."""
    if not found:
        told = f"{what} is not installed here"
        pytest.fail(told) if os.environ.get("PHISCAN_REQUIRE_SERVERS") == "1" else pytest.skip(told)


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a run: this checkout, no configuration, a home and a temporary folder of its own.

    What servers the machine happens to have does not count, unless a test says so. The clock on the wall is the tests'.
    """
    plain = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(home), "TMPDIR": str(home)}
    away = {"PHISCAN_CONFIG": "/dev/null", "PHISCAN_DISCOVER": "false"}
    zone = {"TZ": os.environ["TZ"]} if "TZ" in os.environ else {}
    return {**plain, **zone, "PYTHONPATH": str(ROOT), **away, **more}


def command(*arguments: str | bytes) -> list[str | bytes]:
    """Return what starts phiscan."""
    return [sys.executable, "-m", "phiscan", *arguments]


def phiscan(
    *arguments: str | bytes,
    cwd: Path,
    stdout: int = subprocess.PIPE,
    first: Callable[[], None] | None = None,
    **env: str,
) -> Done:
    """Run phiscan in `cwd` to its end. `first` runs in the new process before it."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(cwd, **env),
        stdout=stdout,
        stderr=subprocess.PIPE,
        preexec_fn=first,
        timeout=120,
        check=False,
    )


def scan(*arguments: str | bytes, cwd: Path, first: Callable[[], None] | None = None) -> tuple[int, Json]:
    """Scan and return the status with the JSON report; nothing may stand on standard error."""
    done = phiscan("scan", "-f", "json", *arguments, cwd=cwd, first=first)
    assert done.stderr == b""
    report: Json = json.loads(done.stdout)
    return done.returncode, report


def bound_by_rights() -> None:
    """Make file modes count for root too, from the next exec on (root cannot read the interpreter as anybody else)."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP; whoever may not is bound already


class Inside:
    """Runs commands in this process, where no new interpreter is worth its second."""

    def __init__(self, cwd: Path, capture: pytest.CaptureFixture[bytes], patch: pytest.MonkeyPatch) -> None:
        self._capture = capture
        patch.chdir(cwd)
        for name in [name for name in os.environ if name.startswith("PHISCAN_")]:
            patch.delenv(name)
        patch.setenv("PHISCAN_CONFIG", "/dev/null")
        patch.setenv("PHISCAN_DISCOVER", "false")

    def __call__(self, *arguments: str) -> tuple[int, bytes, bytes]:
        """Return status, standard output and standard error of a command."""
        self._capture.readouterr()
        status = cli.run(list(arguments))
        return status, *self._capture.readouterr()


def statuses(report: Json) -> dict[str, str]:
    """Return the status of each element by its path."""
    return {found["path"]: found["status"] for found in report["files"]}


def gaps(report: Json) -> dict[str, tuple[str, str]]:
    """Return stage and reason of each gap by its path; there is one a path."""
    assert len({gap["path"] for gap in report["gaps"]}) == len(report["gaps"])
    return {gap["path"]: (gap["stage"], gap["reason"]) for gap in report["gaps"]}
