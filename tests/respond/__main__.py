"""Be a command of phiscan that responds or restores, and die at a step: `python -m tests.respond TOP STEP COMMAND...`.

TOP is what to take for the top of the file system. At STEP (`-`: at none) the process kills itself, as hard as a
machine that goes down does.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from typing import Any

from phiscan import cli
from phiscan.respond import helper, restoring

if __name__ == "__main__":
    top, last, *command = sys.argv[1:]

    def step(name: str) -> None:
        """Die here."""
        if name == last:
            os.kill(os.getpid(), signal.SIGKILL)

    plain: Any = helper.Helper
    helper.Helper = functools.partial(plain, step=step, top=lambda path: os.fsencode(top))  # type: ignore[assignment, misc]
    setattr(restoring, "undo", functools.partial(helper.undo, step=step))  # noqa: B010  it is another module's name
    status = cli.run(command)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
