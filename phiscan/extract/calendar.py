"""Calendars (iCalendar): lines that are folded, with their own way to write a comma and a line end.

They stay text, made whole: "Né(e) le …" stands behind a line end written as two letters.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, NamedTuple

from phiscan.extract.budget import texts
from phiscan.extract.decode import HEAD, Encoding, Source, detect, text_blocks
from phiscan.model import Chunk, Gap

_LONGEST: Final = 1 << 16  # characters of a line; what is more stands by itself
_PROPERTY: Final = re.compile(
    r"(?:[A-Za-z0-9\-]{1,40}\.)?([A-Za-z\-]{1,60})((?:;[^:\"\n]*(?:\"[^\"\n]*\"[^:\"\n]*)*)?):"
)
_ESCAPE: Final = re.compile(r"\\([nN,;\\])")
_BREAK: Final = re.compile(r"\r\n?|\n")


class Property(NamedTuple):
    """One line of a calendar, made whole; without a name where it is none."""

    name: str
    parameters: str
    value: str


def chunks(stream: BinaryIO) -> Iterator[Chunk | Gap]:
    """Yield the lines of a calendar, an empty one between what it holds."""
    source = Source(stream)
    yield from texts(_entries(_properties(source, _encoding(stream))))
    if source.gap:
        yield source.gap


def _entries(properties: Iterator[Property]) -> Iterator[str]:
    for one in properties:
        if one.name == "END":
            yield ""
        elif one.name:
            yield from f"{one.name}{one.parameters}: {_plain(one.value)}".split("\n")
        else:
            yield one.value


def _plain(value: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


# --- lines made whole


def _properties(source: Source, encoding: Encoding) -> Iterator[Property]:
    """Yield the properties of a file."""
    for line in _unfolded(_lines(text_blocks(source, encoding))):
        found = _PROPERTY.match(line)
        if found is None:
            if line.strip():
                yield Property("", "", line.strip())
            continue
        name, parameters = found[1].upper(), found[2]
        yield Property(name, parameters, _decoded(line[found.end() :], parameters))


def _unfolded(lines: Iterator[str]) -> Iterator[str]:
    """Join what was folded: a line that begins with a blank goes on; so does one after "=", where that says so."""
    held: str | None = None
    for line in lines:
        if held is not None and line[:1] in (" ", "\t"):
            held += line[1:]
        elif held is not None and held.endswith("=") and "QUOTED-PRINTABLE" in held[:200].upper():
            held = held[:-1] + line
        else:
            if held is not None:
                yield held
            held = line
        if len(held) > _LONGEST:
            yield held
            held = ""
    if held is not None:
        yield held


def _decoded(value: str, parameters: str) -> str:
    if "QUOTED-PRINTABLE" not in parameters.upper():
        return value.strip()
    raw = quopri.decodestring(value.encode("utf-8", "replace"))
    try:
        return raw.decode().strip()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace").strip()


def _encoding(stream: BinaryIO) -> Encoding:
    stream.seek(0)
    head = stream.read(HEAD)
    return detect(head, whole=len(head) < HEAD)


def _lines(blocks: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a text that comes in blocks."""
    rest = ""
    for block in blocks:
        *whole, rest = _BREAK.split(rest + block)
        if rest == "" and whole and block.endswith("\r"):  # the next block may begin with its LF
            rest = whole.pop() + "\r"
        yield from whole
        if len(rest) > _LONGEST:
            yield rest
            rest = ""
    yield from _BREAK.split(rest.removesuffix("\r")) if rest else ()
