"""Columns of what somebody does: where they work, what they lecture on, for what they are qualified.

Facts in such a column are what people deal with, not what they have (see `FreeText`). Some headers say so alone, others
beside a column of staff only; and where anything tells of patients' care, none of them does: there a project is one of
care, and a workshop is what a patient was sent to.
"""

from __future__ import annotations

import re

from phiscan.model import Kind, Role
from phiscan.recognize import contents, guess
from phiscan.recognize.contents import share
from phiscan.recognize.headers import tokens
from phiscan.recognize.illnesses import DRUGS, is_illness, of_illnesses
from phiscan.recognize.plan import Column, Plan, Sample
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.subjects import meets, no_facts, of_somebody, of_subjects, words_beside
from phiscan.recognize.terms import normal

_POSTS = frozenset(
    "emploi emplois employeur affectation affectations mission missions these theses colloque congres conference"
    " conferences seminaire seminaires webinaire subvention subventions enseignement enseignements"
    " habilitation habilitations".split()
)
_OF_ITS_LACK = frozenset("situation retour maintien frein freins perte recherche aptitude".split())  # to work: why not
# Patients have some too: never where names have birth dates.
_GATHERING = frozenset("atelier ateliers stand stands projet projets thematique thematiques".split())
_TITLE = frozenset("sujet sujets titre titres intitule lieu lieux terrain terrains theme maitre".split())
_STUDY = frozenset("memoire memoires expose exposes stage stages".split())
# Headers that say what somebody does beside one of these; by themselves patients have them too.
_BESIDE: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (
        frozenset("service services unite unites uf pole poles".split()),
        frozenset(
            "grade grades badge matricule emploi emplois echelon embauche poste fonction fonctions qualification"
            " diplome horaire horaires droit droits employeur etudiant etudiante ine".split()
        ),
    ),
    (
        frozenset("intitule intitules titre titres sujet sujets stage stages memoire expose".split()),
        frozenset("duree heures formateur jury directeur soutenance promotion promo grade financeur opco".split()),
    ),
    (frozenset({"cause", "causes"}), frozenset("don dons donateur donateurs".split())),
    (frozenset("epreuve epreuves course courses parcours distance".split()), frozenset({"dossard", "dossards"})),
)
_OF_PATIENTS = (  # how headers begin beside which nothing is somebody's work
    "patient", "resident", "malade", "hospi", "chambre", "diag", "motif", "traitement", "atcd", "anteced", "patho",
    "medecin", "chirurg", "operat", "anesth", "intervention", "prescri", "ordonnance", "allerg", "symptom", "sejour",
    "therap",
)  # fmt: skip
_OF_PATIENTS_WHOLE = frozenset("ipp nda lit trt ttt acte actes bloc gir ald soin soins rdv etp vie".split())
_WORDINGS = frozenset(
    "terme termes definition definitions version versions fichier fichiers publie publiee page pages".split()
)
_DIFFERENT_WRITERS = 0.8  # of the rows that name one
_NAMING = ("person_name", "nir", "ins", "patient_id", "birth_date")
_EVENT = re.compile(r"(?i)(?:congres|colloque|seminaire|webinaire|symposium|conference)s?\b")
_SKILL = re.compile(
    r"(?i)(?:non |pas |pas encore )?habilite|(?:en |a )(?:cours de )?form(?:ation|er)\b|formee?$|competente?\b"
)
_PERHAPS_SKILL = re.compile(
    r"(?i)oui|non|[onx]|validee?|acquise?|en cours|n[ca]|sans objet|tut(?:eur|rice)|referente?|format(?:eur|rice)"
    r"|autonome|[0-9/.\-]{8,10}"
)
_RESULT = re.compile(r"(?i)[+-]+|(?:sero)?(?:pos|neg)(?:iti(?:f|ve))?\.?|(?:in|non )?detect\w*|(?:non )?reacti\w*")
_MOST = 0.5
_KNOWN_SKILLS = 0.8  # of the values; the rest are remarks


def find_work(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Mark the columns of work in a table that does not tell of patients' care."""
    _skills(plan, sample, ruleset)
    no_facts(plan, sample, ruleset)
    meetings = [column for column in plan.columns if meets(column, sample.values[column.index])]
    if _of_care(plan, sample, ruleset, meetings):
        return
    for column in meetings:
        column.work = True
    for column in plan.columns:
        if column.free and not column.work:
            column.work = (
                _says_work(column, plan, sample, ruleset)
                or of_subjects(column, plan, sample, ruleset)
                or (not plan.of_patient(ruleset) and _gathers(column, sample.values[column.index]))
            )


def _skills(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Who may do which analysis: under the name of a disease stand "habilité" and "en formation", no results."""
    facts = [column for column in plan.columns if _of_health(column, ruleset) and sample.values[column.index]]
    matrix = [column for column in facts if _of_skill(sample.values[column.index])]
    certain = [column for column in matrix if share(sample.values[column.index], _SKILL.match)]
    staff = len(certain) > 1 or any(guess.of_work(column.header) for column in plan.columns)
    for column in matrix if certain and staff else certain:
        column.give(-1, evidence=0)
        column.work = True


def _of_skill(values: list[str]) -> bool:
    told = share(values, lambda value: _SKILL.match(value) or _PERHAPS_SKILL.fullmatch(value))
    return told >= _KNOWN_SKILLS and not share(values, _RESULT.fullmatch)


def _of_health(column: Column, ruleset: Ruleset) -> bool:
    return column.recognizer >= 0 and ruleset.recognizers[column.recognizer].kind is Kind.HEALTH


def find_writers(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Who wrote a row about illnesses may have written it about themselves, where it names nobody else.

    Drugs are counted and ordered too; and a clerk writes many rows, somebody ill one.
    """
    if any(column.role is Role.PATIENT for category in _NAMING for column in plan.of(ruleset, category)):
        return
    if any(map(_of_wordings, plan.columns)):
        return
    names = [
        column
        for column in plan.of(ruleset, "person_name")
        if tokens(column.header)[-1:] == ("par",) and _hardly_repeat(sample.filled_cells(column.index))
    ]
    if names and any(_of_illnesses(column, sample, ruleset) for column in plan.columns):
        for column in names:
            column.role = Role.PATIENT


def _of_wordings(column: Column) -> bool:
    """Whether rows are terms, codes or pages, which somebody keeps for all: a postcode is an address."""
    words = {*tokens(column.header)}
    return bool(words & _WORDINGS) or (any(word.startswith("code") for word in words) and "postal" not in words)


def _hardly_repeat(names: list[str]) -> bool:
    return len({normal(name) for name in names}) >= _DIFFERENT_WRITERS * len(names)


def _of_illnesses(column: Column, sample: Sample, ruleset: Ruleset) -> bool:
    """Whether a column holds illnesses, by its header or by its values."""
    values = sample.values[column.index]
    if column.recognizer >= 0:
        recognizer = ruleset.recognizers[column.recognizer]
        return bool(values) and is_illness(recognizer) and recognizer.category != DRUGS
    return column.free and not column.work and of_illnesses(column, values, ruleset, drugs=False)


def _of_care(plan: Plan, sample: Sample, ruleset: Ruleset, meetings: list[Column]) -> bool:
    """Whether a table tells of care by another column: of facts, of codes, or one that only patients have.

    MOTIF is theirs, but not over congresses.
    """
    if plan.of(ruleset, "patient_id") or plan.of(ruleset, "ins"):
        return True
    return any(
        column.system
        or (_of_health(column, ruleset) and not _of_another_result(column, sample, ruleset))
        or any(word.startswith(_OF_PATIENTS) or word in _OF_PATIENTS_WHOLE for word in tokens(column.header))
        or (column.free and contents.diagnoses(sample.values[column.index]))
        for column in plan.columns
        if column not in meetings
    )


def _of_another_result(column: Column, sample: Sample, ruleset: Ruleset) -> bool:
    """Whether RESULTAT stands over words, such as OK and REFUS at a door."""
    recognizer, values = ruleset.recognizers[column.recognizer], sample.values[column.index]
    return recognizer.category == "lab_result" and bool(values) and not any(map(_result, values))


def _result(value: str) -> bool:
    return contents.coded([value]) or any(char.isdigit() for char in value) or _RESULT.match(value) is not None


def _says_work(column: Column, plan: Plan, sample: Sample, ruleset: Ruleset) -> bool:
    words = {*tokens(column.header)}
    if words & _POSTS or (words & _TITLE and words & _STUDY):
        return not words & _OF_ITS_LACK
    others = words_beside(plan, sample, column)
    said = any(words & told and others & beside for told, beside in _BESIDE)
    return said and not of_somebody(column, plan, sample, ruleset)


def _gathers(column: Column, values: list[str]) -> bool:
    """Where nobody is known as patients are: what people meet for, by the header or by what most cells begin with."""
    return not _GATHERING.isdisjoint(tokens(column.header)) or share(values, _EVENT.match) >= _MOST
