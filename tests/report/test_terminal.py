"""What a person reads: the answer first, worst first, nothing hidden, nothing that plays with the terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from rich.console import Console

from phiscan.messages import THIN, moment
from phiscan.model import Severity, Status
from phiscan.report.model import FileReport, GapReport, Report, RuleReport
from phiscan.report.terminal import SHOWN, write_terminal

UNREAD: tuple[Status, ...] = ("encrypted", "gap")


def _print(report: Report, *, lang: str = "en", width: int = 200, terminal: bool = False, verbose: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=terminal, no_color=True, _environ={})
    write_terminal(report, console, "fr" if lang == "fr" else "en", verbose=verbose)
    return out.getvalue()


def test_the_whole_answer(report: Report) -> None:
    start, end = moment(report.started, "en"), moment(report.ended, "en")
    assert (
        _print(report)
        == f"""\
1 file needs attention (critical 1)

CRITICAL · Health data can be read by anyone
  where     /srv/ftp/pub/export.csv (126.8 MB, text/csv)
  people    491,840 people, about 61,566 of them with health data
  data      HIV 17,356 (1,356 negated) · blood group 44,210 · NIR (social security number) 491,840
  exposed   public, no account needed
            vsftpd anonymous_enable=YES (/etc/vsftpd.conf:12) [/srv/ftp]
  to do     Close the access.

Not read: 2 items, of which nothing is known
  /srv/ftp/pub/scan.pdf: malformed (xref table not found)
  /srv/samba/labo/export.zip!=cmd.csv: timed out

4 files (126.9 MB), 2 read, 1 encrypted, 2 items not read
491,840 distinct people in all
from {start} to {end} (5 s)
For information only: 1 file
Left out on purpose:
  /srv/ftp/.snapshot/ (default)
  *.iso (phiscan.yaml:7, 3 files)
"""
    )


def test_in_french_with_its_spaces(report: Report) -> None:
    lines = _print(report, lang="fr").splitlines()
    assert lines[0] == "1 fichier à traiter (critique 1)"
    assert f"  personnes 491{THIN}840 personnes, dont environ 61{THIN}566 avec des données de santé" in lines
    assert f"Non lu{THIN}: 2 éléments, dont on ne sait rien" in lines
    assert f"Écarté volontairement{THIN}:" in lines


def test_verbose_shows_every_file_its_rules_and_samples(report: Report) -> None:
    lines = _print(report, verbose=True).splitlines()
    assert "  rules     public.identified-health (critical)" in lines
    assert "  samples   NIR (social security number) 2 85 02 •• ••• ••• •• (row 2, column NUM_SECU)" in lines
    assert "INFO · Reserved" in lines
    assert "  reading   read in part only" in lines
    assert "Nothing to report" in lines


def test_what_was_not_read_is_never_called_clean(report: Report) -> None:
    files = tuple(replace(report.files[0], path=f"/{status}", status=status) for status in UNREAD)
    lines = _print(replace(report, files=files), verbose=True).splitlines()
    assert "Encrypted" in lines
    assert "Not read" in lines
    assert "Nothing to report" not in lines


def test_a_path_cannot_write_to_the_terminal(report: Report) -> None:
    shown = _print(report, verbose=True)
    assert "/srv/ftp/pub/\\x1b[31m<b>lisez\\u202emoi</b>.txt" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_narrow_terminal_is_wrapped(report: Report) -> None:
    lines = re.sub("\x1b\\[[0-9;]*m", "", _print(report, width=40, terminal=True)).splitlines()
    assert max(map(len, lines)) <= 40
    assert "  exposed   public, no account needed" in lines


def test_nothing_found_is_only_said_of_what_was_read(report: Report) -> None:
    clean = replace(report, files=report.files[:1])
    assert _print(clean).splitlines()[0] == "Nothing to report in what was read, but not everything was read"
    assert _print(replace(clean, gaps=())).splitlines()[0] == "Nothing to report"
    stopped = _print(replace(clean, gaps=(), interrupted=True)).splitlines()
    assert stopped[:2] == [
        "Nothing to report in what was read, but not everything was read",
        "Scan interrupted: this report is partial",
    ]


def test_a_long_list_is_cut_on_a_terminal_only_and_says_so(report: Report) -> None:
    leak = report.files[2]
    many = replace(
        report,
        files=tuple(replace(leak, path=f"/f{n:03}") for n in range(SHOWN + 7)),
        gaps=tuple(GapReport(f"/g{n}", "open", "denied") for n in range(SHOWN + 1)),
    )
    cut = _print(many, terminal=True)
    assert cut.count("CRITICAL · ") == SHOWN
    assert "… and 7 more (-v or -f json to see all)" in cut
    assert "… and 1 more (-v or -f json to see all)" in cut
    assert _print(many).count("CRITICAL · ") == SHOWN + 7
    assert _print(many).count("access denied") == SHOWN + 1


def test_worst_first(report: Report) -> None:
    leak = report.files[2]

    def with_severity(name: str, severity: Severity, *, accepted: bool = False) -> FileReport:
        return replace(leak, path=name, severity=severity, rules=(RuleReport("r", 1, severity, accepted=accepted),))

    files = (
        with_severity("/low", Severity.LOW),
        with_severity("/high", Severity.HIGH),
        with_severity("/accepted", Severity.CRITICAL, accepted=True),
        with_severity("/medium", Severity.MEDIUM),
    )
    shown = _print(replace(report, files=files))
    assert [line.split()[1] for line in shown.splitlines() if line.startswith("  where")] == [
        "/high",
        "/medium",
        "/low",
    ]
    assert "Accepted by the baseline: 1 file" in shown.splitlines()
