"""Tables that name a person once, in the first of their rows: what stands below belongs to the same one.

`DUPONT;Marie;12/03/1965;02/01;entree` and below it `;;;05/01;VIH decouvert`: so sheets with merged cells are written,
and reports by patient. Such a table is known by its sample: some rows have all of what names people, the others nothing
of it and nothing in the first column either. Rows under a blank row or a total are nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from phiscan.model import Role
from phiscan.recognize.bytewise import lengths
from phiscan.recognize.plan import Column, Plan
from phiscan.recognize.ruleset import Ruleset

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Keys = npt.NDArray[np.uint64]

_IDENTITY = frozenset({"nir", "ins", "patient_id", "person_name", "birth_date", "address", "email", "phone"})
_NAMING = frozenset({"nir", "ins", "patient_id", "person_name"})
_TOTAL = r"(?i)^\W*(?:sous[ -]?)?(?:total|totaux|moyenne|nombre|effectif|somme|nb)\b"
_TOTALS = re.compile(_TOTAL)
_WHOLE = 0.9  # of the rows that name somebody, those that have all of what most of them have
_SAME = 2  # cells that a row has below the only person of a table, so that it is no remark at its end


def identifying(plan: Plan, ruleset: Ruleset) -> list[Column]:
    """Return the columns that say who a row is about."""
    return [
        column
        for column in plan.columns
        if column.recognizer >= 0
        and column.role is Role.PATIENT
        and ruleset.recognizers[column.recognizer].category in _IDENTITY
    ]


def continues(rows: Sequence[Sequence[str]], plan: Plan, ruleset: Ruleset) -> bool:
    """Whether rows without an identity belong to the person named above them, as far as a sample shows.

    They stand between people, or below the only one there is: below the last of several they may be anything.
    """
    who = identifying(plan, ruleset)
    if not any(ruleset.recognizers[column.recognizer].category in _NAMING for column in who):
        return False
    named: list[list[bool]] = []  # of each row that names somebody, which of the columns are filled
    below = between = full = 0
    person = False
    for row in rows:
        theirs = [bool(row[column.index].strip()) for column in who if column.index < len(row)]
        if any(theirs):
            between += below > 0
            person = True
            named.append(theirs)
        elif person:
            filled = [cell.strip() for cell in row]
            person = any(filled) and not filled[0] and not any(map(_TOTALS.match, filled))
            below += person
            full += person and sum(map(bool, filled)) >= _SAME
    alone = len(named) == 1 and full == below > 0
    return (between > 0 or alone) and _all_or_nothing(named)


def _all_or_nothing(named: list[list[bool]]) -> bool:
    """Whether the rows that name somebody have what most of them have, so that a blank is no cell left out."""
    usual = [at for at, filled in enumerate(zip(*named, strict=True)) if sum(filled) * 2 > len(named)]
    whole = sum(1 for row in named if all(row[at] for at in usual))
    return bool(usual) and whole >= _WHOLE * len(named)


class Above:
    """Who is named above a row, from batch to batch; one for each pass over a table that `continues`."""

    def __init__(self, plan: Plan, ruleset: Ruleset) -> None:
        self._who = [column.index for column in identifying(plan, ruleset)]
        self._last: tuple[int, int] | None = None  # the key and the flags of the person whom the last row is about

    def persons(
        self, batch: pa.RecordBatch, keys: Keys, flags: Keys, masks: Keys
    ) -> tuple[Keys, Keys]:
        """Return keys and masks of the rows of a batch that are about somebody named above them.

        `keys`, `flags`: of whom each row names itself, 0 for nobody; `masks`: the categories in each row.
        """
        import numpy as np

        own, below = self._kinds(batch)
        size = batch.num_rows
        everybody = np.zeros(size + 1, np.uint64)  # by row, after the person of the batch before; 0 is nobody
        told = np.zeros(size + 1, np.uint64)
        everybody[0], told[0] = self._last or (0, 0)
        everybody[1:], told[1:] = keys, flags
        begins = np.where(own | ~below, np.arange(1, size + 1), 0)
        leader = np.maximum.accumulate(begins)
        if size and everybody[leader[-1]]:
            self._last = int(everybody[leader[-1]]), int(told[leader[-1]])
        else:
            self._last = None
        theirs = below & (everybody[leader] > 0)
        return everybody[leader[theirs]], masks[theirs] | told[leader[theirs]]

    def _kinds(self, batch: pa.RecordBatch) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Return which rows have something that names people, and which have anything else and no total."""
        import numpy as np
        import pyarrow.compute as pc

        own, other, ended = (np.zeros(batch.num_rows, bool) for _ in range(3))
        for index, column in enumerate(batch.columns):
            filled = lengths(pc.ascii_trim_whitespace(column)) > 0
            if index in self._who:
                own |= filled
            else:
                other |= filled
                ended |= filled & pc.match_substring_regex(column, _TOTAL).to_numpy(zero_copy_only=False)
                if index == 0:
                    ended |= filled
        return own, other & ~own & ~ended
