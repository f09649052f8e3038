"""HPRIM Médecin, in which laboratories send results to practitioners: its head is lines without labels, in fixed order.

    patient's code, name, given name, address, postcode and town, birth date, NIR, file number, date, sender, recipient

What follows is free text and results, up to `****FIN****`; then another head may come. The lines of a head get the
labels that their places stand for, each line where it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from phiscan.model import Chunk, Gap

_NAME: Final = re.compile(r"[A-Za-z\x80-\uffff][A-Za-z\x80-\uffff' .,()\-]{0,48}")
_CODE: Final = re.compile(r"[\w./\-]{0,24}")
_ADDRESS: Final = re.compile(r"[^:;|=<>{}]{0,70}")
_POSTCODE: Final = re.compile(r"(?:F-)?[0-9][0-9AB][ ]?[0-9]{3}(?:[ ]+[^\d:;|]{1,40}(?:[ ]\d{1,2})?)?")
_DATE: Final = re.compile(r"[0-3]\d[/.\-]?[01]\d[/.\-]?(?:(?:19|20)\d\d|\d\d)|(?:19|20)\d\d[01]\d[0-3]\d")
_NIR: Final = re.compile(r"(?:[1-478][ ]?\d\d[ ]?\d\d[ ]?\d[\dAB][ ]?\d{3}[ ]?\d{3}(?:[ ]*\d\d)?)?")
_MARK: Final = re.compile(r"\*{4}(?:LAB|FIN|FINFICHIER)\*{4}")
_ENDS: Final = re.compile(r"\s*\*{4}FIN\*{4}\s*")
_BREAK: Final = re.compile(r"\r\n?|\n")
_BIRTHS: Final = range(4, 10)  # lines before the birth date: senders give one line of address to five
_AFTER_BIRTH: Final = 5  # NIR, file number, date, sender, recipient
_LONGEST: Final = _BIRTHS[-1] + 1 + _AFTER_BIRTH


def is_message(head: bytes) -> bool:
    """Whether a file that begins so is one, whatever it is called."""
    text = head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    return _labels(_BREAK.split(text)[:_LONGEST], marked=_MARK.search(text) is not None) is not None


def chunks(stream: BinaryIO) -> Iterator[Chunk | Gap]:
    """Yield the lines of the messages in `stream`, their heads labelled."""
    from phiscan.extract.budget import texts
    from phiscan.extract.decode import HEAD, Source, detect, text_blocks

    stream.seek(0)
    head = stream.read(HEAD)
    stream.seek(0)
    source = Source(stream)
    yield from texts(labelled(lines_of(text_blocks(source, detect(head, whole=len(head) < HEAD)))))
    if source.gap:
        yield source.gap


def labelled(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a text, those of each head of a message with their labels."""
    held: list[str] | None = []  # lines that may be a head
    for line in lines:
        if held is None:
            yield line
            held = [] if _ENDS.fullmatch(line) else None
            continue
        held.append(line)
        if len(held) == _LONGEST:
            yield from _head(held)
            held = None
    yield from _head(held or [])


def _head(lines: Sequence[str]) -> Iterator[str]:
    """Yield a head with its labels; lines that are none as they are."""
    labels = _labels(lines, marked=True) or ()
    for at, line in enumerate(lines):
        label = labels[at] if at < len(labels) and line.strip() else ""
        yield f"{label} : {line.strip()}" if label else line


def _labels(lines: Sequence[str], *, marked: bool) -> list[str] | None:
    """Return what each line of a head holds ("" for what needs no label), None where the lines are no head.

    `marked`: something else tells that this is a message, so that a postcode may be missing.
    """
    lines = [line.strip() for line in lines]
    if len(lines) < _BIRTHS[0] + _AFTER_BIRTH or not _CODE.fullmatch(lines[0]):
        return None
    if lines[0].isalpha() and not marked:  # a title
        return None
    if not (_NAME.fullmatch(lines[1]) and _NAME.fullmatch(lines[2])):
        return None
    births = (at for at in _BIRTHS if at + 3 < len(lines) and _DATE.fullmatch(lines[at]))
    birth = next(births, None)
    if birth is None or not _dated(lines[birth : birth + 4]):
        return None
    address = lines[3:birth]
    postcodes = [at for at, line in enumerate(address, 3) if _POSTCODE.fullmatch(line)]
    last = postcodes[-1] if postcodes else 0
    if not all(map(_ADDRESS.fullmatch, address)) or not (last >= birth - 2 or marked):
        return None
    places = ["CP Ville" if at == last else "Ville" if 0 < last < at else "Adresse 1" for at in range(3, birth)]
    return ["N° patient", "Nom", "Prénom", *places, "Date de naissance", "NIR", "", "", "", "Destinataire"]


def _dated(lines: Sequence[str]) -> bool:
    """Whether birth date, NIR, file number and date follow each other."""
    _, nir, number, date = lines
    return bool(_NIR.fullmatch(nir) and _CODE.fullmatch(number) and _DATE.fullmatch(date))


def lines_of(blocks: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a text that comes in blocks."""
    rest = ""
    for block in blocks:
        *whole, rest = _BREAK.split(rest + block)
        if rest == "" and whole and block.endswith("\r"):  # the next block may begin with its LF
            rest = whole.pop() + "\r"
        yield from whole
    yield from _BREAK.split(rest.removesuffix("\r")) if rest else ()
