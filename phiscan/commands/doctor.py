"""`phiscan doctor`: what this machine and this configuration lack, one line each, the gravest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from phiscan.commands.common import EXIT_FOUND, EXIT_GAPS, EXIT_OK, ConfigFlag, configured
from phiscan.messages import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phiscan.doctor.finding import Finding
    from phiscan.messages import Language


def doctor(
    self_test: Annotated[bool, typer.Option("--self-test", help="help.doctor.self_test")] = False,
    config_file: ConfigFlag = None,
) -> int:
    """Examine; 10 where something stops the daemon, 3 where something would be missed, else 0.

    With `--self-test` the daemon at work is tested instead: 10 where it has not told everybody in time.
    """
    from phiscan.commands import output
    from phiscan.doctor import Grade, examine

    with configured(config_file) as (config, lang):
        if self_test:
            from phiscan.doctor import selftest

            result = selftest.run(config)
            output.write((line + "\n" for line in selftest.lines(result, config, lang)), None, lang)
            return EXIT_OK if result["ok"] else EXIT_FOUND
        found = examine(config)
        output.write(_lines(found, lang), None, lang)
    worst = max(one.grade for one in found)
    return {Grade.ERROR: EXIT_FOUND, Grade.WARNING: EXIT_GAPS}.get(worst, EXIT_OK)


def _lines(found: list[Finding], lang: Language) -> Iterator[str]:
    from phiscan.doctor import Grade

    names = {grade: text(lang, f"doctor.grade.{grade.name.lower()}") for grade in Grade}
    width = max(map(len, names.values()))
    for one in found:
        yield f"{names[one.grade]:<{width}}  {one.said(lang)}\n"
    counts = {grade: sum(one.grade is grade for one in found) for grade in Grade}
    parts = [text(lang, f"doctor.count.{grade.name.lower()}", n=n) for grade, n in sorted(counts.items(), reverse=True)]
    yield f"{', '.join(parts)}\n"
