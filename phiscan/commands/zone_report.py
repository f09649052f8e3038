"""`phiscan coverage --zone PATH`: a zone from its declaration to its verified erasure."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from phiscan.commands.common import EXIT_GAPS, EXIT_OK
from phiscan.messages import Language, Told, number, text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.config import Config
    from phiscan.config import Zone as Declared
    from phiscan.incidents.migration import Life
    from phiscan.seal import Sealer
    from phiscan.store import Store

_DECIDED: Final = ("acknowledged", "resolved", "dismissed", "qualified", "responded")


def report(
    config: Config, store: Store, sealer: Sealer, path: str, upto: float, *, as_json: bool, lang: Language
) -> int:
    """Show the report of a zone; 3 where it is not proved that nothing is left. Raises `Told` on an undeclared one."""
    from phiscan.commands import output
    from phiscan.incidents.migration import erasure, to_dict
    from phiscan.store import incidents

    zone = _declared(config, path)
    with store.read() as connection:
        life = _life(connection, sealer, zone, upto)
        own = incidents.store_id(connection)
    if as_json:
        pieces = [json.dumps(to_dict(life, own), ensure_ascii=False, indent=2) + "\n"]
    else:
        pieces = list(_said(life, lang))
    output.write(pieces, None, lang)
    return EXIT_OK if erasure(life).verified else EXIT_GAPS


def _declared(config: Config, path: str) -> Declared:
    wanted = os.path.abspath(path)
    found = [zone for zone in config.zones if os.path.abspath(zone.path) == wanted]
    if not found:
        raise Told("coverage.no_zone", path=path)
    return found[-1]


def _life(connection: Connection, sealer: Sealer, zone: Declared, upto: float) -> Life:
    from phiscan.incidents.migration import Life
    from phiscan.source.paths import below, display
    from phiscan.store import coverage, incidents, ledger, ledger_sums, places, responses

    path = os.fsencode(os.path.abspath(zone.path))
    real = os.path.realpath(path)
    root = next((one for one in ledger.all_roots(connection) if below(real, one.path) is not None), None)
    if root is None:
        raise Told("coverage.unwatched", path=display(path))
    found = incidents.below(connection, root.id, real)
    return Life(
        zone=zone,
        path=path,
        traffic=places.get(connection, path),
        walks=[(walk, walk.signed(sealer.sign)) for walk in coverage.of(connection, root.id, upto)],
        incidents=[(one, incidents.history(connection, one.id)) for one in found],
        quarantined=responses.kept_below(connection, real),
        known=ledger_sums.count_below(connection, root.id, real),
        today=datetime.now().astimezone().date(),
    )


def _said(life: Life, lang: Language) -> Iterator[str]:
    from phiscan.report import show
    from phiscan.source.paths import display

    zone = life.zone
    yield f"{show.safe(display(life.path))} · {show.safe(zone.purpose or '–')}\n"
    said = {"owner": zone.owner, "contact": zone.contact, "controller": zone.controller}
    for name, value in said.items():
        if value:
            yield f"  {text(lang, f'migration.{name}'):<16} {show.safe(value)}\n"
    allow = "–" if zone.allow is None else ", ".join(show.category(one, lang) for one in zone.allow)
    yield f"  {text(lang, 'migration.allow'):<16} {allow}\n"
    until = "–" if zone.until is None else zone.until.isoformat() if lang == "en" else f"{zone.until:%d/%m/%Y}"
    yield f"  {text(lang, 'migration.until'):<16} {until}\n"
    yield f"  {text(lang, 'migration.source'):<16} {show.safe(zone.source)}\n"
    yield from _traffic(life, lang)
    yield from _course(life, lang)
    yield from _incidents(life, lang)
    yield from _erasure(life, lang)


def _traffic(life: Life, lang: Language) -> Iterator[str]:
    from phiscan.alert.wording import moment_of

    traffic = life.traffic
    moments = {
        "first_arrival": traffic.first_arrival,
        "last_arrival": traffic.last_arrival,
        "last_departure": traffic.last_departure,
    }
    for name, at in moments.items():
        yield f"  {text(lang, f'migration.{name}'):<16} {'–' if at is None else moment_of(at, lang)}\n"
    counts = {"arrived": traffic.arrived, "departed": traffic.departed, "now": life.known}
    yield f"  {text(lang, 'migration.files'):<16} {text(lang, 'migration.counts', **counts)}\n"


def _course(life: Life, lang: Language) -> Iterator[str]:
    from phiscan.alert.wording import moment_of
    from phiscan.incidents.migration import course
    from phiscan.report import show

    found = course(life)
    if found:
        yield f"\n{text(lang, 'migration.course')}\n"
    for walk, valid, said in found:
        persons = number(said["persons_at_most"], lang), number(said["identified_health_persons_at_most"], lang)
        levels = ", ".join(f"{text(lang, f'exposure.{level}')} {n}" for level, n in said["exposures"].items())
        names = ", ".join(show.category(name, lang) for name in said["categories"])
        files = text(lang, "totals.files", n=said["files"])
        about = text(lang, "migration.persons", persons=persons[0], health=persons[1])
        went = text(lang, "migration.went", n=said["went"]) if said.get("went") else ""  # records of before have none
        parts = [files, *([about, levels, names, went] if said["files"] else [])]
        line = " · ".join(part for part in parts if part)
        yield f"  {moment_of(walk.ended, lang)}  {line}{'' if valid else ' · ' + text(lang, 'coverage.forged')}\n"


def _incidents(life: Life, lang: Language) -> Iterator[str]:
    from phiscan.alert.wording import moment_of
    from phiscan.commands.incident_table import by, table

    if life.incidents:
        yield f"\n{text(lang, 'migration.incidents')}\n"
    for incident, history in life.incidents:
        for line in table([incident], lang):
            yield f"  {line}"
        for event in history:
            if event.kind in _DECIDED:
                what = text(lang, f"incident.event.{event.kind}")
                yield f"      {moment_of(event.at, lang)}  {what} ({by(event, lang)})\n"


def _erasure(life: Life, lang: Language) -> Iterator[str]:
    from phiscan.alert.wording import moment_of
    from phiscan.incidents.migration import erasure

    proof = erasure(life)
    yield "\n"
    if proof.verified and proof.walk is not None:
        at = {"start": moment_of(proof.walk.started, lang), "end": moment_of(proof.walk.ended, lang)}
        yield text(lang, "migration.verified", **at) + "\n"
        yield f"  {text(lang, 'coverage.signed')} · {proof.walk.signature[:19]}\n"
        return
    yield text(lang, "migration.not_verified") + "\n"
    for why in dict.fromkeys(proof.why_not):
        yield f"  {text(lang, f'migration.not.{why}')}\n"
