"""What the automaton's literals are for, and which of the places it points at can be anything.

Short literals stand inside other words all the time ("ret" in "retard", "ep" in "repondeur"). Of a few places each is
looked at for itself; of many, most are told to be nothing all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phiscan.recognize.matching import ALNUM, PLURAL_FROM
from phiscan.recognize.recognizer import Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MANY = 200  # places, from which telling them all at once costs less than looking at each
_TRIGGERS, _INNER, _USES, _OPEN = 1, 2, 4, 8


class Pointing:
    """What the literals of a ruleset are for, in text or in table cells."""

    def __init__(self, literals: Sequence[Literal], *, cells: bool) -> None:
        import numpy as np

        self._sizes = np.array([literal.size for literal in literals], np.uint16)
        self._kinds = np.array([_kind(literal, cells=cells) for literal in literals], np.uint8)

    def worth(self, numbers: list[int], ends: list[int], normal: bytes) -> tuple[list[int], list[int]]:
        """Return those of the places (number of a literal, where it ends) that must be looked at, in their order."""
        import numpy as np

        if len(numbers) < MANY:
            return numbers, ends
        literal, end = np.array(numbers, np.int64), np.array(ends, np.int64)
        keep = self._worth(literal, end, np.frombuffer(normal + b"\n", np.uint8))
        return literal[keep].tolist(), end[keep].tolist()

    def _worth(
        self, literal: npt.NDArray[np.int64], end: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.bool_]:
        import numpy as np

        alnum = np.frombuffer(ALNUM, np.uint8).astype(bool)
        kinds, sizes = self._kinds[literal], self._sizes[literal].astype(np.int64)
        start = end - sizes
        before, behind = data[start - 1], data[end]  # before the first byte of all stands the newline at its end
        inside = alnum[before] & alnum[data[start]]
        whole = ~alnum[behind] | ((behind == ord("s")) & (sizes >= PLURAL_FROM))
        used = ((kinds & _USES) > 0) & ~inside & (whole | ((kinds & _OPEN) > 0))
        triggers = ((kinds & _TRIGGERS) > 0) & ~(inside & (before >= ord("a")))
        worth: npt.NDArray[np.bool_] = used | triggers | ((kinds & _INNER) > 0)
        return worth


def _kind(literal: Literal, *, cells: bool) -> int:
    uses = literal.cell_uses if cells else literal.uses
    triggers, inner = (literal.cell_triggers, literal.cell_inner) if cells else (literal.triggers, literal.inner)
    kind = _TRIGGERS * bool(triggers) | _INNER * bool(inner) | _USES * bool(uses)
    return kind | _OPEN * any(use.term.open_end or use.term.tail is not None for use in uses)
