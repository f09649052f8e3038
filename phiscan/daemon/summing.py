"""What the workers say of a file, summed up: it is one place, whatever is packed in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from phiscan.model import Gap
from phiscan.scan.reading import Parts
from phiscan.tally import Tally

NONSENSE = Gap("extract", "crash", "the worker answered nonsense")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What the workers say of one file."""

    status: str
    content: str | None
    tally: Tally
    gaps: tuple[Gap, ...]
    settled: bool  # the file is still what was read
    weak: bool = False  # some of it is encrypted by a method that is broken


def summed(content: str, parts: Parts, *, settled: bool) -> Read:
    """Return what the workers say of a file as a whole.

    Raises what nonsense raises: KeyError, TypeError, ValueError.
    """
    tally, gaps, states, weak = Tally(), list[Gap](), set[str](), False
    for part, its in parts:
        gaps += [_gap(part, gap) for gap in part["gaps"]]
        if part["listed"]:
            tally.add(its)
            states.add(str(part["status"]))
            weak = weak or bool(part["weak"])
    if not settled:
        gaps.append(Gap("extract", "vanished", "kept changing while it was read"))
    read = states & {"scanned", "partial"}
    status = ("partial" if gaps or "partial" in states else "scanned") if read else "gap"
    if not read and "encrypted" in states:
        status = "encrypted"
    return Read(status=status, content=content or None, tally=tally, gaps=tuple(gaps), settled=settled, weak=weak)


def _gap(part: Mapping[str, Any], gap: Mapping[str, Any]) -> Gap:
    found = Gap(**gap)
    return found if found.member else replace(found, member=str(part["member"]))
