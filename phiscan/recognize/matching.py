"""Confirming with a pattern itself what the automaton pointed at with its loose form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from phiscan.recognize.recognizer import Pattern, Use

MARGIN = 40  # bytes after a pointed end that a lookahead may need
PLURAL_FROM = 5  # bytes of a term that may take an "s"
_CLOSE = 8  # characters between ends that one search confirms together
_WORD_END = re.compile(rb"[a-z]*")
ALNUM = bytes(1 if chr(b).isalnum() else 0 for b in range(128)) + bytes(128)


def runs(ends: list[int], folded: bytes) -> Iterator[tuple[int, int]]:
    """Yield the first and last of ends that stand close together in one line: every letter of a name is an end.

    What ends a match may be the newline behind it, which then is still of its line.
    """
    first = last = -1
    for end in ends:
        if first >= 0 and (end - last > _CLOSE or folded.find(b"\n", last - 1, end - 1) >= 0):
            yield first, last
            first = -1
        first, last = (end, end) if first < 0 else (first, end)
    if first >= 0:
        yield first, last


def confirm(
    pattern: Pattern, folded: bytes, regions: list[tuple[int, int, int]], *, cells: bool
) -> list[re.Match[bytes]]:
    """Return the matches of `pattern` in the regions pointed at, each once.

    A region is (from, before, to), ascending: a match begins at `from` or later and before `before`,
    and nothing behind `to` has a say in it.
    """
    search, whole, width = pattern.regex.search, pattern.regex.match, pattern.shape.width + MARGIN
    found: list[re.Match[bytes]] = []
    done = 0
    for start, before, end in regions:
        if before <= done:
            continue
        low, high, limit = max(done, start, 0), end, len(folded)
        if cells:  # nothing reaches out of the cell that was pointed at
            low = max(low, folded.rfind(b"\n", low, before - 1) + 1)
            stop = folded.find(b"\n", before - 1)
            limit = stop if stop >= 0 else limit
            high = min(high, limit)
        match = search(folded, low, high)
        while match is not None and match.start() < before and match.end() > match.start():
            # What was pointed at may be the beginning of a longer match, or of none: the region ended in a word.
            begun = match.start()
            match = whole(folded, begun, min(limit, begun + width))
            if match is None or match.end() == begun:
                match = search(folded, begun + 1, high)
                continue
            found.append(match)
            done = match.end()
            match = search(folded, done, high) if done < before else None
    return found


def confirm_at(pattern: Pattern, folded: bytes, starts: list[int], *, cells: bool) -> list[re.Match[bytes]]:
    """Return the matches of `pattern` that begin at one of `starts` (ascending), each once."""
    match_at, width = pattern.regex.match, pattern.shape.width + MARGIN
    found: list[re.Match[bytes]] = []
    done = 0
    for start in starts:
        match = match_at(folded, start, start + width) if start >= done else None
        if match is not None and cells and b"\n" in match.group():
            match = match_at(folded, start, folded.find(b"\n", start))
        if match is not None and match.end() > start:
            found.append(match)
            done = match.end()
    return found


def confirm_term(use: Use, folded: bytes, normal: bytes, start: int, end: int, inside_word: bool) -> int:
    """Return where the term ends, or 0 where what remains to be confirmed does not hold."""
    term = use.term
    if term.exact is not None and folded[start:end] != term.exact.encode():
        return 0
    if term.tail is not None:
        match = term.tail.match(folded, end)
        return match.end() if match else 0
    if not inside_word:
        return end
    if term.open_end:
        match = _WORD_END.match(normal, end)
        stop = match.end() if match else end
        return stop if stop >= len(normal) or not ALNUM[normal[stop]] else 0
    plural = end - start >= PLURAL_FROM and term.exact is None and normal[end] == 115
    return end + 1 if plural and (end + 1 >= len(normal) or not ALNUM[normal[end + 1]]) else 0
