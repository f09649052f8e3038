"""The plan of a table: what each of its columns holds, fixed before its rows are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from phiscan.model import Role
from phiscan.recognize.recognizer import COLUMN
from phiscan.recognize.ruleset import Ruleset

Values = Literal["", "pattern", "coded", "measured", "text", "date", "name"]


@dataclass(slots=True)
class Column:
    """What one column holds. `recognizer` −1 is free text; `evidence` is FIELD, COLUMN or both."""

    index: int
    header: str  # folded, "" where there is none
    label: str  # what may be shown
    recognizer: int = -1
    part: str = ""
    role: Role = Role.PATIENT
    evidence: int = 0
    system: str = ""  # a code system's column
    skip: bool = False  # holds nothing that could be found: short numbers, civilities
    values: Values = ""  # how its cells are read, where not as the recognizer's file says
    family: bool = False  # facts in it are the family's: "ATCD familiaux", "VIH mère"
    work: bool = False  # a post, a course, a speciality: facts in it are what somebody deals with
    bare: bool = True  # a bare code in it may be a disease's; elsewhere B24 is a room, a road, an opening of chess
    clinical: bool = False  # remarks on patients in a table about their care: read as clinical documents are

    @property
    def free(self) -> bool:
        """Whether nothing is known of it."""
        return self.recognizer < 0 and not self.system and not self.skip

    def give(self, recognizer: int, part: str = "", evidence: int = COLUMN) -> None:
        """Give it a role."""
        self.recognizer, self.part, self.evidence = recognizer, part, evidence
        self.skip, self.values, self.system = False, "", ""


@dataclass(slots=True)
class Plan:
    """Fixed for a table and sent with every part of it. `first` is the number of rows before the data."""

    first: int
    columns: list[Column] = field(default_factory=list)
    continued: bool = False  # rows without an identity belong to the person above: it takes all rows in their order
    told: list[int] = field(default_factory=list)  # recognizers of what a title or the file's name says of everybody

    def of(self, ruleset: Ruleset, category: str, part: str | None = None) -> list[Column]:
        """Return the columns of a category (and part)."""
        return [
            column
            for column in self.columns
            if column.recognizer >= 0
            and ruleset.recognizers[column.recognizer].category == category
            and (part is None or column.part == part)
        ]

    def of_patient(self, ruleset: Ruleset) -> bool:
        """Whether its rows name patients: by a number of theirs, or by name and birth date."""
        theirs = {
            ruleset.recognizers[column.recognizer].category
            for column in self.columns
            if column.recognizer >= 0 and column.role is Role.PATIENT
        }
        return bool(theirs & {"nir", "ins", "patient_id"}) or {"person_name", "birth_date"} <= theirs


class Sample(NamedTuple):
    """The rows a plan is made from, and the distinct filled values of each column."""

    rows: Sequence[Sequence[str]]
    values: Sequence[list[str]]

    def filled(self, at: int) -> int:
        """Return in how many rows a column holds something."""
        return len(self.filled_cells(at))

    def filled_cells(self, at: int) -> list[str]:
        """Return what a column holds row by row, as often as it does."""
        return [cell for row in self.rows if at < len(row) and (cell := row[at].strip())]
