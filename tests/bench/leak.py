"""Times phiscan against pandas on the leak-shaped file, side by side in one run, as whole processes.

    python -m tests.bench.leak [--pairs N] [--rows N] [--folder DIR] [--no-double]

Alternates `phiscan scan -f json FILE` and `python -c "pandas.read_csv(...)"` N times, prints medians, their ratio and
the peak resident size of the largest process of each tree; then once each on a file twice as long, and the bytes that
one more distinct person costs. Says first whether the scan's counts are the truth: a fast wrong answer is none.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.measure import Run, run
from tests.generate import leak

_MIB = 1 << 20
# The categories of which every statement in the file is certain, or bounded.
SURE = ("hiv", "cancer", "genetic", "pregnancy", "blood_group", "treatment", "infection")
_LOAD = "import sys, pandas; pandas.read_csv(sys.argv[1], dtype=str, sep=';', encoding='cp1252')"


def phiscan(path: Path) -> Run:
    """Scan the file as a whole process, as if it lay in a public place."""
    return run([sys.executable, "-m", "phiscan", "scan", "-f", "json", "--assume-exposure", "public", str(path)])


def pandas(path: Path) -> Run:
    """Load the file with pandas as a whole process."""
    return run([sys.executable, "-c", _LOAD, str(path)])


def check(scanned: Run, truth: dict[str, Any]) -> list[str]:
    """Return how the report departs from the truth, one line a departure; records and persons must be exact."""
    report = json.loads(scanned.output)
    (found,) = report["files"]
    wrong = [f"gap: {gap}" for gap in report["gaps"]]
    for name, value in (("records", found["records"]), ("persons", found["persons"]["count"])):
        if value != truth[name]:
            wrong.append(f"{name}: {value}, {truth[name]} in truth")
    for category in SURE:
        bounds = truth["categories"][category]
        persons = found["categories"].get(category, {}).get("persons", 0)
        least, most = bounds["persons"], bounds["persons_at_most"]
        if not least * 0.995 <= persons <= most * 1.005:
            wrong.append(f"{category}: {persons} persons, {least} to {most} in truth")
    return wrong


def _table(name: str, runs: list[Run], size: int) -> str:
    wall = statistics.median(r.seconds for r in runs)
    return (
        f"{name:8} {wall:7.2f} s  ({min(r.seconds for r in runs):.2f} to {max(r.seconds for r in runs):.2f})  "
        f"cpu {statistics.median(r.cpu for r in runs):6.2f} s  {size / wall / 1e6:6.1f} MB/s  "
        f"peak {max(r.peak for r in runs) / _MIB:5.0f} MiB in the largest of {max(r.processes for r in runs)} processes"
    )


def compare(path: Path, truth: dict[str, Any], pairs: int) -> tuple[list[Run], list[Run]]:
    """Run `pairs` alternating pairs over one file and print what they show."""
    size = path.stat().st_size
    print(f"\n{truth['records']:,} rows x {truth['columns']} columns, {size:,} bytes, {pairs} pairs")
    ours, theirs = [], []
    for _ in range(pairs):
        ours.append(phiscan(path))
        theirs.append(pandas(path))
    wrong = check(ours[0], truth)
    print("counts:  " + ("those of the truth" if not wrong else "WRONG\n  " + "\n  ".join(wrong)))
    print(_table("phiscan", ours, size))
    print(_table("pandas", theirs, size))
    ratio = statistics.median(r.seconds for r in ours) / statistics.median(r.seconds for r in theirs)
    print(f"ratio    {ratio:7.2f}    phiscan's median wall time over pandas'")
    return ours, theirs


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.leak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=leak.ROWS)
    parser.add_argument("--folder", type=Path, help="where to keep the generated files for another run")
    parser.add_argument("--no-double", action="store_true", help="leave out the file twice as long")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        path, truth = _file(folder, given.rows)
        ours, _ = compare(path, truth, given.pairs)
        if not given.no_double:
            path, double = _file(folder, 2 * given.rows)
            longer, _ = compare(path, double, 1)
            extra = max(r.peak for r in longer) - max(r.peak for r in ours)
            people = double["persons"] - truth["persons"]
            print(f"memory   {extra / people:7.1f}    bytes of peak for each of {people:,} more distinct persons")


def _file(folder: Path, rows: int) -> tuple[Path, dict[str, Any]]:
    """Return the leak-shaped file of so many rows and its truth, written unless it is there already."""
    path = folder / f"leak_{rows}.csv"
    known = folder / f"leak_{rows}.csv.truth.json"
    if not known.exists():
        leak.write(path, rows)
    return path, json.loads(known.read_text("utf-8"))


if __name__ == "__main__":
    main()
