"""Cards of contacts (vCard) and calendars (iCalendar): lines that are folded, with their own way to write a comma.

Cards are a table of people, one a row: what is noted on a card is about whom it names, and where somebody works is not
their health. A calendar stays text, its lines made whole: "Né(e) le …" stands behind a line end written as two letters.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, Final, NamedTuple

from phiscan.errors import Unreadable
from phiscan.extract.budget import texts
from phiscan.extract.decode import HEAD, Encoding, Source, detect, text_blocks
from phiscan.extract.hprim import lines_of
from phiscan.model import Chunk, Gap

COLUMNS: Final = (
    "Nom", "Prénom", "Nom complet", "Téléphone", "E-mail", "Adresse", "Date de naissance", "Poste", "Note", "Divers",
)  # fmt: skip
_AT: Final = {
    "TEL": 3, "EMAIL": 4, "ADR": 5, "BDAY": 6, "ORG": 7, "TITLE": 7, "ROLE": 7, "NOTE": 8, "CATEGORIES": 8,
}  # fmt: skip
_ONE: Final = frozenset((3, 4, 6))  # columns that hold one value, so that it is known for what it is
_UNSAID: Final = frozenset(("VERSION", "PRODID", "UID", "REV", "PHOTO", "LOGO", "SOUND", "KEY", "X-MS-CARDPICTURE"))
_LONGEST: Final = 1 << 16  # characters of a value; what is more stands by itself
_PROPERTY: Final = re.compile(
    r"(?:[A-Za-z0-9\-]{1,40}\.)?([A-Za-z\-]{1,60})((?:;[^:\"\n]*(?:\"[^\"\n]*\"[^:\"\n]*)*)?):"
)
_ESCAPE: Final = re.compile(r"\\([nN,;\\])")
_DOCTOR: Final = re.compile(r"(?i)(?:dr|docteur|pr|prof|professeur)(?![a-z])")
_PARTS: Final = re.compile(r"(?<!\\);")


class Property(NamedTuple):
    """One line of a card or a calendar, made whole; without a name where it is none."""

    name: str
    parameters: str
    value: str


def vcard(stream: BinaryIO) -> Iterator[Chunk | Gap]:
    """Yield the table of the cards."""
    from phiscan.extract.rows import table_from_rows

    def rows() -> Iterator[Sequence[str]]:
        source = Source(stream)
        for card in _cards(_properties(source, _encoding(stream))):
            yield [_plain(cell) for cell in card]
        if source.gap:
            raise Unreadable(source.gap.reason, source.gap.detail)

    yield table_from_rows(COLUMNS, rows, len(COLUMNS), "cards")


def calendar(stream: BinaryIO) -> Iterator[Chunk | Gap]:
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
            said = _plain(one.value, break_="\n")
            yield from f"{one.name}{one.parameters}: {said}".split("\n")
        else:
            yield one.value


def _cards(properties: Iterator[Property]) -> Iterator[list[str]]:
    """Yield each card as the cells of a row; what stands outside of cards is a row of its own."""
    card = [""] * len(COLUMNS)
    for one in properties:
        outside = one.name in ("BEGIN", "END")
        if not outside:
            _take(card, one)
        if any(card) and (outside or len(card[-1]) > _LONGEST or len(card[-2]) > _LONGEST):
            yield _of_work(card)
            card = [""] * len(COLUMNS)
    if any(card):
        yield _of_work(card)


def _of_work(card: list[str]) -> list[str]:
    """Return a card as it is read: where it says what somebody works, and no birth date, its notes are about work."""
    birth, post, *notes = card[6:]
    if post and not birth:
        card[7:] = ["; ".join(filter(None, (post, *notes))), *[""] * len(notes)]
    return card


def _take(card: list[str], one: Property) -> None:
    if one.name == "N":
        last, first, _, title, *_ = [*(part.strip() for part in _PARTS.split(one.value)), "", "", ""]
        card[0], card[1] = card[0] or last, card[1] or first
        card[7] = card[7] or (title if _DOCTOR.match(title) else "")
        card[2] = "" if last and first else card[2]
    elif one.name == "FN":
        card[2] = "" if card[0] and card[1] else one.value
    elif one.name == "ADR":
        card[5] = card[5] or " ".join(part for part in _PARTS.split(one.value) if part.strip())
    elif one.value:
        at = _AT.get(one.name, len(card) - 1)
        at = len(card) - 1 if card[at] and at in _ONE else at
        card[at] = f"{card[at]}; {one.value}" if card[at] else one.value


def _plain(value: str, break_: str = " ") -> str:
    return _ESCAPE.sub(lambda found: break_ if found[1] in "nN" else found[1], value)


# --- lines made whole


def _properties(source: Source, encoding: Encoding) -> Iterator[Property]:
    """Yield the properties of a file, without what they hold of pictures and keys."""
    for line in _unfolded(lines_of(text_blocks(source, encoding))):
        found = _PROPERTY.match(line)
        if found is None:
            if line.strip():
                yield Property("", "", line.strip())
            continue
        name, parameters = found[1].upper(), found[2]
        if name not in _UNSAID:
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


READERS: Final[dict[str, Callable[[BinaryIO], Iterator[Chunk | Gap]]]] = {"vcard": vcard, "calendar": calendar}
