"""YAML: whom an alias stands for. A file names somebody once, at an anchor `&p0`, and refers to them as `*p0` since.

What tells who that is is put behind the alias, in its line, as if it stood there: line numbers stay what they are.
"""

from __future__ import annotations

import re
from typing import Final

from phiscan.extract.tabular import names_person

_ANCHOR: Final = re.compile(r"(?m)^([ ]*)(?:-[ ]+|[\w.\-]{1,60}:[ ]*)+&([\w.\-]{1,60})[ ]*$")
_ALIAS: Final = re.compile(r"(?m)^[ ]*(?:-[ ]+|[\w.\-]{1,60}:[ ]*)+\*([\w.\-]{1,60})[ ]*$")
_VALUE: Final = re.compile(r"[ ]*(?:-[ ]+)?([\w.\-]{1,60}):[ ]+([^\n&*|>{\[]{1,160})")
_TELLING: Final = re.compile(r"(?i)naiss|nais(?![a-z])|birth|ddn|dob|nir|ins(?![a-z])|ipp|secu")  # doctors have none
_MOST: Final = 200_000  # anchors of a file that are remembered
_LONGEST: Final = 400  # characters that tell who is meant
_LINES: Final = 40  # of an anchored record that are looked at


class Anchors:
    """Who the anchors of one file stand for, while it is read piece by piece."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def read(self, text: str) -> str:
        """Return a piece of the file with what tells who its aliases stand for."""
        if "&" in text:
            for found in _ANCHOR.finditer(text):
                if len(self._told) < _MOST and (told := _who(text, found.end(), len(found[1]))):
                    self._told[found[2]] = told
        if not self._told or "*" not in text:
            return text
        return _ALIAS.sub(lambda found: found[0] + self._told.get(found[1], ""), text)


def _who(text: str, at: int, indent: int) -> str:
    """Return what tells of a person in the lines below an anchor, those that are indented further."""
    told, known, first = "", False, 0  # `first`: how far the first line that tells is indented
    for _ in range(_LINES):
        end = text.find("\n", at + 1)
        line = text[at + 1 : end if end >= 0 else len(text)]
        found = _VALUE.match(line)
        deep = len(line) - len(line.lstrip(" "))
        if end < 0 or not line.strip() or deep <= indent or deep < first:
            break
        if told and deep > first:  # somebody else's: a doctor, a relative
            at = end
            continue
        if found and names_person(found[1]) and len(told) + len(found[0]) < _LONGEST:
            told, first = told + f" | {found[1]}: {found[2].strip()}", deep
            known = known or _TELLING.search(found[1]) is not None
        at = end
    return told if known else ""
