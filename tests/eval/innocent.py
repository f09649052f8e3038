"""Real innocent material: what Debian packages unpack to, scanned as whole files in a public place.

The packages stand in `innocent_packages.txt`. They are downloaded and unpacked, never installed, below the user's
cache folder; nothing of them enters the checkout. Nobody's health record is in them, so whatever is `medium` or above
is a false alarm, and so is every health category linked to a person.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.running import environment

PACKAGES = Path(__file__).parent / "innocent_packages.txt"
_ALARM = ("medium", "high", "critical")
_EXPLAINED = 60  # files that `--show` explains


class Absent(Exception):
    """The set cannot be had here; says why."""


def packages(path: Path = PACKAGES) -> list[str]:
    """Return the names listed in a file, `#` beginning a comment."""
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line]


def cache_folder() -> Path:
    """Return where packages are kept: below `$XDG_CACHE_HOME`, else `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "phiscan-eval"


def unpacked(names: Sequence[str], cache: Path) -> tuple[list[Path], list[str]]:
    """Return the folder of each package, fetching what is not there yet, and the names that could not be had.

    What was fetched once is kept as it is: remove the cache to have newer packages. Raises Absent where the machine has
    no apt, or none of the packages can be had.
    """
    lacking = [tool for tool in ("apt-get", "dpkg-deb") if shutil.which(tool) is None]
    if lacking:
        raise Absent(f"the set of real files needs a Debian machine: no {' and no '.join(lacking)} here")
    archives, folders = cache / "debs", cache / "unpacked"
    for folder in (archives, folders):
        folder.mkdir(parents=True, exist_ok=True)
    _download([name for name in names if _archive(archives, name) is None], archives)
    found, missing = [], []
    for name in names:
        archive = _archive(archives, name)
        if archive is None:
            missing.append(name)
        else:
            found.append(_unpack(archive, folders / name))
    if not found:
        raise Absent("none of the packages can be downloaded: is `apt-get update` done, is there a network?")
    return found, missing


def _archive(folder: Path, name: str) -> Path | None:
    return next(iter(sorted(folder.glob(f"{name}_*.deb"))), None)


def _download(names: Sequence[str], folder: Path) -> None:
    """Download packages; one that is unknown fails the whole command, so then each is asked for alone."""
    if names and not _apt(names, folder):
        for name in names:
            _apt([name], folder)


def _apt(names: Sequence[str], folder: Path) -> bool:
    command = ["apt-get", "download", "-q", *names]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def _unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive unless it is unpacked already; a folder that is there is whole."""
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as beside:
            subprocess.run(["dpkg-deb", "-x", archive, beside], check=True)
            Path(beside).chmod(0o755)
            os.rename(beside, folder)
            os.mkdir(beside)  # what the context will remove
    return folder


def scanned(folders: Iterable[Path]) -> tuple[dict[str, Any], float]:
    """Scan folders as public with the command itself; return its report and the seconds it took."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [
            sys.executable, "-m", "phiscan", "scan", "-q", "-f", "json", "-o", report.name,
            "--assume-exposure", "public", "--fail-on", "none", *map(str, folders),
        ]  # fmt: skip
        begun = time.perf_counter()
        done = subprocess.run(command, check=False, env=_plain(), stdin=subprocess.DEVNULL)
        seconds = time.perf_counter() - begun
        if done.returncode not in (0, 3):
            raise RuntimeError(f"the scan ended with {done.returncode}")
        return json.loads(Path(report.name).read_text("utf-8")), seconds


def figures(report: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Return what a report says of files that hold nobody's record."""
    totals, files = report["totals"], report["files"]
    alarms = sorted(file["path"] for file in files if file["severity"] in _ALARM)
    linked = sorted(file["path"] for file in files if file.get("identified_health_persons", {}).get("count"))
    below = [file for file in files if file["severity"] not in _ALARM]
    info = sum(bool(file.get("identified_health_persons", {}).get("count")) for file in below)
    return {
        "files": totals["files"],
        "mbytes": round(totals["bytes"] / 1e6, 1),
        "seconds": round(seconds, 1),
        "mbytes_per_second": round(totals["bytes"] / 1e6 / seconds, 2),
        "severities": dict(sorted(Counter(file["severity"] for file in files).items())),
        "medium_or_above": len(alarms),
        "info_with_linked_health": info,
        "info_with_linked_health_share": round(info / totals["files"], 6) if totals["files"] else 0.0,
        "gaps": dict(sorted(Counter(gap["reason"] for gap in report["gaps"]).items())),
        "alarms": alarms,
        "linked": linked,
    }


def innocent(*, show: bool, names: Sequence[str] | None = None, cache: Path | None = None) -> dict[str, Any] | None:
    """Measure the set and print what was found; None, with a message, where it cannot be had."""
    try:
        folders, missing = unpacked(names or packages(), cache or cache_folder())
    except Absent as absent:
        print(f"\ninnocent: left out, {absent}")
        return None
    report, seconds = scanned(folders)
    found = {"packages": len(folders), **figures(report, seconds)}
    print(
        f"\ninnocent: {found['files']} files of {len(folders)} packages, {found['mbytes']} MB in {found['seconds']} s,"
        f" {found['mbytes_per_second']} MB/s"
        f"\n  medium or above: {found['medium_or_above']} (asked: 0)"
        f"\n  below, with a health category linked to a person: {found['info_with_linked_health']},"
        f" {100 * found['info_with_linked_health_share']:.3f} % (asked: at most 0.1 %)"
        f"\n  severities: {_listed(found['severities'])}\n  not read: {_listed(found['gaps']) or 'nothing'}"
    )
    if missing:
        print(f"  packages not to be had here: {', '.join(missing)}")
    worst = list(dict.fromkeys([*found["alarms"], *found["linked"]]))
    parts = [_parted(path, folders) for path in worst]
    print("".join(f"  {package}: {inside}\n" for package, inside in parts), end="")
    if show:
        for path in worst[:_EXPLAINED]:
            print(f"-- {path}\n{explained(path)}")
    for kind in ("alarms", "linked"):
        found[kind] = ["/".join(_parted(path, folders)) for path in found[kind]]
    return found


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _parted(path: str, folders: Sequence[Path]) -> tuple[str, str]:
    """Return a reported path as its package and the path inside."""
    for folder in folders:
        if path.startswith(f"{folder}/"):
            return folder.name, path[len(str(folder)) + 1 :]
    return "", path


def explained(path: str) -> str:
    """Return what `phiscan explain` says of a file of the report, an archive's member by its file on disk."""
    whole = path.partition("!")[0]
    command = [sys.executable, "-m", "phiscan", "explain", whole]
    done = subprocess.run(command, capture_output=True, check=False, env=_plain(), stdin=subprocess.DEVNULL)
    return done.stdout.decode("utf-8", "replace")


def _plain() -> dict[str, str]:
    # A PHISCAN_… variable of whoever measures would be a setting of the scan.
    return environment(Path(tempfile.gettempdir()), PHISCAN_LANGUAGE="en")
