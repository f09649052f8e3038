"""What the fields of a PDF form hold: "name: value", the name being what stands printed beside the field.

Programs number the fields that they draw (f0, Text1, `topmostSubform[0].Page1[0].f1_2[0]`): such a name says nothing,
and nobody who fills in the form sees it.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from typing import Any

REACH = 250.0  # points to the left of a field, or as far as the one before it, in which its label stands
ABOVE = 16.0  # points over a field, where nothing stands to the left of it
_LONGEST = 80  # characters of a label
MOST = 2000  # fields of a page, of whom each is compared with the others
_TELLING = re.compile("[^\\W\\d_]{3}")
_WORD = re.compile("[^\\W\\d_]{2}")
_ENDS = " \t:.…_*?"

Box = tuple[float, float, float, float]  # left, bottom, right, top


class Fields:
    """The fields of one page."""

    def __init__(self, text_page: Any, environment: Any, widgets: Sequence[Any]) -> None:
        self._text_page, self._environment = text_page, environment
        self._boxes = sorted(map(_box, widgets)) if len(widgets) <= MOST else []

    def lines(self, note: Any) -> list[str]:
        """Return the lines that a field holds, none for an empty one."""
        from pypdfium2 import raw

        value = string(raw.FPDFAnnot_GetFormFieldValue, self._environment, note)
        if not value.strip() or value == "Off":
            return []
        name = string(raw.FPDFAnnot_GetFormFieldAlternateName, self._environment, note) or string(
            raw.FPDFAnnot_GetFormFieldName, self._environment, note
        )
        if not _tells(name) and self._is_written(note):
            name = self._printed(_box(note)) or name
        return lines(f"{name}: {value}" if name else value)

    def _is_written(self, note: Any) -> bool:
        """Whether words stand in a field: what is printed before a box may be the box before's."""
        from pypdfium2 import raw

        written = (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX)
        return raw.FPDFAnnot_GetFormFieldType(self._environment, note) in written

    def _printed(self, box: Box) -> str:
        """Return what is printed left of a field, no further than the field before it; else what stands over it."""
        left, bottom, right, top = box
        if right <= left or top <= bottom or not self._boxes:
            return ""
        row = [other[2] for other in self._boxes if other[2] <= left and other[1] < top and bottom < other[3]]
        since = max([0.0, left - REACH, *row])
        beside = _label(self._text_page.get_text_bounded(since, bottom, left, top), 0)
        return beside or _label(self._text_page.get_text_bounded(left, top, right, top + ABOVE), -1)


def lines(text: str) -> list[str]:
    """Return the lines of a value or a note, none of an empty one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text.strip() else []


def string(function: Any, *arguments: Any) -> str:
    """Call a function of PDFium that fills a buffer of UTF-16 and returns its length in bytes."""
    from pypdfium2 import raw

    length = min(function(*arguments, None, 0), 1 << 20)
    if length <= 2:
        return ""
    buffer = ctypes.create_string_buffer(length)
    function(*arguments, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), length)
    return buffer.raw[: length - 2].decode("utf-16-le", "replace")


def _tells(name: str) -> bool:
    """Whether a field's name is a word of somebody's, and no number of a program's."""
    return _TELLING.search(name) is not None and not any(char.isdigit() for char in name)


def _box(note: Any) -> Box:
    from pypdfium2 import raw

    rect = raw.FS_RECTF()
    if not raw.FPDFAnnot_GetRect(note, ctypes.byref(rect)):
        return (0.0, 0.0, 0.0, 0.0)
    low, high = sorted((rect.bottom, rect.top))
    return (rect.left, low, rect.right, high)


def _label(text: str, which: int) -> str:
    """Return the first or the last line of what stands beside a field, without the signs that lead to it."""
    found = [line for line in (line.strip(_ENDS) for line in text.splitlines()) if _WORD.search(line)]
    return found[which] if found and len(found[which]) <= _LONGEST else ""
