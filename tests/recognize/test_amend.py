"""What a site adds to a shipped recognizer, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from phiscan.content import recognizers_folder
from phiscan.fold import fold
from phiscan.messages import Told
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath
from tests.running import phiscan

EXCLUDING = """\
amends: health.hiv
exclude: [réseau vih 35]
examples: {no_match: ["le Réseau VIH 35"]}
"""
ADDING = """\
amends: health.hiv
terms: [syndrome bleu]
headers: [c_bleu]
examples: {match: ["un [syndrome bleu] connu"], table: ["NOM;C_BLEU\\nDUPONT;[positif]"]}
"""


def loaded(folder: Path, **files: str) -> Ruleset:
    """Return the ruleset of a site with these files."""
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content)
    return load_ruleset([recognizers_folder(), folder])


def words(ruleset: Ruleset, text: str) -> list[str]:
    """Return what the recognizer finds in a text."""
    return [
        text[span.start : span.end]
        for span in TextPath(ruleset).find(fold(text)).spans
        if ruleset.recognizers[span.recognizer].id == "health.hiv"
    ]


def test_amendments_add_up(tmp_path: Path, shipped: Ruleset) -> None:
    text = "Le Réseau VIH 35 suit un syndrome bleu, VIH positif"
    assert words(shipped, text) == ["VIH", "VIH"]
    ruleset = loaded(tmp_path, un=EXCLUDING, deux=ADDING)
    assert words(ruleset, text) == ["syndrome bleu", "VIH"]
    assert len(ruleset.recognizers) == len(shipped.recognizers)
    assert ruleset.digest != shipped.digest
    (recognizer,) = [one for one in ruleset.recognizers if one.id == "health.hiv"]
    assert ruleset.amending(recognizer) == {str(tmp_path / "un.yaml"), str(tmp_path / "deux.yaml")}
    again = load_ruleset([recognizers_folder(), tmp_path])  # from what was kept
    assert (words(again, text), again.amended) == (["syndrome bleu", "VIH"], ruleset.amended)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (EXCLUDING.replace("health.hiv", "health.vih"), "amends : aucun reconnaisseur ne s'appelle « health.vih »"),
        (EXCLUDING.replace("no_match", "match"), "exclude, not_after : au moins un exemple no_match"),
        ("amends: health.hiv\nexamples: {no_match: [rien]}\n", "exclude, not_after : au moins un exemple no_match"),
        (EXCLUDING.replace("exclude", "patterns"), "patterns : clé inconnue"),
        (EXCLUDING.replace("35]", "36]"), "examples.no_match : le Réseau VIH 35 : trouvé : 'VIH' (affirmed)"),
        (EXCLUDING.replace("réseau vih 35", "vih"), "recognizers/health/hiv.yaml : examples.match : "),
    ],
)
def test_what_does_not_hold_does_not_load(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(Told) as told:
        loaded(tmp_path, un=content)
    assert said in str(told.value).replace("\u202f", " ")


def test_check_runs_both_files_examples(tmp_path: Path) -> None:
    (tmp_path / "un.yaml").write_text(EXCLUDING.replace('35"]', '35", "VIH positif"]'))
    done = phiscan("check", "un.yaml", cwd=tmp_path)
    said = done.stdout.decode().replace("\u202f", " ")
    assert (done.returncode, done.stderr) == (10, b"")
    assert said == (
        f"{tmp_path / 'un.yaml'} : examples.no_match : 'VIH positif' : trouvé : 'VIH' (affirmed)\n"
        "reconnaisseurs valides : 1 ; règles valides : 0 ; exemples en échec : 1\n"
    )
    (tmp_path / "un.yaml").write_text(EXCLUDING)
    done = phiscan("check", "un.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
