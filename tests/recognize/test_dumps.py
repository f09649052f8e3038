"""Dumps and fixed-width files read whole: how grave they are, and for how many people."""

from __future__ import annotations

import json
import re

import pytest

from phiscan.link import numbers
from phiscan.scan.scanner import Observer
from tests.eval.reading import scanned, severity_of


def judged(name: str, text: str) -> tuple[str, int, int]:
    """Return the severity of a file in a public place, its persons, and those of them with a health fact."""
    facts, _ = scanned(name, text.encode(), Observer())
    return severity_of(facts).name.lower(), facts.persons, facts.identified_health


COLUMNS = "(id, nom, prenom, datnais, motif)"
ONE = "(31,'GUIDEL','Armelle','1961-07-19','infection par le VIH')"
TWO = "(32,'TESSIER','Omar','1990-10-02','carcinome canalaire du sein')"
UPDATE = (
    "UPDATE patient SET nom='GUIDEL', prenom='Armelle', datnais='1961-07-19', motif='infection par le VIH'\n"
    "WHERE id=31;\n"
)


@pytest.mark.parametrize(
    ("name", "text", "persons"),
    [
        ("correctif.sql", f"INSERT INTO patient {COLUMNS} VALUES {ONE};\n", 1),
        ("correctif.txt", f"INSERT INTO patient {COLUMNS} VALUES {ONE},{TWO};\n", 2),
        ("correctif.sql", f"-- avant la reprise, voir le ticket\nINSERT INTO patient VALUES {ONE};\n", 1),
        ("reprise", UPDATE, 1),
        ("reprise.sql", f"Reprise du 12\n{UPDATE}", 1),
        ("sejours.sql", "UPDATE sejour SET motif = 'trouble bipolaire' WHERE ipp = '80014477';\n", 1),
    ],
)
def test_few_rows_of_a_script(name: str, text: str, persons: int) -> None:
    assert judged(name, text) == ("critical", persons, persons)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("lisez-moi.md", f"Pour ajouter une fiche :\n\nINSERT INTO patient {COLUMNS} VALUES {ONE};\n", ("info", 0, 0)),
        ("procedure.txt", f"Corriger ainsi :\n\n{UPDATE}\nPuis relancer.\n", ("info", 0, 0)),
        ("fixtures.py", f'SQL = """\nINSERT INTO patient {COLUMNS} VALUES {ONE};\n"""\n', ("info", 0, 0)),
        (
            "referentiel.sql",
            "INSERT INTO ref_cim10 (code, libelle) VALUES ('B24','infection par le VIH');\n"
            "UPDATE ref_cim10 SET libelle='cancer du sein' WHERE code='C50';\n",
            ("info", 0, 0),
        ),
        (
            "comptes.sql",
            "INSERT INTO utilisateur (id, nom, prenom, fonction) VALUES (1,'GUIDEL','Armelle','psychiatre');\n"
            "INSERT INTO service (id, libelle) VALUES (4,'Oncologie');\n"
            "UPDATE utilisateur SET fonction='oncologue' WHERE id=1;\n",
            ("none", 1, 0),
        ),
        (
            "catalogue.sql",
            "INSERT INTO produit (ref, libelle, prix) VALUES ('A1','Test rapide VIH',12.5);\n"
            "INSERT INTO client (nom, ville) VALUES ('Pharmacie du Port','Brest');\n",
            ("info", 0, 0),
        ),
    ],
)
def test_scripts_and_examples_about_nobody(name: str, text: str, expected: tuple[str, int, int]) -> None:
    assert judged(name, text) == expected


PEOPLE = (
    ("GUIDEL", "Armelle", "1961-07-19", "infection par le VIH", "B24"),
    ("TESSIER", "Omar", "1990-10-02", "carcinome canalaire du sein", "C509"),
    ("LE FLOCH", "Swann", "1948-02-11", "trouble bipolaire", "F319"),
    ("DIARRA", "Awa", "1977-12-25", "sclérose en plaques", "G35"),
    ("CORLAY", "Rose", "1983-05-06", "épilepsie", "G409"),
)


def nir(number: int, birth: str) -> str:
    body = f"{1 + number % 2}{birth[2:4]}{birth[5:7]}35{101 + number:03}{11 + number:03}"
    return f"{body}{97 - int(body) % 97:02}"


def lines(*cells: str) -> str:
    """Return a file of one line for each person, with the columns that a format gives."""
    return "".join(
        "".join(cells).format(n=last, p=first, b=birth, m=motive, c=code, i=nir(at, birth)) + "\n"
        for at, (last, first, birth, motive, code) in enumerate(PEOPLE)
    )


SPOOL = f"{'NOM':<18}{'PRENOM':<12}{'DTNAIS':<12}LIBELLE\n{'-' * 17} {'-' * 11} {'-' * 11} {'-' * 30}\n"
SPOOLED = lines("{n:<18}{p:<12}{b:<12}{m}").splitlines(keepends=True)
PSQL = f"{'nom':^10}|{'prenom':^10}|{'ddn':^12}|{'motif':^30}\n{'-' * 10}+{'-' * 10}+{'-' * 12}+{'-' * 30}\n"
PSQL_ROWS = lines(" {n:<9}| {p:<9}| {b:<11}| {m}").splitlines(keepends=True)


@pytest.mark.parametrize(
    ("name", "text", "persons"),
    [
        ("liste.txt", f"{'nom':<16}{'prenom':<12}motif\n" + lines("{n:<16}{p:<12}{m}"), 5),
        ("liste.txt", f"Suivi\n\n{'nom':<16}{'prenom':<12}motif\n" + lines("{n:<16}{p:<12}{m}"), 5),
        ("liste.dat", lines("{n:<15}{p:<12}{i} {m}"), 5),
        ("liste.dat", lines("{n:<15}{p:<12}{i}{m}"), 5),
        ("codes.dat", lines("{n:<15}{p:<12}{i}{c:<5}"), 5),
        ("codes.dat", lines("{n:<15}{p:<12}{i}{c:<5}") * 2, 5),
        ("sortie.lst", SPOOL + "".join(SPOOLED[:3]) + "\n" + SPOOL + "".join(SPOOLED[3:]) + "\n5 rows selected.\n", 5),
        ("sortie.lst", SPOOL + "".join(SPOOLED[:2]), 2),
        ("psql.txt", PSQL + "".join(PSQL_ROWS) + "(5 rows)\n", 5),
        ("psql.txt", PSQL + "".join(PSQL_ROWS[:2]) + "(2 lignes)\n", 2),
    ],
)
def test_few_lines_of_columns(name: str, text: str, persons: int) -> None:
    assert judged(name, text) == ("critical", persons, persons)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (  # a directory of staff
            f"{'nom':<16}{'prenom':<12}service\n{'GUIDEL':<16}{'Armelle':<12}Oncologie\n"
            f"{'TESSIER':<16}{'Omar':<12}Psychiatrie\n",
            ("none", 2, 0),
        ),
        (  # what a laboratory offers
            f"{'code':<8}{'libelle':<30}prix\n{'VIH1':<8}{'Sérologie VIH':<30}15,20\n"
            f"{'HBS':<8}{'Antigène HBs':<30}12,00\n",
            ("info", 0, 0),
        ),
        (  # a manual, with its options
            "Option       Effet\n------------ -------------------------------\n-v           affiche les cas de VIH\n"
            "-q           n'affiche que les cancers\n",
            ("info", 0, 0),
        ),
        (  # places
            f"{'ville':<16}{'code':<12}adresse\n{'Rennes':<16}{'BS':<12}Clinique Jean Guidel\n"
            f"{'Brest':<16}{'CA':<12}Centre du cancer\n",
            ("none", 0, 0),
        ),
        (  # names of packages
            f"{'Name':<12} {'Version':<9} Type\n{'-' * 12} {'-' * 9} ----\n"
            f"{'asthme':<12} {'1.2':<9} lib\n{'vih':<12} {'0.3':<9} lib\n",
            ("info", 0, 0),
        ),
    ],
)
def test_few_lines_of_columns_about_nobody(text: str, expected: tuple[str, int, int]) -> None:
    assert judged("note.txt", text) == expected


def insert(table: str, columns: str, *values: str) -> str:
    return f"INSERT INTO {table} ({columns}) VALUES {','.join(f'({value})' for value in values)};\n"


def people(table: str, number: str) -> str:
    told = (f"{40 + at},'{last}','{first}','{birth}'" for at, (last, first, birth, *_) in enumerate(PEOPLE))
    return insert(table, f"{number}, nom, prenom, datnais", *told)


def facts(table: str, columns: str, offset: int = 40) -> str:
    told = (f"{at},{at + offset},'{motive.replace(chr(39), chr(39) * 2)}'" for at, (*_, motive, _) in enumerate(PEOPLE))
    return insert(table, columns, *told)


COPIED = (
    "COPY public.t_obs (id_obs, id_pers, txt_obs) FROM stdin;\n"
    + "".join(f"{at}\t{40 + at}\t{motive}\n" for at, (*_, motive, _) in enumerate(PEOPLE))
    + "\\.\n\nCOPY public.t_pers (id_pers, lb_nom, lb_prenom, dt_nais) FROM stdin;\n"
    + "".join(f"{40 + at}\t{last}\t{first}\t{birth}\n" for at, (last, first, birth, *_) in enumerate(PEOPLE))
    + "\\.\n"
)


@pytest.mark.parametrize(
    "text",
    [
        COPIED,
        people("t_pers", "id_pers") + facts("t_obs", "id_obs, id_pers, txt_obs"),
        facts("antecedent", "id, patient_id, libelle") + people("patient", "id"),
        people("patients", "id") + facts("antecedent", "id, id_patient, libelle"),
        people("patient", "ipp").replace("(4", "(8001234") + facts("sejour", "id, ipp, motif", 80012340),
        people("t_pers", "id_pers")
        + insert("t_medecin", "id_med, nom, prenom, dt_nais", "1,'PETIT','Anne','1969-04-03'").replace(
            "'1969-04-03'", "''"
        )
        + facts("t_obs", "id_med, id_pers, txt_obs"),
    ],
)
def test_facts_in_another_table_than_their_persons(text: str) -> None:
    severity, persons, identified = judged("sauvegarde.sql", text)
    assert (severity, identified) == ("critical", 5)
    assert persons == 5 + text.count("PETIT")


@pytest.mark.parametrize(
    "text",
    [
        people("agent", "id_agent") + facts("journal", "id, id_agent, recherche"),
        people("utilisateur", "id") + facts("journal", "id, utilisateur_id, recherche"),
        people("personnel", "id_personnel") + facts("formation", "id, id_personnel, intitule"),
        people("patient", "id") + facts("ref_maladie", "rang, id, libelle"),
        people("patient", "id_ligne") + facts("ref_maladie", "rang, id_ligne, libelle"),
        people("patient", "id_pers") + facts("ref_maladie", "id_pers, rang, libelle"),
        people("patient", "id_pers") + facts("t_obs", "id_obs, id_pers, libelle", 400),
        people("patient", "id_pers") * 2
        + people("patient", "id_pers").replace("'19", "'18")
        + facts("o", "i, id_pers, t"),
    ],
)
def test_numbers_that_stand_for_nobody(text: str) -> None:
    severity, persons, identified = judged("sauvegarde.sql", text)
    known = 5 * len(set(re.findall(r"'1[89]61-", text)))
    assert (severity, persons, identified) == ("low" if known == 5 else "high", known, 0)


def test_so_many_numbers_are_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "ROWS", 4)
    text = people("patient", "ipp").replace("(4", "(8001234") + facts("sejour", "id, ipp, motif", 80012340)
    assert judged("sauvegarde.sql", text) == ("critical", 10, 5)


def arrays(number: str, refers: str, *, first: int = 84454716, more: int = 0, **names: str) -> str:
    """Return a JSON document of people in one array, and in another what is told of whoever bears a number."""
    people = [
        {number: first + at, "lastName": last, "firstName": given, "birthDate": birth}
        for at, (last, given, birth, *_) in enumerate(PEOPLE)
    ]
    told = [{refers: first + at + more, "label": motive} for at, (*_, motive, _) in enumerate(PEOPLE)]
    return json.dumps({names.get("of", "usagers"): people, names.get("told", "problems"): told}, ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    [
        arrays("id", "uid"),
        arrays("id", "usagerId", first=1),
        arrays("id", "patient_id", first=1, of="patients"),
        arrays("ipp", "ipp"),
        arrays("uuid", "uuid"),
    ],
)
def test_arrays_of_one_document_refer_to_each_other(text: str) -> None:
    assert judged("api.json", text) == ("critical", 5, 5)


def test_the_number_of_a_thing_refers_to_nobody() -> None:
    assert judged("stock.json", arrays("id", "ref"))[2] < 2


@pytest.mark.parametrize(
    "text",
    [
        arrays("id", "uid", first=1),  # rows are numbered everywhere
        arrays("id", "uid", more=3),
        arrays("id", "maladieId"),
        arrays("id", "userId", of="users", told="recherches"),
        arrays("id", "id_formation", of="agents", told="formations"),
    ],
)
def test_arrays_that_do_not_refer_to_people(text: str) -> None:
    assert judged("api.json", text) == ("low", 5, 0)
