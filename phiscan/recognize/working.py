"""Whose paper is one of work: a contract, a training, a curriculum vitae, with a name, a birth date and a trade.

Diseases are the subjects of such papers: the ward somebody works in, what they were trained in. They are nobody's, as
long as nothing tells of care or of the person's own health: patients have a trade too, and employees fall ill.
"""

from __future__ import annotations

import re

from phiscan.recognize.clinical import cared_for, facts_of, noted, said_of
from phiscan.recognize.listwords import list_words
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import Found

_BEFORE, _AFTER = 25, 45  # bytes between a trade and whose it is
_ROUND = 250  # bytes to either side in which it is said what somebody does
_TOP = 400  # bytes in which the title of a paper stands
# Where somebody works: of a unit for a disease they are no patients.
_PLACES = re.compile(rb"(?<![a-z])(?:unite|pole|service|equipe|departement|laboratoire)s?(?![a-z])")


def by_trade(found: Found, start: int, end: int) -> bool:
    """Whether whoever is named from `start` to `end` is named with a trade: patients are, too."""
    return list_words("trades").search(found.normal, max(0, start - _BEFORE), end + _AFTER) is not None


def by_work(found: Found, start: int, end: int) -> bool:
    """Whether it is said round their name what they do at work."""
    return list_words("work").search(found.normal, max(0, start - _ROUND), end + _ROUND) is not None


def is_paper(found: Found) -> bool:
    """Whether a passage begins as a paper about somebody's work."""
    return list_words("papers").search(found.normal, 0, _TOP) is not None


def tells_of_health(found: Found, ruleset: Ruleset, places: list[tuple[int, int]], *, notes: bool) -> bool:
    """Whether a passage tells of somebody's own health, or of that of one of those named at `places`.

    `notes`: a fact at the beginning of a sentence or line is one ("VIH+."), and no subject of work.
    """
    if list_words("own_illness").search(found.normal):
        return True
    facts = facts_of(found.spans, ruleset)
    recognizer = next((one for one in ruleset.recognizers if one.care), None)
    if recognizer is None or cared_for(0, len(found.normal), facts, recognizer, ruleset, found.normal):
        return bool(facts)
    if notes and any(noted(fact, found.folded) for fact in facts):
        return True
    ways = (recognizer.work, list_words("work"), list_words("papers"), _PLACES)
    return any(said_of(start, end, facts, ways, found.folded, found.normal) for start, end in places)
