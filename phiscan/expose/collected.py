"""What `collector.sh` has brought from another machine: an archive, read into a folder of our own and never further.

Somebody may have made it to hurt whoever reads it: the collector writes plain files and folders of bounded number and
size below one folder, and an archive with anything else in it is refused. Nothing is read outside of it: accounts,
included files and links are those of the other machine. The folder is removed when it has been looked at.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from phiscan.expose import services
from phiscan.expose.access import Access, Node
from phiscan.expose.acl import Entry, Tag
from phiscan.expose.discover import Discovery, completed, machine_at
from phiscan.expose.processes import listeners, processes
from phiscan.messages import Told

_FILES: Final = 50_000
_FILE: Final = 16 << 20  # bytes of one file
_ALL: Final = 1 << 30
_LONGEST: Final = 1000  # bytes of a name
_TOP: Final = "machine"
_ESCAPE: Final = re.compile(rb"\\([0-7]{3}|\\)")
_TAGS: Final = {
    ("user", False): Tag.USER_OBJ,
    ("user", True): Tag.USER,
    ("group", False): Tag.GROUP_OBJ,
    ("group", True): Tag.GROUP,
    ("mask", False): Tag.MASK,
    ("other", False): Tag.OTHER,
}


@dataclass(frozen=True, slots=True)
class Collected:
    """What another machine gives away, and the rights of the folders that were collected."""

    discovery: Discovery
    access: Access
    root: str  # the folder below which its files lie, as long as it is there


def script() -> str:
    """Return the collector."""
    return Path(__file__).with_name("collector.sh").read_text("utf-8")


def collected(archive: str) -> Collected:
    """Read an archive. Raises `Told` where it cannot be read or is none of the collector's."""
    with unpacked(archive) as found:
        return found


@contextlib.contextmanager
def unpacked(archive: str) -> Iterator[Collected]:
    """Yield what an archive holds while its files are there. Raises `Told` as `collected` does."""
    with tempfile.TemporaryDirectory(prefix="phiscan-collected-") as folder:
        _unpack(archive, folder)
        root = os.path.join(folder, _TOP)
        if not os.path.isdir(os.path.join(root, "etc")):
            raise Told("zones.from.none", path=archive)
        machine = machine_at(root, processes(os.path.join(root, "proc"))[0])
        grants = services.grants(machine)
        heard = listeners(os.path.join(root, "proc"))
        found = completed(grants, machine.troubles, machine.files, heard, {}, here=False)
        yield Collected(found, Access(_rights(os.path.join(root, "rights"))), root)


def _unpack(archive: str, folder: str) -> None:
    left, files = _ALL, 0
    try:
        with _plain_bytes(archive) as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
            for member in tar:
                files += 1
                left -= member.size
                if files > _FILES or left < 0 or member.size > _FILE:
                    raise Told("zones.from.big", path=archive)
                name = _inside(member)
                source = tar.extractfile(member) if member.isreg() else None
                if source is not None:
                    _write(os.path.join(folder, name), source.read(_FILE), member.mtime)
    except _Hostile:
        raise Told("zones.from.hostile", path=archive) from None
    except _Large:
        raise Told("zones.from.big", path=archive) from None
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error, tarfile.TarError, ValueError):
        raise Told("zones.from.none", path=archive) from None
    except OSError as error:
        if error.errno is None:  # of a library that unpacks
            raise Told("zones.from.none", path=archive) from None
        raise Told("file.unreadable", path=archive, why=error.strerror or "") from None


class _Hostile(Exception):
    """A member that no collector writes."""


class _Large(Exception):
    """More at once than a collector writes."""


class _Bounded:
    """A file of which little is read at once: a head may claim to be followed by more than memory holds."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes."""
        if not 0 <= size <= 2 * _FILE:
            raise _Large
        return bytes(self._file.read(size))


@contextlib.contextmanager
def _plain_bytes(archive: str) -> Iterator[Any]:
    """Yield the bytes of an archive, unpacked, as a `_Bounded` file."""
    with open(archive, "rb") as raw:
        head = raw.read(6)
        raw.seek(0)
        with contextlib.ExitStack() as stack:
            if head.startswith(b"\x1f\x8b"):
                yield _Bounded(stack.enter_context(gzip.GzipFile(fileobj=raw)))
            elif head.startswith(b"BZh"):
                yield _Bounded(stack.enter_context(bz2.BZ2File(raw)))
            elif head.startswith(b"\xfd7zXZ"):
                yield _Bounded(stack.enter_context(lzma.LZMAFile(raw)))
            else:
                yield _Bounded(raw)


def _inside(member: tarfile.TarInfo) -> str:
    """Return the path of a member below the collector's folder. Raises `_Hostile` where it is none of a collector."""
    parts = [part for part in member.name.split("/") if part not in ("", ".")]
    fits = parts[:1] == [_TOP] and ".." not in parts and "\0" not in member.name and not member.name.startswith("/")
    if not fits or len(member.name) >= _LONGEST or not (member.isdir() or (member.isreg() and not member.issparse())):
        raise _Hostile
    return os.path.join(*parts)


def _write(path: str, data: bytes, modified: float) -> None:
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        with contextlib.suppress(ValueError, OverflowError):  # a time that nobody has
            os.utime(path, (modified, modified))
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise _Hostile from None  # a name that is there already


def _rights(path: str) -> dict[bytes, Node]:
    """Read what getfacl has written, with numbers for names."""
    try:
        text = Path(path).read_text("utf-8", "surrogateescape")
    except OSError:
        return {}
    found = {}
    for block in text.split("\n\n"):
        with contextlib.suppress(ValueError, KeyError):
            at, node = _node(block.splitlines())
            found[at] = node
    return found


def _node(lines: list[str]) -> tuple[bytes, Node]:
    head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# ") and ": " in line)
    entries = tuple(_entries(line for line in lines if line and not line.startswith(("#", "default:"))))
    if not any(entry.tag is Tag.OTHER for entry in entries):
        raise ValueError("not a list of rights")
    path = _ESCAPE.sub(_plain, head["file"].encode("utf-8", "surrogateescape"))
    return path, Node(entries, int(head["owner"]), int(head["group"]))


def _plain(escape: re.Match[bytes]) -> bytes:
    return escape[1] if escape[1] == b"\\" else bytes([int(escape[1], 8) & 0xFF])


def _entries(lines: Iterator[str]) -> Iterator[Entry]:
    for line in lines:
        kind, who, letters = line.split("#")[0].strip().split(":")
        permissions = sum(bit for letter, bit in (("r", 4), ("w", 2), ("x", 1)) if letter in letters)
        tag = _TAGS[kind, bool(who)]
        yield Entry(tag, permissions, int(who)) if who else Entry(tag, permissions)
