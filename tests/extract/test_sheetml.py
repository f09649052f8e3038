"""Workbooks of Excel 2003 in one XML file: sheets are tables, cells stand where they belong."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from phiscan.extract.sheetml import sheet_chunks
from phiscan.model import Table
from tests.extract.opening import read
from tests.extract.tabling import rows

if TYPE_CHECKING:
    import pytest

CELL = '<Cell{0}><Data ss:Type="String">{1}</Data></Cell>'
BEGIN = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
)


def row(*cells: str, attributes: str = "") -> str:
    return "<Row>" + "".join(CELL.format(attributes, cell) for cell in cells) + "</Row>"


def sheet(name: str, *rows: str) -> str:
    return f'<Worksheet ss:Name="{name}"><Table>{"".join(rows)}</Table></Worksheet>'


def book(*sheets: str) -> bytes:
    return (BEGIN + "".join(sheets) + "</Workbook>").encode()


class Counted(io.BytesIO):
    """A stream that knows how often it is read."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes."""
        self.reads += 1
        return super().read(size)


PEOPLE = [["Nom", "Prenom"], ["LEFEVRE", "Helene"], ["MARTIN", "Zoe"]]
WHOLE = book(
    sheet("Titres", row("Nom", "Prénom"), row("LEFÈVRE", "Hélène"), row("MARTIN", "Zoé")),
    sheet("Vide"),
    sheet("Autre", row("a"), row("b")),
)


def test_each_sheet_is_a_table() -> None:
    assert read(WHOLE, "export.xls") == [("", "scanned", [PEOPLE, [["a"], ["b"]]])]
    found = [chunk for chunk in sheet_chunks(io.BytesIO(WHOLE)) or [] if isinstance(chunk, Table)]
    assert [(table.sheet, table.sheet_name, table.columns) for table in found] == [(1, "Titres", 2), (3, "Autre", 1)]


def test_cells_that_are_left_out_and_merged_ones() -> None:
    far = '<Row><Cell ss:Index="3"><Data>c</Data></Cell><Cell ss:MergeAcross="1"><Data>d</Data></Cell>'
    lines = [far + "<Cell><Data>e</Data></Cell></Row>", row("a", "b"), "<Row><Cell/></Row>"]
    assert read(book(sheet("x", *lines)), "x.xml") == [
        ("", "scanned", [[["", "", "c", "d", "", "e"], ["a", "b", "", "", "", ""]]])
    ]


AROUND = "Title: File active\n\nComment@Author: x\nHeader@Data: Service 2140\n"


def test_rich_text_comments_and_what_is_printed_around() -> None:
    rich = '<Cell><ss:Data>DU<B>PONT</B></ss:Data><Comment ss:Author="x"><ss:Data>VIH</ss:Data></Comment></Cell>'
    around = "<o:DocumentProperties><o:Title>File active</o:Title></o:DocumentProperties>"
    options = "<x:WorksheetOptions><x:PageSetup><x:Header x:Data='Service 2140'/></x:PageSetup></x:WorksheetOptions>"
    data = book(around, f'<Worksheet ss:Name="a"><Table><Row>{rich}</Row></Table>{options}</Worksheet>')
    assert read(data, "a.xls") == [("", "scanned", [AROUND, [["DUPONT VIH"]]])]


def test_what_stands_outside_the_cells_is_text_beside_the_tables() -> None:
    link = (
        '<Row ss:Height="15"><Cell ss:StyleID="s1" ss:HRef="mailto:zoe@chu.fr"><Data ss:Type="String">a</Data></Cell>'
    )
    properties = "<o:CustomDocumentProperties><o:Patient>MARTIN Zoe</o:Patient></o:CustomDocumentProperties>"
    style = '<Styles><Style ss:ID="s1" ss:Name="Normal"><Font ss:FontName="Arial"/></Style></Styles>'
    inner = "between<Cell><Data>b</Data></Cell></Row><y:Row xmlns:y='urn:y'><y:Cell>other</y:Cell></y:Row>"
    behind = "<Note>behind</Note><Row><Cell><Data>late</Data></Cell></Row><Cell>no row</Cell>"
    found = read(book("<!-- remark -->", properties, style, sheet("x", link + inner), behind), "x.xls")
    text, table = found[0][2]
    assert [line for line in text.splitlines() if line] == [
        "remark",
        "Patient: MARTIN Zoe",
        "Cell@HRef: mailto:zoe@chu.fr",
        "Row: between",
        "Cell: other",
        "Note: behind",
        "Cell: no row",
    ]
    assert table == [["a", "b"], ["late", ""]]


def test_a_document_of_another_kind_that_has_a_workbook_inside_is_read_as_xml() -> None:
    inside = BEGIN[BEGIN.index("<Workbook") :] + sheet("x", row("a")) + "</Workbook>"
    assert sheet_chunks(io.BytesIO(f"<export><nom>MARTIN</nom>{inside}</export>".encode())) is None


def test_many_sheets_are_read_once_or_as_xml(monkeypatch: pytest.MonkeyPatch) -> None:
    data = book(*(sheet(f"s{number}", row("a"), row(str(number))) for number in range(40)))
    stream = Counted(data)
    found = [chunk for chunk in sheet_chunks(stream) or [] if isinstance(chunk, Table)]
    read_once = stream.reads
    assert [rows(table) for table in found] == [[["a"], [str(number)]] for number in range(40)]
    assert stream.reads == read_once
    monkeypatch.setattr("phiscan.extract.sheetml._KEPT", 0)
    assert sheet_chunks(io.BytesIO(data)) is None
    (few,) = [chunk for chunk in sheet_chunks(io.BytesIO(book(sheet("x", row("a"))))) or [] if isinstance(chunk, Table)]
    assert rows(few) == [["a"]]


def test_too_much_outside_the_cells_is_read_as_xml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phiscan.extract.sheetml._OUTSIDE", 10)
    assert sheet_chunks(io.BytesIO(book(sheet("x", row("a")), "<!-- a long remark -->"))) is None


def test_what_is_broken_or_something_else_is_read_as_xml() -> None:
    assert sheet_chunks(io.BytesIO(WHOLE[:-30])) is None
    assert sheet_chunks(io.BytesIO(b"<?xml version='1.0'?><a>urn:schemas</a>")) is None
    assert "LEFÈVRE" in read(WHOLE[:-30], "export.xls")[0][2][0]


@given(st.lists(st.sampled_from([row("a"), "<Cell>", "</Cell>", "<Data>x</Data>", "</Worksheet>", "<Title>", "&x;"])))
def test_junk_never_raises(pieces: list[str]) -> None:
    data = book(sheet("a", *pieces))
    found: list[Any] = read(data, "a.xls")
    assert [part[1] for part in found] == ["scanned"]
