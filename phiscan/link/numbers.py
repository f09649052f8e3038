"""Linking over the tables of one dump or workbook: a row that has only the number of another's row is about its person.

Nothing clear is kept. A number is sealed like a person, and stands for the key of the person whose row bears it; rows
that refer to one wait, by seals and keys alone, until all tables are read: a dump may name its people last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from phiscan.model import Role, Table
from phiscan.recognize.bytewise import contents, lengths
from phiscan.recognize.guess import of_work
from phiscan.recognize.headers import tokens
from phiscan.recognize.plan import Column, Plan
from phiscan.recognize.ruleset import Ruleset
from phiscan.seal import Sealer
from phiscan.tally import Tally

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Keys: TypeAlias = npt.NDArray[np.uint64]

ROWS: Final = 1 << 20  # that bear a number, and that wait for one
REFERENCES: Final = 3  # columns of a table that are looked up
ANYBODY: Final = "*"  # the name of a column that says nothing of whose number it holds: uid
_ANYBODYS = frozenset((("uid",), ("uuid",), ("guid",)))
_TELLING: Final = 5  # characters of a number that is another's by no chance,
_MOSTLY: Final = 0.8  # where so many of a column are one's
_NUMBERS = frozenset("id n code cod cd ref fk cle".split())
_ANY = _NUMBERS | frozenset("pk key uid uuid guid rowid ligne ordre rang".split())  # of any table: they say nothing
# Whose numbers tell who has written, looked up or learnt what stands beside them.
_DOING = frozenset("user users util utilisateur login compte account agent agt employe membre etudiant student".split())


@dataclass(slots=True)
class Numbers:
    """The numbers in the columns of a table, and the rows met so far: nothing of another pass."""

    bears: dict[int, tuple[str, ...]]  # column → the names under which others may refer to it
    refers: dict[int, str]
    borne: list[tuple[tuple[str, ...], Keys, Keys]] = field(default_factory=list)  # names, numbers, persons
    waiting: list[_Waiting] = field(default_factory=list)
    room: int = ROWS

    def persons(self, batch: pa.RecordBatch, keys: Keys, flags: Keys, masks: Keys, sealer: Sealer) -> tuple[Keys, Keys]:
        """Return the persons of the rows that name somebody with their masks, but of those that wait.

        `keys`, `flags`: of whom each row names, 0 for nobody.
        """
        import numpy as np

        masks, named = masks | flags, keys != 0
        rows = named if self.bears else named | (masks != 0)
        count = int(np.count_nonzero(rows))
        if count > self.room:
            return keys[named], masks[named]
        self.room -= count
        for index, names in self.bears.items():
            self.borne.append((names, _sealed(batch.column(index), sealer)[rows], keys[rows]))
        if self.bears:
            return keys[named], masks[named]
        numbers = {
            name: _sealed(batch.column(index), sealer, _TELLING if name == ANYBODY else 1)[rows]
            for index, name in self.refers.items()
        }
        self.waiting.append(_Waiting(numbers, keys[rows], masks[rows]))
        return keys[:0], masks[:0]


@dataclass(frozen=True, slots=True)
class _Waiting:
    numbers: dict[str, Keys]  # 0 where there is none
    own: Keys  # by what the row itself says of its person, 0 for nobody
    masks: Keys


class Register:
    """Who the numbers of one document's tables stand for."""

    def __init__(self, ruleset: Ruleset, sealer: Sealer) -> None:
        self._ruleset, self._sealer = ruleset, sealer
        self._borne: dict[str, list[tuple[Keys, Keys]]] = {}
        self._waiting: list[_Waiting] = []
        self._room = {True: ROWS, False: ROWS}  # for rows that bear numbers, and for those that wait

    def numbers(self, plan: Plan, table: Table) -> Numbers | None:
        """Return the numbers that one of several tables of a document has in its columns, None where it has none."""
        names = _headers(plan, table)
        if names is None or of_work(table.relation):
            return None
        numbered = {column.index for column in plan.of(self._ruleset, "patient_id") if column.role is Role.PATIENT}
        named = [column for column in plan.of(self._ruleset, "person_name") if column.role is Role.PATIENT]
        words = [tokens(name) for name in names]
        if named:
            bears = numbered | ({0} if plan.columns[0].recognizer < 0 and _is_number(words[0]) else set())
            borne = {at: found for at in sorted(bears) if (found := _names(words[at], table.relation))}
            borne = borne if plan.of_patient(self._ruleset) else {}
            return Numbers(borne, {}, room=self._room[True]) if borne else None
        # what a database's table has first is its own, unless it says another's name
        since = 1 if table.kind == "sql" and not _of_another(words[0], table.relation) else 0
        columns = plan.columns[since : len(words)]
        free = [column.index for column in columns if _may_refer(column, words[column.index])]
        refers = {at: ANYBODY if words[at] in _ANYBODYS else "".join(words[at]) for at in (*sorted(numbered), *free)}
        return Numbers({}, dict([*refers.items()][:REFERENCES]), room=self._room[False]) if refers else None

    def add(self, numbers: Numbers) -> None:
        """Take what a pass over a table has found."""
        self._room[bool(numbers.bears)] = numbers.room
        self._waiting += numbers.waiting
        for names, sealed, keys in numbers.borne:
            for name in (*names, ANYBODY):
                self._borne.setdefault(name, []).append((sealed, keys))

    def close(self, tally: Tally) -> None:
        """Count the rows that have waited for the persons whom their numbers stand for, or for their own."""
        import numpy as np

        known = {name: _one_each(pairs) for name, pairs in self._borne.items()}
        for rows in self._waiting:
            keys = np.zeros(len(rows.own), np.uint64)
            for name, numbers in rows.numbers.items():
                if name in known:
                    theirs = _looked_up(numbers, *known[name])
                    if name == ANYBODY and np.count_nonzero(theirs) < _MOSTLY * np.count_nonzero(numbers):
                        continue
                    keys = np.where(keys == 0, theirs, keys)
            keys = np.where(keys == 0, rows.own, keys)
            tally.add_persons(keys[keys != 0], rows.masks[keys != 0])
        self._borne, self._waiting = {}, []


def _headers(plan: Plan, table: Table) -> tuple[str, ...] | None:
    """Return the names of a table's columns, None where its numbers stand for nothing elsewhere.

    Several tables are in a database, a workbook, and a JSON document of several arrays. In a workbook headers must say
    what is numbered: rows are numbered in every sheet.
    """
    if table.kind == "sql" or (table.kind == "json" and table.relation):
        return table.names
    if table.kind != "sheet":
        return None
    headers = [column.header for column in plan.columns]
    return tuple("" if _ANY.issuperset(tokens(header)) else header for header in headers)


def _may_refer(column: Column, words: tuple[str, ...]) -> bool:
    """Whether a column of no known number may hold one of somebody told of: no doctor's, and none who has done it."""
    return column.role is Role.PATIENT and column.recognizer < 0 and _is_number(words) and _DOING.isdisjoint(words)


def _of_another(words: tuple[str, ...], relation: str) -> bool:
    """Whether a table's first column is named for another table: PATIENT_ID, where ANT_ID in T_ANT is its own."""
    named = [word for word in words if word not in _ANY]
    own = tokens(relation)
    return bool(named) and not any(word.startswith(named[0][:3]) for word in own)


def _is_number(words: tuple[str, ...]) -> bool:
    """Whether a column of this name holds numbers that stand for something: id_pers, num_patient."""
    form = "".join(words)
    return not _NUMBERS.isdisjoint(words) or form.startswith("id") or form.endswith("id")


def _names(words: tuple[str, ...], relation: str) -> tuple[str, ...]:
    """Return under which names others may refer to a column of a table: its own, or the table's where it has none."""
    if not _ANY.issuperset(words):
        return ("".join(words),)
    table = "".join(word for word in tokens(relation) if word not in ("t", "tb", "tbl", "tab"))
    forms = {table, table.removesuffix("s")} - {""}
    return tuple(name for form in sorted(forms) for name in (f"id{form}", f"{form}id"))


def _sealed(values: pa.StringArray, sealer: Sealer, least: int = 1) -> Keys:
    """Return the seal of each number, 0 where there is none of so many characters."""
    import numpy as np

    return np.where(lengths(values) >= least, sealer.persons_in(*contents(values)), np.uint64(0))


def _one_each(pairs: list[tuple[Keys, Keys]]) -> tuple[Keys, Keys]:
    """Return the numbers that stand for one person, sorted, and who that is."""
    import numpy as np

    both = np.unique(np.stack([np.concatenate(part) for part in zip(*pairs, strict=True)], axis=1), axis=0)
    numbers, counts = np.unique(both[:, 0], return_counts=True)
    single = np.isin(both[:, 0], numbers[(counts == 1) & (numbers != 0)])
    return both[single, 0], both[single, 1]


def _looked_up(numbers: Keys, known: Keys, keys: Keys) -> Keys:
    import numpy as np

    if not len(known):
        return np.zeros(len(numbers), np.uint64)
    at = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    return np.where(known[at] == numbers, keys[at], np.uint64(0))
