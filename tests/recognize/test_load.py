"""What is kept from run to run changes nothing but the time it takes, and never outlives what it was made from."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from phiscan.content import recognizers_folder
from phiscan.fold import fold
from phiscan.recognize import compiled, load
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath

LETTER = fold("Patient : DUPONT Marie, née le 12/03/1965, NIR : 2 95 10 99 126 111 93. VIH négatif, sous metformine.")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that things are kept in, a new one."""
    kept = tmp_path / "kept"
    monkeypatch.setattr(compiled, "_FOLDER", kept)
    return kept


def found(ruleset: Ruleset) -> list[tuple[str, int, int, float]]:
    spans = TextPath(ruleset).find(LETTER).spans
    return [(ruleset.recognizers[span.recognizer].id, span.start, span.end, span.score) for span in spans]


def test_a_kept_ruleset_finds_the_same(folder: Path) -> None:
    made = load.load_ruleset([recognizers_folder()])
    (kept,) = folder.glob("ruleset-*.pickle")
    again = load.load_ruleset([recognizers_folder()])
    assert again is not made
    assert again.digest == made.digest
    assert found(again) == found(made) != []
    assert list(folder.glob("ruleset-*.pickle")) == [kept]


@pytest.mark.parametrize("content", [b"", b"x" * 100, b"\0" * 5_000])
def test_what_is_damaged_is_made_again(folder: Path, content: bytes) -> None:
    made = load.load_ruleset([recognizers_folder()])
    for file in folder.iterdir():
        file.write_bytes(content)
    assert found(load.load_ruleset([recognizers_folder()])) == found(made)


def test_something_else_under_the_name_is_no_ruleset(folder: Path) -> None:
    load.load_ruleset([recognizers_folder()])
    (kept,) = folder.glob("ruleset-*.pickle")
    compiled.keep(kept.name, pickle.dumps(["no ruleset"]))
    assert found(load.load_ruleset([recognizers_folder()])) != []


def test_any_change_of_any_file_is_another_ruleset(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    words = site / "words.txt"
    words.write_text("un\n")
    names = [load._name(load._files([recognizers_folder(), site]))]
    words.write_text("un\ndeux\n")
    names.append(load._name(load._files([recognizers_folder(), site])))
    (site / "more.txt").write_text("")
    names.append(load._name(load._files([recognizers_folder(), site])))
    assert len(set(names)) == 3


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_FOLDER", tmp_path / "missing" / "deeper")
    assert found(load.load_ruleset([recognizers_folder()])) != []
    assert list(tmp_path.iterdir()) == []


def test_only_so_many_files_are_kept(folder: Path) -> None:
    for number in range(30):
        compiled.keep(f"ruleset-{number:02}.pickle", b"x")
    assert len(list(folder.iterdir())) == compiled._KEPT
