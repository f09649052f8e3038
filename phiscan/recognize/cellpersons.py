"""Who is named inside single cells of a table whose columns name no patient: tickets, surveys, journals of calls.

`4711;imprimante;"Mme DUPONT Marie née le 12/03/1965, VIH positif non affiché"`: the row is nobody's, the cell is a
record. A cell that holds a fact and something that looks like an identity is read as the short text that it is, and
linked as any text is: a name alone, which is not in the patient's place, is nobody here either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from phiscan.model import Assertion, Kind, Role, Text
from phiscan.recognize.freetext import Hits
from phiscan.recognize.plan import Plan
from phiscan.recognize.recognizer import Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.seal import Sealer
from phiscan.tally import Tally

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Persons = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]

_PATIENTS = frozenset({"person_name", "nir", "ins", "patient_id", "birth_date"})
_REMEMBERED = 20_000  # distinct cells
_TOLD = re.compile(
    r"(?<![A-Za-z])(?:(?i:ne|nee|ne\(e\)) (?i:le )?[0-9]|(?i:ddn|ipp|nip|nir|ins|nda|iep|naissance|secu)(?![A-Za-z])"
    r"|(?:M\.|Mr|Mme|MME|Mlle|Monsieur|Madame|MONSIEUR|MADAME|[Pp]atiente?|PATIENTE?)[ :]{1,3}[A-Z])"
    r"|(?<![0-9])[0-3]?[0-9][/.\-][01]?[0-9][/.\-](?:19|20)[0-9]{2}(?![0-9])|(?<![0-9])[12][0-9 ]{14,20}(?![0-9])"
)


def names_nobody(plan: Plan, ruleset: Ruleset) -> bool:
    """Whether no column of a table tells who its rows are about."""
    return not any(
        column.recognizer >= 0
        and column.role is Role.PATIENT
        and ruleset.recognizers[column.recognizer].category in _PATIENTS
        for column in plan.columns
    )


class CellPersons:
    """Links single cells. Holds no cell: what is remembered is who was found, by a hash of the cell."""

    def __init__(self, ruleset: Ruleset, sealer: Sealer) -> None:
        from phiscan.recognize.text import TextPath

        self._ruleset, self._sealer = ruleset, sealer
        self._path = TextPath(ruleset)
        self._known: dict[int, Persons | None] = {}
        self._health = sum({1 << one.bit for one in ruleset.recognizers if one.kind is Kind.HEALTH})

    def add(
        self, tally: Tally, cells: pa.DictionaryArray, found: Iterable[tuple[int, Hits]], owner: Recognizer | None
    ) -> None:
        """Add to a tally the persons whom the cells of a column name beside facts.

        `found`: the hits of its distinct values, counted already; `owner`: whose category the whole column is.
        """
        import numpy as np

        recognizers = self._ruleset.recognizers
        fact = owner.bit if owner is not None and owner.kind is Kind.HEALTH else -1
        told = {value: {recognizers[hit.recognizer].bit for hit in hits} for value, hits in found}
        facts = [value for value, bits in told.items() if any(1 << bit & self._health for bit in bits)]
        times = np.bincount(cells.indices.to_numpy(), minlength=len(cells.dictionary))
        for value in range(len(cells.dictionary)) if fact >= 0 else facts:
            persons = self._persons(cells.dictionary[value].as_py(), 1 << fact if fact >= 0 else 0)
            if persons is None:
                continue
            tally.add_persons(*persons)
            seen = int(np.bitwise_or.reduce(persons[1]))
            counted = told.get(value, set()) | ({owner.bit} if owner is not None else set())
            # Labels and names tell more in a text than in a cell.
            for name in {one.category for one in recognizers if seen >> one.bit & 1 and one.bit not in counted}:
                tally.add_hits(name, Assertion.AFFIRMED, int(times[value]))

    def _persons(self, cell: str, fact: int) -> Persons | None:
        """Return the persons a cell names, with their categories and `fact`, that of the column; None for none."""
        if not _TOLD.search(cell):
            return None
        at = hash((cell, fact))
        if at not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[at] = self._linked(cell, fact)
        return self._known[at]

    def _linked(self, cell: str, fact: int) -> Persons | None:
        import numpy as np

        from phiscan.link.text import TextLinker

        tally = Tally()
        linker = TextLinker(self._ruleset, self._sealer, tally)
        linker.add(self._path.find(cell.encode("ascii", "replace"), prose=False), Text(cell))
        linker.close()
        if not len(tally.keys):
            return None
        return tally.keys, tally.masks | np.uint64(fact)
