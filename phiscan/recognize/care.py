"""What a column tells of patients' care because of those beside it: codes, choices, measures, results, dates.

The same values beside nobody may be rooms, parts or prices.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from phiscan.model import Kind
from phiscan.recognize import contents
from phiscan.recognize.bare import could_be
from phiscan.recognize.cells import shape_of
from phiscan.recognize.contents import share
from phiscan.recognize.freetext import FreeText
from phiscan.recognize.guess import ROUND, field_of
from phiscan.recognize.headers import tokens
from phiscan.recognize.plan import Column, Plan, Sample
from phiscan.recognize.recognizer import FIELD
from phiscan.recognize.ruleset import Ruleset


def facts_of_patients(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Complete the plan of a table whose rows name patients."""
    _viral_load(plan, sample, ruleset)
    _codes(plan, sample, ruleset)
    _facts(plan, sample, ruleset)
    _symbols(plan, sample, ruleset)
    _exams(plan, sample, ruleset)


def _codes(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Codes of medical nomenclatures beside patients: elsewhere they may be rooms, parts or prices."""
    for column in plan.columns:
        values = sample.values[column.index] if column.free else []
        name = contents.system(values) or ("cim10" if contents.diagnoses(values) else "")
        if name in ruleset.systems and could_be(column.header, values, ruleset.systems[name].file):
            column.system = name


_CHOICES = 20  # distinct values of a column that people choose from a list


def _facts(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """A choice of a few words, half of them of one health category and none of another: all are (OH, sevré, THC)."""
    for column in plan.columns:
        values = sample.values[column.index]
        if not column.free or not 2 <= len(values) <= _CHOICES or len(values) * 4 > sample.filled(column.index):
            continue
        if any(len(value) > 40 for value in values) or contents.coded(values) or share(values, contents.cim10) > 0.5:
            continue
        category = _told_by_most(values, column, ruleset)
        index = field_of(category, ruleset) if category else -1
        if index >= 0:
            column.give(index, evidence=FIELD)
            column.values = "coded"


def _told_by_most(values: list[str], column: Column, ruleset: Ruleset) -> str:
    """Return the health category that half of the values or more are found to be and none is not, "" for none."""
    import pyarrow as pa

    counts: Counter[str] = Counter()
    told = 0
    for _, hits in FreeText(ruleset).hits(column, pa.array(values)):
        found = [ruleset.recognizers[hit.recognizer] for hit in hits]
        categories = {one.category for one in found if one.kind is Kind.HEALTH and one.category != "exam_date"}
        counts.update(categories)
        told += bool(categories)
    category, count = counts.most_common(1)[0] if counts else ("", 0)
    return category if count == told and count * 2 >= len(values) and count >= 2 else ""


# Analyses by their symbols, which mean other things where they stand alone.
_SYMBOLS = frozenset(
    "k na cl ca mg ph gb gr plt plq plaq ht hte hct hb hgb tp vs fer lh pal bt bc bili gly glu cr creat ur ure alb"
    " prot pt cpk ck ldh pct cst tg ct chol hdl ldl vgm vpm idr pnn pne pnb lym ly mono leuco hco3 ra tca fib ferri"
    " trf asat alat ggt gt got gpt bnp tropo crp tsh t3 t4 t3l t4l inr uree au lip lipase amy cal phos vitd b9 b12 fol"
    " dfg clair ddi psa".split()
)


def _symbols(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Numbers under symbols of analyses: several of them, or one beside a named analysis, in a table of patients."""
    reader = next((r for r in ruleset.recognizers if r.id == "health.lab_column"), None)
    if reader is None:
        return
    found = [
        column
        for column in plan.columns
        if (column.free or column.skip) and symbol(column.header) and contents.numbers(sample.values[column.index])
    ]
    if len(found) >= 2 or (found and plan.of(ruleset, "lab_result")):
        for column in found:
            column.give(reader.index, evidence=FIELD)


def symbol(header: str) -> bool:
    """Whether a header is an analysis's symbol, with or without its unit."""
    words = tokens(header)
    return bool(words) and words[0] in _SYMBOLS and all(w in ROUND or w.isdigit() for w in words[1:])


_LOAD = {"cv", "cvvih", "charge", "chargevirale", "virale", "arn", "cd4", "ltcd4", "t4"}


def measured(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """What is measured in somebody with a disease tells of it, however little is found."""
    for column in plan.of(ruleset, "hiv"):
        if {*tokens(column.header)} & _LOAD and contents.numbers(sample.values[column.index]):
            column.values = "measured"


def _viral_load(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """CV beside what tells of HIV is the viral load, and no curriculum."""
    known = plan.of(ruleset, "hiv")
    if not known:
        return
    for column in plan.columns:
        words = tokens(column.header)
        if (
            (column.free or column.skip)
            and words
            and words[0] in ("cv", "log", "t4", "arn")
            and all(w in ROUND for w in words[1:])
            and contents.numbers(sample.values[column.index])
        ):
            column.give(known[0].recognizer, evidence=FIELD)
            column.values = "measured"


_CARE = (
    "prel", "plvt", "consul", "hosp", "vacc", "irm", "biops", "chimio", "greffe", "dialyse", "accouch", "serol", "pcr",
    "depist", "presc", "ordo",
)  # fmt: skip
_PERHAPS = (  # of care where the table is: a garage has visits and last revisions too
    "visit", "venu", "exam", "cs", "rdv", "rendez", "sejour", "entr", "sort", "adm", "pass", "soin", "bilan",
    "anal", "resul", "interv", "oper", "chir", "seance", "suivi", "scan", "radio", "echo", "cure", "transf", "test",
    "dern", "diag", "mesure", "realis", "recueil", "inclu", "deces", "acte",
)  # fmt: skip
_NO_CARE = (
    "maj", "modif", "crea", "cree", "fact", "edit", "extr", "export", "import", "impr", "contrat", "droit", "valid",
    "eche", "paie", "regl", "nais", "nee", "adh", "embau", "envoi", "mail", "conn", "login", "saisi", "insc", "remb",
    "vent", "achat", "livr", "comm", "fin", "peremp", "expir", "lot", "garant", "birth", "created", "updated", "hire",
    "revis", "vidang", "kilom",
)  # fmt: skip


def _exams(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Dates of care in a table of patients: the header says so, or says nothing else in a table about care."""
    exam = next(
        (r.index for r in ruleset.recognizers if r.category == "exam_date" and r.file.fields.values == "date"), -1
    )
    if exam < 0:
        return
    care = any(
        c.system or (c.recognizer >= 0 and ruleset.recognizers[c.recognizer].kind is Kind.HEALTH) for c in plan.columns
    )
    for column in plan.columns:
        words = tokens(column.header)
        if not (column.free or column.skip) or any(word.startswith(_NO_CARE) for word in words):
            continue
        told = any(word.startswith(_CARE) for word in words)
        perhaps = care and (_nameless(words) or any(word.startswith(_PERHAPS) for word in words))
        if (told or perhaps) and contents.recent(sample.values[column.index]):
            column.give(exam, evidence=FIELD)


def _nameless(words: Collection[str]) -> bool:
    """Whether a header says nothing: none, `F12`, `C_7`, or a date and no word of what."""
    return all(
        word in ("date", "dt", "dat", "jour", "le") or len(word) <= 1 or any(c.isdigit() for c in word)
        for word in words
    )


_RESULT = {
    "resultat", "resultats", "res", "result", "results", "valeur", "val", "value", "mesure", "rendu", "dosage", "taux",
    "obs",
}  # fmt: skip
_NO_RESULT = {
    "prix", "tarif", "montant", "cotation", "quantite", "qte", "nb", "nombre", "n", "id", "age", "annee", "date",
    "borne", "norme", "normes", "min", "max", "ref", "unite", "code", "coef", "total", "delai", "rang", "ligne",
}  # fmt: skip


def results(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """The value of an analysis that another column names: ANALYSE, RESULTAT, UNITE."""
    reader = next((r for r in ruleset.recognizers if r.id == "health.lab_column"), None)
    listed = next((r for r in ruleset.recognizers if r.id == "health.lab_name_listed"), None)
    if reader is None or listed is None:
        return
    named = [column for column in plan.columns if _analyses(column, sample.values[column.index], plan, ruleset)]
    for column in named:
        for other in plan.columns[column.index + 1 :] + plan.columns[: column.index][::-1]:
            words = {*tokens(other.header)}
            if other.recognizer >= 0 and not _unread(other, sample.values[other.index], ruleset):
                continue
            told = bool(words & _RESULT) and not words & _NO_RESULT
            if other in named or other.system or not (told or _nameless(words)):
                continue
            if share(sample.values[other.index], _measured) >= 0.6:
                other.give(reader.index, evidence=FIELD)
                if column.free:
                    column.give(listed.index, evidence=FIELD)
                break


def _unread(column: Column, values: list[str], ruleset: Ruleset) -> bool:
    """Whether a column of results holds numbers that its own recognizer does not know: RESULTAT asks for a unit."""
    recognizer = ruleset.recognizers[column.recognizer]
    return recognizer.category == "lab_result" and share(values, lambda value: shape_of(recognizer, value)) < 0.5


def _measured(value: str) -> bool:
    return contents.numbers([value]) or contents.coded([value])


_ANALYSES = re.compile(
    r"(?i)(?:dosage |taux |numeration )?(?:des? |d')?(?:nfs|crp|tsh|t[34]l?|inr|tp|tca|vs|ecbu|hba1c|psa|ggt|asat|alat|"
    r"tgo|tgp|pal|ldh|cpk|bnp|fsh|lh|pth|"
    r"hemoglobine|hematies|hematocrite|leucocytes|plaquettes|glycemie|glucose|creatinine|creatininemie|uree|cholesterol|hdl|ldl|"
    r"triglycerides|ferritine|fer|bilirubine|sodium|natremie|potassium|kaliemie|chlore|calcium|calcemie|albumine|proteines|"
    r"fibrinogene|vitamine ?d|b12|folates|troponine|d-?dimeres|lipase|acide urique|vgm|ccmh|tcmh|lymphocytes|monocytes|"
    r"neutrophiles|eosinophiles|basophiles|magnesium|phosphore|phosphatases|transaminases"
    r"|cortisol|prolactine|testosterone|"
    r"oestradiol|progesterone|hcg|afp|ace|ca ?(?:125|15-3|19-9)|cd4|microalbuminurie|proteinurie"
    r"|dfg|clairance|iono|na|k|hb)"
    r"(?:[ /,)\-+]|$)"
)


def _analyses(column: Column, values: list[str], plan: Plan, ruleset: Ruleset) -> bool:
    """Whether a column names laboratory analyses, by its header or, in a table of patients, by its values."""
    if share(values, _ANALYSES.match) < 0.5 or share(values, lambda v: len(v) <= 60) < 0.9:
        return False
    if len(values) == 1 and len(values[0]) < 3:  # K, NA: a word of any table, where it stands alone
        return False
    if column.recognizer >= 0:
        return ruleset.recognizers[column.recognizer].category == "lab_result"
    return column.free and plan.of_patient(ruleset)
