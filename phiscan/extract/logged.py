"""Quoted names and values in one line of a log or of a dump: `{"nom":"DURAND","ddn":"1985-05-12"}`, `nom='DURAND'`.

Quotes and braces become blanks, what parts the values becomes `|`: then the line reads as labels and values do, each
character where it was. Programs and texts that explain a format hold the same as samples: only what is a log, or whose
lines are nothing but such values, is read so.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

_QUOTE: Final = r"\\{0,3}[\"']"  # escaped where one document stands in another
_PAIR: Final = re.compile(rf"[\w.\-]{{1,40}}(?:{_QUOTE})?[ ]{{0,2}}(?:=>|[:=])[ ]{{0,2}}(?:{_QUOTE})")
_STAMP: Final = re.compile(r"[^\"'{=\n]{0,60}?(?<!\d)\d\d:\d\d:\d\d(?!\d)")
_STATEMENT: Final = re.compile(
    r"\s*(?:[<#/*;]|--|[$\w.>\[\]\-]+\s*=\s|[\w.]+\(|(?:var|let|const|return|def|assert)\b)|.*[;(]\s*$"
)
_OPENING: Final = re.compile(rf"([:={{\[(,])([ ]{{0,2}})({_QUOTE})")
_CLOSING: Final = re.compile(rf"({_QUOTE})([ ]{{0,2}})(?:([,}}\])])|(?=[:=|]|$|[ ]{{1,2}}[\w.\-]{{1,40}}[ ]?[:=]))")
_ESCAPED: Final = re.compile(r"\\{1,2}u00([a-fA-F][0-9a-fA-F])")
_PARTING: Final = frozenset("{[(,")
_SEEN: Final = 1 << 14  # characters by which a text is told
_LOG: Final = 0.3  # share of lines with a time: stack traces have none
_DUMP: Final = 0.8  # share of lines that are nothing but values
# Who is told by more than a name: without a date or a number it is who logged in, or whose message it was.
_TELLING: Final = re.compile(r"(?<!\d)(?:\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}|\d{4}-\d\d-\d\d|\d{7,15})(?!\d)")
_LEAST_OF_LOG, _LEAST_OF_DUMP = 2, 3  # values in one line


def unquoted(text: str, *, log: bool) -> str:
    """Return a text with its quoted records as labels and values. `log`: the file is called one."""
    if ("'" not in text and '"' not in text) or not _PAIR.search(text):
        return text
    lines = [line for line in text[:_SEEN].split("\n") if line.strip()]
    log = log or sum(_STAMP.match(line) is not None for line in lines) >= _LOG * len(lines)
    least = _LEAST_OF_LOG if log else _LEAST_OF_DUMP
    if not log and sum(_is_record(line, least) for line in lines) < _DUMP * len(lines):
        return text
    return "\n".join(_plain(line) if _is_record(line, least) else line for line in text.split("\n"))


def _is_record(line: str, least: int) -> bool:
    if least == _LEAST_OF_DUMP and _STATEMENT.match(line):
        return False
    pairs = list(islice(_PAIR.finditer(line), least))
    return len(pairs) == least and _TELLING.search(line, pairs[0].start()) is not None


def _plain(line: str) -> str:
    line = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), line.replace("=>", ": "))
    return _CLOSING.sub(_closed, _OPENING.sub(_opened, line))


def _opened(found: re.Match[str]) -> str:
    return ("|" if found[1] in _PARTING else found[1]) + found[2] + " " * len(found[3])


def _closed(found: re.Match[str]) -> str:
    return " " * len(found[1]) + found[2] + ("|" if found[3] else "")
