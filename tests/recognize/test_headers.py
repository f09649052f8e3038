"""Headers: what a name over a column, or a label, leads to, and whose value it announces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.model import Role
from phiscan.recognize.headers import FieldRef, HeaderIndex, key, tokens
from phiscan.recognize.ruleset import Ruleset


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NUM_SECU", ("n", "secu")),
        ("N° sécu", ("n", "secu")),
        ("No Sécu.", ("n", "secu")),
        ("numéro de sécu", ("n", "secu")),
        ("DateNaiss", ("date", "naiss")),
        ("DATENAISS", ("datenaiss",)),
        ("date de naissance (JJ/MM/AAAA)", ("date", "naissance", "jj", "mm", "aaaa")),
        ("né(e) le", ("ne",)),
        ("Prénom(s)", ("prenom",)),
        ("nom d'usage", ("nom", "usage")),
        ("num_secu*", ("n", "secu*")),
        ("  ", ()),
        ("°", ("o",)),
        ("Nº dossier", ("n", "dossier")),
        ("№", ("n",)),
    ],
)
def test_the_words_of_a_name(name: str, words: tuple[str, ...]) -> None:
    assert tokens(name) == words
    assert key(name) == "".join(words)


@given(st.text(max_size=80))
def test_any_name_has_words_of_letters_and_digits(name: str) -> None:
    assert all(word and set(word) <= set("abcdefghijklmnopqrstuvwxyz0123456789*") for word in tokens(name))


def index() -> HeaderIndex:
    made = HeaderIndex()
    made.add("nom", FieldRef(0, "last_name"))
    made.add("prenom", FieldRef(0, "first_name"))
    made.add("nom_medecin", FieldRef(1, "last_name"))
    made.add("medecin", FieldRef(1, ""))
    made.add("num_secu*", FieldRef(2, ""))
    made.add("num_secu_conjoint*", FieldRef(3, ""))
    made.add("date*exam", FieldRef(4, ""))
    made.add("tel", FieldRef(5, ""))
    made.add("tel", FieldRef(5, ""))
    made.add("tel", FieldRef(6, ""))
    made.add_role(Role.PROFESSIONAL, ["medecin*", "dr", "med"])
    made.add_role(Role.RELATIVE, ["mere", "personne a prevenir"])
    made.freeze()
    return made


PATIENT, RELATIVE, PROFESSIONAL = Role.PATIENT, Role.RELATIVE, Role.PROFESSIONAL


@pytest.mark.parametrize(
    ("name", "refs", "role"),
    [
        ("NOM", [(0, "last_name")], PATIENT),
        ("Nom :", [(0, "last_name")], PATIENT),
        ("NOM_MEDECIN", [(1, "last_name")], PROFESSIONAL),
        ("NomMedecin", [(1, "last_name")], PROFESSIONAL),
        ("PRENOM_MEDECIN", [(0, "first_name")], PROFESSIONAL),
        ("Prénom du médecin traitant", [], PROFESSIONAL),
        ("Tél. de la mère", [(5, ""), (6, "")], RELATIVE),
        ("Tél personne à prévenir", [], RELATIVE),
        ("TEL_MED", [(5, ""), (6, "")], PROFESSIONAL),
        ("MEDICAMENT", [], PATIENT),
        ("NUM_SECU", [(2, "")], PATIENT),
        ("N° sécu. soc. assuré", [(2, "")], PATIENT),
        ("num_secu_conjoint_2", [(3, "")], PATIENT),
        ("Date d'un exam", [(4, "")], PATIENT),
        ("nomade", [], PATIENT),
        ("", [], PATIENT),
        ("mère", [], RELATIVE),
    ],
)
def test_what_a_name_leads_to(name: str, refs: list[tuple[int, str]], role: Role) -> None:
    made = index()
    assert made.find(name) == (tuple(FieldRef(*ref) for ref in refs), role)
    assert made.find(name) == made.find(name)
    assert made.known(name) is bool(refs)


def test_without_globs_nothing_matches_everything() -> None:
    made = HeaderIndex()
    made.add("nom", FieldRef(0, ""))
    made.freeze()
    assert made.find("prenom") == ((), PATIENT)
    assert made.labels() == {"nom"}


@given(st.text(max_size=100))
def test_any_name_is_answered(ruleset: Ruleset, name: str) -> None:
    refs, role = ruleset.headers.find(name)
    assert all(-1 <= ref.recognizer < len(ruleset.recognizers) for ref in refs)
    assert role in Role


def test_the_longest_words_say_whose_it_is() -> None:
    made = HeaderIndex()
    made.add_role(Role.PROFESSIONAL, ["responsable"])
    made.add_role(Role.RELATIVE, ["responsable legal"])
    assert [made.role(name).name for name in ("Responsable", "Nom responsable légal")] == ["PROFESSIONAL", "RELATIVE"]


def test_the_roles_of_the_ruleset(ruleset: Ruleset) -> None:
    headers = ruleset.headers
    assert [headers.role(name).name for name in ("NOM", "NOM_PRESCRIPTEUR", "Nom du père", "Dr", "DRAP")] == [
        "PATIENT",
        "PROFESSIONAL",
        "RELATIVE",
        "PROFESSIONAL",
        "PATIENT",
    ]
