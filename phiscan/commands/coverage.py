"""`phiscan coverage [--at DATE] [--zone PATH]`: what the walks covered, now or on a day, the proof of a negative."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from phiscan.commands.common import EXIT_GAPS, EXIT_OK, ConfigFlag, configured, flag, one_of
from phiscan.messages import Language, Wrong, moment, number, size, text

if TYPE_CHECKING:
    from phiscan.commands.coverage_day import Signed

_FORMATS = ("table", "json")


def coverage(
    at: Annotated[str | None, typer.Option("--at", metavar="DATE", help="help.coverage.at")] = None,
    format_: Annotated[
        str, typer.Option("-f", "--format", metavar="|".join(_FORMATS), help="help.coverage.format")
    ] = "table",
    zone: Annotated[str | None, typer.Option("--zone", metavar="PATH", help="help.coverage.zone")] = None,
    config_file: ConfigFlag = None,
) -> int:
    """Show the last walk of each root; 3 where something was not read or no walk has ended.

    Of a day, or of its part up to a moment: all walks, and when nobody watched, which is 3 too. With a zone: its
    report, and 3 where it is not proved that nothing is left in it.
    """
    flag("--format", format_, one_of(_FORMATS))
    when = None if at is None else flag("--at", at, _moment)

    from phiscan.commands import output
    from phiscan.commands.coverage_day import day_of, signed, table
    from phiscan.store import Store, now
    from phiscan.store import coverage as rows

    with configured(config_file) as (config, lang):
        store = Store.open(config.store)
        try:
            sealer = store.key(config.key_file)
            upto = now() if when is None else when
            if zone is not None:
                from phiscan.commands.zone_report import report

                return report(config, store, sealer, zone, upto, as_json=format_ == "json", lang=lang)
            with store.read() as connection:
                if when is None:
                    walks, day = [signed(walk, sealer.sign) for walk in rows.at(connection, upto)], None
                else:
                    day = day_of(connection, _day_of(when), when, now(), sealer.sign)
                    walks = list(day.walks)
        finally:
            store.close()
        if format_ == "json":
            plain = {"schema": "phiscan.coverage/1", "walks": [one.to_dict() for one in walks]}
            data = plain if day is None else day.to_dict()
            pieces = [json.dumps(data, ensure_ascii=False, indent=2) + "\n"]
        else:
            pieces = [*(table(day, lang) if day is not None and walks else ()), *_table(walks, lang)]
        output.write(pieces, None, lang)
        whole = day.whole if day is not None else walks and all(one.whole for one in walks)
    return EXIT_OK if whole else EXIT_GAPS


def _day_of(when: float) -> float:
    """Return when the day began that ends at a moment, or in which it lies, in this machine's time zone."""
    from datetime import datetime, time

    return datetime.combine(datetime.fromtimestamp(when - 1).date(), time()).astimezone().timestamp()  # noqa: DTZ006


def _moment(value: str) -> float:
    """Return the end of a day, or a moment, of this machine's time zone. Raises `Wrong`."""
    from datetime import datetime, timedelta

    try:
        found = datetime.fromisoformat(value)
        found += timedelta(days=1) if len(value) == len("2026-11-21") else timedelta()
        return found.astimezone().timestamp()
    except (ValueError, OverflowError):
        raise Wrong("wrong.date") from None


def _table(walks: list[Signed], lang: Language) -> Iterator[str]:
    from datetime import datetime

    from phiscan.alert.wording import moment_of
    from phiscan.report import show
    from phiscan.source.paths import display

    if not walks:
        yield text(lang, "coverage.none") + "\n"
    for one in walks:
        walk = one.walk
        yield show.safe(display(walk.root)) + ("\n" if one.that_day else f" ({text(lang, 'coverage.earlier')})\n")
        ended, started = moment_of(walk.ended, lang), moment_of(walk.started, lang)
        if not one.valid:  # whatever it says
            yield f"  {text(lang, 'coverage.walked', start=started, end=ended)}\n  {text(lang, 'coverage.forged')}\n"
            continue
        said = walk.said()
        files = text(lang, "totals.files", n=said["files"])
        yield f"  {text(lang, 'coverage.walked', start=started, end=ended)} · {files} ({size(said['bytes'], lang)})\n"
        parts = [f"{text(lang, f'coverage.{name}')} {number(n, lang)}" for name, n in said["by_status"].items()]
        yield f"  {', '.join(parts)}\n" if parts else ""
        yield f"  {text(lang, 'coverage.left', excluded=said['excluded_count'], gaps=said['gaps_count'])}\n"
        if offline := said.get("offline_count"):
            yield f"    {text(lang, 'coverage.offline', n=offline)}\n"
        for gap in said["gaps"][:20]:
            yield f"    {show.safe(gap['path'])} : {show.gap(gap['reason'], gap['detail'], lang)}\n"
        if said["down"]:
            start, end = (moment(datetime.fromisoformat(said["down"][name]), lang) for name in ("from", "to"))
            yield f"  {text(lang, 'coverage.down', start=start, end=end)}\n"
        yield f"  {text(lang, 'coverage.rules', detect=said['recognizers'][:19], rules=said['rules'][:19])}\n"
        yield f"  {text(lang, 'coverage.signed')}\n"
