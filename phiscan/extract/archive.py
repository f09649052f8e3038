"""Archives and compressed files: every member a document of its own, read without touching a disk.

ZIP and tar are read by the standard library, the rest by `foreign.py`. Names inside are labels: nothing is
ever opened or written by them. Links and devices inside are skipped.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import stat
import struct
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from phiscan.errors import Unreadable
from phiscan.extract.budget import (
    BLOCK,
    Budget,
    Doc,
    Reader,
    Visit,
    as_unreadable,
    gap_part,
    spool,
)
from phiscan.model import Gap, Part

if TYPE_CHECKING:
    import tarfile
    import zipfile

    from phiscan.extract.kind import Kind

_LOCAL = b"PK\x03\x04"
_SUFFIX = re.compile(r"\.(?:gz|bz2|xz|lzma|zst|lz4|z)$", re.IGNORECASE)
_TAR_SUFFIX = re.compile(r"\.t(?:gz|bz2?|xz|zst|az)$", re.IGNORECASE)
_METHODS = {0, 8, 12, 14}  # stored, deflate, bzip2, LZMA


def parts(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Yield the parts of every member of the archive `doc`, then a gap where its reading ended early."""
    if doc.depth >= budget.limits.archive_depth:
        yield gap_part(doc, kind, "bomb", "archives nested too deeply")
        return
    try:
        yield from _members(doc, kind, visit, budget)
    except Exception as problem:
        error = as_unreadable(problem, "damaged archive")
        yield gap_part(doc, kind, error.reason, error.detail)


def _members(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    match kind.mime:
        case "application/zip":
            return _zip(doc, kind, visit, budget)
        case "application/x-tar":
            return _tar(doc, doc.stream, visit, budget, counted=True)
        case "application/gzip" | "application/x-bzip2" | "application/x-xz" | "application/x-lzma":
            return _compressed(doc, _decompressor(doc.stream, kind.mime), visit, budget)
        case "application/zstd" | "application/x-lz4":
            return _compressed(doc, _arrow_decompressor(doc.stream, kind.mime), visit, budget)
        case _:
            from phiscan.extract import foreign

            return foreign.members(doc, kind, visit, budget)


def member(
    doc: Doc, name: str, reader: Reader, visit: Visit, budget: Budget, *, counted: bool = False
) -> Iterator[Part]:
    """Unpack one member of `doc` to memory and yield its parts. `counted`: its bytes are in the budget already."""
    file, size, error = spool(reader, budget, counted=counted)
    with file:
        label = doc.label(name)
        flaw = Gap("extract", error.reason, error.detail, label) if error else None
        yield from visit(Doc(file, _last(name), size, label, doc.depth + 1, flaw))


def encrypted_part(doc: Doc, name: str, size: int, decided_by: str) -> Part:
    """Return the part of a member whose content is encrypted."""
    # A dozen known bytes are enough to find the keys of ZipCrypto (Biham and Kocher, 1994).
    weak = decided_by == "zip-zipcrypto"
    return Part(doc.label(name), "application/octet-stream", size, iter(()), "encrypted", decided_by, weak=weak)


def _last(name: str) -> str:
    return re.split(r"[/\\]", name)[-1]


def check_spent(budget: Budget) -> None:
    """Raise `Unreadable` where a member before this one has used up the budget."""
    if budget.spent:
        raise Unreadable("bomb", "further members were not read")


# --- ZIP


def _zip(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    import zipfile

    try:
        archive = zipfile.ZipFile(doc.stream)
    except Exception:
        yield from _salvage(doc, kind, visit, budget)
        return
    with archive:
        for info in archive.infolist():
            check_spent(budget)
            budget.entry()
            if not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16):
                yield from _zip_member(doc, archive, info, visit, budget)


def _zip_member(
    doc: Doc, archive: zipfile.ZipFile, info: zipfile.ZipInfo, visit: Visit, budget: Budget
) -> Iterator[Part]:
    name = zip_name(info)
    if info.flag_bits & 0x1 or info.compress_type == 99:
        if _is_clear(doc.stream, info):
            gap = Gap("extract", "malformed", "marked as encrypted, but readable", doc.label(name))
            yield Part(gap.member, "application/octet-stream", info.file_size, iter((gap,)), status="gap")
        else:
            yield encrypted_part(doc, name, info.file_size, _zip_encryption(info))
        return
    try:
        if info.compress_type not in _METHODS:
            raise Unreadable("unsupported", "compression method of a ZIP member")
        with archive.open(info) as reader:
            yield from member(doc, name, _Checked(reader, info.CRC), visit, budget)
    except Exception as problem:
        error = as_unreadable(problem, "damaged ZIP member")
        gap = Gap("extract", error.reason, error.detail, doc.label(name))
        yield Part(gap.member, "application/octet-stream", info.file_size, iter((gap,)), status="gap")


class _Checked:
    """A ZIP member whose checksum is compared behind its last byte: zipfile would withhold the last block."""

    def __init__(self, reader: IO[bytes], expected: int) -> None:
        reader._expected_crc = None  # type: ignore[attr-defined]
        self._reader, self._expected, self._sum = reader, expected, 0

    def read(self, size: int = BLOCK, /) -> bytes:
        data = self._reader.read(size)
        self._sum = zlib.crc32(data, self._sum)
        if not data and self._sum != self._expected:
            raise Unreadable("malformed", "checksum of a ZIP member does not fit")
        return data


def _is_clear(stream: BinaryIO, info: zipfile.ZipInfo) -> bool:
    """Whether text stands where a member that says it is encrypted has its content: one bit anybody can set."""
    from phiscan.extract.sealed import readable

    stream.seek(info.header_offset)
    header = stream.read(30)
    if len(header) < 30:
        return False
    start = info.header_offset + 30 + sum(struct.unpack_from("<2H", header, 26))
    stream.seek(start)
    return readable(stream.read(min(info.compress_size, BLOCK)))


def _zip_encryption(info: zipfile.ZipInfo) -> str:
    if info.compress_type == 99:  # AE-x: the true method stands in the extra field
        return "zip-aes"
    return "zip-strong" if info.flag_bits & 0x40 else "zip-zipcrypto"


def zip_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; one not marked UTF-8 is UTF-8 where it can be, else cp850 (French Windows)."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    return _decode_name(raw)


def _decode_name(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp850")


def _salvage(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Read the members of a ZIP whose directory is missing (an upload cut short) from their own headers."""
    position: int | None = 0
    while position is not None:
        check_spent(budget)
        doc.stream.seek(position)
        header = doc.stream.read(30)
        if len(header) < 30 or header[:4] != _LOCAL:
            break
        budget.entry()
        _, flags, method, _, _, _, packed, size, name_length, extra = struct.unpack("<5H3I2H", header[4:])
        name = _decode_name(doc.stream.read(name_length))
        start = position + 30 + name_length + extra
        if flags & 1:
            yield encrypted_part(doc, name, size, "zip-aes" if method == 99 else "zip-zipcrypto")
            position = start + packed if packed else None
            continue
        if method not in (0, 8) or (method == 0 and flags & 8):
            break
        reader = _Raw(doc.stream, start, packed if method == 0 else None)
        if not name.endswith("/"):
            yield from member(doc, name, reader, visit, budget)
        position = _next_header(doc.stream, reader.end if method == 8 and not packed else start + packed, flags)
    yield gap_part(doc, kind, "malformed", "ZIP without its directory: cut short or damaged")


def _next_header(stream: BinaryIO, end: int, flags: int) -> int | None:
    """Return where the next local header begins: behind a data descriptor of 12 to 24 bytes, if any."""
    stream.seek(end)
    tail = stream.read(32)
    found = tail.find(_LOCAL) if flags & 8 else (0 if tail.startswith(_LOCAL) else -1)
    return end + found if found >= 0 else None


class _Raw:
    """Stored bytes of a known length, or a deflated stream read to its own end (then `end` is behind it)."""

    def __init__(self, stream: BinaryIO, start: int, length: int | None) -> None:
        self._stream, self._at, self._left = stream, start, length
        self._inflate = zlib.decompressobj(-15)
        self.end = start

    def read(self, size: int = BLOCK, /) -> bytes:
        if self._left is not None:
            return self._stored(size)
        while not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._next(1 << 14)
            data = self._inflate.decompress(packed, size)
            if self._inflate.eof:
                self.end = self._at - len(self._inflate.unused_data)
            if data:
                return data
            if not packed:
                raise Unreadable("malformed", "ZIP member cut short")
        return b""

    def _stored(self, size: int) -> bytes:
        data = self._next(min(size, self._left or 0))
        self._left = (self._left or 0) - len(data)
        if not data and self._left:
            raise Unreadable("malformed", "ZIP member cut short")
        return data

    def _next(self, size: int) -> bytes:
        self._stream.seek(self._at)
        data = self._stream.read(size)
        self._at += len(data)
        return data


# --- compressed files and tar


class _Metered:
    """A reader whose bytes are taken from the budget, with a first block that can be looked at beforehand."""

    def __init__(self, reader: Reader, budget: Budget) -> None:
        self._reader, self._budget = reader, budget
        self._head = b""
        self.error: Unreadable | None = None

    def peek(self, size: int) -> bytes:
        while len(self._head) < size and (block := self._more(size - len(self._head))):
            self._head += block
        return self._head

    def read(self, size: int = BLOCK, /) -> bytes:
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        return self._more(size)

    def _more(self, size: int) -> bytes:
        """A damaged stream ends here: what follows the members says so."""
        if self.error:
            return b""
        try:
            data = self._reader.read(min(size, BLOCK))
            self._budget.take(len(data))
        except Exception as problem:
            self.error = as_unreadable(problem, "compressed data is damaged")
            return b""
        return data


def _decompressor(stream: BinaryIO, mime: str) -> Reader:
    if mime == "application/gzip":
        return gzip.GzipFile(fileobj=stream)
    if mime == "application/x-bzip2":
        return bz2.BZ2File(stream)
    return lzma.LZMAFile(stream)


def _arrow_decompressor(stream: BinaryIO, mime: str) -> Reader:
    import pyarrow as pa

    codec = "zstd" if mime == "application/zstd" else "lz4"
    return cast("Reader", pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), codec))


def _compressed(doc: Doc, reader: Reader, visit: Visit, budget: Budget) -> Iterator[Part]:
    """A compressed tar gives its members, anything else is one member named like the file without its suffix."""
    metered = _Metered(reader, budget)
    head = metered.peek(1024)
    if head[257:262] == b"ustar":
        yield from _tar(doc, metered, visit, budget, counted=True)
        if metered.error:
            raise metered.error
        return
    budget.entry()
    name = _TAR_SUFFIX.sub(".tar", doc.name) if _TAR_SUFFIX.search(doc.name) else _SUFFIX.sub("", doc.name)
    yield from member(doc, name or "data", _Raising(metered), visit, budget, counted=True)


class _Raising:
    """A metered reader that raises at its end what cut it short."""

    def __init__(self, metered: _Metered) -> None:
        self._metered = metered

    def read(self, size: int = BLOCK, /) -> bytes:
        data = self._metered.read(size)
        if not data and self._metered.error:
            raise self._metered.error
        return data


def _tar(doc: Doc, reader: Reader, visit: Visit, budget: Budget, *, counted: bool) -> Iterator[Part]:
    import tarfile

    # A stream is read forward only, so that a compressed tar is unpacked once.
    forward = not isinstance(reader, io.IOBase)
    mode = "r|" if forward else "r:"
    with tarfile.open(fileobj=reader, mode=mode, errorlevel=1) as archive:  # type: ignore[call-overload]
        while (info := _next(archive)) is not None:
            check_spent(budget)
            budget.entry()
            if info.isreg():
                yield from _tar_member(doc, archive, info, visit, budget, counted=counted)
            archive.members = []  # tarfile keeps every header it has seen


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    import tarfile

    try:
        return archive.next()
    except tarfile.TarError as error:
        raise Unreadable("malformed", "damaged tar") from error


def _tar_member(
    doc: Doc, archive: tarfile.TarFile, info: tarfile.TarInfo, visit: Visit, budget: Budget, *, counted: bool
) -> Iterator[Part]:
    # The zeros of a sparse member are nowhere in the file, so they are counted here.
    counted = counted and not info.issparse()
    reader = archive.extractfile(info)
    if reader is not None:
        with reader:
            yield from member(doc, info.name, cast("Reader", reader), visit, budget, counted=counted)
