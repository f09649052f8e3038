"""What libraries want while they load, granted without a file written, a program started or a page fetched.

Imports stay lazy in a worker: spaCy only where a site has a model or Presidio recognizers. Tried after lockdown:
numpy, pandas, pyarrow, lxml, pypdfium2, calamine, openpyxl (reading), python-docx, python-pptx, odfpy, Pillow,
selectolax, ijson, libarchive-c, hyperscan, Presidio, spaCy, EDS-NLP.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from types import ModuleType
from typing import NoReturn

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_IO_THREADS")
_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -3, -1  # malloc.h
_DOWNLOADERS = ("pystow", "umls_downloader")


class _Nothing:
    """Stands for anything a missing library offers: has every attribute, and cannot be called."""

    def __getattr__(self, name: str) -> _Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> NoReturn:
        raise ImportError("phiscan downloads nothing")


class _Absent(ModuleType):
    """Stands for a library that can be imported but not used."""

    def __getattr__(self, name: str) -> _Nothing:
        return getattr(_Nothing(), name)  # type: ignore[no-any-return]


def refuse_downloaders() -> None:
    """Keep EDS-NLP's UMLS pipe, hence any spaCy pipeline beside it, from making folders in the user's home.

    The pipe's libraries create them at import, to download into. To be called before spaCy is imported.
    """
    for name in _DOWNLOADERS:
        sys.modules.setdefault(name, _Absent(name))


class _NoPandas:
    """A finder that finds no pandas."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


@cache
def load_arrow() -> None:
    """Import pyarrow without pandas, which it looks for once, at its first array: 0.2 s for nothing of ours.

    Where pandas is loaded already, pyarrow finds it. Later imports of pandas work as ever.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(_NoPandas)


def find_library(name: str) -> str | None:
    """Return the file name of the shared library `name` as the dynamic linker's cache knows it."""
    import re

    try:
        with open("/etc/ld.so.cache", "rb") as file:
            cache = file.read()
    except OSError:
        return None
    found = re.search(rb"[/\0](lib%s\.so[^/\0]*)\0" % re.escape(name.encode()), cache)
    return found[1].decode() if found else None


def _keep_freed_memory() -> None:
    """Let the allocator keep up to 128 MiB of what a block of a table needed for the next one.

    By default glibc gives it back to the system each time, and the system clears every page of it anew.
    """
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc's: another C library decides for itself
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 64 << 20)
        mallopt(_M_TRIM_THRESHOLD, 128 << 20)


def one_thread() -> None:
    """Keep numerical libraries that are loaded from now on from starting threads, which would not survive a fork."""
    for name in _THREADS:
        os.environ.setdefault(name, "1")


def prepare() -> None:
    """Make lazy imports work in a worker, which is one thread, has no /tmp and starts no program."""
    import ctypes.util
    import tempfile

    _keep_freed_memory()
    one_thread()
    tempfile.tempdir = "/tmp"  # noqa: S108  dill, hence EDS-NLP, asks at import; else tempfile tries out by writing
    ctypes.util.find_library = find_library  # libarchive-c needs it; the standard one runs ldconfig and gcc
    refuse_downloaders()
