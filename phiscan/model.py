"""The types that travel through phiscan. This module imports nothing else of the package but errors.

    Place -> Part -> Chunk (Text | Table) -> hits -> Tally -> Verdict        what could not be read -> Gap

Clear text lives in `Text` and `Table` and nowhere else: their `repr` says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Literal

from phiscan.errors import GapReason

if TYPE_CHECKING:
    import pyarrow as pa


class Kind(StrEnum):
    """What a category says: who somebody is, who treats them, or how they are."""

    IDENTIFIER = "identifier"
    PROFESSIONAL = "professional"
    HEALTH = "health"


# The contract's order. A category's position is its bit in every stored person mask, so the
# order is append-only; bits 32 and up belong to the categories a site declares itself.
CATEGORIES: dict[str, Kind] = {
    **dict.fromkeys(
        (
            "nir",
            "ins",
            "patient_id",
            "person_name",
            "birth_date",
            "address",
            "email",
            "phone",
            "iban",
            "insurance",
            "credentials",
        ),
        Kind.IDENTIFIER,
    ),
    **dict.fromkeys(("practitioner", "rpps", "finess", "adeli"), Kind.PROFESSIONAL),
    **dict.fromkeys(
        (
            "hiv",
            "cancer",
            "genetic",
            "pregnancy",
            "blood_group",
            "treatment",
            "diagnosis",
            "lab_result",
            "infection",
            "psychiatric",
            "addiction",
            "disability",
            "ald",
            "exam_date",
        ),
        Kind.HEALTH,
    ),
}
SITE_BIT = 32


class Assertion(IntEnum):
    """How a health fact is stated. One per hit; the higher value wins where several apply."""

    AFFIRMED = 0
    HISTORY = 1
    HYPOTHETICAL = 2
    NEGATED = 3
    FAMILY = 4


class Role(IntEnum):
    """Whose fact or identity it is."""

    PATIENT = 0
    RELATIVE = 1
    PROFESSIONAL = 2


class Level(IntEnum):
    """Who can read a place. `UNKNOWN` is never shown as restricted."""

    RESTRICTED = 0
    UNKNOWN = 1
    SHARED = 2
    PUBLIC = 3


class Severity(IntEnum):
    """How much a verdict matters, lowest first."""

    NONE = 0
    INFO = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


Status = Literal["scanned", "partial", "unchanged", "encrypted", "gap"]
Stage = Literal["walk", "open", "extract", "recognize", "expose"]


@dataclass(frozen=True, slots=True)
class Place:
    """One regular file as the walk saw it. Times are nanoseconds since the epoch, sizes bytes."""

    path: bytes
    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    mode: int
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A position inside a part.

    Labels (`column`, `sheet`, `field`, `path`) are already safe to show: one that is no known vocabulary is given
    by its position, `#12`.
    """

    row: int | None = None  # 1 is the first line of data
    column: str | None = None
    line: int | None = None  # from 1
    page: int | None = None  # from 1
    sheet: str | None = None
    field: str | None = None
    path: str | None = None
    offset: int | None = None


@dataclass(slots=True, repr=False)
class Text:
    """A passage of text of at most about 1 MiB characters, in reading order within its part.

    `line` is the number of its first line in the part (from 1), `page` its page where the format has pages.
    `starts` is true where the format itself begins something new here: a page, a slide, a message.
    `prose` is false for source code, logs and markup dumps, where no sentence is to be expected.
    """

    text: str
    line: int = 1
    page: int | None = None
    sheet: int | None = None  # the sheet's position from 1, for comments and headers of a spreadsheet
    starts: bool = False
    prose: bool = True

    def __repr__(self) -> str:
        return f"<Text of {len(self.text)} characters>"


@dataclass(slots=True, repr=False)
class Table:
    """Rows with columns, streamed. All values are ASCII-folded strings (see `phiscan.fold`).

    `batches()` starts the reading anew at each call and yields record batches of at most about
    8 MiB whose columns are named c0, c1, ... and are all of type string, never null (an empty cell
    is ""), with every newline and tab inside a value replaced by a space. All lines of the source
    are rows, a header line too: what the first rows mean is for recognition to decide.
    `sample()` gives head rows, then rows from further inside where the source can be sought.
    `names` are the column names where the format itself has them (JSON keys, database columns), folded.
    """

    columns: int
    batches: Callable[[], Iterator[pa.RecordBatch]]
    sample: Callable[[], pa.RecordBatch]
    names: tuple[str, ...] | None = None
    sheet: int | None = None  # the sheet's position from 1
    sheet_name: str = ""  # folded; a value until the vocabulary knows it
    hidden: bool = False
    above: int = 0  # rows of data that stand above it in its sheet or file, as another table
    kind: str = "table"  # what made it: "csv", "fixed", "sheet", "json"
    relation: str = ""  # the name of a database's table, where a dump says it
    # For workers that read one table together: (number, of how many) → the rows before that share, and its batches;
    # None where the source cannot be divided.
    share: Callable[[int, int], tuple[int, Callable[[], Iterator[pa.RecordBatch]]] | None] = lambda number, shares: None
    gaps: list[Gap] = field(default_factory=list)  # filled while batches are read

    def __repr__(self) -> str:
        return f"<Table of {self.columns} columns>"


Chunk = Text | Table


@dataclass(frozen=True, slots=True)
class Gap:
    """What was not read, at which step, and why. `member` is the path inside an archive or mail."""

    stage: Stage
    reason: GapReason
    detail: str = ""
    member: str = ""


@dataclass(slots=True, repr=False)
class Part:
    """One document: a file on disk, a member of an archive, an attachment of a mail.

    `chunks` must be exhausted before the next part is asked for. It yields `Gap`s among the chunks
    where something inside could not be read, and never raises on bad content.
    """

    member: str  # "" for the file itself, else "inner/file.csv", nested with "!"
    type: str  # MIME type, decided by content
    size: int  # bytes; 0 where a streamed member does not tell beforehand
    chunks: Iterator[Chunk | Gap]
    status: Status = "scanned"  # "encrypted" where the content is protected, then there are no chunks
    decided_by: str = ""  # what was recognised as encryption: "zip-aes", "zip-zipcrypto", "pdf", "ooxml"...
    weak: bool = False  # encrypted by a method that is broken: whoever takes the file can open it with some effort

    def __repr__(self) -> str:
        return f"<Part {self.type} {self.status}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one file may cost."""

    memory: int = 1 << 30  # bytes resident in a worker
    timeout: float = 120.0  # seconds a file
    archive_depth: int = 4  # archives within archives
    unpacked: int = 1 << 30  # bytes a file may unpack to
    entries: int = 10_000  # members of all archives in a file
    ratio: int = 200  # unpacked to packed, above 10 MiB
    max_file_size: int | None = None  # bytes on disk; larger is a gap
    ocr: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a place has its exposure level, with the evidence."""

    service: str  # "posix", "acl", "zone", "assumed", later "vsftpd", "samba"...
    setting: str  # "mode 0644", "group::r-x", "exposure: public"
    source: str  # "/etc/vsftpd.conf:12", "phiscan.yaml:7", the directory that decides
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Who can read a place, and why we say so."""

    level: Level
    reasons: tuple[Reason, ...] = ()
