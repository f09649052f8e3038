"""A looser form of a pattern for the automaton: it matches wherever the pattern does, and compiles far faster.

Lookarounds go, but for those that say what stands before a match and where a word ends, and long bounded repetitions
are left open: counting to sixty costs the automaton sixty states. What it points at is confirmed with
the pattern itself.
"""

from __future__ import annotations

import re
from typing import Any

from phiscan.recognize.triggers import parsed

_COUNTED = 4  # repetitions counted exactly; more are left open
_CATEGORIES = {
    "CATEGORY_DIGIT": "0-9",
    "CATEGORY_SPACE": r" \t\n\r\f\v",
    "CATEGORY_WORD": "A-Za-z0-9_",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_NOT_WORD": r"\W",
}
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_ASSERTIONS = ("ASSERT", "ASSERT_NOT", "AT")
_SINGLE = ("LITERAL", "IN", "ANY", "NOT_LITERAL", "SUBPATTERN", "BRANCH", "ATOMIC_GROUP")


def loosen(source: str) -> str:
    """Return the loose form of a verbose pattern, not verbose. Raises `re.error` where it is none.

    >>> loosen("(?<![0-9]) [0-9]{2} (?P<x> [ ]? [A-Z]{1,60} )  # why")
    '(?:^|[^0-9])[0-9]{2}(?: ?[A-Z]+)'
    """
    items = list(parsed(source))
    written = _leading(items) + _edge(items[-1], 1)
    return f"(?i:{written})" if parsed(source).state.flags & re.IGNORECASE else written


def _edge(item: Any, direction: int) -> str:
    """A negative lookaround for one character, as that character or the end of everything."""
    name, argument = str(item[0]), item[1]
    if name != "ASSERT_NOT" or argument[0] != direction or len(argument[1]) != 1:
        return ""
    kind, entries = str(argument[1][0][0]), argument[1][0][1]
    if kind == "LITERAL":
        other = f"[^{_char(entries)}]"
    elif kind == "NOT_LITERAL":
        other = _char(entries)
    elif kind == "IN":
        negated = str(entries[0][0]) == "NEGATE"
        other = f"[{_class(entries)[2:-1]}]" if negated else f"[^{_class(entries)[1:-1]}]"
    else:
        return ""
    return f"(?:^|{other})" if direction < 0 else f"(?:{other}|$)"


def _leading(items: Any) -> str:
    """A sequence at the beginning of a match: its first lookbehind says what stands before, and is searched with it."""
    if not items:
        return ""
    first, rest = items[0], _sequence(items[1:])
    name, argument = str(first[0]), first[1]
    if name == "ASSERT" and argument[0] < 0:
        return _sequence(argument[1]) + rest
    if name == "BRANCH":
        return f"(?:{'|'.join(map(_leading, argument[1]))})" + rest
    if name == "SUBPATTERN":
        return _group(argument[1], _leading(argument[3])) + rest
    return (_edge(first, -1) or _write(first)) + rest


def _sequence(items: Any) -> str:
    return "".join(map(_write, items))


def _write(item: Any) -> str:
    name, argument = str(item[0]), item[1]
    if name in _ASSERTIONS:
        return ""
    if name in _REPEATS:
        return _repeat(*argument)
    if name == "LITERAL":
        return _char(argument)
    if name == "NOT_LITERAL":
        return f"[^{_char(argument)}]"
    if name == "ANY":
        return r"[^\n]"
    if name == "IN":
        return _class(argument)
    if name == "BRANCH":
        return f"(?:{'|'.join(map(_sequence, argument[1]))})"
    if name == "ATOMIC_GROUP":
        return f"(?:{_sequence(argument)})"
    if name == "SUBPATTERN":
        return _group(argument[1], _sequence(argument[3]))
    raise re.error(f"{name.lower()} is not supported")


def _group(added: int, body: str) -> str:
    return f"(?{'i' if added & re.IGNORECASE else ''}:{body})"


def _repeat(low: int, high: Any, inner: Any) -> str:
    body = _sequence(inner)
    if len(inner) != 1 or str(inner[0][0]) not in _SINGLE:
        body = f"(?:{body})"
    if body == "(?:)":
        return ""
    low, high = int(low), int(high)
    if (low, high) == (0, 1):
        return body + "?"
    if low == high:
        return f"{body}{{{low}}}"
    if high <= _COUNTED:
        return f"{body}{{{low},{high}}}"
    return body + {0: "*", 1: "+"}.get(low, f"{{{low},}}")


def _char(code: int) -> str:
    return chr(code) if chr(code).isalnum() or code == 32 else f"\\x{code:02x}"


def _class(entries: list[Any]) -> str:
    negate = str(entries[0][0]) == "NEGATE"
    out = []
    for entry in entries[negate:]:
        name, argument = str(entry[0]), entry[1]
        if name == "LITERAL":
            out.append(_char(argument))
        elif name == "RANGE":
            out.append(f"{_char(argument[0])}-{_char(argument[1])}")
        else:
            out.append(_CATEGORIES[str(argument)])
    return f"[{'^' if negate else ''}{''.join(out)}]"
