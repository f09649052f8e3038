"""Print listings, old exports and what they are mistaken for: how grave they are, and for how many people."""

from __future__ import annotations

import pytest

from phiscan.scan.scanner import Observer
from tests.eval.reading import scanned, severity_of
from tests.extract.test_dbf import dbf
from tests.extract.test_sheetml import book, row, sheet
from tests.recognize.test_dumps import judged

NAMES = "GUIDEL Armelle;TESSIER Omar;LE FLOCH Swann;DIARRA Awa;CORLAY Rose;MORVAN Gaston".split(";")
BORN = "19/07/1961;02/10/1990;11/02/1948;25/12/1977;06/05/1983;30/01/1936".split(";")
ILL = "OAP;SEPSIS URINAIRE;CIRRHOSE DECOMPENSEE;FRACTURE DU COL;BPCO;K PANCREAS".split(";")

KNOWN = "infection par le VIH;carcinome du sein;trouble bipolaire;sclérose en plaques;épilepsie;hépatite C".split(";")


def judged_bytes(name: str, data: bytes) -> tuple[str, int, int]:
    facts, _ = scanned(name, data, Observer())
    return severity_of(facts).name.lower(), facts.persons, facts.identified_health


def test_a_listing_with_two_lines_a_patient() -> None:
    lines = [
        "EDITION DES PRESENTS PAR UF - UF 2140",
        "-" * 70,
        "LIT   NOM USUEL/PRENOM      SX  N.DOSSIER  ENTREE      MVT",
    ]
    for at, (name, born, ill) in enumerate(zip(NAMES, BORN, ILL, strict=True)):
        lines += [
            f"{201 + at}   {name.upper():<22}F   26920255{at}  22/11/2026  E",
            f"      NE(E) LE {born}  MOTIF: {ill}",
        ]
    assert judged("PRESENTS.LST", "\n".join([*lines, ""])) == ("critical", 6, 6)


def test_a_listing_of_staff_with_two_lines_each() -> None:
    lines = [
        "LISTE DU PERSONNEL - CENTRE HOSPITALIER",
        "-" * 70,
        "MATR  NOM/PRENOM            SERVICE        GRADE  POSTE",
    ]
    for at, (name, born) in enumerate(zip(NAMES, BORN, strict=True)):
        lines += [
            f"{201 + at}   {name.upper():<22}ONCOLOGIE      IDE    44{at}2",
            f"      NE(E) LE {born}  TEL: 02 98 11 22 3{at}",
        ]
    assert judged("PERSONNEL.LST", "\n".join([*lines, ""])) == ("low", 6, 0)


def test_a_listing_of_products_with_two_lines_each() -> None:
    lines = ["CATALOGUE", "-" * 70, "CODE  NOM                   PRIX    NO"]
    for at, drug in enumerate(["METHADONE 40", "SKENAN LP 30", "SUBUTEX 8", "RITALINE LP", "DUROGESIC 50"]):
        lines += [
            f"{201 + at}   {drug:<22}12,5{at}   {at}",
            "      LABO: AP-HP       INDICATION: DEPENDANCE AUX OPIACES",
        ]
    assert judged("CATALOGUE.LST", "\n".join([*lines, ""]))[1:] == (0, 0)


def test_a_table_of_an_old_program() -> None:
    fields = [("NOMPAT", "C", 20), ("PREPAT", "C", 15), ("DNAI", "D", 8), ("LIBPATHO", "C", 30)]
    records = [
        [*name.upper().rsplit(" ", 1), "".join(reversed(born.split("/"))), ill]
        for name, born, ill in zip(NAMES, BORN, ILL, strict=True)
    ]
    assert judged_bytes("PATIENTS.DBF", dbf(fields, records)) == ("critical", 6, 6)


@pytest.mark.parametrize(
    ("fields", "records"),
    [
        (
            [("CODE", "C", 6), ("LIBELLE", "C", 30)],
            [["B24", "INFECTION A VIH"], ["C50", "CANCER DU SEIN"], ["E11", "DIABETE"]],
        ),
        (
            [("NOM", "C", 20), ("PRENOM", "C", 15), ("GRADE", "C", 20)],
            [["GUIDEL", "Armelle", "IDE PSYCHIATRIE"], ["TESSIER", "Omar", "ONCOLOGUE"]],
        ),
    ],
)
def test_tables_of_codes_and_of_staff(fields: list[tuple[str, str, int]], records: list[list[str]]) -> None:
    assert judged_bytes("REF.DBF", dbf(fields, records))[2] == 0


def test_a_workbook_in_one_xml_file() -> None:
    rows = [
        row("Nom", "Prénom", "Dt naiss", "Motif hospit"),
        *(row(*name.split(" ", 1), born, ill) for name, born, ill in zip(NAMES, BORN, ILL, strict=True)),
    ]
    assert judged_bytes("export.xls", book(sheet("Feuil1", *rows))) == ("critical", 6, 6)


def test_an_export_parted_by_hashes() -> None:
    rows = [
        f"D26000{at}#{name.split()[0]}#{name.split()[-1]}#{born}#{ill}"
        for at, (name, born, ill) in enumerate(zip(NAMES, BORN, ILL, strict=True))
    ]
    text = "\n".join(["NUM_DOS#NOM_BEN#PRE_BEN#DNAIS#OBS", *rows, ""])
    assert judged("EXTR.TXT", text)[:2] == ("critical", 6)


def test_a_dump_whose_tables_are_created_in_one_line() -> None:
    people = ",".join(
        f"({at},'{name.split()[0]}','{name.split()[-1]}','{born[6:]}-{born[3:5]}-{born[:2]}')"
        for at, (name, born) in enumerate(zip(NAMES, BORN, strict=True))
    )
    told = ",".join(f"({at},{at},'{ill}')" for at, ill in enumerate(KNOWN))
    text = (
        "CREATE TABLE `T_PAT` (`PAT_ID` int,`PAT_NOM` varchar(40),`PAT_PRE` varchar(40),`PAT_DNAI` date);\n"
        f"INSERT INTO `T_PAT` VALUES {people};\n"
        "CREATE TABLE `T_ANT` (`ANT_ID` int,`PAT_ID` int,`ANT_TXT` text);\n"
        f"INSERT INTO `T_ANT` VALUES {told};\n"
    )
    assert judged("sauve.sql", text) == ("critical", 6, 6)


REGISTER = [
    "METHADONE AP-HP 60MG GEL",
    "SKENAN LP 30MG",
    "SUBUTEX 8MG",
    "DUROGESIC 50",
    "RITALINE LP 20",
    "OXYCONTIN 20",
]


def register(things: list[str], doctor: str) -> str:
    names = [*NAMES, "KERBRAT Lucien", "ABGRALL Odette"]
    lines = [
        f"{260100 + at}  {at + 3:02}/11  {' '.join(name.split()[:-1]):<14}{name.split()[-1].upper():<11}"
        f"{12 + at} rue du Puits         {things[at % len(things)]:<26}{doctor}"
        for at, name in enumerate(names)
    ]
    return "\n".join(["PHARMACIE DU PORT            ORDONNANCIER STUPEFIANTS           11/2026", *lines, ""])


def test_a_register_below_a_title() -> None:
    assert judged("ordonnancier.txt", register(REGISTER, "DR KERN")) == ("critical", 8, 8)
    assert judged("livraisons.txt", register(["CHAISE", "TABLE BASSE", "LAMPE"], "M. KERN"))[2] == 0


def test_an_export_with_odd_signs_after_its_labels() -> None:
    text = "".join(
        f"=== PATIENT ===\nNom¬{' '.join(name.split()[:-1])}\nPrénom¬{name.split()[-1]}\nNé le¬{born}\n"
        f"--- Consultation ¬ 4 / 11 / 2026\n{ill}\nTA 13/8\n\n"
        for name, born, ill in zip(NAMES, BORN, KNOWN, strict=True)
    )
    assert judged_bytes("export.txt", text.encode("mac-roman")) == ("critical", 6, 6)


def test_a_dump_whose_facts_begin_with_their_patients_number() -> None:
    people = "".join(
        f"INSERT INTO patient (id, nom, prenom, date_naissance) VALUES ({at}, '{name.split()[0]}',"
        f" '{name.split()[-1]}', '{born[6:]}-{born[3:5]}-{born[:2]}');\n"
        for at, (name, born) in enumerate(zip(NAMES, BORN, strict=True))
    )
    told = "".join(f"INSERT INTO {{}} ({{}}, libelle) VALUES ({at}, '{ill}');\n" for at, ill in enumerate(KNOWN))
    assert judged("a.sql", people + told.format(*("diagnostic", "patient_id") * 6)) == ("critical", 6, 6)
    assert judged("b.sql", people + told.format(*("maladie", "maladie_id") * 6))[2] == 0
    assert judged("c.sql", people + told.format(*("ref_diag", "id") * 6))[2] == 0


def test_an_export_parted_by_a_sign_of_another_code_page() -> None:
    rows = [
        "§".join([f"D26000{at}", *name.rsplit(" ", 1), born, f"{at} allée Jean Jaurès", ill])
        for at, (name, born, ill) in enumerate(zip(NAMES, BORN, KNOWN, strict=True))
    ]
    text = "\n".join(["NUM_DOS§NOM_BEN§PRE_BEN§DNAIS§ADR1§OBS", *rows, ""])
    assert judged_bytes("EXTR.TXT", text.encode("mac-roman")) == ("critical", 6, 6)
