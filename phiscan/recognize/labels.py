"""Labelled values in running text: `Nom : DUPONT`, `VIH;négatif`, a label with its value on the next line.

A label is any name of the header vocabulary before a colon, an equals sign, or a table-like
separator. What follows, up to the next label, is its value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from phiscan.model import Role
from phiscan.recognize.headers import FieldRef, HeaderIndex

# Forms align their labels or their values, over half a line.
_SEPARATOR = re.compile(rb"[ ]{0,40}(?:[:=]|[;|](?![ ]{0,3}[;|]))[ ]{0,40}")
_STOP = re.compile(rb"[\n;|:=?!]|[ ]{3}")
_WORD = re.compile(rb"[^ ]+")
_MAX_LABEL = 60
_MAX_WORDS = 7
_MAX_VALUE = 160
_NEXT_LINE = re.compile(rb"[ ]*\n[ \n]{0,4}(?=[^\n ])")
_CODE = re.compile(r"[\[\]{}<>$\\@\"#!]|^'|'$|,(?! [A-Za-z]{3})|\((?![A-Za-z/ ]{1,20}\))")  # av[k], $nom, "name"
_ATTRIBUTE = re.compile(r"[A-Za-z0-9_]\.[A-Za-z_]{3}")  # self.nom = x
_VALUE_END = re.compile(rb"[\n;|]|[ ]{4}")


@dataclass(slots=True, repr=False)
class Label:
    """A label found in text: where it stands, where its value does, and what it leads to."""

    start: int
    separator: int
    value: int
    end: int
    refs: tuple[FieldRef, ...]
    role: Role
    column: bool  # separated by ; or |


def find_labels(folded: bytes, headers: HeaderIndex) -> list[Label]:
    """Return the labels of a text whose names are in the vocabulary, in order."""
    labels: list[Label] = []
    for match in _SEPARATOR.finditer(folded):
        label = _label_before(folded, match, headers)
        if label is not None:
            labels.append(label)
    for index, label in enumerate(labels):
        limit = labels[index + 1].start if index + 1 < len(labels) else len(folded)
        label.end = _value_end(folded, label, limit)
    return labels


def _label_before(folded: bytes, match: re.Match[bytes], headers: HeaderIndex) -> Label | None:
    stop = match.start()
    low = max(0, stop - _MAX_LABEL)
    for cut in _STOP.finditer(folded, low, stop):
        low = cut.end()
    words = [(word.start(), word.end()) for word in _WORD.finditer(folded, low, stop)]
    column = match.group().strip() in (b";", b"|")
    # A table-like separator follows every cell: only a whole cell can be a label there.
    candidates = words[:1] if column else words[-_MAX_WORDS:]
    for start, _ in candidates:
        name = folded[start:stop].decode("ascii")
        if not any(char.isalpha() for char in name) or _CODE.search(name):
            continue
        if match.group().strip() == b"=" and _ATTRIBUTE.search(name):
            continue
        refs, role = headers.find(name)
        if refs:
            value = _value_start(folded, match.end())
            return Label(start, stop, value, value, refs, role, column)
    return None


def _value_start(folded: bytes, position: int) -> int:
    following = _NEXT_LINE.match(folded, position)
    return following.end() if following else position


def _value_end(folded: bytes, label: Label, limit: int) -> int:
    end = min(label.value + _MAX_VALUE, max(label.value, limit), len(folded))
    stop = _VALUE_END.search(folded, label.value, end)
    return stop.start() if stop else end
