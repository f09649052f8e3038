"""People of the past: the dead of 1914-18, a genealogy. Whoever lives was born less than 120 years ago.

They are those of a register of them: among the living such a date is a slip, and 1888 is 1988.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from phiscan.link import Identity
from phiscan.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phiscan.recognize.plan import Plan
    from phiscan.recognize.recognizer import Recognizer

# Canonical dates. On 30 December 1899 spreadsheets begin to count, and on 1 January of any year is born who does not
# know the day: they stand for an unknown date too.
_FIRST, _LAST = "18010102", "18991230"
_UNKNOWN = frozenset(("18401231", "18581117", "18991129", "18991130", "18991229"))  # where other programs begin
# Dates of death as they are written; 1901 to 1919: later years may be of this
# century, cut to two digits. 1900, and a first of January, stand for an unknown date.
LONG_DEAD = (
    r"^(?:(?:0?[2-9]|[12]\d|3[01])[/.\- ][01]?\d|0?1[/.\- ](?:0?[2-9]|1[0-2]))[/.\- ]19(?:0[1-9]|1\d)$"
    r"|^19(?:0[1-9]|1\d)-(?:0[2-9]|1[0-2]|01-(?:0[2-9]|[123]\d))"
)
_OF_DEATH = re.compile(r"(?i)(?<![a-z])(?:dece(?:s|de[es]?)|mort[es]?)(?![a-z])")
_OF_TODAY = ("hiv", "treatment")  # nobody of the past had it: who does was born in another year than is written


def long_ago(born: str) -> bool:
    """Whether nobody born on a date (canonical, "" where unknown) can live.

    >>> long_ago("18950125"), long_ago("18990101"), long_ago("18991230"), long_ago("19010203"), long_ago("")
    (True, False, False, False, False)
    """
    return _FIRST <= born < _LAST and born not in _UNKNOWN and not born.endswith("0101")


def is_past(identity: Identity) -> bool:
    """Whether somebody is known as born so long ago, and by no number of somebody who lives."""
    numbers = (identity.nir, identity.ins, identity.patient_id, identity.email, identity.phone)
    return long_ago(identity.birth_date) and not any(numbers)


def of_today(recognizers: Iterable[Recognizer]) -> int:
    """Return the bits of the categories by which somebody lives, whatever their birth date."""
    return sum({1 << one.bit for one in recognizers if one.category in _OF_TODAY})


def deaths_in(plan: Plan) -> list[int]:
    """Return the columns of a table that say when who stands in a row died."""
    return [
        column.index
        for column in plan.columns
        if column.role is Role.PATIENT and not column.family and _OF_DEATH.search(column.header.replace("_", " "))
    ]
