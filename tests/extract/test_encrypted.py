"""What is encrypted is told by its structure, and is no gap."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import struct
import zipfile

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
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


def make_pdf(user: str, owner: str, strength: int = 40) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, encrypt=StandardEncryption(user, owner, canPrint=0, canCopy=0, strength=strength))
    canvas.setTitle("Titre")
    canvas.drawString(72, 800, "Madame Durand")
    canvas.save()
    return file.getvalue()


def test_a_pdf_with_a_password_is_encrypted() -> None:
    assert read(make_pdf("secret", "maitre")) == [("", "pdf", [])]


@pytest.mark.parametrize("strength", [40, 128])
def test_a_pdf_with_an_owner_password_only_is_read(strength: int) -> None:
    ((_, status, content),) = read(make_pdf("", "maitre", strength))
    assert (status, content[-1]) == ("scanned", "Madame Durand")


def aes_pdf(user: bytes) -> bytes:
    """Return a PDF by AES-256 (Adobe's extension level 3, revision 5) with a user's password, maybe an empty one."""

    def crypt(key: bytes, data: bytes, vector: bytes = bytes(16)) -> bytes:
        encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    def sealed(password: bytes, more: bytes = b"") -> tuple[bytes, bytes]:
        check, salt = os.urandom(8), os.urandom(8)
        opens = hashlib.sha256(password + check + more).digest() + check + salt
        return opens, crypt(hashlib.sha256(password + salt + more).digest(), key)

    key, vector = os.urandom(32), os.urandom(16)
    u, ue = sealed(user)
    o, oe = sealed(b"maitre", u)
    allowed = struct.pack("<iI", -3904, 0xFFFFFFFF) + b"Tadb" + os.urandom(4)
    perms = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(allowed)
    page = b"BT /F 12 Tf 72 700 Td (Madame Durand) Tj ET"
    page += bytes([16 - len(page) % 16]) * (16 - len(page) % 16)
    stream = vector + crypt(key, page, vector)
    filters = b"/CF<</StdCF<</CFM/AESV3/AuthEvent/DocOpen/Length 32>>>>/StmF/StdCF/StrF/StdCF"
    words = {b"U": u, b"UE": ue, b"O": o, b"OE": oe, b"Perms": perms}
    keys = b"".join(b"/%s<%s>" % (name, value.hex().encode()) for name, value in words.items())
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Filter/Standard/V 5/R 5/Length 256/P -3904%s%s>>" % (filters, keys),
    ]
    file, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 7/Root 1 0 R/Encrypt 6 0 R/ID[<00><00>]>>\nstartxref\n%d\n%%%%EOF" % len(file)
    return file + b"xref\n0 7\n0000000000 65535 f \n" + table + end


def test_a_pdf_by_aes_is_read_where_the_user_needs_no_password() -> None:
    assert read(aes_pdf(b"")) == [("", "scanned", ["Madame Durand"])]
    assert read(aes_pdf(b"secret")) == [("", "pdf", [])]


def test_a_zip_whose_member_alone_says_that_it_is_encrypted_is_read() -> None:
    """One bit of the member's own head, which the list at the end does not have: nothing is encrypted by it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("b.txt", "Bonjour Madame Durand.")
    data = bytearray(file.getvalue())
    data[6] |= 1
    assert read(bytes(data)) == [("b.txt", "scanned", ["Bonjour Madame Durand."])]


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
