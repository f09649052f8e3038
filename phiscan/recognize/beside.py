"""What a column is because of those beside it: keys by numbers, surnames by given names, towns by postcodes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile

from phiscan.model import Kind, Role
from phiscan.recognize import contents, guess, validators
from phiscan.recognize.bare import find_bare
from phiscan.recognize.care import facts_of_patients, measured, results
from phiscan.recognize.cells import shape_of
from phiscan.recognize.contents import share
from phiscan.recognize.few import few_people
from phiscan.recognize.headers import key, tokens
from phiscan.recognize.plan import Column, Plan, Sample
from phiscan.recognize.recognizer import COLUMN, FIELD
from phiscan.recognize.remarks import find_remarks, of_care
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.terms import normal
from phiscan.recognize.ticks import ticked
from phiscan.recognize.trades import find_trades
from phiscan.recognize.work import find_work, find_writers

_MANY_INSURED, _FEW_INSURED = 20, 5
_INSURED = re.compile(r"[12][0-9]{2}(?:0[1-9]|1[0-2])(?:[0-9]{2}|2[AB])[0-9]{6}")


def relate(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Complete a plan by what stands side by side."""
    _numbers_and_keys(plan, sample, ruleset)
    _towns(plan, sample, ruleset)
    _given_and_family(plan, sample, ruleset)
    _neighbours(plan, sample, ruleset)
    _whole_names(plan, sample, ruleset)
    _maiden(plan, sample, ruleset)
    _births_and_exams(plan, sample, ruleset)
    _blood_in_two(plan, sample, ruleset)
    _bare_groups(plan, sample, ruleset)
    few_people(plan, sample, ruleset)
    find_work(plan, sample, ruleset)
    ticked(plan, sample, ruleset)
    if plan.of_patient(ruleset):
        facts_of_patients(plan, sample, ruleset)
    measured(plan, sample, ruleset)
    results(plan, sample, ruleset)
    find_writers(plan, sample, ruleset)
    _directory(plan, ruleset)
    unread = find_trades(plan, sample, ruleset)
    find_bare(plan, sample, ruleset)
    if plan.of_patient(ruleset) or of_care(plan, ruleset):
        find_remarks(plan, sample, ruleset)
    for column in unread:  # its header is no context either
        column.header, column.clinical = "", False


def _numbers_and_keys(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """A column of thirteen digits built like NIR is one, all the more with their keys in a column beside it.

    Half of all thirteen-digit numbers could be a NIR; nearly all of a column that begin with 1 or 2 and go on with
    a year and a month are.
    """
    nir = next((r.index for r in ruleset.recognizers if "key" in r.file.fields.parts), -1)
    if nir < 0:
        return
    known = plan.of(ruleset, "nir", "")
    named = any(column.role is Role.PATIENT for column in plan.of(ruleset, "person_name"))
    for column in plan.columns:
        bare = [re.sub(r"[ .\-]", "", value) for value in sample.values[column.index]]
        if known or not column.free or not (_insured(bare) or (named and _insured_few(bare))):
            continue
        column.give(nir)
        known = [column]
    if plan.of(ruleset, "nir", "key"):
        return
    for column in known:
        for index in (column.index + 1, column.index - 1):
            if not 0 <= index < len(plan.columns) or _keys(sample.rows, column.index, index) < 0.8:
                continue
            if plan.columns[index].recognizer < 0:
                plan.columns[index].give(nir, "key")
                break


def _insured(bare: list[str]) -> bool:
    return len(bare) >= _MANY_INSURED and share(bare, _INSURED.fullmatch) >= 0.9


def _insured_few(bare: list[str]) -> bool:
    """Whether few numbers are NIR beside names: all are built so, and born at different times, as no codes of goods."""
    various = len({value[:5] for value in bare}) * 5 >= len(bare) * 4
    return len(bare) >= _FEW_INSURED and various and share(bare, _INSURED.fullmatch) == 1.0


def _keys(rows: Sequence[Sequence[str]], number: int, key: int) -> float:
    """The share of rows in which one column's key fits the other's number."""
    pairs = [(row[number].strip(), row[key].strip()) for row in rows if max(number, key) < len(row)]
    pairs = [(a, b) for a, b in pairs if a and b]
    fitting = sum(len(b) <= 2 and validators.nir(a + b.rjust(2, "0")) for a, b in pairs)
    return fitting / len(pairs) if pairs else 0.0


_TOWNS = 8  # towns of patients; fewer are the sites of an establishment


def _towns(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Postcodes beside towns or streets, and towns beside them. Neither is one alone, nor are towns called names."""
    index = next((r.index for r in ruleset.recognizers if "postcode" in r.file.fields.parts), -1)
    if index < 0:
        return
    for column in plan.columns:
        values = sample.values[column.index]
        if _misnamed(column, ruleset) and contents.settled(values) and (len(values) >= _TOWNS or not column.free):
            column.give(index, "city")
    for column in plan.columns:
        if column.recognizer >= 0 or column.system or not contents.postcodes(sample.values[column.index]):
            continue
        near = [plan.columns[at] for at in (column.index + 1, column.index - 1) if 0 <= at < len(plan.columns)]
        for other in near:
            if (
                other.free
                and _placelike(sample.values[other.index])
                and share(sample.values[other.index], contents.town) >= 0.3
            ):
                other.give(index, "city")
                break
        if any(other.recognizer == index for other in near):
            column.give(index, "postcode")


def _misnamed(column: Column, ruleset: Ruleset) -> bool:
    """Whether a column is free, or has a header that only says that names stand in it."""
    if column.free:
        return True
    return column.recognizer >= 0 and ruleset.recognizers[column.recognizer].category == "person_name"


def _placelike(values: list[str]) -> bool:
    plain = share(values, lambda v: all(c.isalpha() or c.isdigit() or c in " '-./()" for c in v) and v[:1].isalpha())
    return len(values) >= 2 and plain >= 0.9 and contents.first_names(values) < 0.4 and not contents.coded(values)


def _given_and_family(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """NOM over given names beside PRENOM over surnames: the headers stand the wrong way round."""
    for left, right in pairwise(plan.columns):
        if left.recognizer != right.recognizer or {left.part, right.part} != {"last_name", "first_name"}:
            continue
        last, first = (left, right) if left.part == "last_name" else (right, left)
        in_last, in_first = (contents.first_names(sample.values[c.index]) for c in (last, first))
        if len(sample.values[last.index]) >= 5 and in_last >= 0.7 and in_first <= 0.35:
            last.part, first.part = first.part, last.part


def _neighbours(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """Columns of single words beside first names hold the surnames: that in use, and the sparser one that of birth."""
    firsts = [column for column in plan.of(ruleset, "person_name", "first_name") if column.role is Role.PATIENT]
    if not firsts or any(c.role is Role.PATIENT for c in plan.of(ruleset, "person_name", "last_name")):
        return
    for first in firsts:
        for near in ((first.index - 1, first.index - 2), (first.index + 1, first.index + 2)):
            found = list(takewhile(lambda at: _surnames(plan, at, sample.values, ruleset), near))
            if found:
                found.sort(key=lambda at: -sample.filled(at))
                for at, part in zip(found, ("last_name", "birth_name"), strict=False):
                    plan.columns[at].give(first.recognizer, part)
                return
    first = firsts[0]
    for at in sorted(range(len(plan.columns)), key=lambda at: abs(at - first.index)):  # set apart: NOM, CIV, PRENOM
        various = len(sample.values[at]) * 2 >= min(sample.filled(at), 400)
        if (
            at != first.index
            and various
            and plan.columns[at].free
            and _surnames(plan, at, sample.values, ruleset)
            and not contents.settled(sample.values[at])
        ):
            plan.columns[at].give(first.recognizer, "last_name")
            return


# Headers under which a list of colleagues or students tells what they deal with; of patients it tells where they lie.
_OF_STAFF = frozenset(
    "service services unite pole equipe groupe commission mission missions referent referents referente titre sujet"
    " these memoire publication article theme projet activite activites action actions tache taches objectif objectifs"
    " atelier discipline domaine".split()
)


def _whole_names(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """NOM over surname and given name in one cell, with no column of given names beside it."""
    if any(column.role is Role.PATIENT for column in plan.of(ruleset, "person_name", "first_name")):
        return
    if any(guess.of_trade(column.header) for column in plan.columns):
        return  # names of roses, loaves and boats
    for column in plan.of(ruleset, "person_name", "last_name"):
        if column.role is not Role.PATIENT or not contents.whole_names(sample.values[column.index]):
            continue
        column.part = ""
        if not plan.of_patient(ruleset):
            for other in plan.columns:
                other.work = other.work or not _OF_STAFF.isdisjoint(tokens(other.header))


def _maiden(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """A sparse column of surnames right beside the names in use, without a header that tells: the names at birth."""
    last = [column for column in plan.of(ruleset, "person_name", "last_name") if column.role is Role.PATIENT]
    if len(last) != 1 or plan.of(ruleset, "person_name", "birth_name"):
        return
    for at in (last[0].index + 1, last[0].index - 1, last[0].index + 2):
        if not 0 <= at < len(plan.columns) or not plan.columns[at].free:
            continue
        filled, values = sample.filled(at), sample.values[at]
        sparse = 3 <= filled <= 0.7 * sample.filled(last[0].index) and len(values) * 2 >= filled
        if sparse and _surnames(plan, at, sample.values, ruleset) and not contents.settled(values):
            plan.columns[at].give(last[0].recognizer, "birth_name")
            return


def _surnames(plan: Plan, at: int, values: Sequence[list[str]], ruleset: Ruleset) -> bool:
    """Whether a column can hold surnames: it has no role, or that of a full name, and holds single words."""
    if not 0 <= at < len(plan.columns) or len(values[at]) < 3 or plan.columns[at].skip:
        return False
    column = plan.columns[at]
    whole_name = column.recognizer >= 0 and not column.part and (
        ruleset.recognizers[column.recognizer].category == "person_name"
    )
    if (column.recognizer >= 0 and not whole_name) or column.system:
        return False
    fit = share(values[at], lambda v: len(v) > 1 and all(c.isalpha() or c in " '-." for c in v))
    return (
        fit >= 0.9 and share(values[at], lambda value: len(value.split()) <= 3) >= 0.9 and not _codes_only(values[at])
    )


def _codes_only(values: list[str]) -> bool:
    """Whether a column holds a few short codes, such as F and M, rather than names."""
    return len(set(values)) <= 6 and share(values, lambda value: len(value) <= 3) >= 0.8


def _births_and_exams(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """A birth date's header over dates of the last years, beside births without one: it stands over the wrong one."""
    named = [c for c in plan.of(ruleset, "birth_date") if c.evidence & FIELD and c.role is Role.PATIENT]
    proven = [c for c in plan.of(ruleset, "birth_date") if not c.evidence & FIELD]
    exam = next(
        (r.index for r in ruleset.recognizers if r.category == "exam_date" and r.file.fields.values == "date"), -1
    )
    for column in named:
        if proven and exam >= 0 and contents.recent(sample.values[column.index]):
            column.give(exam, evidence=FIELD)
    for other in plan.of(ruleset, "exam_date"):
        wrong = [c for c in named if contents.recent(sample.values[c.index])]
        if len(wrong) == 1 and not proven and contents.births(sample.values[other.index]):
            birth, other_index = wrong[0].recognizer, other.recognizer
            other.give(birth, evidence=FIELD)
            wrong[0].give(other_index, evidence=FIELD)


_ABO = {"A", "B", "AB", "O", "0"}
_SURE, _LONE = {"AB", "O", "0"}, {"P", "N"}  # groups A and B beside yes and no are any class's
_RHESUS = {"+", "-", "POS", "NEG", "POSITIF", "NEGATIF", "P", "N", "RH+", "RH-", "D+", "D-"}


def _blood_in_two(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """A column of A, B, AB and O beside one of + and − is a blood group, whatever the headers say."""
    index = next((r.index for r in ruleset.recognizers if {"abo", "rh"} <= r.file.fields.parts.keys()), -1)
    if index < 0:
        return
    for left, right in pairwise(plan.columns):
        for abo, rhesus in ((left, right), (right, left)):
            groups, signs = ({value.upper() for value in sample.values[column.index]} for column in (abo, rhesus))
            if any(_of_another_fact(column, ruleset) for column in (abo, rhesus)):
                continue
            if len(groups) >= 2 and groups <= _ABO and signs and signs <= _RHESUS and (groups & _SURE or signs - _LONE):
                for column, part in ((abo, "abo"), (rhesus, "rh")):
                    column.give(index, part, column.evidence or COLUMN)


def _of_another_fact(column: Column, ruleset: Ruleset) -> bool:
    """Whether a header names another fact: positive under VIH is no rhesus, though groups stand beside it."""
    recognizer = ruleset.recognizers[column.recognizer] if column.recognizer >= 0 else None
    return recognizer is not None and recognizer.kind is Kind.HEALTH and recognizer.category != "blood_group"


_BARE = {"groupe", "groupes"}  # of blood, and of a class, a tariff, a workshop


def _bare_groups(plan: Plan, sample: Sample, ruleset: Ruleset) -> None:
    """A header that says no more than `Groupe` says blood where its values do, or what else stands in the table."""
    bare = [column for column in plan.of(ruleset, "blood_group", "") if key(column.header) in _BARE]
    others = [
        column for column in plan.of(ruleset, "blood_group") if column not in bare and _shaped(column, sample, ruleset)
    ]
    hospital = any(plan.of(ruleset, category) for category in ("ins", "patient_id"))
    for column in bare:
        values = sample.values[column.index]
        if values and not (others or hospital or contents.bare_groups(values, sample.filled(column.index))):
            column.give(-1, evidence=0)


def _shaped(column: Column, sample: Sample, ruleset: Ruleset) -> bool:
    """Whether cells are what the header says: RH is human resources too."""
    return share(sample.values[column.index], lambda v: shape_of(ruleset.recognizers[column.recognizer], v)) >= 0.3


_FIRMS = {
    "siret", "siren", "nsiret", "nsiren", "nosiret", "nosiren", "numsiret", "numsiren", "raisonsociale",
    "formejuridique", "codeape", "codenaf", "tvaintracom", "tvaintracommunautaire", "ntvaintracommunautaire",
}  # fmt: skip
_SUPPLIERS = {"fournisseur", "fournisseurs", "fabricant", "fabricants", "prestataire", "prestataires", "distributeur"}
_PATIENT = ("nir", "ins", "birth_date", "patient_id")


def _directory(plan: Plan, ruleset: Ruleset) -> None:
    """A table with the numbers of professionals or firms and nothing of a patient's: the names are theirs.

    So are those of suppliers' contacts, where nobody else is named.
    """
    headers = {re.sub("[^a-z]", "", normal(column.header)) for column in plan.columns}
    named = any(column.role is Role.PATIENT for column in plan.of(ruleset, "person_name"))
    firms = bool(headers & _FIRMS) or (bool(headers & _SUPPLIERS) and not named)
    if not firms and not any(plan.of(ruleset, category) for category in ("rpps", "adeli", "finess")):
        return
    if any(column.role is Role.PATIENT for category in _PATIENT for column in plan.of(ruleset, category)):
        return
    for column in plan.columns:
        column.role = Role.PROFESSIONAL
