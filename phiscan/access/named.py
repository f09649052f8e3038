"""The logs that the configurations of servers name: where somebody has them written elsewhere than is usual.

Only whole paths are followed: of a name with a variable, or relative to a folder that is set elsewhere, the operator
has to tell (`logs`). Whether what is found is an access log at all is told by its lines, as for every other log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

_LARGEST: Final = 1 << 20  # bytes of a configuration; none is larger
_PLACE: Final = r"(?:\"(/[^\"|$%{}*?\[\]\n]+)\"|(/[^\s\";|$%{}*?\[\]]+))"
_NAMES: Final = re.compile(
    rf"^\s*(?:(?:vsftpd_log_file|xferlog_file)={_PLACE}\s*$"  # vsftpd, which takes no spaces
    rf"|(?:TransferLog|ExtendedLog|CustomLog)\s+{_PLACE}(?:\s|$)"  # ProFTPD, Apache
    rf"|access_log\s+{_PLACE}(?:\s|;)"  # nginx
    rf"|AltLog\s+\w+:{_PLACE}\s*$)",  # Pure-FTPd
    re.IGNORECASE | re.MULTILINE,
)
# Of other roots: containers, whose paths are not ours.
_ELSEWHERE: Final = "/proc/"


def named(files: Iterable[str]) -> tuple[str, ...]:
    """Return the logs that configuration files name, sorted. Folders and what cannot be read name none."""
    found: set[str] = set()
    for file in files:
        if not file.startswith(_ELSEWHERE):
            found |= {place for match in _NAMES.finditer(_text(file)) for place in match.groups() if place}
    return tuple(sorted(found))


def _text(file: str) -> str:
    try:
        path = Path(file)
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return ""
        return path.read_text("utf-8", "surrogateescape")
    except (OSError, ValueError):
        return ""


class Named:
    """The logs that the latest known files name; the files are read again when they are others."""

    def __init__(self, files: Callable[[], frozenset[str]]) -> None:
        """`files` returns the same object as long as nothing has changed."""
        self._files = files
        self._of: frozenset[str] = frozenset()
        self._found: tuple[str, ...] = ()

    def __call__(self) -> tuple[str, ...]:
        """Return them."""
        files = self._files()
        if files is not self._of:
            self._found, self._of = named(files), files
        return self._found
