"""What is encrypted is told by its structure, and is no gap."""

from __future__ import annotations

import base64
import io
import struct
import zipfile

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.extract.ole_file import ole
from tests.extract.opening import read

# A session key from a passphrase (tag 3), then integrity protected data (tag 18): RFC 9580, 5.3 and 5.13.
PGP = b"\xc3\x0d\x04\x09\x03\x08" + b"saltsalt" + b"\xff" + b"\xd2\x40\x01" + bytes(range(63))
# For a public key (tag 1, old format).
PGP_KEY = b"\x85\x00\x0c\x03" + b"keykeyid" + b"\x01\x00\x00" + b"\xd2\x40\x01" + bytes(range(63))
SIGNED = b"\xa3\x01" + bytes(range(60))  # compressed data: signed at most


def armored(data: bytes) -> bytes:
    lines = b"\n".join([b"-----BEGIN PGP MESSAGE-----", b"Version: 1", b"", base64.encodebytes(data).strip(), b"=abcd"])
    return lines + b"\n-----END PGP MESSAGE-----\n"


@pytest.mark.parametrize(
    ("data", "decided_by"),
    [
        (PGP, "pgp"),
        (PGP_KEY, "pgp"),
        (armored(PGP), "pgp"),
        (bytes.fromhex("308006092a864886f70d010703a0803080020102"), "cms"),
        (
            b"-----BEGIN PKCS7-----\n" + base64.b64encode(bytes.fromhex("308006092a864886f70d010703a08030")) + b"\n",
            "cms",
        ),
        (b"age-encryption.org/v1\n-> X25519 abc\n", "age"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\n", "age"),
        (b"LUKS\xba\xbe\x00\x02" + bytes(500), "luks"),
        (b"Salted__" + bytes(range(100)), "openssl"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n3132\n", "ansible-vault"),
        (b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\x01", "keepass"),
        (b"$APICRYPT\r\nabc", "apicrypt"),
        (ole({"EncryptedPackage": bytes(5000), "EncryptionInfo": bytes(200)}), "ooxml"),
        (ole({"WordDocument": struct.pack("<6H", 0xA5EC, 0xC1, 0, 0, 0, 0x0100) + bytes(900)}), "doc"),
        (ole({"Workbook": struct.pack("<2H4x2H2x", 0x809, 4, 0x2F, 2) + bytes(900)}), "xls"),
        (ole({"PowerPoint Document": bytes(90), "EncryptedSummary": bytes(90)}), "ppt"),
    ],
)
def test_encrypted_files(data: bytes, decided_by: str) -> None:
    assert read(data) == [("", decided_by, [])]


def test_a_signed_message_is_not_encrypted() -> None:
    assert read(armored(SIGNED)) == [("", "gap", ["gap unsupported: signed OpenPGP messages are not read"])]


def test_bytes_that_only_begin_like_a_message_are_not_encrypted() -> None:
    assert read(b"\x85\x01\x0c\x03texte de la base\x00\x00\x01")[0][1] == "scanned"


def make_pdf(user: str, owner: str) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, encrypt=StandardEncryption(user, owner))
    canvas.setTitle("Titre")
    canvas.drawString(72, 800, "Madame Durand")
    canvas.save()
    return file.getvalue()


def test_a_pdf_with_a_password_is_encrypted() -> None:
    assert read(make_pdf("secret", "maitre")) == [("", "pdf", [])]


def test_a_pdf_with_an_owner_password_only_is_read() -> None:
    ((_, status, content),) = read(make_pdf("", "maitre"))
    assert (status, content[-1]) == ("scanned", "Madame Durand")


def test_an_encrypted_opendocument() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", "<m><file-entry><encryption-data/></file-entry></m>")
        archive.writestr("content.xml", b"\x93\x02\x11")
    assert read(file.getvalue()) == [("", "odf", [])]


def test_an_encrypted_member_has_its_path() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("cle/a.gpg", PGP)
        archive.writestr("b.txt", "Bonjour.")
    assert read(file.getvalue()) == [("cle/a.gpg", "pgp", []), ("b.txt", "scanned", ["Bonjour."])]
