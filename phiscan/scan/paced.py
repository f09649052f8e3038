"""A file that reads itself no faster than it may, for a worker: the readers of formats know nothing of it."""

from __future__ import annotations

import io
import os
import time
from typing import Any, Final

_BLOCK: Final = 1 << 20  # bytes: what has been met once comes from memory the next time


class PacedFile(io.FileIO):
    """A file of which no more than `pace` bytes a second are met, however often and in whatever order it is read."""

    def __init__(self, descriptor: int, pace: float) -> None:
        super().__init__(descriptor, "rb")
        self._pace, self._began = pace, time.monotonic()
        self._size = os.fstat(descriptor).st_size
        self._met: set[int] = set()
        self._spent = 0

    def readinto(self, buffer: Any) -> int:
        """Read, then wait as long as what was met for the first time has to take."""
        at = self.tell()
        count = super().readinto(buffer) or 0
        self._pay(at, count)
        return count

    def readall(self) -> bytes:
        """Read what is left, a block at a time."""
        found = bytearray()
        while block := self.read(_BLOCK):
            found += block
        return bytes(found)

    def read(self, size: int | None = -1) -> bytes:
        """Read at most `size` bytes."""
        if size is None or size < 0:
            return self.readall()
        at = self.tell()
        found = super().read(size) or b""
        self._pay(at, len(found))
        return found

    def _pay(self, at: int, count: int) -> None:
        fresh = set(range(at // _BLOCK, -(-(at + count) // _BLOCK))) - self._met
        if not fresh:
            return
        self._met |= fresh
        self._spent += sum(max(0, min(_BLOCK, self._size - block * _BLOCK)) for block in fresh)
        wait = self._began + self._spent / self._pace - time.monotonic()
        if wait > 0:
            time.sleep(wait)
