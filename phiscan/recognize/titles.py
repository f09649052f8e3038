"""What the title or the name of a list says of everybody in it: `Liste patients VIH.csv`, "Autisme :" over names.

Only where it speaks of patients, or the list itself does by what it holds; and of nobody where it speaks of a staff, a
course, a committee or of donors, who deal with a disease. Words are in `recognizers/identity/lists_….txt`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from phiscan.model import Assertion, Kind, Role
from phiscan.recognize.listwords import of_patients
from phiscan.recognize.pathname import words_of
from phiscan.recognize.plan import Plan
from phiscan.recognize.recognizer import Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import normal_form
from phiscan.recognize.text import Found, TextPath

_OF_PATH = 2  # its last components: what lies above them says where the list is, not of whom
_ABOVE = 3  # of those that may tell of others
_NAMING = ("person_name", "nir", "ins", "patient_id")
_MOST = 300  # characters of a title
_CELLS = 2  # filled ones, in a row that is a title


def told_of_all(path: str, titles: Sequence[str], plan: Plan, finder: TextPath) -> list[Recognizer]:
    """Return what everybody in a table has by its titles and by the path of its file (both folded)."""
    components = [part for part in re.split(r"[/\\!]", path) if part]
    above = normal_form(_words(components[-_ABOVE:-_OF_PATH]), cells=False)
    if not _of_people(plan, finder.ruleset) or of_patients(above) is False:
        return []
    found = finder.find(_words([*components[-_OF_PATH:], *(title[:_MOST] for title in titles)]), everything=True)
    speaks = of_patients(found.normal)
    if speaks is False or (speaks is None and not _of_care(plan, finder.ruleset)):
        return []
    return facts(found, finder.ruleset)


def _words(parts: Sequence[str]) -> bytes:
    return words_of("/".join(parts)).encode("ascii", "replace")


def facts(found: Found, ruleset: Ruleset) -> list[Recognizer]:
    """Return the recognizers whose facts a title states: one for each category."""
    stated: dict[str, Recognizer] = {}
    for span, assertion in zip(found.spans, found.assertions, strict=True):
        recognizer = ruleset.recognizers[span.recognizer]
        if is_fact(recognizer) and assertion is Assertion.AFFIRMED:
            stated.setdefault(recognizer.category, recognizer)
    return list(stated.values())


def is_fact(recognizer: Recognizer) -> bool:
    """Whether a recognizer finds what a title can say of people."""
    return recognizer.kind is Kind.HEALTH and recognizer.category != "exam_date" and recognizer.file.at_least == 1


def _of_people(plan: Plan, ruleset: Ruleset) -> bool:
    """Whether the rows of a table may be patients."""
    columns = (column for category in _NAMING for column in plan.of(ruleset, category))
    return any(column.role is Role.PATIENT for column in columns)


def _of_care(plan: Plan, ruleset: Ruleset) -> bool:
    """Whether a table is one of patients: by their numbers in a hospital, by the INS, or by the doctors beside them."""
    if any(column.role is Role.PATIENT for column in [*plan.of(ruleset, "patient_id"), *plan.of(ruleset, "ins")]):
        return True
    return bool(plan.of_patient(ruleset) and plan.of(ruleset, "practitioner"))


def titles_of(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of text above the header of a table: rows in which one cell or two are filled."""
    filled = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    return [" ".join(cells) for cells in filled if 0 < len(cells) <= _CELLS]
