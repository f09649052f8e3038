"""Office documents that are ZIPs of XML: Word, PowerPoint, OpenDocument, and what spreadsheets carry besides cells.

Every XML part of a document is read: headers and footers first, where a patient's identity stands, then the
body, notes, comments, deleted text, properties, embedded files. Pictures large enough to be scanned pages are
counted in one gap.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from phiscan.extract.budget import Budget, Doc, Reader, Visit, as_unreadable, gap_part, leaf, numbered, spool
from phiscan.model import Chunk, Gap, Part

if TYPE_CHECKING:
    from phiscan.extract.kind import Kind

# In this order; a part that no pattern names comes last and is read as plain XML.
_WORD = re.compile(r"word/(?:header|document|footer|footnotes|endnotes|comments|glossary/document)")
_ORDER = ("word/header", "word/document", "word/footer", "word/footnotes", "word/endnotes", "word/comments")
_SKIPPED = re.compile(  # how it looks, not what it says
    r"(?:/theme/|/(?:styles|settings|webSettings|fontTable|numbering|stylesWithEffects|presProps|viewProps|tableStyles"
    r"|commentsIds|commentsExtensible|commentsExtended)\.xml$|^\[Content_Types\]|^settings\.xml$|^META-INF/|^manifest\.rdf$"
    r"|^Configurations2/|^ppt/presentation\.xml$|^customXml/itemProps)"
)
_SLIDE = re.compile(r"ppt/(slides/slide|notesSlides/notesSlide|comments/\w*?comment\w*?)_?(\d+)\.xml$", re.IGNORECASE)
_EMBEDDED = re.compile(r"/embeddings/[^/]+$|\.(?:html?|mht|rtf|txt|docx?|xlsx?|pdf|csv|eml)$", re.IGNORECASE)
_DRAWING = re.compile(
    r"^(?:xl/drawings/drawing|ppt/(?:slideMasters|slideLayouts|notesMasters|handoutMasters)/)[^/]*\.xml$"
)
_OBJECT = re.compile(r"^Object \d+/content\.xml$")
_PICTURE = re.compile(r"(?:^|/)(?:media|Pictures)/")
_PROPERTIES = re.compile(r"^(?:docProps|customXml)/.*\.xml$|^meta\.xml$")
_RELATIONS = re.compile(r"\.rels$")
_BESIDE_CELLS = (_PROPERTIES, _RELATIONS, _DRAWING, _PICTURE, _OBJECT)


def parts(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Yield the document, then the files embedded in it."""
    from phiscan.extract.encrypted import odf_is_sealed

    if not zipfile.is_zipfile(doc.stream):  # .xls and other spreadsheets that are no ZIP
        yield leaf(doc, kind, _cells(doc))
        return
    try:
        archive = zipfile.ZipFile(doc.stream)
    except Exception:
        yield gap_part(doc, kind, "malformed", "damaged office document")
        return
    with archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
        if odf_is_sealed(archive):
            yield Part(doc.member, kind.mime, doc.size, iter(()), "encrypted", "odf")
            return
        yield leaf(doc, kind, numbered(_content(doc, kind, archive, names, budget)), "damaged office document")
        if doc.depth < budget.limits.archive_depth:
            yield from _embedded(doc, archive, names, visit, budget)


def _cells(doc: Doc) -> Iterator[Chunk | Gap]:
    from phiscan.extract.sheets import read_sheets

    doc.stream.seek(0)
    yield from read_sheets(doc.stream)


def _content(doc: Doc, kind: Kind, archive: zipfile.ZipFile, names: list[str], budget: Budget) -> Iterator[Chunk | Gap]:
    if kind.family == "sheet":
        for info in archive.infolist():  # the reader of sheets unpacks them by itself
            budget.take(info.file_size)
        yield from _cells(doc)
        names = [name for name in names if any(want.search(name) for want in _BESIDE_CELLS)]
    for name in sorted(names, key=_rank):
        if not _SKIPPED.search(name) or _RELATIONS.search(name):
            yield from _part(doc, archive, name, budget)
    yield from _pictures(doc, archive, names)


def _rank(name: str) -> tuple[int, int, int, str]:
    """Place headers before bodies before notes; slides by number, each followed by its notes and comments."""
    if slide := _SLIDE.match(name):
        return 2, int(slide[2]), len(slide[1]) if slide[1] != "slides/slide" else 0, name
    for place, prefix in enumerate(_ORDER):
        if name.startswith(prefix):
            return 1, place, 0, name
    if name in ("styles.xml", "content.xml"):
        return 1, int(name == "content.xml"), 0, name
    return 3, int(bool(_RELATIONS.search(name))), 0, name


def _part(doc: Doc, archive: zipfile.ZipFile, name: str, budget: Budget) -> Iterator[Chunk | Gap]:
    """Yield the content of one XML part; a damaged one is a gap among the others."""
    if not name.endswith((".xml", ".rels")):
        return
    try:
        with archive.open(name) as raw:
            yield from _read(name, _Counted(cast("Reader", raw), budget))
    except Exception as problem:
        error = as_unreadable(problem, "damaged part of an office document")
        yield doc.gap(error.reason, error.detail)
        if budget.spent:
            raise error from None


def _read(name: str, reader: _Counted) -> Iterator[Chunk | Gap]:
    from phiscan.extract import officexml

    if _RELATIONS.search(name):
        return officexml.links(reader)
    if name in ("content.xml", "styles.xml") or _OBJECT.match(name):
        return officexml.opendocument(reader, body=name == "content.xml")
    if _DRAWING.match(name):
        return officexml.slide(reader, None, starts=False)
    if _WORD.match(name):
        return officexml.word(reader)
    if slide := _SLIDE.match(name):
        return officexml.slide(reader, int(slide[2]), starts=slide[1] == "slides/slide")
    if _PROPERTIES.match(name) and not name.startswith("customXml"):
        return officexml.properties(reader)
    return officexml.generic(reader)


class _Counted:
    """A reader whose bytes are taken from the budget."""

    def __init__(self, reader: Reader, budget: Budget) -> None:
        self._reader, self._budget = reader, budget

    def read(self, size: int = -1, /) -> bytes:
        data = self._reader.read(size if 0 <= size <= 1 << 20 else 1 << 20)
        self._budget.take(len(data))
        return data


def _pictures(doc: Doc, archive: zipfile.ZipFile, names: list[str]) -> Iterator[Gap]:
    """Count the pictures that may be scanned pages."""
    from phiscan.extract.images import is_page
    from phiscan.extract.kind import kind_of

    count = 0
    for name in names:
        if not _PICTURE.search(name) or archive.getinfo(name).file_size < 1024:
            continue
        try:
            with archive.open(name) as file:
                kind = kind_of(file, name)  # type: ignore[arg-type]
                size = archive.getinfo(name).file_size
                count += kind.family == "image" and is_page(file, size, kind.mime)  # type: ignore[arg-type]
        except Exception:
            count += 1
    if count:
        yield doc.gap("unsupported", f"{count} pictures in the document not read: no OCR here")


def _embedded(doc: Doc, archive: zipfile.ZipFile, names: list[str], visit: Visit, budget: Budget) -> Iterator[Part]:
    for name in names:
        if not _EMBEDDED.search(name) or name.endswith(".rels"):
            continue
        if budget.spent:
            return
        budget.entry()
        with archive.open(name) as raw:
            file, size, error = spool(cast("Reader", raw), budget)
        with file:
            label = doc.label(name.rsplit("/", 1)[-1])
            flaw = Gap("extract", error.reason, error.detail, label) if error else None
            yield from visit(Doc(file, name, size, label, doc.depth + 1, flaw))
