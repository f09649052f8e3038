"""Word, PowerPoint, OpenDocument and Outlook files, old and new: everything written in them, in its order."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING

import docx
import pptx
from odf.opendocument import OpenDocumentPresentation, OpenDocumentText
from odf.style import Header, MasterPage, PageLayout
from odf.table import Table, TableCell, TableRow
from odf.text import H, P
from PIL import Image
from pptx.util import Inches

from tests.extract.ole_file import ole
from tests.extract.opening import read, texts

if TYPE_CHECKING:
    from docx.document import Document

LIST = [["Nom", "NIR"], ["DURAND", "279"], ["MARTIN", "180"], ["PETIT", "155"]]
RESULTS = [["Hb", "13"], ["VIH", "positif"], ["K", "4,1"]]


def saved(document: Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def add_table(document: Document, rows: list[list[str]]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text


def letter() -> Document:
    document = docx.Document()
    document.core_properties.author = "Dr Petit"
    document.core_properties.comments = ""
    document.sections[0].header.paragraphs[0].text = "Patient : DURAND Marie"
    document.sections[0].footer.paragraphs[0].text = "Labo X"
    return document


def replaced(data: bytes, name: str, change: tuple[bytes, bytes]) -> bytes:
    """Return an office document with something replaced in one of its parts, or with a part more."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, content.replace(*change) if info.filename == name else content)
        if name not in old.namelist():
            new.writestr(name, change[1])
    return file.getvalue()


def test_word_header_comes_first_and_footer_behind_the_body() -> None:
    document = letter()
    document.add_paragraph("Chère consœur,\tmerci")
    add_table(document, RESULTS)
    document.add_paragraph("Cordialement")
    ((member, status, content),) = read(saved(document), "a.docx")
    assert (member, status) == ("", "scanned")
    assert content[:3] == [
        "Patient : DURAND Marie",
        "Chère consœur,\tmerci\nHb | 13\nVIH | positif\nK | 4,1\nCordialement",
        "Labo X",
    ]
    assert content[-1] == "creator: Dr Petit"


def test_a_word_table_that_lists_people_is_a_table() -> None:
    document = docx.Document()
    document.add_paragraph("Liste")
    add_table(document, LIST)
    document.add_paragraph("Fin")
    assert read(saved(document))[0][2][:3] == ["Liste", LIST, "Fin"]


def test_a_form_is_read_as_labels_and_values() -> None:
    document = docx.Document()
    add_table(document, [["Nom", "DURAND"], ["Prénom :", "Marie"], ["Né le", "12/03/1979"]])
    assert read(saved(document))[0][2][0] == "Nom : DURAND\nPrénom : Marie\nNé le : 12/03/1979"


def test_deleted_text_boxes_and_comments_are_read() -> None:
    document = docx.Document()
    document.add_paragraph("AVANT")
    document.add_comment(document.paragraphs[0].runs, "un avis", "Dr Petit")
    extra = (
        b"<w:del w:id='9' w:author='x'><w:r><w:delText>VIH positif</w:delText></w:r></w:del><w:r><w:t>APRES</w:t></w:r>"
        b"<w:r><w:txbxContent><w:p><w:r><w:t>dans la boite</w:t></w:r></w:p></w:txbxContent></w:r></w:p>"
    )
    data = replaced(saved(document), "word/document.xml", (b"</w:p>", extra))
    content = read(data)[0][2]
    assert content[0] == "AVANTAPRES\ndans la boite\nVIH positif"
    assert content[1] == "un avis"


def test_links_of_a_document_are_read() -> None:
    document = docx.Document()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    document.part.relate_to("mailto:marie.durand@example.fr", kind, is_external=True)
    assert "mailto:marie.durand@example.fr" in read(saved(document))[0][2]


def test_embedded_files_are_parts() -> None:
    data = replaced(saved(letter()), "word/embeddings/note.txt", (b"", b"Dedans."))
    assert read(data, "a.docx")[1:] == [("note.txt", "scanned", ["Dedans."])]


def test_only_pictures_as_large_as_pages_are_gaps() -> None:
    def picture(width: int, height: int) -> bytes:
        file = io.BytesIO()
        Image.effect_noise((width, height), 50).save(file, "PNG")
        return file.getvalue()

    document = docx.Document()
    document.add_picture(io.BytesIO(picture(300, 300)))
    assert not any("gap" in str(chunk) for chunk in read(saved(document))[0][2])
    document.add_picture(io.BytesIO(picture(900, 1200)))
    assert read(saved(document))[0][2][-1] == "gap unsupported: 1 pictures in the document not read: no OCR here"


def test_slides_are_pages_with_their_notes() -> None:
    deck = pptx.Presentation()
    for title, note in (("Cas un", "Mme Durand"), ("Cas deux", "")):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = title
        if note:
            slide.notes_slide.notes_text_frame.text = note
    table = deck.slides[1].shapes.add_table(3, 2, 0, 0, Inches(3), Inches(1)).table
    for row, cells in enumerate(RESULTS):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    file = io.BytesIO()
    deck.save(file)
    found = texts(file.getvalue(), "a.pptx")[:3]
    assert [(text.text, text.page, text.starts) for text in found] == [
        ("Cas un", 1, True),
        ("Mme Durand", 1, False),
        ("Cas deux\nHb | 13\nVIH | positif\nK | 4,1", 2, True),
    ]


def test_opendocument_text() -> None:
    document = OpenDocumentText()
    layout = PageLayout(name="p")
    document.automaticstyles.addElement(layout)
    master, header = MasterPage(name="Standard", pagelayoutname=layout), Header()
    header.addElement(P(text="Patient : DURAND Marie"))
    master.addElement(header)
    document.masterstyles.addElement(master)
    document.text.addElement(H(outlinelevel=1, text="Titre"))
    table = Table()
    for cells in LIST:
        row = TableRow()
        table.addElement(row)
        for text in cells:
            cell = TableCell()
            cell.addElement(P(text=text))
            row.addElement(cell)
    document.text.addElement(table)
    document.text.addElement(P(text="Fin"))
    file = io.BytesIO()
    document.write(file)
    assert read(file.getvalue(), "a.odt")[0][2][:4] == ["Patient : DURAND Marie", "Titre", LIST, "Fin"]


def test_opendocument_slides() -> None:
    from odf.draw import Frame, Page, TextBox

    document = OpenDocumentPresentation()
    layout = PageLayout(name="p")
    document.automaticstyles.addElement(layout)
    master = MasterPage(name="m", pagelayoutname=layout)
    document.masterstyles.addElement(master)
    for text in ("Un", "Deux"):
        page, frame, box = Page(masterpagename=master), Frame(), TextBox()
        box.addElement(P(text=text))
        frame.addElement(box)
        page.addElement(frame)
        document.presentation.addElement(page)
    file = io.BytesIO()
    document.write(file)
    assert [(text.text, text.page, text.starts) for text in texts(file.getvalue())][:2] == [
        ("Un", 1, True),
        ("Deux", 2, True),
    ]


def test_repetition_counts_are_not_believed() -> None:
    cells = '<table:table-cell table:number-columns-repeated="999999999"><text:p>x</text:p></table:table-cell>'
    content = (
        '<o xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><table:table>'
        f"<table:table-row>{cells}</table:table-row></table:table></o>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content)
    assert read(file.getvalue())[0][2] == ["x"]


def test_a_damaged_part_leaves_the_others() -> None:
    document = letter()
    document.add_paragraph("Bonjour")
    data = replaced(saved(document), "word/document.xml", (b"</w:body>", b"</w:boby>"))
    content = read(data)[0][2]
    assert content[0] == "Patient : DURAND Marie"
    assert "gap malformed: damaged part of an office document" in content
    assert "Labo X" in content


def test_sheets_and_their_properties() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.properties.creator = "Dr Petit"
    assert book.active is not None
    for row in LIST:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    content = read(file.getvalue(), "a.xlsx")[0][2]
    assert content[0] == LIST
    assert content[-1] == "creator: Dr Petit"


def test_a_sheet_that_claims_too_much_is_a_bomb() -> None:
    from phiscan.model import Limits
    from tests.extract.test_archive import make_zip

    data = make_zip({"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<a/>", "xl/x.xml": b" " * (2 << 20)})
    assert read(data, limits=Limits(unpacked=1 << 20))[0][2] == ["gap bomb: more unpacked bytes than allowed"]


# --- before 2007


def make_doc(body: str, header: str) -> bytes:
    """Return a Word 97 file whose body is stored as bytes and whose header is UTF-16, in two pieces."""
    raw = body.encode("cp1252") + header.encode("utf-16-le")
    start = 1024
    fib = bytearray(start)
    struct.pack_into("<6H", fib, 0, 0xA5EC, 0x00C1, 0, 0, 0, 0x0200)
    struct.pack_into("<III", fib, 76, len(body), 0, len(header))
    pieces = struct.pack("<3I", 0, len(body), len(body) + len(header))
    pieces += struct.pack("<HIH", 0, start * 2 | 0x40000000, 0) + struct.pack("<HIH", 0, start + len(body), 0)
    clx = b"\x01" + struct.pack("<H", 4) + bytes(4) + b"\x02" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<II", fib, 418, 16, len(clx))
    return ole({"WordDocument": bytes(fib) + raw, "1Table": bytes(16) + clx})


def test_word_97() -> None:
    data = make_doc("Né le 12/03\rHb\x0713\x07\x07K\x074\x07\x07Fin\r", "Patient : DURAND œ\r")
    assert read(data, "a.doc") == [
        ("", "scanned", ["Patient : DURAND œ\n\nNé le 12/03\nHb | 13\nK | 4\nFin\n"]),
    ]


def test_word_97_cut_short_is_a_gap() -> None:
    assert read(ole({"WordDocument": struct.pack("<HH", 0xA5EC, 0xC1)})) == [
        ("", "scanned", ["gap malformed: damaged Word document"])
    ]


def test_powerpoint_97() -> None:
    def atom(kind: int, data: bytes, version: int = 0) -> bytes:
        return struct.pack("<HHI", version, kind, len(data)) + data

    words = atom(4008, "Résumé\rSuite".encode("cp1252")) + atom(1, b"zzz") + atom(4000, "œuvre".encode("utf-16-le"))
    data = ole({"PowerPoint Document": atom(1006, words, 0xF)})
    assert read(data, "a.ppt") == [("", "scanned", ["Résumé\nSuite\nœuvre"])]


def test_outlook_message() -> None:
    def wide(text: str) -> bytes:
        return text.encode("utf-16-le")

    data = ole(
        {
            "__properties_version1.0": bytes(32),
            "__substg1.0_0C1A001F": wide("Labo X"),
            "__substg1.0_0037001F": wide("Résultats"),
            "__substg1.0_1000001F": wide("Bonjour,\r\nMme Durand"),
            "__attach_version1.0_#00000000/__substg1.0_3707001F": wide("note.txt"),
            "__attach_version1.0_#00000000/__substg1.0_37010102": b"Dedans.",
        }
    )
    found = read(data, "a.msg")
    assert found[0] == ("", "scanned", ["From: Labo X\nSubject: Résultats\n\nBonjour,\nMme Durand"])
    assert (found[1][0], found[1][2][0].rstrip()) == ("note.txt", "Dedans.")


def test_other_storages_are_gaps() -> None:
    assert read(ole({"Catalog": b"x"}), "Thumbs.db") == [
        ("", "gap", ["gap unsupported: this kind of OLE storage is not read"])
    ]
