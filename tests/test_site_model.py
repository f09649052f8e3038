"""A site's spaCy model, trained here and loaded as an operator's is: what it adds, what it must not, how it fails."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.training import Example
from thinc.api import fix_random_seed

from phiscan.config import load
from phiscan.isolate.libraries import refuse_downloaders
from phiscan.messages import Told
from phiscan.pipeline import prepare
from tests.running import Inside, Json, phiscan

# In no list of first names: what rules know by heart grows, and these are to be the model's alone.
FIRST = "Ildut Maodez Zephirin Tezcan Bleuzen Kadvael Ysolde Orlaith".split()
LAST = "Kerbrat Quéméneur Ndiaye Le-Hir Jaouen Cosquer Abgrall Diarra Tanguy Hascoët".split()
TOWNS = "Vannes Brest Lorient Quimper Morlaix Landerneau".split()
SAYINGS = (
    "Né le 12/03/1965 à Brest, {name} vient pour son suivi.",
    "{name} habite à {town} avec sa famille.",
    "La réunion de {town} est reportée à lundi.",
    "{name} a publié un roman sur {town} au temps du sida.",
    "Il est séropositif au VIH depuis 2010, sous Triumeq.",
    "Le bilan est normal, sans fièvre ni toux.",
)
LETTER = """\
Centre hospitalier de Brest

Cher confrère,
Né le 12/03/1965 à Brest, Ildut Kerbrat vient pour son suivi.
Il est séropositif au VIH depuis 2010, sous Triumeq.
"""
NOVEL = "Ildut Kerbrat a publié un roman sur Brest au temps du sida. Le VIH y est un personnage.\n"
TABLE = "REMARQUE;CODE\n" + "".join(f"VIH connu, vu Ildut Kerbrat né le 12/03/1965;{row}\n" for row in range(4))


def _sentence(template: str, chance: random.Random) -> tuple[str, list[tuple[int, int, str]]]:
    """Return a sentence filled in, with what stands where."""
    text, entities = template, []
    for key, label in (("{name}", "PER"), ("{town}", "LOC")):
        value = f"{chance.choice(FIRST)} {chance.choice(LAST)}" if label == "PER" else chance.choice(TOWNS)
        if key in text:
            at = text.index(key)
            text = text.replace(key, value, 1)
            entities.append((at, at + len(value), label))
    if "{name}" in template and "{town}" in template:  # the town moved when the name was filled in
        entities = [(text.index(text[a:b]), text.index(text[a:b]) + b - a, label) for a, b, label in entities]
    return text, entities


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a named-entity recognizer, and return its folder."""
    refuse_downloaders()
    fix_random_seed(3)
    chance = random.Random(3)
    nlp = spacy.blank("fr")
    nlp.meta.update(name="essai", version="1.0.0")
    nlp.add_pipe("ner")
    made = [_sentence(template, chance) for template in SAYINGS for _ in range(25)]
    examples = [Example.from_dict(nlp.make_doc(text), {"entities": entities}) for text, entities in made]
    nlp.initialize(lambda: examples)
    for _ in range(12):
        chance.shuffle(examples)
        for at in range(0, len(examples), 16):
            nlp.update(examples[at : at + 16])
    folder = tmp_path_factory.mktemp("modele") / "essai"
    nlp.to_disk(folder)
    return folder


@pytest.fixture(scope="session")
def site(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of Python packages in which spaCy's own tool has installed the model as `fr_essai`."""
    out, site = tmp_path_factory.mktemp("paquet"), tmp_path_factory.mktemp("site")
    tool = [sys.executable, "-m", "spacy", "package", str(model), str(out), "--build", "none"]
    subprocess.run(tool, check=True, capture_output=True)
    shutil.copytree(out / "fr_essai-1.0.0" / "fr_essai", site / "fr_essai")
    shutil.copy(out / "fr_essai-1.0.0" / "meta.json", site / "fr_essai")  # as its setup.py does
    installed = site / "fr_essai-1.0.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: fr_essai\nVersion: 1.0.0\n")
    return site


def read(folder: Path, name: str, content: str, *, model: str = "", path: str = "") -> Json:
    """Return the report's element of a file that was scanned with a model; nothing may stand on standard error."""
    from tests.running import ROOT

    (folder / name).write_text(content)
    (folder / "phiscan.yaml").write_text(f"spacy_model: {model}\n" if model else "")
    arguments = ("scan", "-f", "json", "--assume-exposure", "public", "-c", "phiscan.yaml", name)
    done = phiscan(*arguments, cwd=folder, PYTHONPATH=f"{ROOT}:{path}")
    assert done.stderr == b""
    assert done.returncode in (0, 3, 10)
    report: Json = json.loads(done.stdout)
    (found,) = report["files"]
    return {**found, "gaps": report["gaps"], "ruleset": report["ruleset"]}


def seen(found: Json) -> tuple[int, int, list[str]]:
    """Return persons, those with a health fact, and the recognizers of what was found."""
    people, identified = found["persons"]["count"], found["identified_health_persons"]["count"]
    return people, identified, sorted({sample["recognizer"] for sample in found["samples"]})


RULES = ["fr.birth_date", "health.hiv", "health.hiv_drugs", "health.treatment"]


def test_a_name_that_rules_alone_miss(tmp_path: Path, model: Path, site: Path) -> None:
    alone = read(tmp_path, "lettre.txt", LETTER)
    assert seen(alone) == (0, 0, RULES)
    by_path = read(tmp_path, "lettre.txt", LETTER, model=str(model))
    assert seen(by_path) == (1, 1, sorted([*RULES, "fr.person_name.model"]))
    assert (by_path["severity"], by_path["gaps"]) == ("critical", [])
    by_name = read(tmp_path, "lettre.txt", LETTER, model="fr_essai", path=str(site))
    assert seen(by_name) == seen(by_path)
    assert by_name["ruleset"] == by_path["ruleset"] != alone["ruleset"]


def test_a_path_is_relative_to_the_configuration(tmp_path: Path, model: Path) -> None:
    shutil.copytree(model, tmp_path / "modeles" / "essai")
    assert seen(read(tmp_path, "lettre.txt", LETTER, model="modeles/essai"))[:2] == (1, 1)


def test_a_model_alone_names_nobody(tmp_path: Path, model: Path) -> None:
    found = read(tmp_path, "roman.txt", NOVEL, model=str(model))
    assert seen(found) == (0, 0, ["health.hiv"])
    assert found["categories"].keys() == {"hiv"}


def test_cells_never_see_it(tmp_path: Path, model: Path) -> None:
    found, alone = (read(tmp_path, "remarques.csv", TABLE, model=one) for one in (str(model), ""))
    assert found["type"] == "text/csv"
    assert [one["categories"] for one in (found, alone)] == [alone["categories"]] * 2
    assert seen(found) == seen(alone) == (1, 1, ["fr.birth_date", "health.hiv"])


def test_explain_shows_the_evidence(tmp_path: Path, model: Path) -> None:
    (tmp_path / "lettre.txt").write_text(LETTER)
    done = phiscan("explain", "lettre.txt", cwd=tmp_path, PHISCAN_SPACY_MODEL=str(model))
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "fr.person_name.model modèle du site [FR_PERSON_NAME]\n" in said
    assert "contrôle réussi, mot voisin, modèle\n" in said
    (tmp_path / "roman.txt").write_text(NOVEL)
    said = phiscan("explain", "roman.txt", cwd=tmp_path, PHISCAN_SPACY_MODEL=str(model)).stdout.decode()
    assert "fr.person_name.model modèle du site" in said.split("Examinés et écartés")[1]
    assert "Kerbrat" not in said


@pytest.fixture
def inside(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Inside:
    """Run commands in this process."""
    (tmp_path / "lettre.txt").write_text(LETTER)
    return Inside(tmp_path, capfdbinary, monkeypatch)


def _meta(folder: Path, **changes: Any) -> None:
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, **changes}))


def _break(folder: Path, how: str) -> None:
    """Spoil a copy of a model."""
    if how == "version":
        _meta(folder, spacy_version=">=2.3.0,<2.4.0")
    elif how == "meta":
        (folder / "meta.json").unlink()
    elif how == "weights":
        (folder / "ner" / "model").write_bytes(b"zorblatt")
    elif how == "config":
        (folder / "config.cfg").write_text("[nlp]\nlang = ")
    elif how == "factory":
        text = (folder / "config.cfg").read_text()
        (folder / "config.cfg").write_text(text.replace('factory = "ner"', 'factory = "site_ner"'))
    else:
        shutil.rmtree(folder)
        nlp = spacy.blank("fr")
        if how == "labels":
            nlp.add_pipe("entity_ruler").add_patterns([{"label": "MISC", "pattern": "rien"}])  # type: ignore[attr-defined]
        nlp.to_disk(folder)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("version", "est fait pour spaCy >=2.3.0,<2.4.0, et c'est "),
        ("meta", "ne se charge pas (FileNotFoundError: meta.json: "),
        ("weights", "ne se charge pas ("),
        ("config", "ne se charge pas ("),
        ("factory", "ne se charge pas ("),
        ("labels", "aucun reconnaisseur ne connaît les étiquettes de « ./essai » (MISC)"),
        ("blank", "« ./essai » ne nomme aucune entité"),
    ],
)
def test_a_model_that_cannot_serve_is_one_line(
    inside: Inside, tmp_path: Path, model: Path, how: str, said: str
) -> None:
    shutil.copytree(model, tmp_path / "essai")
    _break(tmp_path / "essai", how)
    (tmp_path / "phiscan.yaml").write_text("language: fr\nspacy_model: ./essai\n")
    for command in ("scan", "explain"):
        status, out, err = inside(command, "-c", "phiscan.yaml", "lettre.txt")
        line = err.decode().replace("\u202f", " ")
        assert (status, out, line.count("\n")) == (2, b"", 1)
        assert line.startswith("phiscan: phiscan.yaml:2 : spacy_model : « ./essai » ") or how == "labels"
        assert said in line


@pytest.mark.parametrize("name", ["fr_nulle_part", "../essai", "os"])
def test_a_model_that_is_not_there_is_one_line(inside: Inside, tmp_path: Path, name: str) -> None:
    (tmp_path / "phiscan.yaml").write_text(f"spacy_model: {name}\n")
    status, out, err = inside("scan", "-c", "phiscan.yaml", "lettre.txt")
    assert (status, out) == (2, b"")
    assert err.decode().replace("\u202f", " ") == (
        f"phiscan: phiscan.yaml:1 : spacy_model : « {name} » n'est ni un modèle installé ni un dossier ; installez-le "
        "(phiscan ne télécharge rien), ou écrivez un chemin avec « / »\n"
    )


def test_an_installed_package_that_is_no_model(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "phiscan.yaml").write_text("spacy_model: pydantic\n")
    status, out, err = inside("scan", "-c", "phiscan.yaml", "lettre.txt")
    assert (status, out) == (2, b"")
    assert b"ne se charge pas (FileNotFoundError: meta.json" in err


def test_a_new_version_of_the_model_is_another_ruleset(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(model, tmp_path / "essai")
    digests = []
    for version in ("1.0.0", "1.0.1", "1.0.0"):
        _meta(tmp_path / "essai", version=version)
        ruleset, _, _ = prepare(load("/dev/null", {"PHISCAN_SPACY_MODEL": str(tmp_path / "essai")}))
        digests.append(ruleset.digest)
    assert digests[0] == digests[2] != digests[1]
    assert prepare(load("/dev/null", {}))[0].digest not in digests


def test_the_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(Told) as told:
        prepare(load("/dev/null", {"PHISCAN_SPACY_MODEL": "fr_nulle_part"}))
    assert told.value.params["place"] == "PHISCAN_SPACY_MODEL"


def test_words_do_not_stay_in_the_vocabulary(model: Path) -> None:
    ruleset, _, _ = prepare(load("/dev/null", {"PHISCAN_SPACY_MODEL": str(model)}))
    assert ruleset.model is not None
    found = ruleset.model.entities("Né le 12/03/1965 à Brest, Ildut Kerbrat vient pour son suivi de Zorblattquillonde.")
    assert [(one.label, one.start, one.end) for one in found] == [("PER", 26, 39)]
    strings = ruleset.model._nlp.vocab.strings  # type: ignore[attr-defined]
    assert [word for word in ("Zorblattquillonde", "zorblattquillonde") if word in strings] == []
