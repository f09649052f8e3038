"""Columns of remarks in a table about patients' care: there a word means what it means in a hospital.

"AVC 2019", "sous dialyse", "cannabis" are facts in a laboratory's comments, and a garage's customers have comments too.
So it takes patients, facts that count without it (in columns of their own or in the remarks), and a column that people
write in: what a clinical document is in running text (see `clinical`).
"""

from __future__ import annotations

from phiscan.model import Kind, Role
from phiscan.recognize.contents import share, town
from phiscan.recognize.freetext import FreeText
from phiscan.recognize.guess import ROUND, of_trade
from phiscan.recognize.headers import tokens
from phiscan.recognize.plan import Column, Plan, Sample
from phiscan.recognize.ruleset import Ruleset

_REMARK = (  # how headers of remarks begin
    "comm", "cmt", "remarq", "observ", "note", "memo", "info", "rens", "precis", "motif", "atcd", "anteced",
    "contexte", "texte", "libre", "clinique", "anamnese", "histoire", "conclusion", "patho", "complement", "message",
    "alerte", "divers", "medical", "sante", "terrain", "indication", "detail", "avis", "evolution", "consigne",
    "journal", "transmission", "destination",
)  # fmt: skip
_SHORT = frozenset("com rem rq rmq cr rc obs ant".split())
_NO_REMARK = frozenset("date dt dat nb nombre num n no id code cod mail email tel url lien user auteur par".split())
_OF_CARE = frozenset("soin soins symptome symptomes".split())  # headers of what is done for who is named beside
_COLUMNS = 2  # columns of facts that make a table one about care by themselves
_FACTS = 3  # facts, in columns or remarks, that do so otherwise
_REMARKS_EACH = 25  # various ones for each fact: among many remarks somebody is always ill


def find_remarks(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Mark the columns of remarks of a table whose rows name patients, where enough facts stand in it."""
    remarks = [column for column in plan.columns if _of_remarks(column, sample.values[column.index])]
    if not remarks:
        return
    told = sum(1 for column in plan.columns if column.system or _tells(column.recognizer, ruleset))
    if told < _COLUMNS:
        insured = plan.of(ruleset, "nir") or plan.of(ruleset, "ins")  # of an ambulance's clients, and of no garage's
        if not told and not insured and any(of_trade(column.header) for column in plan.columns):
            return
        various = max(len(sample.values[column.index]) for column in remarks)
        facts = sum(_facts(column, sample.values[column.index], ruleset) for column in remarks)
        if told + facts < max(_FACTS, various // _REMARKS_EACH):
            return
    for column in remarks:
        column.clinical = True


def of_care(plan: Plan, ruleset: Ruleset) -> bool:
    """Whether rows name people by no more than their names, and a header says that they are cared for."""
    named = any(column.role is Role.PATIENT for column in plan.of(ruleset, "person_name"))
    return named and any(word in _OF_CARE for column in plan.columns if column.free for word in tokens(column.header))


def _of_remarks(column: Column, values: list[str]) -> bool:
    if not column.free or not values or of_trade(column.header):
        return False
    words = tokens(column.header)
    if any(word in _NO_REMARK for word in words):
        return False
    if any(word.startswith(_REMARK) or word in _SHORT for word in words):
        return True
    nameless = all(word in ROUND or len(word) <= 1 or any(char.isdigit() for char in word) for word in words)
    return nameless and share(values, lambda value: " " in value) >= 0.3 and share(values, town) < 0.3


def _tells(index: int, ruleset: Ruleset) -> bool:
    """Whether a column of this recognizer tells facts of care."""
    if index < 0:
        return False
    recognizer = ruleset.recognizers[index]
    return recognizer.kind is Kind.HEALTH and recognizer.category != "exam_date"


def _facts(column: Column, values: list[str], ruleset: Ruleset) -> int:
    """Return how many remarks tell of a fact for sure."""
    import pyarrow as pa

    found = FreeText(ruleset).hits(column, pa.array(values))
    return sum(1 for _, hits in found if any(_tells(hit.recognizer, ruleset) for hit in hits))
