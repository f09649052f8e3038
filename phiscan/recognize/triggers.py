"""Triggers: the words without which a pattern cannot match, so that the literal automaton points at them.

Most patterns hold a word (`Mme`, `rue`, `né le`): searching those as literals costs nothing, and the
pattern itself is compiled only when one turns up. A pattern of digits and signs has none and is
searched by the automaton as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from phiscan.recognize.terms import NORMAL_TEXT

_SHORTEST = 4  # letters of a trigger: shorter ones stand inside other words everywhere
_SHORTEST_WORD = 3  # where the pattern itself says that a word begins there
_MOST = 64  # spellings that one run of a pattern may have
_MOST_ALL = 400  # triggers of one pattern


@lru_cache(maxsize=4096)
def parsed(source: str) -> Any:
    """Return a verbose pattern as `re` parses it. Raises `re.error` where it is none."""
    return re._parser.parse(source, re.VERBOSE | re.ASCII)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Shape:
    """What loading has to know of a pattern, besides its text.

    `width` is the most characters it can span. `words` are its triggers in normal form, empty where it has none;
    a match that holds one begins at most `before` characters before it.
    """

    width: int
    words: frozenset[str] = frozenset()
    before: int = 0
    begins: bool = False  # no letter or digit may stand before a trigger
    whole: bool = False  # it asks for the beginning of everything, and so for a whole cell


def shape(source: str) -> Shape:
    """Return the shape of a verbose pattern. Raises `re.error` where it is none.

    >>> sorted(shape("(?<![A-Za-z]) (?: M(?:me|lle) | Madame ) [ ] [A-Z][a-z]{1,20}").words)
    ['madame', 'mlle', 'mme']
    """
    items = parsed(source)
    width = int(items.getwidth()[1])
    whole = bool(items) and str(items[0][0]) == "AT" and "BEGINNING" in str(items[0][1])
    found = _required(list(items))
    if found is None or len(found.words) > _MOST_ALL:
        return Shape(width, whole=whole)
    return Shape(width, found.words, found.before, found.begins, whole)


def beginnings(source: str, size: int = 3) -> frozenset[str]:
    """Return what the matches of a pattern (not verbose) begin with: each a string of `size` characters or fewer.

    A string is shorter where a match may end there, or where too much may follow to list it.

    >>> sorted(beginnings("an?ti|(?<!x)ac[^e]"))
    ['ac', 'ant', 'ati']
    """
    return frozenset(begun[:size] for begun, _ in _begun(list(re._parser.parse(source, re.ASCII)), size))  # type: ignore[attr-defined]


def _begun(items: list[Any], size: int) -> set[tuple[str, bool]]:
    """Beginnings of a sequence, and whether each is the whole of what it begins."""
    found = {("", True)}
    for item in items:
        found = {
            (begun + more, whole)
            for begun, open_ in found
            for more, whole in (_begun_by(item, size) if open_ and len(begun) < size else {("", open_)})
        }
    return found


def _begun_by(item: Any, size: int) -> set[tuple[str, bool]]:
    name, argument = str(item[0]), item[1]
    if name == "BRANCH":
        return set().union(*(_begun(list(branch), size) for branch in argument[1]))
    if name == "SUBPATTERN":
        return _begun(list(argument[3]), size)
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        low, high, inner = argument
        once = _begun(list(inner), size)
        again = {(begun, whole and high == 1) for begun, whole in once}
        return again | {("", True)} if low == 0 else again
    spelled = _spellings(item)
    return {("", False)} if spelled is None else {(text, True) for text in spelled}


@dataclass(frozen=True, slots=True)
class _Found:
    words: frozenset[str]
    before: int
    begins: bool = False

    @property
    def worth(self) -> tuple[int, int]:
        """Longer triggers first, then fewer of them; the beginning of a word is worth two letters."""
        return min(min(map(len, self.words)) + 2 * self.begins, 8), -len(self.words)


def _required(items: list[Any], bounded: bool = False) -> _Found | None:
    """The best set of words of which a match of the sequence holds at least one.

    `bounded`: a lookbehind before the sequence keeps letters away.
    """
    best: _Found | None = None
    run: frozenset[str] = frozenset({""})
    run_start = position = 0
    begins = bounded
    for item in [*items, None]:
        if item is not None and position == 0 and _keeps_letters_away(item):
            bounded = begins = True
            continue
        spelled = None if item is None else _spellings(item)
        if spelled is not None and len(run) * len(spelled) <= _MOST:
            run = frozenset(a + b for a, b in product(run, spelled))
        else:
            best = _better(best, run, run_start, begins)
            nested = None if item is None else _nested(item, bounded and position == 0)
            if nested is not None:
                best = _best(best, _Found(nested.words, position + nested.before, nested.begins))
            begins = bounded and position == 0 and item is not None and spelled is not None
            starts_run = spelled is not None and item is not None
            run = spelled if starts_run and spelled is not None else frozenset({""})
            run_start = position if starts_run else position + (0 if item is None else _most(item))
        position += 0 if item is None else _most(item)
    return best


def _keeps_letters_away(item: Any) -> bool:
    """Whether an element is a negative lookbehind for all letters."""
    name, argument = str(item[0]), item[1]
    if name != "ASSERT_NOT" or argument[0] != -1 or len(argument[1]) != 1 or str(argument[1][0][0]) != "IN":
        return False
    ranges = {(entry[1][0], entry[1][1]) for entry in argument[1][0][1] if str(entry[0]) == "RANGE"}
    return {(65, 90), (97, 122)} <= ranges


def _better(best: _Found | None, run: frozenset[str], start: int, begins: bool) -> _Found | None:
    words = frozenset(word.strip() for word in run)
    moved = max(len(word) - len(word.lstrip()) for word in run)  # at most that far into the match
    begins = begins and not moved and all(word[:1].isalnum() for word in words)
    if min(map(len, words)) < (_SHORTEST_WORD if begins else _SHORTEST):
        return best
    return _best(best, _Found(words, start + moved, begins))


def _best(a: _Found | None, b: _Found | None) -> _Found | None:
    if a is None or b is None:
        return a or b
    return b if b.worth > a.worth else a


def _most(item: Any) -> int:
    pattern = re._parser.SubPattern(re._parser.State(), [item])  # type: ignore[attr-defined]
    return int(pattern.getwidth()[1])


def _nested(item: Any, bounded: bool) -> _Found | None:
    """The required words inside one element, their distance counted from the element's start."""
    name, argument = str(item[0]), item[1]
    if name == "SUBPATTERN":
        return _required(list(argument[3]), bounded)
    if name == "ATOMIC_GROUP":
        return _required(list(argument), bounded)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and argument[0] >= 1:
        return _required(list(argument[2]))
    if name == "BRANCH":
        found = [_required(list(branch), bounded) for branch in argument[1]]
        if all(one is not None for one in found):
            sets = [one for one in found if one is not None]
            words = frozenset().union(*(one.words for one in sets))
            return _Found(words, max(one.before for one in sets), all(one.begins for one in sets))
    return None


def _spellings(item: Any) -> frozenset[str] | None:
    """Everything one element can match, in normal form; None where that is too much to list."""
    name, argument = str(item[0]), item[1]
    if name == "LITERAL":
        return frozenset({_normal(argument)})
    if name == "IN":
        return _of_class(argument)
    if name in ("ASSERT", "ASSERT_NOT", "AT"):
        return frozenset({""})
    if name == "SUBPATTERN":
        return _of_sequence(list(argument[3]))
    if name == "ATOMIC_GROUP":
        return _of_sequence(list(argument))
    if name == "BRANCH":
        return _of_branches(argument[1])
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and int(argument[1]) <= 2:
        return _of_repeat(*argument)
    return None


def _normal(code: int) -> str:
    return chr(NORMAL_TEXT[code]) if code < 256 else chr(code)


def _of_class(entries: list[Any]) -> frozenset[str] | None:
    if not all(str(entry[0]) == "LITERAL" for entry in entries):
        return None
    chars = frozenset(_normal(entry[1]) for entry in entries)
    return chars if len(chars) <= 3 else None


def _of_sequence(items: list[Any]) -> frozenset[str] | None:
    spelled: frozenset[str] = frozenset({""})
    for item in items:
        more = _spellings(item)
        if more is None or len(spelled) * len(more) > _MOST:
            return None
        spelled = frozenset(a + b for a, b in product(spelled, more))
    return spelled


def _of_branches(branches: list[Any]) -> frozenset[str] | None:
    spelled: frozenset[str] = frozenset()
    for branch in branches:
        more = _of_sequence(list(branch))
        if more is None:
            return None
        spelled |= more
    return spelled if len(spelled) <= _MOST else None


def _of_repeat(low: int, high: int, inner: Any) -> frozenset[str] | None:
    once = _of_sequence(list(inner))
    if once is None:
        return None
    spelled: frozenset[str] = frozenset()
    for times in range(int(low), int(high) + 1):
        if len(once) ** times > _MOST:
            return None
        spelled |= frozenset("".join(parts) for parts in product(once, repeat=times))
    return spelled if len(spelled) <= _MOST else None
