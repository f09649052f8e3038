"""Writes small OLE storages ([MS-CFB]): the tests need Word, PowerPoint and Outlook files without Office."""

from __future__ import annotations

import struct
from itertools import pairwise

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def ole(streams: dict[str, bytes]) -> bytes:
    """Return a storage with these streams; "a/b" is a stream in a storage "a".

    Streams are filled up to 4,096 bytes: smaller ones would lie in the mini stream.
    """
    entries: list[tuple[str, int, bytes, list[int]]] = [("Root Entry", 5, b"", [])]
    storages: dict[str, int] = {"": 0}
    for path, data in streams.items():
        *around, name = path.split("/")
        above = ""
        for step in around:
            inner = f"{above}/{step}"
            if inner not in storages:
                entries[storages[above]][3].append(len(entries))
                storages[inner] = len(entries)
                entries.append((step, 1, b"", []))
            above = inner
        entries[storages[above]][3].append(len(entries))
        entries.append((name, 2, data.ljust(4096, b"\0"), []))
    return _written(entries)


def _written(entries: list[tuple[str, int, bytes, list[int]]]) -> bytes:
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(data: bytes) -> int:
        first = len(sectors)
        for at in range(0, len(data), 512):
            sectors.append(data[at : at + 512].ljust(512, b"\0"))
            fat.append(len(sectors))
        if len(sectors) == first:
            return END
        fat[-1] = END
        return first

    starts = [put(data) for _, _, data, _ in entries]
    following = {child: sibling for _, _, _, inner in entries for child, sibling in pairwise(inner)}
    directory = b""
    for index, (name, kind, data, inner) in enumerate(entries):
        raw = name.encode("utf-16-le") + b"\0\0"
        directory += raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1)
        directory += struct.pack("<3I", FREE, following.get(index, FREE), inner[0] if inner else FREE)
        directory += bytes(36) + struct.pack("<IQ", starts[index], len(data))
    root = put(directory)
    count = -(-(len(fat) + 4) // 128)
    place = len(sectors)
    fat += [FAT] * count
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512 * count, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, count, root, 0, 0, END, 0, END, 0)
    header += struct.pack(f"<{count}I", *range(place, place + count))
    return header.ljust(512, b"\xff") + b"".join(sectors) + table
