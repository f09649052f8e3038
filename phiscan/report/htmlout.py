"""The report as one HTML file: no script, nothing loaded from anywhere, everything escaped."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from phiscan.messages import Language, number, size, text
from phiscan.model import Severity
from phiscan.report import show
from phiscan.report.model import Report

_SAMPLES = 8  # of a file, that are seen without unfolding the others


def write_html(report: Report, lang: Language) -> Iterator[str]:
    """Yield the page piece by piece."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files(__package__).joinpath("report.html.j2").read_text(encoding="utf-8"))
    return iter(
        template.generate(
            report=report,
            lang=lang,
            show=show,
            shown=_SAMPLES,
            findings=show.needs_attention(report),
            information=[found for found in report.files if found.open_severity == Severity.INFO],
            accepted=show.accepted(report),
            t=lambda key, **params: text(lang, key, **params),
            number=lambda count: number(count, lang),
            size=lambda count: size(count, lang),
        )
    )
