"""The share's documents about one patient each: letters, a report, a prescription, messages, a scan without text."""

from __future__ import annotations

import io

from tests.generate.people import Person, fold, spaced_nir, spaced_phone
from tests.generate.share_model import ALARMING, Entry, Expected, adults, freeze, one_patient, plain

_LAB = "Laboratoire fictif des Trois Rivières - 4 place du Marché - 56999 VILLENEUVE"


def entries() -> list[Entry]:
    """Return the files of this module."""
    return [_docx(), _odt(), _rtf(), _pdf(), _scan(), _latin1(), _prescription(), _report(), _hprim(), _hl7(), _html()]


def _day(person: Person) -> str:
    return person.birth.strftime("%d/%m/%Y")


def _docx() -> Entry:
    """The patient stands in the page header only; the body speaks of "votre patiente"."""
    import docx

    patient, doctor = adults(201, 1, "F")[0], adults(202, 1)[0]
    document = docx.Document()
    header = document.sections[0].header.paragraphs[0]
    header.text = (
        f"Mme {patient.used_name.upper()} {patient.given[0]}, née {patient.birth_name.upper()} le {_day(patient)}"
        f" - N° SS {spaced_nir(patient.nir, patient.nir_key)}"
    )
    for text in (
        "Service de sénologie",
        f"Cher confrère, chère consœur (Dr {doctor.used_name}),",
        "J'ai revu ce jour votre patiente dans le cadre de la surveillance de son carcinome canalaire infiltrant du "
        "sein gauche, opéré en février 2019 et suivi d'une radiothérapie.",
        "L'hormonothérapie par létrozole 2,5 mg par jour est bien tolérée. La mammographie de contrôle est rassurante.",
        "Je la reverrai dans six mois. Bien confraternellement.",
    ):
        document.add_paragraph(text)
    stream = io.BytesIO()
    document.save(stream)
    return plain("courriers/consultation_senologie.docx", freeze(stream.getvalue()), one_patient("cancer"))


def _odt() -> Entry:
    from odf.opendocument import OpenDocumentText
    from odf.text import H, P

    patient = adults(203, 1, "M")[0]
    document = OpenDocumentText()
    document.text.addElement(H(outlinelevel=1, text="Consultation de génétique"))
    for text in (
        f"Concerne : Monsieur {patient.given[0]} {patient.birth_name}, né le {_day(patient)}",
        f"{patient.street}, {patient.postcode} {patient.town}",
        "Le séquençage du gène CFTR retrouve la mutation F508del à l'état hétérozygote : Monsieur est porteur sain de "
        "la mucoviscidose. Un conseil génétique est proposé au couple.",
    ):
        document.text.addElement(P(text=text))
    stream = io.BytesIO()
    document.write(stream)
    return plain("courriers/conseil.odt", freeze(stream.getvalue()), one_patient("genetic"))


def _rtf() -> Entry:
    patient = adults(204, 1, "M")[0]
    lines = (
        "COMPTE RENDU D'HOSPITALISATION",
        f"Patient : M. {patient.birth_name.upper()} {patient.given[0]}",
        f"Date de naissance : {_day(patient)}",
        f"N° de sécurité sociale : {patient.nir} {patient.nir_key}",
        "Motif : bilan d'une hépatite C chronique de génotype 3.",
        "Conclusion : fibrose F2, mise en route d'un traitement antiviral. Pas de co-infection par le VIH.",
    )
    body = "\\par\n".join(
        "".join(c if ord(c) < 128 else f"\\'{c.encode('cp1252').hex()}" for c in line) for line in lines
    )
    text = "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Arial;}}\\f0\\fs22\n" + body + "\\par}\n"
    return plain("courriers/CRH_4471.rtf", text.encode("ascii"), one_patient("infection", "hiv", maybe=("cancer",)))


def _pdf() -> Entry:
    """Two pages, the same patient at the head of both; the file's name says it all."""
    patient = adults(205, 1, "F")[0]
    head = (
        _LAB,
        f"Patiente : {patient.used_name.upper()} {patient.given[0]} née {patient.birth_name.upper()}",
        f"Née le : {_day(patient)}    N° SS : {spaced_nir(patient.nir, patient.nir_key)}",
        "",
    )
    first = (
        *head,
        "Suivi de l'infection par le VIH, diagnostiquée en 2011.",
        "CD4 : 612 /mm3 (34 %)",
        "ARN VIH-1 (charge virale) : < 20 copies/mL",
        "Traitement : BIKTARVY un comprimé par jour.",
    )
    second = (
        *head,
        "Créatinine            68 µmol/L      (45 à 84)",
        "Cholestérol total     5,12 mmol/L    (4,1 à 6,2)",
    )
    name = f"courriers/CR_{fold(patient.used_name).replace(' ', '-')}_{patient.given[0]}_VIH.pdf"
    return plain(name, _paged([first, second]), one_patient("hiv"))


def _paged(pages: list[tuple[str, ...]]) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, 842), invariant=1)
    for page in pages:
        canvas.setFont("Helvetica", 10)
        for number, line in enumerate(page):
            canvas.drawString(56, 786 - 15 * number, line)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _scan() -> Entry:
    """A page that is a picture, as from a scanner: without OCR only the file's name tells who and what."""
    from PIL import Image, ImageDraw
    from reportlab.pdfgen.canvas import Canvas

    patient = adults(206, 1, "M")[0]
    page = Image.new("L", (620, 877), 255)
    pen = ImageDraw.Draw(page)
    for line in range(30):
        pen.rectangle((60, 80 + 24 * line, 360 + 37 * (line * 7 % 5), 88 + 24 * line), fill=60)
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, 842), invariant=1)
    canvas.drawInlineImage(page, 0, 0, 595, 842)
    canvas.save()
    expected = Expected(gap=True, persons=1, categories={"hiv": (1, 1)}, public={"at_least": "medium"})
    name = f"scans/CR_{fold(patient.birth_name).replace(' ', '-')}_{patient.given[0]}_VIH.pdf"
    return plain(name, stream.getvalue(), expected)


def _latin1() -> Entry:
    patient = adults(207, 1, "F")[0]
    text = f"""Villeneuve, le 12 mars 1998

Chère amie,

Merci de m'adresser Madame {patient.given[0]} {patient.used_name.upper()}, née {patient.birth_name} le {_day(patient)},
demeurant {patient.street} à {patient.town}.

Elle est enceinte de 24 SA ; le terme est prévu le 3 juillet. La glycémie après charge est normale.
Prochaine consultation dans un mois.

Bien à toi.
"""
    return plain("courriers/lettre_ancienne.txt", text.encode("latin-1"), one_patient("pregnancy"))


def _prescription() -> Entry:
    patient, doctor = adults(208, 1, "F")[0], adults(209, 1)[0]
    text = f"""Docteur {doctor.given[0]} {doctor.used_name.upper()}
Médecine générale
Tél. {spaced_phone("0199004711")}

                                         le 3 novembre 2020

Madame {patient.used_name.upper()} {patient.given[0]}
née le {_day(patient)}

LEVOTHYROX 75 µg : 1 comprimé le matin à jeun
KARDEGIC 75 mg : 1 sachet par jour
METFORMINE 1000 mg : 1 comprimé matin et soir

Qsp 3 mois
"""
    return plain("ordonnances/ordo_4711.txt", text.encode(), one_patient("treatment"))


def _report() -> Entry:
    """A report without a single disease word: result lines only."""
    patient = adults(210, 1, "M")[0]
    text = f"""{_LAB}

Monsieur {patient.birth_name.upper()} {patient.given[0]}
Né(e) le {_day(patient)}                     Dossier 20K03-4711
NIR : {patient.nir} {patient.nir_key}
Prélevé le 03/11/2020 à 08h12

HEMATOLOGIE                                    Valeurs de référence     Antériorités
Leucocytes                  7 240 /mm3         4 000 à 10 000           6 900
Hématies                    4,72 T/L           4,28 à 5,79              4,81
Hémoglobine                 14,1 g/dL          13,4 à 16,7              14,4
Plaquettes                  251 000 /mm3       150 000 à 400 000        263 000

BIOCHIMIE
Glycémie à jeun             0,97 g/L           0,74 à 1,06              0,99
Créatinine                  82 µmol/L          64 à 104                 80
Potassium                   4,3 mmol/L         3,5 à 5,1
CRP                         < 4 mg/L           inf. à 5
"""
    return plain("resultats/20K03-4711.txt", text.encode("cp1252"), one_patient("lab_result"))


def _hprim() -> Entry:
    patient = adults(211, 1, "F")[0]
    head = (
        "00004711", patient.used_name.upper(), patient.given[0], patient.street, "",
        f"{patient.postcode} {patient.town}",
        _day(patient), f"{patient.nir} {patient.nir_key}", "20K03-4712", "03/11/2020", "LAB3R", "MED0042",
    )  # fmt: skip
    body = (
        "Sérologie de la syphilis (TPHA) : positive, titre 1/640",
        "Sérologie VIH 1+2 : négative",
        "****LAB****",
        "RES|Glucose|GLU|N|0,95|g/L|0,74|1,06|N|F",
        "RES|Créatinine|CREA|N|61|umol/L|45|84|N|F",
        "****FIN****",
        "****FINFICHIER****",
    )
    text = "\r\n".join((*head, *body, ""))
    return plain("messages/00004712.hpr", text.encode("cp1252"), one_patient("infection", "hiv", maybe=("lab_result",)))


def _hl7() -> Entry:
    """Two messages, two patients, one with a negative HIV test."""
    segments = []
    for number, (patient, result) in enumerate(zip(adults(212, 2), ("Négatif", ""), strict=True), 1):
        family, given, birth = patient.birth_name.upper(), patient.given[0], patient.birth.strftime("%Y%m%d")
        test = (
            f"OBX|1|ST|7918-6^VIH 1+2 Ac^LN||{result}|||N|||F"
            if result
            else "OBX|1|NM|2951-2^Sodium^LN||140|mmol/L|136-145|N|||F"
        )
        segments += [
            f"MSH|^~\\&|LABO|3R|DMP|CH|20201103084{number}||ORU^R01^ORU_R01|4711{number}|P|2.5^FRA^2.10|||||FRA|8859/1",
            f"PID|1||{patient.nir}{patient.nir_key}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS||"
            f"{family}^{given}^^^^^L||{birth}|{patient.sex}|||{patient.street}^^{patient.town}^^{patient.postcode}^FRA^H",
            f"OBR|1||20K03-{number}|BIO",
            test,
        ]
    expected = Expected(
        persons=2, identified_health_persons=(1, 2), categories={"hiv": (1, 1), "lab_result": (0, 2)}, public=ALARMING
    )
    return plain("messages/oru_20201103.hl7", ("\r".join(segments) + "\r").encode("latin-1"), expected)


def _html() -> Entry:
    patient = adults(213, 1, "F")[0]
    rows = "".join(
        f"<tr><td>{name}</td><td>{value}</td><td>{unit}</td><td>{normal}</td></tr>\n"
        for name, value, unit, normal in (
            ("b&ecirc;ta-HCG plasmatique", "12&nbsp;480", "UI/L", "&lt; 5 hors grossesse"),
            ("Ferritine", "18", "&micro;g/L", "15 &agrave; 150"),
            ("TSH", "1,92", "mUI/L", "0,27 &agrave; 4,20"),
        )
    )
    text = f"""<!DOCTYPE html>
<html lang="fr"><head><meta charset="iso-8859-1"><title>Vos r&eacute;sultats</title></head><body>
<h1>R&eacute;sultats en ligne</h1>
<p>Patiente&nbsp;: <b>{patient.used_name.upper()} {patient.given[0]}</b>, n&eacute;e le {_day(patient)}</p>
<p>Indication&nbsp;: grossesse d&eacute;butante</p>
<table>
{rows}</table></body></html>
"""
    return plain(
        "web/resultats_4711.html",
        text.encode("latin-1", "xmlcharrefreplace"),
        one_patient("pregnancy", maybe=("lab_result",)),
    )
