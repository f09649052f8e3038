"""Facts, what rules may know of a file, and gaps, what of it was not read, as text in the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from phiscan.facts import AccountFacts, CategoryFacts, Facts
from phiscan.model import Gap, Kind, Level


def write_facts(facts: Facts) -> str:
    """Return facts as JSON, without the exposure."""
    found = {
        name: [its.kind.value, its.hits, its.persons, dict(its.assertions)] for name, its in facts.categories.items()
    }
    return json.dumps(
        {
            "records": facts.records,
            "persons": facts.persons,
            "exact": facts.exact,
            "health": facts.identified_health,
            "health_exact": facts.identified_health_exact,
            "strong": facts.strong_persons,
            "test": facts.test_persons,
            **({"weak": True} if facts.weak else {}),
            **({} if facts.account is None else {"account": _written(facts.account)}),
            "categories": found,
        },
        separators=(",", ":"),
    )


@lru_cache(maxsize=1024)  # a walk asks for every row, and most of them say one of a few things
def read_facts(written: str, level: Level) -> Facts:
    """Return what `write_facts` wrote, as the facts of a place of that exposure."""
    data = json.loads(written)
    return Facts(
        level=level,
        records=data["records"],
        persons=data["persons"],
        exact=data["exact"],
        identified_health=data["health"],
        identified_health_exact=data["health_exact"],
        strong_persons=data["strong"],
        test_persons=data["test"],
        weak=data.get("weak", False),
        account=_account(data["account"]) if "account" in data else None,
        categories={
            name: CategoryFacts(Kind(kind), hits, persons, stated)
            for name, (kind, hits, persons, stated) in data["categories"].items()
        },
    )


def write_gaps(gaps: Sequence[Gap]) -> str | None:
    """Return gaps as JSON, without the path; None where there is none."""
    if not gaps:
        return None
    return json.dumps([[gap.stage, gap.reason, gap.detail, gap.member] for gap in gaps], ensure_ascii=True)


def read_gaps(written: str | None) -> tuple[Gap, ...]:
    """Return what `write_gaps` wrote."""
    return () if written is None else tuple(Gap(*gap) for gap in json.loads(written))


def _written(account: AccountFacts) -> list[Any]:
    return [account.service, account.name, list(account.kinds), account.addresses]


def _account(written: list[Any]) -> AccountFacts:
    service, name, kinds, addresses = written
    return AccountFacts(service, name, tuple(kinds), addresses)
