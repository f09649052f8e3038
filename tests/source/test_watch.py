"""The kernel's hints on real folders: what they say, and what survives an overflow, a move, a deletion."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from phiscan.source import watch
from phiscan.source.watch import Hint, Hints, Watcher
from tests.watching import until


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "srv/un/deux").mkdir(parents=True)
    return tmp_path / "srv"


@pytest.fixture
def watcher(root: Path) -> Iterator[Watcher]:
    one = Watcher()
    one.watch(os.fsencode(root))
    yield one
    one.close()


def hinted(watcher: Watcher, root: Path, expected: dict[str, Hint]) -> None:
    """Wait until exactly these hints have come, below `root`."""
    seen: dict[str, Hint] = {}

    def come() -> bool:
        for path, hint in watcher.hints.take()[0].items():
            name = os.fsdecode(path).removeprefix(f"{root}/")
            seen[name] = max(hint, seen.get(name, hint))
        return seen == expected

    until(come, lambda: seen)


def test_a_folder_is_new_for_a_while(watcher: Watcher, root: Path) -> None:
    (root / "neuf").mkdir()
    until(lambda: set(watcher.hints.arrived) == {os.fsencode(root / "neuf")})
    watcher.tidy(600)
    assert set(watcher.hints.arrived) == {os.fsencode(root / "neuf")}
    watcher.tidy(-1)
    assert watcher.hints.arrived == {}


def test_what_each_change_hints_at(watcher: Watcher, root: Path) -> None:
    assert watcher.watches == 3
    (root / "a").write_text("x")
    hinted(watcher, root, {"a": Hint.WRITTEN})
    (root / "a").read_text()
    (root / "a").chmod(0o600)
    hinted(watcher, root, {"a": Hint.RIGHTS})
    (root / "a").rename(root / "un/deux/b")
    hinted(watcher, root, {"a": Hint.GONE, "un/deux/b": Hint.WRITTEN})
    os.link(root / "un/deux/b", root / "c")
    hinted(watcher, root, {"c": Hint.FOUND})
    (root / "un/deux/b").unlink()
    hinted(watcher, root, {"un/deux/b": Hint.GONE})
    (root / "un").chmod(0o700)
    hinted(watcher, root, {"un": Hint.TREE})


def test_new_folders_are_watched_and_old_ones_forgotten(watcher: Watcher, root: Path, tmp_path: Path) -> None:
    (root / "x/y").mkdir(parents=True)
    until(lambda: watcher.watches == 5)
    watcher.hints.take()
    (root / "x/y/f").write_text("x")
    hinted(watcher, root, {"x/y/f": Hint.WRITTEN})
    assert set(watcher.hints.arrived) >= {os.fsencode(root / "x")}
    (root / "x").rename(root / "un/z")
    hinted(watcher, root, {"x": Hint.TREE, "un/z": Hint.TREE})
    (root / "un/z/y/f").write_text("y")
    hinted(watcher, root, {"un/z/y/f": Hint.WRITTEN})
    (root / "un").rename(tmp_path / "away")
    hinted(watcher, root, {"un": Hint.TREE})

    def forgotten() -> bool:
        watcher.tidy(600)
        return watcher.watches == 1

    until(forgotten)
    (tmp_path / "away/g").write_text("x")
    (root / "h").write_text("x")
    hinted(watcher, root, {"h": Hint.WRITTEN})
    shutil.rmtree(tmp_path / "away")


def test_what_is_left_out_is_not_watched(root: Path) -> None:
    (root / ".snapshot/a/b").mkdir(parents=True)
    one = Watcher()
    one.wanted = lambda folder: not folder.endswith(b".snapshot")
    try:
        one.watch(os.fsencode(root))
        assert one.watches == 3
    finally:
        one.close()


def test_a_limit_of_the_kernel_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ctypes
    import errno

    from watchdog.observers import inotify_c

    real, left = inotify_c.inotify_add_watch, [2]

    def limited(fd: int, path: bytes, mask: int) -> object:
        if left[0] <= 0:
            ctypes.set_errno(errno.ENOSPC)
            return -1
        left[0] -= 1
        return real(fd, path, mask)

    monkeypatch.setattr(inotify_c, "inotify_add_watch", limited)
    one = Watcher()
    try:
        one.watch(os.fsencode(root))
        assert (one.watches, one.partial()) == (2, [os.fsencode(root)])
    finally:
        one.close()


def test_too_many_hints_are_a_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "MOST", 3)
    hints = Hints()
    for number in range(5):
        hints.add(b"%d" % number, Hint.FOUND)
    assert hints.take() == ({}, True)
    hints.add(b"a", Hint.RIGHTS)
    hints.add(b"a", Hint.FOUND)
    hints.add(b"b", Hint.GONE)
    hints.add(b"b", Hint.WRITTEN)
    assert hints.take() == ({b"a": Hint.RIGHTS, b"b": Hint.WRITTEN}, False)
    hints.overflow()
    assert hints.take() == ({}, True)
    hints.close()
