"""Fixed-width tables: where the columns begin, and reading them without a loop over cells.

Two kinds: print-style, whose columns have blanks between them, and packed, whose lines have one length
and whose fields touch. In packed lines a run of digits may be several fields: NIR and dates in it are found
by their check digits and calendars, since they are what matters. A rule of dashes shows the columns by itself; named
columns, or one of NIR, are enough in few lines. What is not clearly a table is left as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from phiscan.extract.decode import Encoding, Source, Structure, cell_blocks
from phiscan.extract.delimited import lone_cr, plain_lines
from phiscan.extract.dialect import LABEL, not_a_table
from phiscan.extract.printed import FEW, FEWEST, Spans, matrix, named, printed, ruled, whole_numbers
from phiscan.extract.rows import column_names, empty_batch, note
from phiscan.extract.sampling import sample_rows
from phiscan.fold import fold_str
from phiscan.model import Gap, Table

if TYPE_CHECKING:
    import pyarrow as pa

    Matrix = Any  # a numpy array of lines × positions

BLOCK: Final = 4 << 20
LINES: Final = 400
WIDEST: Final = 4_000
_ABOVE: Final = 8  # lines in which titles are looked for
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
    if len(lines) < FEW or sum("\t" in line for line in lines) * 20 > len(lines) or not_a_table(lines):
        return None
    if max(map(len, lines)) > WIDEST or _is_report(lines):
        return None
    shown = ruled(lines)
    if shown or len(set(lines)) * 3 < len(lines):
        return shown
    found = (_packed(lines) or printed(lines)) if len(lines) >= FEWEST else None
    return found or named(lines) or _beside_nir(lines)


_LABELLED = re.compile(r"\s*[^\W\d][^\d:]{1,40}\s?: +\S")


def _is_report(lines: Sequence[str]) -> bool:
    """Return whether the lines are a document about one person: rows would be torn from the identity above them."""
    return sum(map(bool, map(_LABELLED.match, lines))) * 50 > len(lines)


def _packed(lines: Sequence[str]) -> Spans | None:
    """Return the columns of lines of one length, by where their character classes change."""
    length = max(map(len, lines), key=[len(line) for line in lines].count)
    even = [line for line in lines if len(line) == length]
    if length < 20 or len(even) < FEWEST or len(even) * 20 < 19 * len(lines):
        return None
    cells = matrix(even)
    digits = (cells >= 48) & (cells <= 57)
    blank = cells == 32
    anchors = _anchors(cells, digits)
    spans = whole_numbers(_changes(cells, anchors, 0.5), cells)
    numeric = sum(bool(digits[:, start:end].mean() > 0.9) for start, end in spans)
    sound = anchors or (float(blank.mean()) > 0.05 and numeric and not _is_prose(cells, blank, spans))
    return spans if len(spans) >= 3 and sound else None


def _beside_nir(lines: Sequence[str]) -> Spans | None:
    """Return the columns of lines that have a NIR with its key at one place, however few or uneven they are."""
    cells = matrix(lines)
    filled = ((cells >= 48) & (cells <= 57)).mean(axis=0) > 0.7
    places = (at for at in range(len(filled) - 14) if filled[at] and filled[at + 14])
    at = next((at for at in places if _is_nir(cells[:, at : at + 15])), None)
    if at is None:
        return None
    spans = _changes(cells, {at, at + 15}, 0.8)  # in few lines words begin at one place by chance
    spans = tuple(
        pairwise([0, *(start for start, end in spans[1:] if (cells[:, start:end] != 32).any()), spans[-1][1]])
    )
    return spans if len(spans) >= 3 else None


def _changes(cells: Matrix, anchors: set[int], enough: float) -> Spans:
    """Return the columns between `anchors`, places where words begin in `enough` of the lines, and changes of class."""
    digits = (cells >= 48) & (cells <= 57)
    blank = cells == 32
    letters = ((cells | 32) >= 97) & ((cells | 32) <= 122)
    number, letter = digits.mean(axis=0), letters.mean(axis=0)
    marks = {0, cells.shape[1]} | anchors
    for at in range(1, cells.shape[1]):
        starts = float((blank[:, at - 1] & ~blank[:, at]).mean())
        opens = letter[at - 1] > 0.7 and number[at] > 0.9 and not _is_code(cells, letter, at)
        turns = (number[at - 1] > 0.9 and letter[at] > 0.7) or opens
        if starts >= enough or (turns and not _inside(marks, at)):
            marks.add(at)
    return tuple(pairwise(sorted(marks)))


def _is_code(cells: Matrix, letter: Matrix, at: int) -> bool:
    """Return whether the digits at a place belong to the lone letter before them: a code (B24), no sex (M, F)."""
    if at > 1 and letter[at - 2] > 0.1:
        return False
    kinds = set((cells[:, at - 1] & 0xDF).tolist()) - {0}
    return len(kinds) == 1 or not kinds <= set(b"FHM")


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


def titles_above(lines: Sequence[str], spans: Spans) -> int:
    """Return how many of the first lines are titles: there words go on over where columns begin, and below nowhere."""
    torn = [sum(line[at - 1 : at].strip() != "" != line[at : at + 1].strip() for at, _ in spans[1:]) for line in lines]
    if sum(map(bool, torn[_ABOVE:])) * 10 > len(torn[_ABOVE:]) or sum(map(bool, torn)) * 2 > len(torn):
        return 0
    titles = 0
    for at, line in enumerate(lines[:_ABOVE]):
        if line.strip() and (not torn[at] or len(LABEL.findall(fold_str(line))) > 1):
            break
        titles = at + 1 if line.strip() else titles
    return titles


def read_fixed(
    stream: BinaryIO, size: int, encoding: Encoding, spans: Spans, *, cr: bool = False, titles: int = 0
) -> Table:
    """Return the table of the lines in `stream`, cut at `spans`; cells are stripped of blanks.

    What stands in and past the last column is the last cell: nothing of a longer line is lost. The first `titles` lines
    are not cut: pieces of their words would be somebody's name.
    """
    columns = len(spans)

    def rows(blocks: Iterator[bytes]) -> Iterator[pa.RecordBatch]:
        left = titles
        for lines in whole_lines(blocks):
            if left:
                above, lines, left = _parted(lines, left)
                yield cut_lines(above, ((0, 0),) * (columns - 1) + ((0, 1),))
            if lines:
                yield cut_lines(lines, spans)

    return table_of_lines(stream, size, encoding, columns, rows, lambda lines: cut_lines(lines, spans), cr=cr)


def table_of_lines(
    stream: BinaryIO,
    size: int,
    encoding: Encoding,
    columns: int,
    rows: Callable[[Iterator[bytes]], Iterator[pa.RecordBatch]],
    cut: Callable[[bytes], pa.RecordBatch],
    *,
    names: Sequence[str] = (),
    cr: bool = False,
) -> Table:
    """Return the table that `rows` makes of the blocks of `stream`, and `cut` of whole lines in its middle."""
    structure = Structure(cr=cr) if cr else _PLAIN
    gaps: list[Gap] = []

    def batches() -> Iterator[pa.RecordBatch]:
        source = Source(stream)
        yield from rows(cell_blocks(source, encoding, structure, BLOCK))
        source.expect(size)
        if source.gap:
            note(gaps, source.gap)

    def sample() -> pa.RecordBatch:
        return sample_rows(stream, encoding, structure, rows, cut, columns)

    return Table(columns, batches, sample, tuple(names), kind="fixed", gaps=gaps)


def whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
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


def _parted(data: bytes, lines: int) -> tuple[bytes, bytes, int]:
    """Return the first `lines` of a block, the others, and how many are not in it."""
    at = 0
    while lines and at < len(data):
        at, lines = data.index(b"\n", at) + 1, lines - 1
    return data[:at], data[at:], lines


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
