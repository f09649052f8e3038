"""Lists of patients by bed, civility or age: who is in them, and which lists are of others."""

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


def persons(ruleset: Ruleset, text: str, *, prose: bool = True) -> list[list[str]]:
    """Return the categories of each person named in a text, sorted."""
    tally = Tally()
    linker = TextLinker(ruleset, Sealer(b"the key of the tests"), tally)
    linker.add(TextPath(ruleset).find(fold(text), prose=prose), Text(text))
    linker.close()
    masks = np.asarray(tally.masks)
    return sorted([name for bit, name in enumerate(CATEGORIES) if int(mask) >> bit & 1] for mask in masks)


DIETS = """\
EHPAD Les Mimosas - régimes et textures - semaine 12
Ch 1   Mme ALBERTINI Rose      diabétique, mixé lisse
Ch 2   M. CASTELLI Dominique   sans sel (insuffisance cardiaque)
Ch 3   Mme COLONNA Antoinette  allergie arachide
Ch 5   M. SIMEONI Paul         normal
"""


def test_each_line_of_a_ward_s_list_is_a_patient(ruleset: Ruleset) -> None:
    assert persons(ruleset, DIETS) == [["person_name"], *[["person_name", "diagnosis"]] * 3]


def test_notes_of_a_night(ruleset: Ruleset) -> None:
    text = "# Astreinte\n- **HUET Patrick** (né 1958) : AVC sylvien\n- **Mme Roche Denise**, 91a : OAP, Lasilix 80\n"
    assert persons(ruleset, text) == [["person_name", "diagnosis"], ["person_name", "treatment", "diagnosis"]]


def test_a_civility_alone_needs_words_of_care(ruleset: Ruleset) -> None:
    told = "101 Mme GARREC Louise  agitée, Risperdal donné 22h\n103 Mme PRAT Yvette  chute, sous Kardégic\n"
    assert persons(ruleset, f"{told}104 M. ABIVEN Guy RAS\n") == [
        ["person_name"],
        ["person_name", "treatment"],
        ["person_name", "treatment", "diagnosis"],
    ]


def test_one_line_is_no_list(ruleset: Ruleset) -> None:
    assert persons(ruleset, "Ch 1   Mme ALBERTINI Rose      diabétique\nCh 2\n") == []


def test_a_program_s_lines_are_no_list(ruleset: Ruleset) -> None:
    assert persons(ruleset, DIETS, prose=False) == []


@pytest.mark.parametrize(
    "text",
    [
        "Programme du congrès\n14h M. Paul KERVELLA : cancer du sein\n15h Mme Anne PETIT : diabète de l'enfant\n",
        "M. Paul KERVELLA présente l'étude sur le diabète\nMme Anne PETIT rappelle les cas d'asthme\n",
        "M. Paul KERVELLA diabète p.kervella@example.org\nMme Anne PETIT asthme a.petit@example.org\n",
        "Paul KERVELLA : diabète\nAnne PETIT : asthme\n",
        "M. Paul KERVELLA, le cancer du sein\nMme Anne PETIT, diabète gestationnel\nM. Ali BEN SALEM, VIH et société\n",
        "Mme Anne PETIT, psychiatrie adulte\nM. Ali BEN SALEM, VIH et infectiologie\nM. Luc MOREL, diabète\n",
        "Membres du bureau\nM. Paul KERVELLA, diabète\nMme Anne PETIT, asthme\n",
    ],
)
def test_speakers_and_members_are_no_patients(ruleset: Ruleset, text: str) -> None:
    assert persons(ruleset, text) == []


CHILD = ["person_name", "birth_date", "diagnosis"]
ONE = ["person_name", "diagnosis"]


def test_days_of_birth_of_children_lie_years_apart(ruleset: Ruleset) -> None:
    text = "LACOMBE Enzo 12/05/2012 crise d'asthme\nPETIT Tom 30/09/2019 eczéma\nLE GOFF Lina 14/02/2014 diabète\n"
    assert persons(ruleset, text) == [CHILD] * 3


def test_or_years_before_what_else_is_dated(ruleset: Ruleset) -> None:
    text = "Édité le 03/06/2024\n- Enzo LACOMBE (12/05/2015) : asthme\n- Lina LE GOFF (14/02/2015) : épilepsie\n"
    assert persons(ruleset, text) == [CHILD, CHILD]


@pytest.mark.parametrize(
    "text",
    [
        "LACOMBE Enzo 12/05/2012 crise d'asthme\n",  # one day may be any
        "LACOMBE Enzo 12/05/2024 asthme\nPETIT Tom 30/09/2024 épilepsie\n",
        "LACOMBE Enzo 12/05/2012 asthme\nLACOMBE Enzo 30/09/2019 asthme\nPETIT Tom 30/09/2017 épilepsie\n",
        "KERVELLA Paul 12/05/2012 Dépression : étude\nPETIT Anne 30/09/2019 Diabète : étude\n",
        "Liste des thèses\nKERVELLA Paul 12/05/2012 asthme\nPETIT Anne 30/09/2019 diabète\n",
        "Formations suivies\nKERVELLA Paul 12/05/2012 asthme\nPETIT Anne 30/09/2019 diabète\n",
        "A. MARTIN Luc 02/03/2011 asthme\nPETIT Luc 02/03/2012 asthme\nROUX Jean 02/03/2013 asthme\n"
        "FABRE Anne 02/03/2014 asthme\nLE GOFF Lina 02/03/2015 asthme\nMOREL Tom 02/03/2016 asthme\n",  # in order
    ],
)
def test_other_days_beside_names_are_no_births(ruleset: Ruleset, text: str) -> None:
    assert persons(ruleset, text) == []


def test_a_bed_behind_the_name(ruleset: Ruleset) -> None:
    text = "Mme PELLERIN Jeanne ch 12 : schizophrénie\nM. ROUSSET Michel ch 14 : AVC ischémique\n"
    assert persons(ruleset, text) == [ONE, ["person_name", "psychiatric"]]


def test_numbers_of_rooms_and_what_people_are(ruleset: Ruleset) -> None:
    text = "204 Mme ROUX Odette maladie de Parkinson, mixé\n207 M. FABRE Lucien insuffisance rénale, dialysé\n"
    assert persons(ruleset, text) == [ONE, ONE]


def test_who_speaks_in_a_chat_is_nobody_else_s_name(ruleset: Ruleset) -> None:
    text = "12/03/2024 à 22:15 - Sandrine IDE: Mme PELLERIN Jeanne ch 12 asthme\n"
    text += "12/03/2024 à 22:17 - Momo AS: M. ROUSSET Michel ch 14 épilepsie\n"
    assert persons(ruleset, text) == [[*ONE, "exam_date"], [*ONE, "exam_date"]]


CHAT = (
    "12/11/2026, 07:43 - Nathalie IDEL: coucou, Mme Rose PELLERIN a chuté, plaie du cuir chevelu, pansement fait\n"
    "12/11/2026, 08:10 - Karim: ok je repasse ce soir. Et M. Paul ROUSSET ? toujours sous Lovenox ?\n"
    "[13/11/2026 à 07:05] Karim : Mme Anne MOREL est positive à la gale, mettez les gants\n"
)


def test_whom_colleagues_speak_of_in_a_chat(ruleset: Ruleset) -> None:
    assert persons(ruleset, CHAT) == [
        ["person_name", "diagnosis"],
        ["person_name", "infection", "exam_date"],
        ["person_name", "treatment", "exam_date"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "12/11/2026, 07:43 - Nathalie: coucou, M. Paul ROUSSET présente le diabète jeudi\n"
        "12/11/2026, 07:44 - Karim: ok, et Mme Anne MOREL parle du VIH\n",
        "12/11/2026, 07:43 - Nathalie: ok, voir avec Paul ROUSSET pour la salle du colloque diabète\n"
        "12/11/2026, 07:44 - Karim: et avec Anne MOREL, affiche VIH\n",
    ],
)
def test_or_whom_they_work_with(ruleset: Ruleset, text: str) -> None:
    assert persons(ruleset, text) == []


def test_an_agenda_tells_what_is_done_for_each(ruleset: Ruleset) -> None:
    text = "09:00 GAUTIER Lucie - IVG médicamenteuse 7 SA\n10:00 CISSOKO Oumou - VIH, renouvellement Biktarvy\n"
    assert persons(ruleset, text) == [["person_name", "hiv", "treatment"], ["person_name", "pregnancy"]]
    entries = "SUMMARY:GAUTIER Lucie - IVG médicamenteuse 7 SA\nEND:VEVENT\nSUMMARY:BOUCHER Manon - chimio FOLFOX C4\n"
    assert persons(ruleset, entries) == [["person_name", "cancer", "treatment"], ["person_name", "pregnancy"]]


def test_the_last_column_of_an_operating_list_is_a_doctor(ruleset: Ruleset) -> None:
    names = ["person_name", "practitioner"]
    text = "PROGRAMME OPERATOIRE\nS1 08:00  LEFEUVRE Jacques 72 ans   arthrose   Dr Martin   AG\n"
    text += "S2 10:00  DA SILVA Maria 45 ans  cancer du sein  Dr Martin  AG\n"
    assert persons(ruleset, text) == [[*names, "cancer"], [*names, "diagnosis"]]


def test_brackets_behind_the_names_of_children(ruleset: Ruleset) -> None:
    text = "CP : Timéo LACOMBE (allergie arachide, Anapen), Jade EL IDRISSI (maladie coeliaque)\n"
    text += "CM1 : Lilou PERRIN (épilepsie, Buccolam)\n"
    drugs = ["person_name", "treatment", "diagnosis"]
    assert persons(ruleset, text) == [ONE, drugs, drugs]


def test_a_plan_of_tables(ruleset: Ruleset) -> None:
    text = "Table 1 : M. Blanchet Henri (diabète, sans sel) / Mme Foulquier Simone (mixé, épilepsie)\n"
    assert persons(ruleset, text) == [ONE, ONE]


def test_pupils_by_their_class(ruleset: Ruleset) -> None:
    text = "Timéo LACOMBE, CP : asthme, Anapen\nLilou PERRIN, CM1 : épilepsie\n"
    assert persons(ruleset, text) == [ONE, ["person_name", "treatment", "diagnosis"]]


def test_pupils_by_their_class_and_its_division(ruleset: Ruleset) -> None:
    text = "Protocoles - 2026\nPELLERIN Solange, 5eC : allergie arachide – Anapen dans l'armoire\n"
    text += "VASSEUR Tom, 4B : diabète, pompe à insuline\nROUX Lina (3eme 2) : drépanocytose\n"
    drugs = ["person_name", "treatment", "diagnosis"]
    assert persons(ruleset, text) == [["person_name", "genetic"], drugs, drugs]


@pytest.mark.parametrize(
    "text",
    [
        "PELLERIN Solange, 5eC : le diabète sous insuline\nPETIT Tom, 4eB : les allergies, Ventoline\n",
        "PELLERIN Solange, 5eC : diabète\nPETIT Tom, 4eB : asthme\nROUX Lina, 3eA : VIH\n",
        "Sujets d'exposés\nPELLERIN Solange, 5eC : allergie, Ventoline\nPETIT Tom, 4eB : diabète sous insuline\n",
        "PELLERIN Solange, 1er prix : affiche diabète, insuline\nPETIT Tom, 2e prix : allergie, Ventoline\n",
    ],
)
def test_what_pupils_speak_about_is_not_theirs(ruleset: Ruleset, text: str) -> None:
    assert persons(ruleset, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "09:00 GAUTIER Lucie - consultation VIH\n09:30 BOUCHER Manon - consultation cancer\n",
        "Tableau de garde\n09:00 GAUTIER Lucie - VIH, renouvellement Biktarvy\n10:00 MARTIN Luc - chimio FOLFOX C4\n",
        "09:30 Jean MARTIN - cancer : actualités\n10:00 Anne PETIT - VIH, Biktarvy\n11:00 Luc ROUX - Keytruda\n",
        "09:30 Jean MARTIN - Keytruda dans le cancer du sein\n10:00 Anne PETIT - VIH : Biktarvy\n",
        "09:30 Jean MARTIN - Biktarvy et VIH\n10:00 Anne PETIT - Keytruda et cancer bronchique\n",
        "08:00-14:00 GAUTIER Lucie - chimio FOLFOX C4\n14:00-20:00 MARTIN Luc - chimio FOLFOX C1\n",
        "12/03/2024 22:15 - Lucie GAUTIER: Loxapac 5 mg donné\n12/03/2024 22:17 - Luc MARTIN: asthme, Ventoline 2 mg\n",
        "22:15 Lucie GAUTIER - Mme P. : Loxapac 5 mg donné\n22:17 Luc MARTIN - ch 12 : asthme, Ventoline 2 mg\n",
        "Intervenants : Paul KERVELLA (cancer du sein), Anne PETIT (VIH)\n",
        "Nos experts : Paul KERVELLA (cancer du sein, Keytruda), Anne PETIT (VIH, Biktarvy)\n",
        "Paul KERVELLA (CHU de Brest, cancer du sein), Anne PETIT (CHU de Nantes, VIH)\n",
        "SUMMARY:GAUTIER Lucie - réunion VIH\nSUMMARY:BOUCHER Manon - staff cancer\n",
        "204 Mme ROUX Odette, diabète\n207 M. FABRE Lucien, cancérologie\n",
        "204 Mme ROUX Odette, néphrologie, dialyse\n207 M. FABRE Lucien, cancer, dialyse\n",
        "Mme Anne PETIT : pied diabétique\nM. Paul KERVELLA : rétinopathie diabétique\n",
        "Mme ROUX Odette   cancer du sein   Dr Martin\nM. FABRE Lucien   diabète   Dr Martin\n",
    ],
)
def test_rotas_and_programmes_are_no_agendas(ruleset: Ruleset, text: str) -> None:
    assert persons(ruleset, text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Mme MARTIN Josiane est diabétique, insuline à 18h", ["diagnosis", "treatment"]),
        ("M. Hervé Durand est porteur d'une maladie de Crohn.", ["diagnosis"]),
        ("Madame Odette MOREAU n'a pas encore eu le cancer du sein", ["cancer"]),
        ("Mme Josiane MARTIN est référente diabète", []),
        ("Mme Josiane MARTIN a présenté le dossier VIH", []),
        ("M. Hervé DURAND est président de l'association VIH", []),
        ("Mme Josiane MARTIN a fait un exposé sur le cancer du sein", []),
        ("Mme Josiane MARTIN est arrivée. Diabète : la conférence commence", []),
    ],
)
def test_whom_a_sentence_states_a_fact_of(ruleset: Ruleset, text: str, told: list[str]) -> None:
    order = list(CATEGORIES)
    assert persons(ruleset, text) == ([["person_name", *sorted(told, key=order.index)]] if told else [])


def test_each_of_whom_facts_are_stated_is_a_patient(ruleset: Ruleset) -> None:
    text = "Mme MARTIN Josiane est diabétique\nM. DURAND Hervé est épileptique\nMme MOREAU Odette est séropositive\n"
    assert persons(ruleset, text) == [
        ["person_name", "diagnosis"],
        ["person_name", "diagnosis"],
        ["person_name", "hiv"],
    ]


def test_a_relative_of_a_letter_is_no_record(ruleset: Ruleset) -> None:
    text = "Mme MARTIN Josiane, née le 12/03/1965, est diabétique. Son mari, M. MARTIN Paul, est épileptique."
    assert len(persons(ruleset, f"{text} VIH négatif.")) == 1


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (
            "MARTIN Josiane : diabétique\nDURAND Paul : sous Préviscan\nLEROY Anne : 2 juin\n",
            ["diagnosis", "treatment"],
        ),
        ("A revoir :\nMartin Josiane - VIH+\nLe Goff Yann - ATCD de tuberculose\n", ["hiv", "infection"]),
        ("MARTIN Josiane : diabète\nDURAND Paul : séropositif\n", ["diagnosis", "hiv"]),
        ("Équipe de nuit\nMARTIN Josiane : diabète\nDURAND Paul : séropositif\n", []),
        ("- MARTIN Josiane : diabétique\n- Durand Paul -VIH+\n", ["diagnosis", "hiv"]),
        (
            "12/03/2024 MARTIN Josiane = épileptique\n13/03/2024 DURAND Paul -> sous Préviscan\n",
            ["diagnosis exam_date", "treatment exam_date"],
        ),
        (
            "MARTIN Josiane, diabétique\nDURAND Paul, séropositif\nLEROY Anne, asthme\n",
            ["diagnosis", "diagnosis", "hiv"],
        ),
        (
            "MARTIN Josiane : diabétique\nDURAND Paul : VIH+\nLEROY Anne : épileptique, quel traitement ?\n",
            ["diagnosis", "diagnosis", "hiv"],
        ),
        ("MARTIN Josiane : très diabétique\nDURAND Paul : connu pour une épilepsie\n", ["diagnosis", "diagnosis"]),
        ("MARTIN Josiane : diabète, quoi de neuf ?\nDURAND Paul : sous Préviscan\n", []),
        ("MARTIN Josiane : Levothyrox\nDURAND Paul : Truvada\n", []),
        ("Référents thématiques\nMARTIN Josiane : diabétique\nDURAND Paul : VIH sous toutes ses formes\n", []),
        ("MARTIN Josiane : diabète, sortie ambulatoire\nDURAND Paul : VIH\n", []),
        ("Josiane Martin : VIH+ : la campagne sort\nPaul Durand : VIH : entrée en vigueur en juin\n", []),
        ("Causes de mort (1850-1920)\nMartin Josephe : tuberculose\nLeroy Anne : diabétique\n", []),
        ("MARTIN Josiane : diabétique\n", ["diagnosis"]),
        ("MARTIN Josiane : diabétique\nMARTIN Josiane : sous insuline\n", ["treatment diagnosis"]),
        (
            "LEROY Anne - HTA\nPetit Luc -VIH+\nPetit Luc - sous Truvada\nDurand Paul - séropositif\n",
            ["diagnosis", "hiv", "hiv treatment"],
        ),
        ("Petit Luc - VIH+\nPetit Luc - sous Truvada\nPetit Luc - HTA\nDurand Paul - HTA\nPetit Luc - HTA\n", []),
        ("Rappeler le labo\nMARTIN Josiane - VIH+\n", ["hiv"]),
        ("MARTIN Josiane : diabète\n", []),
        ("MARTIN Josiane : diabétique\n" + "Relu le plan du bâtiment, rien à redire.\n" * 10, []),
        ("MARTIN Josiane : la patiente est diabétique\nDURAND Paul : ok, sous Préviscan alors\n", []),
    ],
)
def test_a_name_and_what_is_noted_of_it(ruleset: Ruleset, text: str, people: list[str]) -> None:
    assert persons(ruleset, text) == [["person_name", *one.split()] for one in people]
