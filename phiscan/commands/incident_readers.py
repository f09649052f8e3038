"""Who has read the file of an incident, and what was sealed of it, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phiscan.alert.wording import moment_of
from phiscan.messages import Language, number, size, text
from phiscan.report import show

if TYPE_CHECKING:
    from phiscan.access.readers import Reader
    from phiscan.access.view import Logged, View
    from phiscan.incidents.preserving import Sealed
    from phiscan.model import Exposure
    from phiscan.store.access import Account
    from phiscan.store.exposures import Interval, Moment

_MOST = 50  # readers shown; JSON has them all
_DURING = {True: "yes", False: "no", None: "unknown"}


def read_by(seen: View, shared: Sequence[Account], lang: Language) -> Iterator[str]:
    """Yield who has read it, what could have shown it, and since when it lay open."""
    yield f"\n{text(lang, 'read.title')}\n"
    yield f"  {text(lang, f'read.state.{seen.state}')}\n"
    for one in seen.readers[:_MOST]:
        yield f"  {_reader(one, seen, lang)}\n"
    if len(seen.readers) > _MOST:
        yield f"  {text(lang, 'read.more', n=len(seen.readers) - _MOST)}\n"
    for service in seen.services:
        yield from (f"  {line}\n" for line in _logged(service, lang))
    if seen.lines:
        yield f"  {text(lang, 'read.lines', n=len(seen.lines))}\n"
    accounts = {(one.account, one.service) for one in seen.readers}
    for account in sorted({(one.account, one.service) for one in shared} & accounts):
        yield f"  {text(lang, 'read.shared', account=show.safe(account[0]), service=account[1])}\n"
    yield f"\n{text(lang, 'exposed.title')}\n"
    for at, interval in enumerate(seen.intervals, 1):
        yield from _lay_open(f"{at}. " if len(seen.intervals) > 1 else "", interval, lang)


def _lay_open(number_: str, one: Interval, lang: Language) -> Iterator[str]:
    """Yield a time during which the file lay open, with what proves both its ends, and what opened and shut it."""
    indent = " " * len(number_)
    yield f"  {number_}{text(lang, 'exposed.since', **_proved(one.opened, lang))}\n"
    if one.exposure is not None:
        yield f"    {indent}{text(lang, 'exposed.opened', level=_level(one.exposure, lang))}\n"
    if one.closed is None:
        yield f"  {indent}{text(lang, 'exposed.still')}\n"
        return
    yield f"  {indent}{text(lang, 'exposed.until', **_proved(one.closed, lang))}\n"
    if one.why is not None:
        after = "" if one.after is None else f", {_level(one.after, lang)}"
        yield f"    {indent}{text(lang, 'exposed.closed', why=text(lang, f'incident.why.{one.why}') + after)}\n"


def _level(exposure: Exposure, lang: Language) -> str:
    level = text(lang, f"exposure.{exposure.level.name.lower()}")
    return ", ".join([level, *(f"{show.safe(one.setting)} ({show.safe(one.source)})" for one in exposure.reasons)])


def _reader(one: Reader, seen: View, lang: Language) -> str:
    first, last = moment_of(one.first, lang), moment_of(one.last, lang)
    parts = [
        show.safe(one.address) or text(lang, "read.purged"),
        show.safe(one.account) or text(lang, "read.nobody"),
        one.service,
        first if first == last else f"{first} – {last}",
        text(lang, "read.times", n=one.reads),
        size(one.size, lang) if one.size else "",
        text(lang, f"read.extent.{one.extent(seen.size)}"),
        "" if one.sure else text(lang, "read.probable"),
        text(lang, f"read.during.{_DURING[seen.during(one)]}"),
    ]
    return " · ".join(part for part in parts if part)


def _logged(one: Logged, lang: Language) -> Iterator[str]:
    service = one.service or text(lang, "read.any")
    logs = ", ".join(show.safe(log) for log in one.logs)
    if one.logs and one.since is None:
        yield text(lang, "read.empty", service=service, logs=logs)
    elif one.since is not None:
        yield text(lang, "read.logged", service=service, since=moment_of(one.since, lang), logs=logs)
    else:
        yield text(lang, "read.not_logged", service=service) if one.service else text(lang, "read.no_logs")
    for log in one.unread:
        yield text(lang, "read.unread", log=show.safe(log))


def _proved(one: Moment, lang: Language) -> dict[str, str]:
    proof = text(lang, f"exposed.proof.{one.proof}", detail=show.safe(one.detail))
    return {"at": moment_of(one.at, lang), "proof": proof}


def sealed_lines(sealed: Sealed, lang: Language) -> Iterator[str]:
    """Yield what was sealed."""
    yield text(lang, "preserve.done", path=show.safe(sealed.path)) + "\n"
    if sealed.sha256 is None:
        yield text(lang, "preserve.gone") + "\n"
    else:
        length = number(sealed.size, lang)
        yield text(lang, "preserve.file", sha256=sealed.sha256, size=length) + "\n"
    if sealed.changed:
        yield text(lang, "preserve.changed") + "\n"
    yield text(lang, "preserve.container", sha256=sealed.container) + "\n"
