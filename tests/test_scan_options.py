"""The flags and keys of a scan on the running program: what is left out, accepted, judged, and with which status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import CLEAN, PATIENTS, Inside, Json, bound_by_rights, gaps, phiscan, scan, statuses

KEY = "k1:" + "0f" * 32 + "\n"
FICTITIOUS = """\
nir,last_name,first_name,birth_date
285037800608409,GARNIER,Lucie,12/03/1985
172112923211193,Lebreton,Yann,1972-11-04
"""


def severities(report: Json) -> dict[str, str]:
    """Return the severity of each element by its path."""
    return {found["path"]: found["severity"] for found in report["files"]}


@pytest.mark.parametrize(
    ("fail_on", "exposure", "status"),
    [
        ("none", "public", 0),
        ("low", "public", 10),
        ("critical", "public", 10),
        ("critical", "shared", 0),
        ("high", "shared", 10),
        ("medium", "restricted", 0),
        ("low", "restricted", 0),
    ],
)
def test_fail_on(
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    fail_on: str,
    exposure: str,
    status: int,
) -> None:
    (tmp_path / "a.csv").write_text(PATIENTS)
    inside = Inside(tmp_path, capfdbinary, monkeypatch)
    found, out, err = inside("scan", "-f", "json", "--fail-on", fail_on, "--assume-exposure", exposure, "a.csv")
    assert (found, err) == (status, b"")
    report = json.loads(out)
    assert severities(report) == {"a.csv": {"public": "critical", "shared": "high", "restricted": "info"}[exposure]}
    reason = report["files"][0]["exposure"]["reasons"][0]
    assert (reason["service"], reason["setting"]) == ("assumed", f"--assume-exposure {exposure}")


def test_what_is_too_large_or_takes_too_long_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "grand.csv").write_text(PATIENTS * 50)
    (tmp_path / "petit.csv").write_text(PATIENTS)
    status, report = scan("--max-file-size", "1kB", ".", cwd=tmp_path)
    assert (status, gaps(report)) == (3, {"./grand.csv": ("open", "too_big")})
    assert statuses(report) == {"./grand.csv": "gap", "./petit.csv": "scanned"}
    status, report = scan("--timeout", "0.0001", ".", cwd=tmp_path)
    assert (status, gaps(report)) == (3, dict.fromkeys(("./grand.csv", "./petit.csv"), ("extract", "timeout")))


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "phiscan.yaml").write_text("exclude: ['*.iso']\n")
    for name in ("a.csv", "b.iso", "c.iso", "d.tmp", "e.bak", "vieux/f.csv", ".snapshot/g.csv", "sous/.snapshot/h.csv"):
        (tmp_path / "srv" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "srv" / name).write_text(PATIENTS)
    (tmp_path / "srv" / ".phiscanignore").write_text("*.bak\nvieux/\n")
    status, report = scan(
        "-c", "phiscan.yaml", "--exclude", "*.tmp", "--assume-exposure", "public", "srv", cwd=tmp_path
    )
    assert status == 10
    assert statuses(report) == {"srv/a.csv": "scanned", "srv/.phiscanignore": "scanned"}
    assert sorted(report["excluded"], key=lambda one: one["pattern"]) == [
        {"pattern": "*.bak", "by": ".phiscanignore", "files": 1},
        {"pattern": "*.iso", "by": "phiscan.yaml", "files": 2},
        {"pattern": "*.tmp", "by": "--exclude", "files": 1},
        {"pattern": "srv/.snapshot/", "by": "default", "files": None},
        {"pattern": "srv/sous/.snapshot/", "by": "default", "files": None},
        {"pattern": "vieux/", "by": ".phiscanignore", "files": None},
    ]
    assert report["totals"]["excluded"] == 4
    assert report["complete"] is True


@pytest.fixture
def accepted(tmp_path: Path) -> Path:
    """Scan a folder under a key that is kept; return the folder with the report to be accepted."""
    (tmp_path / "cle").write_text(KEY)
    (tmp_path / "phiscan.yaml").write_text("key_file: cle\n")
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv" / "a.csv").write_text(PATIENTS)
    (tmp_path / "srv" / "casse.pdf").write_bytes(b"%PDF-1.7\n")
    arguments = ("-c", "phiscan.yaml", "-o", "avant.json", "--assume-exposure", "public", "srv")
    assert phiscan("scan", "-f", "json", *arguments, cwd=tmp_path).returncode == 10
    return tmp_path


def _again(folder: Path) -> tuple[int, Json]:
    return scan("-c", "phiscan.yaml", "--baseline", "avant.json", "--assume-exposure", "public", "srv", cwd=folder)


def test_a_baseline_accepts_the_same_content_wherever_it_lies(accepted: Path) -> None:
    (accepted / "srv" / "a.csv").rename(accepted / "srv" / "copie.csv")
    (accepted / "srv" / "casse.pdf").unlink()
    status, report = _again(accepted)
    assert status == 0
    assert severities(report) == {"srv/copie.csv": "critical"}
    assert [rule["accepted"] for rule in report["files"][0]["rules"] if rule["severity"] != "info"] == [True]


def test_a_baseline_accepts_the_same_place_with_no_more_persons(accepted: Path) -> None:
    lines = PATIENTS.splitlines(keepends=True)
    (accepted / "srv" / "a.csv").write_text(lines[0] + lines[2] + lines[1])
    assert _again(accepted)[0] == 3  # the broken PDF is no finding, and its gap not accepted
    (accepted / "srv" / "a.csv").write_text(PATIENTS + "185037800608459;PETIT;Jean;12/03/1985;négatif\n")
    assert _again(accepted)[0] == 10


def test_a_gap_is_accepted_with_a_reason_only(accepted: Path) -> None:
    before = json.loads((accepted / "avant.json").read_text())
    before["gaps"][0]["accepted"] = "fichier d'essai de la GED"
    (accepted / "avant.json").write_text(json.dumps(before))
    status, report = _again(accepted)
    assert (status, report["gaps"], report["complete"]) == (0, [], True)
    assert report["excluded"] == [
        {
            "pattern": "srv/casse.pdf",
            "by": "baseline",
            "files": None,
            "stage": "extract",
            "reason": "malformed",
            "accepted": "fichier d'essai de la GED",
        }
    ]


def test_declared_zones(tmp_path: Path) -> None:
    for name in ("depot", "depot/interne", "ailleurs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.csv").write_text(PATIENTS)
    (tmp_path / "phiscan.yaml").write_text(
        "zones:\n  - path: depot\n    exposure: public\n  - path: depot/interne\n    exposure: restricted\n"
    )
    status, report = scan("-c", "phiscan.yaml", "--assume-exposure", "shared", "depot", "ailleurs", cwd=tmp_path)
    assert status == 10
    assert severities(report) == {"depot/a.csv": "critical", "depot/interne/a.csv": "info", "ailleurs/a.csv": "high"}
    reasons = {found["path"]: found["exposure"]["reasons"][0] for found in report["files"]}
    assert reasons["depot/a.csv"] == {
        "service": "zone",
        "setting": "exposure: public",
        "source": "phiscan.yaml:2",
        "zone": str(tmp_path / "depot"),
    }
    assert reasons["depot/interne/a.csv"]["source"] == "phiscan.yaml:4"


def test_fictitious_people_are_counted_apart(tmp_path: Path) -> None:
    (tmp_path / "essai.csv").write_text(FICTITIOUS)
    (tmp_path / "phiscan.yaml").write_text("test_persons: essai.csv\n")
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv" / "jeu.csv").write_text(PATIENTS)
    arguments = ("-c", "phiscan.yaml", "--assume-exposure", "public", "srv")
    status, report = scan(*arguments, cwd=tmp_path)
    assert status == 0
    assert severities(report) == {"srv/jeu.csv": "info"}
    assert report["totals"]["persons"] == 0
    assert "test.persons" in {rule["id"] for rule in report["files"][0]["rules"]}

    (tmp_path / "srv" / "jeu.csv").write_text(PATIENTS + "185037800608459;PETIT;Jean;12/03/1985;positif\n")
    status, report = scan(*arguments, cwd=tmp_path)
    assert status == 10
    assert severities(report) == {"srv/jeu.csv": "critical"}
    assert (report["totals"]["persons"], report["files"][0]["persons"]["count"]) == (1, 1)


DEMONSTRATION = {
    "courrier.txt": "Patiente : GARNIER Lucie, née le 12/03/1985\nSéropositive au VIH, sous Triumeq.\n",
    "numero.txt": "NIR : 2 85 03 78 006 084 09\nVIH positif\n",
    "complet.txt": (
        "Mme GARNIER née PETIT Lucie, née le 12/03/1985, NIR 2 85 03 78 006 084 09, IPP : 800123456\nVIH positif\n"
    ),
    "dossier.txt": "IPP : 800123456\nVIH positif\n",
    "adresse.txt": "Patiente : GARNIER Lucie\n12 rue de la Paix 75002 PARIS\nVIH positif\n",
    "nom.txt": "Patiente : GARNIER Lucie\nVIH positif\n",
}


def test_fictitious_people_in_letters(tmp_path: Path) -> None:
    (tmp_path / "essai.csv").write_text(
        "nir;last_name;birth_name;first_name;birth_date;patient_id;address\n"
        "285037800608409;GARNIER;PETIT;Lucie;12/03/1985;800123456;12 rue de la Paix 75002 PARIS\n"
    )
    (tmp_path / "phiscan.yaml").write_text("test_persons: essai.csv\n")
    (tmp_path / "srv").mkdir()
    for name, content in DEMONSTRATION.items():
        (tmp_path / "srv" / name).write_text(content)
    arguments = ("-c", "phiscan.yaml", "--assume-exposure", "public", "srv")
    status, report = scan(*arguments, cwd=tmp_path)
    assert (status, report["totals"]["persons"]) == (0, 0)
    assert severities(report) == {f"srv/{name}": "info" for name in DEMONSTRATION}
    assert [{rule["id"] for rule in one["rules"]} for one in report["files"]] == [{"health.words", "test.persons"}] * 6

    real = "\nPatient : MERCIER Paul, né le 01/02/1970\nVIH positif\n"
    (tmp_path / "srv" / "courrier.txt").write_text(DEMONSTRATION["courrier.txt"] + real)
    status, report = scan(*arguments, cwd=tmp_path)
    assert (status, report["totals"]["persons"]) == (10, 1)
    assert severities(report) == {f"srv/{name}": "info" for name in DEMONSTRATION} | {"srv/courrier.txt": "critical"}


def test_the_language_is_the_configurations(tmp_path: Path) -> None:
    (tmp_path / "phiscan.yaml").write_text("language: en\n")
    (tmp_path / "a.csv").write_text(PATIENTS)
    found = phiscan("scan", "-c", "phiscan.yaml", "--assume-exposure", "public", "a.csv", cwd=tmp_path)
    assert found.returncode == 10
    assert found.stdout.decode().startswith("1 file needs attention (critical 1)\n")
    wrong = phiscan("scan", "-c", "phiscan.yaml", "absent.csv", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr) == (2, b"phiscan: absent.csv: no such file or folder\n")
    french = phiscan("scan", "absent.csv", cwd=tmp_path)
    assert "n'existe pas" in french.stderr.decode()


def test_a_clean_folder(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(CLEAN)
    status, report = scan(".", cwd=tmp_path, first=bound_by_rights)
    assert (status, report["complete"], severities(report)) == (0, True, {"./a.txt": "none"})
