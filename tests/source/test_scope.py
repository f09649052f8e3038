"""One file is in or out exactly as the walk has it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from phiscan.errors import UsageError
from phiscan.model import Place
from phiscan.source.scope import Scope
from phiscan.source.walk import Excluded, walk


def tree(root: Path) -> list[Path]:
    files = [
        root / name
        for name in (
            "a.csv",
            "b.iso",
            "tri/a.csv",
            "tri/caché.csv",
            "tri/sous/caché.csv",
            "tri/sous/gardé.csv",
            "sauve/vieux.csv",
            "autre/sauve/neuf.csv",
            ".snapshot/h/a.csv",
            "@GMT-2021.02.14-08.00.00/a.csv",
        )
    ]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    (root / "tri/.phiscanignore").write_text("caché.csv\n!/sous/caché.csv\n")
    (root / "autre/.phiscanignore").write_text("*\n")
    (root / "autre/.phiscanignore").chmod(0o666)  # whoever may write it must not hide files
    return [*files, root / "tri/.phiscanignore", root / "autre/.phiscanignore"]


def test_as_the_walk(tmp_path: Path) -> None:
    files = tree(tmp_path)
    config = ("*.iso", "/sauve/")
    met = {step.path for step in walk([os.fsencode(tmp_path)], config=config) if isinstance(step, Place)}
    scope = Scope(os.fsencode(tmp_path), config)
    assert {os.fsencode(file) for file in files if scope.holds(os.fsencode(file))} == met
    assert len(met) == 7
    for folder in ("tri/sous", "autre/sauve", ""):
        assert scope.holds(os.fsencode(tmp_path / folder), folder=True)
    for folder in ("sauve", ".snapshot/h"):
        assert not scope.holds(os.fsencode(tmp_path / folder), folder=True)
    assert not scope.holds(os.fsencode(tmp_path.parent / "x"))


def test_part_of_a_walk_is_that_part_of_the_walk(tmp_path: Path) -> None:
    tree(tmp_path)
    config = ("*.iso", "/sauve/")
    root = os.fsencode(tmp_path)
    whole = [step for step in walk([root], config=config) if isinstance(step, Place)]
    for part in ("tri", "tri/sous", "autre", "a.csv", "sauve", ".snapshot", "nulle/part"):
        only = os.fsencode(tmp_path / part)
        found = list(walk([root], config=config, only=only))
        below = [one for one in whole if one.path == only or one.path.startswith(only + b"/")]
        assert [one for one in found if isinstance(one, Place)] == below
        assert all(isinstance(one, (Place, Excluded)) for one in found)


def test_a_pattern_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Scope(os.fsencode(tmp_path), ("!",))
