"""What `collector.sh` has brought from another machine: an archive, read into a folder of our own and never further.

Somebody may have made it to hurt whoever reads it: only plain files and folders are taken, of bounded number and size,
under names that stay inside; links are not. The folder is removed when it has been looked at.
"""

from __future__ import annotations

import contextlib
import os
import re
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from phiscan.expose import services
from phiscan.expose.access import Access, Node
from phiscan.expose.acl import Entry, Tag
from phiscan.expose.discover import Discovery, completed, machine_at
from phiscan.expose.processes import listeners, processes
from phiscan.messages import Told

_FILES: Final = 50_000
_FILE: Final = 16 << 20  # bytes of one file
_ALL: Final = 1 << 30
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


def script() -> str:
    """Return the collector."""
    return Path(__file__).with_name("collector.sh").read_text("utf-8")


def collected(archive: str) -> Collected:
    """Read an archive. Raises `Told` where it cannot be read or is none of the collector's."""
    with tempfile.TemporaryDirectory(prefix="phiscan-collected-") as folder:
        _unpack(archive, folder)
        root = os.path.join(folder, _TOP)
        if not os.path.isdir(os.path.join(root, "etc")):
            raise Told("zones.from.none", path=archive)
        machine = machine_at(root, processes(os.path.join(root, "proc"))[0])
        grants = services.grants(machine)
        heard = listeners(os.path.join(root, "proc"))
        found = completed(grants, machine.troubles, machine.files, heard, {})
        return Collected(found, Access(_rights(os.path.join(root, "rights"))))


def _unpack(archive: str, folder: str) -> None:
    left, files = _ALL, 0
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                name = _inside(member.name)
                files += 1
                left -= member.size if member.isreg() else 0
                if files > _FILES or left < 0:
                    raise Told("zones.from.big", path=archive)
                if name is None or not member.isreg() or member.size > _FILE:
                    continue
                source = tar.extractfile(member)
                if source is not None:
                    _write(os.path.join(folder, name), source.read(_FILE))
    except OSError as error:
        raise Told("file.unreadable", path=archive, why=error.strerror or "") from None
    except (tarfile.TarError, EOFError, ValueError):
        raise Told("zones.from.none", path=archive) from None


def _inside(name: str) -> str | None:
    """Return the path of a member where it stays below the collector's folder."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    fits = len(parts) > 1 and parts[0] == _TOP and ".." not in parts and "\0" not in name
    return os.path.join(*parts) if fits and len(name) < 1000 else None


def _write(path: str, data: bytes) -> None:
    with contextlib.suppress(FileExistsError, NotADirectoryError, IsADirectoryError):  # a name that is there already
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)


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
