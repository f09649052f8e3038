"""What a daemon costs that has nothing to do: `python -m tests.bench.idle [--folders N] [--files N] [--seconds N]`.

Makes a tree of so many folders and files, and a store that knows all of them. To read a million files would take hours
and is no part of the question: the daemon reads those of one folder, and its rows are copied for the others, each with
the status of its file as it is on the disk. What the daemon does with that store is what it would do with its own:
the log must say that it met every file and read none, or this ends with status 1.

Prints the time from the start until the daemon watches and until its first walk is over, resident memory, processor
time at idle, and the reconciling walk side by side with `find -newer` over the same tree, in turns: by the clock, and
by processor time, which a busy machine changes less.
"""

from __future__ import annotations

import argparse
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import high_water, tree
from tests.bench.operated import Operated
from tests.running import CLEAN

_MIB = 1 << 20
_TICKS = os.sysconf("SC_CLK_TCK")
_WIDE = 100  # folders of one folder
_COPIED = (
    "root", "path", "device", "inode", "size", "mtime_ns", "ctime_ns", "content", "status", "level", "facts", "gaps",
    "severity", "detect", "rules", "read", "pending",
)  # fmt: skip


def grow(srv: Path, folders: int, files: int) -> None:
    """Make the tree: folders of folders, the files spread evenly over the innermost."""
    inner = list(_innermost(srv, folders))
    each, more = divmod(files, len(inner))
    for number, folder in enumerate(inner):
        folder.mkdir(parents=True)
        for at in range(each + (number < more)):
            (folder / f"compte_rendu_{at}.txt").write_text(CLEAN)


def _innermost(srv: Path, folders: int) -> Iterator[Path]:
    """Yield the innermost folders, so many that there are about `folders` with those above them."""
    for number in range(folders - folders // (_WIDE + 1) - 1):
        yield srv / f"service_{number // _WIDE // _WIDE}" / f"dossier_{number // _WIDE}" / f"sejour_{number}"


def remember(store: Path, srv: Path) -> int:
    """Have the store know every file as it knows the one that the daemon has read; return how many those are."""
    names = ", ".join(_COPIED)
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        row = dict(zip(_COPIED, connection.execute(f"SELECT {names} FROM ledger LIMIT 1").fetchone(), strict=True))
        connection.execute("DELETE FROM ledger")
        marks = ", ".join("?" * len(_COPIED))
        count = connection.executemany(f"INSERT INTO ledger ({names}) VALUES ({marks})", _rows(row, srv)).rowcount
    connection.close()
    return count


def _rows(row: dict[str, object], srv: Path) -> Iterator[tuple[object, ...]]:
    for folder, _, names in os.walk(os.fsencode(srv)):
        for name in names:
            path = os.path.join(folder, name)
            found = os.lstat(path)
            status = {
                "path": path,
                "device": found.st_dev,
                "inode": found.st_ino,
                "size": found.st_size,
                "mtime_ns": found.st_mtime_ns,
                "ctime_ns": found.st_ctime_ns,
                "read": time.time(),
            }
            yield tuple({**row, **status}.values())


def _find(srv: Path, stamp: Path) -> tuple[float, float]:
    began, before = time.monotonic(), _of_children()
    done = subprocess.run(["find", str(srv), "-type", "f", "-newer", str(stamp)], capture_output=True, check=True)
    assert done.stdout == b""
    return time.monotonic() - began, _of_children() - before


def _of_children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _walk(watch: Operated) -> tuple[float, float]:
    """Have the daemon walk its root, as it does every hour; return how long that takes it and its processor time."""
    assert watch.process is not None
    before, spent = watch.events("walked"), _seconds(watch.process.pid)
    mode = watch.srv.stat().st_mode & 0o777
    watch.srv.chmod(mode ^ 0o020)  # a root whose rights change is walked; whoever may read it may so still
    while watch.events("walked") == before:
        time.sleep(0.1)
    spent = _seconds(watch.process.pid) - spent
    return float([one for one in watch.logged() if one["event"] == "walked"][-1]["seconds"]), spent


def _rest(watch: Operated) -> None:
    """Wait until no walk has ended for a while: rights that change ask for more than one."""
    walks, since = watch.events("walked"), time.monotonic()
    pause = 5.0 + 2 * float([one for one in watch.logged() if one["event"] == "walked"][-1]["seconds"])
    while time.monotonic() < since + pause:
        time.sleep(0.5)
        if watch.events("walked") != walks:
            walks, since = watch.events("walked"), time.monotonic()


def _seconds(pid: int) -> float:
    """Return the processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Print the figures."""
    flags = argparse.ArgumentParser(prog="python -m tests.bench.idle", description=(__doc__ or "").splitlines()[0])
    flags.add_argument("--folders", type=int, default=200_000)
    flags.add_argument("--files", type=int, default=1_000_000)
    flags.add_argument("--seconds", type=float, default=60.0, help="of idleness that are measured")
    flags.add_argument("--pairs", type=int, default=3)
    flags.add_argument("--folder", type=Path, help="where to make the tree; default: the temporary folder")
    given = flags.parse_args()
    with tempfile.TemporaryDirectory(prefix="phiscan-idle-", dir=given.folder) as folder:
        os.chmod(folder, 0o755)
        watch = Operated(Path(folder))
        try:
            _measure(watch, given)
        finally:
            watch.close()
            subprocess.run(["rm", "-rf", str(watch.srv)], check=True)  # much faster than Python does it


def _measure(watch: Operated, given: argparse.Namespace) -> None:
    (watch.srv / "a.txt").write_text(CLEAN)
    watch.begin()
    while not (watch.idle() and watch.begun()):
        time.sleep(0.1)
    print(f"resident, with nothing to watch: {_memory(watch)}")
    watch.stop()
    (watch.srv / "a.txt").unlink()
    began = time.monotonic()
    grow(watch.srv, given.folders, given.files)
    print(f"the tree is made within {time.monotonic() - began:.0f} s")
    known = remember(watch.home / "state/phiscan.db", watch.srv)
    (watch.home / "stamp").touch()
    began = time.monotonic()
    walked = watch.events("walked")
    started = watch.begin(600.0)
    while watch.events("walked") == walked:
        time.sleep(0.05)
    print(f"{known:,} files: watching after {started:.1f} s, first walk over after {time.monotonic() - began:.1f} s")
    last = [one for one in watch.logged() if one["event"] == "walked"][-1]
    if last["files"] != known or watch.counts() != (known, 0, 0):
        sys.exit(f"WRONG: {last}, {watch.counts()}")
    print(f"resident: {_memory(watch)}")
    pairs = [(_find(watch.srv, watch.home / "stamp"), _walk(watch)) for _ in range(given.pairs)]
    for at, what in enumerate(("wall", "processor")):
        taken = [(find[at], walk[at]) for find, walk in pairs]
        find, walk = (statistics.median(one) for one in zip(*taken, strict=True))
        print(
            f"{what}: find -newer {find:.2f} s, reconciling walk {walk:.2f} s, ratio {walk / find:.2f}: {_shown(taken)}"
        )
    _rest(watch)
    assert watch.process is not None
    walks, before = watch.events("walked"), {pid: _seconds(pid) for pid in tree(watch.process.pid)}
    time.sleep(given.seconds)
    spent = sum(_seconds(pid) - before.get(pid, 0.0) for pid in tree(watch.process.pid))
    walks = watch.events("walked") - walks
    print(f"idle: {spent / given.seconds:.2%} of one processor over {given.seconds:.0f} s, {walks} walks in that time")
    print(f"resident: {_memory(watch)}; watched: {_watched(watch)} folders")


def _shown(pairs: list[tuple[float, float]]) -> str:
    return ", ".join(f"{find:.2f}/{walk:.2f}" for find, walk in pairs)


def _memory(watch: Operated) -> str:
    assert watch.process is not None
    pids = tree(watch.process.pid)
    now_ = ", ".join(f"{_resident(pid) / _MIB:.0f}" for pid in pids)
    return f"{now_} MiB (daemon, workers); the daemon at most {high_water(watch.process.pid) / _MIB:.0f} MiB"


def _watched(watch: Operated) -> int:
    """Return how many watches the daemon holds, as the kernel says."""
    assert watch.process is not None
    infos = Path(f"/proc/{watch.process.pid}/fdinfo").iterdir()
    return sum(info.read_text("ascii", "replace").count("inotify wd:") for info in infos)


if __name__ == "__main__":
    main()
