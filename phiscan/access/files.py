"""Log files: where they are, rotated and compressed ones, their lines with offsets, in bounded memory.

An offset counts bytes of the unpacked text. A line that is not ended yet is not a line: whoever wrote it is still at
it. A file that cannot be read is said, never taken for one in which nothing stands.
"""

from __future__ import annotations

import bz2
import glob
import gzip
import lzma
import os
import re
import stat
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final

from phiscan.errors import Unreadable
from phiscan.source.open import unreadable

BLOCK: Final = 4 << 20  # bytes looked at together
_LONGEST: Final = 1 << 20  # bytes of a line; what is longer is no log line and is left out
# Where the servers of Debian and Red Hat write, relative to the root of the machine.
USUAL: Final = (
    "/var/log/vsftpd.log*",
    "/var/log/xferlog*",
    "/var/log/proftpd/*",
    "/var/log/pure-ftpd/*",
    "/var/log/samba/*",
    "/var/log/nginx/*access*",
    "/var/log/apache2/*access*",
    "/var/log/httpd/*access*",
    "/var/log/rsyncd.log*",
)
_PACKED: Final = re.compile(rb"\.(?:gz|bz2|xz|lzma|zst)\Z")
# A number, a day, or Samba's own word. Not a number behind a dash: Samba names logs after machines (`log.poste-12`).
_NUMBER: Final = rb"(?:\.\d{1,3}|[.-]\d{8}(?:-\d{2,6})?|-\d{10}|\.old)"
_ROTATED: Final = re.compile(rb"(?:" + _NUMBER + rb")?(?:\.(?:gz|bz2|xz|lzma|zst))?\Z")
_NUMBERED: Final = re.compile(_NUMBER + rb"\Z")
_ADDRESSED: Final = re.compile(rb"(?<!\d)[._-](?:\d{1,3}\.){3}\d{1,3}\Z")  # Samba: a log for each client
_BROKEN: Final = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log file. `growing`: a server may still write to it."""

    path: bytes
    device: int
    inode: int
    size: int  # bytes, on the disk
    modified: float
    growing: bool


def found(configured: Iterable[str | os.PathLike[str]], usual: Iterable[str] = USUAL) -> list[Log]:
    """Return the logs that are there, each once, with what was rotated beside the configured ones; oldest first.

    A configured place may be a file, a folder or a shell pattern.
    """
    places: dict[tuple[int, int], Log] = {}
    for pattern in [*map(os.fsdecode, configured), *usual]:
        whole = (
            os.path.join(pattern, "*")
            if os.path.isdir(pattern)
            else f"{pattern}*"
            if os.path.isfile(pattern)
            else pattern
        )
        for path in sorted(glob.glob(whole)):
            named = os.fsencode(path)
            if os.path.isfile(pattern) and not _is_of(named, os.fsencode(pattern)):
                continue
            log = _log(named)
            if log is not None:
                places.setdefault((log.device, log.inode), log)
    return sorted(places.values(), key=lambda log: (log.modified, log.path))


def _is_of(path: bytes, log: bytes) -> bool:
    """Whether a file is a log or what became of it in a rotation."""
    return path.startswith(log) and _ROTATED.fullmatch(path[len(log) :]) is not None


def _log(path: bytes) -> Log | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Log(
        path=path,
        device=status.st_dev,
        inode=status.st_ino,
        size=status.st_size,
        modified=status.st_mtime,
        growing=base(path) == path,
    )


def base(path: bytes) -> bytes:
    """Return the path of a log before it was rotated.

    >>> base(b"/var/log/xferlog.2.gz"), base(b"/var/log/samba/log.192.0.2.1"), base(b"/var/log/samba/log.192.0.2.1.old")
    (b'/var/log/xferlog', b'/var/log/samba/log.192.0.2.1', b'/var/log/samba/log.192.0.2.1')
    """
    plain = _PACKED.sub(b"", path)
    return plain if _ADDRESSED.search(plain) else _NUMBERED.sub(b"", plain)


def again(log: Log) -> Log | None:
    """Return a log as it is now, None where it is gone."""
    return _log(log.path)


@contextmanager
def opened(path: bytes) -> Iterator[IO[bytes]]:
    """Yield a log as unpacked bytes, known by its first bytes. Raises `Unreadable`."""
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(open(path, "rb", buffering=0))
            head = os.pread(raw.fileno(), 6, 0)
        except OSError as error:
            raise unreadable(error) from None
        stream: Any = raw
        if head.startswith(b"\x1f\x8b"):
            stream = _Packed(gzip.GzipFile(fileobj=raw, mode="rb"))
        elif head.startswith(b"BZh"):
            stream = _Packed(bz2.BZ2File(raw))
        elif head.startswith((b"\xfd7zXZ\x00", b"\x5d\x00\x00")):
            stream = _Packed(stack.enter_context(lzma.LZMAFile(raw)))
        elif head.startswith(b"\x28\xb5\x2f\xfd"):
            stream = _zstd(raw)
        yield stream


def is_packed(path: bytes) -> bool:
    """Whether a log is compressed: no server writes to it any more."""
    return _PACKED.search(path) is not None


def _zstd(raw: Any) -> Any:
    try:
        from backports import zstd  # comes with py7zr; part of Python from 3.14 on
    except ImportError:
        raise Unreadable("unsupported", "zstd is not installed") from None
    return _Packed(zstd.ZstdFile(raw), zstd.ZstdError)


class _Packed:
    """A packed file. What comes before the place at which it breaks off is read, then EOFError raised."""

    def __init__(self, file: Any, *broken: type[BaseException]) -> None:
        self._file, self._ended = file, False
        self._broken: tuple[type[BaseException], ...] = (*_BROKEN, *broken, OSError)

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes. Raises OSError with a number where the disk is to blame."""
        found = bytearray()
        try:
            while len(found) < size and not self._ended:
                piece = self._file.read1(size - len(found))
                if not piece:
                    return bytes(found)
                found += piece
        except self._broken as error:
            if isinstance(error, OSError) and error.errno:
                raise
            self._ended = True
        if self._ended and not found:
            raise EOFError
        return bytes(found)

    def seek(self, at: int) -> None:
        """Go to an offset of the unpacked text. Raises EOFError where the file breaks off before, OSError as `read`."""
        try:
            self._file.seek(at)
        except self._broken as error:
            if isinstance(error, OSError) and error.errno:
                raise
            raise EOFError from None


def blocks(path: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield the whole lines between two offsets in blocks, each with its offset.

    What of the last line is not ended is left. Raises `Unreadable`, also where a packed file breaks off: what was
    yielded before stands.
    """
    with opened(path) as stream:
        try:
            yield from _blocks(stream, start, end)
        except OSError as error:
            raise unreadable(error) if error.errno else Unreadable("malformed", "the packed log breaks off") from None
        except _BROKEN:
            raise Unreadable("malformed", "the packed log breaks off") from None


def _blocks(stream: IO[bytes], start: int, end: int | None) -> Iterator[tuple[int, bytes]]:
    stream.seek(start)
    at, rest = start, b""
    while True:
        wanted = BLOCK if end is None else min(BLOCK, end - at - len(rest))
        more = stream.read(wanted) if wanted > 0 else b""
        if not more:
            return
        block = rest + more if rest else more
        cut = block.rfind(b"\n") + 1
        if cut:
            yield at, block[:cut]
            at, rest = at + cut, block[cut:]
        else:
            rest = block
        if len(rest) > _LONGEST:  # no log; go on after it
            at, rest = at + len(rest), b""


def head_of(path: bytes, count: int = 256) -> bytes:
    """Return the first bytes of a log, unpacked, by which it is known again after a rotation. Raises `Unreadable`."""
    with opened(path) as stream:
        try:
            return stream.read(count)
        except OSError as error:
            raise unreadable(error) if error.errno else Unreadable("malformed", "no packed log") from None
        except _BROKEN:
            raise Unreadable("malformed", "no packed log") from None
