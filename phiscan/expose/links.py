"""Symbolic links that lead out of what a service gives away: through them it gives away more.

Found by a search of the folder, of as many entries and seconds as it is allowed. Links that stay inside need no
search where all names are given away: where they lead is given away already.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from phiscan.source.paths import below

_ENTRIES: Final = 2_000_000  # names looked at below one folder
_SECONDS: Final = 20.0
_PSEUDO: Final = (b"/proc", b"/sys", b"/dev")


@dataclass(frozen=True, slots=True)
class Links:
    """Where links lead: real path → the paths of the links. `cut` are the folders whose search did not end."""

    to: dict[bytes, tuple[bytes, ...]] = field(default_factory=dict)
    cut: tuple[bytes, ...] = ()

    def join(self, others: Iterable[Links]) -> Links:
        """Return these and others."""
        to, cut = dict(self.to), list(self.cut)
        for other in others:
            for target, links in other.to.items():
                to[target] = tuple(sorted({*to.get(target, ()), *links}))
            cut += other.cut
        return Links(to, tuple(cut))


def leading_out(
    folder: bytes,
    inner: Iterable[bytes] = (),
    *,
    every: bool = False,
    entries: int = _ENTRIES,
    seconds: float = _SECONDS,
) -> Links:
    """Return the links below a folder (free of links) that lead out of it, and those below where they lead.

    `inner` are folders below with rules of their own: a link that leads there is a way around these. With `every` also
    the links that stay inside: a link whose name is given away is a way around the rules on names.
    """
    ruled = tuple(inner)
    found: dict[bytes, set[bytes]] = {}
    left, seen = [folder], {folder}
    end, looked = time.monotonic() + seconds, 0
    while left:
        at = left.pop()
        try:
            with os.scandir(at) as scan:
                there = list(scan)
        except OSError:
            continue
        looked += len(there)
        if looked > entries or time.monotonic() > end:
            return Links(_sorted(found), (folder,))
        for entry in there:
            if entry.is_symlink():
                real = os.path.realpath(entry.path)
                if every or below(real, folder) is None or any(_touch(real, path) for path in ruled):
                    found.setdefault(real, set()).add(entry.path)
                    if _searched(real) and real not in seen and below(real, folder) is None:
                        seen.add(real)
                        left.append(real)
            elif entry.is_dir(follow_symlinks=False) and entry.path not in seen:
                seen.add(entry.path)
                left.append(entry.path)
    return Links(_sorted(found))


def _touch(one: bytes, other: bytes) -> bool:
    return below(one, other) is not None or below(other, one) is not None


def _searched(real: bytes) -> bool:
    """Whether to look for further links where one leads: not in all of the machine, nor in what the kernel makes up."""
    pseudo = any(below(real, folder) is not None for folder in _PSEUDO)
    return real != b"/" and not pseudo and os.path.isdir(real)


def _sorted(found: dict[bytes, set[bytes]]) -> dict[bytes, tuple[bytes, ...]]:
    return {to: tuple(sorted(by)) for to, by in found.items()}
