"""What people decide of an incident: acknowledged, resolved, dismissed, qualified in law. Shown before it is done."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from phiscan.commands.common import EXIT_OK, ConfigFlag, flag, one_of
from phiscan.commands.incident_flags import Number, ReasonFlag, number_of, one_line, opened
from phiscan.incidents.words import DISMISSALS, QUALIFICATIONS, SCOPES
from phiscan.messages import Language, Told, Wrong, text

if TYPE_CHECKING:
    from phiscan.alert.grouping import Telling
    from phiscan.config import Config
    from phiscan.incidents.incident import Incident


def ack(number: Number, config_file: ConfigFlag = None) -> int:
    """Acknowledge."""
    from phiscan.incidents.deciding import acknowledge, author
    from phiscan.store import now

    with opened(config_file) as (store, _, lang):
        with store.write() as connection:
            incident = acknowledge(connection, number_of(number), author(), now())
        _say(incident, lang)
    return EXIT_OK


def resolve(number: Number, reason: ReasonFlag = "", config_file: ConfigFlag = None) -> int:
    """Resolve."""
    from phiscan.incidents import deciding
    from phiscan.store import now

    with opened(config_file) as (store, config, lang):
        with store.write() as connection:
            incident = deciding.resolve(
                connection, _telling(config), number_of(number), deciding.author(), now(), one_line(reason)
            )
        _say(incident, lang)
    return EXIT_OK


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

    with opened(config_file) as (store, config, lang):
        with store.read() as connection:
            incident = deciding.found(connection, number_of(number))
            said = one_line(reason)
            decision = deciding.dismissal(incident, chosen, scope, end, said, deciding.author(), now())  # type: ignore[arg-type]  # both are checked
            hidden = rows.hidden_by(connection, decision)
        output.write(hiding(hidden, incident, lang), None, lang)
        if not yes and not _agreed(lang):
            return EXIT_OK
        with store.write() as connection:
            done = deciding.dismiss(connection, _telling(config), decision)
        output.write([text(lang, "incident.dismissed", n=len(done)) + "\n"], None, lang)
    return EXIT_OK


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

    with opened(config_file) as (store, config, lang):
        with store.write() as connection:
            at, by = now(), deciding.author()
            known = at if since is None else since
            incident = deciding.qualify(connection, number_of(number), chosen, by, at, one_line(reason), known)  # type: ignore[arg-type]  # it is checked
        _say(incident, lang)
        output.write(qualified(incident, duties_of(config, incident)[1], known, lang), None, lang)
    return EXIT_OK


def _required(name: str, value: str | None, parse: Callable[[str], str]) -> str:
    found = flag(name, value, parse)
    if found is None:
        raise Told("flag.missing", flag=name)
    return found


def _telling(config: Config) -> Telling:
    from phiscan.alert.grouping import Telling

    return Telling(config.alerts, None, config.zones)


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
