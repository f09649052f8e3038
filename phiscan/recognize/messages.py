"""Columns of messages to patients: "Bonjour Mme X, rappel RDV chimiothérapie le 25/11", one in each cell.

Whoever such a message names is who it is sent to, a patient. One cell may be anything; where most cells of a column
greet somebody by a civility and remind them, call them in or tell them of results, it is one of messages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from phiscan.recognize.bytewise import joined
from phiscan.recognize.listwords import list_words
from phiscan.recognize.recognizer import COUNTS_FROM, LISTED
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import normal_form
from phiscan.recognize.text import Found

if TYPE_CHECKING:
    import pyarrow as pa

_FEWEST: Final = 3  # cells
_MOST: Final = 0.5  # share of them
_NAMED: Final = re.compile(
    rb"(?<![A-Za-z.])(?:M\.|Mr\.?|Mme|MME|Mlle|MLLE|Monsieur|MONSIEUR|Madame|MADAME)[ ]{1,2}[A-Z][A-Za-z'\-]"
)


def are_messages(cells: pa.StringArray) -> bool:
    """Whether distinct cells of a column are messages to patients."""
    import numpy as np

    if len(cells) < _FEWEST:
        return False
    offsets, folded = joined(cells)
    normal = normal_form(folded, cells=False)
    for pattern, text in ((_NAMED, folded), (list_words("messages_to_patients"), normal)):
        starts = [found.start() for found in pattern.finditer(text)]
        if len(np.unique(np.searchsorted(offsets, starts, "right"))) < max(_FEWEST, _MOST * len(cells)):
            return False
    return True


def place_addressee(found: Found, ruleset: Ruleset) -> None:
    """Put whom a message names in the patient's place, but for one about somebody's work, or a meeting."""
    if any(list_words(name).search(found.normal) for name in ("work", "messages_of_work")):
        return
    for span in found.spans:
        recognizer = ruleset.recognizers[span.recognizer]
        if recognizer.category == "person_name" and span.score >= COUNTS_FROM:
            span.score = max(span.score, recognizer.score(span.evidence | LISTED))
