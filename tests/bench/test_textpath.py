"""The bench of the text path reads the same text with the code of two checkouts, and with no other."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.bench import textpath

TEXT = "Sérologie VIH positive pour Mme DUPONT Marie.\fRien ici."


def test_a_process_searches_with_the_code_of_its_checkout(tmp_path: Path) -> None:
    path = tmp_path / "0.txt"
    path.write_text(TEXT, "utf-8")
    found = textpath.probe(textpath.ROOT, path)
    assert found.code == str(textpath.ROOT / "phiscan" / "__init__.py")
    assert found.hits == 2
    with pytest.raises(SystemExit, match="was imported, not"):
        textpath.probe(tmp_path, path)  # no phiscan there: the installed one would be measured


def test_a_worktree_lasts_as_long_as_the_comparison(tmp_path: Path) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"], ["branch", "there"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    with textpath.worktree("there", tmp_path) as checkout:
        assert (checkout / ".git").is_file()
    assert not checkout.exists()
    listed = subprocess.run(["git", "worktree", "list"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert len(listed.stdout.splitlines()) == 1


def test_what_is_read(tmp_path: Path) -> None:
    own = tmp_path / "manuel.txt"
    own.write_text("une page\fune autre", "utf-8")
    found = textpath.materials(tmp_path, 1, [own])
    assert list(found) == ["clinical prose", "innocent prose", "manuel.txt"]
    assert found["manuel.txt"].read_text("utf-8") == "une page\nune autre"
