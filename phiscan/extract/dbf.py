"""Tables of dBASE, Clipper and FoxPro (.dbf): records of one length behind a header that says what stands where.

Records are cut column by column, never cell by cell. Those marked as deleted are read too: until the table is packed
they are there for whoever opens it. Memos lie in a file beside (.dbt, .fpt) that one stream does not reach: a gap.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from phiscan.extract.budget import Doc
from phiscan.extract.charset import guess_single, is_utf8
from phiscan.extract.decode import Source
from phiscan.extract.rows import arrow_column, column_names, empty_batch, note
from phiscan.extract.sampling import HEAD_ROWS, STRIDE_ROWS, STRIDES
from phiscan.fold import fold_str, fold_table
from phiscan.model import Chunk, Gap, Table

if TYPE_CHECKING:
    import pyarrow as pa

    Matrix = Any  # a numpy array of records x bytes

BLOCK: Final = 2 << 20
_LONGEST: Final = 1 << 16  # bytes of a header or of a record: both lengths have 16 bits
_VERSIONS = frozenset(bytes([version]) for version in b"\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8c\x8e\xcb\xf5\xfb")
_FOXPRO = frozenset(b"\x30\x31\x32")  # Visual FoxPro, whose numbers are binary
_TYPES = frozenset(b"CNFDLMGPIYTBVQW0+@O")
_NAME = re.compile(rb"[A-Za-z_][ -~\x80-\xff]{0,31}")
_MEMO = frozenset("MGPW")
_ANSI = frozenset((0x03, 0x57, 0x58, 0x59))
_MAC = frozenset((0x04,))
_DAMAGED = Gap("extract", "malformed", "damaged header of a dBASE table")
_SHORT = Gap("extract", "malformed", "the dBASE table ends before its last record")
_MEMOS = Gap("extract", "unsupported", "memo fields are in another file (.dbt, .fpt): not read with their records")
_JULIAN: Final = 2_440_588  # the Julian day of 1970-01-01


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its type's letter, and where it begins in a record."""

    name: str
    kind: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Header:
    """What a table says of itself."""

    version: int
    count: int  # records
    start: int  # bytes before the first record
    width: int  # bytes of a record, its first tells whether it is deleted
    language: int
    fields: tuple[Field, ...]


def is_dbf(head: bytes, name: str = "") -> bool:
    """Whether a file begins as a table does, or is called one and may be: damage must not pass for junk."""
    if head[:1] not in _VERSIONS:
        return False
    return name.endswith(".dbf") or _is_sound(head)


def _is_sound(head: bytes) -> bool:
    """Whether a date, lengths and the first columns fit each other."""
    if len(head) < 65 or head[2] > 12 or head[3] > 31 or any(head[12:14]):
        return False
    start, width = _lengths(head)
    first, size = _layout(head)
    if start < first + size + 1 or not 1 < width < _LONGEST:
        return False
    described = min(len(head), start) - first
    return bool(_described(head[first : first + min(described // size, 3) * size], size))


def chunks(doc: Doc) -> Iterator[Chunk | Gap]:
    """Yield the table; of one whose header is damaged a gap, and what can be read of any file."""
    doc.stream.seek(0)
    table = read_dbf(doc.stream, doc.size)
    if table is not None:
        yield table
        return
    from phiscan.extract import strings
    from phiscan.extract.kind import Kind

    yield _DAMAGED
    yield from strings.chunks(doc, Kind("application/octet-stream", "strings"))


def read_dbf(stream: BinaryIO, size: int) -> Table | None:
    """Return the table in `stream`, None where its header does not say how it is to be read."""
    header = _header(Source(stream).read(_LONGEST))
    if header is None:
        return None
    reader = _Dbf(stream, size, header)
    return Table(
        columns=len(header.fields),
        batches=reader.batches,
        sample=reader.sample,
        names=tuple(fold_str(field.name) for field in header.fields),
        kind="dbf",
        share=reader.share,
        gaps=reader.gaps,
    )


# ---- the header ----


def _lengths(head: bytes) -> tuple[int, int]:
    return int.from_bytes(head[8:10], "little"), int.from_bytes(head[10:12], "little")


def _layout(head: bytes) -> tuple[int, int]:
    """Return where the first column is described, and in how many bytes each is: dBASE 7 has longer names."""
    return (68, 48) if head[0] & 7 == 4 else (32, 32)


def _described(data: bytes, size: int) -> list[tuple[str, str, int, int]] | None:
    """Return name, type, length and decimals of the columns described in `data`; None where one makes no sense."""
    letters = 32 if size == 48 else 11
    found = []
    for at in range(0, len(data) - size + 1, size):
        if data[at] in (0x0D, 0):
            break
        name = data[at : at + letters].partition(b"\0")[0]
        kind, length, decimals = (
            (data[at + 32], *data[at + 33 : at + 35]) if size == 48 else (data[at + 11], *data[at + 16 : at + 18])
        )
        if not _NAME.fullmatch(name) or kind not in _TYPES:
            return None
        found.append((name.decode("cp850").strip(), chr(kind), length, decimals))
    return found


def _header(head: bytes) -> Header | None:
    if head[:1] not in _VERSIONS or not _is_sound(head):
        return None
    start, width = _lengths(head)
    first, size = _layout(head)
    described = _described(head[first:start], size)
    fields = described and (_placed(described, width, wide=False) or _placed(described, width, wide=True))
    if not fields or len(head) < min(start, _LONGEST - 1):
        return None
    return Header(head[0], int.from_bytes(head[4:8], "little"), start, width, head[29], fields)


def _placed(described: list[tuple[str, str, int, int]], width: int, *, wide: bool) -> tuple[Field, ...] | None:
    """Return the columns where they stand, None where they do not fill a record.

    `wide`: the lengths of texts have two bytes, as Clipper writes them.
    """
    fields, at = [], 1
    for name, kind, length, decimals in described:
        size = length + 256 * decimals if wide and kind == "C" else length
        fields.append(Field(name, kind, at, size))
        at += size
    return tuple(field for field in fields if field.kind != "0" and field.size) if at == width else None


# ---- the records ----


class _Dbf:
    def __init__(self, stream: BinaryIO, size: int, header: Header) -> None:
        self.stream, self.size, self.header = stream, size, header
        self.gaps: list[Gap] = []
        self._single = ""

    def batches(self, first: int = 0, last: int | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the records from `first` on, up to `last` (None: all that there are)."""
        width = self.header.width
        end = None if last is None else self.header.start + last * width
        source = Source(self.stream, self.header.start + first * width, end)
        row, rest = first, b""
        while block := source.read(max(1, BLOCK // width) * width):
            data = rest + block
            whole = len(data) // width
            rest = data[whole * width :]
            if whole:
                batch, ended = self._records(data[: whole * width], row)
                row += whole
                if batch.num_rows:
                    yield batch
                if ended:
                    return
        if len(rest) > 1 and row < self.header.count:  # cut off, but what is there is there
            yield self._records(rest.ljust(width), row)[0]
        if last is None:
            source.expect(self.size)
        if source.gap:
            note(self.gaps, source.gap)
        elif last is None and row < self.header.count:
            note(self.gaps, _SHORT)

    def sample(self) -> pa.RecordBatch:
        """Return the first records, and some from further inside."""
        import pyarrow as pa

        there = self._there()
        spans = [(0, min(there, HEAD_ROWS))]
        if there > HEAD_ROWS:
            step = max(1, (there - HEAD_ROWS) // STRIDES)
            spans += [(at, min(at + STRIDE_ROWS, there)) for at in range(HEAD_ROWS, there, step)]
        parts = [batch for span in spans for batch in self.batches(*span)] or [empty_batch(len(self.header.fields))]
        return pa.concat_batches(parts) if len(parts) > 1 else parts[0]

    def share(self, number: int, shares: int) -> tuple[int, Callable[[], Iterator[pa.RecordBatch]]] | None:
        """Return the records before a share of the table, and its batches."""
        there = self._there()
        first, last = there * number // shares, None if number + 1 == shares else there * (number + 1) // shares
        return first, lambda: self.batches(first, last)

    def _there(self) -> int:
        return max(0, (Source(self.stream).size - self.header.start) // self.header.width)

    def _records(self, data: bytes, row: int) -> tuple[pa.RecordBatch, bool]:
        """Return whole records as a batch, and whether the table's end is among them.

        Beyond the number that the header tells (which a crash leaves behind the truth) only what begins as a record
        does is one. What ends the table there without the mark of an end, and is more than padding, is a gap.
        """
        import numpy as np
        import pyarrow as pa

        cells = np.frombuffer(data, np.uint8).reshape(-1, self.header.width)
        odd = (cells[:, 0] != 0x20) & (cells[:, 0] != 0x2A)
        odd[: max(0, self.header.count - row)] = False
        stop = int(odd.argmax()) if odd.any() else len(cells)
        if stop < len(cells) and cells[stop, 0] != 0x1A and cells[stop:].any():
            note(self.gaps, _SHORT)
        cells = cells[:stop]
        columns = [
            self._column(field, cells[:, field.start : field.start + field.size]) for field in self.header.fields
        ]
        return pa.RecordBatch.from_arrays(columns, column_names(len(columns))), bool(odd.any())

    def _column(self, field: Field, cells: Matrix) -> pa.Array:
        import numpy as np

        cells = np.ascontiguousarray(cells)
        binary = _BINARY.get(field.kind)
        if field.kind in _MEMO:
            return self._memos(cells)
        if binary and field.size == binary[0] and (field.kind != "B" or self.header.version in _FOXPRO):
            return binary[1](cells)
        if field.kind in "@OQ+":
            return arrow_column([""] * len(cells))
        return self._text(cells) if field.kind in "CV" else _dated(_trimmed(cells, fold_table("cp1252")), field.kind)

    def _memos(self, cells: Matrix) -> pa.Array:
        """Return an empty column, and note that something stands elsewhere where any record says so."""
        import numpy as np

        if not np.isin(cells, list(b"\0 0")).all():
            note(self.gaps, _MEMOS)
        return arrow_column([""] * len(cells))

    def _text(self, cells: Matrix) -> pa.Array:
        data = cells.tobytes()
        if data.isascii():
            return _trimmed(cells, fold_table("cp1252"))
        high = cells[(cells > 127).any(axis=1)]
        others = [cell for cell in map(bytes, high) if not is_utf8(cell, whole=False)]
        known = sum(not _cut_letter(cell).isascii() for cell in map(bytes, high)) if len(others) < len(high) else 0
        if known > 2 * len(others):  # some programs of today write so, and no language byte says it
            single = guess_single(b" ".join(others), _stated(self.header.language))
            return arrow_column([_decoded(cell, single).strip(" \0") for cell in map(bytes, cells)])
        self._single = self._single or guess_single(data, _stated(self.header.language))
        return _trimmed(cells, fold_table(self._single))


def _cut_letter(cell: bytes) -> str:
    """Return the whole letters of UTF-8 in a cell, whose width may cut its last one; "" where it is something else."""
    return cell.decode("utf-8", "ignore") if is_utf8(cell, whole=False) else ""


def _decoded(cell: bytes, single: str) -> str:
    """Return a cell of a column in UTF-8; one that is none is in the code page `single`, as an older program wrote."""
    return _cut_letter(cell) or cell.decode(single, "replace")


def _stated(language: int) -> str:
    """Return the code page that a language byte tells.

    Those of DOS have the letters of French in common (437, 850, 863, 865). 0 says nothing: such files are of DOS.
    """
    return "cp1252" if language in _ANSI else "mac-roman" if language in _MAC else "cp850"


def _trimmed(cells: Matrix, table: bytes) -> pa.Array:
    """Return fixed-width values folded and without the blanks around them."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    folded = cells.tobytes().translate(table).replace(b"\n", b" ")
    offsets = np.arange(len(cells) + 1, dtype=np.int32) * np.int32(cells.shape[1])
    return pc.ascii_trim(pa.StringArray.from_buffers(len(cells), pa.py_buffer(offsets), pa.py_buffer(folded)), " ")


def _dated(values: pa.Array, kind: str) -> pa.Array:
    """Return dates as they are read everywhere: 1970-04-04 for 19700404."""
    import pyarrow.compute as pc

    return pc.replace_substring_regex(values, r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3") if kind == "D" else values


def _numbers(cells: Matrix, form: str) -> Matrix:
    import numpy as np

    return np.frombuffer(cells.tobytes(), np.dtype(form)).reshape(len(cells), -1)


def _strings(values: Matrix) -> pa.Array:
    import pyarrow as pa

    return pa.array(values).cast(pa.string())


def _integers(cells: Matrix) -> pa.Array:
    return _strings(_numbers(cells, "<i4")[:, 0])


def _money(cells: Matrix) -> pa.Array:
    return _strings(_numbers(cells, "<i8")[:, 0] / 10_000)


def _doubles(cells: Matrix) -> pa.Array:
    """Return 64-bit numbers; whole ones with all their digits."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    values = _numbers(cells, "<f8")[:, 0]
    whole = (np.abs(values) < 2.0**53) & (values == np.floor(values))
    return pc.if_else(pa.array(whole), _strings(np.where(whole, values, 0).astype(np.int64)), _strings(values))


def _moments(cells: Matrix) -> pa.Array:
    """Return the dates of moments, "" where there is none: a Julian day and milliseconds, the latter left out."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    days = _numbers(cells, "<i4")[:, 0].astype(np.int64)
    known = (days > 1_721_426) & (days < 5_373_484)  # the years 1 to 9999
    dates = pa.array(np.where(known, days - _JULIAN, 0).astype(np.int32), pa.int32()).cast(pa.date32())
    return pc.if_else(pa.array(known), dates.cast(pa.string()), "")


_BINARY: dict[str, tuple[int, Callable[[Any], Any]]] = {
    "I": (4, _integers),
    "Y": (8, _money),
    "B": (8, _doubles),
    "T": (8, _moments),
}
