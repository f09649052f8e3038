"""Fixed-width tables: where the columns begin, and reading them without a loop over cells.

Two kinds: print-style, whose columns have blanks between them, and packed, whose lines have one length
and whose fields touch. In packed lines a run of digits may be several fields: NIR and dates in it are found
by their check digits and calendars, since they are what matters. What is not clearly a table is left as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from phiscan.extract.decode import Encoding, Source, Structure, cell_blocks
from phiscan.extract.delimited import lone_cr, plain_lines
from phiscan.extract.dialect import not_a_table
from phiscan.extract.rows import column_names, empty_batch, note
from phiscan.extract.sampling import sample_rows
from phiscan.fold import fold
from phiscan.model import Gap, Table

if TYPE_CHECKING:
    import pyarrow as pa

    Matrix = Any  # a numpy array of lines × positions

Spans = tuple[tuple[int, int], ...]
BLOCK: Final = 4 << 20
LINES: Final = 400
FEWEST: Final = 8  # lines without which nothing is known of the columns
WIDEST: Final = 4_000
TAIL: Final = 512  # characters past the last column that are still read with it
LONG_LINE: Final = 1 << 20
OVERLAP: Final = 400
_PLAIN = Structure()


# ---- where the columns are ----


def sniff_fixed(lines: Sequence[str]) -> Spans | None:
    """Return the columns of a fixed-width table as (start, end) positions, None where it is none.

    `lines` are the first lines of the file, decoded, with their trailing blanks.
    """
    lines = [line for line in lines if line.strip()][:LINES]
    if len(lines) < FEWEST or sum("\t" in line for line in lines) * 20 > len(lines) or not_a_table(lines):
        return None
    if max(map(len, lines)) > WIDEST or len(set(lines)) * 3 < len(lines) or _is_report(lines):
        return None
    return _packed(lines) or _printed(lines)


def _matrix(lines: Sequence[str]) -> Matrix:
    import numpy as np

    width = max(map(len, lines))
    return np.frombuffer(b"".join(fold(line.ljust(width)) for line in lines), np.uint8).reshape(len(lines), width)


def _runs(flags: Matrix) -> list[tuple[int, int]]:
    """Return the (start, end) of the runs of true `flags`."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _printed(lines: Sequence[str]) -> Spans | None:
    """Return the columns between positions that are blank in (nearly) all lines."""
    import numpy as np

    while lines and _is_title(lines[0], lines) and len(lines) > FEWEST:
        lines = lines[1:]
    cells = _matrix(lines)
    filled = cells != 32
    allowed = len(lines) // 50
    spans = _whole_cells(_runs(filled.sum(axis=0) > allowed), filled)
    fills = [float(filled[:, start:end].any(axis=1).mean()) for start, end in spans]
    core = [span for span, fill in zip(spans, fills, strict=True) if fill >= 0.6]
    if len(core) < 3 or not any(_typed(cells[:, start:end]) for start, end in core):
        return None
    words = [_words(filled[:, start:end]) for start, end in core]
    if max(words) > 8 or float(np.median(words)) > 3:
        return None
    starts = [start for start, _ in spans]
    return _whole_numbers(tuple(zip([0, *starts[1:]], [*starts[1:], cells.shape[1]], strict=True)), cells)


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


def _whole_numbers(spans: Spans, cells: Matrix) -> Spans:
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


_LABELLED = re.compile(r"\s*[^\W\d][^\d:]{1,40}\s?: +\S")


def _is_report(lines: Sequence[str]) -> bool:
    """Return whether the lines are a document about one person: rows would be torn from the identity above them."""
    return sum(map(bool, map(_LABELLED.match, lines))) * 50 > len(lines)


def _is_title(line: str, lines: Sequence[str]) -> bool:
    """Return whether the first line has no digits while the lines after it have: a header, dashes, a title."""
    later = sum(any(map(str.isdigit, other)) for other in lines[1:])
    return not any(map(str.isdigit, line)) and later * 10 > len(lines) * 8


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


def _packed(lines: Sequence[str]) -> Spans | None:
    """Return the columns of lines of one length, by where their character classes change."""
    length = max(map(len, lines), key=[len(line) for line in lines].count)
    even = [line for line in lines if len(line) == length]
    if length < 20 or len(even) < FEWEST or len(even) * 20 < 19 * len(lines):
        return None
    lines = even
    cells = _matrix(lines)
    digits = (cells >= 48) & (cells <= 57)
    blank = cells == 32
    letters = ((cells | 32) >= 97) & ((cells | 32) <= 122)
    share = [digits.mean(axis=0), letters.mean(axis=0), blank.mean(axis=0)]
    marks = {0, length} | _anchors(cells, digits)
    found = len(marks) > 2
    for at in range(1, length):
        starts = float((blank[:, at - 1] & ~blank[:, at]).mean())
        turns = (share[0][at - 1] > 0.9 and share[1][at] > 0.7) or (share[1][at - 1] > 0.7 and share[0][at] > 0.9)
        if starts >= 0.5 or (turns and not _inside(marks, at)):
            marks.add(at)
    ordered = sorted(marks)
    spans = _whole_numbers(tuple(pairwise(ordered)), cells)
    numeric = sum(bool(digits[:, start:end].mean() > 0.9) for start, end in spans)
    sound = found or (float(blank.mean()) > 0.05 and numeric and not _is_prose(cells, blank, spans))
    return spans if len(spans) >= 3 and sound else None


def _inside(marks: set[int], at: int) -> bool:
    """Return whether a change of class at `at` is one within a NIR (2A, 2B)."""
    return any(start < at < start + 15 and start + 15 in marks for start in marks)


def _is_prose(cells: Matrix, blank: Matrix, spans: Spans) -> bool:
    """Return whether blanks stand anywhere rather than where columns end."""
    starts = (blank[:, :-1] & ~blank[:, 1:]).sum()
    at_spans = sum(int((blank[:, start - 1] & ~blank[:, start]).sum()) for start, _ in spans if start)
    return bool(at_spans * 2 < starts)


def _anchors(cells: Matrix, digits: Matrix) -> set[int]:
    """Return where NIR with valid keys and dates begin and end within digits."""
    marks: set[int] = set()
    taken = 0
    width = cells.shape[1]
    at = 0
    while at < width - 7:
        size = 15 if _is_nir(cells[:, at : at + 15]) else 8 if _is_date(cells[:, at : at + 8], digits, at) else 0
        if size and at >= taken:
            marks |= {at, at + size}
            taken = at + size
        at += size or 1
    return marks


def _number(cells: Matrix) -> Matrix:
    import numpy as np

    return (cells.astype(np.int64) - 48) @ (10 ** np.arange(cells.shape[1] - 1, -1, -1, dtype=np.int64))


def _is_nir(cells: Matrix) -> bool:
    """Return whether most lines have 15 characters here that are a NIR with its key."""
    import numpy as np

    if cells.shape[1] < 15 or not np.isin(cells[:, 0], list(b"123478 0")).mean() > 0.95:
        return False
    corsican = np.isin(cells[:, 6], list(b"AB")) & (cells[:, 5] == ord("2"))
    plain = cells.copy()
    plain[corsican, 5] = ord("1")
    plain[corsican, 6] = np.where(cells[corsican, 6] == ord("A"), ord("9"), ord("8"))
    whole = ((plain >= 48) & (plain <= 57)).all(axis=1)
    if whole.mean() < 0.5:
        return False
    numbers = _number(plain[whole])
    valid = (97 - numbers // 100 % 97 == numbers % 100) & (numbers > 10**14)
    return bool(valid.mean() > 0.7)


def _is_date(cells: Matrix, digits: Matrix, at: int) -> bool:
    """Return whether nearly all lines have a date of 8 digits here, AAAAMMJJ or JJMMAAAA."""
    whole = digits[:, at : at + 8].all(axis=1)
    if whole.mean() < 0.6:
        return False
    numbers = _number(cells[whole])
    numbers = numbers[numbers > 0]
    if len(numbers) < FEWEST // 2:
        return False
    forms = (
        (numbers // 10_000, numbers // 100 % 100, numbers % 100),
        (numbers % 10_000, numbers // 10_000 % 100, numbers // 1_000_000),
    )
    for year, month, day in forms:
        good = (year >= 1880) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
        if good.mean() > 0.95:
            return True
    return False


# ---- reading ----


def read_fixed(stream: BinaryIO, size: int, encoding: Encoding, spans: Spans, *, cr: bool = False) -> Table:
    """Return the table of the lines in `stream`, cut at `spans`; cells are stripped of blanks.

    What stands in and past the last column is the last cell: nothing of a longer line is lost.
    """
    columns = len(spans)
    structure = Structure(cr=cr) if cr else _PLAIN
    gaps: list[Gap] = []

    def rows(blocks: Iterator[bytes]) -> Iterator[pa.RecordBatch]:
        for lines in _whole_lines(blocks):
            yield cut_lines(lines, spans)

    def batches() -> Iterator[pa.RecordBatch]:
        source = Source(stream)
        yield from rows(cell_blocks(source, encoding, structure, BLOCK))
        source.expect(size)
        if source.gap:
            note(gaps, source.gap)

    def sample() -> pa.RecordBatch:
        return sample_rows(stream, encoding, structure, rows, lambda lines: cut_lines(lines, spans), columns)

    return Table(columns=columns, batches=batches, sample=sample, kind="fixed", gaps=gaps)


def _whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield blocks of whole lines, LF at the end of each; a line without an end is cut with an overlap."""
    carry = b""
    for block in blocks:
        data = carry + block
        cut = data.rfind(b"\n") + 1
        carry = data[cut:]
        if cut:
            yield plain_lines(data[:cut]) if lone_cr(data[:cut]) else data[:cut].replace(b"\r\n", b"\n")
        while len(carry) > LONG_LINE:
            yield carry[:LONG_LINE].replace(b"\r", b" ") + b"\n"
            carry = carry[LONG_LINE - OVERLAP :]
    if carry:
        yield carry.replace(b"\r", b" ") + b"\n"


def cut_lines(data: bytes, spans: Spans) -> pa.RecordBatch:
    """Return folded whole lines as one batch with a column for each of `spans`."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    data = plain_lines(data)
    values = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(values == 10)
    if not len(ends):
        return empty_batch(len(spans))
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts
    width = int(min(lengths.max(), spans[-1][1] + TAIL))
    cells = _rectangle(values, starts, lengths, max(width, spans[-1][0] + 1))
    columns = []
    for number, (start, end) in enumerate(spans):
        part = np.ascontiguousarray(cells[:, start : cells.shape[1] if number == len(spans) - 1 else end])
        offsets = np.arange(len(ends) + 1, dtype=np.int32) * np.int32(part.shape[1])
        column = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(part))
        columns.append(pc.ascii_trim(column, " "))
    columns[-1] = _with_tails(columns[-1], data, spans[-1][0], starts, ends, np.flatnonzero(lengths > width))
    return pa.RecordBatch.from_arrays(columns, column_names(len(spans)))


def _rectangle(values: Matrix, starts: Matrix, lengths: Matrix, width: int) -> Matrix:
    """Return lines × `width` characters, short lines filled up with blanks."""
    import numpy as np

    if (lengths == lengths[0]).all() and lengths[0] == width:
        return values[: len(starts) * (width + 1)].reshape(-1, width + 1)[:, :width]
    places = np.arange(width)
    taken = values[np.minimum(starts[:, None] + places, len(values) - 1)]
    return np.where(places < lengths[:, None], taken, np.uint8(32))


def _with_tails(column: Any, data: bytes, start: int, starts: Matrix, ends: Matrix, long: Matrix) -> Any:
    """Return the last `column` with all there is in the few lines that are too long for the rectangle."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(long):
        return column
    tails = [data[starts[row] + start : ends[row]].decode("ascii", "replace").strip() for row in long]
    mask = [False] * len(column)
    for row in long:
        mask[row] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array(tails, pa.string()))
