"""The share's files that are nobody's health record, full of what misleads.

Diseases without people, people without diseases, numbers as long as a NIR.
"""

from __future__ import annotations

import io
from datetime import datetime

from tests.generate.people import fold, spaced_phone
from tests.generate.share_model import Entry, Expected, adults, freeze, nobody, plain

_NOTHING = Expected(persons=0, identified_health_persons=(0, 0), public={"at_most": "info"})


def entries() -> list[Entry]:
    """Return the files of this module."""
    return [
        _prices(),
        _directory(),
        plain("accueil/brochure_depistage.html", _BROCHURE.encode(), nobody("hiv", "infection", "pregnancy")),
        plain("qualite/prelevement_consignes.txt", _GUIDE.encode("cp1252"), nobody("hiv", "pregnancy", "cancer")),
        plain("documentation/notice_comprimes.txt", _LEAFLET.encode(), nobody("pregnancy", "cancer")),
        plain("informatique/LICENCE.txt", _LICENCE.encode(), _NOTHING),
        plain("informatique/dedoublonne.js", _SOURCE.encode(), _NOTHING),
        _log(),
        plain("rh/offre_technicien.txt", _JOB.encode("cp1252"), nobody()),
        _stock(),
        plain("qualite/indicateurs_2020.csv", _INDICATORS.encode("utf-8-sig"), nobody("hiv", "infection", "pregnancy")),
        _slides(),
        plain("informatique/verrou.tmp", b"", _NOTHING),
    ]


def _prices() -> Entry:
    lines = ["Code NABM;Libellé;Cotation;Prix TTC"]
    for code, label, points in (
        ("0388", "Sérologie VIH 1 et 2, dépistage", 14), ("0322", "Hépatite B : antigène HBs", 20),
        ("1577", "Prostate : PSA total", 17), ("7402", "Grossesse : bêta HCG, dosage", 24), ("1208", "TSH", 15),
        ("1104", "Hémogramme avec plaquettes", 29), ("4065", "Mucoviscidose : recherche de mutations CFTR", 200),
        ("0552", "Glycémie", 5), ("0323", "Hépatite C : anticorps", 55),
        ("1145", "Groupe ABO, Rhésus D (A+, O-...)", 35),
    ):  # fmt: skip
        lines.append(f"{code};{label};B{points};{points * 0.27:.2f}".replace(".", ","))
    text = "\r\n".join([*lines, ""])
    mentioned = nobody("hiv", "infection", "cancer", "pregnancy", "genetic", "blood_group")
    return plain("achats/tarifs_2021.csv", text.encode("cp1252"), mentioned)


def _rpps(number: int) -> str:
    """Return an 11-digit number with its Luhn digit, as prescribers have."""
    body = f"1099{number:06d}"
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(body)))
    return body + str(-total % 10)


def _directory() -> Entry:
    specialties = (
        "Médecine générale", "Oncologie médicale", "Infectiologie - VIH", "Gynécologie obstétrique",
        "Génétique médicale",
        "Psychiatrie", "Hématologie, leucémies",
    )  # fmt: skip
    lines = ["RPPS;Titre;Nom;Prénom;Spécialité;Adresse;CP;Ville;Tél. cabinet;Fax;Messagerie"]
    for number, doctor in enumerate(adults(301, 60)):
        mail = f"{fold(doctor.used_name).lower().replace(' ', '').replace(chr(39), '')}@cabinet.example.fr"
        lines.append(
            f"{_rpps(700 + number * 37)};Dr;{doctor.used_name};{doctor.given[0]};{specialties[number % 7]};"
            f"{doctor.street};{doctor.postcode};{doctor.town};{spaced_phone(f'026191{4000 + number}')};;{mail}"
        )
    return plain("accueil/annuaire_medecins.csv", "\r\n".join([*lines, ""]).encode("cp1252"),
                 nobody("hiv", "cancer", "pregnancy", "genetic"))  # fmt: skip


def _log() -> Entry:
    lines = []
    for number in range(400):
        clock = f"2020-11-03 {8 + number // 60:02d}:{number % 60:02d}:{number * 7 % 60:02d},{number * 13 % 1000:03d}"
        level, text = (
            ("INFO", f"transfert lot {2_000_000_000_000 + number * 7_654_321_987} termine en {number * 3} ms"),
            ("WARN", f"session 10.0.{number % 7}.{number % 250} expiree id={1_604_390_400_000 + number}"),
            ("DEBUG", f"GET /resultats/{number:06d} HTTP/1.1 200 {number * 517}"),
            ("ERROR", f"file d'attente pleine: VIH01 ratio=0.{number:03d} retry={number % 5}"),
        )[number % 4]
        lines.append(f"{clock} {level:5} [worker-{number % 8}] {text}")
    return plain("informatique/serveur.log", "\n".join([*lines, ""]).encode(), Expected(
        identified_health_persons=(0, 0), categories={"hiv": (0, 0)}, public={"at_most": "info"}))  # fmt: skip


def _stock() -> Entry:
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": datetime(2020, 11, 3, 8)})
    sheet = book.add_worksheet("Réactifs")
    sheet.write_row(
        0, 0, ("Référence", "Désignation", "N° de lot", "Code barre", "Péremption", "Quantité", "Fournisseur")
    )
    labels = ("Coffret VIH Combo Ag/Ac", "AgHBs quantitatif", "Anti-HCV", "HCG bêta", "PSA libre", "CA 15-3",
              "Tubes EDTA K3", "Aiguilles 21G", "Anti-A / Anti-B", "Contrôle CRP")  # fmt: skip
    for row in range(1, 61):
        lot = f"{2_550_000_000_000 + row * 7_919_000_711}"
        sheet.write_row(row, 0, (f"RF{row * 97:05d}", labels[row % 10], lot, f"3400{930_000_000 + row * 1117}",
                                 f"{1 + row % 28:02d}/{1 + row % 12:02d}/2022", row % 9,
                                 "Fournitel Diagnostics SA"))  # fmt: skip
    book.close()
    return plain(
        "achats/stock_reactifs.xlsx", freeze(stream.getvalue()), nobody("hiv", "infection", "pregnancy", "cancer")
    )


def _slides() -> Entry:
    from pptx import Presentation

    deck = Presentation()
    for title, text in (
        (
            "Confidentialité à l'accueil",
            "Ne jamais dire un résultat à voix haute.\nUn test VIH est une donnée de santé.",
        ),
        (
            "Exemples de situations",
            "Une femme enceinte demande un passage prioritaire.\nUn patient sous chimiothérapie attend.",
        ),
        ("Identitovigilance", "Nom de naissance, premier prénom, date de naissance, sexe."),
    ):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    stream = io.BytesIO()
    deck.save(stream)
    return plain("rh/formation_accueil.pptx", freeze(stream.getvalue()), nobody("hiv", "pregnancy", "cancer"))


_BROCHURE = """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>Le dépistage du VIH en questions</title></head><body>
<h1>Le dépistage du VIH en questions</h1>
<h2>Qu'est-ce que le VIH ?</h2>
<p>Le virus de l'immunodéficience humaine (VIH) peut, sans traitement, évoluer vers le sida. En France, environ
180 000 personnes vivent avec le VIH ; beaucoup ignorent leur séropositivité.</p>
<h2>Qui peut se faire dépister ?</h2>
<p>Tout le monde. Le dépistage est gratuit et sans ordonnance dans tous les laboratoires, et proposé aux femmes
enceintes au début de la grossesse. Il est conseillé en cas d'hépatite B ou C et d'infection sexuellement
transmissible.</p>
<h2>Que signifie un résultat positif ?</h2>
<p>Un test positif doit être confirmé. Les personnes séropositives traitées ont une charge virale indétectable et ne
transmettent pas le virus.</p>
<p>Plus d'informations : 0 800 000 000 (appel gratuit), contact@example.org</p>
</body></html>
"""
_GUIDE = """CONSIGNES DE PRÉLÈVEMENT - version 7 du 12/01/2021
Rédaction : cellule qualité. Approbation : biologiste responsable.

1. Sérologies VIH, hépatites : tube sec, 5 mL. Ne pas congeler.
2. HGPO chez la femme enceinte : entre 24 et 28 SA, à jeun depuis 12 h.
3. Patients sous chimiothérapie : prélever du côté opposé à la chambre implantable.
4. Curage axillaire : jamais de garrot du côté opéré.
5. Groupe sanguin : deux déterminations indépendantes (ex. A+, O-).
6. Caryotype : tube hépariné, consentement signé obligatoire.
"""
_LEAFLET = """NOTICE : INFORMATION DE L'UTILISATEUR
TENSIOFICT 20 mg, comprimé pelliculé

Veuillez lire attentivement cette notice avant de prendre ce médicament.
1. Qu'est-ce que TENSIOFICT et dans quels cas est-il utilisé ?
Ce médicament est indiqué chez l'adulte dans l'hypertension artérielle.
2. Quelles sont les informations à connaître avant de prendre TENSIOFICT ?
Ne prenez jamais ce médicament si vous êtes enceinte de plus de 3 mois, ou si vous avez une maladie du foie.
Grossesse et allaitement : demandez conseil à votre médecin. Prévenez-le si vous avez eu un cancer de la peau.
3. Comment prendre TENSIOFICT ?
La dose recommandée est de 1 comprimé par jour. Si vous êtes traité par lithium ou par ciclosporine, dites-le.
4. Quels sont les effets indésirables éventuels ?
Fréquent : maux de tête. Rare : hépatite, leucopénie, carcinome cutané non mélanocytaire.
Titulaire : Laboratoires Fictifs SA, 1 rue Neuve, 75999 Paris. CIP 34009 300 000 0 4.
"""
_LICENCE = """CONTRAT DE LICENCE UTILISATEUR FINAL

1. OBJET. L'éditeur concède au licencié un droit d'usage non exclusif et non cessible du logiciel LABOFICT version 7.
2. DURÉE. Le contrat est conclu pour trente-six mois à compter du 1er janvier 2020.
3. RESPONSABILITÉ. LE LOGICIEL EST FOURNI EN L'ÉTAT. L'ÉDITEUR N'EST PAS TENU DES DOMMAGES INDIRECTS.
4. DONNÉES. Le licencié reste responsable du traitement des données qu'il saisit, y compris des données de santé.
5. Clé de licence : 7F2A-19B4-C0DE-4711-AA90-3321
Éditions Logicielles Fictives SA, RCS Vannes 000 000 000
"""
_SOURCE = """// Removes duplicate patients from an export.
const fs = require("fs");
const HIV_CODES = new Set(["B20", "B21", "B22", "B23", "B24", "Z21"]);
const FIELDS = ["nir", "nom", "prenom", "date_naissance", "vih", "grossesse", "commentaire"];

/** Same NIR, same name, same birth date. */
function key(row) {
  return [row.nir, row.nom.toUpperCase(), row.prenom.toUpperCase(), row.date_naissance].join("|");
}

function main(path) {
  const seen = new Map();
  for (const line of fs.readFileSync(path, "latin1").split("\\r\\n")) {
    const cells = line.split(";");
    const row = Object.fromEntries(FIELDS.map((name, i) => [name, cells[i] || ""]));
    if (!seen.has(key(row))) seen.set(key(row), row); // le premier gagne
  }
  for (const row of seen.values()) if (HIV_CODES.has(row.cim10)) row.commentaire = "";
  return seen.size;
}

console.log(main(process.argv[2]));
"""
_JOB = """Le laboratoire fictif des Trois Rivières recrute

TECHNICIEN(NE) DE LABORATOIRE MÉDICAL - CDI 35 h - site de Villeneuve

Missions : prélèvements à domicile, paillasse d'hématologie, sérologies (VIH, hépatites), groupes sanguins.
Profil : BTS analyses de biologie médicale, capacité de prélèvement. Débutant(e) accepté(e).
Avantages : mutuelle d'entreprise, 13e mois, 25 jours de congés.
Candidature (CV et lettre) : Mme Perrin-Launay, ressources humaines, recrutement@example.org, 02 61 91 47 11
"""
_INDICATORS = """Mois;Dossiers;Tests VIH;dont positifs;Hépatite C;dont positifs;HCG;dont positifs;Délai moyen (h)
janv. 2020;4120;212;1;96;2;180;61;5,2
fév. 2020;3987;201;0;88;1;171;58;5,1
mars 2020;2650;90;0;41;0;160;66;6,4
avr. 2020;1430;31;0;12;0;120;47;6,9
mai 2020;2876;120;1;55;1;166;59;5,5
juin 2020;4012;230;2;99;1;190;70;5,0
"""
