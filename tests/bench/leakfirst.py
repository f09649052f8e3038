"""How long until somebody hears of the leak-shaped file, and how long until it has been counted.

    python -m tests.bench.leakfirst [--runs N] [--rows N] [--folder DIR]

The file (491,840 rows, about 127 MB) is moved into a public folder that a real daemon watches; Slack's stand-in takes
the time of the first alert, the store says when the incident holds the whole count. Both from the moment of the move.
The counts are compared with the truth that the generator wrote down. Ends with status 1 where they are wrong, or where
the first alert takes a quarter of the time of the count or more.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.operated import Operated
from tests.generate import leak
from tests.hooks import hook

_SHARE = 0.25  # of the time of the whole count that the first alert may take
_PATIENCE = 600.0  # seconds


def main() -> None:
    """Print both times and their ratio, run by run."""
    flags = argparse.ArgumentParser(prog="python -m tests.bench.leakfirst", description=(__doc__ or "").splitlines()[0])
    flags.add_argument("--runs", type=int, default=3)
    flags.add_argument("--rows", type=int, default=leak.ROWS)
    flags.add_argument("--folder", type=Path, help="where to keep the generated file for another run")
    given = flags.parse_args()
    with tempfile.TemporaryDirectory(prefix="phiscan-leak-", dir=given.folder) as scratch:
        file = (given.folder or Path(scratch)) / f"leak_{given.rows}.csv"
        known = file.with_name(file.name + ".truth.json")
        if not known.exists():
            leak.write(file, given.rows)
        persons = json.loads(known.read_text("utf-8"))["persons"]
        print(f"{given.rows:,} rows, {file.stat().st_size:,} bytes, {persons:,} persons in truth")
        runs = [_run(Path(scratch) / str(number), file, persons) for number in range(given.runs)]
    first, whole = (statistics.median(run[at] for run in runs) for at in (0, 1))
    print(f"medians: first alert {first:.2f} s, whole count {whole:.2f} s, ratio {first / whole:.2f}")
    sys.exit(first >= _SHARE * whole)


def _run(home: Path, file: Path, persons: int) -> tuple[float, float]:
    """Return after how many seconds the first alert came, and the whole count was there."""
    home.mkdir()
    for folder in (home.parent, home):
        os.chmod(folder, 0o755)
    with hook() as slack:
        watch = Operated(home)
        (watch.home / "slack").write_text(slack.url)
        watch.config["alerts"] = {"slack": {"webhook_url_file": "slack"}}
        (watch.srv / "pub").mkdir()
        shutil.copyfile(file, home / "export.csv")
        watch.begin()
        try:
            while not (watch.idle() and watch.begun()):
                time.sleep(0.1)
            began = time.time()
            (home / "export.csv").rename(watch.srv / "pub/export.csv")
            whole = _counted(watch, began, persons)
        finally:
            watch.look()
            watch.close()
    shutil.rmtree(home)
    print(f"first alert {slack.times[0] - began:.2f} s, whole count {whole:.2f} s; resident at most: {watch.peaks}")
    return slack.times[0] - began, whole


def _counted(watch: Operated, began: float, persons: int) -> float:
    while time.time() < began + _PATIENCE:
        found = [one for one in watch.incidents() if one.complete]
        if found:
            took = time.time() - began
            counted = {one.facts.persons for one in found}
            if counted != {persons}:
                sys.exit(f"WRONG: {counted} persons, {persons} in truth")
            return took
        time.sleep(0.05)
    sys.exit("not counted in time")


if __name__ == "__main__":
    main()
