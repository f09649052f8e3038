r"""Regular expressions of web servers as shell patterns of names, where they are as simple as they mostly are.

`\.(bak|old)$`, `/\.ht`, `~$`, `^/private/`: whatever is not of these forms is no pattern here, and nothing is called
hidden for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_WORD: Final = r"(?:[\w~-]|\\[.~-])+"
_GROUP: Final = rf"\((?:\?:)?({_WORD}(?:\|{_WORD})*)\)"
_ENDING: Final = re.compile(rf"(?:\^?\.\*|\.\+)?((?:\\\.)?(?:{_WORD})?)(?:{_GROUP})?\$")
_BEGINNING: Final = re.compile(rf"/(\\\.(?:{_WORD})?)(?:{_GROUP})?")
_FOLDER: Final = re.compile(rf"\^(/{_WORD}(?:/{_WORD})*)(?:/|\(/\|\$\)|\(\?:/\|\$\))?")
_WITHIN: Final = re.compile(rf"/({_WORD})/")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a regular expression on addresses stands for: patterns of names, or a folder by its address."""

    names: tuple[str, ...] = ()
    folder: str | None = None


def of_address(expression: str, *, any_case: bool = False) -> Meaning | None:
    r"""Return what a regular expression on addresses hides; None where that cannot be said in patterns.

    >>> of_address(r"\.(bak|old)$").names, of_address(r"/\.ht").names, of_address(r"/\.").names, of_address("~$").names
    (('*.bak', '*.old'), ('.ht*',), ('.*',), ('*~',))
    >>> of_address("^/prive/").folder, of_address("/prive/").names, of_address(r"/\.(?!well-known)"), of_address(".")
    ('/prive', ('prive/*', '*/prive/*'), None, None)
    """
    text = expression.replace(r"\/", "/")
    change = in_any_case if any_case else str
    if match := _FOLDER.fullmatch(text):
        return None if any_case else Meaning(folder=_plain(match[1]))
    if match := _WITHIN.fullmatch(text):
        name = change(_plain(match[1]))
        return Meaning((f"{name}/*", f"*/{name}/*"))
    if (match := _ENDING.fullmatch(text)) and (match[1] or match[2]):
        return Meaning(tuple("*" + change(name) for name in _names(match[1], match[2])))
    if match := _BEGINNING.fullmatch(text):
        return Meaning(tuple(change(name) + "*" for name in _names(match[1], match[2])))
    return None


def of_name(expression: str, *, any_case: bool = False) -> tuple[str, ...] | None:
    r"""Return the patterns that a regular expression on names, such as Apache's `<FilesMatch>`, stands for.

    >>> of_name(r"^\.ht"), of_name(r"\.(bak|sql)$"), of_name("^a$"), of_name("a.*b")
    (('.ht*',), ('*.bak', '*.sql'), ('a',), None)
    """
    change = in_any_case if any_case else str
    if match := re.fullmatch(rf"\^({_WORD})(\$?)", expression):
        return (change(_plain(match[1])) + ("" if match[2] else "*"),)
    if (match := _ENDING.fullmatch(expression)) and (match[1] or match[2]):
        return tuple("*" + change(name) for name in _names(match[1], match[2]))
    return None


def beginning(expression: str) -> str:
    r"""Return the letters that every address begins with which a regular expression fits.

    >>> beginning(r"^/pub/.*\.pdf$"), beginning(r"\.pdf$"), beginning(r"^/pub?")
    ('/pub/', '', '/pu')
    """
    if not expression.startswith("^"):
        return ""
    match = re.match(rf"(?:{_WORD}|/)*", expression[1:])
    found = match[0] if match else ""
    if expression[1 + len(found) : 2 + len(found)] in tuple("?*{"):
        found = found[:-1]
    return "" if "|" in expression else _plain(found)


def in_any_case(pattern: str) -> str:
    """Return a pattern that fits names whatever their case.

    >>> in_any_case("~$*"), in_any_case("x1")
    ('~$*', '[xX]1')
    """
    return "".join(f"[{one.lower()}{one.upper()}]" if one.lower() != one.upper() else one for one in pattern)


def _names(before: str, group: str | None) -> list[str]:
    return [_plain(before + word) for word in (group or "").split("|")]


def _plain(text: str) -> str:
    return text.replace("\\", "")
