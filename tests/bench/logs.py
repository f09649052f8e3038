"""Times the search of access logs for incidents' files, against `rg` looking for the same names in the same lines.

    python -m tests.bench.logs [--lines N] [--names N] [--folder DIR]

Writes a `vsftpd.log` of N lines, every transfer of a wanted file counted as it is written, and searches it in a process
of its own. Before a time is printed, what was found is compared with what was written.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.measure import Run, run

_EVERY = 5_000  # one line in so many is of a wanted file
_CHUNK = 20_000  # lines written together
_PLACE = "/srv/ftp/depot"


def wanted(count: int) -> list[str]:
    """Return the names of the incidents' files: some with spaces and accents."""
    forms = ("export_{}.csv", "résultats patient {}.csv", "CR-{}-labo.pdf", "sauvegarde{}.zip")
    return [forms[number % len(forms)].format(1000 + number) for number in range(count)]


def generate(log: Path, lines: int, names: list[str]) -> int:
    """Write the log; return how many of its lines are complete downloads of wanted files."""
    dice, reads = random.Random(7), 0
    others = [f"/arrivees/fichier_{dice.randrange(10**6)}.dat" for _ in range(5_000)]
    with log.open("wb") as file:
        for start in range(0, lines, _CHUNK):
            rows = []
            for number in range(start, min(start + _CHUNK, lines)):
                clock = f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
                address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
                path, size = others[number % 5_000], number % 90_000
                if number % _EVERY == 17:
                    name = names[number // _EVERY % len(names)]
                    path, size, address = f"/depot/{name}", 4096, f"203.0.113.{number // _EVERY % 9}"
                    reads += 1
                seen = "".join(char if char.isascii() else "??" for char in path)
                rows.append(
                    f"Sat Nov 21 {clock} 2026 [pid {number % 32768}] [labo] OK DOWNLOAD: "
                    f'Client "{address}", "{seen}", {size} bytes, 23.17Kbyte/sec\n'
                )
            file.write("".join(rows).encode())
    return reads


def search(log: str, names: list[str]) -> None:
    """Search, in the process that is measured; print what was found."""
    from phiscan.access.model import Mapping, Target
    from phiscan.access.search import Part, look_up

    start = time.perf_counter()
    targets = [Target(key=at, path=f"{_PLACE}/{name}".encode(), size=4096) for at, name in enumerate(names)]
    looked = look_up([Part(file=os.fsencode(log))], targets, [Mapping(service="vsftpd", path=b"/srv/ftp")])
    readers = looked.gathered.readers.values()
    told = {
        "reads": sum(one.reads for one in readers),
        "complete": sum(one.extents["complete"] for one in readers),
        "candidates": looked.lines,
        "seconds": time.perf_counter() - start,
    }
    print(json.dumps(told))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.logs", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--names", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--search", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = wanted(options.names)
    if options.search:
        search(options.search, names)
        return
    folder = Path(tempfile.mkdtemp(prefix="phiscan-logs-", dir=options.folder))
    try:
        _compare(folder, options.lines, names, options.runs)
    finally:
        shutil.rmtree(folder)


def _compare(folder: Path, lines: int, names: list[str], runs: int) -> None:
    log, list_of_names = folder / "vsftpd.log", folder / "names"
    reads = generate(log, lines, names)
    seen = ["".join(char if char.isascii() else "??" for char in name) for name in names]
    list_of_names.write_text("".join(f"{name}\n" for name in seen), "utf-8")
    print(f"{lines:,} lines, {log.stat().st_size / 1e6:,.0f} MB, {len(names)} names, {reads:,} reads of them")
    ours = [sys.executable, "-m", "tests.bench.logs", "--names", str(len(names)), "--search", str(log)]
    theirs = ["rg", "--no-config", "-c", "-F", "-f", str(list_of_names), str(log)]
    times: dict[str, list[Run]] = {"phiscan": [], "rg": []}
    for _ in range(runs):
        times["phiscan"].append(run(ours))
        times["rg"].append(run(theirs))
    for name, done in times.items():
        best = min(done, key=lambda one: one.seconds)
        print(f"{name:8} {best.seconds:6.2f} s wall {best.cpu:6.2f} s cpu {best.peak / 1e6:7.0f} MB peak")
    told = json.loads(times["phiscan"][0].output)
    counted = int(times["rg"][0].output)
    if (told["reads"], told["complete"], counted) != (reads, reads, reads):
        print(f"WRONG: {told}, rg {counted}, written {reads}")
    print(f"of phiscan's: searching {told['seconds']:.2f} s, {told['candidates']:,} lines parsed")


if __name__ == "__main__":
    main()
