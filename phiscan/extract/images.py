"""Raster images: nothing of them is read here, so all but icons are gaps.

An image is an icon where either side is at most 128 pixels or the file is smaller than 16 KiB: no document
can be read from it. Sizes are taken from the headers, no pixel is decoded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from phiscan.extract.budget import Doc
from phiscan.model import Chunk, Gap

if TYPE_CHECKING:
    from phiscan.extract.kind import Kind

ICON_SIDE, ICON_BYTES = 128, 16 << 10  # pixels, bytes
PAGE_SIDE, PAGE_BYTES = 800, 32 << 10  # the least of a scanned page inside a document


def chunks(doc: Doc, kind: Kind) -> Iterator[Chunk | Gap]:
    """Yield the gap that an image is, or nothing where it is an icon."""
    if not is_icon(doc.stream, doc.size, kind.mime):
        yield doc.gap("unsupported", "image: no OCR here")


def is_icon(stream: BinaryIO, size: int, mime: str) -> bool:
    """Say whether an image is too small to be a document."""
    if size < ICON_BYTES or (mime == "image/x-icon" and size < 4 * ICON_BYTES):
        return True
    sides = dimensions(stream, mime)
    return sides is not None and min(sides) <= ICON_SIDE


def is_page(stream: BinaryIO, size: int, mime: str) -> bool:
    """Say whether an image inside a document is large enough to be a scanned page."""
    if size < PAGE_BYTES:
        return False
    sides = dimensions(stream, mime)
    return sides is None or min(sides) >= PAGE_SIDE


def dimensions(stream: BinaryIO, mime: str) -> tuple[int, int] | None:
    """Return width and height in pixels from the header, None where it does not say."""
    stream.seek(0)
    head = stream.read(32)
    try:
        match mime:
            case "image/png":
                return struct.unpack_from(">II", head, 16)
            case "image/gif":
                return struct.unpack_from("<HH", head, 6)
            case "image/bmp" if head[14] >= 40:
                width, height = struct.unpack_from("<ii", head, 18)
                return abs(width), abs(height)
            case "image/jpeg":
                return _jpeg(stream)
            case _:
                return None
    except struct.error:
        return None


def _jpeg(stream: BinaryIO) -> tuple[int, int] | None:
    """Walk the segments up to the start of frame (SOF0 to SOF15, but DHT, JPG and DAC)."""
    at = 2
    for _ in range(200):
        stream.seek(at)
        head = stream.read(9)
        if len(head) < 9 or head[0] != 0xFF:
            return None
        marker = head[1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", head, 5)
            return width, height
        at += 1 if marker == 0xFF else 2 + int(struct.unpack_from(">H", head, 2)[0])
    return None
