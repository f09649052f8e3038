"""The notations of the 20,000-row tables: how eight imagined laboratory programs would export one patient file.

A `Layout` names its columns as that program's author would have, and says for each what stands in it (a role that
`tests.generate.tables` knows how to write).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One export: its bytes (encoding, separators) and its columns as (label, role)."""

    name: str  # the file's name
    encoding: str
    columns: tuple[tuple[str, str], ...]
    delimiter: str = ""  # "" for fixed width
    widths: tuple[int, ...] = ()  # of a fixed-width file; the last column runs to the end of its line
    header: bool = True
    quoting: Literal[0, 1, 3] = csv.QUOTE_NONE
    birth: str = "%d/%m/%Y"
    ragged: bool = False  # empty cells at the end left out, stray separators and quotes in remarks
    newline: str = "\r\n"

    @property
    def wide(self) -> bool:
        """Whether names beyond cp1252 can be written."""
        return self.encoding.startswith("utf")


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    """Parse `label = role` lines."""
    pairs = (line.partition(" = ") for line in filter(None, map(str.strip, text.splitlines())))
    return tuple((label.strip(), role.strip()) for label, _, role in pairs)


_FIXED = (
    ("NODOSS", "serial", 8),
    ("NOSECU", "nir13", 14),
    ("CL", "key", 3),
    ("NOMPAT", "birth_name_always", 32),
    ("NOMMARI", "used_if_other", 32),
    ("PRENPAT", "given", 26),
    ("NEELE", "birth", 11),
    ("X", "sex", 2),
    ("RUE", "street", 36),
    ("CPOST", "postcode", 6),
    ("LOCALITE", "town", 24),
    ("TELPH", "phone", 11),
    ("GRP", "abo", 4),
    ("R", "rhesus", 2),
    ("DTPREL", "visit", 11),
    ("REMARQUES", "comment", 0),
)

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        name="utf8_semicolon.csv",
        encoding="utf-8",
        delimiter=";",
        quoting=csv.QUOTE_MINIMAL,
        columns=_columns("""
            Id patient = serial
            N° SS = nir15_spaced
            Civ. = title
            Nom d'usage = used
            Nom de naissance = birth_name
            Prénom = given
            Né(e) le = birth
            Sexe = sex
            Adresse = street
            Code postal = postcode
            Commune = town
            Téléphone = phone_spaced
            Mobile = mobile_spaced
            Courriel = email
            Groupe sanguin = blood
            Dernier passage = visit
            Médecin traitant = doctor
            Observations = comment
            Caisse = office
        """),
    ),
    Layout(
        name="utf8_bom_comma.csv",
        encoding="utf-8-sig",
        delimiter=",",
        quoting=csv.QUOTE_ALL,
        birth="%Y-%m-%d",
        newline="\n",
        columns=_columns("""
            patientId = serial
            numeroSecu = nir13
            cleSecu = key
            nomPatient = used
            prenomPatient = given
            nomJeuneFille = birth_name
            dateNaissance = birth
            sexe = sex
            adresse1 = street
            codePostal = postcode
            ville = town
            telDomicile = phone
            telPortable = mobile
            mail = email
            abo = abo
            rhesus = rhesus
            serologieVih = hiv_code
            dateDerniereVenue = visit
            prescripteur = doctor
            commentaires = comment
        """),
    ),
    Layout(
        name="utf16_tab.txt",
        encoding="utf-16",
        delimiter="\t",
        birth="%d%m%Y",
        columns=_columns("""
            PAT_NUM = serial
            PAT_NSS = nir15
            PAT_NOM = used
            PAT_NOM_NAIS = birth_name_always
            PAT_PRENOM = given
            PAT_DDN = birth
            PAT_SEXE = sex
            PAT_RUE = street
            PAT_CP = postcode
            PAT_LOCALITE = town
            PAT_TEL1 = phone
            PAT_TEL2 = mobile
            PAT_MEL = email
            PAT_GS = blood_word
            PAT_NOTES = comment
            DOS_DATE = visit
            DOS_PRESC = doctor
        """),
    ),
    Layout(
        name="cp1252_pipe.txt",
        encoding="cp1252",
        delimiter="|",
        birth="%Y%m%d",
        ragged=True,
        columns=_columns("""
            matricule = nir13
            nomfam = birth_name_always
            nomusage = used_if_other
            prenoms = all_given
            datnai = birth
            sx = sex
            rue = street
            cpost = postcode
            bdist = town
            tfixe = phone
            tport = mobile
            grp = abo
            rhd = rhesus_word
            gross = pregnancy_code
            medecin = doctor
            remarq = comment
            op = flag
            mod = flag
        """),
    ),
    Layout(
        name="cp850_semicolon_noheader.txt",
        encoding="cp850",
        delimiter=";",
        header=False,
        birth="%d.%m.%Y",
        columns=_columns("""
            serial = serial
            nir = nir15
            title = title
            used = used
            birth name = birth_name
            given = given
            birth = birth
            street = street
            postcode = postcode
            town = town
            phone = phone
            mail = email
            blood = blood
            visit = visit
            comment = comment
        """),
    ),
    Layout(
        name="fixed_header.txt",
        encoding="cp1252",
        birth="%d-%m-%Y",
        columns=tuple((label, role) for label, role, _ in _FIXED),
        widths=tuple(width for _, _, width in _FIXED),
    ),
    Layout(
        name="fixed_noheader.dat",
        encoding="cp850",
        header=False,
        birth="%d%m%Y",
        columns=tuple((label, role) for label, role, _ in _FIXED),
        widths=tuple(width for _, _, width in _FIXED),
    ),
    Layout(
        name="utf8_semicolon_labels.csv",
        encoding="utf-8",
        delimiter=";",
        quoting=csv.QUOTE_ALL,
        birth="%d/%m/%y",
        columns=_columns("""
            Numéro d'immatriculation = nir13_spaced
            Clé = key
            Nom de famille = birth_name_always
            Nom marital = used_if_other
            1er prénom = given
            Jour de naissance = birth
            Genre = sex
            N° et voie = street
            CP = postcode
            Localité = town
            Tél. personnel = phone_dotted
            Groupe ABO = abo
            Facteur Rh = rhesus_word
            Prélevé le = visit
            Docteur = doctor
            Note secrétariat = comment
            Note préleveur = note
        """),
    ),
)
