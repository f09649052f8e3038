"""Who has read in a zone of another machine, for people: a line of what is certain, and one of what is probable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from phiscan.alert.wording import moment_of
from phiscan.messages import Language, number, size, text
from phiscan.report import show

if TYPE_CHECKING:
    from phiscan.access.readers import Reader
    from phiscan.access.zonereaders import ZoneReaders

_MOST: Final = 5  # readers shown, the latest; JSON has them all
_EXTENTS: Final = ("complete", "partial", "unknown")


def lines_of(seen: ZoneReaders, lang: Language) -> Iterator[str]:
    """Yield what the logs tell of a zone's readers."""
    for sure, key in ((True, "zones.read.certain"), (False, "zones.read.probable")):
        by = [one for one in seen.by if one.sure is sure]
        if by:
            who = [_who(one, lang) for one in by[:_MOST]]
            who += [text(lang, "read.more", n=len(by) - _MOST)] if len(by) > _MOST else []
            yield text(lang, key, what=_together(by, lang), who=", ".join(who))
    if seen.state == "no_evidence":
        since = "" if seen.since is None else text(lang, "zones.read.since", at=moment_of(seen.since, lang))
        yield text(lang, "zones.read.no_evidence", since=since)
    elif seen.state != "read":
        yield text(lang, f"zones.read.{seen.state}")


def _together(by: Sequence[Reader], lang: Language) -> str:
    first, last = (moment_of(at, lang) for at in (min(one.first for one in by), max(one.last for one in by)))
    extents = sum((one.extents for one in by), Counter[str]())
    said = [text(lang, f"zones.read.extent.{name}", n=extents[name]) for name in _EXTENTS if extents[name]]
    bytes_ = sum(one.size for one in by)
    parts = [
        f"{text(lang, 'read.times', n=sum(one.reads for one in by))} ({', '.join(said)})",
        size(bytes_, lang) if bytes_ else "",
        first if first == last else f"{first} – {last}",
        text(lang, "zones.read.readers", n=len(by)),
    ]
    return " · ".join(part for part in parts if part)


def _who(one: Reader, lang: Language) -> str:
    account = show.safe(one.account) or text(lang, "read.nobody")
    if not one.address:
        return f"{text(lang, 'zones.read.rest')} {number(one.reads, lang)}"
    return f"{show.safe(one.address)} ({account}) {number(one.reads, lang)}"
