"""Small tables inside documents (Word, OpenDocument, HTML): as a `Table` or as lines of text.

A table that lists people, one a row, is a `Table`. A table of results in a letter belongs to the patient the
letter names, and a form ("Nom | DUPONT") is read down, not across: both stay lines in the flow of the text,
where linking finds them beside the identity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from phiscan.fold import fold_str
from phiscan.model import Table

MIN_ROWS, MIN_COLUMNS = 3, 2
MANY_ROWS = 200  # a table this long is data, whatever its header says
MAX_COLUMNS = 1024  # of a document's table; a repetition count in a file can claim any number

_PERSON = re.compile(
    r"\b(?:nom|noms|nomjf|prenoms?|patiente?s?|assuree?s?|benef\w*|nir|n_?ss|nss|(?:num_?)?secu\w*|ipp|ins"
    r"|(?:date_?)?naiss\w*|ddn|datnai\w*|birth\w*|dob|(?:first|last|sur|family|given)[ _]?names?|name|adresse\w*"
    r"|address|e-?mails?|mails?|courriels?|telephones?|phones?|mobiles?)\b"
)
_LABEL = re.compile(_PERSON.pattern + r"|\b(?:nee?|sexe|age|date|tel|cp|ville|medecin|service|numero|n)\b")


def grid(rows: Sequence[Sequence[str]]) -> Table | Iterator[str]:
    """Return the table these rows make, or the lines they are read as."""
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if is_form(rows):
        return (_labelled(row) for row in rows)
    if not _is_data(rows):
        return (" | ".join(cell.strip() for cell in row).strip(" |") for row in rows)
    return _table(rows)


def _table(rows: Sequence[Sequence[str]]) -> Table:
    from phiscan.extract.rows import table_from_rows

    columns = min(max(map(len, rows)), MAX_COLUMNS)
    return table_from_rows(None, lambda: iter(rows), columns, "table")


def is_form(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether two columns hold labels and their values: labels end in a colon, or are well known."""
    if not rows or any(len(row) != 2 for row in rows):
        return False
    labels = [row[0].strip() for row in rows]
    known = sum(label.endswith(":") or (len(label) < 40 and _matches(_LABEL, label)) for label in labels)
    return known >= 2 and known * 2 >= len(labels)


def _is_data(rows: Sequence[Sequence[str]]) -> bool:
    if len(rows) < MIN_ROWS or max(map(len, rows)) < MIN_COLUMNS:
        return False
    return len(rows) >= MANY_ROWS or any(_matches(_PERSON, cell) for row in rows[:2] for cell in row if len(cell) < 60)


def names_person(label: str) -> bool:
    """Say whether a label is one of what tells who somebody is."""
    return _matches(_PERSON, label)


def _matches(pattern: re.Pattern[str], label: str) -> bool:
    return pattern.search(fold_str(label).lower()) is not None


def _labelled(row: Sequence[str]) -> str:
    label, value = row[0].strip(), row[1].strip()
    return f"{label} {value}" if label.endswith(":") else f"{label} : {value}"
