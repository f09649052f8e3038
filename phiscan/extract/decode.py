"""Bytes to characters as a stream: as text, or folded to ASCII bytes.

A file can change encoding half-way, so what `detect` said is only the expectation: each block is looked at
again, bytes that are no UTF-8 are read as the single-byte encoding they look like, and none is dropped.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO, Final

from phiscan.errors import GapReason
from phiscan.extract.charset import HEAD, SINGLE, Encoding, detect, guess_single, is_text, is_utf8
from phiscan.extract.mending import is_spoilt, mend, mended
from phiscan.fold import compose, fold, fold_table
from phiscan.model import Gap

__all__ = [
    "BLOCK",
    "HEAD",
    "Encoding",
    "FoldingReader",
    "Source",
    "Structure",
    "cell_blocks",
    "decode_bytes",
    "detect",
    "fold_cells",
    "is_text",
    "read_text",
    "text_blocks",
]

BLOCK: Final = 1 << 20  # bytes read at a time
NULS: Final = 16  # a block of 8-bit text with more of them may hold UTF-16
GROWTH: Final = 64 << 20  # a file that grows by more than this while it is read is not read further


class Source:
    """A file read from the start, one block at a time, whoever else moves the file's position meanwhile.

    `gap` is set where it could not be read to its end. No error ever leaves `read`.
    """

    def __init__(self, stream: BinaryIO, start: int = 0, end: int | None = None) -> None:
        """Read from `start`, up to `end` where only a share is wanted."""
        self.stream = stream
        self.position = start
        self.end = end
        self.gap: Gap | None = None
        try:
            self.size = stream.seek(0, 2)
        except (OSError, ValueError):
            self.size = 0
            self._fail("vanished", "the file could not be read")

    def _fail(self, reason: GapReason, detail: str) -> None:
        self.gap = self.gap or Gap("extract", reason, detail)

    def expect(self, size: int) -> None:
        """Note a gap where all was read and that is less than `size` bytes, what the file had before."""
        if self.position < size:
            self._fail("vanished", "the file became shorter while it was read")

    def read(self, size: int = BLOCK) -> bytes:
        """Return up to `size` bytes, b"" at the end or where reading fails."""
        if self.end is not None:
            size = min(size, self.end - self.position)
        if self.gap or size <= 0:
            return b""
        if self.position > self.size + GROWTH:
            self._fail("too_big", "the file grew while it was read")
            return b""
        try:
            self.stream.seek(self.position)
            data = self.stream.read(size) or b""
        except (OSError, ValueError, EOFError):
            self._fail("vanished", "the file could not be read to its end")
            return b""
        self.position += len(data)
        if not data and self.position < self.size:
            self._fail("vanished", "the file became shorter while it was read")
        return data


def _raw_blocks(source: Source, size: int) -> Iterator[bytes]:
    """Yield the rest of `source` in blocks that end at a line end, or a space, or between two characters."""
    carry = b""
    while data := source.read(size):
        data = carry + data
        cut = data.rfind(b"\n") + 1 or data.rfind(b" ", len(data) - 4096 if len(data) > 4096 else 0) + 1
        cut = cut or _between(data)
        carry = data[cut:]
        if cut:
            yield data[:cut]
    if carry:
        yield carry


def _between(data: bytes) -> int:
    """Return where to cut so that no UTF-8 character and no CR LF is divided."""
    end = len(data)
    for back in range(1, min(4, end)):
        byte = data[end - back]
        if byte >= 0xC0:
            return end - back
        if byte < 0x80:
            break
    return end - 1 if data.endswith(b"\r") and end > 1 else end


def _utf8_handler(single: str) -> str:
    """Register and name the error handler that reads what is no UTF-8 as `single`."""
    name = f"phiscan.{single}"

    def handler(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        return error.object[error.start : error.end].decode(single, "replace"), error.end

    codecs.register_error(name, handler)
    return name


_HANDLERS = {single: _utf8_handler(single) for single in SINGLE}
_LEADS = (b"\xc3", b"\xc2", b"\xe2", b"\xc5")  # the first bytes of é, NBSP, ’ and œ in UTF-8
_UTF8 = re.compile(rb"[\xc2\xc3\xc5][\x80-\xbf]|\xe2[\x80-\xbf]{2}")
_LE_RUN = re.compile(rb"(?:[\x09-\xff]\0){8,}", re.DOTALL)
_BE_RUN = re.compile(rb"(?:\0[\x09-\xff]){8,}", re.DOTALL)


def _narrow(data: bytes, encoding: Encoding) -> tuple[str, str | None]:
    """Return how a block of 8-bit text is read: as one of `SINGLE` and None, or the text it is in UTF-8.

    A block may be both: then what is no UTF-8 is read as the single-byte encoding it looks like.
    """
    if data.isascii():
        return "cp1252", None
    leads = any(lead in data for lead in _LEADS)
    if leads or encoding.name == "utf-8":
        try:
            return "utf-8", data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    # In cp1252 the lead bytes are letters of their own (â is E2): only whole sequences say UTF-8.
    if not leads or not _has_sequence(data):
        return guess_single(data, encoding.single), None
    # The guess is made without what is UTF-8, whose bytes say nothing of the other encoding.
    single = guess_single(_UTF8.sub(b" ", data), encoding.single)
    return "utf-8", data.decode("utf-8", _HANDLERS[single])


def _has_sequence(data: bytes) -> bool:
    """Return whether a lead byte of UTF-8 is followed by a continuation byte anywhere."""
    import numpy as np

    values = np.frombuffer(data, np.uint8)
    return bool(((values[:-1] >= 0xC2) & (values[1:] & 0xC0 == 0x80)).any())


def _narrow_text(data: bytes, encoding: Encoding) -> str:
    single, text = _narrow(data, encoding)
    return data.decode(single, "replace") if text is None else text


def _few_nuls(data: bytes) -> bool:
    return b"\0" not in data or data.count(0) <= NULS  # nearly always none, which is told thirty times as fast


def _block_text(data: bytes, encoding: Encoding) -> str:
    """Return the text of a block of 8-bit text, in which UTF-16 may have been appended."""
    if _few_nuls(data):
        return _narrow_text(data, encoding)
    texts: list[str] = []
    at = 0
    run = max((_LE_RUN, _BE_RUN), key=lambda pattern: sum(map(len, pattern.findall(data))))
    for match in run.finditer(data):
        texts.append(_narrow_text(data[at : match.start()], encoding))
        texts.append(match.group().decode("utf-16-le" if run is _LE_RUN else "utf-16-be", "replace"))
        at = match.end()
    return "".join(texts) + _narrow_text(data[at:], encoding)


def _wide_blocks(source: Source, encoding: Encoding, size: int) -> Iterator[str]:
    """Yield the text of a UTF-16 or UTF-32 file; blocks without NULs were appended in 8 bits."""
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    narrow = Encoding()
    while data := source.read(size):
        # Latin text has a NUL in every unit; a block with hardly any is 8-bit text or a far script.
        if len(data) > 64 and data.count(0) * 20 < len(data) and is_utf8(data, whole=False):
            yield _block_text(data, narrow)
            decoder.reset()
            continue
        yield decoder.decode(data)
    yield decoder.decode(b"", True)


def _whole_lines(texts: Iterator[str]) -> Iterator[str]:
    """Yield the same text cut where no letter loses its accent: after a line end or a space."""
    carry = ""
    for text in texts:
        text = carry + text
        cut = max(text.rfind("\n"), text.rfind(" ", max(0, len(text) - 4096))) + 1 or max(0, len(text) - 2)
        carry = text[cut:]
        if cut:
            yield text[:cut]
    if carry:
        yield carry


def _composed(text: str, raw: bytes) -> str:
    text = mend(text) if is_spoilt(raw) else text
    # Combining marks are CC 80 to CD AF in UTF-8: without these bytes there are none.
    return compose(text) if b"\xcc" in raw or b"\xcd" in raw else text


def _wide_text(text: str) -> str:
    return compose(mended(text))


def text_blocks(source: Source, encoding: Encoding, size: int = BLOCK) -> Iterator[str]:
    """Yield the text of `source` (from its position on, past a byte order mark), NULs as spaces, NFC."""
    source.position = max(source.position, encoding.bom)
    blocks: Iterator[str] = map(_wide_text, _whole_lines(_wide_blocks(source, encoding, size)))
    if encoding.unit == 1:
        blocks = (_composed(_block_text(raw, encoding), raw) for raw in _raw_blocks(source, size))
    for text in blocks:
        yield text.replace("\0", " ") if "\0" in text else text


def read_text(stream: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """Yield the text of `stream` in pieces of about 1 MiB, newlines as they are. Ends where reading fails."""
    yield from text_blocks(Source(stream), encoding)


def decode_bytes(data: bytes, encoding: Encoding) -> str:
    """Return the text of bytes at hand, such as a file's head (a cut character at the end is lost)."""
    data = data[encoding.bom :]
    if encoding.unit > 1:
        whole = len(data) - len(data) % encoding.unit
        return _wide_text(data[:whole].decode(encoding.name, "replace")).replace("\0", " ")
    cut = _between(data) if encoding.name == "utf-8" else len(data)
    return _composed(_block_text(data[:cut], encoding), data).replace("\0", " ")


# ---- folding ----


@dataclass(frozen=True, slots=True)
class Structure:
    """The characters that keep their meaning in a folded table.

    Whatever else folds to one of them (« to ", U+037E to ;) becomes something harmless. A delimiter that is
    no ASCII character is given as `UNIT`.
    """

    delimiter: str = ""
    quote: str = ""
    cr: bool = False  # CRs end lines and are given as LF; else they are kept

    @property
    def byte(self) -> bytes:
        """The delimiter in the folded bytes."""
        return self.delimiter.encode("ascii") if self.delimiter.isascii() and self.delimiter else UNIT


UNIT: Final = b"\x1f"
_TROUBLE = dict.fromkeys(map(ord, ";,|^~\t\n"), " ") | {ord('"'): "'"}


def _cell_handler(error: UnicodeError) -> tuple[str | bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    folded = fold(error.object[error.start : error.end]).decode("ascii")
    return folded.translate(_TROUBLE), error.end


codecs.register_error("phiscan.cells", _cell_handler)


@cache
def _cell_table(single: str, structure: Structure) -> bytes:
    table = bytearray(fold_table(single))
    harmless = "`" if structure.quote == "'" else "'"
    neutral = {ord('"'): ord("'"), ord("'"): ord(harmless), ord("\n"): 32, structure.byte[0]: 32}
    for byte in range(0x80, 0x100):
        table[byte] = neutral.get(table[byte], table[byte])
    table[13] = 10 if structure.cr else 13
    for byte in structure.delimiter.encode(single, "ignore"):
        table[byte] = structure.byte[0]
    return bytes(table)


def fold_cells(text: str, structure: Structure) -> bytes:
    """Return `text` folded one byte for one character, with the structure of its table kept."""
    if not structure.delimiter.isascii():
        text = text.replace(UNIT.decode(), " ")
    try:  # five times as fast as cp1252
        return text.encode("latin-1").translate(_cell_table("latin-1", structure))
    except UnicodeEncodeError:
        return text.encode("cp1252", "phiscan.cells").translate(_cell_table("cp1252", structure))


def _folded(
    source: Source, encoding: Encoding, size: int, table: Callable[[str], bytes], fold_text: Callable[[str], bytes]
) -> Iterator[bytes]:
    """Yield `source` folded: by `table(single)` where a block is in one byte a character, else by `fold_text`."""
    source.position = max(source.position, encoding.bom)
    if encoding.unit > 1:
        yield from map(fold_text, map(_wide_text, _whole_lines(_wide_blocks(source, encoding, size))))
        return
    for raw in _raw_blocks(source, size):
        if _few_nuls(raw):
            single, text = _narrow(raw, encoding)
        else:
            single, text = "utf-8", _block_text(raw, encoding)
        if text is None and is_spoilt(raw):
            text = raw.decode(single, "replace")
        yield raw.translate(table(single)) if text is None else fold_text(_composed(text, raw))


def cell_blocks(source: Source, encoding: Encoding, structure: Structure, size: int = BLOCK) -> Iterator[bytes]:
    """Yield `source` folded for a table, CRs kept (see `Structure`), in blocks of about `size` bytes."""

    def table(single: str) -> bytes:
        return _cell_table(single, structure)

    def fold_text(text: str) -> bytes:
        return fold_cells(text, structure)

    return _folded(source, encoding, size, table, fold_text)


class FoldingReader:
    """A readable raw-like object over `stream`: folded ASCII bytes, one a character, in constant memory.

    Without a `structure` every CR, tab and NUL is a space as `fold` says. `gap` says what could not be read.
    """

    mode = "rb"
    closed = False

    def __init__(self, stream: BinaryIO, encoding: Encoding, structure: Structure | None = None) -> None:
        self._source = Source(stream)
        if structure:
            self._blocks = cell_blocks(self._source, encoding, structure)
        else:
            self._blocks = _folded(self._source, encoding, BLOCK, fold_table, fold)
        self._rest = b""

    @property
    def gap(self) -> Gap | None:
        """What could not be read so far."""
        return self._source.gap

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return False."""
        return False

    def close(self) -> None:
        """Do nothing: the stream is its owner's."""

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` folded bytes (all that is left where negative), b"" at the end."""
        if size < 0:
            data, self._rest = self._rest + b"".join(self._blocks), b""
            return data
        if not self._rest:
            self._rest = next(self._blocks, b"")
        data, self._rest = self._rest[:size], self._rest[size:]
        return data
