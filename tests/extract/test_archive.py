"""Archives: members, names, encryption, what is broken, and how much may come out."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import py7zr
import pytest
import pyzipper

from phiscan.extract import foreign
from phiscan.model import Limits
from tests.extract.opening import read
from tests.running import need

TEXT = "Madame Durand va bien.\n"


def make_zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def make_tar(members: dict[str, bytes], mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_gives_its_members_and_no_part_of_itself(method: int) -> None:
    data = make_zip({"a.txt": TEXT.encode(), "dossier/": b"", "dossier/b.txt": b"Deux."}, method)
    assert read(data, "x.zip") == [("a.txt", "scanned", [TEXT]), ("dossier/b.txt", "scanned", ["Deux."])]


def test_nested_archives_are_told_apart_by_a_mark() -> None:
    inner = make_zip({"a/b.txt": TEXT.encode()})
    assert read(make_zip({"inner.zip": inner})) == [("inner.zip!a/b.txt", "scanned", [TEXT])]


def test_same_name_twice_gives_two_labels() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "Un.")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", "Deux.")
    assert [part[0] for part in read(file.getvalue())] == ["a.txt", "a.txt#2"]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_and_compressed_tar(mode: str) -> None:
    data = make_tar({"a.txt": TEXT.encode(), "b.txt": b"Deux."}, mode)
    assert read(data, "x.tar") == [("a.txt", "scanned", [TEXT]), ("b.txt", "scanned", ["Deux."])]


def test_zstd_tar() -> None:
    import pyarrow as pa

    data = pa.compress(make_tar({"a.txt": TEXT.encode()}), "zstd", asbytes=True)
    assert read(data, "x.tar.zst") == [("a.txt", "scanned", [TEXT])]


@pytest.mark.parametrize(
    ("compress", "name"), [(gzip.compress, "a.txt.gz"), (bz2.compress, "a.txt.bz2"), (lzma.compress, "a.txt.xz")]
)
def test_a_compressed_file_is_one_member_without_the_suffix(compress: object, name: str) -> None:
    assert callable(compress)
    assert read(compress(TEXT.encode()), name) == [("a.txt", "scanned", [TEXT])]


def test_names_are_labels_only() -> None:
    data = make_zip({"../../etc/passwd": b"Un.", "/abs": b"Deux.", "a\nb\x1b[31m.txt": b"Trois."})
    assert [part[0] for part in read(data)] == ["../../etc/passwd", "/abs", "a\\x0Ab\\x1B[31m.txt"]


def test_a_name_without_utf8_mark_is_cp850() -> None:
    data = bytearray(make_zip({"resultat_e.txt": b"Un."}))
    data = data.replace(b"resultat_e", b"r\x82sultat_\x82"[:10])
    assert [part[0] for part in read(bytes(data))] == ["résultat_é.txt"]


def test_links_and_devices_are_skipped() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("dev", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("a.txt")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"Un."))
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive_:
        archive_.writestr(link, "/etc/passwd")
    assert read(file.getvalue()) == [("a.txt", "scanned", ["Un."])]
    assert read(zipped.getvalue()) == []


def test_encrypted_zip_members_tell_how() -> None:
    aes = io.BytesIO()
    with pyzipper.AESZipFile(aes, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"secret")
        archive.writestr("a.txt", TEXT)
    # The standard library writes no ZipCrypto: the flag is what counts.
    crypto = bytearray(make_zip({"a.txt": TEXT.encode()}))
    crypto[6] |= 1
    crypto[crypto.index(b"PK\x01\x02") + 8] |= 1
    assert read(aes.getvalue()) == [("a.txt", "zip-aes", [])]
    assert read(bytes(crypto)) == [("a.txt", "zip-zipcrypto", [])]


def make_7z(password: str | None = None, *, header: bool = False) -> bytes:
    file = io.BytesIO()
    with py7zr.SevenZipFile(file, "w", password=password, header_encryption=header) as archive:
        archive.writestr(TEXT, "a.txt")
        archive.writestr("Deux.", "sous/b.txt")
    return file.getvalue()


@pytest.fixture(params=["libarchive", "py7zr"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name = str(request.param)
    if name == "py7zr":
        monkeypatch.setattr(foreign, "libarchive", lambda: None)
    else:
        need(foreign.libarchive() is not None, "libarchive13")
    return name


@pytest.mark.usefixtures("library")
def test_7z() -> None:
    assert read(make_7z()) == [("a.txt", "scanned", [TEXT]), ("sous/b.txt", "scanned", ["Deux."])]


@pytest.mark.usefixtures("library")
def test_encrypted_7z() -> None:
    found = read(make_7z("secret"))
    assert {part[1] for part in found} == {"7z"}
    assert all(part[2] == [] for part in found)
    assert read(make_7z("secret", header=True)) == [("", "7z", [])]


@pytest.mark.usefixtures("library")
def test_7z_bomb_stops_at_the_budget() -> None:
    file = io.BytesIO()
    with py7zr.SevenZipFile(file, "w") as archive:
        archive.writestr(b"0" * (30 << 20), "a.bin")
    found = read(file.getvalue(), limits=Limits(unpacked=1 << 20))
    assert found[-1][2][-1].startswith("gap bomb")


def test_an_archive_no_library_reads_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "libarchive", lambda: None)
    data = b"Rar!\x1a\x07\x01\x00" + bytes(100)
    assert read(data) == [("", "gap", ["gap unsupported: libarchive is needed to read this archive"])]


def test_a_zip_cut_short_gives_what_it_still_holds() -> None:
    data = make_zip({"a.txt": TEXT.encode() * 50, "b.txt": b"Deux."})
    cut = data[: data.index(b"PK\x01\x02")]
    found = read(cut)
    assert [part[0] for part in found] == ["a.txt", "b.txt", ""]
    assert found[0][2] == [TEXT * 50]
    assert found[2][1:] == ("gap", ["gap malformed: ZIP without its directory: cut short or damaged"])


def test_a_damaged_member_is_read_up_to_the_damage() -> None:
    data = bytearray(make_zip({"a.txt": TEXT.encode(), "b.txt": b"Deux."}, zipfile.ZIP_STORED))
    data[data.index(b"Durand")] = ord("X")
    assert read(bytes(data)) == [
        (
            "a.txt",
            "scanned",
            [TEXT.replace("Durand", "Xurand"), "gap malformed: checksum of a ZIP member does not fit"],
        ),
        ("b.txt", "scanned", ["Deux."]),
    ]


def test_a_gzip_cut_short_is_read_up_to_the_cut() -> None:
    data = gzip.compress(TEXT.encode() * 10_000, compresslevel=0)
    ((member, status, content),) = read(data[: len(data) // 2], "a.txt.gz")
    assert (member, status, content[-1]) == ("a.txt", "scanned", "gap malformed: compressed data is damaged")
    assert content[0].startswith(TEXT)


def test_a_tar_cut_short_says_so() -> None:
    data = make_tar({"a.txt": TEXT.encode(), "b.txt": b"x" * 5000})
    found = read(data[:3000])
    assert found[0] == ("a.txt", "scanned", [TEXT])
    assert any("gap malformed" in str(part[2]) for part in found[1:])


def test_flat_bomb_keeps_what_was_read() -> None:
    data = make_zip({"a.txt": TEXT.encode(), "bomb.txt": b"0123456 \n" * (4 << 20), "c.txt": b"Trois."})
    found = read(data, limits=Limits(unpacked=1 << 20))
    assert found[0] == ("a.txt", "scanned", [TEXT])
    assert found[1][:2] == ("bomb.txt", "partial")
    assert found[1][2][-1] == "gap bomb: more unpacked bytes than allowed"
    assert found[2] == ("", "gap", ["gap bomb: further members were not read"])


def test_ratio_counts_above_ten_megabytes_only() -> None:
    under, over = make_zip({"a": b"\0" * (9 << 20)}), make_zip({"a": b"\0" * (12 << 20)})
    assert read(under)[0][1] == "scanned"
    assert read(over)[0][1:] == ("partial", ["gap bomb: unpacks to too many times its size"])


def test_too_many_members() -> None:
    found = read(make_zip({f"{number}.txt": b"Un." for number in range(8)}), limits=Limits(entries=5))
    assert [part[0] for part in found] == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt", ""]
    assert found[-1][2] == ["gap bomb: more members than allowed"]


def test_archives_nested_too_deeply() -> None:
    data = TEXT.encode()
    for level in range(6):
        data = make_zip({f"{level}.zip" if level else "a.txt": data})
    ((member, status, content),) = read(data)
    assert (member, status) == ("5.zip!4.zip!3.zip!2.zip", "gap")
    assert content == ["gap bomb: archives nested too deeply"]


def test_nested_bomb_has_one_purse() -> None:
    inner = make_zip({"zeros": b"\0" * (3 << 20)})
    data = make_zip({f"{number}.zip": inner for number in range(20)})
    found = read(data, limits=Limits(unpacked=8 << 20))
    assert [part[1] for part in found].count("scanned") == 2
    assert found[-1] == ("", "gap", ["gap bomb: further members were not read"])


def test_overlapping_members_are_counted_each() -> None:
    data = make_zip({"a": b"\0" * (1 << 20)})
    start = data.index(b"PK\x01\x02")
    entry = data[start : data.index(b"PK\x05\x06")]
    end = bytearray(data[data.index(b"PK\x05\x06") :])
    count = 40
    end[8:12] = count.to_bytes(2, "little") * 2
    end[12:16] = (len(entry) * count).to_bytes(4, "little")
    found = read(data[:start] + entry * count + bytes(end), limits=Limits(unpacked=4 << 20))
    assert len(found) == 6
    assert found[-1][1] == "gap"


def test_a_self_extracting_archive_is_an_archive() -> None:
    data = b"MZ" + bytes(200) + make_zip({"a.txt": TEXT.encode()})
    assert read(data, "setup.exe") == [("a.txt", "scanned", [TEXT])]
