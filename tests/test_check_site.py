"""`phiscan check` over a site's own folder: recognizers, rules that need them, and Presidio's beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import Inside
from tests.test_presidio import LIST

RECOGNIZER = """\
id: site.dossier
version: 1
category: dossier_labo
kind: identifier
entity: SITE_DOSSIER
title: {fr: Dossier du labo, en: Lab file}
patterns: {dossier: 'DL-[0-9]{6}'}
score: {shape: 0.7}
examples:
  match: ["Dossier [DL-123456] reçu", "voir [DL-654321].", "[DL-000001]"]
  no_match: ["DL-12", "XL-123", "rien"]
"""
RULE = """\
id: site.dossier
version: 1
severity: medium
title: {fr: Dossiers du labo exposés, en: Lab files exposed}
advice: {fr: Fermer., en: Close.}
when: {at_least: shared, categories: {any: [CATEGORY]}}
examples:
  match:
    - {exposure: public, facts: {records: 1, categories: {CATEGORY: 1}}}
    - {exposure: shared, facts: {records: 1, categories: {CATEGORY: 1}}}
    - {exposure: public, text: "Dossier TEXT reçu"}
  no_match:
    - {exposure: restricted, facts: {records: 1, categories: {CATEGORY: 1}}}
    - {exposure: public, facts: {records: 1}}
    - {exposure: public, text: "rien"}
"""


@pytest.fixture
def inside(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Inside:
    """Run commands in a site's folder."""
    (tmp_path / "reco").mkdir()
    (tmp_path / "regles").mkdir()
    (tmp_path / "reco" / "dossier.yaml").write_text(RECOGNIZER)
    (tmp_path / "regles" / "dossier.yaml").write_text(
        RULE.replace("CATEGORY", "dossier_labo").replace("TEXT", "DL-123456")
    )
    (tmp_path / "phiscan.yaml").write_text("language: en\nrecognizers: [reco]\nrules: [regles]\n")
    return Inside(tmp_path, capfdbinary, monkeypatch)


def test_the_file_of_fictitious_people_is_checked_too(inside: Inside, tmp_path: Path) -> None:
    with (tmp_path / "phiscan.yaml").open("a") as config:
        config.write("test_persons: essai.csv\n")
    (tmp_path / "essai.csv").write_text("last_name;first_name;born\nGARNIER;Lucie;12/03/1985\n")
    said = "phiscan: essai.csv:1: test_persons: column 3 is unknown; the columns may be nir, ins, patient_id, "
    said += "last_name, birth_name, first_name, birth_date, address, email, phone\n"
    assert inside("check", "-c", "phiscan.yaml") == (2, b"", said.encode())
    (tmp_path / "essai.csv").write_text("last_name;first_name;birth_date\nGARNIER;Lucie;12/03/1985\n;;\n")
    status, _, err = inside("check", "-c", "phiscan.yaml")
    assert (status, err) == (0, b"")


def test_a_sites_folders_hold(inside: Inside) -> None:
    status, out, err = inside("check", "-c", "phiscan.yaml", "reco", "regles")
    assert (status, err) == (0, b"")
    assert out == b"valid recognizers: 1; valid rules: 1; examples that fail: 0\n"


def test_an_example_that_fails_is_named(inside: Inside) -> None:
    Path("reco/dossier.yaml").write_text(RECOGNIZER.replace('"DL-12"', '"DL-121212"'))
    status, out, _ = inside("check", "-c", "phiscan.yaml", "reco")
    assert status == 10
    assert b"reco/dossier.yaml: examples.no_match: 'DL-121212'" in out
    status, _, err = inside("scan", "-c", "phiscan.yaml", "phiscan.yaml")
    assert (status, err.count(b"\n")) == (2, 1)


def test_what_does_not_parse_is_status_2(inside: Inside) -> None:
    Path("reco/dossier.yaml").write_text(RECOGNIZER.replace("version: 1", "verison: 1"))
    status, out, err = inside("check", "-c", "phiscan.yaml", "reco")
    assert (status, out, err.count(b"\n")) == (2, b"", 1)
    assert b"reco/dossier.yaml:" in err


def test_rules_may_speak_of_what_presidio_finds(inside: Inside) -> None:
    Path("site.yaml").write_text(LIST)
    Path("regles/dossier.yaml").write_text(RULE.replace("CATEGORY", "site_badge").replace("TEXT", "badge BDG0042"))
    Path("phiscan.yaml").write_text("language: en\nrules: [regles]\npresidio: [site.yaml]\n")
    status, out, err = inside("check", "-c", "phiscan.yaml", "regles")
    assert (status, out, err) == (0, b"valid recognizers: 0; valid rules: 1; examples that fail: 0\n", b"")
