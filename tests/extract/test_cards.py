"""Cards and calendars: what is folded and escaped in them is made whole, and a card names whom its note is about."""

from __future__ import annotations

import pytest

from phiscan.scan.scanner import Observer
from tests.eval.reading import scanned, severity_of
from tests.extract.opening import read, types


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def rows(text: str, name: str = "a.vcf") -> list[list[str]]:
    ((_, status, (found,)),) = read(text.encode(), name)
    assert status == "scanned"
    return [[cell for cell in row if cell] for row in found]


def test_each_card_is_a_row() -> None:
    text = card("N:KERVRAN;Loïc;;M.;", "FN:Loïc Kervran", "BDAY:1977-09-12", "NOTE:asthme\\, sous\\nVentoline")
    text += card("FN:Cabinet du Port", "ORG:SCM;du Port", "item1.TEL;TYPE=WORK:0298000000", "TEL:0298000001")
    assert types(text.encode(), "a.vcf") == ["text/vcard"]
    assert rows(text, "contacts") == [
        ["KERVRAN", "Loic", "1977-09-12", "asthme, sous Ventoline"],
        ["Cabinet du Port", "0298000000", "SCM;du Port; 0298000001"],
    ]


@pytest.mark.parametrize(
    ("lines", "cells"),
    [
        (["N:KERVRAN;Loïc;;;", "NOTE:sous", "  Ventoline"], ["KERVRAN", "Loic", "sous Ventoline"]),
        (["N;CHARSET=UTF-8:KERVRAN;Loïc;;;"], ["KERVRAN", "Loic"]),
        (
            ["N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:KERVRAN;Lo=C3=", "=AFc;;;"],
            ["KERVRAN", "Loic"],
        ),
        (["N;ENCODING=QUOTED-PRINTABLE:KERVRAN;Lo=EFc;;;"], ["KERVRAN", "Loic"]),
        (["N:KERVRAN;Loïc;;;", "PHOTO;ENCODING=b:AAAA", " BBBB", " CCCC", "NOTE:x"], ["KERVRAN", "Loic", "x"]),
        (["N:KERVRAN;;;;", "FN:Loïc Kervran"], ["KERVRAN", "Loic Kervran"]),
        (["ADR;TYPE=HOME:;;12 rue du Port;Vannes;;56000;France"], ["12 rue du Port Vannes 56000 France"]),
        (['X-ABC;TYPE="a:b":vu', "sans rien"], ["vu; sans rien"]),
        (["NOTE:a", "NOTE:b", "NOTE:"], ["a; b"]),
    ],
)
def test_lines_of_a_card(lines: list[str], cells: list[str]) -> None:
    assert rows(card(*lines)) == [cells]


def test_a_card_without_end_and_what_stands_outside() -> None:
    text = card("FN:Anne") + "reste\n" + card("FN:Eve").replace("END:VCARD", "")
    assert rows(text) == [["Anne"], ["reste"], ["Eve"]]


def test_a_very_long_note_is_read_to_its_end() -> None:
    text = card("N:KERVRAN;Loïc;;;", "NOTE:" + "a" * 65_530, *[" " + "b" * 70] * 3000, "TEL:0298000000")
    found = rows(text)
    assert found[0][:2] == ["KERVRAN", "Loic"]
    assert sum(cell.count("b") for row in found for cell in row) == 210_000
    assert found[-1][0] == "0298000000"


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""])


def test_a_calendar_is_text_made_whole() -> None:
    tour = event(
        "UID:0@a", "SUMMARY:M. KERVRAN Loïc - insuline", "DESCRIPTION:Tel 0298000000\\nNé le 12/09/1977\\, a", " sthme"
    )
    text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + tour + "END:VCALENDAR\r\n"
    said = "SUMMARY: M. KERVRAN Loïc - insuline\nDESCRIPTION: Tel 0298000000\nNé le 12/09/1977, asthme\n\n"
    assert types(text.encode(), "a") == ["text/calendar"]
    assert read(text.encode(), "a.ics") == [("", "scanned", ["BEGIN: VCALENDAR\nBEGIN: VEVENT\n" + said])]


def judged(name: str, text: str) -> tuple[str, int, int]:
    facts, _ = scanned(name, text.encode(), Observer())
    return severity_of(facts).name.lower(), facts.persons, facts.identified_health


PEOPLE = (("KERVRAN", "Loïc", "1977-09-12"), ("PETIT", "Anne", "1951-03-25"), ("MOREL", "Odile", "1940-08-09"))
NOTES = ("diabète, pompe à insuline", "BPCO, O2 la nuit", "cancer de l'ovaire - nutrition parentérale")
AT_WORK = (
    ("N:PETIT;Anne;;Dr;", "NOTE:référente cancer du sein"),
    ("N:PETIT;Anne;;;", "TITLE:Déléguée", "NOTE:Biktarvy", "X-SUJET:VIH"),
    ("N:PETIT;Anne;;;", "ORG:Association", "CATEGORIES:sclérose en plaques"),
)
WORK = ("ORG:CH du Port;Oncologie", "ORG:Association Sclérose en plaques", "TITLE:Infirmière en psychiatrie")


def test_the_notes_of_cards_are_about_whom_they_name() -> None:
    cards = [
        card(f"N:{n};{p};;;", f"FN:{p} {n}", f"BDAY:{b}", f"NOTE:{x}")
        for (n, p, b), x in zip(PEOPLE, NOTES, strict=True)
    ]
    assert judged("patients.vcf", "".join(cards)) == ("critical", 3, 3)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_where_people_work_is_not_their_health(number: int) -> None:
    people = zip(PEOPLE[:number], WORK[:number], strict=True)
    cards = [card(f"N:{n};{p};;;", f"FN:{p} {n}", "TEL:0298000000", x) for (n, p, _), x in people]
    assert judged("contacts.vcf", "".join(cards))[2] == 0


@pytest.mark.parametrize("lines", AT_WORK)
def test_what_is_noted_of_somebody_at_work_is_their_work(lines: tuple[str, ...]) -> None:
    assert judged("contacts.vcf", card(*lines, "TEL:0298000000") * 3) in (("info", 1, 0), ("none", 1, 0))
    assert judged("patients.vcf", card("BDAY:1951-03-25", *lines[:1], "ORG:EHPAD", "NOTE:cancer")) == ("critical", 1, 1)


def test_a_tour_of_visits_names_its_patients() -> None:
    days = [
        event(
            f"SUMMARY:Mme {n} {p} - {x.split(',')[0]}", f"DESCRIPTION:Née le {b[8:]}/{b[5:7]}/{b[:4]}\\nTel 0298000000"
        )
        for (n, p, b), x in zip(PEOPLE, NOTES, strict=True)
    ]
    assert judged("tournee.ics", "BEGIN:VCALENDAR\n" + "".join(days) + "END:VCALENDAR\n") == ("critical", 3, 3)


def test_a_calendar_of_meetings_is_about_nobody() -> None:
    days = event(
        "SUMMARY:RCP cancer du sein", "ORGANIZER;CN=Anne PETIT:mailto:anne.petit@example.org", "LOCATION:salle 2"
    )
    days += event("SUMMARY:Formation VIH - Dr Morel", "DESCRIPTION:Avec Odile MOREL\\, infirmière")
    severity, _, identified = judged("agenda.ics", "BEGIN:VCALENDAR\n" + days + "END:VCALENDAR\n")
    assert (severity in ("none", "info", "low"), identified) == (True, 0)
