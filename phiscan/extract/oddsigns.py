"""Signs that old programs put between a label and its value, so that no value can hold them: `Nom¬DUPONT`.

They become colons, each where it stood. Nothing but a label may stand before them, on lines enough that two are known.
"""

from __future__ import annotations

import re
from typing import Final

from phiscan.extract.dialect import LABEL
from phiscan.fold import fold_str

_SIGNS: Final = "¬§¤¦"  # what tables are parted by in such exports, and what no sentence has there
_FEWEST: Final = 3  # lines
_LABELLED: Final = re.compile(rf"(?m)^([ ]{{0,12}}[^\W\d][^\n{_SIGNS}:;=|]{{0,40}})[{_SIGNS}](?=[^\n{_SIGNS}]*$)")


def with_colons(text: str) -> str:
    """Return a text with colons between its labels and their values."""
    if not any(map(text.__contains__, _SIGNS)):
        return text
    labels = [found[1] for found in _LABELLED.finditer(text)]
    known = {label for label in labels if LABEL.search(fold_str(label))}
    return _LABELLED.sub(r"\1:", text) if len(labels) >= _FEWEST and len(known) > 1 else text
