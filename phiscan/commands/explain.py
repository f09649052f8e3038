"""`phiscan explain FILE`: every hit, how it was found and whom it was linked to, values masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from phiscan.catalogue import TEXTS
from phiscan.commands.common import EXIT_GAPS, EXIT_OK, ConfigFlag, configured, given_file
from phiscan.messages import THIN, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phiscan.explain import Explained
    from phiscan.messages import Language
    from phiscan.report.model import ExplainedHit, ExplainedTotals, GapReport

_WIDTH = 12  # columns of a label


def explain(
    file: Annotated[str, typer.Argument(metavar="FILE", help="help.explain.file", show_default=False)],
    config_file: ConfigFlag = None,
) -> int:
    """Explain a file; 3 where part of it was not read, else 0."""
    path = given_file(file)

    from phiscan.commands import output
    from phiscan.explain import explain as hits_of
    from phiscan.report.model import GapReport
    from phiscan.request import ScanRequest

    with configured(config_file) as (config, lang):
        request = ScanRequest(paths=(path,), config=config, workers=1, limits=config.limits.for_files())
        found = list(hits_of(request))
        output.write((line + "\n" for line in lines(found, lang)), None, lang)
    return EXIT_GAPS if any(isinstance(one, GapReport) for one in found) else EXIT_OK


def lines(found: list[Explained], lang: Language) -> Iterator[str]:
    """Yield what is to be shown: what counts, what was rejected and why, what was not read, the sum."""
    from phiscan.report.model import ExplainedHit, ExplainedTotals, GapReport

    shown = [one for one in found if isinstance(one, ExplainedHit) and not one.why]
    rejected = [one for one in found if isinstance(one, ExplainedHit) and one.why]
    totals = [one for one in found if isinstance(one, ExplainedTotals)]
    unread = [one for one in found if isinstance(one, GapReport)]
    if not shown and not unread and not any(one.encrypted for one in totals):
        yield text(lang, "explain.none")
    for hit in shown:
        yield from _hit(hit, lang)
        yield ""
    if rejected:
        yield text(lang, "explain.rejected")
        yield from (_rejected(hit, lang) for hit in rejected)
        yield ""
    for gap in unread:
        yield from _gap(gap, lang)
    for one in totals:
        yield from _totals(one, lang)


def _gap(gap: GapReport, lang: Language) -> Iterator[str]:
    from phiscan.report import show

    yield f"{text(lang, 'status.gap').upper()} {show.safe(gap.path)} {show.gap(gap.reason, gap.detail, lang)}"
    yield ""


def _totals(totals: ExplainedTotals, lang: Language) -> Iterator[str]:
    from phiscan.report import show

    for path in totals.encrypted:
        yield f"{text(lang, 'status.encrypted').upper()} {show.safe(path)}"
    counts = [
        text(lang, "explain.counted", n=totals.counted),
        text(lang, "explain.people", n=totals.persons),
        text(lang, "explain.dropped", n=totals.dropped),
    ]
    yield ", ".join(counts)
    if totals.more:
        yield text(lang, "report.more", n=totals.more)


def _rejected(hit: ExplainedHit, lang: Language) -> str:
    from phiscan.report import show

    what = f"{show.category(hit.category, lang)} · {show.safe(hit.masked)} · {hit.recognizer} {_pattern(hit, lang)}"
    return f"  {_place(hit, lang)} · {what}{_colon(lang)}{text(lang, f'explain.why.{hit.why}')}"


def _colon(lang: Language) -> str:
    return f"{THIN}: " if lang == "fr" else ": "


def _place(hit: ExplainedHit, lang: Language) -> str:
    from phiscan.report import show

    member = f"{show.safe(hit.member)} " if hit.member else ""
    return member + (text(lang, "explain.in_path") if hit.in_path else show.where(hit.where, lang))


def _pattern(hit: ExplainedHit, lang: Language) -> str:
    """Return what matched; a pattern has the name its recognizer gives it."""
    key = f"pattern.{hit.pattern}"
    return text(lang, key) if key in TEXTS else hit.pattern


def _hit(hit: ExplainedHit, lang: Language) -> Iterator[str]:
    from phiscan.report import show

    uncounted = "" if hit.counted else f" ({text(lang, 'explain.not_counted')})"
    yield f"{show.category(hit.category, lang)} · {show.safe(hit.masked)} · {hit.score:.2f}{uncounted}"
    yield from _entry("report.where", _place(hit, lang), lang)
    yield from _entry("explain.pattern", f"{hit.recognizer} {_pattern(hit, lang)} [{hit.entity}]", lang)
    if hit.validator:
        said = {True: "explain.valid", False: "explain.invalid", None: "explain.not_asked"}[hit.valid]
        yield from _entry("explain.validator", text(lang, said, name=hit.validator), lang)
    yield from _entry("explain.evidence", ", ".join(text(lang, f"evidence.{name}") for name in hit.evidence), lang)
    yield from _entry("explain.context", ", ".join(hit.context), lang)
    if hit.assertion:
        yield from _entry("explain.says", text(lang, f"stated.{hit.assertion}"), lang)
    yield from _entry("explain.link", _link(hit, lang), lang)
    if hit.total is not None:
        yield from _entry("explain.total", text(lang, "explain.cells", n=hit.total), lang)


def _link(hit: ExplainedHit, lang: Language) -> str:
    if hit.record is None:
        return ""
    key = "explain.record" if hit.person is None else "explain.person"
    said = text(lang, key, person=hit.person, record=hit.record)
    return f"{said} ({text(lang, f'role.{hit.role}')})" if hit.role else said


def _entry(label: str, value: str, lang: Language) -> Iterator[str]:
    if value:
        yield f"  {text(lang, label).ljust(_WIDTH)} {value}"
