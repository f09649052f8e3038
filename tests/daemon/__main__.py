"""Be `phiscan watch`, less patient than the real one: `python -m tests.daemon CONFIG TIMES [BUG]`, times as JSON.

BUG is a method of the examiner that is to break on files whose name holds “bug”, when it has done its work; or
`module:Class.method`, which breaks whenever it is called, and `module:Class.method*2` the first two times. `deaf`
stands for a mount of which the kernel tells nothing. Also
“mounts:FILE”, a file that holds the mounts as mountinfo has them;
“clock:FILE”, a file that holds by how many seconds the clock of this process is off; and “kept:N”, how many files may
wait in memory.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from phiscan import cli
from phiscan.config import Config
from phiscan.daemon import loop, watched, watching
from phiscan.daemon.examine import Examiner
from phiscan.daemon.intake import Times
from phiscan.daemon.logs import Log
from phiscan.source.mounts import Mounts, parse


def plant(name: str) -> None:
    """Make a method break as a bug of ours would, with a value in what it says."""
    plain = getattr(Examiner, name)

    def broken(self: Examiner, *arguments: Any) -> Any:
        done = plain(self, *arguments)
        paths = [getattr(one, "path", one) for one in arguments]
        if any(isinstance(path, bytes) and b"bug" in os.path.basename(path) for path in paths):
            raise ValueError("285037800608409")
        return done

    setattr(Examiner, name, broken)


def plant_anywhere(where: str) -> None:
    """Make any method break before it does anything."""
    place, _, times = where.partition("*")
    module, _, name = place.partition(":")
    owner, _, method = name.partition(".")
    of = getattr(importlib.import_module(module), owner)
    plain, left = getattr(of, method), [int(times or 1_000_000)]

    def broken(*arguments: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] >= 0:
            raise ValueError("285037800608409")
        return plain(*arguments, **more)

    setattr(of, method, broken)


def set_clock(file: Path) -> None:
    """Have the clock be off by as much as a file says at the moment; that of the file system stays right."""
    plain, plain_ns = time.time, time.time_ns

    def off() -> int:
        try:
            return int(file.read_text())
        except OSError:  # workers may open nothing
            return 0

    time.time = lambda: plain() + off()
    time.time_ns = lambda: plain_ns() + off() * 10**9


def mount_as(table: Path) -> None:
    """Have the mounts be what a file says."""
    Mounts.read = classmethod(lambda cls: cls(parse(table.read_bytes())))  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    for bug in sys.argv[3:]:
        kind, _, named = bug.partition(":")
        if kind == "clock":
            set_clock(Path(named))
        elif kind == "mounts":
            mount_as(Path(named))
        elif kind == "kept":
            loop._KEPT = int(named)  # type: ignore[misc]
        elif kind == "deaf":
            setattr(watched, "told_by_kernel", lambda kind: False)  # noqa: B010  it is imported there
        else:
            (plant_anywhere if named else plant)(bug)
    given = json.loads(sys.argv[2])
    if calendar := given.pop("calendar", None):  # a file that says which day it is
        given["today"] = lambda: date.fromisoformat(Path(calendar).read_text("ascii").strip())
    hasty = Times(**given)
    whole = watching.watch

    def impatient(config: Config, stop: Callable[[], bool], log: Log, times: Times | None = None) -> None:
        whole(config, stop, log, hasty)

    watching.watch = impatient
    status = cli.run(["watch", "-c", sys.argv[1]])
    sys.stderr.flush()
    os._exit(status)
