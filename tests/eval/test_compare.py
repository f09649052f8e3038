"""The comparison: what others' labels mean, and that all are scored alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from phiscan.model import CATEGORIES, Assertion, Severity
from tests.eval import compare, documents
from tests.eval.documents import Document
from tests.eval.score import Hit, Read

FAMILY = "# kind: note\n\n[[person_name|{NOM} {Prenom}]] : [[cancer:negated|cancer du sein]], [[hiv|VIH]]\n"
TEXT = "Jean DUPONT, jean.dupont@example.org. Pas de cancer du sein. Mère : diabète de type 2."


def note(text: str) -> Document:
    return Document("essai", 0, "note", "a.txt", text, ())


def test_every_label_means_a_category_or_nothing() -> None:
    means = {*compare.PRESIDIO.values(), *(m for _, m in compare.EDS.values()), *(m for _, m in compare.CIM10)}
    assert means - {None} <= CATEGORIES.keys()


@pytest.mark.parametrize(
    ("code", "category"),
    [("B24", "hiv"), ("B180", "infection"), ("C509", "cancer"), ("D050", "cancer"), ("D570", "genetic"),
     ("F102", "addiction"), ("F20", "psychiatric"), ("O800", "pregnancy"), ("E119", "diagnosis"), ("I10", "diagnosis")],
)  # fmt: skip
def test_what_a_code_means(code: str, category: str) -> None:
    assert compare._of_code(code) == category


def test_presidio_alone_finds_what_it_knows_without_a_network() -> None:
    read = compare._presidio(ours=False)
    assert [(hit.category, TEXT[hit.start : hit.end]) for hit in read(note(TEXT)).hits] == [
        ("email", "jean.dupont@example.org")
    ]


def test_eds_tells_what_is_denied_and_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {name: compare.EDS[name] for name in ("solid_tumor", "diabetes")}
    monkeypatch.setattr(compare, "EDS", {**few, "cim10": compare.EDS["cim10"]})
    monkeypatch.setattr(compare, "EDS", few)
    monkeypatch.setattr(compare, "CIM10", ())
    _, read, categories, _, _ = compare._eds()
    assert categories == {"cancer", "diagnosis"}
    found = {hit.category: hit.assertion for hit in read(note(TEXT)).hits}
    assert found == {"cancer": Assertion.NEGATED, "diagnosis": Assertion.FAMILY}


def test_all_are_scored_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "essai.txt").write_text(FAMILY, "utf-8")
    monkeypatch.setattr(documents, "FAMILIES", tmp_path)
    documents.families.cache_clear()

    def cancers(document: Document) -> Read:
        at = document.text.find("cancer")
        return Read([Hit(at, at + 14, "cancer", "x.cancer", Assertion.NEGATED)], [], Severity.NONE)

    def everything(document: Document) -> Read:
        at = document.text.find("VIH")
        hits = [*cancers(document).hits, Hit(at, at + 3, "hiv", "x.hiv", Assertion.AFFIRMED)]
        return Read([*hits, Hit(0, 3, "email", "x.email", Assertion.AFFIRMED)], [], Severity.NONE)

    able = frozenset({"cancer"})
    monkeypatch.setattr(compare, "_phiscan", lambda: ("one", cancers, able, True, True))
    for name in ("_presidio_alone", "_presidio_with_ours", "_eds"):
        monkeypatch.setattr(compare, name, lambda name=name: (name, everything, able | {"hiv", "email"}, False, False))
    found = compare.compare(["dev"], 2, ["plain"])["dev"]
    documents.families.cache_clear()
    assert found["documents"] == 2
    one, other = found["systems"]["one"], found["systems"]["_eds"]
    assert one["spans_it_can_express"]["recall"] == 1.0
    assert one["spans_of_all_categories"]["recall"] == 0.3333
    assert one["assertions_all"]["recall"] == 1.0
    assert one["records_all"]["recall"] == 0.0
    assert other["spans_it_can_express"] | {"f1": 0, "precision_95": 0, "recall_95": 0} == {
        "marked": 4, "found": 6, "precision": 0.6667, "precision_95": 0, "recall": 1.0, "recall_95": 0, "f1": 0,
    }  # fmt: skip
    assert other["false_alarms"] == {"x.email": 2}
    assert other.keys() & {"assertions_all", "records_all"} == set()
    said = capsys.readouterr().out
    assert "compare, dev: 2 documents" in said
