"""Which names and sizes are of one pair."""

from __future__ import annotations

from pathlib import Path

import pytest
import pyzipper

from phiscan.twins import Copy, are_twins, stem
from tests.running import PATIENTS, scan


@pytest.mark.parametrize(
    ("encrypted", "clear", "wanted"),
    [
        (b"export.csv.gpg", b"export.csv", True),
        (b"export.zip", b"export.csv", True),
        (b"export.7z", b"export.xlsx", True),
        (b"export.tar.gz.age", b"export.tar.gz", True),
        (b"export_chiffr\xc3\xa9.zip", b"export.csv", True),
        (b"export (crypte).pdf", b"export.docx", True),
        (b"export.zip", b"export-clair.csv", True),
        (b"export2.zip", b"export.csv", False),
        (b"sous/export.zip", b"export.csv", False),
        (b".zip", b".csv", False),
        (b"export.zip", b"export.zip", False),
        (b"a.gpg", b"b.csv", False),
    ],
)
def test_names(encrypted: bytes, clear: bytes, wanted: bool) -> None:
    assert are_twins(Copy(b"/srv/" + encrypted, 900), Copy(b"/srv/" + clear, 1000)) is wanted


def test_both_names_begin_with_the_stem() -> None:
    """The ledger is asked for names that begin so."""
    for name in (b"export.csv", b"export.csv.gpg", b"export_chiffre.7z", b"export (clair).txt"):
        assert name.startswith(b"export")
        assert stem(name) == b"export"


@pytest.mark.parametrize(("size", "wanted"), [(10 << 10, False), (1 << 20, True), (14 << 20, True), (30 << 20, False)])
def test_sizes(size: int, wanted: bool) -> None:
    assert are_twins(Copy(b"/srv/a.gpg", size), Copy(b"/srv/a.csv", 10 << 20)) is wanted


def archive(place: Path, **members: str) -> None:
    with pyzipper.AESZipFile(place, "w", encryption=pyzipper.WZ_AES) as packed:
        packed.setpassword(b"x")
        for name, content in members.items():
            packed.writestr(name, content)


def test_a_scan_says_so(tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "export.csv").write_text(PATIENTS, "utf-8")
    archive(tmp_path / "a/export.zip", donnees=PATIENTS)
    archive(tmp_path / "b/autre.zip", donnees=PATIENTS)
    status, report = scan("--assume-exposure", "shared", "a", "b", "c", cwd=tmp_path)
    fired = {one["path"]: {rule["id"] for rule in one["rules"]} for one in report["files"]}
    assert status == 10
    assert fired == {
        "a/export.csv": {"clear.twin", "shared.identified-health"},
        "a/export.zip!donnees": set(),
        "b/autre.zip!donnees": set(),
        "b/export.csv": {"shared.identified-health"},
        "c/export.csv": {"shared.identified-health"},
    }


def test_a_scan_says_what_is_weak_and_over_extracted(tmp_path: Path) -> None:
    (tmp_path / "labo").mkdir()
    (tmp_path / "labo/a.csv").write_text(PATIENTS, "utf-8")
    (tmp_path / "ici.csv").write_text(PATIENTS, "utf-8")
    (tmp_path / "copie").mkdir()
    (tmp_path / "copie/b.csv").write_text(PATIENTS, "utf-8")
    (tmp_path / "srv").mkdir()
    (tmp_path / "labo").rename(tmp_path / "srv/labo")
    (tmp_path / "ici.csv").rename(tmp_path / "srv/ici.csv")
    zone = "{path: srv/labo, exposure: restricted, purpose: migration, until: 2020-01-01, allow: [nir]}"
    (tmp_path / "phiscan.yaml").write_text(f"watch: [srv]\nzones: [{zone}]\n")
    status, report = scan("-c", "phiscan.yaml", "--assume-exposure", "restricted", ".", cwd=tmp_path)
    fired = {one["path"]: {rule["id"] for rule in one["rules"]} for one in report["files"]}
    assert status == 10
    assert fired["./srv/labo/a.csv"] == {
        "migration.leftover", "restricted.identified-health", "zone.not-allowed", "zone.not-allowed-sensitive",
        "zone.past-until",
    }  # fmt: skip
    assert fired["./srv/ici.csv"] == {"restricted.identified-health", "zone.undeclared"}
    assert fired["./copie/b.csv"] == {"restricted.identified-health"}  # nobody watches there
