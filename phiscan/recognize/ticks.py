"""Matrices of diseases: a name's row and an x in the columns of what somebody has, nothing in the others.

An x alone says nothing of what a column holds; a training's list of attendance has one a module. So the headers tell:
most of the ticked columns name diseases, and no column tells what those people's work is.
"""

from __future__ import annotations

from phiscan.model import Kind, Role
from phiscan.recognize import guess
from phiscan.recognize.plan import Column, Plan, Sample
from phiscan.recognize.recognizer import FIELD
from phiscan.recognize.ruleset import Ruleset

_TICKS = frozenset({"x", "X"})
_NAMING = ("person_name", "nir", "ins", "patient_id")


def ticked(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Give columns of ticks under diseases their facts, in a table that names people."""
    if any(guess.of_work(column.header) or guess.of_trade(column.header) for column in plan.columns):
        return
    if not any(c.role is Role.PATIENT for category in _NAMING for c in plan.of(ruleset, category)):
        return
    columns = [column for column in plan.columns if column.header and _is_ticked(column, sample)]
    facts = [(column, index) for column in columns if (index := _fact(column, ruleset)) >= 0]
    if len(facts) * 2 <= len(columns):
        return
    for column, index in facts:
        if column.free:
            column.give(index, evidence=FIELD)
            column.values = "coded"


def _is_ticked(column: Column, sample: Sample) -> bool:
    """Whether nothing but ticks stands in a column."""
    if sample.values[column.index]:  # a tick is no value
        return False
    filled = {row[column.index].strip() for row in sample.rows if column.index < len(row)} - {""}
    return bool(filled) and filled <= _TICKS


def _fact(column: Column, ruleset: Ruleset) -> int:
    """Return the health recognizer that a column has or that its header names, −1 for none."""
    if column.recognizer >= 0:
        return column.recognizer if ruleset.recognizers[column.recognizer].kind is Kind.HEALTH else -1
    refs = guess.diseases(column.header, ruleset) if guess.of_fact(column.header) else []
    return refs[0].recognizer if refs else -1
