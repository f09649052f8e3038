"""Who is named inside single cells of a table whose columns name no patient: tickets, surveys, journals of calls.

`4711;imprimante;"Mme DUPONT Marie née le 12/03/1965, VIH positif non affiché"`: the row is nobody's, the cell is a
record. A cell that holds a fact and something that looks like an identity is read as the short text that it is, and
linked as any text is: a name alone, which is not in the patient's place, is nobody here either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from phiscan.model import Assertion, Gap, Kind, Role, Text
from phiscan.recognize.freetext import Hits
from phiscan.recognize.messages import are_messages, place_addressee
from phiscan.recognize.plan import Plan
from phiscan.recognize.recognizer import Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.seal import Sealer
from phiscan.tally import Tally, apart

if TYPE_CHECKING:
    import pyarrow as pa

    Named = list[tuple[str, int]]

_PATIENTS = frozenset({"person_name", "nir", "ins", "patient_id", "birth_date"})
MOST = 20_000  # distinct cells of a table that are linked: some twenty seconds
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
    """Links single cells; one for each pass over a table. Holds who was found only while the table is read."""

    def __init__(self, ruleset: Ruleset, sealer: Sealer, gaps: list[Gap]) -> None:
        """`gaps`: those of the table, where it is said that there were more cells than are linked."""
        from phiscan.recognize.text import TextPath

        self._ruleset, self._sealer, self._gaps = ruleset, sealer, gaps
        self._path = TextPath(ruleset)
        self._known: dict[int, Named] = {}
        self._linked = 0
        self._health = sum({1 << one.bit for one in ruleset.recognizers if one.kind is Kind.HEALTH})

    def add(
        self, tally: Tally, cells: pa.DictionaryArray, found: Iterable[tuple[int, Hits]], owner: Recognizer | None
    ) -> None:
        """Add to a tally the persons whom the cells of a column name beside facts.

        `found`: the hits of its distinct values, counted already; `owner`: whose category the whole column is.
        """
        import numpy as np

        recognizers = self._ruleset.recognizers
        fact = 1 << owner.bit if owner is not None and owner.kind is Kind.HEALTH else 0
        told = {value: {recognizers[hit.recognizer].bit for hit in hits} for value, hits in found}
        facts = [value for value, bits in told.items() if any(1 << bit & self._health for bit in bits)]
        times = np.bincount(cells.indices.to_numpy(), minlength=len(cells.dictionary))
        named: Named = []
        messages = bool(facts) and are_messages(cells.dictionary)
        for value in range(len(cells.dictionary)) if fact else facts:
            persons = self._persons(cells.dictionary[value].as_py(), message=messages)
            seen = 0
            for who, mask in persons:
                named.append((who, mask | fact))
                seen |= mask
            counted = told.get(value, set()) | ({owner.bit} if owner is not None else set())
            # Labels and names tell more in a text than in a cell.
            for name in {one.category for one in recognizers if seen >> one.bit & 1 and one.bit not in counted}:
                tally.add_hits(name, Assertion.AFFIRMED, int(times[value]))
        if named:
            keys = self._sealer.persons([who for who, _ in named])
            masks = np.array([mask for _, mask in named], np.uint64)
            tally.add_persons(apart(keys, masks), masks)

    def _persons(self, cell: str, *, message: bool) -> Named:
        """Return what the persons that a cell names are counted by, with their categories."""
        if not _TOLD.search(cell):
            return []
        at = hash((cell, message))
        if at not in self._known:
            if self._linked >= MOST:
                self._say_more()
                return []
            self._linked += 1
            self._known[at] = self._link(cell, message=message)
        return self._known[at]

    def _link(self, cell: str, *, message: bool) -> Named:
        from phiscan.link.text import TextLinker

        linker = TextLinker(self._ruleset, self._sealer, Tally())
        found = self._path.find(cell.encode("ascii", "replace"), prose=False)
        if message:
            place_addressee(found, self._ruleset)
        linker.add(found, Text(cell))
        return linker.persons()

    def _say_more(self) -> None:
        gap = Gap("recognize", "too_big", f"more than {MOST} cells may name somebody; the first of them were linked")
        if gap not in self._gaps:
            self._gaps.append(gap)
