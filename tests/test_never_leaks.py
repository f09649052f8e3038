"""Canaries in every format, then every output searched: no value of a file ever comes out, in any way.

A path may be shown in the local report; so may a mask, which has at most five characters of a number.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import tempfile
import threading
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import pytest

from phiscan import explain as explaining
from phiscan import pipeline
from phiscan.config import Config
from phiscan.model import Level
from phiscan.report.model import Report
from phiscan.scan import run
from phiscan.scan.request import ScanRequest
from phiscan.scan.scanner import Scanner
from tests.hooks import hook
from tests.running import Inside, command, environment
from tests.watching import Watch, until

NIR = "285037800608409"
# Whatever of these is found in an output, in any case and without accents, is a leak.
CANARIES = (
    "zorblatt",
    "quillonde",
    "canaris-bleus",
    "canari.example",
    "s3rin!dore",
    "voliere",
    "perruche",
    "becdore",
    "plumage",
    "98765431",
    "800608409",
    "12/03/1985",
    "19850312",
)
IN_PATHS = ("fichiercanari", "membrecanari", "piececanari")

LETTER = [
    "Patiente : Mme ZORBLATT Quillonde, née le 12/03/1985",
    f"NIR : {NIR}",
    "17 rue des Canaris-Bleus, 75013 PARIS, tél. 06 98 76 54 31, quillonde.zorblatt@canari.example",
    "mot de passe : S3rin!dore",
    "Séropositive au VIH, sous Triumeq ; la volière de la perruche est fermée, plumage terne.",
]
ROWS = [
    ["NIR", "NOM", "PRENOM", "DATE_NAISSANCE", "ZORBLATT Quillonde", "TEL", "ADRESSE", "MEL", "VIH", "REMARQUE"],
    *(
        [
            NIR,
            "ZORBLATT",
            "Quillonde",
            "12/03/1985",
            "hépatite B",
            "0698765431",
            "17 rue des Canaris-Bleus",
            "quillonde.zorblatt@canari.example",
            stated,
            "VIH connu, la volière de la perruche est fermée " * 3,
        ]
        for stated in ("positif", "négatif", "positif")
    ),
]
HL7 = "\r".join(
    [
        "MSH|^~\\&|LABO|X|Y|Z|20240312||ORU^R01|1|P|2.5",
        f"PID|1||{NIR}^^^INS-NIR||ZORBLATT^Quillonde||19850312|F|||17 rue des Canaris-Bleus^^PARIS",
        "OBX|1|ST|7917-8^HIV^LN||positif zorblatt",
        "",
    ]
)


def _sheet() -> bytes:
    import openpyxl
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "ZORBLATT Quillonde"
    for row in ROWS:
        book.active.append(row)
    book.active["B2"].comment = Comment("perruche VIH positif, " + " ".join(LETTER), "ZORBLATT")
    book.create_sheet("becdoré VIH").append(["ZORBLATT", NIR])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _document() -> bytes:
    import docx

    document = docx.Document()
    for line in LETTER:
        document.add_paragraph(line)
    document.core_properties.author = "ZORBLATT Quillonde"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setTitle("ZORBLATT Quillonde")
    for number, line in enumerate(LETTER):
        canvas.drawString(50, 800 - 20 * number, line)
    canvas.save()
    return out.getvalue()


def _mail(table: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"] = "Quillonde ZORBLATT <quillonde.zorblatt@canari.example>"
    mail["Subject"] = "Résultat VIH de ZORBLATT Quillonde"
    mail.set_content("\n".join(LETTER))
    mail.add_attachment(table, "text", "csv", filename="piececanari.csv")
    return bytes(mail)


def _files() -> dict[str, bytes]:
    table = "\n".join(";".join(row) for row in ROWS).encode()
    letter = "\n".join(LETTER)
    people = [dict(zip(ROWS[0], row, strict=True)) | {f"zorblatt {NIR}": "VIH positif"} for row in ROWS[1:]]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.comment = b"zorblatt"
        out.writestr("dossier/membrecanari VIH.csv", table)
        out.writestr("casse.pdf", b"%PDF-1.4 zorblatt\n1 0 obj <<" + letter.encode())
    escaped = "".join(char if char.isascii() else f"\\'{ord(char):02x}" for char in letter if ord(char) < 256)
    tags = "".join(f"<p>{line}</p>" for line in LETTER)
    return {
        "fichiercanari_VIH.csv": table,
        "lettre.txt": letter.encode(),
        "lettre_latin.txt": letter.encode("cp1252"),
        "classeur.xlsx": _sheet(),
        "lettre.docx": _document(),
        "lettre.pdf": _pdf(),
        "message.eml": _mail(table),
        "envoi.zip": archive.getvalue(),
        "export.json": json.dumps(people).encode(),
        "export.xml": f"<zorblatt nir='{NIR}'><perruche>{letter}</perruche></zorblatt>".encode(),
        "page.html": f"<html><title>ZORBLATT Quillonde</title><!-- plumage -->{tags}</html>".encode(),
        "lettre.rtf": ("{\\rtf1\\ansi\\ansicpg1252 " + escaped.replace("\n", "\\par\n") + "}").encode("ascii"),
        "message.hl7": HL7.encode(),
        "casse.json": b'[{"nom": "ZORBLATT", "nir": ' + NIR.encode() + b', "perruche": [tru',
        "casse.xml": b"<zorblatt><nir>" + NIR.encode() + b"</perruche>&becdore;",
        "casse.xlsx": _sheet()[:3000],
        "casse.docx": _document()[:-3000],
    }


FILES = _files()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files."""
    folder = tmp_path_factory.mktemp("canaris")
    for name, content in FILES.items():
        (folder / "srv").mkdir(exist_ok=True)
        (folder / "srv" / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def report(home: Path) -> Report:
    """Scan them once in this process. What reads sentences is loaded here, so that workers need not."""
    pipeline.run_example("\n".join(LETTER), Level.PUBLIC)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        return pipeline.scan(ScanRequest(paths=(b"srv",), config=Config(discover=False), assume=Level.PUBLIC))


@pytest.fixture
def inside(home: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Inside:
    """Run commands in this process."""
    return Inside(home, capfdbinary, monkeypatch)


def plain(text: str) -> str:
    """Return `text` in lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def leaks(output: bytes, paths: Iterable[str] = ()) -> list[str]:
    """Return the canaries in an output, also those written with other spaces between their digits."""
    text = output.decode("utf-8", "replace")
    for path in sorted(paths, key=len, reverse=True):
        text = text.replace(path, "PATH")
    text = plain(text)
    close = re.sub(r"(?<=\d)[\s.,_-](?=\d)", "", text)
    return [canary for canary in (*CANARIES, *IN_PATHS) if canary in text or canary in close]


def paths_of(report: Report) -> set[str]:
    """Return every path the report may show."""
    return {one.path for one in report.files} | {gap.path for gap in report.gaps}


def test_the_canaries_are_worth_it(report: Report) -> None:
    found = {one.path: one for one in report.files}
    assert {"nir", "hiv"} <= found["srv/fichiercanari_VIH.csv"].categories.keys()
    for name in ("lettre.txt", "lettre_latin.txt", "lettre.docx", "lettre.pdf", "lettre.rtf", "page.html"):
        assert {"nir", "hiv"} <= found[f"srv/{name}"].categories.keys(), name
    for path in ("srv/envoi.zip!dossier/membrecanari VIH.csv", "srv/message.eml!piececanari.csv"):
        assert {"nir", "hiv"} <= found[path].categories.keys(), path
    for name in ("classeur.xlsx", "export.json", "export.xml", "message.eml"):
        assert {"hiv"} <= found[f"srv/{name}"].categories.keys(), name
    assert {gap.path for gap in report.gaps} >= {"srv/casse.xlsx", "srv/casse.docx", "srv/envoi.zip!casse.pdf"}
    assert {category for one in report.files for category in one.categories} >= {
        "nir",
        "person_name",
        "birth_date",
        "address",
        "email",
        "phone",
        "credentials",
        "hiv",
        "treatment",
    }
    assert leaks(b"Zorblatt  Quillonde, 2 85 03 78 006 084 09, 06.98.76.54.31") == [
        "zorblatt",
        "quillonde",
        "98765431",
        "800608409",
    ]


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "html", "ocsf"])
def test_no_format_of_the_report(report: Report, inside: Inside, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr(pipeline, "scan", lambda request, on_progress: report)
    status, out, err = inside("scan", "-v", "-f", form, "srv")
    assert (status, err) == (10, b"")
    assert len(out) > 2000
    names = {path.rsplit("/", 1)[1].rsplit("!", 1)[-1] for path in paths_of(report)} if form == "ocsf" else set()
    assert leaks(out, paths_of(report) | names) == []


def test_labels_outside_the_vocabulary_are_positions(report: Report) -> None:
    labels = {
        label
        for one in report.files
        for sample in one.samples
        for label in (sample.where.column, sample.where.sheet, sample.where.field, sample.where.path)
        if label is not None
    }
    assert {"NIR", "NOM", "#5"} <= labels
    assert any(
        label.startswith("#") for label in {s.where.sheet for f in report.files for s in f.samples if s.where.sheet}
    )
    assert leaks(" ".join(labels).encode()) == []


@pytest.mark.parametrize("name", sorted(FILES))
def test_explain(home: Path, report: Report, inside: Inside, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    prepared = pipeline.prepare(Config()) if not PREPARED else PREPARED[0]
    PREPARED[:] = [prepared]
    monkeypatch.setattr(pipeline, "prepare", lambda config: PREPARED[0])
    status, out, err = inside("explain", f"srv/{name}")
    assert status in (0, 3)
    assert err == b""
    members = {path.split("!", 1)[1] for path in paths_of(report) if "!" in path}
    assert leaks(out, paths_of(report) | members) == []


PREPARED: list[tuple[object, object, object]] = []


def _raise(*_: object) -> None:
    raise ValueError(f"ZORBLATT Quillonde {NIR}")


def test_an_internal_error_tells_no_value(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(run.Run, "take", _raise)
        for command in ("scan", "explain"):
            status, out, err = inside(command, "srv/lettre.txt")
            assert (status, out, err.count(b"\n")) == (1, b"", 1)
            assert leaks(err) == []
    monkeypatch.setattr(Scanner, "scan", _raise)
    status, out, err = inside("explain", "srv/lettre.txt")
    assert (status, err) == (3, b"")
    assert leaks(out) == []
    monkeypatch.setattr(explaining, "explain", _raise)
    status, out, err = inside("explain", "srv/lettre.txt")
    assert (status, out, err.count(b"\n")) == (1, b"", 1)
    assert leaks(err) == []


def _family(root: int) -> Iterator[Path]:
    """Yield the /proc folders of a process and all its descendants."""
    yield Path(f"/proc/{root}")
    with suppress(OSError):
        for task in Path(f"/proc/{root}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _everything_below(*folders: Path) -> set[Path]:
    return {path for folder in folders for path in folder.rglob("*") if "__pycache__" not in path.parts}


def test_no_process_title_no_file_no_stream(home: Path, report: Report) -> None:
    private = home / "prive"
    for folder in (private, home / "autre"):
        folder.mkdir()
    for name in ("fichiercanari_VIH.csv", "envoi.zip", "export.json", "casse.json"):  # quick ones
        (home / "autre" / name).write_bytes(FILES[name])
    before = _everything_below(home, private)
    seen: set[bytes] = set()
    more: set[Path] = set()
    run = subprocess.Popen(
        command("scan", "-v", "--assume-exposure", "public", "autre"),
        cwd=home,
        env=environment(private),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            more.update(_everything_below(home, private) - before)
            for process in _family(run.pid):
                for name in ("cmdline", "comm"):
                    with suppress(OSError):
                        seen.add((process / name).read_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, err = run.communicate(timeout=100)
    done.set()
    watcher.join()
    assert (run.returncode, err) == (10, b"")
    shown = {path.replace("srv/", "autre/") for path in paths_of(report)}
    assert leaks(out, shown) == []
    assert len(seen) >= 2
    assert leaks(b"\n".join(seen)) == []
    assert (more, _everything_below(home, private) - before) == (set(), set())
    assert os.listdir(private) == []


def test_the_daemon_keeps_and_tells_no_value(report: Report) -> None:
    """Its store, whole files of it, its alerts in every form, its log and its titles."""
    with tempfile.TemporaryDirectory(prefix="phiscan-canari-") as folder, hook() as slack, hook() as siem:
        os.chmod(folder, 0o755)
        watch = Watch(Path(folder))
        (watch.home / "slack").write_text(slack.url)
        watch.config["alerts"] |= {
            "slack": {"webhook_url_file": "slack"},
            "webhook": {"url": siem.url, "format": "ocsf"},
            "minimum": "low",
        }
        (watch.srv / "pub").mkdir()
        seen: set[bytes] = set()
        try:
            watch.start()
            for name, content in FILES.items():
                (watch.srv / "pub" / name).write_bytes(content)

            def read() -> bool:
                assert watch.process is not None
                for process in _family(watch.process.pid):
                    for name in ("cmdline", "comm"):
                        with suppress(OSError):
                            seen.add((process / name).read_bytes())
                return len(watch.ledger()) == len(FILES) and watch.unsent() == 0 and len(slack.bodies) > 0

            until(read)
            shown = {one.shown for one in watch.incidents()}
            assert f"{watch.srv}/pub/fichiercanari_VIH.csv" in shown
            state = b"".join(file.read_bytes() for file in (watch.home / "state").iterdir() if file.name != "key")
            watch.stop()
        finally:
            watch.close()
        members = {path.split("!", 1)[1] for path in paths_of(report) if "!" in path}
        names = {f"{watch.srv}/pub/{name}" for name in FILES} | {name for name in FILES if "canari" in name}
        assert leaks(state, names | members) == []
        sent = watch.alerts.read_bytes() + b"".join(slack.raw + siem.raw)
        assert len(sent) > 5000
        assert leaks(sent) == []  # not even the names
        assert leaks(watch.log.read_bytes()) == []
        assert leaks(b"\n".join(seen)) == []
