"""Medical headers in tables of other trades, of waters and of animals, with the recognizers that ship."""

from __future__ import annotations

import os

import pytest

from phiscan.model import Kind, Level, Limits
from phiscan.recognize.ruleset import Ruleset
from phiscan.scan.scanner import Observer, Scanner
from phiscan.seal import Sealer
from phiscan.tally import Tally
from phiscan.verdict import facts_of

NAMED = ("Nom;Prénom;Téléphone", ["DURAND;Paul;0611223344", "MARTIN;Sophie;0622334455", "PETIT;Luc;0633445566"])
BORN = ("Nom;Prénom;Né(e) le", ["DURAND;Paul;01/02/1950", "MARTIN;Sophie;12/03/1965", "PETIT;Luc;03/04/1971"])
OWNERS = ("Propriétaire;Téléphone", ["DURAND Paul;0611223344", "MARTIN Sophie;0622334455", "PETIT Luc;0633445566"])
CLIENTS = ("Client;Téléphone", OWNERS[1])
BREEDERS = ("Éleveur;Courriel", ["A;a.b@mel.example", "B;c.d@mel.example", "C;e.f@mel.example"])

People = tuple[str, list[str]]


def health(ruleset: Ruleset, people: People, headers: str, *rows: str) -> dict[str, tuple[int, int]]:
    """Return the hits and the persons of each health category in a table of three people with these columns."""
    heads, who = people
    lines = [f"{heads};{headers}", *(f"{person};{row}" for person, row in zip(who, rows, strict=True))]
    data = "\n".join(lines).encode()
    total, descriptor = Tally(), os.memfd_create("table")
    try:
        os.write(descriptor, data)
        for _, tally, gaps in Scanner(ruleset, Sealer.ephemeral(), Limits(), Observer()).scan(
            descriptor, "liste.csv", len(data)
        ):
            assert not gaps
            total.add(tally)
    finally:
        os.close(descriptor)
    facts = facts_of(total, Level.PUBLIC, ruleset)
    return {name: (found.hits, found.persons) for name, found in facts.categories.items() if found.kind is Kind.HEALTH}


@pytest.mark.parametrize(
    ("people", "headers", "rows"),
    [
        (CLIENTS, "Véhicule;Diagnostic", ("308;défaut injecteur 3", "Clio;joint de culasse", "C3;rotule cassée")),
        (NAMED, "Poste;Diagnostic;Résolution", ("PC-1;disque dur;remplacé", "PC-2;écran noir;clos", "PC-3;lent;clos")),
        (NAMED, "Appareil;Diagnostic", ("four;pompe HS", "frigo;fuite de gaz", "hotte;résistance coupée")),
        (OWNERS, "Adresse;Diagnostic", ("3 rue Neuve;amiante : dalles", "4 rue Neuve;plomb", "1 rue Haute;termites")),
        (OWNERS, "Arbre;Diagnostic", ("chêne;champignon au collet", "frêne;chalarose", "orme;cavité")),
        (NAMED, "Chantier;Pathologie", ("A;fissure en escalier", "B;remontées capillaires", "C;mérule")),
        (NAMED, "Société;Motif entrée", ("Roy;livraison palettes", "Otis;ascenseur", "Sopra;audit comptable")),
        (BORN, "Formation;Motif d'admission", ("BTS;sur dossier", "BTS;concours", "BUT;passerelle université")),
        (BORN, "Véhicule;Antécédents", ("308;2 sinistres responsables", "Clio;bris de glace", "C3;résiliation")),
        (BORN, "Logement;Antécédents", ("A1;2 loyers impayés", "A2;troubles de voisinage", "A3;aucun")),
        (BORN, "Motif séjour", ("colonie mer", "stage voile", "classe verte")),
        (NAMED, "Ordonnance", ("référé du 14/03/2024", "injonction de payer", "expertise")),
    ],
)
def test_diagnoses_of_other_trades(shipped: Ruleset, people: People, headers: str, rows: tuple[str, ...]) -> None:
    assert health(shipped, people, headers, *rows) == {}


@pytest.mark.parametrize(
    ("people", "headers", "rows", "found"),
    [
        (BORN, "DIAGNOSTIC", ("frcture col fem", "suspicion AVC", "dlr thoracique"), 3),
        (BORN, "Antécédents", ("RAS", "néant", "op. genou 2012"), 1),
        (BORN, "Motif d'admission", ("chute", "bilan", "AEG"), 3),
        (BORN, "Motif séjour", ("répit aidant", "cure", "SSR après PTH"), 3),
        (BORN, "Société;Poste;Antécédents", ("Otis;cariste;op. genou", "Roy;chauffeur;RAS", "Roy;cadre;lombalgies"), 2),
        (CLIENTS, "Diagnostic", ("lombalgie", "entorse cheville G", "mal au dos"), 3),
        (CLIENTS, "Logement;Pathologie", ("A1;asthme", "A2;sclérose en plaques", "A3;insuffisance respiratoire"), 3),
        (CLIENTS, "Médecin traitant;Motif séjour", ("Dr ROY;stage", "Dr ROY;xyz", "Dr LUC;rotule"), 3),
        (NAMED, "IPP;Véhicule;Diagnostic", ("81940069;VSL 1;xvt", "81940070;VSL 2;tbd", "81940071;VSL 1;moteur"), 3),
        (NAMED, "Service;Diagnostic", ("Cardio;expertise", "Cardio;xvt", "Neuro;audit"), 3),
        (BORN, "Véhicule;Diagnostic;Note", ("308;xvt;VIH positif", "C3;tbd;RAS", "Clio;kwz;RAS"), 3),
    ],
)
def test_diagnoses_of_patients(
    shipped: Ruleset, people: People, headers: str, rows: tuple[str, ...], found: int
) -> None:
    assert health(shipped, people, headers, *rows)["diagnosis"] == (found, found)


def test_what_counts_everywhere_counts_under_another_trades_header_too(shipped: Ruleset) -> None:
    values = ("308;injecteur, vidange", "Clio;culasse", "C3;freins")
    assert health(shipped, CLIENTS, "Véhicule;Diagnostic", *values) == {}
    values = ("308;turbo, client VIH positif", "Clio;culasse", "C3;freins")
    assert health(shipped, CLIENTS, "Véhicule;Diagnostic", *values) == {"hiv": (1, 1)}


@pytest.mark.parametrize(
    ("people", "headers", "rows"),
    [
        (OWNERS, "Sodium", ("11", "9", "14")),
        (CLIENTS, "Sodium", ("11", "9", "14")),
        (BREEDERS, "Urée", ("24", "28", "22")),
        (NAMED, "Nitrates;Calcium;Sodium;pH", ("32;94;11;7,4", "41;102;9;7,2", "8;77;14;7,6")),
        (BORN, "Parcelle;Magnésium;Potassium;Phosphore", ("C12;85;142;61", "C34;92;120;48", "D1;77;160;55")),
        (BORN, "Magnésium", ("85", "92", "77")),
        (BORN, "Cuve;Glucose;Potassium", ("C4;1,2;950", "C7;0,8;1100", "C9;0,4;870")),
        (NAMED, "Plaquettes", ("250", "150", "300")),
        (NAMED, "Plaquettes;Affiches", ("240;10", "150;5", "315;20")),
    ],
)
def test_analyses_of_nobody(shipped: Ruleset, people: People, headers: str, rows: tuple[str, ...]) -> None:
    assert health(shipped, people, headers, *rows) == {}


@pytest.mark.parametrize(
    ("people", "headers", "rows", "found"),
    [
        (BORN, "Sodium;Potassium", ("138;4,2", "141;3,9", "129;5,4"), 6),
        (BORN, "Commune;Urée", ("Vannes;0,45", "Auray;0,32", "Brest;1,2"), 3),
        (BORN, "Magnésium", ("0,82", "0,75", "0,91"), 3),
        (NAMED, "Plaquettes", ("250", "148", "312"), 3),
        (BORN, "Sodium;Phosphates", ("138;x", "141;x", "129;x"), 3),  # as waters have them, but for the values
        (NAMED, "Chambre;Plaquettes", ("12;250", "14;150", "15;300"), 3),
        (OWNERS, "Sodium;Glycémie", ("11;1,05", "9;0,95", "14;1,1"), 6),
    ],
)
def test_analyses_of_patients(
    shipped: Ruleset, people: People, headers: str, rows: tuple[str, ...], found: int
) -> None:
    assert health(shipped, people, headers, *rows) == {"lab_result": (found, 3)}


@pytest.mark.parametrize(
    ("people", "headers", "rows"),
    [
        (OWNERS, "Animal;Espèce;Diagnostic", ("Rex;Chien;diabète", "Tao;Chat;asthme", "Ulm;Lapin;abcès")),
        (OWNERS, "Chien;Vaccin", ("Rex;CHPPi", "Tango;rage", "Oslo;CHPL")),
        (NAMED, "Nom du chien;N° puce;Allergies", ("Rex;2502687;poulet", "Tao;2502688;blé", "Oslo;2502689;puces")),
        (OWNERS, "Cheval;Race;Robe;Pathologie", ("A;SF;bai;emphysème", "B;PS;alezan;tendinite", "C;PFS;gris;fourbure")),
    ],
)
def test_what_animals_have_is_nobodys(shipped: Ruleset, people: People, headers: str, rows: tuple[str, ...]) -> None:
    assert [persons for _, persons in health(shipped, people, headers, *rows).values()] in ([0], [0, 0])


@pytest.mark.parametrize(
    ("people", "headers", "rows", "found"),
    [
        (NAMED, "Motif de consultation", ("morsure de chien", "griffure de chat", "allergie aux poils de chat"), 3),
        (BORN, "Chien;Pathologie", ("Rex;glaucome", "Oslo;rétinite", "Tao;DMLA"), 3),  # guide dogs
        (BORN, "Animal;Antécédents", ("non;asthme", "oui;HTA", "oui;chute"), 3),
        (NAMED, "Animal;Antécédents", ("non;asthme", "oui;HTA", "oui;chute"), 3),
        (NAMED, "Médecin traitant;Chat;Antécédents", ("Dr ROY;Félix;asthme", "Dr ROY;Tao;HTA", "Dr ROY;Mia;chute"), 3),
    ],
)
def test_people_with_animals_are_people(
    shipped: Ruleset, people: People, headers: str, rows: tuple[str, ...], found: int
) -> None:
    assert health(shipped, people, headers, *rows)["diagnosis"] == (found, 3)
