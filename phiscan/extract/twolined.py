"""Print listings whose records take several lines: columns under their names, and indented lines below each.

    LIT   NOM PRENOM           AGE  DOSSIER
    201   LEFEVRE HELENE        41  2600417
          NE(E) LE 12/03/1985  MOTIF: CHUTE

Read line by line the second one is nobody's, so that a record is made of both. What keeps to no column (titles and
rules of every page) stands in a last column of its own. No loop goes over lines: whole columns are cut, then joined.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from phiscan.extract.decode import Encoding
from phiscan.extract.delimited import plain_lines
from phiscan.extract.dialect import LABEL, not_a_table
from phiscan.extract.fixed import BLOCK, LINES, WIDEST, cut_lines, table_of_lines, whole_lines
from phiscan.extract.printed import FEWEST, Spans, matrix, named, printed, runs
from phiscan.extract.rows import column_names, empty_batch
from phiscan.fold import fold_str
from phiscan.model import Table

if TYPE_CHECKING:
    import pyarrow as pa

    Matrix = Any  # a numpy array of lines x positions, or of lines

_ABOVE: Final = 8  # lines of titles above the names
_FEW: Final = 3  # records without which nothing is known
_MOST: Final = 4  # further lines of a record
_INDENT: Final = 3  # blanks at least by which they stand further in
_APART: Final = re.compile(" {2,}")
_TITLE: Final = 12  # signs by which the titles of the next page are known
_RULE: Final = re.compile(r"[ \-=_*+|]*")
_LEAD: Final = re.compile(r"[A-Za-z][A-Za-z'()/. ]*[A-Za-z).](?: ?:| )")
_EMPTY: Final = re.compile(rb"\n{2,}")
_BLANK: Final = re.compile(rb"^ *\n", re.MULTILINE)
_PIECE: Final = 1 << 14  # rows cut at once


@dataclass(frozen=True, slots=True)
class Layout:
    """Where what stands in a record. `further` has, for each further line, its columns with what leads each value."""

    names: str  # the line that names the columns
    spans: Spans
    indent: int  # of the further lines
    further: tuple[tuple[tuple[int, int, str], ...], ...]
    gaps: Spans  # positions that no record fills

    @property
    def columns(self) -> int:
        """Columns of a record, and the one of what is none."""
        return len(self.spans) + sum(map(len, self.further)) + 1


def sniff_lines(lines: Sequence[str]) -> Layout | None:
    """Return how the records stand in the first lines of a file, None where they take one line, or it is no listing.

    Where no line names the columns, words that lead what stands below each record have to.
    """
    lines = [fold_str(line.rstrip()) for line in lines if line.strip() and "\t" not in line][:LINES]
    at = next((at for at, line in enumerate(lines[: _ABOVE + 1]) if _names_columns(line)), None)
    if len(lines) < _FEW or max(map(len, lines)) > WIDEST or not_a_table(lines):
        return None
    titles = {line[:_TITLE] for line in lines[: at + 1]} if at is not None else set()
    body = [line for line in lines if line[:_TITLE] not in titles and not _RULE.fullmatch(line)]
    depths = Counter(map(_depth, body))
    own = min(depths, default=0) if at is None else _depth(lines[at])
    deeper = [(count, depth) for depth, count in depths.items() if depth >= own + _INDENT]
    if not deeper or max(deeper)[0] < _FEW:
        return None
    indent = max(deeper)[1]
    records = _records(body, own + _INDENT, indent)
    told = [record for record in records if len(record) > 1]
    long = sum(len(record) > _MOST + 1 for record in told)
    if len(told) < _FEW or len(told) * 10 < len(records) * 7 or long * 10 > len(told):
        return None
    return _laid_out("" if at is None else lines[at], told, indent)


def _names_columns(line: str) -> bool:
    return not any(map(str.isdigit, line)) and len(LABEL.findall(line)) > 1 and len(_APART.split(line.strip())) > 2


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _records(body: Sequence[str], deep: int, indent: int) -> list[list[str]]:
    """Return lines with those below them that belong to them; what stands deeper, but at no such place, is left out."""
    found: list[list[str]] = []
    for line in body:
        if _depth(line) < deep:
            found.append([line])
        elif found and _depth(line) == indent:
            found[-1].append(line)
    return found


def _laid_out(names: str, told: list[list[str]], indent: int) -> Layout | None:
    heads = [names, *(record[0] for record in told)] if names else [record[0] for record in told]
    spans = named(heads) if names else printed(heads) if len(heads) >= FEWEST else None
    if spans is None:
        return None
    usual = max(Counter(map(len, told)).items(), key=lambda one: one[1])[0] - 1
    further = tuple(_led([record[at] for record in told if len(record) > at]) for at in range(1, usual + 1))
    if not names and not any(lead for line in further for *_, lead in line):
        return None
    blank = (matrix(heads) == 32).all(axis=0)
    return Layout(names, spans, indent, further, tuple(runs(blank[: spans[-1][0]])))


def _led(lines: Sequence[str]) -> tuple[tuple[int, int, str], ...]:
    """Return the columns of lines, parted by two blanks in all of them, with the words that lead every value."""
    filled = runs((matrix(lines) != 32).any(axis=0))
    spans: list[tuple[int, int]] = []
    for start, end in filled:
        if spans and start - spans[-1][1] < 2:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple((start, end, _leading([line[start:end].strip() for line in lines])) for start, end in spans)


def _leading(cells: list[str]) -> str:
    """Return the words before all values, "" where there are none: "NE(E) LE " in front of dates."""
    filled = [cell for cell in cells if cell]
    alike = len(list(takewhile(lambda signs: len(set(signs)) == 1, zip(*filled, strict=False))))
    found = _LEAD.match(filled[0][:alike]) if filled else None
    return found[0] if found else ""


# ---- reading ----


def read_lines(stream: BinaryIO, size: int, encoding: Encoding, layout: Layout, *, cr: bool = False) -> Table:
    """Return the records in `stream`, a row each, with the names that the listing gives their columns."""

    def rows(blocks: Iterator[bytes]) -> Iterator[pa.RecordBatch]:
        held = b""
        for lines in whole_lines(blocks):
            whole, held = _parted(held + _filled(lines), layout)
            for piece in _pieces(whole, layout):
                yield _cut(piece, layout)
        for piece in _pieces(held, layout):
            yield _cut(piece, layout)

    names = [layout.names[start:end].strip() for start, end in layout.spans]
    names += [lead.strip(" :") for line in layout.further for _, _, lead in line]
    return table_of_lines(
        stream, size, encoding, layout.columns, rows, lambda lines: _cut(_filled(lines), layout),
        names=(*names, ""), cr=cr,
    )  # fmt: skip


def _filled(lines: bytes) -> bytes:
    """Return whole lines without those that are empty: a file may have millions of them."""
    return _BLANK.sub(b"", _EMPTY.sub(b"\n", plain_lines(lines)))


def _pieces(data: bytes, layout: Layout) -> Iterator[bytes]:
    """Yield whole records, so few lines at a time that a rectangle of them stays small."""
    starts, _, deep = _lines(data, layout)
    at = 0
    further, _ = _below(deep, layout)
    for start in starts[~further][_PIECE::_PIECE].tolist():
        yield data[at:start]
        at = start
    if at < len(data):
        yield data[at:]


def _parted(data: bytes, layout: Layout) -> tuple[bytes, bytes]:
    """Return whole records, and the last one, whose further lines may be in the next block."""
    starts, _, deep = _lines(data, layout)
    heads = (~deep).nonzero()[0]
    last = int(starts[heads[-1]]) if len(heads) else len(data)
    return (data[:last], data[last:]) if len(data) - last < BLOCK else (data, b"")


def _lines(data: bytes, layout: Layout) -> tuple[Matrix, Matrix, Matrix]:
    """Return where the lines begin and end, and which stand further in."""
    import numpy as np

    values = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(values == 10)
    starts = np.concatenate(([0], ends + 1))[:-1]
    deep = starts + layout.indent < ends
    inner = values[starts[deep][:, None] + np.arange(layout.indent + 1)]
    deep[deep] = (inner[:, :-1] == 32).all(axis=1) & (inner[:, -1] != 32)
    lead = layout.further[0][0][2].rstrip(" :").encode()
    if lead:  # what has none of it, above a line that has, is a record whose first columns are blank
        led = deep.copy()
        led[deep] = _begins(values, starts[deep] + layout.indent, lead)
        deep &= led | ~np.append(led[1:], np.zeros(min(len(led), 1), bool))
    return starts, ends, deep


def _begins(values: Matrix, places: Matrix, lead: bytes) -> Matrix:
    """Return at which places stands `lead`."""
    import numpy as np

    at = np.minimum(places[:, None] + np.arange(len(lead)), len(values) - 1)
    return (values[at] == np.frombuffer(lead, np.uint8)).all(axis=1)


def _below(deep: Matrix, layout: Layout) -> tuple[Matrix, Matrix]:
    """Return which lines go on with a record, and how far each is below the last line that begins one."""
    import numpy as np

    index = np.arange(len(deep))
    head = np.maximum.accumulate(np.where(deep, -1, index))  # above a line, -1 where none is here
    return deep & (head >= 0) & (index - head <= len(layout.further)), index - head


def _cut(data: bytes, layout: Layout) -> pa.RecordBatch:
    """Return whole lines as records, one row each."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    data = plain_lines(data)
    starts, ends, deep = _lines(data, layout)
    if not len(starts):
        return empty_batch(layout.columns)
    further, distance = _below(deep, layout)
    row = np.cumsum(~further) - 1
    heads = _taken(data, starts, ends, ~further)
    torn = pa.array(_torn(heads, layout) | deep[~further])
    columns = [pc.if_else(torn, "", column) for column in cut_lines(heads, layout.spans).columns]
    for number, led in enumerate(layout.further, 1):
        chosen = further & (distance == number)
        below = _taken(data, starts, ends, chosen)
        columns += _placed(below, row[chosen], len(torn), led)
    columns.append(pc.if_else(torn, cut_lines(heads, ((0, 1),)).column(0), ""))
    return pa.RecordBatch.from_arrays(columns, column_names(layout.columns))


def _taken(data: bytes, starts: Matrix, ends: Matrix, chosen: Matrix) -> bytes:
    """Return the chosen lines."""
    import numpy as np

    values: Matrix = np.frombuffer(data, np.uint8)[: ends[-1] + 1]
    return bytes(values[np.repeat(chosen, ends + 1 - starts)])


def _torn(heads: bytes, layout: Layout) -> Matrix:
    """Return which lines are no record: the names of the columns, and what goes on over the blanks between them."""
    import numpy as np

    values = np.frombuffer(heads, np.uint8)
    ends = np.flatnonzero(values == 10)
    starts = np.concatenate(([0], ends + 1))[:-1]
    hit, met = np.zeros(len(starts), np.int64), np.zeros(len(starts), np.int64)
    for start, end in layout.gaps:
        places = starts[:, None] + np.arange(start, end)
        there = (places < ends[:, None]) & (values[np.minimum(places, len(values) - 1)] != 32)
        hit += there.any(axis=1)
        met += starts + start < ends
    named = cut_lines(heads, ((0, 1),)).column(0).to_numpy(zero_copy_only=False) == layout.names.strip()
    return named | (hit * 3 > met)


def _placed(lines: bytes, rows: Matrix, count: int, led: tuple[tuple[int, int, str], ...]) -> list[Any]:
    """Return the columns of further lines, each value in the row of its record and without what leads it."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    starts = [0, *(start for start, _, _ in led[1:])]
    batch = cut_lines(lines, tuple(pairwise([*starts, led[-1][1]])))
    at = np.full(count, -1)
    at[rows] = np.arange(len(rows))
    index = pa.array(at, mask=at < 0)
    return [
        pc.replace_substring_regex(column.take(index).fill_null(""), f"^{re.escape(lead)} *", "")
        for column, (_, _, lead) in zip(batch.columns, led, strict=True)
    ]
