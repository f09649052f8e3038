"""The columns of print-style tables: from the blanks between them, the rule of dashes or the names above them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from phiscan.extract.dialect import LABEL
from phiscan.fold import fold, fold_str

if TYPE_CHECKING:
    Matrix = Any  # a numpy array of lines × positions

Spans = tuple[tuple[int, int], ...]
FEWEST: Final = 8  # lines without which nothing is known of the columns by themselves
FEW: Final = 3  # lines that are enough where the columns are named, or hold NIR
_RULE = re.compile(r" *(?:-{2,}|={2,})(?: +(?:-{2,}|={2,}))+ *")
_COUNT = re.compile(r" *\(?\d+ \w+(?: \w+)?[.]?\)? *")  # "6 rows selected."
_ABOVE: Final = 6  # lines of titles and names above a rule
_TITLES: Final = 3  # lines above the names where there is none


def ruled(lines: Sequence[str]) -> Spans | None:
    """Return the columns that a rule of dashes under their names shows, if nearly all lines keep to them."""
    at = next((at for at, line in enumerate(lines[: _ABOVE + 1]) if _RULE.fullmatch(line)), 0)
    rows = [line for line in lines[at + 1 :] if line != lines[at]]
    if rows and _COUNT.fullmatch(rows[-1]):
        rows.pop()
    if not at or len(rows) < 2:
        return None
    starts = [dash.start() for dash in re.finditer(r"(?<![-=])[-=]", lines[at])]
    between = [place for place, sign in enumerate(lines[at]) if sign == " " and place > starts[0]]
    torn = [any(line[place : place + 1].strip() for place in between) for line in [lines[at - 1], *rows]]
    if torn[0] or sum(torn) * 10 > len(rows):
        return None
    return tuple(pairwise([0, *starts[1:], max(map(len, lines))]))


def matrix(lines: Sequence[str]) -> Matrix:
    """Return lines × positions, folded."""
    import numpy as np

    width = max(map(len, lines))
    return np.frombuffer(b"".join(fold(line.ljust(width)) for line in lines), np.uint8).reshape(len(lines), width)


def runs(flags: Matrix) -> list[tuple[int, int]]:
    """Return the (start, end) of the runs of true `flags`."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def printed(lines: Sequence[str]) -> Spans | None:
    """Return the columns between positions that are blank in (nearly) all lines, if one holds numbers or dates.

    Titles stand above them: lines without digits, and a few that go on over the blanks between the columns.
    """
    while lines and _is_title(lines[0], lines) and len(lines) > FEWEST:
        lines = lines[1:]
    found = _between_blanks(lines)
    for at in range(1, min(_TITLES, len(lines) - FEWEST) + 1):
        found = found or _between_blanks(lines[at:])
    return found


def _between_blanks(lines: Sequence[str]) -> Spans | None:
    cells = matrix(lines)
    filled = cells != 32
    spans = _whole_cells(runs(filled.sum(axis=0) > len(lines) // 50), filled)
    core = _core(spans, filled)
    if core is None or not any(_typed(cells[:, start:end]) for start, end in core):
        return None
    return whole_numbers(_from_starts(spans, cells), cells)


def named(lines: Sequence[str]) -> Spans | None:
    """Return the columns below a line of names, two of them such as tables and forms about people have.

    What stands below no name is no column: in few lines blanks may fall together anywhere.
    """
    at = next((at for at, line in enumerate(lines[: _TITLES + 1]) if _names_columns(line)), None)
    if at is None or len(lines) - at < FEW:
        return None
    lines = lines[at:]
    cells = matrix(lines)
    filled = cells != 32
    spans: list[tuple[int, int]] = []
    for start, end in runs(filled.sum(axis=0) > len(lines) // 50):
        if filled[0, start:end].any() or not spans:
            spans.append((start, end))
        else:
            spans[-1] = (spans[-1][0], end)
    known = sum(LABEL.search(fold_str(lines[0][start:end])) is not None for start, end in spans)
    return None if known < 2 or _core(spans, filled) is None else _from_starts(spans, cells)


def _names_columns(line: str) -> bool:
    return not any(map(str.isdigit, line)) and len(LABEL.findall(fold_str(line))) > 1


def _core(spans: list[tuple[int, int]], filled: Matrix) -> list[tuple[int, int]] | None:
    """Return the columns that most lines fill, None where they are too few or hold sentences."""
    import numpy as np

    core = [(start, end) for start, end in spans if filled[:, start:end].any(axis=1).mean() >= 0.6]
    words = [_words(filled[:, start:end]) for start, end in core]
    return None if len(core) < 3 or max(words) > 8 or float(np.median(words)) > 3 else core


def _from_starts(spans: list[tuple[int, int]], cells: Matrix) -> Spans:
    """Return columns that touch, the first from the beginning of the line, the last to its end."""
    return tuple(pairwise([0, *(start for start, _ in spans[1:]), cells.shape[1]]))


def _whole_cells(spans: list[tuple[int, int]], filled: Matrix) -> list[tuple[int, int]]:
    """Return `spans` without the cuts between two words that happen to stand at the same place in their lines.

    There the second word is in few lines, and always one blank after the first.
    """
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if kept and start - kept[-1][1] == 1:
            lines = filled[:, start:end].any(axis=1)
            if lines.mean() < 0.6 and filled[lines, start - 2].mean() > 0.8:
                kept[-1] = (kept[-1][0], end)
                continue
        kept.append((start, end))
    return kept


def whole_numbers(spans: Spans, cells: Matrix) -> Spans:
    """Return `spans` with numbers written in groups (02 97 12 34 56) in one column: three groups or more."""
    joined: list[tuple[int, int]] = []
    at = 0
    while at < len(spans):
        end = at
        while end < len(spans) and _is_group(cells[:, slice(*spans[end])], last=False):
            end += 1
        end += end < len(spans) and end > at and _is_group(cells[:, slice(*spans[end])], last=True)
        if end - at < 3:
            end = at + 1
        joined.append((spans[at][0], spans[end - 1][1]))
        at = end
    return tuple(joined)


def _is_group(cells: Matrix, *, last: bool) -> bool:
    """Return whether a column is up to four digits in nearly all lines, with one blank after them unless `last`."""
    digits = (cells >= 48) & (cells <= 57)
    filled = cells[(cells != 32).any(axis=1)]
    width = int(digits.mean(axis=0).astype(bool).sum()) if last else cells.shape[1] - 1
    if not 0 < width <= 4 or len(filled) * 2 < len(cells):
        return False
    whole = ((filled[:, :width] >= 48) & (filled[:, :width] <= 57)).all(axis=1) & (filled[:, width:] == 32).all(axis=1)
    return bool(whole.mean() > 0.95)


def _is_title(line: str, lines: Sequence[str]) -> bool:
    """Return whether the first line is none of data, unlike those after it: without digits, or without columns."""
    if not _apart(line) and sum(map(_apart, lines[1:])) * 10 > len(lines) * 8:
        return True
    later = sum(any(map(str.isdigit, other)) for other in lines[1:])
    return not any(map(str.isdigit, line)) and later * 10 > len(lines) * 8


def _apart(line: str) -> bool:
    return "  " in line.strip()


def _words(filled: Matrix) -> float:
    """Return the mean number of words in the cells of a column that are filled."""
    starts = filled[:, 0].astype(int) + (filled[:, 1:] & ~filled[:, :-1]).sum(axis=1)
    return float(starts.sum() / max(1, (starts > 0).sum()))


def _typed(cells: Matrix) -> bool:
    """Return whether the column holds numbers or dates: digits and what stands between them, with digits in most."""
    import numpy as np

    digits = (cells >= 48) & (cells <= 57)
    numeric = (digits | np.isin(cells, list(b" .,-/:+<>%"))).all(axis=1) & digits.any(axis=1)
    return bool(numeric.mean() >= 0.7)
