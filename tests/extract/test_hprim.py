"""HPRIM Médecin: the head without labels gets them, whatever the file is called and wherever it travels."""

from __future__ import annotations

import pytest

from phiscan.extract.hprim import is_message
from tests.extract.opening import read, types

HEAD = ["00471100", "KERVRAN", "LOÏC", "12 rue du Port", "", "56000 VANNES", "02/04/61", "1610456260123 42"]
TAIL = ["26112000007", "20/11/26", "LBM0001  LABORATOIRE DU PORT", "MED0001  DR MOREL ANNE", ""]
BODY = ["Hémoglobine ............  8,9 g/100 mL", "****LAB****", "RES|Hémoglobine|HB|A|N|8,9|g/100 mL|12,0|16,0|L|"]
END = ["****FIN****", "****FINFICHIER****", ""]
LABELLED = [
    "N° patient : 00471100", "Nom : KERVRAN", "Prénom : LOÏC", "Adresse 1 : 12 rue du Port", "",
    "CP Ville : 56000 VANNES", "Date de naissance : 02/04/61", "NIR : 1610456260123 42",
    *TAIL[:3], "Destinataire : MED0001  DR MOREL ANNE", "",
]  # fmt: skip
OTHER = ["4712", "LE GOFF", "Anne-Marie", "", "29200", "BREST", "19610402", "", "B-12", "20261120", "LBM0001", "MED1"]
OTHERS = [
    "N° patient : 4712", "Nom : LE GOFF", "Prénom : Anne-Marie", "", "CP Ville : 29200", "Ville : BREST",
    "Date de naissance : 19610402", "", "B-12", "20261120", "LBM0001", "Destinataire : MED1",
]  # fmt: skip


def message(*lines: str, newline: str = "\r\n") -> str:
    return newline.join(lines)


ONE = message(*HEAD, *TAIL, *BODY, *END)


@pytest.mark.parametrize("name", ["00012345.hpm", "00012345.hpr", "resultats.txt", "piece_jointe", "a.001"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_each_line_of_the_head_gets_its_label(name: str, encoding: str, newline: str) -> None:
    data = message(*HEAD, *TAIL, *BODY, *END, newline=newline).encode(encoding)
    assert types(data, name) == ["application/x-hprim-medecin"]
    assert read(data, name) == [("", "scanned", ["\n".join([*LABELLED, *BODY, *END[:2]])])]


def test_a_file_of_several_messages_has_several_heads() -> None:
    data = message(*HEAD, *TAIL, *BODY, END[0], *OTHER, "TSH 3,2 mUI/L", *END).encode()
    ((_, _, (text,)),) = read(data, "a.hpr")
    assert text.split("\n") == [*LABELLED, *BODY, END[0], *OTHERS, "TSH 3,2 mUI/L", *END[:2]]


def test_a_message_travels_in_a_mail() -> None:
    head = "From: labo@example.org\nTo: cabinet@example.org\nSubject: resultats\nMIME-Version: 1.0\n"
    bounds = 'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain; charset=utf-8\n\nVoir.\n'
    attached = bounds + '--x\nContent-Type: text/plain; charset=utf-8; name="0001.dat"\n\n' + ONE + "\n--x--\n"
    body = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + ONE
    (_, part) = read((head + attached).encode(), "a.eml")
    assert part[2][0].split("\n")[: len(LABELLED)] == LABELLED
    ((_, _, (_, text)),) = read((head + body).encode(), "a.eml")
    assert text.split("\n")[: len(LABELLED)] == LABELLED


LETTER = ["Cabinet", "Docteur Anne MOREL", "Cardiologue", "12 rue du Port", "56000 VANNES", "02/04/1961", "", "12"]


@pytest.mark.parametrize(
    "lines",
    [
        [*LETTER, "20/11/2026", "Cher confrère,", "", "Bien à vous"],
        [*HEAD[:5], "Objet : réunion", *HEAD[6:], *TAIL, *END],
        [HEAD[0], "8 tables", *HEAD[2:], *TAIL, *END],
        [*HEAD[:7], "voir au dos", *TAIL, *END],
        [*HEAD, "26112000007", "sans date", *TAIL[2:], *END],
        [*HEAD[:5], "VANNES", *HEAD[6:], *TAIL, "aucune marque"],
        ["12", "Marteau", "Acier", "Rayon B", "3", "56000", "12", "", "44"],
        HEAD,
        [""] * 20,
    ],
)
def test_what_only_resembles_a_head_is_none(lines: list[str]) -> None:
    assert is_message(message(*lines).encode("cp1252")) is False


def test_without_a_postcode_a_mark_tells() -> None:
    lines = [*HEAD[:5], "", *HEAD[6:], *TAIL]
    assert is_message(message(*lines, *BODY, *END).encode("cp1252")) is True
    assert is_message(message(*lines).encode("cp1252")) is False


def test_lines_that_are_no_head_stay_as_they_are() -> None:
    data = message(*HEAD, *TAIL, END[0], "fin de l'envoi", "deux lignes").encode("cp1252")
    ((_, _, (text,)),) = read(data, "a")
    assert text.split("\n") == [*LABELLED, END[0], "fin de l'envoi", "deux lignes"]
