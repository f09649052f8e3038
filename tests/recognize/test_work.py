"""Tables of staff, pupils and those who give or lecture, and patients' tables that look like them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from phiscan.fold import fold_str
from phiscan.model import Kind, Table
from phiscan.recognize.contents import bare_groups
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.table import read_table
from phiscan.seal import Sealer
from phiscan.tally import Tally

NAMES = [("AMIOT", "Lucas"), ("BASTIEN", "Jade"), ("CISSE", "Karim"), ("DELORME", "Anne"), ("EVRARD", "Paul")]
BIRTHS = ["04/07/1968", "12/01/1990", "03/11/1978", "09/09/1981", "27/02/1966"]
PHONES = [f"06 12 00 34 5{at}" for at in range(5)]


def health(ruleset: Ruleset, header: str, *rows: str) -> dict[str, int]:
    """Return the hits of each health category in a table of people with these columns beside their names."""
    born, called = "Né(e) le" in header, "Téléphone" in header
    lines = [["Nom", "Prénom", *header.split(";")]]
    for at, row in enumerate(rows):
        known = ([BIRTHS[at]] if born else []) + ([PHONES[at]] if called else [])
        lines.append([*NAMES[at], *known, *row.split(";")])
    hits = read(ruleset, lines)
    kinds = {recognizer.category: recognizer.kind for recognizer in ruleset.recognizers}
    return {name: count for name, count in hits.items() if kinds[name] is Kind.HEALTH}


def read(ruleset: Ruleset, lines: list[list[str]]) -> dict[str, int]:
    """Return the hits of each category in a table."""
    width = len(lines[0])
    assert {len(line) for line in lines} == {width}
    folded = [[fold_str(cell) for cell in line] for line in lines]
    batch = pa.record_batch(
        [pa.array([row[at] for row in folded]) for at in range(width)], list(map(str, range(width)))
    )
    tally = Tally()
    read_table(Table(width, lambda: iter([batch]), lambda: batch), ruleset, Sealer.ephemeral(), tally)
    return {name: int(sum(counts)) for name, counts in tally.hits.items()}


@pytest.mark.parametrize(
    "rows",
    [
        ["A", "B", "A", "B"],
        ["A", "B", "C", "A"],
        ["A1", "A2", "A1", "A2"],
        ["A", "B", "AB", "A"],  # who takes both options
        ["A+", "B-", "C+", "D-"],
        ["O", "N", "O", "O"],  # is in a group or not
    ],
)
def test_groups_of_a_class_are_not_of_blood(shipped: Ruleset, rows: list[str]) -> None:
    assert health(shipped, "Né(e) le;Groupe", *rows) == {}
    assert health(shipped, "Classe;Groupe", *(f"2nde 4;{row}" for row in rows)) == {}


def test_groups_beside_yes_and_no(shipped: Ruleset) -> None:
    assert health(shipped, "Né(e) le;Groupe;Cantine", "A1;O", "A2;N", "A1;O") == {}
    assert health(shipped, "Groupe;Présent", "A;N", "B;N", "A;N") == {}
    assert health(shipped, "Groupe;RH", "A;Mme Petit", "B;Mme Petit", "A;M. Roux") == {}


@pytest.mark.parametrize(
    ("header", "rows", "hits"),
    [
        ("Groupe", ["O+", "A-"], 2),
        ("Groupe", ["A+", "A-", "B+"], 3),  # of so few, nobody need have O
        ("Groupe", ["A/+", "A/-", "NR", "B/+"], 3),
        ("Né(e) le;Groupe", ["A", "O", "A", "B"], 4),
        ("Né(e) le;Groupe", ["A POS", "inconnu", "A NEG"], 2),
        ("Groupe;Rhésus", ["A;+", "B;-"], 2),
        ("Groupe;Rhésus", ["A;+", "A;+"], 4),  # one letter: two columns, not one fact in two
        ("IPP;Groupe", ["800123;A", "800124;B"], 2),
        ("Groupe", ["A Rhésus positif", "B Rh -"], 2),
        ("Groupe;RAI", ["A;négatif", "B;négatif"], 2),
        ("Groupe sanguin", ["A", "B"], 2),
        ("GS", ["A+", "B-"], 2),
    ],
)
def test_groups_of_patients_are_of_blood(shipped: Ruleset, header: str, rows: list[str], hits: int) -> None:
    assert health(shipped, header, *rows)["blood_group"] == hits


def test_positive_for_something_else_is_no_rhesus(shipped: Ruleset) -> None:
    assert health(shipped, "GS;VIH", "A;POS", "O;NEG", "B;NEG") == {"blood_group": 3, "hiv": 3}
    assert health(shipped, "Né(e) le;Groupe;VIH", "A;POS", "B;NEG") == {"hiv": 2}  # of a trial


def test_of_many_people_somebody_has_o() -> None:
    assert bare_groups(["A+", "B-", "A-", "B+"], 11)
    assert not bare_groups(["A+", "B-", "A-", "B+"], 12)
    assert bare_groups(["A+", "B-", "O-", "B+"], 500)


@pytest.mark.parametrize(
    ("header", "values", "hits"),
    [
        ("Niveau", ["A+", "B-", "A-", "B+"], {}),
        ("Note", ["AB", "AB+", "B+", "B-"], {}),  # assez bien, bien
        ("Colonne", ["A+", "B-", "A-", "B+"], {}),
        ("Colonne", ["A+", "B-", "O-", "B+"], {"blood_group": 4}),
        ("GRP_SA", ["A+", "B-", "A-", "B+"], {"blood_group": 4}),
        ("F31", ["A+", "B-", "A-", "B+"], {"blood_group": 4}),
        ("Note", ["A+", "O+", "O-", "B+"], {"blood_group": 4}),
    ],
)
def test_marks(shipped: Ruleset, header: str, values: list[str], hits: dict[str, int]) -> None:
    assert health(shipped, f"Né(e) le;{header}", *values) == hits


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("Né(e) le;Emploi", ["aide-soignante unité Alzheimer", "TEC étude VIH"]),
        ("Né(e) le;Affectation", ["Unité Alzheimer", "Hôpital de jour VIH"]),
        ("Né(e) le;Terrain de stage", ["Maladies infectieuses / VIH", "Grossesses pathologiques"]),
        ("Né(e) le;Grade;Service", ["AS;Unité Alzheimer", "IDE;Centre VIH"]),
        ("Né(e) le;Service;Badge", ["Unité Alzheimer;11204", "Centre VIH;11220"]),
        ("Né(e) le;Pôle;Fonction", ["Cancer du sein;cadre", "VIH;secrétaire"]),
        ("Né(e) le;Intitulé;Durée", ["Diabète gestationnel;7 h", "VIH et secret professionnel;3 heures"]),
        ("Né(e) le;Sujet du mémoire", ["Le vécu du cancer du sein", "L'annonce de la séropositivité"]),
        ("Né(e) le;Sujet d'exposé;Note", ["Le VIH et ses traitements;15", "Cancer du poumon;12"]),
        ("Titre de la thèse;Soutenance", ["Le VIH en médecine générale;05/10/2023", "Cancer du sein;12/10/2023"]),
        ("Téléphone;Atelier", ["Atelier 2 - VIH et vieillissement", "Atelier 3 - Hépatite C en prison"]),
        ("Téléphone;Stand;Horaire", ["Dépistage VIH;9h-12h", "Cancer du côlon géant;14h-17h"]),
        ("Téléphone;Projet;Montant", ["Dépistage VIH aux urgences;8 500", "Grossesse et tabac;4 000"]),
        ("Matricule;Mission;Montant", ["20114;Congrès cancer du sein Lyon;212,40", "20151;Journée VIH Paris;98,00"]),
        ("Don;Affectation", ["50,00;recherche leucémie", "30,00;recherche cancer du sein"]),
        ("Don;Cause", ["50,00;leucémie de l'enfant", "30,00;cancer du sein"]),
        ("Téléphone;Objet", ["Congrès VIH de Lyon", "Colloque cancer du sein"]),
    ],
)
def test_what_somebody_works_at(shipped: Ruleset, header: str, rows: list[str]) -> None:
    assert health(shipped, header, *rows) == {}


@pytest.mark.parametrize(
    ("header", "rows", "hits"),
    [
        ("Né(e) le;Service", ["Unité Alzheimer", "Centre VIH"], {"diagnosis": 1, "hiv": 1}),
        ("Né(e) le;Grade;Service", ["II;Cancer du sein", "III;Cancer du sein"], {"cancer": 2}),
        ("Né(e) le;Poste;Service", ["12;Consultation VIH", "7;Consultation VIH"], {"hiv": 2}),
        ("Né(e) le;Chambre;Affectation", ["12;Unité Alzheimer", "7;Centre VIH"], {"diagnosis": 1, "hiv": 1}),
        ("IPP;Affectation", ["800123;Unité Alzheimer", "800124;Centre VIH"], {"diagnosis": 1, "hiv": 1}),
        ("Né(e) le;Projet", ["grossesse", "sevrage, VIH"], {"pregnancy": 1, "hiv": 1}),
        ("Téléphone;Projet de soins", ["chimiothérapie", "VIH : suivi"], {"cancer": 1, "hiv": 1}),
        ("Né(e) le;Atelier", ["diabète", "VIH"], {"diagnosis": 1, "hiv": 1}),
        ("Né(e) le;Intitulé;Durée", ["Cancer du sein;15 jours", "VIH;30 jours"], {"cancer": 1, "hiv": 1}),
        ("Né(e) le;Sujet", ["séropositivité", "cancer du sein"], {"hiv": 1, "cancer": 1}),
        ("Né(e) le;Stage", ["VIH stade C", "cancer du sein T2"], {"hiv": 1, "cancer": 1}),
        ("Né(e) le;Motif", ["Consultation VIH", "Consultation cancer du sein"], {"hiv": 1, "cancer": 1}),
        ("Né(e) le;Freins à l'emploi", ["cancer du sein", "VIH"], {"cancer": 1, "hiv": 1}),
        ("Né(e) le;Cause", ["cancer du sein", "VIH"], {"cancer": 1, "hiv": 1}),
    ],
)
def test_where_patients_are(shipped: Ruleset, header: str, rows: list[str], hits: dict[str, int]) -> None:
    assert health(shipped, header, *rows) == hits


def test_a_visit_leaves_the_facts_of_other_columns(shipped: Ruleset) -> None:
    rows = ["Congrès VIH;NEG;A+", "Colloque VIH;POS;O-"]
    assert health(shipped, "Mission;VIH;GS", *rows) == {"hiv": 4, "blood_group": 2}


@pytest.mark.parametrize("header", ["VIH;VHC;Hémostase", "Fonction;VIH;Groupe sanguin"])
def test_who_may_do_which_analysis(shipped: Ruleset, header: str) -> None:
    rows = ["Habilité;Habilitée;En formation", "En formation;Habilitée le 12/03/2023;Non", "Habilité;Non;Oui"]
    assert health(shipped, header, *rows) == {}


def test_who_may_do_an_analysis_that_nobody_else_may(shipped: Ruleset) -> None:
    rows = ["Technicienne;Habilité;Non", "Technicien;En formation;Non", "Cadre;Compétent;Oui"]
    assert health(shipped, "Fonction;VIH;VHC", *rows) == {}
    assert health(shipped, "Née;VIH;VHC", *rows) == {"infection": 3}


def test_tests_of_staff_are_tests(shipped: Ruleset) -> None:
    assert health(shipped, "Fonction;VIH;VHB", "IDE;POS;Oui", "AS;NEG;Non") == {"hiv": 2, "infection": 2}
    assert health(shipped, "Fonction;VIH", "IDE;Oui", "AS;Non") == {"hiv": 2}
    assert health(shipped, "Fonction;VIH", "en formation;POS", "IDE;en cours") == {"hiv": 2}


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("Cours", ["Diabète", "VIH et grossesse"]),
        ("Grade;Tâche", ["IDE;Relire la fiche diabète", "AS;Courrier VIH"]),
        ("Né(e) le;Lieu de vote", ["Unité Alzheimer", "Centre VIH"]),
        ("Porte;Résultat", ["Dialyse VIH;OK", "Labo tuberculose;REFUS"]),
        ("Groupe AD;Chemin;Droit", ["GG_CANCER;\\\\srv\\Dépistage VIH;Lecture", "GG_VIH;\\\\srv\\VIH;Modification"]),
        ("Né(e) le;Téléphone;Stand", ["Diabète", "VIH"]),
        ("Intitulé;Coût", ["Repérage de l'autisme;300 €", "Annonce du cancer;405 €"]),
        ("Né(e) le;Intitulé;Financeur", ["Repérage de l'autisme;OPCO", "Annonce du cancer;Employeur"]),
        ("Événement;Déjeuner", ["Journée diabète du 14/11;Non", "Soirée VIH;Oui"]),
        ("Opportunité;Montant", ["Module suivi diabète;46 k€", "Module VIH;82 k€"]),
        ("Association;Fonction", ["Association des diabétiques;Président", "Réseau VIH;Trésorière"]),
        ("Né(e) le;Motif", ["Congrès sida de Lyon", "Journées francophones du diabète"]),
        ("Grade;Objet", ["IDE;Congrès VIH", "AS;Dossier diabète"]),
        ("Matricule;Objet", ["20114;Congrès VIH", "20115;Dossier diabète"]),
        ("Employeur;Service", ["CH de Dol;Hémodialyse", "CH de Dol;Unité Alzheimer"]),
        ("Né(e) le;N° étudiant;Service", ["22104567;Hémodialyse", "22104568;Unité Alzheimer"]),
        ("Horaire;Unité", ["06:15-14:15;Unité Alzheimer", "13:45-21:45;Unité Alzheimer"]),
        ("Droits;Service", ["Lecture;Centre VIH", "Modification;Unité Alzheimer"]),
        ("Grade;Service;Date d'entrée", ["AS;Unité Alzheimer;21/08/2018", "IDE;Centre VIH;01/10/2004"]),
        ("Emploi;Matricule;Service;Date d'entrée", ["AS;M12;Unité Alzheimer;21/08/2018", "IDE;M13;VIH;01/10/2004"]),
        ("Né(e) le;UE 2.9 Processus tumoraux (cancer);UE VIH", ["12,5;9", "14;ABS", "8,25;20/20"]),
    ],
)
def test_subjects_and_things(shipped: Ruleset, header: str, rows: list[str]) -> None:
    assert health(shipped, header, *rows) == {}


@pytest.mark.parametrize(
    ("header", "rows", "hits"),
    [
        ("Né(e) le;Événement", ["Chute, VIH", "Cancer du sein"], {"hiv": 1, "cancer": 1}),
        ("Événement", ["VIH", "Cancer du sein"], {"hiv": 1, "cancer": 1}),
        ("Événement", ["Hospitalisée pour cancer du sein", "Accouchement"], {"cancer": 1, "pregnancy": 1}),
        ("Né(e) le;Association", ["VIH", "Cancer du sein"], {"hiv": 1, "cancer": 1}),
        ("IPP;Commission", ["800123;VIH", "800124;Cancer du sein"], {"hiv": 1, "cancer": 1}),
        ("Né(e) le;Intitulé;Coût", ["Cancer du sein;300 €", "VIH;405 €"], {"cancer": 1, "hiv": 1}),
        ("Intitulé du diagnostic;Coût", ["Cancer du sein;300 €", "VIH;405 €"], {"cancer": 1, "hiv": 1}),
        ("Né(e) le;Cours", ["VIH", "Cancer du sein"], {"hiv": 1, "cancer": 1}),
        ("Réunion", ["RCP sein, cancer du sein", "RCP, VIH"], {"hiv": 1, "cancer": 1}),
        ("Tâche", ["Insuline, VIH", "Pansement, cancer du sein"], {"treatment": 1, "hiv": 1, "cancer": 1}),
        ("Chemin", ["/dossiers/VIH", "/dossiers/Cancer du sein"], {"hiv": 1, "cancer": 1}),
        ("Né(e) le;Intitulé;Financeur", ["Cancer du sein;CPAM", "VIH;CPAM"], {"cancer": 1, "hiv": 1}),
        ("Objet", ["Dossier VIH", "Cancer du sein"], {"hiv": 1, "cancer": 1}),
        ("Grade;Objet", ["AS;Arrêt de travail, cancer du sein", "IDE;Dossier VIH"], {"cancer": 1, "hiv": 1}),
        ("Fonction;Remarque", ["AS;Cancer du sein", "IDE;VIH"], {"cancer": 1, "hiv": 1}),
        ("Salle", ["Centre VIH", "Chimiothérapie"], {"hiv": 1, "cancer": 1}),
        ("Horaire;Unité", ["9h30-16h30;Unité Alzheimer", "10h-16h;Unité Alzheimer"], {"diagnosis": 2}),
        ("Droits;Service", ["ouverts;Centre VIH", "clos;Centre VIH"], {"hiv": 2}),
        ("Service;Date d'entrée", ["Centre VIH;21/08/2024", "Centre VIH;01/10/2024"], {"hiv": 2, "exam_date": 2}),
        ("Grade;Date d'entrée", ["II;21/08/2024", "III;01/10/2024"], {"exam_date": 2}),
        ("Né(e) le;Motif", ["Congrès VIH de Lyon", "Cancer du sein"], {"hiv": 1, "cancer": 1}),
        ("Né(e) le;Module VIH", ["POS", "NEG"], {"hiv": 2}),
        ("Résultat;Commission", ["négatif;VIH", "positif;VIH"], {"lab_result": 2, "hiv": 2}),
    ],
)
def test_headers_of_subjects_over_patients(
    shipped: Ruleset, header: str, rows: list[str], hits: dict[str, int]
) -> None:
    assert health(shipped, header, *rows) == hits


BARE = ["Diabète de type 1", "Asthme sévère", "Épilepsie, sous Depakine", "Cancer du sein"]


@pytest.mark.parametrize(
    "header",
    [
        "INE;Titre",
        "Employeur;Objet",
        "Grade;Description",
        "Grade;Intitulé",
        "Quotité;Libellé",
        "Ville;Association",
        "Ville;Répertoire",
    ],
)
def test_illnesses_and_nothing_else_are_no_subjects(shipped: Ruleset, header: str) -> None:
    hits = {"diagnosis": 3, "treatment": 1, "cancer": 1}
    assert health(shipped, header, *(f"A{at};{bare}" for at, bare in enumerate(BARE))) == hits
    assert health(shipped, header, *(f"A{at};Dossier {bare}" for at, bare in enumerate(BARE))) == {}


@pytest.mark.parametrize("header", ["Badge;Sujet", "Grade;Thème"])
def test_illnesses_under_a_header_of_lessons_are_subjects(shipped: Ruleset, header: str) -> None:
    assert health(shipped, header, *(f"A{at};{bare}" for at, bare in enumerate(BARE))) == {}


@pytest.mark.parametrize("known", ["Grade", "Né(e) le"])
@pytest.mark.parametrize("header", ["Groupe de travail", "Publications", "Dossier partagé", "Groupe AD"])
def test_illnesses_under_a_header_of_things_are_subjects(shipped: Ruleset, known: str, header: str) -> None:
    values = [bare if known == "Né(e) le" else f"IDE;{bare}" for bare in BARE]
    assert health(shipped, f"{known};{header}", *values) == {}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Grade;Intitulé;Heures;Organisme", "IDE;{};7;ANFH"),
        ("Grade;Libellé;Organisme de formation", "IDE;{};ANFH"),
        ("Promotion;Intitulé;Durée", "2024;{};7 h"),
        ("Promotion;Titre;Jury", "2024;{};Pr Martin"),
        ("Promotion;Titre;Directeur", "2024;{};Jeanne PETIT"),
        ("Grade;Titre;Éditeur", "IDE;{};Masson"),
        ("Publication;Revue", "{};Exercer"),
    ],
)
def test_illnesses_in_tables_of_training_and_study_are_subjects(shipped: Ruleset, header: str, row: str) -> None:
    assert health(shipped, header, *map(row.format, BARE)) == {}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Promotion;Intitulé", "2024;{}"),
        ("Promotion;Intitulé;Durée", "2024;{};7 jours"),
        ("Grade;Objet;Durée", "IDE;{};21 h"),  # of nothing that is taught
        ("Grade;Objet;Arrêt;Durée", "IDE;{};oui;21 h"),
        ("Grade;Intitulé;Absence;Heures", "IDE;{};maladie;21"),
        ("Grade;Libellé;Début;Fin;Heures", "IDE;{};01/02/2024;03/02/2024;21"),
        ("Grade;Libellé;Organisme payeur", "IDE;{};CPAM de Dol"),
    ],
)
def test_illnesses_of_staff_and_students_stay_theirs(shipped: Ruleset, header: str, row: str) -> None:
    hits = {"diagnosis": 3, "treatment": 1, "cancer": 1}
    assert {name: health(shipped, header, *map(row.format, BARE)).get(name) for name in hits} == hits


@pytest.mark.parametrize("header", ["Commercial;Laboratoire;Libellé", "Acheteur;Fournisseur;Désignation"])
def test_drugs_that_are_sold_are_nobodys(shipped: Ruleset, header: str) -> None:
    drugs = ["Truvada", "Bactrim 500 mg", "Levothyrox", "Biktarvy"]
    assert list(sold(shipped, header, drugs)) == ["person_name"]
    assert sold(shipped, header, BARE)["diagnosis"] == 3
    assert sold(shipped, "Acheteur;Réf;Désignation", drugs)["treatment"] == 4


def sold(ruleset: Ruleset, header: str, things: list[str]) -> dict[str, int]:
    """Return the hits of each category in a table of who sold or bought what."""
    return read(ruleset, [header.split(";"), *([WHO[at], "Sanofi", thing] for at, thing in enumerate(things))])


def test_an_association_of_drugs_is_none_of_people(shipped: Ruleset) -> None:
    drugs = ["Truvada + Tivicay", "Bactrim", "Rifampicine + isoniazide", "Levothyrox"]
    assert health(shipped, "Association", *drugs) == {"hiv": 1, "infection": 1, "treatment": 4}
    clubs = ["Truvada pour tous", "AFD Diabète", "Vaincre la mucoviscidose", "Association Bactrim"]
    assert health(shipped, "Association", *clubs) == {}


def test_one_subject_or_two_are_subjects(shipped: Ruleset) -> None:
    assert health(shipped, "Employeur;Objet", *(f"A;{bare}" for bare in ["VIH", "Diabète", "VIH", "Diabète"])) == {}
    assert health(shipped, "Employeur;Objet", *(f"A;{bare}" for bare in [*BARE[:2], "Tri", "Dossier asthme"])) == {}


WHO = ["Lucas AMIOT", "Jade BASTIEN", "Karim CISSE", "Anne DELORME", "Paul EVRARD"]


def told(ruleset: Ruleset, header: str, *rows: str) -> dict[str, int]:
    """Return the hits of each category in a table whose second column names who does something."""
    return read(ruleset, [header.split(";"), *([f"R{at}", WHO[at], *row.split(";")] for at, row in enumerate(rows))])


@pytest.mark.parametrize("role", ["Saisi par", "Créé par", "MODIFIE_PAR", "Mis à jour par", "Inventorié par"])
def test_who_wrote_a_row_is_no_patient(shipped: Ruleset, role: str) -> None:
    rows = ["VIH", "Dossier diabète", "Colloque cancer", "VIH", "Congrès"]
    assert told(shipped, f"Réf;{role};Note", *rows)["practitioner"] == 5
    assert "person_name" not in told(shipped, f"Réf;{role};Note", *rows)


@pytest.mark.parametrize("role", ["Agent", "Enseignant", "Étudiant(e)", "Candidat", "Artiste", "Élu", "Déclarant"])
def test_who_does_something(shipped: Ruleset, role: str) -> None:
    rows = ["VIH", "Dossier diabète", "Colloque cancer", "Patient alcoolique agressif", "Congrès"]
    assert told(shipped, f"Réf;{role};Objet", *rows) == {"person_name": 5}
    last, first = f"Nom {role}", f"Prénom {role}"
    lines = [["Réf", last, first, "Sujet"], *(["R1", *NAMES[at], row] for at, row in enumerate(rows))]
    assert read(shipped, lines) == {"person_name": 5}


@pytest.mark.parametrize(
    ("header", "rows", "hits"),
    [
        ("Réf;Agent;Objet", ["Arrêt maladie, cancer du sein", "VIH", "Congrès"], {"cancer": 1, "hiv": 1}),
        ("Réf;Étudiant;Observations", ["VIH", "cancer du sein", "RAS"], {"cancer": 1, "hiv": 1}),
        ("Réf;Chauffeur;Motif;Objet", ["visite;VIH", "visite;cancer du sein", "visite;"], {"cancer": 1, "hiv": 1}),
        ("Réf;Agent;Objet", ["Voir Mme Petit, VIH", "cancer du sein", ""], {"cancer": 1, "hiv": 1, "person_name": 4}),
        ("Réf;Agent;Tâche", ["Dossier PETIT Jeanne, VIH", "cancer du sein", ""], {"cancer": 1, "hiv": 1}),
        ("Réf;Agent;Description", ["AES, patient VIH", "cancer du sein", ""], {"cancer": 1, "hiv": 1}),
        ("Réf;Client;Objet", ["VIH", "cancer du sein", "Congrès"], {"cancer": 1, "hiv": 1}),
        ("Réf;Titulaire;Objet", ["VIH", "cancer du sein", "Congrès"], {"cancer": 1, "hiv": 1}),
        ("Réf;Patient;Objet", ["VIH", "cancer du sein", "Congrès"], {"cancer": 1, "hiv": 1}),
    ],
)
def test_who_may_be_a_patient(shipped: Ruleset, header: str, rows: list[str], hits: dict[str, int]) -> None:
    assert told(shipped, header, *rows) == {"person_name": 3, **hits}


@pytest.mark.parametrize("header", ["Réf;Saisi par;Pathologie", "Réf;Ouvert par;Note", "Réf;MODIFIE_PAR;Objet"])
def test_who_wrote_of_illnesses_may_be_ill_where_nobody_else_is_named(shipped: Ruleset, header: str) -> None:
    hits = {"person_name": 4, "treatment": 1, "cancer": 1}
    assert {name: told(shipped, header, *BARE).get(name) for name in hits} == hits


@pytest.mark.parametrize("header", ["Titre;Modifié par;Modifié le", "Pathologie;Maj par;Le"])
def test_who_wrote_many_rows_of_illnesses_has_none(shipped: Ruleset, header: str) -> None:
    def lines(writers: int) -> list[list[str]]:
        rows = [[ill, WHO[at % writers], f"0{at + 1}/02/2024"] for at, ill in enumerate([*BARE, "Psoriasis"])]
        return [header.split(";"), *rows]

    assert "person_name" not in read(shipped, lines(3))
    assert read(shipped, lines(4))["person_name"] == 5


@pytest.mark.parametrize(
    "header",
    ["Code CIM;Créé par;Libellé", "Terme;Modifié par;Définition", "Version;Modifié par;Titre", "Fichier;Maj par;Objet"],
)
def test_who_wrote_wordings_of_illnesses_has_none(shipped: Ruleset, header: str) -> None:
    assert "person_name" not in told(shipped, header, *BARE)
    assert told(shipped, "Code postal;Créé par;Libellé", *BARE)["person_name"] == 4


@pytest.mark.parametrize("header", ["Réf;Inventorié par;Désignation", "Réf;Compté par;Médicament"])
def test_who_counted_drugs_does_not_take_them(shipped: Ruleset, header: str) -> None:
    assert "person_name" not in told(shipped, header, "Truvada", "Bactrim 500 mg", "Levothyrox", "Biktarvy")


def test_who_wrote_of_a_patient_is_none(shipped: Ruleset) -> None:
    hits = told(shipped, "Réf;Saisi par;Pathologie;IPP", *(f"{bare};80012{at}" for at, bare in enumerate(BARE)))
    assert (hits.get("person_name"), hits["practitioner"], hits["patient_id"]) == (None, 4, 4)


@pytest.mark.parametrize(
    ("header", "rows", "hits"),
    [
        ("Module dépression;Module anxiété", ["4;3", "12;11", "18;16"], {"psychiatric": 6}),
        ("Module PHQ-9;Module GAD-7", ["14;13", "12;11", "18;16"], {"psychiatric": 6}),
        ("Module 2 - dépression, score MADRS;Classe", ["14;L1", "12;L1", "18;L2"], {"psychiatric": 3}),
        ("Module dépression;Module anxiété", ["4;3,5", "12,5;11", "18;16"], {}),
        ("Module dépression;Module anxiété", ["14;13", "12;11", "18;16"], {}),
        ("UE dépression;Module VIH", ["4;3", "12;11", "18;16"], {}),
        ("Module addictions", ["14", "12", "8", "18", "4"], {}),  # one bad mark of five
        ("Module addictions", ["14", "12", "3", "2", "4"], {"addiction": 5}),
        ("Module addictions", ["14", "12", "8", "22", "10"], {"addiction": 5}),
        ("UE 2.6 dépression - score QCM", ["4", "12", "3"], {}),
        ("Module 3 VIH score", ["4", "12", "3"], {}),
    ],
)
def test_scores_of_questionnaires_are_no_marks(
    shipped: Ruleset, header: str, rows: list[str], hits: dict[str, int]
) -> None:
    assert health(shipped, f"Né(e) le;{header}", *rows) == hits


@pytest.mark.parametrize("header", ["Classe", "Promotion", "N° étudiant"])
def test_numbers_of_pupils_are_marks_but_under_the_name_of_a_questionnaire(shipped: Ruleset, header: str) -> None:
    rows = [f"2210456{at};{mark}" for at, mark in enumerate(["14", "2", "8", "3", "4"])]
    assert health(shipped, f"{header};Module addictions", *rows) == {}
    assert health(shipped, f"{header};Module dépression PHQ-9", *rows) == {"psychiatric": 5}
