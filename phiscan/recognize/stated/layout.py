"""One passage cut into words, lines and headings, once for all the facts in it.

Facts are masked by `F` there; years are told by their distance from the latest one, other numbers by how many digits
they have, so that nothing a fact is judged by is a value.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from phiscan.recognize.stated import lexicon

FACT = "F"
_TOKEN = re.compile(rb"[a-z]+|[0-9]+|F+|~+|\n+|[?]+|[+]+|->|[^\sa-z0-9]")
_YEAR = re.compile(rb"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_WORD = re.compile(r"[a-z]+")
_HEADING = re.compile(rb"^[ >*#_=|+\[({-]*([A-Za-z0-9][A-Za-z0-9 '.,/()&+-]{1,60}?)[ ]*(:|$)")
_CAPITALS = re.compile(rb"[A-Z]")
_SMALL = re.compile(rb"[a-z]")
_SHORT_TITLE, _TITLE = 30, 50  # bytes
_OPENING = 80  # bytes of a passage that tell what it is
_LONGEST_WORD = 5  # what is longer counts by its first six letters


def stem(word: str) -> str:
    """Return what a word counts by.

    >>> stem("suspectee"), stem("pas")
    ('suspec', 'pas')
    """
    return word if len(word) <= _LONGEST_WORD else word[: _LONGEST_WORD + 1]


def words_of(masked: bytes) -> list[str]:
    """Return what the longer words of a masked text count by.

    >>> words_of(b"compte rendu du FFFF 12")
    ['compte', 'rendu']
    """
    return [stem(word) for word in _WORD.findall(masked.decode("ascii")) if len(word) > 2]


def sign(token: bytes, latest: int) -> str:
    """Return what stands for a word, number or sign; `latest` is the latest year of the passage.

    >>> sign(b"FFFF", 2026), sign(b"2019", 2026), sign(b"12", 2026), sign(b"toux", 2026)
    ('F', 'YY', '#2', 'toux')
    """
    first = token[:1]
    if first == b"F":
        return FACT
    if first == b"~":
        return "Y0"
    if first.isdigit():
        return _number(token, latest)
    if first == b"\n":
        return "\n" if len(token) == 1 else "\n\n"
    return first.decode("ascii") if first in b"?+" else token.decode("ascii")


def _number(token: bytes, latest: int) -> str:
    if len(token) == 4 and token[:2] in (b"19", b"20"):
        ago = latest - int(token)
        return "Y0" if ago <= 0 else "Y1" if ago == 1 else "Y3" if ago <= 3 else "YY"
    return f"#{len(token)}" if len(token) < 4 else "#"


@dataclass(frozen=True, slots=True)
class Heading:
    """A line's title: the stems and kinds of its words, and whether the rest of the line is empty."""

    stems: tuple[str, ...]
    kinds: tuple[str, ...]
    alone: bool


class Layout:
    """The words, lines and headings of a passage."""

    def __init__(self, folded: bytes, masked: bytes) -> None:
        """`masked` is the normal form with facts masked by `F` and the latest year by `~`."""
        self._memo: dict[str, tuple[str, ...]] = {}
        years = _YEAR.findall(masked)
        latest = max(map(int, years)) if years else 0
        if b"~~~~" in masked:
            latest += 1
        self.tokens: list[str] = []
        self.places: list[int] = []
        for token in _TOKEN.finditer(masked):
            self.tokens.append(sign(token.group(), latest))
            self.places.append(token.start())
        self.latest = latest
        self.lines = masked.split(b"\n")
        self._begun: list[int] = []
        at = 0
        for line in self.lines:
            self._begun.append(at)
            at += len(line) + 1
        self._folded = folded
        self._loud = len(_CAPITALS.findall(folded)) > len(_SMALL.findall(folded))  # typed in capitals
        self.masked = masked
        self.opening = list(dict.fromkeys(words_of(masked[:_OPENING])))
        self.headings = [self._heading(number) for number in range(len(self.lines))]

    def kinds(self, word: str) -> tuple[str, ...]:
        """Return the kinds of a word, looked up once a passage."""
        found = self._memo.get(word)
        if found is None:
            found = self._memo[word] = lexicon.kinds(word)
        return found

    def token_at(self, place: int) -> int:
        """Return the number of the first token that begins at a place or behind it."""
        return bisect_left(self.places, place)

    def line_of(self, place: int) -> tuple[int, int]:
        """Return the number of the line that a place is in, and where in the passage it begins."""
        number = bisect_right(self._begun, place) - 1
        return number, self._begun[number]

    def _heading(self, number: int) -> Heading | None:
        line, begun = self.lines[number], self._begun[number]
        found = _HEADING.match(line)
        if found is None or b"F" in found[1]:
            return None
        if found[2] == b":":
            return self._titled(found[1], alone=not line[found.end() :].strip())
        typed = self._folded[begun : begun + len(line)].strip()
        if len(typed) < _TITLE and not self._loud and _CAPITALS.search(typed) and not _SMALL.search(typed):
            return self._titled(found[1], alone=True)
        apart = number > 0 and not self.lines[number - 1].strip()
        if len(typed) < _SHORT_TITLE and apart and not typed.endswith((b".", b",", b";")):
            return self._titled(found[1], alone=True)
        return None

    def _titled(self, title: bytes, *, alone: bool) -> Heading:
        words = _WORD.findall(title.decode("ascii"))
        kinds = sorted({kind for word in words for kind in self.kinds(word)})
        return Heading(tuple(dict.fromkeys(stem(word) for word in words if len(word) > 1)), tuple(kinds), alone)
