"""Delimited tables: rows by pyarrow, block by block, and every row accounted for.

pyarrow drops a ragged row and lets one unbalanced quote swallow what follows. So each block of about 8 MiB
is parsed on its own and its rows are counted against its lines: ragged rows come back to their places,
quotes are repaired line by line where the count is wrong, and quoting is given up where that does not help.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Final

from phiscan.extract.decode import Encoding, Source, cell_blocks
from phiscan.extract.dialect import Dialect, field_pattern, sniff
from phiscan.extract.rows import column_names, empty_batch, fit, note, rows_batch
from phiscan.extract.sampling import sample_rows
from phiscan.model import Gap, Table

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Dialect", "read_delimited", "sniff"]

BLOCK: Final = 8 << 20
_PIECE: Final = 1 << 19  # bytes that pyarrow parses at once: what fits into the processor's cache is a third faster
LONG_LINE: Final = 1 << 20  # bytes without a line end that are no row any more
OVERLAP: Final = 400
QUOTED_LINES: Final = 500  # a quoted value may span so many lines
QUOTED_BYTES: Final = 1 << 18
EFFORT: Final = 4 << 20  # bytes looked at in search of closing quotes, in a block


def read_delimited(stream: BinaryIO, size: int, encoding: Encoding, dialect: Dialect) -> Table:
    """Return the table in `stream`, all its lines as rows.

    `size` is what the file was when it was opened: a file that is shorter when it is read leaves a gap.
    """
    reader = _Delimited(stream, size, encoding, dialect)
    return Table(
        columns=dialect.columns,
        batches=reader.batches,
        sample=reader.sample,
        kind="csv",
        gaps=reader.gaps,
        share=reader.share,
    )


class _Delimited:
    def __init__(self, stream: BinaryIO, size: int, encoding: Encoding, dialect: Dialect) -> None:
        self.stream, self.size, self.encoding, self.dialect = stream, size, encoding, dialect
        self.gaps: list[Gap] = []

    def batches(self, start: int = 0, end: int | None = None) -> Iterator[pa.RecordBatch]:
        source = Source(self.stream, start, end)
        blocks = cell_blocks(source, self.encoding, self.dialect.structure, BLOCK)
        parser = Parser(self.dialect)
        yield from parser.batches(blocks)
        if end is None:
            source.expect(self.size)
        if source.gap:
            note(self.gaps, source.gap)
        if parser.lost:
            note(self.gaps, Gap("extract", "malformed", "some rows could not be read as a table"))

    def divisible(self) -> bool:
        """Whether every line end is the end of a row, as far as the head shows."""
        if self.encoding.unit > 1 or self.dialect.cr:
            return False
        quote = self.dialect.quote.encode("ascii", "ignore")
        head = Source(self.stream).read(1 << 20)
        return not quote or quote not in head

    def share(self, number: int, shares: int) -> tuple[int, Callable[[], Iterator[pa.RecordBatch]]] | None:
        """Return the rows before a share of the file, and its batches; None where it cannot be divided."""
        if not self.divisible():
            return None
        bounds = [self._line_start(self.size * at // shares) for at in (number, number + 1)]
        end = None if number + 1 == shares else bounds[1]
        rows = self._lines_before(bounds[0])
        return rows, lambda: self.batches(bounds[0], end)

    def _line_start(self, offset: int) -> int:
        """Return where the first line that begins at `offset` or later begins."""
        source = Source(self.stream, max(0, offset - 1))
        while offset and (block := source.read()):
            found = block.find(b"\n")
            if found >= 0:
                return source.position - len(block) + found + 1
        return source.position if offset else 0

    def _lines_before(self, offset: int) -> int:
        source, lines = Source(self.stream, 0, offset), 0
        while block := source.read():
            lines += _lines(block)
        return lines

    def sample(self) -> pa.RecordBatch:
        parser, structure = Parser(self.dialect), self.dialect.structure
        columns = self.dialect.columns
        return sample_rows(self.stream, self.encoding, structure, parser.batches, parser.good_rows, columns)


class Parser:
    """Folded blocks of a delimited table to record batches. `lost` is set where rows are unaccounted for."""

    def __init__(self, dialect: Dialect) -> None:
        self.columns = dialect.columns
        self.padded = dialect.padded
        self.mark = dialect.structure.byte
        self.quote = dialect.quote.encode("ascii")
        pattern = field_pattern(self.mark.decode("ascii"), dialect.quote) if dialect.quote else ""
        self._complete = re.compile(pattern.encode("ascii"), re.DOTALL)
        self._effort = EFFORT
        self.lost = False

    def batches(self, blocks: Iterator[bytes]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of `blocks` in their order."""
        carry = b""
        for block in blocks:
            data = carry + block if carry else block
            cut = data.rfind(b"\n") + 1
            carry = data[cut:]
            if cut:
                batch, rest = self._block(data[:cut], final=False)
                carry = rest + carry
                yield from batch
            while len(carry) > LONG_LINE:
                batch, carry = self._long_line(carry)
                yield from batch
        if carry:
            yield from self._block(carry if carry.endswith(b"\n") else carry + b"\n", final=True)[0]

    def good_rows(self, data: bytes) -> pa.RecordBatch:
        """Return the rows of `data` that have all their columns: `data` may begin inside a quoted value."""
        return self._clean(self._arrow(plain_lines(data), quoted=self.quote in data)[0], tabs=self.mark == b"\t")

    def _block(self, data: bytes, *, final: bool) -> tuple[list[pa.RecordBatch], bytes]:
        """Return the rows of whole lines, and the lines whose quoted value goes on in the next block."""
        carry = b""
        if lone_cr(data):
            data = plain_lines(data)
        quoted = bool(self.quote) and self.quote in data
        batch, ragged = self._arrow(data, quoted=quoted)
        if quoted and not self._accounted(data, batch, ragged):
            data, carry = self._repair(plain_lines(data), final=final)
            batch, ragged = self._arrow(data, quoted=True)
            if not self._accounted(data, batch, ragged):
                batch, ragged = self._arrow(data, quoted=False)
        if batch.num_rows + len(ragged) != _lines(data):
            self.lost = True
        batch = self._insert(batch, ragged) if ragged else batch
        batch = self._clean(batch, tabs=quoted and self.mark == b"\t")
        return ([batch] if batch.num_rows else []), carry

    def _accounted(self, data: bytes, batch: pa.RecordBatch, ragged: list[tuple[int, str]]) -> bool:
        if batch.num_rows + len(ragged) != _lines(data):
            return False
        # An open quote in the last row swallows its line end only, which the count does not show.
        last = batch.slice(max(0, batch.num_rows - 1))
        values = [value.as_py() for column in last.columns for value in column] + [text for _, text in ragged[-1:]]
        return not any("\n" in value for value in values)

    def _arrow(self, data: bytes, *, quoted: bool) -> tuple[pa.RecordBatch, list[tuple[int, str]]]:
        """Return the rows pyarrow reads in `data` and the ragged ones as (number from 1, text)."""
        import pyarrow as pa

        if not data:
            return empty_batch(self.columns), []
        whole = len(data) + 1
        # A quoted value may hold line ends, and a line may be longer than a piece: then there is no dividing.
        for piece in (whole,) if quoted or whole <= _PIECE else (_PIECE, whole):
            ragged: list[tuple[int, str]] = []
            try:
                return self._read(data, piece, ragged, quoted=quoted), ragged
            except pa.ArrowInvalid:
                continue
        lines = data.decode("ascii", "replace").removesuffix("\n").split("\n")
        return empty_batch(self.columns), list(enumerate(lines, 1))

    def _read(self, data: bytes, piece: int, ragged: list[tuple[int, str]], *, quoted: bool) -> pa.RecordBatch:
        """Return the rows pyarrow reads in `data`, so many bytes at once, and add the ragged ones to `ragged`."""
        import pyarrow as pa
        import pyarrow.csv as pc

        def keep(row: pc.InvalidRow) -> str:
            ragged.append((row.number, row.text))
            return "skip"

        names = column_names(self.columns)
        table = pc.read_csv(
            pa.BufferReader(data),
            read_options=pc.ReadOptions(block_size=piece, column_names=names, use_threads=False),
            parse_options=pc.ParseOptions(
                delimiter=self.mark.decode("ascii"),
                quote_char=self.quote.decode("ascii") if quoted else False,
                newlines_in_values=quoted,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
        batches = table.combine_chunks().to_batches()
        return batches[0] if batches else empty_batch(self.columns)

    def _clean(self, batch: pa.RecordBatch, *, tabs: bool) -> pa.RecordBatch:
        """Return `batch` without blanks around padded values and without tabs in quoted ones."""
        import pyarrow as pa
        import pyarrow.compute as pc

        columns = batch.columns
        if tabs:
            columns = [pc.replace_substring(column, "\t", " ") for column in columns]
        if self.padded:
            columns = [pc.ascii_trim(column, " ") for column in columns]
        return pa.RecordBatch.from_arrays(columns, batch.schema.names) if tabs or self.padded else batch

    def _insert(self, batch: pa.RecordBatch, ragged: list[tuple[int, str]]) -> pa.RecordBatch:
        """Return `batch` with the ragged rows where they stood."""
        import numpy as np
        import pyarrow as pa

        total = batch.num_rows + len(ragged)
        order = np.empty(total, np.int64)
        odd = np.zeros(total, bool)
        odd[[number - 1 for number, _ in ragged]] = True
        order[~odd] = np.arange(batch.num_rows)
        order[odd] = np.arange(batch.num_rows, total)
        extra = rows_batch([self._cells(text) for _, text in ragged], self.columns)
        return pa.concat_batches([batch, extra]).take(pa.array(order))

    def _cells(self, line: str) -> list[object]:
        """Return the fields of a ragged row, filled up or with what is too much joined to the last."""
        mark, quote = self.mark.decode("ascii"), self.quote.decode("ascii")
        plain = line.split(mark)
        if not quote or quote not in line or len(plain) == self.columns:
            return fit(plain, self.columns, mark)
        try:
            row = next(csv.reader([line], delimiter=mark, quotechar=quote), [""])
        except csv.Error:
            row = plain
        return fit(row, self.columns, mark)

    # ---- quotes ----

    def _repair(self, data: bytes, *, final: bool) -> tuple[bytes, bytes]:
        """Return `data` with each quoted newline a space and each stray quote harmless, and what is still open."""
        lines = data.removesuffix(b"\n").split(b"\n")
        out: list[bytes] = []
        at = 0
        self._effort = EFFORT
        while at < len(lines):
            line = lines[at]
            opened = self._opened(line)
            if opened < 0:
                out.append(line)
                at += 1
                continue
            end = self._closed(lines, at, line.count(self.mark, 0, opened) > 0)
            if end is None and not final:
                return b"".join(row + b"\n" for row in out), b"\n".join(lines[at:]) + b"\n"
            if end is None or end < 0:
                out.append(line[:opened] + (b"`" if self.quote == b"'" else b"'") + line[opened + 1 :])
                at += 1
            else:
                out.append(b" ".join(lines[at : end + 1]))
                at = end + 1
        return b"".join(row + b"\n" for row in out), b""

    def _opened(self, line: bytes) -> int:
        """Return where the field begins whose quote is not closed in `line`, -1 where there is none."""
        if self.quote not in line:
            return -1
        end = self._complete.match(line).end()  # type: ignore[union-attr]
        return -1 if end == len(line) else end

    def _fields(self, line: bytes) -> int:
        if self.quote not in line:
            return line.count(self.mark) + 1
        if self._opened(line) >= 0:
            return 0
        bare = re.sub(b"%b(?:[^%b]++|%b%b)*+%b" % ((self.quote,) * 5), b"", line)
        return bare.count(self.mark) + 1

    def _closed(self, lines: list[bytes], at: int, inside: bool) -> int | None:
        """Return the line that closes the quote opened in line `at`.

        -1 says that it is a stray quote: nothing closes it, or a line in between is a whole row (a closing line
        may look like one where the quoted value is not `inside`, but the first of its row). None: not yet known.
        """
        size = len(lines[at])
        for end in range(at + 1, min(len(lines), at + QUOTED_LINES)):
            line = lines[end]
            size += len(line)
            self._effort -= size if self.quote in line else len(line)
            if size > QUOTED_BYTES or self._effort < 0:
                return -1
            odd = line.count(self.quote) % 2 == 1
            if (inside or not odd) and self._fields(line) == self.columns:
                return -1
            if self.quote in line and self._fields(b" ".join(lines[at : end + 1])) == self.columns:
                return end
        return None if at + QUOTED_LINES > len(lines) else -1

    # ---- lines without an end ----

    def _long_line(self, data: bytes) -> tuple[list[pa.RecordBatch], bytes]:
        """Return the values in a line too long for a row, as rows, and what is left for the next call."""
        import numpy as np

        cut = data.rfind(self.mark, len(data) - LONG_LINE) + 1
        values = np.frombuffer(data[: cut or len(data)].replace(b"\n", b" ").replace(b"\r", b" "), np.uint8).copy()
        values[np.flatnonzero(values == self.mark[0])[self.columns - 1 :: self.columns]] = ord("\n")
        rows = values.tobytes() if values[-1] == ord("\n") else values.tobytes() + b"\n"
        batch, ragged = self._arrow(rows, quoted=False)
        return [self._insert(batch, ragged) if ragged else batch], data[cut:] if cut else data[-OVERLAP:]


def _lines(data: bytes) -> int:
    """Return how many LF there are; `bytes.count` takes four times as long."""
    import numpy as np

    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == 10))


def lone_cr(data: bytes) -> bool:
    """Return whether `data` has a CR that no LF follows."""
    import numpy as np

    if b"\r" not in data:
        return False
    values = np.frombuffer(data, np.uint8)
    after = np.flatnonzero(values == 13) + 1
    return bool(after[-1] == len(values) or (values[after] != 10).any())


def plain_lines(data: bytes) -> bytes:
    """Return `data` with LF for CR LF and a space for any other CR."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b" ") if b"\r" in data else data
