"""What `phiscan explain` tells of one file, as data. No value of the file is in it: masks, places and our own words."""

from __future__ import annotations

from dataclasses import dataclass, field

from phiscan.model import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedHit:
    """One hit as `phiscan explain` shows it: how it was found and what it was linked to, value masked."""

    category: str
    """The category."""
    entity: str
    """The Presidio entity name."""
    recognizer: str
    """The recognizer's id."""
    pattern: str = ""
    """What of the recognizer matched: a pattern's name, `terms`, `weak`, `codes`, `headers`."""
    validator: str = ""
    """The validator's name; "" where the recognizer has none."""
    valid: bool | None = None
    """What the validator said; None where it was not asked."""
    evidence: tuple[str, ...] = ()
    """The evidence that made the score: `shape`, `valid`, `context`, `field`, `column`, `term`, ..."""
    context: tuple[str, ...] = ()
    """Words of the recognizer's own context list that stood near; never words of the file."""
    score: float = 0.0
    """0 to 1."""
    counted: bool = True
    """False below 0.5: shown here only."""
    assertion: str = ""
    """For health facts: `affirmed`, `negated`, ...; else ""."""
    because: tuple[str, ...] = ()
    """What spoke most for it, `kind:word`, the strongest first: words the model has learnt, none of the file's own."""
    sure: float | None = None
    """How sure that is, 0 to 1; None where a code or the cues of a few words say it."""
    instead: str = ""
    """How it would be stated else."""
    role: str = ""
    """`patient`, `relative` or `professional`."""
    record: int | None = None
    """Ordinal of the record in the document, from 1."""
    person: int | None = None
    """Ordinal of the linked person in the document, from 1; None where linked to nobody."""
    nobody: str = ""
    """Why it counts for nobody although its record names a person: `far` (too far from where that is said), `work` (the
    record is about what they do at work); "" where it counts for them, or nobody is named."""
    member: str = ""
    """The document inside an archive or mail."""
    where: Where = field(default_factory=Where)
    """Position in the document."""
    masked: str = ""
    """Made by `phiscan.seal` only."""
    why: str = ""
    """Why it does not count: `score`, `invalid`, `overlap`, `excluded`, `rejected`, `place`,
    `alone` (nothing else stands in the passage), `work` (a column of posts or courses),
    `few` (the recognizer asks for more in a record); "" where it does."""
    in_path: bool = False
    """It stands in the file's own path or name."""
    total: int | None = None
    """Hits of the category in the whole table, with the first of them; None elsewhere."""
    needs: tuple[str, ...] = ()
    """Where the score is too low: the evidence that would make it count, sets joined by `+`, the least first."""
    by: tuple[str, ...] = ()
    """Where it was dropped: the recognizer's own words that did it, the id of the recognizer whose hit stands, the code
    system whose name is missing, or how many there are and how many it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedColumn:
    """What a column of a table was taken for, and why."""

    label: str
    """Its header where the vocabulary knows it, else its position, `#12`."""
    recognizer: str = ""
    """The id of the recognizer whose role it has; "" for free text."""
    category: str = ""
    """That recognizer's category."""
    part: str = ""
    """The part of the value that stands here: `last_name`, `key`, ..."""
    system: str = ""
    """The code system whose codes stand here."""
    role: str = ""
    """`patient`, `relative` or `professional`."""
    evidence: tuple[str, ...] = ()
    """`field` where the header says it, `column` where the values do."""
    promised: tuple[str, ...] = ()
    """Where it has no role: the recognizers of which its header speaks, and whose values do not stand here."""
    skipped: bool = False
    """Holds nothing that could be found: it was not searched."""
    clinical: bool = False
    """Remarks on patients beside facts of their care: read as a clinical document is."""
    work: bool = False
    """A post, a course, a speciality: what it tells of health is nobody's."""
    values: int = 0
    """Distinct values of the sample that were looked at."""
    fit: int = 0
    """Those of them that can be what the role says."""
    valid: int = 0
    """Those of them that pass its check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedTable:
    """A table: its columns, and how many rows and persons it has."""

    columns: tuple[ExplainedColumn, ...]
    """In their order."""
    records: int = 0
    """Rows that hold something."""
    persons: int = 0
    """Distinct persons they name."""
    member: str = ""
    """The document inside an archive or mail."""
    sheet: int | None = None
    """The sheet's position, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRecord:
    """One record of a text: whom it is about, and what says so."""

    record: int
    """Ordinal in the document, from 1."""
    person: int | None = None
    """Ordinal of the person; None where nobody is named."""
    known: tuple[str, ...] = ()
    """What stands there of an identity: categories, `full_name` or `part_name`, `not_placed`."""
    too_few: bool = False
    """A program's file that names one or two persons: they are examples."""
    member: str = ""
    """The document inside an archive or mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedTotals:
    """What `phiscan explain` says at the end of a file."""

    counted: int
    """Hits that count, of passages; of tables the first of each category."""
    dropped: int
    """Hits that were weighed and do not count."""
    persons: int
    """Distinct persons."""
    more: int = 0
    """Hits that are not shown because there are too many."""
    encrypted: tuple[str, ...] = ()
    """Documents that are encrypted: paths as in `FileReport.path`."""
