"""The tables that nobody looks at while recognizers are mended: other programs, other headers, other comments.

The notation is that of README.md. Only figures over all of them are for whoever writes recognizers.
"""

from __future__ import annotations

import csv

from tests.eval.tables import Export
from tests.eval.tables_held_wordings import FACTS, INNOCENT

__all__ = ["EXPORTS", "FACTS", "INNOCENT"]

EXPORTS = (
    Export(
        name="reprise/base_patients_labo.csv",
        encoding="cp1252",
        delimiter="|",
        columns="""
            Code dossier = ipp
            No immatriculation = nir13
            Clef = key
            Patronyme = last_capitals
            Nom de naiss. = birth_name_other
            Prénoms = firsts
            Né(e) = birth
            Voie = street
            Cod. post. = postcode
            Commune = town
            Fixe = phone_dotted
            Gsm = mobile
            Courriel perso = email
            Groupe = abo
            Facteur = rh_word
            Prescripteur habituel = doctor
            Tél. prescripteur = doctor_phone
            Complémentaire = insurer
            N° contrat = member
            Identifiant web = login
            Mot de passe web = password
            Dernier prélèvement = visit
            Divers = comment
        """,
    ),
    Export(
        name="extractions/serologie_2025.txt",
        encoding="utf-8",
        delimiter="\t",
        newline="\n",
        birth="%d-%m-%Y",
        columns="""
            PatId = ipp
            Nom_Patient = last
            Prenom_Patient = first
            DtNaiss = birth
            Sexe = sex
            HIV_1_2 = pick hiv>+|9 hiv:negated>-|10 >
            HBS_AG = pick infection>+|9 infection:negated>-|10 >
            HCV = pick infection>P|9 infection:negated>N|10 >
            SYPHILIS = pick infection>POSITIVE|9 infection:negated>NEGATIVE|10 >
            TOXO_IGG = pick ~infection>POS|~infection:negated>NEG
            ENCEINTE = pick women 3 pregnancy>OUI|7 pregnancy:negated>NON
            Medecin_Prescripteur = doctor
            Date_Examen = visit
        """,
    ),
    Export(
        name="statistiques/C_7.csv",
        delimiter=",",
        quoting=csv.QUOTE_ALL,
        birth="%Y%m%d",
        columns="""
            C_1 = serial
            C_2 = nir13
            C_3 = key
            C_4 = last_capitals
            C_5 = first
            C_6 = birth
            C_7 = comment
            C_8 = abo
            C_9 = rh
            C_10 = mobile
        """,
    ),
    Export(name="envoi/NUM.csv", columns="NUM = nir_spaced\nETAT = pick >traité|>en cours\nNOTE = comment"),
    Export(
        name="stock/NUM_SERIE.csv",
        verdict="nobody",
        columns="""
            NUM = random15
            DESIGNATION = pick >lecteur glycémie|>automate VIH|>centrifugeuse|>coffret hépatite C|>congélateur
            SITE = pick >VANNES|>LORIENT|>RENNES
        """,
    ),
    Export(
        name="sans_titre_1.csv",
        header=False,
        encoding="cp1252",
        delimiter=",",
        birth="%d/%m/%Y",
        columns="""
            a = last_capitals
            b = first
            c = birth
            d = sex
            e = nir15
            f = mobile
            g = email
            h = blood
            i = comment
        """,
    ),
    Export(
        name="sans_titre_2.txt",
        header=False,
        encoding="utf-8-sig",
        delimiter="\t",
        birth="%Y-%m-%d",
        columns="a = ipp?\nb = full_comma\nc = birth\nd = address\ne = phone\nf = comment",
    ),
    Export(
        name="consultation/suivi_VIH.xlsx",
        form="xlsx",
        titles=("Cohorte - extraction du 20/11/2026",),
        columns="""
            Patient = full_born
            DN = birth
            Date dg = visit?
            CD4 actuel = number hiv+~lab_result 80 1100 0
            CV = pick ~lab_result+hiv>indétectable|~lab_result+hiv>< 20|~lab_result+hiv>4500
            TTT ARV = pick hiv+treatment>Biktarvy|hiv+treatment>Dovato|hiv+treatment>Truvada + Isentress
            Co-infection = pick infection>VHB|infection>VHC|3 >
            Addicto = pick addiction+~treatment>méthadone|addiction>alcool|3 >
            Commentaires = comment
        """,
    ),
    Export(
        name="grand_systeme/LISTE_PAT.PRN",
        form="fixed",
        encoding="cp850",
        birth="%d/%m/%Y",
        widths=(12, 28, 24, 12, 4, 18, 13, 0),
        columns="""
            DOSSIER = ipp
            NOM USUEL = last_capitals
            PRENOM = first
            NAISSANCE = birth
            SX = sex
            N SECU = nir15
            TELEPHONE = phone
            OBS = comment
        """,
    ),
    Export(
        name="grand_systeme/ASSURES.DAT",
        form="fixed",
        header=False,
        encoding="cp1252",
        birth="%d%m%Y",
        widths=(15, 3, 26, 22, 10, 32, 7, 0),
        columns="a = nir13\nb = key\nc = last_capitals\nd = first\ne = birth\nf = street\ng = postcode\nh = town",
        verdict="persons",
    ),
    Export(
        name="decale/colonnes_decalees.csv",
        columns="""
            NOM = serial
            PRENOM = last_capitals
            NIR = first
            DDN = nir15
            SEXE = birth
            COMMENTAIRE = sex
            TEL = comment
        """,
    ),
    Export(
        name="abrege/EXP0427.csv",
        encoding="cp1252",
        birth="%d.%m.%y",
        columns="""
            NSECU = nir15
            NOMP = last_capitals
            PNOM = first
            DNAIS = birth
            ADRES = street
            TELP = phone
            GRSG = blood
            MEDT = doctor_last?
            DDER = visit?
            OBSE = comment
        """,
    ),
    Export(
        name="tableur/consultations_addicto.xlsx",
        form="xlsx",
        columns="""
            NOM = last_capitals
            Prénom = first
            Né le = birth
            N° SS = nir_spaced
            Motif = pick addiction>sevrage alcool|addiction>addiction cocaïne|addiction>tabac|addiction>cannabis
            Traitement = pick treatment+~addiction>méthadone 40 mg|treatment+~addiction>Subutex 8|treatment>Seresta 50
            Suivi psy = pick psychiatric>dépression|psychiatric>schizophrénie|psychiatric>trouble bipolaire|3 >
            RQTH = pick disability>OUI|disability:negated>NON
            Notes = comment
        """,
    ),
    Export(
        name="tableur/numero_secu_excel.csv",
        encoding="cp1252",
        columns="""
            N° Sécu = nir_mangled
            NOM Prénom = full_title
            Date de naissance = birth
            Pathologie = pick diagnosis>diabète type 2|diagnosis>HTA|diagnosis>asthme|diagnosis>insuffisance rénale
            Exonération = pick ald+~diagnosis>ALD 8|ald+~cancer>ALD 30|ald+~diagnosis>ALD 12|4 >
        """,
    ),
    Export(
        name="sil_b/lignes_resultats.csv",
        encoding="utf-8",
        rows=150,
        columns="""
            num_dossier = stay
            patient = full
            ddn = birth
            date_prel = visit
            libelle_analyse = pick ~lab_result>Hémoglobine|~lab_result>Potassium|~lab_result>CRP|~lab_result>HbA1c
            valeur = number lab_result 1 150 1
            unite = pick ~lab_result>g/dL|~lab_result>mmol/L|~lab_result>mg/L|~lab_result>%
            borne_inf = number ~lab_result 0 5 1
            borne_sup = number ~lab_result 5 20 1
            validateur = doctor
        """,
    ),
    Export(
        name="sil_b/matrice.csv",
        encoding="cp1252",
        birth="words",
        columns="""
            Nom = last
            Prénom = first
            Date de naissance = birth
            Hémoglobine (g/dL) = number lab_result 7 17 1
            Leucocytes (G/L) = number lab_result 2 18 1
            Plaquettes = number lab_result 80 450 0
            Kaliémie = number lab_result 3 6 1 0.7
            TSH = number lab_result 0.1 9 2 0.5
            Observations biologiste = comment
        """,
    ),
    Export(
        name="admission/famille.csv",
        columns="""
            IPP = ipp
            Nom = last
            Prénom = first
            DDN = birth
            Nom du conjoint = relative
            Portable conjoint = relative_phone
            Antécédents familiaux = pick cancer:family+~diagnosis:family>cancer du côlon|diagnosis:family>asthme|4 >
            Nom du médecin traitant = doctor_last
            Prénom du médecin traitant = doctor_first
            Adresse médecin = doctor_street
            Motif d'hospitalisation = pick 2 diagnosis>fracture du col du fémur|cancer+~diagnosis>cancer du sein
            Date d'entrée = visit
        """,
    ),
    Export(
        name="pmsi/rum_export.csv",
        encoding="cp1252",
        columns="""
            FINESS = doctor_finess
            IPP = ipp
            NDA = stay
            DDN = birth
            SEXE = sex_code
            DATE_ENTREE = visit
            DP = pick cancer>C509|diagnosis>I10|diagnosis>E119|pregnancy>O800|hiv>B24
            DR = pick cancer>C787|3 >
            CP = postcode
        """,
    ),
    Export(
        name="sauvegarde/dossiers.sql",
        form="text",
        newline="\n",
        birth="%Y-%m-%d",
        quote="'",
        head="-- PostgreSQL database dump\nSET client_encoding = 'UTF8';\n",
        template="INSERT INTO dossier (ipp, nom_usuel, prenom, naissance, nir, vih, observation) VALUES "
        "('{ipp}', '{nom}', '{prenom}', '{naissance}', '{nir}', '{vih}', '{observation}');\n",
        columns="""
            ipp = ipp
            nom = last
            prenom = first
            naissance = birth
            nir = nir15
            vih = pick hiv>POS|9 hiv:negated>NEG
            observation = comment
        """,
    ),
    Export(
        name="interface/adt_a04.hl7",
        form="text",
        newline="\r",
        birth="%Y%m%d",
        rows=50,
        template="MSH|^~\\&|GAM|CHU|SIL|LABO|20261118093000||ADT^A04^ADT_A01|{n}|P|2.5\n"
        "EVN||20261118093000\n"
        "PID|||{ipp}^^^CHU^PI~{nir}^^^ASIP-SANTE-INS-NIR^INS||{nom}^{prenom}^^^^^D~{naissance}^{prenom2}^^^^^L||{ddn}|F|||"
        "{rue}^^{ville}^^{cp}^FRA^H||{tel}^PRN^PH\n"
        "PV1||O|CONSULT\n"
        "DG1|1||{code}^{libelle}^CIM10\n",
        columns="""
            n = serial
            ipp = ipp
            nir = ins
            nom = last_capitals
            prenom = first
            naissance = birth_name
            prenom2 = first
            ddn = birth
            rue = street
            ville = town
            cp = postcode
            tel = phone
            code = pick ~cancer>C18.9|~cancer>C50.4
            libelle = pick cancer>Tumeur maligne du côlon|cancer>Tumeur maligne du sein
        """,
    ),
    Export(
        name="interface/compte_rendu.hpr",
        form="text",
        newline="\r\n",
        encoding="cp1252",
        birth="%d/%m/%Y",
        rows=40,
        template="{code}\n{nom}\n{prenom}\n{rue}\n\n{cp} {ville}\n{ddn}\n{nir} {cle}\n{dossier}\n20/11/2026\n"
        "99LABO LABORATOIRE DU MARCHE\n99MED DOCTEUR {medecin}\n\n****LAB****\n"
        "RES|Glucose|GLUC|N|{glucose}|g/l|0,70|1,10|N|F\nRES|VIH 1 et 2|VIH|A|{vih}|||||F\nTEX|{note}\n"
        "****FIN****\n",
        tail="****FINFICHIER****\n",
        columns="""
            code = ipp?
            nom = last_capitals
            prenom = first
            rue = street
            cp = postcode
            ville = town
            ddn = birth
            nir = nir13
            cle = key
            dossier = stay?
            medecin = doctor_last
            glucose = number lab_result 0.6 2.1 2
            vih = pick hiv+~lab_result>POSITIF|9 hiv:negated+~lab_result>NEGATIF
            note = comment
        """,
    ),
    Export(
        name="contacts/medecins_adresseurs.csv",
        verdict="nobody",
        encoding="cp1252",
        columns="""
            N° RPPS = doctor_rpps
            Nom = doctor_last
            Prénom = doctor_first
            Discipline = pick >Cancérologie|>Hématologie|>Psychiatrie|>Addictologie|>Gynécologie
            Tél. cabinet = doctor_phone
            Adresse = doctor_street
        """,
    ),
    Export(
        name="referentiel/thesaurus_diagnostics.csv",
        verdict="nobody",
        columns="""
            Code = pick >B24|>C50.9|>O80|>E11.9|>F20
            Libellé = pick >Maladie à VIH|>Tumeur maligne du sein|>Accouchement|>Diabète de type 2|>Schizophrénie
            Nombre de séjours = number - 1 900 0
            Durée moyenne = number - 1 20 1
        """,
    ),
    Export(
        name="achats/commandes_reactifs.csv",
        verdict="nobody",
        delimiter="\t",
        columns="""
            Référence = random13
            Désignation = pick >Kit VIH combo Ag/Ac|>Contrôle HCG|>PSA libre|>Test grossesse|>Anti-HBs
            Quantité = number - 1 40 0
            PU HT = number - 10 900 2
            Demandeur = doctor_last
        """,
    ),
)
