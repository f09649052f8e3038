"""`phiscan explain FILE`: every hit, how it was found and whom it was linked to, values masked; then the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from phiscan.commands.common import EXIT_GAPS, EXIT_OK, AssumeFlag, ConfigFlag, assumed, configured, given_file
from phiscan.messages import THIN, text
from phiscan.messages.catalogue import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phiscan.explain import Explained
    from phiscan.messages import Language
    from phiscan.report.explanation import (
        ExplainedColumn,
        ExplainedHit,
        ExplainedRecord,
        ExplainedTable,
        ExplainedTotals,
    )
    from phiscan.report.model import FileReport, GapReport

_SURE = 0.9  # below, it is told how a fact would be stated else
_STEM = 6  # letters of a stem: a word of so many was cut
_WIDTH = 12  # columns of a label
_COLUMN = 30  # columns of a table's column


def explain(
    file: Annotated[str, typer.Argument(metavar="FILE", help="help.explain.file", show_default=False)],
    config_file: ConfigFlag = None,
    assume: AssumeFlag = None,
) -> int:
    """Explain a file; 3 where part of it was not read, else 0."""
    path = given_file(file)
    level = assumed(assume)

    from phiscan.commands import output
    from phiscan.explain import explain as hits_of
    from phiscan.report.model import GapReport
    from phiscan.scan.request import ScanRequest

    with configured(config_file) as (config, lang):
        request = ScanRequest(
            paths=(path,),
            config=config,
            assume=level,
            workers=1,
            limits=config.limits.for_files(),
        )
        found = list(hits_of(request))
        output.write((line + "\n" for line in lines(found, lang)), None, lang)
    return EXIT_GAPS if any(isinstance(one, GapReport) for one in found) else EXIT_OK


def lines(found: list[Explained], lang: Language) -> Iterator[str]:
    """Yield what is to be shown: what counts, what was rejected, whose it is, what was not read, the verdict."""
    from phiscan.report.explanation import ExplainedHit, ExplainedRecord, ExplainedTable, ExplainedTotals
    from phiscan.report.model import FileReport, GapReport

    shown = [one for one in found if isinstance(one, ExplainedHit) and not one.why]
    rejected = [one for one in found if isinstance(one, ExplainedHit) and one.why]
    totals = [one for one in found if isinstance(one, ExplainedTotals)]
    unread = [one for one in found if isinstance(one, GapReport)]
    if not shown and not unread and not any(one.encrypted for one in totals):
        yield text(lang, "explain.none")
        yield ""
    for hit in shown:
        yield from _hit(hit, lang)
        yield ""
    if rejected:
        yield text(lang, "explain.rejected")
        yield from (_rejected(hit, lang) for hit in rejected)
        yield ""
    for table in (one for one in found if isinstance(one, ExplainedTable)):
        yield from _table(table, lang)
        yield ""
    yield from _records([one for one in found if isinstance(one, ExplainedRecord)], lang)
    for gap in unread:
        yield from _gap(gap, lang)
    for one in found:
        if isinstance(one, FileReport) and (one.status in ("scanned", "partial") or one.rules):
            yield from _verdict(one, lang)
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


def _verdict(found: FileReport, lang: Language) -> Iterator[str]:
    """The severity with every rule that fired, the counts it rests on, and the exposure with its evidence."""
    from phiscan.report import show

    fired = [f"{show.title(rule, lang)} [{rule.id}]" for rule in found.rules] or [text(lang, "explain.no_rule")]
    yield f"{text(lang, 'explain.verdict')} {show.severity(found.severity, lang)} · {show.safe(found.path)}"
    for label, said in (
        ("report.rules", fired),
        ("report.persons", [show.persons(found, lang)]),
        ("report.exposed", show.exposure(found, lang)),
    ):
        for at, one in enumerate(said):
            yield f"  {(text(lang, label) if not at else '').ljust(_WIDTH)} {one}"
    yield ""


def _rejected(hit: ExplainedHit, lang: Language) -> str:
    from phiscan.report import show

    what = f"{show.category(hit.category, lang)} · {show.safe(hit.masked)} · {hit.recognizer} {_pattern(hit, lang)}"
    return f"  {_place(hit, lang)} · {what}{_colon(lang)}{_why(hit, lang)}"


def _why(hit: ExplainedHit, lang: Language) -> str:
    """Return why a hit does not count, with what decided it or what is missing."""
    if hit.why == "few":
        return text(lang, "explain.why.few", n=int(hit.by[0]), least=hit.by[1])
    said = text(lang, f"explain.why.{hit.why}")
    if hit.by:
        by = ", ".join(hit.by)
        return f"{said} ({f'« {by} »' if lang == 'fr' and hit.why in ('excluded', 'rejected') else by})"
    if hit.why != "score" or not (hit.evidence or hit.needs):
        return said
    had = ", ".join(_evidence(name, lang) for name in hit.evidence) or text(lang, "explain.no_evidence")
    low = text(lang, "explain.too_low", score=f"{hit.score:.2f}", evidence=had)
    ways = [" + ".join(_evidence(name, lang) for name in one.split("+")) for one in hit.needs]
    if not ways:
        return f"{said} ({low})"
    needs = f" {text(lang, 'explain.or')} ".join(ways)
    return f"{said} ({low}{THIN if lang == 'fr' else ''}; {text(lang, 'explain.needs', needs=needs)})"


def _evidence(name: str, lang: Language) -> str:
    return text(lang, f"evidence.{name}")


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
    yield from _entry("explain.evidence", ", ".join(_evidence(name, lang) for name in hit.evidence), lang)
    yield from _entry("explain.context", ", ".join(hit.context), lang)
    if hit.assertion:
        yield from _entry("explain.says", _stated(hit, lang), lang)
        yield from _entry("explain.because", _because(hit, lang), lang)
    yield from _entry("explain.link", _link(hit, lang), lang)
    if hit.total is not None:
        yield from _entry("explain.total", text(lang, "explain.cells", n=hit.total), lang)


def _stated(hit: ExplainedHit, lang: Language) -> str:
    """Return how a fact is stated; where that is not sure, how it would be stated else."""
    said = text(lang, f"stated.{hit.assertion}")
    if hit.sure is None:
        return said
    share = f"{round(100 * hit.sure)}{THIN} %".replace(" ", "") if lang == "fr" else f"{round(100 * hit.sure)}%"
    if hit.sure >= _SURE or hit.instead == hit.assertion:
        return f"{said} ({share})"
    instead = f"{text(lang, 'explain.instead')} {text(lang, f'stated.{hit.instead}')}"
    return f"{said} ({share}{THIN if lang == 'fr' else ''}; {instead})"


def _because(hit: ExplainedHit, lang: Language) -> str:
    """Return what spoke for it: words before and behind, its heading, what it is by nature."""
    return ", ".join(_reason(*one.partition(":")[::2], lang) for one in hit.because)


def _reason(kind: str, word: str, lang: Language) -> str:
    known = f"section.{word}" if kind == "section" else f"word.{word}"
    if known in TEXTS:
        return text(lang, f"reason.{kind}", word=text(lang, known))
    shown = f"{word}…" if len(word) == _STEM and " " not in word else word
    return text(lang, f"reason.{kind}", word=f"«{THIN}{shown}{THIN}»" if lang == "fr" else f'"{shown}"')


def _link(hit: ExplainedHit, lang: Language) -> str:
    """Return whom a hit was linked to. A relative's fact counts for the patient, a professional's name for nobody."""
    if hit.record is None:
        return ""
    role = text(lang, f"role.{hit.role}") if hit.role else ""
    if hit.where.row is not None:
        return text(lang, "explain.row", record=hit.record, role=role or text(lang, "role.patient"))
    if hit.role == "professional":
        return text(lang, "explain.not_patient", role=role)
    nobody = f"explain.nobody.{hit.nobody}" if hit.nobody else "explain.nobody"
    key = nobody if hit.person is None else "explain.person"
    said = text(lang, key, person=hit.person, record=hit.record)
    return f"{said} ({role})" if role and hit.person is not None else said


def _entry(label: str, value: str, lang: Language) -> Iterator[str]:
    if value:
        yield f"  {text(lang, label).ljust(_WIDTH)} {value}"


def _table(table: ExplainedTable, lang: Language) -> Iterator[str]:
    """The columns of a table: what each was taken for, by what, and how many of its values agree."""
    from phiscan.report import show

    key = "explain.table" if table.sheet is None else "explain.sheet"
    member = f"{show.safe(table.member)} " if table.member else ""
    yield member + text(lang, key, sheet=f"#{table.sheet}", records=table.records, persons=table.persons)
    for column in table.columns:
        name = text(lang, "explain.column", label=show.safe(column.label))
        yield f"  {name.ljust(_COLUMN)} {_column(column, lang)}"


def _kinds(column: ExplainedColumn) -> tuple[tuple[str, bool], ...]:
    """What a column without a role may be; the last is what else is left."""
    return (
        ("skipped", column.skipped),
        ("system", bool(column.system)),
        ("work", column.work),
        ("clinical", column.clinical),
        ("free", True),
    )


def _column(column: ExplainedColumn, lang: Language) -> str:
    from phiscan.report import show

    if not column.recognizer:
        key = next(f"explain.{name}" for name, it_is in _kinds(column) if it_is)
        said = text(lang, key, system=column.system)
        promised = ", ".join(column.promised)
        return f"{said} ({text(lang, 'explain.promised', promised=promised)})" if promised else said
    key = "explain.fit_valid" if column.valid else "explain.fit"
    parts = [
        f"{show.category(column.category, lang)} ({column.recognizer}{f', {column.part}' if column.part else ''})",
        f" {text(lang, 'explain.and')} ".join(text(lang, f"explain.by.{name}") for name in column.evidence),
        text(lang, key, fit=column.fit, values=column.values, valid=column.valid),
        text(lang, f"role.{column.role}") if column.role != "patient" else "",
    ]
    return " · ".join(part for part in parts if part)


def _records(records: list[ExplainedRecord], lang: Language) -> Iterator[str]:
    """Whom each record is about, by what; and where it is about nobody, what it takes."""
    from phiscan.report import show

    if not records:
        return
    yield text(lang, "explain.records")
    for one in records:
        known = ", ".join(_known(name, lang) for name in one.known).replace(", (", " (")
        key = "record_person" if one.person is not None else "record_nobody" if known else "record_empty"
        member = f"{show.safe(one.member)} " if one.member else ""
        yield f"  {member}{text(lang, f'explain.{key}', record=one.record, person=one.person, known=known)}"
    if any(one.too_few for one in records):
        yield f"  {text(lang, 'explain.too_few')}"
    elif any(one.person is None for one in records):
        yield f"  {text(lang, 'explain.it_takes')}"
    yield ""


def _known(name: str, lang: Language) -> str:
    from phiscan.report import show

    return text(lang, f"known.{name}") if f"known.{name}" in TEXTS else show.category(name, lang)
