"""PDF: text in rows, pages, what stands beside the text, and pages that are pictures."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from tests.extract.opening import read, texts


def make(*pages: Callable[[Canvas], None], title: str = "CR") -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.setTitle(title)
    canvas.setAuthor("Dr Martin")
    canvas.setSubject("")
    for page in pages:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def lines(*rows: str) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        for number, row in enumerate(rows):
            canvas.drawString(72, 780 - 14 * number, row)

    return draw


def picture(canvas: Canvas) -> None:
    canvas.drawInlineImage(Image.new("RGB", (200, 200), "white"), 72, 400)


def test_pages_are_numbered_and_begin_something_new() -> None:
    data = make(lines("Patient : DURAND Marie", "Né le 12/03/1979"), lines("Suite"))
    assert read(data) == [
        ("", "scanned", ["Title: CR\nAuthor: Dr Martin", "Patient : DURAND Marie\nNé le 12/03/1979", "Suite"])
    ]
    assert [(text.page, text.line, text.starts) for text in texts(data)] == [
        (None, 1, False),
        (1, 3, True),
        (2, 5, True),
    ]


ROWS = (("Nom", "NIR", "VIH"), ("DURAND", "279", "POS"), ("MARTIN", "180", "NEG"))
TABLE = "Nom NIR VIH\nDURAND 279 POS\nMARTIN 180 NEG"


def test_a_table_drawn_row_by_row_keeps_its_rows() -> None:
    def draw(canvas: Canvas) -> None:
        for number, row in enumerate(ROWS):
            for column, cell in enumerate(row):
                canvas.drawString(72 + 120 * column, 700 - 14 * number, cell)

    assert read(make(draw))[0][2][1] == TABLE


def test_a_table_drawn_column_by_column_keeps_its_rows() -> None:
    def draw(canvas: Canvas) -> None:
        for column in range(3):
            for number, row in enumerate(ROWS):
                canvas.drawString(72 + 120 * column, 700 - 14 * number, row[column])

    assert read(make(draw))[0][2][1] == TABLE


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    prose = "Le patient est suivi depuis dix ans pour"

    def draw(canvas: Canvas) -> None:
        for column in range(2):
            for number in range(4):
                canvas.drawString(40 + 270 * column, 700 - 14 * number, f"{prose} {column}{number}")

    assert read(make(draw))[0][2][1].split("\n")[1] == f"{prose} 01"


def test_form_fields_notes_and_bookmarks() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 780, "Formulaire")
        canvas.acroForm.textfield(name="nom", value="DURAND", x=72, y=700)
        canvas.textAnnotation("à revoir", (10, 10, 100, 100))
        canvas.bookmarkPage("a")
        canvas.addOutlineEntry("Chapitre", "a")

    assert read(make(draw))[0][2] == [
        "Title: CR\nAuthor: Dr Martin\nChapitre",
        "Formulaire\nnom: DURAND\nà revoir",
    ]


def test_pages_that_are_pictures_are_counted_in_one_gap() -> None:
    assert read(make(lines("Texte"), picture, picture))[0][2][-1] == (
        "gap unsupported: no text layer on 2 of 3 pages, OCR needed"
    )


def test_an_empty_page_is_no_gap() -> None:
    assert read(make(lines("Texte"), lambda _: None))[0][2] == ["Title: CR\nAuthor: Dr Martin", "Texte"]


def test_damaged_pdf_is_a_gap() -> None:
    assert read(b"%PDF-1.7\nrien de plus") == [("", "gap", ["gap malformed: damaged PDF"])]


def test_a_pdf_cut_short_is_read_or_a_gap() -> None:
    data = make(lines("Patient : DURAND Marie"))
    for length in range(0, len(data), 97):
        for _, status, content in read(data[:length], "a.pdf"):
            assert status in ("scanned", "gap")
            assert content or length == 0


def test_a_field_with_a_number_for_a_name_is_called_what_is_printed_beside_it() -> None:
    def draw(canvas: Canvas) -> None:
        for number, (label, value) in enumerate((("Nom de naissance :", "DURAND"), ("Né(e) le ....", "12/03/1979"))):
            canvas.drawString(40, 706 - 40 * number, label)
            canvas.acroForm.textfield(name=f"f{number}", value=value, x=250, y=700 - 40 * number, width=200, height=20)
        canvas.acroForm.textfield(name="telephone", value="0600000000", x=250, y=620, width=200, height=20)
        canvas.acroForm.textfield(name="Text7", value="rien à côté", x=250, y=500, width=200, height=20)

    assert read(make(draw))[0][2][1] == (
        "Nom de naissance :\nNé(e) le ....\n"
        "Nom de naissance: DURAND\nNé(e) le: 12/03/1979\ntelephone: 0600000000\nText7: rien à côté"
    )


def test_of_two_fields_in_a_row_each_has_its_own_label() -> None:
    def draw(canvas: Canvas) -> None:
        for label, x in (("Nom", 40), ("Prénom", 200)):
            canvas.drawString(x, 706, label)
        canvas.acroForm.textfield(name="Champ1", value="DURAND", x=80, y=700, width=100, height=20)
        canvas.acroForm.textfield(name="Champ2", value="Marie", x=250, y=700, width=100, height=20)
        canvas.drawString(40, 664, "Date de naissance")
        canvas.acroForm.textfield(name="Champ3", value="12/03/1979", x=40, y=640, width=100, height=20)

    assert read(make(draw))[0][2][1] == (
        "Nom Prénom\nDate de naissance\nNom: DURAND\nPrénom: Marie\nDate de naissance: 12/03/1979"
    )
