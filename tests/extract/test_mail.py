"""Mail: headers, bodies, attachments, mailboxes, and messages meant to break the parser."""

from __future__ import annotations

from email.message import EmailMessage

from phiscan.model import Limits
from tests.extract.opening import read, texts
from tests.extract.test_archive import make_zip


def message(body: str = "Bonjour,\nle résultat est là.", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Labo <labo@example.fr>"
    mail["To"] = "dr.martin@example.fr"
    mail["Subject"] = "Résultats de Mme Durand"
    mail["Message-ID"] = "<1@example.fr>"
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(body)
    return mail


HEAD = "From: Labo <labo@example.fr>\nTo: dr.martin@example.fr\nSubject: Résultats de Mme Durand\n"


def test_headers_stand_before_the_body() -> None:
    assert read(bytes(message()), "a.eml") == [("", "scanned", [HEAD, "Bonjour,\nle résultat est là.\n"])]


def test_lines_are_counted_through_the_part() -> None:
    assert [text.line for text in texts(bytes(message()))] == [1, 5]


def test_attachments_are_parts() -> None:
    mail = message()
    mail.add_attachment(b"nom;prenom\nDURAND;Marie\nMARTIN;Jean\nPETIT;Luc\n", "text", "csv", filename="liste é.csv")
    mail.add_attachment(make_zip({"a/b.txt": b"Deux."}), "application", "zip", filename="x.zip")
    found = read(bytes(mail), "a.eml")
    assert [part[0] for part in found] == ["", "liste é.csv", "x.zip!a/b.txt"]
    assert found[1][2] == [[["nom", "prenom"], ["DURAND", "Marie"], ["MARTIN", "Jean"], ["PETIT", "Luc"]]]


def test_html_that_repeats_the_text_is_left_out() -> None:
    mail = message("Bonjour Marie")
    mail.add_alternative("<p>Bonjour <b>Marie</b></p>", subtype="html")
    assert read(bytes(mail))[0][2] == [HEAD, "Bonjour Marie\n"]


def test_html_that_says_more_is_read_too() -> None:
    mail = message("Voir la version HTML")
    mail.add_alternative("<p>Sérologie <b>positive</b></p>", subtype="html")
    assert read(bytes(mail))[0][2] == [HEAD, "Voir la version HTML\n", "Sérologie positive"]


def test_a_forwarded_message_begins_something_new() -> None:
    inner = message("Dedans.")
    inner.add_attachment(b"Piece jointe.", "application", "octet-stream", filename="p.txt")
    outer = message("Dehors.")
    outer.add_attachment(inner)
    found = read(bytes(outer))
    assert found[0][2] == [HEAD, "Dehors.\n", HEAD, "Dedans.\n"]
    assert found[1:] == [("p.txt", "scanned", ["Piece jointe."])]
    assert [text.starts for text in texts(bytes(outer))] == [False, False, True, False, False]


def test_a_mailbox_is_one_part_of_many_messages() -> None:
    two = message("Deux.")
    two.add_attachment(b"Trois.", "application", "octet-stream", filename="t.txt")
    line = b"From labo@example.fr Sat Jan  3 01:05:34 2026\n"
    data = line + bytes(message("Un.\n>From la suite")) + b"\n" + line + bytes(two) + b"\n"
    found = read(data)
    assert found[0] == ("", "scanned", [HEAD, "Un.\n>From la suite\n\n", HEAD, "Deux.\n"])
    assert found[1:] == [("2/t.txt", "scanned", ["Trois."])]
    assert [text.starts for text in texts(data)][:4] == [True, False, True, False]


def test_an_encrypted_message_shows_its_headers() -> None:
    mail = (
        b"From: a@x.fr\nSubject: x\nMIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data"
    )
    found = read(mail + b"\nContent-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHA6CA\n")
    assert found == [("", "scanned", ["From: a@x.fr\nSubject: x\n"]), ("encrypted body", "smime", [])]


def test_a_body_that_lies_about_its_charset() -> None:
    mail = b"From: a@x.fr\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nH\xe9l\xe8ne\n"
    assert read(mail)[0][2][1] == "Hélène\n"


def test_hostile_headers_do_not_stop_the_reading() -> None:
    mail = b'Message-ID: <[\nFrom: =?x?q?=\x00?= <@@[>\nTo: "\nSubject: =?utf-8?b?!!!?=\n'
    mail += b"Content-Type: text/;;=\n\nBonjour."
    found = read(mail, "a.eml")
    assert "Bonjour." in "".join(found[0][2])


def test_a_message_of_very_many_parts_is_cut() -> None:
    parts = b"--b\nContent-Type: text/plain\n\nx\n" * 1500
    mail = (
        b"From: a@x.fr\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        + parts
        + b"--b--\n"
    )
    assert read(mail)[0][2][-1] == "gap bomb: more parts in a message than allowed"


def test_attachments_are_counted_by_the_budget() -> None:
    mail = message()
    mail.add_attachment(b"0" * 5000, "application", "octet-stream", filename="t.bin")
    assert read(bytes(mail), limits=Limits(unpacked=100))[-1][2] == ["gap bomb: more unpacked bytes than allowed"]
