r"""The lines of a log that may speak of some files: one automaton over their names, at memory speed.

No two servers write a name alike (`résultat 1.csv`, `r??sultat_1.csv`, `r%C3%A9sultat%201.csv`, `r\xC3\xA9…`), but the
letters, digits, dots and hyphens in it stand everywhere: the longest run of them is what is looked for. Whoever escapes
even those (`%70ub.txt` for `pub.txt`) shows it by that. What is pointed at is then parsed and compared; renames are
pointed at whatever they name, because a file may have come from a name that nobody knows yet.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import hyperscan as hs

_RUN: Final = re.compile(rb"[A-Za-z0-9.-]+")
# Escapes of what needs none: - . 0-9 A-Z a-z
_NEEDLESS: Final = rb"%(?:2[DdEe]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa])"
_RENAMES: Final = (rb"\] OK RENAME: ", rb"\"RN(?:FR|TO) ", rb"\|rename(?:at)?\|ok\|")


EVERY: Final = frozenset({b""})  # names of which any line may speak


class Wanted:
    """Finds lines that may speak of files with these base names (bytes, as they lie on the disk)."""

    def __init__(self, names: Iterable[bytes], *, renames: bool = True) -> None:
        runs = {anchor(name) for name in names}
        self.everything = b"" in runs  # a name without any such letter: every line may speak of it
        expressions = [re.escape(run) for run in sorted(runs - {b""})] + [_NEEDLESS] * bool(runs)
        expressions += list(_RENAMES) * renames
        self._database: hs.Database | None = None
        if expressions and not self.everything:
            self._database = hs.Database(mode=hs.HS_MODE_BLOCK)
            self._database.compile(
                expressions=expressions,
                ids=list(range(len(expressions))),
                elements=len(expressions),
                flags=[0] * len(expressions),
            )
        self._scratch_of = -1

    def lines(self, block: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield each line of a block of whole lines that may be wanted, with its offset, in order, without its end."""
        if self.everything:
            at = 0
            for line in block.split(b"\n")[:-1]:
                yield at, line.rstrip(b"\r")
                at += len(line) + 1
            return
        last = -1
        for end in sorted(set(self._ends(block))):
            if end <= last:
                continue
            start = block.rfind(b"\n", 0, end - 1) + 1
            stop = block.find(b"\n", end - 1)
            last = len(block) if stop < 0 else stop
            yield start, block[start:last].rstrip(b"\r")

    def _ends(self, block: bytes) -> list[int]:
        ends: list[int] = []
        if self._database is None or not block:
            return ends
        if self._scratch_of != os.getpid():
            self._database.scratch = hs.Scratch(self._database)
            self._scratch_of = os.getpid()
        add = ends.append

        def point(number: int, start: int, end: int, flags: int, context: object) -> None:
            add(end)

        self._database.scan(block, match_event_handler=point)
        return ends


@lru_cache(maxsize=2)
def wanted_for(names: frozenset[bytes]) -> Wanted:
    """Return the automaton of some names; the last ones are kept, as the same are asked for again and again."""
    return Wanted(names)


def anchor(name: bytes) -> bytes:
    """Return the longest run of a name that every server writes as it is, "" where there is none.

    >>> anchor("résultat patient 1.csv".encode()), anchor(b"pub.txt"), anchor("é à".encode())
    (b'patient', b'pub.txt', b'')
    """
    return max(_RUN.findall(name), key=len, default=b"")
