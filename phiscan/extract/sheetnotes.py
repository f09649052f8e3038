"""Headers, footers and comments of spreadsheets that are not OOXML: xls, xlsb, ods.

[MS-XLS] 2.4.136 Header, 2.4.124 Footer, 2.4.329 TxO; [MS-XLSB] 2.4.353 BrtCommentText, 2.4.28 BrtBeginHeaderFooter,
2.4.301 BrtBundleSh; [OpenDocument] part 3, 14.1 annotation, 16.10 header and footer. Damaged content gives less text,
never an error, and says so by returning None in place of the notes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from phiscan.extract.budget import Reader

Notes = dict[int, tuple[str, str]]  # sheet from 1: headers and footers, comments
_SHEETS: Final = 2_000  # looked at for notes
_MOST: Final = 64 << 20  # bytes of text of notes in a workbook


# ---- xls ----


def xls_notes(stream: BinaryIO) -> Notes | None:
    """Return the notes of the sheets of an xls; None where its records cannot be followed."""
    import olefile

    stream.seek(0)
    if stream.read(8) != olefile.MAGIC:
        return {}
    try:
        stream.seek(0)
        with olefile.OleFileIO(stream) as ole:
            name = "Workbook" if ole.exists("Workbook") else "Book"
            return xls_book_notes(ole.openstream(name).read())
    except Exception:  # olefile raises anything on damaged files
        return None
    finally:
        stream.seek(0)


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(book):
        number, length = struct.unpack_from("<HH", book, at)
        yield number, book[at + 4 : at + 4 + length]
        at += 4 + length


def xls_book_notes(book: bytes) -> Notes:
    """Return the notes of the sheets in a workbook stream."""
    unicode = True
    sheets = []
    for number, data in _records(book, 0):
        if number == 0x0809:  # BOF: its version is 0x0600 from Excel 97 on
            unicode = data[:2] == b"\x00\x06"
        elif number == 0x0085 and len(data) >= 4:
            sheets.append(struct.unpack_from("<I", data)[0])
        elif number == 0x000A:
            break
    return {place: _sheet_notes(book, at, unicode) for place, at in enumerate(sheets[:_SHEETS], 1)}


def _sheet_notes(book: bytes, at: int, unicode: bool) -> tuple[str, str]:
    headers, comments = [], []
    missing = depth = 0
    for number, data in _records(book, at):
        depth += (number == 0x0809) - (number == 0x000A)
        if depth <= 0:
            break
        if number in (0x0014, 0x0015) and len(data) > 1:
            headers.append(_characters(data[2:]) if unicode else data[1:].decode("cp1252", "replace"))
        elif number == 0x01B6 and len(data) >= 12:
            missing = struct.unpack_from("<H", data, 10)[0]
            comments.append("")
        elif number == 0x003C and missing > 0:
            text = _characters(data)[:missing]
            comments[-1] += text
            missing -= len(text)
    return "\n".join(filter(None, headers)), "\n\n".join(filter(None, comments))


def _characters(data: bytes) -> str:
    """Return the characters after a byte that tells whether they have 16 bits."""
    return data[1:].decode("utf-16-le" if data[:1] == b"\x01" else "latin-1", "replace")


# ---- xlsb ----


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the (number, content) of the records of a part of an xlsb."""
    at = 0
    while at < len(data):
        number = data[at]
        at += 1
        if number & 0x80 and at < len(data):
            number |= data[at] << 8
            at += 1
        size, at = _size(data, at)
        yield number, data[at : at + size]
        at += size


def _size(data: bytes, at: int) -> tuple[int, int]:
    size = 0
    for shift in (0, 7, 14, 21):
        byte = data[at] if at < len(data) else 0
        at += 1
        size |= (byte & 0x7F) << shift
        if not byte & 0x80:
            break
    return size, at


def _wide(data: bytes, at: int) -> tuple[str, int]:
    """Return a string with its length before it, and where it ends."""
    count = struct.unpack_from("<I", data, at)[0] if at + 4 <= len(data) else 0
    if count == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * count
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def xlsb_sheets(workbook: bytes) -> list[str]:
    """Return the relation of each sheet of an xlsb, from its workbook.bin."""
    return [_wide(data, 8)[0] for number, data in _parts(workbook) if number == 0x019C]


def xlsb_comments(part: bytes) -> list[str]:
    """Return the comments in a comments.bin."""
    return [_wide(data, 1)[0] for number, data in _parts(part) if number == 0x04FD]


def xlsb_header(tail: bytes) -> list[str]:
    """Return the headers and footers in the last bytes of a sheet's part."""
    at = tail.rfind(b"\xdf\x03")
    if at < 0:
        return []
    size, at = _size(tail, at + 2)
    end, at = at + size, at + 2
    found = []
    while at + 4 <= min(end, len(tail)):
        text, at = _wide(tail, at)
        found.append(text)
    return found


# ---- ods ----


def ods_comments(content: Reader) -> Notes | None:
    """Return the annotations of each table of an ods, from its content.xml; None where that is damaged."""
    from lxml import etree

    found: dict[int, list[str]] = {}
    sheet = size = 0
    options = {"resolve_entities": False, "no_network": True, "huge_tree": True, "recover": True}
    try:
        for event, element in etree.iterparse(content, events=("start", "end"), **options):
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if event == "start":
                sheet += name == "table" and not _nested(element)
            elif name == "annotation":
                text = "\n".join("".join(part.itertext()) for part in element if str(part.tag).endswith("}p"))
                size += len(text)
                if size > _MOST:
                    return None
                found.setdefault(sheet, []).append(text)
            elif name == "table-row":
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except Exception:  # lxml raises anything on damaged parts
        return None
    return {number: ("", "\n\n".join(texts)) for number, texts in found.items()}


def _nested(element: object) -> bool:
    return any(str(parent.tag).endswith("}table") for parent in element.iterancestors())  # type: ignore[attr-defined]


def ods_header(styles: bytes) -> str:
    """Return the headers and footers of all pages of an ods, from its styles.xml; "" where that is damaged."""
    from lxml import etree

    try:
        root = etree.fromstring(styles, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
        parts = [part for part in root.iter() if str(part.tag).rpartition("}")[2].startswith(("header", "footer"))]
        texts = ["\n".join("".join(p.itertext()) for p in part.iter() if str(p.tag).endswith("}p")) for part in parts]
    except Exception:  # lxml raises anything on damaged parts
        return ""
    return "\n".join(dict.fromkeys(filter(str.strip, texts)))
