"""What a file is: by content, whatever its name."""

from __future__ import annotations

import io
import os
import zipfile

import pytest

from phiscan.extract.kind import kind_of
from tests.extract.opening import read, types

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@pytest.mark.parametrize(
    ("head", "name", "mime", "family"),
    [
        (b"", "a.txt", "application/x-empty", "empty"),
        (b"%PDF-1.7\n", "a.txt", "application/pdf", "pdf"),
        (b"\r\n\r\n%PDF-1.4\n", "a", "application/pdf", "pdf"),
        (rb"{\rtf1\ansi}", "lettre.doc", "application/rtf", "rtf"),
        (b"<?xml version='1.0'?><a/>", "a.bin", "application/xml", "xml"),
        (b"<!DOCTYPE html><html><body>x", "export.xls", "text/html", "html"),
        (b"<table><tr><td>1</td></tr></table>", "export.xls", "text/html", "html"),
        (b"<!-- a -->\n<!-- b --><table><tr><td>1</td></tr></table>", "a.xls", "text/html", "html"),
        (b"<!-- a -->\n" * 60 + b"<!ENTITY x 'y'>", "a.ent", "text/plain", "text"),  # once more than 2**60 tries
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", "a", "application/xhtml+xml", "html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><text>x</text></svg>", "a.svg", "image/svg+xml", "xml"),
        (b"<ClinicalDocument xmlns='urn:hl7-org:v3'><text><table>", "a", "application/cda+xml", "xml"),
        (b'<Patient xmlns="http://hl7.org/fhir"><id value="1"/>', "a", "application/fhir+xml", "xml"),
        (b'{"resourceType": "Patient"}', "a.txt", "application/fhir+json", "json"),
        (b'[{"a": 1}, {"a": 2}]', "a.csv", "application/json", "json"),
        (b'{"a": 1}\n{"a": 2}\n', "a", "application/json", "json"),
        (b"[2024-01-01] un journal\n", "a.json", "text/plain", "text"),
        (b"{ bonjour }", "a.json", "text/plain", "text"),
        (b"MSH|^~\\&|LABO|X\rPID|1", "a.txt", "application/hl7-v2", "message"),
        (b"\x0bMSH|^~\\&|LABO|X\rPID|1", "a", "application/hl7-v2", "message"),
        (b"PAR1\x15\x04", "a", "application/vnd.apache.parquet", "unsupported"),
        (b"SQLite format 3\x00", "a.txt", "application/vnd.sqlite3", "unsupported"),
        (b"PGDMP\x01", "a.sql", "application/x-pgdump", "unsupported"),
        (bytes(128) + b"DICM", "IM0001", "application/dicom", "unsupported"),
        (b"\x00\x01\x00\x00Standard Jet DB\x00", "a.mdb", "application/x-msaccess", "unsupported"),
        (b"!BDN\x00", "a.pst", "application/vnd.ms-outlook-pst", "unsupported"),
        (b"ID3\x04\x00", "dictee.mp3", "audio/mpeg", "unsupported"),
        (b"RIFF\x00\x00\x00\x00WAVE", "a", "audio/x-wav", "unsupported"),
        (b"\x00\x00\x00\x18ftypmp42", "a", "video/mp4", "unsupported"),
        (b"\x7fELF\x02\x01", "a", "application/x-executable", "strings"),
        (b"MZ" + bytes(100), "a", "application/vnd.microsoft.portable-executable", "strings"),
        (b"\xa7\x0d\x0d\x0a" + bytes(12), "a.pyc", "application/x-python-code", "strings"),
        (b"\x00\x01\x00\x00\x00\x10", "a", "font/ttf", "strings"),
        (PNG, "a.txt", "image/png", "image"),
        (b"\xff\xd8\xff\xe0", "a", "image/jpeg", "image"),
        (b"LUKS\xba\xbe", "a", "application/x-luks", "encrypted"),
        (b"age-encryption.org/v1\n", "a", "application/x-age-encryption", "encrypted"),
        (b"From a@x.fr Sat Jan  3 01:05:34 2026\nFrom: a@x.fr\n\nx", "a", "application/mbox", "mbox"),
        (b"Return-Path: <a@x.fr>\nFrom: a@x.fr\nSubject: x\n\nbonjour", "a", "message/rfc822", "mail"),
        (b"From: le labo\nSubject: note\n\nbonjour", "a.txt", "text/plain", "text"),
        (b"-- MySQL dump 10.13\n", "a", "application/sql", "text"),
        (b"a;b\n1;2\n", "a.csv", "text/csv", "text"),
        (b"# Titre\n", "a.md", "text/markdown", "markdown"),
        ("é".encode("utf-16"), "a", "text/plain", "text"),
        (b"\x01\x02\x03\x00\x05" * 30, "a.fic", "application/octet-stream", "strings"),
    ],
)
def test_kind_is_told_by_content(head: bytes, name: str, mime: str, family: str) -> None:
    kind = kind_of(io.BytesIO(head), name)
    assert (kind.mime, kind.family) == (mime, family)


def test_zip_documents_are_told_by_what_is_inside() -> None:
    def made(names: list[str], first: str = "") -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            if first:
                archive.writestr("mimetype", first)
            for name in names:
                archive.writestr(name, "<a/>")
        return file.getvalue()

    types_ = "[Content_Types].xml"
    assert kind_of(io.BytesIO(made([types_, "word/document.xml"])), "a.zip").mime.endswith("wordprocessingml.document")
    assert kind_of(io.BytesIO(made([types_, "ppt/presentation.xml"])), "a").mime.endswith("presentation")
    assert kind_of(io.BytesIO(made([types_, "xl/workbook.xml"])), "a").family == "sheet"
    assert kind_of(io.BytesIO(made(["content.xml"], "application/vnd.oasis.opendocument.text")), "a").family == "office"
    ods = "application/vnd.oasis.opendocument.spreadsheet"
    assert kind_of(io.BytesIO(made(["content.xml"], ods)), "a").family == "sheet"
    assert kind_of(io.BytesIO(made(["word.txt"])), "a.docx").mime == "application/zip"


def test_unknown_binaries_are_read_by_their_strings() -> None:
    data = b"\x00\x01\x02" * 100 + "Hélène DURAND".encode("cp1252") + b"\x00\x03" + "Jean MARTIN".encode("utf-16-le")
    assert read(data + bytes(9), "BASE.FIC") == [("", "scanned", ["Hélène DURAND\nJean MARTIN"])]


def test_strings_across_blocks_are_whole() -> None:
    word = b"DURAND Marie 2026"
    data = b"\x7fELF" + bytes((1 << 18) - 10) + word + bytes(1 << 18) + word + b"\x00"
    assert read(data, "a.out") == [("", "scanned", ["DURAND Marie 2026\nDURAND Marie 2026"])]


def test_strings_are_no_prose() -> None:
    assert types(b"\x7fELF" + bytes(20)) == ["application/x-executable"]


def test_unknown_compressed_data_is_a_gap() -> None:
    assert read(b"\x00\x01" + os.urandom(4096)) == [
        ("", "gap", ["gap unsupported: unknown compressed or encrypted format"])
    ]


def png(width: int, height: int, size: int) -> bytes:
    return (PNG + width.to_bytes(4, "big") + height.to_bytes(4, "big")).ljust(size, b"\x01")


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (png(64, 64, 50_000), []),
        (png(2000, 100, 50_000), []),
        (png(2000, 2000, 5_000), []),
        (png(2000, 2000, 50_000), ["gap unsupported: image: no OCR here"]),
        (b"II*\x00".ljust(50_000, b"\x01"), ["gap unsupported: image: no OCR here"]),
        (b"GIF89a\x10\x00\x10\x00".ljust(50_000, b"\x01"), []),
    ],
)
def test_images_are_gaps_unless_they_are_icons(data: bytes, content: list[str]) -> None:
    assert read(data) == [("", "scanned", content)]
