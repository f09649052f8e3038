"""Which places the automaton points at are worth a look: told at once or one by one, what is seen is the same."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from phiscan.fold import fold
from phiscan.recognize import pointing
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Finder, Seen, normal_form
from tests.recognize.small import loaded, recognizer
from tests.recognize.test_spans import patchwork


def seen(ruleset: Ruleset, text: str, *, cells: bool) -> Seen:
    folded = fold(text)
    return Finder(ruleset)._literals(folded, normal_form(folded, cells=cells), cells)


@pytest.mark.parametrize("cells", [pytest.param(False, id="text"), pytest.param(True, id="cells")])
def test_many_places_at_once_are_told_as_one_by_one(
    shipped: Ruleset, monkeypatch: pytest.MonkeyPatch, cells: bool
) -> None:
    chance = random.Random(11)
    for _ in range(40):
        text = "\n".join(patchwork(shipped, chance, digits=True) for _ in range(20))
        monkeypatch.setattr(pointing, "MANY", 10**9)
        one_by_one = seen(shipped, text, cells=cells)
        monkeypatch.setattr(pointing, "MANY", 0)
        assert seen(shipped, text, cells=cells) == one_by_one


def test_what_lies_inside_words_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = recognizer("test.one", "hiv", "terms: [zorg, zarg*]\n")
    two = recognizer("test.two", "cancer", "cells: false\npatterns: {p: '(?<![A-Za-z])zurg[0-9]'}\n")
    ruleset = loaded(tmp_path, {"health/one.yaml": one, "health/two.yaml": two})
    monkeypatch.setattr(pointing, "MANY", 0)
    text = b"zorg azorg zorge zarge zurg1 azurg1"
    places = ruleset.literal_db.scan(text)
    ours = {number: one.text for number, one in enumerate(ruleset.literals) if one.text in ("zorg", "zarg", "zurg")}

    def worth(*, cells: bool) -> list[tuple[str, int]]:
        told = ruleset.cell_pointing if cells else ruleset.pointing
        found = zip(*told.worth(*places, text), strict=True)
        return sorted((ours[number], end) for number, end in found if number in ours)

    assert worth(cells=True) == [("zarg", 21), ("zorg", 4)]
    assert worth(cells=False) == [("zarg", 21), ("zorg", 4), ("zurg", 27)]
