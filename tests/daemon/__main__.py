"""Be `phiscan watch`, less patient than the real one: `python -m tests.daemon CONFIG TIMES [BUG]`, times as JSON.

BUG is a method of the examiner that is to break on files whose name holds “bug”, when it has done its work; or
`module:Class.method`, which breaks whenever it is called, and `module:Class.method*2` the first two times. `deaf`
stands for a mount of which the kernel tells nothing.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from phiscan import cli
from phiscan.config import Config
from phiscan.daemon import watched, watching
from phiscan.daemon.examine import Examiner
from phiscan.daemon.intake import Times
from phiscan.daemon.logs import Log


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


if __name__ == "__main__":
    for bug in sys.argv[3:]:
        if bug == "deaf":
            setattr(watched, "told_by_kernel", lambda kind: False)  # noqa: B010  it is imported there
        else:
            (plant_anywhere if ":" in bug else plant)(bug)
    hasty = Times(**json.loads(sys.argv[2]))
    whole = watching.watch

    def impatient(config: Config, stop: Callable[[], bool], log: Log, times: Times | None = None) -> None:
        whole(config, stop, log, hasty)

    watching.watch = impatient
    status = cli.run(["watch", "-c", sys.argv[1]])
    sys.stderr.flush()
    os._exit(status)
