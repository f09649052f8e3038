"""`phiscan scan PATH...`: a one-off scan that writes nothing but its report."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from phiscan.commands.common import (
    AssumeFlag,
    BandwidthFlag,
    ConfigFlag,
    WindowFlag,
    assumed,
    choice,
    configured,
    flag,
    given,
    one_of,
    paced,
    seconds,
    status,
    whole,
)
from phiscan.messages import Told
from phiscan.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phiscan.commands.stopping import Stopping
    from phiscan.config import Config
    from phiscan.messages import Language
    from phiscan.report.model import Report
    from phiscan.scan.pace import Pace
    from phiscan.scan.request import ScanRequest

FORMATS = ("table", "json", "jsonl", "csv", "html", "ocsf")
FAIL_ON = ("none", "low", "medium", "high", "critical")

FormatFlag = Annotated[str, choice(FORMATS, "-f", "--format", help_="help.scan.format")]
FailFlag = Annotated[str, choice(FAIL_ON, "--fail-on", help_="help.scan.fail_on")]
SizeFlag = Annotated[str | None, typer.Option("--max-file-size", metavar="SIZE", help="help.scan.max_file_size")]
TimeFlag = Annotated[str | None, typer.Option("--timeout", metavar="SECONDS", help="help.scan.timeout")]


def scan(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="help.scan.paths", show_default=False)],
    format_: FormatFlag = "table",
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="FILE", help="help.scan.output")] = None,
    config_file: ConfigFlag = None,
    fail_on: FailFlag = "medium",
    assume: AssumeFlag = None,
    workers: Annotated[str | None, typer.Option("--workers", metavar="N", help="help.scan.workers")] = None,
    cluster: Annotated[bool, typer.Option("--cluster", help="help.scan.cluster")] = False,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", metavar="GLOB", help="help.scan.exclude")] = None,
    baseline: Annotated[str | None, typer.Option("--baseline", metavar="FILE", help="help.scan.baseline")] = None,
    max_file_size: SizeFlag = None,
    timeout: TimeFlag = None,
    bandwidth: BandwidthFlag = None,
    window: WindowFlag = None,
    no_ocr: Annotated[bool, typer.Option("--no-ocr", help="help.scan.no_ocr")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="help.scan.quiet")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="help.scan.verbose")] = False,
) -> int:
    """Scan, write the report, return the exit status."""
    if cluster:
        raise Told("scan.cluster")
    flag("--format", format_, one_of(FORMATS))
    flag("--fail-on", fail_on, one_of(FAIL_ON))

    from phiscan import baseline as baselines
    from phiscan.commands import output as outputs
    from phiscan.commands.stopping import Stopping

    with configured(config_file) as (config, lang), Stopping() as stopping:
        request = _request(
            config,
            stopping,
            paths,
            exclude=exclude,
            assume=assume,
            workers=workers,
            size=max_file_size,
            timeout=timeout,
            ocr=not no_ocr,
            pace=_pace(config, bandwidth, window),
            count=not quiet and sys.stderr.isatty(),
        )
        accepted = baselines.load(baseline) if baseline else None
        outputs.check_writable(output, lang)
        report = _run(request, lang, quiet=quiet)
        if accepted is not None:
            report = baselines.apply(report, accepted)
        _deliver(report, format_, output, lang, verbose=verbose)
        return stopping.status or status(report, Severity[fail_on.upper()])


def _pace(config: Config, bandwidth: str | None, window: list[str] | None) -> Pace:
    """Return how fast and when files are read. The hours of the configuration are the daemon's: a scan is asked for."""
    from phiscan.scan.pace import Pace

    speed, hours = paced(bandwidth, window)
    return Pace(config.limits.bandwidth if speed is None else speed, hours)


def _deliver(report: Report, format_: str, output: str | None, lang: Language, *, verbose: bool) -> None:
    from phiscan.commands import output as outputs

    if format_ == "table" and output is None and sys.stdout.isatty():
        _print(report, lang, verbose=verbose)
    else:
        outputs.write(_pieces(report, format_, lang, verbose=verbose), output, lang)


def _run(request: ScanRequest, lang: Language, *, quiet: bool) -> Report:
    from phiscan import pipeline
    from phiscan.commands import progress

    with progress.shown(lang, wanted=not quiet) as on_progress:
        return pipeline.scan(request, on_progress)


def _request(
    config: Config,
    stopping: Stopping,
    paths: list[str],
    *,
    exclude: list[str] | None,
    assume: str | None,
    workers: str | None,
    size: str | None,
    timeout: str | None,
    ocr: bool,
    pace: Pace,
    count: bool,
) -> ScanRequest:
    """Return what the flags ask for. Raises `Told` naming the flag or path that is wrong."""
    from phiscan.config.units import parse_size
    from phiscan.scan.request import ScanRequest

    level = assumed(assume)
    return ScanRequest(
        paths=tuple(given(path, addresses=True) for path in paths),
        config=config,
        exclude=tuple(exclude or ()),
        assume=level,
        workers=flag("--workers", workers, whole) or config.limits.workers,
        limits=config.limits.for_files(
            max_file_size=flag("--max-file-size", size, parse_size),
            timeout=flag("--timeout", timeout, seconds),
            ocr=ocr,
        ),
        pace=pace,
        count=count,
        stop=stopping.asked,
    )


def _pieces(report: Report, format_: str, lang: Language, *, verbose: bool) -> Iterable[str]:
    """Return the text of the report, in pieces."""
    if format_ == "json":
        from phiscan.report.jsonout import write_json

        return write_json(report)
    if format_ == "jsonl":
        from phiscan.report.jsonout import write_jsonl

        return write_jsonl(report)
    if format_ == "csv":
        from phiscan.report.csvout import write_csv

        return write_csv(report)
    if format_ == "html":
        from phiscan.report.htmlout import write_html

        return write_html(report, lang)
    if format_ == "ocsf":
        from phiscan.report.ocsf import write_ocsf

        return write_ocsf(report, lang)
    return [_table(report, lang, verbose=verbose)]


def _table(report: Report, lang: Language, *, verbose: bool) -> str:
    """Return the table as text without colour."""
    from rich.console import Console

    from phiscan.report.terminal import write_terminal

    text = io.StringIO()
    write_terminal(report, Console(file=text, force_terminal=False, no_color=True), lang, verbose=verbose)
    return text.getvalue()


def _print(report: Report, lang: Language, *, verbose: bool) -> None:
    """Print the table on the terminal, in colour."""
    from rich.console import Console

    from phiscan.report.terminal import write_terminal

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    write_terminal(report, Console(), lang, verbose=verbose)
