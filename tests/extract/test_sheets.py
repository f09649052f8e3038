"""Spreadsheets: every sheet, the values people see, and what stands beside the cells."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from odf import office
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Footer, Header, MasterPage, PageLayout
from odf.table import Table as OdfTable
from odf.table import TableCell, TableRow
from odf.text import P
from openpyxl.comments import Comment

from phiscan.errors import Encrypted, Unreadable
from phiscan.extract import sheets as module
from phiscan.extract.sheetnotes import xls_book_notes, xlsb_comments, xlsb_header, xlsb_sheets
from phiscan.extract.sheets import check_zip, read_sheets
from phiscan.extract.sheetvalues import SharedValues, column_number, stream_rows
from phiscan.model import Gap, Limits, Table, Text
from tests.extract.tabling import rows, sampled

DAY = dt.datetime(2020, 1, 2)
MOMENT = dt.datetime(2020, 1, 2, 3, 4)


def read(data: bytes, limits: Limits | None = None) -> list[Any]:
    """Return (sheet, rows) of tables, (sheet, text) of texts, and the reasons of gaps."""
    found: list[Any] = []
    for chunk in read_sheets(io.BytesIO(data), limits):
        if isinstance(chunk, Table):
            found.append((chunk.sheet, rows(chunk)))
            assert sampled(chunk) == found[-1][1][:2_000]
            assert chunk.gaps == []
        else:
            found.append((chunk.sheet, chunk.text) if isinstance(chunk, Text) else (chunk.reason, chunk.detail))
    return found


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(params=["calamine", "streamed"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Read xlsx both ways: laid out by calamine, and streamed from the XML."""
    if request.param == "streamed":
        monkeypatch.setattr(module, "DENSE_CELLS", 0)
    return str(request.param)


def values_book() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Été"
    sheet["A1"], sheet["B1"], sheet["C1"] = "Hélène\nœ\té", "2.79035E+14", '<&"'
    sheet["A2"], sheet["B2"], sheet["C2"], sheet["D2"] = 279035151898851, 12.5, -3, 1e-7
    sheet["A4"], sheet["B4"], sheet["C4"], sheet["D4"] = DAY, MOMENT, dt.time(3, 4), dt.timedelta(hours=30)
    sheet["A5"], sheet["B5"], sheet["E5"] = True, "#N/A", " x "
    return saved(book)


def test_values(reader: str) -> None:
    expected = [
        ["Helene o e", "2.79035E+14", '<&"', "", ""],
        ["279035151898851", "12.5", "-3", "1e-07", ""],
        ["", "", "", "", ""],
        ["2020-01-02", "2020-01-02 03:04:00", "03:04:00", "30:00:00", ""],
        ["1", "", "", "", " x "],
    ]
    (table,) = read_sheets(io.BytesIO(values_book()))
    assert isinstance(table, Table)
    assert (table.sheet, table.sheet_name, table.hidden, table.kind, table.columns) == (1, "Ete", False, "sheet", 5)
    assert rows(table) == expected
    assert rows(table) == expected


def test_rows_and_columns_keep_their_places(reader: str) -> None:
    book = openpyxl.Workbook()
    book.active["C3"] = "x"
    assert read(saved(book)) == [(1, [["", "", ""], ["", "", ""], ["", "", "x"]])]


def test_hidden_and_empty_sheets(reader: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "a"
    for state in ("hidden", "veryHidden"):
        sheet = book.create_sheet(state)
        sheet.sheet_state = state
        sheet["A1"] = state
    book.create_sheet("empty")
    book.create_chartsheet("chart")
    found = [chunk for chunk in read_sheets(io.BytesIO(saved(book))) if isinstance(chunk, Table)]
    assert [(table.sheet, table.sheet_name, table.hidden, rows(table)) for table in found] == [
        (1, "Sheet", False, [["a"]]),
        (2, "hidden", True, [["hidden"]]),
        (3, "veryHidden", True, [["veryHidden"]]),
    ]


def test_comments_headers_and_footers() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "a"
    book.active["A1"].comment = Comment("séro + <2010>", "moi")
    book.active["B2"].comment = Comment("deux", "moi")
    book.active.oddHeader.left.text = "Labo Été && fils"
    book.active.oddFooter.center.text = "Mme DUPONT"
    book.active.oddFooter.center.size = 12
    second = book.create_sheet()
    second["A1"] = "b"
    second["A1"].comment = Comment("trois", "moi")
    found = read(saved(book))
    assert found == [
        (1, "Labo Été & fils\nMme DUPONT"),
        (1, [["a"]]),
        (1, "séro + <2010>\n\ndeux"),
        (2, [["b"]]),
        (2, "trois"),
    ]


def test_xlsxwriter_in_constant_memory(reader: str) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet()
    for number in range(12_000):
        sheet.write_row(number, 0, [f"né {number}", number, f"{number}" if number % 2 else ""])
    book.close()
    expected = [[f"ne {number}", str(number), f"{number}" if number % 2 else ""] for number in range(12_000)]
    assert read(out.getvalue()) == [(1, expected)]


def test_a_sparse_sheet_is_not_laid_out() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1000000"], book.active["C3"] = "a", "z", "c"
    ((number, found),) = read(saved(book))
    assert number == 1
    assert found[:3] == [["a", "", ""], ["", "", ""], ["", "c", ""]]
    assert found[-1] == ["", "", "z"]
    assert len(found) == 1_004


def test_xls() -> None:
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook()
    sheet = book.add_sheet("Été")
    sheet.header_str, sheet.footer_str = b"&LLabo 12", b"&P"
    sheet.write(0, 0, "Hélène")
    sheet.write(1, 1, 279035151898851)
    sheet.write(2, 2, DAY, xlwt.easyxf(num_format_str="DD/MM/YYYY"))
    hidden = book.add_sheet("b")
    hidden.visibility = 2
    hidden.header_str = hidden.footer_str = b""
    hidden.write(0, 0, "k")
    found = read(saved(book))
    assert found == [
        (1, "Labo 12"),
        (1, [["Helene", "", ""], ["", "279035151898851", ""], ["", "", "2020-01-02"]]),
        (2, [["k"]]),
    ]


def biff(number: int, content: bytes) -> bytes:
    return struct.pack("<HH", number, len(content)) + content


def test_notes_of_xls() -> None:
    """A header in 16 bits, a footer in 8, a chart within the sheet, a comment in two continued records."""
    start = biff(0x0809, b"\x00\x06\x10\x00")
    end = biff(0x000A, b"")
    header = biff(0x0014, struct.pack("<HB", 4, 1) + "Labé".encode("utf-16-le"))
    footer = biff(0x0015, struct.pack("<HB", 3, 0) + b"n\xe9e")
    chart = start + biff(0x0014, struct.pack("<HB", 1, 0) + b"x") + end
    comment = biff(0x01B6, bytes(10) + struct.pack("<HHI", 6, 0, 0))
    comment += biff(0x003C, b"\x01" + "séro".encode("utf-16-le")) + biff(0x003C, b"\x00 +") + biff(0x003C, b"\x00form")
    sheet = start + header + footer + chart + comment + end
    head = len(start + biff(0x0085, bytes(4)) * 2 + end)
    places = biff(0x0085, struct.pack("<I", head)) + biff(0x0085, struct.pack("<I", head + len(sheet)))
    book = start + places + end + sheet + start + end
    assert xls_book_notes(book) == {1: ("Labé\nnée\nx", "séro +"), 2: ("", "")}


def ods(password: bool = False) -> bytes:
    book = OpenDocumentSpreadsheet()
    layout = PageLayout(name="p")
    book.automaticstyles.addElement(layout)
    page = MasterPage(name="Default", pagelayoutname=layout)
    header, footer = Header(), Footer()
    header.addElement(P(text="Labo Été"))
    footer.addElement(P(text="Mme DUPONT"))
    page.addElement(header)
    page.addElement(footer)
    book.masterstyles.addElement(page)
    for name in ("un", "deux"):
        table = OdfTable(name=name)
        for values in ((name, "Hélène"), ("x", 279035151898851)):
            row = TableRow()
            for value in values:
                number = isinstance(value, int)
                cell = TableCell(valuetype="float", value=value) if number else TableCell(valuetype="string")
                if value == "deux":
                    note = office.Annotation()
                    note.addElement(P(text="séro +"))
                    cell.addElement(note)
                cell.addElement(P(text=str(value)))
                row.addElement(cell)
            table.addElement(row)
        book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.write(out)
    return out.getvalue()


def test_ods() -> None:
    assert read(ods()) == [
        (1, "Labo Été\nMme DUPONT"),
        (1, [["un", "Helene"], ["x", "279035151898851"]]),
        (2, [["deux", "Helene"], ["x", "279035151898851"]]),
        (2, "séro +"),
    ]


def rezipped(data: bytes, change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def test_pivot_caches_are_tables() -> None:
    definition = (
        b'<pivotCacheDefinition><cacheFields><cacheField name="NOM"><sharedItems><s v="DUPONT"/><s v="PETIT&amp;"/>'
        b'</sharedItems></cacheField><cacheField name="N\xc3\xa9"><sharedItems/></cacheField></cacheFields>'
        b"</pivotCacheDefinition>"
    )
    records = b'<r><x v="1"/><d v="1985-03-12T00:00:00"/></r><r><x v="0"/><m/></r><r><s v="AUTRE"/><n v="3"/></r>'
    relations = b'<Relationships><Relationship Id="rId1" Target="pivotCacheRecords1.xml"/></Relationships>'
    data = rezipped(
        values_book(),
        lambda name, content: content,
        {
            "xl/pivotCache/pivotCacheDefinition1.xml": definition,
            "xl/pivotCache/pivotCacheRecords1.xml": b"<pivotCacheRecords>" + records + b"</pivotCacheRecords>",
            "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": relations,
        },
    )
    *_, cache = read_sheets(io.BytesIO(data))
    assert isinstance(cache, Table)
    assert cache.names == ("NOM", "Ne")
    assert cache.hidden
    assert rows(cache) == [["PETIT&", "1985-03-12"], ["DUPONT", ""], ["AUTRE", "3"]]


def test_other_ways_to_write_the_same_xml() -> None:
    """Prefixes, attributes in another order, formulas, rich and phonetic text, missing references."""
    shared = SharedValues(
        iter(
            [
                b"<x:si><x:r><x:t>H\xc3\xa9</x:t></x:r><x:r><x:t>l</x:t></x:r><x:rPh><x:t>z</x:t></x:rPh>",
                b"</x:si><si/>",
            ]
        ),
        b'<numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
        b'<numFmt numFmtId="165" formatCode="[h]:mm"/></numFmts>'
        b'<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="14"/></cellXfs>',
    )
    assert shared.strings == ["Hél", ""]
    cells = [
        b'<x:c t="s" r="A1"><x:v>0</x:v></x:c><x:c><x:v>7</x:v></x:c>',
        b'<c r="A2" s="1"><v>43832</v></c><c r="B2" s="2"><f>A1*2</f><v>1.25</v></c><c r="C2" s="3"><v>0.5</v></c>',
        b'<c r="A3" t="str"><f t="shared" ref="A3"/><v>a&amp;b</v></c><c r="B3" t="b"><v>1</v></c><c r="C3"/>',
        b'<c r="A4" t="inlineStr"><is><r><t>i</t></r><r><t xml:space="preserve"> j</t></r></is></c>',
        b'<c r="A5" t="d"><v>2020-01-02T00:00:00Z</v></c><c r="B5" t="e"><v>#N/A</v></c><c r="ZZ5"><v>9</v></c>',
        b'<c r="A6" t="s"><v>99</v></c><c r="B6"><v>2.79035151898851E+14</v></c><c r="C6"><v>oops</v></c>',
    ]
    xml = (
        b"<sheetData>"
        + b"".join(b'<row r="%d">%b</row>' % (at, row) for at, row in enumerate(cells, 1))
        + b"</sheetData>"
    )
    expected = [
        ["Hél", "7", ""],
        ["2020-01-02", "30:00:00", "12:00:00"],
        ["a&b", "1", ""],
        ["i j", "", ""],
        ["2020-01-02", "", " 9"],
        ["", "279035151898851", "oops"],
    ]
    for size in (7, 100, 10_000):
        blocks = (xml[at : at + size] for at in range(0, len(xml), size))
        assert list(stream_rows(blocks, [0, 1, 2], shared)) == expected


def test_column_numbers() -> None:
    assert [column_number(name) for name in (b"A", b"Z", b"AA", b"xfd")] == [0, 25, 26, 16_383]


def record(number: int, content: bytes) -> bytes:
    head = bytes([number & 0xFF, number >> 8]) if number > 0x7F else bytes([number])
    size = len(content)
    return head + (bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])) + content


def wide(text: str | None) -> bytes:
    return b"\xff\xff\xff\xff" if text is None else struct.pack("<I", len(text)) + text.encode("utf-16-le")


def test_notes_of_xlsb() -> None:
    comment = record(0x04FD, b"\0" + wide("séro + " * 30))
    assert xlsb_comments(record(0x027D & 0x7F, b"x") + comment + record(0x04FD, b"\0" + wide("b"))) == [
        "séro + " * 30,
        "b",
    ]
    header = record(0x03DF, b"\0\0" + b"".join(map(wide, ["&LLabo", None, "x", None, None, None])))
    assert xlsb_header(b"\1\2\3" * 9 + header + record(0x0186, b"")) == ["&LLabo", "", "x", "", "", ""]
    assert xlsb_sheets(record(0x019C, bytes(8) + wide("rId1") + wide("Été"))) == ["rId1"]


@given(st.binary(max_size=200))
def test_notes_of_damaged_xlsb(data: bytes) -> None:
    xls_book_notes(biff(0x0085, bytes(4)) + data)
    xlsb_comments(data)
    xlsb_header(b"\xdf\x03" + data)
    xlsb_sheets(data)


# ---- what cannot be read ----


@pytest.mark.parametrize(
    "data", [b"", b"garbage", b"PK\x03\x04garbage", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)]
)
def test_damaged(data: bytes) -> None:
    ((reason, _),) = read(data)
    assert reason == "malformed"


def test_truncated() -> None:
    data = values_book()
    assert {reason for reason, _ in read(data[: len(data) // 2])} == {"malformed"}


def test_encrypted_member() -> None:
    data = bytearray(values_book())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    with pytest.raises(Encrypted):
        read_sheets(io.BytesIO(bytes(data)))


def test_encrypted_ods() -> None:
    mark = b'<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    data = rezipped(
        ods(),
        lambda name, content: (
            content.replace(b"</manifest:manifest>", mark + b"</manifest:manifest>")
            if name == "META-INF/manifest.xml"
            else content
        ),
    )
    with pytest.raises(Encrypted):
        read_sheets(io.BytesIO(data))


def test_bombs() -> None:
    data = values_book()
    many = rezipped(data, lambda name, content: content, {"xl/media/x.bin": bytes(30 << 20)})
    assert read(many) == [("bomb", "unpacks to too many times its size")]
    assert read(many, Limits(ratio=10**9, unpacked=20 << 20)) == [("bomb", "more unpacked bytes than allowed")]
    assert read(data, Limits(entries=2)) == [("bomb", "more members than allowed")]
    with pytest.raises(Unreadable):
        check_zip(io.BytesIO(many), Limits())


def test_a_bomb_that_lies_about_its_size() -> None:
    data = bytearray(rezipped(values_book(), lambda name, content: content, {"xl/media/x.bin": bytes(30 << 20)}))
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 100)
    local = struct.unpack_from("<I", data, at + 42)[0]
    struct.pack_into("<I", data, local + 22, 100)
    assert read(bytes(data)) == [("bomb", "unpacks to too many times its size")]


def test_a_damaged_comment_is_a_gap_among_the_rest() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "a"
    book.active["A1"].comment = Comment("x", "moi")
    data = rezipped(saved(book), lambda name, content: content)
    found = read(rezipped(data, lambda name, content: b"\xff<oops" if "comments" in name else content))
    assert found == [(1, [["a"]])]


@given(st.integers(0, 5_000), st.integers(1, 60), st.binary(min_size=1, max_size=60))
@settings(max_examples=60)
def test_a_damaged_workbook_never_raises(at: int, length: int, noise: bytes) -> None:
    data = values_book()
    for chunk in read_sheets(io.BytesIO(data[: at % len(data)] + noise + data[at % len(data) + length :])):
        assert isinstance(chunk, (Table, Text, Gap))
        if isinstance(chunk, Table):
            rows(chunk)
            chunk.sample()
