"""Who is the patient: people at work among files, results and diseases are none, whatever is said near their names."""

from __future__ import annotations

import pytest

from phiscan.content import recognizers_folder
from phiscan.fold import fold
from phiscan.link.text import TextLinker
from phiscan.model import Kind, Text
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.text import TextPath
from phiscan.seal import Sealer
from phiscan.tally import Tally

SEALER = Sealer(b"the key of the tests")
OFFICE = [
    "Réunion du lundi. Mme Odile TANGUY suit le dossier. Le colloque sur le cancer du sein aura lieu à Dijon.",
    "Réunion du lundi. Mme Odile TANGUY présente le bilan. Le colloque sur le cancer du sein aura lieu à Dijon.",
    "Mme Odile TANGUY est admise au jury. Le colloque sur le cancer du sein aura lieu à Dijon.",
    "Mme Odile TANGUY a 40 ans de métier. Le colloque sur le cancer du sein aura lieu à Dijon.",
    "Mme Odile TANGUY a adressé un courrier. Le colloque sur le cancer du sein aura lieu à Dijon.",
    "Mme Odile TANGUY suit le dossier VIH avec l'agence régionale.",
    "M. Marc OLIVIER assurera le suivi de la commande de réactifs VIH pendant mes congés.",
    "Compte rendu du comité de pilotage. Mme Odile TANGUY présente les résultats de l'enquête VIH.",
    "J'ai eu Mme Odile TANGUY au téléphone : le compte rendu de la réunion cancer du sein part demain.",
    "Mme Odile TANGUY présente le dossier de subvention : 500 € contre la mucoviscidose, 200 € aux diabétiques.",
    "Madame Odile TANGUY, dont le dossier de candidature a été retenu, coordonnera l'étude sur le VIH à Mayotte.",
    "Traductrice : Mme Odile TANGUY. Documents livrés : notice patient VIH, consentement étude cancer du poumon.",
    "9 h 30  Annonce du cancer : Mme Odile TANGUY, IDE\n10 h 15  VIH, résultats de l'enquête : M. Marc OLIVIER",
    "Présents : M. Marc OLIVIER, maire. Octobre rose : cancer du côlon, atelier diabète.\n"
    "M. Marc OLIVIER rappelle l'insuffisance de places de parking ; l'ordonnance du juge est attendue.",
]
PATIENTS = [
    "M. Marc Olivier, dossier 4412, sérologie VIH positive",
    "Mme Odile Tanguy a été adressée pour un cancer du sein",
    "Mme Odile Tanguy, résultat de sa biopsie : carcinome canalaire infiltrant.",
    "Mme Odile TANGUY présente un cancer du sein, bilan d'extension en cours.",
    "Mme Odile TANGUY a été transférée cette nuit, tentative de suicide.",
    "J'ai les résultats de M. Marc Olivier : VIH positif.",
    "Peux-tu me sortir les résultats VIH de M. Marc OLIVIER ? C'est urgent, il est là.",
    "Le diagnostic de sclérose en plaques a été annoncé à Mme Odile TANGUY hier.",
    "Sortie de Mme Odile TANGUY prévue lundi, cancer du côlon, HAD à organiser.",
    "Compte rendu de consultation\nM. Marc OLIVIER\nDiabète de type 2 mal équilibré, je propose une insulinothérapie.",
    "Mme Odile TANGUY demande son traitement pour le VIH, il n'en reste plus que deux jours.",
    "Monsieur Marc OLIVIER, domicilié à Vannes, souffre d'une maladie de Parkinson.",
    "Consultation de la douleur. Mme Odile TANGUY est connue ici. Elle a tout essayé : la duloxétine ; la kétamine en\n"
    "trois cures ; l'hypnose. C'est une fibromyalgie.",
]


@pytest.fixture(scope="module")
def path() -> TextPath:
    return TextPath(load_ruleset([recognizers_folder()]))


def patients(text: str, path: TextPath) -> int:
    """Return how many people of a text have a fact about their health."""
    linker = TextLinker(path.ruleset, SEALER, Tally())
    linker.add(path.find(fold(text), stated=False), Text(text))
    facts = (one for one in path.ruleset.recognizers if one.kind is Kind.HEALTH and one.category != "exam_date")
    health = sum({1 << one.bit for one in facts})
    return sum(bool(mask & health) for _, mask in linker.persons())


@pytest.mark.parametrize("text", OFFICE)
def test_who_works_on_files_and_results_is_no_patient(path: TextPath, text: str) -> None:
    assert patients(text, path) == 0


@pytest.mark.parametrize("text", PATIENTS)
def test_whose_results_and_files_they_are_is_one(path: TextPath, text: str) -> None:
    assert patients(text, path) == 1
