"""A small ruleset of the tests' own, so that they do not hang on what the shipped recognizers happen to find."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from phiscan.fold import fold
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.recognizer import Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import Found, TextPath

EXAMPLES = "examples: {match: [a, b, c], no_match: [a, b, c]}\n"  # the tests of the engine prove more than these could


def recognizer(name: str, category: str, body: str) -> str:
    """Return the YAML of a recognizer of the tests."""
    return f"""\
id: {name}
version: 1
category: {category}
entity: {name.upper().replace(".", "_")}
title: {{fr: {category}, en: {category}}}
{EXAMPLES}{body}"""


FILES = {
    "roles.yaml": "professional: [medecin*, dr, prescripteur*, service]\nrelative: [mere, pere, conjoint*]\n",
    "codes.yaml": r"""
systems:
  cim10:
    pattern: '(?<![A-Za-z0-9.]) [A-Z][0-9]{2} (?: \.?[0-9]{1,3} )? (?![A-Za-z0-9])'
    headers: [cim10, code_cim*]
    context: ["cim 10", cim10, "code cim"]
  atc:
    pattern: '(?<![A-Za-z0-9]) [A-Z][0-9]{2}[A-Z]{2}(?:[0-9]{2})? (?![A-Za-z0-9])'
    headers: [atc, code_atc]
    context: [atc]
""",
    "identity/nir.yaml": recognizer(
        "fr.nir",
        "nir",
        r"""
patterns:
  shape: |
    (?<![0-9A-Za-z]) [123478] [ ]?[0-9]{2} [ ]?(?:0[1-9]|1[0-2]|[23][0-9]|4[0-2]|[5-9][0-9])
    [ ]?(?:[0-9]{2}|2[AB]) [ ]?[0-9]{3} [ ]?[0-9]{3} [ ]?[0-9]{2} (?![0-9A-Za-z])
  thirteen: |
    (?<![0-9A-Za-z]) [123478][0-9]{12} (?![0-9A-Za-z])
validator: nir
context: {words: [nir, secu*], window: 40}
fields:
  headers: [nir, num_secu*, "n° sécu*"]
  parts: {key: [cle, cle_nir]}
score: {shape+valid+context: 0.95, field+valid: 0.95, field+shape: 0.6, column: 0.9, shape+valid: 0.4}
""",
    ),
    "identity/patient_id.yaml": recognizer(
        "fr.patient_id",
        "patient_id",
        r"""
patterns:
  label: |
    (?<![A-Za-z]) IPP [ ]?:?[ ]? (?P<value> [0-9]{5,12} ) (?![0-9A-Za-z])
validator: local_id
fields: {headers: [ipp, patient_id]}
score: {shape+valid: 0.75, field+valid: 0.85}
""",
    ),
    "identity/name.yaml": recognizer(
        "fr.person_name",
        "person_name",
        r"""
validator: person_part
fields:
  headers: [patient, nom_prenom]
  parts:
    last_name: [nom, nom_usuel]
    birth_name: [nom_naissance]
    first_name: [prenom, "prénom(s)"]
  values: name
score: {field+valid: 0.85, column: 0.6}
""",
    ),
    "identity/civility.yaml": recognizer(
        "fr.person_name.civility",
        "person_name",
        r"""
patterns:
  civility: |
    (?<![A-Za-z0-9]) (?: Mme | Mlle | Madame | Monsieur ) [ ]
    (?P<value> [A-Z][A-Za-z'\-]{1,24} (?: [ ][A-Z][A-Za-z'\-]{1,24} ){1,3} ) (?![A-Za-z])
validator: person_part
score: {shape+valid: 0.75}
""",
    ),
    "identity/bare.yaml": recognizer(
        "fr.person_name.bare",
        "person_name",
        r"""
anchor: false
patterns:
  bare: |
    (?<![A-Za-z]) [A-Z]{3,24} [ ] [A-Z][a-z]{2,24} (?![A-Za-z])
validator: name_person
score: {shape+valid: 0.6}
""",
    ),
    "identity/birth_date.yaml": recognizer(
        "fr.birth_date",
        "birth_date",
        r"""
patterns:
  born: |
    (?<![A-Za-z]) nee?[ ]le[ ] (?P<value> [0-9]{2}/[0-9]{2}/[0-9]{4} ) (?![0-9])
validator: birth_date
fields: {headers: [ddn, date_naissance, "date de naissance"], values: date}
score: {shape+valid: 0.85, field+valid: 0.95, column: 0.6}
""",
    ),
    "identity/email.yaml": recognizer(
        "fr.email",
        "email",
        r"""
patterns:
  address: |
    (?<![A-Za-z0-9._@\-]) [A-Za-z0-9][A-Za-z0-9._\-]{0,40} @ [A-Za-z0-9][A-Za-z0-9.\-]{0,60} \.
    [a-z]{2,8} (?![A-Za-z0-9@])
validator: email
fields: {headers: [mail, email, courriel]}
score: {shape+valid: 0.6, field+valid: 0.9, column: 0.8}
""",
    ),
    "identity/phone.yaml": recognizer(
        "fr.phone",
        "phone",
        r"""
patterns:
  national: |
    (?<![0-9A-Za-z]) 0[1-9] (?: [ .\-]?[0-9]{2} ){4} (?![0-9A-Za-z])
validator: phone_fr
context: {words: [tel, portable], window: 30}
fields: {headers: [tel, telephone, portable]}
score: {shape+valid+context: 0.8, field+valid: 0.9, field+shape: 0.7, column: 0.7, shape+valid: 0.4}
""",
    ),
    "identity/address.yaml": recognizer(
        "fr.address",
        "address",
        r"""
anchor: false
patterns:
  whole: |
    (?<![0-9A-Za-z]) [0-9]{1,4}[ ]rue[ ][A-Za-z ]{2,40}?[ ,]{1,2}[0-9]{5}[ ][A-Z][a-zA-Z\-]{1,30} (?![A-Za-z])
fields:
  headers: [adresse]
  parts: {postcode: [cp], city: [ville]}
score: {shape: 0.6, field: 0.7}
""",
    ),
    "professional/practitioner.yaml": recognizer(
        "fr.practitioner",
        "practitioner",
        r"""
anchor: false
patterns:
  doctor: |
    (?<![A-Za-z0-9]) (?: Dr | Docteur ) [ ]
    (?P<value> [A-Z][A-Za-z'\-]{1,24} (?: [ ][A-Z][A-Za-z'\-]{1,24} ){0,2} ) (?![A-Za-z])
validator: person_part
fields:
  headers: [medecin, prescripteur]
  parts: {last_name: [nom_medecin], first_name: [prenom_medecin]}
  values: name
score: {shape+valid: 0.78, field+valid: 0.86}
""",
    ),
    "professional/rpps.yaml": recognizer(
        "fr.rpps",
        "rpps",
        r"""
patterns:
  shape: (?<![0-9A-Za-z]) [18][0-9]{10} (?![0-9A-Za-z])
validator: rpps
fields: {headers: [rpps]}
score: {field+valid: 0.9, column: 0.7}
""",
    ),
    "health/hiv.yaml": recognizer(
        "health.hiv",
        "hiv",
        r"""
terms: [vih*, "VIH+", "=SIDA", seropositi*, "charge virale", "sœur de charité"]
weak: ["=CV", hiv]
exclude: ["lutte contre le vih"]
reject_near: {words: [brochure], window: 30}
context: {words: [copies, depistage], window: 40}
codes: {cim10: [B20, Z21], atc: [J05AR]}
fields: {headers: [vih, serologie_vih, hiv], values: coded}
score: {term: 0.8, weak+context: 0.6, code: 0.8, field+shape: 0.8, field: 0.6}
""",
    ),
    "health/blood_group.yaml": recognizer(
        "health.blood_group",
        "blood_group",
        r"""
anchor: false
patterns:
  short: |
    (?<![A-Za-z0-9+\-]) (?: AB | A | B | O ) [ ]? (?: \+ | - | POS | NEG ) (?![A-Za-z0-9+])
context: {words: ["groupe sanguin", gs, transfus*], window: 40}
fields: {headers: [groupe_sanguin, gs], parts: {abo: [abo], rh: [rh, rhesus]}}
score: {shape+context: 0.7, field+shape: 0.85, column: 0.6}
""",
    ),
    "health/diagnosis.yaml": recognizer(
        "health.diagnosis",
        "diagnosis",
        r"""
terms: [diabete*, asthme]
codes: {cim10: [E, J45]}
fields: {headers: [diagnostic, motif], values: text}
score: {term: 0.7, code: 0.8, field: 0.6}
""",
    ),
    "health/lab.yaml": recognizer(
        "health.lab",
        "lab_result",
        r"""
anchor: false
patterns:
  unit: |
    (?<![A-Za-z0-9.,]) [0-9]{1,5} (?: [.,][0-9]{1,2} )? [ ]? (?: mmol/L | g/L ) (?![A-Za-z0-9])
at_least: 3
score: {shape: 0.6}
""",
    ),
    "health/exam_date.yaml": recognizer(
        "health.exam_date",
        "exam_date",
        r"""
patterns:
  sampled: |
    (?<![A-Za-z]) (?i: preleve(?:e)?[ ]le ) [ ] (?P<value> [0-9]{2}/[0-9]{2}/[0-9]{4} ) (?![0-9])
fields: {headers: [date_prelevement, date_prel*], values: date}
score: {shape: 0.6, field: 0.65}
""",
    ),
}


def write(folder: Path, files: dict[str, str] | None = None) -> Path:
    """Write the small ruleset, with or instead of some files, into `folder`, and return it."""
    for name, content in {**FILES, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return folder


def loaded(folder: Path, files: dict[str, str] | None = None) -> Ruleset:
    """Return the small ruleset with or instead of some files."""
    return load_ruleset([write(folder, files)])


@cache
def small() -> Ruleset:
    """Return the small ruleset, read once."""
    with TemporaryDirectory() as folder:
        return loaded(Path(folder))


def of(ruleset: Ruleset, name: str) -> Recognizer:
    """Return the recognizer of this id."""
    return next(one for one in ruleset.recognizers if one.id == name)


def found(text: str, ruleset: Ruleset | None = None, *, everything: bool = False) -> list[tuple[str, str]]:
    """Return what the text path finds: the id of each recognizer and the text of its span, in order."""
    rules = ruleset or small()
    hits = find(text, rules, everything=everything)
    return [(rules.recognizers[span.recognizer].id, text[span.start : span.end]) for span in hits.spans]


def find(text: str, ruleset: Ruleset | None = None, *, everything: bool = False, trace: bool = False) -> Found:
    """Return the hits of the text path."""
    return TextPath(ruleset or small()).find(fold(text), everything=everything, trace=trace)
