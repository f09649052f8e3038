"""Days of birth of children in lists: beside their names, without a word that tells.

Beside a name a day before 2010 is one of birth (`fr.birth_date.beside`); a later one may be that of an examination, an
invoice or a course. In a list of several people, each with one day, births lie years apart or years before all else
that is dated, and do not follow each other as the lines do. A list of patients is made of them by `listed`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from phiscan.recognize.dates import parse_date
from phiscan.recognize.names import parse_name
from phiscan.recognize.recognizer import COUNTS_FROM, LISTED
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span

_APART = 2  # years between the first and the last
_LATER = 3  # years between the last and what else is dated
_IN_ORDER = 5  # lines whose days follow each other are a register of what happened
_YEAR = re.compile(rb"(?<![0-9/.\-])(?:[0-3]?[0-9][/.\-][01]?[0-9][/.\-])(20[0-9]{2})(?![0-9/])")


def births(spans: Iterable[Span], ruleset: Ruleset, folded: bytes) -> dict[int, list[Span]]:
    """Return the days that may be those of births in a list, by the beginnings of their lines."""
    found: dict[int, list[Span]] = {}
    days: list[dt.date] = []
    whose: dict[str, dt.date] = {}
    for span in spans:
        recognizer = ruleset.recognizers[span.recognizer]
        if recognizer.category != "birth_date" or span.why != "score" or "person" not in span.groups:
            continue
        day = parse_date(folded[span.start : span.end].decode("ascii"))
        if day is None or recognizer.score(span.evidence | LISTED) < COUNTS_FROM:
            continue
        start, end = span.groups["person"]
        if whose.setdefault(parse_name(folded[start:end].decode("ascii")).key, day) != day:
            return {}  # who stands there with two days was seen on them
        days.append(day)
        found.setdefault(folded.rfind(b"\n", 0, start) + 1, []).append(span)
    return found if len(whose) > 1 and _of_births(days, folded) else {}


def _of_births(days: Sequence[dt.date], folded: bytes) -> bool:
    first, last = min(days), max(days)
    if len(days) >= _IN_ORDER and list(days) in (sorted(days), sorted(days, reverse=True)):
        return False
    latest = max((int(year) for year in _YEAR.findall(folded)), default=0)
    return last.year - first.year >= _APART or latest - last.year >= _LATER
