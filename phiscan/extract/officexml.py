"""The XML inside office documents as lines and tables: WordprocessingML, DrawingML, OpenDocument, the rest.

Parts are parsed element by element and forgotten at once, so that a document of any length fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from phiscan.extract.budget import Reader, texts
from phiscan.extract.tabular import MAX_COLUMNS, grid
from phiscan.model import Chunk, Gap, Table, Text

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_BLOCK = 1 << 18
_COUNTED = frozenset(
    "Template TotalTime Pages Words Characters Application DocSecurity Lines Paragraphs ScaleCrop LinksUpToDate "
    "CharactersWithSpaces SharedDoc HyperlinksChanged AppVersion HiddenSlides MMClips Slides Notes PresentationFormat "
    "i4 bool revision created modified lastPrinted generator creation-date date editing-duration editing-cycles".split()
)

Line = str | list[list[str]]  # a line of text, or the rows of a table


def _elements(reader: Reader, tops: frozenset[str]) -> Iterator[Any]:
    """Yield the outermost elements called one of `tops`, each complete, and forget them afterwards."""
    from lxml import etree

    parser: Any = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, huge_tree=False, no_network=True, load_dtd=False
    )
    inside = 0
    while block := reader.read(_BLOCK):
        parser.feed(block)
        for event, element in parser.read_events():
            if not isinstance(element.tag, str) or _local(element) not in tops:
                if event == "end" and not inside:
                    element.clear(keep_tail=True)
                continue
            inside += 1 if event == "start" else -1
            if event == "end" and not inside:
                yield element
                _forget(element)
    parser.close()


def _forget(element: Any) -> None:
    element.clear(keep_tail=True)
    while element.getprevious() is not None:
        del element.getparent()[0]


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _chunks(lines: Iterable[Line], *, page: int | None = None, starts: bool = False) -> Iterator[Chunk | Gap]:
    """Join lines to passages, set apart by the tables among them that are data."""
    held: list[str] = []
    size = 0
    for line in lines:
        found = line if isinstance(line, str) else grid(line)
        if isinstance(found, Table):
            yield from _passage(held, page, starts)
            held, size, starts = [], 0, False
            yield found
            continue
        for text in [found] if isinstance(found, str) else found:
            held.append(text)
            size += len(text)
        if size > _BLOCK:
            yield from _passage(held, page, starts)
            held, size, starts = [], 0, False
    yield from _passage(held, page, starts)


def _passage(lines: list[str], page: int | None, starts: bool) -> Iterator[Text]:
    yield from texts(lines, page=page, starts=starts)


# --- Word


def word(reader: Reader) -> Iterator[Chunk | Gap]:
    """Yield the text of a body, header, footer, note or comment part of a Word document."""
    return _chunks(line for top in _elements(reader, frozenset({"p", "tbl"})) for line in _word_block(top))


def _word_block(block: Any) -> Iterator[Line]:
    if _local(block) == "tbl":
        yield _rows(block, "tr", "tc", lambda cell: " ".join(_word_cell(cell)))
    else:
        yield from _word_paragraph(block)


def _word_cell(cell: Any) -> Iterator[str]:
    for paragraph in cell.iter(_W + "p", _W_STRICT + "p"):
        if _nested_in(paragraph, "p", cell):
            continue
        yield from _word_paragraph(paragraph)


def _nested_in(element: Any, name: str, top: Any) -> bool:
    around = element.getparent()
    while around is not None and around is not top:
        if _local(around) == name:
            return True
        around = around.getparent()
    return False


def _word_paragraph(paragraph: Any) -> Iterator[str]:
    """Yield a paragraph's line, then its text boxes, deleted text and field codes as lines of their own."""
    line: list[str] = []
    asides: dict[str, list[str]] = {}
    boxes: list[str] = []
    _word_runs(paragraph, line, asides, boxes)
    yield "".join(line)
    yield from boxes
    for pieces in asides.values():
        if text := "".join(pieces).strip():
            yield text


def _word_runs(element: Any, line: list[str], asides: dict[str, list[str]], boxes: list[str]) -> None:
    for child in element:
        if not isinstance(child.tag, str) or child.tag == _FALLBACK:
            continue
        match _local(child):
            case "t":
                line.append(child.text or "")
            case "tab" if _local(element) == "r":
                line.append("\t")
            case "br" | "cr":
                line.append("\n")
            case "noBreakHyphen":
                line.append("-")
            case "delText" | "instrText" | "delInstrText" as aside:
                asides.setdefault(aside, []).append(child.text or "")
            case "txbxContent":
                for paragraph in child.iter(_W + "p", _W_STRICT + "p"):
                    boxes.extend(_word_paragraph(paragraph))
            case "docPr":  # the description of a picture
                boxes.extend(value for key in ("title", "descr") if (value := child.get(key)))
                _word_runs(child, line, asides, boxes)
            case _:
                _word_runs(child, line, asides, boxes)


# --- slides


def slide(reader: Reader, number: int | None, *, starts: bool) -> Iterator[Chunk | Gap]:
    """Yield the text of a slide, its notes or comments. `number` is the page it is reported on."""
    tops = frozenset({"p", "tbl", "text", "cNvPr"})
    return _chunks((line for top in _elements(reader, tops) for line in _slide_block(top)), page=number, starts=starts)


def _slide_block(block: Any) -> Iterator[Line]:
    if _local(block) == "tbl":
        yield _rows(block, "tr", "tc", lambda cell: " ".join(_drawn(part) for part in cell.iter("{*}p")))
    elif _local(block) == "cNvPr":
        yield from (value for key in ("title", "descr") if (value := block.get(key)))
    else:
        yield _drawn(block)


def _drawn(paragraph: Any) -> str:
    """Return the text of a DrawingML paragraph."""
    if _local(paragraph) == "text":
        return "".join(paragraph.itertext())
    marks = {"br": "\n", "tab": "\t"}
    found = paragraph.iter("{*}t", "{*}br", "{*}tab")
    return "".join(marks.get(_local(element)) or element.text or "" for element in found)


# --- OpenDocument


def opendocument(reader: Reader, *, body: bool) -> Iterator[Chunk | Gap]:
    """Yield the text of `content.xml`, or of the headers and footers in `styles.xml`; a slide begins something new."""
    held: list[Line] = []
    page = 0
    for top in _elements(reader, frozenset({"p", "h", "table", "page"})):
        if _local(top) == "page" and top.tag.startswith(_DRAW) and body:
            yield from _chunks(held)
            held, page = [], page + 1
            yield from _chunks(_odf_blocks(top), page=page, starts=True)
            continue
        held.extend(_odf_block(top))
        if len(held) >= 1000:
            yield from _chunks(held)
            held = []
    yield from _chunks(held)


def _odf_blocks(top: Any) -> Iterator[Line]:
    for element in top.iter(_TEXT + "p", _TEXT + "h", _TABLE + "table"):
        if not _nested_in(element, "table", top) and not _nested_in(element, "p", top):
            yield from _odf_block(element)


def _odf_block(block: Any) -> Iterator[Line]:
    if block.tag == _TABLE + "table":
        yield _rows(block, "table-row", "table-cell", lambda cell: " ".join(map(_odf_text, cell.iter(_TEXT + "p"))))
    elif _local(block) in ("p", "h"):
        yield _odf_text(block)


def _odf_text(element: Any) -> str:
    pieces: list[str] = []
    _odf_pieces(element, pieces)
    return "".join(pieces)


def _odf_pieces(element: Any, pieces: list[str]) -> None:
    pieces.append(element.text or "")
    for child in element:
        if isinstance(child.tag, str):
            match _local(child):
                case "s":
                    pieces.append(" " * min(_number(child.get(_TEXT + "c")), 100))
                case "tab":
                    pieces.append("\t")
                case "line-break":
                    pieces.append("\n")
                case "annotation" | "note-body" | "text-box":
                    pieces.append(" [")
                    _odf_pieces(child, pieces)
                    pieces.append("] ")
                case _:
                    _odf_pieces(child, pieces)
        pieces.append(child.tail or "")


def _number(value: str | None) -> int:
    """Return a count from a file: 1 where there is none or it is none."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 9 else 1


# --- tables, whatever format


def _rows(table: Any, row_name: str, cell_name: str, text: Callable[[Any], str]) -> list[list[str]]:
    """Return the cells of a table. A cell that stretches over several columns is followed by empty ones."""
    rows = []
    for row in table.iter("{*}" + row_name):
        if _nested_in(row, _local(table), table):
            continue
        cells: list[str] = []
        for cell in row.iter("{*}" + cell_name, "{*}covered-table-cell"):
            if _nested_in(cell, cell_name, row) or len(cells) >= MAX_COLUMNS:
                continue
            value = " ".join(text(cell).split())
            cells += [value] + [""] * (_span(cell) - 1) if value else [""] * _span(cell)
        rows.append(cells[:MAX_COLUMNS])
    return rows


def _span(cell: Any) -> int:
    for element in cell.iter("{*}gridSpan"):
        return min(_number(next(iter(element.attrib.values()), None)), MAX_COLUMNS)
    if _local(cell) == "tc":
        return min(_number(cell.get("gridSpan")), MAX_COLUMNS)
    return min(_number(cell.get(_TABLE + "number-columns-repeated")), MAX_COLUMNS)


# --- the rest


def links(reader: Reader) -> Iterator[Chunk | Gap]:
    """Yield the addresses a document points to."""
    relations = _elements(reader, frozenset({"Relationship"}))
    found = (relation.get("Target") for relation in relations if relation.get("TargetMode") == "External")
    yield from texts([target for target in found if target], prose=False)


def properties(reader: Reader) -> Iterator[Chunk | Gap]:
    """Yield the properties of a document that people write: not counts, programs and times of saving."""
    from lxml import etree

    lines = []
    for _, element in etree.iterparse(reader, resolve_entities=False, huge_tree=False, no_network=True):
        name, value = _local(element), (element.text or "").strip()
        if value and not len(element) and name not in _COUNTED:
            lines.append(f"{element.get('name') or element.getparent().get('name') or name}: {value}")
    yield from texts(lines)


def generic(reader: Reader) -> Iterator[Chunk | Gap]:
    """Yield an XML part as lines "tag: value": properties, custom XML, diagrams, charts."""
    from phiscan.extract.xmltext import reader_chunks

    for chunk in reader_chunks(reader):
        if isinstance(chunk, Text):
            chunk.prose = False
        yield chunk
