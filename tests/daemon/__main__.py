"""Be `phiscan watch`, less patient than the real one: `python -m tests.daemon CONFIG TIMES`, times as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

from phiscan import cli, watching
from phiscan.config import Config
from phiscan.intake import Times
from phiscan.logs import Log

if __name__ == "__main__":
    hasty = Times(**json.loads(sys.argv[2]))
    whole = watching.watch

    def impatient(config: Config, stop: Callable[[], bool], log: Log, times: Times | None = None) -> None:
        whole(config, stop, log, hasty)

    watching.watch = impatient
    status = cli.run(["watch", "-c", sys.argv[1]])
    sys.stderr.flush()
    os._exit(status)
