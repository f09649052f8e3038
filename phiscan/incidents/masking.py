"""Paths as they may leave the machine: what the recognizers find in one is masked, the incident's number leads back."""

from __future__ import annotations

import re

from phiscan.fold import compose, fold
from phiscan.recognize.pathname import name_in, words_of
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath
from phiscan.source.paths import below, display

_HIDDEN = "•••"
_NUMBER = re.compile(rb"(?:[0-9][ ._\-]?){6}")  # a date, a record, a number of somebody: without context nobody knows
_ENDING = re.compile(rb"(?:\.[A-Za-z0-9]{1,5}){1,2}$")
_LONGEST = 4096


class Masks:
    """Masks paths with the recognizers of one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._path = TextPath(ruleset)

    def masked(self, path: bytes, folder: bytes) -> str:
        """Return `path` with every name below `folder` masked that says something of somebody.

        `folder`, which an operator named, is shown; a path outside it is masked from its root on.
        """
        rest = below(path, folder)
        start = display(folder).rstrip("/") if rest is not None else ""
        names = (path if rest is None else rest).strip(b"/").split(b"/")
        return "/".join([start, *(self.name(name) for name in names if name)]) or "/"

    def name(self, name: bytes) -> str:
        """Return one name of a path, masked but for its ending where it tells."""
        if not self._tells(name):
            return display(name)
        ending = _ENDING.search(name)
        kept = ending.group() if ending is not None and not self._tells(ending.group()) else b""
        return _HIDDEN + display(kept)

    def _tells(self, name: bytes) -> bool:
        if _NUMBER.search(name):
            return True
        folded = fold(compose(name[:_LONGEST].decode("utf-8", "replace"))).decode("ascii")
        return bool(self._path.find(words_of(folded).encode(), everything=True).spans) or (
            name_in(folded, stated=True) is not None
        )
