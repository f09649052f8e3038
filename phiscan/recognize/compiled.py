"""What takes long to build, kept beside Python's own bytecode, in the package's `__pycache__`.

A Hyperscan database compiles in half a second and loads in a millisecond. A file is named by all that
decides its content, holds nothing of any scanned file, and is only a convenience: where it cannot be
written, or does not load, things are built again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import hyperscan as hs

_FOLDER = Path(__file__).resolve().parent / "__pycache__"
_KEPT = 16  # files; the oldest go


def load(name: str) -> bytes | None:
    """Return what is kept under `name`, None where nothing whole is."""
    try:
        data = (_FOLDER / name).read_bytes()
    except OSError:
        return None
    return data[32:] if hashlib.sha256(data[32:]).digest() == data[:32] else None


def keep(name: str, data: bytes) -> None:
    """Keep `data` under `name`, where this folder can be written."""
    try:
        _FOLDER.mkdir(exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=_FOLDER, prefix=".new-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(hashlib.sha256(data).digest() + data)
        os.replace(temporary, _FOLDER / name)
        _tidy()
    except OSError:
        return


def database(name: str) -> hs.Database | None:
    """Return the Hyperscan database kept under `name`, None where there is none that works here."""
    data = load(name)
    try:
        return None if data is None else hs.loadb(data, hs.HS_MODE_BLOCK)
    except hs.error:
        return None


def keep_database(name: str, compiled: hs.Database) -> None:
    """Keep a Hyperscan database under `name`."""
    keep(name, hs.dumpb(compiled))


def writable() -> bool:
    """Whether a database that is compiled now will be there next time."""
    return os.access(_FOLDER if _FOLDER.is_dir() else _FOLDER.parent, os.W_OK)


def name_of(expressions: Sequence[bytes], *, literal: bool) -> str:
    """Return the name under which the database of these expressions is kept."""
    state = hashlib.sha256(_machine())
    state.update(b"literal" if literal else b"pattern")
    for expression in expressions:
        state.update(len(expression).to_bytes(4, "little") + expression)
    return f"automaton-{state.hexdigest()[:32]}.hsdb"


@cache
def _machine() -> bytes:
    """Hyperscan's version and the processor's features: a database works only where both are the same."""
    try:
        with open("/proc/cpuinfo", "rb") as file:
            flags = next((line for line in file if line.startswith((b"flags", b"Features"))), b"")
    except OSError:
        flags = b""
    library = Path(hs.__file__).parent
    version = sorted(f"{file.name} {file.stat().st_size}" for file in library.iterdir() if file.suffix == ".so")
    return f"{version} {platform.machine()}".encode() + flags


def _tidy() -> None:
    files = [*_FOLDER.glob("automaton-*.hsdb"), *_FOLDER.glob("ruleset-*.pickle")]
    for file in sorted(files, key=lambda file: file.stat().st_mtime)[:-_KEPT]:
        file.unlink(missing_ok=True)
