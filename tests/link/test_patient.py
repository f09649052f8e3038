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
    "Mme Odile TANGUY a été adressée par le Dr Petit. Cancer du sein gauche T2N0.",
    "Résultats de M. Yann CADIOU.\nVIH positif, syphilis négative.",
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
    "Consultation de la douleur. Mme Odile TANGUY est connue ici. Elle a tout essayé : la duloxétine ; la kétamine"
    " en\n"
    "trois cures ; l'hypnose. C'est une fibromyalgie.",
]

WORK = [
    "ARRÊTÉ n° 2024-118 portant nomination\nArticle 1er. M. Marc OLIVIER, né le 07/07/1984, praticien hospitalier,"
    " est"
    " nommé chef du pôle de psychiatrie et addictologie.\nArticle 2. Il est responsable de l'unité des troubles"
    " bipolaires.",
    "Je certifie que Mme Odile TANGUY, née le 04/07/1968, a été employée comme aide-soignante, unité Alzheimer.",
    "ATTESTATION DE FORMATION\nMonsieur Marc OLIVIER, né le 04/07/1978 à Vannes, a suivi la formation « Dépistage du"
    " VIH et des IST en médecine de ville » les 14 et 15 mars 2024.",
    "Mme Odile TANGUY, infirmière, née le 04/07/1968, exerce à l'unité de soins VIH.",
    "Je soussigné, M. Marc OLIVIER, né le 11/04/1948, trésorier de l'association « Vivre avec le VIH », donne"
    " pouvoir à"
    " Mme GUYOT.",
    "Odile TANGUY\nNée le 18 septembre 1989 à Angers\nINFIRMIERE DIPLOMEE D'ETAT\n"
    "2016-2019  CHU, maladies infectieuses : suivi VIH, hépatite C, tuberculose",
    "Curriculum vitae\nNom : TANGUY    Prénom : Odile    Date de naissance : 03/05/1950\n"
    "Thèmes de recherche : VIH, hépatite C, réservoirs viraux. HDR 1988.",
    "Marc OLIVIER - né le 12/03/1985 - développeur\n2019-2024 : éditeur de logiciels ; module VIH, diabète.",
    "COMPTE RENDU D'ENTRETIEN PROFESSIONNEL 2023\nAgent : Mme Odile TANGUY, née le 08/08/1976. Poste : DIM\n"
    "Mme Tanguy a codé 310 séjours VIH. La formation au codage du diabète n'a pas été suivie.",
    "CONTRAT DE TRAVAIL\nEntre le Centre hospitalier et Mme Odile TANGUY, née le 30/01/1991\nArticle 1. Mme Tanguy"
    " est"
    " recrutée comme infirmière en hospitalisation de jour d'oncologie (chimiothérapie).",
    "FICHE DE POSTE - Assistante\nTitulaire : Mme Odile TANGUY\nMissions : accueil des patients suivis pour"
    " dépression,"
    " schizophrénie ou troubles bipolaires.",
    "Le prix a été remis à Mme Odile TANGUY, née en 1950, pour ses travaux sur la maladie de Parkinson.",
]
ILL_AT_WORK = [
    "Mme Odile TANGUY, secrétaire, née le 12/03/1961. VIH+.",
    "M. Yann CADIOU, né le 03/04/1970, professeur. Cancer du pancréas.",
    "Fiche : Mme Odile TANGUY, née le 05/06/1988, infirmière.\nGrossesse 7 mois.",
    "Mme Odile TANGUY, née le 04/07/1968, infirmière, est hospitalisée pour un cancer du sein.",
    "Mme Odile TANGUY, née le 04/07/1968, aide-soignante, diabétique.",
    "M. Marc OLIVIER, né le 04/07/1978, retraité, suivi pour une maladie de Parkinson.",
    "Visite médicale\nMme Odile TANGUY, née le 04/07/1968, aide-soignante\nGrossesse de 4 mois, apte avec aménagement.",
    "Avis d'arrêt de travail\nM. Marc OLIVIER, né le 04/07/1978, agent technique\nDépression sévère",
    "Déclaration d'accident du travail : Mme Odile TANGUY, née le 04/07/1968, infirmière, piqûre, VIH source positif.",
    "Expertise : Mme Odile TANGUY, née le 30/01/1991, employée de banque, sclérose en plaques.",
    "Mme Odile TANGUY, née le 04/07/1968 (IPP 80123456), infirmière. Cancer du sein.",
    "M. Marc OLIVIER, né le 07/07/1984, journaliste. VIH connu depuis 2009, charge virale indétectable sous Triumeq.",
    "M. Marc OLIVIER, né le 07/07/1984, enseignant. Diabète de type 1, HbA1c 8,2 %, Lantus 20 UI le soir.",
    "CONTRAT DE TRAVAIL - Mme Odile TANGUY, née le 30/01/1991, est recrutée. Elle est reconnue travailleur handicapé"
    " (RQTH), sclérose en plaques.",
]

TITLED = [
    "CURRICULUM VITAE\n\nOdile TANGUY\nNée le 14 mars 1988 à Vannes\nINFIRMIÈRE DIPLÔMÉE D'ÉTAT\n\n2010 - 2014 "
    " Infirmière,"
    " CSAPA\n - Dépendance à l'alcool, substitution par méthadone\n2021  DU Éducation du patient diabétique",
    "Odile TANGUY\nNée le 14 mars 1988 à Vannes\n\n2010 - 2014  Infirmière, oncologie médicale\n"
    " - Chimiothérapie du cancer du sein, traitements antiviraux de l'hépatite C",
    "Contrat de travail\nMadame Odile TANGUY, née le 30/01/1991, n° RPPS 10100456781, participe à la prise en charge"
    " des"
    " patients présentant une dépendance à l'alcool ou une schizophrénie, et au dépistage du VIH. L'hépatite B est"
    " obligatoire. En cas de grossesse ou d'arrêt de travail, elle bénéficie des dispositions statutaires.",
    "Convention d'honoraires\nEntre la société et le Docteur Odile TANGUY, née le 3 mai 1972, N° RPPS 10100987654.\n"
    "Objet : symposium « VIH : simplifier le traitement ».",
    "Attestation de fin de formation\nMadame Odile TANGUY, née le 9 septembre 1979, aide-soignante, a suivi la"
    " formation"
    " « Accompagner une personne atteinte de la maladie d'Alzheimer ».",
    "CONVENTION DE STAGE\nNom : TANGUY. Prénom : Odile. Née le 22/02/2002 à Brest.\nSujet du stage : Troubles"
    " bipolaires"
    " et dépression résistante.\nService d'accueil : unité d'hospitalisation psychiatrique.",
    "Compte rendu d'entretien professionnel\nNom : TANGUY\nPrénom : Odile\nDate de naissance : 14/08/1984\n"
    "Points forts : diagnostic de l'hépatite C, charge virale VIH\nObjectifs : PCR tuberculose",
    "BULLETIN DE PAIE\nMatricule : 0041234   TANGUY Odile   N° SS : 2 91 04 35 238 114 20\nEmploi : Aide-soignante -"
    " Unité"
    " Alzheimer\nEntrée le 02/01/2019\nComplémentaire incapacité invalidité décès   2 033,60   0,80 %",
    "CONDITIONS PARTICULIÈRES - CONTRAT D'ASSURANCE EMPRUNTEUR\nAssureur : MUTUELLE DU LARGE\nNom : TANGUY   Prénom :"
    " Odile   Née le : 12/04/1985\nGARANTIES SOUSCRITES\nInvalidité permanente totale (IPT) et partielle (IPP)\nNe"
    " sont pas garanties les suites"
    " de l'alcoolisme ni la schizophrénie. Grille AERAS : VIH, diabète, cancer du sein.",
    "Appel à projets recherche 2026\nNom : TANGUY\nPrénom : Odile\nDate de naissance : 04/06/1981\nTitre : Diabète"
    " gestationnel\nRésumé : nous testerons la metformine chez 120 femmes enceintes.",
    "COMMUNIQUÉ DE PRESSE\n« Une femme sur huit sera touchée par un cancer du sein. »\nMme Odile TANGUY, 35 ans,"
    " marraine"
    " de l'opération, donnera le départ. Psychologue, Mme Aude GUYOT parlera : « Annoncer un cancer ».",
    "Bulletin municipal n° 88\nNotre doyenne, Mme Odile TANGUY, née le 4 juillet 1924, a soufflé ses 101 bougies.\n"
    "Atelier mémoire : prévention de la maladie d'Alzheimer.\nClub de gym : sport et diabète.",
    "Statuts de l'association « Réseau VIH »\nM. Marc OLIVIER, né le 3 mars 1970. Objet : soutenir qui vit avec le"
    " VIH.",
    "M. Marc OLIVIER, né le 07/08/1996, soutiendra sa thèse « Résistance du VIH aux inhibiteurs d'intégrase ».",
    "Entre les soussignés : M. Marc OLIVIER, né le 3 mars 1970, il est fondé une association.\nObjet : le VIH.",
    "Mme Odile TANGUY, 42 ans, dirige la Maison des usagers.\nSon association lutte aussi contre le diabète.",
    "Née le 9 mai 1975 à Lorient, Odile TANGUY a publié quatre romans.\nUn secret : la schizophrénie du frère.",
]
ILL_IN_TITLED = [
    "CURRICULUM VITAE\n\nOdile TANGUY\nNée le 14 mars 1988\n\n2010 - 2014  Infirmière, oncologie\nReconnue"
    " travailleur"
    " handicapé (RQTH) : sclérose en plaques.",
    "CURRICULUM VITAE\nOdile TANGUY, née le 14 mars 1988\nDiabète de type 1, pompe à insuline",
    "Odile TANGUY\nNée le 14 mars 1988\n\n2010 - 2014  Infirmière à Brest\nEn arrêt maladie depuis 2015 : sclérose en"
    " plaques",
    "Mme Odile TANGUY, née le 14 mars 1988. Cancer du sein.\n2010 - 2014 : infirmière à Brest. Hormonothérapie.",
    "CONTRAT DE TRAVAIL\nMadame Odile TANGUY, née le 30/01/1991, est recrutée. Elle est inapte au port de charges"
    " (hernie"
    " discale).",
    "CONTRAT DE TRAVAIL\nMme Odile TANGUY, née le 14 mars 1988, épileptique, est recrutée.",
    "Contrat de travail\nMadame Odile TANGUY, née le 30/01/1991, IPP 8001234567. Cancer du sein.",
    "CONVENTION D'HONORAIRES\nMme Odile TANGUY, née le 3 mai 1972. Intervention annulée : elle est sous"
    " chimiothérapie,"
    " cancer de l'ovaire.",
    "ATTESTATION DE FORMATION\nMme Odile TANGUY, née le 30/01/1991, a suivi la formation « Hygiène ». Absente le 4"
    " mars,"
    " certificat médical : grossesse pathologique.",
    "CONVENTION DE STAGE\nNom : TANGUY. Prénom : Odile. Née le 22/02/2002.\nSujet du stage : accueil. L'étudiante est"
    " suivie pour un trouble bipolaire.",
    "ENTRETIEN PROFESSIONNEL\nNom : TANGUY\nPrénom : Odile\nDate de naissance : 14/08/1984\nMissions : sérologies\n"
    "Santé : dépression sévère.",
    "BULLETIN DE PAIE\nTANGUY Odile   N° SS : 2 91 04 35 238 114 20\nArrêt maladie du 3 au 28 octobre (cancer du sein)",
    "CONTRAT D'ASSURANCE EMPRUNTEUR\nNom : TANGUY   Prénom : Odile   Née le : 12/04/1985\nSurprime de 75 % : diabète"
    " de"
    " type 1.",
    "Appel à projets\nNom : TANGUY\nPrénom : Odile\nDate de naissance : 04/06/1981\nTravaux interrompus (congé de"
    " longue"
    " maladie, cancer du sein).",
    "COMMUNIQUÉ DE PRESSE\nMme Odile TANGUY, 35 ans, marraine de l'opération, a été opérée d'un cancer du sein.",
    "BULLETIN MUNICIPAL\nNotre doyenne, Mme Odile TANGUY, née le 4 juillet 1924, souffre de la maladie d'Alzheimer.",
    "Mme Odile TANGUY, 42 ans, dirige la Maison des usagers. Elle a eu un cancer du sein à 30 ans.",
    "M. Marc OLIVIER, né le 07/08/1996, soutiendra sa thèse à distance : il est traité pour une tuberculose.",
    "ENTRETIEN PROFESSIONNEL\nNom : TANGUY\nPrénom : Odile\nDate de naissance : 14/08/1984\nMissions : accueil\n"
    "Observations : diabète de type 1.",
    "Odile TANGUY\nNée le 14 mars 1988\n\nHospitalisations\n2010 - 2012  Infirmière libérale\n2013  Cure, cancer du"
    " sein",
    "CONTRAT DE TRAVAIL\nMadame Odile TANGUY, née le 30/01/1991, est recrutée.\nArticle 4. Compte tenu de son"
    " épilepsie,"
    " elle est dispensée de garde de nuit.",
    "COMMUNIQUÉ DE PRESSE\nMme Odile TANGUY, 35 ans, témoignera. Atteinte d'une sclérose en plaques, elle court.",
    "CURRICULUM VITAE\n\nOdile TANGUY\nNée le 14 mars 1988\nEXPÉRIENCE PROFESSIONNELLE\n2010 - 2014  Secrétaire\n"
    "Interruption de 2015 à 2017 pour un cancer du sein.",
    "CONVENTION DE STAGE\nNom : TANGUY. Prénom : Odile. Née le 22/02/2002.\nAménagements : diabète de type 1.",
    "ATTESTATION D'EMPLOYEUR\nMadame Odile TANGUY, née le 30/01/1991, secrétaire, a été absente du 3 au 28 mars pour"
    " maladie : sclérose en plaques.",
    "CONTRAT D'APPRENTISSAGE - Avis d'aptitude aux travaux réglementés\nNom : TANGUY   Prénom : Odile   Née"
    " le : 04/07/2008\nFormation : boulangerie. Asthme sévère.",
]

RESUME = "CURRICULUM VITAE\nAnne LEROY, née le 12/03/1985\n"
REVIEW = "ENTRETIEN PROFESSIONNEL\nNom : LEROY Prénom : Anne Née le 12/03/1985\n"
INTERN = "CONVENTION DE STAGE\nNom : TANGUY. Prénom : Odile. Née le 22/02/2002.\n"
CAREER = "DUPUY Jean, né le 12/03/1950\n{}1968 - 1975 : infirmier, hôpital de Rennes\n1975 - 2010 : aide-soignant\n{}"


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


@pytest.mark.parametrize("text", WORK)
def test_a_paper_of_work_tells_of_nobodys_health(path: TextPath, text: str) -> None:
    assert patients(text, path) == 0


@pytest.mark.parametrize("text", ILL_AT_WORK)
def test_whoever_has_a_trade_may_be_ill(path: TextPath, text: str) -> None:
    assert patients(text, path) == 1


@pytest.mark.parametrize("text", TITLED)
def test_diseases_are_the_subject_of_a_titled_paper(path: TextPath, text: str) -> None:
    assert patients(text, path) == 0


@pytest.mark.parametrize("text", ILL_IN_TITLED)
def test_a_titled_paper_may_tell_of_an_illness(path: TextPath, text: str) -> None:
    assert patients(text, path) == 1


@pytest.mark.parametrize(
    ("told", "ill"),
    [
        ("Mission : accueil. Diabète de type 1.", 1),
        ("Mission : accueil. Épilepsie connue : Depakine.", 1),
        ("Mission : accueil.\nAsthme sévère", 1),
        ("Mission : accueil. Traitée par Levothyrox.", 1),
        ("Mission : accueil, sous Seroplex.", 1),
        ("Mission : accueil des résidents sous Seroplex.", 0),
        ("Mission : aide aux patients traités par méthadone.", 0),
        ("A suivi la formation sur le diabète. Poste : infirmière en cancérologie.", 0),
        ("Programme : 1. Diabète. 2. Asthme. 3. Épilepsie.", 0),
        ("Mots clés : diabète. Asthme. Épilepsie.", 0),
        ("Stage :\nDiabète\nVIH\nCancer du sein", 0),
        ("Formations\n- Diabète\n- VIH", 0),
        ("Formations suivies\nDiabète\nVIH", 0),
    ],
)
def test_what_a_titled_paper_says_without_a_word_of_health(path: TextPath, told: str, ill: int) -> None:
    assert patients(INTERN + told, path) == ill


@pytest.mark.parametrize(
    ("paper", "ill"),
    [
        (RESUME + "2015-2018 Praticien hospitalier, CHU de Rennes. Diabète. Obésité.", 0),
        (RESUME + "2018 : CHU de Rennes\nDiabète", 0),
        (RESUME + "Endocrinologue\nCompétences. Endocrinologie générale. Diabète. Pompe à insuline.", 0),
        (RESUME + "Publications\nLeroy A, Petit L. Asthme. Rev Mal 2019.\nLeroy A. Cancer du sein. Lancet 2020.", 0),
        (RESUME + "Enseignements : IFSI de Rennes, 12 h. Alzheimer. IFSI de Brest, 8 h.", 0),
        (RESUME + "Domaines d'expertise\nDiabète", 0),
        (RESUME + "Secrétaire à la mairie de Rennes, accueil du public.\n\nCompétences\n\nDiabète\n\nObésité", 0),
        (REVIEW + "Poste : IDE\nFormation demandée\nAlzheimer\nDate : 03/04/2024", 0),
        (INTERN + "Lieu : Hôpital de jour\nDiabète - Obésité\nDates : 03/2024", 0),
        (REVIEW + "Actions réalisées\nAlzheimer\nDiabète", 0),
        (INTERN + "Sujets abordés. Diabète. Asthme. VIH", 0),
        (RESUME + "2015-2018 Secrétaire, mairie de Rennes.\n\nDiabète de type 1", 1),
        (RESUME + "Compétences : accueil, Word, Excel.\n\nDiabète de type 1.", 1),
        (RESUME + "Compétences : accueil, Word, Excel.\nPermis B. Diabète de type 1.", 0),
        (RESUME + "Secrétaire à la mairie de Rennes. Permis B. Diabète de type 1.", 1),
        (INTERN + "Compétences : accueil.\nLieu : mairie de Brest. Épilepsie.", 1),
        (INTERN + "Elle est accueillie au CHU de Brest pour deux mois. Épilepsie.", 1),
    ],
)
def test_an_illness_that_stands_alone_may_be_a_subject(path: TextPath, paper: str, ill: int) -> None:
    assert patients(paper, path) == ill


@pytest.mark.parametrize(
    ("told", "ill"),
    [
        ("Essai clinique : bras sous Humira.", 0),
        ("Mission : promotion du traitement par Seroplex auprès des psychiatres.", 0),
        ("Mission : étude. Observance du traitement par Levothyrox.", 0),
        ("Mission : étude. Traitement par Levothyrox chez les patients âgés.", 0),
        ("Mission : accueil. Sous Humira, le patient est revu chaque mois.", 0),
        ("Mission : prise de Levothyrox en pharmacie, contrôle des lots.", 0),
        ("Produits confiés : Levothyrox 50 mg, 1 comprimé le matin (fiche produit)", 0),
        ("Spécialités : Seroplex 10 mg, 1 comprimé le matin", 0),
        ("Mission : accueil. Traité par Levothyrox depuis 2015", 1),
        ("Mission : accueil. Traitée par\nLevothyrox, elle accueille les patients.", 1),
        ("Mission : accueil. Sous Seroplex", 1),
        ("Mission : accueil. Elle prend du Levothyrox.", 1),
        ("Mission : accueil. Traitement par Levothyrox depuis 2015.", 1),
        ("Mission : accueil. Prise de Levothyrox le matin.", 1),
        ("Mission : accueil.\nRemarques : traitement par Levothyrox.", 1),
        ("Mission : accueil. Levothyrox 50 mg, 1 comprimé le matin.", 1),
        ("Mission : accueil. RQTH", 1),
    ],
)
def test_a_drug_in_a_titled_paper_is_taken_or_dealt_with(path: TextPath, told: str, ill: int) -> None:
    assert patients(INTERN + told, path) == ill


@pytest.mark.parametrize(
    ("before", "behind", "ill"),
    [
        ("", "Diagnostic et suivi du diabète, éducation sur le VIH.", 0),
        ("Cursus laboris\n", "Éléments en faveur d'un asthme.", 1),
        ("Consultation de pathologie professionnelle\n", "Éléments en faveur d'un asthme.", 1),
        ("", "Médecine du travail : éléments en faveur d'un asthme.", 1),
        ("", "Poids : 82 kg. TA 130/80. Éléments en faveur d'un asthme.", 1),
        ("", "\nAsbestose. Cancer bronchique. BPCO.", 1),
    ],
)
def test_medicine_at_work_asks_for_careers(path: TextPath, before: str, behind: str, ill: int) -> None:
    assert patients(CAREER.format(before, behind), path) == ill


@pytest.mark.parametrize(
    ("second", "ill"),
    [
        ("Elle participe au dépistage du VIH et au traitement de l'hépatite C.", 0),
        ("Certificat médical : sclérose en plaques.", 1),
        ("M. Marc OLIVIER, né le 07/07/1984. Sclérose en plaques sous natalizumab.", 1),
        ("IPP : 8001234567. Résultat : sérologie VIH positive.", 1),
    ],
)
def test_the_title_holds_for_the_pages_behind_it(path: TextPath, second: str, ill: int) -> None:
    pages = ["CONTRAT DE TRAVAIL\nMme Odile TANGUY, née le 30/01/1991, est recrutée.", second]
    linker = TextLinker(path.ruleset, SEALER, Tally())
    for page in pages:
        linker.add(path.find(fold(page), stated=False), Text(page))
    facts = (one for one in path.ruleset.recognizers if one.kind is Kind.HEALTH and one.category != "exam_date")
    health = sum({1 << one.bit for one in facts})
    assert sum(bool(mask & health) for _, mask in linker.persons()) == ill


@pytest.mark.parametrize(("title", "ill"), [("Entretien professionnel annuel 2025", 0), ("Fiche du mois", 1)])
def test_a_title_without_a_hit_holds_for_the_form_below_it(path: TextPath, title: str, ill: int) -> None:
    form = (
        "Nom;TANGUY\nPrénom;Odile\nDate de naissance;14/08/1984\nPoints forts;diagnostic de l'hépatite C\nObjectifs;VIH"
    )
    linker = TextLinker(path.ruleset, SEALER, Tally())
    linker.pass_by(path.find(fold(title), stated=False))
    linker.add(path.find(fold(form), stated=False), Text(form))
    facts = (one for one in path.ruleset.recognizers if one.kind is Kind.HEALTH and one.category != "exam_date")
    health = sum({1 << one.bit for one in facts})
    assert sum(bool(mask & health) for _, mask in linker.persons()) == ill


def test_health_told_on_another_page_is_the_employees(path: TextPath) -> None:
    head = "Mme Odile TANGUY, née le 30/01/1991, est recrutée comme secrétaire du service VIH."
    pages = [head, "Arrêt de travail : sclérose en plaques."]
    linker = TextLinker(path.ruleset, SEALER, Tally())
    for page in pages:
        linker.add(path.find(fold(page), stated=False), Text(page))
    bits = {one.category: 1 << one.bit for one in path.ruleset.recognizers}
    ((_, mask),) = linker.persons()
    assert [name for name in ("hiv", "diagnosis", "person_name") if mask & bits[name]] == [
        "hiv",
        "diagnosis",
        "person_name",
    ]
