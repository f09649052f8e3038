"""What laboratory staff type into a free comment, one wording a line, with the facts it states.

    facts | wording            facts: `hiv`, `hiv:negated`, `?genetic` (may be counted, need not be), none

Assertions are the contract's: affirmed (no suffix), negated, hypothetical, family, history.
Slots: {d} date, {y} year, {m} month and year, {h} hour, {n} number up to 9999, {k} small number, {w} weeks of
pregnancy, {e} euros, {x} six digits, {l} thirteen digits, {s} surname.
`INNOCENT` states no fact about anybody's health; half of it is bait (`enceinte` is also a precinct, `gène` without
its accent a nuisance, TPE a card reader).
"""

from __future__ import annotations

FACTS: dict[str, str] = {
    "hiv": """
        hiv | séropositif VIH connu depuis {y}
        hiv | séropositive depuis {y}, suivie au CH
        hiv | VIH +
        hiv | VIH+ depuis {m}
        hiv | HIV +
        hiv | HIV1 positif, confirmé le {d}
        hiv | séro +
        hiv | séro + NE PAS DIRE A LA FAMILLE
        hiv | sous trithérapie
        hiv | trithérapie depuis {m}, prélever à jeun
        hiv | patient HIV, mettre des gants
        hiv | PVVIH suivi au CHU, bilan tous les {k} mois
        hiv | B24
        hiv | CIM10 B24, RDV le {d}
        hiv ?ald | ALD 7
        hiv ?ald | ALD n°7 jusqu'au {d}
        hiv | sida déclaré en {y}
        hiv | stade sida
        hiv ?lab_result | sérologie VIH positive le {d}
        hiv ?lab_result | ELISA VIH pos. Western blot à contrôler
        hiv ?lab_result | charge virale VIH {n} copies/ml
        hiv ?lab_result | CV VIH indétectable le {d}
        hiv ?lab_result | CD4 = {n}/mm3, dossier {x}
        hiv treatment | Biktarvy 1 cp/j
        hiv treatment | sous Triumeq depuis {m}
        hiv treatment | VIH traité par Genvoya
        hiv | séropositivité découverte en {y}
        hiv | infecté par le VIH, suivi Dr {s}
        hiv | V.I.H. positif
        hiv | attention VIH, double gants
        hiv ?treatment | PrEP, contrôle dans {k} mois
        hiv | AES le {d}, bilan VIH J0 fait
        hiv:negated | VIH négatif le {d}
        hiv:negated | sérologie VIH négative
        hiv:negated | HIV -
        hiv:negated | HIV neg {d}
        hiv:negated | VIH : nég.
        hiv:negated | pas de VIH
        hiv:negated | dépistage VIH négatif du {d}
        hiv:hypothetical | suspicion de séroconversion VIH
        hiv:hypothetical | recherche VIH à faire, refus du patient
        hiv:hypothetical | VIH ? à recontrôler le {d}
        hiv:family | conjoint séropositif
        hiv:family | mère VIH +
        hiv:family | mari décédé du sida en {y}
    """,
    "cancer": """
        cancer | K sein
        cancer | K du sein opéré en {y}
        cancer | K prostate
        cancer | K colon sous chimio
        cancer | K poumon, suivi Dr {s}
        cancer | cancer du sein gauche
        cancer | cancer bronchique
        cancer | cancer de la prostate, PSA tous les {k} mois
        cancer | ADK du colon
        cancer | adénocarcinome pancréas
        cancer | carcinome épidermoïde
        cancer | néo pulmonaire
        cancer | néoplasie vésicale
        cancer | mélanome opéré {m}
        cancer | lymphome de Hodgkin
        cancer | LNH suivi au CHU
        cancer | leucémie aiguë
        cancer | LLC, NFS tous les {k} mois
        cancer | myélome sous traitement
        cancer | métastases hépatiques
        cancer | méta osseuses, fatigué
        cancer | chimio le {d}
        cancer | chimiothérapie en cours, prélever à gauche
        cancer | NFS avant chimio du {d}
        cancer ?ald | ALD 30
        cancer ?ald | ALD 30 jusqu'au {d}
        cancer | tumeur maligne du rein
        cancer | tumeur cérébrale opérée le {d}
        cancer | radiothérapie jusqu'au {d}
        cancer | curage axillaire droit, piquer à gauche
        cancer | hémopathie maligne
        cancer | CIM10 : C50.9
        cancer | sarcome, soins palliatifs
        cancer:negated | pas de récidive du cancer
        cancer:negated | cancer écarté le {d}
        cancer:negated | biopsie : absence de carcinome
        cancer:hypothetical | suspicion de néo
        cancer:hypothetical | ? K pancréas
        cancer:hypothetical | lymphome à éliminer
        cancer:family | mère K sein
        cancer:family | ATCD familiaux de cancer du sein
        cancer:family | père décédé d'un cancer du colon
        cancer:history | ATCD K sein {y}
        cancer:history | antécédent de cancer de la thyroïde
    """,
    "pregnancy": """
        pregnancy | enceinte
        pregnancy | enceinte {k} mois
        pregnancy | enceinte de {w} SA
        pregnancy | femme enceinte, prioritaire
        pregnancy | grossesse {w} SA
        pregnancy | grossesse en cours, DPA {d}
        pregnancy | grossesse gémellaire, suivi Dr {s}
        pregnancy | G2P1 {w} SA
        pregnancy | DDR {d}
        pregnancy | DDR le {d}, appeler pour le résultat
        pregnancy | DDG {d}
        pregnancy | DPA : {d}
        pregnancy ?lab_result | bêta HCG positif
        pregnancy ?lab_result | BHCG + le {d}
        pregnancy ?lab_result | HCG à recontrôler dans 48h
        pregnancy | déclaration de grossesse faite
        pregnancy ?lab_result | O'Sullivan le {d} à {h}
        pregnancy | FIV, prélever avant {h}
        pregnancy | PMA, transfert le {d}
        pregnancy | IVG prévue le {d}
        pregnancy | fausse couche en {m}
        pregnancy | GEU opérée
        pregnancy ?infection | enceinte toxo négative, contrôle mensuel
        pregnancy ?genetic | T21 enceinte {w} SA
        pregnancy ?lab_result | HGPO grossesse, venir à {h}
        pregnancy:negated | pas enceinte
        pregnancy:negated | test de grossesse négatif
        pregnancy:negated | BHCG nég.
        pregnancy:hypothetical | grossesse ?
        pregnancy:hypothetical | suspicion de grossesse
    """,
    "genetic": """
        genetic | drépanocytose SS
        genetic | drépanocytaire
        genetic | mucoviscidose
        genetic | porteuse mutation CFTR
        genetic | hémochromatose C282Y homozygote
        genetic | HLA B27 positif
        genetic | HLA-B27 +, rhumato
        genetic | facteur V Leiden hétérozygote
        genetic | mutation du facteur V
        genetic ?cancer | mutation BRCA1
        genetic ?cancer | BRCA2 +, suivi Dr {s}
        genetic | maladie génétique rare
        genetic | maladie génétique, suivi au CHU
        genetic | caryotype 47,XXY
        genetic | caryotype demandé le {d}
        genetic | consentement génétique signé le {d}
        genetic | X fragile
        genetic | chorée de Huntington
        genetic | bêta thalassémie
        genetic | analyse génétique envoyée le {d}
        genetic ?pregnancy | trisomie 21
        genetic ?cancer | syndrome de Lynch
        genetic:negated | recherche HLA B27 négative
        genetic:negated | pas de mutation du facteur V Leiden
        genetic:family | frère mucoviscidose
        genetic:family | fille drépanocytaire
    """,
    "infection": """
        infection | hépatite B
        infection | hépatite C traitée en {y}
        infection | hépatite B chronique, gants
        infection | VHC +
        infection | VHB +
        infection | porteur VHB
        infection ?lab_result | AgHBs +
        infection ?lab_result | Ag HBs positif
        infection ?lab_result | Ac anti-HBc isolé
        infection ?lab_result | PCR VHC positive le {d}
        infection | syphilis traitée en {y}
        infection ?lab_result | TPHA VDRL positifs
        infection | chlamydia +
        infection ?lab_result | PCR chlamydia positive
        infection | gonocoque
        infection | gonococcie, contrôle le {d}
        infection | herpès génital
        infection | tuberculose
        infection | tuberculose pulmonaire {y}, masque
        infection ?cancer | HPV 16
        infection | MST, venir avec le partenaire
        infection | légionellose
        infection:negated | VHC négatif
        infection:negated | pas d'hépatite B
        infection:negated | Ag HBs nég
        infection:negated | TPHA neg
        infection:hypothetical | suspicion d'hépatite A
        infection:hypothetical | recherche chlamydia et gonocoque
        infection:family | conjoint hépatite B
        infection:family | père tuberculose
        infection:history | ATCD hépatite A dans l'enfance
    """,
    "treatment": """
        treatment | sous Levothyrox 75
        treatment | Lévothyrox 50 mcg le matin
        treatment | sous Préviscan 3/4, INR tous les 15 jours
        treatment | Coumadine, INR hebdo
        treatment | sous Kardégic 75
        treatment | Eliquis 5 mg x2
        treatment | metformine 1000 mg 2/j
        treatment | insuline Lantus {k} UI
        treatment ?addiction | sous méthadone
        treatment ?psychiatric | lithium, lithiémie tous les {k} mois
        treatment ?psychiatric | Dépakine chrono 500
        treatment | méthotrexate 15 mg/semaine
        treatment | Cordarone, dernière prise {h}
        treatment | Lovenox 0,4 depuis le {d}
    """,
}

BLOOD = """
    blood_group | groupe A Rh+
    blood_group | groupe sanguin O négatif
    blood_group | GS : AB+
    blood_group | O Rhésus positif (carte EFS)
"""

INNOCENT = """
    | RDV le {d} à {h}
    | RDV {d} {h} annulé
    | à jeun
    | à jeun depuis {h}
    | n'est pas à jeun
    | à prélever avant {h}
    | prélèvement à domicile le {d} vers {h}
    | dom. code porte {x}
    | digicode {x}, {k}e étage gauche
    | ordonnance à récupérer le {d}
    | ordo à faire suivre par le cabinet
    | manque ordonnance du {d}
    | ordonnance renouvelable {k} fois
    | dossier {x} réédité le {d}
    | résultats à envoyer au Dr {s}
    | double au Dr {s}
    | copie au Dr {s} le {d}
    | résultats à garder au labo, passera après {h}
    | envoyer les résultats par la poste
    | ne pas appeler au domicile
    | appeler le soir après {h}
    | ne pas laisser de message sur le répondeur
    | rappelé le {d}, absent
    | règlement {e} EUR par chèque n° {x}
    | reste dû {e} EUR
    | facture {x} réglée le {d}
    | impayé {e} EUR, relance le {d}
    | chèque n° {l} revenu impayé
    | virement reçu le {d} ref {l}
    | tiers payant refusé
    | carte vitale non à jour
    | carte vitale à mettre à jour avant le {d}
    | attestation CMU jusqu'au {d}
    | attestation mutuelle valable jusqu'au {d}
    | mutuelle à revoir, ne télétransmet pas
    | AT du {d}
    | feuille de soins remise le {d}
    | rejet NOEMIE lot {n}
    | FSE {n} rejetée le {d}
    | pli d'huissier
    | tube manquant, à reprélever le {d}
    | reprélever tube bleu
    | {k} tubes reçus à {h}
    | flacon urines à rapporter le {d}
    | urines de 24h : {n} ml
    | diurèse {n} ml
    | veines difficiles, prendre une petite aiguille
    | piquer au bras gauche
    | piqueuse {s}
    | malaise au prélèvement du {d}
    | allergie au sparadrap
    | malentendant, parler fort
    | vient avec un interprète
    | ancien nom {s}
    | changement d'adresse le {d}
    | homonyme, vérifier la date de naissance
    | doublon avec le dossier {x}
    | fiche fusionnée le {d}
    | créé par erreur
    | identité vérifiée le {d}
    | tournée {k}, passage {h}
    | maison de retraite, chambre {n}
    | EHPAD chambre {k}, facturer la structure
    | salle C{k}, box {k}
    | convention entreprise n° {x}
    | bon de prise en charge n° {x}
    | correspondant {n}, tarif {e}
    | majoration nuit {e} EUR
    | fax {x} occupé
    | tél. hors service le {d}
    | courrier revenu NPAI le {d}
    | personne de confiance : Mme {s}
    | accompagnée par sa fille
    | signale un retard de {k} jours
    | réclamation du {d} traitée
    | hématome, gêne au bras
    | gênée par l'attente, retour positif ensuite
    | retour positif à l'enquête qualité du {d}
    | avis négatif déposé le {d}
    | garé dans l'enceinte de la clinique
    | fermé aux vacances d'hiver, revenir le {d}
    | règlement TPE en panne, payé {e} EUR en espèces
    | TPE hors service
    | a déposé son CV à l'accueil
    | prélevée par Élisa
    | facture société {s} SA
    | Mme Sidaoui passera chercher le dossier
    | M. Lecancerre signera
    | bon payé 1,2 K
    | traitement de la demande en cours
    | note A+ au questionnaire
    | porte B, étage {k}
"""
