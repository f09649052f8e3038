"""Bytes to chunks: what a file holds, whatever it is called, as documents of text and tables.

`parts` is the only way in. It never raises: what cannot be read is a `Gap` among the chunks, what is encrypted
a part without chunks. Readers are imported when the first file of their family shows up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from phiscan.extract.budget import Budget, Doc, Visit, as_unreadable, gap_part, leaf
from phiscan.extract.charset import is_text
from phiscan.extract.kind import Kind, is_code, kind_of
from phiscan.model import Chunk, Gap, Limits, Part, Text

__all__ = ["parts", "warm"]

_Chunks = Iterator[Chunk | Gap]


def parts(stream: BinaryIO, name: str, size: int, limits: Limits) -> Iterator[Part]:
    """Yield the documents in `stream`: the file itself, or the members of an archive, or a mail and what it carries.

    `stream` is seekable and open for reading, `name` the file's last name (a hint only), `size` its bytes.
    The chunks of a part must be exhausted before the next part is asked for. A part with the status "gap" says
    what of an archive could not be read; it may bear the member of a part that came before it.
    """
    budget = Budget(limits, size)

    def visit(doc: Doc) -> Iterator[Part]:
        return _marked(doc, _safely(doc, visit, budget))

    yield from visit(Doc(stream, name, size))


def warm() -> None:
    """Load the system's libraries that a worker cannot open once it is locked down (a few milliseconds)."""
    from phiscan.extract import foreign

    foreign.libarchive()


def _safely(doc: Doc, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Yield the parts of `doc`; an exception becomes a part that is a gap."""
    kind = Kind("application/octet-stream", "strings")
    try:
        kind = _as_it_is(doc, kind_of(doc.stream, doc.name))
        empty = True
        for part in _read(doc, kind, visit, budget):
            empty = False
            yield part
        if empty and doc.member:  # an archive without members (the file itself is known without a part)
            yield Part(doc.member, kind.mime, doc.size, iter(()))
    except Exception as problem:
        error = as_unreadable(problem, "damaged content")
        yield gap_part(doc, kind, error.reason, error.detail)


def _as_it_is(doc: Doc, kind: Kind) -> Kind:
    """Return what a file is that says it is encrypted, and is not: text, or bytes of some kind."""
    from phiscan.extract.sealed import is_sealed

    if kind.family != "encrypted" or is_sealed(doc.stream, kind.detail):
        return kind
    doc.stream.seek(0)
    text = is_text(doc.stream.read(1 << 12))
    return Kind("text/plain", "text") if text else Kind("application/octet-stream", "strings")


def _marked(doc: Doc, found: Iterator[Part]) -> Iterator[Part]:
    """Add what went wrong while `doc` was unpacked to its own part."""
    flaw = doc.flaw
    for part in found:
        if flaw and part.member == doc.member:
            part.chunks = chain(part.chunks, (flaw,))
            part.status = "partial" if flaw.reason == "bomb" else part.status
            flaw = None
        yield part
    if flaw:
        yield Part(doc.member, "application/octet-stream", doc.size, iter((flaw,)), "gap")


def _read(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    match kind.family:
        case "archive":
            from phiscan.extract import archive

            return archive.parts(doc, kind, visit, budget)
        case "mail" | "mbox":
            from phiscan.extract import mail

            reader = mail.parts if kind.family == "mail" else mail.mailbox
            return reader(doc, kind, visit, budget)
        case "office" | "sheet":
            from phiscan.extract import office

            return office.parts(doc, kind, visit, budget)
        case "ole":
            from phiscan.extract import ole

            return ole.parts(doc, kind, visit, budget)
        case "pdf":
            from phiscan.extract import pdf

            return pdf.parts(doc, kind, visit, budget)
        case "encrypted":
            return _encrypted(doc, kind, visit, budget)
        case "unsupported":
            return iter((gap_part(doc, kind, "unsupported", kind.detail),))
        case "xml" | "json" | "notebook" | "message":
            from phiscan.extract import inline

            return chain((leaf(doc, kind, _chunks(doc, kind)),), inline.parts(doc, kind, visit, budget))
        case _:
            return iter((leaf(doc, kind, _chunks(doc, kind)),))


def _encrypted(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Yield the part of a document that is protected, or what one holds that opens without a password."""
    from phiscan.extract import defaultkey

    detail, _, weak = kind.detail.partition(" ")
    found = defaultkey.opened(doc.stream, detail, budget) if detail in defaultkey.TRIED else None
    if found is None:
        yield Part(doc.member, kind.mime, doc.size, iter(()), "encrypted", detail, weak=bool(weak))
        return
    file, size, error = found
    with file:
        flaw = doc.gap(error.reason, error.detail) if error else None
        inner = Doc(file, doc.name, size, doc.member, doc.depth + 1, flaw, doc.labels)
        if inner.depth > budget.limits.archive_depth + 1:
            yield gap_part(doc, kind, "bomb", "nested deeper than allowed")
        else:
            yield from visit(inner)


def _chunks(doc: Doc, kind: Kind) -> Iterable[Chunk | Gap]:
    match kind.family:
        case "empty":
            return ()
        case "image":
            from phiscan.extract import images

            return images.chunks(doc, kind)
        case "strings":
            from phiscan.extract import strings

            return strings.chunks(doc, kind)
        case "html" | "xml" | "rtf" | "markdown":
            from phiscan.extract import markup

            return markup.chunks(doc, kind)
        case "dbf":
            from phiscan.extract import dbf

            return dbf.chunks(doc)
        case "json":
            from phiscan.extract import jsontext

            return jsontext.chunks(doc, fhir=kind.mime == "application/fhir+json")
        case "calendar":
            from phiscan.extract import calendar

            return calendar.chunks(doc.stream)
        case "notebook":
            from phiscan.extract import notebook

            return notebook.chunks(doc)
        case "message":
            from phiscan.extract.markup import as_text

            return as_text(doc.stream)
        case _:
            return _plain(doc)


def _plain(doc: Doc) -> _Chunks:
    from phiscan.extract.plain import read_text_or_table

    doc.stream.seek(0)
    for chunk in read_text_or_table(doc.stream, doc.size, doc.name):
        if isinstance(chunk, Text) and is_code(doc.name):
            chunk.prose = False
        yield chunk
