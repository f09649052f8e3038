"""Archives that the standard library does not read: 7z, RAR, cab, ISO images, cpio, rpm, ar.

libarchive reads them all where the system has it. 7z alone is read without it too, by py7zr.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

from phiscan.errors import Unreadable
from phiscan.extract.archive import check_spent, encrypted_part, member
from phiscan.extract.budget import BLOCK, Budget, Doc, Visit, memory_file
from phiscan.model import Part

if TYPE_CHECKING:
    from phiscan.extract.kind import Kind

# MIME type: libarchive's format, its filter, and the name of the encryption it can have.
_FORMATS = {
    "application/x-7z-compressed": ("7zip", "none", "7z"),
    "application/vnd.rar": ("all", "none", "rar"),
    "application/vnd.ms-cab-compressed": ("cab", "none", ""),
    "application/x-iso9660-image": ("iso9660", "none", ""),
    "application/x-cpio": ("cpio", "none", ""),
    "application/x-rpm": ("cpio", "all", ""),
    "application/x-archive": ("ar", "none", ""),
    "application/x-xar": ("xar", "none", ""),
    "application/x-compress": ("all", "compress", ""),
}
_LIBRARIES = ("libarchive.so.13", "libarchive.so", "libarchive.13.dylib")


@cache
def libarchive() -> Any:
    """Return the libarchive binding, or None where the library is missing.

    Loaded by name: looking for it would start a compiler or `ldconfig`, which a worker may not do.
    """
    if "LIBARCHIVE" not in os.environ:
        for name in _LIBRARIES:
            try:
                ctypes.CDLL(name)
            except OSError:
                continue
            os.environ["LIBARCHIVE"] = name
            break
        else:
            return None
    try:
        import libarchive as binding
        from libarchive import read  # noqa: F401
    except Exception:  # absent, or a library too old for the binding
        return None
    return binding


def members(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Yield the parts of every member; raise `Unreadable` where no library can read the format."""
    if libarchive() is not None:
        yield from _by_libarchive(doc, kind, visit, budget)
    elif kind.mime == "application/x-7z-compressed":
        yield from _by_py7zr(doc, kind, visit, budget)
    else:
        raise Unreadable("unsupported", "libarchive is needed to read this archive")


class _Blocks:
    """The content of libarchive's present entry."""

    def __init__(self, entry: Any) -> None:
        self._blocks = entry.get_blocks(BLOCK)

    def read(self, size: int = -1, /) -> bytes:
        return next(self._blocks, b"")


def _by_libarchive(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    from libarchive.exception import ArchiveError

    format_name, filter_name, encryption = _FORMATS[kind.mime]
    shown = sealed = False
    with _descriptor(doc.stream) as descriptor:
        reader = libarchive().fd_reader(descriptor, format_name, filter_name, header_codec="utf-8")
        try:
            with reader as archive:
                for entry in archive:
                    check_spent(budget)
                    budget.entry()
                    shown = True
                    if entry.isreg:
                        for part in _entry(doc, entry, encryption, visit, budget):
                            sealed = sealed or part.status == "encrypted"
                            yield part
        except ArchiveError as error:
            if sealed and encryption == "7z":  # nothing is read behind the first encrypted member
                return
            if encryption and not shown and _is_about_encryption(error):
                yield Part(doc.member, kind.mime, doc.size, iter(()), "encrypted", encryption)
                return
            raise Unreadable("malformed", "damaged archive") from None


def _entry(doc: Doc, entry: Any, encryption: str, visit: Visit, budget: Budget) -> Iterator[Part]:
    from libarchive.exception import ArchiveError

    name = _name(entry)
    blocks = _Blocks(entry)
    try:
        first = blocks.read()
    except ArchiveError as error:
        if encryption and _is_about_encryption(error):
            yield encrypted_part(doc, name, entry.size or 0, encryption)
            return
        raise
    yield from member(doc, name, _Chained(first, blocks), visit, budget)


class _Chained:
    def __init__(self, first: bytes, rest: _Blocks) -> None:
        self._first, self._rest = first, rest

    def read(self, size: int = -1, /) -> bytes:
        first, self._first = self._first, b""
        return first or self._rest.read()


def _name(entry: Any) -> str:
    try:
        name = entry.pathname
    except Exception:  # a name in no encoding
        return "unnamed"
    return name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else (name or "unnamed")


def _is_about_encryption(error: Exception) -> bool:
    said = str(error).lower()  # looked at, never passed on
    return "encrypt" in said or "passphrase" in said


@contextmanager
def _descriptor(stream: BinaryIO) -> Iterator[int]:
    """Give a descriptor over `stream`, at its start: libarchive reads nothing else well."""
    with ExitStack() as stack:
        try:
            file: BinaryIO = stack.enter_context(os.fdopen(os.dup(stream.fileno()), "rb"))
        except (OSError, AttributeError):  # a buffer in memory (io.UnsupportedOperation is an OSError)
            file = stack.enter_context(memory_file())
            stream.seek(0)
            while block := stream.read(BLOCK):
                file.write(block)
            file.flush()
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        yield file.fileno()


# --- py7zr: it pushes members, so all go to one memory file first, under the budget


def _by_py7zr(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    try:
        import py7zr
    except ImportError:
        raise Unreadable("unsupported", "libarchive or py7zr is needed to read this archive") from None
    store = _Store(budget)
    with store.file:
        stopped = _unpack(py7zr, doc, store)
        if isinstance(stopped, str):
            yield Part(doc.member, kind.mime, doc.size, iter(()), "encrypted", stopped)
            return
        for name, start, size in store.members:
            yield from member(doc, name, _Window(store.file, start, size), visit, budget, counted=True)
    if stopped:
        raise stopped


def _unpack(py7zr: Any, doc: Doc, store: _Store) -> Unreadable | str | None:
    """Fill the store. Returns what stopped it, "7z" where the archive is encrypted."""
    try:
        doc.stream.seek(0)
        with py7zr.SevenZipFile(doc.stream, "r") as archive:
            if archive.password_protected:
                return "7z"
            archive.extractall(factory=store)
    except py7zr.PasswordRequired:
        return "7z"
    except Unreadable as error:
        return error
    except Exception:
        return Unreadable("malformed", "damaged archive")
    return None


class _Store:
    """What py7zr asks for files to write to: all write to one memory file."""

    def __init__(self, budget: Budget) -> None:
        self.file = memory_file()
        self.budget = budget
        self.members: list[tuple[str, int, int]] = []

    def create(self, name: str) -> Any:
        self.budget.entry()
        self.members.append((name, self.file.tell(), 0))
        return _Slot(self)


class _Slot:
    def __init__(self, store: _Store) -> None:
        self._store = store
        self._index = len(store.members) - 1

    def write(self, data: bytes | bytearray) -> int:
        self._store.budget.take(len(data))
        name, start, size = self._store.members[self._index]
        if not size:
            start = self._store.file.tell()
        self._store.file.write(data)
        self._store.members[self._index] = (name, start, size + len(data))
        return len(data)

    def read(self, size: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        pass

    def size(self) -> int:
        return self._store.members[self._index][2]

    def close(self) -> None:
        pass


class _Window:
    """A stretch of a file as a reader."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._at, self._end = file, start, start + size

    def read(self, size: int = BLOCK, /) -> bytes:
        self._file.seek(self._at)
        data = self._file.read(min(size, self._end - self._at))
        self._at += len(data)
        return data
