"""Pages and slides that are headed by a name: each is somebody's, and which heads are nobody's."""

from __future__ import annotations

import numpy as np
import pytest

from phiscan.content import recognizers_folder
from phiscan.fold import fold
from phiscan.link.text import TextLinker
from phiscan.model import CATEGORIES, Text
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath
from phiscan.seal import Sealer
from phiscan.tally import Tally


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return load_ruleset([recognizers_folder()])


def persons(ruleset: Ruleset, *pages: str, starts: bool = True) -> list[list[str]]:
    """Return the categories of each person whom a document of these pages names, sorted."""
    tally = Tally()
    linker = TextLinker(ruleset, Sealer(b"the key of the tests"), tally)
    for page in pages:
        linker.add(TextPath(ruleset).find(fold(page)), Text(page, starts=starts))
    linker.close()
    masks = np.asarray(tally.masks)
    return sorted([name for bit, name in enumerate(CATEGORIES) if int(mask) >> bit & 1] for mask in masks)


SLIDES = (
    "PELLERIN Anne, 37 ans\nRectum bas T3N+\nIRM marge 1 mm",
    "Dossier 2 : ROUSSET Paul, 73 ans\nSein G, HER2+++\nnéoadjuvant TCHP",
    "MOREL Odette, 31 ans\nGlioblastome\nSTUPP",
)
ONE = ["person_name", "cancer"]


def test_each_slide_is_about_whom_its_head_names(ruleset: Ruleset) -> None:
    assert persons(ruleset, *SLIDES) == [ONE, ONE, ONE]


def test_passages_that_begin_nothing_are_one_record(ruleset: Ruleset) -> None:
    assert persons(ruleset, *SLIDES, starts=False) == [ONE]


@pytest.mark.parametrize(
    "page",
    [
        "PELLERIN Anne, 37 ans\nSuite du compte rendu : glioblastome",  # the same person
        "Son fils est PETIT Luc, 12 ans, et il est très inquiet pour sa mère et pour lui\nGlioblastome",
        "PETIT Luc, 12 ans\nMerci de votre attention",
        "Conclusion\nPETIT Luc, 12 ans, son fils\nGlioblastome",
    ],
)
def test_other_pages_go_on_about_the_same(ruleset: Ruleset, page: str) -> None:
    assert persons(ruleset, SLIDES[0], page) == [ONE]
