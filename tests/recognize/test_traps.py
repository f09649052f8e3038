"""Codes and abbreviations that mean nothing outside a medical context, beside a person who is named."""

from __future__ import annotations

import pytest

from phiscan.content import recognizers_folder
from phiscan.fold import fold
from phiscan.model import Kind
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath

PERSON = "M. Paul KERVELLA, né le 02/04/1961, client n° 4471."
TRAPS = [
    "Vis C50.9 et écrous D12, lot B24.",
    "Réunion en salle B24, badge Z21 à l'accueil.",
    "Vitamine B12 et câble C12, rallonge de 5 m.",
    "Batterie D12 V, pile AA+, ampoule A+.",
    "Il doit 3 K de frais, soit 3 000 euros.",
    "Température de couleur 4000 K, potentiel élevé.",
    "PSA Peugeot Citroën, véhicule 308 de 2019.",
    "ACE Électronique, SA au capital de 12 000 euros.",
    "Crédit Agricole SA, 12 place des États-Unis.",
    "CV reçu, lettre de motivation jointe, 12 ans d'expérience.",
    "TPE et PME : aides de la région ; TPE en panne au guichet 2.",
    "RCP professionnelle souscrite, RC décennale à jour.",
    "Note A+ en gestion, B- en droit, étiquette énergie A+.",
    "Groupe A - réunion à 10 h ; groupe B : à 11 h.",
    "Hiver rude, IVD Immobilier, PMA Consulting, FIV SARL.",
    "Le tropique du Cancer, signe Cancer ascendant Lion.",
    "Dépression atmosphérique, fugue en ré, tabac presse.",
    "OH Yeah, THC Consulting, MST en gestion, IST Formation.",
    "ELISA Martin et ELISA Durand, Kaposi Transports.",
    "La Sida est l'agence suédoise de coopération ; M. Sida présidera.",
    "Cours de C++ et de C#, groupe O-ring, joint O.",
    "EDF TRAVAUX, EC2, ICE TGV, BK Consulting, SLA de 99,9 %.",
    "ALD Automotive, contrat 30 mois ; ALD 30/06/2021.",
    "RAI 3 canale, HD Énergie, TS 2020, TOC TOC TOC.",
    "Enceinte Bluetooth 20 W ; mur d'enceinte ; l'enceinte du site.",
    "Appartement T2, numéro 1 ; T4 N° 12 ; bus T3 N10.",
    "ALD 30/06/2021, MST en gestion, rue de Palu.",
    "SEP sous contrat, SAS au capital de 10 000 euros, LED blanche 12 W.",
    "Kelly positive, M. Coombs direct, IRC du logiciel libre, EPC 2021.",
    "Passeport vaccinal, CNIL n° 1234567, commande 9123456, lot 60234100.",
    "Séance du 12/03/2026 levée à 20 h, prochaine le 14/04/2026.",
]


@pytest.fixture(scope="module")
def path() -> TextPath:
    ruleset: Ruleset = load_ruleset([recognizers_folder()])
    return TextPath(ruleset)


@pytest.mark.parametrize("trap", TRAPS)
def test_no_health_fact_outside_a_medical_context(path: TextPath, trap: str) -> None:
    found = path.find(fold(f"{PERSON} {trap}"))
    recognizers = [path.ruleset.recognizers[span.recognizer] for span in found.spans]
    assert [one.id for one in recognizers if one.kind is Kind.HEALTH] == []

