"""Be `phiscan watch`, less patient than the real one: `python -m tests.daemon CONFIG TIMES [BUG]`, times as JSON.

BUG is a method of the examiner that is to break on files whose name holds “bug”, when it has done its work.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from phiscan import cli
from phiscan.config import Config
from phiscan.daemon import watching
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


if __name__ == "__main__":
    if len(sys.argv) > 3:
        plant(sys.argv[3])
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
