"""Incidents for people: a list, one with its history, what a dismissal would hide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phiscan.alert.wording import moment_of, said, used
from phiscan.messages import Language, number, text
from phiscan.messages.catalogue import TEXTS
from phiscan.messages.ntrights import evidence
from phiscan.report import show
from phiscan.source.paths import display

if TYPE_CHECKING:
    from phiscan.incidents.duties import Duty
    from phiscan.incidents.incident import Event, Incident
    from phiscan.judge import Rule

_MOST = 20  # incidents that a question lists


def table(found: list[Incident], lang: Language) -> Iterator[str]:
    """Yield one line an incident."""
    if not found:
        yield text(lang, "incident.none") + "\n"
    width = max((len(str(one.id)) for one in found), default=1)
    rules = max((len(one.rule) for one in found), default=1)
    for one in found:
        state = text(lang, f"incident.state.{one.state}")
        severity = show.severity(one.severity, lang)
        persons = text(lang, "persons", n=one.facts.persons, about="" if one.complete else text(lang, "persons.about"))
        number_ = str(one.id).ljust(width)
        rule = one.rule.ljust(rules)  # a file may have several incidents
        where = show.safe(one.shown) + _about(one, lang)
        yield f"#{number_}  {severity:<9} {state:<14} {persons:>14}  {rule}  {where}\n"


def _about(incident: Incident, lang: Language) -> str:
    """Return the account that an incident is about, behind its place."""
    account = incident.account
    if account is None:
        return ""
    return f" · {show.safe(account.name) or text(lang, 'read.nobody')} ({show.safe(account.service)})"


def shown(
    incident: Incident,
    history: list[Event],
    rule: Rule | None,
    duties: list[Duty],
    lang: Language,
    kept: bytes | None = None,
) -> Iterator[str]:
    """Yield one incident, with what happened to it and what may follow in law. `kept`: where it is in quarantine."""
    title = incident.rule if rule is None else said(rule.title.model_dump(), lang)
    yield f"#{incident.id} · {show.severity(incident.severity, lang)} · {title}\n"
    entries = list(_entries(incident, rule, lang))
    if kept is not None:
        entries.insert(1, ("incident.kept", show.safe(display(kept))))
    for key, value in entries:
        yield _entry(key, value, lang)
    yield f"\n{text(lang, 'incident.history')}\n"
    for event in history:
        yield f"  {moment_of(event.at, lang)}  {text(lang, f'incident.event.{event.kind}')} ({by(event, lang)})\n"
    if duties:
        yield f"\n{text(lang, 'incident.duties')}\n"
    aware = next((event.data["aware"] for event in reversed(history) if event.data.get("as") == "to_notify"), None)
    for duty in duties:
        yield from _duty(duty, aware if incident.qualification == "to_notify" else None, lang)


def qualified(incident: Incident, duties: list[Duty], aware: float, lang: Language) -> Iterator[str]:
    """Yield what an incident now is in law, and until when what may follow has to be done."""
    yield _entry("incident.qualification", text(lang, f"incident.law.{incident.qualification}"), lang)
    for duty in duties if incident.qualification == "to_notify" else ():
        yield next(_duty(duty, aware, lang))


def hiding(hidden: list[Incident], asked: Incident, lang: Language) -> Iterator[str]:
    """Yield what a dismissal hides."""
    others = [one for one in hidden if one.id != asked.id]
    yield text(lang, "incident.hides", n=len(others)) + "\n"
    yield from table([asked, *others[:_MOST]], lang)
    if len(others) > _MOST:
        yield f"… {number(len(others) - _MOST, lang)}\n"


def _entry(key: str, value: str, lang: Language) -> str:
    return f"  {text(lang, key):<14} {value}\n"


def _entries(incident: Incident, rule: Rule | None, lang: Language) -> Iterator[tuple[str, str]]:
    facts = incident.facts
    yield "report.where", show.safe(incident.shown)
    if (account := incident.account) is not None:
        name = show.safe(account.name) or text(lang, "read.nobody")
        how = used(account.kinds, account.addresses, lang)
        yield "incident.account", " · ".join(part for part in (name, show.safe(account.service), how) if part)
    state = text(lang, f"incident.state.{incident.state}")
    resolution = f"account.{incident.resolution}" if incident.subject else incident.resolution
    resolution = resolution if f"incident.why.{resolution}" in TEXTS else incident.resolution
    why = f" ({text(lang, f'incident.why.{resolution}')})" if resolution else ""
    yield "incident.state", state + why
    yield "incident.qualification", text(lang, f"incident.law.{incident.qualification}")
    about = "" if incident.complete and facts.exact else text(lang, "persons.about")
    yield (
        "report.persons",
        text(lang, "persons", n=facts.persons, about=about)
        + (text(lang, "persons.health", n=facts.identified_health, about=about) if facts.identified_health else ""),
    )
    names = [f"{show.category(name, lang)} {number(its.hits, lang)}" for name, its in facts.categories.items()]
    yield "report.facts", ", ".join(names)
    level = text(lang, f"exposure.{incident.level.name.lower()}")
    shown = ((evidence(one.setting, lang), one.source) for one in incident.exposure.reasons)
    reasons = [f"{show.safe(setting)} ({show.safe(source)})" for setting, source in shown]
    yield "report.was_exposed" if incident.state == "resolved" else "report.exposed", ", ".join([level, *reasons])
    yield "incident.first_seen", moment_of(incident.first_seen, lang)
    yield "incident.last_seen", moment_of(incident.last_seen, lang)
    if rule is not None and incident.open:
        yield "report.advice", said(rule.advice.model_dump(), lang)


def by(event: Event, lang: Language) -> str:
    """Return who has decided, and what he said."""
    reason = event.data.get("reason")
    given = text(lang, f"incident.law.{event.data['as']}") if event.kind == "qualified" else ""
    if event.kind == "responded":
        given = _response(event, lang)
    elif event.data.get("as") == "to_notify" and event.data["aware"] != event.at:
        given += f", {text(lang, 'incident.aware', at=moment_of(event.data['aware'], lang))}"
    return ", ".join(part for part in (show.safe(event.author), given, show.safe(str(reason or ""))) if part)


def _response(event: Event, lang: Language) -> str:
    data = event.data
    said = text(lang, f"response.state.{data['state']}", action=text(lang, f"response.action.{data['action']}"))
    links = text(lang, "response.links", n=data["links"] - 1) if data.get("links", 1) > 1 else ""
    why = text(lang, f"response.why.{data['why']}") if data.get("why") else ""
    return ", ".join(part for part in (said, why, links) if part)


def _duty(duty: Duty, aware: float | None, lang: Language) -> Iterator[str]:
    head = f"  {said(duty.title.model_dump(), lang)} · {said(duty.to.model_dump(), lang)}"
    if duty.within is None:
        yield f"{head} · {text(lang, 'duty.at_once')}\n"
    elif aware is None:
        yield f"{head} · {text(lang, 'duty.within', hours=f'{duty.within / 3600:g}')}\n"
    else:
        yield f"{head} · {text(lang, 'duty.until', at=moment_of(aware + duty.within, lang))}\n"
    yield f"    {said(duty.note.model_dump(), lang)} [{duty.sources[0].partition(', http')[0]}]\n"
