"""Measures detection on labelled sets.

    python -m tests.eval [dev|held|negatives]... [--each N] [--noise NAME]... [--json FILE] [--record] [--show]

`dev` and `held` are generated documents (README.md), `negatives` the hard negatives. Prints a table with precision,
recall and F1, what changed since the figures last recorded (`figures.json`), and false alarms by recognizer.
`--record` writes the figures; `--show` prints what is wrong with each document: never with `held`, whose documents
nobody looks at while recognizers are mended.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from phiscan.model import Severity
from tests.eval.documents import HEALTH, Document, documents
from tests.eval.noise import NOISES, spoil
from tests.eval.reading import judged, read
from tests.eval.score import Board, Score, total, wilson

FIGURES = Path(__file__).parent / "figures.json"
NEGATIVES = Path(__file__).parent / "negatives"
_CHECKED = ("nir", "ins", "iban", "rpps", "finess", "email")
_NAMED = ("person_name", "address", "birth_date")


_SETS = ("dev", "held", "negatives")


def _set(name: str) -> str:
    """Return the name of a set; argparse's own `choices` refuses that none is given."""
    if name not in _SETS:
        raise argparse.ArgumentTypeError(f"{name}: none of {', '.join(_SETS)}")
    return name


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sets", nargs="*", type=_set, metavar="|".join(_SETS), help="default: all")
    parser.add_argument("--each", type=int, default=4, help="documents of each variant, each about somebody else")
    parser.add_argument("--noise", action="append", choices=sorted(NOISES), help="only these (default: all)")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument("--record", action="store_true", help="record the figures for later comparisons")
    parser.add_argument("--show", action="store_true", help="print what is wrong with each document")
    given = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    for name in given.sets or _SETS:
        if name == "negatives":
            figures[name] = negatives(show=given.show)
        else:
            figures[name] = generated(name, given.each, given.noise or list(NOISES), show=given.show and name == "dev")
    known = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    _changes(known, figures)
    text = json.dumps({**known, **figures} if given.record else figures, indent=1, ensure_ascii=False) + "\n"
    if given.record:
        FIGURES.write_text(text, "utf-8")
    if given.json:
        given.json.write_text(text, "utf-8")
    return 0


def generated(split: str, each: int, noises: list[str], *, show: bool) -> dict[str, Any]:
    """Measure a split of the generated documents, all noises together and each apart."""
    everything, apart = Board(), {noise: Board() for noise in noises}
    for document in documents(split, each):
        for noise in noises:
            spoilt = spoil(document, noise)
            found = read(spoilt)
            notes = everything.add(spoilt, found)
            apart[noise].add(spoilt, found)
            if show and notes:
                print(f"-- {document.family} {document.variant + 1} {noise}")
                print("".join(f"   {_in_words(note, spoilt)}\n" for note in notes), end="")
    print(f"\n{split}: {everything.documents} documents of {len({d.family for d in documents(split, 1)})} families")
    _table(everything)
    return {
        **everything.as_dict(),
        "by_noise": {noise: _summary(board) for noise, board in apart.items()},
    }


def _in_words(note: str, document: Document) -> str:
    """Return a note with the words it is about: the people in these documents are made up."""
    head, _, at = note.rpartition(" at ")
    if not at.isdigit():
        return note
    begun = int(at)
    return f"{head}: {document.text[max(0, begun - 30) : begun]!r} > {document.text[begun : begun + 40]!r}"


def _summary(board: Board) -> dict[str, Any]:
    return {
        "identifiers_with_a_check": total(board.spans[name] for name in _CHECKED).as_dict(),
        "names_addresses_birth_dates": total(board.spans[name] for name in _NAMED).as_dict(),
        "records": total(board.records.values()).as_dict(),
        "assertions": total(board.assertions.values()).as_dict(),
        "verdicts": board.verdicts.as_dict(),
    }


def _table(board: Board) -> None:
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
    _line("PERSONS one a document", board.persons)
    _line("VERDICT high or above", board.verdicts)
    worst = sorted(board.alarms.items(), key=lambda item: -item[1])[:12]
    print("  false alarms: " + ", ".join(f"{name} {count}" for name, count in worst))


def _line(name: str, score: Score) -> None:
    low, high = wilson(score.found, score.found + score.missed)
    rates = "".join(f"{'-' if math.isnan(rate) else format(rate, '.3f'):>8}" for rate in score.rates)
    interval = "" if math.isnan(low) else f"   {low:.3f} to {high:.3f}"
    print(f"  {name:32}{score.found + score.missed:>7}{score.right + score.wrong:>7}{rates}{interval}")


def negatives(*, show: bool) -> dict[str, Any]:
    """Measure the hard negatives: nobody with a health fact, and but for plain lists of people nothing above `info`."""
    above, linked, files = [], [], 0
    for path in sorted(NEGATIVES.iterdir()):
        files += 1
        found, persons = judged(path)
        most = Severity.CRITICAL if path.name.startswith("identities_") else Severity.INFO
        if found > most:
            above.append(path.name)
        if persons:
            linked.append(path.name)
        if show and (found > most or persons):
            print(f"-- {path.name}: {found.name.lower()}, {persons} persons with health facts")
    print(f"\nnegatives: {files} files, {len(above)} above info, {len(linked)} with somebody's health facts")
    print("".join(f"  {name}\n" for name in above), end="")
    counted = {"files": files, "above_info": len(above), "with_health_facts": len(linked)}
    return {**counted, "which": sorted({*above, *linked})}


def _changes(known: dict[str, Any], figures: dict[str, Any]) -> None:
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
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        elif isinstance(value, int | float):
            flat[f"{prefix}{name}"] = value
    return flat


if __name__ == "__main__":
    sys.exit(main())
