"""Excel's default password: a workbook that is encrypted with it opens without anybody being asked.

Excel encrypts a workbook whose structure is locked, or that is to be opened read-only, by the password
"VelvetSweatshop", and tries that one before it asks ([MS-OFFCRYPTO] 2.4.2.3; LibreOffice does the same). Such a file
is protected from nobody, so it is read. The key is derived and checked by msoffcrypto-tool; what it opens goes to a
memory file piece by piece, since that library would hold it several times over, or write it to the disk.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from phiscan.errors import Unreadable
from phiscan.extract.budget import Budget, spool
from phiscan.extract.ole import MAX_STREAM

if TYPE_CHECKING:
    import olefile

PASSWORD: Final = "VelvetSweatshop"  # noqa: S105  known to everybody: that is the point
TRIED: Final = ("ooxml", "xls")
_SEGMENT: Final = 4096  # bytes that agile encryption encrypts together
_LARGEST_BOOK: Final = MAX_STREAM // 2  # bytes of an old workbook, which is held three times over
_ROUNDS: Final = 10_000_000  # spins of the key that the format allows
_REKEYED: Final = 1024  # bytes of an old workbook after which RC4 has another key
_FILEPASS: Final = 0x002F
_BOUNDSHEET: Final = 0x0085
# BOF, UsrExcl, FileLock, InterfaceHdr, RRDInfo, RRDHead ([MS-XLS] 2.2.10): never encrypted.
_CLEAR: Final = frozenset({0x0809, 0x0194, 0x0195, 0x00E1, 0x0196, 0x0138})

Opened = tuple[BinaryIO, int, Unreadable | None]


def opened(stream: BinaryIO, kind: str, budget: Budget) -> Opened | None:
    """Return what a document holds that the default password opens: a memory file, its size, what stopped it.

    `kind` is one of `TRIED`. None where that password does not open it: it is protected.
    """
    import olefile

    stream.seek(0)
    with olefile.OleFileIO(stream) as ole:
        if kind == "xls":
            return _book(stream, ole, budget)
        pieces = _package(stream, ole)
        return None if pieces is None else spool(_Joined(pieces), budget)


class _Joined:
    """Pieces as something to read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int = -1, /) -> bytes:
        return next(self._pieces, b"")


def _package(stream: BinaryIO, ole: olefile.OleFileIO) -> Iterator[bytes] | None:
    """Return the pieces of the ZIP in an encrypted package."""
    from msoffcrypto.format.ooxml import OOXMLFile

    try:
        office = OOXMLFile(stream)
        if office.type == "agile" and not 0 <= office.info["spinValue"] <= _ROUNDS:
            return None
        office.load_key(password=PASSWORD, verify_password=True)
    except Exception:  # another password, or a damaged description of the key: no key can be made of it
        return None
    return _decrypted(office, _Chain(ole, "EncryptedPackage"))


def _decrypted(office: Any, package: _Chain) -> Iterator[bytes]:
    """Yield the content of a package: its size in 8 bytes, then segments ([MS-OFFCRYPTO] 2.3.4.4, 2.3.4.15)."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    head = package.read(8)
    if len(head) < 8:
        raise Unreadable("malformed", "damaged encrypted document")
    left: int = struct.unpack("<Q", head)[0] if office.type == "agile" else struct.unpack_from("<I", head)[0]
    key, number = algorithms.AES(office.secret_key), 0
    while left > 0 and (data := package.read(_SEGMENT)):
        data = data[: len(data) // 16 * 16]
        mode: Any = modes.ECB()  # noqa: S305  as the format has it
        if office.type == "agile":
            mode = modes.CBC(_vector(office.info, number))
        decryptor = Cipher(key, mode).decryptor()
        plain = (decryptor.update(data) + decryptor.finalize())[:left]
        if not plain:
            break
        yield plain
        left, number = left - len(plain), number + 1
    if left > 0:
        raise Unreadable("malformed", "the encrypted document breaks off")


def _vector(info: dict[str, Any], number: int) -> bytes:
    import hashlib

    salted = info["keyDataSalt"] + struct.pack("<I", number)
    return hashlib.new(info["keyDataHashAlgorithm"].lower(), salted).digest()[:16]


class _Chain:
    """A stream of an OLE storage, read as it is asked for: olefile itself would hold all of it."""

    def __init__(self, ole: Any, name: str) -> None:
        self._ole = ole
        self._left: int = ole.get_size(name)
        self._held = b""
        entry = ole.direntries[ole._find(name)]
        self._sector: int = entry.isectStart
        self._seen = 0
        self._small = ole.openstream(name) if self._left < ole.minisectorcutoff else None

    def read(self, size: int) -> bytes:
        """Return the next bytes, fewer at the end."""
        if self._small is not None:
            return bytes(self._small.read(size))
        while len(self._held) < min(size, self._left) and 0 <= self._sector < len(self._ole.fat):
            self._held += self._ole.getsect(self._sector)
            self._sector = self._ole.fat[self._sector]
            self._seen += 1
            if self._seen > len(self._ole.fat):
                raise Unreadable("malformed", "damaged encrypted document")
        data, self._held = self._held[: min(size, self._left)], self._held[min(size, self._left) :]
        self._left -= len(data)
        return data


def _book(stream: BinaryIO, ole: olefile.OleFileIO, budget: Budget) -> Opened | None:
    """Return an old workbook whose records are in clear."""
    from msoffcrypto.format.xls97 import Xls97File

    if not ole.exists("Workbook"):
        return None
    try:
        office = Xls97File(stream)
        office.load_key(password=PASSWORD)
        method = office.type
    except Exception:  # another password, or a damaged description of the key: no key can be made of it
        return None
    size: int = ole.get_size("Workbook")
    if size > _LARGEST_BOOK:
        raise Unreadable("too_big", "stream of an OLE document too large to be read")
    raw: bytes = ole.openstream("Workbook").read()
    clear = _xored(raw) if method == "xor" else _by_stream(office, raw)
    stream.seek(0)
    file, total, error = spool(stream, budget)
    if error is None:
        _put(file, clear)
    return file, total, error


def _put(file: BinaryIO, book: bytes) -> None:
    import olefile

    whole = olefile.OleFileIO(file, write_mode=True)
    whole.write_stream("Workbook", book)
    file.seek(0)


def _by_stream(office: Any, raw: bytes) -> bytes:
    """Return the records of a book that RC4 has encrypted: over all of the stream, heads of records left out."""
    from msoffcrypto.method.rc4 import DocumentRC4
    from msoffcrypto.method.rc4_cryptoapi import DocumentRC4CryptoAPI

    if office.type == "rc4":
        plain = DocumentRC4.decrypt(office.key, office.salt, io.BytesIO(raw), blocksize=_REKEYED)
    else:
        plain = DocumentRC4CryptoAPI.decrypt(
            office.key, office.salt, office.keySize, io.BytesIO(raw), blocksize=_REKEYED
        )
    found = bytearray(plain.getbuffer())
    end = 0
    for start, body, end_of, number in _records(raw):
        found[start:body] = raw[start:body]
        if number == _FILEPASS:
            found[start:end_of] = _blank(raw, start, end_of)
        end = end_of
    found[end:] = raw[end:]
    return bytes(found)


def _xored(raw: bytes) -> bytes:
    """Return the records of a book that was obfuscated ([MS-OFFCRYPTO] 2.3.7.3, [MS-XLS] 2.2.10)."""
    import numpy as np
    from msoffcrypto.method.xor_obfuscation import DocumentXOR

    array = np.array(DocumentXOR.create_xor_array_method1(PASSWORD), dtype=np.uint8)
    found = bytearray(raw)
    for start, body, end, number in _records(raw):
        if number == _FILEPASS:
            found[start:end] = _blank(raw, start, end)
        elif end > body:
            at = end + np.arange(body - start - 4, end - start - 4)  # the place of the data, and its length, count
            mixed = np.frombuffer(raw, np.uint8, end - body, body) ^ array[at % 16]
            found[body:end] = ((mixed >> 5) | (mixed << 3)).astype(np.uint8).tobytes()
    return bytes(found)


def _records(raw: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield where each record begins, where what is encrypted of it begins, where it ends, and its number."""
    at = 0
    while at + 4 <= len(raw):
        number, length = struct.unpack_from("<HH", raw, at)
        end = min(at + 4 + length, len(raw))
        kept = end if number in _CLEAR else min(at + 8, end) if number == _BOUNDSHEET else at + 4
        yield at, kept, end, number
        at = end


def _blank(raw: bytes, start: int, end: int) -> bytes:
    """Return a record that says nothing, as long as the one in its place."""
    return b"\0\0" + raw[start + 2 : start + 4] + bytes(end - start - 4)
