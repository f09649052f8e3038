"""Which names of a folder a service hands out, where it does not hand out all of them.

Rules are asked in their order, as web servers do: the first that fits a file decides. What fits none is handed out.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from phiscan.expose.patterns import literal


@dataclass(frozen=True, slots=True)
class Names:
    """One rule. It fits a file of which one pattern in each of `fits` fits; without any it fits all.

    A pattern that begins with `/` is of the address as visitors call it, one that begins with `./` of the path below
    the folder, any other of the name alone. An address that ends in a slash is a folder's, whose name is empty.
    """

    fits: tuple[tuple[str, ...], ...]
    given: bool  # whether the files that it fits are handed out


def given(rules: Iterable[Names], seen: bytes, rest: bytes) -> bool:
    """Whether a file is handed out. `seen`: the folder as visitors call it; `rest`: the path below it.

    >>> given((Names((("*.txt",),), True), Names((), False)), b"/a/", b"b/c.txt"), given((), b"/", b"x")
    (True, True)
    """
    address = seen.rstrip(b"/") + b"/" + rest if rest else seen
    if b"\n" in rest:  # an expression's dot fits no newline and a pattern's sign does
        return True
    return next((rule.given for rule in rules if _fits(rule, address, rest)), True)


def _fits(rule: Names, address: bytes, rest: bytes) -> bool:
    return all(any(_is(pattern, address, rest) for pattern in patterns) for patterns in rule.fits)


def _is(pattern: str, address: bytes, rest: bytes) -> bool:
    if pattern.startswith("/"):
        text = address
    elif pattern.startswith("./"):
        text = b"./" + rest
    else:
        text = os.path.basename(address)
    return fnmatch.fnmatchcase(text, os.fsencode(pattern))  # as bytes: servers count these


def beginnings(rules: Sequence[Names]) -> list[bytes] | None:
    """Return with what the addresses begin that are handed out; None where they may begin with anything.

    >>> beginnings((Names((("/pub*",),), True), Names((), False))), beginnings((Names((("*.txt",),), True),))
    ([b'/pub'], None)
    """
    found: list[bytes] = []
    for rule in rules:
        firsts = [[literal(pattern) for pattern in patterns] for patterns in rule.fits]
        best = max(firsts, key=lambda each: min(map(len, each), default=0), default=[""])
        if not rule.given:
            if not rule.fits:
                return found
        elif any(not first.startswith("/") for first in best):
            return None
        else:
            found += map(os.fsencode, best)
    return None


def simplest(rules: Sequence[Names]) -> tuple[Names, ...]:
    """Return the same rules without those that change nothing.

    >>> open, shut = Names((("*.a",),), True), Names((("*.b",),), False)
    >>> simplest([shut, open, Names((), True)]) == (shut,), simplest([open, Names((), True)])
    (True, ())
    """
    kept: list[Names] = []
    for rule in (*rules, Names((), True)):
        while kept and kept[-1].given == rule.given and kept[-1].fits[: len(rule.fits)] == rule.fits:
            kept.pop()
        if kept and not kept[-1].fits:  # nothing comes after it
            break
        kept.append(rule)
    return tuple(kept[:-1]) if kept[-1] == Names((), True) else tuple(kept)
