"""Logs that grow, are rotated, packed and truncated: each line is read once and none is missed."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from phiscan.access import files, following
from phiscan.access.model import Target
from phiscan.access.search import look_up
from phiscan.errors import Unreadable
from phiscan.store.access import LogState

LINE = (
    "Sat Nov 21 17:{:02d}:{:02d} 2026 [pid 2] [labo] OK DOWNLOAD: "
    'Client "203.0.113.7", "/a.csv", 20 bytes, 1.0Kbyte/sec\n'
)


class Follower:
    """Follows a log as the daemon does; `seen` are the seconds of the lines that it has met, in order."""

    def __init__(self, log: Path) -> None:
        self.log, self.states = log, dict[bytes, LogState]()
        self.seen: list[int] = []
        self.lost: list[bytes] = []
        self.written = 0

    def write(self, count: int = 1, path: Path | None = None, end: str = "") -> None:
        """Have the server write lines."""
        with (path or self.log).open("a", encoding="utf-8") as file:
            for _ in range(count):
                file.write(LINE.format(*divmod(self.written, 60)))
                self.written += 1
            file.write(end)

    def poll(self) -> None:
        """Look once."""
        step = following.step(files.found([self.log], ()), list(self.states.values()), 1.0)
        self.states |= {state.path: state for state in step.states}
        looked = look_up(step.parts, [Target(key=1, path=b"/srv/a.csv")])
        assert looked.unread == {}
        for one in looked.gathered.lines:
            minute, second = one.line.text[14:19].split(b":")
            self.seen.append(int(minute) * 60 + int(second))
        self.lost += step.lost

    def all_seen(self) -> bool:
        """Whether each line was met once."""
        return self.seen == list(range(self.written))


@pytest.fixture
def follower(tmp_path: Path) -> Follower:
    found = Follower(tmp_path / "vsftpd.log")
    found.write(3)
    found.poll()
    return found


def move(log: Path) -> None:
    log.rename(f"{log}.1")
    log.touch()


def pack(log: Path) -> None:
    with gzip.open(f"{log}.1.gz", "wb") as file:
        file.write(log.read_bytes())
    log.unlink()
    log.touch()


def copy_and_truncate(log: Path) -> None:
    shutil.copy(log, f"{log}.1")
    os.truncate(log, 0)


def test_what_was_added_is_read_once(follower: Follower) -> None:
    follower.poll()
    assert follower.all_seen()
    follower.write(2)
    follower.poll()
    follower.poll()
    assert follower.all_seen()


def test_a_line_that_is_not_ended_waits(follower: Follower) -> None:
    with follower.log.open("a") as file:
        file.write(LINE.format(0, 3)[:50])
    follower.poll()
    assert follower.seen == [0, 1, 2]
    with follower.log.open("a") as file:
        file.write(LINE.format(0, 3)[50:])
    follower.written = 4
    follower.poll()
    assert follower.all_seen()


@pytest.mark.parametrize("rotate", [move, pack, copy_and_truncate])
@pytest.mark.parametrize("more", [0, 2, 5])
def test_over_a_rotation(follower: Follower, rotate: Callable[[Path], None], more: int) -> None:
    """With lines before it that nobody had read, and fewer or more after it than before."""
    follower.write(2)
    rotate(follower.log)
    follower.write(more)
    follower.poll()
    follower.write(1)
    follower.poll()
    assert follower.all_seen()
    assert follower.lost == []


def test_what_a_server_still_writes_to_the_rotated_log(follower: Follower) -> None:
    old = Path(f"{follower.log}.1")
    move(follower.log)
    follower.poll()
    follower.write(2, old)
    follower.poll()
    follower.write(1)
    follower.poll()
    assert follower.all_seen()
    old.rename(f"{follower.log}.2")  # the next rotation
    move(follower.log)
    follower.write(1)
    follower.poll()
    follower.poll()
    assert follower.all_seen()


def test_lines_that_nobody_can_read_any_more_are_said(follower: Follower) -> None:
    follower.log.unlink()
    follower.write(1)
    follower.poll()
    assert follower.seen == [0, 1, 2, 3]
    assert follower.lost == [bytes(follower.log)]


def test_a_log_that_is_new_brings_what_was_rotated_of_it(tmp_path: Path) -> None:
    found = Follower(tmp_path / "vsftpd.log")
    found.write(2)
    move(found.log)
    found.write(1)
    found.poll()
    found.poll()
    assert found.all_seen()


@pytest.mark.parametrize("rotate", [move, pack])
def test_since_when_there_are_lines_is_not_forgotten_in_a_rotation(
    follower: Follower, rotate: Callable[[Path], None]
) -> None:
    (before,) = follower.states.values()
    rotate(follower.log)
    follower.poll()
    empty = follower.states[bytes(follower.log)]
    assert (empty.place, empty.services, empty.first) == (0, ("vsftpd",), before.first)
    assert before.first is not None
    follower.write(1)
    follower.poll()
    assert follower.states[bytes(follower.log)].first == before.first


def test_a_log_that_cannot_be_read_for_a_while(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    follower.write(1)
    with monkeypatch.context() as patch:

        def denied(*_: object) -> bytes:
            raise Unreadable("denied", "permission denied")

        patch.setattr(following, "head_of", denied)
        follower.poll()
    assert [state.unread for state in follower.states.values()] == ["denied"]
    follower.write(1)
    follower.poll()
    assert follower.all_seen()
    assert [state.unread for state in follower.states.values()] == [None]


def test_kinds_of_logs(tmp_path: Path) -> None:
    log = tmp_path / "nginx-access.log"
    log.write_bytes(b'\n::1 - - [21/Nov/2026:18:03:43 +0000] "GET /a HTTP/1.1" 200 3 "-" "-"\n')
    assert following.kind_of(bytes(log)) == (("nginx",), 1795284223.0)
    log.write_bytes(b"")
    assert following.kind_of(bytes(log)) == (("nginx",), None)
    log.write_bytes(b'Sat Nov 21 17:54:59 2026 [pid 2] CONNECT: Client "::1"\n')  # nobody has taken anything yet
    assert following.kind_of(bytes(log))[0] == ("vsftpd",)
    log.write_bytes(b"nothing of the kind\n")
    assert following.kind_of(bytes(log)) == ((), None)
