"""Notebooks (Jupyter): the outputs they keep are tables of whoever was looked at; all else is read as any JSON.

An output is stored in several forms. A table is read from its HTML where there is one, else as it was printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from phiscan.extract.budget import Doc
from phiscan.model import Chunk, Gap, Table

_CELLS_APART: Final = re.compile(r" {2,}")
_BLANK: Final = re.compile(r"\n[ ]*\n")
_ASIDE: Final = re.compile(r"\[\d+ rows? x \d+ columns?\]|[. ]*")  # its size, and rows left out
MOST: Final = 64 << 20  # bytes of a notebook of which cells are held one by one
_CELLS: Final = ("cells.item", "worksheets.item.cells.item")  # as of version 4, and before


def chunks(doc: Doc) -> Iterator[Chunk | Gap]:
    """Yield the tables that outputs keep, then the whole document as any JSON: nothing in it is left out."""
    from phiscan.extract import jsontext

    with suppress(Exception):  # whatever is wrong with it, the usual reader tells
        for cell in _cells(doc):
            outputs = cell.get("outputs")
            for output in outputs if isinstance(outputs, list) else ():
                if isinstance(output, dict):
                    yield from _tables(output)
    yield from jsontext.chunks(doc)


def _cells(doc: Doc) -> Iterator[Mapping[str, Any]]:
    import ijson

    for prefix in _CELLS if doc.size <= MOST else ():
        doc.stream.seek(0)
        yield from (cell for cell in ijson.items(doc.stream, prefix) if isinstance(cell, dict))


def _tables(output: Mapping[str, Any]) -> Iterator[Chunk | Gap]:
    from phiscan.extract.markup import html_chunks
    from phiscan.extract.rows import table_from_rows

    data = output.get("data")
    forms = data if isinstance(data, dict) else output
    html = _text(forms.get("text/html") or forms.get("html"))
    if html:
        yield from (one for one in html_chunks(html.encode("utf-8", "replace"), "utf-8") if isinstance(one, Table))
        return
    for text in filter(None, map(_text, (forms.get("text/plain"), forms.get("text")))):
        if rows := frame(text):
            yield table_from_rows(None, partial(iter, rows), len(rows[0]), "table")


def frame(text: str) -> list[list[str]]:
    """Return the rows of a data frame as it was printed, its names first; none of what is no frame.

    Each row begins with its number, which has no name. Wide frames are printed in blocks, one below the other.
    """
    made: list[list[str]] = []
    for block in _BLANK.split(text.strip("\n")):
        lines = [line for line in block.split("\n") if not _ASIDE.fullmatch(line.strip())]
        if not lines or not lines[0].startswith(" "):
            if lines:
                return []
            continue
        rows = [_CELLS_APART.split(line.rstrip("\\ ").strip(" ")) for line in lines]
        rows[0].insert(0, "")
        if len(rows) < 2 or len(rows[0]) < 2 or any(len(row) != len(rows[0]) for row in rows):
            return []
        if made and [row[0] for row in rows] != [row[0] for row in made]:
            return []
        made = [[*mine, *more[1:]] for mine, more in zip(made, rows, strict=True)] if made else rows
    return made


def _text(value: object) -> str:
    """Return a text that may be stored as its lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
