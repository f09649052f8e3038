"""Documents written as base64 inside text formats: the PDF of a CDA, an OBX of HL7 v2, a FHIR attachment.

They are found by how known formats begin, wherever they stand, so one search serves XML, JSON and HL7 alike.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from phiscan.extract.budget import BLOCK, Budget, Doc, Visit, memory_file
from phiscan.model import Part

if TYPE_CHECKING:
    from phiscan.extract.kind import Kind

LEAST = 64  # characters of base64
# %PDF-, ZIP, {\rtf, OLE, TIFF (II), <?xml, MSH|, %!PS, <html, <HTML, <!DOCTYPE
_BEGIN = rb"(?:JVBERi0|UEsDB[BA]|e1xydGY|0M8R4KGx|SUkqA|PD94bWw|TVNIf|PGh0bWw|PEhUTUw|PCFET0NUWVBF)"
_START = re.compile(rb"(?<![A-Za-z0-9+/])" + _BEGIN)
_MORE = re.compile(rb"[A-Za-z0-9+/=\s\\.]*")
_BREAKS = re.compile(rb"\\\.br\\|\\X0[DA]\\|\\[nrt]|[\s\\.]+")
_TEXT = re.compile(_BEGIN.decode("ascii") + r"[A-Za-z0-9+/=\s]+$")


def is_document(value: str) -> bool:
    """Say whether a text value is a document in base64: it is read as one, and not as text."""
    return len(value) >= 4 * LEAST and value[-1] not in ".," and _TEXT.match(value) is not None


def parts(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Yield the parts of every document in base64 within `doc`."""
    if doc.depth >= budget.limits.archive_depth:
        return
    number, at = 0, 0
    while not budget.spent and (start := _find(doc.stream, at)) is not None:
        file, size, at = _decoded(doc.stream, start, budget)
        with file:
            if size < LEAST * 3 // 4:
                continue
            number += 1
            budget.entry()
            name = f"embedded-{number}"
            yield from visit(Doc(file, name, size, doc.label(name), doc.depth + 1))


def _find(stream: BinaryIO, at: int) -> int | None:
    """Return where the next document begins at or after byte `at`."""
    while True:
        stream.seek(max(0, at - 1))
        block = stream.read(BLOCK)
        if found := _START.search(block, min(at, 1)):
            return max(0, at - 1) + found.start()
        if len(block) < BLOCK:
            return None
        at += len(block) - 32


def _decoded(stream: BinaryIO, start: int, budget: Budget) -> tuple[BinaryIO, int, int]:
    """Decode from byte `start` to the end of the base64: the file, its size, where the base64 ended."""
    file, size, at, held = memory_file(), 0, start, b""
    more = True
    while more:
        stream.seek(at)
        block = stream.read(BLOCK)
        found = _MORE.match(block)
        end = found.end() if found else 0
        at += end
        more = bool(block) and end == len(block)
        held += _BREAKS.sub(b"", block[:end])
        whole = len(held) // 4 * 4
        data, held = _plain(held[:whole]), held[whole:]
        budget.take(len(data))
        file.write(data)
        size += len(data)
    file.seek(0)
    return file, size, max(at, start + 1)


def _plain(data: bytes) -> bytes:
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        return b""
