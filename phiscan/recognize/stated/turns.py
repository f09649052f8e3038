"""Turns that say the contrary of their words: too rare to be learnt from their words, so they are written down.

A turn reaches to the fact right behind it, an article or two between. What it says stands above what the model weighs.
"""

from __future__ import annotations

import re

from phiscan.model import Assertion

_TO = rb"(?:eliminer|exclure|ecarter|infirmer)(?: (?:formellement|totalement|completement))?"
_ARTICLE = rb"(?: (?:une?|la|le|les|l|des?|d|du|son|sa|ses|cette?|eventuelle?|possible))*"
_KIN = (
    rb"(?:(?:l[ea]|son|sa|l) )?(?:mari|femme|epouse|epoux|mere|pere|fils|fille|conjointe?|compagn(?:e|on)|parents?"
    rb"|entourage|famille|aidante?)"
)
_TURNS = (
    (
        Assertion.HYPOTHETICAL,
        rb"(?:ne |n )(?:permet(?:tent|tant|tait)?|peu(?:t|vent)|pouvait|saurait)(?: \w+)? pas(?: \w+)?(?: de| d)? "
        + _TO,
    ),
    (Assertion.HYPOTHETICAL, rb"(?:impossible|difficile) (?:de |d )" + _TO),
    (Assertion.HYPOTHETICAL, rb"(?:rule out|forte presomption|presomption)(?: de| d)?"),
    (Assertion.AFFIRMED, rb"(?:pas|aucune|sans)(?: de| d)? contre indication (?:a|au|aux)"),
    (
        Assertion.AFFIRMED,
        rb"(?:pas|aucune|sans)(?: de| d)? (?:aggravation|degradation|evolution|modification)(?: de| d| du)",
    ),
    (
        Assertion.AFFIRMED,
        _KIN + rb" (?:decri(?:t|vent)|rapporten?t?|signalent?|constatent?|relatent?|remarquent?|temoignent? d)",
    ),
    (Assertion.AFFIRMED, rb"(?:retrait|ablation|depose)(?: des| de ses)? fils ?,?"),  # stitches are no sons
    (Assertion.NEGATED, rb"(?:vierge|indemne|exempte?) (?:de|d)(?: toute?s?)?"),
)
_FOUND = tuple((stated, re.compile(rb"(?:^|[^a-z0-9])" + words + _ARTICLE + rb" ?$")) for stated, words in _TURNS)
_HINT = re.compile(
    rb"elimin|exclu|ecarte|infirm|rule out|presomption|contre indication|aggrav|degrad|evolution|modific|decri"
    rb"|rapport|signal|constat|relat|remarqu|temoign|vierge|indemne|exempt|retrait|ablation|depose"
)
_REACH = 90  # bytes before a fact in which a turn is looked for


def turn(before: bytes) -> Assertion | None:
    """Return what a turn right before a fact says of it; `before` is its sentence in normal form, up to the fact.

    >>> turn(b"le scanner ne permet pas d eliminer une "), turn(b"pas de ")
    (<Assertion.HYPOTHETICAL: 2>, None)
    """
    before = before[-_REACH:]
    if _HINT.search(before) is None:
        return None
    return next((stated for stated, words in _FOUND if words.search(before)), None)
