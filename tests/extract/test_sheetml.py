"""Workbooks of Excel 2003 in one XML file: sheets are tables, cells stand where they belong."""

from __future__ import annotations

import io
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.extract.sheetml import sheet_chunks
from phiscan.model import Table
from tests.extract.opening import read

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
    rows = [far + "<Cell><Data>e</Data></Cell></Row>", row("a", "b"), "<Row><Cell/></Row>"]
    assert read(book(sheet("x", *rows)), "x.xml") == [
        ("", "scanned", [[["", "", "c", "d", "", "e"], ["a", "b", "", "", "", ""]]])
    ]


def test_rich_text_comments_and_what_is_printed_around() -> None:
    rich = '<Cell><ss:Data>DU<B>PONT</B></ss:Data><Comment ss:Author="x"><ss:Data>VIH</ss:Data></Comment></Cell>'
    around = "<o:DocumentProperties><o:Title>File active</o:Title></o:DocumentProperties>"
    options = "<x:WorksheetOptions><x:PageSetup><x:Header x:Data='Service 2140'/></x:PageSetup></x:WorksheetOptions>"
    data = book(around, f'<Worksheet ss:Name="a"><Table><Row>{rich}</Row></Table>{options}</Worksheet>')
    assert read(data, "a.xls") == [("", "scanned", ["Title: File active\nService 2140", [["DUPONT VIH"]]])]


def test_what_is_broken_or_something_else_is_read_as_xml() -> None:
    assert sheet_chunks(io.BytesIO(WHOLE[:-30])) is None
    assert sheet_chunks(io.BytesIO(b"<?xml version='1.0'?><a>urn:schemas</a>")) is None
    assert "LEFÈVRE" in read(WHOLE[:-30], "export.xls")[0][2][0]


@settings(deadline=None)
@given(st.lists(st.sampled_from([row("a"), "<Cell>", "</Cell>", "<Data>x</Data>", "</Worksheet>", "<Title>", "&x;"])))
def test_junk_never_raises(pieces: list[str]) -> None:
    data = book(sheet("a", *pieces))
    found: list[Any] = read(data, "a.xls")
    assert [part[1] for part in found] == ["scanned"]
