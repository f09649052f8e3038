"""Workbooks encrypted by the password that Excel tries by itself: they are read, and never called protected."""

from __future__ import annotations

import hashlib
import io
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import olefile
import openpyxl
import pytest
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.format.xls97 import Xls97File
from msoffcrypto.method.rc4 import DocumentRC4, _makekey
from msoffcrypto.method.rc4_cryptoapi import DocumentRC4CryptoAPI
from msoffcrypto.method.rc4_cryptoapi import _makekey as _longer_key
from msoffcrypto.method.xor_obfuscation import DocumentXOR

from phiscan.extract import defaultkey
from phiscan.extract.budget import Budget
from phiscan.fold import fold_str
from phiscan.model import Limits
from tests.extract.ole_file import ole
from tests.extract.opening import LIMITS, read, types
from tests.running import PATIENTS, scan, statuses

ROWS = [line.split(";") for line in PATIENTS.splitlines()]
FOLDED = [[fold_str(cell) for cell in row] for row in ROWS]
EVERYBODYS = defaultkey.PASSWORD


def xlsx(rows: list[list[str]] = ROWS) -> bytes:
    """Return a workbook that is not encrypted."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def agile(plain: bytes, password: str = EVERYBODYS) -> bytes:
    """Return what Excel since 2010 writes."""
    file = io.BytesIO()
    OOXMLFile(io.BytesIO(plain)).encrypt(password, file)
    return file.getvalue()


def standard(plain: bytes, password: str = EVERYBODYS) -> bytes:
    """Return what Excel 2007 writes ([MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9): AES-128 without chaining."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    salt, verifier = os.urandom(16), os.urandom(16)
    digest = hashlib.sha1(salt + password.encode("utf-16-le")).digest()
    for number in range(50_000):
        digest = hashlib.sha1(struct.pack("<I", number) + digest).digest()
    digest = hashlib.sha1(digest + struct.pack("<I", 0)).digest()
    key = hashlib.sha1(bytes(one ^ 0x36 for one in digest.ljust(64, b"\0"))).digest()[:16]

    def encrypted(data: bytes) -> bytes:
        encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        return encryptor.update(data.ljust(-(-len(data) // 16) * 16, b"\0"))

    header = struct.pack("<8I", 0x24, 0, 0x660E, 0x8004, 128, 0x18, 0, 0) + "AES\0".encode("utf-16-le")
    info = struct.pack("<2H2I", 3, 2, 0x24, len(header)) + header
    info += struct.pack("<I", 16) + salt + encrypted(verifier)
    info += struct.pack("<I", 20) + encrypted(hashlib.sha1(verifier).digest())
    return ole({"EncryptionInfo": info, "EncryptedPackage": struct.pack("<Q", len(plain)) + encrypted(plain)})


def xls() -> bytes:
    """Return an old workbook's stream, not encrypted."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Feuille1")
    for at, row in enumerate(ROWS):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    file = io.BytesIO()
    book.save(file)
    with olefile.OleFileIO(file) as found:
        return bytes(found.openstream("Workbook").read())


def with_filepass(book: bytes, filepass: bytes) -> bytes:
    """Return a workbook's stream with what says how it is encrypted, where Excel has it: as its second record."""
    record = struct.pack("<2H", 0x2F, len(filepass)) + filepass
    first = 4 + struct.unpack_from("<H", book, 2)[0]
    *_, last = records(book)
    found = bytearray(book[:first] + record + book[first : last[1] + 4 + last[2]])
    left = -len(found) % 4  # what fills a stream up reads as records of four bytes
    found += struct.pack("<2H", 0, left) + bytes(left)
    for number, at, _ in records(bytes(found)):
        if number == 0x85:  # where the sheet begins
            struct.pack_into("<I", found, at + 4, struct.unpack_from("<I", found, at + 4)[0] + len(record))
    return bytes(found)


def records(book: bytes) -> Iterator[tuple[int, int, int]]:
    at = 0
    while at + 4 <= len(book):
        number, length = struct.unpack_from("<HH", book, at)
        if not number:
            return
        yield number, at, length
        at += 4 + length


def mixed(book: bytes, whole: bytes) -> bytes:
    """Return the records of a book with their contents from `whole`, but for what the format leaves in clear."""
    found = bytearray(book)
    for number, at, length in records(book):
        if number in (0x809, 0x2F, 0xE1):
            continue
        start = at + 8 if number == 0x85 else at + 4
        found[start : at + 4 + length] = whole[start : at + 4 + length]
    return ole({"Workbook": bytes(found)})


def rc4(password: str = EVERYBODYS) -> bytes:
    """Return what Excel 97 writes."""
    salt, verifier = os.urandom(16), os.urandom(16)
    sealed = rc4_of(_makekey(password, salt, 0), verifier + hashlib.md5(verifier).digest())
    book = with_filepass(xls(), struct.pack("<3H", 1, 1, 1) + salt + sealed)
    return mixed(book, DocumentRC4.decrypt(password, salt, io.BytesIO(book), blocksize=1024).getvalue())


def cryptoapi(password: str = EVERYBODYS) -> bytes:
    """Return what Excel 2003 writes."""
    salt, verifier = os.urandom(16), os.urandom(16)
    sealed = rc4_of(_longer_key(password, salt, 128, 0), verifier + hashlib.sha1(verifier).digest())
    header = struct.pack("<8I", 4, 0, 0x6801, 0x8004, 128, 1, 0, 0) + "RC4\0".encode("utf-16-le")
    how = struct.pack("<3H2I", 1, 4, 2, 4, len(header)) + header + struct.pack("<I", 16) + salt
    book = with_filepass(xls(), how + sealed[:16] + struct.pack("<I", 20) + sealed[16:])
    whole = DocumentRC4CryptoAPI.decrypt(password, salt, 128, io.BytesIO(book), blocksize=1024)
    return mixed(book, whole.getvalue())


def rc4_of(key: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
    from cryptography.hazmat.primitives.ciphers import Cipher

    return Cipher(ARC4(key), mode=None).encryptor().update(data)


def xor(password: str = EVERYBODYS) -> bytes:
    """Return what Excel 95 writes, and later ones where they are told to ([MS-OFFCRYPTO] 2.3.7.2)."""
    array = DocumentXOR.create_xor_array_method1(password)
    verifier = next(word for word in range(1 << 16) if DocumentXOR.verifypw(password, word))
    key = DocumentXOR.create_xor_key_method1(password)
    book = with_filepass(xls(), struct.pack("<3H", 0, key, verifier))
    whole = bytearray(book)
    for _, at, length in records(book):
        for place in range(length):
            byte = book[at + 4 + place]
            turned = (byte << 5 | byte >> 3) & 0xFF
            whole[at + 4 + place] = turned ^ array[(at + 4 + length + place) % 16]
    return mixed(book, bytes(whole))


WRITERS: dict[str, Callable[[str], bytes]] = {
    "agile": lambda password: agile(xlsx(), password),
    "standard": lambda password: standard(xlsx(), password),
    "rc4": rc4,
    "cryptoapi": cryptoapi,
    "xor": xor,
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_workbook_that_opens_without_a_password_is_read(name: str) -> None:
    data = WRITERS[name](EVERYBODYS)
    ((member, status, content),) = read(data)
    assert (member, status, [part for part in content if isinstance(part, list)]) == ("", "scanned", [FOLDED])
    assert "application/x-ole-storage" not in types(data)


@pytest.mark.parametrize("name", WRITERS)
def test_one_with_a_password_of_its_own_is_protected(name: str) -> None:
    data = WRITERS[name]("Pas de tous")
    ((member, status, content),) = read(data)
    assert (member, status, content) == ("", "ooxml" if name in ("agile", "standard") else "xls", [])


@pytest.mark.parametrize("name", ["rc4", "cryptoapi", "xor"])
def test_the_records_are_those_that_the_library_makes(name: str) -> None:
    data = WRITERS[name](EVERYBODYS)
    theirs = io.BytesIO()
    office = Xls97File(io.BytesIO(data))
    office.load_key(password=EVERYBODYS)
    office.decrypt(theirs)
    found = defaultkey.opened(io.BytesIO(data), "xls", Budget(LIMITS, len(data)))
    assert found is not None
    with found[0] as file:
        assert book_of(file) == book_of(theirs)


def book_of(file: Any) -> list[tuple[int, bytes]]:
    file.seek(0)
    with olefile.OleFileIO(io.BytesIO(file.read())) as found:
        book = found.openstream("Workbook").read()
    end = book.rindex(struct.pack("<2H", 0x0A, 0)) + 4  # what comes after the last record fills the stream up
    return book[:end]  # type: ignore[no-any-return]


def test_a_large_package_is_decrypted_piece_by_piece() -> None:
    """Sizes around the segments of 4,096 bytes, and one whose storage has more than one sector of its table."""
    for size in (4080, 4096, 4097, 3_000_000):
        plain = xlsx() + os.urandom(size)
        sealed = agile(zipped(plain))
        found = defaultkey.opened(io.BytesIO(sealed), "ooxml", Budget(LIMITS, len(sealed)))
        assert found is not None
        with found[0] as file:
            assert (file.read(), found[1], found[2]) == (zipped(plain), len(zipped(plain)), None)


def zipped(data: bytes) -> bytes:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("[Content_Types].xml"), CONTENT_TYPES)
        archive.writestr(zipfile.ZipInfo("a.bin"), data)
    return file.getvalue()


CONTENT_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>'


def test_one_that_breaks_off_says_so() -> None:
    whole = standard(xlsx([[str(number)] for number in range(3000)]))
    with olefile.OleFileIO(io.BytesIO(whole)) as storage:
        info = storage.openstream("EncryptionInfo").read()
        package = storage.openstream("EncryptedPackage").read()
    cut = ole({"EncryptionInfo": info, "EncryptedPackage": package[: len(package) // 2]})
    found = read(cut)
    assert "ooxml" not in {status for _, status, _ in found}
    assert "gap malformed: the encrypted document breaks off" in [one for _, _, content in found for one in content]


def test_what_it_unpacks_to_is_counted() -> None:
    sealed = agile(xlsx())
    (part,) = read(sealed, limits=Limits(unpacked=1000))
    assert part[2] == ["gap bomb: more unpacked bytes than allowed"]


def test_one_within_the_other_has_an_end() -> None:
    sealed = xlsx()
    for _ in range(LIMITS.archive_depth + 3):
        sealed = raw_agile(sealed)
    assert read(sealed) == [("", "gap", ["gap bomb: nested deeper than allowed"])]


def raw_agile(plain: bytes) -> bytes:
    from msoffcrypto.method.ecma376_agile import ECMA376Agile

    return bytes(ECMA376Agile.encrypt(EVERYBODYS, io.BytesIO(plain)))


def test_the_confined_worker_reads_it_too(tmp_path: Path) -> None:
    (tmp_path / "export.xlsx").write_bytes(agile(xlsx()))
    (tmp_path / "vieux.xls").write_bytes(rc4())
    (tmp_path / "ferme.xlsx").write_bytes(agile(xlsx(), "Pas de tous"))
    _, report = scan("export.xlsx", "vieux.xls", "ferme.xlsx", cwd=tmp_path)
    assert statuses(report) == {"export.xlsx": "scanned", "vieux.xls": "scanned", "ferme.xlsx": "encrypted"}
    counts = {one["path"]: one["persons"]["count"] for one in report["files"]}
    assert counts == {"export.xlsx": 2, "vieux.xls": 2, "ferme.xlsx": 0}
    assert report["gaps"] == []
