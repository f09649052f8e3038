"""PDF: text page by page, form fields, notes, bookmarks, properties and attached files.

Pages that are only pictures are counted, and the count is one gap: they need OCR.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO

from phiscan.errors import Unreadable
from phiscan.extract.budget import Budget, Doc, Visit, gap_part, leaf, numbered, texts
from phiscan.model import Chunk, Gap, Part

if TYPE_CHECKING:
    from phiscan.extract.kind import Kind

MAX_PAGES = 50_000
MAX_NOTES = 10_000  # of one page
MAX_BOOKMARKS = 10_000
SPARSE = 16  # characters: a page with fewer and a picture is a scan with a stamp
DRAWN = 200  # paths on a page without text: its letters are drawn
MAX_RUNS = 20_000  # of text on a page
ROW = 3.0  # points: what stands less apart is on one line
CELL = 32  # characters: longer runs are columns of prose, read one after the other
_UNMAPPED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
_PROPERTIES = ("Title", "Author", "Subject", "Keywords")


def parts(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Yield the document, then the files attached to it."""
    import pypdfium2

    doc.stream.seek(0)
    try:
        pdf = pypdfium2.PdfDocument(_Steady(doc.stream))
    except pypdfium2.PdfiumError as error:
        yield _closed(doc, kind, error)
        return
    try:
        yield leaf(doc, kind, numbered(_content(pdf, doc)))
        if doc.depth < budget.limits.archive_depth:
            yield from _attached(pdf, doc, visit, budget)
    finally:
        pdf.close()


class _Steady(io.RawIOBase):
    """A file that ends where it cannot be read: an exception could not pass through PDFium's callback."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: Any, /) -> int:
        try:
            data = self._stream.read(len(buffer))
        except OSError:
            return 0
        memoryview(buffer).cast("B")[: len(data)] = data
        return len(data)


def _closed(doc: Doc, kind: Kind, error: Any) -> Part:
    from pypdfium2 import raw

    code = getattr(error, "err_code", None)
    if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
        from phiscan.extract.encrypted import pdf_is_weak

        return Part(doc.member, kind.mime, doc.size, iter(()), "encrypted", "pdf", weak=pdf_is_weak(doc.stream))
    return gap_part(doc, kind, "malformed", "damaged PDF")


def _content(pdf: Any, doc: Doc) -> Iterator[Chunk | Gap]:
    form = pdf.get_formtype()
    if form:
        pdf.init_forms()
    environment = pdf.formenv.raw if pdf.formenv else None
    unseen, broken, count = 0, 0, len(pdf)
    yield from texts(_properties(pdf))
    for number in range(min(count, MAX_PAGES)):
        try:
            text, blank = _page(pdf, number, environment)
        except Exception:  # one page: the others are read
            broken += 1
            continue
        unseen += blank
        yield from texts(text, page=number + 1, starts=True)
    yield from _gaps(doc, unseen, broken, count)
    if form == 2:
        yield doc.gap("unsupported", "XFA form")


def _gaps(doc: Doc, unseen: int, broken: int, count: int) -> Iterator[Gap]:
    if unseen:
        yield doc.gap("unsupported", f"no text layer on {unseen} of {count} pages, OCR needed")
    if broken:
        yield doc.gap("malformed", f"{broken} of {count} pages are damaged")
    if count > MAX_PAGES:
        yield doc.gap("too_big", "more pages than are read")


def _properties(pdf: Any) -> Iterator[str]:
    found = pdf.get_metadata_dict()
    for name in _PROPERTIES:
        if found.get(name, "").strip():
            yield f"{name}: {' '.join(found[name].split())}"
    for count, bookmark in enumerate(pdf.get_toc(max_depth=8)):
        if count >= MAX_BOOKMARKS:
            raise Unreadable("bomb", "more bookmarks than allowed")
        yield bookmark.get_title()


def _page(pdf: Any, number: int, environment: Any) -> tuple[list[str], bool]:
    """Return the lines of a page, and whether it shows something that is no text."""
    page = pdf[number]
    try:
        text_page = page.get_textpage()
        try:
            text = _by_rows(text_page) or text_page.get_text_range(errors="replace")
            lines = [line.strip("\ufffe\uffff\x00") for line in text.replace("\r\n", "\n").split("\n")]
            lines += _notes(page, text_page, environment)
        finally:
            text_page.close()
        blank = len(text.strip()) < SPARSE and _is_drawn(page, bool(text.strip()))
        return lines, blank or _is_unmapped(text)
    finally:
        page.close()


def _by_rows(text_page: Any) -> str:
    """Return the text of a page row by row, where a table on it is drawn column by column; else "".

    PDFium gives text in the order it is drawn. Where the drawing comes back to rows it has left, and what
    stands there is short, the labels of one column would be parted from the values of the next.
    """
    count = min(text_page.count_rects(), MAX_RUNS)
    boxes = [text_page.get_rect(index) for index in range(count)]
    rows = _rows([(bottom + top) / 2 for _, bottom, _, top in boxes])
    left = {row for row, following in pairwise(rows) if row != following}
    seen: set[int] = set()
    again = 0
    for before, row in zip([None, *rows], rows, strict=False):
        again += row != before and row in seen and row in left
        seen.add(row)
    if again < 2:
        return ""
    runs = [text_page.get_text_bounded(*box).strip() for box in boxes]
    if sum(map(len, runs)) > CELL * len(runs):
        return ""
    placed = sorted(zip(rows, boxes, runs, strict=True), key=lambda run: (-run[0], run[1][0]))
    lines: dict[int, list[str]] = {}
    for row, _, run in placed:
        lines.setdefault(row, []).append(run)
    return "\n".join(" ".join(line) for line in lines.values())


def _is_unmapped(text: str) -> bool:
    """Say whether the fonts of a page do not tell which characters they show."""
    return len(_UNMAPPED.findall(text)) * 3 > len(text) > SPARSE


def _rows(heights: list[float]) -> list[int]:
    """Number the rows of a page from the bottom: heights less than `ROW` apart are one."""
    rows, row = [0] * len(heights), 0
    order = sorted(range(len(heights)), key=heights.__getitem__)
    for before, index in pairwise(order):
        row += heights[index] - heights[before] >= ROW
        rows[index] = row
    return rows


def _is_drawn(page: Any, has_text: bool) -> bool:
    """Say whether a page with hardly any text has a picture, or letters drawn as paths."""
    from pypdfium2 import raw

    paths = 0
    for thing in page.get_objects(max_depth=3):
        if thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            return True
        paths += thing.type == raw.FPDF_PAGEOBJ_PATH
        if paths > DRAWN:
            return not has_text
    return False


def _notes(page: Any, text_page: Any, environment: Any) -> Iterator[str]:
    """Yield the values of form fields ("name: value") and the contents of notes."""
    from pypdfium2 import raw

    from phiscan.extract.pdfform import Fields, lines, string

    count = min(raw.FPDFPage_GetAnnotCount(page), MAX_NOTES)
    notes = [note for note in (raw.FPDFPage_GetAnnot(page, index) for index in range(count)) if note]
    try:
        widgets = [note for note in notes if raw.FPDFAnnot_GetSubtype(note) == raw.FPDF_ANNOT_WIDGET]
        fields = Fields(text_page, environment, widgets) if environment is not None else None
        for note in notes:
            if fields is not None and note in widgets:
                yield from fields.lines(note)
            else:
                yield from lines(string(raw.FPDFAnnot_GetStringValue, note, b"Contents"))
    finally:
        for note in notes:
            raw.FPDFPage_CloseAnnot(note)


def _attached(pdf: Any, doc: Doc, visit: Visit, budget: Budget) -> Iterator[Part]:
    for index in range(pdf.count_attachments()):
        budget.entry()
        attachment = pdf.get_attachment(index)
        name = attachment.get_name() or "unnamed"
        data = bytes(attachment.get_data())
        budget.take(len(data))
        yield from visit(Doc(io.BytesIO(data), name, len(data), doc.label(name), doc.depth + 1))
