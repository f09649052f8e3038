"""Few people in a table that does not name its columns: one patient's follow-up, or a handful again and again.

What a column holds is told by statistics, which ask for many values. Of few people, name and birth date prove one
another: beside a name stands one day, always the same, long ago or before every other date of the table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from phiscan.model import Role
from phiscan.recognize import contents
from phiscan.recognize.contents import share
from phiscan.recognize.dates import parse_date
from phiscan.recognize.persons import first_name, name_person
from phiscan.recognize.plan import Column, Plan, Sample
from phiscan.recognize.ruleset import Ruleset

_MOST = 12  # people; the births of more spread, and are told by that
_NAMELESS = re.compile(r"(?:[A-Za-z]{0,6}[ _.-]?[0-9]+)?")  # no header, or C_7 and F12
_GROWN = 2008  # who was born before has a birth date where no other date shows that it is the first
_AGAIN = 2.0  # rows about each, on average, from which one day for each name says something
_OLD, _APART = 1990, 20  # years: where each has one row, births are before, or so far apart; days of work are neither

Named = tuple[tuple[Column, str], ...]  # columns that hold a name together, with the part of each


def few_people(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Give names and birth dates their columns where too few people stand in them for statistics."""
    name = next((r.index for r in ruleset.recognizers if {"last_name", "first_name"} <= r.file.fields.parts.keys()), -1)
    birth = next((r.index for r in ruleset.recognizers if r.category == "birth_date" and r.file.fields.headers), -1)
    if name < 0 or birth < 0 or plan.of_patient(ruleset) or plan.of(ruleset, "birth_date"):
        return
    nameless = [column for column in plan.columns if _NAMELESS.fullmatch(column.header)]
    dates = {column.index: _dates(sample, column.index) for column in nameless if column.recognizer < 0}
    dates = {at: days for at, days in dates.items() if days}
    for named in _names(nameless, sample, name):
        for at in sorted(dates, key=lambda at: abs(at - named[0][0].index)):
            rows = _one_each(sample, [column.index for column, _ in named], at)
            if rows and _first(dates, at) and (rows >= _AGAIN or _born_long_ago(dates[at])):
                for column, part in named:
                    column.give(name, part)
                    column.role = Role.PATIENT
                plan.columns[at].give(birth)
                return


def _names(columns: Sequence[Column], sample: Sample, name: int) -> Iterator[Named]:
    """Yield the columns that may hold the names of people: those that are known to, then whole names, then pairs."""
    known = tuple((column, column.part) for column in columns if column.recognizer == name)
    if known:
        yield known
        return
    few = [column for column in columns if column.free and 1 <= len(sample.values[column.index]) <= _MOST]
    yield from (((column, ""),) for column in few if contents.whole_names(sample.values[column.index]))
    for left, right in pairwise(few):
        if right.index == left.index + 1:
            for last, first in ((left, right), (right, left)):
                given, family = (sample.values[column.index] for column in (first, last))
                if share(given, first_name) >= 0.8 and share(family, _surname) >= 0.9:
                    yield (last, "last_name"), (first, "first_name")


def _surname(value: str) -> bool:
    return len(value) > 2 and len(value.split()) <= 3 and name_person(f"{value} Jean")


def _dates(sample: Sample, at: int) -> list[dt.date]:
    """Return the days that a column holds, in order; none where it holds something else besides."""
    days = []
    for value in sample.values[at]:
        day = parse_date(value)
        if day is None:
            return []
        days.append(day)
    return sorted(days)


def _first(dates: dict[int, list[dt.date]], at: int) -> bool:
    """Whether the days of a column are those of births: few, all before the other dates of the table, or long ago."""
    own, others = dates[at], [days[0] for other, days in dates.items() if other != at]
    return len(own) <= _MOST and (own[-1] < min(others) if others else own[-1].year < _GROWN)


def _born_long_ago(days: Sequence[dt.date]) -> bool:
    return days[-1].year < _OLD or days[-1].year - days[0].year >= _APART


def _one_each(sample: Sample, named: Sequence[int], at: int) -> float:
    """Return how many rows each person has, on average; 0 where a name goes with two days, or rows do not tell both."""
    born: dict[tuple[str, ...], str] = {}
    both = 0
    for row in sample.rows:
        who = tuple(row[place].strip() for place in named if place < len(row))
        day = row[at].strip() if at < len(row) else ""
        if any(who) and day:
            both += 1
            if born.setdefault(who, day) != day:
                return 0.0
    one_day_for_all = len(born) > 1 and len(set(born.values())) <= len(born) // 2
    if not 0 < len(born) <= _MOST or one_day_for_all or both * 10 < len(sample.rows) * 9:
        return 0.0
    return both / len(born)
