"""The pipeline as a function: who is counted how often, what is an element, what is a gap, what progress says."""

from __future__ import annotations

import io
import re
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pyzipper

from phiscan import pipeline
from phiscan.config import Config, Limits, Zone
from phiscan.judge import Rule
from phiscan.model import Exposure, Level, Place, Reason, Severity
from phiscan.model import Limits as FileLimits
from phiscan.recognize.ruleset import Ruleset
from phiscan.report.model import FileReport, Report
from phiscan.scan import reading, run
from phiscan.scan.pace import Pace
from phiscan.scan.request import Progress, ScanRequest
from phiscan.seal import Sealer
from phiscan.source.open import open_regular
from tests.running import CLEAN, PATIENTS

Scan = Callable[..., Report]
OTHERS = (
    "NIR;NOM;PRENOM;DATE_NAISSANCE\n185037800608459;PETIT;Jean;12/03/1985\n285037800608409;GARNIER;Lucie;12/03/1985\n"
)


@pytest.fixture(scope="module", autouse=True)
def _no_key_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever ran the daemon here before has left a key."""
    state = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("phiscan.config.state_folder", lambda: state)
        yield


@pytest.fixture(scope="module")
def prepared() -> tuple[Ruleset, tuple[Rule, ...], Sealer]:
    """Load the recognizers once."""
    return pipeline.prepare(Config())


@pytest.fixture
def scan(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prepared: tuple[Ruleset, tuple[Rule, ...], Sealer]) -> Scan:
    """Return a function that scans paths below an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*paths: str, **more: object) -> Report:
        config = more.pop("config", Config(discover=False))
        assert isinstance(config, Config)
        sealer = Sealer.from_file(config.key_file) if config.key_file.exists() else prepared[2]
        monkeypatch.setattr(pipeline, "prepare", lambda config: (*prepared[:2], sealer))
        given = tuple(path.encode() for path in paths or (".",))
        on_progress = more.pop("on_progress", lambda progress: None)
        request = ScanRequest(paths=given, config=config, assume=Level.PUBLIC, **more)  # type: ignore[arg-type]
        return pipeline.scan(request, on_progress)  # type: ignore[arg-type]

    return run


def elements(report: Report) -> dict[str, FileReport]:
    """Return the elements by path; each is there once."""
    found = {one.path: one for one in report.files}
    assert len(found) == len(report.files)
    return found


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    """Write a ZIP."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_copy_adds_nobody_and_no_other_content(scan: Scan) -> None:
    Path("a.csv").write_text(PATIENTS)
    Path("autres.csv").write_text(OTHERS)
    shutil.copy("a.csv", "copie.csv")
    zipped(Path("a.zip"), {"a.csv": PATIENTS.encode()})
    report = scan()
    assert report.totals.persons == 3
    assert {path: one.persons.count for path, one in elements(report).items()} == {
        "./a.csv": 2,
        "./autres.csv": 2,
        "./copie.csv": 2,
        "./a.zip!a.csv": 2,
    }
    contents = {path: one.content for path, one in elements(report).items()}
    assert contents["./a.csv"] == contents["./copie.csv"] != contents["./autres.csv"]
    assert contents["./a.csv"] != contents["./a.zip!a.csv"]
    assert all(re.fullmatch("k0:[0-9a-f]{32}", str(content)) for content in contents.values())


def test_contents_are_recognised_again_only_with_a_key_that_is_kept(scan: Scan, tmp_path: Path) -> None:
    Path("a.csv").write_text(CLEAN)
    Path("cle").write_text(f"k7:{'5a' * 32}\n")
    config = Config(discover=False, key_file=tmp_path / "cle")
    first, second = (scan("a.csv", config=config).files[0].content for _ in range(2))
    assert first == second
    assert re.fullmatch("k7:[0-9a-f]{32}", str(first))


def test_members_are_elements_and_their_container_is_not(scan: Scan) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("c.csv", PATIENTS)
        archive.writestr("vide.zip", zipped(Path("vide.zip"), {}).read_bytes())
    zipped(Path("a.zip"), {"b.txt": CLEAN.encode(), "inner.zip": inner.getvalue()})
    with tarfile.open("a.tar.gz", "w:gz") as archive:
        archive.add("a.zip", "sous/a.zip")
    report = scan()
    assert {path: one.status for path, one in elements(report).items()} == dict.fromkeys(
        (
            "./vide.zip",
            "./a.zip!b.txt",
            "./a.zip!inner.zip!c.csv",
            "./a.zip!inner.zip!vide.zip",
            "./a.tar.gz!sous/a.zip!b.txt",
            "./a.tar.gz!sous/a.zip!inner.zip!c.csv",
            "./a.tar.gz!sous/a.zip!inner.zip!vide.zip",
        ),
        "scanned",
    )
    assert report.complete
    totals = report.totals
    assert (totals.files, totals.scanned, totals.gaps, totals.persons) == (3, 3, 0, 2)
    assert totals.bytes == sum(path.stat().st_size for path in Path().iterdir())


def test_an_archive_that_ends_early_is_a_gap_and_no_element(scan: Scan) -> None:
    whole = zipped(Path("a.zip"), {"a.csv": PATIENTS.encode(), "b.txt": CLEAN.encode()}).read_bytes()
    Path("a.zip").write_bytes(whole[:-10])
    report = scan()
    assert {path: one.status for path, one in elements(report).items()} == {
        "./a.zip!a.csv": "scanned",
        "./a.zip!b.txt": "scanned",
    }
    assert [(gap.path, gap.reason) for gap in report.gaps] == [("./a.zip", "malformed")]
    Path("a.zip").write_bytes(whole[:20])
    report = scan()
    assert {path: one.status for path, one in elements(report).items()} == {"./a.zip": "gap"}


def test_a_damaged_member_is_told_once(scan: Scan) -> None:
    whole = zipped(Path("a.zip"), {"a.csv": PATIENTS.encode()}).read_bytes()
    Path("a.zip").write_bytes(whole.replace(b"Yann", b"Yvan"))
    report = scan()
    (found,) = report.files
    assert (found.path, found.status, found.persons.exact) == ("./a.zip!a.csv", "partial", False)
    assert [(gap.path, gap.reason) for gap in report.gaps] == [("./a.zip!a.csv", "malformed")]


def test_encrypted_parts_are_no_gap(scan: Scan) -> None:
    for name, members in (("tout.zip", ["a.csv"]), ("mixte.zip", ["a.csv", "b.csv"])):
        with pyzipper.AESZipFile(name, "w", encryption=pyzipper.WZ_AES) as archive:
            archive.setpassword(b"secret")
            archive.writestr("a.csv", PATIENTS)
        if len(members) > 1:
            with zipfile.ZipFile(name, "a") as plain:
                plain.writestr("b.csv", OTHERS)
    report = scan()
    assert {path: one.status for path, one in elements(report).items()} == {
        "./tout.zip!a.csv": "encrypted",
        "./mixte.zip!a.csv": "encrypted",
        "./mixte.zip!b.csv": "scanned",
    }
    assert report.complete
    assert (report.totals.encrypted, report.totals.scanned, report.totals.persons) == (1, 1, 2)


def test_an_unknown_exposure_is_one_gap_a_root(scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("nas", "nas2", "nas/sous"):
        Path(folder).mkdir()
        Path(folder, "a.csv").write_text(PATIENTS)

    def unknown(path: bytes, place: Place, *_: object, **__: object) -> Exposure:
        return Exposure(Level.UNKNOWN, (Reason("posix", "cifs without Unix rights", "/"),))

    monkeypatch.setattr(run, "exposure_of", unknown)
    report = scan("nas", "nas2")
    assert [(gap.path, gap.stage, gap.reason) for gap in report.gaps] == [
        ("nas", "expose", "exposure_unknown"),
        ("nas2", "expose", "exposure_unknown"),
    ]
    assert {one.status for one in report.files} == {"scanned"}
    assert {one.exposure.level for one in report.files} == {Level.UNKNOWN}
    assert report.worst >= 3


def test_a_file_replaced_between_walk_and_open_is_read(scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.csv").write_text(CLEAN)
    opened = open_regular

    def replaced(path: bytes, roots: tuple[bytes, ...]) -> object:
        if not Path("fait").exists():
            Path("fait").write_text(PATIENTS)
            shutil.copy("fait", "b")
            Path("b").rename("a.csv")
        return opened(path, roots)

    monkeypatch.setattr(reading, "open_regular", replaced)
    report = scan("a.csv")
    assert (report.gaps, report.files[0].persons.count) == ((), 2)


def test_a_file_removed_between_walk_and_open_is_a_gap(scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.csv").write_text(PATIENTS)
    Path("b.csv").write_text(PATIENTS)
    opened = open_regular

    def removed(path: bytes, roots: tuple[bytes, ...]) -> object:
        Path("a.csv").unlink(missing_ok=True)
        return opened(path, roots)

    monkeypatch.setattr(reading, "open_regular", removed)
    report = scan()
    assert [(gap.path, gap.stage, gap.reason) for gap in report.gaps] == [("./a.csv", "open", "vanished")]
    assert {path: one.status for path, one in elements(report).items()} == {"./a.csv": "gap", "./b.csv": "scanned"}


def test_progress(scan: Scan) -> None:
    for number in range(3):
        Path(f"{number}.csv").write_text(PATIENTS)
    told: list[Progress] = []
    report = scan(on_progress=told.append)
    assert [one.files for one in told if one.files] == sorted(one.files for one in told if one.files)
    assert (told[-1].files, told[-1].bytes, told[-1].total_files) == (3, report.totals.bytes, None)
    assert told[-1].worst == report.worst
    assert all(one.bytes <= report.totals.bytes for one in told)


def test_progress_knows_how_much_there_is_once_it_is_counted(scan: Scan) -> None:
    for number in range(3):
        Path(f"{number}.csv").write_text(PATIENTS)
    told: list[Progress] = []

    class Waiting(Pace):
        def wait(self) -> float:  # until the count is there
            return 0.0 if told and told[-1].total_files is not None else 0.1

    scan(on_progress=told.append, count=True, pace=Waiting())
    known = {(one.total_files, one.total_bytes) for one in told if one.total_files is not None}
    assert known == {(3, 3 * len(PATIENTS.encode()))}


def test_a_stop_ends_with_what_there_is(scan: Scan) -> None:
    for number in range(5):
        Path(f"{number}.csv").write_text(PATIENTS)
    told: list[Progress] = []
    report = scan(workers=1, on_progress=told.append, stop=lambda: any(one.files for one in told))
    assert report.interrupted
    assert not report.complete
    assert [one.path for one in report.files] == ["./0.csv"]


def test_no_isolation_gives_the_same(scan: Scan) -> None:
    Path("a.csv").write_text(PATIENTS)
    zipped(Path("b.zip"), {"c.csv": OTHERS.encode()})
    confined, inline = scan(), scan(workers=0)
    assert confined.files == inline.files
    assert inline.totals == confined.totals


def test_what_a_path_says_is_found_below_the_root_only(scan: Scan) -> None:
    Path("VIH").mkdir()
    Path("VIH", "releve.txt").write_text(CLEAN)
    assert "hiv" in scan(".").files[0].categories
    assert "hiv" not in scan("VIH").files[0].categories


def test_large_files_are_not_opened(scan: Scan) -> None:
    Path("a.csv").write_text(PATIENTS)
    report = scan(limits=FileLimits(max_file_size=10))
    assert [(gap.stage, gap.reason) for gap in report.gaps] == [("open", "too_big")]
    assert (report.files[0].content, report.totals.scanned, report.totals.files) == (None, 0, 1)


@pytest.mark.parametrize(
    ("text", "level", "expected"),
    [
        (PATIENTS, Level.PUBLIC, (2, 2, 2)),
        (CLEAN, Level.SHARED, (0, 0, 0)),
        (OTHERS, Level.PUBLIC, (2, 0, 2)),
    ],
)
def test_examples_of_rules(text: str, level: Level, expected: tuple[int, int, int]) -> None:
    facts = pipeline.run_example(text, level)
    assert facts.level is level
    assert (facts.persons, facts.identified_health, facts.strong_persons) == expected


NAMED = '{"resourceType":"Patient","id":"p1","name":[{"family":"KERVRAN","given":["Loïc"]}],"birthDate":"1994-06-21"}\n'
CONDITION = '{"resourceType":"Condition","subject":{"reference":"Patient/p1"},"code":{"text":"Schizophrénie"}}\n'
OTHER = NAMED.replace("p1", "p2").replace("KERVRAN", "SANTINI").replace("1994", "1990")
IDENTIFIED = (
    '{"resourceType":"Patient","identifier":[{"type":{"coding":[{"code":"PI"}]},"value":"80012345"}],"id":"p1"}\n'
)
SHOWN = (
    '{"resourceType":"Condition","subject":{"reference":"Patient/p1","display":"KERVRAN Loïc"},"note":"schizophrénie"}'
)
XML = '<?xml version="1.0"?><fiche>{}<diagnostic lib="infection par le VIH"/></fiche>'
FHIR_XML = (
    '<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"><Patient><name><family value="KERVRAN"/>'
    '<given value="Loïc"/></name><birthDate value="1994-06-21"/></Patient>'
    '<Condition><code><text value="Schizophrénie"/></code></Condition></Bundle>'
)
PAIRS = "'nom': 'KERVRAN', 'prenom': 'Loïc', 'ddn': '1985-04-12', 'motif': 'infection par le VIH'"
NAMES = ["KERVRAN", "PETIT", "MOREL"]
RECORD = '{"ipp":"80012345","nom":"KERVRAN","prenom":"Loïc","ddn":"1985-05-12","motif":"infection par le VIH"}\n'


@pytest.mark.parametrize(
    ("name", "text", "persons"),
    [
        ("a.json", NAMED + CONDITION, 1),
        ("a.ndjson", NAMED + CONDITION, 1),
        ("a.ndjson", NAMED + OTHER + CONDITION + CONDITION.replace("p1", "p2"), 2),
        ("a.ndjson", CONDITION + CONDITION.replace("p1", "p2") + NAMED + OTHER, 2),
        ("a.json", IDENTIFIED + CONDITION, 1),
        ("a.json", SHOWN, 1),
        ("a.xml", FHIR_XML, 1),
        ("a.json", NAMED.replace("Patient", "Practitioner") + CONDITION, 0),
        ("a.json", NAMED.replace("KERVRAN", "${nom}").replace("Loïc", "${prenom}") + CONDITION, 0),
        ("a.json", IDENTIFIED.replace('"PI"', '"PLAC"') + CONDITION, 0),
        ("a.json", SHOWN.replace("Patient/", "Practitioner/"), 0),
        ("a.xml", XML.format('<patient nom="KERVRAN" prenom="Loïc" ddn="12/04/1985"/>'), 1),
        ("a.xml", XML.format('<ligne NOM="KERVRAN" PRENOM="Loïc" DDN="12/04/1985"/>'), 1),
        ("a.xml", XML.format('<medicament nom="BIKTARVY"/><service nom="Cardiologie"/><champ nom="ddn"/>'), 0),
        ("a.xml", XML.format('<medecin nom="KERVRAN" prenom="Loïc"/>'), 0),
        ("a.xml", XML.format('<agent nom="KERVRAN" prenom="Loïc" service="Oncologie" tel="0298000001"/>'), 0),
        ("a.json", NAMED.replace("Patient", "Organization").replace("name", "contact") + CONDITION, 0),
        ("a.txt", "2024-03-12 08:14:22 INFO recu " + RECORD, 1),
        ("a.log", '08:14:22 INFO login {"nom":"KERVRAN","prenom":"Loïc","service":"Maladies infectieuses (VIH)"}\n', 0),
        (
            "a.log",
            "08:14:22 INFO update patient={id=4471, " + PAIRS.replace("': '", "='").replace(" '", " ") + "}\n",
            1,
        ),
        ("a.txt", "patient nom='KERVRAN' prenom='Loïc' ddn='12/04/1985' diag='infection par le VIH'\n", 1),
        ("test_a.py", f"def test_a():\n    assert lu('08:14:22') == {{{PAIRS}}}\n", 0),
        ("a.php", f"$patient = array({PAIRS.replace(':', ' =>')});\n", 0),
        (
            "spec.md",
            f"# Interface\n\nLe message est un objet JSON d'une ligne :\n\n{RECORD}\nnom est obligatoire.\n",
            0,
        ),
        ("spec.txt", f"Interface\n\nLe message est un objet JSON d'une ligne :\n\n{RECORD}\nnom est obligatoire.\n", 0),
        ("a.txt", "Patient : KERVRAN HÃ©lÃ¨ne, nÃ©e le 02/03/1970\nElle prÃ©sente une schizophrÃ©nie.\n", 1),
        ("a.csv", "Nom;PrÃ©nom;NÃ©e le;Motif\n" + "KERVRAN;HÃ©lÃ¨ne;02/03/1970;schizophrÃ©nie\n" * 3, 1),
        (
            "a.csv",
            "nom;prenom;naissance;motif\n" + "KERVRAN;H&eacute;l&egrave;ne;02/03/1970;schizophr&eacute;nie\n" * 3,
            1,
        ),
        (
            "a.txt",
            "".join(f"Mme Anne {name}, née le 12/03/1965, asthme, chambre 3\n" for name in NAMES * 5),
            3,
        ),
        ("a.vcf", "BEGIN:VCARD\nN:KERVRAN;Loïc;;M.;\nBDAY:1977-09-12\nNOTE:sous Biktarvy\nEND:VCARD\n", 1),
        ("a.vcf", "BEGIN:VCARD\nN:KERVRAN;Loïc;;;\nORG:Biktarvy SA\nTEL:0298000000\nEND:VCARD\n", 0),
    ],
)
def test_formats_in_which_patients_are_named(scan: Scan, name: str, text: str, persons: int) -> None:
    Path(name).write_text(text, "utf-8")
    (found,) = scan().files
    assert found.identified_health_persons.count == persons
    assert found.severity in ((Severity.CRITICAL,) if persons else (Severity.NONE, Severity.INFO, Severity.LOW))


def test_zones_and_limits_reach_the_pipeline(scan: Scan, tmp_path: Path) -> None:
    Path("depot").mkdir()
    Path("depot/a.csv").write_text(PATIENTS)
    Path("b.csv").write_text(PATIENTS)
    zone = Zone(path=tmp_path / "depot", exposure="shared")
    config = Config(discover=False, zones=(zone,), limits=Limits(workers=1))
    report = scan(config=config)
    levels = {path: one.exposure.level for path, one in elements(report).items()}
    assert levels == {"./depot/a.csv": Level.SHARED, "./b.csv": Level.PUBLIC}


def test_a_table_below_a_form_is_about_whom_the_form_names(scan: Scan) -> None:
    head = "Nom;DUPONT\nPrénom;Marie\nNée le;12/03/1965\n"
    visits = "Date;Motif;Observation\n" + "".join(
        f"{day:02}/01/2026;contrôle;VIH positif sous Biktarvy, CV {day}\n" for day in range(1, 20)
    )
    Path("export.csv").write_text(head + visits, "utf-8")
    report = scan()
    (found,) = report.files
    assert (found.persons.count, found.identified_health_persons.count) == (1, 1)
    assert found.severity is Severity.CRITICAL
    assert report.gaps == ()
