"""phiscan's recognizers in a stock Presidio engine without network, and a site's Presidio files in phiscan."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

from phiscan import presidio
from tests.running import Inside, scan

LIST = r"""
recognizers:
  - name: Dossier
    supported_language: fr
    supported_entity: PATIENT_ID
    patterns: [{name: dossier, regex: '\bDOS-[0-9]{6}\b', score: 0.7}]
  - name: Badge
    supported_language: fr
    supported_entity: SITE_BADGE
    patterns: [{name: badge, regex: '\bBDG[0-9]{4}\b', score: 0.2}]
    context: [badge]
"""
REGISTRY = """
supported_languages: [fr]
global_regex_flags: 26
recognizers:
  - name: Registre
    type: custom
    supported_entity: REGISTRE
    supported_languages: [fr]
    deny_list: [REG-ALPHA]
    deny_list_score: 0.9
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[AnalyzerEngine]:
    """Build a stock engine while every connection fails."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "create_connection", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        registry = RecognizerRegistry(recognizers=presidio.load_recognizers(), supported_languages=["fr"])
        yield AnalyzerEngine(registry=registry, nlp_engine=presidio.nlp_engine(), supported_languages=["fr"])


def test_a_stock_engine_finds_exactly_what_phiscan_finds(engine: AnalyzerEngine) -> None:
    text = "Née le 12/03/1985. NIR : 2 85 03 78 006 084 09. Sérologie VIH positive, œil sec."
    found = engine.analyze(text, language="fr")
    assert {(one.entity_type, text[one.start : one.end], one.score) for one in found} == {
        ("FR_NIR", "2 85 03 78 006 084 09", 0.96),
        ("FR_BIRTH_DATE", "12/03/1985", 0.85),
        ("FR_HEALTH_HIV", "VIH", 0.65),
    }


def test_offsets_are_characters_of_the_text(engine: AnalyzerEngine) -> None:
    text = "œœœ éàü ﬁn — «\u202fNIR\u202f»\u00a0: 285037800608409"
    (found,) = engine.analyze(text, language="fr", entities=["FR_NIR"])
    assert text[found.start : found.end] == "285037800608409"


def test_only_what_was_asked_for(engine: AnalyzerEngine) -> None:
    text = "NIR : 2 85 03 78 006 084 09, VIH positif"
    assert [one.entity_type for one in engine.analyze(text, language="fr", entities=["FR_HEALTH_HIV"])] == [
        "FR_HEALTH_HIV"
    ]
    assert engine.analyze("Lot 2 85 03 78 006 084 10", language="fr", entities=["FR_NIR"]) == []


def test_each_result_tells_its_recognizer(engine: AnalyzerEngine) -> None:
    (found,) = engine.analyze("NIR : 2 85 03 78 006 084 09", language="fr", return_decision_process=True)
    assert found.recognition_metadata["recognizer_name"] == "phiscan.FR_NIR"
    assert found.analysis_explanation.recognizer == "fr.nir"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Make a site's folder with a file of each shape."""
    (tmp_path / "liste.yaml").write_text(LIST)
    (tmp_path / "registre.yaml").write_text(REGISTRY)
    (tmp_path / "phiscan.yaml").write_text("presidio: [liste.yaml, registre.yaml]\n")
    return tmp_path


def test_a_sites_recognizers_are_at_work(site: Path) -> None:
    (site / "note.txt").write_text("Le dossier DOS-123456 va avec le badge BDG0042.\nVoir REG-ALPHA.\n")
    (site / "sans.txt").write_text("Le lot BDG0042 est arrivé.\n")
    (site / "t.csv").write_text("NUM;LIBRE\n1;DOS-123456\n2;REG-ALPHA\n3;rien\n")
    _, report = scan("-c", "phiscan.yaml", "note.txt", "sans.txt", "t.csv", cwd=site)
    found = {one["path"]: one["categories"] for one in report["files"]}
    once = {"kind": "identifier", "hits": 1, "persons": 1}
    assert found["note.txt"] == {"patient_id": once, "site_badge": once, "registre": once}
    assert found["sans.txt"] == {}
    assert {name: counts["hits"] for name, counts in found["t.csv"].items()} == {"patient_id": 1, "registre": 1}
    samples = {one["entity"]: one for one in report["files"][0]["samples"]}
    assert {entity: (one["score"], one["masked"]) for entity, one in samples.items()} == {
        "PATIENT_ID": (0.7, "D••-••••••"),
        "SITE_BADGE": (0.55, "•••"),
        "REGISTRE": (0.9, "•••"),
    }
    assert samples["REGISTRE"]["recognizer"] == "presidio.registre"


@pytest.mark.parametrize(
    "content",
    [
        "recognizers: oui\n",
        "recognizers:\n  - name: A\n    patterns: [{name: a, regex: '(', score: 0.5}]\n",
        "recognizers:\n  - name: A\n    supported_entity: B\n    supported_language: fr\n    colour: red\n",
        "supported_languages: [fr]\nrecognizers:\n  - name: A\n    type: custom\n    supported_entity: 3\n",
        "recognizers: [\n",
    ],
)
def test_a_broken_file_is_one_line(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    (tmp_path / "site.yaml").write_text(content)
    (tmp_path / "phiscan.yaml").write_text("presidio: [site.yaml]\n")
    status, out, err = Inside(tmp_path, capfdbinary, monkeypatch)("scan", "-c", "phiscan.yaml", ".")
    assert (status, out, err.count(b"\n")) == (2, b"", 1)
    assert err.startswith(b"phiscan: site.yaml")
