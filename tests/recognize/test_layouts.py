"""Sheets that people lay out by hand: walls of cards, people all in one cell, a sheet or a block of rows for each."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from phiscan.fold import fold_str
from phiscan.link.numbers import Register
from phiscan.model import Table
from phiscan.recognize.overhead import Person, person_in
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.shape import shaped
from phiscan.recognize.table import read_table
from phiscan.tally import Tally
from tests.recognize.test_shape import rows_of
from tests.recognize.test_table import SEALER, cells_of, persons, table_of

IDENTITY = {"STRONG", "INEXACT", "person_name", "birth_date"}


def sheet(text: str, name: str = "Feuil1", cuts: tuple[int, ...] = ()) -> Table:
    return replace(table_of(cells_of(text), cuts), sheet_name=name, kind="sheet")


def read(table: Table, ruleset: Ruleset) -> Tally:
    tally = Tally()
    for one in shaped(table, ruleset):
        read_table(one, ruleset, SEALER, tally)
    return tally


def told(table: Table, ruleset: Ruleset) -> tuple[int, Counter[str]]:
    """Return how many people a table names, and of how many it tells which facts."""
    everybody = persons(read(table, ruleset))
    return len(everybody), Counter(fact for said in everybody.values() for fact in {*said} - IDENTITY)


def same(table: Table, ruleset: Ruleset) -> bool:
    """Whether a table is read as it is."""
    return [one is table for one in shaped(table, ruleset)] == [True]


# ---- people side by side, whatever else their rows say ----

CARE_PLAN = """\
Plan de soins - Unité des Roses;;;
;;;
Résident;M. NOIROT Armand;Mme POMMIER Huguette;Mme LABARRE Lucie
Date de naissance;02/03/1937;21/07/1944;17/05/1944
Chambre;101;102;103
GIR;4;3;1
Texture;Haché;Mixé;Normal
Matelas;-;air;air
Protection;Nuit;-;Complet
Comportement;-;-;Agressivité
Traitement écrasé;oui;non;oui
"""


def test_birth_dates_side_by_side_prove_a_turned_table(shipped: Ruleset) -> None:
    title, table = shaped(table_of(cells_of(CARE_PLAN)), shipped)
    assert rows_of(title) == [["Plan de soins - Unite des Roses"]]
    assert [row[:4] for row in rows_of(table)] == [
        ["M. NOIROT Armand", "02/03/1937", "101", "4"],
        ["Mme POMMIER Huguette", "21/07/1944", "102", "3"],
        ["Mme LABARRE Lucie", "17/05/1944", "103", "1"],
    ]
    assert told(table_of(cells_of(CARE_PLAN)), shipped)[1]["disability"] == 3


def test_names_side_by_side_need_no_label(shipped: Ruleset) -> None:
    _, table = shaped(table_of(cells_of(CARE_PLAN.replace("Résident;", ";"))), shipped)
    assert (table.names or ())[:2] == ("Nom et prenom du patient", "Date de naissance")
    assert told(table_of(cells_of(CARE_PLAN.replace("Résident;", ";"))), shipped)[1]["disability"] == 3


# ---- cards ----

ROOMS = """\
RESIDENCE DES ORMES - plan RDC;;;;;
Ch. 1;;Ch. 2;;Ch. 3;
M. HIRIART Kylian;;Mme ETCHART Ghislaine;;Mme KERVELLA Solange;
25/03/1940;;08/09/1935;;06/04/1935;
Alzheimer - fugueur;;SARM isolement contact;;Parkinson, verticalisateur;
;;;;;
Ch. 5;;Ch. 6;;Ch. 7;
M. FERRAND Baptiste;;M. FAUCHER Hervé;;Mme PICHON Huguette;
07/08/1931;;22/04/1935;;04/04/1940;
GIR 1 alitée;;diabétique;;;
"""


def test_cards_of_rooms_are_rows(shipped: Ruleset) -> None:
    title, table = shaped(sheet(ROOMS), shipped)
    assert rows_of(title) == [["RESIDENCE DES ORMES - plan RDC"]]
    assert rows_of(table) == [
        ["M. HIRIART Kylian", "25/03/1940", "Ch. 1 ; Alzheimer - fugueur"],
        ["M. FERRAND Baptiste", "07/08/1931", "Ch. 5 ; GIR 1 alitee"],
        ["Mme ETCHART Ghislaine", "08/09/1935", "Ch. 2 ; SARM isolement contact"],
        ["M. FAUCHER Herve", "22/04/1935", "Ch. 6 ; diabetique"],
        ["Mme KERVELLA Solange", "06/04/1935", "Ch. 3 ; Parkinson, verticalisateur"],
        ["Mme PICHON Huguette", "04/04/1940", "Ch. 7"],
    ]
    many, facts = told(sheet(ROOMS), shipped)
    assert (many, facts["infection"], facts["disability"]) == (6, 1, 2)


def test_cards_that_touch_one_another_and_have_no_birth_dates(shipped: Ruleset) -> None:
    text = """\
Chambre 1;Chambre 2;Chambre 3
Mme ETCHART Ghislaine;Mme KERVELLA Solange;M. FAUCHER Hervé
épilepsie;asthme;sous morphine
Chambre 4;Chambre 5;Chambre 6
Mme PICHON Huguette;M. FERRAND Baptiste;M. HIRIART Kylian
diabète;schizophrénie;rien
"""
    assert told(sheet(text), shipped)[0] == 6
    (table,) = shaped(sheet(text), shipped)
    assert rows_of(table)[1] == ["Mme PICHON Huguette", "", "Chambre 4 ; diabete"]


def test_cards_of_two_cells_the_second_of_several_lines(shipped: Ruleset) -> None:
    text = """\
Chambre 1;;Chambre 2;;Chambre 3
M. FERRAND Baptiste 24/01/1933 Alzheimer;;M. FAUCHER Hervé 07/01/1932 SARM;;Mme PICHON Huguette 12/05/1940 diabète
"""
    (table,) = shaped(sheet(text), shipped)
    assert rows_of(table) == [
        ["M. FERRAND Baptiste", "24/01/1933", "Chambre 1 ; Alzheimer"],
        ["M. FAUCHER Herve", "07/01/1932", "Chambre 2 ; SARM"],
        ["Mme PICHON Huguette", "12/05/1940", "Chambre 3 ; diabete"],
    ]


def test_two_columns_of_people_are_no_cards(shipped: Ruleset) -> None:
    rows = "".join(f"FERRAND Luc 2{at}/01/1933;asthme;FERRAND Anne 1{at}/01/1935\n" for at in range(5))
    (table,) = shaped(sheet("Patient;Motif;Conjoint\n" + rows), shipped)
    assert rows_of(table)[1] == ["", "asthme", "FERRAND Anne 10/01/1935", "FERRAND Luc", "20/01/1933"]


@pytest.mark.parametrize(
    "text",
    [
        # A staff: posts and telephones.
        "Mme ETCHART Ghislaine;;M. FAUCHER Hervé;;Mme PICHON Huguette\nCadre, addictologie;;IDE VIH;;Aide-soignante\n"
        "0243112233;;0243112234;;0243112235\n",
        # A list, names below one another.
        "Chambre;Nom\nCh. 1;Mme ETCHART Ghislaine\nCh. 2;M. FAUCHER Hervé\nCh. 3;Mme PICHON Huguette\n",
        # Two columns of them, as a seating plan has.
        "ETCHART Ghislaine;FAUCHER Hervé\nPICHON Huguette;FERRAND Baptiste\nLABARRE Lucie;HIRIART Kylian\n",
        # A family tree.
        "ETCHART Ghislaine;;FAUCHER Hervé;;PICHON Huguette\n12/03/1871;;01/02/1868;;03/04/1899\nnotaire;;VIH\n",
        # Courses and who gives them.
        "Lundi;;Mardi;;Jeudi\nDiabète;;VIH;;Asthme\nMme ETCHART Ghislaine;;M. FAUCHER Hervé;;Mme PICHON Huguette\n"
        "salle 4;;salle 12;;salle 7\n",
    ],
)
def test_other_walls_are_no_cards(text: str, shipped: Ruleset) -> None:
    assert same(sheet(text), shipped)


def test_nor_are_those_of_a_staff_by_their_title(shipped: Ruleset) -> None:
    assert same(sheet(ROOMS.replace("RESIDENCE DES ORMES", "Personnel")), shipped)


# ---- all in one cell ----

THEATRE = """\
PROGRAMME OPERATOIRE DU LUNDI;;;
SALLE 1 - Dr HAMON;;;
8h00;RAZAFI Armand 24/06/1947 (79 a) ch. 300;PTH G sur coxarthrose;ambu
10h00;ARRIGHI Régis 02/03/1994 (32 a) ch. 301;Mastectomie D (carcinome canalaire);hospit
;;;
SALLE 2 - Dr VIDAL;;;
8h00;ISSERTEL Solange 19/10/1976 (50 a) ch. 303;Curetage fausse couche;hospit
10h00;DUFLOT Marcelle 02/07/1972 (54 a) ch. 304;IVG chirurgicale;hospit
"""


@pytest.mark.parametrize("cuts", [(), (3,), (5,), (2, 4, 7)])
def test_people_all_in_one_cell(cuts: tuple[int, ...], shipped: Ruleset) -> None:
    (table,) = shaped(sheet(THEATRE, cuts=cuts), shipped)
    assert [row[1:2] + row[4:] for row in rows_of(table) if row[4]] == [
        ["(79 a) ch. 300", "RAZAFI Armand", "24/06/1947"],
        ["(32 a) ch. 301", "ARRIGHI Regis", "02/03/1994"],
        ["(50 a) ch. 303", "ISSERTEL Solange", "19/10/1976"],
        ["(54 a) ch. 304", "DUFLOT Marcelle", "02/07/1972"],
    ]
    many, facts = told(sheet(THEATRE, cuts=cuts), shipped)
    assert (many, facts["cancer"], facts["pregnancy"]) == (4, 1, 2)


@pytest.mark.parametrize("cuts", [(), (1,), (2,)])
@pytest.mark.parametrize(
    ("written", "rest"),
    [
        ("Mme {name} née le {birth} - IPP 8001", "- IPP 8001"),
        ("{name} ({birth})", ")"),
        ("Ch. 12 : {name}, né(e) le {birth}", "Ch. 12 :"),
        ("304 - {name} {birth} VIH connu", "304 -  VIH connu"),
    ],
)
def test_under_a_header_and_in_other_orders(written: str, rest: str, cuts: tuple[int, ...], shipped: Ruleset) -> None:
    who = [("ARRIGHI Lise", "02/03/1994"), ("DUFLOT Anne", "02/07/1972"), ("LE GOFF Marie-Anne", "12/11/1951")]
    lines = [written.format(name=name, birth=birth) + ";IVG" for name, birth in who]
    table = sheet("\n".join(["Patient;Intervention", *lines]), cuts=cuts)
    (made,) = shaped(table, shipped)
    assert [row[2:] for row in rows_of(made)] == [
        ["Nom et prenom du patient", "Date de naissance"],
        *([("Mme " if "Mme" in written else "") + name, birth] for name, birth in who),
    ]
    assert {row[0] for row in rows_of(made)[1:]} == {rest}
    assert told(table, shipped)[1]["pregnancy"] == 3


def test_numbers_of_patients_behind_names(shipped: Ruleset) -> None:
    text = (
        "Heure;Patient;Examen\n8h;ARRIGHI Lise IPP 80012345;sérologie VIH\n9h;DUFLOT Anne - IPP : 80012346 lit 4;IRM\n"
    )
    (table,) = shaped(sheet(text), shipped)
    assert rows_of(table)[1:] == [
        ["8h", "", "serologie VIH", "ARRIGHI Lise", "80012345"],
        ["9h", "lit 4", "IRM", "DUFLOT Anne", "80012346"],
    ]
    assert told(sheet(text), shipped) == (2, Counter(patient_id=2, hiv=1))


@pytest.mark.parametrize(
    "text",
    [
        "Tâche;Pour\nVIH;ARRIGHI Lise 02/03/2026\nSida;DUFLOT Anne 02/07/2026\nIVG;LE GOFF Luc 12/11/2026\n",  # by when
        "Nom;Ligne\nARRIGHI Lise;BERTIN Luc 02/03/1994\nDUFLOT Anne;BERTIN Luc 02/07/1972\n",  # others are named beside
        "Pièce;Version\nVIH;Notice Patient 02/03/1994\nIVG;Mode Emploi 02/07/1972\n",  # no names
        "Rue;Depuis\nVIH;rue Jean Macé 02/03/1994\nIVG;place Jean Jaures 02/07/1972\n",
    ],
)
def test_other_cells_with_dates_stay_whole(text: str, shipped: Ruleset) -> None:
    assert same(sheet(text), shipped)


# ---- whom a title names ----

FOLLOWED = """\
Date;Poids;TA;HbA1c;Créat;Traitement
01/10/2026;86;15/8;9,5;122;Metformine
02/10/2026;83;17/8;6,4;89;Lantus
"""


@pytest.mark.parametrize("name", ["QUERE Monique", "Mme QUERE Monique", "Anne-Marie LE GOFF", "12 - LE GOFF Yann"])
def test_a_sheet_for_each_patient(name: str, shipped: Ruleset) -> None:
    assert told(sheet(FOLLOWED, name), shipped) == (1, Counter(lab_result=1, treatment=1))
    assert told(sheet(FOLLOWED, "Feuil1"), shipped) == (0, Counter())


@pytest.mark.parametrize("cuts", [(), (1,), (3, 4), (4, 9)])
def test_a_block_of_rows_for_each(cuts: tuple[int, ...], shipped: Ruleset) -> None:
    blocks = "".join(f"{name};;;;;\n{FOLLOWED};;;;;\n" for name in ("QUERE Monique", "Mme ZELLER Anne 02/03/1950"))
    table = sheet(blocks, cuts=cuts)
    assert told(table, shipped) == (2, Counter(lab_result=2, treatment=2))


@pytest.mark.parametrize(
    "title", ["QUERE Monique né(e) le 12/03/1961", "Patiente : QUERE Monique - 12/03/1961 (IPP 8)"]
)
def test_a_title_with_a_birth_date_says_who_every_row_is_about(title: str, shipped: Ruleset) -> None:
    text = f"{title};;\nDate;Note;Vu par\n01/10/2026;hépatite C;AB\n02/10/2026;;AB\n"
    assert told(sheet(text), shipped) == (1, Counter(infection=1))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Claude Bernard", FOLLOWED),  # a hospital
        ("Saint Martin", FOLLOWED),
        ("SECTEUR Rose", FOLLOWED),
        ("CLAUDE BERNARD", FOLLOWED),
        ("QUERE Monique", "Date;Visite;Produit\n01/10/2026;CHU;Metformine\n02/10/2026;CH;Lantus\n"),  # who sells them
        ("QUERE Monique", "Date;Heures;Motif\n01/10/2026;7;congés\n02/10/2026;0;diabète : réunion\n"),
        ("QUERE Monique", "IPP;HbA1c;Créat\n8001234;7;90\n8001235;8;70\n"),  # her patients
    ],
)
def test_other_titles_name_no_patient(name: str, text: str, shipped: Ruleset) -> None:
    assert same(sheet(text, name), shipped)


@pytest.mark.parametrize(
    ("title", "name", "birth"),
    [
        ("QUERE Monique", "QUERE Monique", ""),
        ("Mme QUERE Monique née le 12/03/1961", "Mme QUERE Monique", "12/03/1961"),
        ("Patient : QUERE Monique", "QUERE Monique", ""),
        ("Médecin : QUERE Monique", "", ""),
        ("Bilan du 12/03/2026", "", ""),
        ("Monique", "", ""),
        ("Jean Moulin", "", ""),
        ("Ch. 12 : QUERE Monique", "QUERE Monique", ""),
        ("QUERE Monique et LE GOFF Yann", "", ""),
        ("QUERE Monique 12/03/2026", "", ""),
    ],
)
def test_whom_a_title_names(title: str, name: str, birth: str, shipped: Ruleset) -> None:
    assert person_in(fold_str(title), shipped) == Person(name, birth)


# ---- sheets joined by a number ----

CODES = """\
N° inclusion;Initiales;Nom;Prénom;DDN
01-001;MM;MAZURIER;Maëlle;26/07/1952
01-002;BA;BOUCHET;Aurélie;10/02/1979
01-003;DR;DELORME;Rachid;02/03/1944
"""
DATA = """\
N° inclusion;Bras;EDSS;Commentaires
01-001;B;4;zona
01-002;B;5;-
01-003;A;;hépatite C
01-004;A;;VIH
"""


def joined(ruleset: Ruleset, *sheets: str, kind: str = "sheet") -> tuple[int, Counter[str]]:
    """Return of how many people the sheets of a workbook tell which facts."""
    total, register = Tally(), Register(ruleset, SEALER)
    for text in sheets:
        for one in shaped(replace(sheet(text), kind=kind), ruleset):
            tally = Tally()
            read_table(one, ruleset, SEALER, tally, register=register)
            total.add(tally)
    register.close(total)
    everybody = persons(total)
    return len(everybody), Counter(fact for said in everybody.values() for fact in {*said} - IDENTITY)


def test_a_table_of_correspondence_tells_whose_codes_they_are(shipped: Ruleset) -> None:
    expected = (3, Counter(disability=2, infection=2))
    assert joined(shipped, CODES, DATA) == joined(shipped, DATA, CODES) == expected


def test_the_same_patients_on_two_sheets_are_counted_once(shipped: Ruleset) -> None:
    people = "IPP;Nom;Prénom;DDN\n8001231;MAZURIER;Maëlle;26/07/1952\n8001232;BOUCHET;Aurélie;10/02/1979\n"
    facts = "IPP;Diagnostic\n8001231;VIH\n8001232;asthme\n"
    assert joined(shipped, people, facts) == (2, Counter(patient_id=2, diagnosis=2, hiv=1))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (CODES, DATA.replace("N° inclusion", "N° tube")),
        (CODES.replace("N° inclusion", "N°"), DATA.replace("N° inclusion", "N°")),  # rows are numbered in every sheet
        (CODES, DATA.replace("N° inclusion", "N° agent")),
    ],
)
def test_other_numbers_join_nothing(first: str, second: str, shipped: Ruleset) -> None:
    assert joined(shipped, first, second)[1] == Counter()


def test_nor_do_tables_of_other_files(shipped: Ruleset) -> None:
    assert joined(shipped, CODES, DATA, kind="csv")[1] == Counter()


# ---- what stands in them ----

DRIVES = """\
Heure;Client;Tel;Destination;BT
6h30;Mme SICARD Simone;06 55 53 47 24;Dialyse Echo;2571163064228
7h30;Mme HUGON Huguette;06 39 29 48 75;Radiothérapie Pasteur;2430356043201
8h30;M. RAZAFI Gérard;06 52 54 27 35;HDJ psy Bohars;1620435238345
9h30;M. QUENTIN Marcel;06 24 27 61 59;Chimio CHU;1520756188265
10h30;Mme GROSJEAN Lucie;06 76 15 12 84;Rééducation AVC;2631069077390
11h30;M. URBAIN Paul;06 19 15 12 84;Consult ortho;1680514356254
"""


def test_few_numbers_built_as_nir_beside_names_are_nir(shipped: Ruleset) -> None:
    many, facts = told(sheet(DRIVES), shipped)
    assert (many, facts["nir"]) == (6, 6)
    assert (facts["diagnosis"], facts["cancer"], facts["psychiatric"]) == (2, 2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "Article;EAN\nvis;2571163064228\nclou;2430356043201\nscie;1620435238345\npince;1520756188265\ncric;2631069077390\n",
        # Codes of goods: all of one house.
        "Client;Produit;EAN\n"
        + "".join(
            f"DUPONT {name};vis;21201000{at:05}\n" for at, name in enumerate(("Anne", "Luc", "Paul", "Lise", "Eve"))
        ),
    ],
)
def test_other_numbers_of_thirteen_digits_are_none(text: str, shipped: Ruleset) -> None:
    assert told(sheet(text), shipped)[1]["nir"] == 0


CANTEEN = """\
ELEVE;CLASSE;REGIME;PAI
DUFLOT Marcel;CE1;sans porc;N
KERVELLA Mamadou;CE1;SANS GLUTEN;O
WIDMER Raymond;CE1;allergie œuf;O
ISSERTEL Odette;CE1;standard;N
SALAUN Fernand;CE1;végétarien;
BOUCHET Armand;CE1;APLV;
"""


def test_of_diets_allergies_are_facts_and_religion_never_is(shipped: Ruleset) -> None:
    assert told(table_of(cells_of(CANTEEN)), shipped) == (6, Counter(diagnosis=3))
