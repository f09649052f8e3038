"""The comments of the tables that nobody looks at, in the notation of `tests.generate.wordings`."""

from __future__ import annotations

FACTS = {
    "hiv": """
        hiv | patient séropositif au VIH
        hiv | HIV connu, suivi en infectio
        hiv | séropo depuis {y}
        hiv | séro+ (à ne pas divulguer)
        hiv ?lab_result | CV VIH < 20 copies le {d}
        hiv ?lab_result | CD4 {n}, suivi Dr {s}
        hiv treatment | Dovato 1/j
        hiv treatment | Symtuza depuis {m}
        hiv treatment | ttt : Descovy + Tivicay
        hiv | CIM B24
        hiv ?ald | ALD N°7
        hiv | stade C3 du VIH, CHU
        hiv | TPE débuté le {d} (AES)
        hiv | infection à VIH
        hiv:negated | sérologie HIV négative
        hiv:negated | VIH nég
        hiv:negated | dépistage VIH : négatif ({d})
        hiv:negated | absence d'infection par le VIH
        hiv:hypothetical | VIH à contrôler
        hiv:hypothetical | ? VIH, faire ELISA
        hiv:family | épouse VIH+
        hiv:family | père mort du sida
    """,
    "cancer": """
        cancer | carcinome canalaire infiltrant
        cancer | K du rein G opéré
        cancer | K vessie
        cancer | Kc ovaire
        cancer | adéno-K prostate Gleason 7
        cancer | néo du sein
        cancer | tumeur du pancréas métastatique
        cancer | cancer du poumon en cours de chimio
        cancer | lymphome B diffus
        cancer | LAM en aplasie
        cancer | myélome multiple
        cancer | mélanome malin dos
        cancer | glioblastome
        cancer | métastase cérébrale
        cancer ?diagnosis | CHC sur cirrhose
        cancer | en chimiothérapie, voie centrale
        cancer | mastectomie gauche pour cancer {y}
        cancer | CIM C61
        cancer ?ald | ALD 30 (sein)
        cancer:negated | pas de cancer retrouvé
        cancer:negated | pas d'argument pour un lymphome
        cancer:hypothetical | suspicion de cancer colique
        cancer:hypothetical | éliminer un myélome
        cancer:family | sœur cancer du sein
        cancer:family | père K colon
        cancer:history | antécédent de mélanome en {y}
        cancer:history | ATCD cancer utérus
    """,
    "pregnancy": """
        pregnancy | enceinte 3 mois
        pregnancy | parturiente {w} SA
        pregnancy | grossesse {k}e mois
        pregnancy | femme enceinte de {w} semaines
        pregnancy | grossesse à risque, suivi CHU
        pregnancy | grossesse extra-utérine le {d}
        pregnancy | IVG le {d}
        pregnancy | IMG à {w} SA
        pregnancy | FCS en {m}
        pregnancy | terme prévu le {d}, enceinte
        pregnancy | DDR : {d}
        pregnancy | DPA {d}
        pregnancy ?lab_result | B-HCG positifs
        pregnancy ?genetic | DPNI demandé
        pregnancy | FIV en cours
        pregnancy | accouchement prévu {m}
        pregnancy:negated | non enceinte
        pregnancy:negated | test de grossesse nég
        pregnancy:hypothetical | grossesse à confirmer
    """,
    "genetic": """
        genetic | trisomie 21
        genetic | porteur drépanocytose AS
        genetic | mucoviscidose (CFTR DF508)
        genetic | facteur V Leiden homozygote
        genetic | hémochromatose génétique
        genetic | HLA B27 +
        genetic | maladie de Huntington
        genetic ?cancer | BRCA2 muté
        genetic ?cancer | mutation MLH1 (Lynch)
        genetic | thalassémie mineure
        genetic | syndrome de l'X fragile
        genetic | neurofibromatose de type 1
        genetic ?diagnosis | myopathie de Duchenne
        genetic:negated | pas de mutation HFE
        genetic:family | fils mucoviscidose
    """,
    "infection": """
        infection | VHC traité en {y}
        infection | hépatite B active
        infection ?lab_result | AgHBs positif
        infection | syphilis ancienne, contrôle le {d}
        infection | tuberculose traitée
        infection | chlamydiose
        infection | gonorrhée
        infection | porteur BMR
        infection ?cancer | HPV haut risque
        infection | COVID + le {d}
        infection | hépatite C chronique
        infection | condylomes
        infection:negated | hépatite C négative
        infection:negated | pas de syphilis
        infection:hypothetical | suspicion de tuberculose
        infection:family | mère hépatite B
    """,
    "treatment": """
        treatment | sous Xarelto 20
        treatment | sous AVK, Coumadine 5
        treatment | Lasilix 40 le matin
        treatment | insuline Novorapid
        treatment | sous méthotrexate
        treatment | Cortancyl 20 mg
        treatment | Doliprane si besoin
        treatment | Tahor 10 mg/j
        treatment | amoxicilline 1 g x 3
        treatment | Humira tous les 15 jours
        treatment ?psychiatric | Seroplex 10
        treatment ?psychiatric | Abilify 15 mg
        treatment ?addiction | Subutex 8 mg
    """,
}

INNOCENT = """
    | à revoir avec le secrétariat
    | vu au guichet le {d}
    | RDV déplacé au {d}
    | patient ponctuel
    | étiquettes imprimées
    | 2 tubes violets, 1 tube jaune
    | prélèvement fait à {h}
    | ne parle pas français
    | sonner au {k}e
    | chien méchant
    | parking visiteurs plein
    | a payé {e} EUR en CB
    | avoir de {e} EUR
    | dossier papier archivé boîte {n}
    | dossier {x} à fusionner
    | nom mal orthographié, corrigé le {d}
    | carte vitale oubliée
    | CMU à jour
    | ALD à vérifier avec la caisse
    | mail envoyé le {d}
    | réponse positive de la mutuelle
    | résultat négatif du rappel téléphonique
    | fax au Dr {s} le {d}
    | taxi ordonnance remise
    | accompagné par sa mère
    | fils à prévenir
    | sa sœur récupère les résultats
    | centre aéré des Cancéreaux
    | enceinte sportive, entrée B
    | livré par la société Gène SA
    | tournée K, sacoche {k}
    | règlement CV n° {x}
    | colis B24 réceptionné
    | badge A+ rendu
"""
