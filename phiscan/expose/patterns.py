r"""Regular expressions of web servers as shell patterns that fit the same texts, where there are such patterns.

`\.(bak|old)$`, `/\.ht`, `~$`, `^/private/.*\.txt$`: an expression of literals, `.`, `.*`, classes, alternatives and
anchors. Of any other nothing is said. A shell pattern is matched in bounded time whatever the name, which the
expression of somebody's `.htaccess` need not be.
"""

from __future__ import annotations

import fnmatch
import glob
import re
from collections.abc import Iterable, Iterator
from typing import Final

_WORD: Final = r"(?:[\w~-]|\\[.~-])+"
_MANY: Final = 64  # patterns of one expression
_DEEP: Final = 20  # groups within groups
_LONGEST: Final = 1000  # characters of an expression
_BEGIN, _END = "\x02", "\x03"  # the anchors, until it is known where they stand
_SETS: Final = {"d": "0-9", "w": "0-9A-Za-z_"}
_GROUP: Final = re.compile(r"\((?:\?(?:(i)?:|P?<[A-Za-z]\w*>))?(?!\?)")
_IN_CLASS: Final = frozenset("._~ /$@,%+:;=#&'\"()*{}|<>?")
_LAZY: Final = re.compile(r"([*+?])\??(?![*+?{])")


def of_address(expression: str, *, any_case: bool = False) -> tuple[str, ...] | None:
    r"""Return patterns that fit exactly the addresses, which begin with a slash, in which an expression is found.

    >>> of_address(r"\.(bak|old)$"), of_address("^/prive/"), of_address("~$", any_case=True)
    (('/*.bak', '/*.old'), ('/prive/*',), ('/*~',))
    >>> of_address(r"/\.ht"), of_address(r"/\.(?!well-known)"), of_address(r"^/[^/]+$"), of_address("x$", any_case=True)
    (('/*/.ht*', '/.ht*'), None, None, ('/*[xX]',))
    """
    whole = _whole(expression, any_case)
    return None if whole is None else tuple(dict.fromkeys(one for each in whole for one in _after_slash(each)))


def of_name(expression: str, *, any_case: bool = False) -> tuple[str, ...] | None:
    r"""Return patterns that fit exactly the names in which an expression, such as of Apache's `<FilesMatch>`, is found.

    >>> of_name(r"^\.ht"), of_name(r"(?i:\.(bak|s.l)$)"), of_name("^a$"), of_name("a.*b"), of_name("a+")
    (('.ht*',), ('*.[bB][aA][kK]', '*.[sS]?[lL]'), ('a',), ('*a*b*',), None)
    """
    whole = _whole(expression, any_case)
    return None if whole is None else tuple(one for one in whole if "/" not in re.sub(r"\[!?.[^]]*\]", "", one))


def literally(text: str) -> str:
    """Return the pattern that fits a text and no other.

    >>> literally("/a[1]*")
    '/a[[]1][*]'
    """
    return glob.escape(text)


def fits_below(pattern: str, folder: str) -> bool:
    """Whether a pattern fits the address of a folder, which ends in a slash, and every one below it.

    >>> fits_below("/a/*", "/a/b/"), fits_below("/a/*x", "/a/"), fits_below("/*.d/*", "/x.d/")
    (True, False, True)
    """
    return pattern.endswith("*") and fnmatch.fnmatchcase(folder, pattern)


def may_fit_below(pattern: str, folder: str) -> bool:
    """Whether a pattern may fit an address that begins with `folder`.

    >>> may_fit_below("/a/*", "/b/"), may_fit_below("/*.txt", "/b/"), may_fit_below("/b/c", "/b/")
    (False, True, True)
    """
    first = literal(pattern)
    return first.startswith(folder) or folder.startswith(first) if first != pattern else pattern.startswith(folder)


def literal(pattern: str) -> str:
    """Return what every text begins with that a pattern fits."""
    return re.split(r"[*?\[]", pattern, maxsplit=1)[0]


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
    return "" if "|" in expression else found.replace("\\", "")


def in_any_case(pattern: str) -> str:
    """Return a pattern that fits names whatever their case.

    >>> in_any_case("~$*"), in_any_case("x1")
    ('~$*', '[xX]1')
    """
    return "".join(f"[{one.lower()}{one.upper()}]" if one.lower() != one.upper() else one for one in pattern)


class _NoPattern(Exception):
    """No shell pattern says the same."""


def _whole(expression: str, any_case: bool) -> list[str] | None:
    """Return patterns for all of a text; None where there are none."""
    if len(expression) > _LONGEST or _BEGIN in expression or _END in expression:
        return None
    if expression.startswith("(?i)"):
        expression, any_case = expression[4:], True
    try:
        reader = _Reader(expression, any_case)
        found = reader.alternatives(0)
        if reader.at < len(expression):
            return None
        return [one for each in found for one in _anchored(each)]
    except _NoPattern:
        return None


def _anchored(text: str) -> Iterator[str]:
    """Yield a pattern with its anchors taken for what they are; none where it can fit nothing."""
    inner = text.lstrip(_BEGIN)
    begins, inner = inner != text, inner.rstrip(_END)
    if _BEGIN in inner or _END in inner:
        raise _NoPattern
    pattern = ("" if begins else "*") + inner + ("" if text.endswith(_END) else "*")
    yield re.sub(r"(?<!\[)\*{2,}", "*", pattern)


def _after_slash(pattern: str) -> Iterator[str]:
    """Yield a pattern for texts that begin with a slash as ones that begin so too."""
    if pattern.startswith("*"):
        yield "/" + pattern
        pattern = pattern[1:]
    first = re.match(r"\[!?.[^]]*\]|.", pattern, re.DOTALL)
    if first is not None and fnmatch.fnmatchcase("/", first[0]) and first[0] != "*":
        yield "/" + pattern[first.end() :]


class _Reader:
    """Reads a regular expression."""

    def __init__(self, text: str, any_case: bool) -> None:
        self._text, self._any_case, self.at = text, any_case, 0

    def alternatives(self, depth: int) -> list[str]:
        """Return what stands up to the end of a group. Raises `_NoPattern`."""
        if depth > _DEEP:
            raise _NoPattern
        found, here = list[str](), [""]
        while self.at < len(self._text) and self._text[self.at] != ")":
            if self._text[self.at] == "|":
                self.at += 1
                found, here = found + here, [""]
            else:
                added = self._repeated(self._atom(depth))
                here = _few(one + more for one in here for more in added)
        return _few(found + here)

    def _atom(self, depth: int) -> list[str]:
        sign = self._text[self.at]
        if sign == "(":
            return self._group(depth)
        self.at += 1
        match sign:
            case "." | "^" | "$":
                return [{".": "?", "^": _BEGIN, "$": _END}[sign]]
            case "[":
                return [self._class()]
            case "\\":
                return [self._escaped()]
            case "*" | "+" | "?" | "{":
                raise _NoPattern
            case _:
                return [self._letter(sign)]

    def _letter(self, sign: str) -> str:
        return in_any_case(sign) if self._any_case and sign.isascii() and sign.isalpha() else glob.escape(sign)

    def _group(self, depth: int) -> list[str]:
        opening = _GROUP.match(self._text, self.at)
        if opening is None:
            raise _NoPattern
        self.at, outer = opening.end(), self._any_case
        self._any_case = outer or opening[1] is not None
        found = self.alternatives(depth + 1)
        self._any_case = outer
        if self._text[self.at : self.at + 1] != ")":
            raise _NoPattern
        self.at += 1
        return found

    def _escaped(self) -> str:
        sign = self._text[self.at : self.at + 1]
        self.at += 1
        if sign in _SETS:
            return f"[{_SETS[sign]}]"
        if not sign or sign.isalnum() or not sign.isascii():
            raise _NoPattern
        return glob.escape(sign)

    def _class(self) -> str:
        end = self._text.find("]", self.at + 1 + (self._text[self.at : self.at + 1] == "^"))
        inside = self._text[self.at : end]
        if end < 0 or not inside:
            raise _NoPattern
        self.at = end + 1
        negated, inside = inside.startswith("^"), inside.removeprefix("^")
        found, dash = "", ""
        for one in re.finditer(r"\\(.)|([0-9A-Za-z])-([0-9A-Za-z])|(.)", inside, re.DOTALL):
            escaped, first, last, plain = one.groups()
            if first is not None:
                found += self._range(first, last)
            elif escaped in _SETS:
                found += _SETS[escaped]
            elif (plain or escaped) == "-":
                dash = "-"
            else:
                found += self._member(plain or escaped, literal=plain is not None)
        if not found + dash:
            raise _NoPattern
        return f"[{'!' if negated else ''}{found}{dash}]"

    def _member(self, sign: str, *, literal: bool) -> str:
        if sign in _IN_CLASS:
            return sign
        if not (literal and sign.isascii() and sign.isalnum()):
            raise _NoPattern
        return sign.lower() + sign.upper() if self._any_case and sign.isalpha() else sign

    def _range(self, first: str, last: str) -> str:
        kinds = {(one.isdigit(), one.islower()) for one in (first, last)}
        if len(kinds) > 1 or first > last:
            raise _NoPattern
        plain = f"{first}-{last}"
        return plain.lower() + plain.upper() if self._any_case and first.isalpha() else plain

    def _repeated(self, atom: list[str]) -> list[str]:
        if self._text[self.at : self.at + 1] not in ("*", "+", "?", "{"):
            return atom
        match = _LAZY.match(self._text, self.at)
        if match is None:
            raise _NoPattern
        self.at = match.end()
        if match[1] == "?":
            return [*atom, ""]
        if atom != ["?"]:
            raise _NoPattern
        return ["*" if match[1] == "*" else "?*"]


def _few(found: Iterable[str]) -> list[str]:
    """Return alternatives, each once. Raises `_NoPattern` where they are too many."""
    kept: dict[str, None] = {}
    for one in found:
        kept[one] = None
        if len(kept) > _MANY:
            raise _NoPattern
    return list(kept)
