"""The set of real files: packages are listed, fetched once and unpacked once; a report is counted as it should be."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.eval import __main__ as command
from tests.eval import innocent


def test_the_list_names_packages_once() -> None:
    names = innocent.packages()
    assert len(names) == len(set(names)) == 121
    assert [name for name in names if not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name)] == []


@pytest.mark.parametrize(("tool", "said"), [("apt-get", "no apt-get here"), ("dpkg-deb", "no dpkg-deb here")])
def test_without_apt_the_set_is_left_out(
    tool: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None if name == tool else f"/usr/bin/{name}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert innocent.innocent(show=False) is None
    assert said in capsys.readouterr().out
    monkeypatch.setattr(command, "FIGURES", tmp_path / "figures.json")
    assert command.main(["innocent", "--record"]) == 0
    assert json.loads((tmp_path / "figures.json").read_text("utf-8")) == {}


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A machine with apt; returns what it was asked for. Of the packages only manpages-fr and wfrench exist."""
    asked: list[list[str]] = []

    def apt(names: list[str], folder: Path) -> bool:
        asked.append(list(names))
        if not set(names) <= {"manpages-fr", "wfrench"}:
            return False
        for name in names:
            (folder / f"{name}_1.0_all.deb").write_text(name)
        return True

    def unpack(archive: Path, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        (folder / "LISEZMOI").write_text(archive.read_text() * 20)
        return folder

    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(innocent, "_apt", apt)
    monkeypatch.setattr(innocent, "_unpack", unpack)
    return asked


def test_what_exists_is_fetched_once(debian: list[list[str]], tmp_path: Path) -> None:
    names = ["manpages-fr", "nonesuch", "wfrench"]
    folders, missing = innocent.unpacked(names, tmp_path)
    assert [folder.name for folder in folders] == ["manpages-fr", "wfrench"]
    assert missing == ["nonesuch"]
    assert debian == [names, ["manpages-fr"], ["nonesuch"], ["wfrench"]]
    innocent.unpacked(names, tmp_path)
    assert debian[4:] == [["nonesuch"], ["nonesuch"]]
    with pytest.raises(innocent.Absent, match="none of the packages"):
        innocent.unpacked(["nonesuch"], tmp_path)


def test_files_are_scanned_and_explained(
    debian: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "unpacked" / "wfrench"
    folder.mkdir(parents=True)
    rows = "NIR;NOM;PRENOM;VIH\n" + "295109912611193;DUPONT;Marie;POS\n" * 3
    (folder / "liste.csv").write_text(rows, "utf-8")
    found = innocent.innocent(show=True, names=["manpages-fr", "wfrench"], cache=tmp_path)
    assert found is not None
    assert (found["packages"], found["files"], found["medium_or_above"]) == (2, 3, 1)
    assert found["alarms"] == found["linked"] == ["wfrench/liste.csv"]
    said = capsys.readouterr().out
    assert "medium or above: 1 (asked: 0)" in said
    assert "fr.nir" in said
    assert "DUPONT" not in said


def test_the_figures_of_a_report() -> None:
    def file(path: str, severity: str, linked: int) -> dict[str, object]:
        return {"path": path, "severity": severity, "identified_health_persons": {"count": linked, "exact": True}}

    files = [file("d", "medium", 0), file("b", "critical", 2), file("a", "info", 1), file("c", "none", 0)]
    gaps = [{"reason": "unsupported"}, {"reason": "timeout"}, {"reason": "unsupported"}]
    report = {"totals": {"files": 4, "bytes": 3_000_000}, "files": files, "gaps": gaps}
    assert innocent.figures(report, 2.0) == {
        "files": 4,
        "mbytes": 3.0,
        "seconds": 2.0,
        "mbytes_per_second": 1.5,
        "severities": {"critical": 1, "info": 1, "medium": 1, "none": 1},
        "medium_or_above": 2,
        "info_with_linked_health": 1,
        "info_with_linked_health_share": 0.25,
        "gaps": {"timeout": 1, "unsupported": 2},
        "alarms": ["b", "d"],
        "linked": ["a", "b"],
    }
