"""Whose paper is one of work: a contract, a training, a curriculum vitae, with a name, a birth date and a trade.

Diseases are the subjects of such papers: the ward somebody works in, what they were trained in. They are nobody's, as
long as nothing tells of care or of the person's own health: patients have a trade too, and employees fall ill.
"""

from __future__ import annotations

import re

from phiscan.recognize.clinical import cared_for, facts_of, noted, said_of
from phiscan.recognize.illnesses import DRUGS
from phiscan.recognize.listwords import list_words
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span
from phiscan.recognize.standing import is_author, stands_alone
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
_WAYS = ("work", "papers", "papers_rubrics", "papers_sections", "papers_medicine")
_COLON = re.compile(rb"[ ]{0,3}[:;][ ]{0,3}")
_REMARKED = 40  # bytes
# Right before a disease, what makes it somebody's own: "depuis son AVC", "absente pour un cancer", "Atteinte d'une".
_OWN = re.compile(
    rb"(?<![a-z])(?:son|sa|ses|mon|ma|mes|pour une?"
    rb"|(?<!personne )(?<!personnes )(?<!patient )(?<!patiente )(?<!enfant )(?<!proche )(?<!adulte )(?<!parent )"
    rb"(?<!malade )atteinte? d(?:e|e la?| un| une|u))[ ]\Z"
)
# Right before a drug, that somebody takes it; what says so only where it begins a sentence or remark, since studies and
# pharmacies speak of treatments as well; and that somebody else does.
_TAKES = re.compile(
    rb"(?<![a-z])(?:traitee?(?: par| avec| au| a la)?|sous|prend|prends|recoit|traitement (?:actuel|en cours|habituel)"
    rb"|traitement personnel|(?:suit|recoit|prend|sous)(?: un| le)? traitement par)"
    rb"(?: du| de la| de l| un| une)?[ :]{1,3}\Z"
)
_TREATED = re.compile(rb"(?:prise (?:de|d|du)|traitement(?: par| de fond)?)(?: du| de la| de l| un| une)?[ :]{1,3}\Z")
_OTHERS = re.compile(
    rb"(?<![a-z])(?:patient|personne|malade|enfant|sujet|resident|usager|femme|homme|adulte)e?s?(?![a-z])"
)
_OTHERS_BEHIND = re.compile(
    rb"[^.,;:!?]{0,30}" + _OTHERS.pattern + rb"|, (?:le|la|les|un|une|des|l) " + _OTHERS.pattern
)
_ENDS = re.compile(rb"[.;!?](?=[ \n])|\n")
_SAID = 160  # bytes of a sentence to either side of a drug
_POSOLOGY = "health.treatment_posology"
# What befalls whoever it may, as contracts say: nobody's health.
_IN_CASE = re.compile(rb"(?<![a-z])(?:en cas d|sous reserve d|lors d|si l)[^.;]{0,80}\Z")
_CASE = 90  # bytes
# A line of a curriculum vitae: years, and what somebody was then.
_YEARS = re.compile(
    rb"\n[ ]{0,8}(?:19|20)[0-9]{2}[ ]{0,3}[-/a][ ]{0,3}(?:(?:19|20)[0-9]{2}|aujourd'hui|present)[ :,\-]{1,20}"
)
_THEN = 50  # bytes
_CAREER = 600  # bytes in which the first such line stands
_LINE = re.compile(rb"(?:\A|\n)[^A-Za-z\n]{0,20}\Z")  # what may stand before a heading
_VITALS = re.compile(rb"(?<![A-Za-z])(?:TA|PA|IMC|BMI|FC|SpO2|VEMS|CVF|Poids|Pouls)[ ]{0,3}[:=]?[ ]{0,3}[0-9]{2}")
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
    return _is_career(found) and not _is_medical(found)


def _is_career(found: Found) -> bool:
    """Whether a passage is a curriculum vitae without a title: whoever tells of others gives them a civility."""
    trade, lines = list_words("trades"), _YEARS.finditer(found.folded, 0, _CAREER)
    posts = any(trade.match(found.normal, years.end(), years.end() + _THEN) for years in lines)
    return posts and _CIVILITY.search(found.folded) is None


def _is_medical(found: Found) -> bool:
    """Whether a passage has a heading of an examination, or vital signs: medicine at work asks for careers too."""
    headings = list_words("papers_medical").finditer(found.normal)
    return _VITALS.search(found.folded) is not None or any(
        _LINE.search(found.folded, max(0, heading.start() - _LEAD), heading.start()) for heading in headings
    )


def tells_of_own_health(found: Found, ruleset: Ruleset, places: list[tuple[int, int]]) -> bool:
    """Whether a paper with such a title says of those named at `places` that they are ill, and not what may befall."""
    for word in list_words("own_health").finditer(found.normal):
        if not _IN_CASE.search(found.normal, max(0, word.start() - _CASE), word.start()):
            return True
    ways = (*(list_words(name) for name in _WAYS), _PLACES, _SUBJECT)
    facts = facts_of(found.spans, ruleset)
    named = min((end for _, end in places), default=len(found.normal))
    return (
        any(_remarked(fact, found.normal) or _taken(fact, ruleset, found) for fact in facts)
        or stands_alone(facts, named, found, ruleset)
        or any(
            said_of(start, end, facts, ways, found.folded, found.normal)
            for start, end in places
            if not is_author(start, found.folded)
        )
    )


def _taken(fact: Span, ruleset: Ruleset, found: Found) -> bool:
    """Whether a fact is a drug that somebody takes: "Traitee par Levothyrox", or so much of it in the morning."""
    recognizer = ruleset.recognizers[fact.recognizer]
    if recognizer.category != DRUGS:
        return False
    start, end = _sentence(fact, found.folded)
    if list_words("papers_drugs").search(found.normal, start, end):
        return False
    if recognizer.id == _POSOLOGY:
        return True
    before = found.normal[max(0, fact.start - _REMARKED) : fact.start]
    if _OTHERS.search(before) or _OTHERS_BEHIND.match(found.normal, fact.end, end):
        return False
    treated = _TREATED.search(found.normal, start, fact.start)
    return _TAKES.search(before) is not None or (treated is not None and _begins(found.normal[start : treated.start()]))


def _sentence(fact: Span, folded: bytes) -> tuple[int, int]:
    """Where the sentence or line of a fact begins and ends."""
    start = max(0, fact.start - _SAID)
    for end in _ENDS.finditer(folded, start, fact.start):
        start = end.end()
    stop = _ENDS.search(folded, fact.end, fact.end + _SAID)
    return start, stop.start() if stop else min(len(folded), fact.end + _SAID)


def _begins(before: bytes) -> bool:
    """Whether what stands before in a sentence leaves what follows its beginning: nothing, or the label of a remark."""
    words = before.strip(b" -*:")
    return not words or before.endswith(b"(") or list_words("remark_labels").fullmatch(words) is not None


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
    words = (list_words("own_illness"), list_words("own_health"))
    if any(one.search(found.normal) for one in words) or _is_medical(found):
        return True
    facts = facts_of(found.spans, ruleset)
    recognizer = next((one for one in ruleset.recognizers if one.care), None)
    if recognizer is None or cared_for(0, len(found.normal), facts, recognizer, ruleset, found.normal):
        return bool(facts)
    if notes and any(noted(fact, found.folded) for fact in facts):
        return True
    ways = (recognizer.work, list_words("work"), list_words("papers"), _PLACES)
    return any(said_of(start, end, facts, ways, found.folded, found.normal) for start, end in places)
