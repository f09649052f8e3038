"""Linking in tables: one row is one record, and whole columns are composed into person keys at once.

The same order of identities as `phiscan.link.Identity.named`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from phiscan.link.past import long_ago
from phiscan.recognize.bytewise import contents, lengths
from phiscan.seal import Sealer
from phiscan.tally import INEXACT, STRONG

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Rows: TypeAlias = npt.NDArray[np.int64]
    Column: TypeAlias = pa.StringArray | Callable[[Rows | None], pa.StringArray]


class Identities:
    """The identifying columns of one batch, canonical, "" where a row has none. The first column of a kind wins.

    A column may be given as a function, of rows or of None for all: few rows ask for more than the strongest identity.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._given: dict[str, list[Column]] = {}
        self._made: dict[str, pa.StringArray] = {}

    def add(self, kind: str, values: Column) -> None:
        """Add a column of a kind: a field of `Identity`, or last_name, first_name, birth_name, full_name."""
        self._given.setdefault(kind, []).append(values)

    def _column(self, kind: str, rows: Rows | None) -> pa.StringArray | None:
        """Return what the rows (None: all of them) have of a kind."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if kind not in self._given:
            return None
        if kind in self._made:
            return self._made[kind] if rows is None else self._made[kind].take(pa.array(rows))
        columns = [_values(values, rows) for values in self._given[kind]]
        made = columns[0]
        for values in columns[1:]:
            if kind == "address":
                made = pc.binary_join_element_wise(made, values, "")
            else:
                made = pc.if_else(pc.equal(made, ""), values, made)
        if rows is None:
            self._made[kind] = made
        return made

    def _name(self, rows: Rows | None) -> pa.StringArray | None:
        """Birth name, else name in use, with the first given name: "FAMILY/FIRST", "" unless both are known."""
        import pyarrow.compute as pc

        family, first = self._column("birth_name", rows), self._column("first_name", rows)
        last, full = self._column("last_name", rows), self._column("full_name", rows)
        if family is None:
            family = last
        elif last is not None:
            family = pc.if_else(pc.equal(family, ""), last, family)
        name = None
        if family is not None and first is not None:
            both = pc.and_(pc.not_equal(family, ""), pc.not_equal(first, ""))
            name = pc.if_else(both, pc.binary_join_element_wise(family, first, "/"), "")
        if full is not None:
            full = pc.if_else(pc.match_substring_regex(full, "^[^/]+/[^/]+$"), full, "")
            name = full if name is None else pc.if_else(pc.equal(name, ""), full, name)
        return name

    def _part(self, rows: Rows | None) -> pa.StringArray | None:
        """What is known of a name that is not complete: birth name, else name in use, else given name."""
        import pyarrow.compute as pc

        known = [self._column(kind, rows) for kind in ("birth_name", "last_name", "first_name")]
        part = None
        for column in known:
            if column is not None:
                part = column if part is None else pc.if_else(pc.equal(part, ""), column, part)
        return part

    def _number(self, rows: Rows | None) -> pa.StringArray | None:
        import pyarrow.compute as pc

        nir, ins = self._column("nir", rows), self._column("ins", rows)
        if nir is None or ins is None:
            return ins if nir is None else nir
        return pc.if_else(pc.equal(nir, ""), ins, nir)

    def _parts(self, kinds: str, rows: Rows | None) -> list[pa.StringArray | None]:
        made: dict[str, Callable[[Rows | None], pa.StringArray | None]] = {
            "number": self._number, "name": self._name, "part": self._part,
        }
        return [made[kind](rows) if kind in made else self._column(kind, rows) for kind in kinds.split()]

    def named(self) -> Iterator[tuple[Rows, pa.StringArray, int]]:
        """Yield, identity by identity, strongest first: rows that it names, what each is counted by, and the flags."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        left: Rows | None = None  # None: all
        for prefix, flag, kinds in _TIERS:
            parts = self._parts(kinds, left)
            columns = [column for column in parts if column is not None]
            if len(columns) < len(parts):
                continue
            complete = pc.not_equal(columns[0], "")
            for column in columns[1:]:
                complete = pc.and_(complete, pc.not_equal(column, ""))
            use = complete.to_numpy(zero_copy_only=False)
            if not use.any():
                continue
            if not use.all():
                columns = [column.filter(complete) for column in columns]
            rows = np.arange(self.rows) if left is None else left
            yield rows[use], pc.binary_join_element_wise(pa.scalar(prefix), *columns, "|"), flag
            left = rows[~use]
            if not len(left):
                return

    def past(self, deaths: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_]:
        """Return which rows are of people of the past, and bear no number of somebody who lives.

        None is where most rows are not: among the living such a date is a mistake. `deaths`: the rows in which somebody
        died long ago.
        """
        import numpy as np
        import pyarrow.compute as pc

        born, past = self._column("birth_date", None), np.zeros(self.rows, bool)
        if born is not None:
            old = np.flatnonzero(pc.starts_with(born, "18").to_numpy(zero_copy_only=False))
            if len(old) and len(pc.unique(born.take(old))) == 1:  # a placeholder
                old = old[:0]
            past[old] = [long_ago(born[row].as_py()) for row in old.tolist()]
        if deaths is not None:
            past |= deaths if born is None else deaths & pc.less(born, "1901").to_numpy(zero_copy_only=False)
        if 2 * np.count_nonzero(past) <= self.rows:
            return np.zeros(self.rows, bool)
        for kind in ("nir", "ins", "patient_id", "email", "phone"):
            if (known := self._column(kind, None)) is not None:
                past &= lengths(known) == 0
        return past

    def keyed(self, sealer: Sealer) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
        """Return the key of each row's person, 0 where it names nobody, and the flags."""
        import numpy as np
        import pyarrow as pa

        keys, flags = np.zeros(self.rows, np.uint64), np.zeros(self.rows, np.uint64)
        for rows, named, flag in self.named():
            whole = named.combine_chunks() if isinstance(named, pa.ChunkedArray) else named
            keys[rows] = sealer.persons_in(*contents(whole))
            flags[rows] = flag
        return keys, flags

    def persons(
        self, masks: npt.NDArray[np.uint64], sealer: Sealer
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
        """Return the keys and masks of the rows that name somebody. `masks`: the categories in each row."""
        keys, flags = self.keyed(sealer)
        named = keys != 0
        return keys[named], (masks | flags)[named]


# The identities, strongest first: prefix, flags, and what they are made of.
_TIERS = (
    ("n", STRONG, "number name birth_date"),
    ("i", STRONG, "number"),
    ("b", STRONG, "name birth_date"),
    ("p", STRONG, "patient_id"),
    ("a", 0, "name address"),
    ("e", 0, "email"),
    ("t", 0, "phone"),
    ("m", INEXACT, "name"),
    ("f", INEXACT, "part birth_date"),
)


def _values(values: Column, rows: Rows | None) -> pa.StringArray:
    import pyarrow as pa

    if callable(values):
        return values(rows)
    return values if rows is None else values.take(pa.array(rows))
