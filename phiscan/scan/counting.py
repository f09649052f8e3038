"""How much a scan has before it: a process of its own walks ahead and counts, so that the time left can be told.

It reads no file, at idle priority, and nothing waits for it. Where it cannot be had, the totals stay unknown.
"""

from __future__ import annotations

import os
import select
import signal
import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Self

from phiscan.isolate.confine import die_with
from phiscan.isolate.priority import set_idle
from phiscan.model import Place
from phiscan.source.walk import walk

_TOTALS: Final = struct.Struct("<QQ")


class Counting:
    """Counts the files and bytes of a scan's local paths. A context manager."""

    def __init__(self, paths: Sequence[bytes], exclude: Sequence[str], config: Sequence[str]) -> None:
        self._walked = tuple(paths), tuple(exclude), tuple(config)
        self._pid = self._pipe = -1
        self._totals: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        parent = os.getpid()
        self._pipe, write = os.pipe()
        try:
            self._pid = os.fork()
            if self._pid == 0:
                self._count(write, parent)
        except OSError:
            self._pid = -1
        finally:
            os.close(write)
        if self._pid > 0:
            set_idle(self._pid, idle=True)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._pipe)
        if self._pid > 0:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(self._pid, 0)

    def totals(self) -> tuple[int, int] | None:
        """Return files and bytes once they are counted. Waits for nothing."""
        if self._totals is None and self._pid > 0 and select.select([self._pipe], [], [], 0)[0]:
            told = os.read(self._pipe, _TOTALS.size)
            if len(told) == _TOTALS.size:
                self._totals = _TOTALS.unpack(told)
            else:  # it could not
                self.__exit__()
                self._pid, self._pipe = -1, os.open(os.devnull, os.O_RDONLY)
        return self._totals

    def _count(self, write: int, parent: int) -> None:
        """Be the process that counts; never returns."""
        status = 1
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            die_with(parent)
            os.closerange(3, write)  # the workers' sockets among them
            os.closerange(write + 1, os.sysconf("SC_OPEN_MAX"))
            files = size = 0
            for step in walk(self._walked[0], self._walked[1], config=self._walked[2]):
                if isinstance(step, Place):
                    files, size = files + 1, size + step.size
            os.write(write, _TOTALS.pack(files, size))
            status = 0
        finally:
            os._exit(status)
