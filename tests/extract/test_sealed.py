"""Encryption by the programs that people use, and clear text that only begins like it."""

from __future__ import annotations

import io
import os
import random
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from phiscan.extract import parts
from phiscan.extract.sealed import is_sealed, readable
from phiscan.model import Limits
from tests.extract.ole_file import ole
from tests.extract.opening import read
from tests.extract.test_encrypted import PGP, armored
from tests.running import PATIENTS, need

TABLE = (PATIENTS * 40).encode()
NOISE = random.Random(5).randbytes(1 << 16)


def seen(data: bytes, name: str = "file") -> list[tuple[str, str, bool]]:
    """Return name of the encryption, or status, and whether it is weak, of each part."""
    found = []
    for part in parts(io.BytesIO(data), name, len(data), Limits()):
        list(part.chunks)
        found.append((part.member, part.decided_by or part.status, part.weak))
    return found


def run(*command: str, given: bytes = b"", home: Path) -> bytes:
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "GNUPGHOME": str(home)}
    return subprocess.run(command, input=given, capture_output=True, check=True, cwd=home, env=env, timeout=120).stdout


def gpg(home: Path, *arguments: str, given: bytes = TABLE) -> bytes:
    need(shutil.which("gpg") is not None, "gnupg")
    home.chmod(0o700)
    try:
        alone = ["--batch", "--pinentry-mode", "loopback", "--passphrase", "x"]
        return run("gpg", *alone, *arguments, given=given, home=home)
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], env={"GNUPGHOME": str(home), "PATH": "/usr/bin"}, check=False)


# What programs write.


@pytest.mark.parametrize("form", [[], ["--armor"]])
def test_gpg_with_a_passphrase(tmp_path: Path, form: list[str]) -> None:
    assert seen(gpg(tmp_path, *form, "--symmetric")) == [("", "pgp", False)]


@pytest.mark.parametrize("form", [[], ["--armor"]])
def test_gpg_for_a_key_and_only_signed(tmp_path: Path, form: list[str]) -> None:
    gpg(tmp_path, "--quick-generate-key", "labo@example.org", "default", "default", "never")
    for to in ("--recipient", "--hidden-recipient"):
        sealed = gpg(tmp_path, *form, "--trust-model", "always", to, "labo@example.org", "--encrypt")
        assert seen(sealed) == [("", "pgp", False)]
    assert [status for _, status, _ in seen(gpg(tmp_path, "--armor", "--sign"))] == ["gap"]
    assert [status for _, status, _ in seen(gpg(tmp_path, "--clear-sign"))] == ["scanned"]


@pytest.mark.parametrize("form", [[], ["--armor"]])
def test_age(tmp_path: Path, form: list[str]) -> None:
    need(shutil.which("age") is not None, "age")
    run("age-keygen", "-o", "key", home=tmp_path)
    to = run("age-keygen", "-y", "key", home=tmp_path).decode().strip()
    assert seen(run("age", *form, "-r", to, "-r", to, given=TABLE, home=tmp_path)) == [("", "age", False)]


@pytest.mark.parametrize("version", ["luks1", "luks2"])
def test_luks_images(tmp_path: Path, version: str) -> None:
    cryptsetup = shutil.which("cryptsetup") or shutil.which("/usr/sbin/cryptsetup")
    need(cryptsetup is not None, "cryptsetup")
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(24 << 20)
    fast = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000", "--batch-mode", "--disable-locks"]
    run(str(cryptsetup), "luksFormat", "--type", version, *fast, str(image), "-", given=b"x", home=tmp_path)
    whole = image.read_bytes()
    assert seen(whole) == [("", "luks", False)]
    # Made over a disk that was never overwritten: what lay there can still be read.
    with image.open("r+b") as file:
        file.seek(20 << 20)
        file.write(TABLE * 2000)
    assert [status for _, status, _ in seen(image.read_bytes())] == ["scanned"]


def test_openssl(tmp_path: Path) -> None:
    need(shutil.which("openssl") is not None, "openssl")
    command = ["openssl", "enc", "-aes-256-cbc", "-pbkdf2", "-pass", "pass:x"]
    assert seen(run(*command, given=TABLE, home=tmp_path)) == [("", "openssl", False)]
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-subj", "/CN=x"]
    pem = run(*new, home=tmp_path)
    (tmp_path / "cert").write_bytes(pem)
    for form in ("DER", "PEM"):
        sealed = run("openssl", "cms", "-encrypt", "-aes256", "-outform", form, "cert", given=TABLE, home=tmp_path)
        assert seen(sealed) == [("", "cms", False)]


def test_zip_by_zipcrypto_and_by_aes(tmp_path: Path) -> None:
    need(shutil.which("zip") is not None, "zip")
    (tmp_path / "export.csv").write_bytes(TABLE)
    run("zip", "-q", "-P", "x", "old.zip", "export.csv", home=tmp_path)
    assert seen((tmp_path / "old.zip").read_bytes()) == [("export.csv", "zip-zipcrypto", True)]
    import pyzipper

    with pyzipper.AESZipFile(tmp_path / "new.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"x")
        archive.writestr("export.csv", TABLE)
    assert seen((tmp_path / "new.zip").read_bytes()) == [("export.csv", "zip-aes", False)]
    run("zip", "-q", "old.zip", "-m", "export.csv", home=tmp_path)  # one member in clear is added


def test_a_zip_of_which_one_member_is_encrypted(tmp_path: Path) -> None:
    need(shutil.which("zip") is not None, "zip")
    (tmp_path / "a.csv").write_bytes(TABLE)
    (tmp_path / "b.csv").write_bytes(TABLE)
    run("zip", "-q", "-P", "x", "both.zip", "a.csv", home=tmp_path)
    run("zip", "-q", "both.zip", "b.csv", home=tmp_path)
    assert seen((tmp_path / "both.zip").read_bytes()) == [("a.csv", "zip-zipcrypto", True), ("b.csv", "scanned", False)]


@pytest.mark.parametrize(("names_too", "member"), [(False, "export.csv"), (True, "")])
def test_7z_with_and_without_its_names(names_too: bool, member: str) -> None:
    import py7zr

    file = io.BytesIO()
    with py7zr.SevenZipFile(file, "w", password="x", header_encryption=names_too) as archive:
        archive.writestr(TABLE, "export.csv")
    ((found, name, weak),) = seen(file.getvalue())
    assert (found in (member, ""), name, weak) == (True, "7z", False)


def make_pdf(user: str, strength: int) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, encrypt=StandardEncryption(user, "maitre", strength=strength))
    canvas.drawString(72, 800, "Madame Durand")
    canvas.save()
    return file.getvalue()


@pytest.mark.parametrize(("strength", "weak"), [(40, True), (128, False)])
def test_pdf(strength: int, weak: bool) -> None:
    assert seen(make_pdf("secret", strength)) == [("", "pdf", weak)]
    assert [status for _, status, _ in seen(make_pdf("", strength))] == ["scanned"]  # it opens for anybody


# Methods of Office before 2003, by their heads ([MS-DOC] FibBase, [MS-XLS] FilePass, [MS-OFFCRYPTO] 2.3.6).


@pytest.mark.parametrize(
    ("flags", "table", "weak"),
    [(0x0100, b"\x02\x00\x02\x00", False), (0x0100, b"\x01\x00\x01\x00", True), (0x8100, b"\x02\x00\x02\x00", True)],
)
def test_word_of_before_2003(flags: int, table: bytes, weak: bool) -> None:
    word = struct.pack("<6H", 0xA5EC, 0xC1, 0, 0, 0, flags) + bytes(56) + NOISE[:9000]
    assert seen(ole({"WordDocument": word, "0Table": table + NOISE[:5000]})) == [("", "doc", weak)]


@pytest.mark.parametrize(
    ("filepass", "weak"),
    [
        (b"\x00\x00\x12\x34\x56\x78", True),
        (b"\x01\x00\x01\x00\x01\x00" + NOISE[:48], True),
        (b"\x01\x00\x02\x00\x02\x00" + NOISE[:200], False),
    ],
)
def test_excel_of_before_2003(filepass: bytes, weak: bool) -> None:
    begin = struct.pack("<2H4x", 0x809, 4)
    book = begin + struct.pack("<2H", 0x2F, len(filepass)) + filepass + NOISE[:9000]
    assert seen(ole({"Workbook": book})) == [("", "xls", weak)]


# What says that it is encrypted, and is not: it is read.


@pytest.mark.parametrize(
    "head",
    [
        b"LUKS\xba\xbe\x00\x02",
        b"LUKS\xba\xbe\x00\x01",  # whatever stands where the sectors should
        b"LUKS\xba\xbe\x00\x01" + b"aes".ljust(96, b"\0") + b"\xff" * 4 + bytes(4000),
        b"LUKS\xba\xbe\x00\x02"
        + (1 << 40).to_bytes(8, "big")
        + bytes(4080)
        + b'{"segments":{"0":{"offset":"999999"}}}',
        b"Salted__saltsalt",
        b"age-encryption.org/v1\n",
        b"-----BEGIN AGE ENCRYPTED FILE-----\n",
        armored(PGP),
        b"$ANSIBLE_VAULT;1.1;AES256\n",
        b"AES\x02\x00\x00" + bytes(300),
        b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5" + bytes(1100),
        b"\xc3\x0d\x04\x09\x03\x08saltsalt\xff\xd2\x40\x01" + NOISE[:63],
    ],
)
def test_a_clear_table_behind_the_head_of_a_container(head: bytes) -> None:
    ((_, status, content),) = read(head + TABLE, "export.csv.gpg")
    assert status == "scanned"
    assert "172112923211193" in str(content)


def test_a_cipher_that_does_nothing() -> None:
    head = b"LUKS\xba\xbe\x00\x01" + b"cipher_null".ljust(32, b"\0") + bytes(1000)
    assert [status for _, status, _ in seen(head)] == ["scanned"]


def test_a_zip_whose_bit_says_that_a_readable_member_is_encrypted() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("export.csv", TABLE)
    data = bytearray(file.getvalue())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    assert read(bytes(data)) == [("export.csv", "gap", ["gap malformed: marked as encrypted, but readable"])]


def test_an_opendocument_whose_manifest_lies() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", "<m><file-entry><encryption-data/></file-entry></m>")
        archive.writestr("content.xml", "<?xml version='1.0'?><text><p>Madame Durand</p></text>")
    ((_, status, content),) = read(file.getvalue())
    assert (status, content) == ("scanned", ["Madame Durand"])


def test_an_ole_stream_that_only_has_the_name() -> None:
    assert seen(ole({"EncryptedPackage": bytes(8) + TABLE, "EncryptionInfo": bytes(9)}))[0][1] != "ooxml"


def test_noise_of_which_nobody_knows_what_it_is() -> None:
    """A VeraCrypt volume has no head: it is no more than noise, so it is not read and not called protected."""
    assert read(NOISE) == [("", "gap", ["gap unsupported: unknown compressed or encrypted format"])]


@given(st.binary(max_size=3000), st.sampled_from(["luks", "age", "pgp", "openssl", "keepass", "apicrypt", "odd"]))
def test_any_bytes_are_sealed_or_not(data: bytes, name: str) -> None:
    assert is_sealed(io.BytesIO(data), name) in (True, False)


def test_noise_is_not_readable() -> None:
    assert not readable(NOISE * 1)
    assert not readable(os.urandom(1 << 20))
    assert readable(NOISE + TABLE + NOISE)
    assert readable(NOISE + "Compte rendu de la réunion du service".encode("utf-16-le") * 2)
