"""What writes which lines: one module a family of formats, each with `parse(line)`, known by what stands in the line.

A line that is none of them gives nothing. Formats that need several lines for one access (a rename, a read of Samba's)
return an access each line, and `phiscan.access.sessions` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from phiscan.access.formats import audit, common, extended, purestats, rsync, vsftpd, xferlog
from phiscan.access.model import Access

_PARSERS: Final[tuple[Callable[[bytes], Access | None], ...]] = (
    common.parse,
    vsftpd.parse,
    xferlog.parse,
    audit.parse,
    extended.parse,
    purestats.parse,
    rsync.parse,
)
_HUGE: Final = 1 << 60  # bytes: no transfer is as large, and no store holds much more


class Parser:
    """Parses lines of one log. Whatever format the last line had is tried first."""

    def __init__(self) -> None:
        self._order = list(_PARSERS)

    def __call__(self, line: bytes) -> Access | None:
        """Return what a line says, None where it is no access of a known form."""
        for at, parse in enumerate(self._order):
            try:
                found = parse(line)
            except ValueError:  # a number of thousands of digits
                continue
            if found is not None and (found.size or 0) < _HUGE:
                if at:
                    self._order.insert(0, self._order.pop(at))
                return found
        return None
