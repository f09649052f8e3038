"""A message in words, for the channels that people read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from phiscan.alert.message import Ends, Message
from phiscan.incidents.incident import few
from phiscan.messages import Language, moment, number, text, typography
from phiscan.messages.catalogue import TEXTS
from phiscan.report import show

_ACCOUNTS: Final = 5  # accounts that a message describes
_NAMED: Final = 3  # files that are named


def headline(message: Message, lang: Language) -> str:
    """Return what a message says in one line."""
    kind = text(lang, f"alert.kind.{_kind(message)}")
    if message.kind == "test":
        return f"phiscan · {kind} · {message.host}"
    count = _what(message, lang)
    if message.ends is not None:
        return f"phiscan · {kind} · {count} · {_place(message, lang)}"
    return f"phiscan · {kind} · {show.severity(message.severity, lang)} · {count} · {_place(message, lang)}"


def title(message: Message, lang: Language) -> str:
    """Return what is wrong, as a fact."""
    if message.kind == "test":
        return text(lang, "alert.test")
    if message.ends is not None:
        return text(lang, "ending.title", until=day(message.ends.until, lang), left=_days(message.ends.days, lang))
    fact = said(message.rules[0].title.model_dump(), lang) if message.rules else headline(message, lang)
    if message.kind == "deadline" and message.deadlines:
        return _deadlines(message, lang).partition("\n")[0]
    return text(lang, "alert.no_longer", fact=fact) if message.kind == "resolved" and not message.open else fact


def lines(message: Message, lang: Language) -> list[tuple[str, str]]:
    """Return what a message says as labels and values."""
    if message.kind == "test":
        return []
    if message.ends is not None:
        return _ending(message, message.ends, lang)
    found = [
        ("alert.place", _place(message, lang) + _zone(message, lang)),
        ("alert.exposed" if message.open else "alert.was_exposed", _exposed(message, lang)),
        ("alert.named", _named(message, lang)),
        ("alert.count", _counts(message, lang)),
        ("alert.accounts", _accounts(message, lang)),
        ("alert.persons", _persons(message, lang)),
        ("alert.read", _read(message, lang)),
        ("alert.facts", ", ".join(show.category(name, lang) for name in message.categories)),
        ("alert.since", f"{moment_of(message.first_seen, lang)} · {message.host}"),
        ("alert.advice", said(message.rules[0].advice.model_dump(), lang) if message.rules and message.open else ""),
        ("alert.duties", _duties(message, lang) if message.open else _unjudged(message, lang)),
        ("alert.deadline", _deadlines(message, lang)),
        ("alert.lookup", _lookup(message)),
        ("alert.answer", _answer(message)),
    ]
    return [(text(lang, key), value) for key, value in found if value]


def plain(message: Message, lang: Language) -> str:
    """Return a message as plain text."""
    shown = lines(message, lang)
    width = max((len(label) for label, _ in shown), default=0)
    below = "\n" + " " * (width + 2)
    rows = (f"{label.ljust(width)}  {value.replace(chr(10), below)}" for label, value in shown)
    return "\n".join([title(message, lang), "", *rows]) + "\n"


def said(both: dict[str, str], lang: Language) -> str:
    """Return a rule's text in one language."""
    return typography(both["fr"]) if lang == "fr" else both["en"]


def moment_of(at: float, lang: Language) -> str:
    """Return seconds since the epoch as people write a moment."""
    from datetime import UTC, datetime

    return moment(datetime.fromtimestamp(at, UTC), lang)


def day(of: date, lang: Language) -> str:
    """Return a day as people write it."""
    return f"{of:%d/%m/%Y}" if lang == "fr" else of.isoformat()


def used(kinds: Iterable[str], addresses: int, lang: Language) -> str:
    """Return how an account is used, in words."""
    return ", ".join(text(lang, f"account.{kind}", n=addresses) for kind in kinds)


def _what(message: Message, lang: Language) -> str:
    """Return of how many files and accounts a message is."""
    files = text(lang, "alert.files", n=message.files) if message.files or not message.accounts else ""
    accounts = text(lang, "alert.accounts_shared", n=len(message.accounts)) if message.accounts else ""
    return ", ".join(part for part in (files, accounts) if part)


def _accounts(message: Message, lang: Language) -> str:
    shown = [
        text(
            lang,
            "alert.account" if one["name"] or "anonymous" in one["kinds"] else "alert.account_hidden",
            name=show.safe(str(one["name"])) or text(lang, "read.nobody"),
            id=one["incident"],
            service=show.safe(str(one["service"])),
            how=used(one["kinds"], int(one["addresses"]), lang),
        )
        for one in message.accounts[:_ACCOUNTS]
    ]
    more = len(message.accounts) - len(shown)
    return " ; ".join([*shown, *([text(lang, "read.more", n=more)] if more else [])])


def _ending(message: Message, ends: Ends, lang: Language) -> list[tuple[str, str]]:
    found = [
        ("alert.place", _place(message, lang)),
        ("ending.until", text(lang, "ending.at", until=day(ends.until, lang), left=_days(ends.days, lang))),
        ("ending.owner", show.safe(ends.owner)),
        ("ending.files", number(message.files, lang)),
        ("alert.advice", text(lang, "ending.advice")),
        ("alert.lookup", f"phiscan coverage --zone {message.place} · {message.host}"),
    ]
    return [(text(lang, key), value) for key, value in found if value]


def _days(left: int, lang: Language) -> str:
    return text(lang, "ending.today") if not left else text(lang, "ending.days", n=left)


def _place(message: Message, lang: Language) -> str:
    return show.safe(message.place) or text(lang, "alert.places")


def _zone(message: Message, lang: Language) -> str:
    return f" ({text(lang, 'alert.zone', zone=show.safe(message.zone))})" if message.zone else ""


def _exposed(message: Message, lang: Language) -> str:
    level = text(lang, f"exposure.{message.level.name.lower()}")
    return f"{level} ({', '.join(_why(one, lang) for one in message.why)})" if message.why else level


def _why(evidence: str, lang: Language) -> str:
    """Return a reason of an exposure. What is no service's is named in words: "zone déclarée", "droits"."""
    service, _, setting = evidence.partition(": ")
    key = f"alert.why.{service}"
    return text(lang, key, setting=show.safe(setting)) if key in TEXTS else show.safe(evidence)


def _kind(message: Message) -> str:
    """Return what is said first: it is back, or some are over, but not all."""
    if message.kind == "alert" and message.reopened and not message.new:
        return "reopened"
    return "partly" if message.kind == "resolved" and message.open else message.kind


def _named(message: Message, lang: Language) -> str:
    """Return the files that a message is about, as far as they may be named, the latest first: "a.csv (n° 12)"."""
    inside, found = f"{message.place}/", dict[str, str]()
    for one in (one for one in message.incidents if one["account"] is None):
        path = str(one["path"])
        found.setdefault(path, f"{show.safe(path.removeprefix(inside))} ({text(lang, 'alert.number', id=one['id'])})")
    shown = list(found.values())[:_NAMED]
    more = max(message.files, len(found)) - len(shown)
    return ", ".join([*shown, *([text(lang, "alert.more", n=more)] if more > 0 else [])])


def _counts(message: Message, lang: Language) -> str:
    parts = []
    if message.open:
        new = f", {text(lang, 'alert.new', n=message.new)}" if message.new else ""
        back = f", {text(lang, 'alert.reopened', n=message.reopened)}" if message.reopened else ""
        parts.append(text(lang, "alert.open", n=message.open) + new + back)
    if message.resolved:
        parts.append(text(lang, "alert.over", n=message.resolved))
    return ", ".join(parts)


def _persons(message: Message, lang: Language) -> str:
    if not message.persons:
        return ""
    key = "alert.persons_all" if message.persons_exact else "alert.persons_some"
    return text(lang, key, count=_few(message.persons, lang), health=_few(message.health, lang))


def _read(message: Message, lang: Language) -> str:
    """Return who has read it already: "203.0.113.7, complet, 14:02"."""
    shown = [
        ", ".join(
            (
                show.safe(one.address) or text(lang, "read.purged"),
                text(lang, f"read.extent.{one.extent}"),
                _clock(one.at, message.at, lang),
            )
        )
        for one in message.read_by
    ]
    more = message.readers - len(message.read_by)
    return " ; ".join([*shown, *([text(lang, "read.more", n=more)] if more > 0 else [])])


def _clock(at: float, now: float, lang: Language) -> str:
    """Return a moment of today as its time, any other with its day."""
    from datetime import datetime

    today = datetime.fromtimestamp(now).date() == datetime.fromtimestamp(at).date()  # noqa: DTZ006
    shown = moment_of(at, lang)
    return shown.rpartition(" ")[2] if today else shown


def _few(count: int, lang: Language) -> str:
    shown = few(count)
    return shown if isinstance(shown, str) else number(shown, lang)


def _duties(message: Message, lang: Language) -> str:
    names = []
    for duty in message.duties:
        name = said(duty.title.model_dump(), lang)
        hours = None if duty.within is None else f"{duty.within / 3600:g}"
        names.append(name if hours is None else text(lang, "alert.within", title=name, hours=hours))
    return "\n".join([*names, f"({text(lang, 'alert.proposal')})"]) if names else ""


def _unjudged(message: Message, lang: Language) -> str:
    """Return that the end of an exposure is not the end of what the law asks, where nobody has judged that yet."""
    left = [str(one["id"]) for one in message.incidents if one["qualification"] == "to_qualify"]
    if message.kind != "resolved" or not message.duties or not left:
        return ""
    return text(lang, "alert.unjudged", id=left[0] if len(left) == 1 else "ID")


def _deadlines(message: Message, lang: Language) -> str:
    shown: dict[str, str] = {}  # the next of each duty is enough
    for one in message.deadlines:
        key = "alert.due" if one.until > message.at else "alert.overdue"
        title = said(one.duty.title.model_dump(), lang)
        at = moment_of(one.until, lang)
        shown.setdefault(one.duty.id, text(lang, key, title=title, at=at, id=one.incident))
    return "\n".join(shown.values())


def _lookup(message: Message) -> str:
    numbers = [str(one["id"]) for one in message.incidents]
    return f"phiscan incidents show {numbers[0]}" if len(numbers) == 1 else "phiscan incidents list"


def _answer(message: Message) -> str:
    """Return how to say that somebody sees to it, which ends reminders and escalation."""
    new = [str(one["id"]) for one in message.incidents if one["state"] == "new"]
    return f"phiscan incidents ack {new[0] if len(new) == 1 else 'ID'}" if new and message.open else ""
