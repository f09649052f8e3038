"""Whatever the bytes, `parts` ends, raises nothing, and repeats no value outside its chunks."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phiscan.extract import foreign, parts
from phiscan.model import Gap, Limits, Table, Text
from tests.extract.ole_file import ole
from tests.extract.opening import read
from tests.extract.test_archive import make_7z, make_tar, make_zip
from tests.extract.test_encrypted import PGP, make_pdf
from tests.extract.test_mail import message
from tests.extract.test_markup import HTML
from tests.extract.test_office import letter, make_doc, saved
from tests.extract.test_pdf import lines, make

SMALL = Limits(unpacked=32 << 20, entries=200)


def exhaust(data: bytes, name: str) -> list[Gap]:
    """Read everything the way the pipeline does; return the gaps."""
    gaps: list[Gap] = []
    for part in parts(io.BytesIO(data), name, len(data), SMALL):
        assert part.status != "encrypted" or part.decided_by
        for chunk in part.chunks:
            if isinstance(chunk, Table):
                chunk.sample()
                for batch in chunk.batches():
                    assert batch.num_columns == chunk.columns
                gaps += chunk.gaps
            elif isinstance(chunk, Text):
                assert len(chunk.text) <= 1 << 21
                assert chunk.line >= 1
            else:
                gaps.append(chunk)
    return gaps


@cache
def samples() -> dict[str, bytes]:
    """Return one small valid file of every family."""
    import openpyxl
    import pptx

    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["nom", "nir"])
    sheet = io.BytesIO()
    book.save(sheet)
    deck = io.BytesIO()
    pptx.Presentation().save(deck)
    mail = message()
    mail.add_attachment(make_zip({"a.txt": b"Un."}), "application", "zip", filename="a.zip")
    text = b"Patiente : DURAND Marie, nee le 12/03/1979\n" * 20
    return {
        "a.zip": make_zip({"a.txt": text, "b/c.json": b'[{"a": 1}]'}),
        "a.tar": make_tar({"a.txt": text}),
        "a.tgz": gzip.compress(make_tar({"a.txt": text})),
        "a.txt.gz": gzip.compress(text),
        "a.txt.bz2": bz2.compress(text),
        "a.txt.xz": lzma.compress(text),
        "a.7z": make_7z(),
        "a.eml": bytes(mail),
        "a.mbox": b"From a@x.fr Sat Jan  3 01:05:34 2026\n" + bytes(mail),
        "a.docx": saved(letter()),
        "a.pptx": deck.getvalue(),
        "a.xlsx": sheet.getvalue(),
        "a.pdf": make(lines("Patient : DURAND Marie")),
        "b.pdf": make_pdf("", "maitre"),
        "a.html": HTML.format("<table><tr><td>Nom<td>NIR</table>").encode(),
        "a.xml": b"<?xml version='1.0'?><r><p id='1'><nom>DURAND</nom></p></r>",
        "a.rtf": rb"{\rtf1\ansi{\header x}Corps \'e9\par\trowd a\cell\row}",
        "a.json": json.dumps([{"nom": "DURAND", "x": {"y": 1}}] * 4).encode(),
        "b.json": b'{"resourceType": "Patient", "name": [{"family": "DURAND"}]}',
        "a.doc": make_doc("Corps\r", "Entete\r"),
        "a.msg": ole({"__properties_version1.0": b"", "__substg1.0_1000001F": "Bonjour".encode("utf-16-le")}),
        "a.gpg": PGP,
        "a.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40),
        "a.bin": b"\x7fELF" + bytes(20) + text,
        "a.hl7": b"MSH|^~\\&|A\rPID|1||123\rOBX|1|ED|X||^PDF^Base64^JVBERi0xLjQKMSAwIG9iago8PA" + b"AAAA" * 60,
        "a.csv": b"nom;prenom\nDURAND;Marie\nPETIT;Luc\nNOIR;Anne\n",
        "a.hpm": b"12\r\nDURAND\r\nMarie\r\n\r\n\r\n56000 VANNES\r\n12/03/1979\r\n\r\n4\r\n20/11/26\r\nL\r\nM\r\n",
        "a.vcf": b"BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:DURAND;Marie=\n=C3\nNOTE:a\\,\n b\nEND:VCARD\n",
        "a.ics": b'BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY;X="a:b":c\\nd\n e\nEND:VEVENT\nEND:VCALENDAR\n',
        "a.ipynb": b'{"cells": [{"cell_type": "code", "source": [""], "outputs": [{"text": "   a\\n0  1"}]}]}',
        "c.json": b'{"x": "{\\"nom\\": {\\"a\\": [1, 2]}}", "y": {"z": "{]}"}}',
        "d.json": b'{"a": [{"id": 1, "nom": "D", "ddn": ""}], "b": [{"pId": 1}, {"pId": [{"x": 2}]}]}',
        "a.yml": b"a:\n  - &p\n    nom: DURAND\n    ddn: 1979-03-12\nb:\n  - *p\n",
    }


NAMES = st.sampled_from(["a", "a.zip", "a.pdf", "a.docx", "a.json", "a.xml", "a.eml", "a.html", "a.txt", "\udcff.7z"])
FAST = settings(max_examples=150, suppress_health_check=list(HealthCheck))


@FAST
@given(data=st.binary(max_size=2000), name=NAMES)
def test_any_bytes(data: bytes, name: str) -> None:
    exhaust(data, name)


BEGINNINGS = [
    b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x01\x00", b"\x1f\x8b\x08", b"BZh91AY&SY",
    b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\x1f\x9d\x90", b"MSCF\0\0\0\0", b"!<arch>\n",
    b"\xed\xab\xee\xdb", b"070701", b"%PDF-1.7\n", rb"{\rtf1", b"<?xml version='1.0'?><", b"<html><table><tr><td>",
    b'{"a":', b"[", b'[{"a":', b"From: a\nTo: b\nMIME-Version: 1.0\nContent-Type: ", b"MSH|^~\\&|", b"II*\x00",
    b"From a@x Sat Jan  3 01:05:34 2026\nFrom: ", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x85\x01\x0c\x03",
    b"BEGIN:VCARD\nN:", b"BEGIN:VCALENDAR\nSUMMARY:", b'{"cells": [{"cell_type": ', b"- &a\n  ddn: 1\n- *a\n",
    b"1\nA\nB\n\n\n56000\n12/03/1979\n\n4\n20/11/26\nL\nM\n",
    b"\xc3\x0d\x04", b"\xff\xd8\xff", b"MZ", b"-----BEGIN PGP MESSAGE-----\n", b"<svg ", b"\xff\xfe<\0h\0t\0m\0l\0>\0",
]  # fmt: skip


@FAST
@given(start=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=400), name=NAMES)
def test_bytes_behind_every_signature(start: bytes, rest: bytes, name: str) -> None:
    exhaust(start + rest, name)


@pytest.mark.parametrize("name", sorted(samples()))
def test_valid_samples_leave_no_gap(name: str) -> None:
    allowed = {"a.png", "a.hl7"}
    assert exhaust(samples()[name], name) == [] or name in allowed


@pytest.mark.parametrize("name", sorted(samples()))
def test_cut_short_anywhere(name: str) -> None:
    data = samples()[name]
    for length in {0, 1, 2, 4, 8, 30, *range(0, len(data), max(1, len(data) // 25)), len(data) - 1}:
        exhaust(data[:length], name)


def damaged(data: bytes, draw: random.Random) -> bytes:
    """Return `data` with bytes changed, taken out, repeated or put in."""
    found = bytearray(data)
    for _ in range(draw.randint(1, 8)):
        at, count = draw.randrange(len(found) or 1), draw.randint(1, 12)
        change: list[Callable[[], bytes]] = [
            lambda: os.urandom(0),
            lambda count=count: bytes(draw.randrange(256) for _ in range(count)),  # type: ignore[misc]
            lambda at=at, count=count: bytes(found[at : at + count]) * 2,  # type: ignore[misc]
            lambda: b"\xff\xff\xff\xff",
            lambda: b"\x00\x00\x00\x00",
        ]
        found[at : at + count] = draw.choice(change)()
    return bytes(found)


@pytest.mark.parametrize("name", sorted(samples()))
def test_damaged_anywhere(name: str) -> None:
    draw = random.Random(name)  # the same damage every time
    for _ in range(40):
        exhaust(damaged(samples()[name], draw), name)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_7z_without_libarchive(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "libarchive", lambda: None)
    exhaust(damaged(samples()["a.7z"], random.Random(seed)), "a.7z")


def test_damage_inside_an_archive_leaves_the_other_members() -> None:
    draw = random.Random(7)
    members = {name: damaged(data, draw) for name, data in samples().items()}
    gaps = exhaust(make_zip(members), "all.zip")
    assert {gap.member.split("!")[0] for gap in gaps} <= set(members)


def test_a_file_of_nested_compression() -> None:
    data = b"0" * 1000
    for _ in range(30):
        data = gzip.compress(data)
    assert read(data, "a.gz")[-1][1] == "gap"


def test_a_gzip_bomb_within_a_mail_within_a_zip() -> None:
    mail = message()
    mail.add_attachment(gzip.compress(b"0" * (64 << 20)), "application", "gzip", filename="z.gz")
    found = read(make_zip({"m.eml": bytes(mail)}), limits=SMALL)
    assert found[-2][0] == "m.eml!z.gz!z" or found[-1][0] == "m.eml!z.gz!z"
    assert "gap bomb" in str(found[-2:])


def test_gaps_say_fixed_phrases_and_no_value() -> None:
    draw = random.Random(3)
    for name, data in samples().items():
        for _ in range(5):
            for gap in exhaust(damaged(data, draw), name):
                assert "DURAND" not in gap.detail.upper()
                assert gap.detail.isascii()


class Dying(io.BytesIO):
    """A live file on a share that is gone from some byte on."""

    def __init__(self, data: bytes, last: int) -> None:
        super().__init__(data)
        self.last = last

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= self.last:
            raise OSError(5, "Input/output error")
        return super().read(size)

    def readinto(self, buffer: object, /) -> int:
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize("name", sorted(samples()))
def test_a_file_that_cannot_be_read_to_its_end(name: str) -> None:
    data = samples()[name]
    for last in (0, len(data) // 2):
        for part in parts(Dying(data, last), name, len(data), SMALL):
            for chunk in part.chunks:
                if isinstance(chunk, Table):
                    for _ in chunk.batches():
                        pass
