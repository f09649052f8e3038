"""Columns as bytes: what regular expressions over Arrow arrays do slowly, done on whole buffers.

A column is joined by newlines into one buffer; translating or deleting bytes there runs at memory
speed, and the newlines tell where each value ended up. Values are folded ASCII without newlines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

SAME = bytes(range(256))
UPPER = bytes(range(97)) + bytes(range(65, 91)) + bytes(range(123, 256))
LOWER = bytes(range(65)) + bytes(range(97, 123)) + bytes(range(91, 256))
NOT_LETTERS = bytes(b for b in range(256) if (not chr(b).isalpha() and b != 10) or b > 127)
NOT_ALNUM = bytes(b for b in range(256) if (not chr(b).isalnum() and b != 10) or b > 127)
NOT_DIGITS = bytes(b for b in range(256) if not 48 <= b <= 57 and b != 10)
SEPARATORS = b" .-/_'()"


def joined(values: pa.StringArray) -> tuple[npt.NDArray[np.int32], bytes]:
    """Return values each followed by a newline, and the offset at which each starts (and the end of all)."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    lines = pc.binary_join_element_wise(values, pa.scalar(""), "\n")
    if not len(lines):
        return np.zeros(1, np.int32), b""
    buffers = lines.buffers()
    offsets = np.frombuffer(buffers[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return offsets, memoryview(buffers[2])[offsets[0] : offsets[-1]].tobytes()


def split(lines: bytes) -> pa.StringArray:
    """Return the array whose values, each followed by a newline, are `lines`."""
    import numpy as np
    import pyarrow as pa

    ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == 10)
    offsets = np.zeros(len(ends) + 1, np.int32)
    offsets[1:] = ends - np.arange(len(ends))
    data = lines.replace(b"\n", b"")
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))


def cleaned(values: pa.StringArray, table: bytes = UPPER, delete: bytes = NOT_ALNUM) -> pa.StringArray:
    """Return the values translated by `table`, without the bytes of `delete`."""
    return split(joined(values)[1].translate(table, delete))


def first_words(values: pa.StringArray) -> pa.StringArray:
    """Return each value up to its first blank, comma, semicolon or slash (leading blanks do not count)."""
    import numpy as np
    import pyarrow.compute as pc

    offsets, lines = joined(pc.ascii_ltrim_whitespace(values))
    data = np.frombuffer(lines, np.uint8)
    stops = (data == 32) | (data == 44) | (data == 59) | (data == 47)
    seen = np.cumsum(stops, dtype=np.int32)
    before = np.concatenate(([np.int32(0)], seen))[offsets[:-1]]  # stops before each value
    inside = (seen - np.repeat(before, np.diff(offsets))) == 0
    return split(data[inside | (data == 10)].tobytes())


def contents(values: pa.StringArray) -> tuple[bytes, npt.NDArray[np.int64]]:
    """Return the bytes of all values, one after another, and the offset at which each starts (and the end of all)."""
    import numpy as np

    offsets = _offsets(values).astype(np.int64) if len(values) else np.zeros(1, np.int64)
    data = memoryview(values.buffers()[2] or b"")[offsets[0] : offsets[-1]].tobytes()
    return data, offsets - offsets[0]


def lengths(values: pa.StringArray) -> npt.NDArray[np.int32]:
    """Return the length of each value in bytes."""
    import numpy as np

    return np.diff(_offsets(values))


def is_blank(values: pa.StringArray) -> bool:
    """Whether no value is more than the empty string, told by the buffer alone."""
    offsets = _offsets(values)
    return bool(offsets[0] == offsets[-1])


def matrix(values: pa.StringArray, rows: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.uint8]:
    """Return the bytes of `rows` of `values`, all `width` long, as a matrix."""
    import numpy as np

    data = np.frombuffer(values.buffers()[2] or b"", np.uint8)
    starts = _offsets(values)[:-1][rows]
    chars: npt.NDArray[np.uint8] = data[starts[:, None] + np.arange(width)]
    return chars


def _offsets(values: pa.StringArray) -> npt.NDArray[np.int32]:
    import numpy as np

    return np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values) + 1]


def nir_numbers(chars: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Return which rows of a 13- or 15-column matrix are built like a NIR, and each as a number (2A is 19, 2B is 18).

    Sex 1-4, 7, 8; month 01-12, 20-42, 50-99; place 01-99, 2A, 2B; commune 001-990, overseas 01-90; order 001-999.
    """
    import numpy as np

    digits = chars.astype(np.int64) - 48
    corsica = (digits[:, 5] == 2) & ((digits[:, 6] == 17) | (digits[:, 6] == 18))
    digits[:, 6] = np.where(corsica, 26 - digits[:, 6], digits[:, 6])  # A → 9, B → 8
    digits[:, 5] = np.where(corsica, 1, digits[:, 5])
    good = ((digits >= 0) & (digits <= 9)).all(axis=1)
    month = digits[:, 3] * 10 + digits[:, 4]
    sex = digits[:, 0]
    good &= ((sex >= 1) & (sex <= 4)) | (sex == 7) | (sex == 8)
    good &= ((month >= 1) & (month <= 12)) | ((month >= 20) & (month <= 42)) | (month >= 50)
    place = digits[:, 5] * 10 + digits[:, 6]
    overseas = (place == 97) | (place == 98)  # three digits of place, two of commune
    commune = digits[:, 8] * 10 + digits[:, 9] + np.where(overseas, 0, digits[:, 7] * 100)
    good &= (place > 0) & (commune > 0) & (commune <= np.where(overseas, 90, 990))
    good &= digits[:, 10] * 100 + digits[:, 11] * 10 + digits[:, 12] > 0
    powers = 10 ** np.arange(digits.shape[1] - 1, -1, -1, dtype=np.int64)
    return good, np.where(good, digits @ powers, 0)


def dates(chars: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.uint8]]:
    """Return which rows of a ten-column matrix read JJ/MM/AAAA (/ . or -), and each as AAAAMMJJ, eight columns.

    Which day of a month exists is not asked: 31/02 names its person as well as any other date.
    """
    import numpy as np

    digits = chars.astype(np.int16) - 48
    order = np.array([6, 7, 8, 9, 3, 4, 0, 1])
    numbers = digits[:, order]
    day, month = digits[:, 0] * 10 + digits[:, 1], digits[:, 3] * 10 + digits[:, 4]
    year = numbers[:, 0] * 1000 + numbers[:, 1] * 100 + numbers[:, 2] * 10 + numbers[:, 3]
    mark = chars[:, 2]
    good = ((numbers >= 0) & (numbers <= 9)).all(axis=1) & (mark == chars[:, 5])
    good &= (mark == 47) | (mark == 46) | (mark == 45)
    good &= (day >= 1) & (day <= 31) & (month >= 1) & (month <= 12) & (year >= 1895) & (year <= 2035)
    return good, chars[:, order]


def fixed(chars: npt.NDArray[np.uint8], good: npt.NDArray[np.bool_]) -> pa.StringArray:
    """Return the rows of a matrix as strings, "" where `good` is false."""
    import numpy as np
    import pyarrow as pa

    width = chars.shape[1]
    offsets = np.zeros(len(good) + 1, np.int32)
    offsets[1:] = np.cumsum(good) * width
    return pa.StringArray.from_buffers(len(good), pa.py_buffer(offsets), pa.py_buffer(chars[good].tobytes()))


def filled_rows(batch: pa.RecordBatch) -> int:
    """Return the number of rows in which any cell is filled."""
    import pyarrow.compute as pc

    empty = None
    for column in batch.columns:
        blank = pc.equal(column, "")
        empty = blank if empty is None else pc.and_(empty, blank)
        left = pc.sum(empty).as_py() or 0
        if not left:
            return int(batch.num_rows)
    return int(batch.num_rows - left) if empty is not None else 0
