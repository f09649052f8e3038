"""Lists of patients: one a line, by a civility, a bed, an age or an hour, and what they have beside the name.

Hand-over sheets, diets of a ward and notes of a night on call name patients so, without a label, a date of birth or a
number: `Ch 4  Mme COLONNA Antoinette   allergie arachide`. One such line may be anything; several are a list, and each
of its names is a patient's: it gets the evidence `listed`, and begins a record of its own. Speakers, members and staff
stand in lists too, with subjects beside them (`Mme Anne PETIT, diabète gestationnel`): names behind a civility alone
need words of care in their lines, and words that tell of others make it none.

Names behind an hour, or before brackets, without a civility are those of an agenda and of a canteen, but of a rota and
a programme as well: there lines count that tell what is done for one person (a drug, a dose, weeks of pregnancy), and
not those that name a subject. A name and what the person has, with a colon or a dash between them (`MARTIN Josiane :
diabétique`), stand in an index as well: there some have to say what somebody is, and of a text that has hardly more
one such line is enough.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from phiscan.model import Kind, Role
from phiscan.recognize.bornlately import births
from phiscan.recognize.clinical import PLACED
from phiscan.recognize.listwords import list_words
from phiscan.recognize.names import parse_name
from phiscan.recognize.recognizer import COUNTS_FROM, LISTED, Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span, normal_form

_FEWEST = 2  # lines
_NOTE = 400  # bytes of a text, in which one line that says what somebody is is enough
_BESIDE = 60  # bytes between a name and what the person has
_TOP = 400  # bytes in which it is said what a list is of
_MOST_BEFORE = 160  # bytes before a name at the head of its line, or in what somebody says
_HEAD = re.compile(
    rb"(?i)[ \-*+>|.,;:()\[\]#/_]{0,80}(?:summary(?P<entry>[^:\n]{0,30}:)[ ]?)?"
    rb"(?:(?:salle|bloc|s)[ ]?[0-9]{1,2}[ \-|:]{1,6})?"
    rb"(?:(?:(?:lun|mar|mer|jeu|ven|sam|dim)[a-z]{0,5}\.?|[0-3]?[0-9][/.][0-9]{1,2}(?:[/.][0-9]{2,4})?|"
    rb"(?P<hour>[0-9]{1,2}[:h][0-9]{0,2}(?::[0-9]{2})?))(?:[ ]a[ ]|[ \-|:\],]){0,20}){0,3}"
    rb"(?(hour)(?:(?P<speaker>[a-z][^:\n]{0,30}):[ ]{1,3})?)"  # of a chat
    rb"(?(speaker)(?P<lead>[^\n]{1,80}?[ .,!?;(]{1,3})??)"  # what they say before they name somebody
    rb"(?P<bed>(?:(?:ch|chambre|lit|box|place)(?![a-z])\.?[ ]?(?:n[o.]?[ ]?)?[0-9]{1,4}[ \-.:)|]{0,20}"
    rb"(?:[a-z](?![a-z]))?[ \-.:)|]{0,20}){1,2}|(?P<number>[0-9]{1,4})[ \-.:)|]{0,20})?[ \-*+|:_]{0,20}"
    rb"(?P<civility>(?:m\.|mr\.?|mme\.?|mlle\.?|monsieur|madame|mademoiselle|enfant|enf\.?|bebe|bb)[ ]{1,3})?"
    rb"[*_]{0,3}\Z"
)
_BY = re.compile(  # an age, a bed or a class behind the name
    rb"(?i)[*_]{0,3}[ ]{0,3}[,(\-]?[ ]{0,2}"
    rb"(?:nee?[ ](?:en[ ])?(?:19|20)[0-9]{2}(?![0-9])|[0-9]{1,3}[ ]?(?:ans|a|mois)(?![a-z])|"
    rb"(?:ch|chambre|lit|box)\.?[ ]?(?:n[o.]?[ ]?)?[0-9]{1,4}(?![0-9])|"
    rb"(?<=[,(] )(?:c[pe][12]?|cm[12]|[3-6]e(?:me)?)(?![a-z0-9]))"
)
_CLASS = re.compile(  # a pupil's, with its division
    rb"(?i)[*_]{0,3}[ ]{0,3}[,(\-/|;:][ ]{0,2}(?:classe[ ]?(?:de[ ])?:?[ ]?)?(?:[3-6](?:(?:e|eme)[ ]?)?[a-h]|"
    rb"[3-6](?:e|eme)[ ]?[0-9]{1,2}|(?:c[pe][12]?|cm[12])[ ]?[a-d]|(?:2n?de|1e?re|tle|term\.?)[ ]?[a-z]{0,3}[0-9]{0,2})"
    rb"(?![a-z0-9/])"
)
# Between a name and what is noted of the person: a sign, and words of whose it is.
_NOTED = re.compile(
    rb"(?i)[*_]{0,3}[ ]{0,3}(?:[:;|=/,]|[-=]{0,2}>|(?<= )-)[ ]{0,3}(?:(?P<has>sous|porteu(?:r|se)|atteinte?|"
    rb"suivie?|traitee?|operee?|atcd|antecedents?|connue?|allergi(?:que|e))(?![a-z])[ ]?|"
    rb"(?:est|a|ald|pour|par|tres|aux?|d'|de|du|des|d|une?|la|le|l')(?![a-z])[ ]?){0,5}"
)
_PLUS = re.compile(rb"(?i)[ ]?(?:\+|positi(?:f|ve)|enceinte)(?![a-z0-9])")
_FURTHER = re.compile(rb"[ ]:[ ]")
_SUBJECT = re.compile(rb"(?i)[ ,;:()\-]{0,8}(?:l[ae]s?[ ]|l'|une?[ ]|comment|pourquoi)")
_HOURS = re.compile(rb"(?<![0-9:/.])([0-9]{1,2})[:hH]([0-9]{2})?")
_SHIFT = 150  # minutes: nobody is seen for longer
_DAY = re.compile(rb"[0-9]{1,2}[/.][0-9]{1,2}")
_SAYS = re.compile(rb"[^:\n]{2,60}:(?![0-9])")
# Before a name with brackets behind it.
_BRACKET = re.compile(rb"(?:[,;:/]|\n)[ ]{0,8}(?:-[ ]?)?(?:(?:M\.?|Mr|Mme|Mlle)[ ]{1,2})?\Z|\A\Z")
_BRACKETED = re.compile(rb"[ ]{1,2}\(([^()\n]{3,80})\)")
# The last column of an operating list.
_DOCTORS = re.compile(rb"(?i)(?:[ ]{2,}|[ ]?[|;]|[ ]-)[ ]{0,40}(?:dr|pr|docteur|professeur)(?![a-z])")
_NO_PATIENTS = re.compile(
    rb"(?i)(?<![a-z])(?:programme(?! (?:op|de bloc|du bloc))|conferences?|colloque|congres|seminaire|ateliers?|"
    rb"tables? rondes?|orateurs?|theses?|soutenances?|memoires|"
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
    rb"enceinte|agitee?|deambule|fievre|febrile|refuse|traitement|sa|injections?|mixee?|hachee?|sans sel|a jeun|"
    rb"alitee?|grabataire|incontinente?|texture|perfusee?|sondee?)(?![a-z])|[a-z] ?\+(?![a-z0-9])"
)  # fmt: skip
_ALONE = re.compile(rb"(?:[,;:(][ ]?|[ ]{2})([a-z]{5,20})[ ]?(?=[,;.)\n]|\Z)", re.IGNORECASE)  # between two signs
# Alone, and a subject too (dialyse): in the number of a room.
_IS_PERHAPS = re.compile(rb"(?i)[,;:(][ ]?(?:dialysee?|autiste|greffee?)[ ]?(?:[,;.)\n]|\Z)")
# How many people there have to be for each line: those of a rota come time and again, two notes may be on the same one.
_PEOPLE = {"": 0.0, "note": 0.5, "hour": 0.8, "brackets": 0.8, "class": 0.8}
_ROOM = 3  # digits of its number
_CONCRETE = re.compile(  # what is done for one person
    rb"(?i)(?<![a-z0-9])(?:[0-9]{1,2} ?sa|[cj][0-9]{1,2}|[0-9.,]{1,6} ?(?:mg|cp|ml|ui)|renouv[a-z]{0,9}|enceinte|"
    rb"operee?|post-?op|injection|pansement|epipen|anapen|sans sel|mixee?|hachee?|"
    rb"allergi(?:e|que) (?:a |aux? |a l')?(?!aliment|respir|cutan|au)[a-z]{4,})(?![a-z0-9])"
)
_WHOLE = frozenset({"", "class"})  # lists judged by all their lines, those without a fact as well
_ASKED = re.compile(rb"[?@]")
_OTHERS = frozenset({"practitioner", "rpps", "adeli", "email"})


@dataclass(slots=True)
class _Line:
    """A person in a list: the names at the head of a line, or before brackets."""

    start: int
    stop: int  # the end of what may be about them
    bed: bool  # a bed, an age or a birth beside the name
    plain: str  # neither that nor a civility: "hour", "brackets", "class" or "note" instead
    room: bool = False
    since: int = 0  # where nobody else may be named from
    classed: int = 0  # where the class behind the name ends
    said: bool = False  # in a chat: "Sandrine IDE: Mme …" names no nurse behind the colon
    names: list[Span] = field(default_factory=list)

    @property
    def end(self) -> int:
        return max(span.end for span in self.names)


def mark_listed(spans: list[Span], kept: Sequence[Span], ruleset: Ruleset, folded: bytes) -> bool:
    """Give the names of a list of patients the evidence `listed`, and weigh them; return whether there is one."""
    seen = _Seen(kept, ruleset, folded)
    if not seen.facts or _NO_PATIENTS.search(folded, 0, _TOP):
        return False
    born = births(spans, ruleset, folded)
    lines = _lines(spans, ruleset, folded, born)
    if any(line.start in born and seen.subject(line) for line in lines):  # days of courses, of theses
        born = {}
        lines = _lines(spans, ruleset, folded, born)
    marked, known = False, {id(span) for span in spans}
    for plain, of_patients in _KINDS:
        alike = [line for line in lines if line.plain == plain]
        told = [line for line in alike if seen.tells(line)]
        one_note = plain == "note" and len(folded) <= _NOTE and len(_people(told, folded)) == 1
        if not ((one_note or _several(told, folded)) and of_patients(alike if plain in _WHOLE else told, seen)):
            continue
        for line in told if plain == "note" else alike:
            mark(line.names, ruleset)
            spans += [span for span in line.names if id(span) not in known]
            if line.said:
                no_professional(line.start, line.end, spans, ruleset)
            mark(born.get(line.start, []), ruleset)
        marked = True
    return marked


def of_others(folded: bytes, normal: bytes) -> bool:
    """Whether the head of a text says that those in it speak, work or belong to something."""
    others = _NO_PATIENTS.search(folded, 0, _TOP) is not None
    return others or list_words("lists_of_staff").search(normal, 0, _TOP) is not None


def mark(spans: list[Span], ruleset: Ruleset) -> None:
    """Give spans the evidence `listed`, and weigh them."""
    for span in spans:
        span.evidence |= LISTED
        span.score, span.why = max(span.score, _score(span, ruleset)), ""


def no_professional(start: int, end: int, spans: Sequence[Span], ruleset: Ruleset) -> None:
    """Say that whoever is named there is nobody at work: no function is told by "Sandrine IDE:" of a chat."""
    for span in spans:
        if start <= span.start < end and ruleset.recognizers[span.recognizer].category == "practitioner":
            span.why = "rejected by a word nearby"


def _several(told: Sequence[_Line], folded: bytes) -> bool:
    """Whether lines with facts are about several people, and not about a few time and again, as those of a rota are."""
    people = _people(told, folded)
    return len(people) >= _FEWEST and len(people) >= len(told) * _PEOPLE[told[0].plain]


def _people(told: Sequence[_Line], folded: bytes) -> set[str]:
    return {_key(line.names[0], folded) for line in told} - {""}


def _ward(lines: Sequence[_Line], seen: _Seen) -> bool:
    """Whether beds and ages, or words of care, make a list of lines with a civility one of patients."""
    cared, perhaps = sum(map(seen.cared, lines)), sum(map(seen.perhaps_cared, lines))
    return max(sum(line.bed for line in lines), cared + (perhaps if cared else 0)) >= _FEWEST


def _agenda(told: Sequence[_Line], seen: _Seen) -> bool:
    """Whether lines without a civility tell what is done for single persons, and none of them a subject."""
    if seen.of_staff() or any(map(seen.subject, told)):
        return False
    done = sum(map(seen.concrete, told))
    return done > 0 and done + sum(seen.drug(line) and not seen.concrete(line) for line in told) >= _FEWEST


def _school(lines: Sequence[_Line], seen: _Seen) -> bool:
    """Whether lines with a class tell what is done for pupils, and not what they speak or write about."""
    if seen.of_staff() or any(_SUBJECT.match(seen.folded, line.classed) for line in lines):
        return False
    return sum(map(seen.cared, lines)) >= _FEWEST


def _notes(told: Sequence[_Line], seen: _Seen) -> bool:
    """Whether of lines with nothing but a name and a fact some say what people are or take, and few a subject."""
    subjects = sum(map(seen.subject, told))
    others = seen.of_staff() or list_words("notes_of_others").search(seen.normal, 0, _TOP) is not None
    return not others and 2 * subjects < len(told) and any(map(seen.stated, told))


_KINDS = (("", _ward), ("hour", _agenda), ("brackets", _agenda), ("class", _school), ("note", _notes))


def _score(span: Span, ruleset: Ruleset) -> float:
    return ruleset.recognizers[span.recognizer].score(span.evidence | LISTED)


class _Seen:
    """What stands in a text beside names, and what it says of the lines."""

    def __init__(self, kept: Iterable[Span], ruleset: Ruleset, folded: bytes) -> None:
        self.folded, self.normal = folded, normal_form(folded, cells=False)
        self.facts: list[int] = []  # where they begin
        self._drugs: list[int] = []
        self._others: list[int] = []  # where somebody is named who is no patient
        for span in kept:
            recognizer = ruleset.recognizers[span.recognizer]
            if recognizer.kind is Kind.HEALTH and recognizer.category != "exam_date" and recognizer.file.at_least == 1:
                self.facts.append(span.start)
            elif recognizer.category in _OTHERS:
                self._others.append(span.start)
            if recognizer.category == "treatment":
                self._drugs.append(span.start)

        for places in (self.facts, self._others, self._drugs):
            places.sort()

    def tells(self, line: _Line) -> bool:
        """Whether a fact stands right behind the name, in a line that is nobody else's."""
        end, stop = line.end, line.stop
        doctor = _DOCTORS.search(self.folded, end, stop) if line.bed or line.plain == "hour" else None
        stop = doctor.start() if doctor else stop
        since = end if line.said else line.since
        if _within(self._others, since, stop) or _NO_CARE.search(self.folded, end, stop):
            return False
        if line.plain == "note" and not self.noted(line):
            return False
        return _within(self.facts, end, min(stop, end + _BESIDE))

    def cared(self, line: _Line) -> bool:
        """Whether the rest of a line tells of care: by its words, or by a drug."""
        end, stop = line.end, line.stop
        if _CARE.search(self.folded, end, stop) or self.drug(line):
            return True
        alone = _ALONE.finditer(self.folded, end, stop)
        return any(list_words("lists_states").fullmatch(self.normal, *word.span(1)) for word in alone)

    def perhaps_cared(self, line: _Line) -> bool:
        """Whether it does beside lines that surely do: in a room, by a word that is a subject elsewhere."""
        perhaps = line.room and _IS_PERHAPS.search(self.folded, line.end, line.stop) is not None
        return perhaps and not self.cared(line)

    def noted(self, line: _Line) -> bool:
        """Whether next to nothing stands between a name and a fact, and little behind."""
        between = _NOTED.match(self.folded, line.end, line.stop)
        fact = bisect_left(self.facts, line.end)
        if between is None or fact == len(self.facts) or line.stop - self.facts[fact] > _BESIDE:
            return False
        return between.end() >= self.facts[fact] and not _FURTHER.search(self.folded, between.end(), line.stop)

    def stated(self, line: _Line) -> bool:
        """Whether it is said what the person is, or that they have or take it; a drug alone is sold and ordered too."""
        between = _NOTED.match(self.folded, line.end, line.stop)
        if between is None:
            return False
        state = list_words("lists_states").match(self.normal, between.end(), line.stop)
        return bool(between["has"] or state) or _PLUS.search(self.folded, between.end(), line.stop) is not None

    def concrete(self, line: _Line) -> bool:
        """Whether the rest of a line tells what is done for one person; a drug alone may be a subject."""
        return _CONCRETE.search(self.folded, line.end, line.stop) is not None

    def subject(self, line: _Line) -> bool:
        """Whether it tells of a subject."""
        words = list_words("lists_subjects").search(self.normal, line.end, line.stop)
        return words is not None or _ASKED.search(self.folded, line.end, line.stop) is not None

    def of_staff(self) -> bool:
        """Whether the head of the text says that those in it are at work."""
        return list_words("lists_of_staff").search(self.normal, 0, _TOP) is not None

    def drug(self, line: _Line) -> bool:
        """Whether the rest of a line names a drug."""
        return _within(self._drugs, line.end, line.stop)


def _within(places: Sequence[int], start: int, stop: int) -> bool:
    """Whether one of the places, which are in order, lies in [start, stop)."""
    at = bisect_left(places, start)
    return at < len(places) and places[at] < stop


def _lines(spans: Iterable[Span], ruleset: Ruleset, folded: bytes, born: dict[int, list[Span]]) -> list[_Line]:
    """Return the names at the heads of lines, by the line's start, and those before brackets."""
    lines: dict[int, _Line] = {}
    for span in spans:
        if not may_be_listed(span, ruleset.recognizers[span.recognizer], ruleset):
            continue
        span = in_one_line(span, folded)
        if not _key(span, folded):
            continue
        line = _at_head(span, folded, born) or _before_brackets(span, folded)
        if line is not None:
            lines.setdefault(line.start, line).names.append(span)
    return list(lines.values())


def _key(span: Span, folded: bytes) -> str:
    return parse_name(folded[span.start : span.end].decode("ascii")).key


def in_one_line(span: Span, folded: bytes) -> Span:
    """Return a name without what ends the line before, which may be a drug, or else without what begins the next.

    It is left as it is where it is known otherwise.
    """
    cut = folded.rfind(b"\n", span.start, span.end) + 1
    if not cut or span.groups:
        return span
    alone = b" " not in folded[cut : span.end].strip() and b" " in folded[span.start : cut].strip()
    return replace(span, end=cut - 1) if alone else replace(span, start=cut)


def _at_head(span: Span, folded: bytes, born: dict[int, list[Span]]) -> _Line | None:
    start = folded.rfind(b"\n", 0, span.start) + 1
    head = _HEAD.match(folded, start, span.start) if span.start - start <= _MOST_BEFORE else None
    if head is None:
        return None
    stop = folded.find(b"\n", span.end)
    stop = len(folded) if stop < 0 else stop
    bed = (head["bed"] is not None and head["number"] is None) or start in born
    bed = bed or _BY.match(folded, span.end) is not None
    if head["speaker"] is not None and head["lead"] is not None:
        told = head["civility"] is not None
        return _Line(span.start, stop, bed and told, "", since=span.start, said=True) if told else None
    if bed or head["civility"] is not None:
        said = head["speaker"] is not None
        return _Line(start, stop, bed, "", room=len(head["number"] or b"") == _ROOM, since=start, said=said and bed)
    classed = _CLASS.match(folded, span.end, stop)
    if classed is not None and head["speaker"] is None:
        return _Line(start, stop, bed=False, plain="class", since=start, classed=classed.end())
    if not (head["hour"] or head["speaker"] or head["entry"]) and _NOTED.match(folded, span.end, stop):
        return _Line(start, stop, bed=False, plain="note", since=start)
    timed = head["entry"] is not None or (head["hour"] is not None and not _at_work(head, folded))
    return _Line(start, stop, bed=False, plain="hour", since=start) if timed and head["speaker"] is None else None


def _at_work(head: re.Match[bytes], folded: bytes) -> bool:
    """Whether who stands behind an hour works or writes then: in a shift of hours, or before what they say."""
    hours = [int(hour) * 60 + int(minutes or b"0") for hour, minutes in _HOURS.findall(head.group())]
    if len(hours) > 1 and not 0 <= hours[-1] - hours[0] <= _SHIFT:
        return True
    dated = _DAY.search(head.group()) is not None or b"]" in head.group()
    return dated and _SAYS.match(folded, head.end()) is not None


def _before_brackets(span: Span, folded: bytes) -> _Line | None:
    inside = _BRACKETED.match(folded, span.end)
    if inside is None or not _BRACKET.search(folded, max(0, span.start - _MOST_BEFORE), span.start):
        return None
    return _Line(span.start, inside.end(1), bed=False, plain="brackets", since=span.start)


def may_be_listed(span: Span, recognizer: Recognizer, ruleset: Ruleset) -> bool:
    """Whether a span is a name that reads as one, and needs no more than to stand where patients do."""
    if recognizer.category != "person_name" or (span.role or Role.PATIENT) is not Role.PATIENT:
        return False
    weighed = span.score >= COUNTS_FROM or span.why == "score"
    return weighed and _score(span, ruleset) >= PLACED
