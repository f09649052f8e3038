"""Every wording of `tests.generate.wordings`, one small table each: who must count does, who must not does not.

The big tables say how many are missed; this one says which.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Scan
from tests.generate.comments import Commenter, Wording, catalogue
from tests.generate.people import Population, fold
from tests.generate.truth import Census

WATCHED = ("hiv", "cancer", "blood_group", "pregnancy", "genetic", "infection", "treatment")
ROWS = 12


@pytest.fixture(scope="module")
def persons(tmp_path_factory: pytest.TempPathFactory, scan: Scan) -> dict[str, dict[str, int]]:
    """Return the persons per watched category that the scan found, by wording."""
    folder = tmp_path_factory.mktemp("wordings")
    files = {f"w{number:03d}.csv": wording for number, wording in enumerate(_wordings())}
    for name, wording in files.items():
        _write(folder / name, wording)
    report: dict[str, Any] = json.loads(scan(folder, ".").stdout)
    found = {Path(element["path"]).name: element["categories"] for element in report["files"]}
    return {
        wording.source: {c: found[name][c]["persons"] for c in WATCHED if c in found.get(name, {})}
        for name, wording in files.items()
    }


def _wordings() -> list[Wording]:
    return [wording for pool in catalogue().values() for wording in pool]


def _write(path: Path, wording: Wording) -> None:
    """Twelve patients with this remark, as it should be written, in capitals, and without accents."""
    commenter = Commenter(7)
    lines = ["NIR;CLE;NOM;PRENOM;DATE_NAISSANCE;COMMENTAIRE"]
    for number, person in enumerate(Population(11, without_nir=0.0).people(ROWS)):
        remark = commenter.fill(wording)
        remark = (remark, fold(remark), remark.upper())[number % 3]
        lines.append(";".join((person.nir, person.nir_key, fold(person.used_name), person.given[0],
                               person.birth.strftime("%d/%m/%Y"), remark)))  # fmt: skip
    path.write_bytes("\r\n".join([*lines, ""]).encode("cp1252"))


def _listed(wrong: list[tuple[str, str, int]]) -> str:
    return "".join(f"\n  {source}   {category}: {count} of {ROWS}" for source, category, count in wrong)


def test_no_fact_is_missed(persons: dict[str, dict[str, int]]) -> None:
    missed = [
        (wording.source, fact.category, persons[wording.source].get(fact.category, 0))
        for wording in _wordings()
        for fact in wording.facts
        if fact.sure and persons[wording.source].get(fact.category, 0) != ROWS
    ]
    assert missed == [], _listed(missed)


def test_nothing_is_made_up(persons: dict[str, dict[str, int]]) -> None:
    made_up = [
        (wording.source, category, count)
        for wording in _wordings()
        for category, count in persons[wording.source].items()
        if category not in {fact.category for fact in wording.facts}
    ]
    assert made_up == [], _listed(made_up)


def test_the_census_counts_each_person_once() -> None:
    census, (person,) = Census(), Population(11).people(1)
    (wording,) = [w for w in catalogue()["hiv"] if w.source == "VIH +"]
    census.row(person.identity, wording.facts)
    census.row(person.identity, wording.facts)
    census.row(None, wording.facts)
    truth = census.as_dict()
    assert (truth["records"], truth["persons"], truth["records_of_nobody"]) == (3, 1, 1)
    assert truth["categories"] == {"hiv": {"persons": 1, "persons_at_most": 1, "assertions": {"affirmed": 3}}}
