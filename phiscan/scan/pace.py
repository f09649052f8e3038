"""How fast and at which hours files are read that can wait.

Here the beginnings of files are spaced by what they weigh; within a large one its worker sees to it, see
`phiscan.scan.paced`: so neither many small files nor a huge one takes more of a share than was granted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phiscan.config.quiet import opens

if TYPE_CHECKING:
    from phiscan.config.quiet import Window


@dataclass
class Pace:
    """When the next file may be begun. `now` and `wall` are clocks, seconds; the second one since the epoch."""

    bandwidth: int | None = None  # bytes a second
    windows: tuple[Window, ...] = ()
    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    _free: float = field(default=0.0, init=False)

    def wait(self) -> float:
        """Return how many seconds to wait, 0 where a file may be begun."""
        debt = self._free - self.now() if self.bandwidth is not None else 0.0
        opens_in = opens(self.windows, at := self.wall()) - at if self.windows else 0.0
        return max(0.0, debt, opens_in)

    def paused_until(self) -> float | None:
        """Return when the next window begins, None where one is open or there are none; seconds since the epoch."""
        at = self.wall()
        later = opens(self.windows, at)
        return None if later == at else later

    def begun(self, size: int) -> None:
        """A file of so many bytes is begun, also where it could not wait: then the others do."""
        if self.bandwidth is not None:
            self._free = max(self._free, self.now()) + size / self.bandwidth
