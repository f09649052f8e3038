"""What was checked on one day: every walk of it, and when nobody watched. For `phiscan coverage --at`.

A day is proved where every root was walked that day without a gap, no record was altered, and a daemon watched all of
it. Of a root that was not walked that day the last walk before it is shown, and proves nothing of the day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from phiscan.incidents.incident import moment
from phiscan.store import coverage

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.messages import Language
    from phiscan.report.model import Json
    from phiscan.store.coverage import Life, Walk

_STILL: Final = 120.0  # seconds since the last sign of life of a daemon that is at work
_Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The record of a walk, with whether it is as it was signed."""

    walk: Walk
    valid: bool
    that_day: bool = True

    def to_dict(self) -> Json:
        """Return what the record says, and what is to be said of it."""
        said = self.walk.said() if self.valid else _said(self.walk)
        return said | {"signature": self.walk.signature, "valid": self.valid}

    @property
    def whole(self) -> bool:
        """Whether it is as it was signed and everything was read."""
        said = self.walk.said() if self.valid else {}
        return self.valid and not said["gaps_count"] and not said["by_status"].get("unread")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day, or the part of it up to a moment. `lives`: when daemons watched, each with whether that is as signed."""

    start: float
    end: float
    walks: Sequence[Signed]
    lives: Sequence[tuple[Life, bool]]
    down: Sequence[_Span]
    known: bool  # whether it stands in the store when somebody watched, for all of the day

    @property
    def whole(self) -> bool:
        """Whether it is proved what there was that day."""
        roots = {one.walk.root for one in self.walks}
        walked = {one.walk.root for one in self.walks if one.that_day and one.whole}
        valid = all(one.valid for one in self.walks) and all(valid for _, valid in self.lives)
        return bool(roots) and roots == walked and valid and self.known and not self.down

    def to_dict(self) -> Json:
        """Return the JSON: the schema `phiscan.coverage/1`."""
        return {
            "schema": "phiscan.coverage/1",
            "day": {"from": moment(self.start), "to": moment(self.end)},
            "walks": [one.to_dict() | {"that_day": one.that_day} for one in self.walks],
            "watched": [
                {
                    "from": moment(max(life.began, self.start)),
                    "to": moment(min(life.alive, self.end)),
                    "signature": life.signature,
                    "valid": valid,
                }
                for life, valid in self.lives
            ],
            "watched_known": self.known,
            "down": [{"from": moment(start), "to": moment(end)} for start, end in self.down],
        }


def day_of(connection: Connection, start: float, end: float, at: float, sign: Callable[[str], str]) -> Day:
    """Return what is known of the time from `start` to `end`. `at`: now; what is to come is not asked for."""
    end = max(start, min(end, at))
    walks = [signed(one, sign) for one in coverage.between(connection, start, end)]
    met = {one.walk.root for one in walks}
    earlier = [one for one in coverage.at(connection, start) if one.root not in met]
    walks += [signed(one, sign, that_day=False) for one in earlier]
    all_lives = [(life, sign(life.record) == life.signature) for life in coverage.lived(connection)]
    lives = [life for life, valid in all_lives if valid]
    began = min((life.began for life in lives), default=end)
    down = absent(lives, max(start, began), end, at)
    if began > start:  # then only what walks said of it is known
        records = [*walks, *(signed(one, sign) for one in coverage.after(connection, end))]
        down = [*_said_down(records, start, min(began, end)), *down]
    return Day(
        start=start,
        end=end,
        walks=sorted(walks, key=lambda one: (one.walk.root, one.walk.started)),
        lives=[(life, valid) for life, valid in all_lives if life.began < end and life.alive >= start],
        down=sorted(set(down)),
        known=began <= start,
    )


def absent(lives: Iterable[Life], start: float, end: float, at: float) -> list[_Span]:
    """Return when nobody watched between two moments, by when daemons did. One that watches now will have."""
    found, seen = list[_Span](), start
    for life in sorted(lives, key=lambda one: one.began):
        until = at if at - life.alive < _STILL else life.alive
        if until <= seen:
            continue
        if life.began >= end:
            break
        if life.began > seen:
            found.append((seen, life.began))
        seen = until
    if seen < end:
        found.append((seen, end))
    return found


def _said_down(records: Iterable[Signed], start: float, end: float) -> Iterator[_Span]:
    for one in records:
        said = one.walk.said().get("down") if one.valid else None
        if said:
            began, ended = (datetime.fromisoformat(said[name]).timestamp() for name in ("from", "to"))
            if began < end and ended > start:
                yield max(began, start), min(ended, end)


def signed(walk: Walk, sign: Callable[[str], str], *, that_day: bool = True) -> Signed:
    """Return the record of a walk with whether it is as we signed it."""
    return Signed(walk=walk, valid=walk.signed(sign), that_day=that_day)


def _said(walk: Walk) -> dict[str, Any]:
    """Return what a record that was altered says, which may be anything."""
    try:
        said = walk.said()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def table(day: Day, lang: Language) -> Iterator[str]:
    """Yield a day for people."""
    from phiscan.alert.wording import moment_of
    from phiscan.messages import text

    start, end = moment_of(day.start, lang), moment_of(day.end, lang)
    yield text(lang, "coverage.day", start=start, end=end, n=sum(one.that_day for one in day.walks)) + "\n"
    if not day.known:
        yield f"  {text(lang, 'coverage.unknown')}\n"
    for began, ended in day.down:
        said = text(lang, "coverage.down", start=moment_of(began, lang), end=moment_of(ended, lang))
        yield f"  {said}\n"
    if day.known and not day.down:
        yield f"  {text(lang, 'coverage.always')}\n"
    if not all(valid for _, valid in day.lives):
        yield f"  {text(lang, 'coverage.forged_life')}\n"
