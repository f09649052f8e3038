"""What stands farther round a fact than its sentence: how the passage begins, the sentences beside, the year told last.

A report on care that others gave says so in its title, a story its year once for three sentences. Like all features
none of these holds a value: years are told by how long ago they are. Line ends are no signs here: the normal form that
a passage is looked at in has blanks for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from phiscan.recognize.stated.layout import FACT, Layout, stem, words_of

_SENTENCE, _WITHIN = 18, 150  # words of a sentence beside, and tokens from the fact, that are looked at
_SHORT = 400  # bytes: of a passage so short all words are looked at
_LONG = 150  # tokens: the length of a passage is told by how many times as long it is
_ENDS = frozenset(".!?")
_FAR = 4


def around(layout: Layout, start: int, low: int, high: int, category: str, under: str) -> Iterator[str]:
    """Yield what stands round the sentence [low, high) of a fact that begins at `start`, in the section `under`."""
    first = layout.token_at(start)
    length = len(layout.tokens)
    yield from (f"T:{word}" for word in layout.opening)
    yield f"P={5 * first // max(1, length)}"
    yield f"PL={min(length // _LONG, 6)}"
    begun, ended = layout.token_at(low), layout.token_at(high)
    yield from _beside(layout, range(begun - 1, max(-1, begun - 1 - _WITHIN), -1), "PS", category)
    yield from _beside(layout, range(ended, min(length, ended + _WITHIN)), "NS", category)
    year = _year(layout, range(first - 1, max(-1, first - _WITHIN), -1))
    if year:
        yield f"LY={year}"
        yield f"LY={year}|{category}"
        yield f"LYu={year[:2]}:{under}"
    else:
        yield "LY=-"
    yield "NY=" + (_year(layout, range(first, min(length, first + _WITHIN))) or "-")
    if len(layout.masked) < _SHORT:
        yield from (f"L:{word}" for word in dict.fromkeys(words_of(layout.masked)))


def _beside(layout: Layout, way: range, name: str, category: str) -> Iterator[str]:
    """The words and kinds of the next sentence on a way."""
    words = 0
    kinds: set[str] = set()
    for at in way:
        token = layout.tokens[at]
        if token in _ENDS:
            if words:
                break
        elif token[0] == "Y":
            kinds.add(token)
        elif token != FACT and token.isalpha():
            words += 1
            yield f"{name}:{stem(token)}"
            kinds.update(layout.kinds(token))
            if words == _SENTENCE:
                break
    for kind in sorted(kinds):
        yield f"{name}K:{kind}"
        yield f"{name}Kc:{kind}:{category}"


def _year(layout: Layout, way: range) -> str:
    """Return the first year on a way, and how many full stops lie between; "" where there is none."""
    apart = 0
    for at in way:
        sign = layout.tokens[at]
        if sign[0] == "Y":
            return f"{sign}:{min(apart, _FAR)}"
        apart += sign == "."
    return ""
