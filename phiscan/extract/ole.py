"""Documents of the years before 2007, which are OLE storages: Word, PowerPoint, Outlook messages, packaged files.

Only where their text stands is read ([MS-DOC] piece table, [MS-PPT] text atoms, [MS-OXMSG] properties).
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from phiscan.errors import Unreadable
from phiscan.extract.budget import Budget, Doc, Visit, leaf, numbered, texts
from phiscan.model import Chunk, Gap, Part

if TYPE_CHECKING:
    from phiscan.extract.kind import Kind

MAX_STREAM = 256 << 20  # bytes of one stream
_FIELD = re.compile("\x13([^\x13\x14\x15]*)\x14?")  # the code of a field; its result stays in the line
_WORD_MARKS = str.maketrans(
    {"\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x1e": "-", "\xa0": " ", "\x15": "", "\x14": "", "\x13": ""}
    | dict.fromkeys("\x00\x01\x02\x03\x04\x05\x08\x1f", "")
)
# Properties of a message, in the order they are shown ([MS-OXPROPS]).
_MESSAGE = (
    ("0C1A", "From"), ("5D01", "From"), ("0C1F", "From"), ("0E04", "To"), ("0E03", "Cc"), ("0E02", "Bcc"),
    ("0037", "Subject"), ("007D", ""), ("1000", ""),
)  # fmt: skip


def parts(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Yield the document, then the files it carries."""
    import olefile

    doc.stream.seek(0)
    with olefile.OleFileIO(doc.stream) as ole:
        match kind.detail:
            case "doc":
                yield leaf(doc, kind, numbered(_word(ole)), "damaged Word document")
            case "ppt":
                yield leaf(doc, kind, numbered(_slides(ole)), "damaged PowerPoint document")
            case "msg":
                yield leaf(doc, kind, numbered(_message(ole, [])), "damaged Outlook message")
        yield from _carried(doc, ole, visit, budget)


def _stream(ole: Any, path: list[str] | str) -> bytes:
    """Return the bytes of a stream, b"" where there is none."""
    if not ole.exists(path):
        return b""
    if ole.get_size(path) > MAX_STREAM:
        raise Unreadable("too_big", "stream of an OLE document too large to be read")
    data: bytes = ole.openstream(path).read()
    return data


# --- Word


def _word(ole: Any) -> Iterator[Chunk | Gap]:
    data = _stream(ole, "WordDocument")
    if len(data) < 36 or struct.unpack_from("<H", data)[0] not in (0xA5EC, 0xA5DC):
        raise Unreadable("malformed", "damaged Word document")
    version = struct.unpack_from("<H", data, 2)[0]
    text = _old_text(data) if version < 0x00C1 or len(data) < 426 else _pieces(ole, data)
    yield from texts(_word_lines(text))


def _old_text(data: bytes) -> str:
    """Word 6 and 95 keep the text in one stretch (fcMin, fcMac)."""
    start, end = struct.unpack_from("<II", data, 24)
    return data[start:end].decode("cp1252", "replace")


def _pieces(ole: Any, data: bytes) -> str:
    """Return the text by the piece table ([MS-DOC] 2.8.35 Clx), headers and footers first."""
    flags = struct.unpack_from("<H", data, 10)[0]
    table = _stream(ole, "1Table" if flags & 0x0200 else "0Table")
    start, length = struct.unpack_from("<II", data, 418)
    clx, at = table[start : start + length], 0
    while at + 3 <= len(clx) and clx[at] == 1:  # Prc: formatting
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at + 5 > len(clx) or clx[at] != 2:
        raise Unreadable("malformed", "damaged Word document")
    plc = clx[at + 5 : at + 5 + struct.unpack_from("<I", clx, at + 1)[0]]
    text = "".join(_piece(data, plc, (len(plc) - 4) // 12, index) for index in range((len(plc) - 4) // 12))
    body, notes, headers = struct.unpack_from("<III", data, 76)
    return text[body + notes : body + notes + headers] + "\r" + text[: body + notes] + text[body + notes + headers :]


def _piece(data: bytes, plc: bytes, count: int, index: int) -> str:
    first, last = struct.unpack_from("<II", plc, 4 * index)
    place = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * index + 2)[0]
    size, start = max(0, last - first), place & 0x3FFFFFFF
    if place & 0x40000000:  # one byte a character
        return data[start // 2 : start // 2 + size].decode("cp1252", "replace")
    return data[start : start + 2 * size].decode("utf-16-le", "replace")


def _word_lines(text: str) -> list[str]:
    """Cells and rows both end in a cell mark: "a<7>b<7><7>" is a row of two."""
    text = re.sub("\x07(?=\x07)\x07", "\n", text).replace("\x07", " | ")
    codes = [code.strip() for code in _FIELD.findall(text) if "HYPERLINK" in code or "MERGEFIELD" in code]
    return [*_FIELD.sub("", text).translate(_WORD_MARKS).split("\n"), *codes]


# --- PowerPoint


def _slides(ole: Any) -> Iterator[Chunk | Gap]:
    """Yield the text atoms in the order they stand ([MS-PPT] 2.9.42 and 2.9.43)."""
    data = _stream(ole, "PowerPoint Document")
    lines: list[str] = []
    at = 0
    while at + 8 <= len(data):
        version, kind, length = struct.unpack_from("<HHI", data, at)
        at += 8
        if version & 0xF == 0xF:  # a container: its records follow
            continue
        if kind in (4000, 4026):
            lines += data[at : at + length].decode("utf-16-le", "replace").replace("\x0b", "\n").split("\r")
        elif kind == 4008:
            lines += data[at : at + length].decode("cp1252", "replace").replace("\x0b", "\n").split("\r")
        at += length
    yield from texts(lines)


# --- Outlook


def _message(ole: Any, path: list[str]) -> Iterator[Chunk | Gap]:
    lines: list[str] = []
    for number, name in _MESSAGE:
        value = _property(ole, path, number)
        if name and value.strip():
            lines.append(f"{name}: {value.strip()}")
        elif value.strip():
            lines += ["", *value.splitlines()]
    yield from texts(lines, starts=bool(path))
    if not _property(ole, path, "1000").strip():
        html = _stream(ole, [*path, "__substg1.0_10130102"])
        if html:
            from phiscan.extract.markup import html_chunks

            yield from html_chunks(html, "")
        elif ole.exists([*path, "__substg1.0_10090102"]):
            yield Gap("extract", "unsupported", "message body in compressed RTF")


def _property(ole: Any, path: list[str], number: str) -> str:
    wide = _stream(ole, [*path, f"__substg1.0_{number}001F"])
    if wide:
        return wide.decode("utf-16-le", "replace").rstrip("\x00")
    return _stream(ole, [*path, f"__substg1.0_{number}001E"]).decode("cp1252", "replace").rstrip("\x00")


# --- what they carry


def _carried(doc: Doc, ole: Any, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Yield attachments of a message and files packaged in a document."""
    seen: set[str] = set()
    for path in ole.listdir(streams=True, storages=False):
        name, data = "", b""
        attachment = path[-2] if len(path) > 1 and path[-2].startswith("__attach_version") else ""
        if attachment and path[-1] == "__substg1.0_37010102":
            name = _property(ole, path[:-1], "3707") or _property(ole, path[:-1], "3704")
            data = _stream(ole, path)
        elif path[-1].lower() == "\x01ole10native":
            name, data = _native(_stream(ole, path))
        elif path[-1].lower() in ("package", "contents", "embeddedodf"):
            name, data = path[-1], _stream(ole, path)
        elif len(path) > 2 and path[-2] == "__substg1.0_3701000D" and path[-3] not in seen:
            seen.add(path[-3])  # a message within the message
            yield _inner(doc, ole, path[:-1])
        if data:
            budget.entry()
            budget.take(len(data))
            yield from visit(Doc(io.BytesIO(data), name, len(data), doc.label(name), doc.depth + 1))


def _inner(doc: Doc, ole: Any, path: list[str]) -> Part:
    from phiscan.extract.budget import guard

    inner = Doc(doc.stream, "", 0, doc.label("message"), doc.depth)
    chunks = guard(numbered(_message(ole, path)), inner)
    return Part(inner.member, "application/vnd.ms-outlook", 0, chunks)


def _native(data: bytes) -> tuple[str, bytes]:
    """Return name and content of a packaged file: size, flags, label, path, 8 bytes, path, size, content."""
    at = 6
    texts_: list[bytes] = []
    for skip in (0, 0, 8):
        at += skip
        if skip:  # the length of the path that follows stands in the last four
            length = struct.unpack_from("<I", data, at - 4)[0]
            at += length
            break
        end = data.index(b"\x00", at)
        texts_.append(data[at:end])
        at = end + 1
    size = struct.unpack_from("<I", data, at)[0]
    return texts_[0].decode("cp1252", "replace"), data[at + 4 : at + 4 + size]
