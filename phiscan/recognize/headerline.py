"""Where a table's header stands, and whether it stands over the right columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from phiscan.recognize.persons import first_name
from phiscan.recognize.ruleset import Ruleset

_LOOKED_AT = 15  # rows a header may hide under titles
_TYPED = re.compile(r"^[\d.,/:\- +]+$")


def find_header(rows: Sequence[Sequence[str]], width: int, ruleset: Ruleset) -> tuple[int, list[str]]:
    """Return the number of rows before the data, and the header's cells ([] where there is none)."""
    best, at = 0.0, -1
    for position, row in enumerate(rows[:_LOOKED_AT]):
        filled = [cell.strip() for cell in row if cell.strip()]
        known = sum(1 for cell in filled if ruleset.headers.known(cell) and not _TYPED.match(cell))
        if known > best and known >= min(2, width) and known * 4 >= len(filled) and len(filled) * 2 >= width:
            best, at = known, position
    if at < 0 and _looks_like_header(rows, width):
        at = 0
    return (at + 1, [cell.strip() for cell in rows[at]]) if at >= 0 else (0, [])


def typed(cell: str) -> bool:
    """Whether a cell is a number or a date, and no name of a column."""
    return _TYPED.match(cell) is not None


def _looks_like_header(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether the first row, in no vocabulary, still differs from what stands below it as names differ from values."""
    if len(rows) < 3:
        return False
    head = [cell.strip() for cell in rows[0]]
    body = rows[1:200]
    if len(set(head)) < len(head) or any(not cell or _TYPED.match(cell) for cell in head):
        return False
    if any(first_name(cell) for cell in head):
        return False
    typed = 0
    for index, _ in enumerate(head):
        cells = [row[index].strip() for row in body if index < len(row) and row[index].strip()]
        typed += bool(cells) and sum(1 for cell in cells if _TYPED.match(cell)) >= 0.8 * len(cells)
    below = {cell.strip() for row in body for cell in row}
    return typed > 0 or not any(cell in below for cell in head)


def aligned(header: list[str], width: int, fit: Callable[[str, int], int]) -> list[str]:
    """Return the header moved by a column where that makes it agree with the values: an index column without a name.

    `fit` says of a name and a column: 1, the values are what the name says; −1, they are not; 0, nobody can tell.
    """
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    moved = {0: [*names, *[""] * (width - len(names))][:width]}
    if len(names) < width:
        moved[1] = ["", *moved[0]][:width]
    if names and len(names) == width:
        moved[1], moved[-1] = ["", *names[:-1]], [*names[1:], ""]
    fits = {by: [fit(name, at) for at, name in enumerate(cells) if name] for by, cells in moved.items()}
    best = max(fits, key=lambda by: (sum(fits[by]), by == 0))
    if fits[0].count(-1) >= 2 and fits[best].count(-1) == 0 and sum(fits[best]) >= sum(fits[0]) + 3:
        return moved[best]
    return moved[0]
