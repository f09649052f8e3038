"""Invented patients, people of the past, and the real ones who look like them."""

from __future__ import annotations

import json
import os

import pytest

from phiscan.facts import Facts
from phiscan.model import Kind, Level, Limits
from phiscan.recognize.invented import is_test_name, says_so
from phiscan.recognize.ruleset import Ruleset
from phiscan.scan.scanner import Observer, Scanner
from phiscan.seal import Sealer
from phiscan.tally import Tally
from phiscan.verdict import facts_of
from tests.eval.reading import scanned

DUMP = """\
INSERT INTO patient (id, nom, prenom, date_naissance, nir, pathologie) VALUES
(1, 'LEMARCHAND', 'Claire', '1985-05-12', '285057800608491', 'VIH'),
(2, 'KERVELLA', 'Enora', '1993-03-02', '293035612104501', 'Asthme'),
(3, 'OLLIVIER', 'Yann', '1971-07-09', '171075612104544', 'VIH');
"""
ROWS = "nom;prenom;date_naissance;pathologie\n{}\n"
PEOPLE = "LEMARCHAND;Claire;12/05/1985;VIH\nKERVELLA;Enora;02/03/1993;VIH\nOLLIVIER;Yann;09/07/1971;VIH"
BORN = "Mme Enora KERVELLA, née le 02/03/1993, a un diabète de type 2.\n"
EXAM = """\
UE Endocrinologie - épreuve écrite
{}, 58 ans, consulte pour une polyurie. L'HbA1c est à 9,2 %.
Question 1. Quel diagnostic évoquez-vous ?
Il a un diabète de type 2, vous instaurez de la metformine.
Barème : 10 points.
"""
FORM = {"aide": "Ex. : 2 70 01 75 001 001 59", "diabete": "Diabète", "vih": "Séropositif VIH"}
PATIENT = {
    "resourceType": "Patient", "id": "p1", "name": [{"family": "KERVELLA", "given": ["Enora"]}],
    "birthDate": "1979-03-14",
}  # fmt: skip
CONDITION = {
    "resourceType": "Condition", "subject": {"reference": "Patient/p1"}, "code": {"text": "Diabète de type 2"}
}  # fmt: skip


def facts(ruleset: Ruleset, text: str, name: str = "fichier.txt") -> Facts:
    """Return what rules are told of a file of this text."""
    data, total, descriptor = text.encode(), Tally(), os.memfd_create("file")
    try:
        os.write(descriptor, data)
        for _, tally, gaps in Scanner(ruleset, Sealer.ephemeral(), Limits()).scan(descriptor, name, len(data)):
            assert not gaps
            total.add(tally)
    finally:
        os.close(descriptor)
    return facts_of(total, Level.PUBLIC, ruleset)


def counted(found: Facts) -> tuple[int, int, int]:
    """Return how many people are real, how many of them have health facts, and how many are invented."""
    return found.persons, found.identified_health, found.test_persons


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("-- JEU DE DONNEES DE TEST - PATIENTS FICTIFS - NE CONTIENT AUCUNE DONNEE REELLE\n", (0, 0, 3)),
        ("/* Données fictives,\n * générées par le script ci-joint */\n", (0, 0, 3)),
        ("-- jeu de test\n", (3, 3, 0)),
        ("-- jeu de test, extraction de production du 12/03/2021 ; plus de données fictives\n", (3, 3, 0)),
        ("-- données de test : noms fictifs\n", (3, 3, 0)),
        ("-- patients fictifs supprimés\n", (3, 3, 0)),
        ("", (3, 3, 0)),
    ],
)
def test_a_dump_says_in_its_comments_that_its_people_are_invented(
    shipped: Ruleset, head: str, expected: tuple[int, int, int]
) -> None:
    assert counted(facts(shipped, head + DUMP, "export.sql")) == expected


def test_neither_the_name_of_a_file_nor_what_stands_below_says_it(shipped: Ruleset) -> None:
    assert counted(facts(shipped, DUMP, "jeu_de_test_donnees_fictives.sql")) == (3, 3, 0)
    assert counted(facts(shipped, DUMP + "-- données fictives\n", "export.sql")) == (3, 3, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# DONNÉES FICTIVES\n" + ROWS.format(PEOPLE), (0, 0, 3)),
        ("Données fictives;;;\n" + ROWS.format(PEOPLE), (0, 0, 3)),
        (ROWS.format(PEOPLE), (3, 3, 0)),
        (ROWS.format(PEOPLE.replace("Yann", "patient fictif")), (3, 3, 0)),
        ("File active, sans les patients fictifs : à jour, plus de tests;;;\n" + ROWS.format(PEOPLE), (3, 3, 0)),
    ],
)
def test_a_table_says_it_in_a_title(shipped: Ruleset, text: str, expected: tuple[int, int, int]) -> None:
    assert counted(facts(shipped, text, "liste.csv")) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("TEST-DUPONT;Claire;12/05/1985;VIH\nZZTEST;Alpha;01/01/1950;VIH\nPAT-TROIS;Ana;14/03/1979;VIH", (0, 0, 3)),
        ("FICTIF;Claire;12/05/1985;VIH\nFICTIF;Enora;02/03/1993;VIH\nOLLIVIER;Yann;09/07/1971;VIH", (1, 1, 2)),
        ("TESTARD;Claire;12/05/1985;VIH\nTESTUD;Enora;02/03/1993;VIH\nPATIENT;Yann;09/07/1971;VIH", (3, 3, 0)),
    ],
)
def test_surnames_of_tests_are_counted_apart(shipped: Ruleset, rows: str, expected: tuple[int, int, int]) -> None:
    assert counted(facts(shipped, ROWS.format(rows), "liste.csv")) == expected


def test_a_number_of_a_test_is_no_persons(shipped: Ruleset) -> None:
    rows = "nom;prenom;nir;pathologie\nTEST;PATIENT1;285057800608491;VIH\nTEST;PATIENT2;293035612104501;VIH\n"
    assert counted(facts(shipped, rows, "liste.csv")) == (0, 0, 2)
    one = rows.replace("TEST;PATIENT2", "KERVELLA;Enora")
    assert counted(facts(shipped, one, "liste.csv")) == (1, 1, 1)
    both = rows + "KERVELLA;Enora;293035612104501;VIH\n"  # the number stands in a real record too
    assert counted(facts(shipped, both, "liste.csv")) == (1, 1, 2)


def test_a_test_beside_somebody_real(shipped: Ruleset) -> None:
    both = "Nom : {}\nPrénom : {}\nDate de naissance : {}\nSérologie VIH : positive\n\n"
    text = both.format("ZZTEST", "Claire", "12/05/1985") + both.format("KERVELLA", "Enora", "02/03/1993")
    assert counted(facts(shipped, text)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("surname", "expected"), [("ZZTEST", (0, 0, 1)), ("KERVELLA", (1, 1, 0)), ("TESTARD", (1, 1, 0))]
)
def test_surnames_of_tests_in_text(shipped: Ruleset, surname: str, expected: tuple[int, int, int]) -> None:
    text = f"Nom : {surname}\nPrénom : Claire\nDate de naissance : 12/05/1985\nSérologie VIH : positive\n"
    assert counted(facts(shipped, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Épreuve 2. Cas fictif.\n" + BORN, (0, 0, 1)),
        ("Toute ressemblance serait fortuite.\n" + BORN, (0, 0, 1)),
        (BORN + "Elle parle à un patient fictif.\n", (1, 1, 0)),
        ("Chère consœur,\n" + BORN + "Le test est positif.\n", (1, 1, 0)),
        ("Ces données ne sont pas des données fictives.\n" + BORN, (1, 1, 0)),
    ],
)
def test_a_document_says_it_before_anybody_is_named(
    shipped: Ruleset, text: str, expected: tuple[int, int, int]
) -> None:
    assert counted(facts(shipped, text)) == expected


def test_a_mail_speaks_of_other_data_than_its_own(shipped: Ruleset) -> None:
    text = "From: a@mel.example\nTo: b@mel.example\nSubject: données fictives\n{}\nVoici les données fictives.\n"
    for headers in ("", "Date: Mon, 1 Dec 2025 10:00:00 +0100\nMessage-ID: <1@mel.example>\n"):
        assert counted(facts(shipped, text.format(headers) + BORN, "mail.eml")) == (1, 1, 0)


def test_the_case_of_an_examination_is_nobody(shipped: Ruleset) -> None:
    assert counted(facts(shipped, EXAM.format("Monsieur Paul LEMARCHAND"))) == (0, 0, 1)
    born = EXAM.format("Monsieur Paul LEMARCHAND, né le 12/05/1965")
    assert counted(facts(shipped, born)) == (1, 1, 0)


@pytest.mark.parametrize(
    "text",
    [
        "Télé-expertise\nMonsieur Paul LEMARCHAND, 58 ans, a un diabète de type 2.\nQuestion 1. Que proposez-vous ?\n",
        "RCP du 12/03/2024 - Cas clinique n° 3\nMonsieur Paul LEMARCHAND, 58 ans, a un diabète de type 2.\n",
        "Expertise. Barème indicatif : 15 %.\nQuestion 1.\nMonsieur Paul LEMARCHAND, 58 ans, diabète de type 2.\n",
    ],
)
def test_cases_of_real_patients_are_discussed_too(shipped: Ruleset, text: str) -> None:
    assert counted(facts(shipped, text)) == (1, 1, 0)


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({"tag": [{"code": "HTEST", "display": "test health data"}]}, (0, 0, 1)),
        ({"tag": [{"code": "CFTEST"}]}, (1, 1, 0)),
    ],
)
def test_fhir_labels_a_bundle_of_tests(
    shipped: Ruleset, meta: dict[str, object], expected: tuple[int, int, int]
) -> None:
    entries = [{"resource": PATIENT}, {"resource": CONDITION}]
    bundle = {"resourceType": "Bundle", "meta": meta, "type": "collection", "entry": entries}
    assert counted(facts(shipped, json.dumps(bundle, ensure_ascii=False), "bundle.json")) == expected


def test_one_labelled_resource_of_an_export_labels_no_other(shipped: Ruleset) -> None:
    labelled = {"resourceType": "Patient", "meta": {"tag": [{"code": "HTEST"}]}, "id": "p0"}
    lines = [json.dumps(one, ensure_ascii=False) for one in (labelled, PATIENT, CONDITION)]
    found = facts(shipped, "\n".join(lines) + "\n", "export.ndjson")
    assert (found.identified_health, found.test_persons) == (1, 0)


def test_what_an_empty_field_shows_is_nobodys_number(shipped: Ruleset) -> None:
    assert counted(facts(shipped, json.dumps(FORM, ensure_ascii=False), "fr.json")) == (0, 0, 0)


FALLEN = "Nom;Prénoms;Né le;Décédé le;Cause du décès\n{}\n"


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        (
            FALLEN.format(
                "KERVELLA;Yves;25/01/1895;28/08/1916;typhus\nOLLIVIER;Jean;13/04/1887;10/02/1918;tuberculose"
            ),
            0,
        ),
        ("Nom;Prénoms;Décédé le;Cause du décès\nROY;Yves;28/08/1916;tuberculose\nPIE;Jean;10/02/1918;tuberculose\n", 0),
        (FALLEN.format("KERVELLA;Yves;25/01/1935;28/08/2016;tuberculose\nOLLIVIER;Jean;13/04/1947;10/02/2018;sida"), 2),
        (FALLEN.format("KERVELLA;Yves;25/01/1835;;tuberculose\nOLLIVIER;Jean;13/04/1947;;sida"), 2),
        (FALLEN.format("KERVELLA;Yves;30/12/1899;;tuberculose\nOLLIVIER;Jean;13/04/1947;01/01/1900;sida"), 2),
        (FALLEN.format("KERVELLA;Yves;25/01/1895;;VIH sous Biktarvy\nOLLIVIER;Jean;13/04/1887;;VIH sous Biktarvy"), 2),
        ("Mme Enora KERVELLA, née le 03/02/1895, avait une tuberculose pulmonaire.\n", 0),
        ("Mme Enora KERVELLA, née le 03/02/1895, a le VIH, sous Biktarvy.\n", 1),
        ("Mme Enora KERVELLA, née le 03/02/1925, avait une tuberculose pulmonaire.\n", 1),
        ("Mme Enora KERVELLA, née le 03/02/1895, NIR 2 85 05 78 006 084 91, a une tuberculose pulmonaire.\n", 1),
    ],
)
def test_people_of_the_past_are_nobodys_patients(shipped: Ruleset, text: str, persons: int) -> None:
    found = facts(shipped, text, "liste.csv" if ";" in text else "note.txt")
    assert (found.persons, found.identified_health, found.test_persons) == (persons, persons, 0)


REGISTER = "Patient : KERVELLA Yves, né le 25/01/{}\nTuberculose\n\nPatient : OLLIVIER Jean, né le 13/04/{}\nDiabète\n"


@pytest.mark.parametrize(("first", "second", "persons"), [(1896, 1949, 2), (1949, 1896, 2), (1896, 1898, 0)])
def test_a_birth_long_ago_among_the_living_is_a_slip(shipped: Ruleset, first: int, second: int, persons: int) -> None:
    found = facts(shipped, REGISTER.format(first, second), "liste.txt")
    assert (found.persons, found.identified_health) == (persons, persons)


HERD = "N° EDE;Nom;Prénom;Commune;Résultat\nFR351;DURAND;Paul;Bruz;Tuberculose : {0}\nFR352;MARTIN;Ana;Vitré;{1}\n"
RUN = "Dossard;Nom;Prénom;Ville;{};Taille T-shirt\n1;DURAND;Paul;Bruz;{};L\n2;MARTIN;Ana;Vitré;{};M\n"


def test_herds_have_tuberculosis_too(shipped: Ruleset) -> None:
    herds = HERD.format("tuberculination positive", "Leucose négatif")
    found = facts(shipped, herds, "prophylaxie.csv")
    assert {name for name, its in found.categories.items() if its.kind is Kind.HEALTH and its.persons} == set()
    assert counted(facts(shipped, herds.replace("N° EDE", "N° dossier"), "liste.csv"))[1] > 0


def test_a_run_is_for_a_disease(shipped: Ruleset) -> None:
    run = "5 km course - Cancer du sein", "10 km marche - Cancer du sein"
    assert facts(shipped, RUN.format("Épreuve", *run), "inscrits.csv").identified_health == 0
    assert facts(shipped, RUN.format("Antécédents", "cancer du sein", "diabète"), "inscrits.csv").identified_health == 2


def test_names_and_marks() -> None:
    assert [is_test_name(one) for one in ("XXTEST", "DUPONT TEST", "TESTOR", "EXEMPLE", "TOTO")] == [
        True, True, False, True, False,
    ]  # fmt: skip
    told = ("Patient fictif", "patient factuel", "Données fictives, et deux vrais patients")
    assert [says_so(one) for one in told] == [True, False, False]


@pytest.mark.parametrize(
    "title",
    [
        "Liste des patients (hors patients fictifs)",
        "Export base DPI après purge des patients fictifs",
        "File active 2024 - patients fictifs exclus",
        "Aucune donnée réelle n'a été modifiée lors de l'export",
        "Données générées automatiquement par le DPI le 12/03/2024",
        "Etude BIOVAX - listes générées aléatoirement (randomisation)",
        "Données synthétiques de la file active 2024",
    ],
)
def test_titles_that_say_nothing_of_the_people_below(title: str) -> None:
    rows = "LE GOFF;Anne;12/03/1965;VIH, sous Biktarvy\nMARTIN;Paul;02/11/1950;diabète de type 2\n"
    rows += "DIALLO;Mamadou;24/08/1980;hépatite B\nNGUYEN;Linh;30/05/1971;cancer du sein\n"
    facts, _ = scanned("a.csv", f"{title}\nNom;Prénom;Date de naissance;Pathologie\n{rows}".encode(), Observer())
    assert (facts.persons, facts.identified_health, facts.test_persons) == (4, 4, 0)
