"""Terms: words and phrases as recognizers write them, made ready for the literal automaton.

The automaton searches the *normal form* of folded text: lower case, with hyphen, apostrophe, slash,
underscore (and in running text the newline) as a space; one byte stays one byte. What a literal
cannot say (case, a trailing sign, any ending) is confirmed afterwards on the folded text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from phiscan.fold import fold_str

_LOWER = bytes.maketrans(bytes(range(65, 91)), bytes(range(97, 123)))
_SPACED = b"-'/_\t\r"


def _table(extra: bytes) -> bytes:
    table = bytearray(_LOWER)
    for byte in _SPACED + extra:
        table[byte] = 32
    return bytes(table)


NORMAL_TEXT = _table(b"\n")
NORMAL_CELLS = _table(b"")  # newline separates cells there: no term may reach over it

_PLAIN = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*", re.ASCII)
_SIGNS = re.compile(r"[+\-?*]+$")


class Term(NamedTuple):
    """One literal to search in the normal form, and what remains to be confirmed around a match."""

    literal: str
    exact: str | None = None  # the folded text must read so (case kept)
    tail: re.Pattern[bytes] | None = None  # must match in the folded text at the literal's end
    open_end: bool = False  # any letters may follow


def normal(text: str) -> str:
    """Return the normal form of a word or phrase, spaces collapsed and trimmed.

    >>> normal("Charge  Virale")
    'charge virale'
    """
    return " ".join(fold_str(text).encode().translate(NORMAL_TEXT).decode().split())


def parse_term(written: str) -> list[Term]:
    """Return the literals that one written term stands for (two where it holds "oe" or "ae").

    >>> [t.literal for t in parse_term("cœur*")]
    ['coeur', 'cour']
    """
    if _PLAIN.fullmatch(written) and "oe" not in written and "ae" not in written:
        return [Term(written)]  # nearly all of them: a lower-case name
    exact = written.startswith("=")
    body = written[1:] if exact else written
    open_end = body.endswith("*")
    body = body.rstrip("*") if open_end else body
    sign = _SIGNS.search(body)
    tail = None
    if sign and not open_end:
        tail = re.compile(rb"[ ]?" + re.escape(sign.group().encode()) + rb"(?![A-Za-z0-9])")
        body = body[: sign.start()]
    bodies = dict.fromkeys(_spellings(body))
    found = []
    for spelling in bodies:
        literal = normal(spelling)
        if literal:
            found.append(Term(literal, fold_str(spelling).strip() if exact else None, tail, open_end))
    return found


def _spellings(body: str) -> list[str]:
    """`œ` folds to the one byte `o`, yet is typed as `oe` just as often."""
    typed = body.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE")
    single = re.sub("ae", "a", re.sub("oe", "o", typed)) if re.search("oe|ae", typed) else typed
    single = re.sub("AE", "A", re.sub("OE", "O", single)) if re.search("OE|AE", single) else single
    return [typed] if single == typed else [typed, single]


def words_pattern(words: list[str]) -> re.Pattern[bytes] | None:
    """Return one pattern that finds any of `words` in the normal form; None for no words."""
    parts = []
    for written in words:
        for term in parse_term(written):
            body = re.escape(term.literal).replace(r"\ ", " ")
            parts.append(body + (r"[a-z]*" if term.open_end else ""))
    if not parts:
        return None
    parts.sort(key=len, reverse=True)
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(parts)})(?![a-z0-9])".encode())
