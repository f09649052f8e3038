"""Columns of subjects, places and things: a commission, a door, a course; and what staff and pupils have besides.

A health word there is what people deal with. Some headers say so alone; others stand over lists of patients too, and
ask for a second sign: a header that says who did or wrote something, or a column that only people at work have. Where
cells tell of somebody's own illness, a second sign is none; and where they name people, or are illnesses and nothing
else, the facts may be theirs, whatever the header. The words are those of `recognizers/identity/columns_….txt`.
"""

from __future__ import annotations

import re

from phiscan.model import Role
from phiscan.recognize.contents import share
from phiscan.recognize.headers import tokens
from phiscan.recognize.illnesses import of_illnesses
from phiscan.recognize.listwords import list_words
from phiscan.recognize.persons import first_name
from phiscan.recognize.plan import Column, Plan, Sample
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.terms import normal

_OTHERS = re.compile(  # whom somebody looks after: "accompagner une personne atteinte de"
    r"(?:patient|personne|malade|enfant|adulte|sujet|usager|resident)e?s? "
    r"(?:(?:agee?s? )?(?:atteint|porteu|suivi|connu)\w*)?"
)
_CALLED = re.compile(r"(?<![A-Za-z])(?:Mr?\.?|MR|Mme|MME|Mlle|Monsieur|Madame|[Nn]e\(?e?\)? le) ?[A-Z0-9]")
_CAPITALS = re.compile(r"\b(?=(?:[A-Z][A-Z'-]{2,24} ([A-Z][a-z-]{1,20})|([A-Z][a-z-]{1,20}) [A-Z][A-Z'-]{2,24})\b)")
_MEETINGS = re.compile(r"(?i)(?:congres|colloque|seminaire|webinaire|symposium|conference|journees)\b")
_OCCASION = re.compile(rf"{_MEETINGS.pattern}|(?:journee|soiree|rencontre|forum|salon|assises|atelier)s?\b")
_NEARLY_ALL = 0.9
_UNIT = re.compile(r"(?i)(?:ue|ecue|module)(?![a-z])|ec ?[0-9]")
_MARK = re.compile(r"(?i)(?:1?[0-9]|20)(?:[.,][0-9]{1,2})?(?: ?/ ?20)?|abs\.?|abi|abj|def|ne|nv|disp\.?")
_SCORED = ("psychiatric", "addiction")  # what questionnaires tell by numbers
_SCORE, _LOW, _BEST = re.compile(r"[0-9]{1,2}"), 5, 20  # no mark is better than that
_OFTEN = 0.3  # of pupils, not so many have so low a mark
_PUPILS = frozenset("classe promotion promo etudiant etudiante ine".split())
_LESSONS = frozenset(
    "sujet sujets theme themes thematique thematiques cours matiere matieres expose exposes memoire memoires these "
    "theses seminaire seminaires conference conferences".split()
)
_TITLES = frozenset("titre titres intitule intitules libelle libelles designation article articles stage".split())
_BESIDE_LESSONS = frozenset(
    "duree heures formateur formatrice jury directeur directrice soutenance opco organisme revue editeur".split()
)
_SELLERS = {(word,) for word in "laboratoire laboratoires fournisseur fournisseurs commercial commerciale".split()}
_ENTRIES = frozenset({"entree", "sortie", "depart", "arrivee"})
_JOBS = frozenset({"emploi", "emplois"})  # beside a number of staff; by itself it is said of patients too
_DAY = frozenset({"date", "dt", "dat"})
_LEVEL = re.compile(r"(?i)(?:grade |g)?(?:[0-9]+|i{1,3}|iv)[ab]?")
_SHIFT = re.compile(r"(?i)0?[4-6] ?[:h].{0,5}(?:-|/|a).*|.*(?:-|/|a) ?2[0-3] ?[:h] ?[0-9]{0,2}")
_FUNDED = re.compile(r"(?i)(?:opco|anfh|cpf|fif|employeur|entreprise|plan de formation|france travail)\b.*")
_RIGHT = re.compile(
    r"(?i)lecture.*|ecriture.*|modif\w*|(?:controle|acces) total|admin\w*|r[w/ x]{0,4}|suppression|proprietaire|aucun"
)
_AT_WORK = {  # patients have hours, rights and funds too
    "horaire": _SHIFT, "horaires": _SHIFT, "droit": _RIGHT, "droits": _RIGHT, "financeur": _FUNDED,
}  # fmt: skip
_INSURER = re.compile(r"(?i)(?:cpam|cnam|cgss|msa|mgen|cnmss|rsi|ssi|enim|mutuelle|caisse|prevoyance)\b.*")
_NOT_OF_STAFF = {"grade": _LEVEL, "poste": _LEVEL, "organisme": _INSURER}  # a tumour's, a dialysis post
_HOURS = re.compile(r"(?i)[0-9]+ ?h(?:eures?)?")
_OF_COURSES = {"duree": _HOURS, "heures": re.compile(r"(?i)[0-9]+ ?(?:h(?:eures?)?)?")}  # illness lasts for days
_MOST = 0.5
_SOME = 0.3  # of shifts, early and late
_STAFF = frozenset("matricule badge grade grades echelon quotite horaire horaires droit droits employeur ine".split())


def words_beside(plan: Plan, sample: Sample, but: Column) -> set[str]:
    """Return the words of the other headers whose values are what they are beside people at work."""
    return {
        word
        for other in plan.columns
        if other.recognizer < 0 and other is not but
        for word in tokens(other.header)
        if _tells(word, sample.values[other.index])
    }


def _tells(word: str, values: list[str]) -> bool:
    if word in _NOT_OF_STAFF:
        return share(values, _NOT_OF_STAFF[word].fullmatch) < _MOST
    if word in _AT_WORK:
        return share(values, _AT_WORK[word].fullmatch) >= _SOME
    return word not in _OF_COURSES or share(values, _OF_COURSES[word].fullmatch) >= _MOST


def no_facts(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Take back what was made of marks of pupils and of the days on which staff came."""
    for column in plan.columns:
        if _is(column, "health", ruleset) and _of_marks(column, plan, sample, ruleset):
            column.give(-1, evidence=0)
            column.skip = True
    if _of_staff(plan, sample):
        for column in plan.of(ruleset, "exam_date"):
            words = {*tokens(column.header)} - _DAY
            if words and words <= _ENTRIES:
                column.give(-1, evidence=0)


def _is(column: Column, kind: str, ruleset: Ruleset) -> bool:
    return column.recognizer >= 0 and ruleset.recognizers[column.recognizer].kind.value == kind


def _of_marks(column: Column, plan: Plan, sample: Sample, ruleset: Ruleset) -> bool:
    """Whether cells are marks in a course, and no scores of a questionnaire: a unit is named by its subject."""
    unit = _UNIT.match(column.header)
    if unit is None or list_words("columns_scores").search(_words(column)):
        return False
    scored = unit[0].lower() == "module" and ruleset.recognizers[column.recognizer].category in _SCORED
    if scored and _PUPILS.isdisjoint(_other_words(plan, column)) and _of_scores(sample.filled_cells(column.index)):
        return False
    return share(sample.values[column.index], _MARK.fullmatch) >= _NEARLY_ALL


def _of_scores(cells: list[str]) -> bool:
    """Whether numbers are whole, and too high or too often low for marks: some of these have halves."""
    if not all(map(_SCORE.fullmatch, cells)):
        return False
    return any(int(cell) > _BEST for cell in cells) or share(cells, lambda cell: int(cell) < _LOW) >= _OFTEN


def _other_words(plan: Plan, but: Column) -> set[str]:
    """Return the words of all other headers, whatever their columns hold."""
    return {word for other in plan.columns if other is not but for word in tokens(other.header)}


def _of_staff(plan: Plan, sample: Sample, but: Column | None = None) -> bool:
    """Whether a table has a column that only people at work have, in words: grades of tumours are figures."""
    others = [column for column in plan.columns if column.recognizer < 0 and column is not but]
    words = {word for column in others for word in tokens(column.header)}
    return (bool(words & _JOBS) and "matricule" in words) or any(
        list_words("columns_staff").fullmatch(_words(column))
        and share(sample.values[column.index], _LEVEL.fullmatch) < _MOST
        for column in others
    )


def meets(column: Column, values: list[str]) -> bool:
    """Whether cells are meetings and nothing else, such as nobody is treated at, whatever their header."""
    return column.free and share(values, _MEETINGS.match) >= _NEARLY_ALL


_ABSENCE = frozenset("arret arrets passage passages visite visites absence absences".split())


def of_subjects(column: Column, plan: Plan, sample: Sample, ruleset: Ruleset) -> bool:
    """Whether a free column of a table that tells of no care holds subjects and things."""
    values = sample.values[column.index]
    if any(map(_names, values)) or _absent(plan) or not _headed(column, plan, sample, ruleset):
        return False
    return not of_somebody(column, plan, sample, ruleset)


def of_somebody(column: Column, plan: Plan, sample: Sample, ruleset: Ruleset) -> bool:
    """Whether a column is illnesses and nothing else, and no header says that people only deal with them."""
    if _of_things(column) or _of_lessons(column, plan, sample):
        return False
    return of_illnesses(column, sample.values[column.index], ruleset, drugs=not _sold(column, plan))


def _of_things(column: Column) -> bool:
    return list_words("columns_things").fullmatch(_words(column)) is not None


def _of_lessons(column: Column, plan: Plan, sample: Sample) -> bool:
    """Whether a header names what is taught, studied or published: there an illness by itself is a subject too.

    A title is one by what stands beside it, where that is not why somebody was absent for so many hours.
    """
    words = {*tokens(column.header)}
    if words & _LESSONS:
        return True
    return bool(words & _TITLES and words_beside(plan, sample, column) & _BESIDE_LESSONS) and not _absent(plan)


def _sold(column: Column, plan: Plan) -> bool:
    """Whether drugs are what somebody sells; by whole headers, since a "nom commercial" is a drug's."""
    return any(tokens(other.header) in _SELLERS for other in plan.columns if other is not column)


def _headed(column: Column, plan: Plan, sample: Sample, ruleset: Ruleset) -> bool:
    """Whether its header says so, alone or beside a second sign."""
    name, known, values = _words(column), plan.of_patient(ruleset), sample.values[column.index]
    if _of_things(column):
        return True
    if known or any(map(_own_illness, values)):
        return False
    if list_words("columns_things_unborn").fullmatch(name):
        return True
    if name.startswith(b"evenement") and share(values, _OCCASION.match) >= _MOST:
        return True
    if not list_words("columns_subjects").fullmatch(name):
        return False
    staff = _of_staff(plan, sample, column) or not _STAFF.isdisjoint(words_beside(plan, sample, column))
    return staff or _by_role(plan, ruleset)


def _absent(plan: Plan) -> bool:
    """Whether the table tells of absences and visits: what stands there of staff or students is why."""
    words = {word for column in plan.columns for word in tokens(column.header)}
    return {"debut", "fin"} <= words or not _ABSENCE.isdisjoint(words)


def _by_role(plan: Plan, ruleset: Ruleset) -> bool:
    """Whether all who are named are named as those who do something."""
    named = [column for column in plan.of(ruleset, "person_name") if column.role is Role.PATIENT]
    roles = list_words("columns_roles")
    last = [column for column in named if column.part != "first_name"]
    return bool(last) and all(roles.search(_words(column)) for column in last)


def _names(value: str) -> bool:
    """Whether a cell names somebody: "rappeler Mme Durand", "dossier DURAND Paul"."""
    if _CALLED.search(value):
        return True
    return any(first_name(left or right) for left, right in _CAPITALS.findall(value))


def _own_illness(value: str) -> bool:
    told = _OTHERS.sub("", normal(value)).encode("ascii", "replace")
    return any(list_words(name).search(told) for name in ("own_illness", "columns_own"))


def _words(column: Column) -> bytes:
    return normal(column.header).strip().encode("ascii", "replace")
