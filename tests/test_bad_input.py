"""Whatever lies in a folder, and whatever somebody configured: the right status, the right gap, the rest still read."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from tests.running import (
    CLEAN,
    PATIENTS,
    Inside,
    Json,
    bound_by_rights,
    environment,
    gaps,
    phiscan,
    scan,
    statuses,
)

EXTRACT = "extract"


def zipped(*members: tuple[str, bytes]) -> bytes:
    """Return a ZIP with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def element(report: Json, path: str) -> Json:
    """Return the element of a path."""
    found: Json = next(one for one in report["files"] if one["path"] == path)
    return found


# --- one folder with everything in it


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder."""
    home = tmp_path_factory.mktemp("bad")
    root = home / "srv"
    root.mkdir()
    bomb = zipped(("zéros.txt", bytes(40 << 20)))
    deep = zipped(("patients.txt", PATIENTS.encode()))
    for level in range(5):
        deep = zipped((f"{level}.zip", deep))
    whole = zipped(("a.txt", PATIENTS.encode()), ("b.txt", CLEAN.encode()))
    files = {
        "vide.csv": b"",
        "vide.zip": zipped(),
        "nul.txt": b"\0" * 5000 + b"NIR 2 85 03 78 006 084 09" + b"\0" * 5000,
        "casse.zip": whole[: len(whole) // 2],
        "casse.pdf": b"%PDF-1.7\n1 0 obj\n<<" + b"\xff" * 300,
        "casse.xlsx": zipped(("[Content_Types].xml", b"<Types"), ("xl/workbook.xml", b"<workbook><sheets")),
        "casse.docx": zipped(("[Content_Types].xml", b"<Types"), ("word/document.xml", b"<w:document><w:bo")),
        "bombe.zip": bomb,
        "poupees.zip": deep,
        "bombe_suite.zip": zipped(("1.txt", PATIENTS.encode()), ("2.zip", bomb), ("3.txt", PATIENTS.encode())),
        "patients.txt": PATIENTS.encode(),
    }
    for name, content in files.items():
        (root / name).write_bytes(content)
    for odd in (b"r\xe9sultat.txt", b"deux\nlignes.txt", b"\x1b[2J\x1b]0;titre\x07.txt"):
        Path(os.fsdecode(os.fsencode(root) + b"/" + odd)).write_bytes(PATIENTS.encode())
    os.mkfifo(root / "tube")
    (root / "boucle").symlink_to(root)
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    if os.geteuid() == 0:
        os.mknod(root / "disque", stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero: endless
    for name in ("ferme", "muet"):
        (root / name).mkdir()
    (root / "ferme" / "secret.txt").write_text(PATIENTS)
    (root / "ferme").chmod(0)
    (root / "muet" / "secret.txt").write_text(PATIENTS)
    (root / "muet" / "secret.txt").chmod(0)
    return home


@pytest.fixture(scope="module")
def scanned(folder: Path) -> tuple[int, Json]:
    """Scan it once."""
    return scan("--no-ocr", "--assume-exposure", "public", "srv", cwd=folder, first=bound_by_rights)


def test_what_was_found_decides_the_status(scanned: tuple[int, Json]) -> None:
    status, report = scanned
    assert status == 10
    assert report["complete"] is False


def test_every_gap_and_no_other(scanned: tuple[int, Json]) -> None:
    assert gaps(scanned[1]) == {
        "srv/casse.zip": (EXTRACT, "malformed"),
        "srv/casse.zip!b.txt": (EXTRACT, "malformed"),
        "srv/casse.pdf": (EXTRACT, "malformed"),
        "srv/casse.xlsx": (EXTRACT, "malformed"),
        "srv/casse.docx": (EXTRACT, "malformed"),
        "srv/bombe.zip!zéros.txt": (EXTRACT, "bomb"),
        "srv/bombe_suite.zip": (EXTRACT, "bomb"),
        "srv/bombe_suite.zip!2.zip!zéros.txt": (EXTRACT, "bomb"),
        "srv/poupees.zip!4.zip!3.zip!2.zip!1.zip": (EXTRACT, "bomb"),
        "srv/ferme": ("walk", "denied"),
        "srv/muet/secret.txt": ("open", "denied"),
    }


def test_every_file_is_listed_and_none_else(scanned: tuple[int, Json]) -> None:
    found = statuses(scanned[1])
    assert {path: status for path, status in found.items() if status != "scanned"} == {
        "srv/casse.pdf": "gap",
        "srv/casse.xlsx": "gap",
        "srv/casse.docx": "gap",
        "srv/casse.zip!b.txt": "gap",
        "srv/bombe.zip!zéros.txt": "gap",
        "srv/bombe_suite.zip!2.zip!zéros.txt": "gap",
        "srv/poupees.zip!4.zip!3.zip!2.zip!1.zip": "gap",
        "srv/muet/secret.txt": "gap",
    }
    assert {path for path, status in found.items() if status == "scanned"} == {
        "srv/vide.csv",
        "srv/vide.zip",
        "srv/nul.txt",
        "srv/casse.zip!a.txt",
        "srv/bombe_suite.zip!1.txt",
        "srv/patients.txt",
        "srv/r\\xe9sultat.txt",
        "srv/deux\nlignes.txt",
        "srv/\x1b[2J\x1b]0;titre\x07.txt",
    }


@pytest.mark.parametrize(
    "path",
    [
        "patients.txt",
        "bombe_suite.zip!1.txt",
        "r\\xe9sultat.txt",
        "deux\nlignes.txt",
        "\x1b[2J\x1b]0;titre\x07.txt",
    ],
)
def test_patients_are_found_wherever_they_lie(scanned: tuple[int, Json], path: str) -> None:
    found = element(scanned[1], f"srv/{path}")
    assert found["severity"] == "critical"
    assert found["identified_health_persons"] == {"count": 2, "exact": True}
    assert {"nir", "hiv"} <= found["categories"].keys()


def test_a_number_between_nul_bytes_is_found(scanned: tuple[int, Json]) -> None:
    assert element(scanned[1], "srv/nul.txt")["categories"]["nir"] == {"kind": "identifier", "hits": 1, "persons": 1}


def test_patients_in_many_files_are_counted_once(scanned: tuple[int, Json]) -> None:
    # Known by name and birth date in the tables, by the number alone between the NUL bytes.
    assert scanned[1]["totals"]["persons"] == 3


def test_totals_count_files_on_disk(scanned: tuple[int, Json]) -> None:
    totals = scanned[1]["totals"]
    assert {key: totals[key] for key in ("files", "scanned", "encrypted", "gaps")} == {
        "files": 15,
        "scanned": 9,
        "encrypted": 0,
        "gaps": 11,
    }


# --- files that do not hold still

DRIVER = """
import os, sys, time
from phiscan import cli, isolate
from phiscan.scan import reading
from phiscan.scan import scanner

grown = []
opened = reading.open_regular
def open_regular(path, roots=()):
    found = opened(path, roots)
    if path.endswith(b"disparait.csv"):
        os.unlink(path)
    once = path.endswith(b"une_fois.csv") and not grown
    if once or path.endswith(b"sans_cesse.csv"):
        grown.extend([path] if once else [])
        with open(path, "ab") as file:
            file.write(b"185037800608459;PETIT;Jean;12/03/1985;negatif\\n")
    return found
reading.open_regular = open_regular

read = scanner.Scanner.task
def task(self, descriptor, meta):
    if meta["name"] == "plante.csv":
        os._exit(9)
    if meta["name"] == "pend.csv":
        time.sleep(3600)
    if meta["name"] == "leve.csv":
        raise RuntimeError("GARNIER Lucie 285037800608409")
    return read(self, descriptor, meta)
scanner.Scanner.task = task
sys.exit(cli.run(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Json]:
    """Scan files that vanish, grow, kill their worker or hang it, with others between them."""
    home = tmp_path_factory.mktemp("moving")
    for name in ("disparait", "une_fois", "sans_cesse", "plante", "pend", "leve", "avant", "zzz"):
        (home / f"{name}.csv").write_text(PATIENTS)
    (home / "driver.py").write_text(DRIVER)
    arguments = [sys.executable, "driver.py", "scan", "-f", "json", "--timeout", "5", "--exclude", "driver.py", "."]
    done = subprocess.run(arguments, cwd=home, env=environment(home), capture_output=True, timeout=120, check=False)
    assert done.stderr == b""
    return done.returncode, json.loads(done.stdout)


def test_files_that_do_not_hold_still(moving: tuple[int, Json]) -> None:
    status, report = moving
    assert status == 3
    assert gaps(report) == {
        "./sans_cesse.csv": (EXTRACT, "vanished"),
        "./plante.csv": (EXTRACT, "crash"),
        "./leve.csv": (EXTRACT, "crash"),
        "./pend.csv": (EXTRACT, "timeout"),
    }
    assert statuses(report) == {
        "./avant.csv": "scanned",
        "./disparait.csv": "scanned",  # it was open: what was read is all there was
        "./une_fois.csv": "scanned",
        "./sans_cesse.csv": "partial",
        "./plante.csv": "gap",
        "./leve.csv": "gap",
        "./pend.csv": "gap",
        "./zzz.csv": "scanned",
    }


def test_a_file_that_changed_is_read_again(moving: tuple[int, Json]) -> None:
    assert element(moving[1], "./une_fois.csv")["records"] == 3
    assert element(moving[1], "./sans_cesse.csv")["persons"] == {"count": 3, "exact": False}


def test_a_crash_tells_where_and_no_value(moving: tuple[int, Json]) -> None:
    details = {gap["path"]: gap["detail"] for gap in moving[1]["gaps"]}
    assert details["./leve.csv"].startswith("unexpected RuntimeError")
    assert details["./plante.csv"] == "the worker ended with status 9"
    assert "GARNIER" not in json.dumps(moving[1])


def test_a_file_that_somebody_writes_to(tmp_path: Path) -> None:
    growing = tmp_path / "journal.txt"
    growing.write_text("rien\n" * 200_000)
    stop = threading.Event()

    def append() -> None:
        with growing.open("a") as file:
            while not stop.wait(0.001):
                file.write("rien\n")
                file.flush()

    writer = threading.Thread(target=append)
    writer.start()
    try:
        status, report = scan("journal.txt", cwd=tmp_path)
    finally:
        stop.set()
        writer.join()
    assert (status, gaps(report)) == (3, {"journal.txt": (EXTRACT, "vanished")})
    assert statuses(report) == {"journal.txt": "partial"}


def test_a_line_of_100_mb(tmp_path: Path) -> None:
    with (tmp_path / "ligne.txt").open("wb") as file:
        file.write(b"NIR 2 85 03 78 006 084 09 ; ")
        file.write(bytes(100 << 20).replace(b"\0", b"x"))
    (tmp_path / "patient.csv").write_text(PATIENTS)
    status, report = scan("--fail-on", "none", ".", cwd=tmp_path)
    assert (status, report["gaps"]) == (0, [])
    assert element(report, "./ligne.txt")["categories"]["nir"]["persons"] == 1
    assert element(report, "./patient.csv")["identified_health_persons"]["count"] == 2


# --- what the operator gives


@pytest.fixture
def inside(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Inside:
    """Run commands in this process."""
    return Inside(tmp_path, capfdbinary, monkeypatch)


@pytest.mark.parametrize(
    ("name", "content", "config", "place"),
    [
        ("phiscan.yaml", "zones:\n  - path: /srv\n    expsoure: public\n", "", "phiscan.yaml:3"),
        ("phiscan.yaml", "limits:\n  timeout: hier\n", "", "phiscan.yaml:2"),
        ("phiscan.yaml", "watch: [\n", "", "phiscan.yaml:"),
        ("reco/mien.yaml", "id: site.mien\nversion: un\n", "recognizers: [reco]", "reco/mien.yaml:1"),
        ("reco/mien.yaml", "id: [\n", "recognizers: [reco]", "reco/mien.yaml:"),
        (
            "regles/mienne.yaml",
            "id: site.mienne\nversion: 1\nwhen: {expsoure: public}\n",
            "rules: [regles]",
            "regles/mienne.yaml",
        ),
        ("essai.csv", "NOM;AGE\nGARNIER;35\n", "test_persons: essai.csv", "colonne 1 inconnue"),
        ("essai.csv", "last_name;GARNIER\nA;B\n", "test_persons: essai.csv", "colonne 2 inconnue"),
        ("essai.csv", "last_name,first_name\nA,B\nGARNIER,\n", "test_persons: essai.csv", "essai.csv:3"),
        ("essai.csv", "nir;birth_date\n285037800608409;GARNIER\n", "test_persons: essai.csv", "essai.csv:2"),
        ("cle", "k1:GARNIER\n", "key_file: cle", "cle"),
        ("presidio.yaml", "recognizers: GARNIER\n", "presidio: [presidio.yaml]", "presidio.yaml"),
    ],
)
def test_a_broken_file_of_the_operator_is_one_line(
    inside: Inside, tmp_path: Path, name: str, content: str, config: str, place: str
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(content)
    if config:
        (tmp_path / "phiscan.yaml").write_text(config + "\n")
    (tmp_path / "a.txt").write_text(CLEAN)
    status, out, err = inside("scan", "-c", "phiscan.yaml", "a.txt")
    said = err.decode()
    assert (status, out, said.count("\n")) == (2, b"", 1)
    assert said.startswith("phiscan: ")
    assert place in said
    assert "GARNIER" not in said


def test_a_broken_baseline_is_one_line(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "avant.json").write_text('{\n"schema": "phiscan.report/1",\n"files": [{"path": 3}]\n}')
    (tmp_path / "a.txt").write_text(CLEAN)
    status, out, err = inside("scan", "--baseline", "avant.json", "a.txt")
    assert (status, out, err.count(b"\n")) == (2, b"", 1)
    assert b"avant.json:3" in err
    assert b"files[0].path" in err


def test_paths_given_by_hand(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "ferme").mkdir(mode=0)
    (tmp_path / "a.txt").write_text(CLEAN)
    assert inside("scan", "absent")[:2] == (2, b"")
    status, report = scan("ferme", "a.txt", cwd=tmp_path, first=bound_by_rights)
    assert (status, gaps(report)) == (3, {"ferme": ("walk", "denied")})
    assert statuses(report) == {"a.txt": "scanned"}


def test_devices_and_tubes_are_neither_files_nor_gaps(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tube")
    status, report = scan("tube", "/dev/zero", "/proc/self/mem", cwd=tmp_path)
    assert (status, report["files"]) == (3, [{**report["files"][0], "path": "/proc/self/mem", "status": "gap"}])
    assert gaps(report) == {"/proc/self/mem": ("open", "unsupported")}


def test_a_full_disk(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text(PATIENTS)
    status, out, err = inside("scan", "-f", "json", "-o", "/dev/full", "patients.csv")
    assert (status, out, err.count(b"\n")) == (1, b"", 1)
    with Path("/dev/full").open("wb") as full:
        done = phiscan("scan", "-f", "json", "patients.csv", cwd=tmp_path, stdout=full.fileno())
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)


# --- signals


HANGING = """
import sys, time
from pathlib import Path
from phiscan import cli
from phiscan.scan import reading
from phiscan.scan import scanner

opened = reading.open_regular
def open_regular(path, roots=()):
    if path.endswith(sys.argv[-1].encode()):
        Path("attend").touch()
    return opened(path, roots)
reading.open_regular = open_regular

read = scanner.Scanner.task
def task(self, descriptor, meta):
    if meta["name"].startswith("pend"):
        time.sleep(3600)
    return read(self, descriptor, meta)
scanner.Scanner.task = task
sys.exit(cli.run(sys.argv[1:-1]))
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_ends_with_what_was_read(tmp_path: Path, number: int, status: int, workers: str) -> None:
    (tmp_path / "driver.py").write_text(HANGING)
    (tmp_path / "srv").mkdir()
    for name in ("a", "pend1", "pend2")[: int(workers) + 1]:
        (tmp_path / "srv" / f"{name}.csv").write_text(PATIENTS)
    scanning = ["scan", "-f", "json", "-o", "r.json", "--workers", workers, "srv", f"pend{workers}.csv"]
    run = subprocess.Popen(
        [sys.executable, "driver.py", *scanning], cwd=tmp_path, env=environment(tmp_path), stderr=subprocess.PIPE
    )
    while not (tmp_path / "attend").exists():
        assert run.poll() is None
        time.sleep(0.02)
    time.sleep(0.2)
    run.send_signal(number)
    asked = time.monotonic()
    _, said = run.communicate(timeout=30)
    assert time.monotonic() - asked < 3
    assert (run.returncode, said) == (status, b"")
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["complete"] is False
    assert statuses(report) == {"srv/a.csv": "scanned"}
