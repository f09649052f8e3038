"""Opening hands out regular files of real file systems only, untouched, and says why not otherwise."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from phiscan.errors import Unreadable
from phiscan.source.open import open_regular


def read(path: Path | str | bytes, *roots: Path | str) -> bytes:
    fd, status = open_regular(os.fsencode(path), [os.fsencode(root) for root in roots])
    with open(fd, "rb") as file:
        assert os.path.samestat(status, os.fstat(fd))
        return file.read()


def refused(path: Path | str | bytes, *roots: Path | str) -> tuple[str, str]:
    before = os.listdir("/proc/self/fd")
    with pytest.raises(Unreadable) as caught:
        read(path, *roots)
    assert os.listdir("/proc/self/fd") == before
    return caught.value.reason, caught.value.detail


@contextmanager
def as_nobody() -> Iterator[None]:
    """Act as an account without rights, in this thread and process, where we are root."""
    if os.geteuid():
        pytest.skip("needs root")
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every account can reach: pytest's own is shut to all but its owner."""
    folder = Path(tempfile.mkdtemp(prefix="phiscan-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "file").write_text("hello")
    (tmp_path / "link").symlink_to("sub/file")
    (tmp_path / "way").symlink_to("sub")
    return tmp_path


def test_a_file_is_opened(folder: Path) -> None:
    assert read(folder / "sub" / "file") == b"hello"
    assert read(folder / "sub" / "file", folder) == b"hello"
    assert read(folder / "sub" / "file", "/") == b"hello"
    assert read(folder / "sub" / "file", folder / "sub" / "file") == b"hello"
    assert read(folder / "sub" / "file", folder, folder / "sub") == b"hello"


def test_links_are_followed_in_roots_only(folder: Path) -> None:
    vanished = ("vanished", "replaced by a symbolic link")
    assert refused(folder / "link") == vanished
    assert refused(folder / "link", folder) == vanished
    assert refused(folder / "way" / "file", folder) == vanished
    assert read(folder / "way" / "file", folder / "way") == b"hello"
    assert read(folder / "link", folder / "link") == b"hello"
    assert refused(f"{folder}/sub/../../../etc/hostname", folder)[0] == "vanished"


def test_what_is_no_file_is_refused_at_once(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(folder / "socket"))
        start = time.monotonic()
        gone = ("vanished", "no longer a regular file")
        assert [refused(folder / "fifo"), refused(folder / "socket"), refused(folder)] == [gone] * 3
        assert refused("/dev/zero") == gone
        assert time.monotonic() - start < 1


@pytest.mark.parametrize("path", ["/proc/self/status", "/sys/kernel/mm/transparent_hugepage/enabled"])
def test_the_kernels_files_are_refused(path: str) -> None:
    if not os.path.exists(path):
        pytest.skip("not here")
    assert refused(path) == ("unsupported", "not a file but the kernel's")


def test_what_is_gone_is_told(folder: Path) -> None:
    gone = ("vanished", "no longer there")
    assert refused(folder / "none") == gone
    assert refused(folder / "none", folder) == gone
    assert refused(folder / "sub" / "file" / "x") == gone
    assert refused(folder / "sub" / "file" / "x", folder) == gone


def test_what_is_denied_is_told(reachable: Path) -> None:
    folder, path = reachable, reachable / "sub" / "file"
    path.parent.mkdir(mode=0o755)
    path.write_text("hello")
    path.chmod(0o600)
    with as_nobody():
        assert refused(path) == refused(path, folder) == ("denied", "permission denied")
    path.chmod(0o644)
    with as_nobody():  # neither owner nor privileged: O_NOATIME is refused, and left out
        assert read(path) == read(path, folder) == b"hello"
    (folder / "sub").chmod(0o700)
    with as_nobody():
        assert refused(path) == refused(path, folder) == ("denied", "permission denied")


def test_the_access_time_stays(folder: Path) -> None:
    path = folder / "sub" / "file"
    os.utime(path, (1000, 2000))
    assert read(path) == read(path, folder) == b"hello"
    assert path.stat().st_atime == 1000


def test_no_message_holds_a_path(folder: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        open_regular(os.fsencode(folder / "Dupont"))
    assert "Dupont" not in f"{caught.value!r} {caught.value}"
    assert caught.value.__suppress_context__


def test_a_path_longer_than_the_kernel_takes(folder: Path) -> None:
    name = "d" * 250
    path = os.fsencode(folder)
    fd = os.open(folder, os.O_RDONLY)
    for _ in range(30):
        os.mkdir(name, dir_fd=fd)
        inner = os.open(name, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd, path = inner, path + b"/" + name.encode()
    with open(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=fd), "wb") as file:
        file.write(b"deep")
    os.close(fd)
    assert len(path) > 4096
    assert read(path + b"/file") == read(path + b"/file", folder) == b"deep"
    assert refused(path + b"/none") == ("vanished", "no longer there")
    assert refused(folder / ("n" * 300)) == ("denied", "file name too long")
    assert refused(b"/" + b"n" * 9000) == ("denied", "file name too long")


def test_a_swapped_folder_never_leads_out(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """While one thread swaps a folder for a link to another place, what comes out is the file or a refusal."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "file").write_text("outside")
    (folder / "trap").symlink_to(outside)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            os.rename(folder / "sub", folder / "aside")
            os.rename(folder / "trap", folder / "sub")
            os.rename(folder / "sub", folder / "trap")
            os.rename(folder / "aside", folder / "sub")

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        seen = set()
        for _ in range(3000):
            try:
                seen.add(read(folder / "sub" / "file", folder))
            except Unreadable as error:
                seen.add(error.reason.encode())
    finally:
        stop.set()
        thread.join()
    assert seen <= {b"hello", b"vanished"}
