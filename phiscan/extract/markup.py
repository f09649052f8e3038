"""HTML, XML, RTF and Markdown: their text in reading order, and what hides in attributes and comments.

Markup that is damaged or too large for a tree is read as plain text, tags and all: nothing is left unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from phiscan.errors import Unreadable
from phiscan.extract.budget import Doc, numbered, texts
from phiscan.extract.mending import mended
from phiscan.model import Chunk, Gap, Table, Text

if TYPE_CHECKING:
    from phiscan.extract.kind import Kind

MAX_TREE = 64 << 20  # bytes of HTML or RTF that are held at once
HEAD = 1 << 16
MAX_OPEN = 5000  # elements of one name
_NESTING = "div span font table ul ol center blockquote section article form b i u a s em DIV SPAN FONT TABLE".split()
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_:-]{2,40})", re.IGNORECASE)


def chunks(doc: Doc, kind: Kind) -> Iterator[Chunk | Gap]:
    """Yield the content of a document of markup."""
    doc.stream.seek(0)
    match kind.family:
        case "html" if doc.size <= MAX_TREE:
            return numbered(html_chunks(doc.stream.read(MAX_TREE), ""))
        case "xml":
            from phiscan.extract.codedrows import xml_table
            from phiscan.extract.sheetml import sheet_chunks
            from phiscan.extract.xmltext import xml_chunks

            sheets = sheet_chunks(doc.stream)
            if sheets is not None:
                return iter(sheets)
            table = xml_table(doc.stream)
            fhir = kind.mime == "application/fhir+xml"
            return iter((table,)) if table is not None else xml_chunks(doc.stream, fhir=fhir)
        case "rtf":
            return _rtf(doc)
        case "markdown":
            return as_text(doc.stream)
        case _:  # HTML too large for a tree
            return as_text(doc.stream, prose=False)


def as_text(stream: BinaryIO, *, start: int = 0, prose: bool = True) -> Iterator[Chunk | Gap]:
    """Yield what follows byte `start` as plain text."""
    from phiscan.extract.decode import Source, detect, text_blocks
    from phiscan.extract.plain import text_pieces

    stream.seek(start)
    head = stream.read(HEAD)
    source = Source(stream, start)
    for text in text_pieces(text_blocks(source, detect(head, whole=len(head) < HEAD))):
        text.prose = text.prose and prose
        yield text
    if source.gap:
        yield source.gap


# --- HTML

_SKIPPED = {"script", "style", "noscript-script", "template-script"}
_BLOCKS = set(
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main nav ol option p pre section select summary "
    "table tbody textarea tfoot thead title tr ul".split()
)
_CELLS = {"td", "th"}
_LABELLED = ("title", "alt", "value", "content", "placeholder", "label", "summary", "aria-label")


def html_chunks(data: bytes, charset: str) -> Iterator[Chunk | Gap]:
    """Yield the content of an HTML document. `charset` is what its carrier declares, "" for nothing."""
    from selectolax.lexbor import LexborHTMLParser

    source = _decode(data, charset)
    if _is_deep(source):  # the time a parser of HTML takes grows with the square of the depth
        yield from texts(source.split("\n"), prose=False)
        return
    tree = LexborHTMLParser(source)
    if tree.root is not None:
        yield from _Html().read(tree.root)


def _is_deep(source: str) -> bool:
    """Say whether far more elements of one name are opened than closed."""
    return any(source.count(f"<{tag}") - source.count(f"</{tag}") > MAX_OPEN for tag in _NESTING)


def _decode(data: bytes, charset: str) -> str:
    from phiscan.extract.decode import decode_bytes, detect

    found = detect(data[:HEAD], whole=len(data) <= HEAD)
    if found.bom or found.unit > 1:
        return decode_bytes(data, found)
    declared = _CHARSET.search(data[:HEAD])
    for name in (charset, declared[1].decode("ascii") if declared else "", "utf-8"):
        try:
            # What calls itself Latin-1 is Windows-1252 (WHATWG, Encoding 4.2).
            return mended(data.decode("cp1252" if name.lower() in ("iso-8859-1", "latin1", "us-ascii") else name))
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return decode_bytes(data, found)


class _Html:
    """Walks a tree without recursion and collects lines; a table that is data interrupts them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.rows: list[list[str]] | None = None  # of the outermost table being read
        self.depth = 0  # of tables

    def read(self, root: Any) -> Iterator[Chunk | Gap]:
        node, entering = root, True
        while node is not None:
            if entering:
                self._enter(node)
                if node.tag not in _SKIPPED and node.child is not None:
                    node = node.child
                    continue
            yield from self._leave(node)
            if node.next is not None and node.mem_id != root.mem_id:
                node, entering = node.next, True
            else:
                node, entering = (None if node.mem_id == root.mem_id else node.parent), False
        yield from self._flush()

    def _enter(self, node: Any) -> None:
        tag = node.tag
        if tag == "-text":
            self.line.append(node.text_content or "")
        elif tag == "-comment":
            self._aside(node.comment_content or "")
        elif tag == "script" and "json" in (node.attributes.get("type") or ""):
            self._aside(node.text() or "")
        else:
            self._open(tag)
            if not tag.startswith("-"):
                self._attributes(tag, node.attributes)

    def _open(self, tag: str) -> None:
        if tag == "table":
            self._break()
            self.depth += 1
            if self.depth == 1:
                self.rows = []
        elif tag == "tr" and self.depth == 1 and self.rows is not None:
            self._break()
            self.rows.append([])
        elif tag in _CELLS and self.depth == 1 and self.rows is not None:
            self._break()
            self.rows.append([]) if not self.rows else None
            self.rows[-1].append("")
        elif tag in _CELLS:
            self.line.append(" | ") if self.line else None
        elif tag in _BLOCKS:
            self._break()

    def _attributes(self, tag: str, attributes: dict[str, str | None]) -> None:
        for name, value in attributes.items():
            if not value or not value.strip():
                continue
            if name in _LABELLED or (name == "href" and value.lower().startswith(("mailto:", "tel:"))):
                label = attributes.get("name") or attributes.get("property") or ""
                shown = f"{label}: {value}" if label and name in ("value", "content") else value
                if tag in ("input", "textarea", "button") and not self.rows:
                    self.line.append(f" {shown} ")
                else:
                    self._aside(shown)

    def _leave(self, node: Any) -> Iterator[Chunk | Gap]:
        tag = node.tag
        if tag == "table" and self.depth:
            self._break()
            self.depth -= 1
            if self.depth == 0:
                rows, self.rows = self.rows or [], None
                yield from self._table(rows)
        elif tag in _BLOCKS or (tag in _CELLS and self.depth == 1):
            self._break()

    def _table(self, rows: list[list[str]]) -> Iterator[Chunk | Gap]:
        from phiscan.extract.tabular import grid

        found = grid(rows)
        if isinstance(found, Table):
            yield from self._flush()
            yield found
        else:
            self.lines.extend(found)

    def _aside(self, text: str) -> None:
        """Take text that stands in no line of the page: a line of its own, or a word in a cell."""
        if self.rows and self.rows[-1]:
            self.line.append(f" {text} ")
            return
        held, self.line = self.line, []
        self.lines.append(" ".join(text.split()))
        self.line = held

    def _break(self) -> None:
        """End the line; inside a table it goes to the present cell."""
        text = " ".join("".join(self.line).split())
        self.line = []
        if not text:
            return
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {text}".strip()
        else:
            self.lines.append(text)

    def _flush(self) -> Iterator[Text]:
        self._break()
        lines, self.lines = self.lines, []
        yield from texts(lines)


# --- RTF

_HEX = re.compile(r"(?:[0-9a-fA-F]{2}\s*){256,}")
_ASIDE = re.compile(
    r"\\(?:\*\\)?(?:headerf?[lr]?|footerf?[lr]?|footnote|annotation|atnauthor|info|title|subject"
    r"|author|manager|company|operator|keywords|comment|doccomm|shptxt|result|shpinst|shp"
    r"|ffdeftext|formfield)(?![a-z])"
)


def _rtf(doc: Doc) -> Iterator[Chunk | Gap]:
    """Read RTF with headers, footers, notes and properties, which striprtf leaves out as destinations."""
    from striprtf.striprtf import rtf_to_text

    data = doc.stream.read(MAX_TREE + 1)
    if len(data) > MAX_TREE:
        raise Unreadable("too_big", "RTF too large to be read")
    source = data.decode("latin-1")
    pictures = "\\pict" in source or "\\objdata" in source
    source = _ASIDE.sub(r"\\par ", _HEX.sub("", source))
    convert: Any = rtf_to_text
    yield from texts(convert(source, encoding="cp1252", errors="replace").split("\n"))
    if pictures and "\\objdata" in source:
        yield doc.gap("unsupported", "embedded objects in RTF are not read")
