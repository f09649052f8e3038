"""What stands farther round a fact than its sentence: how the passage begins, the sentences beside, the year told last.

A report on care that others gave says so in its title, a story its year once for three sentences. Like all features
none of these holds a value: years are told by how long ago they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from phiscan.recognize.stated.layout import FACT, Layout, stem, words_of

_SENTENCE, _YEAR_WITHIN = 18, 150  # words of a sentence beside, and tokens to a year, that are looked at
_LONGEST_LINE, _LINE_BEGINS, _LINES_ABOVE = 400, 60, 3  # bytes, bytes, lines
_LONG = 150  # tokens: the length of a passage is told by how many times as long it is
_ENDS = frozenset((".", "!", "?", "\n", "\n\n"))
_APART = {".": 1, "\n": 1, "\n\n": 3}  # how far what ends a sentence takes a year away
_FAR = 4


def around(layout: Layout, start: int, low: int, high: int, category: str, under: str) -> Iterator[str]:
    """Yield what stands round the sentence [low, high) of a fact that begins at `start`, in the section `under`."""
    first = layout.token_at(start)
    length = len(layout.tokens)
    yield from (f"T:{word}" for word in layout.title)
    yield f"P={5 * first // max(1, length)}"
    yield f"PL={min(length // _LONG, 6)}"
    yield from _beside(layout, range(layout.token_at(low) - 1, -1, -1), "PS", category)
    yield from _beside(layout, range(layout.token_at(high), length), "NS", category)
    year = _year(layout, range(first - 1, max(-1, first - _YEAR_WITHIN), -1))
    if year:
        yield f"LY={year}"
        yield f"LY={year}|{category}"
        yield f"LYu={year[:2]}:{under}"
    else:
        yield "LY=-"
    yield "NY=" + (_year(layout, range(first, min(length, first + _YEAR_WITHIN))) or "-")
    yield from _lines(layout, layout.line_of(start)[0])


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
    """Return the first year on a way, and how many sentences lie between; "" where there is none."""
    apart = 0
    for at in way:
        token = layout.tokens[at]
        if token[0] == "Y":
            return f"{token}:{min(apart, _FAR)}"
        apart += _APART.get(token, 0)
    return ""


def _lines(layout: Layout, number: int) -> Iterator[str]:
    """The words of a line, and how the line above it begins."""
    line = layout.lines[number]
    if len(line) < _LONGEST_LINE:
        yield from (f"L:{word}" for word in dict.fromkeys(words_of(line)))
    for above in range(number - 1, max(-1, number - 1 - _LINES_ABOVE), -1):
        if layout.lines[above].strip():
            yield from (f"UL:{word}" for word in words_of(layout.lines[above][:_LINE_BEGINS])[:3])
            return
