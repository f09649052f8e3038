"""What people write of their own health and sign: whose it is, and who signs what they write of others."""

from __future__ import annotations

import numpy as np
import pytest

from phiscan.content import recognizers_folder
from phiscan.fold import fold
from phiscan.link.text import TextLinker
from phiscan.model import CATEGORIES, Text
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath
from phiscan.seal import Sealer
from phiscan.tally import Tally


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return load_ruleset([recognizers_folder()])


def persons(ruleset: Ruleset, *messages: str) -> list[list[str]]:
    """Return the categories of each person in a mailbox of these bodies, sorted."""
    tally = Tally()
    linker = TextLinker(ruleset, Sealer(b"the key of the tests"), tally)
    for body in messages:
        head = "From: Quelqu'un <q@exemple.fr>\nSubject: Rdv\n"
        linker.add(TextPath(ruleset).find(fold(head)), Text(head, starts=True))
        linker.add(TextPath(ruleset).find(fold(body)), Text(body))
    linker.close()
    masks = np.asarray(tally.masks)
    return sorted([name for bit, name in enumerate(CATEGORIES) if int(mask) >> bit & 1] for mask in masks)


MESSAGES = (
    "Bonjour docteur, j'ai reçu mes résultats, je suis positif à la chlamydia, que faire ?\n\nArmand Morvan\n",
    "Bonjour, pouvez-vous me renouveler mon Seroplex 10 mg ?\n\nLoïc Kervella\n06 73 62 40 17\n",
    "Je souhaite annuler le rendez-vous pour l'IVG, j'ai fait une fausse couche hier.\n\nCéline Sicard\n",
)


def test_who_signs_what_they_write_of_themselves_is_who_has_it(ruleset: Ruleset) -> None:
    assert persons(ruleset, *MESSAGES) == [
        ["person_name", "email", "infection"],  # the address of the next
        ["person_name", "email", "phone", "treatment"],
        ["person_name", "pregnancy"],
    ]


@pytest.mark.parametrize(
    "end",
    [
        "\n\nCordialement,\nCéline Sicard\n",
        "\n\nBien à vous\n\nCéline Sicard\nTel 06 12 34 56 78\n",
        "\nSincères salutations.\nMme Sicard Céline\n",
        "\n--\nCéline Sicard\nTel 06 12 34 56 78\n",
        "\nBelle journée\nCéline Sicard\nPromo 2024\n",
        "\nMerci d'avance\nMme Sicard Céline\nmaman de Zoé\n",
        "\nCéline Sicard\nEnvoyé de mon iPhone\n",
        " Merci\n\n          *Céline Sicard*\n",
        "\nMerci, Céline Sicard\n",
    ],
)
def test_ways_to_sign(ruleset: Ruleset, end: str) -> None:
    (person,) = persons(ruleset, f"Bonjour, je ne viendrai pas demain : je suis enceinte de trois mois{end}")
    assert {"person_name", "pregnancy"} <= set(person)


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour, je vois ce patient demain. J'ai arrêté son Seroplex.\n\nCordialement,\nDr Céline Sicard\n",
        "Bonjour, mon patient du 12 a fait un AVC.\n\nCordialement,\nCéline Sicard\n",
        "Bonjour, mon AVC est parti au scanner.\n\nCordialement,\nCéline Sicard\nInterne de neurologie\n",
        "Bonjour, le diabète fera l'objet de la séance.\n\nCordialement,\nCéline Sicard\n",
    ],
)
def test_a_professional_under_the_closing_of_a_letter(ruleset: Ruleset, text: str) -> None:
    assert [one for one in persons(ruleset, text) if "person_name" in one] == []


def test_what_is_quoted_below_is_another_s(ruleset: Ruleset) -> None:
    quoted = "Je suis enceinte, je ne viendrai pas.\n\nCéline Sicard\n\n> De : Dr MOREL\n> Service de gynécologie\n"
    assert persons(ruleset, quoted) == [["person_name", "email", "practitioner", "pregnancy"]]


@pytest.mark.parametrize(
    "text",
    [
        "erkranken\nje suis atteint du sida <v>\nMauritius\nJoseph Maurice\nInselstaat im Indischen Ozean\n",
        "J'ai un cours sur le VIH jeudi, je prépare le diaporama.\n\nCéline Sicard\n",
        "Je suis référente VIH et j'ai mis à jour le protocole.\n\nCéline Sicard\n",
        "Mon AVC de la chambre 12 part au scanner.\n\nCéline Sicard\n",
        "Mon diabète est décompensé, merci de le revoir.\n\nCéline Sicard\nInterne\n",
        "Ma patiente est positive à la chlamydia, mon avis : doxycycline.\n\nCéline Sicard\n",
        "Je suis Céline Sicard\net j'ai fait une fausse couche",
        "Le Seroplex est en rupture.\n\nCéline Sicard\n",
        "Mon diabète ne s'affiche plus dans la liste des protocoles DxCare.\n\nCéline Sicard\n",
        "Mon Levothyrox est en rupture au grossiste.\n\nCéline Sicard\n",
        "J'ai un diabète, puis-je conduire ? Oui, sous réserve.\n\nRédaction\n\nCéline Sicard\n",
        "Mon diabète m'empêche-t-il de conduire ? Non.\n\nLa rédaction\n\nCéline Sicard\n",
    ],
)
def test_who_writes_of_others_or_of_their_work_is_no_patient(ruleset: Ruleset, text: str) -> None:
    assert persons(ruleset, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "J'ai un diabète, puis-je conduire ?\n\nCéline Sicard\n",
        "J'ai un diabète. Merci à la rédaction ?\n\nCéline Sicard\n",
        "J'ai un diabète et mon rendez-vous ne s'affiche plus.\n\nCéline Sicard\n",
        "Mon diabète est traité à Rennes. Le site ne s'affiche plus.\n\nCéline Sicard\n",
        "Je suis sur liste d'attente pour mon diabète.\n\nCéline Sicard\n",
    ],
)
def test_who_asks_and_complains_of_a_screen_is_still_a_patient(ruleset: Ruleset, text: str) -> None:
    assert persons(ruleset, text) == [["person_name", "email", "diagnosis"]]
