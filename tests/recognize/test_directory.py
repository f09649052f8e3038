"""Who works on something is no patient: entries of directories, tickets, commits."""

from __future__ import annotations

import pytest

from phiscan.fold import fold
from phiscan.model import Kind, Role
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath

ENTRY = """\
dn: cn=Karine LUCAS,ou=VIH,dc=ch,dc=example
sn: LUCAS
givenName: Karine
title: Infirmière en alcoologie
departmentNumber: Centre VIH et hépatites
memberOf: cn=GG_VIH_Lecture,ou=groupes,
  ou=VIH
mail: klucas@ch.example
"""
CARD = """\
BEGIN:VCARD
FN:Karine LUCAS
ORG:CH de Vannes;Centre VIH
TITLE:Secrétaire du centre VIH
EMAIL:klucas@ch.example
END:VCARD
"""
DOCTOR = """\
BEGIN:VCARD
N:LUCAS;Karine;;Dr;
FN:Dr Karine LUCAS
BDAY:1972-05-03
TITLE:Oncologue
NOTE:{}
END:VCARD
"""
TICKET = "cle: DPI-14\n{}:\n  nom: FAUVEL\n  prenom: Jérôme\n{}resume: VIH positif non masqué\n"
PATIENT = "patient:\n  nom: LUCAS\n  prenom: Karine\n  date_naissance: 12/03/1974\n"


def facts(shipped: Ruleset, text: str) -> list[str]:
    found = TextPath(shipped).find(fold(text))
    kinds = [(shipped.recognizers[span.recognizer], span) for span in found.spans]
    return [text[span.start : span.end] for one, span in kinds if one.kind is Kind.HEALTH]


def patients(shipped: Ruleset, text: str) -> list[str]:
    found = TextPath(shipped).find(fold(text))
    kinds = [(shipped.recognizers[span.recognizer], span) for span in found.spans]
    names = [span for one, span in kinds if one.category == "person_name" and span.role in (None, Role.PATIENT)]
    return [text[span.start : span.end] for span in names]


ASKED = ["Consultation VIH le mardi", "Avis cancer du sein : appeler le secrétariat", "Référente autisme"]


@pytest.mark.parametrize("text", [ENTRY, CARD, *map(DOCTOR.format, ASKED)])
def test_where_somebody_works_is_no_fact(shipped: Ruleset, text: str) -> None:
    assert facts(shipped, text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{ENTRY}description: séropositive VIH\n", ["séropositive VIH"]),
        (CARD.replace("EMAIL", "NOTE:séropositive VIH\nEMAIL"), ["séropositive VIH"]),
        (DOCTOR.format("cancer du sein en 2021"), ["cancer du sein"]),
        (DOCTOR.format("Consultation VIH, patiente séropositive VIH"), ["VIH", "séropositive VIH"]),
        (CARD.replace("EMAIL", "NOTE:Consultation VIH le mardi\nEMAIL"), ["VIH"]),
        (ENTRY.replace("ou=VIH,dc", "ou=patients VIH,dc"), ["VIH"]),
        ("title: Centre VIH\nmail: klucas@ch.example\n", ["VIH"]),
    ],
)
def test_what_is_said_of_them_is(shipped: Ruleset, text: str, found: list[str]) -> None:
    assert "".join(facts(shipped, text)).replace(" ", "") == "".join(found).replace(" ", "")


@pytest.mark.parametrize(
    "who", ["assignee", "reporter", "committer", "owner", "uploader", "rapporteur", "assigné", "created_by", "auteur"]
)
def test_who_works_on_a_ticket_is_no_patient(shipped: Ruleset, who: str) -> None:
    assert patients(shipped, TICKET.format(who, "")) == []
    assert facts(shipped, TICKET.format(who, "")) == ["VIH"]
    assert patients(shipped, TICKET.format(who, PATIENT)) == ["LUCAS", "Karine"]


def test_a_heading_of_a_form_reaches_as_far_as_before(shipped: Ruleset) -> None:
    form = "MÉDECIN TRAITANT\nNom : FAUVEL\nPrénom : Jérôme\n\nPATIENT\nNom : LUCAS\nPrénom : Karine\n"
    assert patients(shipped, form) == ["LUCAS", "Karine"]


@pytest.mark.parametrize("last", ["NOMPATIENT", "NOM_PATIENT", "TEST", "XXXX"])
def test_placeholders_of_a_specification_are_nobody(shipped: Ruleset, last: str) -> None:
    rows = "| P.5 | Nom | {} |\n| P.7 | Date de naissance | 19700101 |\n| OBX.5 | Sérologie VIH | Négatif |\n"
    assert patients(shipped, rows.format(last)) == []
    assert patients(shipped, rows.format("LUCAS")) == ["LUCAS"]
