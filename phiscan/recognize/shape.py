"""What a sheet or file holds besides one table with its header on top: several tables below one another, or one turned.

A register of a day has arrivals, then departures, then deaths, each with a header of its own after a blank row. A small
table may have its people side by side: its headers stand in the first column. A plan of rooms is a wall of cards. All
are made tables as all others are, and so is one that names its people in a title or all in one cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from phiscan.model import Kind, Role, Table
from phiscan.recognize import cards, contents, validators
from phiscan.recognize.bytewise import lengths
from phiscan.recognize.cellpersons import names_nobody
from phiscan.recognize.columns import make_plan
from phiscan.recognize.dates import parse_date
from phiscan.recognize.headerline import find_header, typed
from phiscan.recognize.listwords import of_patients
from phiscan.recognize.overhead import CELLS, NOBODY, entitled, of_care, person_in, titles_in
from phiscan.recognize.packed import named_beside, packed_column, unpacked
from phiscan.recognize.persons import first_name
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import normal_form
from phiscan.recognize.widen import NAME

if TYPE_CHECKING:
    import pyarrow as pa

    Batches = Callable[[], Iterator[pa.RecordBatch]]

Rows = Sequence[Sequence[str]]
_HEAD = 1500  # rows in which the second header of a table is looked for
_PARTS = 50  # tables below one another, at most
_SMALL = 60  # rows of a table that may be turned
_WIDE = 300  # its columns
_LONGEST = 40  # characters of a header
_LOOKED_AT = 400  # rows of a table that show whom its cells and its titles name
_PATIENTS = frozenset({"nir", "ins", "patient_id", "birth_date"})
_PEOPLE = _PATIENTS | {"person_name"}


def shaped(table: Table, ruleset: Ruleset) -> list[Table]:
    """Return the tables that a table is: itself, in all but a few cases. Its sample is read once and kept."""
    if table.names is not None:
        return [table]
    sample = table.sample()
    table.sample = lambda: sample
    turned = _turned(table, sample, ruleset) if sample.num_rows <= _SMALL else []
    if not turned and sample.num_rows <= cards.MOST_ROWS:
        turned = _carded(table, sample)
    return turned or [_told(one, ruleset) for one in _parted(table, sample, ruleset) or [table]]


# ---- several, below one another ----


class _Header(NamedTuple):
    begins: int  # the first of the rows that are its own: its title
    at: int


def _parted(table: Table, sample: pa.RecordBatch, ruleset: Ruleset) -> list[Table]:
    """Return the tables below one another, and the titles between them; none where there is but one."""
    if not _has_blank(sample.slice(0, _HEAD)) or len(_headers(_cells(sample.slice(0, _HEAD)), ruleset)) < 2:
        return []
    head, whole = _head_of(table)  # a sample has rows from elsewhere too
    rows = _cells(head)
    headers = _headers(rows, ruleset)
    if not 2 <= len(headers) <= _PARTS:
        return []
    batches: Batches = (lambda: iter([head])) if whole else table.batches
    first = headers[0].at + 1
    parts: list[Table] = []
    for header, after in zip(headers, [*headers[1:], None], strict=True):
        above = max(0, header.at + 1 - first)
        if header.begins < header.at:
            title = _part(table, head, batches, header.begins, header.at)
            names = ("",) * table.columns if parts else None  # above the first there may be a table of another kind
            parts.append(replace(title, names=names, above=max(0, header.begins - first)))
        part = _part(table, head, batches, header.at + 1, after.begins if after else None)
        parts.append(replace(part, names=tuple(cell.strip() for cell in rows[header.at]), above=above))
    return parts


def _part(table: Table, head: pa.RecordBatch, batches: Batches, start: int, end: int | None) -> Table:
    """Return the table of the rows from `start` to before `end`."""
    sample = head.slice(start, (head.num_rows if end is None else end) - start)
    return replace(
        table,
        batches=lambda: _between(batches(), start, end),
        sample=lambda: sample,
        share=lambda number, shares: None,
    )


def _between(batches: Iterator[pa.RecordBatch], start: int, end: int | None) -> Iterator[pa.RecordBatch]:
    at = 0
    for batch in batches:
        low, high = max(start - at, 0), batch.num_rows if end is None else min(end - at, batch.num_rows)
        if low < high:
            yield batch.slice(low, high - low)
        at += batch.num_rows
        if end is not None and at >= end:
            return


def _head_of(table: Table) -> tuple[pa.RecordBatch, bool]:
    """Return the first rows of a table, and whether they are all it has."""
    import pyarrow as pa

    found: list[pa.RecordBatch] = []
    rows = 0
    for batch in table.batches():
        if rows == _HEAD:
            return pa.concat_batches(found), False
        found.append(batch.slice(0, _HEAD - rows))
        rows += found[-1].num_rows
        if found[-1].num_rows < batch.num_rows:
            return pa.concat_batches(found), False
    return (pa.concat_batches(found), True) if found else (table.sample().slice(0, 0), True)


def _has_blank(batch: pa.RecordBatch) -> bool:
    """Whether a row without any value stands among others."""
    import numpy as np

    filled = np.zeros(batch.num_rows, bool)
    for column in batch.columns:
        filled |= lengths(column) > 0
    at = np.flatnonzero(filled)
    return len(at) > 0 and len(at) <= at[-1] - at[0]


def _headers(rows: Rows, ruleset: Ruleset) -> list[_Header]:
    """Return the headers of the tables that stand below one another.

    A second one follows a blank row, or a title that does; it has rows below, as the one before has.
    """
    found: list[_Header] = []
    current: list[str] = []  # the header of the table so far
    data, blank, title = 0, False, False  # rows below it; whether the row before is blank, or a title after one
    for at, row in enumerate(rows):
        filled = [cell.strip() for cell in row if cell.strip()]
        if (blank or title or not found) and filled != current and _is_header(filled, ruleset):
            more = at + 1 < len(rows) and any(map(str.strip, rows[at + 1]))
            if more and (data or not found):
                found.append(_Header(at - title if found else 0, at))
                current, data, blank, title = filled, 0, False, False
                continue
        title = blank and len(filled) == 1
        blank = not filled
        data += len(filled) > 1
    return found


def _is_header(filled: Sequence[str], ruleset: Ruleset) -> bool:
    """Whether the filled cells of a row are names of columns, of those that name people among them."""
    if len(filled) < 2 or len(set(filled)) < len(filled):
        return False
    if any(typed(cell) or len(cell) > _LONGEST or first_name(cell) for cell in filled):
        return False
    refs = [ref for cell in filled for ref in ruleset.headers.find(cell)[0][:1]]
    told = {ruleset.recognizers[ref.recognizer].category for ref in refs if ref.recognizer >= 0}
    return len(refs) * 3 >= len(filled) and len(set(refs)) == len(refs) and bool(told & _PEOPLE)


# ---- turned ----


def _turned(table: Table, sample: pa.RecordBatch, ruleset: Ruleset) -> list[Table]:
    """Return the table whose rows are the columns of a small one, where the first of them holds the headers."""
    cells = [[cell.strip() for cell in row] for row in _cells(sample)]
    rows = [row for row in cells if sum(map(bool, row)) >= 2]
    if len(rows) < 2 or not 3 <= table.columns <= _WIDE or any(map(ruleset.headers.known, filter(None, rows[0][1:]))):
        return []
    values = [[cell for cell in row[1:] if cell] for row in rows]
    labels = [row[0] or (NAME if contents.whole_names(cells) else "") for row, cells in zip(rows, values, strict=True)]
    if not any(map(partial(_names_people, ruleset=ruleset), labels, values)):
        return []
    if not (_tell_of_patients(labels, ruleset) or any(map(partial(_births, ruleset=ruleset), labels, values))):
        return []
    people = [list(column) for column in zip(*(row[1:] for row in rows), strict=True) if any(column)]
    titles = [["".join(row)] for row in cells if sum(map(bool, row)) == 1]
    made = [_small(table, titles, ("",))] if titles else []
    return [*made, _small(table, people, tuple(labels))]


def _small(table: Table, rows: list[list[str]], names: tuple[str, ...]) -> Table:
    import pyarrow as pa

    columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(len(names))]
    batch = pa.record_batch(columns, [f"c{at}" for at in range(len(names))])
    return replace(
        table,
        columns=len(names),
        batches=lambda: iter([batch]),
        sample=lambda: batch,
        names=names,
        share=lambda number, shares: None,
    )


def _tell_of_patients(labels: list[str], ruleset: Ruleset) -> bool:
    """Whether most labels are names of columns, and one is of what only patients have: a birth date, a result."""
    refs = [ruleset.headers.find(label)[0] for label in labels if label and not typed(label)]
    known = sum(map(bool, refs))
    told = [ruleset.recognizers[ref.recognizer] for found in refs for ref in found if ref.recognizer >= 0]
    theirs = any(one.kind is Kind.HEALTH or one.category in _PATIENTS for one in told)
    return known >= 2 and known * 2 >= len(labels) and theirs


def _names_people(label: str, values: list[str], ruleset: Ruleset) -> bool:
    """Whether values name several people, as their label says: a list of fields has the labels and no people."""
    refs, role = ruleset.headers.find(label)
    if role is not Role.PATIENT or len(values) < 2:
        return False
    told = {(ruleset.recognizers[ref.recognizer].category, ref.part) for ref in refs if ref.recognizer >= 0}
    if ("person_name", "first_name") in told:
        return contents.first_names(values) >= 0.6
    if any(category == "person_name" for category, _ in told):
        return contents.whole_names(values)
    return ("nir", "") in told and contents.share(values, validators.nir) >= 0.6


def _births(label: str, values: list[str], ruleset: Ruleset) -> bool:
    """Whether a row holds the birth dates of several people, as its label says; then the others may say anything."""
    refs, role = ruleset.headers.find(label)
    told = {ruleset.recognizers[ref.recognizer].category for ref in refs if ref.recognizer >= 0}
    dates = contents.share(values, lambda value: parse_date(value) is not None)
    return role is Role.PATIENT and "birth_date" in told and len(values) >= 2 and dates >= 0.8


# ---- a wall of cards ----


def _carded(table: Table, sample: pa.RecordBatch) -> list[Table]:
    rows, others = cards.cards_in([[cell.strip() for cell in row] for row in _cells(sample)])
    titles = normal_form("\n".join([table.sheet_name, *others]).encode("ascii", "replace"), cells=False)
    if not rows or of_patients(titles) is False:
        return []
    above = [_small(table, [[cell] for cell in others], ("",))] if others else []
    return [*above, _small(table, rows, cards.NAMES)]


# ---- whom it names elsewhere than in columns ----


def _told(table: Table, ruleset: Ruleset) -> Table:
    """Return a table with columns of whom its cells or its titles name, where none of its own does."""
    rows = _cells(table.sample().slice(0, _LOOKED_AT))
    first = 0 if table.names else find_header(rows, table.columns, ruleset)[0]
    packed = packed_column(rows, first)
    if packed is not None and not named_beside(make_plan(rows, table.names, ruleset), packed.at, ruleset):
        return unpacked(table, first, packed)
    sheet, titles = person_in(table.sheet_name, ruleset), titles_in(rows, ruleset) if table.columns > CELLS else []
    if not (sheet.known or titles) or len(titles) * 2 > sum(any(map(str.strip, row)) for row in rows):
        return table
    plan = make_plan(rows, table.names, ruleset)
    alone = of_care(plan, ruleset)
    if not names_nobody(plan, ruleset) or not (alone or any(person.birth for person in (sheet, *titles))):
        return table
    return entitled(table, first, sheet if alone or sheet.birth else NOBODY, ruleset, alone=alone)


def _cells(batch: pa.RecordBatch) -> list[list[str]]:
    return [list(row) for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)]
