"""The measuring is measured: marks land where they were written, and right and wrong are counted as they should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from phiscan.model import Assertion, Severity
from tests.eval import __main__ as command
from tests.eval import documents
from tests.eval.documents import Document, Malformed, Mark, read_family
from tests.eval.noise import NOISES, spoil
from tests.eval.reading import judged, read
from tests.eval.score import Board, Hit, Read, wilson

FAMILY = """# kind: letter
# file: courriers/{NOM}.txt

Concerne : {civ} [[person_name|{NOM} {Prenom}]], {ne} le [[birth_date|{ddn}]], N° SS [[nir|{nir}]]
{Il} est suivi{e} pour un [[cancer|cancer du sein]]. Sérologie [[hiv:negated|VIH]] négative.
Sous [[hiv+treatment|Biktarvy]]. Tél. du service : [[~phone|01 99 00 12 34]].
---
Second : [[person_name|{NOM} {Prenom}]] {sexe:opéré/opérée}
"""


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Document:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "essai.txt").write_text(FAMILY, "utf-8")
    monkeypatch.setattr(documents, "FAMILIES", tmp_path)
    documents.families.cache_clear()
    found = list(documents.documents("dev", 2))
    documents.families.cache_clear()
    assert [(d.family, d.variant) for d in found] == [("essai", 0), ("essai", 0), ("essai", 1), ("essai", 1)]
    return found[0]


def marked(document: Document) -> list[tuple[str, str]]:
    return [("+".join(mark.categories), document.text[mark.start : mark.end]) for mark in document.marks]


def test_marks_stand_where_they_were_written(document: Document) -> None:
    assert [category for category, _ in marked(document)] == [
        "person_name", "birth_date", "nir", "cancer", "hiv", "hiv+treatment", "phone",
    ]
    assert marked(document)[3:] == [
        ("cancer", "cancer du sein"), ("hiv", "VIH"), ("hiv+treatment", "Biktarvy"), ("phone", "01 99 00 12 34"),
    ]
    assert document.marks[4].assertion is Assertion.NEGATED
    assert document.facts == {"cancer", "hiv", "treatment"}
    assert document.path.startswith("courriers/")


@pytest.mark.parametrize("noise", sorted(NOISES))
def test_noise_moves_the_marks_with_their_text(document: Document, noise: str) -> None:
    spoilt = spoil(document, noise)
    for before, after in zip(document.marks, spoilt.marks, strict=True):
        single = Document("", 0, "", "", document.text[before.start : before.end], ())
        if noise in ("unaccented", "capitals"):  # no chance in it
            assert spoil(single, noise).text == spoilt.text[after.start : after.end]
        assert 0 <= after.start < after.end <= len(spoilt.text)
    assert noise == "scanned" or (spoilt.text == document.text) is (noise == "plain")  # a scan may be perfect


def test_a_document_is_read_by_phiscan(document: Document) -> None:
    board = Board()
    assert board.add(document, read(document)) == []
    assert (board.verdicts.found, board.verdicts.missed, board.persons.found) == (1, 0, 1)
    assert {name: score.found for name, score in board.records.items()} == {"cancer": 1, "hiv": 1, "treatment": 1}


DOCUMENT = Document(
    "essai", 0, "letter", "a.txt", "Jean Dupont a un cancer, pas le VIH, tel 0102030405",
    (
        Mark(0, 11, ("person_name",)),
        Mark(17, 23, ("cancer",)),
        Mark(32, 35, ("hiv",), Assertion.NEGATED),
        Mark(41, 51, ("phone",), optional=True),
    ),
)  # fmt: skip


def hit(start: int, end: int, category: str, assertion: Assertion = Assertion.AFFIRMED) -> Hit:
    return Hit(start, end, category, f"r.{category}", assertion)


@pytest.mark.parametrize(
    ("hits", "spans"),
    [
        # category → found, missed, right, wrong
        ([], {"person_name": (0, 1, 0, 0), "cancer": (0, 1, 0, 0), "hiv": (0, 1, 0, 0)}),
        (
            [hit(0, 4, "person_name"), hit(5, 11, "person_name"), hit(41, 51, "phone"), hit(17, 23, "cancer")],
            {"person_name": (1, 0, 2, 0), "cancer": (1, 0, 1, 0), "hiv": (0, 1, 0, 0)},
        ),
        (
            [hit(0, 4, "person_name"), hit(14, 35, "hiv"), hit(5, 11, "cancer")],
            {"person_name": (0, 1, 1, 0), "cancer": (0, 1, 0, 1), "hiv": (1, 0, 0, 1)},
        ),
    ],
)
def test_spans(hits: list[Hit], spans: dict[str, tuple[int, int, int, int]]) -> None:
    board = Board()
    board.add(DOCUMENT, Read(hits, [], Severity.NONE))
    counted = {name: (s.found, s.missed, s.right, s.wrong) for name, s in board.spans.items()}
    assert counted == spans


def test_how_facts_are_stated() -> None:
    board = Board()
    board.add(DOCUMENT, Read([hit(32, 35, "hiv"), hit(17, 23, "cancer")], [], Severity.NONE))
    assert {name: (s.found, s.missed, s.right, s.wrong) for name, s in board.assertions.items()} == {
        "affirmed": (1, 0, 1, 1),
        "negated": (0, 1, 0, 0),
    }


@pytest.mark.parametrize(
    ("persons", "severity", "records", "verdicts"),
    [
        ([], Severity.NONE, {"cancer": (0, 1, 0, 0), "hiv": (0, 1, 0, 0)}, (0, 1)),
        ([{"cancer", "hiv", "nir"}], Severity.CRITICAL, {"cancer": (1, 0, 1, 0), "hiv": (1, 0, 1, 0)}, (1, 0)),
        (
            [{"genetic"}, {"cancer", "infection"}], Severity.HIGH,
            {"cancer": (1, 0, 1, 0), "hiv": (0, 1, 0, 0), "infection": (0, 0, 0, 1), "genetic": (0, 0, 0, 1)}, (1, 0),
        ),
    ],
)  # fmt: skip
def test_records_and_verdicts(
    persons: list[set[str]], severity: Severity, records: dict[str, tuple[int, ...]], verdicts: tuple[int, int]
) -> None:
    board = Board()
    board.add(DOCUMENT, Read([], [frozenset(found) for found in persons], severity))
    assert {name: (s.found, s.missed, s.right, s.wrong) for name, s in board.records.items()} == records
    assert (board.verdicts.found, board.verdicts.missed) == verdicts


def test_the_interval_is_wilsons() -> None:
    assert [round(bound, 4) for bound in wilson(81, 263)] == [0.2553, 0.3662]  # Newcombe 1998, example
    assert [round(bound, 4) for bound in wilson(0, 20)] == [0.0, 0.1611]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("# kind: poem\n\nx", "kind 'poem', 1 variants"),
        ("# kind: note\n", "kind 'note', 0 variants"),
        ("# kind: note\n\n[[nirr|x]]", "variant 1: no category ['nirr']"),
        ("# kind: note\n\n[[nir|{nirr}]]", "variant 1: no slot {nirr}"),
        ("# kind: note\n\n[[nir:perhaps|x]]", "variant 1: 'PERHAPS'"),
        ("# kind: note\n\nx\n---\n[[nir|x", "variant 2: a mark that is not closed, or in another"),
        ("# kind: note\n\n[[cancer|a [[hiv|b]] c]]", "variant 1: a mark that is not closed, or in another"),
    ],
)
def test_what_is_wrong_with_a_family(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "essai.txt"
    path.write_text(text, "utf-8")
    with pytest.raises(Malformed) as told:
        read_family(path)
    assert wrong in str(told.value)


@pytest.mark.parametrize("split", ["dev", "held"])
def test_every_family_is_well_formed(split: str) -> None:
    found = documents.families(split)
    assert len(found) >= 10
    assert all(documents.documents(split, 1))


def test_the_command_records_its_figures_and_shows_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], document: Document
) -> None:
    assert document.family == "essai"  # the families are those of the fixture
    monkeypatch.setattr(command, "FIGURES", tmp_path / "figures.json")
    documents.families.cache_clear()
    assert command.main(["dev", "--each", "1", "--noise", "plain", "--record"]) == 0
    assert "dev: 2 documents of 1 families" in capsys.readouterr().out
    figures = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert figures["dev"]["records"]["cancer"]["recall"] == 1.0
    figures["dev"]["records"]["cancer"]["recall"] = 0.5
    (tmp_path / "figures.json").write_text(json.dumps(figures), "utf-8")
    command.main(["dev", "--each", "1", "--noise", "plain"])
    documents.families.cache_clear()
    assert "dev.records.cancer.recall: 0.5 to 1.0" in capsys.readouterr().out


def test_a_price_list_is_nobodys_record(tmp_path: Path) -> None:
    path = tmp_path / "tarif.csv"
    path.write_text("code;libelle;prix\n0388;Dépistage VIH;12,15\n0389;Confirmation VIH;35,10\n", "utf-8")
    found, persons = judged(path)
    assert found <= Severity.INFO
    assert persons == 0
