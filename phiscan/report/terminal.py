"""The report for a person at a terminal, worst first.

In this order: what is wrong, where, how many people, which facts, why it is exposed, and what could not be read.
Also what `-f table` writes to a file, then without colour.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phiscan.messages import THIN, Language, size, text
from phiscan.model import Severity
from phiscan.report import show
from phiscan.report.model import FileReport, Report

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = 50  # findings, and unread items, on a terminal without -v
_LABEL = 11  # columns
_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
    Severity.NONE: "dim",
}

Line = tuple[str, str]  # style, text


def write_terminal(report: Report, console: Console, lang: Language, verbose: bool = False) -> None:
    """Print `report` on `console`. Only a terminal is wrapped, coloured and spared the long tail."""
    from rich.text import Text

    width = max(console.width, 30) if console.is_terminal else 0
    limit = SHOWN if console.is_terminal and not verbose else None
    thin = THIN if console.encoding.lower().startswith("utf") else " "
    for style, line in lines(report, lang, width, limit, verbose):
        console.print(Text(line.replace(THIN, thin), style), soft_wrap=True, highlight=False)


def lines(report: Report, lang: Language, width: int, limit: int | None, verbose: bool) -> Iterator[Line]:
    """Yield the report's lines with their style, wrapped to `width` columns (0: not at all)."""
    attention = show.needs_attention(report)
    yield from _headline(report, lang, width)
    if report.interrupted:
        yield from _styled("bold yellow", text(lang, "report.interrupted"), width)
    shown = show.worst_first(report.files) if verbose else attention[:limit]
    for found in shown:
        yield "", ""
        yield from _finding(found, lang, width, verbose)
    if not verbose and len(attention) > len(shown):
        yield "", ""
        yield from _styled("bold", text(lang, "report.more", n=len(attention) - len(shown)), width)
    yield from _unread(report, lang, width, limit)
    yield "", ""
    yield from _footer(report, lang, width)


def _headline(report: Report, lang: Language, width: int) -> Iterator[Line]:
    clean = "bold green" if report.complete else "bold yellow"
    style = _STYLES[report.worst] if report.worst >= Severity.LOW else clean
    yield from _styled(style, show.headline(report, lang), width)


def _finding(found: FileReport, lang: Language, width: int, verbose: bool) -> Iterator[Line]:
    rule = show.worst_rule(found)
    severity = rule.severity if rule else Severity.NONE
    yield from _styled(_STYLES[severity], _what(found, lang), width)
    place = f"{show.safe(found.path)} ({size(found.size, lang)}{', ' if found.type else ''}{show.safe(found.type)})"
    yield from _entry("report.where", [place], lang, width)
    if found.status != "scanned":
        yield from _entry("report.status", [text(lang, f"status.{found.status}")], lang, width)
    if found.persons.count:
        yield from _entry("report.persons", [show.persons(found, lang)], lang, width)
    if found.categories:
        yield from _entry("report.facts", [" · ".join(show.facts(found, lang))], lang, width)
    yield from _entry("report.exposed", show.exposure(found, lang), lang, width)
    if rule and (advice := rule.advice.get(lang)) and severity >= Severity.LOW:
        yield from _entry("report.advice", [advice], lang, width)
    if verbose:
        yield from _details(found, lang, width)


def _what(found: FileReport, lang: Language) -> str:
    """Return what is wrong with a file. Only what was read is ever called clean."""
    if rule := show.worst_rule(found):
        return f"{show.severity(rule.severity, lang).upper()} · {show.title(rule, lang)}"
    if found.status in ("scanned", "unchanged"):
        return text(lang, "report.clean")
    return text(lang, f"status.{found.status}").capitalize()


def _details(found: FileReport, lang: Language, width: int) -> Iterator[Line]:
    if found.rules:
        rules = [f"{rule.id} ({show.severity(rule.severity, lang)})" for rule in found.rules]
        yield from _entry("report.rules", [", ".join(rules)], lang, width)
    if found.samples:
        yield from _entry("report.samples", [show.sample(one, lang) for one in found.samples], lang, width)


def _unread(report: Report, lang: Language, width: int, limit: int | None) -> Iterator[Line]:
    if not report.gaps:
        return
    yield "", ""
    yield from _styled("bold yellow", text(lang, "report.unread", n=len(report.gaps)), width)
    for gap in report.gaps[:limit]:
        why = show.gap(gap.reason, gap.detail, lang)
        yield from _styled("yellow", f"{show.safe(gap.path)}{_colon(lang)}{why}", width, "  ")
    if limit is not None and len(report.gaps) > limit:
        yield from _styled("yellow", text(lang, "report.more", n=len(report.gaps) - limit), width, "  ")


def _footer(report: Report, lang: Language, width: int) -> Iterator[Line]:
    info = sum(found.open_severity == Severity.INFO for found in report.files)
    accepted = len(show.accepted(report))
    said = [show.totals(report, lang), show.when(report, lang)]
    if report.totals.persons:
        said.insert(1, text(lang, "totals.persons", n=report.totals.persons))
    said += [text(lang, "report.info", n=info)] if info else []
    said += [text(lang, "report.accepted", n=accepted)] if accepted else []
    for line in said:
        yield from _styled("dim", line, width)
    if not report.excluded:
        return
    yield "dim", text(lang, "report.excluded") + _colon(lang).rstrip()
    for left in report.excluded:
        count = "" if left.files is None else f", {text(lang, 'report.excluded_files', n=left.files)}"
        why = f", {text(lang, 'report.gap_accepted', why=show.safe(left.accepted))}" if left.accepted else ""
        yield from _styled("dim", f"{show.safe(left.pattern)} ({show.safe(left.by)}{count}{why})", width, "  ")


def _colon(lang: Language) -> str:
    return f"{THIN}: " if lang == "fr" else ": "


def _entry(label: str, values: list[str], lang: Language, width: int) -> Iterator[Line]:
    first = f"  {text(lang, label)}".ljust(_LABEL) + " "
    for value in values:
        wrapped = _wrap(value, width, " " * len(first))
        yield "", first + wrapped[0].lstrip()
        yield from (("", line) for line in wrapped[1:])
        first = " " * len(first)


def _styled(style: str, said: str, width: int, indent: str = "") -> Iterator[Line]:
    yield from ((style, line) for line in _wrap(said, width, indent))


def _wrap(said: str, width: int, indent: str) -> list[str]:
    if not width:
        return [indent + said]
    wrapped = textwrap.wrap(said, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
    return wrapped or [indent]
