"""Heads of pages, slides and messages: whose first line is somebody's name are about them, each a record.

Slides of a tumour board name their patients so (`DUPONT Marie, 61 ans`), one a slide, and by nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from phiscan.link.groups import Group

_LINE = re.compile(rb"[ \n]*([^\n]*)")
_BEFORE, _BEHIND = 30, 40  # bytes of the line before a name ("Dossier 3 :"), and behind it (an age, a bed)


def page_head(groups: Sequence[Group], facts: Sequence[int], folded: bytes) -> None:
    """Make whom the first line of a page names a record of its own, where facts stand below.

    `facts`: where those stand, in order.
    """
    line = _LINE.match(folded)
    first = next((group for group in groups if group.identity.name.key), None)
    if line is None or first is None or not first.identity.placed:
        return
    start, end = line.span(1)
    beside = first.first - start <= _BEFORE and first.end <= end <= first.end + _BEHIND
    until = next((group.start for group in groups if group is not first and group.identity.name.key), len(folded))
    if start <= first.first and beside and any(end <= at < until for at in facts):
        first.own = True
