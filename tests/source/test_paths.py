"""Shown paths are harmless and keep their bytes readable."""

from __future__ import annotations

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.source.paths import below, display, resolved


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (b"/srv/ftp/a b.csv", "/srv/ftp/a b.csv"),
        ("/srv/Hélène №1.csv".encode(), "/srv/Hélène №1.csv"),
        ("/srv/Hélène".encode("cp1252"), "/srv/H\\xe9l\\xe8ne"),
        (b"a\nb\tc\r\x00\x7f", "a\\x0ab\\x09c\\x0d\\x00\\x7f"),
        (b"\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        (b"\xc2\x9b31m", "\\xc2\\x9b31m"),  # CSI in one character
        ("exe\u202efdp.csv".encode(), "exe\\xe2\\x80\\xaefdp.csv"),
        ("a\u2028b".encode(), "a\\xe2\\x80\\xa8b"),
        ("n°\u00a01".encode(), "n°\u00a01"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),  # a surrogate is no UTF-8
        (b"\xc3", "\\xc3"),
    ],
)
def test_display(path: bytes, shown: str) -> None:
    assert display(path) == shown


@given(st.binary())
def test_display_prints_and_encodes(path: bytes) -> None:
    shown = display(path)
    assert all(char.isprintable() or unicodedata.category(char) == "Zs" for char in shown)
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("path", "folder", "rest"),
    [
        (b"/a/b", b"/a", b"b"),
        (b"/a/b/c", b"/a/", b"b/c"),
        (b"/a", b"/a", b""),
        (b"/ab", b"/a", None),
        (b"/", b"/", b""),
        (b"/a", b"/", b"a"),
        (b"a/b", b"a", b"b"),
        (b"/b", b"/a", None),
    ],
)
def test_below(path: bytes, folder: bytes, rest: bytes | None) -> None:
    assert below(path, folder) == rest


def test_what_lay_below_the_root_of_a_process_that_has_ended() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    try:
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)  # it has ended, and stays as a zombie
        path = b"/proc/%d/root/etc/exports" % child
        with pytest.raises(OSError, match="root"):
            os.path.realpath(path)
        assert resolved(path) == path
    finally:
        os.waitpid(child, 0)
