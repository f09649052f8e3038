"""The tables that may be looked at while recognizers are mended: exports of imagined programs, good headers and bad.

The notation is that of README.md. The comments are those of `tests.generate.wordings`.
"""

from __future__ import annotations

import csv

from tests.eval.tables import Export
from tests.generate import wordings

FACTS = wordings.FACTS
INNOCENT = (  # facts of categories that are not counted there
    wordings.INNOCENT.replace("| malentendant", "?disability | malentendant")
    .replace("| hématome", "?diagnosis | hématome")
    .replace("| allergie", "?diagnosis | allergie")
    .replace("| malaise", "?diagnosis | malaise")
)


EXPORTS = (
    Export(
        name="migration/patients_megalab.csv",
        encoding="cp1252",
        columns="""
            NUM_PATIENT = ipp
            NIR = nir13
            CLE = key
            NOM = last_capitals
            NOMJF = birth_name_other
            PRENOM = first
            DDN = birth
            SEXE = sex
            ADR1 = street
            CP = postcode
            VILLE = town
            TEL = phone
            PORTABLE = mobile
            EMAIL = email
            GS = abo
            RH = rh
            MEDECIN = doctor
            TELMED = doctor_phone
            MUTUELLE = insurer
            NUM_ADHERENT = member
            LOGIN = login
            MDP = password
            DERNIERE_VISITE = visit
            COMMENTAIRE = comment
        """,
    ),
    Export(
        name="exports/bilan_serologies.csv",
        encoding="utf-8-sig",
        delimiter=",",
        quoting=csv.QUOTE_ALL,
        newline="\n",
        birth="%Y-%m-%d",
        columns="""
            id_patient = ipp
            nom_usage = last
            nom_naissance = birth_name
            prenom = first
            date_naissance = birth
            vih = pick 1 hiv>POS|9 hiv:negated>NEG|10 >
            ag_hbs = pick 1 infection>POS|9 infection:negated>NEG|10 >
            vhc = pick 1 infection>POSITIF|9 infection:negated>NEGATIF
            grossesse = pick women 3 pregnancy>O|7 pregnancy:negated>N
            diabete = pick 2 diagnosis>1|8 diagnosis:negated>0
            prescripteur = doctor
            rpps_prescripteur = doctor_rpps
            date_prelevement = visit
        """,
    ),
    Export(
        name="stats/F12.txt",
        encoding="cp1252",
        delimiter="\t",
        columns="""
            F1 = serial
            F2 = last_capitals
            F3 = first
            F12 = nir15
            F14 = birth
            F20 = phone
            F31 = blood
            F40 = comment
        """,
    ),
    Export(name="bordereaux/num_assures.csv", columns="NUM = nir15\nLIB = comment"),
    Export(name="logistique/num_lots.csv", verdict="nobody", columns="""
            NUM = random15
            LIB = pick >réactif TSH|>kit sérologie VIH|>automate hématologie|>tube EDTA|>bandelettes glycémie
            QTE = number - 1 500 0
        """),
    Export(
        name="export_sans_entete.csv",
        header=False,
        encoding="cp850",
        birth="%d.%m.%Y",
        columns="""
            a = serial
            b = nir_spaced
            c = title
            d = last_capitals
            e = first
            f = birth
            g = street
            h = postcode
            i = town
            j = phone_spaced
            k = visit?
            l = comment
        """,
    ),
    Export(
        name="oncologie/file_active.xlsx",
        form="xlsx",
        titles=("Service d'oncologie médicale - file active 2026", "Confidentiel"),
        columns="""
            IPP = ipp
            Nom Prénom = full
            Date de naissance = birth
            Localisation = pick ~cancer>sein gauche|~cancer>côlon|~cancer>poumon|~cancer>prostate|~cancer>pancréas
            CIM-10 = pick cancer>C50.9|cancer>C18.7|cancer>C34.1|cancer>C61|cancer>C25.0
            TNM = pick cancer>pT2N1M0|cancer>T1N0M0|cancer>pT3N2M1|2 >
            Protocole = pick cancer+~treatment>FOLFOX|~cancer+treatment>docetaxel|~cancer+treatment>Keytruda|2 >
            Oncologue = doctor
            Remarques = comment
        """,
    ),
    Export(
        name="as400/PATPF.TXT",
        form="fixed",
        encoding="cp850",
        birth="%d%m%Y",
        widths=(9, 16, 30, 25, 10, 33, 7, 24, 12, 0),
        columns="""
            NODOSS = ipp
            NOSECU = nir15
            NOMPAT = last_capitals
            PRENPAT = first
            NEELE = birth
            RUE = street
            CPOST = postcode
            LOCALI = town
            TELEPH = phone
            REMARQ = comment
        """,
    ),
    Export(
        name="as400/PATSANS.DAT",
        form="fixed",
        header=False,
        encoding="cp1252",
        birth="%Y%m%d",
        widths=(9, 16, 30, 25, 10, 12, 0),
        columns="""
            a = serial
            b = nir15
            c = last_capitals
            d = first
            e = birth
            f = phone
            g = comment
        """,
    ),
    Export(
        name="trompeur/contacts.csv",
        columns="""
            ville = nir15
            code = last_capitals
            telephone = first
            montant = birth
            libelle = comment
        """,
    ),
    Export(
        name="tronque/EXTRACT.csv",
        delimiter="|",
        quoting=csv.QUOTE_NONE,
        encoding="cp1252",
        birth="%d/%m/%y",
        columns="""
            NUM_SE = nir15
            NOM_PA = last_capitals
            PRE_PA = first
            DAT_NA = birth
            ADR_PA = street
            COD_PO = postcode
            TEL_PA = phone_dotted
            GRP_SA = blood_word
            COM_LA = comment
        """,
    ),
    Export(
        name="excel/nir_abime.csv",
        encoding="cp1252",
        columns="""
            NIR = nir_mangled
            Nom = last
            Prénom = first
            Né(e) le = birth
            ALD = pick 2 ald>30|1 ald>7|1 ald>8|9 >
            Traitement = pick treatment>Levothyrox 75|treatment>metformine 1000|treatment>Kardégic 75|3 >
            Observations = comment
        """,
    ),
    Export(
        name="excel/suivi_maternite.xlsx",
        form="xlsx",
        columns="""
            Nom = last
            Nom de jeune fille = birth_name_other
            Prénom = first
            DDN = birth
            Tél = mobile
            Terme (SA) = number pregnancy 8 40 0
            Gestité = pick pregnancy>G1P0|pregnancy>G2P1|pregnancy>G3P1
            Groupe = blood
            Conjoint = relative
            Tél conjoint = relative_phone
            Notes = comment
        """,
    ),
    Export(
        name="sil/resultats_long.csv",
        encoding="cp1252",
        rows=150,
        columns="""
            NUM_DEMANDE = stay
            NOM = last_capitals
            PRENOM = first
            DATE_NAISSANCE = birth
            DATE_PRELEVEMENT = visit
            ANALYSE = pick ~lab_result>GLYCEMIE|~lab_result>CREATININE|~lab_result>TSH|~lab_result>FERRITINE
            RESULTAT = number lab_result 0.4 30 2
            UNITE = pick ~lab_result>g/L|~lab_result>mmol/L|~lab_result>mUI/L
            NORMES = pick ~lab_result>0,70 - 1,10|~lab_result>0,4 - 4,0
            PRESCRIPTEUR = doctor_last
        """,
    ),
    Export(
        name="sil/resultats_large.csv",
        columns="""
            IPP = ipp
            NOM = last_capitals
            PRENOM = first
            DDN = birth
            GLYCEMIE = number lab_result 0.6 2.4 2
            HBA1C = number lab_result 4.5 11 1 0.5
            CREATININE = number lab_result 40 180 0
            PSA = number lab_result+~cancer 0.1 12 2 0.3
            CD4 = number hiv+~lab_result 120 900 0 0.2
            CRP = number lab_result 0 90 0
        """,
    ),
    Export(
        name="secretariat/proches.csv",
        columns="""
            Nom patient = last
            Prénom patient = first
            Date naissance = birth
            Téléphone = phone_spaced
            Personne à prévenir = relative
            Téléphone du proche = relative_phone
            Médecin traitant = doctor
            Mail médecin = doctor_email
            ATCD familiaux = pick cancer:family+~diagnosis:family>cancer du sein|2 diagnosis:family>diabète|3 >
            Motif = comment
        """,
    ),
    Export(
        name="dump/patient.sql",
        form="text",
        newline="\n",
        birth="%Y-%m-%d",
        quote="'",
        head="-- MySQL dump 10.13\nDROP TABLE IF EXISTS `patient`;\nCREATE TABLE `patient` (\n  `id` int,\n"
        "  `nir` varchar(15),\n  `nom` varchar(60),\n  `prenom` varchar(60),\n  `date_naissance` date,\n"
        "  `telephone` varchar(14),\n  `commentaire` text\n);\nINSERT INTO `patient` (`id`, `nir`, `nom`, `prenom`,"
        " `date_naissance`, `telephone`, `commentaire`) VALUES\n",
        template="({id}, '{nir}', '{nom}', '{prenom}', '{ddn}', '{tel}', '{commentaire}')",
        joint=",\n",
        tail=";\nUNLOCK TABLES;\n",
        columns="""
            id = serial
            nir = nir15
            nom = last_capitals
            prenom = first
            ddn = birth
            tel = phone
            commentaire = comment
        """,
    ),
    Export(
        name="hl7/oru_20261120.hl7",
        form="text",
        newline="\r",
        birth="%Y%m%d",
        rows=60,
        head="",
        template="MSH|^~\\&|SIL|LABO|DPI|CH|20261120101500||ORU^R01^ORU_R01|{n}|P|2.5^FRA^2.5|||||FRA|8859/1\n"
        "PID|1||{ins}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS~{ipp}^^^CH^PI||{nom}^{prenom}^^^{civ}^^L"
        "||{ddn}|{sexe}|||{rue}^^{ville}^^{cp}^FRA\n"
        "OBR|1|{dossier}||24331-1^Bilan^LN|||20261120\n"
        "OBX|1|ST|7918-6^VIH 1+2 Ac^LN||{vih}||||||F\n"
        "OBX|2|NM|2345-7^Glucose^LN||{glucose}|g/L|0,70-1,10||||F\n"
        "NTE|1||{note}\n",
        columns="""
            n = serial
            ins = ins
            ipp = ipp
            nom = last_capitals
            prenom = first
            civ = title
            ddn = birth
            sexe = sex
            rue = street
            ville = town
            cp = postcode
            dossier = stay?
            vih = pick hiv+~lab_result>POSITIF|9 hiv:negated+~lab_result>NEGATIF
            glucose = number lab_result 0.6 1.9 2
            note = comment
        """,
    ),
    Export(
        name="hprim/resultats.hpr",
        form="text",
        newline="\r\n",
        birth="%Y%m%d",
        encoding="cp1252",
        rows=60,
        head="H|~^\\&|||LABO|ORU|||CABINET||P|H2.1~C|20261120\n",
        template="P|{n}|{ipp}|{dossier}||{nom}~{prenom}|{naissance}|{ddn}|{sexe}||{rue}~~{ville}~~{cp}||{tel}\n"
        "OBR|1|{dossier2}||NFS~Numération~L|||20261120\n"
        "OBX|1|NM|HB~Hémoglobine~L||{hb}|g/dL|12.0-16.0||||F\n"
        "C|1|L|{note}\n",
        tail="L|1||60|200\n",
        columns="""
            n = serial
            ipp = ipp?
            dossier = stay?
            nom = last_capitals
            prenom = first
            naissance = birth_name_other?
            ddn = birth
            sexe = sex
            rue = street
            ville = town
            cp = postcode
            tel = phone
            dossier2 = stay?
            hb = number lab_result 8 17 1
            note = comment
        """,
    ),
    Export(
        name="annuaire/correspondants.csv",
        verdict="nobody",
        columns="""
            RPPS = doctor_rpps
            NOM = doctor_last
            PRENOM = doctor_first
            SPECIALITE = pick >Oncologie médicale|>Maladies infectieuses VIH|>Gynécologie obstétrique|>Psychiatrie
            TELEPHONE = doctor_phone
            EMAIL = doctor_email
            ADRESSE = doctor_street
        """,
    ),
    Export(
        name="tarifs/nomenclature_2026.csv",
        verdict="nobody",
        encoding="cp1252",
        columns="""
            CODE = pick >0388|>4122|>1104|>7320|>0126
            LIBELLE = pick >VIH dépistage|>Charge virale VIH|>PSA total|>Hépatite C sérologie|>Bêta HCG
            COTATION = number - 5 90 0
            PRIX = number - 2 60 2
        """,
    ),
    Export(
        name="rh/planning_formation.csv",
        verdict="nobody",
        columns="""
            Formation = pick >Prise en charge du VIH|>Cancer du sein|>Hépatites virales|>Addictions|>Diabète
            Date = date
            Salle = pick >A12|>B24|>C50|>D12
            Formateur = doctor
        """,
    ),
)
