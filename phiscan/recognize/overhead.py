"""Tables that are about one person whom their title names: a sheet for each patient, or a block of rows for each.

`QUERE Monique` is the name of a sheet, or stands alone in a row above `Date;Poids;HbA1c`: no row of it names anybody. A
title with a birth date says who that is. A name alone does in a table of results or treatments only, and where it is
written as one of a list: hospitals and schools are called after people too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from phiscan.model import Kind, Role, Table
from phiscan.recognize.bytewise import lengths
from phiscan.recognize.listwords import list_words
from phiscan.recognize.names import parse_name
from phiscan.recognize.packed import BEFORE, BORN, CIVILITY, DATE, WORDS
from phiscan.recognize.persons import first_name, name_person, person_part
from phiscan.recognize.plan import Plan
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import normal_form
from phiscan.recognize.widen import BIRTH, NAME, widened

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

_LONGEST = 120  # characters of a title
CELLS = 2  # filled ones in a row that is a title
_WORDS = 5  # of a name that stands alone
_COLUMNS = 2  # columns of facts that make a table one of care
_CIVIL = re.compile(rf"^{CIVILITY}")
_LABEL = re.compile(r"([A-Za-z()' ]{2,40}?) ?(?::| -) ?(?=[A-Z])")
_BORN = re.compile(rf"({CIVILITY}{WORDS})[ ,;:(/|\-]{{1,5}}({BORN}?)({DATE})(?![0-9/])")
_ROOM = re.compile(rf"^{BEFORE}(?=[A-Z])")
_GROWN = 2008  # who was born before has a birth date where nothing says that it is one


class Person(NamedTuple):
    """Whom a title names; `birth` is "" where it does not say it."""

    name: str
    birth: str

    @property
    def known(self) -> bool:
        """Whether it names somebody."""
        return bool(self.name)


NOBODY = Person("", "")


def person_in(title: str, ruleset: Ruleset) -> Person:
    """Return whom a title names, as the patient and nobody else."""
    title = title.strip()
    if not 5 <= len(title) <= _LONGEST:
        return NOBODY
    label = _LABEL.match(title)
    if label is not None and _of_patient(label[1], ruleset):
        title = title[label.end() :]
    title = _ROOM.sub("", title)
    born = _BORN.match(title)
    if born is not None and name_person(born[1]) and (born[2] or int(born[3][-4:].strip("/.-")) < _GROWN):
        return Person(born[1], born[3])
    return Person(title, "") if _name_alone(title) else NOBODY


def _of_patient(label: str, ruleset: Ruleset) -> bool:
    refs, role = ruleset.headers.find(label)
    categories = {ruleset.recognizers[ref.recognizer].category for ref in refs if ref.recognizer >= 0}
    return role is Role.PATIENT and "person_name" in categories


def _name_alone(title: str) -> bool:
    """Whether a title is a name as lists write it: a surname in capitals, and given names that are not."""
    words = _CIVIL.sub("", title).split()
    if not 2 <= len(words) <= _WORDS or not person_part(title) or not name_person(title):
        return False
    if list_words("lists_places").search(normal_form(title.encode("ascii", "replace"), cells=False)):
        return False
    capital = [word.isupper() and len(word) > 1 for word in words]
    given = [word for word, is_capital in zip(words, capital, strict=True) if not is_capital]
    beside = sum(a != b for a, b in pairwise(capital)) == 1
    return beside and all(word.istitle() and first_name(word) for word in given) and bool(parse_name(title).key)


def of_care(plan: Plan, ruleset: Ruleset) -> bool:
    """Whether a table has columns of what is done for patients."""
    told = 0
    for column in plan.columns:
        recognizer = ruleset.recognizers[column.recognizer] if column.recognizer >= 0 else None
        health = recognizer is not None and recognizer.kind is Kind.HEALTH and recognizer.category != "exam_date"
        told += bool(column.system) or health
    return told >= _COLUMNS


def titles_in(rows: Sequence[Sequence[str]], ruleset: Ruleset) -> list[Person]:
    """Return whom the rows that are titles name."""
    found = []
    for row in rows:
        filled = [cell.strip() for cell in row if cell.strip()]
        if 0 < len(filled) <= CELLS and (person := person_in(" ".join(filled), ruleset)).known:
            found.append(person)
    return found


def entitled(table: Table, first: int, sheet: Person, ruleset: Ruleset, *, alone: bool) -> Table:
    """Return the table with whom its titles name in columns of their own; `sheet`: whom the sheet's name does.

    `alone`: a name without a birth date says it too.
    """
    return widened(table, first, (NAME, BIRTH), lambda: _Titles(sheet, ruleset, alone=alone))


class _Titles:
    """Who is named above a row, from batch to batch."""

    def __init__(self, sheet: Person, ruleset: Ruleset, *, alone: bool) -> None:
        self._sheet, self._last, self._ruleset, self._alone = sheet, sheet, ruleset, alone

    def __call__(self, batch: pa.RecordBatch) -> tuple[dict[int, pa.StringArray], list[pa.StringArray]]:
        import numpy as np
        import pyarrow as pa

        people, leader = [self._last], np.zeros(batch.num_rows, np.int64)
        filled = _filled(batch)
        for row in np.flatnonzero((filled > 0) & (filled <= CELLS)).tolist():
            cells = [cell for column in batch.columns if (cell := column[row].as_py().strip())]
            person = person_in(" ".join(cells), self._ruleset)
            if person.known and (person.birth or self._alone):
                leader[row] = len(people)
                people.append(person)
        leader = np.maximum.accumulate(leader)
        self._last = people[leader[-1]] if len(leader) else self._last
        leader[filled == 0] = len(people)
        people.append(NOBODY)
        which = pa.array(leader)
        return {}, [pa.array([person[part] for person in people], pa.string()).take(which) for part in (0, 1)]


def _filled(batch: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """Return how many cells of each row are filled."""
    import numpy as np

    filled = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        filled += lengths(column) > 0
    return filled
