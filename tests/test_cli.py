"""The command line: statuses, one-line errors, formats, signals, and what is not imported at start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from phiscan import __version__, cli, pipeline
from phiscan import explain as explaining
from phiscan.commands import check as checking
from phiscan.judge import Facts
from phiscan.messages import THIN
from phiscan.model import CATEGORIES, Exposure, Kind, Level, Limits, Severity, Where
from phiscan.report.explanation import ExplainedHit
from phiscan.report.model import (
    CategoryReport,
    FileReport,
    GapReport,
    PersonCount,
    Report,
    RuleReport,
    Totals,
)
from phiscan.scan.request import Progress, ScanRequest

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 21, tzinfo=UTC)
RULE = RuleReport("shared.identified-health", 1, Severity.HIGH, {"fr": "Lisible par tous", "en": "Open to all"})
FOUND = FileReport(
    path="/srv/a.csv",
    size=10,
    type="text/csv",
    status="scanned",
    exposure=Exposure(Level.SHARED),
    severity=Severity.HIGH,
    rules=(RULE,),
    content="k1:aa",
    records=1,
    persons=PersonCount(1),
    identified_health_persons=PersonCount(1),
    categories={"hiv": CategoryReport(Kind.HEALTH, 1, 1, {"affirmed": 1})},
)
GAP = GapReport("/srv/b.pdf", "extract", "malformed")

Scan = Callable[[ScanRequest, Callable[[Progress], None]], Report]


def _report(*files: FileReport, gaps: tuple[GapReport, ...] = (), interrupted: bool = False) -> Report:
    return Report(
        ruleset="sha256:0",
        roots=("/srv",),
        started=NOW,
        ended=NOW,
        totals=Totals(files=len(files), gaps=len(gaps)),
        files=files,
        gaps=gaps,
        interrupted=interrupted,
    )


class Fake:
    """A pipeline that answers what it was told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.report = _report()
        self.requests: list[ScanRequest] = []
        self.during: Callable[[ScanRequest], None] = lambda request: None

    def scan(self, request: ScanRequest, on_progress: Callable[[Progress], None]) -> Report:
        self.requests.append(request)
        on_progress(Progress(1, 10, None, None, Severity.HIGH))
        self.during(request)
        return replace(self.report, interrupted=request.stop())


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fake:
    """A fake pipeline, in an empty folder, with no configuration anywhere."""
    found = Fake()
    monkeypatch.setattr(pipeline, "scan", found.scan)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PHISCAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PHISCAN_CONFIG", "/dev/null")
    (tmp_path / "a.csv").write_text("x")
    return found


def _run(*arguments: str) -> int:
    return cli.run(list(arguments))


@pytest.mark.parametrize(
    ("files", "gaps", "fail_on", "status"),
    [
        ((), (), "medium", 0),
        ((), (GAP,), "medium", 3),
        ((), (GAP,), "none", 3),
        ((FOUND,), (), "medium", 10),
        ((FOUND,), (GAP,), "medium", 10),
        ((FOUND,), (), "high", 10),
        ((FOUND,), (), "critical", 0),
        ((FOUND,), (GAP,), "critical", 3),
        ((FOUND,), (), "none", 0),
        ((replace(FOUND, rules=(replace(RULE, severity=Severity.INFO),)),), (), "low", 0),
        ((replace(FOUND, rules=(replace(RULE, accepted=True),)),), (), "low", 0),
    ],
)
def test_statuses(
    fake: Fake, files: tuple[FileReport, ...], gaps: tuple[GapReport, ...], fail_on: str, status: int
) -> None:
    fake.report = _report(*files, gaps=gaps)
    assert _run("scan", "a.csv", "--fail-on", fail_on) == status


def test_json_goes_to_standard_output_and_nothing_to_standard_error(
    fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.report = _report(FOUND)
    assert _run("scan", "a.csv", "-f", "json") == 10
    out, err = capsys.readouterr()
    assert json.loads(out) == fake.report.to_dict()
    assert err == ""


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("table", "1 fichier à traiter (haute 1)\n"),
        ("json", "{\n  "),
        ("jsonl", '{"path": "/srv/a.csv"'),
        ("csv", "\ufeffseverity;path;"),
        ("html", '<!doctype html>\n<html lang="fr">'),
        ("ocsf", '[\n{"activity_id": 1'),
    ],
)
def test_every_format_goes_to_a_file_of_ones_own(fake: Fake, tmp_path: Path, form: str, start: str) -> None:
    fake.report = _report(FOUND)
    assert _run("scan", "a.csv", "-f", form, "-o", "out") == 10
    assert (tmp_path / "out").read_text(encoding="utf-8").startswith(start)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "out"]


def test_an_existing_report_keeps_its_mode_and_is_replaced_whole(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("before")
    (tmp_path / "out").chmod(0o640)
    (tmp_path / "link").symlink_to("out")
    assert _run("scan", "a.csv", "-f", "json", "-o", "link") == 0
    assert json.loads((tmp_path / "out").read_text()) == fake.report.to_dict()
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("output", ["/dev/full", "none/out", "."])
def test_a_report_that_cannot_be_written_is_status_1(
    fake: Fake, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    fake.report = _report(FOUND)
    assert _run("scan", "a.csv", "-f", "json", "-o", output) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"phiscan: {output}{THIN}: le rapport n'a pas pu être écrit (")
    assert len(fake.requests) == (1 if output == "/dev/full" else 0)


def test_every_flag_reaches_the_scan(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "r\udce9.csv").write_text("x")
    (tmp_path / "c.yaml").write_text("limits: {timeout: 5s, workers: 3, archive_depth: 1}")
    flags = "--assume-exposure public --exclude *.iso --exclude a/ --max-file-size 2MB --timeout 7 --no-ocr -q -v"
    assert _run("scan", "-c", "c.yaml", "a.csv", "r\udce9.csv", *flags.split()) == 0
    assert _run("scan", "-c", "c.yaml", "--workers", "9", "a.csv") == 0
    first, second = fake.requests
    assert first.paths == (b"a.csv", b"r\xe9.csv")
    assert (first.assume, first.exclude, first.workers) == (Level.PUBLIC, ("*.iso", "a/"), 3)
    assert first.limits == Limits(timeout=7.0, archive_depth=1, max_file_size=2_000_000, ocr=False)
    assert (second.workers, second.assume, second.exclude) == (9, None, ())
    assert second.limits == Limits(timeout=5.0, archive_depth=1)
    assert not first.stop()


def test_a_baseline_is_applied(fake: Fake, tmp_path: Path) -> None:
    fake.report = _report(FOUND, gaps=(GAP,))
    assert _run("scan", "a.csv", "-f", "json", "-o", "before.json") == 10
    assert _run("scan", "a.csv", "--baseline", "before.json") == 3
    data = json.loads((tmp_path / "before.json").read_text())
    data["gaps"][0]["accepted"] = "empty page"
    (tmp_path / "before.json").write_text(json.dumps(data))
    assert _run("scan", "a.csv", "--baseline", "before.json", "-f", "json", "-o", "after.json") == 0
    after = json.loads((tmp_path / "after.json").read_text())
    assert (after["complete"], after["gaps"]) == (True, [])
    assert after["excluded"] == [
        {
            "pattern": "/srv/b.pdf",
            "by": "baseline",
            "files": None,
            "stage": "extract",
            "reason": "malformed",
            "accepted": "empty page",
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scan"], "PATH...: missing"),
        (["scan", "--formt", "json", "a.csv"], "--formt: unknown option; perhaps --format"),
        (["scan", "-f", "xml", "a.csv"], "--format: expected one of: table, json, jsonl, csv, html, ocsf"),
        (["scan", "--fail-on", "info", "a.csv"], "--fail-on: expected one of: none, low, medium, high, critical"),
        (["scan", "--assume-exposure", "unknown", "a.csv"], "--assume-exposure: expected one of: restricted, shared, public"),  # noqa: E501
        (["scan", "--workers", "0", "a.csv"], "--workers: at least 1"),
        (["scan", "--workers", "two", "a.csv"], "--workers: expected a whole number"),
        (["scan", "--timeout", "0", "a.csv"], "--timeout: more than 0"),
        (["scan", "--timeout", "soon", "a.csv"], "--timeout: expected a duration such as 120s, 2h or 3y"),
        (["scan", "--max-file-size", "big", "a.csv"], "--max-file-size: expected a size such as 500MB or 1GiB"),
        (["scan", "a.csv", "-o"], "-o: expects a value"),
        (["scan", "--cluster", "a.csv"], "--cluster: this version does not spread a scan over machines; use --workers"),
        (["scan", "none.csv"], "none.csv: no such file or folder"),
        (["scan", "a.csv/below"], "a.csv/below: no such file or folder"),
        (["scan", "b\udce9\nc"], "b\\xe9 c: no such file or folder"),
        (["scan", "sftp://h/x"], "sftp://h/x: only http://, https://, ftp:// and ftps:// addresses are read; mount or copy it first"),  # noqa: E501
        (["scan", "a.csv", "-c", "none.yaml"], "none.yaml: there is no such configuration"),
        (["scan", "a.csv", "--baseline", "none.json"], "none.json: cannot be read (No such file or directory)"),
        (["scan", "a.csv", "--baseline", "a.csv"], "a.csv:1: invalid JSON"),
        (["explain", "."], ".: a file is expected"),
        (["explain", "a.csv", "b.csv"], "unexpected argument"),
        (["check", "none.yaml"], "none.yaml: no such file or folder"),
        (["serve"], "serve: unknown command"),
    ],
)  # fmt: skip
def test_usage_errors_are_one_line_and_status_2(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    monkeypatch.setenv("PHISCAN_LANGUAGE", "en")
    assert _run(*arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"phiscan: {said}\n")
    assert fake.requests == []


def test_a_configuration_that_is_wrong_is_named(fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.yaml").write_text("limits:\n  timeot: 3\n")
    assert _run("scan", "a.csv", "-c", "c.yaml") == 2
    said = f"phiscan: c.yaml:2{THIN}: limits.timeot{THIN}: clé inconnue{THIN}; peut-être «{THIN}timeout{THIN}»\n"
    assert capsys.readouterr().err == said


def test_the_configuration_chooses_the_language_of_reports_and_errors(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.yaml").write_text("language: en")
    assert _run("scan", "a.csv", "-c", "c.yaml") == 0
    assert capsys.readouterr().out.startswith("Nothing to report\n")
    assert _run("scan", "none.csv", "-c", "c.yaml") == 2
    assert capsys.readouterr().err == "phiscan: none.csv: no such file or folder\n"


def test_an_internal_error_says_where_and_never_what(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    def burst(request: ScanRequest) -> None:
        raise LookupError("285035611704231")

    fake.during = burst
    assert _run("scan", "a.csv") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("phiscan: erreur interne")
    assert "LookupError, phiscan.commands.scan:" in err
    assert "2850" not in err


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_gives_the_partial_report(
    fake: Fake, capsys: pytest.CaptureFixture[str], number: signal.Signals, status: int
) -> None:
    fake.report = _report(FOUND)
    before = signal.getsignal(number)
    fake.during = lambda request: os.kill(os.getpid(), number)
    assert _run("scan", "a.csv", "-f", "json") == status
    assert json.loads(capsys.readouterr().out)["complete"] is False
    assert signal.getsignal(number) == before


def test_a_second_interrupt_ends_at_once(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    def twice(request: ScanRequest) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)

    fake.during = twice
    assert _run("scan", "a.csv") == 130
    assert capsys.readouterr().out == ""


def test_explain(fake: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    hit = ExplainedHit(
        category="nir",
        entity="FR_NIR",
        recognizer="fr.nir",
        pattern="shape",
        validator="nir",
        valid=True,
        evidence=("shape", "valid"),
        context=("nir",),
        score=0.95,
        role="patient",
        record=2,
        person=1,
        where=Where(line=2),
        masked="2 85 02 ••",
    )
    weak = replace(hit, category="hiv", score=0.3, counted=False, validator="", person=None, assertion="negated")
    monkeypatch.setattr(explaining, "explain", lambda request: iter([hit, weak, GAP]))
    monkeypatch.setenv("PHISCAN_LANGUAGE", "en")
    assert _run("explain", "a.csv") == 3
    assert (
        capsys.readouterr().out
        == """\
NIR (social security number) · 2 85 02 •• · 0.95
  where        line 2
  pattern      fr.nir shape [FR_NIR]
  validator    nir: passed
  evidence     shape, valid
  context      nir
  linked to    person 1, record 2 (patient)

HIV · 2 85 02 •• · 0.30 (score too low: not counted)
  where        line 2
  pattern      fr.nir shape [FR_NIR]
  evidence     shape, valid
  context      nir
  stated       negated
  linked to    nobody (record 2)

NOT READ /srv/b.pdf malformed

"""
    )


def test_explain_nothing(fake: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(explaining, "explain", lambda request: iter([]))
    assert _run("explain", "a.csv") == 0
    assert capsys.readouterr().out == "Rien trouvé.\n\n"


RULE_FILE = """\
id: site.rule
version: 1
severity: low
title: {fr: Un titre, en: A title}
advice: {fr: À faire, en: To do}
when: {persons_at_least: 2}
examples:
  match:
    - {exposure: public, facts: {persons: 2}}
    - {exposure: public, facts: {persons: 1}}
  no_match:
    - {exposure: public, text: "Rien."}
    - {exposure: public, facts: {}}
"""


def test_check_runs_the_examples_of_what_it_is_given(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "run_example", lambda content, level: Facts(level))
    monkeypatch.setattr(checking, "_ruleset", lambda files: SimpleNamespace(recognizers=[], kinds=CATEGORIES))
    monkeypatch.setenv("PHISCAN_LANGUAGE", "en")
    file = tmp_path / "site.yaml"
    file.write_text(RULE_FILE)
    assert _run("check", str(file)) == 10
    assert capsys.readouterr().out == (
        "site.rule: examples.match[2]: rules that fired: none\n"
        "valid recognizers: 0; valid rules: 1; examples that fail: 1\n"
    )
    file.write_text(RULE_FILE.replace("persons: 1", "persons: 3"))
    assert _run("check", str(tmp_path)) == 0
    capsys.readouterr()
    file.write_text(RULE_FILE.replace("low", "mild"))
    assert _run("check", str(file)) == 2
    said = "severity: expected one of: info, low, medium, high, critical"
    assert capsys.readouterr().err == f"phiscan: {file}:3: {said}\n"


# As a process of its own.


def _process(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONPATH": str(ROOT), "COLUMNS": "100", **environ}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, encoding="utf-8")


def test_help_and_version() -> None:
    french = _process("-m", "phiscan", "scan", "--help")
    assert french.returncode == 0
    assert "Analyse des fichiers et des dossiers" in french.stdout
    for word in ("Affiche cette aide.", "Exemples", "défaut", "obligatoire", "--assume-exposure", "--max-file-size"):
        assert word in french.stdout, word
    english = _process("-m", "phiscan", "--help", PHISCAN_LANGUAGE="en")
    for word in ("Show this help.", "Examples:", "Commands", "--install-completion", "scan", "check", "explain"):
        assert word in english.stdout, word
    assert "help.scan" not in french.stdout + english.stdout
    assert _process("-m", "phiscan", "--version").stdout == f"phiscan {__version__}\n"
    assert _process("-m", "phiscan").stdout == _process("-m", "phiscan", "--help").stdout


def test_what_the_command_line_imports_at_start() -> None:
    heavy = (
        "numpy pyarrow pandas spacy lxml hyperscan pydantic rich.progress yaml phiscan.config phiscan.pipeline".split()
    )
    code = f"import sys, phiscan.cli; print([name for name in {heavy!r} if name in sys.modules])"
    assert _process("-c", code).stdout == "[]\n"


def test_errors_in_an_ascii_world() -> None:
    done = _process(
        "-m", "phiscan", "scan", "/none", PYTHONIOENCODING="ascii:backslashreplace", PHISCAN_CONFIG="/dev/null"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "phiscan: /none : ce fichier ou dossier n'existe pas\n"
