"""`phiscan coverage [--at DATE] [--zone PATH]`: what the walks covered by then, the proof of a negative."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phiscan.commands.common import EXIT_GAPS, EXIT_OK, ConfigFlag, configured, flag, one_of
from phiscan.messages import Language, Wrong, moment, number, size, text

if TYPE_CHECKING:
    from phiscan.store.coverage import Walk

_FORMATS = ("table", "json")


def coverage(
    at: Annotated[str | None, typer.Option("--at", metavar="DATE", help="help.coverage.at")] = None,
    format_: Annotated[
        str, typer.Option("-f", "--format", metavar="|".join(_FORMATS), help="help.coverage.format")
    ] = "table",
    zone: Annotated[str | None, typer.Option("--zone", metavar="PATH", help="help.coverage.zone")] = None,
    config_file: ConfigFlag = None,
) -> int:
    """Show the last walk of each root by then; 3 where something was not read or no walk had ended.

    With a zone: its report, and 3 where it is not proved that nothing is left in it.
    """
    flag("--format", format_, one_of(_FORMATS))
    when = None if at is None else flag("--at", at, _moment)

    from phiscan.commands import output
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
                walks = rows.at(connection, upto)
        finally:
            store.close()
        signed = [(walk, walk.signed(sealer)) for walk in walks]
        if format_ == "json":
            data = [walk.said() | {"signature": walk.signature, "valid": valid} for walk, valid in signed]
            pieces = [json.dumps({"schema": "phiscan.coverage/1", "walks": data}, ensure_ascii=False, indent=2) + "\n"]
        else:
            pieces = list(_table(signed, lang))
        output.write(pieces, None, lang)
        whole = walks and all(valid and _whole(walk.said()) for walk, valid in signed)
    return EXIT_OK if whole else EXIT_GAPS


def _whole(said: dict[str, Any]) -> bool:
    return not said["gaps_count"] and not said["by_status"].get("unread")


def _moment(value: str) -> float:
    """Return the end of a day, or a moment, of this machine's time zone. Raises `Wrong`."""
    from datetime import datetime, timedelta

    try:
        found = datetime.fromisoformat(value)
        found += timedelta(days=1) if len(value) == len("2026-11-21") else timedelta()
        return found.astimezone().timestamp()
    except (ValueError, OverflowError):
        raise Wrong("wrong.date") from None


def _table(signed: list[tuple[Walk, bool]], lang: Language) -> Iterator[str]:
    from datetime import datetime

    from phiscan.alert.wording import moment_of
    from phiscan.report import show

    if not signed:
        yield text(lang, "coverage.none") + "\n"
    for walk, valid in signed:
        said = walk.said()
        yield f"{show.safe(said['root'])}\n"
        ended, started = moment_of(walk.ended, lang), moment_of(walk.started, lang)
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
        yield f"  {text(lang, 'coverage.signed' if valid else 'coverage.forged')}\n"
