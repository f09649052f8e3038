"""Plans of rooms: a sheet as a wall of cards, each a few cells below one another about one person.

`Ch. 1`, below it `Mme KERVELLA Solange`, `06/04/1935`, `Parkinson`, and the next room beside it. Each card becomes a
row. Only where most cards hold a birth date or the number of a room: cards of a staff have a post and a telephone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from phiscan.recognize.dates import parse_date
from phiscan.recognize.names import is_null
from phiscan.recognize.packed import DATED
from phiscan.recognize.persons import name_person, person_part
from phiscan.recognize.widen import BIRTH, NAME

MOST_ROWS = 400  # of a sheet that people lay out by hand
NAMES = (NAME, BIRTH, "Observations")
_FEWEST = 3  # cards
_COLUMNS = 2  # in which names stand: below one another in one they are a list
_MOST_OF = 0.75  # of them
_HIGHEST = 12  # cells of a card
_WORDS = 7  # of a name
_EARLIEST, _LATEST = 1905, 2020  # years of births on such a plan; a family tree has others
_BED = re.compile(r"(?i)(?:ch|chambre|lit|box|place|logement|studio)(?![a-z])\.? ?(?:n[o.]{0,2} ?)?[0-9]{1,4} ?[a-z]?")
_CIVILITY = re.compile(r"(?:M|Mr|Mme|MME|Mlle|Monsieur|Madame)\.? [A-Z]")


class Card(NamedTuple):
    """One person's cells: the column, and the rows from its first to after its last."""

    column: int
    top: int
    end: int
    name: int


class Run(NamedTuple):
    """Filled cells below one another: the column, the first row and the one after the last, and where names stand."""

    column: int
    top: int
    end: int
    names: list[int]


def cards_in(cells: Sequence[Sequence[str]]) -> tuple[list[list[str]], list[str]]:
    """Return what the cards of a sheet hold (name, birth date, what else), and the cells of none.

    There are no cards where it is no wall of them.
    """
    runs = [run for column in range(len(cells[0]) if cells else 0) for run in _runs(cells, column)]
    above = min((run.names[0] - run.top for run in runs), default=0)  # a title may stand on one of the first cards
    cards = [card for run in runs for card in _of_run(run, above)]
    if len(cards) < _FEWEST or len({card.column for card in cards}) < _COLUMNS:
        return [], []
    if sum(card.end - card.top > 1 for card in cards) < _MOST_OF * len(cards):
        return [], []
    rows = [_row(cells, card) for card in cards]
    told = sum(bool(row[1]) or _BED.search(row[2]) is not None for row in rows)
    if told < _MOST_OF * len(rows):
        return [], []
    inside = {(at, card.column) for card in cards for at in range(card.top, card.end)}
    return rows, [
        cell for at, row in enumerate(cells) for column, cell in enumerate(row) if cell and (at, column) not in inside
    ]


def _of_run(run: Run, above: int) -> list[Card]:
    """Return the cards of a run of cells: a name each, with as many cells above it as all have."""
    ends = [*(name - above for name in run.names[1:]), run.end]
    cards = [Card(run.column, name - above, end, name) for name, end in zip(run.names, ends, strict=True)]
    return [card for card in cards if card.top <= card.name < card.end <= card.top + _HIGHEST]


def _runs(cells: Sequence[Sequence[str]], column: int) -> list[Run]:
    """Return where cells of a column are filled without a gap, and hold names."""
    runs, begun = [], -1
    for at in range(len(cells) + 1):
        filled = at < len(cells) and bool(cells[at][column])
        if filled and begun < 0:
            begun = at
        elif not filled and begun >= 0:
            names = [row for row in range(begun, at) if _is_name(cells[row][column])]
            runs += [Run(column, begun, at, names)] if names else []
            begun = -1
    return runs


def _is_name(cell: str) -> bool:
    if DATED.match(cell) is not None:
        return True
    if not 5 <= len(cell) <= 60 or " " not in cell or not cell[0].isupper():
        return False
    if len(cell.split()) > _WORDS or is_null(cell) or not person_part(cell):
        return False
    return name_person(cell) or (_CIVILITY.match(cell) is not None and len(cell.split()) > 2)


def _row(cells: Sequence[Sequence[str]], card: Card) -> list[str]:
    name, others = cells[card.name][card.column], []
    whole = DATED.match(name)
    for at in range(card.top, card.end):
        if at != card.name:
            others.append(cells[at][card.column])
        elif whole is not None:  # on several lines of one cell, below the number of the room
            others += [whole["value"], *(part.strip() for part in (whole["before"], whole["rest"]) if part.strip())]
    births = [cell for cell in others if (day := parse_date(cell)) and _EARLIEST <= day.year <= _LATEST]
    birth = min(births, key=lambda cell: str(parse_date(cell)), default="")
    return [name if whole is None else whole["name"], birth, " ; ".join(cell for cell in others if cell != birth)]
