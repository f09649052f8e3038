"""Words cut into the pieces that the encoder knows: the likeliest pieces of a unigram model (SentencePiece's).

`pieces.tsv` has a line a piece, in the order of the encoder's table: the piece, `▁` where a word begins, and the
logarithm of how likely it is. What comes before text and behind it, and marks, are pieces without one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

PIECES = Path(__file__).with_name("pieces.tsv")
BEGIN, END, UNKNOWN = "<s>", "</s>", "<unk>"
FACT, FACT_END = "<F>", "</F>"
LINE, PARAGRAPH, GAP = "<nl>", "<par>", "<col>"
_NO_PIECE = 10.0  # how much less likely than the least likely piece a sign is that none has
_WORD = re.compile(r"\n[ \t]*\n\s*|\n|[ \t]{3,}|\S+")
_NUMBER = re.compile(r"[0-9]+")
_DATED = ("19", "20")
_ANCHOR = 2026  # the year that stands for the latest of a text: how long ago is what tells, not when
_LONGEST = 60  # characters of a word looked at
_REMEMBERED = 50_000  # words


class Pieces:
    """The pieces and how likely they are. Remembers words: it lives in a worker, and forgets them with it."""

    def __init__(self, lines: Sequence[str]) -> None:
        parts = [line.rpartition("\t") for line in lines]
        self.number = {piece: at for at, (piece, _, _) in enumerate(parts)}
        self._score = {piece: float(score) for piece, _, score in parts if score}
        self._longest = max(map(len, self._score))
        self._unlikely = min(self._score.values()) - _NO_PIECE
        self._known: dict[str, tuple[int, ...]] = {}

    def of(self, text: str, latest: int) -> list[int]:
        """Return the numbers of a text's pieces; `latest` is the latest year of the whole text, 0 where none is."""
        number = self.number
        out: list[int] = []
        for word in _WORD.findall(_undated(text.lower(), latest)):
            if not word.isspace():
                out += self._word(word)
            elif "\n" in word:
                out.append(number[PARAGRAPH if word.count("\n") > 1 else LINE])
            else:
                out.append(number[GAP])
        return out

    def _word(self, word: str) -> tuple[int, ...]:
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            written = unicodedata.normalize("NFKC", word[:_LONGEST]).split()
            known = self._known[word] = tuple(piece for part in written for piece in self._cut("▁" + part))
        return known

    def _cut(self, word: str) -> list[int]:
        """Return the likeliest pieces of a word, by dynamic programming over where they may end."""
        size, score = len(word), self._score
        best, begun = [0.0] + [-1e30] * size, [0] * (size + 1)
        for start in range(size):
            here = best[start]
            for end in range(start + 1, min(size, start + self._longest) + 1):
                likely = score.get(word[start:end])
                if likely is not None and here + likely > best[end]:
                    best[end], begun[end] = here + likely, start
            if here + self._unlikely > best[start + 1]:
                best[start + 1], begun[start + 1] = here + self._unlikely, start
        out: list[int] = []
        end = size
        while end:
            out.append(self.number.get(word[begun[end] : end], self.number[UNKNOWN]))
            end = begun[end]
        return out[::-1]


def _undated(text: str, latest: int) -> str:
    """Return a text without what is a value in it: years by their distance from the latest, long numbers by length.

    >>> _undated("en 2011, dossier 4711", 2019)
    'en 2018, dossier 000'
    """

    def told(found: re.Match[str]) -> str:
        digits = found[0]
        if len(digits) == 4 and digits.startswith(_DATED):
            return str(min(int(digits) + _ANCHOR - latest, _ANCHOR)) if latest else digits
        return digits if len(digits) < 3 else "000"

    return _NUMBER.sub(told, text)


@cache
def pieces() -> Pieces:
    """Return the pieces that ship."""
    return Pieces(PIECES.read_text("utf-8").removesuffix("\n").split("\n"))
