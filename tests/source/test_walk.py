"""The walk meets each file once, in order, and says what it left out."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from phiscan.errors import UsageError
from phiscan.model import Gap, Place
from phiscan.source import walk as module
from phiscan.source.walk import Excluded, Missed, walk


def make(root: Path, *names: str) -> None:
    """Make empty files, and folders where a name ends in "/"."""
    for name in names:
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.touch()


def steps(*roots: Path | str, exclude: Sequence[str] = (), config: Sequence[str] = ()) -> list[object]:
    """Return the walk: paths of files, the others whole, all relative to the first root."""
    first = os.fsencode(roots[0]).rstrip(b"/") + b"/"
    found: list[object] = []
    for step in walk([os.fsencode(root) for root in roots], exclude, config=config):
        path = step.path.removeprefix(first).decode("utf-8", "surrogateescape")
        match step:
            case Place():
                found.append(path)
            case Missed():
                found.append((path, step.gap))
            case Excluded():
                found.append((path, step.pattern, step.by))
    return found


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every account can reach: pytest's own is shut to all but its owner."""
    folder = Path(tempfile.mkdtemp(prefix="phiscan-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    before = os.listdir("/proc/self/fd")
    yield
    assert os.listdir("/proc/self/fd") == before


def test_files_come_sorted_by_the_bytes_of_their_names(tmp_path: Path) -> None:
    make(tmp_path, "b/z", "b/a", "a.txt", "a/x", "é", "z", "B", "empty/", ".hidden")
    (tmp_path / os.fsdecode(b"\xe9")).touch()
    assert steps(tmp_path) == [".hidden", "B", "a/x", "a.txt", "b/a", "b/z", "z", "é", "\udce9"]


def test_a_place_is_the_files_status(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("hello")
    status = path.stat()
    expected = Place(
        os.fsencode(path),
        status.st_dev,
        status.st_ino,
        5,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_mode,
        status.st_uid,
        status.st_gid,
    )
    assert list(walk([os.fsencode(tmp_path)])) == [expected]
    assert list(walk([os.fsencode(path)])) == [expected]


@pytest.mark.parametrize("root", ["{}/", "{}//"])
def test_a_root_may_end_in_a_slash(tmp_path: Path, root: str) -> None:
    make(tmp_path, "a/b", "skip/c")
    given = root.format(tmp_path)
    found = [step.path for step in walk([os.fsencode(given)], ["/skip"])]
    assert found == [os.fsencode(tmp_path / "a/b"), os.fsencode(tmp_path / "skip")]


def test_a_relative_root_stays_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/b")
    monkeypatch.chdir(tmp_path)
    assert [step.path for step in walk([b"."])] == [b"./a/b"]
    assert [step.path for step in walk([b"a"])] == [b"a/b"]


def test_links_are_followed_only_where_given_by_hand(tmp_path: Path) -> None:
    make(tmp_path, "real/file", "share/own")
    share = tmp_path / "share"
    (share / "to_folder").symlink_to(tmp_path / "real")
    (share / "to_file").symlink_to(tmp_path / "real/file")
    (share / "to_itself").symlink_to(share)
    (share / "to_nothing").symlink_to("nowhere")
    assert steps(share) == ["own"]
    assert [step.path for step in walk([os.fsencode(share / "to_folder")])] == [os.fsencode(share / "to_folder/file")]
    assert [step.path for step in walk([os.fsencode(share / "to_file")])] == [os.fsencode(share / "to_file")]


def test_a_hard_link_is_a_place_of_its_own(tmp_path: Path) -> None:
    make(tmp_path, "a")
    os.link(tmp_path / "a", tmp_path / "b")
    assert steps(tmp_path) == ["a", "b"]


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "file")
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(tmp_path / "socket"))
        assert steps(tmp_path) == ["file"]
        assert steps(tmp_path / "fifo") == steps(tmp_path / "socket") == steps("/dev/null") == []


def test_overlapping_roots_meet_each_file_once(tmp_path: Path) -> None:
    make(tmp_path, "a/b/c", "a/d", "a/b.txt", "e")
    outer, inner = tmp_path / "a", tmp_path / "a/b"
    (tmp_path / "link").symlink_to(inner)
    assert steps(tmp_path, outer, inner, tmp_path / "e") == ["a/b/c", "a/b.txt", "a/d", "e"]
    assert [step.path for step in walk([os.fsencode(root) for root in (inner, outer, inner)])] == [
        os.fsencode(tmp_path / name) for name in ("a/b/c", "a/b.txt", "a/d")
    ]
    assert [step.path for step in walk([os.fsencode(root) for root in (tmp_path / "link", outer)])] == [
        os.fsencode(tmp_path / name) for name in ("link/c", "a/b.txt", "a/d")
    ]
    assert [step.path for step in walk([os.fsencode(root) for root in (outer / "d", outer)])] == [
        os.fsencode(tmp_path / name) for name in ("a/d", "a/b/c", "a/b.txt")
    ]


def test_what_is_named_by_hand_is_not_excluded(tmp_path: Path) -> None:
    make(tmp_path, "a", ".snapshot/b", "x.iso")
    snapshots, image = tmp_path / ".snapshot", tmp_path / "x.iso"
    assert [step.path for step in walk([os.fsencode(snapshots)])] == [os.fsencode(snapshots / "b")]
    assert [step.path for step in walk([os.fsencode(image)], ["*.iso"])] == [os.fsencode(image)]
    assert steps(tmp_path, snapshots, image, exclude=["*.iso"]) == ["a", ".snapshot/b", "x.iso"]


def test_snapshot_folders_are_excluded_and_told(tmp_path: Path) -> None:
    names: tuple[str, ...] = (
        ".snapshot",
        ".zfs",
        "~snapshot",
        ".snapshots",
        "@GMT-2021.02.14-08.00.00",
        ".ckpt",
        "#snapshot",
    )
    names += ("#recycle", "lost+found", "System Volume Information", "$RECYCLE.BIN")
    make(tmp_path, "a", *(f"{name}/x" for name in names), "d/.snapshot/x", "files/.zfs")
    excluded = [step for step in steps(tmp_path) if isinstance(step, tuple)]
    patterns = {"@GMT-2021.02.14-08.00.00": "@GMT-*/"}
    assert sorted(excluded) == sorted(
        [
            *((name, patterns.get(name, name + "/"), "default") for name in names),
            ("d/.snapshot", ".snapshot/", "default"),
        ]
    )
    assert [step for step in steps(tmp_path) if isinstance(step, str)] == ["a", "files/.zfs"]


def test_patterns_of_the_operator(tmp_path: Path) -> None:
    make(tmp_path, "a.iso", "keep.iso", "old/x", "d/old/y", "d/b.ISO", "d/c.bak", "e/f/g", "new/old")
    assert steps(tmp_path, exclude=["*.iso", "!keep.iso", "old/", "e/*/g"], config=["", "# note", "*.bak"]) == [
        ("a.iso", "*.iso", "--exclude"),
        "d/b.ISO",
        ("d/c.bak", "*.bak", "config"),
        ("d/old", "old/", "--exclude"),
        ("e/f/g", "e/*/g", "--exclude"),
        "keep.iso",
        "new/old",
        ("old", "old/", "--exclude"),
    ]


def test_the_command_line_has_the_last_word(tmp_path: Path) -> None:
    make(tmp_path, "a.bak", ".snapshot/x", "b.log")
    (tmp_path / ".phiscanignore").write_text("*.log\n!*.bak\n")
    assert steps(tmp_path, exclude=["!.snapshot", "!*.log"], config=["*.bak"]) == [
        ".phiscanignore",
        ".snapshot/x",
        ("a.bak", "*.bak", "config"),
        "b.log",
    ]


def test_a_pattern_may_be_an_absolute_path(tmp_path: Path) -> None:
    make(tmp_path, "a/x", "b/a/x")
    root = os.fspath(tmp_path)
    assert steps(root, exclude=[f"{root}/a"]) == [("a", f"{root}/a", "--exclude"), "b/a/x"]
    assert steps(root, exclude=["/a", f"!{root}/b"]) == [("a", "/a", "--exclude"), "b/a/x"]


def test_names_that_are_not_utf8_meet_patterns(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xe9t\xe9.bak")).touch()
    (tmp_path / "été.bak").touch()
    assert steps(tmp_path, exclude=["ét*"]) == [("été.bak", "ét*", "--exclude"), "\udce9t\udce9.bak"]
    assert steps(tmp_path, exclude=["*.bak"]) == [
        ("été.bak", "*.bak", "--exclude"),
        ("\udce9t\udce9.bak", "*.bak", "--exclude"),
    ]


def test_a_bad_pattern_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--exclude: not a gitignore pattern: '!'"):
        walk([os.fsencode(tmp_path)], ["*.iso", "!"])
    with pytest.raises(UsageError, match=r"config: not a gitignore pattern: '!'"):
        walk([os.fsencode(tmp_path)], config=["!"])


def test_ignore_files_hold_below_their_folder(tmp_path: Path) -> None:
    make(tmp_path, "a/x.log", "a/keep.log", "a/b/x.log", "c/x.log", "c/y", "d/top", "top")
    (tmp_path / ".phiscanignore").write_text("/top\n\n# note\nc/y\n!\n")
    (tmp_path / "a/.phiscanignore").write_text("*.log\n!keep.log\n")
    (tmp_path / "a/b/.phiscanignore").write_text("!x.log\n")
    assert steps(tmp_path) == [
        ".phiscanignore",
        "a/.phiscanignore",
        "a/b/.phiscanignore",
        "a/b/x.log",
        "a/keep.log",
        ("a/x.log", "*.log", ".phiscanignore"),
        "c/x.log",
        ("c/y", "c/y", ".phiscanignore"),
        "d/top",
        ("top", "/top", ".phiscanignore"),
    ]


def test_an_ignore_file_of_a_stranger_does_not_count(tmp_path: Path) -> None:
    make(tmp_path, "a")
    ignore = tmp_path / ".phiscanignore"
    ignore.write_text("*\n")
    assert steps(tmp_path) == [(name, "*", ".phiscanignore") for name in (".phiscanignore", "a")]
    ignore.chmod(0o666)
    assert steps(tmp_path) == [".phiscanignore", "a"]
    ignore.chmod(0o644)
    if os.geteuid() == 0:
        os.chown(ignore, 65534, -1)
        assert steps(tmp_path) == [".phiscanignore", "a"]
        os.chown(tmp_path, 65534, -1)  # whoever owns the root decides about it
        assert steps(tmp_path) == [(name, "*", ".phiscanignore") for name in (".phiscanignore", "a")]


def test_an_ignore_file_that_is_none_does_not_count(tmp_path: Path) -> None:
    make(tmp_path, "a", "b/.phiscanignore/x", "c/y")
    (tmp_path / "rules").write_text("*\n")
    (tmp_path / ".phiscanignore").symlink_to("rules")
    os.mkfifo(tmp_path / "c/.phiscanignore")
    assert steps(tmp_path) == ["a", "b/.phiscanignore/x", "c/y", "rules"]


def test_what_cannot_be_looked_at_is_a_gap(reachable: Path) -> None:
    tmp_path = reachable
    make(tmp_path, "open/a", "shut/b", "blind/c", "blind/d/", "z")
    (tmp_path / "shut").chmod(0o000)
    (tmp_path / "blind").chmod(0o744)
    denied = Gap("walk", "denied", "permission denied")
    if os.geteuid() == 0:
        os.seteuid(65534)
    else:
        (tmp_path / "blind").chmod(0o444)
    try:
        found = steps(tmp_path)
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        (tmp_path / "shut").chmod(0o755)
        (tmp_path / "blind").chmod(0o755)
    assert found == [("blind/c", denied), ("blind/d", denied), "open/a", ("shut", denied), "z"]


def test_roots_that_are_not_there(tmp_path: Path) -> None:
    gone = Gap("walk", "vanished", "no longer there")
    make(tmp_path, "a")
    (tmp_path / "loop").symlink_to("loop")
    assert list(walk([os.fsencode(tmp_path / "none"), os.fsencode(tmp_path / "a/b"), b""])) == [
        Missed(os.fsencode(tmp_path / "none"), gone),
        Missed(os.fsencode(tmp_path / "a/b"), gone),
        Missed(b"", gone),
    ]
    (missed,) = walk([os.fsencode(tmp_path / "loop")])
    assert isinstance(missed, Missed)
    assert missed.gap.reason == "vanished"


def test_what_vanishes_meanwhile_is_a_gap(tmp_path: Path) -> None:
    make(tmp_path, "a", "b", "c/d")
    walking = walk([os.fsencode(tmp_path)])
    assert next(walking).path == os.fsencode(tmp_path / "a")
    (tmp_path / "b").unlink()
    (tmp_path / "c").rename(tmp_path / "e")
    (tmp_path / "c").symlink_to("/etc")
    gone = Gap("walk", "vanished", "no longer there")
    assert list(walking) == [
        Missed(os.fsencode(tmp_path / "b"), gone),
        Missed(os.fsencode(tmp_path / "c"), gone),
    ]


def test_pseudo_file_systems_are_left_out_and_told() -> None:
    assert list(walk([b"/proc"])) == [Excluded(b"/proc", "proc file system", "default")]
    assert list(walk([b"/sys/kernel"])) == [Excluded(b"/sys/kernel", "sysfs file system", "default")]
    from_above = [
        step for step in walk([b"/"], ["/*", "!/proc", "!/sys"]) if isinstance(step, Excluded) and step.by == "default"
    ]
    assert from_above == [
        Excluded(b"/proc", "proc file system", "default"),
        Excluded(b"/sys", "sysfs file system", "default"),
    ]


def test_a_tree_deeper_than_the_kernel_takes(tmp_path: Path) -> None:
    depth = 400
    folder = os.open(tmp_path, os.O_RDONLY)
    for level in range(depth):
        os.close(os.open(f"a{level}", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
        os.mkdir("d" * 30, dir_fd=folder)
        os.mkdir("e", dir_fd=folder)
        os.close(os.open(f"e/b{level}", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
        os.close(os.open("z", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
        inner = os.open("d" * 30, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    before = len(os.listdir("/proc/self/fd"))
    most, found = 0, []
    for step in walk([os.fsencode(tmp_path)]):
        most = max(most, len(os.listdir("/proc/self/fd")))
        found.append(step)
    down = ["d" * 30 + "/"] * depth
    expected = [f"{''.join(down[:level])}a{level}" for level in range(depth)]
    expected += [f"{''.join(down[:level])}{name}" for level in reversed(range(depth)) for name in (f"e/b{level}", "z")]
    prefix = os.fsencode(tmp_path) + b"/"
    assert [step.path.removeprefix(prefix).decode() for step in found] == expected
    assert all(isinstance(step, Place) for step in found)
    assert most - before <= module._OPEN_LEVELS + 2
    subprocess.run(["rm", "-rf", tmp_path], check=True)


def test_a_walk_given_up_leaves_nothing_open(tmp_path: Path) -> None:
    make(tmp_path, "a/b/c/d", "e")
    walking = walk([os.fsencode(tmp_path)])
    next(walking)
    walking.close()  # type: ignore[attr-defined]
