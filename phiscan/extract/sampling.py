"""The sample of a table in a file: rows of its head, then some from further inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final

from phiscan.extract.decode import Encoding, Source, Structure, cell_blocks
from phiscan.extract.rows import empty_batch

if TYPE_CHECKING:
    import pyarrow as pa

HEAD_ROWS: Final = 2_000
HEAD_BYTES: Final = 4 << 20
STRIDES: Final = 20
STRIDE_ROWS: Final = 50

Batches = Callable[[Iterator[bytes]], "Iterator[pa.RecordBatch]"]


def sample_rows(
    stream: BinaryIO,
    encoding: Encoding,
    structure: Structure,
    batches: Batches,
    inside: Callable[[bytes], pa.RecordBatch],
    columns: int,
) -> pa.RecordBatch:
    """Return up to 2,000 rows of the head, and 50 at each of 20 places further inside.

    `batches` makes rows of the folded file from its start, `inside` of whole lines from anywhere in it.
    """
    import pyarrow as pa

    source = Source(stream)
    parts: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches(cell_blocks(source, encoding, structure, 1 << 19)):
        parts.append(batch.slice(0, HEAD_ROWS - rows))
        rows += parts[-1].num_rows
        if rows >= HEAD_ROWS or source.position >= HEAD_BYTES:
            break
    if rows and source.position < source.size:
        row_bytes = source.position // rows + 1
        places = _strides(stream, source.position, source.size, row_bytes, encoding, structure)
        parts += [inside(lines).slice(0, STRIDE_ROWS) for lines in places]
    parts = [part for part in parts if part.num_rows] or [empty_batch(columns)]
    return pa.concat_batches(parts) if len(parts) > 1 else parts[0]


def _strides(
    stream: BinaryIO, start: int, end: int, row_bytes: int, encoding: Encoding, structure: Structure
) -> Iterator[bytes]:
    """Yield folded whole lines from 20 places between the bytes `start` and `end`."""
    length = min(max(1 << 12, (STRIDE_ROWS + 10) * row_bytes), 1 << 20) // 4 * 4
    plain = Encoding(encoding.name, 0, encoding.single)
    for stride in range(STRIDES):
        offset = start + (end - start) * stride // STRIDES
        raw = Source(stream, offset - (offset - encoding.bom) % encoding.unit).read(length)
        folded = b"".join(cell_blocks(Source(BytesIO(raw)), plain, structure))
        lines = folded[folded.find(b"\n") + 1 : folded.rfind(b"\n") + 1]
        if lines:
            yield lines
