"""`phiscan zones`: every place that this machine's services give away, at what level, and the evidence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from phiscan.commands.common import (
    EXIT_FOUND,
    EXIT_GAPS,
    EXIT_OK,
    ConfigFlag,
    configured,
    flag,
    given,
    given_file,
    one_of,
)
from phiscan.messages import Told, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phiscan.config import Config
    from phiscan.expose.discover import Discovery
    from phiscan.expose.listing import Row
    from phiscan.messages import Language

_FORMATS = ("table", "json")


def zones(
    paths: Annotated[list[str] | None, typer.Argument(metavar="PATH", help="help.zones.paths")] = None,
    format_: Annotated[
        str, typer.Option("-f", "--format", metavar="|".join(_FORMATS), help="help.zones.format")
    ] = "table",
    probe: Annotated[bool, typer.Option("--probe", help="help.zones.probe")] = False,
    archive: Annotated[str | None, typer.Option("--from", metavar="FILE", help="help.zones.from")] = None,
    collector: Annotated[bool, typer.Option("--collector", help="help.zones.collector")] = False,
    config_file: ConfigFlag = None,
) -> int:
    """Show the zones; 10 where a probe contradicts one, 3 where something could not be established."""
    from phiscan import __version__
    from phiscan.commands import output
    from phiscan.expose import listing
    from phiscan.model import Level

    flag("--format", format_, one_of(_FORMATS))
    if collector + probe + (archive is not None) > 1 or (collector and paths):
        raise Told("zones.together")
    with configured(config_file) as (config, lang):
        if collector:
            from phiscan.expose.collected import script

            output.write([script()], None, lang)
            return EXIT_OK
        found, rows = _there(archive) if archive is not None else _here(config, probe=probe)
        if paths:
            wanted = [given(path) if archive is None else path.encode("utf-8", "surrogateescape") for path in paths]
            rows = listing.narrowed(rows, wanted, real=archive is None)
        if format_ == "json":
            said = json.dumps(listing.to_dict(rows, found, __version__), ensure_ascii=False, indent=2)
            output.write([said + "\n"], None, lang)
        else:
            output.write(_table(rows, found, lang), None, lang)
    if any(row.state is listing.State.CONTRADICTED for row in rows):
        return EXIT_FOUND
    unknown = any(row.level is Level.UNKNOWN or (row.readers is not None and row.readers.unread) for row in rows)
    return EXIT_GAPS if found.troubles or unknown else EXIT_OK


def _here(config: Config, *, probe: bool) -> tuple[Discovery, list[Row]]:
    from phiscan.expose.discover import discover
    from phiscan.expose.listing import rows
    from phiscan.expose.nt.listing import mounted
    from phiscan.expose.nt.rights import rights_of
    from phiscan.scan.run import zone_of_config

    found = discover(config.servers)
    all_ = rows(found, [zone_of_config(zone) for zone in config.zones])
    rights = rights_of(config.smb)
    all_ = sorted([*all_, *mounted(rights)], key=lambda row: (row.path, row.service, row.name))
    rights.close()
    if probe:
        from phiscan.expose.probe import probed

        all_ = probed(all_, found)
    return found, all_


def _there(archive: str) -> tuple[Discovery, list[Row]]:
    import os

    from phiscan.access.zonereaders import with_readers
    from phiscan.expose.collected import unpacked
    from phiscan.expose.listing import rows

    with unpacked(os.fsdecode(given_file(archive))) as other:
        all_ = rows(other.discovery, (), other.access)
        return other.discovery, with_readers(all_, other.discovery, other.root)


def _table(rows: list[Row], found: Discovery, lang: Language) -> Iterator[str]:
    import sys

    from phiscan.commands.zone_readers import lines_of
    from phiscan.messages.ntrights import evidence
    from phiscan.report import show
    from phiscan.source.paths import display

    colour = sys.stdout.isatty()
    if not rows:
        yield text(lang, "zones.none") + "\n"
    heads = [text(lang, f"zones.head.{name}") for name in ("level", "may", "service", "reach", "account", "state")]
    cells = [_cells(row, lang) for row in rows]
    widths = [max(len(line[at]) for line in [heads, *cells]) for at in range(len(heads))]
    if rows:
        yield _line(heads, widths, text(lang, "zones.head.path"))
    for row, line in zip(rows, cells, strict=True):
        path = show.safe(row.to_dict()["path"] or text(lang, "zones.somewhere"))
        shown = _line(line, widths, path)
        yield f"{_COLOURS[row.level.name]}{shown[:-1]}\x1b[0m\n" if colour and row.level.name in _COLOURS else shown
        for one in row.evidence:
            yield f"    {show.safe(evidence(one.setting, lang))} ({show.safe(one.source)})\n"
        if row.proof:
            key = "zones.note" if row.state.value == "configured" else "zones.proof"
            yield f"    {text(lang, key, proof=_said(row.proof, lang))}\n"
        elif not row.rights and row.grant is not None:
            yield f"    {text(lang, 'zones.no_rights')}\n"
        if row.readers is not None:
            yield from (f"    {one}\n" for one in lines_of(row.readers, lang))
    if rows:
        yield _summary(rows, lang)
    for log, why in sorted({one for row in rows if row.readers is not None for one in row.readers.unread}):
        yield text(lang, "zones.read.unread", log=show.safe(display(log)), why=show.gap(why, "", lang)) + "\n"
    for trouble in {(one.service, one.source, one.detail): one for one in found.troubles}.values():  # each once
        where = show.safe(trouble.source or trouble.service)
        yield text(lang, "zones.trouble", where=where, why=_said(trouble.detail, lang)) + "\n"


def _summary(rows: list[Row], lang: Language) -> str:
    """Return the line that says how many folders of which level, each counted once at its widest."""
    from phiscan.model import Level

    widest: dict[bytes, Level] = {}
    for row in rows:
        widest[row.path] = max(row.level, widest.get(row.path, Level.RESTRICTED))
    names = [(level, text(lang, f"zones.level.{level.name.lower()}")) for level in sorted(set(widest.values()))[::-1]]
    counts = " · ".join(f"{name} {sum(one is level for one in widest.values())}" for level, name in names)
    left = len({row.path for row in rows if row.write and row.level is Level.PUBLIC})
    return text(lang, "zones.summary", folders=len(widest), counts=counts, written=left) + "\n"


_COLOURS = {"PUBLIC": "\x1b[1;31m", "SHARED": "\x1b[33m"}


def _cells(row: Row, lang: Language) -> list[str]:
    may = "".join(letter if yes else "-" for letter, yes in (("r", row.read), ("w", row.write), ("l", row.list)))
    service = f"{row.service} [{row.name}]" if row.name and row.name != row.service else row.service
    return [
        text(lang, f"zones.level.{row.level.name.lower()}"),
        may,
        _safe(service),
        text(lang, f"zones.reach.{row.reach}") if row.reach else "-",
        _safe(row.identity) or "-",
        text(lang, f"zones.state.{row.state.value}"),
    ]


def _said(phrase: str, lang: Language) -> str:
    from phiscan.messages.zones import said

    return _safe(said(phrase, lang))


def _safe(label: str) -> str:
    from phiscan.report import show

    return show.safe(label)


def _line(cells: list[str], widths: list[int], last: str) -> str:
    return "  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), last]) + "\n"
