"""The share's tables: exports in several notations, spreadsheets, a mail with an attachment, archives, XML and JSON."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from xml.sax.saxutils import escape

from tests.generate.comments import Comment, Commenter, Fact
from tests.generate.people import Person, Population, fold, spaced_nir, spell
from tests.generate.share_model import ALARMING, Entry, Expected, adults, freeze, of_census, plain, stable_zip
from tests.generate.truth import Census

_RATES = {"hiv": 0.12, "cancer": 0.1, "pregnancy": 0.08, "genetic": 0.06, "infection": 0.08, "innocent": 0.4}
_VISIT = date(2019, 1, 7)
Cell = Callable[[Person, Comment, int], str]


def entries() -> list[Entry]:
    """Return the files of this module."""
    return [
        _export_semicolon(),
        _export_tab(),
        _export_cp850(),
        _export_fixed(),
        _hidden_sheet(),
        _old_spreadsheet(),
        _open_spreadsheet(),
        _mail(),
        _nested_zip(),
        _seven_zip(),
        _protected_zip(),
        _xml(),
        _json(),
    ]


def _rows(seed: int, count: int, cells: Sequence[Cell], *, blood: bool = False) -> tuple[list[list[str]], Census]:
    """Return `count` rows made by `cells`, and what they say."""
    commenter, census = Commenter(seed, _RATES), Census()
    table = []
    for serial, person in enumerate(Population(seed, without_nir=0.0).people(count), 1):
        comment = commenter.draw(woman=person.sex == "F")
        facts = comment.facts + ((Fact("blood_group"),) if blood and person.abo else ())
        census.row(person.identity, facts)
        table.append([cell(person, comment, serial) for cell in cells])
    return table, census


def _delimited(header: str, rows: list[list[str]], delimiter: str, encoding: str) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    if header:
        writer.writerow(header.split(","))
    writer.writerows([spell(cell, encoding) for cell in row] for row in rows)
    return stream.getvalue().encode(encoding)


def _visit(serial: int) -> str:
    return (_VISIT + timedelta(days=serial * 3)).strftime("%d/%m/%Y")


_BASE: tuple[Cell, ...] = (
    lambda p, _c, _n: p.nir + p.nir_key,
    lambda p, _c, _n: p.used_name,
    lambda p, _c, _n: p.birth_name if p.birth_name != p.used_name else "",
    lambda p, _c, _n: p.given[0],
    lambda p, _c, _n: p.birth.strftime("%d/%m/%Y"),
)
_COMMENT: Cell = lambda _p, c, _n: c.text  # noqa: E731 a column like the others


def _export_semicolon() -> Entry:
    cells: tuple[Cell, ...] = (
        *_BASE, lambda p, _c, _n: p.sex, lambda p, _c, _n: p.street, lambda p, _c, _n: f"{p.postcode} {p.town}",
        lambda p, _c, _n: p.phone or p.mobile, lambda p, _c, _n: p.email, lambda p, _c, _n: p.abo,
        lambda p, _c, _n: p.rhesus, lambda _p, _c, n: _visit(n), _COMMENT,
    )  # fmt: skip
    rows, census = _rows(101, 120, cells, blood=True)
    header = "Immatriculation,Nom,Nom naiss.,Prénom,Naissance,Sx,Rue,Ville,Tél,Mél,Gr.,Rh.,Vu le,Mémo"
    return plain("exports/patients_2020.csv", _delimited(header, rows, ";", "cp1252"), of_census(census))


def _export_tab() -> Entry:
    cells: tuple[Cell, ...] = (
        lambda p, _c, _n: spaced_nir(p.nir), lambda p, _c, _n: p.nir_key, *_BASE[1:], lambda _p, _c, n: f"2020{n:05d}",
        _COMMENT,
    )  # fmt: skip
    rows, census = _rows(102, 80, cells)
    header = "NumAssure,CleAssure,Patronyme,NomNaissance,Prenom,DateNais,Demande,Remarque"
    return plain("exports/extraction remarques.tsv", _delimited(header, rows, "\t", "utf-8"), of_census(census))


def _export_cp850() -> Entry:
    cells: tuple[Cell, ...] = (
        lambda p, _c, _n: p.nir, lambda p, _c, _n: p.nir_key, lambda p, _c, _n: fold(p.birth_name),
        lambda p, _c, _n: p.given[0], lambda p, _c, _n: p.birth.strftime("%d%m%Y"), lambda p, _c, _n: p.town, _COMMENT,
    )  # fmt: skip
    rows, census = _rows(103, 90, cells)
    return plain("exports/SAUVE98.TXT", _delimited("", rows, ";", "cp850"), of_census(census))


def _export_fixed() -> Entry:
    widths = (13, 3, 30, 22, 9, 0)
    cells: tuple[Cell, ...] = (
        lambda p, _c, _n: p.nir, lambda p, _c, _n: p.nir_key, lambda p, _c, _n: fold(p.birth_name)[:28],
        lambda p, _c, _n: fold(p.given[0]), lambda p, _c, _n: p.birth.strftime("%d%m%Y"), _COMMENT,
    )  # fmt: skip
    rows, census = _rows(104, 70, cells)
    lines = ["".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return plain("exports/PATIENT.DAT", "\r\n".join([*lines, ""]).encode("cp1252"), of_census(census))


def _hidden_sheet() -> Entry:
    """A visible list of appointments; a hidden sheet follows twelve of these people's HIV."""
    import xlsxwriter

    people = adults(105, 30)
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": datetime(2020, 11, 3, 8)})
    visible, hidden = book.add_worksheet("RDV semaine 45"), book.add_worksheet("suivi")
    hidden.hide()
    visible.write_row(0, 0, ("Heure", "Nom", "Prénom", "Date de naissance", "Portable"))
    for row, p in enumerate(people, 1):
        visible.write_row(row, 0, (f"{8 + row // 6}h{row % 6}0", p.birth_name, p.given[0], p.birth.strftime("%d/%m/%Y"),
                                   p.mobile))  # fmt: skip
    hidden.write_row(0, 0, ("Nom", "Prénom", "Né(e) le", "Diagnostic", "CD4", "Charge virale"))
    for row, p in enumerate(people[:12], 1):
        hidden.write_row(row, 0, (p.birth_name, p.given[0], p.birth.strftime("%d/%m/%Y"), "VIH 1", 180 + 31 * row,
                                  "< 20 copies/mL" if row % 3 else "indétectable"))  # fmt: skip
    book.close()
    expected = Expected(
        records=42, persons=30, identified_health_persons=(12, 30), categories={"hiv": (12, 12)}, public=ALARMING
    )
    return plain("tableurs/rdv_semaine45.xlsx", freeze(stream.getvalue()), expected)


def _old_spreadsheet() -> Entry:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Cartes de groupe")
    header = ("N° SS", "Nom de naissance", "Prénom", "DDN", "Groupe", "Rhésus", "1ère détermination")
    people = adults(106, 25)
    groups = ("A", "O", "B", "O", "AB")
    rows = [
        (spaced_nir(p.nir, p.nir_key), p.birth_name, p.given[0], p.birth.strftime("%d/%m/%Y"), groups[i % 5],
         "négatif" if i % 6 == 5 else "positif", _visit(i))
        for i, p in enumerate(people)
    ]  # fmt: skip
    for row, cells in enumerate((header, *rows)):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    stream = io.BytesIO()
    book.save(stream)
    expected = Expected(
        records=25,
        persons=25,
        identified_health_persons=(25, 25),
        categories={"blood_group": (25, 25)},
        public=ALARMING,
    )
    return plain("tableurs/groupes.xls", stream.getvalue(), expected)


def _open_spreadsheet() -> Entry:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    table = Table(name="Maternité")
    rows = [
        ("Patiente", "Prénom", "Née le", "DDR", "DPA", "Terme"),
        *map(_pregnancy_row, enumerate(adults(107, 18, "F"))),
    ]
    for cells in rows:
        line = TableRow()
        for cell in cells:
            box = TableCell(valuetype="string")
            box.addElement(P(text=cell))
            line.addElement(box)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    stream = io.BytesIO()
    book.write(stream)
    expected = Expected(
        records=18, persons=18, identified_health_persons=(18, 18), categories={"pregnancy": (18, 18)}, public=ALARMING
    )
    return plain("tableurs/suivi maternité.ods", freeze(stream.getvalue()), expected)


def _pregnancy_row(numbered: tuple[int, Person]) -> tuple[str, ...]:
    number, p = numbered
    start = date(2020, 3, 2) + timedelta(days=9 * number)
    weeks = (date(2020, 11, 3) - start).days // 7
    due = start + timedelta(days=280)
    return (p.used_name, p.given[0], p.birth.strftime("%d/%m/%Y"), start.strftime("%d/%m/%Y"), due.strftime("%d/%m/%Y"),
            f"{weeks} SA")  # fmt: skip


def _mail() -> Entry:
    mail = EmailMessage()
    mail["From"] = "Secrétariat du laboratoire <secretariat@example.org>"
    mail["To"] = "cabinet.lilas@example.fr"
    mail["Date"] = "Tue, 03 Nov 2020 17:42:11 +0100"
    mail["Subject"] = "Résultats de la semaine 44"
    mail["Message-ID"] = "<20201103164211.4711@example.org>"
    mail.set_content("Bonjour,\n\nVeuillez trouver ci-joint le tableau demandé.\n\nCordialement,\nLe secrétariat\n")
    rows = [
        [p.nir + p.nir_key, p.used_name, p.given[0], p.birth.strftime("%d/%m/%Y"), "HIV 1+2 Ac/Ag",
         "Positif" if i == 3 else "Négatif"]
        for i, p in enumerate(adults(108, 8))
    ]  # fmt: skip
    table = _delimited("NIR,NOM,PRENOM,DDN,ANALYSE,RESULTAT", rows, ";", "cp1252")
    mail.add_attachment(table, maintype="text", subtype="csv", filename="resultats_s44.csv")
    mail.set_boundary("=-labo-4711")
    expected = Expected(
        records=8, persons=8, identified_health_persons=(8, 8), categories={"hiv": (8, 8)}, public=ALARMING
    )
    return Entry("messagerie/resultats_s44.eml", mail.as_bytes(), {"resultats_s44.csv": expected})


def _nested_zip() -> Entry:
    first, first_census = _rows(109, 60, (*_BASE, _COMMENT))
    second, second_census = _rows(110, 40, (*_BASE, _COMMENT))
    header = "NSS,NOM USUEL,NOM NAISSANCE,PRENOM,NE LE,COMMENTAIRES"
    inner = stable_zip([("patients_2018.csv", _delimited(header, second, ";", "cp1252"))])
    readme = "Sauvegarde avant migration du serveur.\r\nA supprimer après contrôle.\r\n".encode("cp1252")
    outer = stable_zip(
        [
            ("lisezmoi.txt", readme),
            ("base/patients_2019.csv", _delimited(header, first, ";", "cp1252")),
            ("anciens.zip", inner),
        ]
    )
    expected = {
        "lisezmoi.txt": Expected(persons=0, identified_health_persons=(0, 0), public={"at_most": "info"}),
        "base/patients_2019.csv": of_census(first_census),
        "anciens.zip!patients_2018.csv": of_census(second_census),
    }
    return Entry("archives/sauvegarde.zip", outer, expected)


def _libarchive(name: str, data: bytes, form: str, **options: str) -> bytes:
    import libarchive

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "archive")
        with libarchive.file_writer(str(path), form, **options) as archive:
            archive.add_file_from_memory(name, len(data), data, mtime=1_604_390_400)
        return path.read_bytes()


def _seven_zip() -> Entry:
    rows, census = _rows(111, 50, (*_BASE, lambda p, _c, _n: p.email, _COMMENT))
    data = _delimited("SECU,NOM,NJF,PRENOM,DATE_N,COURRIEL,NOTES", rows, "\t", "utf-8-sig")
    archive = _libarchive("transfert/patients.txt", data, "7zip")
    return Entry("archives/transfert.7z", archive, {"transfert/patients.txt": of_census(census)})


def _protected_zip() -> Entry:
    rows, _ = _rows(112, 30, (*_BASE, _COMMENT))
    data = _delimited("NSS,NOM,NJF,PRENOM,DDN,NOTES", rows, ";", "cp1252")
    archive = _libarchive("patients.csv", data, "zip", options="encryption=aes256", passphrase="fictif-4711")
    return Entry("archives/envoi_securise.zip", archive, {"": Expected(status="encrypted")}, volatile=True)


def _xml() -> Entry:
    rows, census = _rows(113, 15, (*_BASE, _COMMENT))
    names = ("numSecu", "nomUsage", "nomNaissance", "prenom", "dateNaissance", "commentaire")
    patients = [
        "".join(f"    <{tag}>{escape(cell)}</{tag}>\n" for tag, cell in zip(names, row, strict=True)) for row in rows
    ]
    body = "".join(f"  <patient>\n{patient}  </patient>\n" for patient in patients)
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<export labo="L07">\n{body}</export>\n'
    return plain("web/export_l07.xml", text.encode("latin-1", "xmlcharrefreplace"), of_census(census))


def _json() -> Entry:
    rows, census = _rows(114, 12, (*_BASE, _COMMENT))
    names = ("nir", "nomUsage", "nomNaissance", "prenom", "dateNaissance", "commentaire")
    patients = [dict(zip(names, row, strict=True)) for row in rows]
    text = json.dumps({"labo": "L07", "patients": patients}, ensure_ascii=False, indent=1)
    return plain("web/patients.json", text.encode(), of_census(census))
