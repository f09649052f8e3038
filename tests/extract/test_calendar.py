"""Calendars: what is folded and escaped in them is made whole."""

from __future__ import annotations

from phiscan.scan.scanner import Observer
from tests.eval.reading import scanned, severity_of
from tests.extract.opening import read, types


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""])


def test_a_calendar_is_text_made_whole() -> None:
    tour = event(
        "UID:0@a", "SUMMARY:M. KERVRAN Loïc - insuline", "DESCRIPTION:Tel 0298000000\\nNé le 12/09/1977\\, a", " sthme"
    )
    text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + tour + "END:VCALENDAR\r\n"
    said = "UID: 0@a\nSUMMARY: M. KERVRAN Loïc - insuline\nDESCRIPTION: Tel 0298000000\nNé le 12/09/1977, asthme\n\n"
    assert types(text.encode(), "a") == ["text/calendar"]
    assert read(text.encode(), "a.ics") == [("", "scanned", ["BEGIN: VCALENDAR\nVERSION: 2.0\nBEGIN: VEVENT\n" + said])]


def judged(name: str, text: str) -> tuple[str, int, int]:
    facts, _ = scanned(name, text.encode(), Observer())
    return severity_of(facts).name.lower(), facts.persons, facts.identified_health


PEOPLE = (("KERVRAN", "Loïc", "1977-09-12"), ("PETIT", "Anne", "1951-03-25"), ("MOREL", "Odile", "1940-08-09"))
NOTES = ("diabète, pompe à insuline", "BPCO, O2 la nuit", "cancer de l'ovaire - nutrition parentérale")


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


def test_a_line_without_an_end_is_handed_on() -> None:
    text = "BEGIN:VCALENDAR\r\nSUMMARY:" + "x" * 300_000 + " asthme\r\nEND:VCALENDAR\r\n"
    ((_, status, found),) = read(text.encode(), "a.ics")
    assert (status, "".join(map(str, found)).count("x"), "asthme" in str(found)) == ("scanned", 300_000, True)
