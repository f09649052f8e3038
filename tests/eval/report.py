"""What the evaluation prints: the figures of a board as a table, and what changed since they were recorded."""

from __future__ import annotations

import math
from typing import Any

from tests.eval.documents import HEALTH
from tests.eval.score import Board, Score, total, wilson

_CHECKED = ("nir", "ins", "iban", "rpps", "finess", "email")
_NAMED = ("person_name", "address", "birth_date")


def summary(board: Board) -> dict[str, Any]:
    return {
        "identifiers_with_a_check": total(board.spans[name] for name in _CHECKED).as_dict(),
        "names_addresses_birth_dates": total(board.spans[name] for name in _NAMED).as_dict(),
        "records": total(board.records.values()).as_dict(),
        "assertions": total(board.assertions.values()).as_dict(),
        "verdicts": board.verdicts.as_dict(),
    }


def print_board(board: Board) -> None:
    print(f"  {'':32}{'marked':>7}{'found':>7}{'prec.':>8}{'recall':>8}{'F1':>8}   95 % of recall")
    for name in sorted(board.spans, key=lambda name: (name in HEALTH, name)):
        _line(f"span    {name}", board.spans[name])
    _line("SPANS   identifiers with a check", total(board.spans[name] for name in _CHECKED))
    _line("SPANS   names, addresses, births", total(board.spans[name] for name in _NAMED))
    for name in sorted(board.records):
        _line(f"record  {name}", board.records[name])
    _line("RECORDS this person, category", total(board.records.values()))
    for name in sorted(board.assertions):
        _line(f"stated  {name}", board.assertions[name])
    _line("STATED  assertions", total(board.assertions.values()))
    _line("PERSONS", board.persons)
    _line("VERDICT high or above", board.verdicts)
    worst = sorted(board.alarms.items(), key=lambda item: -item[1])[:12]
    print("  false alarms: " + ", ".join(f"{name} {count}" for name, count in worst))


def _line(name: str, score: Score) -> None:
    low, high = wilson(score.found, score.found + score.missed)
    rates = "".join(f"{'-' if math.isnan(rate) else format(rate, '.3f'):>8}" for rate in score.rates)
    interval = "" if math.isnan(low) else f"   {low:.3f} to {high:.3f}"
    print(f"  {name:32}{score.found + score.missed:>7}{score.right + score.wrong:>7}{rates}{interval}")


def print_changes(known: dict[str, Any], figures: dict[str, Any]) -> None:
    """Print every rate that differs from the one recorded."""
    changed = []
    for name, value in _flat(figures).items():
        before = _flat(known).get(name)
        if before is not None and before != value:
            changed.append(f"  {name}: {before} to {value}")
    if known:
        print(f"\nsince the last record: {len(changed) or 'no'} changes")
        print("\n".join(changed[:60]))


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, float]:
    flat: dict[str, float] = {}
    for name, value in tree.items():
        if "second" in name:
            continue  # no two runs take the same time
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        elif isinstance(value, int | float):
            flat[f"{prefix}{name}"] = value
    return flat
