"""What a file is, decided by its content: a table of signatures, then a look inside ZIP and OLE, then sniffers.

The name's extension only decides among formats that look the same. Families name the module that reads them:

    archive mail mbox office sheet dbf pdf html xml rtf json notebook calendar text image strings ole encrypted
    unsupported empty
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from phiscan.extract.charset import is_text
from phiscan.extract.exchange import exchanged
from phiscan.extract.jsonkind import json_kind

HEAD = 1 << 12  # bytes looked at first
OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."


@dataclass(frozen=True, slots=True)
class Kind:
    """A MIME type, and the family of readers it belongs to. `detail` says why where it cannot be read."""

    mime: str
    family: str
    detail: str = ""


def _cannot(mime: str, detail: str) -> Kind:
    return Kind(mime, "unsupported", detail)


_AUDIO, _VIDEO = "audio: not transcribed", "video: not transcribed"
_DATABASE, _COLUMNAR = "database files are not read", "columnar and statistical data files are not read"
_DISK = "disk images are not read"
_MACH = Kind("application/x-mach-binary", "strings")

# offset, bytes, what it is. The first that fits decides, so the longer stand before the shorter.
_SIGNATURES: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"7z\xbc\xaf\x27\x1c", Kind("application/x-7z-compressed", "archive")),
    (0, b"Rar!\x1a\x07", Kind("application/vnd.rar", "archive")),
    (0, b"\x1f\x8b", Kind("application/gzip", "archive")),
    (0, b"\xfd7zXZ\x00", Kind("application/x-xz", "archive")),
    (0, b"\x28\xb5\x2f\xfd", Kind("application/zstd", "archive")),
    (0, b"\x04\x22\x4d\x18", Kind("application/x-lz4", "archive")),
    (0, b"\x1f\x9d", Kind("application/x-compress", "archive")),
    (0, b"MSCF\x00\x00\x00\x00", Kind("application/vnd.ms-cab-compressed", "archive")),
    (0, b"!<arch>\n", Kind("application/x-archive", "archive")),
    (0, b"\xed\xab\xee\xdb", Kind("application/x-rpm", "archive")),
    *((0, magic, Kind("application/x-cpio", "archive")) for magic in (b"070701", b"070707", b"\xc7\x71")),
    (0, b"xar!", Kind("application/x-xar", "archive")),
    (257, b"ustar", Kind("application/x-tar", "archive")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind("application/x-ole-storage", "ole")),
    (0, b"LUKS\xba\xbe", Kind("application/x-luks", "encrypted", "luks")),
    (3, b"-FVE-FS-", Kind("application/x-bitlocker", "encrypted", "bitlocker")),
    (0, b"Salted__", Kind("application/x-openssl-encrypted", "encrypted", "openssl")),
    (0, b"age-encryption.org/v1", Kind("application/x-age-encryption", "encrypted", "age")),
    (0, b"-----BEGIN AGE ENCRYPTED FILE-----", Kind("application/x-age-encryption", "encrypted", "age")),
    (0, b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5", Kind("application/x-keepass", "encrypted", "keepass")),
    (0, b"AES\x02", Kind("application/x-aescrypt", "encrypted", "aescrypt")),
    (0, b"$ANSIBLE_VAULT;", Kind("text/x-ansible-vault", "encrypted", "ansible-vault")),
    (0, b"$APICRYPT", Kind("application/x-apicrypt", "encrypted", "apicrypt")),
    (0, b"SQLite format 3\x00", _cannot("application/vnd.sqlite3", _DATABASE)),
    (0, b"\x00\x01\x00\x00Standard Jet DB", _cannot("application/x-msaccess", _DATABASE)),
    (0, b"\x00\x01\x00\x00Standard ACE DB", _cannot("application/x-msaccess", _DATABASE)),
    (0, b"PGDMP", _cannot("application/x-pgdump", "compressed database dumps are not read")),
    (0, b"PAR1", _cannot("application/vnd.apache.parquet", _COLUMNAR)),
    (0, b"ARROW1", _cannot("application/vnd.apache.arrow.file", _COLUMNAR)),
    (0, b"FEA1", _cannot("application/x-feather", _COLUMNAR)),
    (0, b"Obj\x01", _cannot("application/avro", _COLUMNAR)),
    (0, b"ORC", _cannot("application/x-orc", _COLUMNAR)),
    (0, b"\x89HDF\r\n\x1a\n", _cannot("application/x-hdf5", _COLUMNAR)),
    *((0, magic, _cannot("application/x-spss-sav", _COLUMNAR)) for magic in (b"$FL2", b"$FL3")),
    (0, b"<stata_dta>", _cannot("application/x-stata-dta", _COLUMNAR)),
    (0, bytes(12) + b"\xc2\xea\x81\x60", _cannot("application/x-sas-data", _COLUMNAR)),
    (0, b"!BDN", _cannot("application/vnd.ms-outlook-pst", "Outlook stores are not read")),
    (0, b"\x78\x9f\x3e\x22", _cannot("application/vnd.ms-tnef", "winmail.dat is not read")),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", _cannot("application/onenote", "OneNote files are not read")),
    (0, b"\xffWPC", _cannot("application/vnd.wordperfect", "WordPerfect files are not read")),
    (0, b"ITSF", _cannot("application/vnd.ms-htmlhelp", "compiled help files are not read")),
    (0, b"AT&TFORM", _cannot("image/vnd.djvu", "no text layer, OCR needed")),
    (128, b"DICM", _cannot("application/dicom", "DICOM is not read")),
    (0, b"QFI\xfb", _cannot("application/x-qemu-disk", _DISK)),
    (0, b"KDMV", _cannot("application/x-vmdk-disk", _DISK)),
    (0, b"vhdxfile", _cannot("application/x-vhdx-disk", _DISK)),
    (0, b"conectix", _cannot("application/x-vhd-disk", _DISK)),
    (0, b"hsqs", _cannot("application/x-squashfs", _DISK)),
    (0, b"\x89PNG\r\n\x1a\n", Kind("image/png", "image")),
    (0, b"\xff\xd8\xff", Kind("image/jpeg", "image")),
    (0, b"GIF87a", Kind("image/gif", "image")),
    (0, b"GIF89a", Kind("image/gif", "image")),
    (0, b"II*\x00", Kind("image/tiff", "image")),
    (0, b"MM\x00*", Kind("image/tiff", "image")),
    (0, b"\x00\x00\x00\x0cjP  \r\n", Kind("image/jp2", "image")),
    (0, b"8BPS\x00\x01", Kind("image/vnd.adobe.photoshop", "image")),
    (0, b"\x00\x00\x01\x00", Kind("image/x-icon", "image")),
    (0, b"ID3", _cannot("audio/mpeg", _AUDIO)),
    (0, b"OggS", _cannot("audio/ogg", _AUDIO)),
    (0, b"fLaC", _cannot("audio/flac", _AUDIO)),
    (0, b"#!AMR", _cannot("audio/amr", _AUDIO)),
    (0, b"\x1aE\xdf\xa3", _cannot("video/x-matroska", _VIDEO)),
    (0, b"\x00\x00\x01\xba", _cannot("video/mpeg", _VIDEO)),
    (0, b"FLV\x01", _cannot("video/x-flv", _VIDEO)),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _cannot("video/x-ms-asf", _VIDEO)),
    (0, b"\x7fELF", Kind("application/x-executable", "strings")),
    *((0, magic, _MACH) for magic in (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe")),
    (0, b"\xca\xfe\xba\xbe", Kind("application/java-vm", "strings")),
    (0, b"\x00asm\x01\x00\x00\x00", Kind("application/wasm", "strings")),
    (0, b"\x00\x01\x00\x00\x00", Kind("font/ttf", "strings")),
    (0, b"OTTO\x00", Kind("font/otf", "strings")),
    (0, b"ttcf\x00", Kind("font/collection", "strings")),
    (0, b"\x80\x01", Kind("font/type1", "strings")),
    *((0, magic, Kind("font/woff", "strings")) for magic in (b"wOFF", b"wOF2")),
    (0, b"\xde\x12\x04\x95", Kind("application/x-gettext-translation", "strings")),
    (0, b"\x95\x04\x12\xde", Kind("application/x-gettext-translation", "strings")),
    (0, b"{\\rtf", Kind("application/rtf", "rtf")),
)
_ISO = Kind("application/x-iso9660-image", "archive")
_ZIP = Kind("application/zip", "archive")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_KNOWN_HEADERS = rb"(?:received|return-path|mime-version|message-id|content-type|delivered-to|x-mailer)"
_FROM_HEADERS = rb"(?:from|to|subject|date)"
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}:[ \t]?[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|$)")
_MBOX = re.compile(rb"From [^\r\n]* \d{4}(?: [+-]\d{4})?\r?\n[A-Za-z][A-Za-z0-9-]{0,60}:")
_ROOT_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_HTML = re.compile(
    # Nothing is tried twice: where comments follow each other, `.*?` could end in any of them.
    rb"(?:(?><!--.*?-->)|\s)*+<(?:head|body|table|div|p|meta|title|h1|h2|center|font)[\s>/]",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(rb"\s*(?:<\?xml\s|<!--|<!DOCTYPE\s|<[A-Za-z_][\w.:-]*[\s/>])")
_CODE = re.compile(
    r"\.(?:py|js|mjs|ts|c|h|cc|cpp|hpp|java|rs|go|rb|php|pl|pm|sh|bash|css|scss|cs|lua|m4|vb|ps1|po|pot|log)$"
)


def kind_of(stream: BinaryIO, name: str) -> Kind:
    """Return what `stream` holds. `name` is a hint only. Leaves the stream at its start."""
    stream.seek(0)
    head = stream.read(HEAD)
    kind = _by_signature(stream, head) or _by_structure(stream, head, name.lower())
    stream.seek(0)
    return kind


def is_code(name: str) -> bool:
    """Say whether a text of this name is source code or a log, where no sentence is to be expected."""
    return _CODE.search(name.lower()) is not None


def is_program(name: str, mime: str) -> bool:
    """Say whether a document is a program, as source or compiled: its examples and texts are nobody's record."""
    source = is_code(name) and not name.lower().endswith(".log")
    return source or mime in _PROGRAMS


_PROGRAMS = frozenset(
    (
        "application/x-python-code",
        "application/java-vm",
        "application/x-executable",
        "application/x-sharedlib",
        "application/vnd.microsoft.portable-executable",
        "application/x-mach-binary",
        "application/wasm",
        "application/x-object",
        "application/x-gettext-translation",
    )
)


def _by_signature(stream: BinaryIO, head: bytes) -> Kind | None:
    if not head:
        return Kind("application/x-empty", "empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _inside_zip(stream)
    for offset, magic, kind in _SIGNATURES:
        if head.startswith(magic, offset):
            return _inside_ole(stream) if kind.family == "ole" else kind
    return _odd_signature(stream, head)


def _odd_signature(stream: BinaryIO, head: bytes) -> Kind | None:
    """Signatures that are more than bytes at a place."""
    if b"%PDF-" in head[:1024]:
        return Kind("application/pdf", "pdf")
    if head[:4] == b"RIFF":
        form = head[8:12]
        return Kind("image/webp", "image") if form == b"WEBP" else _cannot("audio/x-wav", _AUDIO)
    if head[4:8] == b"ftyp":
        image = head[8:12] in (b"heic", b"heix", b"mif1", b"avif")
        return Kind("image/heif", "image") if image else _cannot("video/mp4", _VIDEO)
    if head[:2] == b"BM" and len(head) > 26 and int.from_bytes(head[14:18], "little") in (12, 40, 108, 124):
        return Kind("image/bmp", "image")
    if head[:3] == b"BZh" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return Kind("application/x-bzip2", "archive")
    if head[:3] == b"]\x00\x00" and head[5:13] == b"\xff" * 8:
        return Kind("application/x-lzma", "archive")
    if head[:1] == b"\xff" and len(head) > 3 and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 not in (0, 0xF0):
        return _cannot("audio/mpeg", _AUDIO)
    if head[:2] == b"MZ" and len(head) > 64:
        return _executable(stream)
    return _dbf(head) or _compiled_python(head) or _pgp(head) or _cms(head) or _filesystem(stream)


def _dbf(head: bytes, name: str = "") -> Kind | None:
    from phiscan.extract.dbf import is_dbf

    return Kind("application/x-dbf", "dbf") if is_dbf(head, name) else None


def _compiled_python(head: bytes) -> Kind | None:
    # A .pyc begins with a two-byte version (3000 to 3999 since Python 3), then CR LF, then flags 0 to 3.
    version = int.from_bytes(head[:2], "little")
    if 3000 <= version < 4000 and head[2:4] == b"\r\n":
        return Kind("application/x-python-code", "strings")
    return None


def _executable(stream: BinaryIO) -> Kind:
    """A program, or a self-extracting archive, which is a program with a ZIP behind it."""
    import zipfile

    if zipfile.is_zipfile(stream):
        return _ZIP
    return Kind("application/vnd.microsoft.portable-executable", "strings")


def _cms(head: bytes) -> Kind | None:
    from phiscan.extract.encrypted import cms_content

    match cms_content(head):
        case "encrypted":
            return Kind("application/pkcs7-mime", "encrypted", "cms")
        case "signed":
            return _cannot("application/pkcs7-mime", "signed CMS messages are not read")
        case _:
            return None


def _filesystem(stream: BinaryIO) -> Kind | None:
    stream.seek(32769)
    return _ISO if stream.read(5) == b"CD001" else None


def _pgp(head: bytes) -> Kind | None:
    from phiscan.extract.encrypted import is_pgp_message

    return Kind("application/pgp-encrypted", "encrypted", "pgp") if is_pgp_message(head) else None


def _inside_zip(stream: BinaryIO) -> Kind:
    """Tell office documents from archives by what the ZIP says of itself."""
    import zipfile

    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    found = file.read(200).decode("ascii", "replace").strip()
                if found.startswith(ODF):
                    return Kind(found, "sheet" if "spreadsheet" in found else "office")
            if "[Content_Types].xml" in names:
                return _ooxml(names)
    except Exception:  # a damaged ZIP is still a ZIP: the reader of archives says what is wrong
        return _ZIP
    return _ZIP


def _ooxml(names: set[str]) -> Kind:
    if any(name.startswith("xl/") for name in names):
        binary = "xl/workbook.bin" in names
        mime = "application/vnd.ms-excel.sheet.binary.macroEnabled.12" if binary else OOXML + "spreadsheetml.sheet"
        return Kind(mime, "sheet")
    if any(name.startswith("ppt/") for name in names):
        return Kind(OOXML + "presentationml.presentation", "office")
    if any(name.startswith("word/") for name in names):
        return Kind(OOXML + "wordprocessingml.document", "office")
    return _ZIP


def _inside_ole(stream: BinaryIO) -> Kind:
    """Tell the formats that are OLE storages apart by the names of their streams."""
    from phiscan.extract.encrypted import ole_entries, ole_protection

    names = ole_entries(stream)
    if protection := ole_protection(stream, names):
        return Kind("application/x-ole-storage", "encrypted", protection)
    if names & {"workbook", "book"}:
        return Kind("application/vnd.ms-excel", "sheet")
    if "worddocument" in names:
        return Kind("application/msword", "ole", "doc")
    if "powerpoint document" in names:
        return Kind("application/vnd.ms-powerpoint", "ole", "ppt")
    if any(name.startswith("__properties_version") for name in names):
        return Kind("application/vnd.ms-outlook", "ole", "msg")
    if names & {"\x01ole10native", "package", "contents", "embeddedodf"}:
        return Kind("application/x-ole-storage", "ole", "package")
    return _cannot("application/x-ole-storage", "this kind of OLE storage is not read")


def _by_structure(stream: BinaryIO, head: bytes, name: str) -> Kind:
    """Decide among the formats that are text, and tell text from binary."""
    if not is_text(head):
        return _dbf(head, name) or _binary(stream, head)
    body = head.removeprefix(_BOMS[0]).lstrip()
    if found := exchanged(head, name):
        return Kind(*found)
    if body[:27] == b"-----BEGIN PGP MESSAGE-----":
        return _armored(body)
    if _MBOX.match(head):
        return Kind("application/mbox", "mbox")
    if _is_mail(head):
        return Kind("message/rfc822", "mail")
    return _markup(head, body, name) or _plain(body, name)


def _armored(body: bytes) -> Kind:
    from phiscan.extract.encrypted import is_armored_message

    if is_armored_message(body):
        return Kind("application/pgp-encrypted", "encrypted", "pgp")
    return _cannot("application/pgp-signature", "signed OpenPGP messages are not read")


def _markup(head: bytes, body: bytes, name: str) -> Kind | None:
    wide = head[:2] in _BOMS or head[1:2] == b"\x00"
    text = head.replace(b"\x00", b"").lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n") if wide else body
    if not _MARKUP.match(text):
        return None
    xml = text.startswith(b"<?xml")
    if b"<ClinicalDocument" in text or b":ClinicalDocument" in text:
        return Kind("application/cda+xml", "xml")
    if b"http://hl7.org/fhir" in text:
        return Kind("application/fhir+xml", "xml")
    if _ROOT_HTML.search(text) or (not xml and _HTML.match(text)):
        return Kind("application/xhtml+xml" if xml else "text/html", "html")
    if b"<svg" in text:
        return Kind("image/svg+xml", "xml")
    if xml or name.endswith((".xml", ".xsd", ".xsl", ".hl7", ".rdf", ".rss", ".fodt", ".fods")):
        return Kind("application/xml", "xml")
    if name.endswith((".html", ".htm")):
        return Kind("text/html", "html")
    # Without a declaration: only where it begins with an element that has a namespace or others within.
    return Kind("application/xml", "xml") if re.match(rb"<[\w.:-]+[^<>]*>\s*<[\w!?]", text) else None


def _plain(body: bytes, name: str) -> Kind:
    if found := json_kind(body, name, HEAD):
        return Kind(*found)
    if re.search(rb"^(?:-- (?:MySQL|MariaDB|PostgreSQL) |INSERT INTO |CREATE TABLE )", body, re.MULTILINE):
        return Kind("application/sql", "text")
    if name.endswith((".md", ".markdown")):
        return Kind("text/markdown", "markdown")
    if name.endswith(".csv"):
        return Kind("text/csv", "text")
    return Kind("text/plain", "text")


def _is_mail(head: bytes) -> bool:
    """At least three header lines from the first on, one of them of the sort that only mail has."""
    at, names = 0, []
    while found := _HEADER.match(head, at):
        names.append(found[0].split(b":", 1)[0].lower())
        at = found.end()
    known = any(re.fullmatch(_KNOWN_HEADERS, name) for name in names)
    return known and len(names) >= 3 and any(re.fullmatch(_FROM_HEADERS, name) for name in names)


def _binary(stream: BinaryIO, head: bytes) -> Kind:
    """A format nobody here knows: its strings are read, unless it is packed so that none can show."""
    stream.seek(0)
    sample = stream.read(1 << 16)
    if len(sample) >= 512 and len(zlib.compress(sample, 1)) > 0.97 * len(sample):
        return _cannot("application/octet-stream", "unknown compressed or encrypted format")
    return Kind("application/octet-stream", "strings")
