"""Whether a passage is a clinical one: a patient is named in it and facts about somebody's health stand there.

In such a passage a word that means other things elsewhere (dépression, cannabis, a date) means what it means in a
hospital: its hits get the evidence `clinical` and are weighed again. That never makes a record of what was none: the
patient and the facts that decide count without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from phiscan.model import Kind, Role
from phiscan.recognize.recognizer import CONTEXT, COUNTS_FROM, FIELD, LISTED, TERM, WEAK, Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span, stands_near

PLACED = 0.7  # a name scored so high stands in the patient's position
_ENOUGH = 4  # a fact that counts is worth two, a word that could be one is worth one
_BYTES_EACH = 2500  # of a long passage for each of that: a dictionary names anything somewhere
_AGREEING = 3  # what round a name has to tell of care before vague words place it; a drug or a value is worth two
_ROUND = 700  # bytes to either side of a name in which that stands
_BEHIND, _BEFORE = 80, 50  # bytes between a name and a fact that is told of the person
_ENDS = re.compile(rb"(?<![ .][A-Za-z])(?<!Mme)(?<!Mr)(?<!Dr)[.!?][ \n]|\n[ ]*\n")
_BEGINS = re.compile(rb"(?:[.;!?:\n][ ]{0,3}|\n[ ]{0,8}|[\-*][ ]{0,2})\Z")
_HEADING = re.compile(rb"[ ]?:")
_TOLD_OF = re.compile(rb"[ ](?:a|chez|de|pour|que presente)[ ](?:l[ ])?[a-z]{1,12}\.?[ ]{1,3}\Z")
_OF_CARE = frozenset({"treatment", "lab_result"})
_NAMING = frozenset({"nir", "ins", "patient_id", "birth_date"})


def is_clinical(spans: Iterable[Span], ruleset: Ruleset, normal: bytes, *, patient: bool) -> bool:
    """Whether weighed spans make a passage a clinical one; `patient`: somebody was named before it."""
    named, certain, possible = patient, set[bytes](), set[bytes]()
    for span in spans:
        recognizer = ruleset.recognizers[span.recognizer]
        counts = span.score >= COUNTS_FROM and not span.why
        if recognizer.kind is Kind.HEALTH:
            word = normal[span.start : span.end]
            if counts and recognizer.category != "exam_date" and recognizer.file.at_least == 1:
                certain.add(word)
            elif span.evidence & (TERM | WEAK) and span.why == "score":
                possible.add(word)
        elif counts and not named:
            named = _names_patient(span, recognizer)
    weight = 2 * len(certain) + len(possible - certain)
    return named and bool(certain) and weight >= max(_ENOUGH, len(normal) // _BYTES_EACH)


def place_names(spans: Sequence[Span], ruleset: Ruleset, folded: bytes, normal: bytes) -> None:
    """Give names the evidence `context` of whom a fact is stated, or beside vague words where more tells of care.

    Offices speak of files, results, sessions and their examination as wards do, and of diseases as their subjects:
    neither makes a patient of whoever is named beside. Drugs, values, complaints and what is done about them are of a
    patient, and so is a disease right beside the name, unless it stands there for what the person does.
    """
    facts: list[Span] | None = None
    stated: list[Span] = []
    for span in spans:
        recognizer = ruleset.recognizers[span.recognizer]
        near = recognizer.file.context
        if near is None or not (near.vague or near.states) or span.why or span.evidence & CONTEXT or not span.evidence:
            continue
        facts = facts_of(spans, ruleset) if facts is None else facts
        said = _stated(span, facts, recognizer, normal)
        if said or _in_care(span, facts, recognizer, ruleset, folded, normal):
            span.evidence |= CONTEXT
            span.score = recognizer.score(span.evidence)
            stated += [span] if said else []
    if len({normal[span.start : span.end] for span in stated}) > 1 and not _is_record(spans, ruleset):
        for span in stated:  # notes about several people: each is a record
            span.evidence |= LISTED


def _is_record(spans: Sequence[Span], ruleset: Ruleset) -> bool:
    """Whether it is told by more than a name whom a passage is about: who else is named there is a relative."""
    return any(_counts(span) and ruleset.recognizers[span.recognizer].category in _NAMING for span in spans)


def _stated(span: Span, facts: Sequence[Span], recognizer: Recognizer, normal: bytes) -> bool:
    """Whether a sentence says of somebody that they have something: "Mme X est porteuse d'un diabète"."""
    states = recognizer.states
    return states is not None and any(
        0 < fact.start - span.end <= _BEHIND and _counts(fact) and states.fullmatch(normal, span.end, fact.start)
        for fact in facts
    )


def _in_care(
    span: Span, facts: Sequence[Span], recognizer: Recognizer, ruleset: Ruleset, folded: bytes, normal: bytes
) -> bool:
    near, vague = recognizer.file.context, recognizer.vague
    if near is None or vague is None or not stands_near(vague, near.window, span, folded, normal, False):
        return False
    said = said_of(span.start, span.end, facts, (recognizer.work,), folded, normal)
    return said or cared_for(span.start, span.end, facts, recognizer, ruleset, normal)


def facts_of(spans: Iterable[Span], ruleset: Ruleset) -> list[Span]:
    """Return the facts about health that count, and the words that could be one."""
    health = (span for span in spans if ruleset.recognizers[span.recognizer].kind is Kind.HEALTH)
    return [span for span in health if _counts(span) or (span.evidence & (TERM | WEAK) and span.why == "score")]


def _counts(span: Span) -> bool:
    return span.score >= COUNTS_FROM and not span.why


def cared_for(
    start: int, end: int, facts: Iterable[Span], recognizer: Recognizer, ruleset: Ruleset, normal: bytes
) -> bool:
    """Whether enough stands round a name that only care speaks of: a disease may be anybody's subject."""
    low, high = max(0, start - _ROUND), end + _ROUND
    certain, possible = set[bytes](), set[bytes]()
    for fact in facts:
        if low <= fact.start < high:
            of_care = ruleset.recognizers[fact.recognizer].category in _OF_CARE
            known = possible if not _counts(fact) else certain if of_care else None
            if known is not None:
                known.add(normal[fact.start : fact.end])
    signs = sum(sign.search(normal, low, high) is not None for sign in recognizer.care)
    return 2 * len(certain) + min(len(possible - certain), _AGREEING - 1) + signs >= _AGREEING


def said_of(
    start: int, end: int, facts: Iterable[Span], work: Sequence[re.Pattern[bytes] | None], folded: bytes, normal: bytes
) -> bool:
    """Whether a fact is told right behind a name, or of it, without a word of work between.

    The end of a sentence stands between only where the fact begins the next.
    """
    for fact in facts:
        if not _counts(fact):
            continue
        behind = 0 <= fact.start - end <= _BEHIND
        before = 0 <= start - fact.end <= _BEFORE and _TOLD_OF.search(normal, fact.end, start) is not None
        if not (behind or before):
            continue
        low, high = (end, fact.start) if behind else (fact.end, start)
        if _ENDS.search(folded, low, high) and not (behind and noted(fact, folded)):
            continue
        if not any(one and one.search(normal, low, high) for one in work):
            return True
    return False


def noted(fact: Span, folded: bytes) -> bool:
    """Whether a fact begins a sentence or a line, as what is noted of a patient does ("VIH+."), and is no heading."""
    return _BEGINS.search(folded, 0, fact.start) is not None and _HEADING.match(folded, fact.end) is None


def _names_patient(span: Span, recognizer: Recognizer) -> bool:
    if (span.role or recognizer.role or Role.PATIENT) is not Role.PATIENT:
        return False
    placed = bool(span.evidence & FIELD) or span.score >= PLACED
    return recognizer.category in _NAMING or (recognizer.category == "person_name" and placed)
