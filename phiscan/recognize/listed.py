"""Lists of patients: one a line, by a civility, a bed or an age, and what they have beside the name.

Hand-over sheets, diets of a ward and notes of a night on call name patients so, without a label, a date of birth or a
number: `Ch 4  Mme COLONNA Antoinette   allergie arachide`. One such line may be anything; several are a list, and each
of its names is a patient's: it gets the evidence `listed`, and begins a record of its own. Speakers, members and staff
stand in lists too, with subjects beside them (`Mme Anne PETIT, diabète gestationnel`): names behind a civility alone
need words of care in their lines, and words that tell of others make it none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from phiscan.model import Kind, Role
from phiscan.recognize.clinical import PLACED
from phiscan.recognize.names import parse_name
from phiscan.recognize.recognizer import COUNTS_FROM, LISTED, Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span

_FEWEST = 2  # lines
_BESIDE = 60  # bytes between a name and what the person has
_TOP = 400  # bytes in which it is said what a list is of
_HEAD = re.compile(
    rb"(?i)[ \-*+>|.,;:()\[\]#/_]*"
    rb"(?:(?:(?:lun|mar|mer|jeu|ven|sam|dim)[a-z]{0,5}\.?|[0-3]?[0-9][/.][0-9]{1,2}(?:[/.][0-9]{2,4})?|"
    rb"[0-9]{1,2}[:h][0-9]{0,2})[ \-|:]*){0,3}"
    rb"(?P<bed>(?:(?:ch|chambre|lit|box|place)(?![a-z])\.?[ ]?(?:n[o.]?[ ]?)?[0-9]{1,4}[ \-.:)|]*"
    rb"(?:[a-z](?![a-z]))?[ \-.:)|]*){1,2}|[0-9]{1,4}[ \-.:)|]*)?[ \-*+|:_]*"
    rb"(?P<civility>(?:m\.|mr\.?|mme\.?|mlle\.?|monsieur|madame|mademoiselle|enfant|enf\.?|bebe|bb)[ ]{1,3})?[*_]*\Z"
)
_AGED = re.compile(
    rb"(?i)[*_]*[ ]{0,3}[,(\-]?[ ]{0,2}"
    rb"(?:nee?[ ](?:en[ ])?(?:19|20)[0-9]{2}(?![0-9])|[0-9]{1,3}[ ]?(?:ans|a|mois)(?![a-z]))"
)
_NO_PATIENTS = re.compile(
    rb"(?i)(?<![a-z])(?:programme|conferences?|colloque|congres|seminaire|ateliers?|tables? rondes?|orateurs?|"
    rb"intervenante?s?|ordre du jour|formations?|emargement|affectations?|auteure?s?|redact[a-z]+|adherents|membres|"
    rb"bureau|annuaire|contacts|fournisseurs?|conseil d'administration|presente?s|excuses?|romans?|distribution|"
    rb"palmares)(?![a-z])"
)
_NO_CARE = re.compile(
    rb"(?i)(?<![a-z])(?:present[a-z]{1,3}|rappelle|propose|demande|explique|organise|anime|intervient|responsable|"
    rb"referente?|presidente?|secretaire|tresori[a-z]+|membre|docteur|dr|pr|professeur|directeur|directrice|"
    rb"chercheu[a-z]+|auteure?)(?![a-z])|@"
)  # fmt: skip
_CARE = re.compile(
    rb"(?i)(?<![a-z])(?:ras|sous|mg|cp|iv|po|perf[a-z]*|chute|plaie|douleurs?|positi[fv]e?|negati[fv]e?|rappeler|"
    rb"sortie?|sortante?|entree?|entrante?|transfert|surveill[a-z]+|allergi[a-z]+|regime|pansements?|donnee?s?|opere[es]?|"
    rb"enceinte|agitee?|deambule|fievre|febrile|refuse|traitement|sa)(?![a-z])|[a-z] ?\+(?![a-z0-9])"
)  # fmt: skip
_OTHERS = frozenset({"practitioner", "rpps", "adeli", "email"})


def mark_listed(spans: Sequence[Span], kept: Sequence[Span], ruleset: Ruleset, folded: bytes) -> bool:
    """Give the names of a list of patients the evidence `listed`, and weigh them; return whether there is one."""
    facts, others = _facts(kept, ruleset)
    if not facts or _NO_PATIENTS.search(folded, 0, _TOP):
        return False
    lines = _lines(spans, ruleset, folded)
    told = {start: names for start, (_, names) in lines.items() if _has_fact(names, facts, others, folded)}
    beds = sum(bed for bed, _ in lines.values())
    cared = sum(_cared(names, kept, ruleset, folded) for _, names in lines.values())
    people = {parse_name(folded[names[0].start : names[0].end].decode("ascii")).key for names in told.values()} - {""}
    if len(people) < _FEWEST or max(beds, cared) < _FEWEST:
        return False
    for _, names in lines.values():
        for span in names:
            span.evidence |= LISTED
            span.score, span.why = max(span.score, _score(span, ruleset)), ""
    return True


def _score(span: Span, ruleset: Ruleset) -> float:
    return ruleset.recognizers[span.recognizer].score(span.evidence | LISTED)


def _facts(kept: Iterable[Span], ruleset: Ruleset) -> tuple[list[int], list[int]]:
    """Where facts begin, and where somebody is named who is no patient."""
    facts, others = [], []
    for span in kept:
        recognizer = ruleset.recognizers[span.recognizer]
        if recognizer.kind is Kind.HEALTH and recognizer.category != "exam_date" and recognizer.file.at_least == 1:
            facts.append(span.start)
        elif recognizer.category in _OTHERS:
            others.append(span.start)
    return facts, others


def _lines(spans: Iterable[Span], ruleset: Ruleset, folded: bytes) -> dict[int, tuple[bool, list[Span]]]:
    """Return the names at the heads of lines, by the line's start, and whether a bed or an age stands beside them."""
    lines: dict[int, tuple[bool, list[Span]]] = {}
    for span in spans:
        if not _may_be_listed(span, ruleset.recognizers[span.recognizer], ruleset):
            continue
        start = folded.rfind(b"\n", 0, span.start) + 1
        head = _HEAD.match(folded, start, span.start) if b"\n" not in folded[span.start : span.end] else None
        if head is None or not parse_name(folded[span.start : span.end].decode("ascii")).key:
            continue
        bed = head["bed"] is not None and head["bed"][:1].isalpha()
        bed = bed or _AGED.match(folded, span.end) is not None
        if bed or head["civility"] is not None:
            lines.setdefault(start, (bed, []))[1].append(span)
    return lines


def _cared(names: list[Span], kept: Sequence[Span], ruleset: Ruleset, folded: bytes) -> bool:
    """Whether the rest of a line tells of care: by its words, or by a drug."""
    end = max(span.end for span in names)
    stop = folded.find(b"\n", end)
    stop = len(folded) if stop < 0 else stop
    drugs = (span.start for span in kept if ruleset.recognizers[span.recognizer].category == "treatment")
    return _CARE.search(folded, end, stop) is not None or any(end <= drug < stop for drug in drugs)


def _may_be_listed(span: Span, recognizer: Recognizer, ruleset: Ruleset) -> bool:
    if recognizer.category != "person_name" or (span.role or Role.PATIENT) is not Role.PATIENT:
        return False
    weighed = span.score >= COUNTS_FROM or span.why == "score"
    return weighed and _score(span, ruleset) >= PLACED


def _has_fact(names: list[Span], facts: list[int], others: list[int], folded: bytes) -> bool:
    """Whether a fact stands right behind the name, in a line that is nobody else's."""
    end = max(span.end for span in names)
    start = folded.rfind(b"\n", 0, end) + 1
    stop = folded.find(b"\n", end)
    stop = len(folded) if stop < 0 else stop
    if any(start <= other < stop for other in others) or _NO_CARE.search(folded, end, stop):
        return False
    return any(end <= fact < min(stop, end + _BESIDE) for fact in facts)
