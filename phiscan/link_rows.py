"""Linking in tables: one row is one record, and whole columns are composed into person keys at once.

The same order of identities as `phiscan.link.Identity.named`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from phiscan.recognize.bytewise import contents
from phiscan.seal import Sealer
from phiscan.tally import INEXACT, STRONG

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Column: TypeAlias = pa.StringArray | Callable[[], pa.StringArray]


class Identities:
    """The identifying columns of one batch, canonical, "" where a row has none. The first column of a kind wins.

    A column may be given as a function: where every row is named by stronger identities, it is never called.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._given: dict[str, list[Column]] = {}
        self._made: dict[str, pa.StringArray] = {}

    def add(self, kind: str, values: Column) -> None:
        """Add a column of a kind: a field of `Identity`, or last_name, first_name, birth_name, full_name."""
        self._given.setdefault(kind, []).append(values)

    def _column(self, kind: str) -> pa.StringArray | None:
        import pyarrow.compute as pc

        if kind not in self._given:
            return None
        if kind not in self._made:
            columns = [values() if callable(values) else values for values in self._given[kind]]
            made = columns[0]
            for values in columns[1:]:
                if kind == "address":
                    made = pc.binary_join_element_wise(made, values, "")
                else:
                    made = pc.if_else(pc.equal(made, ""), values, made)
            self._made[kind] = made
        return self._made[kind]

    def _name(self) -> pa.StringArray | None:
        """Birth name, else name in use, with the first given name: "FAMILY/FIRST", "" unless both are known."""
        import pyarrow.compute as pc

        family, first = self._column("birth_name"), self._column("first_name")
        last, full = self._column("last_name"), self._column("full_name")
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

    def named(self) -> tuple[pa.StringArray | None, npt.NDArray[np.uint64]]:
        """Return the string each row's person is counted by ("" is nobody), and its flags."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        chosen: pa.StringArray | None = None
        flags = np.zeros(self.rows, np.uint64)
        missing = np.ones(self.rows, bool)
        for prefix, flag, parts in self._tiers():
            if not missing.any():
                break
            columns = parts()
            if any(column is None for column in columns):
                continue
            complete = pc.not_equal(columns[0], "")
            for column in columns[1:]:
                complete = pc.and_(complete, pc.not_equal(column, ""))
            use = complete.to_numpy(zero_copy_only=False) & missing
            if not use.any():
                continue
            joined = pc.binary_join_element_wise(pa.scalar(prefix), *columns, "|")
            chosen = pc.if_else(pa.array(use), joined, "" if chosen is None else chosen)
            flags[use] = flag
            missing &= ~use
        return chosen, flags

    def _tiers(self) -> Iterator[tuple[str, int, Callable[[], tuple[pa.StringArray | None, ...]]]]:
        """The identities, strongest first: prefix, flags, and what they are made of."""
        name: list[pa.StringArray | None] = []

        def named() -> pa.StringArray | None:
            if not name:
                name.append(self._name())
            return name[0]

        yield "n", STRONG, lambda: (self._number(), named(), self._column("birth_date"))
        yield "i", STRONG, lambda: (self._number(),)
        yield "b", STRONG, lambda: (named(), self._column("birth_date"))
        yield "p", STRONG, lambda: (self._column("patient_id"),)
        yield "a", 0, lambda: (named(), self._column("address"))
        yield "e", 0, lambda: (self._column("email"),)
        yield "t", 0, lambda: (self._column("phone"),)
        yield "m", INEXACT, lambda: (named(),)

    def _number(self) -> pa.StringArray | None:
        import pyarrow.compute as pc

        nir, ins = self._column("nir"), self._column("ins")
        if nir is None or ins is None:
            return ins if nir is None else nir
        return pc.if_else(pc.equal(nir, ""), ins, nir)

    def persons(
        self, masks: npt.NDArray[np.uint64], sealer: Sealer
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
        """Return the keys and masks of the rows that name somebody. `masks`: the categories in each row."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        named, flags = self.named()
        if named is None:
            return np.empty(0, np.uint64), np.empty(0, np.uint64)
        if isinstance(named, pa.ChunkedArray):
            named = named.combine_chunks()
        somebody = pc.not_equal(named, "")
        rows = somebody.to_numpy(zero_copy_only=False)
        return sealer.persons_in(*contents(named.filter(somebody))), masks[rows] | flags[rows]
