"""Encryption recognised by structure: OpenPGP packets, protected OLE and ODF documents, protected archives.

What is found here is protected from whoever takes the file, so it is no gap. Nothing is decrypted; what opens by a
password that everybody has is the business of `defaultkey`.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from typing import TYPE_CHECKING, Any, BinaryIO

from phiscan.extract.sealed import readable

if TYPE_CHECKING:
    import zipfile

_TAGS_AFTER = {1, 3, 9, 18, 20}  # what follows a session key: another one, or encrypted data (RFC 9580, 5)

_MARKER = b"\xca\x03PGP"  # says nothing, and may stand in front

_PKCS7 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"  # 1.2.840.113549.1.7
_CMS_ENCRYPTED = (  # envelopedData, encryptedData, authEnvelopedData
    _PKCS7 + b"\x03",
    _PKCS7 + b"\x06",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17",
)
_LOOKED_AT = 1 << 16  # bytes of either end of a stream
_FIB_BASE = 68  # bytes of a Word document that are never encrypted
_RC4_40 = b"\x01\x00\x01\x00"  # version 1.1 of the encryption header, [MS-OFFCRYPTO] 2.3.6.1
_STANDARD = re.compile(rb"/Filter\s*/Standard\b")
_PDF_VERSION, _PDF_LENGTH = re.compile(rb"/V\s+(\d)\b"), re.compile(rb"/Length\s+(\d{2,3})\b")
_AROUND = 600  # bytes of the encryption dictionary to either side
_MOST_OF_PDF = 1 << 26
_MANIFEST = "META-INF/manifest.xml"


def _packet(data: bytes) -> tuple[int, int, int] | None:
    """Return tag, start and length of the OpenPGP packet at the start of `data` (RFC 9580, 4.2)."""
    if len(data) < 3 or not data[0] & 0x80:
        return None
    if data[0] & 0x40:
        if data[1] < 192:
            return data[0] & 0x3F, 2, data[1]
        if data[1] < 224:
            return data[0] & 0x3F, 3, ((data[1] - 192) << 8) + data[2] + 192
        if data[1] == 255 and len(data) >= 6:
            return data[0] & 0x3F, 6, int.from_bytes(data[2:6], "big")
        return data[0] & 0x3F, 2, 1 << (data[1] & 0x1F)
    width = (1, 2, 4, 0)[data[0] & 3]
    return (data[0] >> 2) & 0xF, 1 + width, int.from_bytes(data[1 : 1 + width], "big")


def is_pgp_message(data: bytes) -> bool:
    """Say whether `data` begins like an encrypted OpenPGP message: a session key, then what it encrypts."""
    data = data.removeprefix(_MARKER)
    packet = _packet(data)
    if packet is None or packet[0] not in (1, 3):
        return False
    tag, start, length = packet
    versions = b"\x03\x06" if tag == 1 else b"\x04\x05\x06"
    if not 3 < length < 8192 or len(data) <= start or data[start] not in versions:
        return False
    following = _packet(data[start + length :])
    return following is not None and following[0] in _TAGS_AFTER


def is_armored_message(data: bytes) -> bool:
    """Say whether an armored OpenPGP message is encrypted, not only signed or compressed."""
    lines = data.replace(b"\r", b"").split(b"\n")
    body = lines[lines.index(b"") + 1 :] if b"" in lines else lines[1:]
    body = body[: next((at for at, line in enumerate(body) if line.startswith(b"-----END")), len(body))]
    joined = b"".join(line.strip() for line in body if not line.startswith((b"=", b"-")))
    try:
        return is_pgp_message(base64.b64decode(joined[: len(joined) // 4 * 4]))
    except (binascii.Error, ValueError):
        return False


def cms_content(data: bytes) -> str:
    """Return "encrypted" or "signed" for CMS data in DER or PEM by its content type (RFC 5652), else ""."""
    if data.startswith((b"-----BEGIN PKCS7-----", b"-----BEGIN CMS-----")):
        try:
            data = base64.b64decode(data.split(b"\n", 1)[1][:64])
        except (binascii.Error, IndexError):
            return ""
    if data[:1] != b"\x30":
        return ""
    if any(kind in data[:32] for kind in _CMS_ENCRYPTED):
        return "encrypted"
    return "signed" if _PKCS7 + b"\x02" in data[:32] else ""


def ole_entries(stream: BinaryIO) -> set[str]:
    """Return the last names of the streams in an OLE storage in lower case; none where it is damaged."""
    import olefile

    try:
        stream.seek(0)
        with olefile.OleFileIO(stream) as ole:
            return {entry[-1].lower() for entry in ole.listdir(streams=True, storages=False)}
    except Exception:  # damaged: nothing is known of it
        return set()


def ole_protection(stream: BinaryIO, names: set[str]) -> str:
    """Return "ooxml", "doc", "xls" or "ppt" where the document in an OLE storage is encrypted, else "".

    " weak" follows where the method is: XOR, or RC4 with keys of 40 bits, of Office before 2003.
    """
    try:
        return _protection(stream, names)
    except Exception:  # damaged: the reader says so
        return ""


def _protection(stream: BinaryIO, names: set[str]) -> str:
    import olefile

    stream.seek(0)
    with olefile.OleFileIO(stream) as ole:
        if "encryptedpackage" in names:
            return "" if readable(_inside(ole, "EncryptedPackage", 8)) else "ooxml"
        if "worddocument" in names:
            return _word(ole)
        if names & {"workbook", "book"}:
            name = "Workbook" if "workbook" in names else "Book"
            book = _inside(ole, name, 0)
            filepass = _filepass(book)
            # Behind it names of records are clear, and what they hold is not.
            return "" if filepass is None or readable(book) else "xls" + _weak_book(filepass)
        return "ppt" if "encryptedsummary" in names else ""


def _inside(ole: Any, name: str, start: int) -> bytes:
    """Return the first and the last of a stream, as far as it takes to see whether it is text."""
    stream = ole.openstream(next(entry for entry in ole.listdir() if entry[-1].lower() == name.lower()))
    stream.seek(start)
    first = stream.read(_LOOKED_AT)
    stream.seek(max(start + len(first), ole.get_size(name) - _LOOKED_AT if ole.exists(name) else 0))
    return bytes(first + stream.read(_LOOKED_AT))


def _word(ole: Any) -> str:
    """[MS-DOC] FibBase: fEncrypted is bit 8 of the flags at offset 10; with fObfuscated, bit 15, it is XOR."""
    head = ole.openstream("WordDocument").read(12)
    flags = struct.unpack_from("<H", head, 10)[0] if len(head) == 12 else 0
    if not flags & 0x0100 or readable(_inside(ole, "WordDocument", _FIB_BASE)):
        return ""
    if flags & 0x8000:
        return "doc weak"
    table = "1Table" if flags & 0x0200 else "0Table"
    return "doc weak" if ole.exists(table) and ole.openstream(table).read(4) == _RC4_40 else "doc"


def _filepass(book: bytes) -> bytes | None:
    """Return what [MS-XLS] FilePass (0x2F) says, which stands among the first records of the workbook's globals."""
    at = 0
    while at + 4 <= len(book):
        number, length = struct.unpack_from("<HH", book, at)
        if number == 0x002F:
            return book[at + 4 : at + 4 + length]
        if number == 0x0085:  # the first sheet: protection would have come before
            return None
        at += 4 + length
    return None


def _weak_book(filepass: bytes) -> str:
    """FilePass: 0 and a key of 16 bits is XOR (before Excel 97 the key alone), 1 and the version of RC4 is that."""
    xor = len(filepass) == 4 or (len(filepass) == 6 and filepass[:2] == b"\0\0")
    return " weak" if xor or filepass[:6] == b"\x01\0" + _RC4_40 else ""


def pdf_is_weak(stream: BinaryIO) -> bool:
    """Say whether a PDF with a password is encrypted by RC4 with a key of 40 bits (ISO 32000-1, 7.6.1 and 7.6.3.2).

    The dictionary that says how is never encrypted itself, nor packed.
    """
    stream.seek(0)
    dictionary = b""
    for found in _STANDARD.finditer(stream.read(_MOST_OF_PDF)):
        start, end = found.span()
        dictionary = found.string[max(0, start - _AROUND) : end + _AROUND]
    version, length = _PDF_VERSION.search(dictionary), _PDF_LENGTH.search(dictionary)
    if version is None:
        return False
    return version[1] in b"01" or (version[1] == b"2" and (length is None or int(length[1]) <= 40))


def odf_is_encrypted(manifest: bytes) -> bool:
    """Say whether the manifest of an OpenDocument lists encrypted parts."""
    return b"encryption-data" in manifest


def odf_is_sealed(archive: zipfile.ZipFile) -> bool:
    """Say whether an OpenDocument is encrypted: its manifest says so, and its content is no XML."""
    names = archive.namelist()
    if _MANIFEST not in names or not odf_is_encrypted(_start(archive, _MANIFEST)):
        return False
    return "content.xml" not in names or not _start(archive, "content.xml").lstrip().startswith(b"<")


def _start(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as file:
            return file.read(1 << 20)
    except Exception:  # damaged or encrypted: no XML that could be read
        return b""
