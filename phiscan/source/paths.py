"""How a path is shown. Names are bytes that somebody chose: they must not play with a terminal or a report."""

from __future__ import annotations

import os
import re
import unicodedata

_ADDRESS = re.compile(rb"(?:https?|ftps?)://", re.IGNORECASE)


def is_address(path: bytes) -> bool:
    """Whether a path given by hand names a server rather than a file or a folder.

    >>> is_address(b"ftp://labo.example/pub/"), is_address(b"/srv/ftp"), is_address(b"sftp://labo.example/")
    (True, False, False)
    """
    return _ADDRESS.match(path) is not None


def display(path: bytes) -> str:
    r"""Return `path` as UTF-8 text; bytes that are not UTF-8 and characters that do not print become `\xNN`.

    >>> display("/srv/résumé".encode()), display(b"/srv/r\xe9sum\xe9"), display(b"a\x1b[2Jb")
    ('/srv/résumé', '/srv/r\\xe9sum\\xe9', 'a\\x1b[2Jb')
    """
    text = path.decode("utf-8", "surrogateescape")
    return text if text.isprintable() else "".join(map(_show, text))


def _show(char: str) -> str:
    if char.isprintable() or unicodedata.category(char) == "Zs":
        return char
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))


def below(path: bytes, folder: bytes) -> bytes | None:
    """Return the path of `path` relative to `folder` ("" for the folder itself), None if it is not below.

    >>> below(b"/srv/ftp/a", b"/srv/ftp"), below(b"/srv/ftp2", b"/srv/ftp"), below(b"/a", b"/")
    (b'a', None, b'a')
    """
    if path == folder:
        return b""
    prefix = folder if folder.endswith(b"/") else folder + b"/"
    return path[len(prefix) :] if path.startswith(prefix) else None


def absolute(path: bytes) -> bytes:
    """Return a path as `os.path.abspath` does, at once where it is one that holds no dots to be worked out.

    >>> absolute(b"/srv/ftp"), absolute(b"/srv/../etc/"), absolute(b"//srv//ftp/.a")
    (b'/srv/ftp', b'/etc', b'//srv/ftp/.a')
    """
    if path.startswith(b"/") and b"//" not in path and b"/." not in path and not path.endswith(b"/"):
        return path
    return os.path.abspath(path)


def resolved(path: bytes) -> bytes:
    """Return a path free of links as `os.path.realpath` does; as it is where a link cannot be followed.

    Of a process that has ended and is not forgotten yet, `/proc/PID/root` is there and leads nowhere.
    """
    try:
        return os.path.realpath(path)
    except OSError:
        return path
