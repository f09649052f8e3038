"""`phiscan check --impact`: what the daemon would read or judge again with recognizers and rules as they are now.

Asked of the store alone: no file of a share is opened, nothing is written.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phiscan.messages import Language, duration, size, text
from phiscan.model import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from phiscan.config import Config
    from phiscan.store.backlog import Amount, Rate

SCHEMA = "phiscan.impact/1"
_WEEK = 7 * 24.0  # hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a change costs. Amounts by exposure; `seconds` of reading, None where nothing has been measured."""

    read: Mapping[Level, Amount]
    judged: Mapping[Level, Amount]
    unread: Mapping[Level, Amount]
    seconds: float | None
    rate: Rate
    recognizers: str
    rules: str
    bandwidth: int | None
    hours_a_week: float

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON."""
        return {
            "schema": SCHEMA,
            "recognizers": self.recognizers,
            "rules": self.rules,
            "read_again": {**_amounts(self.read), "seconds": None if self.seconds is None else round(self.seconds)},
            "judged_again": _amounts(self.judged),
            "unread": _amounts(self.unread),
            "measured": {
                "files": self.rate.measured,
                "bytes_per_second": _rounded(self.rate.bytes_per_second),
                "files_per_second": _rounded(self.rate.files_per_second),
            },
            "bandwidth": self.bandwidth,
            "hours_a_week": self.hours_a_week,
        }


def impact(config: Config, paths: Sequence[str]) -> Impact:
    """Ask the store. `paths` are recognizers and rules on trial, besides the configured ones. Raises `Told`."""
    from sqlalchemy import select

    from phiscan.config.quiet import hours_a_week
    from phiscan.daemon.watching import detecting, roots_of
    from phiscan.declared import Declarations
    from phiscan.judge import digest_of
    from phiscan.pipeline import judging
    from phiscan.store import Store, backlog
    from phiscan.store.schema import meta, roots

    trial = _on_trial(config, paths)
    ruleset, rules = judging(trial)
    store = Store.open(config.store)
    try:
        with store.read() as connection:
            check = connection.scalar(select(meta.c.value).where(meta.c.name == "key_check")) or ""
            detect, judged_by = detecting(ruleset, trial, check), digest_of(rules)
            judging_now = Declarations(config.zones).digest(judged_by)  # as the daemon writes it into the ledger
            watched = set(roots_of(config))
            known = [row.id for row in connection.execute(select(roots)) if row.path in watched]
            read = backlog.read_otherwise(connection, known, detect)
            rate = backlog.rate(connection)
            limits, total = config.limits, sum(read.values(), backlog.Amount())
            return Impact(
                read=read,
                judged=backlog.judged_otherwise(connection, known, detect, judging_now),
                unread=backlog.unread(connection, known),
                seconds=rate.seconds(total, limits.workers, limits.bandwidth),
                rate=rate,
                recognizers=detect,
                rules=judged_by,
                bandwidth=limits.bandwidth,
                hours_a_week=hours_a_week(limits.window),
            )
    finally:
        store.close()


def _on_trial(config: Config, paths: Sequence[str]) -> Config:
    """Return the configuration with files and folders that are not in force yet."""
    from phiscan.commands.check import select
    from phiscan.content import recognizers_folder, rules_folder

    new_recognizers, new_rules = list[Path](), list[Path]()
    for path in map(Path, paths):
        found = select([path])
        if found.recognizers and not _within(path, [recognizers_folder(), *config.recognizers]):
            new_recognizers.append(path)
        if found.rules and not _within(path, [rules_folder(), *config.rules]):
            new_rules.append(path)
    return config.model_copy(
        update={
            "recognizers": (*config.recognizers, *new_recognizers),
            "rules": (*config.rules, *new_rules),
        }
    )


def _within(path: Path, places: Sequence[Path]) -> bool:
    real = os.path.realpath(path)
    return any(Path(real).is_relative_to(os.path.realpath(place)) for place in places)


def table(found: Impact, lang: Language) -> Iterator[str]:
    """Yield the lines for people."""
    for what, amounts in (("read", found.read), ("judged", found.judged), ("unread", found.unread)):
        if amounts:
            total = _amounts(amounts)
            yield _line("impact.line", total, lang, what=text(lang, f"impact.{what}"))
            for level in sorted(amounts, reverse=True):
                by = {"files": amounts[level].files, "bytes": amounts[level].bytes}
                yield _line("impact.level", by, lang, level=text(lang, f"exposure.{level.name.lower()}"))
    if not found.read and not found.judged:
        yield text(lang, "impact.same") + "\n"
    if found.read:
        yield _takes(found, lang) + "\n"
        if found.hours_a_week < _WEEK and found.seconds is not None:
            days = max(1, round(found.seconds / 3600 / found.hours_a_week * 7))
            yield text(lang, "impact.window", hours=f"{found.hours_a_week:g}", n=days) + "\n"
    if found.read or found.judged:
        yield text(lang, "impact.digest") + "\n"


def written(found: Impact, format_: str, lang: Language) -> list[str]:
    """Return what to write: the JSON or the lines."""
    if format_ == "json":
        return [json.dumps(found.to_dict(), indent=2) + "\n"]
    return list(table(found, lang))


def _takes(found: Impact, lang: Language) -> str:
    if found.seconds is None:
        return text(lang, "impact.unmeasured")
    return text(lang, "impact.takes", took=duration(found.seconds, lang), n=found.rate.measured)


def _line(key: str, amount: Mapping[str, Any], lang: Language, **params: str) -> str:
    files = text(lang, "totals.files", n=amount["files"])
    return text(lang, key, files=files, size=size(amount["bytes"], lang), **params) + "\n"


def _amounts(amounts: Mapping[Level, Amount]) -> dict[str, Any]:
    by = {
        level.name.lower(): {"files": amounts[level].files, "bytes": amounts[level].bytes}
        for level in sorted(amounts, reverse=True)
    }
    return {
        "files": sum(one.files for one in amounts.values()),
        "bytes": sum(one.bytes for one in amounts.values()),
        "by_exposure": by,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
