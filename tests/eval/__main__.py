"""Measures detection on labelled sets.

    python -m tests.eval [SET]... [--each N] [--noise NAME]... [--json FILE] [--record] [--show]
    python -m tests.eval compare [dev|held]

The sets are `dev` and `held` (generated documents), `tables-dev` and `tables-held` (generated tables), `negatives` (the
hard negatives) and, only where it is asked for, `innocent` (20,000 real files and more of Debian packages); see
README.md. Prints for each a table with precision, recall and F1 and false alarms by recognizer, then what changed
since the figures last recorded (`figures.json`). `--record` writes the figures; `--show` prints what is wrong with
each document: never with what is held back, which nobody looks at while recognizers are mended.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from phiscan.model import Severity
from tests.eval import tables
from tests.eval.documents import Document, documents
from tests.eval.noise import NOISES, spoil
from tests.eval.reading import judged, read
from tests.eval.report import print_board, print_changes, summary
from tests.eval.score import Board

FIGURES = Path(__file__).parent / "figures.json"
NEGATIVES = Path(__file__).parent / "negatives"
_USUAL = ("dev", "held", "tables-dev", "tables-held", "negatives")
_SETS = (*_USUAL, "innocent", "compare")


def _set(name: str) -> str:
    """Return the name of a set; argparse's own `choices` refuses that none is given."""
    if name not in _SETS:
        raise argparse.ArgumentTypeError(f"{name}: none of {', '.join(_SETS)}")
    return name


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "sets", nargs="*", type=_set, metavar="|".join(_SETS), help="default: all but innocent and compare"
    )
    parser.add_argument("--each", type=int, help="documents of each variant, each about somebody else (4; compare: 1)")
    parser.add_argument("--noise", action="append", choices=sorted({*NOISES, *tables.NOISES}), help="default: all")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument("--record", action="store_true", help="record the figures for later comparisons")
    parser.add_argument("--show", action="store_true", help="print what is wrong with each document")
    given = parser.parse_args(arguments)
    figures = _compared(given) if "compare" in given.sets else _measured(given)
    known = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    print_changes(known, figures)
    text = json.dumps({**known, **figures} if given.record else figures, indent=1, ensure_ascii=False) + "\n"
    if given.record:
        FIGURES.write_text(text, "utf-8")
    if given.json:
        given.json.write_text(text, "utf-8")
    return 0


def _measured(given: argparse.Namespace) -> dict[str, Any]:
    """Measure phiscan on each set that is asked for."""
    figures: dict[str, Any] = {}
    for name in given.sets or _USUAL:
        show = given.show and not name.endswith("held")
        if name == "negatives":
            figures[name] = negatives(show=show)
        elif name == "innocent":
            from tests.eval.innocent import innocent

            found = innocent(show=show)
            if found is not None:
                figures[name] = found
        elif name.startswith("tables-"):
            figures[name] = tabled(name.removeprefix("tables-"), _noises(given, tables.NOISES), show=show)
        else:
            figures[name] = generated(name, given.each or 4, _noises(given, NOISES), show=show)
    return figures


def _noises(given: argparse.Namespace, known: Iterable[str]) -> list[str]:
    """Return the conditions asked for that a set knows, all by default; what knows none of them is read as it is."""
    return [noise for noise in known if not given.noise or noise in given.noise] or ["plain"]


def _compared(given: argparse.Namespace) -> dict[str, Any]:
    """Measure phiscan, Presidio and EDS-NLP side by side on the generated documents."""
    from tests.eval.compare import compare

    splits = [name for name in given.sets if name in ("dev", "held")] or ["dev", "held"]
    return {"compare": compare(splits, given.each or 1, _noises(given, NOISES))}


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
    print_board(everything)
    return {
        **everything.as_dict(),
        "by_noise": {noise: summary(board) for noise, board in apart.items()},
    }


def _in_words(note: str, document: Document) -> str:
    """Return a note with the words it is about: the people in these documents are made up."""
    head, _, at = note.rpartition(" at ")
    if not at.isdigit():
        return note
    begun = int(at)
    return f"{head}: {document.text[max(0, begun - 30) : begun]!r} > {document.text[begun : begun + 40]!r}"


def tabled(split: str, noises: Sequence[str], *, show: bool) -> dict[str, Any]:
    """Measure a split of the generated tables, all noises together and each apart."""
    from tests.eval.reading_tables import read_table_file
    from tests.eval.score_tables import add_table
    from tests.eval.writing import write

    everything, apart = Board(), {noise: Board() for noise in noises}
    for table in tables.tables(split, noises):
        found = read_table_file(table, write(table))
        notes = add_table(everything, table, found)
        add_table(apart[table.noise], table, found)
        if show and notes:
            print(f"-- {table.export.name} {table.noise}")
            print("".join(f"   {note}\n" for note in notes), end="")
    print(f"\ntables-{split}: {everything.documents} files of {len(tables.book(split).exports)} programs")
    print_board(everything)
    return {**everything.as_dict(), "by_noise": {noise: summary(board) for noise, board in apart.items()}}


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


if __name__ == "__main__":
    sys.exit(main())
