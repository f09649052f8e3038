"""Tables of dBASE, Clipper and FoxPro: records whole, whatever their code page; damage and memos told."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.extract.dbf import read_dbf
from phiscan.model import Table
from tests.extract.opening import read, types
from tests.extract.tabling import Failing, rows, sampled

_MEMO = "gap unsupported: memo fields are in another file (.dbt, .fpt): not read with their records"
DAMAGED = "gap malformed: damaged header of a dBASE table"
Fields = Sequence[tuple[str, str, int]]
PATIENT: Fields = [("NOM", "C", 10), ("NE_LE", "D", 8), ("POIDS", "N", 5), ("ALD", "L", 1)]
PEOPLE = [["LEFEVRE", "19850312", "62.5", "T"], ["MARTIN", "19501201", "", "F"], ["DUPRÉ", "", "80", ""]]
READ = [["LEFEVRE", "1985-03-12", "62.5", "T"], ["MARTIN", "1950-12-01", "", "F"], ["DUPRE", "", "80", ""]]


def dbf(
    fields: Fields,
    records: Sequence[Sequence[str | bytes]],
    *,
    version: int = 3,
    language: int = 0,
    encoding: str = "cp850",
    deleted: Sequence[int] = (),
    count: int | None = None,
    end: bytes = b"\x1a",
) -> bytes:
    """Return a table as dBASE III writes it; `count`: what its header tells of records."""
    tail = bytes(263) if version in (0x30, 0x31, 0x32) else b""
    start, width = 33 + 32 * len(fields) + len(tail), 1 + sum(size for _, _, size in fields)
    told = len(records) if count is None else count
    head = struct.pack("<BBBBIHH17xBxx", version, 126, 11, 20, told, start, width, language)
    for name, kind, size in fields:
        wide = divmod(size, 256)[::-1] if kind == "C" else (size, 0)
        head += struct.pack("<11sc4xBB14x", name.encode(), kind.encode(), *wide)
    body = b""
    for number, record in enumerate(records):
        body += b"*" if number in deleted else b" "
        for value, (_, kind, size) in zip(record, fields, strict=True):
            raw = value if isinstance(value, bytes) else value.encode(encoding)
            body += raw.rjust(size) if kind == "N" else raw.ljust(size)
    return head + b"\r" + tail + body + end


def table(data: bytes) -> Table:
    found = read_dbf(io.BytesIO(data), len(data))
    assert found is not None
    return found


@pytest.mark.parametrize("end", [b"\x1a", b""])
def test_records_with_their_columns_names(end: bytes) -> None:
    found = table(dbf(PATIENT, PEOPLE, end=end))
    assert found.names == ("NOM", "NE_LE", "POIDS", "ALD")
    assert rows(found) == sampled(found) == READ
    assert found.gaps == []


def test_it_is_told_by_its_header_whatever_its_name() -> None:
    data = dbf(PATIENT, PEOPLE)
    assert types(data, "a.txt") == ["application/x-dbf"]
    assert read(data, "a.txt") == [("", "scanned", [READ])]


def test_deleted_records_are_read() -> None:
    assert rows(table(dbf(PATIENT, PEOPLE, deleted=[0, 2]))) == READ


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        (0x02, "cp850"),
        (0x01, "cp437"),
        (0x03, "cp1252"),
        (0x57, "cp1252"),
        (0x04, "mac-roman"),
        (0, "cp850"),
        (0, "utf-8"),
    ],
)
def test_code_pages(language: int, encoding: str) -> None:
    data = dbf(
        [("NOM", "C", 20)], [["Béatrice"], ["Gaëlle Lefèvre"], ["François"]], language=language, encoding=encoding
    )
    assert rows(table(data)) == [["Beatrice"], ["Gaelle Lefevre"], ["Francois"]]


def test_utf8_is_told_cell_by_cell() -> None:
    beside = [b"AB\xc3", b"\xa9CD", b"xyz"]  # UTF-8 only where they touch
    assert len(rows(table(dbf([("X", "C", 3)], [[cell] for cell in beside])))) == 3
    cut = ["Hélène".encode(), "Bérén".encode(), "Béatric".encode() + b"\xc3", "Zoé".encode()]
    assert rows(table(dbf([("X", "C", 9)], [[cell] for cell in cut]))) == [["Helene"], ["Beren"], ["Beatric"], ["Zoe"]]
    mixed = [*cut[:2], "Zoé".encode(), "José".encode("cp1252")]
    assert rows(table(dbf([("X", "C", 9)], [[cell] for cell in mixed], language=3)))[3] == ["Jose"]
    assert rows(table(dbf([("X", "C", 5)], [["ANDRÉ"], ["RENÉ"]], language=3, encoding="cp1252")))[0] == ["ANDRE"]


def test_the_language_byte_decides_where_the_letters_do_not() -> None:
    for language, letter in ((0x03, "D"), (0x02, "d")):  # Ð in Windows, ð in DOS
        assert rows(table(dbf([("X", "C", 3)], [[b"\xd0"]], language=language))) == [[letter]]


def test_numbers_and_moments_of_foxpro() -> None:
    fields: Fields = [("ID", "I", 4), ("NIR", "B", 8), ("PRIX", "Y", 8), ("VU", "T", 8), ("_NullFlags", "0", 1)]
    record = [
        struct.pack("<i", -7),
        struct.pack("<d", 279035151898851.0),
        struct.pack("<q", 125_000),
        struct.pack("<ii", 2_440_588 + 20_000, 3_600_000),
        b"\0",
    ]
    blank = [struct.pack("<i", 0), struct.pack("<d", 0.5), struct.pack("<q", 0), bytes(8), b"\0"]
    found = table(dbf(fields, [record, blank], version=0x30))
    assert found.names == ("ID", "NIR", "PRIX", "VU")
    assert rows(found) == [["-7", "279035151898851", "12.5", "2024-10-04"], ["0", "0.5", "0", ""]]


def test_long_texts_of_clipper() -> None:
    assert rows(table(dbf([("ID", "N", 4), ("OBS", "C", 300)], [["1", "x" * 290]]))) == [["1", "x" * 290]]


def test_memos_are_elsewhere() -> None:
    fields: Fields = [("NOM", "C", 10), ("OBS", "M", 10)]
    data = dbf(fields, [["LEFEVRE", "         1"], ["MARTIN", ""]], version=0x83)
    assert read(data, "p.dbf") == [("", "scanned", [[[["LEFEVRE", ""], ["MARTIN", ""]], "gap unsupported"]])]
    found = table(data)
    assert len(rows(found)) == 2
    assert [f"gap {gap.reason}: {gap.detail}" for gap in found.gaps] == [_MEMO]


def test_no_gap_where_no_record_has_a_memo() -> None:
    data = dbf([("NOM", "C", 10), ("OBS", "M", 10)], [["LEFEVRE", ""], ["MARTIN", "0"]], version=0x83)
    assert read(data, "p.dbf") == [("", "scanned", [[["LEFEVRE", ""], ["MARTIN", ""]]])]


def test_a_table_cut_off_is_read_as_far_as_it_goes() -> None:
    data = dbf(PATIENT, PEOPLE, end=b"")
    cut = data[:-20]
    assert read(cut, "p.dbf") == [("", "scanned", [[[*READ[:2], ["DUPR", "", "", ""]], "gap malformed"]])]
    assert read(data[:-25], "p.dbf") == [("", "scanned", [[READ[:2], "gap malformed"]])]


def test_records_beyond_the_number_told_are_read_up_to_what_is_none() -> None:
    assert rows(table(dbf(PATIENT, PEOPLE, count=1, end=b"\x1a" + b"junk" * 20))) == READ


def test_what_is_no_record_beyond_the_number_told_is_a_gap() -> None:
    data = bytearray(dbf(PATIENT, PEOPLE * 2, count=1))
    width = 25
    data[len(data) - 1 - 3 * width] = 0x07  # the flag of the fourth record
    found = table(bytes(data))
    assert (rows(found), [gap.reason for gap in found.gaps]) == (READ, ["malformed"])
    for end in (b"\x1a" + b"junk" * 20, bytes(200)):
        found = table(dbf(PATIENT, PEOPLE, count=1, end=end))
        assert (rows(found), found.gaps) == (READ, [])


def test_damaged_headers_are_gaps_and_the_strings_are_read() -> None:
    data = dbf(PATIENT, PEOPLE)
    wrong = data[:10] + b"\x90" + data[11:]  # records longer than their columns
    shown = read(wrong, "PATIENTS.DBF")
    assert [part[2][0] for part in shown] == [DAMAGED]
    assert "LEFEVRE" in shown[0][2][1]
    assert read(data[:40], "p.dbf")[0][2][0] == DAMAGED
    assert read(data[:100], "p.dbf")[0][2][0] == DAMAGED


def test_a_database_of_another_program_is_no_damaged_table() -> None:
    oracle = b"\x00\xa2\x00\x00" + bytes(400) + b"ORACLE DATA FILE" + bytes(400)
    assert types(oracle, "users01.dbf") == ["application/octet-stream"]


def test_reading_in_shares_and_from_further_inside() -> None:
    data = dbf([("N", "N", 6), ("C", "C", 60)], [[str(number), "x"] for number in range(9_000)])
    found = table(data)
    every = rows(found)
    shares = [found.share(number, 3) for number in range(3)]
    assert [share[0] for share in shares if share] == [0, 3000, 6000]
    parts = [[list(row.values()) for batch in share[1]() for row in batch.to_pylist()] for share in shares if share]
    assert [row for part in parts for row in part] == every
    sample = [row[0] for row in sampled(found)]
    assert (len(every), len(sample), sample[:2000]) == (9_000, 3_000, [str(number) for number in range(2_000)])
    assert [sample[2000], sample[2950]] == ["2000", str(2000 + 19 * 350)]


def test_a_failing_disk_is_a_gap() -> None:
    data = dbf(PATIENT, PEOPLE)
    stream = Failing(data)
    stream.good = 1 << 20
    found = read_dbf(stream, len(data))
    assert found is not None
    stream.good = 0
    assert rows(found) == []
    assert [gap.reason for gap in found.gaps] == ["vanished"]


@given(st.data())
def test_junk_never_raises(data: st.DataObject) -> None:
    whole = bytearray(
        dbf([*PATIENT, ("OBS", "M", 10), ("T", "T", 8), ("I", "I", 4)], [[*row, "1", b"", b""] for row in PEOPLE])
    )
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    found = read_dbf(io.BytesIO(cut), len(cut))
    if found is not None:
        found.sample()
        assert all(len(row) == found.columns for row in rows(found))
    read(cut, "p.dbf")
