"""Puts a report where it is wanted: on standard output, or in a file that is whole or not there at all."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from phiscan.errors import PhiscanError
from phiscan.messages import Language, text

Pieces = Iterable[str]


def check_writable(output: str | None, lang: Language) -> None:
    """Say before a long scan that the report could not be written after it. Writes nothing."""
    if output is None:
        return
    path = Path(os.path.realpath(output))
    if path.is_dir():
        raise _failed(output, os.strerror(21), lang)
    wanted = path if path.exists() and not path.is_file() else path.parent
    if not wanted.exists():
        raise _failed(output, os.strerror(2), lang)
    if not os.access(wanted, os.W_OK):
        raise _failed(output, os.strerror(13), lang)


def write(pieces: Pieces, output: str | None, lang: Language) -> None:
    """Write `pieces` as UTF-8. Raises `PhiscanError` (status 1) where that fails, a full disk included."""
    try:
        if output is None:
            _stream(pieces, sys.stdout.buffer)
        else:
            with _file(output) as file:
                _stream(pieces, file)
    except BrokenPipeError:
        raise
    except OSError as error:
        if output is None:  # what is still buffered would fail once more when the process ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise _failed(output or text(lang, "output.stdout"), error.strerror or "", lang) from None


def _stream(pieces: Pieces, file: BinaryIO) -> None:
    file.writelines(piece.encode("utf-8", "backslashreplace") for piece in pieces)
    file.flush()


@contextlib.contextmanager
def _file(output: str) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of `output` when all is written. It names places: mode 0600 if new."""
    path = Path(os.path.realpath(output))
    if path.exists() and not path.is_file():  # /dev/stdout, a FIFO
        with path.open("wb") as file:
            yield file
        return
    handle, temporary = tempfile.mkstemp(prefix=".phiscan-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            os.fsync(file.fileno())
        _keep_mode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _keep_mode(path: Path, temporary: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.chmod(temporary, stat.S_IMODE(path.stat().st_mode))


def _failed(path: str, why: str, lang: Language) -> PhiscanError:
    return PhiscanError(text(lang, "output.failed", path=path, why=why))
