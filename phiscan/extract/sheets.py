"""Spreadsheets (xlsx, xlsm, xlsb, xls, ods): every sheet as a table, hidden ones too, and its notes as text.

Cells come from calamine, which lays a sheet out in memory: a sheet too large or too sparse for that is
streamed from its XML instead. What a ZIP unpacks to is measured before anything is handed to calamine.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from phiscan.errors import Encrypted, Unreadable
from phiscan.extract.rows import MAX_COLUMNS, table_from_rows
from phiscan.fold import compose, fold_str
from phiscan.model import Gap, Limits, Table, Text

if TYPE_CHECKING:
    from phiscan.extract.sheetxml import Workbook

RATIO_FLOOR: Final = 10 << 20  # bytes unpacked below which the ratio is not looked at
DENSE_CELLS: Final = 8_000_000  # calamine takes 32 bytes for each place, filled or not
_BLOCK: Final = 1 << 18
_MALFORMED: Final = Gap("extract", "malformed", "damaged spreadsheet")

Look = Callable[[str, bytes], None]


def check_zip(stream: BinaryIO, limits: Limits, look: Look | None = None) -> None:
    """Unpack all of a ZIP once and raise `Unreadable` ("bomb", "malformed") or `Encrypted` where it should not be read.

    Both the declared sizes and what is really unpacked count. `look` is shown each block, with the member's name.
    """
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            packed = max(1, stream.seek(0, 2))
            if len(members) > limits.entries:
                raise Unreadable("bomb", "more members than allowed")
            _within(sum(member.file_size for member in members), packed, limits)
            total = 0
            for member in members:
                for block in _blocks(archive, member, limits.unpacked + 1):
                    total += len(block)
                    _within(total, packed, limits)
                    if look:
                        look(member.filename, block)
    except (Unreadable, Encrypted):
        raise
    except Exception:  # zipfile raises anything on damaged archives
        raise Unreadable("malformed", "damaged ZIP") from None
    finally:
        stream.seek(0)


def _within(unpacked: int, packed: int, limits: Limits) -> None:
    if unpacked > limits.unpacked:
        raise Unreadable("bomb", "more unpacked bytes than allowed")
    if unpacked > RATIO_FLOOR and unpacked > limits.ratio * packed:
        raise Unreadable("bomb", "unpacks to too many times its size")


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    if member.flag_bits & 1:
        raise Encrypted
    whole = copy(member)
    whole.file_size = most  # zipfile would stop at the declared size, calamine does not
    with archive.open(whole) as file:
        while block := file.read(_BLOCK):
            yield block


def read_sheets(stream: BinaryIO, limits: Limits | None = None) -> Iterator[Table | Text | Gap]:
    """Yield each sheet of a workbook: its headers and footers, its table, its comments.

    Raises `Encrypted`, at once, where the workbook is protected by a password; whatever else is wrong is a gap.
    """
    try:
        book = _open(stream, limits or Limits())
    except Unreadable as error:
        return iter((Gap("extract", error.reason, error.detail),))
    except MemoryError:
        return iter((Gap("extract", "memory", "the spreadsheet needs too much memory"),))
    return iter((_MALFORMED,)) if book is None else _sheets(*book)


def _open(stream: BinaryIO, limits: Limits) -> tuple[Any, Workbook] | None:
    """Return calamine's workbook and our own view of its XML; None where it is damaged."""
    from phiscan.extract.sheetxml import Workbook

    stream.seek(0)
    is_zip = stream.read(2) == b"PK"
    outline = Workbook(stream)
    if is_zip:
        check_zip(stream, limits, outline.look)
        outline.open()
    book = _calamine(stream)
    if not is_zip:
        outline.open_legacy()
    return None if book is None else (book, outline)


def _calamine(stream: BinaryIO) -> Any:
    import python_calamine as calamine

    stream.seek(0)
    try:
        return calamine.CalamineWorkbook.from_filelike(stream)
    except calamine.PasswordError:
        raise Encrypted from None
    except MemoryError:
        raise
    except BaseException as error:  # a Rust panic is no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return None


def _sheets(book: Any, outline: Workbook) -> Iterator[Table | Text | Gap]:
    for number, meta in enumerate(book.sheets_metadata, 1):
        header, comments = outline.notes(number)
        yield from _texts(header, number)
        table = _table(book, outline, number, meta)
        if table is not None:
            yield table
        yield from _texts(comments, number)
    yield from outline.caches()
    yield from outline.gaps


def _texts(text: str, sheet: int) -> Iterator[Text]:
    from phiscan.extract.plain import text_pieces

    for piece in text_pieces(iter((text,))):
        piece.sheet, piece.starts = sheet, True
        yield piece


def _table(book: Any, outline: Workbook, number: int, meta: Any) -> Table | Gap | None:
    """Return the sheet as a table, None where it has no cells (a chart, or empty)."""
    kind = str(meta.typ).rsplit(".", 1)[-1]
    box = outline.box(number)
    if box and box.places > DENSE_CELLS:
        table = table_from_rows(None, outline.rows(number), len(box.columns), "sheet")
    else:
        try:
            sheet = book.get_sheet_by_index(number - 1)
            width = sheet.end[1] + 1 if sheet.end else 0
        except BaseException as error:  # a Rust panic is no Exception
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            return None if kind in ("ChartSheet", "Vba") else _MALFORMED
        if not width:
            return None
        table = table_from_rows(None, _cells(sheet), min(width, MAX_COLUMNS), "sheet")
    table.sheet = number
    table.sheet_name = fold_str(compose(meta.name))
    table.hidden = not str(meta.visible).endswith(".Visible")
    return table


def _cells(sheet: Any) -> Callable[[], Iterator[Sequence[object]]]:
    left = [""] * sheet.start[1]  # calamine leaves out the empty columns before the first

    def rows() -> Iterator[Sequence[object]]:
        return ([*left, *row] for row in sheet.iter_rows()) if left else iter(sheet.iter_rows())

    return rows
