"""`phiscan incidents`: what the daemon keeps and what is done about it; what people decide: `incident_decisions.py`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from phiscan.commands.common import EXIT_GAPS, EXIT_OK, ConfigFlag, flag, one_of
from phiscan.commands.incident_decisions import ack, dismiss, qualify, resolve
from phiscan.commands.incident_flags import Number, ReasonFlag, number_of, one_line, opened
from phiscan.commands.respond import respond
from phiscan.incidents.words import STATES
from phiscan.messages import Language, Told, Wrong, text

if TYPE_CHECKING:
    from phiscan.incidents.incident import Incident
    from phiscan.store import Store


class _Listing(TyperGroup):
    """Flags before any sub-command are those of the list."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take `phiscan incidents -c FILE` for `phiscan incidents list -c FILE`."""
        flags = bool(args) and args[0].startswith("-") and args[0] not in ctx.help_option_names
        return super().parse_args(ctx, ["list", *args] if flags else args)


app = typer.Typer(
    cls=_Listing,
    help="help.incidents",
    short_help="help.incidents.short",
    epilog="help.incidents.examples",
    invoke_without_command=True,
)

_FORMATS = ("table", "json", "jsonl")
_LEAST = ("info", "low", "medium", "high", "critical")
FormatFlag = Annotated[str, typer.Option("-f", "--format", metavar="|".join(_FORMATS), help="help.incidents.format")]


@app.callback()
def incidents(context: typer.Context) -> int | None:
    """List, where nothing else is asked for."""
    if context.invoked_subcommand is None:
        return list_()
    return None


@app.command("list", help="help.incidents.list", short_help="help.incidents.list.short")
def list_(
    format_: FormatFlag = "table",
    state: Annotated[
        list[str] | None, typer.Option("--state", metavar="|".join(STATES), help="help.incidents.state")
    ] = None,
    least: Annotated[
        str, typer.Option("--severity", metavar="|".join(_LEAST), help="help.incidents.severity")
    ] = "info",
    since: Annotated[str | None, typer.Option("--since", metavar="CURSOR", help="help.incidents.since")] = None,
    config_file: ConfigFlag = None,
) -> int:
    """List incidents, or replay what happened after a cursor."""
    flag("--format", format_, one_of(_FORMATS))
    flag("--severity", least, one_of(_LEAST))
    for one in state or ():
        flag("--state", one, one_of(STATES))
    cursor = None if since is None else flag("--since", since, _cursor)
    if cursor is not None and format_ != "jsonl":
        raise Told("flag.wrong", flag="--format", wrong=Wrong("wrong.choice", choices="jsonl"))

    from phiscan.commands import output
    from phiscan.model import Severity
    from phiscan.store import incidents as rows

    with opened(config_file) as (store, _, lang):
        if cursor is not None:
            output.write(_replayed(store, cursor), None, lang)
            return EXIT_OK
        with store.read() as connection:
            # What is over or hidden is shown to whoever asks for it; a program gets everything.
            wanted = tuple(state or (("new", "acknowledged") if format_ == "table" else ()))
            found = rows.listed(connection, wanted, Severity[least.upper()])
            own = rows.store_id(connection)
        output.write(_list(found, format_, own, lang), None, lang)
    return EXIT_OK


def _cursor(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        raise Wrong("wrong.integer")
    return int(value)


def _list(found: list[Incident], format_: str, own: str, lang: Language) -> Iterator[str]:
    if format_ == "table":
        from phiscan.commands.incident_table import table

        yield from table(found, lang)
    elif format_ == "jsonl":
        yield from (_dump(one.to_dict(store=own)) + "\n" for one in found)
    else:
        data = {"schema": "phiscan.incidents/1", "incidents": [one.to_dict(store=own) for one in found]}
        yield _dump(data, 2) + "\n"


def _replayed(store: Store, cursor: int) -> Iterator[str]:
    """Yield everything that happened after a cursor, one line each, with the incident as it is now."""
    from phiscan.store import incidents as rows

    while True:
        with store.read() as connection:
            found = rows.since(connection, cursor, 1000)
            own = rows.store_id(connection)
        for event, incident in found:
            cursor = event.seq
            yield _dump({**event.to_dict(), "incident": incident.to_dict(store=own)}) + "\n"
        if len(found) < 1000:
            return


def _dump(data: Any, indent: int | None = None) -> str:
    return json.dumps(data, ensure_ascii=False, indent=indent)


@app.command("show", help="help.incidents.show", short_help="help.incidents.show.short")
def show(number: Number, format_: FormatFlag = "table", config_file: ConfigFlag = None) -> int:
    """Show one incident with its history and what may follow in law."""
    flag("--format", format_, one_of(("table", "json")))

    from phiscan.access.view import view
    from phiscan.commands import output
    from phiscan.commands.incident_readers import read_by
    from phiscan.commands.incident_table import shown
    from phiscan.daemon.watching import duties_of
    from phiscan.incidents.deciding import found
    from phiscan.respond.quarantine import kept_at
    from phiscan.store import incidents as rows
    from phiscan.store.access import accounts_of

    with opened(config_file) as (store, config, lang):
        with store.read() as connection:
            incident = found(connection, number_of(number))
            history = rows.history(connection, incident.id)
            own = rows.store_id(connection)
            seen, shared = view(connection, incident, history), accounts_of(connection)
            kept = kept_at(connection, incident)
        rule, duties = duties_of(config, incident)
        if format_ == "json":
            data = incident.to_dict(store=own) | {
                "history": [event.to_dict() for event in history],
                "duties": [{"id": duty.id, "version": duty.version, "within": duty.within} for duty in duties],
                "readers": None if incident.subject else seen.to_dict(),
            }
            output.write([_dump(data, 2) + "\n"], None, lang)
        else:
            output.write(shown(incident, history, rule, duties, lang, kept), None, lang)
            if not incident.subject:
                output.write(read_by(seen, shared, lang), None, lang)
    return EXIT_OK


app.command("ack", help="help.incidents.ack", short_help="help.incidents.ack.short")(ack)
app.command("resolve", help="help.incidents.resolve", short_help="help.incidents.resolve.short")(resolve)
app.command("dismiss", help="help.incidents.dismiss", short_help="help.incidents.dismiss.short")(dismiss)
app.command("qualify", help="help.incidents.qualify", short_help="help.incidents.qualify.short")(qualify)


@app.command("restore", help="help.incidents.restore", short_help="help.incidents.restore.short")
def restore(number: Number, reason: ReasonFlag = "", config_file: ConfigFlag = None) -> int:
    """Put back what was done to the file of an incident."""
    from phiscan.commands import output
    from phiscan.respond.restoring import restored

    with opened(config_file) as (store, _, lang):
        for one in restored(store, number_of(number), one_line(reason)):
            output.write([text(lang, f"response.restored.{one.action}", path=_display(one.path)) + "\n"], None, lang)
    return EXIT_OK


@app.command("preserve", help="help.incidents.preserve", short_help="help.incidents.preserve.short")
def preserve(
    number: Number,
    to: Annotated[str | None, typer.Option("--to", metavar="DIR|FILE", help="help.incidents.to")] = None,
    passphrase_file: Annotated[
        str | None, typer.Option("--passphrase-file", metavar="FILE", help="help.incidents.passphrase")
    ] = None,
    reason: ReasonFlag = "",
    config_file: ConfigFlag = None,
) -> int:
    """Seal a copy; 3 where the file could not be read any more or was being written to."""
    for name, value in (("--to", to), ("--passphrase-file", passphrase_file), ("--reason", reason.strip())):
        if not value:
            raise Told("flag.missing", flag=name)
    assert to is not None
    assert passphrase_file is not None

    from phiscan.access.view import view
    from phiscan.commands import output
    from phiscan.commands.incident_readers import sealed_lines
    from phiscan.incidents import deciding, preserving
    from phiscan.respond.quarantine import kept_at
    from phiscan.store import incidents as rows
    from phiscan.store import now

    with opened(config_file) as (store, _, lang):
        secret, at, by, why = preserving.passphrase(passphrase_file), now(), deciding.author(), one_line(reason)
        with store.read() as connection:
            incident = deciding.found(connection, number_of(number))
            history = rows.history(connection, incident.id)
            seen, own = view(connection, incident, history), rows.store_id(connection)
            kept = kept_at(connection, incident)
        file = preserving.target(to, incident, at)
        sealed = preserving.seal(incident, history, seen, file, secret, by=by, reason=why, at=at, store=own, kept=kept)
        with store.write() as connection:
            preserving.note(connection, incident, sealed, by=by, reason=why, at=at)
        output.write(sealed_lines(sealed, lang), None, lang)
    return EXIT_GAPS if sealed.sha256 is None or sealed.changed else EXIT_OK


app.command("respond", help="help.respond", short_help="help.respond.short", epilog="help.respond.examples")(respond)


def _display(path: bytes) -> str:
    from phiscan.report import show
    from phiscan.source.paths import display

    return show.safe(display(path))
