"""XML as lines "tag: value", streamed and without a tree: any size, no entity, no network.

Attributes are "tag@name: value", but an attribute called `value` is the element's own value (FHIR, CDA). The
children of the root are set apart by an empty line. Damaged XML is read as plain text from where it breaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from phiscan.extract.budget import BLOCK, CHUNK, Reader
from phiscan.extract.fhir import Patients, Resources
from phiscan.extract.inline import is_document
from phiscan.extract.mending import mended
from phiscan.model import Chunk, Gap, Text

# Emphasis inside a sentence, in CDA narratives, XHTML and drawings: its text belongs to the line around it.
_INLINE = {
    namespace + name
    for namespace in ("{urn:hl7-org:v3}", "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}")
    for name in ("content", "b", "i", "u", "em", "strong", "span", "sub", "sup", "linkHtml", "a", "tspan")
}
_CELLS = {"td", "th"}
# Elements about who wrote, signed or did something (CDA, HL7 FHIR, bibliographies): "author" stands before the names
# below them ("author family: …"), so that they are no patient's.
_PROFESSIONALS = frozenset(
    "author authors authorlist assignedauthor editor editorlist legalauthenticator authenticator responsibleparty"
    " practitioner encounterparticipant custodian dataenterer creator contributor performer informant investigator"
    " investigatorlist assignee reporter committer contributor maintainer reviewer owner uploader".split()
)
_OFFICES = frozenset(("Organization", "PractitionerRole", "HealthcareService"))  # resources of FHIR: who answers there
_RELATIVES = frozenset(("relatedperson", "associatedperson", "guardianperson"))
_NOISE = ("http://www.w3.org/", "{http://www.w3.org/2001/XMLSchema-instance}")
RESOURCE_LIMIT = 114  # libxml2's XML_ERR_RESOURCE_LIMIT


def xml_chunks(stream: BinaryIO, *, fhir: bool = False) -> Iterator[Chunk | Gap]:
    """Yield the text of an XML document, about 256 Ki characters at a time. `fhir`: of resources of FHIR."""
    from lxml import etree

    lines = Lines(Resources(_patients(stream)) if fhir else None)
    parser = _parser(lines)
    stream.seek(0)
    start, line = 0, 1
    try:
        while block := stream.read(BLOCK):
            parser.feed(block)
            for text in lines.take(CHUNK):
                text.line = line
                line += text.text.count("\n") + 1
                yield text
            start += len(block)
        parser.close()
    except etree.XMLSyntaxError as error:
        # What the parser says is looked at, never passed on: a long text is a limit too, but no bomb.
        bomb = error.code == RESOURCE_LIMIT and "amplification" in str(error)
        yield from _broken(stream, lines, start, line, bomb=bomb)
        return
    for text in lines.take(0):
        text.line = line
        yield text


def _patients(stream: BinaryIO) -> Patients:
    """Return who the patients of a FHIR document are, as far as it can be read."""
    resources = Resources(None)
    lines = Lines(resources)
    parser = _parser(lines)
    stream.seek(0)
    with suppress(Exception):  # whatever is wrong with it, the next reading tells
        while block := stream.read(BLOCK):
            parser.feed(block)
            for _ in lines.take(CHUNK):
                pass
    return resources.found


def reader_chunks(reader: Reader) -> Iterator[Chunk | Gap]:
    """Yield the text of an XML part that is only read forward. Raises what the parser raises."""
    lines = Lines()
    parser = _parser(lines)
    while block := reader.read(BLOCK):
        parser.feed(block)
        yield from lines.take(CHUNK)
    parser.close()
    yield from lines.take(0)


def _parser(lines: Lines) -> Any:
    from lxml import etree

    return etree.XMLParser(target=lines, resolve_entities=False, huge_tree=False, no_network=True, load_dtd=False)


def _broken(stream: BinaryIO, lines: Lines, start: int, line: int, *, bomb: bool) -> Iterator[Chunk | Gap]:
    from phiscan.extract.markup import as_text

    lines.flush()
    if start:  # what the failing block gave before it failed comes again with the plain text
        for text in lines.take(0):
            text.line = line
            yield text
    yield from as_text(stream, start=start, prose=False)
    if bomb:
        yield Gap("extract", "bomb", "XML entities expand too far")


class Lines:
    """The target of the parser: turns events into lines."""

    def __init__(self, resources: Resources | None = None) -> None:
        self.resources = resources
        self.lines: list[str] = []
        self.size = 0
        self.stack: list[str] = []  # the names of the open elements, "" for an inline one
        self.text: list[str] = []
        self.row: list[str] = []
        self.deep = False  # the present child of the root has children
        self.whose = ""  # "author " within an element that is about a professional, "contact " about a relative
        self.whose_depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """The parser met the beginning of an element."""
        name = _local(tag)
        inline = tag in _INLINE and bool(self.stack)
        if not inline:
            self._end_line()
        if self.resources:
            self.resources.open(self.stack, len(self.stack) + 2, len(self.lines), name)
        self.stack.append("" if inline else name)
        if not self.whose:
            self.whose, self.whose_depth = whose(name), len(self.stack)
        self.deep = self.deep or len(self.stack) > 2
        for key, value in attributes.items():
            if value.strip() and not is_document(value) and not key.startswith(_NOISE) and not value.startswith(_NOISE):
                key = _local(key)
                self._add(f"{self.whose}{name}: {value}" if key == "value" else f"{self.whose}{name}@{key}: {value}")
                if self.resources and key == "value":
                    self.resources.value(self.stack, value, self.lines[-1])

    def data(self, data: str) -> None:
        """The parser met text."""
        self.text.append(data)

    def end(self, tag: str) -> None:
        """The parser met the end of an element."""
        name = _local(tag)
        if not self.stack or self.stack[-1]:
            self._end_line()
            if name == "tr" and self.row:
                self._add(" | ".join(self.row))
                self.row = []
        if self.stack:
            if self.resources:
                self.resources.close(len(self.stack) + 1, self.lines)
            self.stack.pop()
        if len(self.stack) < self.whose_depth:
            self.whose, self.whose_depth = "", 0
        if len(self.stack) == 1 and self.deep:
            self._blank()
            self.deep = False

    def comment(self, text: str) -> None:
        """The parser met a comment."""
        self._add(" ".join(text.split()))

    def close(self) -> None:
        """The parser came to the end."""
        self.flush()

    def flush(self) -> None:
        """End the line that is being made."""
        self._end_line()

    def take(self, least: int) -> Iterator[Text]:
        """Give what has been collected, where it is at least `least` characters."""
        if self.size <= least:
            return
        from phiscan.extract.budget import texts

        lines, self.lines, self.size = self.lines, [], 0
        if self.resources:
            self.resources.drained(len(lines))
        yield from texts(lines)

    def _end_line(self) -> None:
        if not self.text:
            return
        value = " ".join("".join(self.text).split())
        self.text = []
        if not value or is_document(value):
            return
        around = next(filter(None, reversed(self.stack)), "")
        if around in _CELLS:
            self.row.append(value)
        else:
            before = self.whose if not whose(around) else ""
            self._add(f"{before}{around}: {value}" if around else value)

    def _add(self, line: str) -> None:
        if line:
            self.lines.append(mended(line))
            self.size += len(line) + 1

    def _blank(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")
            self.size += 1


def whose(name: str) -> str:
    """Return what stands before the names within an element, or a FHIR resource, that is about somebody else."""
    lower = name.lower()
    return "author " if lower in _PROFESSIONALS or name in _OFFICES else "contact " if lower in _RELATIVES else ""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
