"""Right and wrong counted in labelled tables: cell by cell, person by person, file by file, on the same board."""

from __future__ import annotations

from collections import Counter, defaultdict

from phiscan.model import Severity
from tests.eval.documents import HEALTH
from tests.eval.reading_tables import CellHit, TableRead
from tests.eval.roles import Mark
from tests.eval.score import Board
from tests.eval.tables import Tabled


def add_table(board: Board, tabled: Tabled, read: TableRead) -> list[str]:
    """Count one file; return what is wrong with it, a line each: the people in these tables are made up."""
    board.documents += 1
    return [*_cells(board, tabled, read), *_persons(board, tabled, read), *_verdict(board, tabled, read)]


def _cells(board: Board, tabled: Tabled, read: TableRead) -> list[str]:
    """A marked cell is found where anything of its category is; what is found in a cell unmarked is a false alarm."""
    notes = Counter[str]()
    shown = dict[str, str]()

    def note(what: str, line: int, column: int) -> None:
        label = tabled.labels[column] if column >= 0 else "no cell"
        said = f"{what} in {label}"
        notes[said] += 1
        shown.setdefault(said, tabled.lines[line].cells[column].text if line >= 0 and column >= 0 else "")

    hits: dict[tuple[int, int, str], CellHit] = {(hit.line, hit.column, hit.category): hit for hit in read.cells}
    for number, line in enumerate(tabled.lines):
        for column, cell in enumerate(line.cells):
            for mark in cell.marks:
                found = hits.get((number, column, mark.category))
                if mark.optional:
                    continue
                if found is None:
                    board.spans[mark.category].missed += 1
                    note(f"missed {mark.category}", number, column)
                    continue
                board.spans[mark.category].found += 1
                if mark.category in HEALTH and not _stated(board, mark, found):
                    note(f"{mark.category} is {_name(mark)}, not {found.assertion.name.lower()},", number, column)
    for (number, column, category), hit in hits.items():
        marks = tabled.lines[number].cells[column].marks if number >= 0 and column >= 0 else ()
        same = [mark for mark in marks if mark.category == category]
        if not same and category in HEALTH and tabled.export.verdict == "nobody":
            continue  # the words of a price list are found, and nobody's
        if not same:
            board.spans[category].wrong += 1
            board.alarms[hit.recognizer] += 1
            note(f"false {category} ({hit.recognizer})", number, column)
        elif not all(mark.optional for mark in same):
            board.spans[category].right += 1
    return [f"{count:4} x {said}: {shown[said]!r}" for said, count in notes.most_common()]


def _name(mark: Mark) -> str:
    return mark.assertion.name.lower()


def _stated(board: Board, mark: Mark, hit: CellHit) -> bool:
    """Count how a found fact is stated; return whether that is right."""
    score, said = board.assertions[_name(mark)], hit.assertion.name.lower()
    if hit.assertion is mark.assertion:
        score.found += 1
        board.assertions[said].right += 1
        return True
    score.missed += 1
    board.assertions[said].wrong += 1
    return False


def _persons(board: Board, tabled: Tabled, read: TableRead) -> list[str]:
    """Each person of the file with each health category of their rows: those that phiscan links, and no others.

    A person found in rows of several people is taken for the one with most of them; the others' rows are not linked.
    """
    rows: dict[object, Counter[str | None]] = defaultdict(Counter)
    for naming in read.namings:
        rows[naming.person][_whose(tabled, naming.line)] += 1
    owner = {person: lines.most_common(1)[0][0] for person, lines in rows.items()}
    found: dict[str | None, set[str]] = defaultdict(set)
    for naming in read.namings:
        whose = _whose(tabled, naming.line)
        if owner[naming.person] == whose:
            found[whose] |= naming.categories
    sure: dict[str, set[str]] = defaultdict(set)
    perhaps: dict[str, set[str]] = defaultdict(set)
    for line in tabled.lines:
        if line.person is not None:
            sure[line.person] |= line.facts
            perhaps[line.person] |= line.debatable
    notes = Counter[str]()
    for person, facts in sure.items():
        for category in facts:
            if category in found[person]:
                board.records[category].found += 1
                board.records[category].right += 1
            else:
                board.records[category].missed += 1
                notes[f"record without {category}"] += 1
    for whose, categories in found.items():
        allowed = sure[whose] | perhaps[whose] if whose is not None else set()
        for category in (categories - allowed) & HEALTH:
            board.records[category].wrong += 1
            notes[f"record with {category}"] += 1
    _counted(board, tabled.persons, read.persons)
    if tabled.persons != read.persons:
        notes[f"{read.persons} persons, not {tabled.persons}"] += 1
    return [f"{count:4} x {said}" for said, count in notes.most_common()]


def _whose(tabled: Tabled, line: int) -> str | None:
    return tabled.lines[line].person if line >= 0 else None


def _counted(board: Board, truth: int, said: int) -> None:
    """Count how many distinct people a file is said to hold."""
    both = min(truth, said)
    board.persons.found += both
    board.persons.missed += truth - both
    board.persons.right += both
    board.persons.wrong += said - both


def _verdict(board: Board, tabled: Tabled, read: TableRead) -> list[str]:
    """A public file with identified health data is `high` or above; one that is nobody's record at most `info`."""
    good = True
    if tabled.export.verdict == "health":
        good = read.severity >= Severity.HIGH
        board.verdicts.found += good
        board.verdicts.right += good
        board.verdicts.missed += not good
    elif tabled.export.verdict == "nobody":
        good = read.severity <= Severity.INFO
        board.verdicts.wrong += not good
    return [] if good else [f"verdict: {read.severity.name.lower()}"]
