"""Whose paper is one of work: a contract, a training, a curriculum vitae, with a name, a birth date and a trade.

Diseases are the subjects of such papers: the ward somebody works in, what they were trained in. They are nobody's, as
long as nothing tells of care or of the person's own health: patients have a trade too, and employees fall ill.
"""

from __future__ import annotations

import re

from phiscan.recognize.clinical import cared_for, facts_of, noted, said_of
from phiscan.recognize.listwords import list_words
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span
from phiscan.recognize.text import Found

_BEFORE, _AFTER = 25, 45  # bytes between a trade and whose it is
_ROUND = 250  # bytes to either side in which it is said what somebody does
_TOP = 400  # bytes in which the title of a paper stands
# What may stand before a title in its line.
_LEADS = re.compile(
    rb"(?:\A|\n)[^A-Za-z\n]{0,20}(?:(?:Objet|OBJET|Subject|Sujet)[^A-Za-z\n]{1,4}|(?i:compte[ -]rendu d')"
    rb"|(?i:conditions (?:particulieres|generales)|notice d'information)(?: d[ue] | de l'|[^A-Za-z\n]{1,4}))?\Z"
)
_SIGNS = bytes(range(65)) + b"[\\]^_`"  # what is no letter
_LEAD = 60  # bytes
# Between a name and a disease: what somebody calls their lecture, a label, and the years of a post.
_SUBJECT = re.compile(rb"[\"<]|[a-z]{3}[ ]?:|(?:19|20)[0-9]{2}[ a]{1,5}(?:19|20)[0-9]{2}")
_COLON = re.compile(rb"[ ]{0,3}[:;][ ]{0,3}")
_REMARKED = 40  # bytes
# Right before a disease, what makes it somebody's own: "depuis son AVC", "absente pour un cancer", "Atteinte d'une".
_OWN = re.compile(
    rb"(?<![a-z])(?:son|sa|ses|mon|ma|mes|pour une?"
    rb"|(?<!personne )(?<!personnes )(?<!patient )(?<!patiente )(?<!enfant )(?<!proche )(?<!adulte )(?<!parent )"
    rb"(?<!malade )atteinte? d(?:e|e la?| un| une|u))[ ]\Z"
)
# What befalls whoever it may, as contracts say: nobody's health.
_IN_CASE = re.compile(rb"(?<![a-z])(?:en cas d|sous reserve d|lors d|si l)[^.;]{0,80}\Z")
_CASE = 90  # bytes
# A line of a curriculum vitae: years, and what somebody was then.
_YEARS = re.compile(
    rb"\n[ ]{0,8}(?:19|20)[0-9]{2}[ ]{0,3}[-/a][ ]{0,3}(?:(?:19|20)[0-9]{2}|aujourd'hui|present)[ :,\-]{1,20}"
)
_THEN = 50  # bytes
_CAREER = 600  # bytes in which the first such line stands
_CIVILITY = re.compile(rb"(?<![A-Za-z])(?:Mme|MME|M\.|Mr|Madame|Monsieur|MADAME|MONSIEUR)(?![A-Za-z])")
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


def is_titled(found: Found) -> bool:
    """Whether a passage begins with the title of a paper whose diseases are its subject, or is a curriculum vitae."""
    for title in list_words("papers_titled").finditer(found.normal, 0, _TOP):
        lead = _LEADS.search(found.folded, max(0, title.start() - _LEAD), title.start())
        if lead and found.folded[lead.start() : title.end()].lstrip(_SIGNS)[:1].isupper():
            return True
    return _is_career(found)


def _is_career(found: Found) -> bool:
    """Whether a passage is a curriculum vitae without a title: whoever tells of others gives them a civility."""
    trade, lines = list_words("trades"), _YEARS.finditer(found.folded, 0, _CAREER)
    posts = any(trade.match(found.normal, years.end(), years.end() + _THEN) for years in lines)
    return posts and _CIVILITY.search(found.folded) is None


def tells_of_own_health(found: Found, ruleset: Ruleset, places: list[tuple[int, int]]) -> bool:
    """Whether a paper with such a title says of those named at `places` that they are ill, and not what may befall."""
    for word in list_words("own_health").finditer(found.normal):
        if not _IN_CASE.search(found.normal, max(0, word.start() - _CASE), word.start()):
            return True
    ways = (list_words("work"), list_words("papers"), list_words("papers_rubrics"), _PLACES, _SUBJECT)
    facts = facts_of(found.spans, ruleset)
    return any(_remarked(fact, found.normal) for fact in facts) or any(
        said_of(start, end, facts, ways, found.folded, found.normal) for start, end in places
    )


def _remarked(fact: Span, normal: bytes) -> bool:
    """Whether a fact is what a remark about somebody begins with, or is said to be theirs."""
    if _OWN.search(normal, max(0, fact.start - _REMARKED), fact.start):
        return True
    labels = list_words("remark_labels").finditer(normal, max(0, fact.start - _REMARKED), fact.start)
    return any(_COLON.fullmatch(normal, label.end(), fact.start) for label in labels)


def tells_of_health(found: Found, ruleset: Ruleset, places: list[tuple[int, int]], *, notes: bool) -> bool:
    """Whether a passage tells of somebody's own health, or of that of one of those named at `places`.

    `notes`: a fact at the beginning of a sentence or line is one ("VIH+."), and no subject of work.
    """
    if list_words("own_illness").search(found.normal) or list_words("own_health").search(found.normal):
        return True
    facts = facts_of(found.spans, ruleset)
    recognizer = next((one for one in ruleset.recognizers if one.care), None)
    if recognizer is None or cared_for(0, len(found.normal), facts, recognizer, ruleset, found.normal):
        return bool(facts)
    if notes and any(noted(fact, found.folded) for fact in facts):
        return True
    ways = (recognizer.work, list_words("work"), list_words("papers"), _PLACES)
    return any(said_of(start, end, facts, ways, found.folded, found.normal) for start, end in places)
