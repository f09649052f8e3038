"""Encryption recognised by structure: OpenPGP packets, protected OLE and ODF documents, protected archives.

What is found here is protected from whoever takes the file, so it is no gap. Nothing is decrypted.
"""

from __future__ import annotations

import base64
import binascii
import struct
from typing import BinaryIO

_TAGS_AFTER = {1, 3, 9, 18, 20}  # what follows a session key: another one, or encrypted data (RFC 9580, 5)

_PKCS7 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"  # 1.2.840.113549.1.7
_CMS_ENCRYPTED = (  # envelopedData, encryptedData, authEnvelopedData
    _PKCS7 + b"\x03",
    _PKCS7 + b"\x06",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17",
)


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
    """Return "ooxml", "doc", "xls" or "ppt" where the document in an OLE storage is encrypted, else ""."""
    if "encryptedpackage" in names:
        return "ooxml"
    try:
        return _legacy_protection(stream, names)
    except Exception:  # damaged: the reader says so
        return ""


def _legacy_protection(stream: BinaryIO, names: set[str]) -> str:
    import olefile

    stream.seek(0)
    with olefile.OleFileIO(stream) as ole:
        if "worddocument" in names:
            # [MS-DOC] FibBase: fEncrypted is bit 8 of the flags at offset 10; with fObfuscated too it is XOR.
            head = ole.openstream("WordDocument").read(12)
            return "doc" if len(head) == 12 and struct.unpack_from("<H", head, 10)[0] & 0x0100 else ""
        if names & {"workbook", "book"}:
            book = "Workbook" if "workbook" in names else "Book"
            return "xls" if _has_filepass(ole.openstream(book).read(8192)) else ""
        return "ppt" if "encryptedsummary" in names else ""


def _has_filepass(book: bytes) -> bool:
    """[MS-XLS] FilePass (0x2F) stands among the first records of the workbook's globals."""
    at = 0
    while at + 4 <= len(book):
        number, length = struct.unpack_from("<HH", book, at)
        if number == 0x002F:
            return True
        if number == 0x0085:  # the first sheet: protection would have come before
            return False
        at += 4 + length
    return False


def odf_is_encrypted(manifest: bytes) -> bool:
    """Say whether the manifest of an OpenDocument lists encrypted parts."""
    return b"encryption-data" in manifest
