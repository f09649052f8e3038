"""`phiscan incidents`: what the daemon keeps, and what people decide about it."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from phiscan.commands.common import EXIT_GAPS, EXIT_OK, ConfigFlag, configured, flag, one_of, whole
from phiscan.commands.respond import respond
from phiscan.incidents.words import DISMISSALS, QUALIFICATIONS, SCOPES, STATES
from phiscan.messages import Language, Told, Wrong, text

if TYPE_CHECKING:
    from phiscan.alert.grouping import Telling
    from phiscan.config import Config
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
Number = Annotated[str, typer.Argument(metavar="ID", help="help.incidents.id", show_default=False)]
ReasonFlag = Annotated[str, typer.Option("--reason", metavar="TEXT", help="help.incidents.reason")]


@contextlib.contextmanager
def _opened(config_file: str | None) -> Iterator[tuple[Store, Config, Language]]:
    """Yield the store, the configuration and the language."""
    from phiscan.store import Store

    with configured(config_file) as (config, lang):
        store = Store.open(config.store)
        try:
            yield store, config, lang
        finally:
            store.close()


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

    with _opened(config_file) as (store, _, lang):
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

    with _opened(config_file) as (store, config, lang):
        with store.read() as connection:
            incident = found(connection, _number(number))
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


@app.command("ack", help="help.incidents.ack", short_help="help.incidents.ack.short")
def ack(number: Number, config_file: ConfigFlag = None) -> int:
    """Acknowledge."""
    from phiscan.incidents.deciding import acknowledge, author
    from phiscan.store import now

    with _opened(config_file) as (store, _, lang):
        with store.write() as connection:
            incident = acknowledge(connection, _number(number), author(), now())
        _say(incident, lang)
    return EXIT_OK


@app.command("resolve", help="help.incidents.resolve", short_help="help.incidents.resolve.short")
def resolve(number: Number, reason: ReasonFlag = "", config_file: ConfigFlag = None) -> int:
    """Resolve."""
    from phiscan.incidents import deciding
    from phiscan.store import now

    with _opened(config_file) as (store, config, lang):
        with store.write() as connection:
            incident = deciding.resolve(
                connection, _telling(config), _number(number), deciding.author(), now(), _line(reason)
            )
        _say(incident, lang)
    return EXIT_OK


@app.command("dismiss", help="help.incidents.dismiss", short_help="help.incidents.dismiss.short")
def dismiss(
    number: Number,
    kind: Annotated[str | None, typer.Option("--as", metavar="|".join(DISMISSALS), help="help.incidents.as")] = None,
    scope: Annotated[str, typer.Option("--scope", metavar="|".join(SCOPES), help="help.incidents.scope")] = "file",
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="help.incidents.until")] = None,
    reason: ReasonFlag = "",
    yes: Annotated[bool, typer.Option("--yes", help="help.incidents.yes")] = False,
    config_file: ConfigFlag = None,
) -> int:
    """Say what it would hide, ask, and dismiss."""
    chosen = _required("--as", kind, one_of(DISMISSALS))
    flag("--scope", scope, one_of(SCOPES))
    end = None if until is None else flag("--until", until, _day_to_come)
    if not reason.strip():
        raise Told("flag.missing", flag="--reason")

    from phiscan.commands import output
    from phiscan.commands.incident_table import hiding
    from phiscan.incidents import deciding
    from phiscan.store import incidents as rows
    from phiscan.store import now

    with _opened(config_file) as (store, config, lang):
        with store.read() as connection:
            incident = deciding.found(connection, _number(number))
            said = _line(reason)
            decision = deciding.dismissal(incident, chosen, scope, end, said, deciding.author(), now())  # type: ignore[arg-type]  # both are checked
            hidden = rows.hidden_by(connection, decision)
        output.write(hiding(hidden, incident, lang), None, lang)
        if not yes and not _agreed(lang):
            return EXIT_OK
        with store.write() as connection:
            done = deciding.dismiss(connection, _telling(config), decision)
        output.write([text(lang, "incident.dismissed", n=len(done)) + "\n"], None, lang)
    return EXIT_OK


@app.command("qualify", help="help.incidents.qualify", short_help="help.incidents.qualify.short")
def qualify(
    number: Number,
    as_: Annotated[
        str | None, typer.Option("--as", metavar="|".join(QUALIFICATIONS), help="help.incidents.law")
    ] = None,
    reason: ReasonFlag = "",
    aware: Annotated[str | None, typer.Option("--aware", metavar="DATE", help="help.incidents.aware")] = None,
    config_file: ConfigFlag = None,
) -> int:
    """Qualify."""
    chosen = _required("--as", as_, one_of(QUALIFICATIONS))
    since = None if aware is None else flag("--aware", aware, _moment)
    if not reason.strip():
        raise Told("flag.missing", flag="--reason")

    from phiscan.commands import output
    from phiscan.commands.incident_table import qualified
    from phiscan.daemon.watching import duties_of
    from phiscan.incidents import deciding
    from phiscan.store import now

    with _opened(config_file) as (store, config, lang):
        with store.write() as connection:
            at, by = now(), deciding.author()
            known = at if since is None else since
            incident = deciding.qualify(connection, _number(number), chosen, by, at, _line(reason), known)  # type: ignore[arg-type]  # it is checked
        _say(incident, lang)
        output.write(qualified(incident, duties_of(config, incident)[1], known, lang), None, lang)
    return EXIT_OK


@app.command("restore", help="help.incidents.restore", short_help="help.incidents.restore.short")
def restore(number: Number, reason: ReasonFlag = "", config_file: ConfigFlag = None) -> int:
    """Put back what was done to the file of an incident."""
    from phiscan.commands import output
    from phiscan.respond.restoring import restored

    with _opened(config_file) as (store, _, lang):
        for one in restored(store, _number(number), _line(reason)):
            output.write([text(lang, f"response.restored.{one.action}", path=display_of(one.path)) + "\n"], None, lang)
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

    with _opened(config_file) as (store, _, lang):
        secret, at, by, why = preserving.passphrase(passphrase_file), now(), deciding.author(), _line(reason)
        with store.read() as connection:
            incident = deciding.found(connection, _number(number))
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


def _required(name: str, value: str | None, parse: Callable[[str], str]) -> str:
    found = flag(name, value, parse)
    if found is None:
        raise Told("flag.missing", flag=name)
    return found


def _telling(config: Config) -> Telling:
    from phiscan.alert.grouping import Telling

    return Telling(config.alerts, None, config.zones)


def _number(value: str) -> int:
    found = flag("ID", value.removeprefix("#"), whole)
    assert found is not None
    return found


def display_of(path: bytes) -> str:
    """Return a path as people see it."""
    from phiscan.report import show
    from phiscan.source.paths import display

    return show.safe(display(path))


def _line(reason: str) -> str:
    return " ".join(reason.split())


def _day(value: str) -> float:
    """Return the end of a day."""
    return _moment(value) + 86_399


def _day_to_come(value: str) -> float:
    """Return the end of a day that is not over. Raises `Wrong`."""
    from phiscan.store import now

    end = _day(value)
    if end < now():
        raise Wrong("wrong.past")
    return end


def _moment(value: str) -> float:
    """Return a day, or a moment of it, of this machine's time zone. Raises `Wrong`."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(value).astimezone().timestamp()
    except (ValueError, OverflowError):
        raise Wrong("wrong.date") from None


def _agreed(lang: Language) -> bool:
    """Ask whether to go on. Raises `Told` where nobody can be asked."""
    if not sys.stdin.isatty():
        raise Told("incident.unasked")
    sys.stdout.flush()
    sys.stderr.write(text(lang, "incident.agree"))
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("o", "oui", "y", "yes")


def _say(incident: Incident, lang: Language) -> None:
    from phiscan.commands import output
    from phiscan.commands.incident_table import table

    output.write(table([incident], lang), None, lang)
