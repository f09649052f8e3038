"""Evidence as it can be shown: paths and settings of configurations may hold bytes that are no text."""

from __future__ import annotations

import os
from collections.abc import Iterable

from phiscan.model import Reason
from phiscan.source.paths import display


def path(written: str) -> bytes:
    """Return a path as a grant has it: absolute and normal.

    >>> path("/srv//ftp/./pub/")
    b'/srv/ftp/pub'
    """
    return os.path.normpath(b"/" + os.fsencode(written).lstrip(b"/"))


def reason(service: str, setting: str, source: str, zone: bytes = b"") -> Reason:
    """Return a setting as a reason. `source` is "file:line", or the file where a default counts."""
    return Reason(service, _shown(setting), _shown(source), display(zone) if zone else "")


def of_zone(zone: bytes, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return reasons as those of a folder, each once."""
    shown = display(zone)
    return tuple(dict.fromkeys(Reason(one.service, one.setting, one.source, shown) for one in reasons))


def _shown(text: str) -> str:
    return display(os.fsencode(text))
