"""The catalogue is whole, and French is set as French."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import get_args

import pytest

from phiscan.errors import GapReason
from phiscan.incidents.words import EVENTS
from phiscan.messages import Told, Wrong, duration, language, moment, number, size, tell, text, typography
from phiscan.messages.catalogue import TEXTS
from phiscan.model import CATEGORIES, Assertion, Level, Role, Severity
from phiscan.store.outbox import HELD, Kind


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_both_languages_say_the_same(key: str) -> None:
    french, english = TEXTS[key]
    assert french
    assert english
    assert _names(french) == _names(english)
    assert french.count("|") == english.count("|") <= 1
    for form in [*french.split("|"), *english.split("|")]:
        assert not any(mark in form for mark in ("\u202f", "\u00a0"))


def test_everything_that_is_named_has_a_text() -> None:
    wanted = {
        *(f"category.{name}" for name in CATEGORIES),
        *(f"severity.{one.name.lower()}" for one in Severity),
        *(f"exposure.{one.name.lower()}" for one in Level),
        *(f"assertion.{one.name.lower()}" for one in Assertion if one is not Assertion.AFFIRMED),
        *(f"stated.{one.name.lower()}" for one in Assertion),
        *(f"role.{one.name.lower()}" for one in Role),
        *(f"gap.{reason}" for reason in get_args(GapReason)),
        *(f"where.{name}" for name in ("row", "column", "line", "page", "sheet", "field", "path", "offset")),
        *(f"alert.kind.{kind}" for kind in (*get_args(Kind), "quiet", "test") if kind not in HELD),
        *(f"incident.event.{kind}" for kind in EVENTS),
        *(f"status.{name}" for name in ("partial", "encrypted", "unchanged", "gap")),
    }
    assert wanted - set(TEXTS) == set()


def test_typography() -> None:
    assert typography("Quoi ? Ceci ; « cela » : 5 % !") == (
        "Quoi\u202f? Ceci\u202f; «\u202fcela\u202f»\u202f: 5\u202f%\u202f!"
    )


def test_numbers() -> None:
    assert number(491_840, "fr") == "491\u202f840"
    assert number(491_840, "en") == "491,840"
    assert number(12, "fr") == "12"


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        (0, "0\u202fo", "0 B"),
        (999, "999\u202fo", "999 B"),
        (1_500, "1,5\u202fko", "1.5 kB"),
        (999_960, "1,0\u202fMo", "1.0 MB"),
        (126_827_832, "126,8\u202fMo", "126.8 MB"),
        (5 * 10**15, "5000,0\u202fTo", "5000.0 TB"),
    ],
)
def test_sizes(count: int, french: str, english: str) -> None:
    assert (size(count, "fr"), size(count, "en")) == (french, english)


def test_durations() -> None:
    assert duration(4.2, "en") == "4 s"
    assert duration(200, "en") == "3 min 20 s"
    assert duration(7_500, "fr") == "2\u202fh 5\u202fmin"


def test_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    when = datetime(2026, 11, 21, 18, 2, 59, tzinfo=UTC)
    local = when.astimezone()
    assert moment(when, "fr") == local.strftime("%d/%m/%Y %H:%M")
    assert moment(when, "en") == local.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        (0, "0 fichier", "0 files"),
        (1, "1 fichier", "1 file"),
        (2, "2 fichiers", "2 files"),
        (1_234, "1\u202f234 fichiers", "1,234 files"),
    ],
)
def test_plurals(count: int, french: str, english: str) -> None:
    assert text("fr", "totals.files", n=count) == french
    assert text("en", "totals.files", n=count) == english


def test_an_error_is_said_in_the_language_asked_for() -> None:
    error = Told("key.wrong", place="a.yaml:1234", key="b", wrong=Wrong("wrong.size"))
    assert str(error) == "a.yaml:1234\u202f: b\u202f: taille attendue, comme 500MB ou 1GiB"
    assert tell(error, "en") == "a.yaml:1234: b: expected a size such as 500MB or 1GiB"
    assert tell(ValueError("two\nlines"), "fr") == "two lines"
    assert error.status == 2


@pytest.mark.parametrize(
    ("environ", "configured", "chosen"),
    [
        ({}, None, "fr"),
        ({}, "en", "en"),
        ({"PHISCAN_LANGUAGE": "en"}, "fr", "en"),
        ({"PHISCAN_LANGUAGE": "fr"}, "en", "fr"),
        ({"PHISCAN_LANGUAGE": "de"}, None, "fr"),
    ],
)
def test_the_language(environ: dict[str, str], configured: str | None, chosen: str) -> None:
    assert language(environ, configured) == chosen
